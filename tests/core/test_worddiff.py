"""What differs, in words: the pieces put together are both texts, whatever the texts."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.core.worddiff import Kind, Piece, diff, shortened

TEXTS = st.text(alphabet="ab cd,.\n’é", max_size=60)


def told(old: str, new: str) -> list[tuple[str, str]]:
    return [(str(piece.kind), piece.text) for piece in diff(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ("A talk", "A talk", [("same", "A talk")]),
        ("", "New", [("new", "New")]),
        ("Old", "", [("gone", "Old")]),
        (
            "He said that he was glad.",
            "He said he was very glad.",
            [
                ("same", "He said"),
                ("gone", " that"),
                ("same", " he was "),
                ("new", "very "),
                ("same", "glad."),
            ],
        ),
        # Words next to each other that were replaced are one change.
        (
            "the long road home",
            "the short way home",
            [("same", "the "), ("gone", "long road"), ("new", "short way"), ("same", " home")],
        ),
        ("don’t", "do", [("gone", "don’t"), ("new", "do")]),
        ("Пакистан и СССР", "Пакистан", [("same", "Пакистан"), ("gone", " и СССР")]),
    ],
)
def test_diff_is_in_words(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    assert told(old, new) == expected


@given(TEXTS, TEXTS)
def test_pieces_are_both_texts(old: str, new: str) -> None:
    pieces = diff(old, new)
    assert "".join(p.text for p in pieces if p.kind != Kind.NEW) == old
    assert "".join(p.text for p in pieces if p.kind != Kind.GONE) == new
    assert all(p.text for p in pieces)
    assert all(one.kind != other.kind for one, other in pairwise(pieces))


def test_long_texts_are_compared_by_lines_first() -> None:
    lines = [f"Line {n} of a long text, in words that come again." for n in range(600)]
    changed = [*lines[:300], "Line 300 of a long text, in other words.", *lines[301:]]
    pieces = diff("\n".join(lines), "\n".join(changed))
    assert "".join(p.text for p in pieces if p.kind != Kind.GONE) == "\n".join(changed)
    assert [p.text for p in pieces if p.kind == Kind.NEW] == ["other "]


def test_what_is_the_same_is_shortened_to_its_ends() -> None:
    words = " ".join(f"w{n}" for n in range(60))
    cut = shortened(diff(f"old {words} old", f"new {words} new"))
    assert [str(p.kind) for p in cut] == ["gone", "new", "same", "gone", "new"]
    assert cut[2].text == " w0 w1 w2 w3 w4 w5 … w54 w55 w56 w57 w58 w59 "
    assert shortened([Piece(Kind.SAME, "short")]) == [Piece(Kind.SAME, "short")]
