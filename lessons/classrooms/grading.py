"""From what was handed in to a grade, and from grades to a total. Pure; nothing here is rounded.

A grade is a fraction from 0 to 1: points earned, less what lateness takes off, over points asked.

What counts in an assignment: its graded quizzes and its written answers, by the latest attempt that
was handed in. Practice that a machine marks tells its learner what is right, so it
counts only where an assignment holds nothing else, and then by first answers. A learner's own view
of a written answer is no mark. A grade counts in the total once all of it is handed in and marked,
or the assignment is closed for this learner, where what is missing is worth nothing; before that
the cell stays open. An excuse takes the assignment out of the total, whatever else was done in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum

from lessons.quizzes.models import Delivery
from lessons.quizzes.terms import ResolvedTerms, days_late, share_off

ZERO = Decimal(0)
ONE = Decimal(1)


class Count(Enum):
    """By which answers a quiz counts."""

    LATEST = "latest"
    """Every question, in the latest attempt that was handed in."""
    WRITTEN = "written"
    """Its written answers, in the latest attempt that was handed in, or in the open one."""
    FIRST = "first"
    """Every question, by first answers."""


@dataclass(frozen=True)
class Part:
    """A quiz of an assignment, as far as it counts."""

    quiz: int
    title: str
    count: Count
    points: Decimal
    """What its counted questions are worth as they stand now."""


@dataclass(frozen=True, slots=True)
class Work:
    """A learner's counted answers in one attempt. Points are sums over its counted questions."""

    attempt: int
    number: int
    handed_in: datetime | None
    """When: None while it is not. (Of practice: when the last counted answer was given.)"""
    points: Decimal
    earned: Decimal
    marked: Decimal
    """The points of those that are marked."""
    items: int
    answered: int
    waiting: int
    """Answers that no one has marked yet."""


class State(Enum):
    NOT_GIVEN = "not-given"
    """It is not for this student."""
    UNGRADED = "ungraded"
    """Nothing in it is graded."""
    EXCUSED = "excused"
    BY_HAND = "by-hand"
    """An instructor set the grade."""
    MARKED = "marked"
    WAITING = "waiting"
    """Handed in; some of it is to be marked by a person."""
    BEGUN = "begun"
    NOT_BEGUN = "not-begun"
    MISSING = "missing"
    """Past due, not closed, and not complete."""
    NOTHING = "nothing"
    """Closed, and nothing was handed in: worth 0."""


@dataclass(frozen=True, slots=True)
class Line:
    """How one part of a grade comes about."""

    part: Part
    work: Work | None
    days: int
    off: Decimal
    """The share taken off for lateness."""
    points: Decimal
    """What the part is worth in this grade; 0 while it is still to come."""
    earned: Decimal
    """After lateness."""
    waiting: int
    is_pending: bool
    """Still to be handed in."""

    @property
    def taken(self) -> Decimal:
        """Points that lateness took off."""
        return self.work.earned * self.off if self.work is not None else ZERO


@dataclass(frozen=True, slots=True)
class Cell:
    """One student's grade for one assignment."""

    state: State
    score: Decimal | None = None
    """A fraction; None while there is no grade."""
    earned: Decimal = ZERO
    """Points so far, after lateness."""
    points: Decimal = ZERO
    """Points of what is marked so far; of all of it once the grade is there."""
    days: int = 0
    """The most days begun late of any part."""
    taken: Decimal = ZERO
    """Points that lateness took off."""
    waiting: int = 0
    computed: Decimal | None = None
    """Under a grade set by hand or an excuse: what would stand there."""


NOT_GIVEN = Cell(State.NOT_GIVEN)


@dataclass(frozen=True)
class Rules:
    """What one learner's grade in one assignment goes by."""

    terms: ResolvedTerms
    late_policy: str
    late_per_day: Decimal

    def is_closed(self, moment: datetime) -> bool:
        """Past its close and the grace for an answer on its way."""
        closes = self.terms.closes_at
        return closes is not None and moment > closes + timedelta(seconds=Delivery.GRACE_SECONDS)

    def is_past_due(self, moment: datetime) -> bool:
        return days_late(moment, self.terms.due_at) > 0


