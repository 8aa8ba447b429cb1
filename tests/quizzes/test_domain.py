"""Every write to learners' work: once, in order, refused when late, and never changed."""

import uuid
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum

from lessons.accounts.models import User
from lessons.quizzes import domain
from lessons.quizzes.kinds.base import InvalidAnswer
from lessons.quizzes.models import (
    AcceptedAnswer,
    Attempt,
    AttemptItem,
    Delivery,
    DeliveryException,
    Draft,
    ItemTally,
    Mark,
    MarkingKey,
    Option,
    Question,
    QuizItem,
    Response,
)
from lessons.quizzes.models.deliveries import LatePolicy
from tests.conftest import make_user
from tests.processes import in_another_process

from .working import (
    GRADED,
    NOW,
    PAIR,
    PRACTICE,
    WRITTEN,
    check,
    item,
    right,
    save,
    start,
    wrong,
)

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
GRACE = timedelta(seconds=Delivery.GRACE_SECONDS)
HOUR = timedelta(hours=1)


def give(**terms: Any) -> Delivery:
    return Delivery.objects.create(key="class", kind=Delivery.Kind.ASSIGNED, **terms)


def rows(*models: Any) -> list[list[Any]]:
    """Everything stored in these tables (all of learners' work where none is named)."""
    models = models or (Attempt, AttemptItem, Draft, Response, Mark)
    return [list(model.objects.order_by("pk").values()) for model in models]


# --- Start --------------------------------------------------------------------------------------


def test_start_makes_one_attempt_with_its_items(student: User) -> None:
    attempt = start(student, seed=42)
    assert start(student, seed=99) == attempt
    assert (attempt.number, attempt.started_at, attempt.deadline) == (1, NOW, None)
    asked = list(QuizItem.objects.filter(quiz__key=GRADED).order_by("position"))
    assert list(attempt.items.values_list("position", "question", "seed")) == [
        (number, row.question_id, 42) for number, row in enumerate(asked, start=1)
    ]
    assert [row.revision.question_id for row in attempt.items.all()] == [
        row.question_id for row in asked
    ]


def test_start_after_handing_in_makes_the_next_number(student: User, other_student: User) -> None:
    first = start(student)
    domain.submit_attempt(attempt=first)
    second = start(student)
    assert (second.number, second.pk != first.pk) == (2, True)
    assert start(other_student).number == 1
    assert start(student, PRACTICE).number == 1
    assert start(student, delivery=Delivery.objects.preview()).number == 1


def test_start_is_refused_when_no_attempt_is_left(student: User, other_student: User) -> None:
    delivery = give(attempts_allowed=1)
    attempt = start(student, delivery=delivery)
    assert start(student, delivery=delivery) == attempt
    domain.submit_attempt(attempt=attempt)
    with pytest.raises(domain.Closed):
        start(student, delivery=delivery)
    assert Attempt.objects.filter(learner=student).count() == 1
    assert start(other_student, delivery=delivery).number == 1
    DeliveryException.objects.create(delivery=delivery, learner=student, attempts_allowed=2)
    assert start(student, delivery=delivery).number == 2


@pytest.mark.parametrize("moment", [NOW - SECOND, NOW + HOUR, NOW + HOUR + SECOND])
def test_start_outside_the_opening_is_refused_and_stores_nothing(
    student: User, moment: Any
) -> None:
    delivery = give(opens_at=NOW, closes_at=NOW + HOUR)
    with pytest.raises(domain.Closed):
        start(student, delivery=delivery, moment=moment)
    assert rows() == [[], [], [], [], []]


@pytest.mark.parametrize(
    ("terms", "deadline"),
    [
        ({}, None),
        ({"time_limit_seconds": 600}, timedelta(seconds=600)),
        ({"time_limit_seconds": 600, "closes_at": NOW + HOUR}, timedelta(seconds=600)),
        ({"time_limit_seconds": 7200, "closes_at": NOW + HOUR}, HOUR),
        ({"due_at": NOW + SECOND}, None),
        ({"due_at": NOW + SECOND, "late_policy": LatePolicy.REFUSED}, SECOND),
    ],
)
def test_start_copies_the_deadline(student: User, terms: Any, deadline: Any) -> None:
    attempt = start(student, delivery=give(**terms))
    assert attempt.deadline == (None if deadline is None else NOW + deadline)


