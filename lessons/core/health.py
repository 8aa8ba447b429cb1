"""Is this server fit to answer? For load balancers and for whoever watches; no secret in it."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection

from .models import ContentVersion
from .soundness import FULL_DISK, LOW_DISK, missing_migrations

KNOCK_SECONDS = 2


@dataclass(frozen=True)
class Health:
    database: str
    """"ok" or "unreachable"."""
    migrations: str
    """"ok", "missing" or "unknown"."""
    disk: str
    """"ok", "low" or "full", of the folder that the site writes to."""
    content_version: int | None

    @property
    def is_well(self) -> bool:
        return (self.database, self.migrations) == ("ok", "ok") and self.disk != "full"

    def facts(self) -> dict[str, str | int | None]:
        return {
            "status": "ok" if self.is_well else "failing",
            "database": self.database,
            "migrations": self.migrations,
            "disk": self.disk,
            "content_version": self.content_version,
        }


def look() -> Health:
    """A few short reads. Migrations that this program does not know are a newer server's: fine."""
    disk = disk_state(Path(settings.DATA_DIR))
    try:
        _knock()
        if missing_migrations():
            return Health("ok", "missing", disk, None)
        return Health("ok", "ok", disk, ContentVersion.current())
    except DatabaseError:
        connection.close()
        return Health("unreachable", "unknown", disk, None)


def _knock() -> None:
    """Raise OperationalError at once where PostgreSQL does not take a connection.

    The pool would wait ten seconds for one, and whoever watches gives up before that.
    """
    if connection.vendor == "postgresql":
        wrapped: Any = connection
        parameters = wrapped.get_connection_params() | {"connect_timeout": KNOCK_SECONDS}
        with wrapped.wrap_database_errors:
            wrapped.Database.connect(**parameters).close()


def disk_state(folder: Path) -> str:
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return "full"  # nothing can be written where there is no folder
    if free < FULL_DISK:
        return "full"
    return "low" if free < LOW_DISK else "ok"
