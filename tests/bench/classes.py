"""How long dashboards take, in small and large classes: python -m tests.bench.classes

Needs a prepared database (`manage.py demo --prepare-only`) in DATA_DIR. Prints one JSON list of
[what, milliseconds]. Whether pages grow with the work of other classes is asked by growth.py.
"""

import json
import random
import statistics
import sys
import time
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.conf import settings
from django.db import connection, models, transaction
from django.test import Client
from django.utils import timezone

from lessons.accounts.models import User
from lessons.classrooms.models import Assignment, Classroom, Membership
from lessons.core.models import ContentVersion
from lessons.guided.models import Lesson, Progress, Step
from lessons.quizzes.kinds import kind_of
from lessons.quizzes.models import (
    Attempt,
    AttemptItem,
    Delivery,
    Mark,
    MarkingKey,
    QuestionRevision,
    Response,
)
from lessons.quizzes.revisions import kept_revisions

LESSON = "the-letter-and-the-middle-position"
ROUNDS = 15
BATCH = 2_000

M = TypeVar("M", bound=models.Model)


class Material:
    """The steps and questions of a lesson, with a few answers to each question."""

    def __init__(self, slug: str = LESSON) -> None:
        from lessons.classrooms.demo import wrong_answers

        self.lesson = Lesson.objects.get(slug=slug)
        self.steps = list(Step.objects.filter(lesson=self.lesson).select_related("quiz"))
        version = ContentVersion.current()
        self.asked: dict[int, list[QuestionRevision]] = {}
        self.keys: dict[int, MarkingKey] = {}
        self.answers: dict[int, list[tuple[Any, Decimal | None]]] = {}
        for step in self.steps:
            if step.quiz is None:
                continue
            self.asked[step.pk] = kept_revisions(step.quiz, version)
            for revision in self.asked[step.pk]:
                key = MarkingKey.objects.filter(revision=revision).latest("version")
                self.keys[revision.pk] = key
                if revision.content["kind"] == "open":
                    self.answers[revision.pk] = [({"text": "He speaks for himself."}, None)]
                    continue
                wrong = list(wrong_answers(revision.content, key.content))[:3]
                right = kind_of(revision.content["kind"]).perfect_answers(key.content)[0]
                self.answers[revision.pk] = [
                    *[(right, Decimal(1))] * 4,
                    *[(answer, Decimal(0)) for answer in wrong],
                ]

    @property
    def answers_each(self) -> int:
        """Answers of one learner who has done everything."""
        return sum(len(asked) for asked in self.asked.values())


def stored(rows: Iterable[M]) -> list[M]:
    rows = list(rows)
    return type(rows[0])._default_manager.bulk_create(rows, batch_size=BATCH) if rows else []