def test_start_takes_the_learners_own_exception_and_no_others(
    student: User, other_student: User
) -> None:
    delivery = give(closes_at=NOW - HOUR, time_limit_seconds=60)
    DeliveryException.objects.create(
        delivery=delivery, learner=student, closes_at=NOW + HOUR, time_limit_seconds=120
    )
    assert start(student, delivery=delivery).deadline == NOW + timedelta(seconds=120)
    with pytest.raises(domain.Closed):
        start(other_student, delivery=delivery)


def test_start_keeps_its_deadline_when_terms_change_later(student: User) -> None:
    delivery = give(time_limit_seconds=600)
    attempt = start(student, delivery=delivery)
    Delivery.objects.filter(pk=delivery.pk).update(time_limit_seconds=60)
    again = start(student, delivery=Delivery.objects.get(pk=delivery.pk))
    assert (again.pk, again.deadline) == (attempt.pk, NOW + timedelta(seconds=600))


# --- Drafts -------------------------------------------------------------------------------------


def test_drafts_count_their_saves(student: User) -> None:
    of = item(start(student), 3)
    assert save(of, {"text": "at"}, confidence="guess").version == 1
    later = NOW + SECOND
    draft = save(of, {"text": "at first"}, base=1, confidence="sure", moment=later)
    assert (draft.version, draft.answer, draft.confidence, draft.saved_at) == (
        2,
        {"text": "at first"},
        "sure",
        later,
    )
    assert Draft.objects.count() == 1
    assert not Response.objects.exists()


@pytest.mark.parametrize("base", [0, 1, 3, 10**17])
def test_stale_draft_is_refused_and_the_stored_text_stays(student: User, base: int) -> None:
    of = item(start(student), 3)
    save(of, {"text": "one"})
    save(of, {"text": "two"}, base=1)
    before = rows()
    with pytest.raises(domain.Stale):
        save(of, {"text": "old"}, base=base)
    assert rows() == before


@pytest.mark.parametrize("base", [0, 1, 7])
def test_draft_that_comes_again_is_the_one_that_was_saved(student: User, base: int) -> None:
    """The answer to a save was lost on its way, by a reload or a bad network."""
    of = item(start(student), 3)
    save(of, {"text": "at first glance"})
    saved = save(of, {"text": "at first"}, base=1, confidence="sure")
    before = rows()
    again = save(of, {"text": "at first"}, base=base, confidence="sure")
    assert (again.version, rows()) == (saved.version, before)
    with pytest.raises(domain.Stale):
        save(of, {"text": "at first"}, base=base, confidence="guess")


def test_draft_after_handing_in_is_refused(student: User) -> None:
    attempt = start(student)
    of = item(attempt, 3)
    save(of, {"text": "one"})
    domain.submit_attempt(attempt=attempt, moment=NOW)
    before = rows()
    for base in (0, 1):
        with pytest.raises(domain.Closed):
            save(of, {"text": "late"}, base=base)
    assert rows() == before


@pytest.mark.parametrize(
    ("after", "taken"), [(GRACE - SECOND, True), (GRACE, True), (GRACE + SECOND, False)]
)
def test_draft_is_taken_up_to_deadline_and_grace(student: User, after: Any, taken: bool) -> None:
    attempt = start(student, delivery=give(time_limit_seconds=60))
    moment = NOW + timedelta(seconds=60) + after
    of = item(attempt, 3)
    if taken:
        assert save(of, {"text": "just"}, moment=moment).saved_at == moment
        return
    with pytest.raises(domain.Closed):
        save(of, {"text": "late"}, moment=moment)
    assert not Draft.objects.exists()


def test_draft_of_a_closed_question_is_refused(student: User) -> None:
    of = item(start(student, PAIR), 2)
    check(of, right(of))
    with pytest.raises(domain.Closed):
        save(of, wrong(of))
    assert not Draft.objects.exists()


# --- Check --------------------------------------------------------------------------------------


def test_right_answer_closes_the_question_and_with_the_last_the_attempt(student: User) -> None:
    attempt = start(student, PAIR)
    first, second = item(attempt, 1), item(attempt, 2)
    response = check(first, right(first), confidence="sure")
    assert (response.version, response.confidence, response.created_at) == (1, "sure", NOW)
    first = item(attempt, 1)
    assert (first.response, first.score, first.closed_at) == (response, Decimal(1), NOW)
    assert first.mark == Mark.objects.get()
    attempt.refresh_from_db()
    assert attempt.submitted_at is None
    check(second, right(second), moment=NOW + SECOND)
    attempt.refresh_from_db()
    assert attempt.submitted_at == NOW + SECOND


