"""The document page: an edition, made once per content version for all who may see it."""

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from lessons.core.rendered import rendered

from .citations import DOWNLOADS, LABELS, Style, cite
from .models import Document, Passage, people
from .models.people import DATE_FORMATS, DatePrecision
from .queries import passages_for_reading, with_edition
from .rendering import Layer, references_of, render_passages
from .voices import VOICES, any_voices


@dataclass(frozen=True, slots=True)
class Citation:
    style: str
    label: str
    text: str
    is_file: bool


@dataclass(frozen=True, slots=True)
class Edition:
    html: SafeString
    citations: tuple[Citation, ...]


def edition_of(
    document: Document, *, address: str, version: int, reveal: bool, preview: bool, voice: str = ""
) -> Edition:
    """The edition of a document, kept in memory under this content version.

    `reveal` includes the notes that interpret; `preview` includes drafts, for editors only; all
    but one `voice` is dimmed.
    """
    return rendered(
        ("edition", document.pk, reveal, preview, voice),
        version,
        lambda: _build(document.pk, address=address, reveal=reveal, preview=preview, voice=voice),
    )


def date_text(document: Document) -> str:
    """The document's date as far as it is known, for readers."""
    return people.date_text(document.date, document.date_precision)


def date_machine(document: Document) -> str:
    """The same as a value of `<time datetime>`."""
    return date_format(document.date, DATE_FORMATS[DatePrecision(document.date_precision)][1])


def _build(pk: int, *, address: str, reveal: bool, preview: bool, voice: str) -> Edition:
    document = with_edition(Document.objects.all()).get(pk=pk)
    read = passages_for_reading(document=document, preview=preview)
    passages = render_passages(
        read,
        reveal=reveal,
        layer=Layer.ALL,
        horizon=None,
        preview=preview,
        voice=voice,
    )
    modern = [passage for passage in passages if passage.kind == Passage.Kind.METADATA]
    context = {
        "document": document,
        "date_text": date_text(document),
        "date_machine": date_machine(document),
        "record": [passage for passage in passages if passage.kind != Passage.Kind.METADATA],
        "modern": modern,
        # Where the archive's summary is a passage of its own, it is not printed twice.
        "summary": ""
        if document.summary in {passage.text for passage in modern}
        else document.summary,
        "provenance": document.provenance.all(),
        "references": references_of(passages),
        "reveal": reveal,
        "waiting": sum(passage.later_count for passage in passages),
        "address": address,
        "voice": voice,
        "voices": VOICES if any_voices(read) else [],
    }
    people = document.participations.all()
    return Edition(
        html=SafeString(render_to_string("documents/_edition.html", context)),
        citations=tuple(
            Citation(style, LABELS[style], cite(style, document, people), style in DOWNLOADS)
            for style in Style
        ),
    )
