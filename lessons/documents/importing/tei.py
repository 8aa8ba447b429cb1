"""TEI XML in the shape of the volumes of Foreign Relations of the United States.

A document is chosen by its id among those of a volume. Notes, persons and abbreviations come along.
"""

import re
from dataclasses import dataclass, field
from typing import cast

from django.utils.translation import gettext as _
from lxml import etree

from .dates import find_date
from .draft import (
    Draft,
    Guess,
    ImportRefused,
    NoteDraft,
    PassageDraft,
    PersonDraft,
    Remark,
    Sure,
    TermDraft,
    Turn,
    settle,
)
from .plain import find_when, join_broken, quote_before
from .proposing import genre_of, propose

XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
FRUS = "{http://history.state.gov/frus/ns/1.0}"
DEPTH = 100
"""Elements inside one another; real volumes stay below twenty-five."""

HEADING = {
    "head",
    "opener",
    "dateline",
    "byline",
    "salute",
    "docDate",
    "docTitle",
    "epigraph",
    "argument",
}
SIGNATURE = {"closer", "signed", "trailer"}
PARAGRAPHS = {"p", "ab", "said", "sp", "lg", "quote", "q", "cit", "postscript", "u"}
CONTAINERS = {
    "div",
    "attachment",
    "body",
    "text",
    "floatingText",
    "group",
    "front",
    "back",
    "div1",
    "div2",
    "div3",
}
LINES = {
    "item",
    "l",
    "row",
    "label",
    "speaker",
    "stage",
    "signed",
    "dateline",
    "salute",
    "address",
    "addrLine",
    "titlePart",
}
INLINE = {
    "hi", "ref", "ptr", "date", "placeName", "persName", "gloss", "term", "title", "foreign",
    "emph",
    "abbr", "expan", "sic", "corr", "orig", "reg", "supplied", "unclear", "add", "seg", "name",
    "num", "time",
    "orgName", "roleName", "rs", "mentioned", "soCalled", "note", "anchor", "c", "w",
    "measure", "subst",
    "affiliation", "forename", "surname", "idno", "bibl", "settlement", "country", "formula",
    "listBibl",
    "code", "email", "geogName", "distinct", "damage", "ex", "am", "choice", "milestone", "cb",
    "space",
}  # fmt: skip
METADATA_LISTS = {"participants", "subject", "to", "from", "references", "distribution"}
METADATA_HEAD = re.compile(
    r"(?i)^\W*(participants?|present|subjects?|also present|attendees|in attendance|references?|distribution)\b"  # noqa: E501
)


# --- Reading the file -------------------------------------------------------------------------


def parse(text: str) -> etree._Element:
    """The root of the file. Raises ImportRefused for what is not well-formed, or is a trap."""
    if re.search(r"<!DOCTYPE|<!ENTITY", text[: text.find("<TEI") if "<TEI" in text else 100_000]):
        raise ImportRefused(
            _("It has a DOCTYPE or an entity, which are not read here: take those lines out.")
        )
    if re.match(r"(?is)\s*<html\b", text):
        raise ImportRefused(_("This is a web page: copy its words, or get the TEI XML of it."))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, recover=False, remove_comments=True, remove_pis=True, collect_ids=False,
    )  # fmt: skip
    body = re.sub(r"\A\s*<\?xml[^>]*\?>", lambda found: "\n" * found[0].count("\n"), text)
    try:
        root = etree.fromstring(body.encode(), parser)
    except etree.XMLSyntaxError as mistake:
        if "depth" in str(mistake).lower():
            raise ImportRefused(_("Its elements are nested too deep to be a document.")) from None
        raise ImportRefused(
            _("It is no complete XML: at line %(line)s, %(why)s.")
            % {"line": mistake.lineno or 1, "why": _plain_reason(mistake)}
        ) from None
    _refuse_depth(root)
    return root


def _plain_reason(mistake: etree.XMLSyntaxError) -> str:
    return re.sub(r", line \d+, column \d+.*$", "", str(mistake.msg or _("it breaks off")))[:200]


def _refuse_depth(root: etree._Element) -> None:
    depth = 0
    for event, _element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEPTH:
            raise ImportRefused(_("Its elements are nested too deep to be a document."))


