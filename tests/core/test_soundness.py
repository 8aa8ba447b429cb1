"""What is wrong with the database or its disk is named in plain words, with what to do."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from lessons.core import backups, soundness
from lessons.core.soundness import MEGABYTE, Finding, file_findings

from .test_backups import add, connect, make_database


def whats(findings: list[Finding]) -> list[str]:
    return [finding.what for finding in findings]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = make_database(tmp_path / "data.sqlite3")
    add(path, *(f"answer {number} " * 20 for number in range(2000)))
    return path


def test_sound_file_and_no_file_are_nothing_to_say(database: Path) -> None:
    for path in (database, database.with_name("not-made-yet")):
        assert file_findings(path, whole=True) == []
        assert soundness.older_than_backup(path, path.parent) == []


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("left", [50_000, 4_096, 100, 50])
def test_truncated_file_is_named_with_what_is_missing(
    database: Path, left: int, whole: bool
) -> None:
    full = database.stat().st_size
    with database.open("r+b") as file:
        file.truncate(left)
    (finding,) = file_findings(database, whole=whole)
    assert str(database) in finding.what
    assert f"cut short: {full - left:,} bytes" in finding.what or left < 512
    assert "manage.py restore" in finding.do
    assert finding.fatal


def test_empty_and_foreign_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "data.sqlite3"
    path.write_bytes(b"")
    assert whats(file_findings(path, whole=False)) == [f"The database {path} holds no table."]
    path.write_bytes(b"PK\x03\x04" * 5000)
    (finding,) = file_findings(path, whole=False)
    assert "is not a database of SQLite, or its beginning is damaged" in finding.what


def test_damage_inside_is_found_by_reading_every_page(database: Path) -> None:
    data = bytearray(database.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = b"\xff" * 4096
    database.write_bytes(data)
    (finding,) = file_findings(database, whole=True)
    assert "is damaged" in finding.what
    assert "manage.py restore" in finding.do


def crashed(database: Path) -> Path:
    """The files as they lie when the machine loses its power in use: the log not yet worked in."""
    left = database.with_name("crashed.sqlite3")
    with connect(database) as opened:
        opened.execute("INSERT INTO answer (sent) VALUES ('saved last')")
        for suffix in backups.BESIDE:
            shutil.copy(database.with_name(database.name + suffix), f"{left}{suffix}")
    return left


def test_log_left_by_a_crash_is_read_and_not_complained_of(database: Path) -> None:
    left = crashed(database)
    assert file_findings(left, whole=True) == []
    with connect(left) as opened:
        assert opened.execute("SELECT COUNT(*) FROM answer WHERE sent='saved last'").fetchone() == (
            1,
        )


def test_lost_log_is_named(database: Path) -> None:
    left = crashed(database)
    left.with_name(left.name + "-wal").unlink()
    (finding,) = file_findings(left, whole=True)
    assert finding.what.startswith("The log crashed.sqlite3-wal was lost")
    assert not finding.fatal


def test_lost_log_of_a_young_database_leaves_no_table(tmp_path: Path) -> None:
    path, left = tmp_path / "young.sqlite3", tmp_path / "left.sqlite3"
    with connect(path) as opened:
        opened.execute("PRAGMA journal_mode=WAL")
        opened.execute("CREATE TABLE answer (sent TEXT)")
        shutil.copy(path, left)
    (finding,) = file_findings(left, whole=False)
    assert finding.what == f"The database {left} holds no table."
    assert "its log (-wal) was lost" in finding.do


def test_log_without_its_database_is_named(database: Path) -> None:
    left = crashed(database)
    left.unlink()
    (finding,) = file_findings(left, whole=False)
    assert "is gone, and its log crashed.sqlite3-wal is still there" in finding.what


def test_database_older_than_its_backup_is_named(database: Path, tmp_path: Path) -> None:
    older = tmp_path / "older.sqlite3"
    shutil.copy(database, older)
    add(database, "one more")
    folder = tmp_path / "copies"
    copy = backups.back_up(database, folder, keep=0).path
    assert soundness.older_than_backup(database, folder) == []
    with connect(database) as opened:
        opened.execute("DELETE FROM answer")  # erasing counts nothing back
    assert soundness.older_than_backup(database, folder) == []
    (finding,) = soundness.older_than_backup(older, folder)
    assert finding.what.startswith(f"The database is older than its backup {copy.name} (in answer)")
    assert not finding.fatal


def test_locked_and_full_are_told_apart(database: Path) -> None:
    header = database.read_bytes()[:100]
    for error, words in (
        ("database is locked", "has been locked by another process"),
        ("attempt to write a readonly database", "cannot be written"),
        ("database or disk is full", "No room is left"),
        ("disk I/O error", "is damaged: disk I/O error"),
    ):
        said = soundness._said_by_sqlite(database, header, error, "restore")
        assert words in said.what
        assert said.do


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A folder of a user who may read and not write; root may do everything, so it steps down."""
    folder = Path(tempfile.mkdtemp())
    make_database(folder / "data.sqlite3")
    with closing(sqlite3.connect(folder / "data.sqlite3")) as opened:
        opened.execute("PRAGMA journal_mode=DELETE")
    (folder / "data.sqlite3").chmod(0o444)
    folder.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield folder / "data.sqlite3"
    if root:
        os.seteuid(0)
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_database_that_may_not_be_written_is_named(as_nobody: Path) -> None:
    (finding,) = file_findings(as_nobody, whole=False)
    assert finding.what == f"The database {as_nobody} cannot be written."
    assert "must own the file and its folder" in finding.do


