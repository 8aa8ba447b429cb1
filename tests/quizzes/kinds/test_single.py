from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.base import Reveal, Verdict
from lessons.quizzes.models import Option

from .samples import PREFIX, SAMPLES, choices, options, question, reordered, seeds

KIND = kind_of("single")
LETTERS = st.sampled_from("abcd")


def problems(rows: list[Option]) -> list[str]:
    asked = question("single", options=rows)
    return KIND.problems(KIND.face(asked), KIND.key(asked))


def shown(right: str, chosen: str, reveal: str) -> dict[str, Any]:
    asked = question("single", options=choices({right}))
    drawn = KIND.present(
        KIND.face(asked),
        seed=3,
        prefix=PREFIX,
        answer={"choice": chosen},
        key=KIND.key(asked),
        reveal=reveal,
    )
    return {line.label[-1]: (line.verdict, line.feedback) for line in drawn.choices}


@given(LETTERS, LETTERS, seeds)
def test_the_face_is_the_same_whichever_option_is_right(one: str, other: str, seed: int) -> None:
    faces = [
        KIND.face(question("single", options=reordered(choices({right}), seed)))
        for right in (one, other)
    ]
    assert faces[0] == faces[1] == SAMPLES["single"].face


@given(LETTERS, LETTERS)
def test_only_the_right_option_scores(right: str, chosen: str) -> None:
    key = KIND.key(question("single", options=choices({right})))
    assert KIND.mark(key, {"choice": chosen}) == (1 if chosen == right else 0)


@given(LETTERS, LETTERS, LETTERS)
def test_a_wrong_answer_shows_the_same_whichever_other_is_right(
    one: str, other: str, chosen: str
) -> None:
    if chosen in (one, other):
        return
    assert shown(one, chosen, Reveal.CHOSEN) == shown(other, chosen, Reveal.CHOSEN)


def test_after_a_wrong_answer_only_the_chosen_line_speaks() -> None:
    assert shown("b", "c", Reveal.CHOSEN) == {
        "a": ("", ""),
        "b": ("", ""),
        "c": (Verdict.WRONG, "Why c"),
        "d": ("", ""),
    }


def test_in_the_end_every_line_speaks() -> None:
    assert shown("b", "c", Reveal.ALL) == {
        "a": (Verdict.OUT, "Why a"),
        "b": (Verdict.ALSO, "Why b"),
        "c": (Verdict.WRONG, "Why c"),
        "d": (Verdict.OUT, "Why d"),
    }


def test_an_answer_is_described_and_counted_by_its_option() -> None:
    face = SAMPLES["single"].face
    assert KIND.describe(face, {"choice": "b"}) == "The label of b"
    assert KIND.tally(face, {"choice": "b"}) == ["b"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (choices({"a"}, "ab"), ["Give it from 3 to 6 options; it has 2."]),
        (choices({"a"}, "abcdefg"), ["Give it from 3 to 6 options; it has 7."]),
        (choices(set()), ["Tick the right option."]),
        (
            choices({"a", "b"}),
            ["Tick one right option only, or make it a multiple choice; 2 are ticked."],
        ),
        (
            options({"key": "a", "is_key": True}, {"key": "b", "feedback": " "}, {"key": "c"}),
            ["Write feedback for “The label of b”."],
        ),
        (
            options(
                {"key": "a", "is_key": True, "label": "Noon"},
                {"key": "b", "label": "Noon"},
                {"key": "c"},
            ),
            ["“Noon” stands there twice: change one."],
        ),
        (
            options({"key": "a", "is_key": True}, {"key": "b", "label": " "}, {"key": "c"}),
            ["Write the words of “b”."],
        ),
        (
            options(
                {"key": "a", "is_key": True},
                {"key": "b", "label": "See [¶3](/documents/x/#p3)"},
                {"key": "c"},
            ),
            ["Move the link of “See [¶3](/documents/x/#p3)” into its feedback."],
        ),
    ],
)
def test_problems_name_the_mend(rows: list[Option], said: list[str]) -> None:
    assert sorted(problems(rows)) == sorted(said)