def test_second_wrong_answer_closes_and_the_first_is_kept(student: User) -> None:
    attempt = start(student, PRACTICE)
    of = item(attempt)
    one = check(of, wrong(of, 0))
    assert item(attempt).closed_at is None
    two = check(of, wrong(of, 1), base=1, moment=NOW + SECOND)
    now = item(attempt)
    assert (now.response, now.score, now.closed_at) == (two, Decimal(0), NOW + SECOND)
    assert list(Response.objects.values_list("pk", "version", "answer")) == [
        (one.pk, 1, wrong(of, 0)),
        (two.pk, 2, wrong(of, 1)),
    ]
    assert list(Mark.objects.values_list("response", "score", "by")) == [
        (one.pk, 0, "machine"),
        (two.pk, 0, "machine"),
    ]
    attempt.refresh_from_db()
    assert attempt.submitted_at == NOW + SECOND


@pytest.mark.parametrize("base", [0, 1, 2, 3])
def test_third_answer_is_refused(student: User, base: int) -> None:
    of = item(start(student, PRACTICE))
    check(of, wrong(of, 0))
    check(of, wrong(of, 1), base=1)
    before = rows()
    with pytest.raises(domain.Closed if base == 2 else domain.WorkRefused):
        check(of, right(of), base=base)
    assert rows() == before


@pytest.mark.parametrize("close", [False, True])
def test_check_sent_twice_returns_the_first_response(student: User, close: bool) -> None:
    of = item(start(student, PRACTICE))
    sent = uuid.uuid4()
    response = check(of, right(of) if close else wrong(of), sent=sent)
    before = rows()
    given, other = (right(of), wrong(of)) if close else (wrong(of), right(of))
    for base in (0, 1):
        assert check(of, given, sent=sent, base=base, moment=NOW + HOUR) == response
        with pytest.raises(domain.Stale):  # what it says now is not stored, and that is said
            check(of, other, sent=sent, base=base)
    assert rows() == before


def test_first_answer_sent_again_after_the_second_is_acknowledged_still(student: User) -> None:
    of = item(start(student, PRACTICE))
    sent = uuid.uuid4()
    first = check(of, wrong(of, 0), sent=sent)
    check(of, wrong(of, 1), base=1)
    before = rows()
    assert check(of, wrong(of, 0), sent=sent) == first
    assert rows() == before


@pytest.mark.parametrize("base", [0, 2, 99_999, 10**17])
def test_check_from_a_stale_page_is_refused(student: User, base: int) -> None:
    of = item(start(student, PRACTICE))
    check(of, wrong(of, 0))
    before = rows()
    with pytest.raises(domain.Stale):
        check(of, right(of), base=base)
    assert rows() == before


@pytest.mark.parametrize("base", [1, 2, 40_000, 10**17])
def test_check_that_claims_tries_nobody_made_is_refused(student: User, base: int) -> None:
    """Else the first answer would count as a second, and the item close with all revealed."""
    of = item(start(student, PRACTICE))
    with pytest.raises(domain.Stale):
        check(of, wrong(of), base=base)
    assert rows(Response, Mark) == [[], []]
    assert item(of.attempt).closed_at is None


def test_check_takes_the_draft_with_it(student: User) -> None:
    of = item(start(student, PAIR), 2)
    save(of, wrong(of, 1))
    check(of, wrong(of, 0))
    assert not Draft.objects.exists()
    with pytest.raises(domain.Stale):
        save(of, wrong(of, 1), base=1)
    assert not Draft.objects.exists()


def test_written_answer_is_closed_unmarked(student: User) -> None:
    attempt = start(student, WRITTEN)
    response = check(item(attempt), {"text": "He spoke for himself."})
    now = item(attempt)
    assert (now.response, now.mark, now.score, now.closed_at) == (response, None, None, NOW)
    assert not Mark.objects.exists()


