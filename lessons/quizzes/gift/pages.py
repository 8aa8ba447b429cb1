"""What the review page shows, and what its form brings back."""

import base64
import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from lessons.core.forms import StorableTextMixin
from lessons.core.models import Status
from lessons.quizzes.drawing import draw_choices
from lessons.quizzes.models import Option, Question, Quiz

from .plans import Plan
from .rows import shown, to_do, unsaved
from .saving import MOST_BYTES, BankRefused, Entry, checked, decoded

PER_PAGE = 50
MOST_PASTED = 400_000
"""Characters that a form may bring as text; a longer bank comes as a file."""
SESSION_KEY = "gift-bank"
_RANGES = re.compile(r"(?:[0-9]{1,6}(?:-[0-9]{1,6})?(?:,[0-9]{1,6}(?:-[0-9]{1,6})?)*)?")


class BankForm(StorableTextMixin, forms.Form):
    """A bank as a file or as pasted text; `bank` is its text once the form is valid."""

    bank = ""
    name = ""

    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        help_text=_("As Moodle exports it: text in UTF-8, at most 2 MB."),
        widget=forms.FileInput(attrs={"accept": ".txt,.gift,text/plain"}),
    )
    text = forms.CharField(
        label=_("Or paste the questions"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 12, "maxlength": MOST_PASTED, "spellcheck": "false", "dir": "auto"}
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        upload = cleaned.get("file")
        try:
            if upload and cleaned.get("text", "").strip():
                raise BankRefused(str(_("Choose a file or paste text, not both.")))
            if upload is not None:
                self.name = str(upload.name)[:80]
                self.bank = decoded(upload.read(MOST_BYTES + 1))
            else:
                self.bank = checked(cleaned.get("text", ""))
        except BankRefused as refused:
            self.add_error("file" if upload is not None else "text", refused.message)
        return cleaned


class TakeForm(forms.Form):
    """Where the chosen questions go."""

    skill = forms.ChoiceField(
        label=_("Skill"),
        choices=Question.Skill.choices,
        initial=Question.Skill.CLOSE_READING,
        help_text=_("For questions whose bank names none of our skills as a tag."),
    )
    quiz: forms.ModelChoiceField[Quiz] = forms.ModelChoiceField(
        label=_("Quiz to put them in"),
        queryset=Quiz.objects.none(),
        required=False,
        empty_label=_("none for now"),
        help_text=_("They come after its last question."),
    )

    def __init__(self, *args: Any, quizzes: QuerySet[Quiz], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quiz"].queryset = quizzes  # type: ignore[attr-defined]


def open_quizzes() -> QuerySet[Quiz]:
    return Quiz.objects.exclude(status=Status.RETIRED).order_by("title", "key")


# --- The bank between two pages ---------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """A bank that waits in its editor's session for a word; nothing else holds it."""

    text: str
    name: str
    digest: str


def keep(session: Any, text: str, name: str) -> None:
    data = text.encode()
    session[SESSION_KEY] = {
        "text": base64.b85encode(zlib.compress(data)).decode(),
        "name": name,
        "digest": hashlib.sha256(data).hexdigest()[:16],
    }


def kept(session: Any) -> Kept | None:
    held = session.get(SESSION_KEY)
    if not held:
        return None
    text = zlib.decompress(base64.b85decode(held["text"])).decode()
    return Kept(text, held["name"], held["digest"])


def forget(session: Any) -> None:
    session.pop(SESSION_KEY, None)


# --- Which are taken --------------------------------------------------------------------------


def numbers_in(ranges: str) -> set[int]:
    """{1, 2, 3, 7} of "1-3,7"; BadRequest for anything else."""
    if len(ranges) > 100_000 or not _RANGES.fullmatch(ranges):
        raise BadRequest("Not a list of numbers.")
    numbers: set[int] = set()
    for part in filter(None, ranges.split(",")):
        first, _dash, last = part.partition("-")
        if int(last or first) - int(first) > 100_000:
            raise BadRequest("Not a list of numbers.")
        numbers.update(range(int(first), int(last or first) + 1))
    return numbers


def ranges_of(numbers: Iterable[int]) -> str:
    """ "1-3,7" of {1, 2, 3, 7}."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{a}-{b}" if a < b else str(a) for a, b in runs)


# --- What is shown ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One answer with what is said to it."""

    words: str
    worth: str
    feedback: str


@dataclass(frozen=True)
class Shown:
    """One part of the bank as the review page draws it."""

    entry: Entry
    taken: bool = False
    kind: str = ""
    prompt: str = ""
    drawn: SafeString = field(default_factory=SafeString)
    lines: tuple[Line, ...] = ()
    explanation: str = ""
    to_do: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """A class name: one of refused, here, attention, understood."""
        if self.entry.plan is None:
            return "refused"
        if not self.entry.can_be_taken:
            return "here"
        return "understood" if self.entry.plan.is_understood else "attention"

    @property
    def heading(self) -> str:
        plan = self.entry.plan
        return plan.title if plan else ""

    @property
    def place(self) -> Any:
        part = self.entry.plan or self.entry.refused
        return part.place if part else None

    @property
    def category(self) -> str:
        part = self.entry.plan or self.entry.refused
        return part.category if part else ""


def show(entry: Entry, left_out: set[int]) -> Shown:
    plan = entry.plan
    if plan is None:
        return Shown(entry)
    question = unsaved(plan)
    prefix = f"q{entry.number}"
    face, _presentation = shown(question, prefix)
    return Shown(
        entry,
        taken=entry.can_be_taken and entry.number not in left_out,
        kind=question.get_kind_display(),
        prompt=plan.prompt,
        drawn=draw_choices(face, {}, seed=1, prefix=prefix),
        lines=tuple(_lines(plan)),
        explanation=plan.explanation,
        to_do=tuple(to_do(question)),
    )


def _lines(plan: Plan) -> Iterator[Line]:
    for option in plan.options:
        if option.role == Option.Role.CHOICE:
            yield Line(
                option.label,
                str(_("right")) if option.is_key else str(_("wrong")),
                option.feedback,
            )
        elif option.target is not None:
            yield Line(f"{option.label} → {plan.options[option.target].label}", "", option.feedback)
    for row in plan.accepted:
        percent = format((row.score * 100).normalize(), "f")
        yield Line(row.answer, f"{percent} %", row.feedback)


@dataclass(frozen=True)
class Page:
    """One page of a long review."""

    number: int
    last: int
    entries: Sequence[Entry]

    @classmethod
    def of(cls, entries: Sequence[Entry], number: int) -> "Page":
        last = max(1, -(-len(entries) // PER_PAGE))
        number = min(max(number, 1), last)
        return cls(number, last, entries[(number - 1) * PER_PAGE : number * PER_PAGE])

    @property
    def numbers(self) -> set[int]:
        return {entry.number for entry in self.entries}
