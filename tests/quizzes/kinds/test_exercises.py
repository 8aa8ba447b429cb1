"""Lanes, voices, warrants and cables: what each accepts, tells and refuses."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.documents.models import VoiceSpan
from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.base import InvalidAnswer, Reveal
from lessons.quizzes.kinds.cable import count_words
from lessons.quizzes.kinds.replies import NONE
from lessons.quizzes.models import Question

from .samples import (
    CABLE,
    PARAGRAPH,
    PREFIX,
    SAMPLES,
    Sample,
    cabled,
    card,
    form,
    lanes,
    options,
    question,
    talk,
    voiced,
    warrants,
)

REPLIES, VOICES, CABLES = (SAMPLES[name] for name in ("replies", "voices", "cable"))


AFTER = "However, possibly some time …"


def score(sample: Sample, **answer: Any) -> Decimal | None:
    return sample.kind.mark(sample.key, answer)


def problems(of: Question) -> list[str]:
    kind = kind_of(of.kind)
    return kind.problems(kind.face(of), kind.key(of))


# --- Two lanes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", [NONE, "p3"])
def test_each_accepted_reply_counts_in_full(reply: str) -> None:
    assert score(REPLIES, replies={"boats": "p2", "salt": reply, "ice": NONE}) == 1


@given(st.dictionaries(st.sampled_from(["boats", "salt", "ice"]), st.sampled_from([NONE, "p1"])))
def test_score_of_lanes_is_the_share_of_cards(replies: dict[str, str]) -> None:
    hits = (replies.get("salt") == NONE) + (replies.get("ice") == NONE)
    expected = (Decimal(hits) / 3).quantize(Decimal("0.000001"))
    assert score(REPLIES, replies=replies) == expected


def test_lanes_show_each_side_in_the_order_of_the_text_whatever_the_seed() -> None:
    for seed in (1, 99):
        shown = REPLIES.kind.present(REPLIES.face, seed=seed, prefix=PREFIX)
        lines: list[Any] = list(shown.choices)
        assert [(line.speaker, line.side, line.act, line.place, line.asks) for line in lines] == [
            ("The Ann", "first", "asks", "¶1", True),
            ("The Ann", "first", "offers", "¶1", True),
            ("The Bo", "second", "warns", "¶2", True),
            ("The Ann", "first", "praises", "¶3", False),
        ]
        assert shown.targets == [
            "no reply recorded",
            *(f"answered in ¶{number}" for number in (1, 2, 3)),
        ]


def test_wrong_reply_is_not_corrected_before_the_second_try() -> None:
    def said(reveal: str) -> list[tuple[str, str]]:
        shown = REPLIES.kind.present(
            REPLIES.face,
            seed=1,
            prefix=PREFIX,
            answer=REPLIES.wrong,
            key=REPLIES.key,
            reveal=reveal,
        )
        return [(line.verdict, line.answer) for line in shown.choices]

    assert said(Reveal.CHOSEN) == [("wrong", ""), ("right", ""), ("wrong", ""), ("", "")]
    assert said(Reveal.ALL) == [
        ("wrong", "answered in ¶2"),
        ("right", "answered in ¶3 or no reply recorded"),
        ("wrong", "no reply recorded"),
        ("", ""),
    ]


def test_face_of_lanes_is_the_same_whatever_is_accepted() -> None:
    other = lanes()
    for row in other:
        row.none_recorded = row.awaits_reply and not row.none_recorded
        row._prefetched_objects_cache = {"replies": []}
    assert REPLIES.kind.face(question("replies", cards=other)) == REPLIES.face


def test_card_that_asks_nothing_takes_no_reply() -> None:
    drawn = REPLIES.kind.present(REPLIES.face, seed=1, prefix=PREFIX, answer=REPLIES.right)
    data = form(drawn)
    data[f"{PREFIX}-reply-3"] = "1"
    assert REPLIES.kind.parse(REPLIES.face, data, seed=1, prefix=PREFIX) == REPLIES.right
    with pytest.raises(ValueError, match="not asked about"):
        REPLIES.kind.controls(REPLIES.face, {"replies": {"thanks": "p2"}}, seed=1)


def test_unfinished_lanes_say_how_many_are_left() -> None:
    drawn = REPLIES.kind.present(
        REPLIES.face, seed=1, prefix=PREFIX, answer={"replies": {"ice": NONE}}
    )
    with pytest.raises(InvalidAnswer, match="2 cards are still without an answer"):
        REPLIES.kind.parse(REPLIES.face, form(drawn), seed=1, prefix=PREFIX)


def test_lanes_that_cannot_be_asked_say_why() -> None:
    texts = talk()
    one = card("one", texts["p1"], "two boats", [], feedback="")
    lost = card("lost", texts["p2"], "the ice", ["p1"], speaker_id=2)
    lost.start += 1
    assert problems(question("replies", cards=[one, lost])) == [
        "Give each of the document's two speakers a card in their lane.",
        "Say where “The line of one” is answered, or that no reply is recorded.",
        "Write feedback for “The line of one”.",
        "Give “The line of one” a lane: a speaker of its document.",
        "Mark “The line of lost” anew: its words are not in the text at that place.",
    ]


# --- Voices -------------------------------------------------------------------------------------


@pytest.mark.parametrize("voice", VoiceSpan.Voice.values)
def test_ambiguous_segment_accepts_either_of_its_voices(voice: str) -> None:
    answer = {**VOICES.right["voices"], "s207": voice}
    expected = Decimal(1) if voice in ("reported", "first-person") else Decimal("0.75")
    assert score(VOICES, voices=answer) == expected


def test_segments_stand_in_the_order_of_the_text_with_words_around_them() -> None:
    lines: list[Any] = list(VOICES.kind.present(VOICES.face, seed=5, prefix=PREFIX).choices)
    assert [(line.before, line.label, line.after) for line in lines] == [
        ("", "Hussein replied that", "direct air service is a …"),
        ("Hussein replied that", "direct air service is a wonderful idea.", AFTER),
        ('… to convince his government "', "to forget", '" about these concerns. He …'),
        ('… forget" about these concerns.', "He hopes it is accomplished.", ""),
    ]


def test_quotation_mark_of_a_neighbour_is_not_part_of_the_words() -> None:
    made = voiced()
    (part,) = made._prefetched_objects_cache["segments"][:1]
    part.span.quote = 'trying to convince his government "'
    assert kind_of("voices").face(made)["segments"][0]["label"] == (
        "trying to convince his government"
    )


def test_voices_of_another_text_cannot_be_asked() -> None:
    made = voiced()
    made._prefetched_objects_cache["segments"][1].span.text_id = 9
    assert problems(made) == [
        "“direct air service is a wonderful idea.” is not in the text that the question is about."
    ]


# --- Warrants -----------------------------------------------------------------------------------


def test_statement_that_goes_too_far_is_marked_only_once_it_was_chosen() -> None:
    sample = SAMPLES["warrant"]

    def excess(reveal: str) -> dict[str, str]:
        shown = sample.kind.present(
            sample.face,
            seed=3,
            prefix=PREFIX,
            answer={"choice": "b"},
            key=sample.key,
            reveal=reveal,
        )
        lines: list[Any] = list(shown.choices)
        return {line.label.split()[0]: line.excess for line in lines if line.excess}

    assert excess(Reveal.NOTHING) == {}
    assert excess(Reveal.CHOSEN) == {"Hussein": "held"}
    lines: list[Any] = list(
        sample.kind.present(
            sample.face,
            seed=3,
            prefix=PREFIX,
            answer=sample.right,
            key=sample.key,
            reveal=Reveal.ALL,
        ).choices
    )
    assert sorted(line.excess for line in lines) == ["", "held", "held", "word for word"]
    assert all("".join(line.parts) == line.label for line in lines)


def test_warrant_names_words_that_go_too_far_in_each_wrong_statement() -> None:
    made = warrants()
    made[0].excess = "took"
    made[1].label = "Hussein *held* it"
    made[3].excess = "reports"
    of = question("warrant", text=PARAGRAPH, options=made)
    assert sorted(problems(of)) == [
        "Copy from “Pakistan held that the idea is wonderful” the words in it that go too far.",
        "Write “Hussein *held* it” without Markdown.",
        "“The record reports Hussein calling the idea wonderful” is right: nothing in it goes too "
        "far.",
    ]


def test_warrant_rests_on_a_sentence() -> None:
    of = question("warrant", options=warrants())
    assert problems(of) == ["Choose the sentence that the statements rest on."]


# --- What the record cannot decide ----------------------------------------------------------------


@pytest.mark.parametrize("choice", ["a", "b", "c"])
def test_stance_is_worth_the_same_whichever_is_chosen(choice: str) -> None:
    sample = SAMPLES["stance"]
    shown = sample.kind.present(
        sample.face,
        seed=1,
        prefix=PREFIX,
        answer={"choice": choice, "reason": "So."},
        key=sample.key,
        reveal=Reveal.ALL,
    )
    assert [line.verdict for line in shown.choices] == ["", "", ""]
    assert sorted(line.feedback for line in shown.choices) == ["Why a", "Why b", "Why c"]


def test_stance_needs_a_choice_and_a_reason() -> None:
    sample = SAMPLES["stance"]
    for answer, message in [
        ({"choice": "", "reason": "So."}, "Choose an answer first."),
        ({"choice": "a", "reason": ""}, "Give your reason, in one sentence."),
    ]:
        drawn = sample.kind.present(sample.face, seed=1, prefix=PREFIX, answer=answer)
        with pytest.raises(InvalidAnswer, match=message):
            sample.kind.parse(sample.face, form(drawn), seed=1, prefix=PREFIX)


def test_stance_with_a_right_answer_cannot_be_asked() -> None:
    of = question("stance", options=options({"key": "a", "is_key": True}, {"key": "b"}))
    assert problems(of) == ["Tick no answer as right: this kind is never scored."]


# --- Cables ---------------------------------------------------------------------------------------


def read(answer: dict[str, Any]) -> dict[str, Any]:
    drawn = CABLES.kind.present(CABLES.face, seed=1, prefix=PREFIX, answer=answer)
    return CABLES.kind.parse(CABLES.face, form(drawn), seed=1, prefix=PREFIX)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (0, "Your cable has 0 words. Write from 5 to 12 words."),
        (4, "Your cable has 4 words. Write from 5 to 12 words."),
        (13, "Your cable has 13 words. Write from 5 to 12 words."),
    ],
)
def test_cable_keeps_to_its_words(words: int, message: str) -> None:
    with pytest.raises(InvalidAnswer, match=message):
        read({**CABLE, "cable": " ".join(["salt"] * words)})


@pytest.mark.parametrize("words", [5, 12])
def test_cable_of_just_enough_words_is_read(words: int) -> None:
    answer = {**CABLE, "cable": " ".join(["salt"] * words)}
    assert read(answer) == answer


def test_cable_needs_each_line_decided_and_explained() -> None:
    line = {"does": "leave", "motive": ""}
    with pytest.raises(InvalidAnswer, match="Decide on 2 lines more"):
        read({**CABLE, "lines": {}})
    with pytest.raises(InvalidAnswer, match="Give the motive for 1 line more"):
        read({**CABLE, "lines": {**CABLE["lines"], "salt": line}})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        (" — … !", 0),
        ("Hussein's middle-ranking man", 3),
        ("One - two", 2),
        ("سفیر نے خط دیا", 4),
        ("राजदूत ने पत्र दिया", 4),
        ("5 boats.\nNo\tsalt", 4),
    ],
)
def test_words_are_counted_in_any_script(text: str, count: int) -> None:
    assert count_words(text) == count


@given(st.lists(st.from_regex(r"[a-zé0-9]+[.,!]?", fullmatch=True), max_size=30))
def test_as_many_words_are_counted_as_were_written(words: list[str]) -> None:
    assert count_words("  \n".join(words)) == len(words)


def test_cable_is_never_told_without_its_notice() -> None:
    told = CABLES.kind.describe(CABLES.face, CABLES.right)
    assert told.splitlines() == [
        "Invented for a test.",
        "",
        "Bo gave no boats; of our salt I say little.",
        "(10 words)",
        "",
        "The line of boats (¶1): keep. We need them.",
        "The line of salt (¶1): soften. It was little.",
        "",
        "Added: The cold of the hall.",
    ]
    assert CABLES.kind.describe(CABLES.face, {"cable": "x"}).startswith("Invented for a test.")


def test_cable_without_notice_limits_or_lines_cannot_be_asked() -> None:
    of = cabled()
    of.notice, of.fewest_words, of.most_words = "", None, None
    of._prefetched_objects_cache["cards"] = []
    assert problems(of) == [
        "Add lines of the record to decide on: there should be two or more.",
        "Write the notice that tells the answer from a paper of the time.",
        "Say how many words the cable has at least and at most.",
    ]
