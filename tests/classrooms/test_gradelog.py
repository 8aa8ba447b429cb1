"""Every change of a grade, with who, when and why; on the page and as a table."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lessons.accounts.models import User
from lessons.classrooms.domain import grades
from lessons.classrooms.domain import marking as domain
from lessons.classrooms.gradelog import PAGE, page_of
from lessons.classrooms.models import Assignment, Classroom, GradeEvent
from lessons.quizzes.models import Question, Response
from tests.conftest import ClientOf, make_user
from tests.guided.reading import body, text_of
from tests.quizzes import working

from .answering import do_graded, give, join, levels_of, make_class, make_staff, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def classroom(instructor: User, student: User) -> Classroom:
    classroom = make_class(instructor)
    join(classroom, student, "Amara B.")
    return classroom


def mark(assignment: Assignment, response: Response, by: User, **more: Any) -> None:
    domain.mark_answer(
        assignment=assignment,
        response=response,
        levels=levels_of(response),
        by=by,
        base_mark=0,
        **more,
    )


def address(classroom: Classroom, more: str = "") -> str:
    return f"/classes/{classroom.pk}/log/{more}"


def lines(classroom: Classroom, **more: Any) -> list[tuple[str, str, str, str]]:
    page = page_of(classroom, student=more.get("student"), number=more.get("number", 1))
    return [(entry.what, entry.who, entry.student, entry.why) for entry in page.entries]


def test_log_of_a_new_class_says_it_is_empty(
    classroom: Classroom, instructor_client: Client
) -> None:
    assert "No grade was changed yet." in text_of(body(instructor_client.get(address(classroom))))


def test_log_holds_every_kind_of_change(
    classroom: Classroom, instructor: User, student: User, instructor_client: Client
) -> None:
    written, graded = give(classroom, instructor), give(classroom, instructor, working.GRADED)
    member = classroom.memberships.get(user=student)
    mark(written, write(written, student), instructor, comment="Well read.")
    attempt = do_graded(graded, student)
    domain.void_attempt(assignment=graded, attempt=attempt, reason="Copied.", by=instructor)
    domain.restore_attempt(assignment=graded, attempt=attempt, by=instructor)
    question = Question.objects.get(attempt_items__attempt=attempt, attempt_items__position=1)
    voided = domain.void_question(
        assignment=graded, question=question, reason="Two fit.", by=instructor
    )
    domain.lift_void(voided=voided, by=instructor)
    common: dict[str, Any] = {"assignment": graded, "membership": member, "by": instructor}
    grades.set_grade(**common, score=Decimal("0.8"), reason="Oral exam.")
    grades.take_grade_back(**common, reason="A mistake.")
    grades.excuse(**common, reason="Ill.")
    grades.end_excuse(**common, reason="Well again.")
    assert lines(classroom) == [
        ("no longer excused", "Ms Okafor", "Amara B.", "Well again."),
        ("excused", "Ms Okafor", "Amara B.", "Ill."),
        ("grade by hand taken back", "Ms Okafor", "Amara B.", "A mistake."),
        ("grade set by hand", "Ms Okafor", "Amara B.", "Oral exam."),
        ("question counts again", "Ms Okafor", "", ""),
        ("question does not count", "Ms Okafor", "", "Two fit."),
        ("attempt counts again", "Ms Okafor", "Amara B.", ""),
        ("attempt declared void", "Ms Okafor", "Amara B.", "Copied."),
        ("marked", "Ms Okafor", "Amara B.", "Well read."),
    ]
    page = text_of(body(instructor_client.get(address(classroom))))
    assert "9 changes, the latest first" in page
    assert "80%" in page


def test_machine_marks_stand_in_the_log_only_where_given_anew(
    classroom: Classroom, instructor: User, student: User
) -> None:
    do_graded(give(classroom, instructor, working.GRADED), student)
    assert lines(classroom) == []


def test_log_of_one_student_and_of_another_class(
    classroom: Classroom,
    instructor: User,
    student: User,
    other_student: User,
    instructor_client: Client,
) -> None:
    assignment = give(classroom, instructor)
    other = join(classroom, other_student)
    mark(assignment, write(assignment, student), instructor)
    mark(assignment, write(assignment, other_student), instructor)
    elsewhere = make_class(instructor, "Another")
    theirs = give(elsewhere, instructor)
    mine = join(elsewhere, student)
    mark(theirs, write(theirs, student), instructor)
    assert [line[2] for line in lines(classroom)] == ["Tomasz", "Amara B."]
    assert [line[2] for line in lines(classroom, student=other)] == ["Tomasz"]
    assert len(lines(elsewhere)) == 1
    page = body(instructor_client.get(address(classroom, f"?student={other.pk}")))
    assert f'<option value="{other.pk}" selected>' in page
    for bad in (mine.pk, 10**30, "x", "-1", "%00"):
        reply = instructor_client.get(address(classroom, f"?student={bad}"))
        assert reply.status_code == 404, bad


@pytest.mark.parametrize("number", ["0", "-4", "x", "2", "999999999", "9" * 40, "%00"])
def test_page_that_is_not_there_is_the_nearest(
    classroom: Classroom, instructor_client: Client, number: str
) -> None:
    assert instructor_client.get(address(classroom, f"?page={number}")).status_code == 200


@pytest.mark.parametrize("count", [1, 3, 60])
def test_log_costs_the_same_for_any_number_and_is_paged(
    classroom: Classroom, instructor: User, student: User, instructor_client: Client, count: int
) -> None:
    assignment = give(classroom, instructor)
    member = classroom.memberships.get(user=student)
    for n in range(count):
        domain.note_grade_event(
            assignment=assignment,
            membership=member,
            what=GradeEvent.What.UNEXCUSED,
            reason=f"Reason {n}",
            by=instructor,
        )
    with CaptureQueriesContext(connection) as queries:
        page = text_of(body(instructor_client.get(address(classroom))))
    assert len(queries) == 8
    assert ("Page 1 of 2" in page) == (count > PAGE)
    found = lines(classroom) + (lines(classroom, number=2) if count > PAGE else [])
    assert [line[3] for line in found] == [f"Reason {n}" for n in reversed(range(count))]


def test_table_is_safe_and_equals_the_log(
    classroom: Classroom, instructor: User, student: User, instructor_client: Client
) -> None:
    assignment = give(classroom, instructor)
    assignment.title = "=1+1"
    assignment.save()
    member = classroom.memberships.get(user=student)
    member.roster_name = "@SUM(A1)"
    member.save()
    mark(assignment, write(assignment, student), instructor, comment="-2+3\n=HYPERLINK(1)")
    reply = instructor_client.get(address(classroom, "csv/"))
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(reply.streaming_content).decode()  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0] == [
        "When (Europe/London)",
        *("What", "Who", "Student", "Assignment", "Detail", "Why"),
    ]
    assert [*rows[1][1:5], rows[1][6]] == [
        "marked",
        "Ms Okafor",
        "'@SUM(A1)",
        "'=1+1",
        "'-2+3\n=HYPERLINK(1)",
    ]
    assert len(rows) == 2


def test_assistants_see_the_log_and_do_not_export_it(
    classroom: Classroom, instructor: User, student: User, client_of: ClientOf
) -> None:
    helper = client_of(make_staff(classroom, "helper", "assistant", by=instructor))
    page = helper.get(address(classroom))
    assert page.status_code == 200
    assert "csv" not in body(page)
    assert address(classroom, "csv/") in body(client_of(instructor).get(address(classroom)))
    assert helper.get(address(classroom, "csv/")).status_code == 403
    assert client_of(student).get(address(classroom)).status_code == 404
    assert client_of(make_user("x")).get(address(classroom, "csv/")).status_code == 404