def tag(element: etree._Element) -> str:
    name = element.tag
    return etree.QName(str(name)).localname


def line_of(element: etree._Element) -> int:
    """Its line in the file, from 1."""
    return cast("int | None", element.sourceline) or 1


def all_text(element: etree._Element) -> str:
    """Every character in it, notes included."""
    return "".join(map(str, element.itertext()))


@dataclass(frozen=True)
class Listed:
    """A document of a file: its id, its heading, and its date as far as the file tells it."""

    id: str
    title: str
    date: str = ""


def documents(root: etree._Element) -> list[Listed]:
    """Every document of the file in order; one called “body” where none is marked as one."""
    found = []
    for number, div in enumerate(_divs(root), start=1):
        head = next((child for child in div if tag(child) == "head"), None)
        title = _words(head) if head is not None else ""
        found.append(Listed(_id(div, number), title or _("without a heading"), _day(div)))
    if not found and _body(root) is not None:
        found.append(Listed("body", _words(_first(root, "title")) or _("the text of the file"), ""))
    return found


def _divs(root: etree._Element) -> list[etree._Element]:
    return [
        element for element in root.iter()
        if tag(element) == "div" and element.get("type") == "document"
    ]  # fmt: skip


def _id(div: etree._Element, number: int) -> str:
    return div.get(XML_ID) or f"document-{number}"


def _body(root: etree._Element) -> etree._Element | None:
    if tag(root) in ("div", "body", "text"):
        return root
    return _first(root, "body") if _first(root, "body") is not None else _first(root, "text")


def _first(root: etree._Element, name: str) -> etree._Element | None:
    return next((element for element in root.iter() if tag(element) == name), None)


def _words(element: etree._Element | None) -> str:
    """All words of an element but those of its notes."""
    if element is None:
        return ""
    parts: list[str] = []

    def walk(at: etree._Element) -> None:
        if tag(at) == "note":
            return
        parts.append(at.text or "")
        if tag(at) == "lb":
            parts.append(" ")
        for child in at:
            walk(child)
            parts.append(child.tail or "")

    walk(element)
    return " ".join("".join(parts).split())


def _day(div: etree._Element) -> str:
    moment = div.get(f"{FRUS}doc-dateTime-min", "")
    if not moment:
        for element in div.iter():
            if tag(element) == "date":
                moment = (
                    element.get("when") or element.get("notBefore") or element.get("from") or ""
                )
                break
    match = re.match(r"\d{4}(?:-\d{2}(?:-\d{2})?)?", moment)
    return match[0] if match else ""


# --- One document -----------------------------------------------------------------------------


@dataclass
class _Words:
    kind: str
    line: int
    label: str = ""
    text: str = ""
    last: int = 0
    gap: bool = False
    notes: list[tuple[int, etree._Element]] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    mentions: list[tuple[str, str, int, int]] = field(default_factory=list)
    told: list[tuple[int, str]] = field(default_factory=list)

    def say(self, raw: str, line: int) -> None:
        self.told.append((line, raw))
        words = re.sub(r"\s+", " ", raw)
        if words.startswith(" "):
            self.gap, words = True, words[1:]
        if not words:
            return
        if self.gap and self.text and self.text[-1] not in "\n ":
            self.text += " "
        self.gap = words.endswith(" ")
        self.text += words.rstrip(" ")
        self.last = max(self.last, line)

    def newline(self) -> None:
        if self.text and not self.text.endswith("\n"):
            self.text += "\n"
        self.gap = False


