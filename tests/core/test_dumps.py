"""Copies of PostgreSQL by its own programs; the password is on no command line.

That they come back is tried on databases of their own: tests/faults/test_dump.
"""

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from lessons.core import dumps
from lessons.core.backups import BackupRefused

SETTINGS: dict[str, Any] = {
    "NAME": "lessons",
    "USER": "teach er",
    "PASSWORD": "s3cret",
    "HOST": "db.example",
    "PORT": 5433,
    "OPTIONS": {"sslmode": "verify-full", "pool": {}},
}


def test_what_is_needed_goes_by_the_environment() -> None:
    assert dumps.environment(SETTINGS) == {
        "PGDATABASE": "lessons",
        "PGUSER": "teach er",
        "PGPASSWORD": "s3cret",
        "PGHOST": "db.example",
        "PGPORT": "5433",
        "PGSSLMODE": "verify-full",
    }


def test_without_the_program_the_command_is_said_without_the_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dumps, "connection", SimpleNamespace(settings_dict=SETTINGS))
    monkeypatch.setattr(shutil, "which", lambda _program: None)
    with pytest.raises(BackupRefused) as refused:
        dumps.dump(tmp_path, keep=3)
    said = str(refused.value)
    assert "pg_dump was not found (Debian: apt install postgresql-client)" in said
    assert "PGDATABASE=lessons PGHOST=db.example" in said
    assert "PGUSER='teach er' pg_dump --format=custom" in said
    assert ".partial" not in said  # the next backup would clear it away
    assert "s3cret" not in said
    assert list(tmp_path.iterdir()) == []


def test_restore_without_the_program_calls_no_dump_broken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "own.dump").touch()
    monkeypatch.setattr(shutil, "which", lambda _program: None)
    with pytest.raises(BackupRefused, match=r"^pg_restore was not found"):
        dumps.load(tmp_path / "own.dump", folder=tmp_path, prepare=lambda: None)


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.skipif(
    shutil.which("pg_dump") is None, reason="pg_dump is not here (apt: postgresql-client)"
)
def test_dump_is_checked_and_kept_as_a_backup_is(tmp_path: Path) -> None:
    made = dumps.dump(tmp_path, keep=3)
    assert [path.name for path in tmp_path.iterdir()] == [made.path.name]
    assert made.path.read_bytes()[:5] == b"PGDMP"
    with pytest.raises(BackupRefused, match="There is no file"):
        dumps.load(tmp_path / "gone", folder=tmp_path, prepare=pytest.fail)
    (tmp_path / "bad").write_text("no dump")
    with pytest.raises(BackupRefused, match=r"bad is not a whole dump\. pg_restore failed"):
        dumps.load(tmp_path / "bad", folder=tmp_path, prepare=pytest.fail)
    assert connection.introspection.table_names()