def make_classes(
    material: Material,
    *,
    count: int = 1,
    learners: int = 30,
    begun: float = 0.9,
    name: str = "Bench",
    moment: datetime | None = None,
    seed: int = 7,
) -> list[Assignment]:
    """Classes with one assignment each, at which most of their learners have worked."""
    chance = random.Random(seed)
    moment = moment or timezone.now()
    tag = uuid.uuid4().hex[:8]
    rooms = stored(Classroom(name=f"{name} {n}") for n in range(count))
    deliveries = stored(
        Delivery(key=f"b-{tag}-{n}", kind=Delivery.Kind.ASSIGNED, gating="soft")
        for n in range(count)
    )
    assignments = stored(
        Assignment(
            classroom=room,
            delivery=delivery,
            lesson=material.lesson,
            title=material.lesson.title,
            position=1,
        )
        for room, delivery in zip(rooms, deliveries, strict=True)
    )
    users = stored(
        User(username=f"b-{tag}-{n}", display_name=f"Learner {n}") for n in range(count * learners)
    )
    stored(
        Membership(classroom=rooms[n // learners], user=user, role=Membership.Role.STUDENT)
        for n, user in enumerate(users)
    )
    work = [
        (deliveries[n // learners], user)
        for n, user in enumerate(users)
        if chance.random() < begun or n == 0
    ]
    _progress(material, work, chance, moment)
    _answers(material, work, chance, moment)
    return assignments


def _progress(
    material: Material, work: list[tuple[Delivery, User]], chance: random.Random, moment: datetime
) -> None:
    def rows() -> Iterator[Progress]:
        for delivery, user in work:
            at = moment - timedelta(minutes=chance.randint(1, 90))
            for step in material.steps:
                yield Progress(
                    delivery=delivery,
                    learner=user,
                    step=step,
                    opened_at=at,
                    touched_at=at,
                    completed_at=at,
                    active_seconds=chance.randint(20, 400),
                )

    stored(rows())


def _answers(
    material: Material, work: list[tuple[Delivery, User]], chance: random.Random, moment: datetime
) -> None:
    attempts = stored(
        Attempt(
            delivery=delivery,
            quiz=step.quiz,
            learner=user,
            number=1,
            started_at=moment,
            submitted_at=moment,
        )
        for delivery, user in work
        for step in material.steps
        if step.pk in material.asked
    )
    quizzes = {step.quiz_id: material.asked[step.pk] for step in material.steps if step.quiz_id}
    items = stored(
        AttemptItem(
            attempt=attempt,
            position=position,
            question_id=revision.question_id,
            revision=revision,
            seed=1,
            closed_at=moment,
        )
        for attempt in attempts
        for position, revision in enumerate(quizzes[attempt.quiz_id], start=1)
    )
    given = [chance.choice(material.answers[item.revision_id]) for item in items]
    responses = stored(
        Response(
            item=item,
            version=1,
            client_uuid=uuid.UUID(int=chance.getrandbits(128), version=4),
            answer=answer,
            confidence=chance.choice(["guess", "think", "sure"]),
            created_at=moment,
        )
        for item, (answer, _score) in zip(items, given, strict=True)
    )
    marked = [
        (item, response, score)
        for item, response, (_answer, score) in zip(items, responses, given, strict=True)
        if score is not None
    ]
    marks = stored(
        Mark(
            response=response,
            marking_key=material.keys[item.revision_id],
            score=score,
            by=Mark.By.MACHINE,
            created_at=moment,
        )
        for item, response, score in marked
    )
    # One statement for all: the response of an item, and the mark of the response.
    low, high = (items[0].pk, items[-1].pk) if items else (0, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE quizzes_attemptitem SET response_id = (SELECT r.id FROM quizzes_response r"
            " WHERE r.item_id = quizzes_attemptitem.id) WHERE id BETWEEN %s AND %s",
            [low, high],
        )
        if marks:
            cursor.execute(
                "UPDATE quizzes_attemptitem SET (mark_id, score) = (SELECT m.id, m.score"
                " FROM quizzes_mark m WHERE m.response_id = quizzes_attemptitem.response_id)"
                " WHERE id BETWEEN %s AND %s",
                [low, high],
            )


def fill(material: Material, responses: int) -> None:
    """Other classes, until there are about so many answers in the database."""
    each = 30 * 0.9 * material.answers_each
    missing = responses - Response.objects.count()
    while missing > 0:
        with transaction.atomic():
            make_classes(
                material, count=max(1, min(60, round(missing / each))), name="Others", seed=missing
            )
        missing = responses - Response.objects.count()
    count_up()


def count_up() -> None:
    """What PostgreSQL does by itself some minutes after many writes."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def client_for(assignments: Iterable[Assignment]) -> Client:
    """The browser of an instructor of all these classes."""
    user = User.objects.create(username=f"b-{uuid.uuid4().hex[:8]}", is_instructor=True)
    for assignment in assignments:
        Membership.objects.create(
            classroom_id=assignment.classroom_id, user=user, role=Membership.Role.INSTRUCTOR
        )
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def took(client: Client, path: str, **headers: str) -> float:
    """Milliseconds of a whole request, the median of some, warmed up."""
    found = []
    for _round in range(ROUNDS + 2):
        start = time.perf_counter()
        response = client.get(path, headers=headers)
        found.append(1000 * (time.perf_counter() - start))
        if response.status_code not in {200, 204}:
            raise SystemExit(f"{path}: {response.status_code}")
    return statistics.median(found[2:])


def token_of(client: Client, path: str) -> str:
    page = client.get(path).content.decode()
    return page.split("token=")[1].split('"')[0]


def paths_of(assignment: Assignment) -> dict[str, str]:
    base = f"/classes/{assignment.classroom_id}/"
    given = f"{base}assignments/{assignment.pk}/"
    return {
        "dashboard": given,
        "overview": base,
        "item analysis": f"{given}items/",
        "gradebook": f"{base}gradebook/",
        "marking queue": f"{base}marking/",
    }


def main() -> None:
    material = Material()
    (small,) = make_classes(material, learners=30)
    count_up()
    rows: list[tuple[str, float]] = []
    client = client_for([small])
    for what, path in paths_of(small).items():
        rows.append((f"30 learners, {what}", took(client, path)))
    path = paths_of(small)["dashboard"]
    poll = f"{path}?token={token_of(client, path)}"
    rows.append(("30 learners, asked again while nothing changed", took(client, poll, **HTMX)))
    (large,) = make_classes(material, learners=3_000)
    count_up()
    client = client_for([large])
    for what, path in paths_of(large).items():
        rows.append((f"3,000 learners, {what}", took(client, path)))
        print(rows[-1], file=sys.stderr)
    path = paths_of(large)["dashboard"]
    poll = f"{path}?token={token_of(client, path)}"
    rows.append(("3,000 learners, asked again while nothing changed", took(client, poll, **HTMX)))
    print(json.dumps(rows))


HTMX = {"HX-Request": "true"}

if __name__ == "__main__":
    main()
