"""What a kind of question is: it shows, reads, marks and explains one sort of answer.

A kind works on three plain structures, all JSON:

- the *face*: what may be shown before answering (prompt, option labels by key, segments);
- the *key*: what may not (right options, accepted answers, rubric, feedback);
- the *answer*: what a learner gave, by option keys, spans or text; never by positions.

Forms carry positions in the shuffled order, so option keys never reach a browser. Field names
begin with a prefix, since a page holds several questions. A kind that uses the existing parts
of a question touches no file but its own and its template.
"""

import hashlib
import hmac
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, ClassVar, Protocol, TypeVar

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from lessons.core.markdown import to_inline_html
from lessons.quizzes.models import Option, Question

Face = dict[str, Any]
Key = dict[str, Any]
Answer = dict[str, Any]

ONE = Decimal(1)
ZERO = Decimal(0)
SIX_PLACES = Decimal("0.000001")
MAX_TEXT = 5_000
"""Characters of a written answer; about 800 words."""


MAX_TALLY = 80
"""Characters of what an answer counts for, as ItemTally keeps it."""


class InvalidAnswer(Exception):
    """What was sent is no answer to this question; `message` is for the learner."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Verdict:
    """What is said of one line, or of a whole answer. The values are class names as well."""

    UNSAID = ""
    RIGHT = "right"
    PARTLY = "partly"
    """Of a whole answer only."""
    WRONG = "wrong"
    MISSED = "missed"
    """Right, and the learner left it out."""
    ALSO = "also"
    """Right and not chosen, which is no fault: another would do, or nothing was answered."""
    OUT = "out"
    """Wrong, and rightly not chosen."""


@dataclass(frozen=True)
class Choice:
    """One line of a question on the page: an option, an item with its select, or a sentence."""

    position: int
    """Its place in the shuffled order, from 0: what the form carries."""
    label: str
    chosen: bool = False
    selected: int | None = None
    """For an item with a select: the chosen target's position, or the chosen place from 1."""
    verdict: str = Verdict.UNSAID
    """One of Verdict; empty until it may be shown."""
    feedback: str = ""
    answer: str = ""
    """The right target or place in words, once everything may be shown."""

    @property
    def said(self) -> bool:
        """True where something is said under the line, so that its input is tied to it."""
        return bool(self.verdict or self.feedback or self.answer)


@dataclass(frozen=True)
class Presentation:
    """What a kind's template (`templates/quizzes/kinds/<name>.jinja`) draws."""

    prefix: str
    choices: Sequence[Choice] = ()
    targets: list[str] = field(default_factory=list)
    """Labels of the targets (matching) in shuffled order, or of the places (ordering)."""
    text: str = ""
    remarks: list[str] = field(default_factory=list)
    """Feedback that belongs to the answer as a whole."""
    solution: list[str] = field(default_factory=list)
    """Right answers in words, once everything may be shown and no choice line shows them."""
    rubric: list[dict[str, Any]] = field(default_factory=list)
    verdict: str = Verdict.UNSAID
    """Of the answer as a whole, where its lines carry none: RIGHT, PARTLY or WRONG."""
    help: str = ""
    """How to answer, in one line."""


class Reveal:
    """How much of the key a presentation may use."""

    NOTHING = "nothing"
    CHOSEN = "chosen"
    """After a first wrong answer: what was chosen, why it tempts; never what is right instead."""
    ALL = "all"


class Kind(Protocol):
    name: ClassVar[str]
    marked_by_machine: ClassVar[bool]
    shuffles: ClassVar[bool]
    """Whether each reader gets the lines in an order of their own."""
    has_fixed_choices: ClassVar[bool]
    """Whether answers are made of the question's parts; otherwise they are the learner's words."""

    def face(self, question: Question) -> Face:
        """The kind's own part of the face, from the question's rows."""

    def key(self, question: Question) -> Key:
        """The kind's own part of the key, from the question's rows."""

    def problems(self, face: Face, key: Key) -> list[str]:
        """Why the question cannot be asked, in an editor's words; empty when it can."""

    def parse(
        self, face: Face, data: QueryDict, *, seed: int, prefix: str, partial: bool = False
    ) -> Answer:
        """The answer in a submitted form.

        `partial` takes what is there, for a draft. Raises InvalidAnswer for missing (unless
        partial), repeated, foreign or oversized values.
        """

    def is_blank(self, answer: Answer) -> bool:
        """True where nothing was chosen or written."""

    def mark(self, key: Key, answer: Answer) -> Decimal | None:
        """The score, a fraction from 0 to 1 to six places; None where a person has to read it."""

    def present(
        self,
        face: Face,
        *,
        seed: int,
        prefix: str,
        answer: Answer | None = None,
        judged: Answer | None = None,
        key: Key | None = None,
        reveal: str = Reveal.NOTHING,
    ) -> Presentation:
        """What to draw: `answer` as it stands, with verdicts on `judged`, the answer marked.

        `judged` is `answer` unless given. Give it whenever `answer` is a draft: a verdict on a
        draft would tell what is right before it is checked. `key` is read only where `reveal`
        allows it.
        """

    def perfect_answers(self, key: Key) -> list[Answer]:
        """Each answer that ought to earn everything: one, or one for each that is accepted.

        None where a person has to read it.
        """

    def controls(self, face: Face, answer: Answer, *, seed: int) -> list[tuple[str, str]]:
        """What a browser sends for an answer: the controls' names without prefix, and values.

        ValueError where the form shows no control for it.
        """

    def right_in_words(self, face: Face, key: Key) -> list[str]:
        """What is right, a line each (Markdown, as labels are); empty where a person reads it."""

    def describe(self, face: Face, answer: Answer) -> str:
        """The answer in words, for review pages and lists."""

    def tally(self, face: Face, answer: Answer) -> list[str]:
        """What the answer counts for in item statistics, at most 80 characters each."""


