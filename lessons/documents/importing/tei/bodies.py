"""A document's elements walked once, in order, and made into passages and notes."""

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from lxml import etree

from lessons.documents.importing.blocks import as_markdown
from lessons.documents.importing.draft import Draft, NoteDraft, PassageDraft, Remark, Turn
from lessons.documents.importing.plain import quote_before

from .files import all_text, child, end_of, line_of, tag, words_of

HEADING = {
    "head", "opener", "dateline", "byline", "salute", "docDate", "docTitle", "docImprint",
    "epigraph", "argument", "titlePage",
}  # fmt: skip
SIGNATURE = {"closer", "signed", "trailer"}
PARAGRAPHS = {"p", "ab", "said", "sp", "lg", "quote", "q", "cit", "postscript", "u"}
QUOTES = {"q", "quote", "said", "cit"}
CONTAINERS = {
    "div", "attachment", "body", "text", "floatingText", "group", "front", "back",
    "div1", "div2", "div3", "div4",
}  # fmt: skip
LINES = {
    "item", "l", "row", "label", "speaker", "stage", "signed", "dateline", "salute", "address",
    "addrLine", "titlePart", "head",
}  # fmt: skip
LEADING = {"label", "speaker"}
"""What stands before the words it belongs to, on their line."""
EMENDED = {"supplied", "unclear", "add", "damage", "sic", "surplus"}
INLINE = EMENDED | {
    "hi", "ref", "ptr", "date", "placeName", "persName", "gloss", "term", "title", "foreign",
    "emph", "abbr", "expan", "corr", "orig", "reg", "seg", "name", "num", "time", "orgName",
    "roleName", "rs", "mentioned", "soCalled", "anchor", "c", "w", "measure", "subst",
    "affiliation", "forename", "surname", "idno", "bibl", "settlement", "country", "formula",
    "listBibl", "code", "email", "geogName", "distinct", "ex", "am", "milestone", "cb",
    "classification", "publisher", "pubPlace", "figDesc",
}  # fmt: skip
NAMED = {"persName", "gloss", "term", "name", "rs"}
METADATA_LISTS = {"participants", "subject", "to", "from", "references", "distribution"}
METADATA_HEAD = re.compile(
    r"(?i)^\W*(participants?|present|subjects?|also present|attendees|in attendance|references?|refs|distribution)\b"  # noqa: E501
)
RAISED = {
    "superscript": str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ"),
    "sub": str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎"),
}
"""Otherwise 10 with a small 6 would be read as 106."""


@dataclass
class Words:
    """A passage while it is read. Offsets are characters of `text`; `told` is the source's own."""

    kind: str
    line: int
    label: str = ""
    text: str = ""
    last: int = 0
    gap: bool = False
    leads: bool = False
    notes: list[tuple[int, etree._Element]] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    mentions: list[tuple[str, str, int, int]] = field(default_factory=list)
    told: list[tuple[int, str]] = field(default_factory=list)

    def say(self, raw: str, line: int, shown: str = "") -> None:
        """Take words over, with one blank for many; `shown` stands for them where it is given."""
        self.told.append((line, raw))
        words = re.sub(r"\s+", " ", shown or raw)
        if words.startswith(" "):
            self.gap, words = True, words[1:]
        if not words:
            return
        if self.gap and self.text and self.text[-1] not in "\n ":
            self.text += " "
        self.gap, self.leads = words.endswith(" "), False
        self.text += words.rstrip(" ")
        self.last = max(self.last, line + raw.strip().count("\n"))

    def newline(self) -> None:
        if self.leads:
            self.gap = True
            return
        if self.text and not self.text.endswith("\n"):
            self.text += "\n"
        self.gap = False

    def next_cell(self) -> None:
        self.text += " |" if self.text and not self.text.endswith("\n") else "|"
        self.gap = True

    @property
    def is_empty(self) -> bool:
        """Without a word; a table of empty cells has none."""
        return not self.text.strip("| \n")


