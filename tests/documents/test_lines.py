"""Lines of a text: the same on every sheet, and never a letter lost."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.documents.lines import WIDTH, columns, lines, lines_touched

TEXTS = st.text(st.sampled_from("ab M \t\n—é́国-.”"), max_size=400)


def cut(text: str, width: int = WIDTH) -> list[str]:
    return [text[start:end] for start, end in lines(text, width)]


def test_a_line_ends_between_words_and_keeps_the_space() -> None:
    assert cut("one two three four", 9) == ["one two ", "three ", "four"]
    assert cut("one two three", 7) == ["one two ", "three"]
    assert cut("", 10) == []


def test_a_newline_ends_a_line() -> None:
    assert cut("19 April\nNº 5\n\nend", 40) == ["19 April\n", "Nº 5\n", "\n", "end"]


def test_a_word_longer_than_a_line_stands_by_itself() -> None:
    assert cut("a " + "x" * 30 + " b", 10) == ["a ", "x" * 30 + " ", "b"]


@pytest.mark.parametrize(
    ("text", "wide"), [("abc", 3), ("ABC", 4.5), ("国", 2), ("e\u0301", 1), ("", 0)]
)
def test_columns(text: str, wide: float) -> None:
    assert columns(text) == wide


@given(TEXTS, st.integers(1, 40))
def test_lines_join_to_the_text_and_are_short_and_full(text: str, width: int) -> None:
    found = cut(text, width)
    assert "".join(found) == text
    assert all(found)
    for line, after in pairwise([*found, ""]):
        words = line.rstrip(" \t\n")
        assert columns(words) <= width or not re.search(r"[^ \t][ \t]", words)
        assert "\n" not in line[:-1]
        if after and not line.endswith("\n"):
            word = re.split(r"[ \t\n]", after)[0]
            assert columns(line + word) > width


@given(TEXTS, st.integers(1, 40), st.integers(0, 400), st.integers(1, 50))
def test_lines_touched_are_those_that_hold_the_words(
    text: str, width: int, start: int, length: int
) -> None:
    found = lines(text, width)
    touched = lines_touched(found, start, start + length)
    wanted = set(range(start, start + length))
    held = {index for index, line in enumerate(found) if wanted & set(range(*line))}
    assert set(touched) == held


def test_lines_touched_of_nothing_is_empty() -> None:
    assert list(lines_touched(lines("one two", 4), 3, 3)) == []
