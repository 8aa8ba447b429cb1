"""Two rules for the Markdown parser: footnotes, and paragraphs of the document at hand.

A footnote is `[^1]` in the text and `[^1]: words` in a paragraph of its own; `[¶4]` is a link of
the scheme `passage`. A mark that names no footnote stays as it was typed.
"""

import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

PASSAGE = "passage"
LABEL = r"\[\^([^\s\[\]^]{1,40})\]"
_DEFINITION = re.compile(LABEL + r":[ \t]*(.*)")
_MARK = re.compile(LABEL)
NUMBER = re.compile(r"\[¶ ?([0-9]{1,4})\](?!\()")
"""`[¶4]`; `[¶4](…)` is an ordinary link."""


def make_parser() -> MarkdownIt:
    """CommonMark without raw HTML, with these two rules."""
    parser = MarkdownIt("commonmark", {"html": False, "typographer": False})
    interrupts: RuleOptionsType = {"alt": ["paragraph", "reference"]}
    parser.block.ruler.before("reference", "footnote", _definition, interrupts)
    parser.inline.ruler.before("link", "footnote_mark", _mark)
    parser.inline.ruler.before("link", "passage", _passage)
    return parser


def definitions(env: Any) -> dict[str, str]:
    """The footnotes of a parsed text, by label: their Markdown, of one line or several."""
    found: dict[str, str] = env.setdefault("footnotes", {})
    return found


def order(env: Any) -> dict[str, int]:
    """How often each footnote is named, in the order of the first time."""
    found: dict[str, int] = env.setdefault("footnote_marks", {})
    return found


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start) or not (found := _DEFINITION.match(_line(state, start))):
        return False
    if silent:
        return True
    words = [found[2]]
    after = start + 1
    while after < end and (line := _line(state, after)).strip() and not _DEFINITION.match(line):
        words.append(line)
        after += 1
    definitions(state.env).setdefault(found[1], "\n".join(words).strip())
    state.line = after
    return True


def _mark(state: StateInline, silent: bool) -> bool:
    found = _MARK.match(state.src, state.pos)
    if not found or state.linkLevel or found[1] not in state.env.get("footnotes", {}):
        return False
    if not silent:
        marks = order(state.env)
        marks[found[1]] = marks.get(found[1], 0) + 1
        token = state.push("footnote_mark", "sup", 0)
        token.meta = {"number": list(marks).index(found[1]) + 1, "time": marks[found[1]]}
    state.pos = found.end()
    return True


def _passage(state: StateInline, silent: bool) -> bool:
    found = NUMBER.match(state.src, state.pos)
    if not found or state.linkLevel:
        return False
    if not silent:
        state.push("link_open", "a", 1).attrSet("href", f"{PASSAGE}:{found[1]}")
        words: Token = state.push("text", "", 0)
        words.content = f"¶{found[1]}"
        state.push("link_close", "a", -1)
    state.pos = found.end()
    return True
