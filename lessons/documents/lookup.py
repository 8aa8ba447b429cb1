"""What can be looked up: the published content as entries of one index per content version."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lessons.core.markdown import to_words, words_of
from lessons.core.rendered import rendered

from .directory import later_than, record_day, shown
from .links import person_address, term_address
from .models import Document, Event, Passage, Person, Place, Term
from .models.people import DATE_FORMATS, DatePrecision
from .queries import passages_for_reading
from .rendering import Layer, RenderedNote, RenderedPassage, render_passages
from .search import Entry, Field, Index, Result

KINDS = {
    "text": gettext_lazy("In the text"),
    "notes": gettext_lazy("In the notes"),
    "terms": gettext_lazy("Terms"),
    "people": gettext_lazy("People"),
    "events": gettext_lazy("Events"),
    "places": gettext_lazy("Places"),
}
"""In the order of the page."""

AT_FIRST = 6
"""Results of a kind that are shown before the reader asks for all of them."""


@dataclass(frozen=True, slots=True)
class Group:
    """The results of a kind: those to be shown, and how many there are."""

    kind: str
    label: str
    results: tuple[Result, ...]
    count: int

    @property
    def has_more(self) -> bool:
        return self.count > len(self.results)


def index_of(*, version: int, reveal: bool, preview: bool) -> Index:
    """The index, kept in memory under this content version. 13 queries, then none.

    Without `reveal` no note that interprets is in it; `preview` adds drafts, for editors only.
    """
    return rendered(
        ("index", reveal, preview), version, lambda: _index(reveal=reveal, preview=preview)
    )


def groups_of(results: Iterable[Result], *, kind: str = "") -> list[Group]:
    """Results by kind, the first few of each; all of them where one `kind` is asked for."""
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.entry.kind, []).append(result)
    return [
        Group(
            one,
            str(label),
            tuple(found[one] if kind else found[one][:AT_FIRST]),
            len(found[one]),
        )
        for one, label in KINDS.items()
        if one in found and kind in ("", one)
    ]


def _index(*, reveal: bool, preview: bool) -> Index:
    day = record_day(preview=preview)
    people = list(shown(Person.objects.all(), preview=preview))
    entries = [
        *_texts_and_notes(reveal=reveal, preview=preview),
        *(_term(term, day) for term in shown(Term.objects.all(), preview=preview)),
        *map(_person, people),
        *(_event(event, day) for event in shown(Event.objects.all(), preview=preview)),
        *map(_place, shown(Place.objects.all(), preview=preview)),
    ]
    return Index(entries, spellings=[f"{row.name}; {row.other_names}" for row in people])


def _texts_and_notes(*, reveal: bool, preview: bool) -> Iterator[Entry]:
    documents = shown(Document.objects.all(), preview=preview)
    passages = passages_for_reading(
        passages=Passage.objects.filter(document__in=documents).values_list("pk", flat=True),
        preview=preview,
    )
    slugs = {passage.pk: passage.document for passage in passages}
    drawn = render_passages(passages, reveal=reveal, layer=Layer.ALL, horizon=None, preview=preview)
    for passage in drawn:
        yield _text(passage, slugs[passage.pk])
    for passage in drawn:
        for note in passage.notes:
            yield _note(note, passage, slugs[passage.pk])


def _called(passage: RenderedPassage) -> str:
    if passage.number:
        return f"¶{passage.number}"
    return passage.label or str(Passage.Kind(passage.kind).label).capitalize()


def _text(passage: RenderedPassage, document: Document) -> Entry:
    voice = " ".join(filter(None, (passage.speaker_name, passage.voice_phrase)))
    modern = passage.kind == Passage.Kind.METADATA
    return Entry(
        kind="text",
        title=", ".join(filter(None, (_called(passage), voice))),
        title_weight=0,
        fields=(Field(passage.text, 3),),
        address=f"{reverse('documents:document', args=[document.slug])}#{passage.anchor}",
        remarks=(document.short_title, *([_("modern words, not of the record")] if modern else [])),
    )


def _note(note: RenderedNote, passage: RenderedPassage, document: Document) -> Entry:
    edition = reverse("documents:document", args=[document.slug])
    query = "?notes=all" if note.interprets else ""
    return Entry(
        kind="notes",
        title=note.heading,
        title_weight=6,
        fields=(
            Field(f"“{note.quote}”: {words_of(note.body_html)}", 2),
            Field(note.certainty_note, 1),
        ),
        address=f"{edition}{query}#{note.note_id}",
        remarks=(
            note.kind_label,
            _called(passage),
            document.short_title,
            *_draft(note.draft),
        ),
    )


def _term(term: Term, day: date | None) -> Entry:
    later = later_than(term.known_from, day)
    return Entry(
        kind="terms",
        title=term.term,
        title_weight=8,
        fields=(Field(to_words(term.definition), 2),),
        address=term_address(term.slug),
        remarks=(
            *([_("a later word: from %(year)s") % {"year": later}] if later else []),
            *_draft(not term.is_published),
        ),
    )


def _person(person: Person) -> Entry:
    return Entry(
        kind="people",
        title=person.name,
        title_weight=8,
        fields=(
            Field(person.role, 3),
            Field(to_words(person.biography), 2),
            Field(person.other_names, 7),
        ),
        address=person_address(person.slug),
        remarks=tuple(
            filter(None, (person.lived, *_draft(not person.is_published))),
        ),
    )


def _event(event: Event, day: date | None) -> Entry:
    when = event_date(event)
    remarks = [when]
    if day and event.date > day:
        remarks.append(_("after the day of the record"))
    elif later_than(event.known_from, day):
        remarks.append(_("not yet known on the day of the record"))
    return Entry(
        kind="events",
        title=event.title,
        title_weight=6,
        fields=(Field(to_words(event.description), 2), Field(when, 2), Field(event.theme, 1)),
        address=f"{reverse('documents:timeline')}#e-{event.key}",
        remarks=(*remarks, *_draft(not event.is_published)),
    )


def event_date(event: Event) -> str:
    """The event's date as far as it is known, for readers."""
    form = DATE_FORMATS[DatePrecision(event.date_precision)][0]
    first = date_format(event.date, form)
    last = date_format(event.date_end, form) if event.date_end else first
    return first if first == last else f"{first} – {last}"


def _place(place: Place) -> Entry:
    today = _("today %(name)s") % {"name": place.today} if place.today else ""
    return Entry(
        kind="places",
        title=place.name,
        title_weight=6,
        fields=(
            Field(place.note, 2),
            Field(place.today, 5),
            Field(place.disputed, 2),
        ),
        address=f"{reverse('documents:map')}#place-{place.key}",
        remarks=tuple(filter(None, (today, *_draft(not place.is_published)))),
    )


def _draft(is_draft: bool) -> list[str]:
    return [_("draft: readers do not see it")] if is_draft else []
