"""People and terms as their rooms show them, each made once per content version."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Min, Q, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString

from lessons.core.markdown import to_html, to_words
from lessons.core.models import PublishedModel, Status
from lessons.core.rendered import rendered

from . import links
from .models import Annotation, Document, Participation, Passage, Person, Term
from .models.people import Certainty
from .rendering import RenderedReference, render_references
from .sentences import sentences

ROLES = (
    Participation.Role.SPEAKER,
    Participation.Role.INTERPRETER,
    Participation.Role.RECORDER,
)
DOUBTFUL = (Certainty.INFERRED, Certainty.CONJECTURE)

M = TypeVar("M", bound=PublishedModel)


@dataclass(frozen=True, slots=True)
class Place:
    """A passage of an edition; `label` is "¶3" or what else the passage is called."""

    address: str
    label: str
    number: int | None


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of a document that a note says to be about a person or a term.

    `doubt` is the note's certainty in words where it is a reading or a guess, otherwise empty.
    """

    place: Place
    quote: str
    doubt: str


@dataclass(frozen=True, slots=True)
class Hand:
    """What a person did in a document."""

    document: str
    address: str
    role: str
    named_as: str


@dataclass(frozen=True, slots=True)
class Speaking:
    """The paragraphs of a document that are given to a person."""

    document: str
    reported: bool
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class PersonEntry:
    slug: str
    address: str
    name: str
    other_names: tuple[str, ...]
    lived: str
    role: str
    biography: SafeString
    first_sentence: str
    certainty: str
    references: tuple[RenderedReference, ...]
    hands: tuple[Hand, ...]
    mentions: tuple[Mention, ...]
    speaking: tuple[Speaking, ...]
    draft: bool


@dataclass(frozen=True, slots=True)
class TermEntry:
    """`later` is the year a later word is known from, otherwise None."""

    slug: str
    address: str
    term: str
    letter: str
    definition: SafeString
    first_sentence: str
    later: int | None
    certainty: str
    references: tuple[RenderedReference, ...]
    mentions: tuple[Mention, ...]
    draft: bool


@dataclass(frozen=True, slots=True)
class People:
    """In the order of the list: those with a hand in a document, then the others by name."""

    in_documents: tuple[PersonEntry, ...]
    others: tuple[PersonEntry, ...]

    def find(self, slug: str) -> PersonEntry | None:
        return next((p for p in (*self.in_documents, *self.others) if p.slug == slug), None)


@dataclass(frozen=True, slots=True)
class Glossary:
    """Letters in order, each with its terms in order."""

    letters: tuple[tuple[str, tuple[TermEntry, ...]], ...]

    def find(self, slug: str) -> TermEntry | None:
        return next((t for _letter, terms in self.letters for t in terms if t.slug == slug), None)


def people_of(*, version: int, preview: bool) -> People:
    """All people; `preview` includes drafts, for editors only. 8 queries, then none."""
    return rendered(("people", preview), version, lambda: _people(preview=preview))


def glossary_of(*, version: int, preview: bool) -> Glossary:
    """All terms; `preview` includes drafts, for editors only. 6 queries, then none."""
    return rendered(("glossary", preview), version, lambda: _glossary(preview=preview))


def record_day(*, preview: bool) -> date | None:
    """The day that "later" is counted from: that of the first document."""
    day: date | None = shown(Document.objects.all(), preview=preview).aggregate(day=Min("date"))[
        "day"
    ]
    return day


def shown(rows: QuerySet[M], *, preview: bool) -> QuerySet[M]:
    """The rows a reader sees: published, and in an editor's preview drafts too."""
    if preview:
        return rows.exclude(status=Status.RETIRED)
    return rows.filter(status=Status.PUBLISHED)


def sort_key(words: str) -> str:
    """Words for putting in order: without case and without marks on letters."""
    parts = unicodedata.normalize("NFKD", words.casefold())
    return "".join(character for character in parts if not unicodedata.combining(character))


def _people(*, preview: bool) -> People:
    hands: dict[int, list[Hand]] = {}
    first: dict[int, tuple[int, int]] = {}
    for participation in _participations(preview=preview):
        person = participation.person_id
        hands.setdefault(person, []).append(_hand(participation))
        first.setdefault(person, (len(hands), participation.order))
    mentions = _mentions("person_id", preview=preview)
    speaking = _speaking(preview=preview)
    rows = shown(Person.objects.prefetch_related("references"), preview=preview)
    entries = {
        row.pk: _person(row, hands.get(row.pk, ()), mentions.get(row.pk, ()), speaking)
        for row in sorted(rows, key=lambda row: (sort_key(row.name), row.key))
    }
    return People(
        in_documents=tuple(
            entries[pk] for pk in sorted(first, key=first.__getitem__) if pk in entries
        ),
        others=tuple(entry for pk, entry in entries.items() if pk not in first),
    )


def _participations(*, preview: bool) -> list[Participation]:
    """By document, then speakers, interpreters and recorders, each in their order."""
    found = (
        Participation.objects.select_related("document")
        .filter(_of_shown_documents("document__", preview=preview))
        .order_by("document__date", "document__key", "order", "key")
    )
    documents: dict[int, int] = {}
    for participation in found:
        documents.setdefault(participation.document_id, len(documents))
    return sorted(
        found,
        key=lambda item: (documents[item.document_id], ROLES.index(Participation.Role(item.role))),
    )