@pytest.mark.parametrize(("after", "taken"), [(GRACE, True), (GRACE + SECOND, False)])
def test_check_is_taken_up_to_deadline_and_grace(student: User, after: Any, taken: bool) -> None:
    of = item(start(student, PRACTICE, delivery=give(closes_at=NOW + timedelta(seconds=60))))
    moment = NOW + timedelta(seconds=60) + after
    if taken:
        assert check(of, right(of), moment=moment).created_at == moment
        return
    with pytest.raises(domain.Closed):
        check(of, right(of), moment=moment)
    assert not Response.objects.exists()


def test_check_counts_partly_right_answers_exactly(student: User) -> None:
    attempt = start(student, "letter-what-is-this")
    of = item(attempt)
    one_of_two = {"choices": right(of)["choices"][:1]}
    check(of, one_of_two)
    assert item(attempt).score == Decimal("0.5")
    assert item(attempt).closed_at is None


# --- Handing in ---------------------------------------------------------------------------------


def test_submit_makes_drafts_responses_and_blanks_worth_nothing(student: User) -> None:
    attempt = start(student)
    for position in (1, 2):
        of = item(attempt, position)
        save(of, right(of), confidence="think")
    of = item(attempt, 4)
    save(of, {"choice": ""})
    handed_in = domain.submit_attempt(attempt=attempt, moment=NOW + HOUR)
    assert (handed_in.submitted_at, handed_in.receipt) == (NOW + HOUR, attempt.receipt)
    assert not Draft.objects.exists()
    assert [
        (one.position, one.response.answer, one.response.confidence, one.score, one.closed_at)
        for one in AttemptItem.objects.select_related("response").order_by("position")
        if one.response
    ] == [
        (1, right(item(attempt, 1)), "think", Decimal(1), NOW + HOUR),
        (2, right(item(attempt, 2)), "think", Decimal(1), NOW + HOUR),
        (3, {}, "", Decimal(0), NOW + HOUR),
        (4, {"choice": ""}, "", Decimal(0), NOW + HOUR),
        (5, {}, "", Decimal(0), NOW + HOUR),
    ]


def test_submit_sent_twice_returns_the_same_receipt_and_changes_nothing(student: User) -> None:
    attempt = start(student)
    save(item(attempt, 3), {"text": "at first glance"})
    stale = Attempt.objects.get()
    first = domain.submit_attempt(attempt=attempt, moment=NOW)
    before = rows()
    again = domain.submit_attempt(attempt=stale, moment=NOW + HOUR)
    assert (again.receipt, again.submitted_at) == (first.receipt, NOW)
    assert rows() == before


def test_submit_leaves_checked_answers_as_they_were(student: User) -> None:
    attempt = start(student, PAIR)
    of = item(attempt, 2)
    checked = check(of, right(of))
    domain.submit_attempt(attempt=attempt, moment=NOW + HOUR)
    assert (item(attempt, 2).response, item(attempt, 2).closed_at) == (checked, NOW)
    assert item(attempt, 1).score == 0


def test_submit_after_a_first_wrong_answer_keeps_that_as_the_first(student: User) -> None:
    attempt = start(student, PAIR)
    of = item(attempt, 2)
    check(of, wrong(of))
    save(of, right(of))
    domain.submit_attempt(attempt=attempt, moment=NOW)
    assert list(Response.objects.filter(item=of).values_list("version", "answer")) == [
        (1, wrong(of)),
        (2, right(of)),
    ]


@pytest.mark.parametrize(
    ("after", "stamped"),
    [
        (-SECOND, -SECOND),
        (GRACE - SECOND, GRACE - SECOND),
        (GRACE, GRACE),
        (GRACE + SECOND, GRACE),
        (24 * HOUR, GRACE),
    ],
)
def test_submit_is_stamped_no_later_than_deadline_and_grace(
    student: User, after: Any, stamped: Any
) -> None:
    attempt = start(student, delivery=give(time_limit_seconds=60))
    assert attempt.deadline == NOW + timedelta(seconds=60)
    handed_in = domain.submit_attempt(attempt=attempt, moment=attempt.deadline + after)
    assert handed_in.submitted_at == attempt.deadline + stamped


