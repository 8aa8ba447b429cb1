from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.base import InvalidAnswer, Presentation, Reveal, Verdict
from lessons.quizzes.models import Option

from .samples import PREFIX, SAMPLES, form, options, pairs, question, reordered, seeds

KIND = kind_of("matching")
matchings = st.fixed_dictionaries({item: st.sampled_from("xyz") for item in "ijk"})
drafts = st.dictionaries(st.sampled_from("ijk"), st.sampled_from("xyz"))


def key(targets: dict[str, str]) -> dict[str, Any]:
    return KIND.key(question("matching", options=pairs(targets)))


def present(targets: dict[str, str], given_pairs: dict[str, str], reveal: str) -> Presentation:
    return KIND.present(
        SAMPLES["matching"].face,
        seed=3,
        prefix=PREFIX,
        answer={"pairs": given_pairs},
        key=key(targets),
        reveal=reveal,
    )


def said(drawn: Presentation) -> dict[str, tuple[str, str, str]]:
    return {line.label[-1]: (line.verdict, line.feedback, line.answer) for line in drawn.choices}


@given(matchings, seeds)
def test_the_face_is_the_same_whatever_belongs_together(targets: dict[str, str], seed: int) -> None:
    asked = question("matching", options=reordered(pairs(targets), seed))
    assert KIND.face(asked) == SAMPLES["matching"].face


@given(matchings, drafts)
def test_the_score_is_the_share_of_items_matched(
    targets: dict[str, str], given_pairs: dict[str, str]
) -> None:
    hits = sum(given_pairs.get(item) == target for item, target in targets.items())
    expected = (Decimal(hits) / 3).quantize(Decimal("0.000001"))
    assert KIND.mark(key(targets), {"pairs": given_pairs}) == expected


@given(matchings, matchings, drafts)
def test_a_wrong_pair_shows_the_same_whatever_is_right_instead(
    one: dict[str, str], other: dict[str, str], given_pairs: dict[str, str]
) -> None:
    if any((one[item] == t) != (other[item] == t) for item, t in given_pairs.items()):
        return
    assert present(one, given_pairs, Reveal.CHOSEN) == present(other, given_pairs, Reveal.CHOSEN)


def test_after_a_wrong_answer_the_pairs_are_judged_and_no_target_is_named() -> None:
    drawn = present({"i": "x", "j": "y", "k": "x"}, {"i": "x", "j": "z"}, Reveal.CHOSEN)
    assert said(drawn) == {
        "i": (Verdict.RIGHT, "Why i", ""),
        "j": (Verdict.WRONG, "Why j", ""),
        "k": ("", "", ""),
    }


def test_in_the_end_every_item_shows_its_target() -> None:
    drawn = present({"i": "x", "j": "y", "k": "x"}, {"i": "x", "j": "z"}, Reveal.ALL)
    assert said(drawn) == {
        "i": (Verdict.RIGHT, "Why i", ""),
        "j": (Verdict.WRONG, "Why j", "The label of y"),
        "k": (Verdict.MISSED, "Why k", "The label of x"),
    }


@pytest.mark.parametrize(
    ("given_pairs", "message"),
    [
        ({"i": "x", "j": "x"}, "1 item is still without a match."),
        ({"i": "x"}, "2 items are still without a match."),
    ],
)
def test_an_unfinished_answer_is_told_how_many_are_missing(
    given_pairs: dict[str, str], message: str
) -> None:
    face = SAMPLES["matching"].face
    data = form(KIND.present(face, seed=1, prefix=PREFIX, answer={"pairs": given_pairs}))
    with pytest.raises(InvalidAnswer) as raised:
        KIND.parse(face, data, seed=1, prefix=PREFIX)
    assert raised.value.message == message
    assert KIND.parse(face, data, seed=1, prefix=PREFIX, partial=True) == {"pairs": given_pairs}


def test_a_target_may_serve_twice() -> None:
    face, answer = SAMPLES["matching"].face, {"pairs": {"i": "x", "j": "x", "k": "x"}}
    data = form(KIND.present(face, seed=1, prefix=PREFIX, answer=answer))
    assert KIND.parse(face, data, seed=1, prefix=PREFIX) == answer


def test_an_answer_is_described_and_counted_by_its_pairs() -> None:
    face, answer = SAMPLES["matching"].face, {"pairs": {"j": "y", "i": "x"}}
    words = KIND.describe(face, answer).split("; ")
    assert sorted(words) == ["The label of i → The label of x", "The label of j → The label of y"]
    assert KIND.tally(face, answer) == ["i>x", "j>y"]


ITEM = {"role": "item"}


@pytest.mark.parametrize(
    ("rows", "mends"),
    [
        (
            pairs({"i": "x", "j": "x"}),
            ["Let the items belong to more than one target."],
        ),
        (
            pairs({"i": "x", "j": "y", "k": "?"}),
            ["Say which target of this question “The label of k” belongs to."],
        ),
        (pairs({"i": "x"}), ["Add items to match: there should be two or more."]),
        (
            options({"key": "x", "role": "target"}, {"key": "i", **ITEM, "answer_id": 1}),
            [
                "Add items to match: there should be two or more.",
                "Add targets to match with: there should be two or more.",
            ],
        ),
        (
            options(
                {"key": "x", "role": "target"},
                {"key": "y", "role": "target", "feedback": ""},
                {"key": "i", **ITEM, "answer_id": 1, "feedback": ""},
                {"key": "j", **ITEM, "answer_id": 2},
            ),
            ["Write feedback for “The label of i”."],
        ),
    ],
)
def test_problems_name_the_mend(rows: list[Option], mends: list[str]) -> None:
    asked = question("matching", options=rows)
    assert KIND.problems(KIND.face(asked), KIND.key(asked)) == mends
