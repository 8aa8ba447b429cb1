"""What late work costs. Pure: instants and fractions in, fractions out."""

from datetime import datetime, timedelta
from decimal import Decimal

from lessons.quizzes.models import Delivery
from lessons.quizzes.models.deliveries import LatePolicy

DAY = timedelta(days=1)


def days_late(handed_in: datetime, due_at: datetime | None) -> int:
    """How many days were begun after the due date: 1 from just after it for 24 hours, then 2, …

    0 in time, without a due date, or within the grace for an answer on its way.
    """
    if due_at is None or handed_in <= due_at + timedelta(seconds=Delivery.GRACE_SECONDS):
        return 0
    return -((due_at - handed_in) // DAY)


def share_off(policy: str, per_day: Decimal, days: int) -> Decimal:
    """The share (0 to 1) taken off what was earned: days begun late × the share of a day.

    Never more than all of it; 0 where the policy takes nothing off.
    """
    if policy != LatePolicy.PER_DAY:
        return Decimal(0)
    return min(Decimal(1), days * per_day)
