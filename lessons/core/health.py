"""Is this server fit to answer? For load balancers and for whoever watches; no secret in it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from .models import ContentVersion
from .soundness import FULL_DISK, LOW_DISK, missing_migrations


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
    """Three short reads. Migrations that this program does not know are a newer server's: fine."""
    disk = disk_state(Path(settings.DATA_DIR))
    try:
        if missing_migrations():
            return Health("ok", "missing", disk, None)
        return Health("ok", "ok", disk, ContentVersion.current())
    except DatabaseError:
        connection.close()
        return Health("unreachable", "unknown", disk, None)


def disk_state(folder: Path) -> str:
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return "full"  # nothing can be written where there is no folder
    if free < FULL_DISK:
        return "full"
    return "low" if free < LOW_DISK else "ok"
