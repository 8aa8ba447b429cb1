"""The demonstration's class: plausible, whole, and made once."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from lessons.accounts.models import User
from lessons.classrooms.demo import LESSON, LINES, STUDENTS, make_demo_class
from lessons.classrooms.models import Assignment, Classroom, Membership
from lessons.classrooms.reports.exercises import projected, splits_of
from lessons.classrooms.reports.facts import board_of
from lessons.classrooms.reports.progress import class_progress
from lessons.classrooms.reports.questions import question_reports
from lessons.core import rendered
from lessons.guided.demo import make_demo_people
from lessons.guided.models import Progress
from lessons.quizzes.kinds.cable import count_words
from lessons.quizzes.models import Attempt, AttemptItem, Draft, Mark, Response

pytestmark = pytest.mark.django_db


@pytest.fixture
def classroom(db: None) -> Classroom:
    make_demo_people()
    found = make_demo_class()
    assert found is not None
    return found


def given(classroom: Classroom, slug: str) -> Assignment:
    return classroom.assignments.get(lesson__slug=slug)


def test_its_exercises_divide_the_class_and_wait_to_be_marked(classroom: Classroom) -> None:
    board = board_of(classroom, given(classroom, LINES).pk)
    splits = splits_of(board)
    kinds = {split.asked.kind for split in splits}
    assert kinds == {"replies", "stance", "voices", "warrant", "cable"}
    assert len(projected(splits)) == 3
    assert all(split.answered >= 10 for split in splits)
    assert sum(len({r.code for r in split.readings if r.count}) > 1 for split in splits) > 20
    cables = Response.objects.filter(item__question__kind="cable")
    assert cables.count() == 13
    for cable in cables:
        assert 80 <= count_words(cable.answer["cable"]) <= 120
        assert all(line["motive"] for line in cable.answer["lines"].values())
    assert sum(report.waiting for report in question_reports(board)) == 5


def test_it_is_made_once() -> None:
    make_demo_people()
    first = make_demo_class()
    Classroom.objects.update(name="Renamed", archived_at=timezone.now())
    counts = [m.objects.count() for m in (User, Membership, Response, Progress)]
    assert make_demo_class() == first
    assert counts == [m.objects.count() for m in (User, Membership, Response, Progress)]


def test_without_the_demos_people_there_is_none() -> None:
    assert make_demo_class() is None
    assert not Classroom.objects.exists()


def test_the_class_is_plausible(classroom: Classroom) -> None:
    assert str(classroom) == "History 11b (Spring term)"
    assert classroom.memberships.students().count() == len(STUDENTS) == 24
    assignment = given(classroom, LESSON)
    board = board_of(classroom, assignment.pk)
    progress = class_progress(board, hidden=False)
    counts = progress.counts
    assert counts["not-started"] == 2
    assert counts["done"] == 13
    assert counts["stuck"] >= 3
    assert any(standing.missed_twice for standing in progress.of("stuck"))
    reports = question_reports(board)
    assert len(reports) == 12
    assert sum(report.waiting for report in reports) == 5
    marked = Mark.objects.filter(
        by=Mark.By.PERSON, response__item__attempt__delivery=assignment.delivery_id
    )
    assert marked.count() == 8
    facilities = [report.facility for report in reports if report.facility is not None]
    assert len(set(facilities)) > 5
    assert any(report.sure_wrong for report in reports)


def test_it_is_the_same_every_time() -> None:
    made = []
    for _time in range(2):
        before = transaction.savepoint()
        make_demo_people()
        make_demo_class()
        rows = Response.objects.order_by("pk").values_list("answer", "confidence", "version")
        made.append(list(rows))
        transaction.savepoint_rollback(before)
        rendered.clear()
    assert made[0] == made[1]
    assert len(made[0]) > 200


def test_its_rows_keep_what_holds_for_every_row(classroom: Classroom) -> None:
    now = timezone.now()
    deliveries = [given(classroom, slug).delivery for slug in (LESSON, LINES)]
    progress = Progress.objects.filter(delivery__in=deliveries)
    assert not progress.filter(
        Q(touched_at__lt=F("opened_at")) | Q(completed_at__gt=now) | Q(touched_at__gt=now)
    ).exists()
    assert not progress.filter(opened_at__lt=F("delivery__opens_at")).exists()
    for row in progress:
        assert timedelta(0) <= row.touched_at - row.opened_at
        assert row.active_seconds <= (row.touched_at - row.opened_at).total_seconds() + 5
    attempts = Attempt.objects.filter(delivery__in=deliveries)
    assert not attempts.filter(submitted_at__lt=F("started_at")).exists()
    items = AttemptItem.objects.filter(attempt__in=attempts)
    assert not items.filter(score__isnull=False).exclude(score=F("mark__score")).exists()
    assert not items.filter(attempt__submitted_at__isnull=False, response__isnull=True).exists()
    assert not Draft.objects.filter(item__in=items, item__closed_at__isnull=False).exists()
    asked = items.values("attempt").annotate(n=Count("pk")).values_list("n", flat=True)
    assert set(asked) == {1, 2, 4, 5}
