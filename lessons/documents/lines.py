"""A text cut into lines of about equal length, so that a class can say "line 41". Pure.

A browser wraps a paragraph differently on every sheet and screen, and a page without scripts
cannot count what it wrapped. So lines are cut here, by counting characters: the same text has the
same lines in every font, on A4 and on Letter, today and next year.
"""

import re
import unicodedata
from collections.abc import Sequence

WIDTH = 70
"""Columns of a line: what 11-point letters fill of the narrower of A4 and Letter with a margin."""

_PIECE = re.compile(r"[^ \t\n]*[ \t]*\n?")
"""A word with the spaces after it, and the end of its line where the original has one."""

Line = tuple[int, int]


def lines(text: str, width: int = WIDTH) -> list[Line]:
    """The text cut into lines: (start, end) in code points, in order.

    They join to exactly the text: a line keeps the spaces (and the newline) after it. A line is
    as long as `width` columns allow, ends at a newline or between words, and holds a word that is
    longer than that by itself. A capital counts one and a half columns, a wide East Asian letter
    two, a mark that combines with another none.
    """
    cut: list[Line] = []
    start = 0
    for piece in _PIECE.finditer(text):
        begin, end = piece.span()
        if begin == end:
            break
        word = piece.group().rstrip(" \t\n")
        if begin > start and columns(text[start : begin + len(word)]) > width:
            cut.append((start, begin))
            start = begin
        if text[end - 1] == "\n":
            cut.append((start, end))
            start = end
    if start < len(text):
        cut.append((start, len(text)))
    return cut


def columns(text: str) -> float:
    """About how wide the text is, in widths of a small letter."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> float:
    category = unicodedata.category(character)
    if category in {"Mn", "Me", "Cf"}:
        return 0
    if category == "Lu":
        return 1.5
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def lines_touched(cut: Sequence[Line], start: int, end: int) -> range:
    """Which of the lines (from 0) hold characters from `start` up to `end`; empty for none."""
    held = [index for index, line in enumerate(cut) if line[0] < end and start < line[1]]
    return range(held[0], held[-1] + 1) if held and start < end else range(0)
