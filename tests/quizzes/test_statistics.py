"""Item statistics against numpy, against examples worked by hand, and at their edges."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.quizzes.statistics import (
    common_set,
    correlation,
    cronbach_alpha,
    discrimination,
    distractor_table,
    facility,
    is_dichotomous,
    kr20,
    mean,
    median,
    variance,
)

CLOSE = 1e-9

QUIZ = [
    [1, 1, 1, 1, 1, 1, 0, 1, 1, 0],
    [1, 0, 1, 1, 0, 1, 1, 1, 0, 1],
    [1, 1, 1, 1, 0, 1, 1, 0, 0, 1],
    [0, 0, 1, 0, 0, 0, 1, 0, 0, 0],
    [0, 0, 0, 0, 0, 1, 0, 0, 1, 0],
    [1, 1, 1, 0, 1, 1, 1, 1, 1, 1],
    [1, 1, 0, 1, 1, 1, 0, 1, 1, 1],
    [1, 1, 1, 1, 1, 1, 1, 1, 0, 1],
    [0, 1, 0, 1, 1, 1, 1, 1, 0, 1],
    [1, 1, 0, 1, 1, 0, 1, 1, 1, 0],
]
"""Ten students, ten items: the worked example of K. L. Wuensch, "The Kuder-Richardson 20" (East
Carolina University, StatHelp), made to be worked with the formula of a measurement textbook
(Crocker & Algina 1986, ch. 7; Allen & Yen 1979, ch. 4)."""

SMALL = [[1.0, 1.0, 1.0], [1.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
"""Four learners, three items from easy to hard: small enough to work out on paper below."""

scores = st.sampled_from([0.0, 0.25, 0.333333, 0.5, 1.0])


@st.composite
def matrices(draw: Any, values: Any = scores) -> list[list[float]]:
    width = draw(st.integers(1, 6))
    rows = st.lists(st.lists(values, min_size=width, max_size=width), min_size=1, max_size=25)
    found: list[list[float]] = draw(rows)
    return found


# --- Worked by hand ---------------------------------------------------------------------------


def test_kr20_of_the_worked_example() -> None:
    """p = .7 .7 .6 .7 .6 .8 .7 .7 .5 .6, so Σpq = .21+.21+.24+.21+.24+.16+.21+.21+.25+.24 = 2.18.

    Totals 8 7 7 2 2 9 8 9 7 7: mean 66/10 = 6.6, mean of squares 494/10 = 49.4, variance
    49.4 − 43.56 = 5.84. KR-20 = 10/9 · (1 − 2.18/5.84) = 10/9 · 3.66/5.84 = 36.6/52.56.
    """
    assert [sum(row) for row in QUIZ] == [8, 7, 7, 2, 2, 9, 8, 9, 7, 7]
    assert variance([sum(row) for row in QUIZ]) == pytest.approx(5.84, abs=CLOSE)
    assert kr20(QUIZ) == pytest.approx(36.6 / 52.56, abs=CLOSE)
    assert cronbach_alpha(QUIZ) == pytest.approx(36.6 / 52.56, abs=CLOSE)
    assert [facility(column) for column in zip(*QUIZ, strict=True)] == pytest.approx(
        [0.7, 0.7, 0.6, 0.7, 0.6, 0.8, 0.7, 0.7, 0.5, 0.6], abs=CLOSE
    )


def test_alpha_of_a_table_worked_on_paper() -> None:
    """p = 3/4, 2/4, 1/4; Σpq = 3/16 + 4/16 + 3/16 = 10/16. Totals 3 2 1 0: variance 5/4.

    KR-20 = 3/2 · (1 − (10/16)/(5/4)) = 3/2 · (1 − 1/2) = 3/4 (a perfect Guttman scale of three).
    """
    assert kr20(SMALL) == pytest.approx(0.75, abs=CLOSE)


def test_discrimination_of_a_table_worked_on_paper() -> None:
    """Item 1 is 1 1 1 0 and the rest of the totals 2 1 0 0.

    Deviations ¼ ¼ ¼ −¾ and 5/4 1/4 −3/4 −3/4: Σxy = 5/16 + 1/16 − 3/16 + 9/16 = 12/16; Σx² = 12/16,
    Σy² = 25/16 + 1/16 + 9/16 + 9/16 = 44/16. r = 12 / √(12·44) = √(12/44) = √(3/11).

    Item 2 is 1 1 0 0, rest 2 1 1 0: deviations ±½, and 1 0 0 −1: Σxy = 1, Σx² = 1, Σy² = 2;
    r = 1/√2.
    """
    totals = [3.0, 2.0, 1.0, 0.0]
    first, second = ([row[at] for row in SMALL] for at in (0, 1))
    assert discrimination(first, totals) == pytest.approx(math.sqrt(3 / 11), abs=CLOSE)
    assert discrimination(second, totals) == pytest.approx(math.sqrt(0.5), abs=CLOSE)


def test_discrimination_is_the_formula_of_the_textbooks() -> None:
    """(r·s_T − s_i) / √(s_i² + s_T² − 2·r·s_i·s_T), with the uncorrected r (Henrysson 1963)."""
    totals = [float(sum(row)) for row in QUIZ]
    whole = math.sqrt(variance(totals) or 0)
    for at in range(10):
        item = [float(row[at]) for row in QUIZ]
        own, r = math.sqrt(variance(item) or 0), correlation(item, totals)
        assert r is not None
        formula = (r * whole - own) / math.sqrt(own**2 + whole**2 - 2 * r * own * whole)
        assert discrimination(item, totals) == pytest.approx(formula, abs=CLOSE)


def test_a_question_that_good_readers_miss_discriminates_below_nought() -> None:
    item = [0.0, 0.0, 1.0, 1.0]
    totals = [3.0, 2.0, 2.0, 1.0]  # the rest: 3 2 1 0
    assert discrimination(item, totals) == pytest.approx(-2 / math.sqrt(5), abs=CLOSE)


# --- Against an independent computation -------------------------------------------------------


@given(matrices())
def test_facility_is_numpys_mean(rows: list[list[float]]) -> None:
    for column in np.array(rows).T:
        assert facility(column.tolist()) == pytest.approx(float(np.mean(column)), abs=CLOSE)
        assert variance(column.tolist()) == pytest.approx(float(np.var(column)), abs=CLOSE)
        assert median(column.tolist()) == pytest.approx(float(np.median(column)), abs=CLOSE)


@given(matrices())
def test_discrimination_is_numpys_correlation_with_the_rest(rows: list[list[float]]) -> None:
    table = np.array(rows)
    totals = table.sum(axis=1)
    for column in table.T:
        found = discrimination(column.tolist(), totals.tolist())
        rest = totals - column
        if len(rows) < 2 or np.ptp(column) < CLOSE or np.ptp(rest) < CLOSE:
            assert found is None
        else:
            assert found == pytest.approx(float(np.corrcoef(column, rest)[0, 1]), abs=CLOSE)


@given(matrices())
def test_alpha_is_numpys(rows: list[list[float]]) -> None:
    table = np.array(rows)
    k, totals = table.shape[1], table.sum(axis=1)
    found = cronbach_alpha(rows)
    if k < 2 or len(rows) < 2 or np.ptp(totals) < CLOSE:
        assert found is None
    else:  # by covariances, another road: Σ of all but the diagonal over Σ of all
        cov = np.cov(table, rowvar=False)
        expected = k / (k - 1) * (cov.sum() - np.trace(cov)) / cov.sum()
        assert found == pytest.approx(float(expected), abs=1e-7 if abs(expected) > 100 else CLOSE)


@given(matrices(st.sampled_from([0.0, 1.0])))
def test_kr20_equals_alpha(rows: list[list[float]]) -> None:
    assert is_dichotomous(rows)
    found, alpha = kr20(rows), cronbach_alpha(rows)
    assert (found is None) == (alpha is None)
    if found is not None:
        assert found == pytest.approx(alpha, abs=1e-7 if abs(found) > 100 else CLOSE)


@given(matrices(), st.randoms(use_true_random=False))
def test_alpha_does_not_depend_on_the_order_of_learners_or_questions(
    rows: list[list[float]], chance: Any
) -> None:
    mixed = [list(row) for row in rows]
    chance.shuffle(mixed)
    order = list(range(len(rows[0])))
    chance.shuffle(order)
    mixed = [[row[at] for at in order] for row in mixed]
    one, other = cronbach_alpha(rows), cronbach_alpha(mixed)
    assert (one is None) == (other is None)
    if one is not None:
        assert one == pytest.approx(other, rel=1e-6, abs=CLOSE)


# --- At the edges -----------------------------------------------------------------------------


def test_nobody_one_learner_and_no_variance_say_nothing() -> None:
    assert facility([]) is None
    assert facility([None, None]) is None
    assert mean([]) is None
    assert median([]) is None
    assert variance([]) is None
    assert discrimination([], []) is None
    assert discrimination([1.0], [3.0]) is None
    assert discrimination([1.0, 1.0], [3.0, 2.0]) is None  # everyone had it right
    assert discrimination([1.0, 0.0], [2.0, 1.0]) is None  # the rest is alike
    assert cronbach_alpha([]) is None
    assert cronbach_alpha([[1.0, 0.0]]) is None
    assert cronbach_alpha([[1.0], [0.0]]) is None
    assert cronbach_alpha([[1.0, 0.0], [0.0, 1.0]]) is None  # all totals alike
    assert kr20([[1.0, 1.0], [1.0, 1.0]]) is None


def test_unknown_scores_are_left_out_of_a_facility() -> None:
    assert facility([1.0, None, 0.0, None]) == 0.5


def test_alpha_of_different_sets_is_refused() -> None:
    with pytest.raises(ValueError, match="every question"):
        cronbach_alpha([[1.0, 0.0], [1.0]])
    with pytest.raises(ValueError, match="0 or 1"):
        kr20([[0.5, 1.0], [1.0, 0.0]])
    with pytest.raises(ValueError, match="as many"):
        correlation([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="as many"):
        discrimination([1.0], [1.0, 2.0])


def test_a_common_set_leaves_out_who_has_a_gap() -> None:
    learners: list[dict[str, float | None]] = [
        {"a": 1.0, "b": 0.0},
        {"a": 1.0, "b": None},
        {"a": 0.5},
        {"c": 1.0},
        {},
        {"a": 0.0, "b": 1.0, "c": 1.0},
    ]
    common = common_set(learners, ["a", "b"])
    assert common.rows == ((1.0, 0.0), (0.0, 1.0))
    assert common.left_out == 2
    assert common.totals == [1.0, 1.0]
    assert common.column("b") == [0.0, 1.0]
    assert common_set([], ["a"]).rows == ()
    assert common_set(learners, []).rows == ()
    assert common_set(learners).items == ("a", "b", "c")
    assert common_set(learners).rows == ((0.0, 1.0, 1.0),)


def test_distractors_are_counted_with_what_their_choosers_earned_elsewhere() -> None:
    table = distractor_table(
        [(["key"], 0.9), (["key"], 0.7), (["lure"], 0.8), (["lure", "key"], None), ([], 0.1)],
        ["key", "lure", "nobody"],
    )
    assert [(line.choice, line.count, line.share) for line in table] == [
        ("key", 3, 0.6),
        ("lure", 2, 0.4),
        ("nobody", 0, 0.0),
    ]
    assert table[0].rest == pytest.approx(0.8)
    assert table[1].rest == 0.8
    assert table[2].rest is None
    assert distractor_table([], ["key"])[0].share == 0.0