def shuffled(keys: Iterable[str], seed: int) -> list[str]:
    """The keys in the order of their keyed hashes: no order of rows or keys shows through."""
    secret = settings.SECRET_KEY.encode()
    return sorted(keys, key=lambda key: hmac.digest(secret, f"{seed}:{key}".encode(), "sha256"))


def one_position(data: QueryDict, name: str, size: int) -> int | None:
    """The one position sent under `name`, or None; InvalidAnswer if repeated or out of range."""
    values = [value for value in data.getlist(name) if value != ""]
    if not values:
        return None
    if len(values) > 1:
        raise InvalidAnswer(_("More than one answer arrived where one is asked for."))
    return _position(values[0], size)


def many_positions(data: QueryDict, name: str, size: int) -> list[int]:
    """The positions sent under `name`, ascending; InvalidAnswer if repeated or out of range."""
    values = data.getlist(name)
    if len(values) > size:
        raise InvalidAnswer(_("More answers arrived than there are choices."))
    positions = [_position(value, size) for value in values]
    if len(set(positions)) != len(positions):
        raise InvalidAnswer(_("The same choice arrived twice."))
    return sorted(positions)


def _position(value: str, size: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 4 and int(value) < size):
        raise InvalidAnswer(_("That is not one of the choices of this question."))
    return int(value)


def clean_text(value: str, *, limit: int = MAX_TEXT) -> str:
    """Typed text in Unicode's composed form with plain newlines.

    Raises InvalidAnswer for text that is too long or that no database can keep (NUL, lone
    surrogates).
    """
    if len(value) > 2 * limit:
        raise InvalidAnswer(_("That is too long: at most %(n)s characters.") % {"n": limit})
    if any(
        unicodedata.category(character) == "Cs" or (character < " " and character not in "\t\n\r")
        for character in value
    ):
        raise InvalidAnswer(_("The text holds characters that cannot be stored."))
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(text) > limit:
        raise InvalidAnswer(_("That is too long: at most %(n)s characters.") % {"n": limit})
    return text


def fraction(part: int | Decimal, whole: int | Decimal) -> Decimal:
    """part / whole to six places; 0 where there is no whole."""
    if not whole:
        return ZERO
    return (Decimal(part) / Decimal(whole)).quantize(SIX_PLACES)


def labels_by_key(options: Sequence[dict[str, Any]]) -> dict[str, str]:
    return {option["key"]: option["label"] for option in options}


def keys_of(options: Sequence[dict[str, Any]]) -> list[str]:
    return [option["key"] for option in options]


# --- Rows → face and key ----------------------------------------------------------------------


def options_of(question: Question, *roles: str) -> list[Option]:
    """The question's options with one of the roles (any, when none is named).

    They come in the order of their keys' digests: authored order and rank would tell the answer.
    """
    options = [option for option in question.options.all() if not roles or option.role in roles]
    return sorted(options, key=lambda option: hashlib.sha256(option.key.encode()).digest())


def face_options(options: Iterable[Option]) -> list[dict[str, str]]:
    return [{"key": option.key, "label": option.label} for option in options]


def feedback_by_key(options: Iterable[Option]) -> dict[str, str]:
    return {option.key: option.feedback for option in options}


def decimal_text(value: Decimal | float) -> str:
    """A number as JSON keeps it: the same text however many zeros the database adds."""
    return format(Decimal(str(value)).normalize(), "f")


# --- What an editor has to mend ---------------------------------------------------------------


def label_problems(options: Sequence[dict[str, Any]]) -> list[str]:
    """Empty labels, labels that nobody could tell apart, and links, which no label may hold."""
    problems = []
    seen: set[str] = set()
    for option in options:
        folded = " ".join(option["label"].casefold().split())
        if not folded:
            problems.append(_("Write the words of “%(key)s”.") % {"key": option["key"]})
        elif folded in seen:
            problems.append(
                _("“%(label)s” stands there twice: change one.") % {"label": option["label"]}
            )
        seen.add(folded)
        if "<a" in to_inline_html(option["label"]):
            problems.append(
                _("Move the link of “%(label)s” into its feedback.") % {"label": option["label"]}
            )
    return problems


