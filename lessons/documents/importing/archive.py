"""An archive's text export: labels with what is known, in any order, and the document's text."""

import re

from django.utils.translation import gettext as _

from .blocks import unmark
from .citing import between_publisher_and_end, people_of, soviet_parts
from .dates import find_date
from .draft import Draft, Guess, PassageDraft, Sure, settle
from .plain import describe, make_passages

KNOWN = {
    "citation", "summary", "credits", "credit", "original language", "language", "contents",
    "rights",
    "subjects", "subjects discussed", "subject", "people", "people mentioned", "places",
    "collection",
    "collections", "source", "archival source", "archive", "document id", "document date", "date",
    "description", "abstract", "geographic subjects", "related documents", "download", "copyright",
    "record id", "original uploaded date", "donors", "keywords", "document information", "author",
    "original archive", "translated by", "contributed by", "associated people & organizations",
    "associated places", "associated topics", "creator", "type", "original classification",
    "publisher", "translator", "translated", "provenance", "location", "language of original",
    "archives", "repository", "document number", "classification", "topics", "tags",
}  # fmt: skip
BODY = {
    "contents", "text", "document text", "full text", "translation", "transcript", "transcription",
    "document", "english translation", "view document", "document contents", "body",
}  # fmt: skip
ALONE = {
    "citation", "summary", "credits", "original language", "contents", "rights",
    "english translation",
    "subjects discussed", "people mentioned", "document text", "translation", "transcript",
}  # fmt: skip
"""Labels that some pages print without a colon, on a line of their own."""
LABEL_LINE = re.compile(
    r"^\s*(?:\#{1,6}\s+)?(?P<open>\*\*|__)?(?P<label>[A-Za-z][A-Za-z &/'-]{2,40}?)(?P<colon>\s*:)?"
    r"(?(open)(?P=open))(?P<after>\s*:)?(?:(?(colon)|(?(after)|(?!)))\s+(?P<rest>\S.*))?\s*$"
)
VERSION = re.compile(
    r"(?i)^(?:(?:english|russian|chinese|german)\s+)?(?:translation|transcript(?:ion)?|original|scan|html|pdf)"
    r"(?:\s*[-–—:(]\s*[A-Za-z]+\)?)?(?:\s+(?:html|pdf))?\s*$"
)
BANNER = re.compile(r"(?i)^\S+\.[a-z]{2,6}(?:/\S*)?$|^(?:\W*\w+\W+){0,6}digital archive\b(?!,)")
FIELDS = {
    "summary": "summary", "description": "summary", "abstract": "summary", "citation": "citation",
    "credits": "credit_line", "credit": "credit_line", "donors": "credit_line",
    "original language": "original_language", "rights": "rights", "copyright": "rights",
    "translated by": "translator", "translator": "translator",
    "repository": "repository", "contributed by": "contributor", "publisher": "published_by",
}  # fmt: skip


def label_of(line: str) -> tuple[str, str] | None:
    """(label, what follows on the line) where the line is a label of an export."""
    match = LABEL_LINE.match(line)
    if not match:
        return None
    label = match["label"].strip()
    colon = match["colon"] or match["after"]
    known = label.casefold() in KNOWN | BODY
    if match["rest"] and not (known and colon):
        return None
    alone = label.casefold() in ALONE and label[0].isupper()
    if (match["open"] and colon) or (known and (colon or match["open"] or alone)):
        return label, match["rest"] or ""
    return None


def looks_like(text: str) -> bool:
    """True for a text with a citation or summary under labels, as archives give them out."""
    found = {
        label[0].casefold() for line in text.split("\n") if (label := label_of(line)) is not None
    }
    return "citation" in found or len(found & KNOWN) >= 3


def read(text: str) -> Draft:
    """The draft of an export. Labels come through as metadata; the rest is read as plain text."""
    draft = Draft("archive", source=text.split("\n"))
    lines = list(enumerate(draft.source, start=1))
    top, sections = _sections(lines)
    rest = _read_top(draft, top)
    body = _body_of(sections)
    for number, (label, at, lines_of) in enumerate(sections):
        content = lines_of
        draft.tell(at, draft.source[at - 1].split(label)[0] + label, "mark")
        after = draft.source[at - 1].split(label, 1)[1]
        inline = content[0][1] if content and content[0][0] == at else ""
        draft.tell(at, after[: len(after) - len(inline)] if inline else after, "mark")
        if number == body:
            taken, left = _after_label(draft, label, content)
            rest += left
            content = taken
        if content:
            _metadata(draft, label, content)
    metadata, draft.passages = draft.passages, []
    make_passages(draft, rest)
    for passage in metadata:
        old, passage.id = passage.id, max((p.id for p in draft.passages), default=0) + 1
        draft.passages.append(passage)
        for came in draft.account:
            if came.to == f"metadata:{old}":
                came.to = f"passage:{passage.id}"
    _cite(draft)
    describe(draft)
    settle(draft, text)
    return draft


def _sections(
    lines: list[tuple[int, str]],
) -> tuple[list[tuple[int, str]], list[tuple[str, int, list[tuple[int, str]]]]]:
    """What stands before the first label, and (label, its line, its lines) for each.

    Behind the body's own label only labels that archives use are labels: a record has its own.
    """
    top: list[tuple[int, str]] = []
    sections: list[tuple[str, int, list[tuple[int, str]]]] = []
    in_body = False
    for number, line in lines:
        label = label_of(line)
        if label and in_body:
            strong = re.match(r"\s*(?:\*\*|__|#)", line)
            label = label if label[0].casefold() in KNOWN - BODY and strong else None
        if label is None:
            (sections[-1][2] if sections else top).append((number, line))
            continue
        sections.append((label[0], number, [(number, label[1])] if label[1] else []))
        in_body = label[0].casefold() in BODY
    return top, sections


