"""The rules of a delivery: which terms hold for a learner, and when answers may be seen."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Max

from .models import Delivery, DeliveryException, Quiz
from .models.deliveries import LatePolicy, Release

if TYPE_CHECKING:
    from lessons.accounts.models import User

T = TypeVar("T")

Withholder = Callable[["User", Collection[Quiz], Delivery], set[int]]
withholders: list[Withholder] = []
"""Rules of higher apps: of which quizzes what is right is kept from a learner in a delivery."""


def withholds(function: Withholder) -> Withholder:
    """Register such a rule; it answers with primary keys of quizzes."""
    if function not in withholders:
        withholders.append(function)
    return function


def withheld_among(learner: "User", quizzes: Collection[Quiz], delivery: Delivery) -> set[int]:
    """Of which of these quizzes another delivery, not released yet, keeps the key from a learner.

    Primary keys; asked of all at once, so that a list costs what one quiz does.
    """
    if not quizzes or delivery.is_preview or learner.is_guest:
        return set()
    return {pk for rule in withholders for pk in rule(learner, quizzes, delivery)}


def is_withheld(learner: "User", quiz: Quiz, delivery: Delivery) -> bool:
    return quiz.pk in withheld_among(learner, [quiz], delivery)


def last_due_of(delivery: Delivery) -> datetime | None:
    """The latest due date of anybody in the delivery, exceptions included."""
    extended = delivery.exceptions.aggregate(latest=Max("due_at"))["latest"]
    return latest_due(delivery.due_at, extended)


def latest_due(due_at: datetime | None, extended: datetime | None) -> datetime | None:
    """The later of everybody's due date and the latest extension.

    None without a date for everybody: one learner's own date says nothing about the others.
    """
    return max(due_at, extended or due_at) if due_at else None


@dataclass(frozen=True)
class ResolvedTerms:
    opens_at: datetime | None
    due_at: datetime | None
    closes_at: datetime | None
    attempts_allowed: int | None
    time_limit: timedelta | None

    def is_open(self, moment: datetime) -> bool:
        return (self.opens_at is None or moment >= self.opens_at) and (
            self.closes_at is None or moment < self.closes_at
        )

    def deadline(self, started_at: datetime) -> datetime | None:
        """When an attempt begun at `started_at` ends: its time limit or the close, the earlier."""
        limits = [self.closes_at]
        if self.time_limit is not None:
            limits.append(started_at + self.time_limit)
        return min((limit for limit in limits if limit is not None), default=None)


def _first(*values: T | None) -> T | None:
    return next((value for value in values if value is not None), None)


def resolve_terms(
    delivery: Delivery, quiz: Quiz | None, exception: DeliveryException | None = None
) -> ResolvedTerms:
    """The learner's exception over the delivery over the quiz's own defaults, field by field.

    A delivery's time limit and attempts are about what is handed in: practice keeps its own.
    """
    practice = quiz is not None and quiz.purpose == Quiz.Purpose.PRACTICE
    seconds = _first(
        exception.time_limit_seconds if exception and not practice else None,
        delivery.time_limit_seconds if not practice else None,
        quiz.time_limit_seconds if quiz else None,
    )
    multiplier = exception.time_multiplier if exception else None
    if seconds and multiplier:
        seconds = int(Decimal(seconds) * multiplier)
    due_at = _first(exception.due_at if exception else None, delivery.due_at)
    closes_at = _first(exception.closes_at if exception else None, delivery.closes_at)
    if delivery.late_policy == LatePolicy.REFUSED and due_at is not None:
        closes_at = min(due_at, closes_at) if closes_at else due_at
    return ResolvedTerms(
        opens_at=_first(exception.opens_at if exception else None, delivery.opens_at),
        due_at=due_at,
        closes_at=closes_at,
        attempts_allowed=_first(
            exception.attempts_allowed if exception and not practice else None,
            delivery.attempts_allowed if not practice else None,
            quiz.attempts_allowed if quiz else None,
        ),
        time_limit=timedelta(seconds=seconds) if seconds else None,
    )


DAY = timedelta(days=1)


def days_late(submitted_at: datetime, due_at: datetime | None) -> int:
    """How many days were begun after the due date: 1 from just after it for 24 hours, then 2, …

    0 in time, without a due date, or within the grace for an answer on its way.
    """
    if due_at is None or submitted_at <= due_at + timedelta(seconds=Delivery.GRACE_SECONDS):
        return 0
    return -((due_at - submitted_at) // DAY)


def late_share(delivery: Delivery, *, submitted_at: datetime, due_at: datetime | None) -> Decimal:
    """The share (0 to 1) that the delivery's late policy takes off what is handed in then.

    `due_at` is the learner's own (`resolve_terms`). Days begun late × the share of a day, never
    more than all of it. Computed whenever it is asked for, so that an extension given later, or
    another policy, counts at once.
    """
    days = days_late(submitted_at, due_at)
    return share_off(delivery.late_policy, delivery.late_per_day, days)


def share_off(policy: str, per_day: Decimal, days: int) -> Decimal:
    """The share (0 to 1) that a late policy takes off for so many days begun late."""
    if policy != LatePolicy.PER_DAY:
        return Decimal(0)
    return min(Decimal(1), days * per_day)


def answers_released(
    delivery: Delivery, *, submitted: bool, last_due: datetime | None, moment: datetime
) -> bool:
    """Whether the delivery's release rule lets a learner see what is right.

    `last_due` is the latest due date of anybody in the delivery, exceptions included. A
    practice item counts as submitted once it is checked.
    """
    if not submitted:
        return False
    if delivery.release == Release.BY_HAND:
        return delivery.released_at is not None and moment >= delivery.released_at
    if delivery.release == Release.AFTER_DUE:
        return last_due is not None and moment >= last_due
    return True
