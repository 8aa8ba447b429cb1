"""Which terms hold for one learner, and when answers may be seen."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.quizzes.models import Delivery, DeliveryException, Quiz
from lessons.quizzes.models.deliveries import LatePolicy, Release
from lessons.quizzes.terms import ResolvedTerms, answers_released, resolve_terms

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
moments = st.integers(-(10**9), 10**9).map(lambda seconds: NOON + timedelta(seconds=seconds))
FIELDS = ("opens_at", "due_at", "closes_at", "attempts_allowed", "time_limit_seconds")


def values(names: tuple[str, ...] = FIELDS) -> st.SearchStrategy[dict[str, Any]]:
    """Any of the fields, each perhaps left empty."""
    of = {
        "opens_at": moments,
        "due_at": moments,
        "closes_at": moments,
        "attempts_allowed": st.integers(0, 9),
        "time_limit_seconds": st.integers(1, 9999),
    }
    return st.fixed_dictionaries({name: st.none() | of[name] for name in names})


def test_exception_overrides_only_the_fields_it_names() -> None:
    delivery = Delivery(due_at=NOON, closes_at=NOON + SECOND, attempts_allowed=1)
    quiz = Quiz(attempts_allowed=5, time_limit_seconds=600)
    exception = DeliveryException(closes_at=NOON + 2 * SECOND, time_limit_seconds=900)
    assert resolve_terms(delivery, quiz, exception) == ResolvedTerms(
        opens_at=None,
        due_at=NOON,
        closes_at=NOON + 2 * SECOND,
        attempts_allowed=1,
        time_limit=timedelta(seconds=900),
    )


@given(values(), values(), values(("attempts_allowed", "time_limit_seconds")))
def test_each_field_is_the_exceptions_else_the_deliverys_else_the_quizzes(
    own: dict[str, Any], everyones: dict[str, Any], default: dict[str, Any]
) -> None:
    terms = resolve_terms(Delivery(**everyones), Quiz(**default), DeliveryException(**own))
    for name in ("opens_at", "due_at", "closes_at", "attempts_allowed"):
        wanted = own[name] if own[name] is not None else everyones[name]
        if wanted is None:
            wanted = default.get(name)
        assert getattr(terms, name) == wanted
    seconds = [layer["time_limit_seconds"] for layer in (own, everyones, default)]
    first = next((n for n in seconds if n is not None), None)
    assert terms.time_limit == (timedelta(seconds=first) if first else None)


@given(values(), st.none() | moments)
def test_an_exception_that_names_nothing_changes_nothing(
    everyones: dict[str, Any], moment: datetime | None
) -> None:
    delivery, quiz = Delivery(**everyones), Quiz()
    assert resolve_terms(delivery, quiz, DeliveryException()) == resolve_terms(delivery, quiz)


def test_terms_without_a_quiz_are_the_deliverys() -> None:
    delivery = Delivery(due_at=NOON, time_limit_seconds=60)
    assert resolve_terms(delivery, None) == ResolvedTerms(
        None, NOON, None, None, timedelta(seconds=60)
    )


@pytest.mark.parametrize(
    ("due", "closes", "own", "expected"),
    [
        (NOON, None, None, NOON),
        (NOON, NOON + SECOND, None, NOON),
        (NOON, NOON - SECOND, None, NOON - SECOND),
        (NOON, None, NOON + SECOND, NOON + SECOND),
        (None, NOON, None, NOON),
        (None, None, None, None),
    ],
)
def test_refused_late_work_closes_at_the_due_date_of_that_learner(
    due: datetime | None, closes: datetime | None, own: datetime | None, expected: datetime | None
) -> None:
    delivery = Delivery(due_at=due, closes_at=closes, late_policy=LatePolicy.REFUSED)
    exception = DeliveryException(due_at=own)
    assert resolve_terms(delivery, None, exception).closes_at == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (NOON - SECOND, False),
        (NOON, True),
        (NOON + SECOND, True),
        (NOON + 2 * SECOND, False),
    ],
)
def test_it_is_open_from_its_opening_and_no_longer_at_its_close(
    moment: datetime, expected: bool
) -> None:
    terms = resolve_terms(Delivery(opens_at=NOON, closes_at=NOON + 2 * SECOND), None)
    assert terms.is_open(moment) is expected


@given(moments, st.none() | moments, st.none() | st.integers(1, 99999))
def test_a_deadline_is_the_earlier_of_close_and_time_limit(
    started: datetime, closes: datetime | None, seconds: int | None
) -> None:
    limit = timedelta(seconds=seconds) if seconds else None
    deadline = ResolvedTerms(None, None, closes, None, limit).deadline(started)
    limits = [closes] if closes else []
    limits += [started + limit] if limit else []
    assert deadline == (min(limits) if limits else None)


# --- Release ----------------------------------------------------------------------------------

BEFORE, AT, AFTER = NOON - SECOND, NOON, NOON + SECOND


@pytest.mark.parametrize(
    ("rule", "released_at", "last_due", "moment", "expected"),
    [
        (Release.AT_ONCE, None, None, BEFORE, True),
        (Release.AT_ONCE, None, NOON, BEFORE, True),
        (Release.AFTER_SUBMIT, None, None, BEFORE, True),
        (Release.AFTER_SUBMIT, None, NOON, BEFORE, True),
        (Release.AFTER_DUE, None, None, AFTER, False),
        (Release.AFTER_DUE, None, NOON, BEFORE, False),
        (Release.AFTER_DUE, None, NOON, AT, True),
        (Release.AFTER_DUE, None, NOON, AFTER, True),
        (Release.AFTER_DUE, BEFORE, NOON, BEFORE, False),
        (Release.BY_HAND, None, NOON, AFTER, False),
        (Release.BY_HAND, NOON, None, BEFORE, False),
        (Release.BY_HAND, NOON, None, AT, True),
        (Release.BY_HAND, NOON, AFTER, AT, True),
    ],
)
def test_a_handed_in_answer_is_released_by_the_deliverys_rule(
    rule: Release,
    released_at: datetime | None,
    last_due: datetime | None,
    moment: datetime,
    expected: bool,
) -> None:
    delivery = Delivery(release=rule, released_at=released_at)
    assert answers_released(delivery, submitted=True, last_due=last_due, moment=moment) is expected


@given(st.sampled_from(Release.values), st.none() | moments, st.none() | moments, moments)
def test_nothing_is_released_before_it_is_handed_in(
    rule: str, released_at: datetime | None, last_due: datetime | None, moment: datetime
) -> None:
    delivery = Delivery(release=rule, released_at=released_at)
    assert not answers_released(delivery, submitted=False, last_due=last_due, moment=moment)


@given(st.sampled_from(Release.values), st.none() | moments, st.none() | moments, moments, moments)
def test_what_is_released_stays_released(
    rule: str,
    released_at: datetime | None,
    last_due: datetime | None,
    one: datetime,
    other: datetime,
) -> None:
    delivery = Delivery(release=rule, released_at=released_at)
    earlier, later = sorted([one, other])
    first, then = (
        answers_released(delivery, submitted=True, last_due=last_due, moment=moment)
        for moment in (earlier, later)
    )
    assert then or not first
