"""The demonstration's class: plausible, whole, and made once."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from lessons.accounts.models import User
from lessons.classrooms.demo import STUDENTS, make_demo_class
from lessons.classrooms.models import Classroom, Membership
from lessons.classrooms.reports.facts import board_of
from lessons.classrooms.reports.progress import class_progress
from lessons.classrooms.reports.questions import question_reports
from lessons.core import rendered
from lessons.guided.demo import make_demo_people
from lessons.guided.models import Progress
from lessons.quizzes.models import Attempt, AttemptItem, Draft, Mark, Response

pytestmark = pytest.mark.django_db


@pytest.fixture
def classroom(db: None) -> Classroom:
    make_demo_people()
    found = make_demo_class()
    assert found is not None
    return found


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
    (assignment,) = classroom.assignments.all()
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
    assert Mark.objects.filter(by=Mark.By.PERSON).count() == 8
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
    delivery = classroom.assignments.get().delivery
    progress = Progress.objects.filter(delivery=delivery)
    assert not progress.filter(
        Q(touched_at__lt=F("opened_at")) | Q(completed_at__gt=now) | Q(touched_at__gt=now)
    ).exists()
    assert not progress.filter(opened_at__lt=delivery.opens_at).exists()
    for row in progress:
        assert timedelta(0) <= row.touched_at - row.opened_at
        assert row.active_seconds <= (row.touched_at - row.opened_at).total_seconds() + 5
    attempts = Attempt.objects.filter(delivery=delivery)
    assert not attempts.filter(submitted_at__lt=F("started_at")).exists()
    items = AttemptItem.objects.filter(attempt__in=attempts)
    assert not items.filter(score__isnull=False).exclude(score=F("mark__score")).exists()
    assert not items.filter(attempt__submitted_at__isnull=False, response__isnull=True).exists()
    assert not Draft.objects.filter(item__in=items, item__closed_at__isnull=False).exists()
    asked = items.values("attempt").annotate(n=Count("pk")).values_list("n", flat=True)
    assert set(asked) == {1, 2, 5}