class Reader:
    """Walks elements once and makes passages of them; `loose` are notes that stand nowhere."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.open: Words | None = None
        self.done: list[Words] = []
        self.lined = 0
        self.loose: list[etree._Element] = []
        self.turned: list[str] = []

    def read(self, element: etree._Element) -> list[Words]:
        self._children(element, "body")
        self._close()
        if self.done:
            last = self.done[-1]
            last.turns += [Turn(len(last.text), page) for page in self.turned]
        return self.done

    def _begin(self, kind: str, line: int, label: str = "") -> Words:
        self._close()
        self.open = Words(kind, line, label, last=line)
        self.open.turns = [Turn(0, page) for page in self.turned]
        self.open.notes = [(0, note) for note in self.loose]
        self.turned, self.loose = [], []
        return self.open

    def _close(self) -> None:
        words, self.open = self.open, None
        if words is None:
            return
        words.text = words.text.rstrip()
        if not words.is_empty:
            self.done.append(words)
        else:
            self.loose += [note for _at, note in words.notes]
            self.turned += [turn.name for turn in words.turns]

    def _children(self, element: etree._Element, kind: str) -> None:
        self._say(element.text, line_of(element), kind)
        for inner in element:
            self._element(inner, kind)
            self._say(inner.tail, end_of(inner), kind)

    def _say(self, raw: str | None, line: int, kind: str, shown: str = "") -> None:
        if not raw or (self.open is None and not raw.strip()):
            return
        line += raw[: len(raw) - len(raw.lstrip())].count("\n")
        words = self.open or self._begin(kind, line)
        words.say(raw, line, shown)

    def _newline(self) -> None:
        if self.open is not None:
            self.open.newline()

    def _line(self, element: etree._Element, kind: str) -> None:
        """Its words on a line of their own, in the passage that is open."""
        self._newline()
        self._children(element, kind)
        if self.open is not None:
            if tag(element) in LEADING and self.open.text.strip():
                self.open.leads = True
            self._newline()

    def _element(self, element: etree._Element, kind: str) -> None:
        name = tag(element)
        if special := getattr(self, f"_read_{name}", None):
            special(element, kind)
        elif name in CONTAINERS:
            self._close()
            self._children(element, "body")
            self._close()
        elif name in HEADING | SIGNATURE:
            self._block(element, "signature" if name in SIGNATURE else "heading")
        elif name in LINES and self.open is not None and (self.lined or name != "label"):
            self._line(element, kind)
        elif name in LEADING and not self.lined:
            self._begin(kind, line_of(element))
            self._line(element, kind)
        elif name in PARAGRAPHS:
            self._paragraph(element, kind)
        else:
            if name not in INLINE | LINES:
                self._remark(
                    element,
                    f"<{name}>",
                    _("An element that is not known here; its words were kept."),
                )
            elif name in EMENDED and all_text(element).strip():
                self._remark(
                    element,
                    words_of(element),
                    _("Marked in the source as <%s>; its words were kept.") % name,
                )
            self._inline(element, kind)

    def _block(self, element: etree._Element, kind: str, label: str = "") -> None:
        """A passage of its own with lines in it, or lines of the one that has lines already."""
        if self.lined:
            self._line(element, kind)
            return
        self._begin(kind, line_of(element), label)
        self.lined += 1
        self._children(element, kind)
        self.lined -= 1
        self._close()

    def _paragraph(self, element: etree._Element, kind: str) -> None:
        if self.lined:
            self._line(element, kind)
            return
        blocks = any(tag(inner) in PARAGRAPHS - QUOTES | {"list", "table"} for inner in element)
        if self.open is not None and (
            self.open.leads or (tag(element) in QUOTES and not blocks)
        ):  # what a label leads to, or words quoted inside a sentence
            self._children(element, kind)
            return
        self._begin(kind, line_of(element))
        self._children(element, kind)
        self._close()

    def _inline(self, element: etree._Element, kind: str) -> None:
        target = next(
            (found for name in ("corresp", "target", "ref", "key") if (found := element.get(name))),
            "",
        )
        opened = self.open
        before = len(opened.text) if opened is not None else 0
        self._children(element, kind)
        now = self.open
        if re.match("https?:|mailto:", target) and target not in all_text(element):
            self._remark(element, target, _("The address of a link; its words were kept."))
        if now is None or not target.startswith("#") or tag(element) not in NAMED:
            return
        start = before if now is opened else 0
        while start < len(now.text) and now.text[start] in " \n":
            start += 1
        if start < len(now.text):
            now.mentions.append((tag(element), target[1:], start, len(now.text)))

    def _remark(self, element: etree._Element, text: str, why: str) -> None:
        self.draft.remarks.append(Remark(line_of(element), text, why))

    def _left_out(self, element: etree._Element, why: str) -> None:
        self.draft.not_understood(line_of(element), all_text(element), why)

    # Elements with a way of their own, by name.

    def _read_hi(self, element: etree._Element, kind: str) -> None:
        raised = RAISED.get(element.get("rend", "").removeprefix("#"))
        small = (element.text or "").strip()
        if raised and not len(element) and small and all(ord(sign) in raised for sign in small):
            self._say(element.text, line_of(element), kind, shown=small.translate(raised))
        else:
            self._inline(element, kind)

    def _read_list(self, element: etree._Element, kind: str) -> None:
        listed = METADATA_HEAD.match(words_of(child(element, "head")))
        metadata = tag(element) == "list" and (element.get("type") in METADATA_LISTS or listed)
        label = (listed[1] if listed else element.get("type") or "").capitalize()
        self._block(element, "metadata" if metadata else kind, label if metadata else "")

    _read_table = _read_list

    def _read_cell(self, element: etree._Element, kind: str) -> None:
        if next(element.itersiblings("{*}cell", preceding=True), None) is not None:
            (self.open or self._begin(kind, line_of(element))).next_cell()
        self._children(element, kind)

    def _read_pb(self, element: etree._Element, kind: str) -> None:
        page = element.get("n") or element.get("facs") or ""
        if self.open is not None and self.open.text:
            self.open.turns.append(Turn(len(self.open.text), page))
        else:
            self.turned.append(page)
        self._children(element, kind)

    def _read_lb(self, element: etree._Element, kind: str) -> None:
        self._newline()
        self._children(element, kind)

    def _read_space(self, element: etree._Element, kind: str) -> None:
        if self.open is not None:
            self.open.gap = True
        self._children(element, kind)

    def _read_note(self, element: etree._Element, kind: str) -> None:
        if "inline" in (element.get("rend"), element.get("place")):
            self._children(element, kind)
        elif self.open is not None and self.open.text:
            self.open.notes.append((len(self.open.text), element))
        elif self.open is None and self.done and not self.loose:
            self.done[-1].notes.append((len(self.done[-1].text), element))
        else:
            self.loose.append(element)

    def _read_choice(self, element: etree._Element, kind: str) -> None:
        """One of two readings: the corrected, or as it is spelt; the other one is listed."""
        wanted = next(
            (
                found
                for name in ("corr", "abbr", "orig", "unclear")
                if (found := child(element, name)) is not None
            ),
            element[0] if len(element) else None,
        )
        self._say(element.text, line_of(element), kind)
        for inner in element:
            if inner is wanted:
                self._children(inner, kind)
            else:
                self._left_out(inner, _("The other reading of a word: left out."))
            if inner.tail and inner.tail.strip():
                self._say(inner.tail, line_of(inner), kind)

    def _read_del(self, element: etree._Element, _kind: str) -> None:
        self._left_out(element, _("Struck out in the source: left out."))

    def _read_fw(self, element: etree._Element, _kind: str) -> None:
        self._left_out(element, _("Printed at the edge of a page: left out."))

    def _read_graphic(self, element: etree._Element, kind: str) -> None:
        self._remark(
            element, element.get("url", ""), _("A picture stands here; it was not taken over.")
        )
        self._children(element, kind)

    def _read_figure(self, element: etree._Element, kind: str) -> None:
        if next(element.iter("{*}graphic"), None) is None:
            self._remark(element, "", _("A picture stands here; it was not taken over."))
        self._children(element, kind)

    def _read_gap(self, element: etree._Element, kind: str) -> None:
        size = " ".join(element.get(name, "") for name in ("quantity", "extent", "unit", "reason"))
        self._remark(
            element, " ".join(size.split()), _("The source says that something is missing here.")
        )
        self._children(element, kind)


def merged(made: list[Words]) -> list[Words]:
    """Lines of one heading (head, dateline, address) and of one signature are one passage."""
    kept: list[Words] = []
    for words in made:
        last = kept[-1] if kept else None
        if last is None or last.kind != words.kind or words.kind not in ("heading", "signature"):
            kept.append(words)
            continue
        at = len(last.text) + 1
        last.text += "\n" + words.text
        last.last = max(last.last, words.last)
        last.notes += [(offset + at, note) for offset, note in words.notes]
        last.turns += [Turn(turn.offset + at, turn.name) for turn in words.turns]
        last.mentions += [(n, ref, start + at, end + at) for n, ref, start, end in words.mentions]
        last.told += words.told
    return kept


def add_passages(draft: Draft, made: list[Words]) -> None:
    """The passages, numbered from 1 as `made` is."""
    for number, words in enumerate(made, start=1):
        passage = PassageDraft(
            number, words.kind, words.text, words.line, max(words.last, words.line), words.label
        )
        passage.turns = [Turn(_past_space(words.text, t.offset), t.name) for t in words.turns]
        draft.passages.append(passage)
        for line, raw in words.told:
            draft.tell(line, raw, f"passage:{number}")


def _past_space(text: str, at: int) -> int:
    return at + 1 if text[at : at + 1] in (" ", "\n") else at


def add_notes(draft: Draft, made: list[Words], loose: list[etree._Element]) -> None:
    for number, words in enumerate(made, start=1):
        for offset, element in words.notes:
            _add_note(draft, number, words.text, offset, element)
    for element in loose:
        draft.not_understood(
            line_of(element), all_text(element), _("A note that stands beside no words.")
        )


def _add_note(draft: Draft, passage: int, text: str, at: int, element: etree._Element) -> None:
    body, told = note_text(draft, element)
    if not body:
        return
    number = len(draft.notes) + 1
    start, end = quote_before(text, at)
    kind, label = element.get("type"), (element.get("n") or "").strip()
    heading = _("Footnote %s") % label if label else _("Note")
    heading = {"source": _("Source note"), "summary": _("Summary")}.get(kind or "", heading)
    draft.notes.append(
        NoteDraft(
            number, passage, start, end, "sourcing" if kind == "source" else "context", heading,
            as_markdown(body), line_of(element),
        )
    )  # fmt: skip
    for line, raw in told:
        draft.tell(line, raw, f"note:{number}")


def note_text(draft: Draft, element: etree._Element) -> tuple[str, list[tuple[int, str]]]:
    """A note's plain words, a note inside it last, and (line, words) of the source."""
    reader = Reader(draft)
    made = reader.read(element)
    texts = [words.text for words in made]
    told = [each for words in made for each in words.told]
    inner = [note for words in made for _at, note in words.notes]
    for note in inner + reader.loose:
        text, more = note_text(draft, note)
        texts.append(text)
        told += more
    return "\n\n".join(filter(None, texts)), told
