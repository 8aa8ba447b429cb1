"""What a bank in GIFT says, as plain values: the tree that `parser` reads and `writer` writes.

GIFT is Moodle's text format for questions. Texts here are as their author meant them, without
escapes; weights are percentages (100 for right). Nothing here knows of Django or of our kinds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

BLANKS = " \t\n"
"""What stands around texts without belonging to them."""
FORMATS = ("moodle", "html", "markdown", "plain")
RIGHT = Decimal(100)
WRONG = Decimal(0)


class Trouble(StrEnum):
    """Why a part of a bank cannot be understood, or what is odd about one that can."""

    UNCLOSED = "unclosed"
    STRAY_BRACE = "stray brace"
    NESTED_BRACE = "nested brace"
    TWO_SECTIONS = "two sections"
    NO_NUMBER = "no number"
    NO_PAIR = "no pair"
    NO_ANSWER = "no answer"
    TOO_MANY_ANSWERS = "too many answers"
    EMPTY = "empty"
    # These are understood all the same.
    BLANK_LINE_INSIDE = "blank line inside"
    NO_BLANK_LINE = "no blank line"
    OPEN_TITLE = "open title"
    NO_SIGN = "no sign"
    ODD_WEIGHT = "odd weight"
    SIGN_INSIDE = "sign inside"
    CODE = "code"


@dataclass(frozen=True)
class Words:
    """A text and the format it is written in, one of FORMATS."""

    text: str
    format: str = "moodle"


@dataclass(frozen=True)
class Answer:
    """One answer of a choice (`=` or `~`), a short or a numerical question."""

    text: Words
    weight: Decimal = RIGHT
    feedback: Words | None = None
    right: bool = True
    """Written with `=`."""


@dataclass(frozen=True)
class Choices:
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class TrueFalse:
    value: bool
    if_wrong: Words | None = None
    if_right: Words | None = None


@dataclass(frozen=True)
class Short:
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Numerical:
    """Answers whose texts are numbers as written: `3`, `3:0.5` (tolerance) or `1..5`."""

    answers: tuple[Answer, ...]
    otherwise: Words | None = None


@dataclass(frozen=True)
class Pair:
    """`item` is None for a target that nothing belongs to."""

    item: Words | None
    target: str


@dataclass(frozen=True)
class Matching:
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class Essay:
    pass


@dataclass(frozen=True)
class Description:
    """A text without a question."""


Body = Choices | TrueFalse | Short | Numerical | Matching | Essay | Description


@dataclass(frozen=True)
class Place:
    """Where a part of a bank stands; equality of what was read does not ask for it."""

    line: int
    source: str


NOWHERE = Place(0, "")


@dataclass(frozen=True)
class GiftQuestion:
    stem: Words
    body: Body
    after: str = ""
    """What follows the answers (the missing word stands between the stem and this)."""
    title: str = ""
    id: str = ""
    tags: tuple[str, ...] = ()
    feedback: Words | None = None
    """For everyone, whatever was answered."""
    category: str = field(default="", compare=False)
    place: Place = field(default=NOWHERE, compare=False)
    oddities: tuple[Trouble, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Broken:
    """A part that is no question; reading goes on after the next blank line."""

    trouble: Trouble
    place: Place
    category: str = ""


@dataclass(frozen=True)
class Comment:
    line: int
    text: str


@dataclass(frozen=True)
class Category:
    line: int
    path: str


Part = GiftQuestion | Broken | Comment | Category


@dataclass(frozen=True)
class Bank:
    parts: tuple[Part, ...]

    @property
    def questions(self) -> Iterator[GiftQuestion]:
        return (part for part in self.parts if isinstance(part, GiftQuestion))

    @property
    def broken(self) -> Iterator[Broken]:
        return (part for part in self.parts if isinstance(part, Broken))

    @property
    def comments(self) -> Iterator[Comment]:
        return (part for part in self.parts if isinstance(part, Comment))

    @property
    def categories(self) -> Iterator[Category]:
        return (part for part in self.parts if isinstance(part, Category))