def test_close_overdue_hands_in_what_was_saved_once(student: User, other_student: User) -> None:
    delivery = give(time_limit_seconds=60)
    attempt = start(student, delivery=delivery)
    save(item(attempt, 3), {"text": "at first glance"})
    untimed = start(other_student)
    deadline = NOW + timedelta(seconds=60)
    assert domain.close_overdue(moment=deadline + GRACE) == 0
    assert domain.close_overdue(moment=deadline + GRACE + SECOND) == 1
    attempt.refresh_from_db()
    assert attempt.submitted_at == deadline + GRACE
    assert (item(attempt, 3).response.answer, item(attempt, 3).score) == (
        {"text": "at first glance"},
        1,
    )
    before = rows()
    assert domain.close_overdue(moment=deadline + HOUR) == 0
    assert rows() == before
    untimed.refresh_from_db()
    assert untimed.submitted_at is None


# --- A learner's own judgement ------------------------------------------------------------------


def written(by: User) -> AttemptItem:
    attempt = start(by, WRITTEN)
    check(item(attempt), {"text": "He spoke for himself."})
    return item(attempt)


def best_levels(of: AttemptItem) -> dict[str, str]:
    criteria = MarkingKey.objects.get(revision=of.revision_id).content["criteria"]
    return {criterion["key"]: criterion["levels"][-1]["key"] for criterion in criteria}


def test_own_assessment_is_a_mark_by_the_learner(student: User) -> None:
    of = written(student)
    mark = domain.assess_own_response(item=of, levels=best_levels(of), by=student, moment=NOW)
    assert (mark.by, mark.marker, mark.score, mark.levels, mark.created_at) == (
        "self",
        student,
        Decimal(1),
        best_levels(of),
        NOW,
    )
    assert (item(of.attempt).mark, item(of.attempt).score) == (mark, Decimal(1))
    assert item(of.attempt).response == of.response


def test_own_assessment_never_replaces_a_persons_mark(student: User, instructor: User) -> None:
    of = written(student)
    key = MarkingKey.objects.get(revision=of.revision_id)
    mark = Mark.objects.create(
        response=of.response, marking_key=key, score=Decimal("0.5"), by="person", marker=instructor
    )
    AttemptItem.objects.filter(pk=of.pk).update(mark=mark, score=mark.score)
    domain.assess_own_response(item=of, levels=best_levels(of), by=student)
    assert (item(of.attempt).mark, item(of.attempt).score) == (mark, Decimal("0.5"))
    assert Mark.objects.count() == 2


# --- Marks by people ----------------------------------------------------------------------------


def mark(of: AttemptItem, by: User, **more: Any) -> Mark:
    assert of.response is not None
    levels = more.pop("levels", None)
    given: dict[str, Any] = {"base_mark": 0, **more}
    given["levels"] = best_levels(of) if levels is None else levels
    return domain.mark_response(response=of.response, by=by, **given)


def test_persons_mark_counts_after_all_earlier_ones(student: User, instructor: User) -> None:
    of = written(student)
    domain.assess_own_response(item=of, levels=best_levels(of), by=student)
    before = rows(Mark)
    given = mark(of, instructor, comment="  Whose words?\r\n", moment=NOW)
    assert rows(Mark)[0][:1] == before[0]
    assert (given.by, given.marker, given.comment, given.score, given.created_at) == (
        "person",
        instructor,
        "Whose words?",
        Decimal(1),
        NOW,
    )
    assert (item(of.attempt).mark, item(of.attempt).score) == (given, Decimal(1))


def test_mark_on_an_older_page_is_refused_with_the_newer_one(
    student: User, instructor: User
) -> None:
    of = written(student)
    first = mark(of, instructor)
    before = rows()
    for base in (0, first.pk + 1):
        with pytest.raises(domain.StaleMark) as refusal:
            mark(of, instructor, base_mark=base)
        assert refusal.value.theirs == first
    assert rows() == before
    second = mark(of, instructor, base_mark=first.pk)
    assert item(of.attempt).mark == second


def test_mark_that_is_none_is_refused(student: User, instructor: User) -> None:
    of = written(student)
    before = rows()
    for levels in hostile_levels(of):
        with pytest.raises(InvalidAnswer):
            mark(of, instructor, levels=levels)
    for comment in ("x" * 2001, "a\0b", "\ud800"):
        with pytest.raises(InvalidAnswer):
            mark(of, instructor, comment=comment)
    assert rows() == before


