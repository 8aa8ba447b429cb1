"""Length and reading grade of each chunk: the figures that an editor plans lessons by."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lessons.documents.models import Annotation, Passage

from .content import Content, current_text
from .findings import Finding, advice
from .words import reading_grade, words


@dataclass(frozen=True)
class Measure:
    name: str
    words: int
    grade: float
    """Flesch–Kincaid; see words.reading_grade."""
    note_words: int = 0
    """Of the core notes on it, glosses aside."""


def measures(content: Content) -> Iterator[tuple[str, Measure]]:
    """(heading, measure): each paragraph of a document; of a lesson its chunks and our words."""
    for document in content.documents:
        for passage in document.passages.all():
            if passage.number:
                yield document.short_title, _of_passages(str(passage), [passage])
    for lesson in content.lessons:
        for step in lesson.steps.all():
            name = f"{step.order}. {step.title}"
            if step.kind == step.Kind.READING:
                passages = content.passages_in(step)
                numbers = ", ".join(map(str, passages))
                yield lesson.title, _of_passages(f"{name}: {numbers}", passages)
            if step.body:
                own = _("%(step)s (our words)") % {"step": name}
                yield lesson.title, Measure(own, len(words(step.body)), reading_grade(step.body))


def _of_passages(name: str, passages: list[Passage]) -> Measure:
    texts = [text for passage in passages if (text := current_text(passage))]
    whole = "\n".join(text.text for text in texts)
    notes = sum(
        len(words(note.body))
        for text in texts
        for note in text.annotations.all()
        if note.core and note.kind != Annotation.Kind.LANGUAGE
    )
    return Measure(name, len(words(whole)), reading_grade(whole), notes)


LONG_CHUNK = 250
"""Words of the document that one reading step asks to be read at once, at most."""
HARD_TEXT = 12
"""Grade from which our own words to students are called hard; they are meant for grade 8."""


def hard_texts(content: Content) -> Iterator[Finding]:
    """Chunks too long to be read at once, and bodies of steps that read harder than the record."""
    for lesson in content.lessons:
        for step in lesson.steps.all():
            grade = reading_grade(step.body)
            if grade >= HARD_TEXT:
                yield advice(
                    step,
                    _("Its text reads hard: grade %(grade).1f, where 8 is meant.")
                    % {"grade": grade},
                    _("Make its sentences shorter and its words plainer."),
                )
            if step.kind != step.Kind.READING:
                continue
            chunk = _of_passages("", content.passages_in(step))
            if chunk.words > LONG_CHUNK:
                yield advice(
                    step,
                    _("It reads %(n)s words of the document at once.") % {"n": chunk.words},
                    _("Split it: a chunk has %(n)s words at most.") % {"n": LONG_CHUNK},
                )
