"""Copies of a PostgreSQL database by PostgreSQL's own programs, where they are installed.

The password goes by the environment, never by the command line, where every user could read it.
"""

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction

from .backups import BackupRefused, Made, check_fits, check_readable, now_stamp, write_copy

DUMP = ("pg_dump", "--format=custom", "--no-owner", "--no-privileges")
LOAD = (
    "pg_restore",
    "--no-owner",
    "--no-privileges",
    "--exit-on-error",
    "--single-transaction",
)
WAITING = "before_restore"
"""The schema in which the tables of before wait while others are put in their place."""


def environment(settings: dict[str, Any]) -> dict[str, str]:
    """PGHOST and its like for one entry of DATABASES."""
    options = settings.get("OPTIONS", {})
    named = {
        "PGDATABASE": settings["NAME"],
        "PGUSER": settings.get("USER"),
        "PGPASSWORD": settings.get("PASSWORD"),
        "PGHOST": settings.get("HOST"),
        "PGPORT": settings.get("PORT"),
        "PGSSLMODE": options.get("sslmode"),
        "PGSSLROOTCERT": options.get("sslrootcert"),
    }
    return {name: str(value) for name, value in named.items() if value}


def command_line(program: tuple[str, ...], *more: str) -> str:
    """What a person would type, the password left out."""
    own = environment(connection.settings_dict)
    shown = [f"{name}={shlex.quote(own[name])}" for name in sorted(own) if name != "PGPASSWORD"]
    return " ".join([*shown, *map(shlex.quote, (*program, *more))])


def dump(folder: Path, *, keep: int) -> Made:
    """Copy the database into `folder`. Raises BackupRefused, with the command, without pg_dump."""

    def write(partial: Path) -> None:
        _run(DUMP, "--file", str(partial))
        _check(partial)

    _need(DUMP, "--file", str(folder / f"backup-{now_stamp()}.dump"))
    return write_copy(folder, "dump", keep, write)


def _check(file: Path) -> None:
    """Have it read to its end, and written nowhere."""
    try:
        _run(("pg_restore", "--file", os.devnull), str(file))
    except BackupRefused as refusal:
        raise BackupRefused(f"{file} is not a whole dump. {refusal}") from None


def load(
    file: Path, *, folder: Path, prepare: Callable[[], None], forced: bool = False
) -> Path | None:
    """Make `file` the database, after `prepare` (the migrations) has worked on it.

    What is there waits under another schema's name until all is done, and comes back where
    anything fails; if it held tables it is dumped into `folder` first, to the file returned.
    Raises BackupRefused, and changes nothing, for a dump that does not fit and while others are
    connected (unless `forced`).
    """
    check_readable(file)
    if shutil.which(LOAD[0]) is None:  # by hand, nobody would be erased again
        raise BackupRefused(f"{LOAD[0]} was not found (Debian: apt install postgresql-client).")
    _check(file)
    if _is_waiting():
        raise BackupRefused(
            f"An earlier restore was cut off, and what was there before waits in {WAITING}. To have"
            f" it back, in psql: DROP SCHEMA public CASCADE; ALTER SCHEMA {WAITING} RENAME TO"
            f" public. If the site is as it should be: DROP SCHEMA {WAITING} CASCADE."
        )
    others = _other_connections()
    if others and not forced:
        raise BackupRefused(
            f"{others} other connections use the database. Stop every server of the site first."
        )
    aside = dump(folder, keep=0).path if _tables() else None
    _do(f"ALTER SCHEMA public RENAME TO {WAITING}", "CREATE SCHEMA public")
    try:
        connection.close()
        _run(LOAD, "--dbname", connection.settings_dict["NAME"], str(file))
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            check_fits(file, set(cursor.fetchall()))
        prepare()
    except BaseException as error:
        connection.close()
        _do("DROP SCHEMA public CASCADE", f"ALTER SCHEMA {WAITING} RENAME TO public")
        if isinstance(error, DatabaseError):
            said = str(error).splitlines()[0]
            raise BackupRefused(f"{file} is no copy of this site's database: {said}.") from None
        raise
    _do(f"DROP SCHEMA {WAITING} CASCADE")
    return aside


def _tables() -> list[str]:
    with connection.cursor() as cursor:
        return connection.introspection.table_names(cursor)


def _is_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [WAITING])
        return cursor.fetchone() is not None


def _do(*statements: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _other_connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        count: int = cursor.fetchone()[0]
        return count


def _need(program: tuple[str, ...], *more: str) -> None:
    """Raises BackupRefused, with the command for another machine, where `program` is not here."""
    if shutil.which(program[0]) is None:
        raise BackupRefused(
            f"{program[0]} was not found (Debian: apt install postgresql-client). On a machine that"
            f" has it, run:\n  {command_line(program, *more)}"
        )


def _run(program: tuple[str, ...], *more: str) -> None:
    _need(program, *more)
    done = subprocess.run(  # noqa: S603  # our own words, and paths as single arguments
        [*program, *more],
        env={**os.environ, **environment(connection.settings_dict)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise BackupRefused(f"{program[0]} failed: {said[-1] if said else done.returncode}")
