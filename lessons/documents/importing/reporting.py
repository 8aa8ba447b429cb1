"""The review as lines of text, for the command."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from lessons.core.usage import Resting

from .draft import Draft
from .rereading import Plan

SHORT = 96


def lines(draft: Draft) -> Iterator[str]:
    """Fields, people, passages, notes, and all that was not understood."""
    for name, guess in draft.fields.items():
        if guess.value or guess.is_guess:
            yield f"{name}: {_short(guess.value) or '–'}  ({guess.words}{_because(guess.why)})"
    for person in draft.people:
        known = person.existing or _("new")
        yield f"{_('person')} {person.name} [{known}] {person.hand}{_because(person.why)}"
    for term in draft.terms:
        yield f"{_('term')} {term.term} [{term.existing or _('new')}]"
    number = 0
    for passage in draft.passages:
        number += passage.kind == "body"
        name = f"¶{number}" if passage.kind == "body" else passage.label or passage.kind
        yield f"{name} ({passage.first}–{passage.last}) {_short(passage.text)}"
        if passage.kind == "body":
            speaker = draft.person(passage.speaker.value)
            yield (
                f"    {_('speaker')}: {speaker.name if speaker else '–'} "
                f"({passage.speaker.words}{_because(passage.speaker.why)}); "
                f"{_('voice')}: {passage.voice.value or '–'} "
                f"({passage.voice.words}{_because(passage.voice.why)})"
            )
        for turn in passage.turns:
            yield f"    {_('page turn')} {turn.name} → {passage.text[turn.offset : turn.offset + 30]}"  # noqa: E501
    for note in draft.notes:
        yield f"{_('note')} [{note.kind}] {note.heading}: {_short(note.body)}"
    if not draft.remarks:
        yield _("Everything in the source came through.")
    for remark in draft.remarks:
        yield f"{_('not understood')}, {_('line')} {remark.line}: {_short(remark.text)}{_because(remark.why)}"  # noqa: E501


def plan_lines(plan: Plan) -> Iterator[str]:
    for pair in plan.pairs:
        if pair.state != "same":
            name = str(pair.old) if pair.old else ""
            text = pair.new.text if pair.new else pair.old_text
            yield f"{pair.state} {name} {_short(text)}"
        for row in pair.orphans:
            yield f"    {_('no longer fits')}: {row._meta.verbose_name} {row} [{row.key}]"
        if pair.resting:
            yield f"    {_resting(pair.resting)}"
        for row in pair.used_by:
            yield f"    {_('kept, because used by')}: {row._meta.verbose_name} {row}"
    for note in plan.notes_left:
        yield f"{_('a note of the source that is not taken over')}: {_short(note.body)}"
    if not plan.changes_anything:
        yield _("Nothing changed.")


def _resting(resting: Resting) -> str:
    return _("%(answers)s answers of %(learners)s learners rest on it") % {
        "answers": resting.answers,
        "learners": resting.learners,
    }


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"


def _because(why: str) -> str:
    return f": {why}" if why else ""
