"""What differs between two texts, in words. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

TOKENS = re.compile(r"\w+(?:['’]\w+)*|\s+|[^\w\s]+")
CONTEXT = 12
"""Tokens kept on each side of what differs, when what is the same is shortened."""
LONG = 4000
"""Tokens from which lines are compared before words: comparing all words would take seconds."""


class Kind(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True)
class Piece:
    kind: Kind
    text: str


def diff(old: str, new: str) -> list[Piece]:
    """The pieces of both texts in reading order.

    The SAME and GONE ones together are `old`, the SAME and NEW ones `new`; no two neighbours are
    of one kind, and none is empty.
    """
    before, after = TOKENS.findall(old), TOKENS.findall(new)
    if len(before) + len(after) > LONG:
        return _joined(_by_lines(old, new))
    return _joined(_by_words(before, after))


def shortened(pieces: list[Piece]) -> list[Piece]:
    """The pieces with long stretches that are the same cut to their ends, by “ … ”."""
    return [
        Piece(piece.kind, _cut(piece.text, first=n == 0, last=n == len(pieces) - 1))
        if piece.kind == Kind.SAME
        else piece
        for n, piece in enumerate(pieces)
    ]


def _by_words(before: list[str], after: list[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for kind, a1, a2, b1, b2 in matcher.get_opcodes():
        if kind == "equal":
            yield Piece(Kind.SAME, "".join(before[a1:a2]))
            continue
        yield Piece(Kind.GONE, "".join(before[a1:a2]))
        yield Piece(Kind.NEW, "".join(after[b1:b2]))


def _by_lines(old: str, new: str) -> Iterator[Piece]:
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for kind, a1, a2, b1, b2 in matcher.get_opcodes():
        gone, come = "".join(before[a1:a2]), "".join(after[b1:b2])
        words = TOKENS.findall(gone), TOKENS.findall(come)
        if kind == "equal":
            yield Piece(Kind.SAME, gone)
        elif sum(map(len, words)) > LONG:
            yield Piece(Kind.GONE, gone)
            yield Piece(Kind.NEW, come)
        else:
            yield from _by_words(*words)


def _joined(pieces: Iterator[Piece]) -> list[Piece]:
    """Neighbours of one kind in one; a lone space between two changes belongs to them."""
    found: list[Piece] = []
    gone = new = ""
    for piece in [*pieces, Piece(Kind.SAME, "")]:
        if piece.kind == Kind.GONE:
            gone += piece.text
        elif piece.kind == Kind.NEW:
            new += piece.text
        elif piece.text.isspace() and gone and new:
            gone += piece.text
            new += piece.text
        else:
            found += [
                Piece(kind, text) for kind, text in ((Kind.GONE, gone), (Kind.NEW, new)) if text
            ]
            gone = new = ""
            if piece.text and found and found[-1].kind == Kind.SAME:
                found[-1] = Piece(Kind.SAME, found[-1].text + piece.text)
            elif piece.text:
                found.append(piece)
    return found


def _cut(text: str, *, first: bool, last: bool) -> str:
    tokens = TOKENS.findall(text)
    if len(tokens) <= 3 * CONTEXT:
        return text
    head = "" if first else "".join(tokens[:CONTEXT])
    tail = "" if last else "".join(tokens[-CONTEXT:])
    return f"{head} … {tail}"
