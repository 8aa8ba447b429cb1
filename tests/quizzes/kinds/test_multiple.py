from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.base import Presentation, Reveal, Verdict

from .samples import PREFIX, SAMPLES, choices, question, reordered, seeds

KIND = kind_of("multiple")
LETTERS = "abcd"
some = st.sets(st.sampled_from(LETTERS))
right_sets = st.sets(st.sampled_from(LETTERS), min_size=1, max_size=3)


def key(right: set[str]) -> dict[str, Any]:
    return KIND.key(question("multiple", options=choices(right)))


def mark(right: set[str], chosen: set[str]) -> Decimal:
    score = KIND.mark(key(right), {"choices": sorted(chosen)})
    assert score is not None
    return score


def present(right: set[str], chosen: set[str], reveal: str) -> Presentation:
    return KIND.present(
        SAMPLES["multiple"].face,
        seed=3,
        prefix=PREFIX,
        answer={"choices": sorted(chosen)},
        key=key(right),
        reveal=reveal,
    )


def verdicts(drawn: Presentation) -> dict[str, str]:
    return {line.label[-1]: line.verdict for line in drawn.choices}


@given(right_sets, seeds)
def test_the_face_is_the_same_whichever_options_are_right(right: set[str], seed: int) -> None:
    asked = question("multiple", options=reordered(choices(right), seed))
    assert KIND.face(asked) == SAMPLES["multiple"].face


@given(right_sets, some)
def test_the_right_set_alone_scores_one(right: set[str], chosen: set[str]) -> None:
    assert (mark(right, chosen) == 1) == (chosen == right)


@given(right_sets)
def test_all_and_none_score_nothing(right: set[str]) -> None:
    assert mark(right, set(LETTERS)) == 0
    assert mark(right, set()) == 0


@given(right_sets, some)
def test_one_more_right_never_lowers_and_one_more_wrong_never_raises(
    right: set[str], chosen: set[str]
) -> None:
    for letter in set(LETTERS) - chosen:
        before, after = mark(right, chosen), mark(right, chosen | {letter})
        assert after >= before if letter in right else after <= before


def test_guessing_earns_nothing_before_the_floor() -> None:
    right = {"a", "b", "c"}
    every = [set(c) for n in range(5) for c in combinations(LETTERS, n)]
    gained = sum(Decimal(len(c & right)) / 3 - len(c - right) for c in every)
    assert round(gained, 9) == 0


@pytest.mark.parametrize(
    ("right", "chosen", "score"),
    [
        ({"a", "b"}, {"a"}, "0.5"),
        ({"a", "b"}, {"a", "c"}, "0"),
        ({"a", "b"}, {"a", "b", "c"}, "0.5"),
        ({"a", "b", "c"}, {"a", "b"}, "0.666667"),
        ({"a"}, {"a", "b"}, "0.666667"),
        ({"a"}, {"b"}, "0"),
    ],
)
def test_the_score_is_hits_less_false_alarms(right: set[str], chosen: set[str], score: str) -> None:
    assert mark(right, chosen) == Decimal(score)


@given(right_sets, right_sets, some)
def test_after_a_wrong_answer_what_was_missed_is_not_named(
    one: set[str], other: set[str], chosen: set[str]
) -> None:
    """Two keys that agree on what was chosen, and both say that it is not all, show the same."""
    if one & chosen != other & chosen or chosen in (one, other):
        return
    drawn = [present(right, chosen, Reveal.CHOSEN) for right in (one, other)]
    assert drawn[0] == drawn[1]


def test_a_part_that_is_right_is_told_that_something_is_missing() -> None:
    drawn = present({"a", "b"}, {"a"}, Reveal.CHOSEN)
    assert verdicts(drawn) == {"a": Verdict.RIGHT, "b": "", "c": "", "d": ""}
    assert drawn.remarks == ["What you chose is right, but something is still missing."]
    assert present({"a", "b"}, {"a", "c"}, Reveal.CHOSEN).remarks == []
    assert present({"a", "b"}, {"a", "b"}, Reveal.CHOSEN).remarks == []


def test_in_the_end_every_line_has_its_verdict() -> None:
    assert verdicts(present({"a", "b"}, {"a", "c"}, Reveal.ALL)) == {
        "a": Verdict.RIGHT,
        "b": Verdict.MISSED,
        "c": Verdict.WRONG,
        "d": Verdict.OUT,
    }


def test_a_key_shown_without_an_answer_blames_nobody() -> None:
    drawn = KIND.present(
        SAMPLES["multiple"].face, seed=3, prefix=PREFIX, key=key({"a", "b"}), reveal=Reveal.ALL
    )
    assert verdicts(drawn) == {"a": Verdict.ALSO, "b": Verdict.ALSO, "c": "", "d": ""}


def test_an_answer_is_described_and_counted_by_its_options() -> None:
    face = SAMPLES["multiple"].face
    words = KIND.describe(face, {"choices": ["a", "b"]})
    assert sorted(words.split("; ")) == ["The label of a", "The label of b"]
    assert KIND.tally(face, {"choices": ["a", "b"]}) == ["a", "b"]


@pytest.mark.parametrize(
    ("right", "keys", "said"),
    [
        ({"a"}, "ab", "Give it from 3 to 8 options; it has 2."),
        (set(), "abc", "Tick the right options."),
        ({"a", "b", "c"}, "abc", "Add an option that is wrong: every option is ticked as right."),
    ],
)
def test_problems_name_the_mend(right: set[str], keys: str, said: str) -> None:
    asked = question("multiple", options=choices(right, keys))
    assert KIND.problems(KIND.face(asked), KIND.key(asked)) == [said]
