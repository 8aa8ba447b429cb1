"""Events on a line, year by year, cut at a knowledge horizon, as a page and a step draw them.

Facts in (`horizons`), a `Timeline` of words and whole numbers out, which the template
documents/_timeline.html draws. What is hidden is counted, and nothing else of it is in the result.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lessons.core.rendered import rendered

from .horizons import (
    CAUTIONS,
    CIRCLES,
    Fact,
    Reader,
    Record,
    facts,
    period_end,
    sift,
    theme_slug,
    themes_of,
)
from .models import Document
from .models.people import DATE_FORMATS, Certainty, Circle, DatePrecision, date_text
from .rendering import RenderedReference

LIFTED = "lifted"
"""What the parameter `horizon` says where the horizon is lifted."""

COUNTED_DAYS = 100
"""An event at most so far from the record says by how many days."""

NUMBERS = [
    gettext_lazy("one"),
    gettext_lazy("two"),
    gettext_lazy("three"),
    gettext_lazy("four"),
    gettext_lazy("five"),
    gettext_lazy("six"),
    gettext_lazy("seven"),
    gettext_lazy("eight"),
    gettext_lazy("nine"),
]


# --- What comes out ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as it is read. `side` is where it stands from the record: before, same or after.

    `machine` is a value of `<time datetime>`, empty for a span of days. `address` is the record's.
    """

    key: str
    title: str
    date_text: str
    machine: str
    distance: str
    side: str
    theme: str
    description: str
    who_could_know: str
    was_public: bool
    certainty: str
    references: tuple[RenderedReference, ...]
    is_record: bool
    is_draft: bool
    address: str


@dataclass(frozen=True, slots=True)
class Tick:
    """One event on a year's ruler: from day `x` of the year to day `end` of it."""

    x: int
    end: int
    kind: str
    is_dated: bool
    """False where only the month or year is known: it has no day to stand at."""


@dataclass(frozen=True, slots=True)
class Ruler:
    """A year at the scale of one unit a day. `until` is its last day that may be seen."""

    months: tuple[int, ...]
    days: int
    until: int
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Year:
    """`gap` names the years before it that have no event here, `gap_text` says how many."""

    number: int
    label: str
    entries: tuple[Entry, ...]
    ruler: Ruler
    gap: str
    gap_text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    years: tuple[Year, ...]
    record_year: int
    record_date: str
    is_lifted: bool
    shown: int
    later: int
    unknown: int
    lead: str
    caution: str
    hidden: str
    """How many events are hidden and why, in words; empty where none is."""
    count: str
    """How many are shown, in words."""

    @property
    def earlier(self) -> tuple[Year, ...]:
        """The years before the record's."""
        return tuple(year for year in self.years if year.number < self.record_year)

    @property
    def rest(self) -> tuple[Year, ...]:
        return self.years[len(self.earlier) :]

    @property
    def earlier_words(self) -> str:
        """Of the years before the record's, for the fold that they lie in."""
        years = self.earlier
        count = sum(len(year.entries) for year in years)
        return ngettext(
            "Before %(year)s: %(count)s event, %(first)s",
            "Before %(year)s: %(count)s events, %(first)s to %(last)s",
            count,
        ) % {
            "year": self.record_year,
            "count": count,
            "first": years[0].label,
            "last": years[-1].label,
        }


def timeline(
    found: Sequence[Fact],
    *,
    record: Record,
    horizon: dt.date | None,
    reader: Reader = Reader.US,
    theme: str = "",
) -> Timeline:
    """The timeline of a record up to `horizon`, for a reader; `theme` is a slug, empty for all.

    The record stands in it whatever the reader and the theme, for it is what is read; it is left
    out only where it is itself later than the horizon.
    """
    chosen = [fact for fact in found if not theme or theme_slug(fact.theme) == theme]
    own = next((fact for fact in found if record.is_of(fact)), None) or _record_fact(record)
    sifted = sift([fact for fact in chosen if fact.key != own.key], horizon=horizon, reader=reader)
    placed, later = list(sifted.shown), len(sifted.later)
    if horizon is None or own.date <= horizon:
        placed.append(own)
    else:
        later += 1
    placed.sort(key=lambda fact: (fact.date, fact is own, fact.key))
    return Timeline(
        years=tuple(_years(placed, record=record, own=own, horizon=horizon)),
        record_year=record.date.year,
        record_date=date_text(record.date, record.precision),
        is_lifted=horizon is None,
        shown=len(placed),
        later=later,
        unknown=len(sifted.unknown),
        lead=_lead(record, horizon, reader),
        caution=str(CAUTIONS[reader]),
        hidden=_hidden(later, len(sifted.unknown), horizon, reader),
        count=ngettext("%s event is shown", "%s events are shown", len(placed)) % len(placed),
    )