class _Reader:
    """Walks a document's elements once and makes passages of them."""

    def __init__(self, draft: Draft, document: etree._Element) -> None:
        self.draft, self.document = draft, document
        self.open: _Words | None = None
        self.done: list[_Words] = []
        self.lined = 0
        self.turns_between = 0
        self.loose: list[etree._Element] = []
        self.turned = ""

    def read(self) -> list[_Words]:
        self._children(self.document, "body")
        self._close()
        return self.done

    def _begin(self, kind: str, line: int, label: str = "") -> _Words:
        self._close()
        self.open = _Words(kind, line, label, last=line)
        if self.turned:
            self.open.turns.append(Turn(0, self.turned))
            self.turned = ""
        for note in self.loose:
            self.open.notes.append((0, note))
        self.loose = []
        return self.open

    def _close(self) -> None:
        words, self.open = self.open, None
        if words is None:
            return
        words.text = words.text.rstrip()
        if words.text:
            self.done.append(words)
        else:
            self.loose += [note for _at, note in words.notes]
            if words.turns and not self.turned:
                self.turned = words.turns[-1].name

    def _children(self, element: etree._Element, kind: str) -> None:
        self._say(element.text, line_of(element), kind)
        for child in element:
            self._element(child, kind)
            self._say(child.tail, line_of(child), kind)

    def _say(self, raw: str | None, line: int, kind: str) -> None:
        if not raw:
            return
        if self.open is None:
            if not raw.strip():
                return
            self._begin(kind, line)
        if self.open is not None:
            self.open.say(raw, line)

    def _element(self, element: etree._Element, kind: str) -> None:
        name = tag(element)
        if name in ("pb", "lb", "gap", "graphic", "figure", "fw", "note", "choice", "del", "space"):
            self._special(name, element, kind)
        elif name in CONTAINERS:
            self._close()
            self._children(element, "body")
            self._close()
        elif name in ("list", "table") or (name == "head" and self.lined):
            self._lines(name, element, kind)
        elif name in HEADING or name in SIGNATURE:
            self._framing(name, element, kind)
        elif name in LINES and self.open is not None and (self.lined or name != "label"):
            self.open.newline()
            self._children(element, kind)
            if self.open is not None:
                self.open.newline()
        elif name == "cell":
            if self.open is not None and self.open.text and not self.open.text.endswith("\n"):
                self.open.text += " |"
                self.open.gap = True
            self._children(element, kind)
        elif name in PARAGRAPHS:
            self._paragraph(element, kind)
        else:
            if name not in INLINE | LINES:
                self.draft.remarks.append(
                    Remark(
                        line_of(element),
                        f"<{name}>",
                        _("An element that is not known here; its words were kept."),
                    )
                )
            self._inline(name, element, kind)

    def _inline(self, name: str, element: etree._Element, kind: str) -> None:
        target = (
            element.get("corresp")
            or element.get("target")
            or element.get("ref")
            or element.get("key")
            or ""
        )
        opened = self.open
        before = len(opened.text) if opened is not None else 0
        self._children(element, kind)
        now = self.open
        if now is None or not target.startswith("#"):
            return
        start = before if now is opened else 0
        while start < len(now.text) and now.text[start] in " \n":
            start += 1
        if name in ("persName", "gloss", "term", "name", "rs") and start < len(now.text):
            now.mentions.append((name, target[1:], start, len(now.text)))

    def _paragraph(self, element: etree._Element, kind: str) -> None:
        if self.lined or self.open is not None:
            nested = (
                self.open is not None and not self.lined and tag(element) in ("q", "quote", "said")
            )
            blocks = any(tag(child) in PARAGRAPHS | {"list", "table"} for child in element)
            if nested and not blocks:  # words quoted inside a sentence
                self._children(element, kind)
                return
            if self.lined:
                if self.open is not None:
                    self.open.newline()
                self._children(element, kind)
                if self.open is not None:
                    self.open.newline()
                return
        self._begin(kind, line_of(element))
        self._children(element, kind)
        self._close()

    def _framing(self, name: str, element: etree._Element, kind: str) -> None:
        own = "signature" if name in SIGNATURE else "heading"
        if self.lined:
            if self.open is not None:
                self.open.newline()
            self._children(element, kind)
            if self.open is not None:
                self.open.newline()
            return
        self._begin(own, line_of(element))
        self.lined += 1
        self._children(element, own)
        self.lined -= 1
        self._close()

    def _lines(self, name: str, element: etree._Element, kind: str) -> None:
        if name == "head":
            if self.open is not None:
                self.open.newline()
            self._children(element, kind)
            if self.open is not None:
                self.open.newline()
            return
        if self.lined:
            if self.open is not None:
                self.open.newline()
            self._children(element, kind)
            if self.open is not None:
                self.open.newline()
            return
        head = _words(next((child for child in element if tag(child) == "head"), None))
        listed = METADATA_HEAD.match(head)
        metadata = name == "list" and (element.get("type") in METADATA_LISTS or listed)
        label = (
            (listed[1] if listed else element.get("type") or "").capitalize() if metadata else ""
        )
        self._begin("metadata" if metadata else kind, line_of(element), label)
        self.lined += 1
        self._children(element, kind)
        self.lined -= 1
        self._close()

    def _special(self, name: str, element: etree._Element, kind: str) -> None:  # noqa: C901
        line = line_of(element)
        if name == "pb":
            page = element.get("n") or element.get("facs") or ""
            if self.open is not None and self.open.text:
                self.open.turns.append(Turn(len(self.open.text), page))
            else:
                self.turned = page or "?"
            self._children(element, kind)
        elif name in ("lb", "space"):
            if self.open is not None:
                if name == "lb" and self.open.text:
                    self.open.newline()
                else:
                    self.open.gap = True
            self._children(element, kind)
        elif name == "note":
            if element.get("rend") == "inline" or element.get("place") == "inline":
                self._children(element, kind)
            elif self.open is not None and self.open.text:
                self.open.notes.append((len(self.open.text), element))
            elif self.open is None and self.done and not self.loose:
                self.done[-1].notes.append((len(self.done[-1].text), element))
            else:
                self.loose.append(element)
        elif name == "choice":
            self._choice(element, kind)
        elif name == "del":
            self.draft.not_understood(
                line, all_text(element), _("Struck out in the source: left out.")
            )
        elif name == "fw":
            self.draft.not_understood(
                line, all_text(element), _("Printed at the edge of a page: left out.")
            )
        elif name == "figure":
            address = next((g.get("url", "") for g in element.iter() if tag(g) == "graphic"), "")
            self.draft.remarks.append(
                Remark(line, address, _("A picture stands here; it was not taken over."))
            )
            self._children(element, kind)
        elif name == "graphic":
            if tag(element.getparent()) != "figure":  # type: ignore[arg-type]
                self.draft.remarks.append(
                    Remark(
                        line,
                        element.get("url", ""),
                        _("A picture stands here; it was not taken over."),
                    )
                )
            self._children(element, kind)
        elif name == "gap":
            self.draft.remarks.append(
                Remark(line, "", _("The source says that something is missing here."))
            )
            self._children(element, kind)

    def _choice(self, element: etree._Element, kind: str) -> None:
        """One of two readings: the corrected or spelt as printed; the other one is listed."""
        wanted = next(
            (
                child
                for name in ("corr", "abbr", "orig", "unclear")
                for child in element
                if tag(child) == name
            ),
            None,
        )
        for child in element:
            if child is wanted or (wanted is None and child is element[0]):
                self._children(child, kind)
            else:
                self.draft.not_understood(
                    line_of(child),
                    all_text(child),
                    _("The other reading of a word: left out."),
                )
            if child.tail and child.tail.strip():
                self._say(child.tail, line_of(child), kind)
        if element.text and element.text.strip():
            self.draft.not_understood(
                line_of(element), element.text, _("Words between two readings.")
            )


