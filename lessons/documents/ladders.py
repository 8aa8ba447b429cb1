"""The way from the talk to the reader, hand by hand, and what each speaker's words went through."""

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from lessons.core.rendered import rendered

from .models import Document, Participation
from .queries import with_edition
from .rendering import SIDES


@dataclass(frozen=True)
class WordForm:
    """One form that words took: spoken, retold, translated."""

    text: str
    is_inferred: bool
    """Whether the document does not state it."""


@dataclass(frozen=True)
class WordPath:
    name: str
    side: str
    forms: tuple[WordForm, ...]


def word_path(participation: Participation, side: str = "") -> WordPath:
    """What a speaker's words went through, from the lines of `words_path`."""
    lines = [line.strip() for line in participation.words_path.splitlines()]
    forms = [WordForm(line.removeprefix("?").strip(), line.startswith("?")) for line in lines]
    return WordPath(participation.named_as, side, tuple(form for form in forms if form.text))


def word_paths(document: Document) -> list[WordPath]:
    """Of the document's speakers in their order; none unless two of them differ."""
    speakers = [
        person
        for person in document.participations.all()
        if person.role == Participation.Role.SPEAKER
    ]
    speakers.sort(key=lambda person: person.order)
    paths = [word_path(person, side) for person, side in zip(speakers, SIDES, strict=False)]
    return paths if len({path.forms for path in paths}) > 1 else []


def provenance_html(document_pk: int, version: int) -> SafeString:
    """The ladder and the word paths of a document, drawn once a content version."""

    def build() -> SafeString:
        document = with_edition(Document.objects.all()).get(pk=document_pk)
        context = {"provenance": document.provenance.all(), "paths": word_paths(document)}
        return mark_safe(render_to_string("documents/_provenance.html", context))  # noqa: S308

    return rendered(("provenance", document_pk), version, build)