def _record_fact(record: Record) -> Fact:
    """The record as an event, where no event says that it is the record's."""
    return Fact(
        key="",
        title=record.title,
        date=record.date,
        date_end=None,
        precision=record.precision,
        theme="",
        description="",
        known_from=None,
        known_to=(),
        certainty="",
        references=(),
        is_draft=record.is_draft,
    )


def _years(
    placed: Sequence[Fact], *, record: Record, own: Fact, horizon: dt.date | None
) -> Iterable[Year]:
    before: int | None = None
    for number, group in groupby(placed, key=lambda fact: fact.date.year):
        of_year = list(group)
        missing = 0 if before is None else number - before - 1
        yield Year(
            number=number,
            label=str(number),
            entries=tuple(_entry(fact, record, own, horizon) for fact in of_year),
            ruler=_ruler(number, of_year, own, horizon),
            gap=_year_span(number - missing, number - 1) if missing else "",
            gap_text=_gap_text(missing) if missing else "",
        )
        before = number


def _entry(fact: Fact, record: Record, own: Fact, horizon: dt.date | None) -> Entry:
    is_single = fact.date_end is None or fact.date_end == fact.date
    return Entry(
        key=fact.key,
        title=fact.title,
        date_text=span_text(fact.date, fact.date_end, fact.precision),
        machine=_machine(fact) if is_single else "",
        distance="" if fact is own else _distance(fact, record),
        side=side_of(fact, record),
        theme=fact.theme,
        description=fact.description,
        who_could_know=who_could_know(fact, horizon=horizon),
        was_public=_was_public(fact),
        certainty=str(Certainty(fact.certainty).label) if fact.certainty else "",
        references=fact.references,
        is_record=fact is own,
        is_draft=fact.is_draft,
        address=record.address if fact is own else "",
    )


def side_of(fact: Fact, record: Record) -> str:
    """Where an event stands from the record: before, after, or same where they touch."""
    if fact.last < record.date:
        return "before"
    return "after" if fact.date > record.last else "same"


def _was_public(fact: Fact) -> bool:
    return not fact.known_to or (Circle.PUBLIC in fact.known_to and not fact.was_secret_first)


def who_could_know(fact: Fact, *, horizon: dt.date | None) -> str:
    """In words, and with nothing in them that is later than the horizon."""
    if not fact.known_to:
        return ""
    is_public = Circle.PUBLIC in fact.known_to
    circles = ", ".join(str(circle.label) for circle in Circle if circle in fact.known_to)
    if not fact.was_secret_first:
        return (
            _("Public.") if is_public else _("Not public. Could know: %(who)s.") % {"who": circles}
        )
    if horizon is not None and fact.known_since > horizon:
        return _("Secret then, and still on %(date)s.") % {"date": _day(horizon)}
    since = _day(fact.known_since)
    if is_public:
        return _("Secret at first. Public from %(date)s.") % {"date": since}
    return _("Secret at first. From %(date)s could know: %(who)s.") % {
        "date": since,
        "who": circles,
    }


def _lead(record: Record, horizon: dt.date | None, reader: Reader) -> str:
    words = {"date": _day(horizon or record.date), "reader": reader.label}
    if horizon is not None:
        if reader not in CIRCLES:
            return _("The timeline stops at %(date)s.") % words
        return _("What %(reader)s could have known by %(date)s.") % words
    if reader not in CIRCLES:
        return _("The horizon is lifted: you also see what came after %(date)s.") % words
    return (
        _("The horizon is lifted: what was open to %(reader)s, before %(date)s and after it.")
        % words
    )


def _hidden(later: int, unknown: int, horizon: dt.date | None, reader: Reader) -> str:
    parts = []
    if later and horizon is not None:
        parts.append(
            ngettext(
                "%(count)s event is hidden: it is later than %(date)s.",
                "%(count)s events are hidden: they are later than %(date)s.",
                later,
            )
            % {"count": later, "date": _day(horizon)}
        )
    if unknown:
        words = {"count": unknown, "reader": reader.label}
        if parts:
            parts.append(
                ngettext(
                    "%(count)s more is hidden: %(reader)s could not have known of it.",
                    "%(count)s more are hidden: %(reader)s could not have known of them.",
                    unknown,
                )
                % words
            )
        else:
            parts.append(
                ngettext(
                    "%(count)s event is hidden: %(reader)s could not have known of it.",
                    "%(count)s events are hidden: %(reader)s could not have known of them.",
                    unknown,
                )
                % words
            )
    return " ".join(parts)


# --- Dates ------------------------------------------------------------------------------------


def span_text(first: dt.date, last: dt.date | None, precision: str) -> str:
    """“14–15 August 1947”, “20 October – 21 November 1962”: a date or a span as far as known."""
    whole = date_text(first, precision)
    if last is None or date_text(last, precision) == whole:
        return whole
    end = date_text(last, precision)
    if first.year != last.year or precision == DatePrecision.YEAR:
        return f"{whole} – {end}"
    if precision == DatePrecision.MONTH:
        return f"{date_format(first, 'F')} – {end}"
    if first.month == last.month:
        return f"{first.day}–{end}"
    return f"{date_format(first, 'j F')} – {end}"


