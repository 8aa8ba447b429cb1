"""What learners are told in the app, and the calendar feed of their due dates."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from lessons.accounts.models import User
from lessons.classrooms.models import Assignment, CalendarFeed, Notice


def tell(
    *,
    assignment: Assignment,
    kind: Notice.Kind,
    user_ids: Iterable[int],
    detail: str = "",
    moment: datetime | None = None,
) -> None:
    """Tell these people of a change in one assignment (one INSERT)."""
    moment = moment or timezone.now()
    Notice.objects.bulk_create(
        Notice(user_id=pk, assignment=assignment, kind=kind, detail=detail[:300], at=moment)
        for pk in sorted(set(user_ids))
    )


def mark_read(*, by: User, notice_id: int | None = None, moment: datetime | None = None) -> int:
    """Mark one notice of a person's own as read, or all of them; how many changed."""
    own = Notice.objects.filter(user=by, read_at__isnull=True)
    if notice_id is not None:
        own = own.filter(pk=notice_id)
    return own.update(read_at=moment or timezone.now())


@transaction.atomic
def turn_calendar_on(*, by: User) -> CalendarFeed:
    """A calendar address for this person; where there is one, a new one in its stead."""
    feed, _made = CalendarFeed.objects.update_or_create(
        user=by, defaults={"nonce": secrets.token_urlsafe(18), "created_at": timezone.now()}
    )
    return feed


def turn_calendar_off(*, by: User) -> None:
    """The address is worth nothing from now on."""
    CalendarFeed.objects.filter(user=by).delete()
