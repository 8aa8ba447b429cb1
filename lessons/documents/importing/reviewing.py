"""What an editor changes of a draft before it is saved: kinds, speakers, voices, splits, joins.

Names of fields: p<id>-… of a passage, n<id>-… of a note, q<number>-… of a person, t<number>-… of a
term. Only what is on the page is taken, so that a long document can be looked over page by page.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lessons.documents.models import Annotation, Document, Participation, Passage, Person, VoiceSpan

from .draft import Draft, NoteDraft, PassageDraft, Sure, Turn
from .plain import join
from .saving import DOCUMENT_FIELDS

PAGE = 60
"""Passages on a page of the review."""


LEAVE_OUT = "-"
REQUIRED = ("title", "short_title", "slug", "date", "genre")


class FieldsForm(forms.ModelForm[Document]):
    """The document's own fields; the headnote is written later, in its page."""

    source_address = forms.URLField(
        label=Document._meta.get_field("source_address").verbose_name,
        required=False, max_length=400, assume_scheme="https",
    )  # fmt: skip

    class Meta:
        model = Document
        fields = DOCUMENT_FIELDS
        widgets = {
            name: forms.Textarea(attrs={"rows": rows})
            for name, rows in (
                ("title", 2), ("citation", 3), ("summary", 3), ("credit_line", 2), ("rights", 2),
            )
        }  # fmt: skip

    def __init__(self, draft: Draft, data: Any = None) -> None:
        initial = {name: draft.value(name) for name in DOCUMENT_FIELDS}
        super().__init__(data, initial=initial, prefix="f", label_suffix="")
        self.fields["repository"].required = False
        date = self.fields["date"]
        date.help_text = gettext_lazy("For example 1958-04-19.")
        date.widget = forms.DateInput(format="%Y-%m-%d")
        for name, field in self.fields.items():
            guess = draft.fields.get(name)
            field.guess = guess  # type: ignore[attr-defined]
            if (guess and guess.is_guess and guess.value) or (guess and guess.sure == Sure.NONE):
                field.widget.attrs["class"] = "guessed"


def take_fields(draft: Draft, form: FieldsForm) -> None:
    """What was typed, valid or not, so that the page shows it again."""
    from .draft import Guess

    for name in DOCUMENT_FIELDS:
        raw = form.data.get(f"f-{name}")
        if raw is None:
            continue
        guess = draft.fields.setdefault(name, Guess("", Sure.NONE))
        guess.choose(str(raw).replace("\r\n", "\n").strip())


def take_changes(draft: Draft, data: Mapping[str, Any]) -> list[str]:
    """Apply what was posted to the draft; returns what could not be done, in words.

    Splits and joins come last, by ids, so that every posted name still means what it meant.
    """
    problems: list[str] = []
    _take_people(draft, data)
    ids = {person.id for person in draft.people if person.keep}
    for passage in draft.passages:
        _take_passage(passage, data, ids)
    for note in list(draft.notes):
        _take_note(draft, note, data, problems)
    for passage in list(draft.passages):
        _take_split(draft, passage, data, problems)
    for passage in list(draft.passages):
        if data.get(f"p{passage.id}-join"):
            join_to_previous(draft, passage)
    return problems


def _take_passage(passage: PassageDraft, data: Mapping[str, Any], people: set[str]) -> None:
    name = f"p{passage.id}"
    if data.get(f"{name}-kind") in Passage.Kind.values:
        passage.kind = str(data[f"{name}-kind"])
    if f"{name}-label" in data:
        passage.label = str(data[f"{name}-label"])[:80].strip()
    speaker = data.get(f"{name}-speaker")
    if speaker is not None and (speaker == "" or speaker in people):
        passage.speaker.choose(str(speaker))
    voice = data.get(f"{name}-voice")
    if voice is not None and (voice == "" or voice in VoiceSpan.Voice.values):
        passage.voice.choose(str(voice))


def _take_note(draft: Draft, note: NoteDraft, data: Mapping[str, Any], problems: list[str]) -> None:
    name = f"n{note.id}"
    if f"{name}-shown" not in data:
        return
    note.keep = bool(data.get(f"{name}-keep"))
    if data.get(f"{name}-kind") in Annotation.Kind.values:
        note.kind = str(data[f"{name}-kind"])
    body = str(data.get(f"{name}-body", note.body)).replace("\r\n", "\n").strip()
    note.body = body or note.body
    quote = data.get(f"{name}-quote")
    text = next((p.text for p in draft.passages if p.id == note.passage), "")
    if quote is None or quote == text[note.start : note.end]:
        return
    at = text.find(str(quote)) if quote else -1
    if at < 0:
        problems.append(_("“%s” does not stand in its passage.") % str(quote)[:60])
    else:
        note.start, note.end = at, at + len(quote)