def _read_top(draft: Draft, top: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Date and title from the lines above the labels; what is neither is given back."""
    rest: list[tuple[int, str]] = []
    for number, line in top:
        words, marks = unmark(line.strip().lstrip("#").strip())
        found = find_date(words)
        whole = found is not None and found.end - found.start >= len(words) - 4
        if not words:
            continue
        if "title" not in draft.fields and BANNER.search(words):
            draft.not_understood(number, line, _("The archive's own heading: left out."))
            continue
        if whole and found and "date" not in draft.fields:
            draft.fields["date"] = Guess(
                found.date.isoformat(), Sure.STATED, _("The archive's date.")
            )
            draft.fields["date_precision"] = Guess(found.precision, Sure.STATED)
            to = "field:date"
        elif "title" not in draft.fields and len(words) <= 300 and re.search(r"[^\W\d_]", words):
            draft.fields["title"] = Guess(words, Sure.STATED, _("The archive's title."))
            to = "field:title"
        else:
            rest.append((number, line))
            continue
        draft.tell(number, words, to)
        hashes = line.strip()[: len(line.strip()) - len(line.strip().lstrip("#"))]
        draft.tell(number, marks + hashes, "mark")
    return rest


def _body_of(sections: list[tuple[str, int, list[tuple[int, str]]]]) -> int:
    """The number of the section that holds the document's text; -1 where none is long enough."""
    for number, (label, _at, content) in enumerate(sections):
        if label.casefold() in BODY and any(words.strip() for _line, words in content):
            return number
    lengths = [
        sum(len(words) for _line, words in _after_block(content))
        for _label, _at, content in sections
    ]
    best = max(range(len(lengths)), key=lengths.__getitem__, default=-1)
    return best if best >= 0 and lengths[best] > 0 else -1


def _after_block(content: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The lines behind the first block of a section."""
    begun = False
    for index, (_line, words) in enumerate(content):
        if words.strip():
            begun = True
        elif begun:
            return content[index:]
    return []


def _after_label(
    draft: Draft, label: str, content: list[tuple[int, str]]
) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """(what is metadata, what is the document's text) of the section that holds the text."""
    if label.casefold() not in BODY:
        left = _after_block(content)
        return content[: len(content) - len(left)], left
    if "english" in label.casefold():
        draft.fields["language"] = Guess("en", Sure.STATED, f"“{label}”")
    for index, (line, words) in enumerate(content):
        if words.strip():
            if VERSION.match(words.strip().strip("*_# ")):
                found = re.search(r"(?i)\b(english|russian|german|french|chinese)\b", words)
                code = {
                    "english": "en",
                    "russian": "ru",
                    "german": "de",
                    "french": "fr",
                    "chinese": "zh",
                }
                value = code[found[1].lower()] if found else "en"
                draft.fields["language"] = Guess(value, Sure.STATED, f"“{words.strip()}”")
                draft.tell(line, words, "field:language")
                return [], content[index + 1 :]
            break
    return [], content


def _metadata(draft: Draft, label: str, content: list[tuple[int, str]]) -> None:
    pieces = []
    number = len(draft.passages) + 1
    for line, raw in content:
        words, marks = unmark(raw.strip())
        pieces.append(words)
        draft.tell(line, words, f"metadata:{number}")
        draft.tell(line, marks, "mark")
    filled = [line for line, raw in content if raw.strip()]
    if not filled:
        return
    paragraphs = re.split(r"\n\s*\n", "\n".join(pieces).strip())
    text = "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    draft.passages.append(
        PassageDraft(number, "metadata", text, filled[0], filled[-1], label=label)
    )
    name = FIELDS.get(label.casefold())
    if name and name not in draft.fields:
        draft.fields[name] = Guess(text, Sure.STATED, _("Under “%s”.") % label)
    if name == "summary":
        draft.fields["summary_by"] = Guess(
            _("Not stated by the archive."), Sure.GUESS, _("Exports name no writer of the summary.")
        )


def _cite(draft: Draft) -> None:
    """The citation taken apart; the archive's own form is kept where it is no Soviet one."""
    labelled = {p.label.casefold(): p.text for p in draft.passages if p.kind == "metadata"}
    citation = draft.value("citation")
    for name in ("archival source", "source", "archive", "original archive"):
        citation = citation or labelled.get(name, "")
    if not citation:
        return
    why = _("Read from the citation.")
    for name, value in people_of(citation).items():
        draft.fields.setdefault(name, Guess(value, Sure.LIKELY, why))
    parts = soviet_parts(citation)
    if not parts:
        own = between_publisher_and_end(citation, draft.value("published_by"))
        own = labelled.get("archival source") or labelled.get("source") or own
        if own:
            parts["archival_reference"] = own[:120]
            parts["repository"] = own.split(",")[0][:200]
    for name, value in parts.items():
        draft.fields.setdefault(name, Guess(value, Sure.LIKELY, why))
    if not draft.value("date") and (
        found := find_date(
            labelled.get("document date", "") or labelled.get("date", "") or citation
        )
    ):
        draft.fields["date"] = Guess(found.date.isoformat(), Sure.LIKELY, why)
        draft.fields["date_precision"] = Guess(found.precision, Sure.LIKELY, why)
    if "title" not in draft.fields and (quoted := re.match(r"[\"“'](.{3,290}?),?[\"”']", citation)):
        draft.fields["title"] = Guess(quoted[1], Sure.LIKELY, why)
