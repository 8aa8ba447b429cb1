"""How many answers an editor is told rest on what they are about to change."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lessons.accounts.models import User
from lessons.core.usage import Resting, resting_on
from lessons.guided.models import Step
from lessons.quizzes import using
from lessons.quizzes.models import Delivery, Question
from tests.quizzes.working import WRITTEN, check, item, start

from .answering import give, join, make_class, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def question(instructor: User, student: User, other_student: User, editor: User) -> Question:
    """A written question, of a passage, that two students answered, and its editor in a preview."""
    classroom = make_class(instructor)
    assignment = give(classroom, instructor)
    for user in (student, other_student):
        join(classroom, user)
        response = write(assignment, user)
    tried = start(editor, WRITTEN, delivery=Delivery.objects.preview())
    check(item(tried), {"text": "I try it."})
    return response.item.question


def rows_with(question: Question) -> list[Any]:
    step = Step.objects.get(quiz__key=WRITTEN)
    passage = question.text.passage if question.text else None
    about = [passage, passage.document] if passage else []
    return [question, step.quiz, step, step.lesson, step.lesson.module, *about]


def test_answers_are_counted_on_all_that_the_question_stands_in(question: Question) -> None:
    found = [resting_on(row) for row in rows_with(question)]
    assert found == [Resting(2, 2)] * len(found)
    assert len(found) >= 5
    assert resting_on(Question.objects.get(key="letter-own-behalf")) is None


def test_more_answers_than_anybody_wants_to_know_are_not_counted(
    question: Question, editor_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = reverse("admin:quizzes_question_change", args=[question.pk])
    page = editor_client.get(address).content.decode()
    assert "<p>2 answers rest on this, of 2 learners." in page
    monkeypatch.setattr(using, "COUNTED", 1)
    assert resting_on(question) == Resting(1, 1, is_more=True)
    page = editor_client.get(address).content.decode()
    assert "<p>At least 1 answer rests on this, of 1 learner." in page
