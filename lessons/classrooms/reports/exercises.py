"""Where a class splits over the exercises on a reported talk: card by card, nobody by name.

Each card that asks for a reply, each segment, each statement and each line of a cable is one
*part*; what was answered to it first are its *readings*. A part divides a class by the share of
answers that are not the commonest one: 0 where all agree (the variation ratio of L. C. Freeman,
Elementary Applied Statistics, 1965, ch. 3). Beside the first answers stands a second vote, if the
teacher has counted hands.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from lessons.accounts.models import User
from lessons.classrooms.models import SecondVote
from lessons.core.markdown import to_words
from lessons.quizzes.kinds.base import shortened
from lessons.quizzes.kinds.cable import DOES
from lessons.quizzes.kinds.replies import NONE, target_label
from lessons.quizzes.kinds.voices import VOICES
from lessons.quizzes.models import AttemptItem, Question, Response
from lessons.quizzes.terms import answers_released, last_due_of, withheld_among

from .facts import Asked, Board, StepFact, asked, first_answers
from .wording import few, percent

KINDS = (*Question.EXERCISES, Question.Kind.WARRANT)
WHOLE = "choice"
"""The part of a question that has only one."""
LONGEST_LABEL = 90
"""Characters of a segment's words: enough to know it by."""
PROJECTED = 3
"""Splits to talk about in a period."""
ZERO = Decimal(0)


@dataclass(frozen=True)
class Reading:
    """One answer to a part."""

    code: str
    label: str
    count: int
    of: int
    accepted: bool | None
    """Whether the editor accepts it; None where nothing is right."""
    hands: int | None
    """In the second vote; None before it."""
    voted: int

    @property
    def percent(self) -> str:
        return percent(Decimal(self.count) / self.of) if self.of else "–"

    @property
    def width(self) -> int:
        return round(100 * self.count / self.of) if self.of else 0

    @property
    def hands_width(self) -> int:
        return round(100 * (self.hands or 0) / self.voted) if self.voted else 0

    @property
    def hands_percent(self) -> str:
        return percent(Decimal(self.hands or 0) / self.voted) if self.voted else "–"


@dataclass(frozen=True)
class Split:
    """One part of an exercise, as the class answered it."""

    asked: Asked
    part: str
    label: str
    quote: str
    place: str
    step: StepFact | None
    readings: tuple[Reading, ...]

    @property
    def key(self) -> str:
        """Names it in an address and in a form."""
        return f"{self.asked.question}-{self.part}"

    @property
    def answered(self) -> int:
        return sum(reading.count for reading in self.readings)

    @property
    def division(self) -> Decimal:
        """The share that did not give the commonest answer."""
        if not self.answered:
            return ZERO
        return 1 - Decimal(max(reading.count for reading in self.readings)) / self.answered

    @property
    def division_text(self) -> str:
        return percent(self.division)

    @property
    def voted(self) -> bool:
        return any(reading.hands is not None for reading in self.readings)

    @property
    def warning(self) -> str:
        return few(self.answered)

    @property
    def accepted(self) -> list[str]:
        """What the editor accepts, in words."""
        return [reading.label for reading in self.readings if reading.accepted]


@dataclass(frozen=True)
class _Part:
    key: str
    label: str
    quote: str
    place: str
    readings: Mapping[str, tuple[str, bool | None]]
    """Code → its words, and whether it is accepted."""
    shows_unchosen: bool = True


def splits_of(board: Board) -> list[Split]:
    """Every part that somebody answered, the most divided first (at most 4 queries)."""
    rows = list(
        first_answers(board, unscored=True)
        .filter(question__kind__in=KINDS, first__id__isnull=False)
        .values_list("revision_id", "attempt__quiz_id", "position", "first__answer")
    )
    if not rows:
        return []
    known = asked({row[0] for row in rows}, board.version)
    order = {step.quiz: at for at, step in enumerate(board.outline.steps) if step.quiz}
    counts: dict[int, dict[str, Counter[str]]] = {}
    faces: dict[int, tuple[Asked, int, tuple[int, int]]] = {}
    for revision, quiz, position, answer in rows:
        of = known[revision]
        place = (order.get(quiz, len(order) + 1), position)
        newest = faces.get(of.question)
        if newest is None or newest[0].pk < of.pk:
            faces[of.question] = (of, quiz, place)
        parts = counts.setdefault(of.question, {})
        for part, code in answers_in(of.kind, answer):
            parts.setdefault(part, Counter())[code] += 1
    hands = _hands(board, list(faces))
    found = [
        (split, place, number)
        for question, (of, quiz, place) in faces.items()
        for number, split in enumerate(
            _splits(of, counts[question], hands, board.outline.step_of_quiz.get(quiz))
        )
    ]
    found.sort(key=lambda one: (-one[0].division, one[1], one[2]))
    return [split for split, _place, _number in found]


def projected(splits: list[Split]) -> list[Split]:
    """The splits worth two minutes of talk: the most divided, of those that divide at all."""
    return [split for split in splits if split.division > ZERO][:PROJECTED]


FEWEST = 5
"""Answers below which students are not shown how their class answered: they could name who."""