def _machine(fact: Fact) -> str:
    return date_format(fact.date, DATE_FORMATS[DatePrecision(fact.precision)][1])


def _day(day: dt.date) -> str:
    return date_text(day, DatePrecision.DAY)


def _distance(fact: Fact, record: Record) -> str:
    """“42 days before” the record, where both days are known and not far apart."""
    if {fact.precision, record.precision} != {DatePrecision.DAY.value}:
        return ""
    before = (record.date - (fact.date_end or fact.date)).days
    if 0 < before <= COUNTED_DAYS:
        return ngettext("%s day before", "%s days before", before) % before
    after = (fact.date - record.date).days
    if 0 < after <= COUNTED_DAYS:
        return ngettext("%s day after", "%s days after", after) % after
    return ""


def _year_span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _gap_text(years: int) -> str:
    number = NUMBERS[years - 1] if years <= len(NUMBERS) else years
    return ngettext(
        "%(number)s year without an event here", "%(number)s years without an event here", years
    ) % {"number": number}


def _ruler(year: int, of_year: Sequence[Fact], own: Fact, horizon: dt.date | None) -> Ruler:
    last = dt.date(year, 12, 31)
    days = last.timetuple().tm_yday
    return Ruler(
        months=tuple(dt.date(year, month, 1).timetuple().tm_yday for month in range(1, 13)),
        days=days,
        until=days if horizon is None else min(horizon, last).timetuple().tm_yday,
        ticks=tuple(_tick(fact, last, is_own=fact is own) for fact in of_year),
    )


def _tick(fact: Fact, last: dt.date, *, is_own: bool) -> Tick:
    kind = "record" if is_own else "open" if _was_public(fact) else "closed"
    return Tick(
        x=fact.date.timetuple().tm_yday,
        end=min(period_end(fact.date_end or fact.date, fact.precision), last).timetuple().tm_yday,
        kind=kind,
        is_dated=fact.precision == DatePrecision.DAY,
    )


# --- What a page asks for ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader chose by the address. `ignored` are sentences about what made no sense."""

    reader: Reader
    is_lifted: bool
    theme: str
    themes: dict[str, str]
    ignored: tuple[str, ...]


def choose(query: Mapping[str, str], found: Sequence[Fact], record: Record) -> Choice:
    """Read `reader`, `horizon` and `theme` of a query; what makes no sense is left out and told."""
    ignored = []
    reader, lifted, theme = Reader.US, query.get("horizon", ""), query.get("theme", "")
    if wanted := query.get("reader", ""):
        if wanted in set(Reader):
            reader = Reader(wanted)
        else:
            ignored.append(
                _("The address names a reader whom we do not have: you see what we see.")
            )
    if lifted not in ("", "on", LIFTED):
        ignored.append(
            _("The address says something of the horizon that we do not understand: it stays on.")
        )
    horizon = None if lifted == LIFTED else record.last
    themes = themes_of(
        fact for fact in sift(found, horizon=horizon, reader=reader).shown if not record.is_of(fact)
    )
    if theme and theme not in themes:
        ignored.append(_("No theme of that name has events in this view: you see all themes."))
        theme = ""
    return Choice(reader, horizon is None, theme, themes, tuple(ignored))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A timeline drawn, and what is said of it when it has come."""

    html: SafeString
    announcement: str


def timeline_page(document: Document, choice: Choice, *, version: int, preview: bool) -> Drawn:
    """The timeline of a document as chosen, drawn once a content version."""
    record = Record.of(document)
    horizon = None if choice.is_lifted else record.last

    def build() -> Drawn:
        drawing = timeline(
            facts(preview=preview, version=version),
            record=record,
            horizon=horizon,
            reader=choice.reader,
            theme=choice.theme,
        )
        said = f"{drawing.count}. {drawing.hidden}".strip()
        return Drawn(_draw(drawing, is_step=False), said)

    parts = ("timeline", document.pk, horizon, choice.reader, choice.theme, preview)
    return rendered(parts, version, build)


def timeline_for(
    *, document: Document, horizon: dt.date | None, preview: bool, version: int
) -> SafeString:
    """The timeline of a lesson's step, as we see it, drawn once a content version.

    With the horizon lifted (None) it opens at the year of the document; earlier years are folded.
    """

    def build() -> SafeString:
        drawing = timeline(
            facts(preview=preview, version=version), record=Record.of(document), horizon=horizon
        )
        return _draw(drawing, is_step=True, slug=document.slug)

    return rendered(("timeline-step", document.pk, horizon, preview), version, build)


def _draw(drawing: Timeline, *, is_step: bool, slug: str = "") -> SafeString:
    context = {"timeline": drawing, "is_step": is_step, "slug": slug, "lifted": LIFTED}
    return mark_safe(render_to_string("documents/_timeline.html", context))  # noqa: S308
