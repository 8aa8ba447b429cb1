"""A draft that was looked over becomes a document, all of it in one transaction."""

from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from lessons.core.edits import edit
from lessons.core.models import ContentModel, ContentVersion
from lessons.documents.domain import anchor
from lessons.documents.models import (
    Annotation,
    Document,
    PageTurn,
    Participation,
    Passage,
    PassageText,
    Person,
    Term,
    VoiceSpan,
)
from lessons.documents.models.records import digest

from .draft import Draft, ImportRefused, NoteDraft, PassageDraft, PersonDraft

REASON = "import_document"
"""The history reason of what an import writes."""

DOCUMENT_FIELDS = [
    "title", "short_title", "slug", "genre", "date", "date_precision", "place", "language",
    "original_language", "repository", "archival_reference", "fond", "opis", "delo", "leaves",
    "published_by", "contributor", "translator", "citation", "source_address", "summary",
    "summary_by", "credit_line", "rights",
]  # fmt: skip


def save_document(draft: Draft, *, by: AbstractBaseUser | None) -> Document:
    """Write the draft as a document of the status draft, with all that hangs on it.

    Raises ImportRefused, and writes nothing, where a field does not fit.
    """
    with edit(by=by, why=REASON):
        document = Document(key=draft.value("slug"))
        for name in DOCUMENT_FIELDS:
            if name in draft.fields:
                setattr(
                    document,
                    name,
                    draft.value(name) or None if name == "date" else draft.value(name),
                )
        try:
            document.full_clean(exclude=["key", "headnote", "repository"])
        except ValidationError as mistake:
            name, why = next(iter(mistake.message_dict.items()))
            label = (
                getattr(Document._meta.get_field(name), "verbose_name", name)
                if name != "__all__"
                else ""
            )
            raise ImportRefused(f"{label}: {why[0]}" if label else why[0]) from None
        save_row(document, by)
        people = _people(draft, document, by)
        terms = _terms(draft, by)
        texts = write_passages(draft.passages, document, people, by)
        write_notes(draft, texts, people, terms, by)
        ContentVersion.bump()
        return document


def keys_for(passages: list[PassageDraft], taken: set[str]) -> dict[int, tuple[str, int | None]]:
    """The key and the number of each passage, by its id: p1, heading, heading-2, summary …"""
    found: dict[int, tuple[str, int | None]] = {}
    used = set(taken)
    number = 0
    for passage in passages:
        if passage.kind == "body":
            number += 1
            base = f"p{number}"
        else:
            base = (slugify(passage.label) if passage.kind == "metadata" else "") or passage.kind
        base = base[:70]
        key = next(k for k in [base, *(f"{base}-{n}" for n in range(2, 5000))] if k not in used)
        used.add(key)
        found[passage.id] = (key, number if passage.kind == "body" else None)
    return found


def write_passages(
    passages: list[PassageDraft],
    document: Document,
    people: dict[str, Person],
    by: AbstractBaseUser | None,
) -> dict[int, PassageText]:
    """New passages in order from 1; their texts by the drafts' ids."""
    keys = keys_for(passages, set())
    texts = {}
    for order, draft in enumerate(passages, start=1):
        key, number = keys[draft.id]
        texts[draft.id] = write_passage(
            draft, document, key=key, number=number, order=order, people=people, by=by
        )
    return texts


def write_passage(
    draft: PassageDraft,
    document: Document,
    *,
    key: str,
    number: int | None,
    order: int,
    people: dict[str, Person],
    by: AbstractBaseUser | None,
) -> PassageText:
    passage = Passage(
        document=document, key=key, kind=draft.kind, order=order, number=number,
        label=draft.label[:80], speaker=people.get(draft.speaker.value),
    )  # fmt: skip
    save_row(passage, by)
    text = PassageText(passage=passage, key="1", text=draft.text, sha256=digest(draft.text))
    save_row(text, by)
    names: set[str] = set()
    for turn in draft.turns:
        if not 0 < turn.offset < len(draft.text):
            continue
        base = slugify(f"page-{turn.name}")[:70] if turn.name else "page-turn"
        name = next(n for n in [base, *(f"{base}-{i}" for i in range(2, 999))] if n not in names)
        names.add(name)
        save_row(PageTurn(text=text, key=name, offset=turn.offset), by)
    if draft.kind == "body" and draft.voice.value:
        span = VoiceSpan(text=text, key="voice", voice=draft.voice.value, speaker=passage.speaker)
        anchor(span, draft.text, 0, len(draft.text))
        save_row(span, by)
    return text