def test_open_or_older_answers_are_not_marked(student: User, instructor: User) -> None:
    attempt = start(student, PRACTICE)
    first = check(item(attempt), wrong(item(attempt)))
    points: dict[str, Any] = {"levels": {}, "by": instructor, "base_mark": 0, "score": Decimal(1)}
    with pytest.raises(domain.Closed):
        domain.mark_response(response=first, **points)
    check(item(attempt), wrong(item(attempt), 1), base=1)
    with pytest.raises(domain.Stale):
        domain.mark_response(response=first, **points)


@pytest.mark.parametrize("score", [None, Decimal("-0.1"), Decimal("1.1")])
def test_machine_marked_answer_takes_a_score_from_0_to_1(
    student: User, instructor: User, score: Decimal | None
) -> None:
    attempt = start(student, PRACTICE)
    check(item(attempt), right(item(attempt)))
    of = item(attempt)
    with pytest.raises(InvalidAnswer):
        mark(of, instructor, levels={}, score=score)
    assert mark(of, instructor, levels={}, score=Decimal(1) / 3).score == Decimal("0.333333")


def hostile_levels(of: AttemptItem) -> list[dict[str, str]]:
    good = best_levels(of)
    first = next(iter(good))
    return [
        {},
        {first: good[first]},
        {**good, first: ""},
        {**good, first: "1.0"},
        {**good, first: "\x00"},
        {**good, "is_staff": "1"},
        {**good, "": ""},
        {key.upper(): level for key, level in good.items()},
        dict.fromkeys(good, "x" * 10_000),
    ]


def test_incomplete_or_foreign_levels_are_refused(student: User) -> None:
    of = written(student)
    assert len(best_levels(of)) > 1
    before = rows()
    for levels in hostile_levels(of):
        with pytest.raises(domain.WorkRefused):
            domain.assess_own_response(item=of, levels=levels, by=student)
    assert rows() == before


def test_own_assessment_before_handing_in_is_refused(student: User) -> None:
    of = item(start(student, WRITTEN))
    with pytest.raises(domain.Closed):
        domain.assess_own_response(item=of, levels=best_levels(of), by=student)
    assert not Mark.objects.exists()


def test_answer_that_a_machine_marks_cannot_be_assessed_by_its_learner(student: User) -> None:
    attempt = start(student, PRACTICE)
    check(item(attempt), right(item(attempt)))
    before = rows()
    for levels in ({}, {"reason": "3"}):
        with pytest.raises(domain.WorkRefused):
            domain.assess_own_response(item=item(attempt), levels=levels, by=student)
    assert rows() == before


def test_blank_written_answer_cannot_be_assessed_by_its_learner(student: User) -> None:
    attempt = start(student, WRITTEN)
    domain.submit_attempt(attempt=attempt, moment=NOW)
    of = item(attempt)
    assert of.score == 0
    with pytest.raises(domain.WorkRefused):
        domain.assess_own_response(item=of, levels=best_levels(of), by=student)
    assert item(attempt).score == 0


# --- Re-keying ----------------------------------------------------------------------------------


def rekey(question: Question, key: str) -> None:
    Option.objects.filter(question=question).update(is_key=False)
    Option.objects.filter(question=question, key=key).update(is_key=True)


def test_regrade_adds_a_key_and_marks_and_rewrites_nothing(
    student: User, other_student: User
) -> None:
    mine, theirs = start(student, PRACTICE), start(other_student, PRACTICE)
    check(item(mine), right(item(mine)))
    check(item(theirs), {"choice": "from-noon"})
    of = item(mine)
    before = rows(Response, Mark, MarkingKey)
    rekey(of.question, "from-noon")
    assert domain.regrade(revision=of.revision, reason="A better key") == 2
    responses, marks, keys = rows(Response, Mark, MarkingKey)
    assert responses == before[0]
    assert marks[: len(before[1])] == before[1]
    assert [row for row in keys if row in before[2]] == before[2]
    new = MarkingKey.objects.get(revision=of.revision, version=2)
    assert new.content["right"] == ["from-noon"]
    added = Mark.objects.order_by("pk")[len(before[1]) :]
    assert [(m.score, m.by, m.reason, m.marking_key) for m in added] == [
        (Decimal(0), "machine", "A better key", new),
        (Decimal(1), "machine", "A better key", new),
    ]
    assert [item(mine).score, item(theirs).score] == [Decimal(0), Decimal(1)]
    assert item(mine).closed_at == of.closed_at
    assert item(theirs).closed_at is None


