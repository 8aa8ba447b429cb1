from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.base import Presentation, Reveal, Verdict
from lessons.quizzes.kinds.short import normalised
from lessons.quizzes.models import AcceptedAnswer

from .samples import PREFIX, SAMPLES, accepted, question

KIND = kind_of("short")
ROWS = [
    accepted("the Baghdad Pact", key="a"),
    accepted("pact", "0.5", "contains", key="b"),
    accepted("SEATO", "0.25", key="c"),
]


def key(rows: list[AcceptedAnswer]) -> dict[str, Any]:
    return KIND.key(question("short", accepted_answers=rows))


def present(text: str, reveal: str) -> Presentation:
    return KIND.present(
        {},
        seed=1,
        prefix=PREFIX,
        answer={"text": text},
        key={**key(ROWS), "explanation": "Pakistan joined it in 1955."},
        reveal=reveal,
    )


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("The  Baghdad-Pact!", "baghdad pact"),
        ("“BAGHDAD PACT”", "baghdad pact"),
        ("Ｂａｇｈｄａｄ\u00a0Pact", "baghdad pact"),
        ("the U.S.", "us"),
        ("Straße", "strasse"),
        ("cafe\u0301", "café"),
        ("soft\u00adhyphen", "softhyphen"),
        ("An “a”, the", ""),
        ("1958–59", "1958 59"),
    ],
)
def test_texts_that_differ_in_dress_compare_the_same(text: str, same: str) -> None:
    assert normalised(text) == same


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@given(st.text(), st.sampled_from([" ", "\t", "\u2003"]))
def test_spaces_around_and_final_stops_do_not_count(text: str, space: str) -> None:
    assert normalised(f"{space}{text}{space}.") == normalised(text)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("Baghdad pact", "1"),
        ("a pact of Baghdad", "0.5"),
        ("impact", "0"),
        ("pacts", "0"),
        ("seato", "0.25"),
        ("SEATO and a pact", "0.5"),
        ("", "0"),
        ("the", "0"),
    ],
)
def test_the_best_accepted_answer_counts(text: str, score: str) -> None:
    assert KIND.mark(key(ROWS), {"text": text}) == Decimal(score)


@given(st.text(max_size=200))
def test_the_order_of_accepted_answers_does_not_matter(text: str) -> None:
    answer = {"text": text}
    assert KIND.mark(key(ROWS), answer) == KIND.mark(key(ROWS[::-1]), answer)


def test_the_face_holds_no_accepted_answer() -> None:
    assert KIND.face(question("short", accepted_answers=ROWS)) == {}


def test_feedback_is_that_of_the_answer_that_matched() -> None:
    drawn = present("a pact", Reveal.CHOSEN)
    assert (drawn.verdict, drawn.remarks) == (Verdict.PARTLY, ["Why pact"])
    assert present("Baghdad Pact", Reveal.CHOSEN).remarks == ["Why the Baghdad Pact"]


def test_an_answer_that_matches_nothing_learns_nothing_before_the_end() -> None:
    drawn = present("NATO", Reveal.CHOSEN)
    assert (drawn.verdict, drawn.remarks, drawn.solution) == (Verdict.WRONG, [], [])
    assert present("NATO", Reveal.ALL).solution == ["the Baghdad Pact"]


def test_a_line_break_is_a_space() -> None:
    data = QueryDict(mutable=True)
    data[f"{PREFIX}-text"] = " Baghdad\r\n\tPact "
    assert KIND.parse({}, data, seed=1, prefix=PREFIX) == {"text": "Baghdad Pact"}


def test_an_answer_is_described_as_written_and_counted_as_compared() -> None:
    assert KIND.describe({}, {"text": "The Pact!"}) == "The Pact!"
    assert KIND.tally({}, {"text": "The Pact!"}) == ["pact"]
    assert KIND.tally({}, {"text": "x" * 200}) == ["x" * 80]
    assert KIND.tally({}, {"text": "?!"}) == []


def test_a_stored_number_reads_the_same_as_a_new_one() -> None:
    assert key([accepted("x", "1.000")]) == key([accepted("x", "1")])
    assert SAMPLES["short"].key["accepted"][0]["score"] == "1"


@pytest.mark.parametrize(
    ("rows", "mends"),
    [
        ([], ["Add an accepted answer that is worth 1."]),
        ([accepted("pact", "0.9")], ["Add an accepted answer that is worth 1."]),
        (
            [accepted("pact"), accepted("The “…”", key="b")],
            ["Write “The “…”” with letters or figures: nothing of it is compared."],
        ),
        (
            [accepted("pact"), accepted("The Pact", "0.5", key="z")],
            ["Take out “The Pact”: it compares the same as another."],
        ),
        ([accepted("pact", feedback="")], ["Write feedback for “pact”."]),
    ],
)
def test_problems_name_the_mend(rows: list[AcceptedAnswer], mends: list[str]) -> None:
    assert KIND.problems({}, key(rows)) == mends
