from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.base import InvalidAnswer, Presentation, Reveal, Verdict
from lessons.quizzes.models import Option

from .samples import PREFIX, SAMPLES, options, question, ranked, reordered, seeds

KIND = kind_of("ordering")
LINES = ["veto", "noon", "chairman", "talk"]
orders = st.permutations(LINES)


def places(order: list[str] | tuple[str, ...]) -> dict[str, int]:
    return {line: place for place, line in enumerate(order, start=1)}


def key(order: list[str]) -> dict[str, Any]:
    return KIND.key(question("ordering", options=ranked(order)))


def mark(right: list[str], given_places: dict[str, int]) -> Decimal:
    score = KIND.mark(key(right), {"places": given_places})
    assert score is not None
    return score


def present(right: list[str], given_places: dict[str, int], reveal: str) -> Presentation:
    return KIND.present(
        SAMPLES["ordering"].face,
        seed=3,
        prefix=PREFIX,
        answer={"places": given_places},
        key=key(right),
        reveal=reveal,
    )


@given(orders, seeds)
def test_the_face_is_the_same_whatever_the_right_order(order: list[str], seed: int) -> None:
    asked = question("ordering", options=reordered(ranked(order), seed))
    assert KIND.face(asked) == SAMPLES["ordering"].face


@given(orders, orders)
def test_the_score_is_kendalls_distance_scaled(right: list[str], order: list[str]) -> None:
    by = places(order)
    discordant = sum(
        by[right[i]] > by[right[j]] for i in range(len(right)) for j in range(i + 1, len(right))
    )
    assert mark(right, by) == (1 - Decimal(discordant) / 6).quantize(Decimal("0.000001"))
    assert (mark(right, by) == 1) == (order == right)


@given(orders)
def test_the_reversed_order_scores_nothing(right: list[str]) -> None:
    assert mark(right, places(right[::-1])) == 0


def test_guessing_earns_half_on_average() -> None:
    scores = [mark(LINES, places(order)) for order in permutations(LINES)]
    assert round(sum(scores) / len(scores), 4) == Decimal("0.5")


def test_one_swap_of_neighbours_costs_one_pair() -> None:
    assert mark(LINES, places(["noon", "veto", "chairman", "talk"])) == Decimal("0.833333")


@given(orders, st.data())
def test_an_unfinished_draft_never_scores_more_than_it_could(
    order: list[str], data: st.DataObject
) -> None:
    whole = places(order)
    kept = data.draw(st.sets(st.sampled_from(LINES)))
    assert mark(LINES, {line: whole[line] for line in kept}) <= mark(LINES, whole)


def test_lines_at_one_place_are_out_of_order() -> None:
    assert mark(LINES, dict.fromkeys(LINES, 1)) == 0


def send(*values: str, partial: bool = False) -> dict[str, Any]:
    data = QueryDict(mutable=True)
    for position, value in enumerate(values):
        data[f"{PREFIX}-place-{position}"] = value
    return KIND.parse(SAMPLES["ordering"].face, data, seed=3, prefix=PREFIX, partial=partial)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("1", "2", "3"), "1 line has no place yet."),
        (("1", "", "", ""), "3 lines have no place yet."),
        (("1", "2", "2", "4"), "More than one line has place 2."),
        (("1", "1", "4", "4"), "More than one line has place 1, 4."),
        (("0", "1", "2", "3"), "Places are counted from 1."),
        (("1", "2", "3", "5"), "That is not one of the choices of this question."),
    ],
)
def test_a_wrong_set_of_places_is_told_what_is_wrong(values: tuple[str, ...], message: str) -> None:
    with pytest.raises(InvalidAnswer) as raised:
        send(*values)
    assert raised.value.message == message


def test_a_draft_may_be_unfinished_and_repeat_a_place() -> None:
    assert sorted(send("2", "", "2", "1", partial=True)["places"].values()) == [1, 2, 2]


@given(orders, orders, orders)
def test_after_a_wrong_answer_only_a_number_is_said(
    one: list[str], other: list[str], order: list[str]
) -> None:
    drawn = [present(right, places(order), Reveal.CHOSEN) for right in (one, other)]
    assert drawn[0].choices == drawn[1].choices
    assert {(line.verdict, line.feedback, line.answer) for line in drawn[0].choices} == {("",) * 3}


def test_after_a_wrong_answer_it_is_said_how_many_are_in_place() -> None:
    drawn = present(LINES, places(["veto", "talk", "noon", "chairman"]), Reveal.CHOSEN)
    assert drawn.remarks == ["1 line of 4 is in its right place."]
    assert drawn.verdict == Verdict.PARTLY
    assert present(LINES, places(LINES[::-1]), Reveal.CHOSEN).verdict == Verdict.WRONG


def test_in_the_end_every_line_shows_its_place() -> None:
    drawn = present(LINES, {"veto": 1, "noon": 3, "talk": 2}, Reveal.ALL)
    assert {line.label.split()[-1]: (line.verdict, line.answer) for line in drawn.choices} == {
        "veto": (Verdict.RIGHT, ""),
        "noon": (Verdict.WRONG, "2"),
        "chairman": (Verdict.MISSED, "3"),
        "talk": (Verdict.WRONG, "4"),
    }
    assert all(line.feedback for line in drawn.choices)


def test_places_are_named_first_and_last() -> None:
    drawn = present(LINES, {}, Reveal.NOTHING)
    assert drawn.targets == ["1 (first)", "2", "3", "4 (last)"]


def test_an_answer_is_described_and_counted_by_its_places() -> None:
    face, answer = SAMPLES["ordering"].face, {"places": {"noon": 2, "veto": 1}}
    assert KIND.describe(face, answer) == "1. The label of veto; 2. The label of noon"
    assert KIND.tally(face, answer) == ["noon@2", "veto@1"]


NUMBER = "Number the right places from 1 to 3, each once."


@pytest.mark.parametrize(
    ("rows", "mends"),
    [
        (ranked(["a", "b"]), ["Give it from 3 to 10 lines; it has 2."]),
        (
            options(*({"key": k, "rank": r} for k, r in zip("abc", (1, 2, 4), strict=True))),
            [NUMBER],
        ),
        (
            options(*({"key": k, "rank": r} for k, r in zip("abc", (1, 2, 2), strict=True))),
            [NUMBER],
        ),
        (options({"key": "a", "rank": 1}, {"key": "b", "rank": 2}, {"key": "c"}), [NUMBER]),
    ],
)
def test_problems_name_the_mend(rows: list[Option], mends: list[str]) -> None:
    asked = question("ordering", options=rows)
    assert KIND.problems(KIND.face(asked), KIND.key(asked)) == mends