def test_regrade_with_the_same_key_does_nothing(student: User) -> None:
    attempt = start(student, PRACTICE)
    check(item(attempt), wrong(item(attempt)))
    before = rows(Attempt, AttemptItem, Response, Mark, MarkingKey)
    assert domain.regrade(revision=item(attempt).revision, reason="Again") == 0
    assert rows(Attempt, AttemptItem, Response, Mark, MarkingKey) == before


def test_regrade_twice_marks_once(student: User) -> None:
    attempt = start(student, PRACTICE)
    check(item(attempt), {"choice": "from-noon"})
    rekey(item(attempt).question, "from-noon")
    revision = item(attempt).revision
    assert [domain.regrade(revision=revision, reason="Better") for _ in range(2)] == [1, 0]
    assert (Mark.objects.count(), MarkingKey.objects.filter(revision=revision).count()) == (2, 2)


def test_regrade_leaves_other_questions_and_blanks_alone(student: User) -> None:
    attempt = start(student)
    save(item(attempt, 3), {"text": "impression"})
    domain.submit_attempt(attempt=attempt, moment=NOW)
    AcceptedAnswer.objects.filter(question__key="letter-limit", key="impression").update(score=1)
    assert domain.regrade(revision=item(attempt, 4).revision, reason="Other") == 0
    assert item(attempt, 3).score == Decimal("0.5")
    assert domain.regrade(revision=item(attempt, 3).revision, reason="This") == 1
    assert [item(attempt, n).score for n in range(1, 6)] == [0, 0, 1, 0, 0]


# --- A guest's work is claimed --------------------------------------------------------------------


def test_adopted_attempts_are_numbered_after_ones_own(student: User, guest: User) -> None:
    mine = start(student, PRACTICE)
    check(item(mine), right(item(mine)))
    theirs = start(guest, PRACTICE)
    check(item(theirs), wrong(item(theirs)))
    other = start(guest)
    work = rows(Response, Mark)
    assert domain.adopt_attempts(guest=guest, by=student) == 2
    assert rows(Response, Mark) == work
    assert list(
        Attempt.objects.order_by("pk").values_list("pk", "learner", "number", "submitted_at")
    ) == [
        (mine.pk, student.pk, 1, NOW),
        (theirs.pk, student.pk, 2, None),
        (other.pk, student.pk, 1, None),
    ]


def test_of_two_open_attempts_the_guests_is_handed_in(student: User, guest: User) -> None:
    mine, theirs = start(student), start(guest)
    save(item(mine, 3), {"text": "mine"})
    save(item(theirs, 3), {"text": "at first glance"})
    assert domain.adopt_attempts(guest=guest, by=student) == 1
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.learner, mine.number, mine.submitted_at) == (student, 2, None)
    assert (theirs.learner, theirs.number, theirs.submitted_at is None) == (student, 1, False)
    assert item(theirs, 3).response.answer == {"text": "at first glance"}
    assert Draft.objects.get().answer == {"text": "mine"}


# --- Erasing ------------------------------------------------------------------------------------


def test_erased_learner_leaves_counts_and_no_rows(student: User, other_student: User) -> None:
    kept = start(other_student, PRACTICE)
    check(item(kept), {"choice": "from-noon"})
    for choice, attempt in (("from-noon", start(student, PRACTICE)),):
        check(item(attempt), {"choice": choice})
        check(item(attempt), right(item(attempt)), base=1)
    open_one = start(student, WRITTEN)
    check(item(open_one), {"text": "A sentence that nobody else would write."})
    draft = start(student)
    save(item(draft, 3), {"text": "A draft that nobody else would write."})
    delivery = give()
    DeliveryException.objects.create(delivery=delivery, learner=student)
    mine = Attempt.objects.filter(learner=student)
    assert mine.count() == 3
    others = rows(Response, Mark)
    domain.erase_work(learner=student)
    assert not mine.exists()
    assert not DeliveryException.objects.exists()
    assert rows(Attempt)[0] == list(Attempt.objects.filter(pk=kept.pk).values())
    assert AttemptItem.objects.count() == Response.objects.count() == Mark.objects.count() == 1
    assert [row for row in others[0] if row["item_id"] == item(kept).pk] == rows(Response)[0]
    assert not Draft.objects.exists()
    assert sorted(
        (row.revision.question.key, row.choice, row.count, row.score_sum)
        for row in ItemTally.objects.select_related("revision__question")
    ) == [
        ("letter-own-behalf", "from-noon", 1, Decimal(0)),
        ("letter-spoke-for-himself", "", 1, Decimal(0)),
    ]
    student.delete()