# --- The place ----------------------------------------------------------------------------------

MOUNTS = """/dev/sda1 / ext4 rw 0 0
server:/home /srv nfs4 rw 0 0
/dev/sdb1 /srv/local\\040disk xfs rw 0 0
//nas/school /mnt/school cifs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib/lessons", "ext4"),
        ("/srv/lessons", "nfs4"),
        ("/srv", "nfs4"),
        ("/srvother", "ext4"),
        ("/srv/local disk/data", "xfs"),
        ("/mnt/school/data", "cifs"),
    ],
)
def test_network_file_systems_are_named(folder: str, kind: str) -> None:
    assert soundness.file_system(Path(folder), MOUNTS) == kind
    found = whats(soundness.place_findings(Path(folder), mounts=MOUNTS))
    expected = f"{folder} lies on a network or shared file system ({kind})."
    assert found == ([expected] if kind in ("nfs4", "cifs") else [])


@given(st.text())
def test_any_table_of_mounts_can_be_read(mounts: str) -> None:
    assert soundness.file_system(Path("/var/lib"), mounts) in ("", *mounts.split())


@pytest.mark.parametrize(
    ("free", "said"), [(500 * MEGABYTE, []), (499 * MEGABYTE, [False]), (19 * MEGABYTE, [True])]
)
def test_disk_that_fills_is_named_before_it_is_full(free: int, said: list[bool]) -> None:
    found = soundness.disk_findings(Path("/data"), free)
    assert [finding.fatal for finding in found] == said
    assert all(f"{free // MEGABYTE} MB are left" in finding.what for finding in found)


def test_missing_folder_is_named(tmp_path: Path) -> None:
    (finding,) = soundness.examine(folder=tmp_path / "gone")
    assert finding.what == f"There is no folder {tmp_path / 'gone'}."


GOOD_SERVER = {
    "transaction_read_only": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "server_encoding": "UTF8",
}


@pytest.mark.parametrize(
    ("setting", "value", "word"),
    [
        ("transaction_read_only", "on", "standby"),
        ("fsync", "off", "fsync"),
        ("synchronous_commit", "off", "acknowledges"),
        ("server_encoding", "SQL_ASCII", "UTF-8"),
    ],
)
def test_postgres_that_loses_work_is_named(setting: str, value: str, word: str) -> None:
    assert soundness.judge_server(GOOD_SERVER) == []
    (finding,) = soundness.judge_server({**GOOD_SERVER, setting: value})
    assert word in finding.what


@pytest.mark.postgres
@pytest.mark.django_db
def test_postgres_is_asked_for_its_settings() -> None:
    found = whats(soundness.server_findings())
    assert found == [  # both are off in the cluster of the tests, which is thrown away
        "PostgreSQL runs with fsync off: a power cut can destroy the database.",
        "PostgreSQL acknowledges before it has written (synchronous_commit is off).",
    ]


# --- Migrations, and the command ----------------------------------------------------------------


@pytest.mark.django_db
def test_missing_migration_is_named() -> None:
    assert soundness.migration_findings() == []
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'guided'")
    (finding,) = soundness.migration_findings()
    assert "lacks 1 of this program's migrations (guided.0001_initial …)" in finding.what
    assert finding.do == "Back up, then run manage.py migrate."


@pytest.mark.sqlite
@pytest.mark.django_db
def test_pragmas_that_are_not_in_force_are_findings() -> None:
    assert list(soundness._settings_findings()) == []
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete=OFF")
        found = whats(list(soundness._settings_findings()))
        cursor.execute("PRAGMA secure_delete=ON")
    assert found == ["SQLite's secure_delete is 0 on the open connection; it must be 1."]


def examined(monkeypatch: pytest.MonkeyPatch, *found: Finding) -> tuple[int, str]:
    def instead(**asked: Any) -> list[Finding]:
        assert asked["whole"] is True
        return list(found)

    monkeypatch.setattr("lessons.core.management.commands.check_storage.examine", instead)
    out = StringIO()
    try:
        call_command("check_storage", stdout=out, stderr=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def test_command_ends_with_1_only_where_work_cannot_be_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert examined(monkeypatch) == (0, "The database is sound, and there is room.\n")
    bad, mild = Finding("It is broken.", "Mend it."), Finding("It is old.", "Look.", fatal=False)
    assert examined(monkeypatch, mild) == (0, "It is old.\n  What to do: Look.\n")
    assert examined(monkeypatch, mild, bad) == (
        1,
        "It is old.\n  What to do: Look.\nIt is broken.\n  What to do: Mend it.\n",
    )


def test_backup_command_says_why_it_made_none(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--keep must be 0 or more"):
        call_command("backup", to=tmp_path, keep=-1)
