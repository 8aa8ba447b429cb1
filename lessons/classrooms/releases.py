"""Whether a delivery still keeps what is right from a learner."""

from datetime import datetime

from django.utils import timezone

from lessons.accounts.models import User
from lessons.quizzes.models import Attempt, Delivery, Quiz
from lessons.quizzes.models.deliveries import Release
from lessons.quizzes.terms import answers_released, last_due_of, resolve_terms


def still_withholds(
    delivery: Delivery, quiz: Quiz, learner: User, *, moment: datetime | None = None
) -> bool:
    """Whether this delivery has not released the quiz's answers to this learner.

    Work that was not handed in and can no longer be is released like work that was.
    """
    moment = moment or timezone.now()
    due = last_due_of(delivery) if delivery.release == Release.AFTER_DUE else None
    over = True
    if delivery.release in (Release.AT_ONCE, Release.AFTER_SUBMIT):
        exception = delivery.exceptions.filter(learner=learner).first()
        closes_at = resolve_terms(delivery, quiz, exception).closes_at
        over = (closes_at is not None and moment >= closes_at) or Attempt.objects.filter(
            delivery=delivery, quiz=quiz, learner=learner, submitted_at__isnull=False
        ).exists()
    return not answers_released(delivery, submitted=over, last_due=due, moment=moment)
