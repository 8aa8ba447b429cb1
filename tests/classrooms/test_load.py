"""Invented classes by the thousand: as the domain would have written them, on both databases."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, F, Max, OuterRef, Q, Subquery

from lessons.accounts.models import User
from lessons.classrooms.load.maker import Maker
from lessons.classrooms.models import Assignment, Classroom, Membership, Notice
from lessons.guided.models import Lesson, Progress
from lessons.quizzes.domain import TRIES, regrade
from lessons.quizzes.models import (
    Attempt,
    AttemptItem,
    Draft,
    Mark,
    Question,
    QuestionRevision,
    Response,
)
from tests.conftest import ClientOf, make_user

pytestmark = pytest.mark.django_db

LEARNERS, RESPONSES = 60, 2_500


def load(**options: Any) -> str:
    said = StringIO()
    call_command("make_load_data", stdout=said, **options)
    return said.getvalue()


@pytest.fixture
def loaded(db: None) -> str:
    return load(learners=LEARNERS, responses=RESPONSES, seed=3)


def test_it_makes_what_it_was_asked_for(loaded: str) -> None:
    students = Membership.objects.students()
    assert students.count() == LEARNERS
    assert RESPONSES <= Response.objects.count() < RESPONSES + 40
    assert loaded.startswith(f"Made {LEARNERS} learners and {Response.objects.count():,} answers")
    sizes = students.values_list("classroom").annotate(size=Count("pk")).order_by()
    assert len(sizes) > 1
    assert Assignment.objects.count() > len(sizes)
    assert User.objects.filter(username__startswith="load-guest-", is_guest=True).exists()


def test_work_is_in_every_state(loaded: str) -> None:
    open_ones = Attempt.objects.filter(submitted_at=None)
    assert open_ones.exists()
    assert Draft.objects.filter(item__attempt__in=open_ones).exists()
    assert Attempt.objects.filter(number=2).exists()
    assert Progress.objects.filter(completed_at=None).exists()
    assert Notice.objects.filter(read_at=None).exists()
    assert {*Mark.objects.values_list("by", flat=True)} == {"machine", "person", "self"}
    written = AttemptItem.objects.filter(response__isnull=False, question__kind="open")
    assert written.filter(mark=None).exists()
    wrong = Mark.objects.filter(by="machine", score__lt=1)
    kinds = {*wrong.values_list("response__item__question__kind", flat=True)}
    assert kinds >= {"single", "multiple", "matching", "ordering", "evidence", "short"}
    for question in Question.objects.filter(kind="single")[:5]:
        given = Response.objects.filter(item__question=question).values_list("answer", flat=True)
        assert len({answer.get("choice") for answer in given}) > 1


def test_every_row_points_at_a_row(loaded: str) -> None:
    connection.check_constraints()


def test_scores_are_those_of_the_latest_mark_of_the_latest_answer(loaded: str) -> None:
    answers = Response.objects.filter(item=OuterRef("pk"))
    items = AttemptItem.objects.annotate(
        newest=Subquery(answers.order_by("-version").values("pk")[:1]),
        count=Subquery(answers.order_by().values("item").annotate(n=Count("pk")).values("n")),
        last=Subquery(answers.order_by().values("item").annotate(n=Max("version")).values("n")),
    )
    answered = items.filter(response__isnull=False)
    assert not answered.filter(~Q(response=F("newest")) | ~Q(count=F("last"))).exists()
    assert not items.filter(response=None, newest__isnull=False).exists()
    marks = Mark.objects.filter(response=OuterRef("response"))
    marked = AttemptItem.objects.annotate(newest=Subquery(marks.order_by("-pk").values("pk")[:1]))
    with_mark = marked.filter(mark__isnull=False)
    assert not with_mark.filter(~Q(mark=F("newest")) | ~Q(score=F("mark__score"))).exists()
    assert not marked.filter(mark=None, newest__isnull=False).exists()
    assert items.filter(last__gt=TRIES).count() == 0


def test_attempts_are_handed_in_as_the_domain_does(loaded: str) -> None:
    practice, graded = (Attempt.objects.filter(quiz__purpose=p) for p in ("practice", "graded"))
    left_open = AttemptItem.objects.filter(closed_at=None)
    done, under_way = Q(submitted_at__isnull=False), Q(submitted_at=None)
    assert not practice.filter(done, items__in=left_open).exists()
    assert not practice.filter(under_way).exclude(items__in=left_open).exists()
    assert not graded.filter(done, items__in=left_open).exists()
    assert not graded.filter(under_way, items__response__isnull=False).exists()
    assert not Draft.objects.filter(item__attempt__submitted_at__isnull=False).exists()


def test_marks_are_those_that_the_kinds_give(loaded: str) -> None:
    asked = QuestionRevision.objects.filter(attempt_items__response__isnull=False).distinct()
    assert len(asked) > 40
    assert {row.pk: regrade(revision=row, reason="again") for row in asked} == {
        row.pk: 0 for row in asked
    }


def pages(classroom: Classroom) -> Iterator[str]:
    base = f"/classes/{classroom.pk}/"
    for page in ("", "gradebook/", "gradebook/csv/", "marking/", "members/", "log/"):
        yield f"{base}{page}"
    for pk in classroom.assignments.values_list("pk", flat=True):
        for page in ("", "questions/", "items/", "text/", "times/", "exercises/", "progress.csv"):
            yield f"{base}assignments/{pk}/{page}"
    student = classroom.memberships.students().active().first()
    assert student is not None
    yield f"{base}students/{student.pk}/"


def test_reports_are_drawn_from_it(loaded: str, client_of: ClientOf) -> None:
    for classroom in Classroom.objects.all():
        teacher = classroom.memberships.get(role="instructor").user
        client = client_of(teacher)
        found = {path: client.get(path).status_code for path in pages(classroom)}
        assert found == dict.fromkeys(found, 200)
        student = classroom.memberships.students().active()[0].user
        client = client_of(student)
        for path in ("/me/", "/me/data/", "/me/data/export/"):
            assert client.get(path).status_code == 200


def test_the_same_seed_makes_the_same(db: None) -> None:
    def made(seed: int) -> tuple[Any, ...]:
        with transaction.atomic():
            Maker(seed=seed).make(learners=25, responses=600)
            found = (
                list(User.objects.values_list("username", "display_name").order_by("pk")),
                list(Classroom.objects.values_list("name", "code").order_by("pk")),
                list(Response.objects.values_list("answer", "client_uuid").order_by("pk")),
                list(Mark.objects.values_list("score", "by").order_by("pk")),
            )
            transaction.set_rollback(True)
        return found

    Maker(seed=0)  # what it remembers of the questions is not rolled back
    assert made(1) == made(1) != made(2)


def test_it_adds_to_what_it_made_and_new_rows_are_numbered_on(loaded: str) -> None:
    load(learners=10, responses=100, seed=3)
    assert Membership.objects.students().count() == LEARNERS + 10
    newest = User.objects.latest("pk").pk
    assert make_user("later").pk > newest


def test_a_real_site_is_left_alone(db: None, settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="ENVIRONMENT=production"):
        load(learners=1, responses=0)
    assert not Classroom.objects.exists()
    load(learners=1, responses=0, sure=True)
    assert Classroom.objects.count() == 1


@pytest.mark.parametrize("sure", [False, True])
def test_where_people_have_accounts_nothing_is_made(student: User, sure: bool) -> None:
    with pytest.raises(CommandError, match="1 accounts here are neither"):
        load(sure=sure)
    assert not Classroom.objects.exists()


def test_without_lessons_nothing_is_made(db: None) -> None:
    Lesson.objects.update(status="draft")
    with pytest.raises(CommandError, match="no lessons"):
        load()
