"""Lines of a plain text put together to blocks, whatever whoever made it did with blank lines.

Pure. A block keeps (line number, words) as they stood, without the marks of Markdown; marks are
told apart so that nothing of the source is lost in silence.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

PAGE_MARK = re.compile(
    r"(?i)^\s*(?:[-–—=]+\s*(?:page\s*)?(?P<a>\d{1,4})\s*[-–—=]+|"
    r"[\[(<{]?\s*(?:page|pg|p|стр|с|l|leaf|лист|л)\.?\s*(?P<b>\d{1,4}[a-zа-я]?)(?:\s*(?:of|/)\s*\d+)?\s*[\])>}]?|"
    r"(?P<c>\d{1,3})|[\[(](?P<d>\d{1,4})[\])])\s*$"
)
LONGEST_PAGE_MARK = 60
"""Characters. On a long line of blanks the pattern would try every way to share them out."""
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹†‡"
SIGNS = re.compile(rf"[{RAISED}]{{1,3}}")
FOOTNOTE = re.compile(
    rf"^\s{{0,3}}(?:\[\^?(?P<label>[\w*†‡]{{1,12}})\]:?\s+|(?P<sign>[{RAISED}]{{1,3}})\s*)(?=\S)"
)
ROW = re.compile(r"^\s*\|.*\|\s*$")
ROWS_RULE = re.compile(r"^\s*+\|?(?:\s*+:?-{2,}+:?\s*+\|)+(?:\s*+:?-{2,}+:?\s*+)?$")
NUMBERED = re.compile(r"^\s*(?:\(?\d{1,3}[.)]|§\s?\d+|¶\s?\d+|[IVX]{1,5}\.)\s+(?=\S)")
BULLET = re.compile(r"^\s*(?:[-*+•–—])\s+(?=\S)")
HEADING = re.compile(r"^\s{0,3}(?P<mark>#{1,6})\s+(?P<words>.*?)(?P<end>\s#+)?$")
QUOTE = re.compile(r"^\s{0,3}(?P<mark>>(?:\s?>)*)\s?")
RULE = re.compile(r"^\s*+(?:(?:[-*_=~]\s*+){3,}|\*)\s*$")
UNDERLINE = re.compile(r"^\s{0,3}(?:={3,}|-{3,})\s*$")
FENCE = re.compile(r"^\s{0,3}(```|~~~)\w*\s*$")
STRONG = re.compile(
    r"(?<![\w*\\])(\*\*\*|\*\*|\*|__|_)(?=[^\s*_])([^\n]{0,1000}?[^\s*_\\])\1(?![\w*])"
)
LINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]+)>")
ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~])")
TERMINAL = re.compile(rf"[.!?:;…][\"'”’»)\]*{RAISED}]*$|[.!?…]\s*\[\^?\w{{1,6}}\]$")
WRAPPED = 45
"""A text whose longest lines are between this and `LONG` wide was wrapped by hand or machine."""
LONG = 110


@dataclass
class Block:
    """`kind`: prose, turn, numbered, item, quote, heading, page, rule, footnote."""

    kind: str
    lines: list[tuple[int, str]] = field(default_factory=list)
    name: str = ""
    breaks: set[int] = field(default_factory=set)
    """Lines (numbers) that end in a break which is meant."""
    marks: list[tuple[int, str]] = field(default_factory=list)

    @property
    def first(self) -> int:
        return self.lines[0][0] if self.lines else self.marks[0][0]

    @property
    def last(self) -> int:
        return self.lines[-1][0] if self.lines else self.marks[-1][0]

    def text(self, *, by_line: bool = False) -> str:
        """The words in one line, but for breaks that are meant (or all, `by_line`)."""
        made = ""
        for number, (_line, words) in enumerate(self.lines):
            if not made:
                made = words
            elif by_line or self.lines[number - 1][0] in self.breaks:
                made += "\n" + words
            elif re.search(r"\w-$", made) and words[:1].islower():
                made += words
            else:
                made += " " + words
        return made


def unmark(text: str) -> tuple[str, str]:
    """The words without Markdown's marks of stress and links, and those marks."""
    taken: list[str] = []

    def strong(match: re.Match[str]) -> str:
        taken.append(match[1] * 2)
        return match[2]

    def link(match: re.Match[str]) -> str:
        taken.append("<>")
        return match[1]

    def escape(match: re.Match[str]) -> str:
        taken.append("\\")
        return match[1]

    hidden: list[str] = []

    def hide(match: re.Match[str]) -> str:  # an address may hold underscores
        hidden.append(match[0])
        return f"\ue000{len(hidden) - 1}\ue001"

    if "\ue000" in text or "\ue001" in text:
        return text, ""
    text = LINK.sub(link, text)
    text = re.sub(r"https?://\S+", hide, text)
    for _round in range(2):
        text = STRONG.sub(strong, text)
    text = ESCAPE.sub(escape, text)
    text = re.sub("\ue000(\\d+)\ue001", lambda match: hidden[int(match[1])], text)
    return text, "".join(taken)


