"""What a learner answered in several quizzes: first, last, and only what may be told."""

from collections.abc import Collection

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.quizzes import domain
from lessons.quizzes.histories import QuizHistory, load_histories
from lessons.quizzes.models import Attempt, Delivery, MarkingKey, Quiz
from lessons.quizzes.terms import withholders

from .working import GRADED, PAIR, PRACTICE, WRITTEN, check, item, right, start, wrong

pytestmark = pytest.mark.django_db
QUIZZES = [PRACTICE, PAIR, WRITTEN, GRADED]
QUERIES = 5 + 1
"""Attempts, items, first responses, their marks, and keys of what nobody has marked; and of all
quizzes with answers, whether a class withholds their keys."""
OWN = 3
"""Quizzes, delivery and content version, read by `histories` below."""


def histories(learner: User, delivery: Delivery | None = None) -> dict[str, QuizHistory]:
    quizzes = {quiz.pk: quiz for quiz in Quiz.objects.filter(key__in=QUIZZES)}
    found = load_histories(
        quizzes=list(quizzes.values()),
        delivery=delivery or Delivery.objects.self_study(),
        learner=learner,
        version=ContentVersion.current(),
    )
    return {quizzes[pk].key: history for pk, history in found.items()}


def practise_again(learner: User) -> Attempt:
    Attempt.objects.filter(submitted_at=None).update(submitted_at=timezone.now())
    return start(learner, PRACTICE)


def test_a_quiz_not_begun_has_no_history(student: User) -> None:
    assert histories(student) == {}
    start(student, PAIR)
    assert list(histories(student)) == [PAIR]
    assert len(histories(student)[PAIR].unanswered) == 2


def test_first_and_last_answer(student: User) -> None:
    asked = item(start(student, PRACTICE))
    check(asked, wrong(asked), confidence="sure")
    asked = item(asked.attempt)
    check(asked, right(asked), base=1, confidence="guess")
    (row,) = histories(student)[PRACTICE].answered
    assert [(g.confidence, g.verdict) for g in row.answers] == [
        ("sure", "wrong"),
        ("guess", "right"),
    ]
    assert row.first.answer == wrong(asked)
    assert row.last.answer == right(asked)
    assert row.first == row.opening


def test_one_answer_is_first_and_last(student: User) -> None:
    asked = item(start(student, PRACTICE))
    check(asked, right(asked))
    (row,) = histories(student)[PRACTICE].answered
    assert row.first == row.last
    assert len(row.answers) == 1


def test_another_attempt_opens_anew_and_the_first_answer_is_kept(student: User) -> None:
    asked = item(start(student, PRACTICE))
    check(asked, wrong(asked, 0))
    again = item(practise_again(student))
    (row,) = histories(student)[PRACTICE].answered
    assert row.first == row.last, "an attempt without an answer changes nothing"
    check(again, wrong(again, 1))
    check(item(again.attempt), right(again), base=1)
    (row,) = histories(student)[PRACTICE].answered
    assert [g.answer for g in row.answers] == [wrong(asked, 0), wrong(asked, 1), right(asked)]
    assert (row.first.verdict, row.opening.verdict, row.last.verdict) == ("wrong", "wrong", "right")


def test_void_attempt_is_left_out(student: User) -> None:
    asked = item(start(student, PRACTICE))
    check(asked, right(asked))
    Attempt.objects.update(voided_at=timezone.now())
    assert histories(student) == {}


def test_nobody_elses_and_no_other_deliverys(student: User, other_student: User) -> None:
    asked = item(start(student, PRACTICE))
    check(asked, right(asked))
    assert histories(other_student) == {}
    assert histories(student, Delivery.objects.preview()) == {}


@pytest.mark.parametrize("release", ["at-once", "after-due", "by-hand"])
def test_release_governs_every_verdict_and_key(student: User, release: str) -> None:
    given_out = Delivery.objects.create(key="class", kind="assigned", release=release)
    asked = item(start(student, PRACTICE, delivery=given_out))
    check(asked, wrong(asked))
    check(item(asked.attempt), right(asked), base=1)
    (row,) = histories(student, given_out)[PRACTICE].answered
    told = release == "at-once"
    assert [bool(g.verdict) for g in row.answers] == [told, told]
    assert (row.view.key is not None) is told
    assert bool(row.view.explanation) is told


def test_withheld_key_is_not_told_in_self_study_either(
    student: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keep(_learner: User, quizzes: Collection[Quiz], _delivery: Delivery) -> set[int]:
        return {quiz.pk for quiz in quizzes}

    monkeypatch.setattr("lessons.quizzes.terms.withholders", [*withholders, keep])
    asked = item(start(student, PRACTICE))
    check(asked, wrong(asked))
    check(item(asked.attempt), right(asked), base=1)
    (row,) = histories(student)[PRACTICE].answered
    assert [g.verdict for g in row.answers] == ["", ""]
    assert row.view.key is None


def test_graded_answers_come_with_handing_in(student: User) -> None:
    attempt = start(student, GRADED)
    assert histories(student)[GRADED].answered == []
    domain.submit_attempt(attempt=attempt)
    assert len(histories(student)[GRADED].answered) == 5


def test_written_answer_has_its_rubric_before_anybody_marks_it(student: User) -> None:
    asked = item(start(student, WRITTEN))
    check(asked, {"text": "Words."})
    (row,) = histories(student)[WRITTEN].answered
    assert row.view.key == MarkingKey.objects.get(revision=asked.revision).content
    assert row.last.words == "Words."


def test_queries_do_not_grow_with_answers(student: User) -> None:
    found = []
    for _ in range(4):
        Attempt.objects.filter(submitted_at=None).update(submitted_at=timezone.now())
        for key, count in ((PRACTICE, 1), (PAIR, 2)):
            attempt = start(student, key)
            for position in range(1, count + 1):
                asked = item(attempt, position)
                check(asked, wrong(asked))
                check(item(attempt, position), right(asked), base=1)
        check(item(start(student, WRITTEN)), {"text": "Some words."})
        histories(student)
        with CaptureQueriesContext(connection) as queries:
            histories(student)
        found.append(len(queries) - OWN)
    assert found == [QUERIES] * 4