def write_notes(
    draft: Draft,
    texts: dict[int, PassageText],
    people: dict[str, Person],
    terms: dict[str, Term],
    by: AbstractBaseUser | None,
) -> None:
    """The notes that are kept, as drafts; a note whose place is gone cannot come so far."""
    author = draft.value("published_by")[:80] or _("The source's editors")
    for note in draft.notes:
        text = texts.get(note.passage)
        if not note.keep or text is None:
            continue
        kind = _kind(note, people, terms)
        row = Annotation(
            text=text, key=f"note-{note.id}", kind=kind, heading=note.heading[:80], body=note.body,
            certainty="accepted" if kind in ("person", "term") else "documented", author=author,
            reveal="after-questions" if kind in Annotation.INTERPRETING else "with-text",
            person=people.get(note.subject) if kind == "person" else None,
            term=terms.get(note.subject) if kind == "term" else None,
        )  # fmt: skip
        anchor(row, text.text, note.start, note.end)
        save_row(row, by)


def _kind(note: NoteDraft, people: dict[str, Person], terms: dict[str, Term]) -> str:
    return note.kind if note.kind in Annotation.Kind.values else "context"


def resolve_people(draft: Draft, by: AbstractBaseUser | None) -> dict[str, Person]:
    """The draft's people as rows of the site: those it has, and new ones as drafts."""
    existing = {
        person.key: person
        for person in Person.objects.filter(
            key__in=[p.existing for p in draft.people if p.existing]
        )
    }
    found: dict[str, Person] = {}
    for person in draft.people:
        if not person.keep:
            continue
        found[person.id] = existing.get(person.existing) or _new_person(person, draft, by)
    return found


def _people(draft: Draft, document: Document, by: AbstractBaseUser | None) -> dict[str, Person]:
    found = resolve_people(draft, by)
    seen: set[tuple[int, str]] = set()
    order = 0
    for person in draft.people:
        row = found.get(person.id)
        if row is None or not person.hand or (row.pk, person.hand) in seen:
            continue
        seen.add((row.pk, person.hand))
        order += 1
        key = f"{row.key[:60]}-{person.hand}"
        save_row(
            Participation(
                document=document, key=key, person=row, role=person.hand,
                named_as=person.named_as[:120], order=order,
            ),
            by,
        )  # fmt: skip
    return found


def _new_person(person: PersonDraft, draft: Draft, by: AbstractBaseUser | None) -> Person:
    base = (slugify(person.name) or slugify(person.id) or "person")[:70]
    taken = set(Person.objects.filter(key__startswith=base).values_list("key", flat=True))
    taken |= set(Person.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    key = next(k for k in [base, *(f"{base}-{n}" for n in range(2, 9999))] if k not in taken)
    row = Person(
        key=key, slug=key, name=person.name[:120], certainty="inferred",
        other_names=person.named_as[:200] if person.named_as != person.name else "",
        role=(person.role or _("Named in “%s”") % draft.value("short_title"))[:200],
    )  # fmt: skip
    save_row(row, by)
    return row


def _terms(draft: Draft, by: AbstractBaseUser | None) -> dict[str, Term]:
    wanted = {note.subject for note in draft.notes if note.keep and note.kind == "term"}
    found: dict[str, Term] = {}
    for term in draft.terms:
        if not term.keep or term.id not in wanted:
            continue
        row = Term.objects.filter(key=term.existing).first() if term.existing else None
        if row is None:
            base = (slugify(term.term) or "term")[:70]
            taken = set(Term.objects.filter(key__startswith=base).values_list("key", flat=True))
            taken |= set(Term.objects.filter(slug__startswith=base).values_list("slug", flat=True))
            key = next(k for k in [base, *(f"{base}-{n}" for n in range(2, 999))] if k not in taken)
            row = Term(
                key=key, slug=key, term=term.term[:120], definition=term.definition,
                certainty="accepted",
            )  # fmt: skip
            save_row(row, by)
        found[term.id] = row
    return found


def save_row(row: ContentModel, by: AbstractBaseUser | None) -> None:
    change = cast("Any", row)
    change._change_reason = REASON
    change._history_user = by
    row.save()
