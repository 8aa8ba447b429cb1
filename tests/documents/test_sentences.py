"""Sentences of real paragraphs, and what holds for any text."""

from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from lessons.documents.sentences import sentences

SOURCE = Path(settings.BASE_DIR) / "fixtures" / "source" / "record-1958-04-19.md"


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def paragraph(opening: str) -> str:
    blocks = SOURCE.read_text(encoding="utf-8").split("\n\n")
    return next(block for block in blocks if block.startswith(opening))


def test_paragraph_2_keeps_khrushchevs_initials_whole() -> None:
    assert cut(paragraph("N. S. Khrushchev thanked")) == [
        (
            "N. S. Khrushchev thanked the Ambassador and, familiarizing himself with a "
            "translation of the letter, said that at first glance he formed the impression "
            "that expressions of Dulles and other figures had been used who are stubbornly "
            "slowing the achievement of an agreement about relaxing international tension. "
        ),
        "This is unsurprising, N. S. Khrushchev continued. ",
        (
            "To our regret Pakistan is taking a position which does not contribute to a "
            "strengthening of the forces fighting to eliminate blocs and to establish friendly "
            "relations between all countries. "
        ),
        "The letter of the Prime Minister is imbued with the same spirit. ",
        (
            "We hope that the time will come when Pakistan will understand that such a "
            "position does not promote its interests and the interests of other peaceloving "
            "countries."
        ),
    ]


def test_paragraph_3_keeps_quotations_and_insertions_whole() -> None:
    assert cut(paragraph("Hussein said letter")) == [
        (
            "Hussein said letter of the Prime Minister somewhat disappointed him, and agreed "
            "that it has some shopworn phrases which have already been encountered in some "
            "documents and in the press. "
        ),
        (
            "In Hussein's opinion, the last part of the letter which, he thinks, contains the "
            "key to the actual position of Pakistan, is the most important. "
        ),
        "Pakistan is chiefly interested in improving relations with all [its] neighbors. ",
        (
            "The government of Pakistan has the serious intention of taking a middle position, "
            '"a position between the two blocs". '
        ),
        (
            "In the last two weeks, continued Hussein, the Prime Minister of Pakistan has made "
            "a number of speeches in which he has declared that if the Western powers do not "
            'help Pakistan solve the dispute over Kashmir then Pakistan "will exchange '
            'handshakes" with the USSR. '
        ),
        (
            "Of course, we understand that it is not at all honorable for us to go the route "
            'of "an exchange of handshakes", added Hussein, but nevertheless these statements '
            "show that Pakistan does not have a strictly defined position with respect to "
            "peaceful blocs."
        ),
    ]


def test_paragraph_7_ends_a_sentence_at_its_question() -> None:
    assert cut(paragraph("Then N. S. Khrushchev said that the USSR")) == [
        "Then N. S. Khrushchev said that the USSR is ready to improve relations with Pakistan. ",
        (
            "Why, for example, not come to agreement about air service between the two "
            "countries so that Soviet aircraft can fly to [New] Delhi over the territory of "
            "Pakistan? "
        ),
        "Direct air service could be established between the USSR and Karachi. ",
        (
            "This would be the shortest path between the East and West and one could fly, "
            "let's say, from London to Karachi in one day."
        ),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "A talk between Cde. N. S. KHRUSHCHEV and A. HUSSEIN, Ambassador.",
        "Some papers, e.g. The Times, and others, i.e. Pravda, said so.",
        "See Doc. 303 and No. 5, pp. 12 and ll. 29 of it.",
        "It cost 3.5 million on Apr. 19 of that year.",
        "1. Pakistan left the pact",
        'He said "They came. They left." and went.',
        "He (nobody knew why. Or how.) went on.",
        "Mr. Dulles and Dr. Graham met Gen. Ayub.",
        'An open "quotation (with a bracket.) stays',
        "The U.S. Department of State answered.",
        "He asked why? and left... quickly.",
    ],
)
def test_one_sentence_is_not_cut(text: str) -> None:
    assert cut(text) == [text]


@pytest.mark.parametrize(
    "parts",
    [
        ["He was in Kashmir in 1955. ", "N. S. Khrushchev said so."],
        ["He said no. ", "They left."],
        ['He said: "We won." ', "Then he left."],
        ["Really?! ", "Yes… ", "(Not now.) ", "[Later.] ", "1958 came."],
        ["The majority support the US. ", "Therefore it is hard."],
        ['A stray " mark. ', "Another sentence."],
        ["یہ پہلا جملہ ہے۔ ", "یہ دوسرا ہے۔"],
        ["यह पहला है। ", "यह दूसरा है।"],
        ["Это первое. ", "А это второе, Н. С. Хрущев."],
        ["  Spaces stay.\n", "A line too.  "],
    ],
)
def test_sentences_are_cut_after_their_spaces(parts: list[str]) -> None:
    assert cut("".join(parts)) == parts


def test_no_text_has_no_sentence() -> None:
    assert sentences("") == []
    assert sentences("  ") == [(0, 2)]


PIECES = st.lists(
    st.one_of(
        st.text(max_size=4),
        st.sampled_from(
            [". ", "! ", "? ", "e.g. ", "N. ", "Cde. ", '"', "“", "”", "(", ")", "A", "a"]
        ),
    )
).map("".join)


@given(PIECES)
def test_sentences_join_to_exactly_the_text(text: str) -> None:
    spans = sentences(text)
    assert "".join(text[start:end] for start, end in spans) == text
    assert all(start < end for start, end in spans)
    assert [start for start, _ in spans[1:]] == [end for _, end in spans[:-1]]


@given(PIECES)
def test_a_cut_follows_a_space_and_precedes_none(text: str) -> None:
    for start, _ in sentences(text)[1:]:
        assert text[start - 1].isspace()
        assert not text[start].isspace()


@pytest.mark.parametrize("piece", [". ", "a. ", "A.b.", "“", '"', "(. ", "1. ", "A.A. "])
def test_a_long_text_takes_no_long_time(piece: str) -> None:
    text = piece * 100_000
    assert "".join(cut(text)) == text