@dataclass(frozen=True)
class OwnSplit:
    """A split as a student sees it who has answered: with what they said themselves."""

    split: Split
    own: str
    """Code of their own first answer; empty where they gave none."""

    @property
    def is_shown(self) -> bool:
        """Whether enough have answered that nobody stands out."""
        return self.split.answered >= FEWEST

    @property
    def differs(self) -> bool:
        """Whether the editor accepts something, and not what they said."""
        accepted = [one.code for one in self.split.readings if one.accepted]
        return bool(accepted) and self.own not in accepted


def own_splits(board: Board, learner: User) -> list[OwnSplit]:
    """How the class answered what the learner has finished and may be told of."""
    delivery = board.delivery
    items = list(
        AttemptItem.objects.filter(
            attempt__delivery=delivery.pk,
            attempt__learner=learner,
            attempt__voided_at=None,
            question__kind__in=KINDS,
            closed_at__isnull=False,
        )
        .select_related("attempt__quiz", "question")
        .prefetch_related(Prefetch("responses", Response.objects.filter(version=1)))
        .order_by("-attempt__number")
    )
    due = last_due_of(delivery)
    if not items or not answers_released(
        delivery, submitted=True, last_due=due, moment=board.moment
    ):
        return []
    withheld = withheld_among(learner, [item.attempt.quiz for item in items], delivery)
    own: dict[int, dict[str, str]] = {}
    for item in items:  # the first attempt is the last that is read, and stays
        if item.attempt.quiz_id not in withheld:
            first = next(iter(item.responses.all()), None)
            said = answers_in(item.question.kind, first.answer) if first else ()
            own[item.question_id] = dict(said)
    return [
        OwnSplit(split, own[split.asked.question].get(split.part, ""))
        for split in splits_of(board)
        if split.asked.question in own
    ]


def answers_in(kind: str, answer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(part, code of the reading) for each part of an answer that was answered."""
    match kind:
        case Question.Kind.REPLIES:
            yield from answer.get("replies", {}).items()
        case Question.Kind.VOICES:
            yield from answer.get("voices", {}).items()
        case Question.Kind.CABLE:
            for part, line in answer.get("lines", {}).items():
                if line.get("does"):
                    yield part, line["does"]
        case _:
            if answer.get("choice"):
                yield WHOLE, answer["choice"]


def _splits(
    of: Asked,
    counts: Mapping[str, Counter[str]],
    hands: Mapping[tuple[int, str], Mapping[str, int]],
    step: StepFact | None,
) -> Iterator[Split]:
    for part in _parts(of):
        count = counts.get(part.key, Counter())
        total = sum(count[code] for code in part.readings)
        if not total:
            continue
        voted = hands.get((of.question, part.key))
        readings = tuple(
            Reading(
                code=code,
                label=label,
                count=count[code],
                of=total,
                accepted=accepted,
                hands=None if voted is None else voted.get(code, 0),
                voted=sum(voted.values()) if voted else 0,
            )
            for code, (label, accepted) in part.readings.items()
            if part.shows_unchosen or count[code] or accepted or (voted and voted.get(code))
        )
        ordered = tuple(sorted(readings, key=lambda reading: -reading.count))
        yield Split(of, part.key, part.label, part.quote, part.place, step, ordered)


def _parts(of: Asked) -> Iterator[_Part]:
    face, key = of.face, of.key
    match of.kind:
        case Question.Kind.REPLIES:
            targets = [NONE, *(passage["key"] for passage in face["passages"])]
            for card in face["cards"]:
                if card["asks"]:
                    right = key["replies"].get(card["key"], [])
                    said = {t: (target_label(dict(face), t), t in right) for t in targets}
                    yield _Part(
                        *(card["key"], to_words(card["label"]), card["quote"], card["place"]),
                        said,
                        shows_unchosen=False,
                    )
        case Question.Kind.VOICES:
            place = face["about"]["passage"] if face["about"] else ""
            for part in face["segments"]:
                right = key["voices"].get(part["key"], [])
                said = {code: (str(label), code in right) for code, label in VOICES.items()}
                words = f"“{shortened(part['label'], LONGEST_LABEL)}”"
                yield _Part(part["key"], words, "", place, said, shows_unchosen=False)
        case Question.Kind.CABLE:
            for card in face["cards"]:
                done = {code: (str(label), None) for code, label in DOES.items()}
                yield _Part(
                    card["key"], to_words(card["label"]), card["quote"], card["place"], done
                )
        case _:
            about = face["about"] or {"quote": "", "passage": ""}
            right = key["right"]
            options = {
                option["key"]: (
                    to_words(option["label"]),
                    option["key"] in right if right else None,
                )
                for option in face["options"]
            }
            yield _Part(WHOLE, of.prompt, about["quote"], about["passage"], options)


def _hands(board: Board, questions: list[int]) -> dict[tuple[int, str], dict[str, int]]:
    found: dict[tuple[int, str], dict[str, int]] = {}
    votes = SecondVote.objects.filter(assignment=board.assignment.pk, question__in=questions)
    for question, part, reading, hands in votes.values_list(
        "question_id", "part", "reading", "hands"
    ):
        found.setdefault((question, part), {})[reading] = hands
    return found
