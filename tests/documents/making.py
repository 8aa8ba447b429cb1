"""Documents made for a test: small, and nothing like the one that ships."""

from datetime import date
from typing import Any

from lessons.documents.anchors import describe
from lessons.documents.models import (
    Annotation,
    Document,
    PageTurn,
    Participation,
    Passage,
    PassageText,
    Person,
    ProvenanceLink,
    Reference,
    VoiceSpan,
)
from lessons.documents.models.records import digest


def make_person(key: str, name: str) -> Person:
    return Person.objects.get_or_create(
        key=key,
        defaults={
            "slug": key,
            "name": name,
            "role": "-",
            "certainty": "accepted",
            "status": "published",
        },
    )[0]


def make_document(key: str = "letter", **fields: Any) -> Document:
    values = {
        "status": "published",
        "slug": key,
        "title": "Record of a Talk",
        "short_title": f"A talk ({key})",
        "genre": "record of conversation",
        "date": date(1960, 5, 2),
        "headnote": "A *talk* in spring.",
        "repository": "State Archive",
        **fields,
    }
    document = Document.objects.create(key=key, **values)
    for order, (who, name, role) in enumerate(
        [("ann", "A. Ann", "speaker"), ("bo", "B. Bo", "speaker"), ("cy", "C. Cy", "recorder")]
    ):
        Participation.objects.create(
            document=document,
            key=who,
            person=make_person(f"test-{who}", name),
            role=role,
            named_as=name,
            order=order,
        )
    ProvenanceLink.objects.create(
        document=document,
        key="spoken",
        stage="spoken",
        order=1,
        known="Two people talked.",
        could_change="Tone of voice.",
        certainty="documented",
    ).references.add(make_reference())
    return document


def make_reference() -> Reference:
    return Reference.objects.get_or_create(
        key="test-ref",
        defaults={
            "short": "Test 1",
            "citation": "A Test, p. 1.",
            "address": "https://example.org/",
        },
    )[0]


def make_passage(
    document: Document, text: str, *, number: int | None = 1, kind: str = "body", who: str = "ann"
) -> PassageText:
    passage = Passage.objects.create(
        document=document,
        key=f"{kind}-{number or 0}",
        kind=kind,
        order=number or 0,
        number=number,
        speaker=Person.objects.get(key=f"test-{who}") if number else None,
    )
    return PassageText.objects.create(passage=passage, key="1", text=text, sha256=digest(text))


def place(text: PassageText, quote: str) -> dict[str, Any]:
    start = text.text.index(quote)
    selector = describe(text.text, start, start + len(quote))
    return {name: getattr(selector, name) for name in ("quote", "prefix", "suffix", "start", "end")}


def make_note(text: PassageText, key: str, quote: str, **fields: Any) -> Annotation:
    kind = fields.pop("kind", "term")
    waits = kind in Annotation.INTERPRETING
    values = {
        "status": "published",
        "heading": f"Heading {key}",
        "body": f"Body {key}.",
        "certainty": "accepted",
        "core": True,
        "reveal": "after-questions" if waits else "with-text",
        **place(text, quote),
        **fields,
    }
    note = Annotation.objects.create(text=text, key=key, kind=kind, **values)
    note.references.add(make_reference())
    return note


def make_voice(text: PassageText, key: str, quote: str, voice: str) -> VoiceSpan:
    return VoiceSpan.objects.create(text=text, key=key, voice=voice, **place(text, quote))


def make_turn(text: PassageText, offset: int) -> PageTurn:
    return PageTurn.objects.create(text=text, key=f"turn-{offset}", offset=offset)
