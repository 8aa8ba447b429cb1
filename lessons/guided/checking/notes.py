"""Checks of notes on a document's words, and of the words they stand on."""

from collections.abc import Iterator
from datetime import date
from itertools import chain
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lessons.documents.anchors import resolve
from lessons.documents.domain import selector_of
from lessons.documents.models import Annotation, Passage, PassageText, SourceCard
from lessons.guided.models import Lesson, Step
from lessons.quizzes.kinds.base import shortened

from .content import Content, current_text
from .findings import Finding, advice, error
from .words import dates, reading_grade, words

WORD_NOTE = 12
"""Words of a note on a word, at most: "about ten"."""
NOTE = range(20, 61)
"""Words of any other note."""
HARD_NOTE = 12
"""Grade from which a note is called hard: notes are meant for grade 8, and names add to it."""


def orphans(content: Content) -> Iterator[Finding]:
    """Notes, voices, questions and evidence whose words are not in the text that is read now."""
    anchored: list[Any] = [
        row for text in content.texts for row in (*text.annotations.all(), *text.voicespans.all())
    ]
    for question in content.questions:
        anchored += [question] if question.text_id else []
        anchored += question.evidence.all()
    by_id = {text.pk: text for text in content.texts}
    for row in anchored:
        text = by_id.get(row.text_id)
        if text is None:
            continue  # of a document that readers do not see: `hidden` says so
        now = current_text(text.passage)
        place, quote = {"place": text.passage}, {"quote": shortened(row.quote, 60)}
        if now is None or resolve(now.text, selector_of(row)) is None:
            yield error(
                row,
                _("Its words “%(quote)s” are not in %(place)s as it reads now.")
                % {**quote, **place},
                _("Anchor it on words that %(place)s has, or retire it.") % place,
            )
        elif now.pk != text.pk or now.text[row.start : row.end] != row.quote:
            yield error(
                row,
                _("Its words “%(quote)s” stand elsewhere in %(place)s now.") % {**quote, **place},
                _("Anchor it anew on the current text of %(place)s.") % place,
            )


def note_lengths(content: Content) -> Iterator[Finding]:
    """20–60 words; a note on a word about ten. Notes that read too hard."""
    for note in content.notes:
        count = len(words(note.body))
        if note.kind == Annotation.Kind.LANGUAGE:
            if count > WORD_NOTE:
                yield advice(
                    note,
                    _("A note on a word, and it has %(n)s words.") % {"n": count},
                    _("Gloss the word in about ten words, or make it a term."),
                )
            continue
        if count not in NOTE:
            yield error(
                note,
                _("The note has %(n)s words.") % {"n": count},
                _("Write from %(fewest)s to %(most)s words: one idea.")
                % {"fewest": NOTE[0], "most": NOTE[-1]},
            )
        grade = reading_grade(note.body)
        if grade >= HARD_NOTE:
            yield advice(
                note,
                _("It reads hard: grade %(grade).1f, where 8 is meant.") % {"grade": grade},
                _("Make its sentences shorter and its words plainer."),
            )


def note_sources(content: Content) -> Iterator[Finding]:
    """A reference and a certainty on every note but glosses; a ground for what is inferred."""
    for note in content.notes:
        if note.kind == Annotation.Kind.LANGUAGE:
            continue
        if not note.references.all():
            yield error(
                note,
                _("No reference stands behind it."),
                _("Name a reference that a reader can follow."),
            )
        if not note.certainty:
            yield error(
                note,
                _("It does not say how certain it is."),
                _("Choose documented, accepted, inferred or conjecture."),
            )
        if note.certainty in ("inferred", "conjecture") and not note.certainty_note.strip():
            yield error(
                note,
                _("It is %(certainty)s and does not say from what.")
                % {"certainty": note.certainty},
                _("Write from what it is inferred, or what would settle it."),
            )


def buried_chunks(content: Content) -> Iterator[Finding]:
    """Core notes of a chunk over two thirds of its words. Glosses do not count.

    A chunk is what one reading step shows, and each paragraph that no such step shows.
    """
    read: set[int] = set()
    for lesson in content.lessons:
        for step in lesson.steps.all():
            if step.kind == Step.Kind.READING:
                chunk = content.passages_in(step)
                read.update(passage.pk for passage in chunk)
                yield from _buried(step, chunk, lesson.horizon)
    for passage in content.passages:
        if passage.pk not in read and passage.number:
            yield from _buried(passage, [passage], None)


