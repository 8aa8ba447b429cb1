"""A copy is whole, checked and alone under its name; what comes back is all that was in it."""

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lessons.core import backups
from lessons.core.backups import BackupRefused
from lessons.core.soundness import known_migrations

WRITERS = 4
SETTINGS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
WRITER = """
import coldwar, sqlite3, sys, uuid
opened = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
opened.executescript("PRAGMA synchronous=FULL")
while True:
    one = uuid.uuid4().hex
    opened.execute("BEGIN IMMEDIATE")
    opened.execute("INSERT INTO answer (sent) VALUES (?)", [one])
    opened.execute("COMMIT")
    print(one, flush=True)
"""


def connect(path: Path) -> contextlib.closing[sqlite3.Connection]:
    return contextlib.closing(sqlite3.connect(path, timeout=10, isolation_level=None))


def make_database(path: Path, *, migrations: set[tuple[str, str]] | None = None) -> Path:
    with connect(path) as opened:
        opened.executescript(SETTINGS)
        opened.execute("CREATE TABLE answer (id INTEGER PRIMARY KEY AUTOINCREMENT, sent TEXT)")
        opened.execute("CREATE TABLE django_migrations (app TEXT, name TEXT)")
        rows = known_migrations() if migrations is None else migrations
        opened.execute("BEGIN")
        opened.executemany("INSERT INTO django_migrations VALUES (?, ?)", sorted(rows))
        opened.execute("COMMIT")
    return path


def add(path: Path, *answers: str) -> None:
    with connect(path) as opened:
        opened.execute("BEGIN")
        opened.executemany("INSERT INTO answer (sent) VALUES (?)", [[one] for one in answers])
        opened.execute("COMMIT")


def answers_in(path: Path) -> list[str]:
    with connect(path) as opened:
        return [row[0] for row in opened.execute("SELECT sent FROM answer ORDER BY id")]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = make_database(tmp_path / "data.sqlite3")
    add(path, "first")
    return path


def nothing(coming: Path) -> None:
    assert coming.exists()


def test_copy_holds_what_is_still_in_the_log_alone(database: Path, tmp_path: Path) -> None:
    with connect(database) as opened:
        opened.execute("INSERT INTO answer (sent) VALUES ('in the log')")
        assert b"in the log" not in database.read_bytes()
        made = backups.back_up(database, tmp_path / "copies", keep=3)
    assert answers_in(made.path) == ["first", "in the log"]
    assert made.size == made.path.stat().st_size
    assert made.dropped == []
    assert [path.name for path in (tmp_path / "copies").iterdir()] == [made.path.name]
    if os.name == "posix":
        assert made.path.stat().st_mode & 0o777 == 0o600


def test_copy_leaves_out_text_that_was_erased(database: Path, tmp_path: Path) -> None:
    with connect(database) as opened:
        opened.execute("PRAGMA secure_delete=OFF")
        opened.execute("INSERT INTO answer (sent) VALUES (?)", ["erased-marker" * 20])
        opened.execute("DELETE FROM answer WHERE sent LIKE 'erased%'")
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"erased-marker" in database.read_bytes()
    made = backups.back_up(database, tmp_path / "copies", keep=3)
    assert b"erased-marker" not in made.path.read_bytes()