def read(text: str, chosen: str = "") -> Draft:
    """The draft of one document of the file; the only one needs no id.

    Raises ImportRefused where the file is none, or the id is missing or unknown.
    """
    root = parse(text)
    return read_from(root, text, chosen)


def read_from(root: etree._Element, text: str, chosen: str = "") -> Draft:
    document, id_ = _choose(root, chosen)
    draft = Draft("tei")
    lines = text.split("\n")
    first = line_of(document)
    following = document.getnext()
    last = max((line_of(e) for e in document.iter()), default=first)
    last = max(last, line_of(following) - 1 if following is not None else last + 1)
    last = min(last, last + 400 if last - first > 5000 else last)
    draft.source, draft.source_start = lines[first - 1 : last], first
    reader = _Reader(draft, document)
    made = _merge(reader.read())
    _passages(draft, made)
    _notes(draft, made, reader.loose)
    join_broken(draft)
    form = _describe(draft, root, document, id_)
    mentioned = _people(draft, root, document, made)
    _settle(draft, document)
    propose(draft, writer=_writer(draft, made, form), form=form)
    draft.people = [p for p in draft.people if p.id in mentioned or p.hand]
    return draft


def _settle(draft: Draft, document: etree._Element) -> None:
    settle(draft, all_text(document))


