"""What the pages of work that was given out say of it: whose it is, until when, and how late."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from lessons.core.rendered import rendered
from lessons.quizzes.models import Delivery, DeliveryException, Quiz
from lessons.quizzes.models.deliveries import LatePolicy
from lessons.quizzes.terms import ResolvedTerms, days_late, late_share, resolve_terms

if TYPE_CHECKING:
    from lessons.quizzes.sittings import Sitting


@dataclass(frozen=True)
class Given:
    """How a higher app presents its delivery to one reader."""

    title: str = ""
    giver: str = ""
    """Who gave it out: a class's name."""
    address: str = ""
    """The page about the whole of it."""
    answers_address: str = ""
    """Where a learner sees how the others answered its exercises; empty where nobody does."""
    zone: tzinfo = UTC
    is_learner: bool = True
    exception: DeliveryException | None = field(default=None, compare=False)

    def terms(self, delivery: Delivery, quiz: Quiz | None = None) -> ResolvedTerms:
        return resolve_terms(delivery, quiz, self.exception)


NOBODYS = Given()
"""Of self-study and preview."""


@dataclass(frozen=True)
class Late:
    """How late something is handed in, or would be now."""

    days: int
    share: Decimal
    """What is taken off, 0 to 1."""

    @property
    def percent(self) -> Decimal:
        return self.share * 100

    @property
    def kept(self) -> Decimal:
        return 1 - self.share


def lateness(delivery: Delivery, terms: ResolvedTerms, sitting: "Sitting") -> Late | None:
    """Of a sitting's attempt, or as it would be if handed in at this moment; None in time."""
    attempt = sitting.attempt
    at = sitting.moment
    if attempt is not None:
        at = attempt.submitted_at or (min(at, attempt.deadline) if attempt.deadline else at)
    days = days_late(at, terms.due_at)
    if not days:
        return None
    return Late(days, late_share(delivery, submitted_at=at, due_at=terms.due_at))


def draw_banner(
    given: Given, delivery: Delivery, version: int, *, moment: datetime | None = None
) -> SafeString:
    """The line above work that was given out; empty for self-study. Equal ones are drawn once."""
    if not given.title:
        return SafeString()
    moment = moment or timezone.now()
    terms = given.terms(delivery)
    context = {
        "given": given,
        "due_at": terms.due_at,
        "closes_at": terms.closes_at,
        "is_closed": terms.closes_at is not None and moment >= terms.closes_at,
        "is_late": days_late(moment, terms.due_at) > 0,
        "per_day": delivery.late_per_day * 100
        if delivery.late_policy == LatePolicy.PER_DAY
        else None,
    }
    parts = ("banner", given, *(value for name, value in context.items() if name != "given"))
    return rendered(parts, version, lambda: render_to_string("guided/_banner.html", context))
