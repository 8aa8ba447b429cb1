"""Who was erased, kept outside the database: a backup that is put back must not undo it.

One line for each: the number that the account's row had, and when. The file tells nothing of a
person whom no backup knows any more; it lies beside the database and goes with each backup.
"""

import os
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import ngettext

from lessons.accounts.models import User
from lessons.core.domain import after_restoring


def note_erased(number: int, *, moment: datetime | None = None) -> None:
    """Add a line, on the disk before going on."""
    file = Path(settings.ERASED_FILE)
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a", encoding="ascii") as out:
        out.write(f"{number} {(moment or timezone.now()).isoformat()}\n")
        out.flush()
        os.fsync(out.fileno())


def erased() -> dict[int, datetime]:
    """Number and last time; lines that cannot be read (the last one of a crash) are passed over."""
    file = Path(settings.ERASED_FILE)
    found: dict[int, datetime] = {}
    for line in file.read_text(encoding="ascii").splitlines() if file.exists() else []:
        number, _space, moment = line.partition(" ")
        try:
            found[int(number)] = datetime.fromisoformat(moment)
        except ValueError:
            continue
    return found


@after_restoring
def erase_again() -> str:
    """Erase whom the copy still knows, but nobody who came later and was given the number anew."""
    from .domain import erase_learner

    count = 0
    for number, moment in erased().items():
        for user in User.objects.filter(pk=number, date_joined__lt=moment):
            erase_learner(learner=user, asked=False)
            count += 1
    return (
        ngettext(
            "%(count)s person erased since this copy was made was erased again.",
            "%(count)s people erased since this copy was made were erased again.",
            count,
        )
        % {"count": count}
        if count
        else ""
    )
