from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.classrooms.grade_words import say_percent
from lessons.classrooms.grading import (
    NOT_GIVEN,
    Cell,
    Count,
    Part,
    Rules,
    State,
    Work,
    grade,
    lines_of,
    mean,
    settle,
    total,
)
from lessons.quizzes.terms import ResolvedTerms

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
QUIZ = Part(1, "Closing quiz", Count.LATEST, Decimal(6))
WRITTEN = Part(2, "In your own words", Count.WRITTEN, Decimal(3))
BOTH = [QUIZ, WRITTEN]


def rules(due: int | None = None, closes: int | None = None, per_day: str = "") -> Rules:
    """Due and closing so many days from now."""
    terms = ResolvedTerms(
        opens_at=None,
        due_at=None if due is None else NOW + due * DAY,
        closes_at=None if closes is None else NOW + closes * DAY,
        attempts_allowed=None,
        time_limit=None,
    )
    return Rules(terms, "per-day" if per_day else "none", Decimal(per_day or 0))


def work(earned: str, points: str = "6", **fields: Any) -> Work:
    values: dict[str, Any] = {
        "attempt": 1,
        "number": 1,
        "handed_in": NOW,
        "points": Decimal(points),
        "earned": Decimal(earned),
        "marked": Decimal(points),
        "items": 5,
        "answered": 5,
        "waiting": 0,
    }
    return Work(**values | fields)


def cell(works: dict[int, Work], of: Rules, parts: list[Part] | None = None) -> Cell:
    return grade(lines_of(BOTH if parts is None else parts, works, of, NOW), of, NOW)


def test_a_grade_is_points_earned_over_points_asked() -> None:
    found = cell({1: work("4"), 2: work("2", "3")}, rules())
    assert (found.state, found.score) == (State.MARKED, Decimal(6) / Decimal(9))
    assert (found.earned, found.points, found.taken) == (6, 9, 0)


def test_each_part_pays_for_its_own_lateness() -> None:
    in_time = work("2", "3", handed_in=NOW - 3 * DAY)
    found = cell({1: work("4"), 2: in_time}, rules(due=-2, per_day="0.1"))
    assert (found.score, found.earned) == (Decimal("5.2") / 9, Decimal("5.2"))
    assert (found.days, found.taken) == (2, Decimal("0.8"))


def test_lateness_that_costs_nothing_is_still_told() -> None:
    found = cell({1: work("4"), 2: work("2", "3")}, rules(due=-2))
    assert (found.score, found.days, found.taken) == (Decimal(6) / 9, 2, 0)


@pytest.mark.parametrize(
    ("works", "of", "state", "score"),
    [
        ({}, rules(), State.NOT_BEGUN, None),
        ({}, rules(due=1), State.NOT_BEGUN, None),
        ({}, rules(due=-1), State.MISSING, None),
        ({}, rules(due=-2, closes=-1), State.NOTHING, 0),
        ({1: work("0", handed_in=None, answered=0)}, rules(), State.BEGUN, None),
        ({1: work("4")}, rules(), State.BEGUN, None),
        ({1: work("4")}, rules(due=-1), State.MISSING, None),
        ({1: work("4")}, rules(closes=-1), State.MARKED, Decimal(4) / 9),
        (
            {1: work("4"), 2: work("0", "3", marked=Decimal(0), waiting=1)},
            rules(),
            State.WAITING,
            None,
        ),
        (
            {1: work("4"), 2: work("0", "3", marked=Decimal(0), waiting=1)},
            rules(closes=-1),
            State.WAITING,
            None,
        ),
    ],
)
def test_what_is_missing_is_blank_until_it_closes_and_nothing_then(
    works: dict[int, Work], of: Rules, state: State, score: Decimal | None
) -> None:
    found = cell(works, of)
    assert (found.state, found.score) == (state, score)


def test_a_waiting_grade_says_what_is_marked_so_far() -> None:
    found = cell({1: work("4"), 2: work("0", "3", marked=Decimal(0), waiting=1)}, rules())
    assert (found.earned, found.points, found.waiting) == (4, 6, 1)


def test_closing_waits_for_the_grace_of_an_answer_on_its_way() -> None:
    terms = rules(closes=0)
    assert not terms.is_closed(NOW + timedelta(seconds=30))
    assert terms.is_closed(NOW + timedelta(seconds=31))


def test_practice_answered_in_part_counts_what_was_answered_once_it_closes() -> None:
    part = Part(3, "Practice", Count.FIRST, Decimal(4))
    some = work("1", "4", marked=Decimal(2), items=4, answered=2)
    assert cell({3: some}, rules(), [part]).state is State.BEGUN
    closed = cell({3: some}, rules(closes=-1), [part])
    assert (closed.state, closed.score) == (State.MARKED, Decimal("0.25"))


def test_reading_alone_has_no_grade() -> None:
    assert cell({}, rules(closes=-1), []) == Cell(State.UNGRADED)