def feedback_problems(options: Sequence[dict[str, Any]], feedback: dict[str, str]) -> list[str]:
    return [
        _("Write feedback for “%(label)s”.") % {"label": option["label"]}
        for option in options
        if not feedback.get(option["key"], "").strip()
    ]


# --- Reading a form ---------------------------------------------------------------------------


def one_text(data: QueryDict, name: str, *, limit: int) -> str:
    """The text sent under `name`, cleaned; "" where none was; InvalidAnswer if repeated."""
    values = data.getlist(name)
    if len(values) > 1:
        raise InvalidAnswer(_("More than one answer arrived where one is asked for."))
    return clean_text(values[0], limit=limit) if values else ""


def one_of_each(
    data: QueryDict, name: str, parts: Iterable[tuple[int, str]], targets: Sequence[str]
) -> tuple[dict[str, str], int]:
    """The target sent for each part as `<name>-<its place>`, and how many parts have none.

    Raises InvalidAnswer as `one_position` does.
    """
    given: dict[str, str] = {}
    missing = 0
    for place, part in parts:
        position = one_position(data, f"{name}-{place}", len(targets))
        if position is None:
            missing += 1
        else:
            given[part] = targets[position]
    return given, missing


# --- Showing and counting ---------------------------------------------------------------------


def readable(key: Key | None, reveal: str) -> Key | None:
    """The key where something of it may be shown, else None."""
    return None if reveal == Reveal.NOTHING else key


def choice_lines(
    options: Sequence[dict[str, Any]],
    *,
    seed: int,
    chosen: Iterable[str],
    judged: Iterable[str] | None,
    key: Key | None,
    reveal: str,
    unchosen: str,
) -> list[Choice]:
    """One line for each option in shuffled order; `key` holds `right` (keys) and `feedback`.

    `chosen` is what is ticked now; verdicts are on `judged`, None where nothing was answered.
    `unchosen` is the verdict on a right option that an answer left out.
    """
    labels = labels_by_key(options)
    ticked, taken = set(chosen), set(judged or ())
    key = readable(key, reveal)
    lines = []
    for position, option in enumerate(shuffled(labels, seed)):
        verdict = feedback = ""
        if key is not None and (reveal == Reveal.ALL or option in taken):
            feedback = key["feedback"].get(option, "")
            if option in taken:
                verdict = Verdict.RIGHT if option in key["right"] else Verdict.WRONG
            elif option in key["right"]:
                verdict = Verdict.ALSO if judged is None else unchosen
            elif judged is not None:
                verdict = Verdict.OUT
        lines.append(
            Choice(
                position=position,
                label=labels[option],
                chosen=option in ticked,
                verdict=verdict,
                feedback=feedback,
            )
        )
    return lines


L = TypeVar("L", bound=Choice)


def judged_lines(
    lines: Iterable[tuple[str | None, L]],
    name: str,
    targets: Sequence[str],
    *,
    answer: Answer | None,
    judged: Answer | None,
    key: Key | None,
    reveal: str,
    either: Callable[[list[str]], str],
) -> list[L]:
    """The lines with what was given to their part, one of `targets`, and what may be said of it.

    A line comes with the key of its part (item, card, segment), None where nothing is asked of
    it; `name` is where answer and key keep the parts' targets. After a first wrong answer what was
    given is judged, and what is right is not named. At the end it is, in the words of `either`,
    unless it was given and nothing else is accepted.
    """
    key = readable(key, reveal)
    judged = answer if judged is None else judged
    given, marked = ((one or {}).get(name, {}) for one in (answer, judged))
    drawn = []
    for part, line in lines:
        if part is None:
            drawn.append(line)
            continue
        said: dict[str, Any] = {}
        if key is not None and (reveal == Reveal.ALL or part in marked):
            right = key[name].get(part, [])
            right = [right] if isinstance(right, str) else right
            verdict = Verdict.UNSAID if judged is None else Verdict.MISSED
            if part in marked:
                verdict = Verdict.RIGHT if marked[part] in right else Verdict.WRONG
            said = {"verdict": verdict, "feedback": key["feedback"].get(part, "")}
            if reveal == Reveal.ALL and (verdict != Verdict.RIGHT or len(right) > 1):
                said["answer"] = either(right)
        target = given.get(part)
        at = targets.index(target) if target in targets else None
        drawn.append(replace(line, chosen=part in given, selected=at, **said))
    return drawn


def verdict_of(score: Decimal) -> str:
    """What is said of a whole answer with this score."""
    if score == ONE:
        return Verdict.RIGHT
    return Verdict.PARTLY if score > ZERO else Verdict.WRONG


def no_answer() -> str:
    """What `describe` says of a blank answer."""
    return _("No answer.")


def shortened(text: str, width: int = 120) -> str:
    return textwrap.shorten(text, width, placeholder="…")


def tally_code(code: str) -> str:
    """The code itself, or, past 80 characters, its start with a digest that tells it apart."""
    if len(code) <= MAX_TALLY:
        return code
    digest = hashlib.sha256(code.encode()).hexdigest()[:12]
    return f"{code[: MAX_TALLY - 13]}~{digest}"
