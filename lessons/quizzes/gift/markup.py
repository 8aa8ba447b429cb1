"""A bank's texts as our Markdown: HTML, plain words, and Moodle's mixture of both.

Nothing of a bank's HTML is kept as HTML: it is read for what it says and written as Markdown,
which the site's one function then draws. What Markdown has no way to say is named.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from html import unescape
from urllib.parse import unquote

from .syntax import Words


class Loss(StrEnum):
    """What a text loses on its way, or what its author should look at."""

    PICTURE = "picture"
    FILE = "file"
    TABLE = "table"
    SCRIPT = "script"
    SCRIPTS_OF_LINE = "raised or lowered"
    FORM = "form"
    LINK = "link"
    LOOK = "look"
    FORMULA = "formula"
    LINES = "lines"
    RAW_HTML = "raw html"
    COMMENT = "comment"


_FORMULA = re.compile(r"\$\$|\\\(|\\\[")
_LISTED = re.compile(r"(?:^|\n)[ \t]*(?:[-*+•]|[0-9A-Za-z]{1,3}[.)])[ \t]")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]{0,30})([^<>]*)>")
_ATTRIBUTE = re.compile(r"([A-Za-z-]{1,30})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_SPECIAL = re.compile(r"[`*\[]|<(?=[A-Za-z/!?])|&(?=#?[A-Za-z0-9]+;)|\\(?=[!-/:-@\[-`{-~\n]|$)|_+")
_LINE_START = re.compile(r"(?m)^([ \t]*)(?:([0-9]{1,9})(?=[.)])|(?=[-+=#>~]))")
_NO_ADDRESS = re.compile(r"[\s()<>\\]")

_SILENT = {"script", "style", "iframe", "object", "embed", "noscript", "template", "head"}
_BLOCKS = {"p", "div", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article"}
_LISTS = {"ul", "ol"}
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "cite": "*", "var": "*"}
_CODE = {"code", "tt", "kbd", "samp"}
_NO_LOSS = {"span", "font", "a", "br", "html", "body", "li", "q", "nolink", "small", "label"}
_LOOKS = {
    "abbr", "acronym", "address", "area", "aside", "base", "bdi", "bdo", "big", "canvas", "center",
    "dd", "del", "details", "dfn", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "hr",
    "header", "hgroup", "ins", "legend", "link", "main", "map", "mark", "marquee", "menu", "meta",
    "meter", "nav", "nobr", "optgroup", "option", "output", "param", "progress", "rp", "rt", "ruby",
    "s", "strike", "summary", "time", "title", "u", "wbr",
}  # fmt: skip
_LOSSES = {
    "img": Loss.PICTURE, "svg": Loss.PICTURE, "picture": Loss.PICTURE,
    "audio": Loss.FILE, "video": Loss.FILE, "source": Loss.FILE, "track": Loss.FILE,
    "table": Loss.TABLE, "sub": Loss.SCRIPTS_OF_LINE, "sup": Loss.SCRIPTS_OF_LINE,
    "input": Loss.FORM, "select": Loss.FORM, "button": Loss.FORM, "textarea": Loss.FORM,
    "form": Loss.FORM, "math": Loss.FORMULA,
}  # fmt: skip
_TABLE_PARTS = {"tr", "td", "th", "thead", "tbody", "tfoot", "caption", "colgroup", "col"}
_KNOWN = {"pre"}.union(
    _SILENT, _BLOCKS, _LISTS, _MARKS, _CODE, _NO_LOSS, _LOOKS, _LOSSES, _TABLE_PARTS
)
_RAISED = dict(zip("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ", strict=True))
_LOWERED = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True))


@dataclass(frozen=True)
class Converted:
    markdown: str
    losses: tuple[Loss, ...] = ()


def to_markdown(words: Words, *, one_line: bool = False) -> Converted:
    """The text as Markdown; with `one_line`, without line breaks, as labels and prompts need it."""
    losses: list[Loss] = []
    if words.format == "markdown":
        text = words.text
        if "![" in text:
            losses.append(Loss.PICTURE)
        if _TAG.search(text):
            losses.append(Loss.RAW_HTML)
    elif words.format == "plain":
        text = escaped(words.text, inline=one_line)
    else:
        reader = _Html(keeps_lines=words.format == "moodle", inline=one_line)
        reader.read(words.text)
        text, losses = reader.markdown(), reader.losses
    if "@@PLUGINFILE@@" in words.text and Loss.PICTURE not in losses:
        losses.append(Loss.FILE)
    if _FORMULA.search(words.text):
        losses.append(Loss.FORMULA)
    if words.format != "markdown":
        text = text.strip()
    if one_line and ("\n\n" in text or ("\n" in text and _LISTED.search(text))):
        losses.append(Loss.LINES)
    return Converted(text, tuple(dict.fromkeys(losses)))


def escaped(text: str, *, inline: bool = False) -> str:
    """Plain words in Markdown, which then shows them as they are.

    With `inline` for texts that are drawn without paragraphs, where a line may begin with any sign.
    """
    text = _SPECIAL.sub(_escape, text)
    if inline:
        return text
    return _LINE_START.sub(lambda m: f"{m.group(2)}\\" if m.group(2) else "\\", text)


def _escape(match: re.Match[str]) -> str:
    sign = match.group()
    if sign[0] != "_":
        return f"\\{sign}"
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    inside_a_word = before.isalnum() and after.isalnum()
    a_blank = (not before or before.isspace()) and after not in ("", "\n") and not after.isalnum()
    # A run that can neither close an emphasis nor be a rule stays as it is: "It is ____."
    return sign if inside_a_word or (a_blank and not after.isspace()) else "\\_" * len(sign)


@dataclass
class _Html:
    """Reads tags one after another; never needs them to be closed."""

    keeps_lines: bool
    """Moodle's own format: a line break is one, as in plain text."""
    inline: bool
    out: list[str] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    silent: str = ""
    open_marks: list[str] = field(default_factory=list)
    lists: list[int] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    preformatted: bool = False
    lifted_from: int | None = None
    """Where in `out` raised or lowered signs began."""

    def read(self, text: str) -> None:
        for piece, tag in _pieces(text, self.losses):
            if tag is None:
                self._say(piece)
            elif _is_tag(tag):
                self._meet(tag.group(1) == "/", tag.group(2).lower(), tag.group(3))
            else:
                self._say(tag.group())
        self._close_marks()

    def markdown(self) -> str:
        text = "\n".join(line.strip(" \t") for line in "".join(self.out).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", text).strip("\n ")

    def _lose(self, loss: Loss) -> None:
        if loss not in self.losses:
            self.losses.append(loss)

    def _say(self, text: str) -> None:
        if self.silent or not text:
            return
        words = unescape(text).replace("\xa0", " ")
        if not self.preformatted and not self.keeps_lines:
            words = words.replace("\n", " ")
        if not self.preformatted:
            words = re.sub(r"[ \t]+", " ", words)
        self.out.append(self._escaped(words))

    def _escaped(self, words: str) -> str:
        """Words that go on in a line: the first sign of them may stand as it is."""
        if not self.out or self.out[-1].endswith("\n"):
            return escaped(words.lstrip(" "), inline=self.inline)
        return escaped(f"x{words}", inline=self.inline)[1:]

    def _break(self, breaks: str) -> None:
        if self.out:
            self._close_marks()
            self.out.append(breaks)

    def _close_marks(self) -> None:
        while self.open_marks:
            self._close_mark(self.open_marks[-1])

    def _meet(self, closing: bool, name: str, rest: str) -> None:
        if self.silent:
            if closing and name == self.silent:
                self.silent = ""
            return
        if name in _SILENT:
            self._lose(Loss.SCRIPT)
            self.silent = "" if closing or rest.endswith("/") else name
        elif name in _MARKS:
            self._mark(closing, _MARKS[name])
        elif name in _CODE:
            self._mark(closing, "`")
        elif name in _BLOCKS:
            self._break("\n\n")
        elif name == "pre":
            self._break("\n\n")
            self.preformatted = not closing
            if not closing:
                self._lose(Loss.LINES)
        elif name in ("br", "hr"):
            self._break("\n" if name == "br" else "\n\n")
        elif name == "a":
            self._link(closing, rest)
        elif name in ("sup", "sub"):
            self._lift(closing, _RAISED if name == "sup" else _LOWERED)
        else:
            self._other(closing, name, rest)

    def _mark(self, closing: bool, mark: str) -> None:
        if closing:
            if mark in self.open_marks:
                while self.open_marks[-1] != mark:
                    self._close_mark(self.open_marks[-1])
                self._close_mark(mark)
        elif mark not in self.open_marks and "`" not in self.open_marks:
            self.open_marks.append(mark)
            self.out.append(f"\x01{mark}")

    def _close_mark(self, mark: str) -> None:
        """Put the marks around the words between, without the spaces at their ends."""
        self.open_marks.remove(mark)
        at = len(self.out) - 1
        while self.out[at] != f"\x01{mark}":
            at -= 1
        inner = "".join(self.out[at + 1 :])
        words = inner.strip()
        lead, trail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        if mark == "`":
            plain = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", words).replace("\n", " ")
            ticks = "`" * (1 + max((len(run) for run in re.findall("`+", plain)), default=0))
            pad = " " if plain.startswith("`") or plain.endswith("`") else ""
            marked = f"{ticks}{pad}{plain}{pad}{ticks}"
        else:
            marked = f"{mark}{words}{mark}"
        self.out[at:] = [lead, marked if words else "", trail]

    def _lift(self, closing: bool, signs: dict[str, str]) -> None:
        """x<sup>2</sup> as x², where each of its signs can be raised (or lowered)."""
        if not closing:
            self.lifted_from = len(self.out)
        elif self.lifted_from is not None:
            words = "".join(self.out[self.lifted_from :]).strip()
            if all(sign in signs for sign in words):
                self.out[self.lifted_from :] = ["".join(signs[sign] for sign in words)]
            else:
                self._lose(Loss.SCRIPTS_OF_LINE)
            self.lifted_from = None

    def _list(self, closing: bool, name: str) -> None:
        if closing:
            if self.lists:
                self.lists.pop()
            self._break("\n\n" if not self.lists else "\n")
        else:
            self._break("\n\n" if not self.lists else "\n")
            self.lists.append(0 if name == "ol" else -1)

    def _item(self) -> None:
        self._break("\n")
        if self.lists and self.lists[-1] >= 0:
            self.lists[-1] += 1
            self.out.append(f"{self.lists[-1]}. ")
        else:
            self.out.append("- ")

    def _link(self, closing: bool, rest: str) -> None:
        if closing:
            if self.links:
                self.out.append(f"]({self.links.pop()})")
            return
        address = _attributes(rest).get("href", "").strip()
        address = address.replace("(", "%28").replace(")", "%29")
        if not re.match(r"(?i)https?://|mailto:", address) or _NO_ADDRESS.search(address):
            if address:
                self._lose(Loss.LINK)
            return
        if self.links:
            self._link(True, "")
        self.links.append(address)
        self.out.append("[")

    def _other(self, closing: bool, name: str, rest: str) -> None:
        if name in _LISTS:
            self._list(closing, name)
            return
        if name == "li" and not closing:
            self._item()
        if name in _TABLE_PARTS:
            if not closing:
                self._break("\n" if name not in ("td", "th") else " ")
            elif name in ("td", "th"):
                self.out.append(" | ")
            return
        if name not in _NO_LOSS and not closing:
            self._lose(_LOSSES.get(name, Loss.LOOK))
        if name == "table":
            self._break("\n\n")
        if name == "img" and (words := _words_of_picture(_attributes(rest))):
            self.out.append(escaped(f"({words})"))


def _is_tag(tag: re.Match[str]) -> bool:
    """Whether HTML knows it (or Word, with its colons); `<stdio.h>` and `<T>` are words."""
    name, rest = tag.group(2).lower(), tag.group(3)
    return ":" in name or (name in _KNOWN and (not rest or rest[0] in "/ \t\n"))


def _words_of_picture(attributes: dict[str, str]) -> str:
    """What a picture is said to show, else the name of its file."""
    source = attributes.get("src", "")
    file = "" if source.startswith("data:") else source.partition("?")[0].rpartition("/")[2]
    return attributes.get("alt", "").strip() or unquote(file)


def _attributes(text: str) -> dict[str, str]:
    return {
        name.lower(): unescape(first or second or third)
        for name, first, second, third in _ATTRIBUTE.findall(text)
    }


def _pieces(text: str, losses: list[Loss]) -> Iterator[tuple[str, re.Match[str] | None]]:
    """(words, None) and ("", tag) in turn; comments are left out and named in `losses`."""
    at = 0
    while at < len(text):
        start = text.find("<", at)
        if start < 0:
            break
        if text.startswith("<!--", start):
            end = text.find("-->", start)
            if end < 0:
                break
            if Loss.COMMENT not in losses:
                losses.append(Loss.COMMENT)
            yield text[at:start], None
            at = end + 3
            continue
        tag = _TAG.match(text, start)
        if tag is None:
            yield text[at : start + 1], None
            at = start + 1
            continue
        yield text[at:start], None
        yield "", tag
        at = tag.end()
    yield text[at:], None
