"""What an importer made of a source: a tree of guesses, and an account of every character."""

import unicodedata
from collections import Counter
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _


class ImportRefused(Exception):
    """The source cannot be imported; the message is one sentence for the editor."""


class Sure(StrEnum):
    STATED = "stated"
    LIKELY = "likely"
    GUESS = "guess"
    NONE = "none"
    CHOSEN = "chosen"

    @property
    def words(self) -> str:
        return {
            Sure.STATED: _("stated in the source"),
            Sure.LIKELY: _("a likely guess"),
            Sure.GUESS: _("a weak guess"),
            Sure.NONE: _("not found"),
            Sure.CHOSEN: _("chosen by you"),
        }[self]


@dataclass
class Guess:
    """A value, how sure it is, and the reason in words."""

    value: str
    sure: str = Sure.STATED
    why: str = ""

    @property
    def words(self) -> str:
        return Sure(self.sure).words

    @property
    def is_guess(self) -> bool:
        return self.sure in (Sure.LIKELY, Sure.GUESS, Sure.NONE)

    def choose(self, value: str) -> None:
        """Take an editor's value; the same one leaves the guess a guess."""
        if value != self.value:
            self.value, self.sure, self.why = value, Sure.CHOSEN, ""


@dataclass
class Turn:
    """A page turn before the character at `offset` (code points); `name` is the new page's."""

    offset: int
    name: str = ""


@dataclass
class PassageDraft:
    """`first` and `last` are lines of the source, from 1; `speaker` is a PersonDraft's id."""

    id: int
    kind: str
    text: str
    first: int
    last: int
    label: str = ""
    speaker: Guess = field(default_factory=lambda: Guess("", Sure.NONE))
    voice: Guess = field(default_factory=lambda: Guess("", Sure.NONE))
    turns: list[Turn] = field(default_factory=list)
    why: str = ""


@dataclass
class NoteDraft:
    """A note on `[start, end)` of a passage's text; `subject` is a person's or a term's id."""

    id: int
    passage: int
    start: int
    end: int
    kind: str
    heading: str
    body: str
    line: int
    subject: str = ""
    keep: bool = True


@dataclass
class PersonDraft:
    """`existing` is the key of the site's person this is taken for; empty: a new one is drafted."""

    id: str
    name: str
    named_as: str
    role: str = ""
    hand: str = ""
    existing: str = ""
    keep: bool = True
    why: str = ""
    candidates: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class TermDraft:
    id: str
    term: str
    definition: str
    existing: str = ""
    keep: bool = True


@dataclass
class Remark:
    """Something at a line of the source that was not understood. `text` is what was left out."""

    line: int
    text: str
    why: str


@dataclass
class Came:
    """Where characters of the source went: passage:1, note:2, field:title, mark or remark."""

    line: int
    text: str
    to: str


@dataclass
class Draft:
    format: str
    fields: dict[str, Guess] = field(default_factory=dict)
    passages: list[PassageDraft] = field(default_factory=list)
    notes: list[NoteDraft] = field(default_factory=list)
    people: list[PersonDraft] = field(default_factory=list)
    terms: list[TermDraft] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    source: list[str] = field(default_factory=list)
    source_start: int = 1
    account: list[Came] = field(default_factory=list)

    def value(self, name: str) -> str:
        found = self.fields.get(name)
        return found.value if found else ""

    def person(self, id_: str) -> PersonDraft | None:
        return next((person for person in self.people if person.id == id_), None)

    def excerpt(self, first: int, last: int) -> str:
        """Lines of the source, the first and the last included."""
        start = max(0, first - self.source_start)
        return "\n".join(self.source[start : max(start, last - self.source_start + 1)])

    def tell(self, line: int, text: str, to: str) -> None:
        if text.strip():
            self.account.append(Came(line, text, to))

    def not_understood(self, line: int, text: str, why: str) -> None:
        """List what was left out, and count it as listed."""
        self.remarks.append(Remark(line, text.strip(), why))
        self.tell(line, text, "remark")

    def as_json(self) -> dict[str, Any]:
        """All of it but the account, which has been settled by now."""
        made = asdict(self)
        del made["account"]
        return made

    @classmethod
    def from_json(cls, made: dict[str, Any]) -> "Draft":
        """The inverse of `as_json`."""
        passages = [
            PassageDraft(
                **{
                    **row,
                    "speaker": Guess(**row["speaker"]),
                    "voice": Guess(**row["voice"]),
                    "turns": [Turn(**turn) for turn in row["turns"]],
                }
            )
            for row in made["passages"]
        ]
        people = [
            PersonDraft(**{**row, "candidates": [(key, name) for key, name in row["candidates"]]})
            for row in made["people"]
        ]
        return cls(
            format=made["format"],
            fields={name: Guess(**guess) for name, guess in made["fields"].items()},
            passages=passages,
            notes=[NoteDraft(**row) for row in made["notes"]],
            people=people,
            terms=[TermDraft(**row) for row in made["terms"]],
            remarks=[Remark(**row) for row in made["remarks"]],
            source=made["source"],
            source_start=made["source_start"],
        )


def letters(text: str) -> Counter[str]:
    """How often each character that is not blank stands in the text, a raised ² being a 2."""
    plain = unicodedata.normalize("NFKD", text).replace("\u2212", "-")
    return Counter("".join(plain.split()))


def settle(draft: Draft, source: str) -> None:
    """List what an importer did not account for: a net under all of them.

    Raises AssertionError nowhere: characters that went missing become remarks, so that an
    importer's own mistake is seen by the editor.
    """
    missing = letters(source) - letters("".join(came.text for came in draft.account))
    if not missing:
        return
    for number, line in enumerate(source.split("\n"), start=draft.source_start):
        if not missing:
            return
        here = letters(line) & missing
        told = letters("".join(came.text for came in draft.account if came.line == number))
        lost = here - told
        if lost:
            draft.not_understood(
                number, "".join(lost.elements()), _("These characters found no place.")
            )
            missing -= lost
    if missing:
        draft.not_understood(
            draft.source_start, "".join(missing.elements()), _("These characters found no place.")
        )
