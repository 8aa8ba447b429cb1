"""Questions that do not count in an assignment: later attempts leave them out, scores too."""

from typing import Any

import pytest
from django.test import Client

from lessons.accounts.models import User
from lessons.classrooms.domain import marking as domain
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.models import Assignment, Classroom, Notice, VoidedQuestion
from lessons.quizzes.models import DeliveryItem, Question
from tests.conftest import ClientOf
from tests.guided.reading import body, form, text_of
from tests.quizzes import working

from .answering import begin, do_graded, give, join, make_class, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def classroom(instructor: User, student: User) -> Classroom:
    classroom = make_class(instructor)
    join(classroom, student)
    return classroom


@pytest.fixture
def assignment(classroom: Classroom, instructor: User) -> Assignment:
    return give(classroom, instructor, working.GRADED)


def asked(assignment: Assignment, by: User) -> list[int]:
    attempt = begin(assignment, by, working.GRADED)
    return list(attempt.items.order_by("position").values_list("question", flat=True))


def void(assignment: Assignment, question: int, by: User) -> VoidedQuestion:
    return domain.void_question(
        assignment=assignment,
        question=Question.objects.get(pk=question),
        reason="Two answers fit.",
        by=by,
    )


def test_later_attempts_are_not_asked_it_until_it_counts_again(
    assignment: Assignment, instructor: User, student: User, other_student: User, classroom: Any
) -> None:
    join(classroom, other_student)
    whole = asked(assignment, student)
    voided = void(assignment, whole[1], instructor)
    assert asked(assignment, student) == whole, "an attempt keeps its questions"
    assert asked(assignment, other_student) == [whole[0], *whole[2:]]
    domain.lift_void(voided=voided, by=instructor)
    do_graded(assignment, other_student)
    assert asked(assignment, other_student) == whole, "it stands where it stood"
    with pytest.raises(ClassRefused):
        domain.lift_void(voided=voided, by=instructor)


def test_only_question_of_a_quiz_goes_on_being_asked(
    classroom: Classroom, instructor: User, student: User
) -> None:
    assignment = give(classroom, instructor)
    question = Question.objects.get(quizzes__key=working.WRITTEN)
    voided = void(assignment, question.pk, instructor)
    assert voided.places == {}
    assert begin(assignment, student).items.count() == 1


def test_own_choice_of_questions_is_kept(
    assignment: Assignment, instructor: User, student: User
) -> None:
    from lessons.classrooms.domain.assignments import Plan, change_assignment

    quiz = assignment.quiz
    assert quiz is not None
    questions = list(quiz.questions.order_by("-quiz_items__position"))[:3]
    change_assignment(assignment=assignment, by=instructor, plan=Plan(questions={quiz: questions}))
    voided = void(assignment, questions[0].pk, instructor)
    assert asked(assignment, student) == [questions[1].pk, questions[2].pk]
    domain.lift_void(voided=voided, by=instructor)
    chosen = DeliveryItem.objects.filter(delivery=assignment.delivery).order_by("position")
    assert list(chosen.values_list("question", flat=True)) == [one.pk for one in questions]


def test_reason_is_required_and_it_is_done_once(
    assignment: Assignment, instructor: User, student: User
) -> None:
    question = Question.objects.get(pk=asked(assignment, student)[0])
    with pytest.raises(ClassRefused):
        domain.void_question(assignment=assignment, question=question, reason=" ", by=instructor)
    void(assignment, question.pk, instructor)
    with pytest.raises(ClassRefused):
        void(assignment, question.pk, instructor)
    assert VoidedQuestion.objects.count() == 1


def test_those_who_did_it_are_told_and_see_that_it_does_not_count(
    assignment: Assignment,
    instructor: User,
    student: User,
    other_student: User,
    classroom: Classroom,
    student_client: Client,
) -> None:
    join(classroom, other_student)
    do_graded(assignment, student, right=False)
    page = text_of(body(student_client.get(f"/assignments/{assignment.pk}/result/")))
    assert "This question does not count." not in page
    void(assignment, asked(assignment, student)[0], instructor)
    told = Notice.objects.filter(kind="changed")
    assert [notice.user for notice in told] == [student]
    assert told[0].detail == "One question does not count any more."
    page = text_of(body(student_client.get(f"/assignments/{assignment.pk}/result/")))
    assert page.count("This question does not count.") == 1


# --- The page ---------------------------------------------------------------------------------


def test_page_leaves_out_and_lets_count(
    assignment: Assignment, classroom: Classroom, student: User, instructor_client: Client
) -> None:
    question = asked(assignment, student)[0]
    at = f"/classes/{classroom.pk}/marking/{assignment.pk}/questions/"
    here = f"/classes/{classroom.pk}/marking/{assignment.pk}/{question}/"
    page = body(instructor_client.get(at))
    assert page.count('id="prompt-') == 5
    reply = instructor_client.post(f"{here}void/", {**form(page, f"{here}void/"), "reason": ""})
    assert reply.status_code == 422
    reply = instructor_client.post(f"{here}void/", {"reason": "x" * 301})
    assert reply.status_code == 422
    assert "x" * 301 in body(reply)
    assert not VoidedQuestion.objects.exists()
    assert instructor_client.post(f"{here}void/", {"reason": "Two fit."}).status_code == 302
    page = body(instructor_client.get(at))
    assert "“Two fit.”" in page
    assert instructor_client.post(f"{here}count/", form(page, f"{here}count/")).status_code == 302
    assert VoidedQuestion.objects.get().lifted_at is not None
    assert instructor_client.post(f"{here}count/").status_code == 302


def test_foreign_question_is_not_there(
    assignment: Assignment, classroom: Classroom, instructor_client: Client
) -> None:
    foreign = Question.objects.get(quizzes__key=working.WRITTEN)
    at = f"/classes/{classroom.pk}/marking/{assignment.pk}/{foreign.pk}/void/"
    assert instructor_client.post(at, {"reason": "Why not"}).status_code == 404


def test_assistants_see_and_do_not_decide(
    assignment: Assignment,
    classroom: Classroom,
    instructor: User,
    student: User,
    client_of: ClientOf,
) -> None:
    question = asked(assignment, student)[0]
    helper = client_of(make_staff(classroom, "helper", "assistant", by=instructor))
    base = f"/classes/{classroom.pk}/marking/{assignment.pk}/"
    assert "/void/" not in body(helper.get(f"{base}questions/"))
    assert helper.post(f"{base}{question}/void/", {"reason": "x"}).status_code == 403
    assert helper.post(f"{base}{question}/count/").status_code == 403
    assert client_of(student).post(f"{base}{question}/void/", {"reason": "x"}).status_code == 404
    assert not VoidedQuestion.objects.exists()
