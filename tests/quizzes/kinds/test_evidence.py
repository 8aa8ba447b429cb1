from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.base import Presentation, Reveal, Verdict
from lessons.quizzes.models import EvidenceSpan, Question

from .samples import PARAGRAPH, PREFIX, SAMPLES, question, span

KIND = kind_of("evidence")
SENTENCES = [(0, 61), (61, 114), (114, 207), (207, 235)]
QUOTES = ["wonderful idea", "some time", "trying to convince", "is accomplished."]
ticked = st.sets(st.sampled_from(range(4)))
"""Sentences by number."""


def asked(*numbers: int, everything: bool = False) -> Question:
    spans = [span(QUOTES[number]) for number in numbers]
    return question("evidence", text=PARAGRAPH, evidence=spans, needs_all_evidence=everything)


def answer(numbers: set[int]) -> dict[str, Any]:
    return {"spans": [list(SENTENCES[number]) for number in sorted(numbers)]}


def mark(about: Question, numbers: set[int]) -> Decimal:
    score = KIND.mark(KIND.key(about), answer(numbers))
    assert score is not None
    return score


def present(about: Question, numbers: set[int], reveal: str) -> Presentation:
    return KIND.present(
        KIND.face(about),
        seed=3,
        prefix=PREFIX,
        answer=answer(numbers),
        key=KIND.key(about),
        reveal=reveal,
    )


def verdicts(drawn: Presentation) -> list[str]:
    return [line.verdict for line in drawn.choices]


def test_segments_join_to_the_text() -> None:
    segments = KIND.face(asked(2))["segments"]
    assert [(part["start"], part["end"]) for part in segments] == SENTENCES
    assert "".join(part["text"] for part in segments) == PARAGRAPH
    assert all(PARAGRAPH[part["start"] : part["end"]] == part["text"] for part in segments)


@given(ticked, ticked)
def test_the_face_is_the_same_whatever_is_evidence(one: set[int], other: set[int]) -> None:
    assert KIND.face(asked(*one)) == KIND.face(asked(*other)) == SAMPLES["evidence"].face


@pytest.mark.parametrize(
    ("quote", "numbers"),
    [
        ("convince", [2]),
        ("this. Hussein", [1, 2]),
        (" However, possibly", [1]),
        ("concerns. ", [2]),
        (PARAGRAPH, [0, 1, 2, 3]),
    ],
)
def test_a_span_grows_to_the_sentences_it_touches(quote: str, numbers: list[int]) -> None:
    about = question("evidence", text=PARAGRAPH, evidence=[span(quote)])
    expected = [list(SENTENCES[number]) for number in numbers]
    assert KIND.key(about)["spans"][0]["sentences"] == expected


@given(ticked, ticked, st.booleans())
def test_all_and_only_the_evidence_scores_one(
    evidence: set[int], chosen: set[int], everything: bool
) -> None:
    if not evidence:
        return
    full = chosen == evidence if everything else bool(chosen) and chosen <= evidence
    assert (mark(asked(*evidence, everything=everything), chosen) == 1) == full


@given(ticked, ticked)
def test_where_all_is_needed_the_score_is_dices(evidence: set[int], chosen: set[int]) -> None:
    def length(numbers: set[int]) -> int:
        return sum(SENTENCES[number][1] - SENTENCES[number][0] for number in numbers)

    if not (evidence and chosen):
        return
    dice = Decimal(2 * length(evidence & chosen)) / (length(evidence) + length(chosen))
    expected = dice.quantize(Decimal("0.000001"))
    assert mark(asked(*evidence, everything=True), chosen) == expected


@given(ticked, ticked, st.booleans())
def test_a_wrong_sentence_more_lowers_the_score(
    evidence: set[int], chosen: set[int], everything: bool
) -> None:
    about = asked(*evidence, everything=everything)
    for number in set(range(4)) - evidence - chosen:
        more, less = mark(about, chosen | {number}), mark(about, chosen)
        assert more < less or more == less == 0


def test_half_of_a_span_of_two_sentences_scores_by_its_characters() -> None:
    about = question("evidence", text=PARAGRAPH, evidence=[span("this. Hussein")])
    assert mark(about, {1, 2}) == 1
    assert mark(about, {1}) == (Decimal(2 * 53) / (146 + 53)).quantize(Decimal("0.000001"))


@given(ticked, ticked, ticked, st.booleans())
def test_after_a_wrong_answer_no_other_sentence_is_named(
    one: set[int], other: set[int], chosen: set[int], everything: bool
) -> None:
    """Two keys that agree on what was ticked, and both want something else, show the same."""
    keys = [asked(*numbers, everything=everything) for numbers in (one, other)]
    if one & chosen != other & chosen or any(mark(about, chosen) == 1 for about in keys):
        return
    drawn = [present(about, chosen, Reveal.CHOSEN) for about in keys]
    assert drawn[0] == drawn[1]


def test_after_a_wrong_answer_the_ticked_sentences_are_judged() -> None:
    drawn = present(asked(0, 2, everything=True), {0, 1}, Reveal.CHOSEN)
    assert verdicts(drawn) == [Verdict.RIGHT, Verdict.WRONG, "", ""]
    assert [line.feedback for line in drawn.choices] == ["Why wonderful idea", "", "", ""]
    assert drawn.remarks == []
    partly = present(asked(0, 2, everything=True), {0}, Reveal.CHOSEN)
    assert partly.remarks == ["What you ticked belongs, but something is still missing."]


def test_half_a_span_does_not_show_its_feedback_yet() -> None:
    about = question("evidence", text=PARAGRAPH, evidence=[span("this. Hussein")])
    half = present(about, {1}, Reveal.CHOSEN)
    assert verdicts(half) == ["", Verdict.RIGHT, "", ""]
    assert {line.feedback for line in half.choices} == {""}
    assert {line.feedback for line in present(about, {1}, Reveal.ALL).choices} == {
        "",
        "Why this. Hussein",
    }


def test_in_the_end_what_was_left_out_is_named() -> None:
    needed = present(asked(0, 2, everything=True), {0}, Reveal.ALL)
    assert verdicts(needed) == [Verdict.RIGHT, "", Verdict.MISSED, ""]
    enough = present(asked(0, 2), {0}, Reveal.ALL)
    assert verdicts(enough) == [Verdict.RIGHT, "", Verdict.ALSO, ""]


def test_an_answer_is_described_and_counted_by_its_sentences() -> None:
    face = SAMPLES["evidence"].face
    assert KIND.describe(face, answer({1})) == (
        "“However, possibly some time will be needed for this.”"
    )
    assert KIND.tally(face, answer({1, 3})) == ["61-114", "207-235"]


def spans(*rows: EvidenceSpan, text: str | None = PARAGRAPH) -> list[str]:
    about = question("evidence", text=text, evidence=list(rows))
    return KIND.problems(KIND.face(about), KIND.key(about))


def test_problems_name_the_mend() -> None:
    anew = "Mark “{}” anew: it is not in the text at that place."
    assert spans() == ["Mark the words of the text that count as evidence."]
    assert spans(span("time"), text=None) == ["Choose the text that the evidence is in."]
    assert spans(span("time", start=5, end=9)) == [anew.format("time")]
    assert spans(span("time", start=900, end=904)) == [anew.format("time")]
    assert spans(span("time", feedback="")) == ["Write feedback for “time”."]
    assert spans(span(PARAGRAPH)) == [
        "Mark fewer words: every sentence of the text counts as evidence."
    ]
    assert spans(span("One", "One."), text="One.") == [
        "Choose a text of more than one sentence.",
        "Mark fewer words: every sentence of the text counts as evidence.",
    ]
