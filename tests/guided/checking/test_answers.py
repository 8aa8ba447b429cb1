"""Perfect answers of the shipped questions go the whole way from a form to a score of 1."""

import pytest

from lessons.guided.checking import Content, read_content
from lessons.guided.checking.answers import earns_everything, perfect_answers
from lessons.quizzes.models import Question
from tests.quizzes.working import wrong_answers

UNKEYED = (*Question.WRITTEN, *Question.UNSCORED)
"""Kinds without a right answer."""


@pytest.fixture
def content(db: None) -> Content:
    return read_content()


def test_every_shipped_question_can_be_answered_right(content: Content) -> None:
    for question in content.questions:
        face, key = content.face_and_key(question)
        answers = list(perfect_answers(face, key))
        assert bool(answers) == (question.kind not in UNKEYED), question.key
        assert all(earns_everything(face, key, answer) for answer in answers), question.key


def test_no_wrong_answer_to_a_shipped_question_earns_everything(content: Content) -> None:
    kinds = set()
    for question in content.questions:
        face, key = content.face_and_key(question)
        if question.kind not in UNKEYED:
            kinds.add(question.kind)
            for answer in wrong_answers(face, key):
                assert not earns_everything(face, key, answer), (question.key, answer)
    assert kinds == set(Question.Kind) - set(UNKEYED)


def test_an_answer_that_no_control_can_carry_earns_nothing(content: Content) -> None:
    question = next(row for row in content.questions if row.key == "letter-intention")
    face, key = content.face_and_key(question)
    assert earns_everything(face, key, {"choice": "aim"})
    assert not earns_everything(face, key, {"choice": "lost"})
    assert not earns_everything({**face, "options": face["options"][:0]}, key, {"choice": "aim"})
