"""Which attempt, question and mark count; which skill a result shows."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.accounts.models import User
from lessons.classrooms import counting
from lessons.classrooms.counting import counted_items, counting_attempts, reported_skill
from lessons.classrooms.domain import marking as domain
from lessons.quizzes import domain as quizzes
from lessons.quizzes.models import Attempt, Question
from tests.quizzes import working

from .answering import do_graded, give, join, levels_of, make_class, write

pytestmark = pytest.mark.django_db


def test_latest_attempt_handed_in_counts(instructor: User, student: User) -> None:
    classroom = make_class(instructor)
    join(classroom, student)
    given_out = give(classroom, instructor, working.GRADED)
    first = do_graded(given_out, student, right=False)
    assert list(counting_attempts()) == [first]
    second = do_graded(given_out, student)
    assert list(counting_attempts()) == [second]
    begun = working.start(student, delivery=given_out.delivery)
    assert list(counting_attempts()) == [second], "what is not handed in counts nothing"
    quizzes.submit_attempt(attempt=begun)
    domain.void_attempt(assignment=given_out, attempt=begun, reason="The power failed.", by=student)
    assert list(counting_attempts()) == [second], "what is void counts nothing"


def test_open_practice_counts_with_its_answers_until_one_is_finished(student: User) -> None:
    attempt = working.start(student, working.PAIR)
    first = working.item(attempt, 1)
    working.check(first, working.right(first))
    assert list(counting_attempts()) == [attempt]
    assert [item.counted for item in counted_items(counting_attempts()).order_by("position")] == [
        Decimal(1),
        None,
    ]
    second = working.item(attempt, 2)
    working.check(second, working.right(second))
    attempt.refresh_from_db()
    assert attempt.submitted_at is not None
    again = working.start(student, working.PAIR)
    assert again != attempt
    assert list(counting_attempts()) == [attempt]


def test_attempts_of_others_and_previews_stay_apart(student: User, other_student: User) -> None:
    from lessons.quizzes.models import Delivery

    mine = quizzes.submit_attempt(attempt=working.start(student))
    theirs = quizzes.submit_attempt(attempt=working.start(other_student))
    preview = working.start(student, delivery=Delivery.objects.preview())
    quizzes.submit_attempt(attempt=preview)
    assert set(counting_attempts()) == {mine, theirs}
    assert list(counting_attempts(Attempt.objects.filter(learner=student))) == [mine]


def test_own_view_of_an_answer_is_no_score(instructor: User, student: User) -> None:
    classroom = make_class(instructor)
    join(classroom, student)
    given_out = give(classroom, instructor)
    response = write(given_out, student)
    item = working.item(Attempt.objects.get())
    quizzes.assess_own_response(item=item, levels=levels_of(response), by=student)
    (counted,) = counted_items(counting_attempts())
    assert (counted.score, counted.counted) == (Decimal(1), None)
    assert counting.counted_score(counted) is None
    domain.mark_answer(
        assignment=given_out,
        response=response,
        levels=levels_of(response, 0),
        by=instructor,
        base_mark=0,
    )
    (counted,) = counted_items(counting_attempts())
    assert counted.counted == counting.counted_score(counted) == Decimal(0)


def test_void_question_is_in_no_item_that_counts(instructor: User, student: User) -> None:
    classroom = make_class(instructor)
    join(classroom, student)
    given_out = give(classroom, instructor, working.GRADED)
    elsewhere = give(classroom, instructor, working.GRADED)
    for assignment in (given_out, elsewhere):
        do_graded(assignment, student)
    question = Question.objects.get(
        attempt_items__attempt__delivery=given_out.delivery, attempt_items__position=2
    )
    assert counted_items(counting_attempts()).count() == 10
    voided = domain.void_question(
        assignment=given_out, question=question, reason="Two answers fit.", by=instructor
    )
    left = counted_items(counting_attempts()).order_by("attempt", "position")
    assert [item.position for item in left] == [1, 3, 4, 5, 1, 2, 3, 4, 5]
    assert counting.voided_in([given_out.pk, elsewhere.pk]) == {
        given_out.pk: frozenset([question.pk]),
        elsewhere.pk: frozenset(),
    }
    domain.lift_void(voided=voided, by=instructor)
    assert counted_items(counting_attempts()).count() == 10


@pytest.mark.parametrize("kind", Question.Kind.values)
@pytest.mark.parametrize("skill", Question.Skill.values)
def test_machine_marked_answers_show_reading(kind: str, skill: str) -> None:
    expected = "reading"
    if kind in ("open", "cable", "evidence") and skill != "close-reading":
        expected = skill
    assert reported_skill(kind, skill) == expected


@given(st.sampled_from(Question.Kind.values), st.text(max_size=30))
def test_every_reported_skill_has_a_name(kind: str, skill: str) -> None:
    assert reported_skill(kind, skill) in counting.REPORTED_SKILLS