def test_points_are_those_that_were_asked_then() -> None:
    found = cell({1: work("4", "8")}, rules(), [QUIZ])
    assert found.score == Decimal("0.5")


def test_an_excuse_stands_over_a_grade_by_hand_over_the_computed_one() -> None:
    computed = cell({1: work("4")}, rules(), [QUIZ])
    by_hand = settle(computed, by_hand=Decimal("0.9"), is_excused=False)
    excused = settle(computed, by_hand=Decimal("0.9"), is_excused=True)
    assert (by_hand.state, by_hand.score, by_hand.computed) == (
        State.BY_HAND,
        Decimal("0.9"),
        computed.score,
    )
    assert (excused.state, excused.score, excused.computed) == (
        State.EXCUSED,
        None,
        Decimal("0.9"),
    )
    assert settle(computed, by_hand=None, is_excused=False) is computed


def test_a_grade_by_hand_stands_where_nothing_is_graded() -> None:
    found = settle(Cell(State.UNGRADED), by_hand=Decimal(1), is_excused=False)
    assert total([(found, Decimal(2))]).score == 1


# --- Properties ---------------------------------------------------------------------------------

scores = st.one_of(st.none(), st.decimals(0, 1, places=6))
weights = st.decimals(0, 100, places=2)
cells = st.builds(
    lambda score: Cell(State.MARKED if score is not None else State.BEGUN, score), scores
)
points = st.decimals(Decimal("0.25"), 20, places=2)
shares = st.decimals(0, 1, places=6)


@given(st.lists(st.tuples(cells, weights), max_size=12))
def test_a_total_is_the_weighted_mean_of_what_counts(rows: list[tuple[Cell, Decimal]]) -> None:
    found = total(rows)
    counted = [(Fraction(c.score), Fraction(w)) for c, w in rows if c.score is not None and w]
    whole = sum(w for _score, w in counted)
    assert (found.counted, found.of) == (len(counted), sum(bool(w) for _c, w in rows))
    if not whole:
        assert found.score is None
    else:
        exact = sum(score * w for score, w in counted) / whole
        assert found.score is not None
        assert abs(Fraction(found.score) - exact) < Fraction(1, 10**20)
        assert 0 <= round(found.score, 20) <= 1


@given(st.lists(st.tuples(cells, weights), max_size=8), st.decimals(1, 9, places=2))
def test_only_the_proportions_of_weights_matter(
    rows: list[tuple[Cell, Decimal]], factor: Decimal
) -> None:
    one, other = total(rows), total([(c, w * factor) for c, w in rows])
    assert one.counted == other.counted
    if one.score is not None and other.score is not None:
        assert abs(one.score - other.score) < Decimal("1e-20")


@given(st.lists(st.tuples(cells, weights), max_size=8), st.data())
def test_an_excused_assignment_changes_nothing_but_what_it_would_have_counted(
    rows: list[tuple[Cell, Decimal]], data: st.DataObject
) -> None:
    extra = data.draw(cells)
    excused = settle(extra, by_hand=None, is_excused=True)
    assert total([*rows, (excused, Decimal(3))]).score == total(rows).score
    assert total([*rows, (NOT_GIVEN, Decimal(3))]) == total(rows)


@given(st.lists(st.tuples(points, shares), min_size=1, max_size=5), st.integers(0, 30), shares)
def test_lateness_multiplies_what_was_earned(
    parts: list[tuple[Decimal, Decimal]], days: int, per_day: Decimal
) -> None:
    asked = [Part(n, "", Count.LATEST, worth) for n, (worth, _s) in enumerate(parts)]
    works = {
        n: work(str(worth * share), str(worth), handed_in=NOW)
        for n, (worth, share) in enumerate(parts)
    }
    of = replace(rules(due=-days), late_policy="per-day", late_per_day=per_day)
    found = cell(works, of, asked)
    kept = 1 - min(Fraction(1), days * Fraction(per_day))
    exact = (
        kept
        * sum(Fraction(w) * Fraction(s) for w, s in parts)
        / sum(Fraction(w) for w, _share in parts)
    )
    assert found.score is not None
    assert abs(Fraction(found.score) - exact) < Fraction(1, 10**20)


@given(st.lists(scores, max_size=20))
def test_a_mean_is_over_what_there_is(values: list[Decimal | None]) -> None:
    known = [Fraction(value) for value in values if value is not None]
    found, count = mean(values)
    assert count == len(known)
    assert (found is None) == (not known)
    if found is not None:
        assert abs(Fraction(found) - sum(known) / len(known)) < Fraction(1, 10**20)


def test_a_grade_is_rounded_once_and_says_so_without_idle_zeros() -> None:
    assert [say_percent(Decimal(score)) for score in ("0", "1", "0.666667", "0.5", "0.0005")] == [
        "0%",
        "100%",
        "66.7%",
        "50%",
        "0.1%",
    ]
    assert say_percent(None) == ""
