from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.base import MAX_TEXT, InvalidAnswer, Reveal
from lessons.quizzes.kinds.open import rubric_score
from lessons.quizzes.models import Criterion

from .samples import PREFIX, SAMPLES, criterion, question

KIND = kind_of("open")
LEVELS = st.sampled_from(["l0", "l1", "l2"])


def key(*rows: Criterion, strong: str = "It might mention the recorder.") -> dict[str, Any]:
    return KIND.key(question("open", criteria=list(rows), strong_answer=strong))


RUBRIC = key(criterion("claim", "2"), criterion("evidence", "1"))


@pytest.mark.parametrize(
    ("levels", "score"),
    [
        ({"claim": "l2", "evidence": "l2"}, "1"),
        ({"claim": "l0", "evidence": "l0"}, "0"),
        ({"claim": "l2", "evidence": "l0"}, "0.666667"),
        ({"claim": "l0", "evidence": "l1"}, "0.166667"),
    ],
)
def test_the_score_is_the_weighted_mean(levels: dict[str, str], score: str) -> None:
    assert rubric_score(RUBRIC, levels) == Decimal(score)


@given(LEVELS, LEVELS, st.sampled_from(["0.25", "1", "3.5"]))
def test_a_better_level_never_lowers_the_score(one: str, other: str, weight: str) -> None:
    rubric = key(criterion("claim", weight), criterion("evidence"))
    scores = [
        rubric_score(rubric, {"claim": level, "evidence": other}) for level in ("l0", one, "l2")
    ]
    assert 0 <= scores[0] <= scores[1] <= scores[2] <= 1


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ({}, "Choose a level for “Title of claim”."),
        ({"claim": "l1"}, "Choose a level for “Title of evidence”."),
        ({"claim": "l1", "evidence": ""}, "Choose a level for “Title of evidence”."),
        ({"claim": "l1", "evidence": "l9"}, "That is not a level of “Title of evidence”."),
        (
            {"claim": "l1", "evidence": "l1", "style": "l1"},
            "That is not a criterion of this rubric.",
        ),
    ],
)
def test_missing_and_foreign_levels_are_refused(levels: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidAnswer) as raised:
        rubric_score(RUBRIC, levels)
    assert raised.value.message == message


def test_a_rubric_without_criteria_gives_no_score() -> None:
    with pytest.raises(InvalidAnswer):
        rubric_score(key(), {})


def send(text: str) -> dict[str, Any]:
    data = QueryDict(mutable=True)
    data[f"{PREFIX}-text"] = text
    return KIND.parse({}, data, seed=1, prefix=PREFIX)


def test_the_longest_answer_is_kept_whole() -> None:
    assert send("x" * MAX_TEXT) == {"text": "x" * MAX_TEXT}
    with pytest.raises(InvalidAnswer) as raised:
        send("x" * (MAX_TEXT + 1))
    assert raised.value.message == "That is too long: at most 5000 characters."


def test_paragraphs_and_letters_are_kept_as_written() -> None:
    assert send(" Он сказал\r\n\r\nمیں ") == {"text": "Он сказал\n\nمیں"}


@pytest.mark.parametrize("reveal", [Reveal.NOTHING, Reveal.CHOSEN])
def test_the_rubric_waits_until_everything_may_be_shown(reveal: str) -> None:
    drawn = KIND.present(
        {}, seed=1, prefix=PREFIX, answer={"text": "Yes."}, key=RUBRIC, reveal=reveal
    )
    assert (drawn.rubric, drawn.solution, drawn.remarks) == ([], [], [])


def test_in_the_end_the_rubric_comes_with_its_samples() -> None:
    drawn = KIND.present({}, seed=1, prefix=PREFIX, key=RUBRIC, reveal=Reveal.ALL)
    assert [row["title"] for row in drawn.rubric] == ["Title of claim", "Title of evidence"]
    assert drawn.rubric[0]["levels"][2]["sample"] == "Sample of claim 2"
    assert drawn.solution == ["It might mention the recorder."]


def test_the_expected_length_is_said() -> None:
    drawn = KIND.present({"expected_words": 60}, seed=1, prefix=PREFIX)
    assert drawn.help == "About 60 words."
    assert KIND.present({}, seed=1, prefix=PREFIX).help == "A few sentences."


def test_the_face_is_empty_of_the_rubric() -> None:
    assert SAMPLES["open"].face == {}


def test_a_long_answer_is_described_by_its_beginning_and_never_counted() -> None:
    words = KIND.describe({}, {"text": "word " * 200})
    assert words.endswith("word…")
    assert len(words) <= 120
    assert KIND.tally({}, {"text": "My name is Amara."}) == []


def test_problems_name_the_mend() -> None:
    unsampled = criterion("claim")
    unsampled._prefetched_objects_cache["levels"][1].sample = ""
    title = "“Title of claim”"
    cases = [
        (key(), ["Add a rubric: one criterion or more, each with three levels."]),
        (key(criterion("claim"), strong=""), ["Write what a strong answer might mention."]),
        (key(criterion("claim", levels=("0", "1"))), [f"Give {title} three levels."]),
        (key(unsampled), [f"Write a sample answer for “Level 1” of {title}."]),
        (
            key(criterion("claim", levels=("0", "0.3", "0.9"))),
            [f"Let the best level of {title} be worth 1."],
        ),
        (
            key(criterion("claim", levels=("0", "1", "1"))),
            [f"Let each level of {title} be worth something else."],
        ),
    ]
    assert [KIND.problems({}, rubric) for rubric, _ in cases] == [mends for _, mends in cases]
