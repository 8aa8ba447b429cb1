"""Who could know what by which day: events on this side of a knowledge horizon, and beyond it.

Pure from `Fact` on. An event before the horizon is not thereby known: each has the circles that
could know of it and the day from which they could.
"""

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy

from lessons.core.models import Status
from lessons.core.rendered import rendered

from .models import Document, Event
from .models.people import Circle, DatePrecision
from .rendering import RenderedReference


class Reader(models.TextChoices):
    """Through whose eyes the timeline is seen."""

    US = "us", gettext_lazy("us, today")
    KHRUSHCHEV = "khrushchev", gettext_lazy("Khrushchev")
    HUSSEIN = "hussein", gettext_lazy("Hussein")
    NOON = "noon", gettext_lazy("Noon")


CIRCLES: dict[Reader, frozenset[str]] = {
    Reader.KHRUSHCHEV: frozenset({Circle.PUBLIC, Circle.USSR}),
    Reader.HUSSEIN: frozenset({Circle.PUBLIC, Circle.PAKISTAN}),
    Reader.NOON: frozenset({Circle.PUBLIC, Circle.PAKISTAN}),
}
"""What each could look into. We can look into all: the papers have been opened since."""

CAUTIONS = {
    Reader.US: gettext_lazy(
        "You see all of it at once, the secret and the public: the papers have been opened since. "
        "Nobody saw all of it then."
    ),
    Reader.KHRUSHCHEV: gettext_lazy(
        "This is what was public, and what the Soviet government could know. That he could know "
        "of a thing does not show that he did."
    ),
    Reader.HUSSEIN: gettext_lazy(
        "This is what was public, and what the government of Pakistan could know. An ambassador "
        "abroad may not have been told all that his government knew: for him the list may be too "
        "long."
    ),
    Reader.NOON: gettext_lazy(
        "This is what was public, and what the government of Pakistan could know. That he could "
        "know of a thing does not show that he did."
    ),
}
"""What the list of a reader does not say; shown with it."""


# --- Events and the record --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fact:
    """An event as the database has it, without the database. `known_to` holds circles."""

    key: str
    title: str
    date: dt.date
    date_end: dt.date | None
    precision: str
    theme: str
    description: str
    known_from: dt.date | None
    known_to: tuple[str, ...]
    certainty: str
    references: tuple[RenderedReference, ...]
    is_draft: bool

    @property
    def last(self) -> dt.date:
        """The day by which it had surely happened.

        The end of its month or year where no day is known, unless it was known of before.
        """
        day = self.date_end or self.date
        end = period_end(day, self.precision)
        return end if self.known_from is None else min(end, max(self.known_from, day))

    @property
    def known_since(self) -> dt.date:
        return self.known_from or self.last

    @property
    def was_secret_first(self) -> bool:
        """Whether even those who could know came to know only after it was over."""
        return self.known_since > period_end(self.date_end or self.date, self.precision)


@dataclass(frozen=True, slots=True)
class Record:
    """The document on its timeline. `source_address` tells which event is its own."""

    title: str
    date: dt.date
    precision: str
    address: str
    source_address: str
    is_draft: bool

    @property
    def last(self) -> dt.date:
        """Its own day, at which the horizon lies."""
        return period_end(self.date, self.precision)

    @classmethod
    def of(cls, document: Document) -> "Record":
        return cls(
            title=document.short_title,
            date=document.date,
            precision=document.date_precision,
            address=reverse("documents:document", args=[document.slug]),
            source_address=document.source_address,
            is_draft=not document.is_published,
        )

    def is_of(self, fact: Fact) -> bool:
        """Whether the event is what this record records: of its day, and citing it."""
        return (
            (fact.date, fact.date_end, fact.precision) == (self.date, None, self.precision)
            and self.source_address != ""
            and any(reference.address == self.source_address for reference in fact.references)
        )


def facts(*, preview: bool, version: int) -> tuple[Fact, ...]:
    """All events in the order of time, for editors (`preview`) drafts too: 2 queries a version."""

    def build() -> tuple[Fact, ...]:
        events = Event.objects.exclude(status=Status.RETIRED)
        events = events if preview else events.published()
        return tuple(map(_fact, events.prefetch_related("references")))

    return rendered(("facts", preview), version, build)


def _fact(event: Event) -> Fact:
    return Fact(
        key=event.key,
        title=event.title,
        date=event.date,
        date_end=event.date_end,
        precision=event.date_precision,
        theme=event.theme,
        description=event.description,
        known_from=event.known_from,
        known_to=tuple(event.known_to),
        certainty=event.certainty,
        references=tuple(
            RenderedReference(ref.key, ref.short, ref.citation, ref.address)
            for ref in event.references.all()
        ),
        is_draft=not event.is_published,
    )


# --- The horizon ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sifted:
    """Facts divided: shown, later than the horizon, and, of the rest, not open to the reader."""

    shown: tuple[Fact, ...]
    later: tuple[Fact, ...]
    unknown: tuple[Fact, ...]


def sift(found: Iterable[Fact], *, horizon: dt.date | None, reader: Reader) -> Sifted:
    """Divide facts at the horizon (None: lifted), and by what the reader could know by then.

    A fact is later when it may not have been over on that day. We know what was secret then, so for
    `Reader.US` neither circles nor `known_from` hide anything. Where the horizon is lifted, the
    others still see their own circles only.
    """
    shown, later, unknown = [], [], []
    for fact in found:
        if horizon is not None and fact.last > horizon:
            later.append(fact)
        elif not could_know(fact, horizon=horizon, reader=reader):
            unknown.append(fact)
        else:
            shown.append(fact)
    return Sifted(tuple(shown), tuple(later), tuple(unknown))


def could_know(fact: Fact, *, horizon: dt.date | None, reader: Reader) -> bool:
    if reader not in CIRCLES:
        return True
    in_time = horizon is None or fact.known_since <= horizon
    return in_time and not CIRCLES[reader].isdisjoint(fact.known_to)


def themes_of(found: Iterable[Fact]) -> dict[str, str]:
    """Slug → theme, by the alphabet. Give it shown facts only, or it tells of others."""
    named = sorted({fact.theme for fact in found if fact.theme}, key=str.casefold)
    slugs: dict[str, str] = {}
    for theme in named:
        slugs.setdefault(theme_slug(theme), theme)
    return slugs


def theme_slug(theme: str) -> str:
    return slugify(theme, allow_unicode=True) or "-"


def period_end(day: dt.date, precision: str) -> dt.date:
    """The last day of what is known of a date: itself, or the end of its month or year."""
    if precision == DatePrecision.DAY:
        return day
    month = 12 if precision == DatePrecision.YEAR else day.month
    return dt.date(day.year, month, calendar.monthrange(day.year, month)[1])