def test_copies_made_while_four_processes_write_hold_all_that_was_acknowledged(
    tmp_path: Path,
) -> None:
    database = make_database(tmp_path / "data.sqlite3")
    logs = [tmp_path / f"said-{number}" for number in range(WRITERS)]
    running = []
    for log in logs:
        with log.open("wb") as said:
            running.append(
                subprocess.Popen([sys.executable, "-c", WRITER, str(database)], stdout=said)
            )
    try:
        until = time.monotonic() + 30
        while any(log.read_text().count("\n") < 20 for log in logs):
            assert time.monotonic() < until, "a writer does not write"
            time.sleep(0.05)
        copies = []
        for _ in range(3):
            before = [line for log in logs for line in log.read_text().split("\n")[:-1]]
            copies.append((before, backups.back_up(database, tmp_path / "copies", keep=0).path))
            time.sleep(1.1)  # one name a second
        assert [process.poll() for process in running] == [None] * WRITERS
    finally:
        for process in running:
            process.kill()
            process.wait()
    for before, copy in copies:
        stored = Counter(answers_in(copy))
        assert set(stored.values()) == {1}
        assert [one for one in before if stored[one] != 1] == []
    # The last one, put back on another machine, holds the same and is written to again.
    elsewhere = tmp_path / "elsewhere" / "data.sqlite3"
    before, last = copies[-1]
    assert backups.put_back(last, elsewhere, prepare=nothing).aside is None
    assert answers_in(elsewhere) == answers_in(last)
    add(elsewhere, "after")
    assert set(before) | {"after"} <= set(answers_in(elsewhere))


def test_only_the_newest_copies_stay_and_nothing_else_is_touched(
    database: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    old = [f"backup-2026010{day}-020000.sqlite3" for day in range(1, 6)]
    others = ["backup-of-mine.sqlite3", "backup-20260101-020000.dump", "notes.txt"]
    for name in [*old, *others]:
        (folder / name).write_text("x")
    made = backups.back_up(database, folder, keep=3)
    assert [path.name for path in made.dropped] == old[:3]
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [*old[3:], *others, made.path.name]
    )


def test_nothing_is_overwritten(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "now_stamp", lambda: "20260101-020000")
    first = backups.back_up(database, tmp_path, keep=0).path
    was = first.read_bytes()
    add(database, "later")
    with pytest.raises(BackupRefused, match="is there already; nothing is overwritten"):
        backups.back_up(database, tmp_path, keep=0)
    assert first.read_bytes() == was


def test_copy_that_fails_leaves_no_file(database: Path, tmp_path: Path) -> None:
    with database.open("r+b") as file:
        file.truncate(database.stat().st_size - 4096)
    with pytest.raises(BackupRefused, match="could not be made: database disk image is malformed"):
        backups.back_up(database, tmp_path / "copies", keep=3)
    assert list((tmp_path / "copies").iterdir()) == []
    with pytest.raises(BackupRefused, match="There is no database"):
        backups.back_up(tmp_path / "nowhere", tmp_path / "copies", keep=3)


def test_what_a_killed_backup_left_goes_after_a_day(database: Path, tmp_path: Path) -> None:
    young, old = (tmp_path / f".backup-2026010{n}-020000.sqlite3.partial" for n in (1, 2))
    young.write_text("half")
    old.write_text("half")
    os.utime(old, (0, 0))
    backups.back_up(database, tmp_path, keep=3)
    assert (young.exists(), old.exists()) == (True, False)


# --- Putting back -------------------------------------------------------------------------------


@pytest.fixture
def copy(database: Path, tmp_path: Path) -> Path:
    return backups.back_up(database, tmp_path / "copies", keep=0).path


def test_restore_keeps_what_was_there_with_its_log(
    database: Path, copy: Path, tmp_path: Path
) -> None:
    add(database, "since then")
    done = backups.put_back(copy, database, prepare=nothing)
    assert answers_in(database) == ["first"]
    assert done.aside is not None
    assert answers_in(done.aside) == ["first", "since then"]
    again = backups.put_back(copy, database, prepare=nothing)
    assert again.aside is not None
    assert again.aside != done.aside


