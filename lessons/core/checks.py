"""System checks: settings that are silent when wrong and lose work when they are.

Each check reads what is really in force (the open connection, the loaded library), since a
mis-nested OPTIONS raises nothing. The functions that judge take plain values and are tested alone.
"""

from collections.abc import Collection, Iterable, Sequence
from importlib import metadata
from typing import Any, cast

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from .storage import PRAGMAS

WAL_RESET_BUG = ((3, 7, 0), (3, 51, 2))  # first and last SQLite that carry it
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "testserver"})
Apps = Sequence[AppConfig] | None


@register(Tags.database)
def sqlite_connection_check(
    app_configs: Apps, databases: Collection[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for alias in databases or []:
        if connections[alias].vendor == "sqlite":
            found += connection_messages(connections[alias])
    return found


@register(Tags.compatibility)
def storage_check(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for alias, database in connections.settings.items():
        found += settings_messages(alias, database)
    if any(connections[alias].vendor == "sqlite" for alias in connections):
        import sqlite3  # pysqlite3 in its place, where coldwar/__init__.py could put it

        found += version_messages(sqlite3.sqlite_version_info, production=settings.PRODUCTION)
        found += package_messages(
            str(distribution.name) for distribution in metadata.distributions()
        )
    return found


@register(Tags.security)
def demo_check(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    return demo_messages(demo=settings.DEMO, allowed_hosts=settings.ALLOWED_HOSTS)


def connection_messages(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    """Every pragma of PRAGMAS and the transaction mode, as an open SQLite connection has them."""
    found: list[CheckMessage] = []
    wrapper = cast("Any", connection)
    try:
        with connection.cursor() as cursor:
            actual = {name: _pragma(cursor, name) for name in PRAGMAS}
    except DatabaseError as error:
        return [
            Error(
                f"The database {connection.settings_dict['NAME']} cannot be read: {error}",
                hint="Stop the server. manage.py check_storage says what it is, and what to do.",
                id="core.E001",
            )
        ]
    for name, wanted in PRAGMAS.items():
        if name == "journal_mode" and wrapper.is_in_memory_db():
            continue  # a database in memory has no log
        if actual[name] != wanted:
            found.append(
                Error(
                    f"SQLite's {name} is {actual[name]!r} on the open connection;"
                    f" it must be {wanted!r}.",
                    hint="Build the entry with lessons.core.storage.sqlite_database(): pragmas"
                    " stand in OPTIONS['init_command'], the busy timeout in OPTIONS['timeout'].",
                    id="core.E002",
                )
            )
    if wrapper.transaction_mode != "IMMEDIATE":
        found.append(
            Error(
                f"SQLite's transaction mode is {wrapper.transaction_mode!r};"
                " it must be 'IMMEDIATE'.",
                hint="Write transaction_mode inside DATABASES[...]['OPTIONS']; without it, a"
                " transaction that reads and then writes is lost to 'database is locked'.",
                id="core.E003",
            )
        )
    return found


def settings_messages(alias: str, database: dict[str, Any]) -> list[CheckMessage]:
    """What is wrong in one entry of DATABASES, without opening it."""
    found: list[CheckMessage] = []
    if database.get("ATOMIC_REQUESTS"):
        found.append(
            Error(
                f"ATOMIC_REQUESTS is on for {alias!r}; it must be off.",
                hint="With IMMEDIATE transactions it makes even readers wait for one another.",
                id="core.E004",
            )
        )
    pool = database.get("OPTIONS", {}).get("pool")
    if pool and database.get("CONN_MAX_AGE", 0) != 0:
        found.append(
            Error(
                f"CONN_MAX_AGE is {database['CONN_MAX_AGE']!r} for {alias!r}, which has a pool;"
                " it must be 0.",
                hint="The pool keeps connections open; Django must give each one back.",
                id="core.E005",
            )
        )
    return found


def version_messages(version: tuple[int, ...], *, production: bool) -> list[CheckMessage]:
    """A SQLite that carries the WAL-reset bug: an Error in production, a Warning elsewhere."""
    first, last = WAL_RESET_BUG
    if not first <= version <= last:
        return []
    kind = Error if production else Caution
    return [
        kind(
            f"SQLite {'.'.join(map(str, version))} can corrupt its write-ahead log when two"
            " connections write or checkpoint at once (mended in 3.51.3).",
            hint="Install pysqlite3 (Linux x86_64, macOS arm64), or use PostgreSQL (DATABASE_URL).",
            id="core.E006" if production else "core.W006",
        )
    ]


def package_messages(names: Iterable[str]) -> list[CheckMessage]:
    """pysqlite3-binary installs over the files of pysqlite3 with an older SQLite."""
    if "pysqlite3-binary" not in {name.lower().replace("_", "-") for name in names if name}:
        return []
    return [
        Error(
            "pysqlite3-binary is installed; it overwrites pysqlite3 with an older SQLite.",
            hint="pip uninstall pysqlite3-binary pysqlite3, then install pysqlite3 again.",
            id="core.E007",
        )
    ]


def demo_messages(*, demo: bool, allowed_hosts: Collection[str]) -> list[CheckMessage]:
    """The demo opens an instructor's and an editor's door to whoever can reach it."""
    outside = sorted(set(allowed_hosts) - LOOPBACK)
    if not demo or not outside:
        return []
    return [
        Error(
            f"The demo signs anyone in without a password, and ALLOWED_HOSTS holds"
            f" {', '.join(outside)}; it may hold only this machine.",
            hint="Set ENVIRONMENT=production, or leave ALLOWED_HOSTS unset.",
            id="core.E008",
        )
    ]


def _pragma(cursor: Any, name: str) -> str | int | None:
    cursor.execute(f"PRAGMA {name}")
    row = cursor.fetchone()
    value = row[0] if row else None
    return value.lower() if isinstance(value, str) else value