def test_tally_adds_up_first_answers_and_keeps_nothing_typed(
    student: User, other_student: User
) -> None:
    for learner, text, choice in (
        (student, "at first glance", "aim-to-fact"),
        (other_student, "My name is Tomasz", "aim-to-fact"),
        (make_user("third"), "impression", "condition"),
    ):
        attempt = start(learner)
        save(item(attempt, 3), {"text": text})
        save(item(attempt, 4), {"choice": choice})
        domain.submit_attempt(attempt=attempt, moment=NOW)
        domain.erase_work(learner=learner)
    tallies = ItemTally.objects.filter(revision__question__key__in=["letter-limit"])
    assert list(tallies.values_list("choice", "count", "score_sum")) == [("", 3, Decimal("1.5"))]
    single = ItemTally.objects.filter(revision__question__key="letter-summary")
    assert list(single.order_by("choice").values_list("choice", "count", "score_sum")) == [
        ("aim-to-fact", 2, Decimal(2)),
        ("condition", 1, Decimal(0)),
    ]
    blank = ItemTally.objects.filter(revision__question__key="letter-dates")
    assert list(blank.values_list("choice", "count", "score_sum")) == [("", 3, Decimal(0))]


def test_tally_of_a_preview_or_a_second_attempt_is_not_kept(student: User) -> None:
    preview = start(student, PRACTICE, delivery=Delivery.objects.preview())
    check(item(preview), right(item(preview)))
    for answer in ("from-noon", "own-name"):
        attempt = start(student, PRACTICE)
        check(item(attempt), {"choice": answer})
        domain.submit_attempt(attempt=attempt, moment=NOW)
    domain.erase_work(learner=student)
    assert list(ItemTally.objects.values_list("choice", "count")) == [("from-noon", 1)]
    assert not Attempt.objects.exists()


def test_erasing_a_marker_leaves_the_marks_of_others(student: User, instructor: User) -> None:
    of = written(student)
    key = MarkingKey.objects.get(revision=of.revision_id)
    Mark.objects.create(
        response=of.response, marking_key=key, score=1, by="person", marker=instructor
    )
    domain.erase_work(learner=instructor)
    instructor.delete()
    assert list(Mark.objects.values_list("by", "marker")) == [("person", None)]


def test_score_sum_is_exact(student: User) -> None:
    attempt = start(student)
    of = item(attempt, 1)
    pairs = right(of)["pairs"]
    one = dict.fromkeys(pairs, next(iter(pairs.values())))
    save(of, {"pairs": one})
    domain.submit_attempt(attempt=attempt, moment=NOW)
    score = item(attempt, 1).score
    assert score == Decimal("0.2")
    domain.erase_work(learner=student)
    tallies = ItemTally.objects.filter(revision=of.revision)
    assert tallies.aggregate(all=Sum("count")) == {"all": 5}
    assert set(tallies.values_list("score_sum", flat=True)) == {score}


# --- At once ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("start", {"different": 1, "attempts": 1, "items": [5], "stored": True}),
        (
            "submit",
            {
                "receipts": True,
                "answers": [
                    [1, 1, {}],
                    [2, 1, {}],
                    [3, 1, {"text": "at first glance"}],
                    [4, 1, {}],
                    [5, 1, {}],
                ],
                "marks": 5,
                "drafts": 0,
            },
        ),
        ("check-wrong", {"stored": 1, "told": True}),
        ("check-right", {"stored": 1, "told": True}),
        ("check-ten", {"got": ["1"] + ["Stale"] * 9, "stored": 1}),
        (
            "mark-ten",
            {"got": ["StaleMark"] * 9 + ["compared", "marked"], "marks": 1, "counts": True},
        ),
        ("draft-ten", {"got": ["1"] + ["Stale"] * 9, "versions": [1]}),
        ("check-and-submit", {"got": ["True"], "torn": 0}),
        ("save-and-submit", {"got": True, "stored": True}),
    ],
)
def test_ten_at_once_have_the_effect_of_one(case: str, expected: Any, tmp_path: Path) -> None:
    assert in_another_process("tests.quizzes.parallel", case, folder=tmp_path) == expected
