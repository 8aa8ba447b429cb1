"""Checks of documents, events, cards and references: days in order, and nothing left over."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from lessons.core.models import ContentModel
from lessons.documents.models import PassageText

from .content import Content, current_text
from .findings import Finding, advice, error
from .words import words

HEADNOTE = 90
"""Words of a headnote, at most."""


def event_days(content: Content) -> Iterator[Finding]:
    """Events that end, or are known, before they begin."""
    for event in content.events:
        if event.date_end and event.date_end < event.date:
            yield error(
                event,
                _("It ends on %(end)s, before it begins on %(date)s.")
                % {"end": event.date_end, "date": event.date},
                _("Turn the two days round, or mend one."),
            )
        if event.known_from is None:
            yield advice(
                event,
                _("It does not say from when it was known."),
                _("Set “known from”: the day itself, if it was public at once."),
            )
        elif event.known_from < event.date:
            yield error(
                event,
                _("It is known from %(known)s, before it begins on %(date)s.")
                % {"known": event.known_from, "date": event.date},
                _("Set “known from” to the day itself, or later."),
            )


def editions(content: Content) -> Iterator[Finding]:
    """Headnotes of 90 words; a Summary with its writer, the same in the text as in the facts."""
    for document in content.documents:
        count = len(words(document.headnote))
        if count > HEADNOTE:
            yield error(
                document,
                _("Its headnote has %(n)s words.") % {"n": count},
                _("Keep %(n)s at most.") % {"n": HEADNOTE},
            )
        if document.summary and not document.summary_by.strip():
            yield error(
                document,
                _("It has a summary, and does not say who wrote it."),
                _("Say who wrote the summary, or that it is not known: it is a modern layer."),
            )
        summaries = [
            text
            for passage in document.passages.all()
            if passage.label == "Summary" and (text := current_text(passage))
        ]
        for text in summaries:
            if not _same(text, document.summary):
                yield error(
                    text,
                    _("It differs from the summary that the document's facts give."),
                    _("Bring both to what the archive's page has."),
                )


def _same(text: PassageText, summary: str) -> bool:
    return text.text.split() == summary.split()


def unused_sources(content: Content) -> Iterator[Finding]:
    """References that nothing cites, cards that no step shows, facts without a source."""
    cited: set[int] = set()
    for row in _sourced(content):
        references = {reference.pk for reference in row.references.all()}  # type: ignore[attr-defined]
        cited |= references
        if not references:
            yield advice(
                row,
                _("No reference stands behind it."),
                _("Name a reference that a reader can follow."),
            )
    cited.update(reference.pk for note in content.notes for reference in note.references.all())
    cited.update(card.reference_id for card in content.source_cards)
    for reference in content.references:
        if reference.pk not in cited:
            yield advice(
                reference,
                _("Nothing cites it."),
                _("Cite it where it bears on something, or delete it."),
            )
    shown = {
        card.pk
        for lesson in content.lessons
        for step in lesson.steps.all()
        for card in step.source_cards.all()
    }
    for card in content.source_cards:
        if card.pk not in shown:
            yield advice(
                card,
                _("No step shows it."),
                _("Set it against the record in a corroboration step, or retire it."),
            )


def _sourced(content: Content) -> Iterable[ContentModel]:
    yield from content.people
    yield from content.places
    yield from content.routes
    yield from content.map_lines
    yield from content.terms
    yield from content.events
    for document in content.documents:
        yield from document.provenance.all()
