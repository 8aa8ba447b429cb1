"""GIFT, read by a grammar of our own.

    bank      = part { blank-line part }
    part      = { comment | category } [ "::" title "::" ] text [ "{" answers "}" [ text ] ]
    answers   = [ body ] [ "####" feedback ]
    body      = "T" | "F" | choice { choice } | "=" short … | "=" item "->" target … | "#" number …
    choice    = ( "=" | "~" ) [ "%" weight "%" ] text [ "#" feedback ]

Lines come first (`_Reader`): they decide where a question begins and ends, and what is broken
costs nothing but itself. Escaped signs become control characters before anything is looked
for, so that every search is a plain one and takes time in proportion to the text. Where
Moodle's reader and the documentation differ, Moodle's reader is followed; where Moodle would
drop or garble something, it is understood if only one meaning is possible, and said aloud.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from .syntax import (
    BLANKS,
    RIGHT,
    WRONG,
    Answer,
    Bank,
    Body,
    Broken,
    Category,
    Choices,
    Comment,
    Description,
    Essay,
    GiftQuestion,
    Matching,
    Numerical,
    Pair,
    Part,
    Place,
    Short,
    Trouble,
    TrueFalse,
    Words,
)

MOST_ANSWERS = 100
MOST_PARTS = 20_000
CATEGORY = "$CATEGORY:"

_ESCAPED = "\\~=#{}:n"
_HELD = {sign: chr(n) for n, sign in enumerate(_ESCAPED, start=1)}
_ESCAPE = re.compile(r"\\([\\~=#{}:n])")
_RELEASED = str.maketrans({held: "\n" if sign == "n" else sign for sign, held in _HELD.items()})
_AS_WRITTEN = str.maketrans({held: f"\\{sign}" for sign, held in _HELD.items()})
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BRACE = re.compile("[{}]")
_FORMAT = re.compile(r"\[(moodle|html|markdown|plain)\]", re.IGNORECASE)
_WEIGHT = re.compile(r"%(-?[0-9]{1,3}(?:\.[0-9]{0,9})?)%")
_LIKE_A_WEIGHT = re.compile(r"%[-+0-9.,\s]{1,15}%?")
_NUMBER = r"-?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,3})?"
_NUMBER_SPEC = re.compile(rf"{_NUMBER}(?:\s*(?::|\.\.)\s*{_NUMBER})?")
_MARK = re.compile(r"\[(id|tag):([^\]]{0,200})\]")
_SIGN_INSIDE = re.compile(r"[^\s~]=|\S[^\S\n]+=(?=[^\S\n])")
_FENCE, _PRE = "```", "</pre>"
"""What ends code in the words of a question."""
_TRUTHS = {"t": True, "true": True, "f": False, "false": False}


class TooLong(Exception):
    """The bank has more parts than MOST_PARTS."""


class _NotUnderstood(Exception):
    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


def parse(text: str) -> Bank:
    """Everything a bank says, in its order: no line of it but blank ones is left out.

    Any text is read in time proportional to its length. Raises TooLong.
    """
    parts: list[Part] = []
    for part in _Reader(text).parts():
        parts.append(part)
        if len(parts) > MOST_PARTS:
            raise TooLong
    return Bank(tuple(parts))


# --- Lines ------------------------------------------------------------------------------------


@dataclass
class _Piece:
    """The lines of one question, as they are gathered."""

    lines: list[tuple[int, str, str]] = field(default_factory=list)
    """Number, text with escapes held, and the line as written."""
    comments: list[Comment] = field(default_factory=list)
    oddities: list[Trouble] = field(default_factory=list)
    trouble: Trouble | None = None
    is_open: bool = False
    closed: bool = False
    ends_at: int | None = None
    """How many lines there are up to the one that the closing brace ended."""
    code: str = ""
    """What ends the code that the lines are in; "" outside code."""

    @property
    def is_empty(self) -> bool:
        return not self.lines

    def closes_title(self, line: str) -> bool:
        """Whether the `::` that begins the line ends a title, the only line there is."""
        is_title = len(self.lines) == 1 and self.lines[0][1].rfind("::") == 0
        return is_title and ("::" not in line[2:] or bool(_FORMAT.match(line[2:])))

    def add(self, number: int, line: str, written: str) -> None:
        self.lines.append((number, line, written))
        if not (self.is_open or self.closed):
            self.code = _code_after(line.partition("{")[0], self.code)
        for match in _BRACE.finditer(line):
            self._brace(match.group(), last=match.end() == len(line))

    def _brace(self, brace: str, *, last: bool) -> None:
        if brace == "{":
            if self.is_open:
                self.trouble = self.trouble or Trouble.NESTED_BRACE
            elif self.closed:
                self.trouble = self.trouble or Trouble.TWO_SECTIONS
            self.is_open = True
        else:
            if not self.is_open:
                self.trouble = self.trouble or Trouble.STRAY_BRACE
            self.is_open, self.closed = False, True
            self.ends_at = len(self.lines) if last else None

    @property
    def in_code(self) -> bool:
        return bool(self.code) and not self.is_open

    @property
    def place(self) -> Place:
        rows = [(number, written) for number, _held, written in self.lines]
        rows += [(comment.line, comment.text) for comment in self.comments]
        return Place(self.lines[0][0], "\n".join(written for _n, written in sorted(rows)))


class _Reader:
    def __init__(self, text: str) -> None:
        text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        self.lines = UNPRINTABLE.sub(" ", text).split("\n")
        self.at = 0
        self.closes_at = 0
        """The line of the brace that `_goes_on` found last, from 0."""
        self.looked_for: dict[str, tuple[int, bool]] = {}
        """How far `_code_ends` looked for an end, and whether it stands there."""
        self.category = ""

    def parts(self) -> Iterator[Part]:
        while self.at < len(self.lines):
            if self.lines[self.at].strip():
                yield from self._block()
            else:
                self.at += 1

    def _block(self) -> Iterator[Part]:
        """What stands before the next blank line that ends a question."""
        piece = _Piece()
        while self.at < len(self.lines):
            number, written = self.at + 1, self.lines[self.at]
            line = written.strip(BLANKS)
            self.at += 1
            if not line.strip():
                if piece.is_open and self._goes_on():
                    piece.oddities.append(Trouble.BLANK_LINE_INSIDE)
                    continue
                if piece.in_code and self._code_ends(piece.code):
                    piece.oddities.append(Trouble.CODE)
                    piece.add(number, "", "")
                    continue
                break
            if line.startswith("//") and piece.in_code and self._code_ends(piece.code):
                piece.oddities.append(Trouble.CODE)
            elif line.startswith("//"):
                piece.comments.append(Comment(number, line))
                continue
            if line.startswith(CATEGORY) and not piece.is_open:
                yield from self._finish(piece)
                piece = _Piece()
                self.category = line[len(CATEGORY) :].strip()
                yield Category(number, self.category)
                continue
            held = _ESCAPE.sub(
                lambda match: _HELD[match.group(1)],
                written.rstrip(BLANKS) if piece.in_code else line,
            )
            if (
                line.startswith("::")
                and not (piece.is_open or piece.is_empty)
                and not piece.closes_title(held)
            ):
                yield from self._finish(piece)
                piece = _Piece(oddities=[Trouble.NO_BLANK_LINE])
            elif "{" in held and piece.closed and not piece.is_open and piece.ends_at:
                rest = piece.lines[piece.ends_at :]
                del piece.lines[piece.ends_at :]
                yield from self._finish(piece)
                piece = _Piece(oddities=[Trouble.NO_BLANK_LINE])
                for row in rest:
                    piece.add(*row)
            piece.add(number, held, written)
        yield from self._finish(piece)

    def _goes_on(self) -> bool:
        """Whether the braces that stand open are closed after the blank line, by no other pair.

        What is looked through ends at the next brace and is not looked through again.
        """
        if self.at <= self.closes_at:
            return True
        for at in range(self.at, len(self.lines)):
            line = self.lines[at].strip(BLANKS)
            if line.startswith(("::", CATEGORY)):
                return False
            if line.startswith("//"):
                continue
            brace = _BRACE.search(_ESCAPE.sub("", line))
            if brace:
                self.closes_at = at if brace.group() == "}" else self.closes_at
                return brace.group() == "}"
        return False

    def _code_ends(self, end: str) -> bool:
        """Whether code that stands open is ended before the next title or category."""
        looked, found = self.looked_for.get(end, (-1, False))
        if looked < self.at:
            found = False
            for looked in range(self.at, len(self.lines)):
                line = self.lines[looked].strip(BLANKS)
                found = end in line.lower()
                if found or line.startswith(("::", CATEGORY)):
                    break
            self.looked_for[end] = (looked, found)
        return found

    def _finish(self, piece: _Piece) -> Iterator[Part]:
        marks = [comment for comment in piece.comments if _marks(comment.text)]
        plain = [comment for comment in piece.comments if comment not in marks]
        if piece.is_empty:
            yield from piece.comments
            return
        yield from plain
        trouble = piece.trouble or (Trouble.UNCLOSED if piece.is_open else None)
        if trouble is None:
            try:
                yield self._question(piece, marks)
                return
            except _NotUnderstood as reason:
                trouble = reason.trouble
        yield Broken(trouble, piece.place, self.category)

    def _question(self, piece: _Piece, marks: list[Comment]) -> GiftQuestion:
        oddities = list(dict.fromkeys(piece.oddities))
        text = "\n".join(held for _n, held, _w in piece.lines)
        title, text = _title(text, oddities)
        before, brace, rest = text.partition("{")
        inside, _brace, after = rest.partition("}")
        after = _release(after).rstrip(BLANKS)
        stem = _words(before, "moodle", trim=not after)
        body, feedback = _answers(inside, stem.format, oddities) if brace else (Description(), None)
        if brace == "" and not stem.text:
            raise _NotUnderstood(Trouble.EMPTY)
        found = [mark for comment in marks for mark in _marks(comment.text)]
        ids = [value for name, value in found if name == "id"]
        return GiftQuestion(
            stem=stem,
            body=body,
            after=after,
            title=title,
            id=ids[0] if ids else "",
            tags=tuple(value for name, value in found if name == "tag"),
            feedback=feedback,
            category=self.category,
            place=piece.place,
            oddities=tuple(oddities),
        )


def _code_after(line: str, code: str) -> str:
    """What ends the code that stands open after the line, where `code` did before it."""
    if code != _PRE and line.startswith(_FENCE) and line.count(_FENCE) == 1:
        return "" if code else _FENCE
    folded = line.lower()
    if code == _PRE or "<pre" in folded:
        return _PRE if folded.rfind("<pre") > folded.rfind(_PRE) else "" if _PRE in folded else code
    return code


def _marks(comment: str) -> list[tuple[str, str]]:
    """(id or tag, its value) for those in a comment that holds nothing else."""
    found = [(name, value.strip()) for name, value in _MARK.findall(comment)]
    return found if not _MARK.sub("", comment).strip("/ \t") else []


# --- One question -----------------------------------------------------------------------------


def _release(text: str) -> str:
    return text.translate(_RELEASED)


def _title(text: str, oddities: list[Trouble]) -> tuple[str, str]:
    if not text.startswith("::"):
        return "", text
    title, end, rest = text[2:].partition("::")
    if not end:
        oddities.append(Trouble.OPEN_TITLE)
        return "", text[2:]
    return " ".join(_release(title).split()), rest.lstrip(BLANKS)


def _words(text: str, default: str, *, trim: bool = True) -> Words:
    text = text.lstrip(BLANKS)
    match = _FORMAT.match(text)
    name = match.group(1).lower() if match else default
    text = _release(text[match.end() :] if match else text).lstrip(BLANKS)
    return Words(text.rstrip(BLANKS) if trim else text, name)


def _optional(text: str, default: str) -> Words | None:
    words = _words(text, default)
    return words if words.text else None


def _answers(inside: str, default: str, oddities: list[Trouble]) -> tuple[Body, Words | None]:
    body, mark, general = inside.rpartition("####")
    if not mark:
        body, general = general, ""
    return _body(body.strip(BLANKS), default, oddities), _optional(general, default)


def _body(text: str, default: str, oddities: list[Trouble]) -> Body:
    if not text:
        return Essay()
    if text[0] == "#":
        return _numerical(text[1:], default, oddities)
    if text.count("=") + text.count("~") > MOST_ANSWERS:
        raise _NotUnderstood(Trouble.TOO_MANY_ANSWERS)
    if "\n" in text and _SIGN_INSIDE.search(text):
        oddities.append(Trouble.SIGN_INSIDE)
    if "~" in text:
        return Choices(tuple(_choices(text, default, oddities)))
    chunks = _chunks(text, oddities)
    if all("->" in chunk.partition("#")[0] for chunk in chunks):
        return Matching(tuple(_pair(chunk, default) for chunk in chunks))
    if "=" not in text:
        value, *remarks = text.split("#", 2)
        truth = _TRUTHS.get(value.strip(BLANKS).lower())
        if truth is not None:
            wrong, right = (*(_optional(remark, default) for remark in remarks), None, None)[:2]
            return TrueFalse(truth, wrong, right)
        oddities.append(Trouble.NO_SIGN)
    elif any("->" in chunk.partition("#")[0] for chunk in chunks):
        raise _NotUnderstood(Trouble.NO_PAIR)
    return Short(tuple(_answer(chunk, default, RIGHT, True, oddities) for chunk in chunks))


def _chunks(text: str, oddities: list[Trouble]) -> list[str]:
    """What stands behind each `=`; something before the first of them counts as one."""
    first, *rest = text.split("=")
    if first.strip(BLANKS):
        if rest:
            oddities.append(Trouble.NO_SIGN)
        return [first, *rest]
    return rest


def _choices(text: str, default: str, oddities: list[Trouble]) -> Iterator[Answer]:
    first, *rest = re.split("([~=])", text)
    if first.strip(BLANKS):
        oddities.append(Trouble.NO_SIGN)
        yield _answer(first, default, WRONG, False, oddities)
    signs, chunks = rest[::2], rest[1::2]
    for sign, chunk, following in zip(signs, chunks, [*signs[1:], ""], strict=True):
        if sign == "~" and following == "=" and not chunk.strip(BLANKS):
            continue  # "~=" means "="
        right = sign == "="
        yield _answer(chunk, default, RIGHT if right else WRONG, right, oddities)


def _answer(
    chunk: str, default: str, weight: Decimal, right: bool, oddities: list[Trouble]
) -> Answer:
    chunk = chunk.strip(BLANKS)
    match = _WEIGHT.match(chunk)
    if match:
        weight, chunk = Decimal(match.group(1)), chunk[match.end() :]
    elif _LIKE_A_WEIGHT.match(chunk):
        oddities.append(Trouble.ODD_WEIGHT)
    text, _hash, remark = chunk.partition("#")
    words = _words(text, default)
    if not words.text:
        raise _NotUnderstood(Trouble.NO_ANSWER)
    return Answer(words, weight, _optional(remark, default), right)


def _numerical(text: str, default: str, oddities: list[Trouble]) -> Numerical:
    if text.count("=") > MOST_ANSWERS:
        raise _NotUnderstood(Trouble.TOO_MANY_ANSWERS)
    text, _tilde, rest = text.partition("~")
    wrong, _hash, remark = rest.partition("#")
    if wrong.strip(BLANKS):
        raise _NotUnderstood(Trouble.NO_NUMBER)
    if not text.strip(BLANKS):
        raise _NotUnderstood(Trouble.NO_NUMBER)
    answers = tuple(
        _answer(chunk, default, RIGHT, True, oddities)
        for chunk in _chunks(text.strip(BLANKS), oddities)
    )
    if not all(_NUMBER_SPEC.fullmatch(answer.text.text) for answer in answers):
        raise _NotUnderstood(Trouble.NO_NUMBER)
    return Numerical(answers, _optional(remark, default))


def _pair(chunk: str, default: str) -> Pair:
    item, _arrow, target = chunk.partition("->")
    right = _release(target).strip(BLANKS)
    if not right:
        raise _NotUnderstood(Trouble.NO_PAIR)
    return Pair(_optional(item, default), right)
