"""A class of many learners who have all handed in, made in few statements."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import OuterRef
from django.utils import timezone

from lessons.accounts.models import User
from lessons.classrooms.domain.assignments import give_out
from lessons.classrooms.domain.classes import create_class
from lessons.classrooms.models import Classroom, Membership
from lessons.core.models import ContentVersion
from lessons.guided.models import Lesson
from lessons.quizzes import domain
from lessons.quizzes.models import Attempt, AttemptItem, Mark, MarkingKey, Quiz, Response
from tests.many import let_postgresql_count

BATCH = 2000
ROUNDS = 5


def make_class(learners: int, assignments: int = 2) -> tuple[Classroom, User]:
    """A class of so many learners who have all handed in the closing quiz of each assignment: a
    lesson and that quiz alone in turn."""
    tag = uuid.uuid4().hex[:8]
    boss = User.objects.create(username=f"boss-{tag}", is_instructor=True)
    classroom = create_class(by=boss, name=f"Bench {tag}")
    users = User.objects.bulk_create(
        [User(username=f"learner-{tag}-{n}", display_name=f"Learner {n}") for n in range(learners)],
        batch_size=BATCH,
    )
    Membership.objects.bulk_create(
        [Membership(classroom=classroom, user=user, role="student") for user in users],
        batch_size=BATCH,
    )
    lesson = Lesson.objects.published().order_by("module__order", "order")[0]
    graded = Quiz.objects.get(steps__lesson=lesson, purpose="graded")
    for number in range(assignments):
        given = give_out(
            classroom=classroom,
            by=boss,
            what=lesson if number % 2 == 0 else graded,
            title=f"Assignment {number + 1}",
            terms={
                "due_at": timezone.now() - timedelta(days=1),
                "late_policy": "per-day",
                "late_per_day": Decimal("0.1"),
            },
        )
        _hand_in(given.delivery, graded, users)
    let_postgresql_count()
    return classroom, boss


def _hand_in(delivery: Any, quiz: Quiz, users: list[User]) -> None:
    """Every learner's attempt, right in every third answer, by bulk inserts."""
    pattern = domain.start_attempt(
        delivery=delivery,
        quiz=quiz,
        by=users[0],
        seed=1,
        version=ContentVersion.current(),
    )
    asked = list(pattern.items.order_by("position"))
    keys = {
        item.revision_id: MarkingKey.objects.filter(revision=item.revision_id).latest("version")
        for item in asked
    }
    AttemptItem.objects.filter(attempt=pattern).delete()
    pattern.delete()
    now = timezone.now()
    with transaction.atomic():
        attempts = Attempt.objects.bulk_create(
            [
                Attempt(delivery=delivery, quiz=quiz, learner=user, number=1, submitted_at=now)
                for user in users
            ],
            batch_size=BATCH,
        )
        items = AttemptItem.objects.bulk_create(
            [
                AttemptItem(
                    attempt=attempt,
                    position=item.position,
                    question_id=item.question_id,
                    revision_id=item.revision_id,
                    seed=1,
                    closed_at=now,
                )
                for attempt in attempts
                for item in asked
            ],
            batch_size=BATCH,
        )
        responses = Response.objects.bulk_create(
            [Response(item=item, version=1, client_uuid=uuid.uuid4(), answer={}) for item in items],
            batch_size=BATCH,
        )
        Mark.objects.bulk_create(
            [
                Mark(
                    response=response,
                    marking_key=keys[item.revision_id],
                    score=Decimal(n % 3 == 0),
                    by="machine",
                )
                for n, (item, response) in enumerate(zip(items, responses, strict=True))
            ],
            batch_size=BATCH,
        )
        let_postgresql_count()
        given = Response.objects.filter(item=OuterRef("pk"))
        marked = Mark.objects.filter(response__item=OuterRef("pk"))
        AttemptItem.objects.filter(attempt__delivery=delivery).update(
            response=given.values("pk"), mark=marked.values("pk"), score=marked.values("score")
        )