def _choose(root: etree._Element, chosen: str) -> tuple[etree._Element, str]:
    found = {_id(div, number): div for number, div in enumerate(_divs(root), start=1)}
    if not found:
        body = _body(root)
        if body is None:
            raise ImportRefused(
                _(
                    "No document was found in it: it has neither a div of the type “document” nor a body."  # noqa: E501
                )
            )
        found = {"body": body}
    if not chosen and len(found) == 1:
        chosen = next(iter(found))
    if not chosen:
        raise ImportRefused(
            _("It holds %(n)s documents: say which by its id, %(first)s for example.")
            % {"n": len(found), "first": next(iter(found))}
        )
    if chosen not in found:
        raise ImportRefused(_("It holds no document with the id “%s”.") % chosen[:80])
    return found[chosen], chosen


def _merge(made: list[_Words]) -> list[_Words]:
    """Lines of one heading (head, dateline, address) and of one signature are one passage."""
    merged: list[_Words] = []
    for words in made:
        last = merged[-1] if merged else None
        if last is not None and last.kind == words.kind and words.kind in ("heading", "signature"):
            at = len(last.text) + 1
            last.text += "\n" + words.text
            last.last = max(last.last, words.last)
            last.notes += [(offset + at, note) for offset, note in words.notes]
            last.turns += [Turn(turn.offset + at, turn.name) for turn in words.turns]
            last.mentions += [
                (n, ref, start + at, end + at) for n, ref, start, end in words.mentions
            ]
            last.told += words.told
        else:
            merged.append(words)
    return merged


def _passages(draft: Draft, made: list[_Words]) -> None:
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


def _notes(draft: Draft, made: list[_Words], loose: list[etree._Element]) -> None:
    for number, words in enumerate(made, start=1):
        for offset, element in words.notes:
            _note(draft, number, words.text, offset, element)
    for element in loose:
        draft.not_understood(
            line_of(element),
            all_text(element),
            _("A note that stands beside no words."),
        )


def _note(draft: Draft, passage: int, text: str, offset: int, element: etree._Element) -> None:
    start, end = quote_before(text, offset)
    source = element.get("type") == "source"
    pieces: list[str] = []

    def walk(at: etree._Element) -> None:
        if tag(at) in ("p", "list", "item", "row", "lb", "head", "table") and pieces:
            pieces.append("\n\n" if tag(at) in ("p", "list", "table") else "\n")
        if tag(at) == "cell":
            pieces.append(" ")
        pieces.append(re.sub(r"\s+", " ", at.text or ""))
        for child in at:
            walk(child)
            pieces.append(re.sub(r"\s+", " ", child.tail or ""))

    walk(element)
    body = re.sub(r" *\n *", "\n", re.sub(r"[ \t]+", " ", "".join(pieces))).strip()
    body = re.sub(r"\n{3,}", "\n\n", body)
    if not body:
        return
    number = len(draft.notes) + 1
    label = element.get("n") or ""
    heading = _("Source note") if source else _("Footnote %s") % label if label else _("Note")
    draft.notes.append(
        NoteDraft(
            number, passage, start, end, "sourcing" if source else "context", heading, body,
            line_of(element),
        )
    )  # fmt: skip
    for raw in map(str, element.itertext()):
        draft.tell(line_of(element), raw, f"note:{number}")


# --- What it is, and who ----------------------------------------------------------------------