def _of_shown_documents(path: str, *, preview: bool) -> Q:
    if preview:
        return ~Q(**{f"{path}status": Status.RETIRED})
    return Q(**{f"{path}status": Status.PUBLISHED})


def _hand(participation: Participation) -> Hand:
    return Hand(
        document=participation.document.short_title,
        address=reverse("documents:document", args=[participation.document.slug]),
        role=str(participation.get_role_display()),
        named_as=participation.named_as,
    )


def _person(
    row: Person,
    hands: Iterable[Hand],
    mentions: Iterable[Mention],
    speaking: dict[int, list[Speaking]],
) -> PersonEntry:
    return PersonEntry(
        slug=row.slug,
        address=links.person_address(row.slug),
        name=row.name,
        other_names=tuple(name for name in map(str.strip, row.other_names.split(";")) if name),
        lived=row.lived,
        role=row.role,
        biography=to_html(row.biography),
        first_sentence=first_sentence(row.biography),
        certainty=str(row.get_certainty_display()),
        references=render_references(row.references.all()),
        hands=tuple(hands),
        mentions=tuple(mentions),
        speaking=tuple(speaking.get(row.pk, ())),
        draft=not row.is_published,
    )


def _glossary(*, preview: bool) -> Glossary:
    day = record_day(preview=preview)
    mentions = _mentions("term_id", preview=preview)
    rows = shown(Term.objects.prefetch_related("references"), preview=preview)
    letters: dict[str, list[TermEntry]] = {}
    for row in sorted(rows, key=lambda row: (sort_key(row.term), row.key)):
        entry = _term(row, mentions.get(row.pk, ()), day)
        letters.setdefault(entry.letter, []).append(entry)
    return Glossary(tuple((letter, tuple(terms)) for letter, terms in letters.items()))


def _term(row: Term, mentions: Iterable[Mention], day: date | None) -> TermEntry:
    return TermEntry(
        slug=row.slug,
        address=links.term_address(row.slug),
        term=row.term,
        letter=initial(row.term),
        definition=to_html(row.definition),
        first_sentence=first_sentence(row.definition),
        later=later_than(row.known_from, day),
        certainty=str(row.get_certainty_display()),
        references=render_references(row.references.all()),
        mentions=tuple(mentions),
        draft=not row.is_published,
    )


def later_than(known_from: date | None, day: date | None) -> int | None:
    """The year of `known_from` where that lies after `day`."""
    return known_from.year if known_from and day and known_from > day else None


def initial(words: str) -> str:
    """The capital under which a word stands; "#" for what begins with no letter."""
    first = next((character for character in sort_key(words) if character.isalnum()), "#")
    return first.upper() if first.isalpha() else "#"


def first_sentence(markdown: str) -> str:
    """The first sentence of a text in Markdown, without mark-up."""
    words = to_words(markdown)
    spans = sentences(words)
    return words[: spans[0][1]].rstrip() if spans else ""


def _mentions(field: str, *, preview: bool) -> dict[int, list[Mention]]:
    """Row → the words that notes say to be about it, in the order of the text.

    Only notes that stand with the text: those that wait for the questions are not told of here.
    Orphans stand on texts that are not current.
    """
    notes = (
        shown(Annotation.objects.all(), preview=preview)
        .filter(
            _of_shown_documents("text__passage__document__", preview=preview),
            reveal=Annotation.Reveal.WITH_TEXT,
            text__is_current=True,
            **{f"{field}__isnull": False},
        )
        .select_related("text__passage__document")
        .order_by(
            "text__passage__document__date",
            "text__passage__document__key",
            "text__passage__order",
            "start",
            "key",
        )
    )
    found: dict[int, list[Mention]] = {}
    for note in notes:
        mention = Mention(
            place=place_of(note.text.passage),
            quote=note.quote,
            doubt=str(note.get_certainty_display()) if note.certainty in DOUBTFUL else "",
        )
        found.setdefault(getattr(note, field), []).append(mention)
    return found


def place_of(passage: Passage) -> Place:
    edition = reverse("documents:document", args=[passage.document.slug])
    return Place(f"{edition}#{passage.anchor}", str(passage), passage.number)


def _speaking(*, preview: bool) -> dict[int, list[Speaking]]:
    """Person → the paragraphs they are the usual speaker of, document by document."""
    recorded = set(
        Participation.objects.filter(role=Participation.Role.RECORDER).values_list(
            "document_id", flat=True
        )
    )
    passages = (
        Passage.objects.filter(
            _of_shown_documents("document__", preview=preview), speaker__isnull=False
        )
        .select_related("document", "speaker")
        .order_by("document__date", "document__key", "order")
    )
    grouped: dict[tuple[int, int], list[Passage]] = {}
    for passage in passages:
        if passage.speaker is not None:
            grouped.setdefault((passage.speaker.pk, passage.document_id), []).append(passage)
    found: dict[int, list[Speaking]] = {}
    for (person, document), mine in grouped.items():
        found.setdefault(person, []).append(
            Speaking(
                document=mine[0].document.short_title,
                reported=document in recorded,
                places=tuple(map(place_of, mine)),
            )
        )
    return found