def test_restore_replaces_a_damaged_database(database: Path, copy: Path) -> None:
    database.write_bytes(b"not a database at all" * 400)
    done = backups.put_back(copy, database, prepare=nothing)
    assert answers_in(database) == ["first"]
    assert done.aside is not None
    assert done.aside.read_bytes().startswith(b"not a database")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: data[: len(data) // 2], "damaged|not a whole copy"),
        (lambda data: b"x" * len(data), "not a whole copy"),
        (lambda data: data[:0], "not a whole copy"),
        (lambda data: data[:4100] + b"\xff" * 3000 + data[7100:], "damaged|not a whole copy"),
    ],
)
def test_damaged_copy_is_refused_and_nothing_changes(
    database: Path, copy: Path, damage: object, words: str
) -> None:
    assert callable(damage)
    copy.write_bytes(damage(copy.read_bytes()))
    add(database, "since then")
    with pytest.raises(BackupRefused, match=words):
        backups.put_back(copy, database, prepare=nothing)
    assert answers_in(database) == ["first", "since then"]
    assert list(database.parent.glob("*.restoring*")) == []


def test_copy_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    newer = known_migrations() | {("quizzes", "0099_from_the_future")}
    copy = make_database(tmp_path / "copy.sqlite3", migrations=newer)
    with pytest.raises(BackupRefused, match=r"newer version .*quizzes\.0099_from_the_future"):
        backups.put_back(copy, tmp_path / "data.sqlite3", prepare=nothing)
    assert not (tmp_path / "data.sqlite3").exists()


def test_migration_that_fails_changes_nothing(database: Path, copy: Path) -> None:
    def fail(coming: Path) -> None:
        add(coming, "half a migration")
        raise RuntimeError("a migration failed")

    add(database, "since then")
    with pytest.raises(RuntimeError):
        backups.put_back(copy, database, prepare=fail)
    assert answers_in(database) == ["first", "since then"]
    assert answers_in(copy) == ["first"]
    assert list(database.parent.glob("*.restoring*")) == []


@pytest.fixture
def serving(database: Path) -> Iterator[None]:
    code = "import coldwar, sys, pathlib; from lessons.core.backups import say_i_serve;"
    code += "say_i_serve(pathlib.Path(sys.argv[1])); print(1, flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"1\n"
    yield
    process.kill()  # the sign goes with the process, however it ends
    process.communicate()


@pytest.mark.skipif(os.name == "nt", reason="Windows renames no file that is open")
def test_restore_is_refused_while_a_server_runs(
    database: Path, copy: Path, request: pytest.FixtureRequest
) -> None:
    add(database, "since then")
    request.getfixturevalue("serving")
    with pytest.raises(BackupRefused, match=r"The site is running\. Stop it first"):
        backups.put_back(copy, database, prepare=nothing)
    assert answers_in(database) == ["first", "since then"]
    backups.put_back(copy, database, prepare=nothing, forced=True)
    assert answers_in(database) == ["first"]


def test_restore_is_refused_while_a_command_has_the_database_open(
    database: Path, copy: Path
) -> None:
    with connect(database) as opened:
        opened.execute("SELECT COUNT(*) FROM answer").fetchone()
        with pytest.raises(BackupRefused, match=r"has .* open"):
            backups.put_back(copy, database, prepare=nothing)
    backups.put_back(copy, database, prepare=nothing)


def test_emptied_log_holds_nothing_of_what_was_erased(database: Path) -> None:
    with connect(database) as opened:
        opened.execute("PRAGMA secure_delete=ON")
        opened.execute("INSERT INTO answer (sent) VALUES ('erased-marker')")
        opened.execute("DELETE FROM answer WHERE sent = 'erased-marker'")
        log = database.with_name(database.name + "-wal")
        assert b"erased-marker" in log.read_bytes()
        assert backups.empty_log(database)
        assert log.read_bytes() == b""
        assert b"erased-marker" not in database.read_bytes()


def test_log_that_a_reader_needs_is_left(database: Path) -> None:
    with connect(database) as reader, connect(database) as writer:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM answer").fetchone()
        writer.execute("INSERT INTO answer (sent) VALUES ('x')")
        assert not backups.empty_log(database, patience=0.1)
    assert answers_in(database) == ["first", "x"]