def _describe(draft: Draft, root: etree._Element, document: etree._Element, id_: str) -> str:
    """Title, date, place and citation; returns how the document speaks (letter, telegram …)."""
    head = next((child for child in document if tag(child) == "head"), None)
    title = _words(head) or _words(_first(root, "title"))
    title = re.sub(r"^\[?(?:No\.\s*)?\d+[a-z]?[.\]]+\s+", "", title).strip() or id_
    fields = draft.fields
    fields["title"] = Guess(title[:300], Sure.STATED, _("The document's heading."))
    if len(title) > 300:
        draft.remarks.append(
            Remark(
                draft.source_start,
                title[300:],
                _("The title is longer than 300 characters and was cut."),
            )
        )
    genre, form = genre_of(title)
    if document.get("subtype") == "editorial-note":
        genre, form = (
            Guess("editorial note", Sure.STATED, _("The volume says so.")),
            "editorial note",
        )
    fields["genre"] = genre
    _date(draft, document)
    place = next((e for e in document.iter() if tag(e) == "placeName"), None)
    if place is not None:
        fields["place"] = Guess(
            _words(place).strip(" ,")[:120], Sure.STATED, _("The dateline's place.")
        )
    date = draft.value("date")
    short = title if len(title) <= 60 else title[:60].rsplit(" ", 1)[0] + "…"
    fields["short_title"] = Guess(
        f"{short}, {date}" if date else short, Sure.GUESS, _("Title and date.")
    )
    fields["language"] = Guess("en", Sure.GUESS, _("English is taken for granted."))
    _source(draft, root, id_)
    return form


def _date(draft: Draft, document: etree._Element) -> None:
    day = _day(document)
    why = _("The file's own date.")
    if day:
        precision = {4: "year", 7: "month", 10: "day"}[len(day)]
        found = find_date(
            day if len(day) == 10 else f"{day}-01" if len(day) == 7 else f"{day}-01-01"
        )
        if found:
            draft.fields["date"] = Guess(found.date.isoformat(), Sure.STATED, why)
            draft.fields["date_precision"] = Guess(precision, Sure.STATED, why)
            return
    heading = next((p.text for p in draft.passages if p.kind == "heading"), "")
    body = next((p.text for p in draft.passages if p.kind == "body"), "")
    find_when(draft, [heading, body[:300]])


def _source(draft: Draft, root: etree._Element, id_: str) -> None:
    fields = draft.fields
    note = next((n for n in draft.notes if n.kind == "sourcing"), None)
    if note:
        said = re.sub(r"^\W*Source:\s*", "", note.body)
        kept = re.split(r"(?<![A-Z])\.\s+(?=[A-Z(\[])", said)[0].rstrip(".")
        fields["archival_reference"] = Guess(
            kept[:120], Sure.LIKELY, _("The source note's first sentence.")
        )
        fields["repository"] = Guess(
            re.split(r"[,:;]", kept)[0][:200], Sure.LIKELY, _("How the source note begins.")
        )
    titles = {
        e.get("type", ""): _words(e) for e in root.iter() if tag(e) == "title" and _in_header(e)
    }
    volume = titles.get("complete") or next(iter(titles.values()), "")
    if volume:
        fields["published_by"] = Guess(volume[:200], Sure.STATED, _("The file's title."))
        number = re.sub(r"^d(?=\d)", "", id_)
        fields["citation"] = Guess(
            _("%(volume)s, document %(number)s.") % {"volume": volume, "number": number},
            Sure.LIKELY,
            _("Made of the file's title and the document's number."),
        )
    name = root.get(XML_ID) or next(
        (_words(e) for e in root.iter() if tag(e) == "idno" and e.get("type") == "frus"), ""
    )
    if re.fullmatch(r"frus[\w-]+", name):
        fields["source_address"] = Guess(
            f"https://history.state.gov/historicaldocuments/{name}/{id_}", Sure.LIKELY,
            _("Where the Office of the Historian shows it."),
        )  # fmt: skip


def _in_header(element: etree._Element) -> bool:
    return any(tag(above) == "titleStmt" for above in element.iterancestors())


