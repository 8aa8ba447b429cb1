"""Values as the YAML of our files: what is written here is read back as the same values.

The style of what stands in a file already is kept where the new value can be written in it.
"""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

WIDTH = 100
"""Columns of a line, where words can be broken."""

_resolver = Resolver()
_STRING = "tag:yaml.org,2002:str"
_NEEDS_ESCAPE = re.compile(
    "[^\n -~\u00a1-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\ud7ff\ue000-\ufefe\uff00-\ufffd"
    "\U00010000-\U0010ffff]"
)
"""What a reader of the file could not see, or YAML would take for the end of a line."""
_PLAIN_START = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`=<~]")
_SHORT_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def field(name: str, value: Any, *, indent: int, old: tuple[str, Sequence[str]] = ("", ())) -> str:
    """The lines `name: value`, each with its newline, `indent` columns in.

    `old` is how the field was written before: the style of its scalar ("", ', ", | or >) and
    its lines without their indentation.
    """
    pad = " " * indent
    style, lines = old
    if isinstance(value, str):
        return f"{pad}{name}:{_text(value, indent, len(name), style, lines)}"
    if isinstance(value, list | dict) and value:
        inline = flow(value)
        if indent + len(name) + 2 + len(inline) <= WIDTH:
            return f"{pad}{name}: {inline}\n"
        return f"{pad}{name}:\n" + "".join(f"{pad}{line}\n" for line in _block(value))
    return f"{pad}{name}: {flow(value)}\n"


def _text(value: str, indent: int, taken: int, style: str, lines: Sequence[str]) -> str:
    inner = " " * (indent + 2)
    if _may_be_block(value):
        head, _newline, tail = value.partition("\n")
        if not tail and not _newline:
            one_line = _in_line(value, flow=False, style=style)
            fits = indent + taken + 2 + len(one_line) <= WIDTH
            if style == "|":
                return f" |-\n{inner}{head}\n"
            if (style == ">" or not fits) and (folded := fold(value, indent + 2, lines)):
                return " >-\n" + "".join(f"{inner}{line}\n" for line in folded)
            return f" {one_line}\n"
        chomped = value.removesuffix("\n")
        if not chomped.endswith("\n"):
            mark = "|" if chomped != value else "|-"
            body = "".join(f"{inner}{line}\n" if line else "\n" for line in chomped.split("\n"))
            return f" {mark}\n{body}"
    return f" {_in_line(value, flow=False, style=style)}\n"


def _may_be_block(value: str) -> bool:
    """Whether it can stand in lines of its own: nothing hidden, nothing at the ends of lines."""
    return (
        bool(value.strip())
        and not _NEEDS_ESCAPE.search(value)
        and not value.startswith((" ", "\n"))
        and all(line == line.rstrip() for line in value.split("\n"))
    )


def fold(value: str, indent: int, old: Sequence[str] = ()) -> list[str]:
    """Lines that a folded scalar joins to the value again; [] where it cannot be folded.

    Lines of `old` at its beginning and end stay as they are if the words in them do.
    """
    if "\n" in value or value != value.strip(" ") or not value:
        return []
    start: list[str] = []
    rest = value
    for line in old:
        if not rest.startswith(f"{line} ") or rest[len(line) + 1 :].startswith(" "):
            break
        start.append(line)
        rest = rest[len(line) + 1 :]
    end: list[str] = []
    for line in reversed(old[len(start) :]):
        if not rest.endswith(f" {line}") or rest[: -len(line) - 1].endswith(" ") or not line:
            break
        end.insert(0, line)
        rest = rest[: -len(line) - 1]
    return [*start, *_wrap(rest, WIDTH - indent), *end]


def _wrap(value: str, width: int) -> list[str]:
    """Broken at single spaces only: a folded scalar makes one space of each break."""
    lines: list[str] = []
    line = ""
    for piece in re.split(r"(?<! ) (?! )", value):
        if line and len(line) + 1 + len(piece) > width:
            lines.append(line)
            line = piece
        else:
            line = f"{line} {piece}" if line else piece
    return [*lines, line]


def flow(value: Any) -> str:
    """The value on one line."""
    if isinstance(value, dict):
        pairs = (f"{_key(name)}: {flow(part)}" for name, part in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(part) for part in value) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    return _in_line(str(value), flow=True, style="")


def _number(value: float) -> str:
    text = repr(value)
    if "e" in text and "." not in text:  # to YAML 1e+16 is a word
        text = text.replace("e", ".0e")
    return {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}.get(text, text)


def _key(name: str) -> str:
    written = _in_line(name, flow=True, style="")
    return written if len(written) <= 100 else f"? {written} "


def _block(value: Any) -> list[str]:
    """A list or mapping in lines of its own."""
    if isinstance(value, list):
        return [line for part in value for line in _nested(part, "- ", "  ")]
    if any(_key(name).startswith("?") for name in value):
        return [f"  {flow(value)}"]
    lines = []
    for name, part in value.items():
        if isinstance(part, list | dict) and part and len(flow(part)) > WIDTH - 20:
            lines += [f"  {_key(name)}:", *(f"    {line}" for line in _block(part))]
        else:
            lines.append(f"  {_key(name)}: {flow(part)}")
    return lines


def _nested(value: Any, first: str, other: str) -> list[str]:
    if isinstance(value, list) and value and len(flow(value)) > WIDTH - 20:
        lines = _block(value)
    elif isinstance(value, dict) and value and len(flow(value)) > WIDTH - 20:
        lines = [line.removeprefix("  ") for line in _block(value)]
    else:
        lines = [flow(value)]
    return [(first if n == 0 else other) + line for n, line in enumerate(lines)]


def _in_line(value: str, *, flow: bool, style: str) -> str:
    """A string on one line, in quotes where it needs them."""
    if _NEEDS_ESCAPE.search(value) or "\n" in value or style == '"':
        return '"' + "".join(_escaped(character) for character in value) + '"'
    if style != "'" and _is_plain(value, flow=flow):
        return value
    return "'" + value.replace("'", "''") + "'"


def _is_plain(value: str, *, flow: bool) -> bool:
    return (
        bool(_PLAIN_START.match(value))
        and value == value.strip()
        and ": " not in value
        and " #" not in value
        and not value.endswith(":")
        and not (flow and re.search(r"[,\[\]{}:?]", value))
        and not value.startswith(("---", "..."))
        and _resolver.resolve(ScalarNode, value, (True, False)) == _STRING  # type: ignore[no-untyped-call]
    )


def _escaped(character: str) -> str:
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    if not _NEEDS_ESCAPE.match(character):
        return character
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
