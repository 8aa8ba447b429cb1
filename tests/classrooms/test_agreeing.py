"""Every page that tells of the same work tells the same: parts written apart must agree."""

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from lessons.accounts.models import User
from lessons.classrooms.domain import assignments, grades, marking
from lessons.classrooms.gradebook import read_cell, read_gradebook
from lessons.classrooms.grading import State
from lessons.classrooms.marking import asked_in, result_of
from lessons.classrooms.models import Assignment, Classroom
from lessons.classrooms.reports.facts import board_of, outlines_of
from lessons.classrooms.reports.questions import item_analysis, question_reports
from lessons.classrooms.reports.student import read_student, steps_of
from lessons.classrooms.work import given_work, steps_in, tasks_for
from lessons.core.models import ContentVersion
from lessons.guided.models import Module, Step
from lessons.quizzes.models import AttemptItem, Question, Quiz
from tests.guided.reading import body, text_of

from .grading_class import GRADED, a_class, given, hand_in, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def classroom(instructor: User, student: User) -> Classroom:
    return a_class(instructor, student)


@pytest.fixture
def quiz_alone(classroom: Classroom) -> Assignment:
    return given(classroom, Quiz.objects.get(key=GRADED))


def void(assignment: Assignment, question: Question, by: User) -> None:
    marking.void_question(assignment=assignment, question=question, reason="Two fit.", by=by)


# --- Which steps ------------------------------------------------------------------------------


def test_a_lesson_that_a_plan_leaves_out_counts_on_no_page(
    classroom: Classroom, instructor: User, student: User
) -> None:
    module = Module.objects.get(key="between-the-blocs")
    assignment = given(classroom, module)
    kept = list(Step.objects.filter(quiz__key=GRADED))
    plan = assignments.Plan(steps=kept)
    assignments.change_assignment(assignment=assignment, by=instructor, plan=plan)
    wanted = [step.pk for step in kept]
    assert [step.pk for step in steps_in([assignment])[assignment.pk]] == wanted
    assert [step.pk for step in steps_of([assignment])[assignment.pk]] == wanted
    assert outlines_of([assignment])[assignment.pk].ids == wanted
    assert board_of(classroom, assignment.pk).outline.ids == wanted
    column = read_gradebook(classroom).columns[0]
    assert [part.quiz for part in column.parts] == [step.quiz_id for step in kept]
    (quiz,) = (step.quiz for step in kept if step.quiz)
    asked = list(quiz.items.values_list("question", flat=True))
    assert sorted(row.question.pk for row in asked_in(assignment)) == sorted(asked)
    hand_in(assignment.delivery, student, 5)
    row = read_gradebook(classroom).rows[0]
    assert (row.cells[0].state, row.cells[0].score) == (State.MARKED, 1)


def test_given_work_of_a_plan_is_done_when_its_steps_are(
    classroom: Classroom, instructor: User
) -> None:
    module = Module.objects.get(key="between-the-blocs")
    assignment = given(classroom, module)
    kept = list(Step.objects.filter(quiz__key=GRADED))
    plan = assignments.Plan(steps=kept)
    assignments.change_assignment(assignment=assignment, by=instructor, plan=plan)
    (one,) = given_work(classroom)
    assert one.step_count == len(board_of(classroom, assignment.pk).outline.steps) == 1


# --- Which points -----------------------------------------------------------------------------


def test_points_that_an_editor_changed_are_the_old_ones_on_every_page(
    classroom: Classroom, student: User, quiz_alone: Assignment, student_client: Client
) -> None:
    hand_in(quiz_alone.delivery, student, 1)
    Question.objects.filter(quiz_items__quiz__key=GRADED).update(points=Decimal(7))
    ContentVersion.bump()
    moment = timezone.now()
    (task,) = tasks_for(student)
    (mine,) = task.results
    (told,) = result_of(quiz_alone, student, moment=moment).quizzes
    _column, row = read_cell(quiz_alone, member(classroom, student), moment=moment)
    assert (mine.earned, mine.points) == (told.earned, told.points)
    assert (told.earned, told.points) == (row.cells[0].earned, row.cells[0].points) == (2, 6)


def test_points_of_a_question_that_was_changed_and_taken_away_are_the_old_ones(
    classroom: Classroom, student: User, quiz_alone: Assignment
) -> None:
    hand_in(quiz_alone.delivery, student, 5)
    first = Quiz.objects.get(key=GRADED).items.order_by("position")[0].question
    Question.objects.filter(pk=first.pk).update(points=Decimal(7), status="draft")
    ContentVersion.bump()
    moment = timezone.now()
    (told,) = result_of(quiz_alone, student, moment=moment).quizzes
    _column, row = read_cell(quiz_alone, member(classroom, student), moment=moment)
    assert (row.cells[0].earned, row.cells[0].points) == (told.earned, told.points) == (6, 6)


def test_a_question_left_out_is_in_no_figure_of_any_page(
    classroom: Classroom, student: User, instructor: User, quiz_alone: Assignment
) -> None:
    hand_in(quiz_alone.delivery, student, 1)
    first = AttemptItem.objects.get(attempt__learner=student, position=1)
    token = board_of(classroom, quiz_alone.pk).token
    void(quiz_alone, first.question, instructor)
    moment = timezone.now()
    (task,) = tasks_for(student)
    (told,) = result_of(quiz_alone, student, moment=moment).quizzes
    _column, row = read_cell(quiz_alone, member(classroom, student), moment=moment)
    assert (task.results[0].earned, task.results[0].points) == (0, 4)
    assert (told.earned, told.points) == (row.cells[0].earned, row.cells[0].points) == (0, 4)
    board = board_of(classroom, quiz_alone.pk)
    assert board.token != token
    assert len(question_reports(board)) == 4
    reports, (of_lesson,) = item_analysis(board)
    assert len(reports) == of_lesson.questions == 4
    report = read_student(member(classroom, student), moment)
    assert len(report.first) == 4
    assert [line.share for line in report.skills if line.count] == [0]


def test_dashboards_say_that_a_question_was_left_out(
    classroom: Classroom,
    student: User,
    instructor: User,
    quiz_alone: Assignment,
    instructor_client: Client,
) -> None:
    hand_in(quiz_alone.delivery, student, 1)
    here = f"/classes/{classroom.pk}/assignments/{quiz_alone.pk}/"
    for page in ("questions/", "items/", "text/"):
        assert "left out" not in text_of(body(instructor_client.get(here + page)))
    first = AttemptItem.objects.get(attempt__learner=student, position=1)
    void(quiz_alone, first.question, instructor)
    for page in ("questions/", "items/", "text/"):
        page_text = text_of(body(instructor_client.get(here + page)))
        assert "One question does not count here and is left out of every figure." in page_text


# --- What the student is told of a grade ----------------------------------------------------------


@pytest.mark.parametrize("release", ["at-once", "by-hand"])
def test_a_grade_by_hand_is_told_to_who_did_nothing_once_grades_may_be_seen(
    release: str,
    classroom: Classroom,
    instructor: User,
    student: User,
    student_client: Client,
) -> None:
    work = given(classroom, Quiz.objects.get(key=GRADED), terms={"release": release})
    own = member(classroom, student)
    grades.set_grade(
        assignment=work, membership=own, score=Decimal("0.8"), reason="Oral exam.", by=instructor
    )
    page = text_of(body(student_client.get(f"/assignments/{work.pk}/result/")))
    assert ("Your grade: 80%" in page) == (release == "at-once")
    assert "Oral exam" not in page