def _people(
    draft: Draft, root: etree._Element, document: etree._Element, made: list[_Words]
) -> set[str]:
    """People and terms that the document marks; each one's first mention becomes a note."""
    entries = {
        e.get(XML_ID): e
        for e in root.iter()
        if e.get(XML_ID, "")[:2] in ("p_", "t_")
        or (e.get(XML_ID) and tag(e) in ("person", "term", "persName"))
    }
    hands = _hands(document)
    seen: set[str] = set()
    noted: set[str] = set()
    for number, words in enumerate(made, start=1):
        for name, ref, start, end in words.mentions:
            if ref in noted:
                continue
            entry = entries.get(ref)
            as_named = words.text[start:end].strip()
            person = name == "persName" or (
                entry is not None and tag(entry) in ("persName", "person")
            )
            whole, rest = _entry(entry)
            if ref in seen:
                pass
            elif person:
                draft.people.append(
                    PersonDraft(
                        ref[:60], _forward(whole or as_named)[:120], as_named[:120], rest[:200],
                        hands.get(ref, ""), why=_("The volume marks the name."),
                    )
                )  # fmt: skip
            elif whole:
                draft.terms.append(TermDraft(ref[:60], (whole or as_named)[:120], rest))
            seen.add(ref)
            if not rest or not as_named or words.kind == "metadata":
                continue
            noted.add(ref)
            note = NoteDraft(
                len(draft.notes) + 1, number, start, min(end, len(words.text)),
                "person" if person else "term", (_forward(whole) if person else whole)[:80],
                f"{_forward(whole) if person else whole}: {rest}", 0, ref[:60],
            )  # fmt: skip
            _place_note(draft, note, words.text[start:end])
    return seen


def _place_note(draft: Draft, note: NoteDraft, quote: str) -> None:
    """Put it where its passage stands now: a passage may have been joined to the one before."""
    for passage in draft.passages:
        if passage.id == note.passage and passage.text[note.start : note.end] == quote:
            draft.notes.append(note)
            return
    for passage in draft.passages:
        at = passage.text.find(quote)
        if at >= 0 and passage.id <= note.passage:
            note.passage, note.start, note.end = passage.id, at, at + len(quote)
            draft.notes.append(note)
            return


def _hands(document: etree._Element) -> dict[str, str]:
    """Ids of those listed as present: all speak, unless the list says notetaker or interpreter."""
    found: dict[str, str] = {}
    for listed in document.iter():
        head = _words(next((child for child in listed if tag(child) == "head"), None))
        if tag(listed) != "list" or not (
            listed.get("type") == "participants" or re.match(r"(?i)\W*(participants|present)", head)
        ):
            continue
        for item in listed.iter():
            if tag(item) != "item":
                continue
            words = _words(item).lower()
            hand = (
                "recorder"
                if re.search(r"note[- ]?taker|recorder", words)
                else "interpreter"
                if "interpreter" in words
                else "speaker"
            )
            for name in item.iter():
                ref = name.get("corresp", "")
                if tag(name) == "persName" and ref.startswith("#"):
                    found.setdefault(ref[1:], hand)
    return found


def _entry(entry: etree._Element | None) -> tuple[str, str]:
    """(name or abbreviation, what it stands for) of an entry in a volume's lists."""
    if entry is None:
        return "", ""
    whole = entry
    for above in entry.iterancestors():
        if tag(above) in ("item", "person", "row"):
            whole = above
            break
    inner = next((e for e in whole.iter() if tag(e) in ("persName", "term", "gloss")), entry)
    name = _words(inner).strip(" ,;:")
    if tag(whole) == "list":
        return name, ""
    everything = _words(whole)
    rest = everything.split(name, 1)[1] if name and name in everything else ""
    return name, rest.strip(" ,;:.–—=").strip()


def _forward(name: str) -> str:
    """“Adenauer, Konrad” as it is said."""
    last, comma, first = name.partition(",")
    if not comma or len(first.split()) > 4:
        return name
    first, _comma, suffix = first.partition(",")
    return " ".join(f"{first.strip()} {last.strip()} {suffix.strip()}".split())


def _writer(draft: Draft, made: list[_Words], form: str) -> str:
    """Who signs a letter or a telegram."""
    if form not in ("letter", "telegram"):
        return ""
    signed = [words for words in made if words.kind == "signature"]
    for words in signed[:1]:
        for name, ref, _start, _end in words.mentions:
            if name == "persName":
                person = draft.person(ref[:60])
                if person:
                    person.hand = person.hand or "speaker"
                    return person.id
    return ""
