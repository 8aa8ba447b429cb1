"""Which deliveries still keep what is right from a learner."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Max
from django.utils import timezone

from lessons.accounts.models import User
from lessons.quizzes.models import Attempt, Delivery, DeliveryException, Quiz
from lessons.quizzes.models.deliveries import Release
from lessons.quizzes.terms import answers_released, latest_due, resolve_terms


def withheld_quizzes(
    learner: User, given: Collection[tuple[Quiz, Delivery]], *, moment: datetime | None = None
) -> set[int]:
    """The quizzes, by primary key, whose delivery has not released them to this learner.

    `given` holds a pair for each delivery of each quiz. Work that was not handed in and can no
    longer be is released like work that was. Three queries, however many pairs there are.
    """
    moment = moment or timezone.now()
    deliveries = {delivery.pk for _quiz, delivery in given}
    exceptions = DeliveryException.objects.filter(delivery__in=deliveries)
    extended = dict(exceptions.values_list("delivery").annotate(Max("due_at")))
    own = {row.delivery_id: row for row in exceptions.filter(learner=learner)}
    handed_in = set(
        Attempt.objects.filter(
            delivery__in=deliveries,
            learner=learner,
            submitted_at__isnull=False,
            voided_at__isnull=True,
        ).values_list("quiz_id", "delivery_id")
    )

    def is_withheld(quiz: Quiz, delivery: Delivery) -> bool:
        over = True
        if delivery.release in (Release.AT_ONCE, Release.AFTER_SUBMIT):
            closes_at = resolve_terms(delivery, quiz, own.get(delivery.pk)).closes_at
            is_closed = closes_at is not None and moment >= closes_at
            over = is_closed or (quiz.pk, delivery.pk) in handed_in
        last_due = latest_due(delivery.due_at, extended.get(delivery.pk))
        return not answers_released(delivery, submitted=over, last_due=last_due, moment=moment)

    return {quiz.pk for quiz, delivery in given if is_withheld(quiz, delivery)}
