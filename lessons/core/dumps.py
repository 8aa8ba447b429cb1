"""Copies of a PostgreSQL database by PostgreSQL's own programs, where they are installed.

The password goes by the environment, never by the command line, where every user could read it.
"""

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

from django.db import connection

from .backups import BackupRefused, Made, write_copy

DUMP = ("pg_dump", "--format=custom", "--no-owner", "--no-privileges")
LOAD = (
    "pg_restore",
    "--no-owner",
    "--no-privileges",
    "--exit-on-error",
    "--single-transaction",
)


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
        _run(("pg_restore", "--list"), str(partial), quiet=True)

    return write_copy(folder, "dump", keep, write)


def load(file: Path, *, folder: Path, forced: bool = False) -> Path | None:
    """Make `file` the database; where the present one was dumped to before, if it held anything.

    Raises BackupRefused while others are connected (unless `forced`).
    """
    if not file.is_file():
        raise BackupRefused(f"There is no file {file}.")
    _run(("pg_restore", "--list"), str(file), quiet=True)
    others = _other_connections()
    if others and not forced:
        raise BackupRefused(
            f"{others} other connections use the database. Stop every server of the site first."
        )
    with connection.cursor() as cursor:
        holds = bool(connection.introspection.table_names(cursor))
    aside = dump(folder, keep=0).path if holds else None
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    connection.close()
    try:
        _run(LOAD, "--dbname", connection.settings_dict["NAME"], str(file))
    except BackupRefused as refusal:
        raise BackupRefused(
            f"{refusal}\nThe database is empty now. What it held is in {aside}:"
            " restore that, or mend the cause and run this again."
        ) from None
    return aside


def _other_connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        count: int = cursor.fetchone()[0]
        return count


def _run(program: tuple[str, ...], *more: str, quiet: bool = False) -> None:
    if shutil.which(program[0]) is None:
        raise BackupRefused(
            f"{program[0]} was not found (Debian: apt install postgresql-client). On a machine that"
            f" has it, run:\n  {command_line(program, *more)}"
        )
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
