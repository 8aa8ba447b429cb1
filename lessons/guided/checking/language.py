"""Checks of how things are said: as reported, of the time, readable, and spelt one way."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lessons.core.models import ContentModel
from lessons.documents.models import (
    Annotation,
    Document,
    Event,
    Participation,
    Person,
    Place,
    Reference,
    SourceCard,
    Term,
)
from lessons.quizzes.models import AcceptedAnswer, Option

from .content import Content, texts_of
from .findings import Finding, advice, error
from .words import dates, plain, sentences, spellings, unquoted

# --- What only the record reports ---------------------------------------------------------------

_SAYS = (
    r"(?:(?:has|had|have|also|then|never|only|openly|plainly)\s+)*"
    r"(said|says|tells?|told|promised|promises|admitted|admits|agreed|agrees|claimed|claims"
    r"|wanted|wants|offered|offers|refused|refuses|denied|denies|threatened|threatens)\b"
)
_HEDGE = re.compile(
    r"\bas (?:recorded|reported|written down|the record|¶)|\brecord(?:ed|er)?\b"
    r"|\b(?:is|are|was|were) (?:reported|said|quoted|given)\b|\breport(?:s|ed)?\b"
    r"|¶|\bparagraph|\baccount\b|\bSummary\b|\bcard\b|\baccording to\b|\bpaper\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)
def _as_fact(names: frozenset[str]) -> re.Pattern[str]:
    known = "|".join(map(re.escape, sorted(names)))
    return re.compile(rf"\b(?:{known})\s+{_SAYS}" if known else r"(?!)")


def names_of(content: Content) -> frozenset[str]:
    """The surnames of all people of the content."""
    return frozenset(person.name.split()[-1] for person in content.people if person.name.split())


def told_as_fact(text: str, *around: str, names: frozenset[str]) -> str | None:
    """The first words that state as fact that one of these people said something, or None.

    A sentence that names the record, a report or a paragraph hedges, and so does one of `around`
    that the text completes (a question's stem). What stands in quotation marks is not ours.
    """
    pattern = _as_fact(names)
    if not pattern.search(text) or any(_HEDGE.search(context) for context in around):
        return None
    for sentence in sentences(text):
        if not _HEDGE.search(sentence) and (found := pattern.search(unquoted(sentence))):
            return found[0]
    return None


def stated_as_fact(content: Content) -> Iterator[Finding]:
    """Keys and notes that state as fact what only the record reports.

    Titles, feedback, explanations and lines to match or to order: advice.
    """
    names = names_of(content)
    mend = _("Say that it is recorded: “as recorded”, “the record reports”, “in ¶3”.")

    def what(words: str) -> str:
        return _("It states as fact what only the record reports: “%(words)s”.") % {"words": words}

    for question in content.questions:
        for option in question.options.all():
            say = error if option.is_key else advice
            # A wrong option may be wrong in just this way.
            claims = option.is_key or option.rank or option.role == Option.Role.ITEM
            if claims and (found := told_as_fact(option.label, question.prompt, names=names)):
                yield say(option, what(found), mend)
            if found := told_as_fact(option.feedback, question.prompt, names=names):
                yield advice(option, what(found), mend)
        if found := told_as_fact(question.explanation, names=names):
            yield advice(question, what(found), mend)
    for note in content.notes:
        if found := told_as_fact(note.heading, names=names) or told_as_fact(note.body, names=names):
            yield error(note, what(found), mend)
    yield from (
        advice(row, what(found), mend)
        for row, title in _titles(content)
        if (found := told_as_fact(title, names=names))
    )


def _titles(content: Content) -> Iterator[tuple[ContentModel, str]]:
    for lesson in content.lessons:
        yield lesson, lesson.title
        yield from ((step, step.title) for step in lesson.steps.all())


# --- What nobody could know yet -----------------------------------------------------------------

_LATER = (
    (re.compile(r"\bCENTO\b|\bCentral Treaty Organi[sz]ation\b"), date(1959, 8, 1)),
    (re.compile(r"\bIslamabad\b"), date(1960, 1, 1)),
    (re.compile(r"\bNon-Aligned Movement\b", re.IGNORECASE), date(1961, 1, 1)),
    (re.compile(r"\bdétente\b|\bdetente\b", re.IGNORECASE), date(1969, 1, 1)),
    (re.compile(r"\bBangladeshi?s?\b"), date(1971, 3, 26)),
    (re.compile(r"\bLine of Control\b|\bLoC\b", re.IGNORECASE), date(1972, 1, 1)),
    (re.compile(r"\bDhaka\b"), date(1982, 1, 1)),
    (re.compile(r"\bU-2\b|\bBadaber\b"), date(1959, 7, 18)),
    (re.compile(r"\bTashkent Declaration\b"), date(1966, 1, 10)),
)
"""Names of later than the record's day, and when each came up or was known."""
_TODAY = re.compile(
    r"\((?:today|now|later)\b[^)]*\)|\b(?:today's|now called|is today|today:?)\s+\w+", re.IGNORECASE
)
"""The name of today is given once, in brackets or after "today"."""
_SAYS_SO = re.compile(
    r"\bnot (?:yet|been|exist)|\bnobody|\bonly (?:in|from|since)\b|\blater\b|\buntil\b",
    re.IGNORECASE,
)
"""A sentence that says itself that the name is of another time; so does one that has the year."""


def later_names(text: str, horizon: date, *, strict: bool = True) -> Iterator[tuple[str, date]]:
    """(name, when it came up) for each name that was not known at the horizon.

    Free is a name of today in brackets. Where it is not `strict`, a sentence may also say of
    when a name is.
    """
    for pattern, known in _LATER:
        if known > horizon and pattern.search(text):
            for sentence in sentences(_TODAY.sub("…", text)):
                found = pattern.search(sentence)
                if found and (strict or not _says_so(sentence, known)):
                    yield found[0], known
                    break


def _says_so(sentence: str, known: date) -> bool:
    later = any(dated.first.year >= known.year for dated in dates(sentence))
    return later or _SAYS_SO.search(sentence) is not None


def untimely(content: Content) -> Iterator[Finding]:
    """Names and days later than a lesson's horizon, or than the day a row says it is known from.

    Rows that lessons are made of are held to the lesson's horizon; notes, terms, events and cards
    to their own day, or else to the record's. Pages for teachers and references are free.
    """
    seen: set[tuple[str, int]] = set()
    for lesson in content.lessons:
        if lesson.horizon is None:
            continue
        for row in content.rows_of(lesson):
            identity = (row._meta.label, row.pk)
            if identity not in seen:
                seen.add(identity)
                yield from _untimely(row, lesson.horizon, days=True)
        for step in lesson.steps.all():
            for card in step.source_cards.all():
                if card.date > lesson.horizon:
                    yield error(
                        step,
                        _("It shows “%(card)s”, which is later than its horizon, %(day)s.")
                        % {"card": card.title, "day": _day(lesson.horizon)},
                        _("Move the card to a lesson without a horizon, or take it out."),
                    )
    if not content.documents:
        return
    day = max(document.date for document in content.documents)
    for row in content.rows():
        known = _known_from(row)
        if known:
            yield from _untimely(row, max(day, known), days=False)


def _known_from(row: ContentModel) -> date | None:
    """The day a row that stands outside lessons speaks from; None for one that is free."""
    match row:
        case Annotation() | Term():
            return row.known_from or date.min
        case Event():
            return row.known_from or row.date
        case SourceCard():
            return row.date
        case Place() | Document() | Participation():
            return date.min
    return None


def _untimely(row: ContentModel, horizon: date, *, days: bool) -> Iterator[Finding]:
    """At most one finding: the row is to be read again as a whole."""
    for name, text in texts_of(row):
        if (type(row), name) in _FREE:
            continue
        found = list(later_names(text, horizon, strict=days))
        if days:
            found += [(dated.words, dated.first) for dated in dates(text) if dated.first > horizon]
        if found:
            words, known = found[0]
            yield error(
                row,
                _("Its %(name)s has “%(words)s”, which is later than %(day)s.")
                % {"name": _field(row, name), "words": words, "day": _day(horizon)},
                _("Use the name of the time, or leave it to a row known from %(known)s.")
                % {"known": _day(known)},
            )
            return


_FREE: set[tuple[type[ContentModel], str]] = {
    (Place, "today"),
    (SourceCard, "kept_where"),
    (Option, "misreading"),
}
"""For editors, or about our own time."""


def _field(row: ContentModel, name: str) -> str:
    return str(row._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _day(day: date) -> str:
    return date_format(day, "j F Y")


# --- Neutral names ------------------------------------------------------------------------------

_PARTIAL = {
    r"(?:Indian|India)[- ](?:occupied|held)|Indian Kashmir|IOK": "Indian-administered",
    r"(?:Pakistan|Pakistani)[- ](?:occupied|held)|Pakistani Kashmir|Azad Kashmir|P[Oo]K": (
        "Pakistan-administered"
    ),
}
_NAMES = [(re.compile(rf"\b(?:{left})\b"), right) for left, right in _PARTIAL.items()]


def partial_names(content: Content) -> Iterator[Finding]:
    """Names of parts of Kashmir that take a side, outside quotation marks."""
    for row in content.rows():
        for name, text in texts_of(row):
            for pattern, neutral in _NAMES:
                if found := pattern.search(unquoted(text)):
                    yield error(
                        row,
                        _("Its %(name)s has “%(words)s”, a name that takes a side.")
                        % {"name": _field(row, name), "words": found[0]},
                        _("Write “%(neutral)s”.") % {"neutral": neutral},
                    )


# --- Spelling -----------------------------------------------------------------------------------

_AS_IT_IS: set[tuple[type[ContentModel], str]] = {
    (Document, "title"),
    (Document, "summary"),
    (Document, "citation"),
    (Document, "credit_line"),
    (Person, "other_names"),
    (Participation, "named_as"),
    (Reference, "citation"),
    (AcceptedAnswer, "answer"),
}
"""Words of others, and spellings that are listed as such."""


def spelling(content: Content) -> Iterator[Finding]:
    """One spelling for each word and name: British, and as the record or its editors have it.

    A word that a document has itself is advice: ours may be taken from there.
    """
    known = {
        word.casefold().strip('.,;:!?"”()[]')
        for text in content.texts
        for word in text.text.replace("-", " ").split()
    }
    for row in content.rows():
        found: dict[str, str] = {}
        for name, text in texts_of(row):
            if (type(row), name) not in _AS_IT_IS and not _is_gloss(row):
                found |= {item.found: item.instead for item in spellings(plain(text))}
        for words, instead in found.items():
            stem = words.casefold().partition("-")[0]
            say = advice if any(word.startswith(stem) for word in known) else error
            yield say(
                row,
                _("It has “%(words)s”, where this edition writes “%(instead)s”.")
                % {"words": words, "instead": instead},
                _("Write it so, or put another's words into quotation marks."),
            )


def _is_gloss(row: ContentModel) -> bool:
    """A note on a word of the text spells it as the text does."""
    return isinstance(row, Annotation) and row.kind == Annotation.Kind.LANGUAGE