def _take_people(draft: Draft, data: Mapping[str, Any]) -> None:  # noqa: C901
    keys = {str(data.get(f"q{n}-is", "")) for n in range(len(draft.people))} - {"", LEAVE_OUT}
    known = (
        set(Person.objects.filter(key__in=keys).values_list("key", flat=True)) if keys else set()
    )
    for number, person in enumerate(draft.people):
        name = f"q{number}"
        if f"{name}-is" not in data:
            continue
        chosen = str(data[f"{name}-is"])
        person.keep = chosen != LEAVE_OUT
        if chosen in known or chosen == "":
            person.existing = chosen
        typed = str(data.get(f"{name}-name", "")).strip()[:120]
        person.name = typed or person.name
        if f"{name}-role" in data:
            person.role = str(data[f"{name}-role"]).strip()[:200]
        if data.get(f"{name}-hand") in ("", *Participation.Role.values):
            person.hand = str(data[f"{name}-hand"])
    gone = {person.id for person in draft.people if not person.keep}
    for passage in draft.passages:
        if passage.speaker.value in gone:
            passage.speaker.choose("")
    for note in draft.notes:
        if note.subject in gone and note.kind == "person":
            note.keep = False
    for number, term in enumerate(draft.terms):
        if f"t{number}-shown" in data:
            term.keep = bool(data.get(f"t{number}-keep"))
            for note in draft.notes:
                if note.subject == term.id and note.kind == "term":
                    note.keep = note.keep and term.keep


def _take_split(
    draft: Draft, passage: PassageDraft, data: Mapping[str, Any], problems: list[str]
) -> None:
    words = str(data.get(f"p{passage.id}-split", "")).strip()
    if not words:
        return
    at = passage.text.find(words)
    if at <= 0:
        problems.append(
            _("“%s” does not stand inside its passage, so it was not split there.") % words[:60]
        )
    elif passage.text.find(words, at + 1) >= 0:
        problems.append(_("“%s” stands there more than once: give more words.") % words[:60])
    else:
        split_at(draft, passage, at)


def split_at(draft: Draft, passage: PassageDraft, at: int) -> PassageDraft:
    """Make two passages of one, the second from the character at `at` on."""
    second = PassageDraft(
        max(p.id for p in draft.passages) + 1, passage.kind, passage.text[at:],
        passage.first, passage.last, passage.label,
    )  # fmt: skip
    second.speaker.choose(passage.speaker.value)
    second.voice.choose(passage.voice.value)
    second.turns = [Turn(t.offset - at, t.name) for t in passage.turns if t.offset > at]
    passage.turns = [t for t in passage.turns if t.offset < len(passage.text[:at].rstrip())]
    passage.text = passage.text[:at].rstrip()
    passage.why = second.why = ""
    for note in draft.notes:
        if note.passage != passage.id:
            continue
        if note.start >= at:
            note.passage, note.start, note.end = second.id, note.start - at, note.end - at
        else:
            note.end = min(note.end, len(passage.text))
    draft.passages.insert(draft.passages.index(passage) + 1, second)
    return second


def join_to_previous(draft: Draft, passage: PassageDraft) -> None:
    """Make one passage of this and the one before; the first has nothing to be joined to."""
    at = draft.passages.index(passage)
    if at:
        join(draft, draft.passages[at - 1], passage, turn=False)
        draft.passages.remove(passage)


def rows(draft: Draft, page: int) -> list[dict[str, Any]]:
    """The passages of a page of the review (from 1) with their source, notes and speakers."""
    shown = draft.passages[(page - 1) * PAGE : page * PAGE]
    notes: dict[int, list[NoteDraft]] = {}
    for note in draft.notes:
        notes.setdefault(note.passage, []).append(note)
    number = sum(p.kind == "body" for p in draft.passages[: (page - 1) * PAGE])
    found = []
    for passage in shown:
        number += passage.kind == "body"
        found.append(
            {
                "passage": passage,
                "number": number if passage.kind == "body" else None,
                "source": draft.excerpt(passage.first, passage.last),
                "text": pieces(passage),
                "notes": [
                    {"note": note, "quote": passage.text[note.start : note.end]}
                    for note in notes.get(passage.id, [])
                ],
            }
        )
    return found


def pieces(passage: PassageDraft) -> list[str]:
    """The text cut at its page turns."""
    cuts = [0, *(turn.offset for turn in passage.turns), len(passage.text)]
    return [passage.text[a:b] for a, b in pairwise(cuts)]


def pages(draft: Draft) -> int:
    return max(1, -(-len(draft.passages) // PAGE))
