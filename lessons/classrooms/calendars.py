"""Due dates as a calendar that other programs read (RFC 5545), and the address that opens it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer
from django.utils import timezone
from icalendar import Calendar, Event

from lessons.accounts.models import User

from .models import CalendarFeed
from .work import Task

SALT = "lessons.classrooms.calendar"
LONGEST_TOKEN = 200
UID_DOMAIN = "cold-war-lessons.invalid"
"""A name that nobody has; the delivery's key before it is random, so that no two are alike."""


def _signer() -> Signer:
    return Signer(salt=SALT, sep=".")


def token_of(feed: CalendarFeed) -> str:
    """What stands in the address: the nonce and its signature."""
    return _signer().sign(feed.nonce)


def reader_of(token: str) -> User | None:
    """Whose calendar it is; None for what is forged, replaced or of an account that is closed."""
    if len(token) > LONGEST_TOKEN or not token.isascii():
        return None
    try:
        nonce = _signer().unsign(token)
    except BadSignature:
        return None
    feed = CalendarFeed.objects.select_related("user").filter(nonce=nonce).first()
    return feed.user if feed is not None and feed.user.is_active else None


def draw(tasks: Iterable[Task], *, name: str, moment: datetime | None = None) -> bytes:
    """The calendar: title, class and due date of each task that has one, and nothing else.

    An event's UID stays the same when its date changes, so that a calendar moves it.
    """
    moment = moment or timezone.now()
    calendar = Calendar()
    calendar.add("prodid", "-//Cold War Lessons//Due dates//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for task in tasks:
        due_at = task.terms.due_at
        if due_at is None:
            continue
        event = Event()
        event.add("uid", f"{task.delivery.key}@{UID_DOMAIN}")
        event.add("dtstamp", moment)
        event.add("dtstart", due_at)
        event.add("summary", f"{task.assignment.title} ({task.classroom.name})")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    drawn: bytes = calendar.to_ical()
    return drawn
