"""What one learner sees of one quiz: in few queries, in their own order, never judged early."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict

from lessons.accounts.models import User
from lessons.core import rendered
from lessons.core.models import ContentVersion
from lessons.quizzes import domain
from lessons.quizzes.kinds.base import InvalidAnswer, shuffled
from lessons.quizzes.models import (
    Attempt,
    Delivery,
    Option,
    Question,
    QuestionRevision,
    Quiz,
    QuizItem,
)
from lessons.quizzes.models.deliveries import Release
from lessons.quizzes.sittings import ItemView, Sitting, load_sitting

from .working import (
    GRADED,
    NOW,
    PAIR,
    PRACTICE,
    WRITTEN,
    check,
    fields_of,
    item,
    right,
    save,
    start,
    wrong,
)

pytestmark = pytest.mark.django_db
CHOICES = ["letter-own-behalf", "letter-other-peaceloving", "letter-intention", "sample-single"]


def sit(learner: User | None, quiz: str = PRACTICE, **fields: Any) -> Sitting:
    fields.setdefault("delivery", Delivery.objects.self_study())
    fields.setdefault("version", ContentVersion.current())
    return load_sitting(
        quiz=Quiz.objects.get(key=quiz), learner=learner, **{"moment": NOW, **fields}
    )


def first(learner: User | None, quiz: str = PRACTICE, **fields: Any) -> ItemView:
    view = sit(learner, quiz, **fields).at(1)
    assert view is not None
    return view


def states(sitting: Sitting) -> tuple[bool, ...]:
    return (
        sitting.attempt is not None,
        sitting.in_progress,
        sitting.overdue,
        sitting.submitted,
        sitting.all_answered,
    )


def labels(view: ItemView) -> list[str]:
    return [line.label for line in view.presentation.choices]


# --- Queries ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quiz", "queries"),
    # One asks whether a class withholds the answers; samples: the rubric of an unmarked answer.
    [(PRACTICE, 3), (PAIR, 3), (GRADED, 3), ("samples", 4)],
)
def test_sitting_costs_the_same_however_many_questions(
    student: User, quiz: str, queries: int, django_assert_num_queries: Any
) -> None:
    delivery, of = Delivery.objects.self_study(), Quiz.objects.get(key=quiz)
    version = ContentVersion.current()

    def load(learner: User | None) -> Sitting:
        return load_sitting(quiz=of, delivery=delivery, learner=learner, version=version)

    load(None)
    with django_assert_num_queries(0):
        load(None)
    with django_assert_num_queries(1):
        assert load(student).attempt is None
    attempt = start(student, quiz)
    for view in load(student).items:
        save(item(attempt, view.position), right(item(attempt, view.position)))
    domain.submit_attempt(attempt=attempt)
    drawn = [view.presentation for view in load(student).items]
    assert len(drawn) == QuizItem.objects.filter(quiz=of).count()
    with django_assert_num_queries(queries):
        assert [view.presentation for view in load(student).items] == drawn


def test_sitting_is_the_learners_own(student: User, other_student: User, guest: User) -> None:
    attempt = start(student)
    save(item(attempt, 3), {"text": "mine"})
    domain.submit_attempt(attempt=attempt)
    for other in (other_student, guest, None):
        for number in (None, 1, 2):
            sitting = sit(other, GRADED, number=number)
            assert sitting.attempt is None
            assert [view.answer for view in sitting.items] == [None] * 5
            assert [view.key for view in sitting.items] == [None] * 5
    preview = Delivery.objects.preview()
    assert sit(student, GRADED, delivery=preview).attempt is None


# --- States -------------------------------------------------------------------------------------


def test_sitting_goes_from_unstarted_to_handed_in(student: User) -> None:
    assert states(sit(None, GRADED)) == (False, False, False, False, False)
    assert states(sit(student, GRADED)) == (False, False, False, False, False)
    attempt = start(student)
    assert states(sit(student, GRADED)) == (True, True, False, False, False)
    domain.submit_attempt(attempt=attempt)
    assert states(sit(student, GRADED)) == (True, False, False, True, True)
    again = start(student)
    assert states(sit(student, GRADED)) == (True, True, False, False, False)
    assert sit(student, GRADED).attempt == again
    earlier = sit(student, GRADED, number=1)
    assert (earlier.attempt, states(earlier)) == (attempt, (True, False, False, True, True))


@pytest.mark.parametrize(("late", "overdue"), [(29, False), (30, False), (31, True)])
def test_attempt_past_its_deadline_and_grace_is_over_for_its_reader(
    student: User, late: int, overdue: bool
) -> None:
    start(student)
    Attempt.objects.update(deadline=NOW)
    sitting = sit(student, GRADED, moment=NOW + timedelta(seconds=late))
    assert states(sitting) == (True, not overdue, overdue, False, False)
    assert [view.key for view in sitting.items] == [None] * 5


def test_points_are_added_up_unrounded(student: User) -> None:
    attempt = start(student)
    pairs = right(item(attempt, 1))["pairs"]
    save(item(attempt, 1), {"pairs": dict.fromkeys(pairs, next(iter(pairs.values())))})
    save(item(attempt, 3), {"text": "impression"})
    domain.submit_attempt(attempt=attempt)
    sitting = sit(student, GRADED)
    assert (sitting.points, sitting.earned) == (Decimal(6), Decimal("0.9"))
    assert [view.verdict for view in sitting.items] == [
        "partly",
        "wrong",
        "partly",
        "wrong",
        "wrong",
    ]
    assert sitting.blanks == 3


# --- What may be told ---------------------------------------------------------------------------


def told(view: ItemView) -> tuple[list[str], list[str]]:
    """The verdicts and the feedback on the lines, in the order of their labels."""
    lines = sorted(view.presentation.choices, key=lambda line: line.label)
    return [line.verdict for line in lines], [line.feedback for line in lines]


def test_unanswered_question_carries_no_key(student: User) -> None:
    start(student)
    for sitting in (sit(None, GRADED), sit(student, GRADED), sit(student, "samples")):
        for view in sitting.items:
            assert (view.key, view.reveal, view.explanation, view.verdict, view.score) == (
                None,
                "nothing",
                "",
                "",
                None,
            )
            assert {text for part in told(view) for text in part} <= {""}
            assert (view.presentation.remarks, view.presentation.solution) == ([], [])
            assert view.presentation.rubric == []


@pytest.mark.parametrize("choice", ["own-name", "from-noon"])
def test_draft_is_never_judged(student: User, choice: str) -> None:
    attempt = start(student, PRACTICE)
    save(item(attempt), {"choice": choice})
    view = first(student)
    assert view.answer == {"choice": choice}
    assert told(view) == ([""] * 4, [""] * 4)
    assert (view.verdict, view.key) == ("", None)


@pytest.mark.parametrize("choice", ["own-name", "to-the-office", "main-purpose"])
def test_draft_after_a_wrong_answer_is_not_judged_either(student: User, choice: str) -> None:
    attempt = start(student, PRACTICE)
    of = item(attempt)
    check(of, {"choice": "from-noon"})
    judged = told(first(student))
    save(of, {"choice": choice})
    view = first(student)
    assert view.answer == {"choice": choice}
    assert told(view) == judged
    assert sorted(judged[0]) == ["", "", "", "wrong"]
    chosen = Option.objects.get(question=of.question, key="from-noon")
    assert sorted(judged[1]) == ["", "", "", chosen.feedback]
    assert view.explanation == ""


def test_closed_question_tells_all(student: User) -> None:
    attempt = start(student, PRACTICE)
    of = item(attempt)
    check(of, {"choice": "from-noon"})
    check(of, {"choice": "main-purpose"}, base=1)
    view = first(student)
    assert sorted(told(view)[0]) == ["also", "out", "out", "wrong"]
    feedback = Option.objects.filter(question=of.question).values_list("feedback", flat=True)
    assert sorted(told(view)[1]) == sorted(feedback)
    assert view.explanation == of.question.explanation


def test_written_answer_shows_its_rubric_only_after_handing_in(student: User) -> None:
    attempt = start(student, WRITTEN)
    save(item(attempt), {"text": "A draft."})
    view = first(student, WRITTEN)
    assert (view.answer, view.presentation.rubric, view.presentation.solution) == (
        {"text": "A draft."},
        [],
        [],
    )
    check(item(attempt), {"text": "Handed in."})
    view = first(student, WRITTEN)
    assert len(view.presentation.rubric) == view.item.question.criteria.count()
    assert view.presentation.solution == [view.item.question.strong_answer]
    assert (view.verdict, view.score) == ("", None)


@pytest.mark.parametrize("rule", [Release.AFTER_DUE, Release.BY_HAND])
@pytest.mark.parametrize("quiz", [PRACTICE, GRADED, WRITTEN])
def test_nothing_is_told_before_its_release(student: User, rule: Release, quiz: str) -> None:
    delivery = Delivery.objects.create(
        key="class", kind="assigned", release=rule, due_at=NOW + timedelta(hours=1)
    )
    attempt = start(student, quiz, delivery=delivery)
    for view in sit(student, quiz, delivery=delivery).items:
        save(item(attempt, view.position), wrong(item(attempt, view.position)))
    domain.submit_attempt(attempt=attempt, moment=NOW)
    sitting = sit(student, quiz, delivery=delivery)
    assert not sitting.released
    assert sitting.earned == 0
    for view in sitting.items:
        assert view.answered
        assert view.answer == wrong(item(attempt, view.position))
        assert (view.key, view.score, view.verdict, view.explanation) == (None, None, "", "")
        assert {text for part in told(view) for text in part} <= {""}
        assert view.presentation.rubric == view.presentation.solution == []
    Delivery.objects.filter(pk=delivery.pk).update(released_at=NOW)
    delivery.refresh_from_db()
    later = sit(student, quiz, delivery=delivery, moment=NOW + timedelta(hours=1))
    assert later.released
    assert all(view.explanation for view in later.items)


# --- Order --------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", CHOICES)
def test_order_is_a_readers_own_and_stays(key: str) -> None:
    question = Question.objects.get(key=key)
    quiz = question.quizzes.get().key
    version = ContentVersion.current()
    position = QuizItem.objects.get(question=question).position
    orders = []
    for seed in range(40):
        view = sit(None, quiz, version=version).at(position)
        assert view is not None
        view.seed = seed
        assert labels(view) == labels(view)
        orders.append(tuple(labels(view)))
    authored = tuple(question.options.order_by("order").values_list("label", flat=True))
    assert {tuple(sorted(order)) for order in orders} == {tuple(sorted(authored))}
    assert len(set(orders)) > 12
    right_label = question.options.get(is_key=True).label
    places = [order.index(right_label) for order in orders]
    assert set(places) == {0, 1, 2, 3}
    assert orders.count(authored) < 10


@pytest.mark.parametrize("key", CHOICES)
def test_order_does_not_follow_the_authors(key: str) -> None:
    question = Question.objects.get(key=key)
    quiz, position = question.quizzes.get().key, QuizItem.objects.get(question=question).position
    view = sit(None, quiz).at(position)
    assert view is not None
    before = labels(view)
    rows = list(question.options.order_by("order"))
    for number, row in enumerate(reversed(rows)):
        Option.objects.filter(pk=row.pk).update(
            order=number, is_key=rows[number].is_key, rank=number
        )
    ContentVersion.bump()
    rendered.clear()
    again = sit(None, quiz).at(position)
    assert again is not None
    assert (labels(again), again.digest) == (before, view.digest)


def other_order(view: ItemView, seed: int) -> int:
    """A seed that gives another order than `seed`: with some secret keys two give the same."""
    keys = [option["key"] for option in view.face["options"]]
    return next(n for n in range(12345, 12445) if shuffled(keys, n) != shuffled(keys, seed))


def test_order_of_an_attempt_stays_when_read_again(student: User, other_student: User) -> None:
    start(student, PRACTICE, seed=3)
    start(other_student, PRACTICE, seed=other_order(first(student), 3))
    mine = labels(first(student))
    ContentVersion.bump()
    rendered.clear()
    assert labels(first(student)) == mine
    assert labels(first(other_student)) != mine
    assert sorted(labels(first(other_student))) == sorted(mine)


# --- Reading a form -----------------------------------------------------------------------------


def form(view: ItemView, answer: Any, **fields: Any) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update(
        {
            "q1-revision": view.revision,
            "q1-seed": str(view.seed),
            "q1-tries": "0",
            "q1-saves": "0",
            "q1-uuid": str(uuid.uuid4()),
            **fields_of(view.face, answer, seed=view.seed, prefix="q1"),
            **fields,
        }
    )
    return data


def test_form_is_read_as_the_reader_saw_it(student: User) -> None:
    view = first(student)
    for key in ("own-name", "from-noon", "to-the-office", "main-purpose"):
        data = form(view, {"choice": key}, **{"q1-confidence": "sure", "q1-tries": "1"})
        read = view.read(data)
        assert (read.answer, read.base, read.confidence) == ({"choice": key}, 1, "sure")
        assert str(read.client_uuid) == data["q1-uuid"]


def test_form_drawn_with_another_order_is_read_by_that_order(student: User) -> None:
    view = first(student)
    other = first(student)
    other.seed = other_order(view, view.seed)
    assert labels(other) != labels(view)
    assert view.read(form(other, {"choice": "own-name"})).answer == {"choice": "own-name"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("q1-uuid", ""),
        ("q1-uuid", "not-a-uuid"),
        ("q1-seed", "1.5"),
        ("q1-seed", "9" * 30),
        ("q1-seed", "٣"),
        ("q1-tries", "-1"),
        ("q1-tries", "1e3"),
        ("q1-tries", "9" * 19),
        ("q1-choice", "4"),
        ("q1-choice", "-1"),
        ("q1-choice", "own-name"),
        ("q1-choice", ""),
    ],
)
def test_form_with_a_mangled_field_is_no_answer(student: User, field: str, value: str) -> None:
    view = first(student)
    with pytest.raises(InvalidAnswer):
        view.read(form(view, {"choice": "own-name"}, **{field: value}))


@pytest.mark.parametrize("value", ["", "0" * 16, "x"])
def test_form_of_another_revision_is_stale(student: User, value: str) -> None:
    view = first(student)
    with pytest.raises(domain.Stale):
        view.read(form(view, {"choice": "own-name"}, **{"q1-revision": value}))


def test_confidence_nobody_offered_is_not_kept(student: User) -> None:
    view = first(student)
    data = form(view, {"choice": "own-name"}, **{"q1-confidence": "certain"})
    assert view.read(data).confidence == ""
    view.face = {**view.face, "asks_confidence": False}
    assert (
        view.read(form(view, {"choice": "own-name"}, **{"q1-confidence": "sure"})).confidence == ""
    )


def test_question_of_an_attempt_is_what_was_asked_then(student: User) -> None:
    start(student, PRACTICE)
    prompt = first(student).face["prompt"]
    Question.objects.filter(key="letter-own-behalf").update(prompt="Asked otherwise")
    ContentVersion.bump()
    assert first(student).face["prompt"] == prompt
    assert first(None).face["prompt"] == "Asked otherwise"
    assert QuestionRevision.objects.filter(question__key="letter-own-behalf").count() == 1