def page_name(line: str) -> str | None:
    """The page's name where the line is nothing but a mark of a page."""
    line = line.strip()
    match = PAGE_MARK.match(line) if len(line) <= LONGEST_PAGE_MARK else None
    return next(filter(None, match.groups()), "") if match else None


def width_of(lines: list[str]) -> int:
    """The column a text was wrapped at; 0 where it was not."""
    lengths = sorted(len(line.rstrip()) for line in lines if line.strip())
    if len(lengths) < 4:
        return 0
    widest = lengths[int(len(lengths) * 0.97) - 1]
    near = sum(length >= 0.75 * widest for length in lengths)
    return widest if WRAPPED <= widest <= LONG and near >= 0.4 * len(lengths) else 0


def speakers_of(lines: list[str], label: re.Pattern[str], not_names: frozenset[str]) -> set[str]:
    """Names before a colon that are those of speakers: in capitals, or more than once."""
    found: Counter[str] = Counter()
    for line in lines:
        match = label.match(line.strip())
        if match and match["who"].casefold() not in not_names and len(match["who"]) <= 60:
            found[match["who"]] += 1
    many = sum(found.values()) >= 4
    return {name for name, n in found.items() if n > 1 or (many and name.isupper())}


def split(  # noqa: C901  # one pass over the lines; each branch is a kind of line
    lines: list[tuple[int, str]], *, turn: re.Pattern[str], speakers: set[str]
) -> list[Block]:
    """Blocks in order. Every word of `lines` is in one block's lines or marks."""
    width = width_of([words for _number, words in lines])
    unwrapped = not width and any(len(words) > LONG for _number, words in lines)
    blocks: list[Block] = []
    current: Block | None = None
    fenced = False
    before = ""
    indented = _indents(lines)
    for number, raw in lines:
        pages = raw.split("\f")
        for piece_number, piece in enumerate(pages):
            if piece_number:
                blocks.append(Block("page", marks=[(number, "\f")]))
                current = None if before and TERMINAL.search(before) else current
            line = piece.rstrip("\n")
            if FENCE.match(line):
                fenced = not fenced
                blocks.append(Block("rule", marks=[(number, line)]))
                current = None
                continue
            if not line.strip():
                current = None
                before = ""
                continue
            if (
                current is not None
                and current.kind in ("prose", "heading")
                and UNDERLINE.match(line)
            ):
                current.kind = "heading"
                current.marks.append((number, line))
                current = None
                continue
            if ROWS_RULE.match(line) or (RULE.match(line) and page_name(line) is None):
                blocks.append(Block("rule", marks=[(number, line)]))
                current = current if ROWS_RULE.match(line) else None
                continue
            name = page_name(line)
            if name is not None and not fenced:
                blocks.append(Block("page", name=name, marks=[(number, line)]))
                current = None
                continue
            made = _start(number, line, turn, speakers)
            inside_quote = made is None and current is not None and current.kind == "quote"
            breaks = made is not None or current is None or inside_quote
            if not breaks and current is not None:
                breaks = _ends(before, line, width, indented)
                if current.kind == "footnote" and line[0] in " \t":
                    breaks = False
                elif unwrapped and not (line.lstrip()[0].islower() and not TERMINAL.search(before)):
                    breaks = True
            if made is not None and made.kind == "quote" and current and current.kind == "quote":
                current.lines += made.lines
                current.marks += made.marks
            elif breaks:
                current = made or Block("prose")
                if made is None:
                    _put(current, number, line)
                blocks.append(current)
                if current.kind == "heading":
                    current = None
            elif current is not None:
                _put(current, number, line)
            if current is not None and _meant(line, width):
                current.breaks.add(number)
            before = line
    return [block for block in blocks if block.lines or block.marks]


