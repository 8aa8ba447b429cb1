"""What a server does before its first request: say that it serves, and name what is broken."""

import hashlib
import logging
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from .backups import say_i_serve
from .checks import demo_messages
from .soundness import Finding, examine, file_findings

logger = logging.getLogger(__name__)


def begin_to_serve() -> None:
    """Write what is wrong into the log in plain words; the server comes up all the same.

    Where the database is damaged every page answers 503 and /healthz says why, until somebody has
    put it right; a server that ended instead would be started again and again. A demo that others
    could reach does not come up: raises ImproperlyConfigured.
    """
    for refusal in demo_messages(demo=settings.DEMO, allowed_hosts=settings.ALLOWED_HOSTS):
        raise ImproperlyConfigured(f"{refusal.msg} {refusal.hint}")
    if connection.vendor == "sqlite":
        say_i_serve(Path(str(connection.settings_dict["NAME"])))
    try:
        found = examine(folder=Path(settings.DATA_DIR), backups=Path(settings.BACKUP_DIR))
    finally:
        connection.close()
    for finding in found:
        logger.log(logging.CRITICAL if finding.fatal else logging.WARNING, "%s", finding)


def what_a_demo_lacks(*, was_made: bool) -> list[Finding]:
    """Why the demo must not go on to migrate and serve; `was_made`: it has served before."""
    if connection.vendor != "sqlite" or not was_made:
        return []
    path = Path(str(connection.settings_dict["NAME"]))
    return [finding for finding in file_findings(path, whole=False) if finding.fatal]


def schema_digest() -> str:
    """Over the migrations of our own apps."""
    digest = hashlib.sha256()
    for config in apps.get_app_configs():
        if config.name.startswith("lessons."):
            for file in sorted(Path(config.path).glob("migrations/0*.py")):
                digest.update(file.read_bytes())
    return digest.hexdigest()


def stamp_schema() -> None:
    """Note beside the database that it is of this version: the demo puts another one aside."""
    (Path(settings.DATA_DIR) / "demo-schema.stamp").write_text(schema_digest())
