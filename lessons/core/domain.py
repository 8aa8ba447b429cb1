"""What core does: take a reader's word that something is wrong, and count politely."""

import logging
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from django.core.cache import cache
from django.db import connection, transaction

from .backups import empty_log
from .models import MistakeReport

logger = logging.getLogger(__name__)

GUEST_DAYS_KEPT = 30
"""Days after its last save that a guest's work may stay (told to readers on the privacy page)."""


Chore = Callable[[], str]
_chores: list[Chore] = []


def every_day(chore: Chore) -> Chore:
    """Register what `tick` does for a higher app; it says in words what it did, or ""."""
    if chore not in _chores:
        _chores.append(chore)
    return chore


def do_chores() -> list[str]:
    """Do all that is registered, each for itself; what each said it did."""
    return [said for chore in _chores if (said := chore())]


_after_restoring: list[Chore] = []


def after_restoring(chore: Chore) -> Chore:
    """Register what a higher app does to a copy before it becomes the database; it says what."""
    if chore not in _after_restoring:
        _after_restoring.append(chore)
    return chore


def ready_a_restored_copy() -> list[str]:
    return [said for chore in _after_restoring if (said := chore())]


def leave_no_trace() -> None:
    """After this transaction, empty SQLite's log, where erased text stays readable until then.

    Where others read meanwhile it stays until `tick`. The file itself is cleared by secure_delete.
    """
    transaction.on_commit(empty_our_log)


def empty_our_log(*, patience: float = 0.5) -> bool:
    """Whether nothing of the past is left in the log; `patience` in seconds."""
    if connection.vendor != "sqlite":
        return True
    database = Path(str(connection.settings_dict["NAME"]))
    return not database.exists() or empty_log(database, patience=patience)


def within_limit(*, name: str, limit: int, seconds: int) -> bool:
    """Count one more `name`; False once it was counted more than `limit` times in `seconds`.

    The window starts at the first count. The count lives in the cache: with the cache in each
    process's own memory, every worker counts for itself. While a shared cache is away nothing is
    counted: a class that joins is not turned away for it.
    """
    key = "limit:" + sha256(name.encode("utf-8", "replace")).hexdigest()
    try:
        cache.add(key, 0, seconds)
        return cache.incr(key) <= limit
    except ValueError:  # the window closed between the two lines
        return True
    except Exception as error:  # noqa: BLE001  # whatever the client of the cache raises
        logger.warning("The cache does not answer (%s); nothing is counted.", type(error).__name__)
        return True


def report_mistake(
    *, subject: str, subject_key: str, address: str, body: str, reporter_id: int | None
) -> MistakeReport:
    """Store a report for the editors. A visitor's report names nobody and makes no guest."""
    return MistakeReport.objects.create(
        subject=subject,
        subject_key=subject_key,
        address=address,
        body=body,
        reporter_id=reporter_id,
    )