def _put(block: Block, number: int, line: str) -> None:
    words, marks = unmark(line.strip())
    if line.rstrip().endswith("\\"):
        words = words.rstrip("\\").rstrip()
        marks += "\\"
    block.lines.append((number, words))
    if marks:
        block.marks.append((number, marks))


def _start(number: int, line: str, turn: re.Pattern[str], speakers: set[str]) -> Block | None:
    """A new block where the line says itself that one begins."""
    if heading := HEADING.match(line.rstrip()):
        block = Block("heading", name=str(len(heading["mark"])))
        block.marks.append((number, heading["mark"] + (heading["end"] or "")))
        _put(block, number, heading["words"])
        return block
    if quote := QUOTE.match(line):
        block = Block("quote", marks=[(number, quote["mark"])])
        _put(block, number, line[quote.end() :])
        return block
    if note := FOOTNOTE.match(line):
        block = Block("footnote", name=note["label"] or note["sign"], marks=[(number, note[0])])
        _put(block, number, line[note.end() :])
        return block
    spoken = turn.match(line.strip())
    if spoken and spoken["who"] in speakers:
        block = Block("turn", name=spoken["who"])
    elif NUMBERED.match(line):
        block = Block("numbered")
    elif BULLET.match(line):
        block = Block("item")
    else:
        return None
    _put(block, number, line)
    return block


def _indents(lines: list[tuple[int, str]]) -> bool:
    """True where first lines of paragraphs are set in."""
    filled = [words for _number, words in lines if words.strip()]
    inset = sum(words[0] in " \t\u3000" for words in filled)
    return 0 < inset <= 0.5 * len(filled)


def _ends(before: str, line: str, width: int, indented: bool) -> bool:
    """True where the line begins a paragraph although no blank line says so."""
    if indented and re.match(r"[ \t\u3000]{2,}|\t", line) and before[:1] not in " \t\u3000":
        return True
    if not TERMINAL.search(before.rstrip()):
        return False
    if width:  # the next word would have fitted: the line was ended on purpose
        word = line.split(maxsplit=1)[0]
        return len(before.rstrip()) + 1 + len(word) <= width * 0.85
    return len(before) > LONG or len(line) > LONG


def _meant(line: str, width: int) -> bool:
    """A break within a block that was meant: Markdown's, or a line far shorter than the others."""
    if re.search(r"\S {2,}$|\\$", line) or ROW.match(line):
        return True
    if re.search(r"\w-$", line.rstrip()):
        return False
    return bool(width) and len(line.rstrip()) < width * 0.6


def as_markdown(text: str) -> str:
    """Plain words as Markdown that shows just these words, line by line."""
    text = re.sub(r"\\(?=[!-/:-@\[-`{-~\n]|$)", r"\\\\", text)
    text = re.sub(r"[*`]|(?<!\w)_|_(?!\w)|<(?=[\w/!?])|&(?=#?\w+;)", r"\\\g<0>", text)
    text = re.sub(r"\[(?=[\^¶]|[^\[\]]*\]\s?[\[(:])", r"\\[", text)
    text = re.sub(r"(?m)^(\s*)([-+=>#]|\d{1,9}(?=([.)])(?:\s|$)))", _escaped_start, text)
    return re.sub(r"(?<=[^\n])\n(?=[^\n])", "  \n", text)


def _escaped_start(match: re.Match[str]) -> str:
    """A number's point is escaped, since a number cannot be."""
    return match[1] + (match[2] + "\\" if match[3] else "\\" + match[2])