def lines_of(
    parts: Iterable[Part], works: Mapping[int, Work], rules: Rules, moment: datetime
) -> list[Line]:
    """The parts of a grade, in order. `works` holds, by quiz, the attempt that counts."""
    closed = rules.is_closed(moment)
    lines = []
    for part in parts:
        work = works.get(part.quiz)
        days, off, points, earned = 0, ZERO, ZERO, ZERO
        is_complete = work is not None and work.handed_in is not None
        if work is not None and part.count is not Count.LATEST:
            is_complete = work.answered == work.items
        shown = is_complete or (work is not None and part.count is not Count.LATEST)
        if work is not None and shown:
            if work.handed_in is not None:
                days = days_late(work.handed_in, rules.terms.due_at)
                off = share_off(rules.late_policy, rules.late_per_day, days)
            earned = work.earned * (ONE - off)
            is_whole = (is_complete or closed) and not work.waiting
            points = work.points if is_whole else work.marked
        elif closed:
            points = work.points if work is not None else part.points
        lines.append(
            Line(
                part=part,
                work=work,
                days=days,
                off=off,
                points=points,
                earned=earned,
                waiting=work.waiting if work is not None and shown else 0,
                is_pending=not (is_complete or closed),
            )
        )
    return lines


def grade(lines: Sequence[Line], rules: Rules, moment: datetime) -> Cell:
    """The computed grade: without overrides and excuses."""
    if not any(line.part.points or line.points for line in lines):
        return Cell(State.UNGRADED)
    earned = sum((line.earned for line in lines), ZERO)
    points = sum((line.points for line in lines), ZERO)
    days = max(line.days for line in lines)
    taken = sum((line.taken for line in lines), ZERO)
    waiting = sum(line.waiting for line in lines)
    begun = any(line.work for line in lines)
    score = None
    if any(line.is_pending for line in lines):
        late = rules.is_past_due(moment)
        state = State.MISSING if late else State.BEGUN if begun else State.NOT_BEGUN
    elif waiting:
        state = State.WAITING
    else:
        state = State.MARKED if begun else State.NOTHING
        score = earned / points if points else ZERO
    return Cell(state, score, earned, points, days, taken, waiting, computed=score)


def settle(computed: Cell, *, by_hand: Decimal | None, is_excused: bool) -> Cell:
    """The grade that stands: an excuse over a grade set by hand over the computed one."""
    if is_excused:
        score = computed.score if by_hand is None else by_hand
        return replace(computed, state=State.EXCUSED, score=None, computed=score)
    if by_hand is not None:
        return replace(computed, state=State.BY_HAND, score=by_hand)
    return computed


@dataclass(frozen=True, slots=True)
class Total:
    score: Decimal | None
    """The weighted mean of the grades that count; None where none does."""
    counted: int
    of: int
    """How many assignments are for this student and weigh anything."""


def total(cells: Iterable[tuple[Cell, Decimal]]) -> Total:
    """Σ weight × grade / Σ weight over the cells that count; a weight of 0 takes one out."""
    weighted = weights = ZERO
    counted = of = 0
    for cell, weight in cells:
        if not weight or cell.state in (State.NOT_GIVEN, State.UNGRADED):
            continue
        of += 1
        if cell.score is not None:
            weighted += weight * cell.score
            weights += weight
            counted += 1
    return Total(weighted / weights if weights else None, counted, of)


def mean(scores: Iterable[Decimal | None]) -> tuple[Decimal | None, int]:
    """The plain mean of the grades there are, and how many they are."""
    known = [score for score in scores if score is not None]
    return (sum(known, ZERO) / len(known) if known else None), len(known)
