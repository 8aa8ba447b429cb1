"""The gradebook as it is read, shown, changed and taken away."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lessons.accounts.models import User
from lessons.classrooms.domain import assignments, grades, marking
from lessons.classrooms.domain.classes import join_class, leave_class
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.gradebook import read_gradebook, read_row
from lessons.classrooms.grading import Cell, State
from lessons.classrooms.models import (
    Assignment,
    Classroom,
    Excuse,
    GradeEvent,
    GradeOverride,
    Group,
    Membership,
    Notice,
)
from lessons.classrooms.reports.grade_detail import read_grade
from lessons.core.models import ContentVersion
from lessons.guided.models import Step
from lessons.quizzes import domain as quizzes
from lessons.quizzes.models import Attempt, AttemptItem, Question, QuestionRevision, Quiz
from tests.classrooms.large_class import make_class
from tests.conftest import ClientOf, make_user
from tests.guided.reading import table_counts
from tests.quizzes.working import check, item, right, wrong

from .grading_class import (
    GRADED,
    PRACTICE,
    WRITTEN,
    a_class,
    an_assistant,
    given,
    hand_in,
    mark,
    member,
    write,
)
from .test_exports import DANGEROUS, read_csv, read_xlsx

pytestmark = pytest.mark.django_db
QUERIES = 11
"""Of the page, whatever the number of learners; one more where work is given to some only."""


@pytest.fixture
def classroom(instructor: User, student: User) -> Classroom:
    return a_class(instructor, student)


@pytest.fixture
def quiz_alone(classroom: Classroom) -> Assignment:
    """The closing quiz, worth six points."""
    return given(classroom, Quiz.objects.get(key=GRADED), title="Closing quiz")


def cell_of(classroom: Classroom, at: int = 0, **fields: Any) -> Cell:
    return read_gradebook(classroom, **fields).rows[0].cells[at]


# --- What counts --------------------------------------------------------------------------------


def test_graded_quiz_and_written_answer_count_and_practice_does_not(
    classroom: Classroom, student: User, instructor: User
) -> None:
    whole = given(classroom)
    hand_in(whole.delivery, student, 3)
    response = write(whole.delivery, student)
    practised = quizzes.start_attempt(
        delivery=whole.delivery,
        quiz=Quiz.objects.get(key=PRACTICE),
        by=student,
        seed=1,
        version=ContentVersion.current(),
    )
    check(item(practised), wrong(item(practised)))
    assert cell_of(classroom).state is State.WAITING
    mark(response, "0.5", instructor)
    found = cell_of(classroom)
    assert (found.state, found.earned, found.points) == (State.MARKED, Decimal("5.5"), 9)
    assert found.score == Decimal("5.5") / 9


def test_what_a_student_thinks_of_their_own_answer_is_no_mark(
    classroom: Classroom, student: User
) -> None:
    lesson = given(classroom)
    hand_in(lesson.delivery, student, 5)
    response = write(lesson.delivery, student)
    key = response.item.revision.marking_keys.latest("version").content
    best = {c["key"]: c["levels"][-1]["key"] for c in key["criteria"]}
    quizzes.assess_own_response(item=item(response.item.attempt), levels=best, by=student)
    assert AttemptItem.objects.get(pk=response.item_id).score == 1
    found = cell_of(classroom)
    assert (found.state, found.waiting, found.score) == (State.WAITING, 1, None)


def test_the_latest_attempt_handed_in_counts_and_a_void_one_does_not(
    classroom: Classroom, student: User, quiz_alone: Assignment
) -> None:
    first = hand_in(quiz_alone.delivery, student, 5)
    second = hand_in(quiz_alone.delivery, student, 1)
    quizzes.start_attempt(
        delivery=quiz_alone.delivery,
        quiz=first.quiz,
        by=student,
        seed=3,
        version=ContentVersion.current(),
    )
    assert cell_of(classroom).earned == 2
    Attempt.objects.filter(pk=second.pk).update(voided_at=timezone.now())
    assert (cell_of(classroom).earned, cell_of(classroom).score) == (6, 1)


def test_a_question_left_out_is_out_of_the_points_to_earn_as_well(
    classroom: Classroom, student: User, instructor: User, quiz_alone: Assignment
) -> None:
    attempt = hand_in(quiz_alone.delivery, student, 4)
    before = cell_of(classroom)
    missed = attempt.items.get(position=5).question
    voided = marking.void_question(
        assignment=quiz_alone, question=missed, reason="Two answers fit.", by=instructor
    )
    without = cell_of(classroom)
    assert (without.earned, without.points) == (before.earned, before.points - missed.points)
    assert (before.score, without.score) == (before.earned / 6, 1)
    marking.lift_void(voided=voided, by=instructor)
    assert cell_of(classroom) == before


def test_practice_alone_counts_by_first_answers(classroom: Classroom, student: User) -> None:
    practice = given(classroom, Quiz.objects.get(key=PRACTICE))
    attempt = quizzes.start_attempt(
        delivery=practice.delivery,
        quiz=Quiz.objects.get(key=PRACTICE),
        by=student,
        seed=1,
        version=ContentVersion.current(),
    )
    check(item(attempt), wrong(item(attempt)))
    check(item(attempt), right(item(attempt)), base=1)
    again = hand_in(practice.delivery, student, 1, quiz=PRACTICE)
    assert again.number == 2
    found = cell_of(classroom)
    assert (found.state, found.score) == (State.MARKED, 0)


def test_an_attempt_past_its_deadline_waits_to_be_stored(
    classroom: Classroom, student: User, quiz_alone: Assignment
) -> None:
    quizzes.start_attempt(
        delivery=quiz_alone.delivery,
        quiz=Quiz.objects.get(key=GRADED),
        by=student,
        seed=3,
        version=ContentVersion.current(),
    )
    Attempt.objects.update(deadline=timezone.now() - timedelta(hours=1))
    assert cell_of(classroom).state is State.WAITING
    quizzes.close_overdue()
    assert (cell_of(classroom).state, cell_of(classroom).score) == (State.MARKED, 0)


def test_points_are_those_of_the_question_as_it_was_asked(
    classroom: Classroom, student: User, quiz_alone: Assignment
) -> None:
    hand_in(quiz_alone.delivery, student, 1)
    before = cell_of(classroom)
    Question.objects.filter(quiz_items__quiz__key=GRADED).update(points=Decimal(7))
    ContentVersion.bump()
    after = cell_of(classroom)
    assert (after.score, after.points) == (before.score, before.points) == (Decimal(2) / 6, 6)


def test_a_plan_decides_which_questions_and_steps_count(
    classroom: Classroom, instructor: User
) -> None:
    lesson = given(classroom)
    quiz = Quiz.objects.get(key=GRADED)
    first = quiz.items.order_by("position")[0].question
    steps = list(Step.objects.filter(quiz=quiz))
    plan = assignments.Plan(steps=steps, questions={quiz: [first]})
    assignments.change_assignment(assignment=lesson, by=instructor, plan=plan)
    parts = read_gradebook(classroom).columns[0].parts
    assert [(part.title, part.points) for part in parts] == [(quiz.title, first.points)]


def test_lateness_goes_by_the_students_own_due_date(
    classroom: Classroom, student: User, instructor: User
) -> None:
    now = timezone.now()
    late = given(
        classroom,
        Quiz.objects.get(key=GRADED),
        terms={
            "due_at": now - timedelta(days=2, hours=-1),
            "late_policy": "per-day",
            "late_per_day": Decimal("0.1"),
        },
    )
    hand_in(late.delivery, student, 5, moment=now)
    found = cell_of(classroom)
    assert (found.score, found.days, found.taken) == (Decimal("0.8"), 2, Decimal("1.2"))
    assignments.extend(
        assignment=late,
        membership=member(classroom, student),
        by=instructor,
        due_at=now - timedelta(hours=1),
    )
    assert cell_of(classroom).score == Decimal("0.9")
    assignments.extend(
        assignment=late,
        membership=member(classroom, student),
        by=instructor,
        due_at=now + timedelta(hours=1),
    )
    assert (cell_of(classroom).score, cell_of(classroom).days) == (1, 0)


def test_nothing_handed_in_is_worth_nothing_once_closed_for_this_student(
    classroom: Classroom, student: User, instructor: User
) -> None:
    now = timezone.now()
    given(
        classroom,
        Quiz.objects.get(key=GRADED),
        terms={"due_at": now + timedelta(days=1), "closes_at": now + timedelta(days=2)},
    )
    assert cell_of(classroom).state is State.NOT_BEGUN
    later = now + timedelta(days=1, hours=1)
    assert cell_of(classroom, moment=later).state is State.MISSING
    closed = now + timedelta(days=2, hours=1)
    assert cell_of(classroom, moment=closed) == Cell(
        State.NOTHING, Decimal(0), points=Decimal(6), computed=Decimal(0)
    )
    assignments.extend(
        assignment=Assignment.objects.get(),
        membership=member(classroom, student),
        by=instructor,
        closes_at=now + timedelta(days=3),
    )
    assert cell_of(classroom, moment=closed).state is State.MISSING


def test_work_for_others_is_not_given_and_counts_nowhere(
    classroom: Classroom, student: User, instructor: User
) -> None:
    other = make_user("ben", display_name="Ben")
    membership = join_class(classroom=classroom, by=other)
    group = Group.objects.create(classroom=classroom, name="Blue")
    group.members.add(membership)
    given(classroom, Quiz.objects.get(key=GRADED), members=[member(classroom, student)])
    given(classroom, Quiz.objects.get(key=GRADED), groups=[group], title="For Blue")
    rows = {row.learner.name: row for row in read_gradebook(classroom).rows}
    assert [cell.state for cell in rows["Amara"].cells] == [State.NOT_BEGUN, State.NOT_GIVEN]
    assert [cell.state for cell in rows["Ben"].cells] == [State.NOT_GIVEN, State.NOT_BEGUN]
    assert rows["Amara"].total.of == 1


def test_work_of_staff_of_other_classes_and_of_who_left_is_not_in_it(
    classroom: Classroom, student: User, instructor: User, quiz_alone: Assignment
) -> None:
    hand_in(quiz_alone.delivery, instructor, 5)
    other = a_class(instructor, student, name="12A")
    elsewhere = given(other, Quiz.objects.get(key=GRADED))
    hand_in(elsewhere.delivery, student, 5)
    assert [row.cells[0].state for row in read_gradebook(classroom).rows] == [State.NOT_BEGUN]
    leave_class(membership=member(classroom, student), by=student)
    assert read_gradebook(classroom).rows == []
    assert read_row(member(classroom, student))[1].learner.name == "Amara"


# --- Deciding by hand ---------------------------------------------------------------------------


def test_the_latest_decision_stands_and_all_are_kept(
    classroom: Classroom, student: User, instructor: User, quiz_alone: Assignment
) -> None:
    hand_in(quiz_alone.delivery, student, 1)
    of = {"assignment": quiz_alone, "membership": member(classroom, student), "by": instructor}
    moment = timezone.now()
    # The clock may stand still, or go back: what was written later counts among equals.
    with time_machine.travel(moment, tick=False):
        grades.set_grade(**of, score=Decimal("0.7"), reason="Oral")
        grades.set_grade(**of, score=Decimal("0.8"), reason="Oral, corrected")
    assert (cell_of(classroom).state, cell_of(classroom).score) == (
        State.BY_HAND,
        Decimal("0.8"),
    )
    assert cell_of(classroom).computed == Decimal(2) / 6
    grades.take_grade_back(**of, reason="For another student")
    assert (cell_of(classroom).state, cell_of(classroom).score) == (State.MARKED, Decimal(2) / 6)
    detail = read_grade(quiz_alone, member(classroom, student), timezone.now())
    assert [(row.score, row.reason, row.by) for row in detail.overrides] == [
        (None, "For another student", instructor),
        (Decimal("0.8"), "Oral, corrected", instructor),
        (Decimal("0.7"), "Oral", instructor),
    ]
    assert detail.override is None


def test_decisions_are_refused_without_a_reason_out_of_range_or_for_others(
    classroom: Classroom, student: User, other_student: User, instructor: User
) -> None:
    for_nobody = given(
        classroom, Quiz.objects.get(key=GRADED), members=[member(classroom, student)]
    )
    elsewhere = a_class(instructor, other_student)
    mine = {"assignment": for_nobody, "membership": member(classroom, student), "by": instructor}
    theirs = {**mine, "membership": member(elsewhere, other_student)}
    for fields, score, reason in (
        (mine, "0.5", " "),
        (mine, "1.01", "x"),
        (mine, "-0.01", "x"),
        (theirs, "0.5", "x"),
    ):
        with pytest.raises(ClassRefused):
            grades.set_grade(**fields, score=Decimal(score), reason=reason)
    with pytest.raises(ClassRefused):
        grades.take_grade_back(**mine, reason="x")
    with pytest.raises(ClassRefused):
        grades.excuse(**theirs, reason="x")
    assert not GradeOverride.objects.exists()
    assert not Excuse.objects.exists()


def test_an_excuse_and_its_end_are_both_in_the_log(
    classroom: Classroom, student: User, instructor: User, quiz_alone: Assignment
) -> None:
    of = {"assignment": quiz_alone, "membership": member(classroom, student), "by": instructor}
    assert [grades.excuse(**of, reason="Ill"), grades.excuse(**of, reason="Ill")] == [True, False]
    assert (cell_of(classroom).state, read_gradebook(classroom).rows[0].total.counted) == (
        State.EXCUSED,
        0,
    )
    assert grades.end_excuse(**of, reason="Was not ill") is True
    assert grades.end_excuse(**of, reason="") is False
    assert cell_of(classroom).state is State.NOT_BEGUN
    assert list(GradeEvent.objects.values_list("what", "reason", "by")) == [
        ("unexcused", "Was not ill", instructor.pk),
        ("excused", "Ill", instructor.pk),
    ]


@pytest.mark.parametrize(("release", "told"), [("at-once", 1), ("by-hand", 0)])
def test_a_student_hears_of_a_changed_grade_once_grades_are_released(
    release: str, told: int, classroom: Classroom, student: User, instructor: User
) -> None:
    quiz = given(classroom, Quiz.objects.get(key=GRADED), terms={"release": release})
    grades.set_grade(
        assignment=quiz,
        membership=member(classroom, student),
        score=Decimal(1),
        reason="Oral",
        by=instructor,
    )
    assert Notice.objects.filter(kind="regraded", user=student).count() == told


def test_the_page_of_a_grade_adds_up(
    classroom: Classroom, student: User, instructor: User, instructor_client: Client
) -> None:
    now = timezone.now()
    lesson = given(
        classroom,
        terms={
            "due_at": now - timedelta(days=1, hours=-1),
            "late_policy": "per-day",
            "late_per_day": Decimal("0.25"),
        },
    )
    hand_in(lesson.delivery, student, 2, moment=now)
    response = write(lesson.delivery, student, moment=now - timedelta(days=2))
    mark(response, "0.666667", instructor, "Which words show it?")
    detail = read_grade(lesson, member(classroom, student), now)
    for part in detail.parts:
        assert part.line.work is not None
        assert sum(i.earned for i in part.items) == part.line.work.earned
        assert sum(i.points for i in part.items) == part.line.work.points
        assert part.line.earned == part.line.work.earned * (1 - part.line.off)
    assert detail.computed_earned / detail.computed_points == detail.cell.score
    page = text(instructor_client.get(cell_address(lesson, classroom, student)))
    for words in (
        "3 of 6 points",
        "One day begun late: 25% a day takes 25% off, 0.75 points",
        "2.25 of 6 points count",
        "by Ms Okafor",
        "“Which words show it?”",
        "Together 4.25 of 9 points.",
        "47.2%",
    ):
        assert words in page, words


# --- The pages ----------------------------------------------------------------------------------


def address(classroom: Classroom, rest: str = "") -> str:
    return f"/classes/{classroom.pk}/gradebook/{rest}"


def cell_address(assignment: Assignment, classroom: Classroom, user: User, rest: str = "") -> str:
    return address(classroom, f"{assignment.pk}/{member(classroom, user).pk}/{rest}")


def text(response: Any) -> str:
    page = response.content.decode()
    page = re.sub(r"<q\b[^>]*>(.*?)</q>", r"“\1”", page)
    page = re.sub(r"</?(p|li|td|th|br|h\d|small|div)\b[^>]*>", " ", page)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", page)).split())


def hide_names(client: Client, classroom: Classroom, *, hidden: bool = True) -> None:
    client.post(reverse("classrooms:names-toggle", args=[classroom.pk]), {"hidden": int(hidden)})


def screen(client: Client, classroom: Classroom, query: str = "") -> list[list[str]]:
    """The cells of the gradebook's table as they are read, in the CSV's own columns."""
    page = client.get(address(classroom, query)).content.decode()
    table = page[page.index("<table>") : page.index("</table>")]
    rows = []
    for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL):
        cells = []
        for _tag, inside in re.findall(r"<(th|td)\b[^>]*>(.*?)</\1>", row, re.DOTALL):
            box = re.search(r'<input type="text" name="weight[^>]*value="([^"]*)"', inside)
            number = re.search(r"<b>(.*?)</b>", inside)
            note = re.search(r"<small[^>]*>(.*?)</small>", inside, re.DOTALL)
            bare = re.sub(r"<small.*?</small>", "", inside, flags=re.DOTALL)
            bare = re.sub(r"<[^>]*>", "", bare).strip()
            first = box[1] if box else number[1].removesuffix("%") if number else bare
            cells += [html.unescape(first), html.unescape(note[1].strip()) if note else ""]
        rows.append(cells)
    return rows


def busy_class(instructor: User, count: int = 4) -> Classroom:
    """Learners in every state, a formula for a name and a title among them."""
    users = [make_user(f"u{n}", display_name=f"=cmd{n}") for n in range(count)]
    classroom = a_class(instructor, *users, name="=11B")
    now = timezone.now()
    quiz = Quiz.objects.get(key=GRADED)
    one = given(
        classroom,
        quiz,
        title="=HYPERLINK(1)",
        weight=Decimal("2.5"),
        terms={
            "due_at": now - timedelta(days=1),
            "late_policy": "per-day",
            "late_per_day": Decimal("0.1"),
        },
    )
    two = given(classroom, title="@whole lesson", terms={"closes_at": now - timedelta(hours=1)})
    for n, user in enumerate(users[:3]):
        hand_in(one.delivery, user, n + 1, moment=now)
    Membership.objects.filter(user=users[0]).update(student_number="+44")
    of = {"assignment": two, "membership": member(classroom, users[1]), "by": instructor}
    grades.excuse(**of, reason="Ill")
    of["membership"] = member(classroom, users[2])
    grades.set_grade(**of, score=Decimal("0.8333335"), reason="Oral")
    return classroom


@pytest.mark.parametrize("hidden", [False, True])
def test_csv_and_workbook_equal_the_screen(
    hidden: bool, instructor: User, instructor_client: Client
) -> None:
    classroom = busy_class(instructor)
    hide_names(instructor_client, classroom, hidden=hidden)
    shown = screen(instructor_client, classroom)
    response = instructor_client.get(address(classroom, "csv/"))
    rows = read_csv(response)
    book = read_xlsx(instructor_client.get(address(classroom, "xlsx/")))

    def plain(value: str) -> str:
        """What stands in the cell, without the apostrophe."""
        return value.removeprefix("'")

    assert [r[0] for r in rows[1:]] == ["Weight", *[r[0] for r in rows[2:-1]], "Class mean"]
    for at, (line, on_screen) in enumerate(zip(rows, shown, strict=True)):
        if at == 0:
            assert [plain(v) for v in line[2:-2:2]] == on_screen[2:-2:2]
            continue
        expected = list(on_screen)
        if at == 1:
            expected[-2] = ""  # the button
        assert [plain(value) for value in line] == expected
    assert len(rows) == len(book)
    width = max(len(row) for row in rows)
    for line, other in zip(rows, book, strict=True):
        cells = [*other, *[""] * (width - len(other))]
        assert [str(value) for value in cells] == [*line, *[""] * (width - len(line))]
    numbers = [value for row in book[1:] for value in row[2::2] if value != ""]
    assert numbers
    assert all(isinstance(value, Decimal) for value in numbers)


def test_no_cell_or_head_of_an_export_is_a_formula(
    instructor: User, instructor_client: Client
) -> None:
    classroom = busy_class(instructor)
    quiz = classroom.assignments.get(title="=HYPERLINK(1)")
    hidden = [text for text in DANGEROUS if len(text) < 30]
    for n, words in enumerate(hidden):
        user = make_user(f"x{n}", display_name=words.strip() or "x")
        join_class(classroom=classroom, by=user, roster_name=words)
    opened = classroom.assignments.get(title="@whole lesson").delivery
    opened.closes_at = None
    opened.save()
    write(opened, Membership.objects.students().filter(classroom=classroom)[0].user, "=1+1 is two")
    for path in ("csv/", f"{quiz.pk}/answers/", f"{quiz.pk + 1}/answers/"):
        response = instructor_client.get(address(classroom, path))
        name = re.fullmatch(
            r'attachment; filename="([a-z0-9-]+\.csv)"', response["Content-Disposition"]
        )
        assert name, response["Content-Disposition"]
        for row in read_csv(response):
            for value in row:
                if not re.fullmatch(r"-?\d+(\.\d+)?", value):
                    assert not value.lstrip().startswith(("=", "+", "-", "@", "＝")), row
    titles = read_csv(instructor_client.get(address(classroom, "csv/")))[0]
    assert titles[2:4] == ["'=HYPERLINK(1)", "'=HYPERLINK(1): note"]
    read_xlsx(instructor_client.get(address(classroom, "xlsx/")))  # fails on a formula


def test_answers_of_an_assignment_come_one_row_a_response(
    classroom: Classroom, student: User, instructor: User, instructor_client: Client
) -> None:
    lesson = given(classroom)
    hand_in(lesson.delivery, student, 3, confidence="sure")
    hand_in(lesson.delivery, instructor, 3)
    response = write(lesson.delivery, student, "He spoke\nfor himself.")
    best = {
        c["key"]: c["levels"][-1]["key"]
        for c in response.item.revision.marking_keys.latest("version").content["criteria"]
    }
    quizzes.assess_own_response(item=item(response.item.attempt), levels=best, by=student)
    found = instructor_client.get(address(classroom, f"{lesson.pk}/answers/"))
    rows = read_csv(found)
    assert len(rows) == 1 + 5 + 1
    facts = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert {fact["Name"] for fact in facts} == {"Amara"}
    assert [(f["Points"], f["Earned"], f["Per cent"], f["How sure"]) for f in facts[:5]] == [
        ("2", "2", "100", "sure"),
        ("1", "1", "100", "sure"),
        ("1", "1", "100", "sure"),
        ("1", "0", "0", "sure"),
        ("1", "0", "0", "sure"),
    ]
    written = facts[5]
    assert (written["Answer"], written["Earned"], written["Marked by"]) == (
        "He spoke\nfor himself.",
        "",
        "",
    )
    mark(response, "0.5", instructor, "Say where.")
    rows = read_csv(instructor_client.get(address(classroom, f"{lesson.pk}/answers/")))
    written = dict(zip(rows[0], rows[-1], strict=True))
    assert (written["Earned"], written["Marked by"], written["Comment"]) == (
        "1.5",
        "Ms Okafor",
        "Say where.",
    )


def queries_of(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
        if response.streaming:
            b"".join(response.streaming_content)
    assert response.status_code == 200
    return len(queries)


@pytest.mark.parametrize("learners", [1, 3, 30])
def test_gradebook_costs_the_same_whatever_the_number_of_learners(
    learners: int, client_of: ClientOf
) -> None:
    classroom, boss = make_class(learners, assignments=3)
    client = client_of(boss)
    assert queries_of(client, address(classroom)) == QUERIES
    assert queries_of(client, address(classroom, "csv/")) == QUERIES
    one = Membership.objects.students().filter(classroom=classroom).order_by("pk")
    first = classroom.assignments.order_by("pk")[0]
    given(classroom, Quiz.objects.get(key=GRADED), members=[one[0]])  # given to some
    assert queries_of(client, address(classroom)) == QUERIES + 1 <= 12
    assert queries_of(client, address(classroom, f"{first.pk}/{one[0].pk}/")) == 17


def test_a_class_of_three_thousand_is_paged_and_its_figures_cover_all(
    client_of: ClientOf,
) -> None:
    classroom, boss = make_class(3000, assignments=2)
    client = client_of(boss)
    assert queries_of(client, address(classroom)) == QUERIES
    page = text(client.get(address(classroom, "?page=60")))
    assert "Students 2951 to 3000 of 3000; the figures cover all." in page
    assert "3000 students have a total so far" in page
    shown = screen(client, classroom, "?page=60")
    assert len(shown) == 2 + 50 + 1
    assert shown[-1][5] == "3000 grades"
    last = screen(client, classroom, "?page=61")
    assert last[2:-1] == shown[2:-1]


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 60, "1\0", "٣"])
def test_an_unknown_page_is_the_first_or_the_last(
    page: str, instructor: User, instructor_client: Client
) -> None:
    classroom = busy_class(instructor)
    response = instructor_client.get(address(classroom), {"page": page})
    assert response.status_code == 200
    assert "=cmd0" in text(response)


def test_hidden_names_are_nowhere_on_the_page(
    instructor: User, instructor_client: Client, classroom: Classroom
) -> None:
    given(classroom, Quiz.objects.get(key=GRADED))
    other = make_user("zainab", display_name="Zainab")
    join_class(classroom=classroom, by=other)
    hide_names(instructor_client, classroom)
    page = instructor_client.get(address(classroom)).content.decode()
    assert "Amara" not in page
    assert "Zainab" not in page
    assert "Student 1" in page
    assert "Student 2" in page
    assert not re.search(r"/students/\d", page)
    assert not re.search(r"/gradebook/\d+/\d", page)
    hide_names(instructor_client, classroom, hidden=False)
    assert "Amara" in instructor_client.get(address(classroom)).content.decode()


def test_a_hidden_name_has_one_number_on_every_page(
    instructor: User, instructor_client: Client, classroom: Classroom, student: User
) -> None:
    work = given(classroom, Quiz.objects.get(key=GRADED))
    leaver = make_user("a-leaver", display_name="Aaron")
    leave_class(membership=join_class(classroom=classroom, by=leaver), by=leaver)
    last = make_user("zainab", display_name="Zainab")
    join_class(classroom=classroom, by=last)
    hide_names(instructor_client, classroom)
    dashboard = reverse("classrooms:assignment-dashboard", args=[classroom.pk, work.pk])
    for path in (address(classroom), dashboard):
        page = instructor_client.get(path).content.decode()
        assert [f"Student {n}<" in page for n in (1, 2, 3)] == [True, False, True]


def test_an_empty_class_says_what_comes_here(instructor: User, instructor_client: Client) -> None:
    classroom = a_class(instructor)
    assert "Nothing is given out" in text(instructor_client.get(address(classroom)))
    given(classroom, Quiz.objects.get(key=GRADED))
    assert "No student has joined yet" in text(instructor_client.get(address(classroom)))


# --- Weights ------------------------------------------------------------------------------------


def test_weights_are_saved_and_the_total_follows(
    classroom: Classroom, student: User, quiz_alone: Assignment, instructor_client: Client
) -> None:
    other = given(classroom, Quiz.objects.get(key=GRADED), title="Again")
    hand_in(quiz_alone.delivery, student, 5)
    hand_in(other.delivery, student, 1)
    response = instructor_client.post(
        address(classroom, "weights/"),
        {f"weight-{quiz_alone.pk}": "3", f"weight-{other.pk}": "0.5", "page": "2"},
    )
    assert (response.status_code, response["Location"]) == (302, address(classroom, "?page=2"))
    assert list(classroom.assignments.order_by("pk").values_list("weight", flat=True)) == [
        Decimal(3),
        Decimal("0.5"),
    ]
    whole = read_gradebook(classroom).rows[0].total.score
    assert whole == (3 + Decimal("0.5") * (Decimal(2) / 6)) / Decimal("3.5")


@pytest.mark.parametrize("value", ["-1", "x", "", "10000", "1.234", "NaN", "1e9", "9" * 60_000])
def test_a_bad_weight_is_drawn_again_and_nothing_is_saved(
    value: str,
    classroom: Classroom,
    student: User,
    quiz_alone: Assignment,
    instructor_client: Client,
) -> None:
    response = instructor_client.post(
        address(classroom, "weights/"), {f"weight-{quiz_alone.pk}": value}
    )
    assert response.status_code == 422
    page = response.content.decode()
    assert f'<a href="#id_weight-{quiz_alone.pk}">Closing quiz: ' in page
    assert 'aria-invalid="true"' in page
    quiz_alone.refresh_from_db()
    assert quiz_alone.weight == 1


def test_weights_of_another_class_are_refused(
    classroom: Classroom, instructor: User, quiz_alone: Assignment
) -> None:
    other = a_class(instructor)
    with pytest.raises(ClassRefused):
        grades.set_weights(classroom=other, weights={quiz_alone.pk: Decimal(2)}, by=instructor)


# --- The forms of one grade ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "score"),
    [
        ({"value": "80", "unit": "percent"}, "0.8"),
        ({"value": "5", "unit": "points"}, "0.833333"),
        ({"value": "0", "unit": "points"}, "0"),
        ({"value": "33.3333", "unit": "percent"}, "0.333333"),
    ],
)
def test_a_grade_is_set_in_per_cent_or_points(
    fields: dict[str, str],
    score: str,
    classroom: Classroom,
    student: User,
    quiz_alone: Assignment,
    instructor_client: Client,
    instructor: User,
) -> None:
    response = instructor_client.post(
        cell_address(quiz_alone, classroom, student, "override/"), {**fields, "reason": "Oral"}
    )
    assert response["Location"] == cell_address(quiz_alone, classroom, student)
    row = GradeOverride.objects.get()
    assert (row.score, row.reason, row.by) == (Decimal(score), "Oral", instructor)
    assert f"Set by hand: {round(Decimal(score) * 100, 1).normalize():f}%" in text(
        instructor_client.get(response["Location"])
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"value": "101", "unit": "percent", "reason": "x"},
        {"value": "6.5", "unit": "points", "reason": "x"},
        {"value": "-1", "unit": "percent", "reason": "x"},
        {"value": "50", "unit": "percent", "reason": ""},
        {"value": "50", "unit": "percent", "reason": "x" * 301},
        {"value": "50", "unit": "percent", "reason": "a\u202eb"},
        {"value": "50", "unit": "stars", "reason": "x"},
        {"value": "Infinity", "unit": "percent", "reason": "x"},
        {"value": "50", "unit": "percent", "reason": "a\0b"},
        {},
    ],
)
def test_a_bad_grade_is_drawn_again_and_nothing_is_kept(
    fields: dict[str, str],
    classroom: Classroom,
    student: User,
    quiz_alone: Assignment,
    instructor_client: Client,
) -> None:
    path = cell_address(quiz_alone, classroom, student, "override/")
    response = instructor_client.post(path, fields)
    assert response.status_code == 422
    assert 'class="error-summary"' in response.content.decode()
    assert "<title>Error: " in response.content.decode()
    assert not GradeOverride.objects.exists()


def test_taking_back_and_excusing_work_from_the_page(
    classroom: Classroom, student: User, quiz_alone: Assignment, instructor_client: Client
) -> None:
    def post(rest: str, **fields: str) -> int:
        path = cell_address(quiz_alone, classroom, student, rest)
        return instructor_client.post(path, fields).status_code

    assert post("take-back/", reason="x") == 409
    assert post("override/", value="50", unit="percent", reason="Oral") == 302
    assert post("take-back/", reason="") == 422
    assert post("take-back/", reason="Wrong student") == 302
    assert post("excuse/", reason="") == 302
    assert cell_of(classroom).state is State.EXCUSED
    assert post("excuse/", end="1", reason="") == 302
    assert cell_of(classroom).state is State.NOT_BEGUN


# --- Who may ------------------------------------------------------------------------------------

GETS = ["", "csv/", "xlsx/", "{a}/answers/", "{a}/{m}/"]
POSTS = ["weights/", "{a}/{m}/override/", "{a}/{m}/take-back/", "{a}/{m}/excuse/"]
PAGES_FOR_ASSISTANTS = {"", "{a}/{m}/"}


@pytest.mark.parametrize("who", ["student", "other_student", "guest", "editor", "boss_elsewhere"])
@pytest.mark.parametrize("path", GETS + POSTS)
def test_strangers_and_students_find_nothing(
    who: str,
    path: str,
    classroom: Classroom,
    student: User,
    quiz_alone: Assignment,
    client_of: ClientOf,
    request: pytest.FixtureRequest,
) -> None:
    if who == "boss_elsewhere":
        user = make_user("mr-else", is_instructor=True)
        a_class(user)
    else:
        user = request.getfixturevalue(who)
    filled = path.format(a=quiz_alone.pk, m=member(classroom, student).pk)
    send: Callable[..., Any] = getattr(client_of(user), "post" if path in POSTS else "get")
    assert send(address(classroom, filled)).status_code == 404


@pytest.mark.parametrize("path", GETS + POSTS)
def test_assistants_look_and_neither_decide_nor_export(
    path: str, classroom: Classroom, student: User, quiz_alone: Assignment, client_of: ClientOf
) -> None:
    client = client_of(an_assistant(classroom))
    filled = path.format(a=quiz_alone.pk, m=member(classroom, student).pk)
    send: Callable[..., Any] = getattr(client, "post" if path in POSTS else "get")
    response = send(address(classroom, filled))
    assert response.status_code == (200 if path in PAGES_FOR_ASSISTANTS else 403)
    if path in PAGES_FOR_ASSISTANTS:
        main = response.content.decode().split("<main", 1)[1].split("</main>")[0]
        assert re.findall(r'<form[^>]* action="([^"]*)"', main) in (
            [],
            [reverse("classrooms:names-toggle", args=[classroom.pk])],
        )
        assert "Download" not in main
    assert not GradeOverride.objects.exists()


@pytest.mark.parametrize("path", GETS + POSTS)
def test_visitors_are_asked_to_sign_in(
    path: str, classroom: Classroom, student: User, quiz_alone: Assignment, visitor_client: Client
) -> None:
    filled = path.format(a=quiz_alone.pk, m=member(classroom, student).pk)
    send: Callable[..., Any] = getattr(visitor_client, "post" if path in POSTS else "get")
    response = send(address(classroom, filled))
    assert (response.status_code, response["Location"].split("?")[0]) == (
        302,
        "/accounts/sign-in/",
    )


def test_mixed_numbers_find_nothing(
    classroom: Classroom,
    student: User,
    instructor: User,
    quiz_alone: Assignment,
    instructor_client: Client,
) -> None:
    other = a_class(instructor, make_user("ben"), name="12A")
    theirs = Membership.objects.students().get(classroom=other)
    away = given(other, Quiz.objects.get(key=GRADED))
    mine = member(classroom, student)
    boss = member(classroom, instructor)
    gone = given(classroom, Quiz.objects.get(key=GRADED))
    assignments.withdraw(assignment=gone, by=instructor)
    for path in (
        f"{quiz_alone.pk}/{theirs.pk}/",
        f"{away.pk}/{mine.pk}/",
        f"{quiz_alone.pk}/{boss.pk}/",
        f"{gone.pk}/{mine.pk}/",
        f"{away.pk}/answers/",
        f"{'9' * 30}/{mine.pk}/",
    ):
        assert instructor_client.get(address(classroom, path)).status_code == 404, path


@pytest.mark.parametrize("path", GETS)
def test_looking_writes_nothing(path: str, instructor: User, instructor_client: Client) -> None:
    classroom = busy_class(instructor)
    row = Membership.objects.students().filter(classroom=classroom)[0]
    filled = path.format(a=classroom.assignments.first().pk, m=row.pk)  # type: ignore[union-attr]
    before = table_counts()
    response: Any = instructor_client.get(address(classroom, filled))
    assert response.status_code == 200
    if response.streaming:
        b"".join(response.streaming_content)
    assert table_counts() == before


def test_revisions_of_the_shipped_quiz_carry_their_points(
    quiz_alone: Assignment, student: User
) -> None:
    hand_in(quiz_alone.delivery, student, 5)
    asked = QuestionRevision.objects.filter(attempt_items__attempt__learner=student)
    assert asked.count() == 5
    for revision in asked.select_related("question"):
        assert Decimal(revision.content["points"]) == revision.question.points
    assert Quiz.objects.get(key=WRITTEN).items.get().question.kind == "open"