def _buried(row: Step | Passage, chunk: list[Passage], horizon: date | None) -> Iterator[Finding]:
    texts = [text for passage in chunk if (text := current_text(passage))]
    notes = [note for note in _core_notes(texts) if not (horizon and _is_later(note, horizon))]
    counts = {note.pk: len(words(note.body)) for note in notes}
    length, total = sum(len(words(text.text)) for text in texts), sum(counts.values())
    if 3 * total > 2 * length:
        longest = max(notes, key=lambda note: counts[note.pk])
        yield error(
            row,
            _("Its core notes have %(notes)s words, and the text %(text)s: more than two thirds.")
            % {"notes": total, "text": length},
            _("Shorten them, or take “core” off one, such as “%(note)s” (%(n)s words).")
            % {"note": longest.heading, "n": counts[longest.pk]},
        )


def _core_notes(texts: list[PassageText]) -> list[Annotation]:
    notes = chain.from_iterable(text.annotations.all() for text in texts)
    return [note for note in notes if note.core and note.kind != Annotation.Kind.LANGUAGE]


def _is_later(note: Annotation, horizon: date) -> bool:
    return note.known_from is not None and note.known_from > horizon


def later_notes(content: Content) -> Iterator[Finding]:
    """Core notes that the horizon of a lesson hides where the lesson reads them; untimely ones.

    A note is untimely that names a day, in figures, after the day it is known from. Without a day
    of its own it is known from the document's.
    """
    readers: dict[int, list[Lesson]] = {}
    for lesson in content.lessons:
        for step in lesson.steps.all():
            if step.kind == Step.Kind.READING and lesson.horizon:
                for passage in content.passages_in(step):
                    readers.setdefault(passage.pk, []).append(lesson)
    for note in content.notes:
        passage = note.text.passage
        for lesson in readers.get(passage.pk, ()) if note.core else ():
            if lesson.horizon and _is_later(note, lesson.horizon):
                yield error(
                    note,
                    _("It is core, and known from %(day)s: after the horizon of “%(lesson)s”.")
                    % {"day": _day(note.known_from), "lesson": lesson.title},
                    _("Take “core” off, or move what came later into a further note."),
                )
        known = max(note.known_from or date.min, passage.document.date)
        for dated in dates(note.body):
            if dated.first > known:
                yield error(
                    note,
                    _("It speaks of %(words)s, and is shown to whoever may know %(day)s.")
                    % {"words": dated.words, "day": _day(known)},
                    _("Set “known from” to that day, or take the later fact out."),
                )
                break


def _day(day: date | None) -> str:
    return date_format(day, "j F Y") if day else ""


def early_answers(content: Content) -> Iterator[Finding]:
    """Core notes with the text that cite a paper which a later step sets against the record."""
    shown: dict[int, tuple[int, int]] = {}
    compared: dict[int, tuple[tuple[int, int], SourceCard]] = {}
    for lesson in content.lessons:
        for step in lesson.steps.all():
            place = (lesson.order, step.order)
            if step.kind != Step.Kind.WHOLE_READING:  # which shows the words alone
                for passage in content.passages_in(step):
                    shown.setdefault(passage.pk, place)
            if step.kind == Step.Kind.CORROBORATION:
                for card in step.source_cards.all():
                    compared.setdefault(card.reference_id, (place, card))
    for note in content.notes:
        if not note.core or note.reveal != Annotation.Reveal.WITH_TEXT:
            continue
        for reference in note.references.all():
            if reference.pk not in compared:
                continue
            place, card = compared[reference.pk]
            if shown.get(note.text.passage_id, place) <= place:
                yield advice(
                    note,
                    _("It stands with the text and cites what “%(card)s” is compared for.")
                    % {"card": card.title},
                    _("Show it after the chunk's questions, or leave that paper out."),
                )


def unread_paragraphs(content: Content) -> Iterator[Finding]:
    """Paragraphs that no reading step has, and other parts of a document that no step shows."""
    chunks, shown = set(), set()
    for lesson in content.lessons:
        for step in lesson.steps.all():
            for passage in content.passages_in(step):
                shown.add(passage.pk)
                if step.kind == Step.Kind.READING:
                    chunks.add(passage.pk)
    taught = {module.document_id for module in content.modules}
    for passage in content.passages:
        if passage.document_id not in taught:
            continue
        if passage.number and passage.pk not in chunks:
            yield error(
                passage,
                _("No lesson reads it."),
                _("Put it into a reading step, with a question."),
            )
        elif not passage.number and passage.pk not in shown:
            yield advice(
                passage,
                _("No step shows it."),
                _("Show it in a step on what the paper is, if it is worth a look."),
            )
