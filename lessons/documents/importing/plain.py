"""Plain text and Markdown of anybody's making."""

import re

from django.utils.translation import gettext as _

from . import blocks as reading
from .blocks import TERMINAL, Block
from .citing import ADDRESS, people_of, soviet_parts
from .dates import find_date
from .draft import Draft, Guess, NoteDraft, PassageDraft, Sure, Turn, settle
from .proposing import (
    LABEL,
    Named,
    add_labelled,
    add_person,
    genre_of,
    hand_of,
    language_of,
    names_in_title,
    propose,
    read_name,
    signer,
)

HEAD_LABELS = frozenset(
    ["subject", "subjects", "re", "from", "to", "date", "place", "time", "participants", "present", "attendees", "attending", "source", "citation", "reference", "note", "cc", "copies", "copy", "drafted", "drafted-by", "classification", "title", "author", "via", "through", "no", "ref", "tags", "location", "translation", "translator", "document", "original", "language", "recorded", "by", "interpreter", "time", "and", "place", "participants", "by", "for", "info", "distribution", "summary", "comment", "priority", "action", "archive", "translator", "publisher", "collection"]  # noqa: E501
) | {
    "recorded by", "drafted by", "prepared by", "translated by", "time and place",
    "original language",
    "also present", "notetaker", "note taker", "interpreters", "subject line", "date and time",
    "archival source", "архив", "дата", "тема", "место", "присутствовали", "участники", "источник",
    "signed by", "copies to", "copy to", "p.s", "ps", "n.b", "nb", "attachment", "enclosure",
}  # fmt: skip
SOURCE_LABELS = (
    "source", "archival source", "archive", "архив", "источник", "citation", "reference",
)  # fmt: skip
SIGNING = re.compile(
    r"(?i)^[\s\[(/_]*(?:recorded|written down|noted|signed|signature|authenticated|certified|witnessed|"  # noqa: E501
    r"translated|typed|drafted|prepared|approved|transcribed|for the (?:government|ministry)|"
    r"yours|sincerely|respectfully|with (?:communist )?greetings|/s/|copies?\b|copy no|cc\b|"
    r"attest|true copy|sent to|distribution|верно|(?:беседу )?записал|подпись|gez\.|noted down)"
)
HANDS = (
    (
        re.compile(
            r"(?i)^(?:recorded|written down|noted(?: down)?|drafted|prepared|беседу записал)"
            r"(?:\s+by)?\s*:?\s*(.*)"
        ),
        "recorder",
    ),
    (re.compile(r"(?i)^(?:note[- ]?takers?)\s*:\s*(.*)"), "recorder"),
    (re.compile(r"(?i)^(?:interpret(?:er|ed by)s?)\s*:?\s*(.*)"), "interpreter"),
)
BRACKETED = re.compile(r"\[[^\[\]]*\]")
PRESENT = re.compile(
    r"(?i)^\**(?:participants|present|attendees|attending|also present|in attendance|присутствовали|участники)\**\s*:?\**\s*(.*)$"  # noqa: E501
)


def read(text: str) -> Draft:
    """The draft of a text; raises nothing for a text that `decoding.check` has passed."""
    draft = Draft("plain", source=text.split("\n"))
    lines = list(enumerate(draft.source, start=1))
    make_passages(draft, lines)
    describe(draft)
    settle(draft, text)
    return draft


def make_passages(draft: Draft, lines: list[tuple[int, str]]) -> None:
    """Passages, page turns and notes of the lines, in their order."""
    words = [line for _number, line in lines]
    speakers = reading.speakers_of(words, LABEL, HEAD_LABELS)
    found = reading.split(lines, turn=LABEL, speakers=speakers)
    all_text = "\n".join(words)
    notes: list[Block] = []
    kept: list[Block] = []
    for block in found:
        for line, mark in block.marks:
            draft.tell(line, mark, "mark")
        if block.kind == "footnote" and _is_called(all_text, block.name):
            notes.append(block)
        elif block.kind == "footnote":
            block.kind = "prose"
            line, rest = block.lines[0]
            label = next((m for _at, m in block.marks if "[" in m or reading.SIGNS.match(m)), "")
            block.lines[0] = (line, label.strip() + " " + rest)
            draft.account = [c for c in draft.account if not (c.line == line and c.text == label)]
            kept.append(block)
        elif block.kind != "rule":
            kept.append(block)
    kept = [block for block in kept if block.kind == "page" or block.text().strip()]
    head, tail = _frame(kept)
    _assemble(draft, kept, head, tail)
    join_broken(draft)
    _put_notes(draft, notes)
    for passage in draft.passages:
        for person in [
            p for p in speakers if passage.label == "turn" and passage.text.startswith(p)
        ]:
            named = read_name(person) or Named(person.title())
            added = add_person(draft, named, hand="speaker", why=_("The name before a colon."))
            passage.speaker = Guess(added.id, Sure.STATED, _("The name before the colon."))


def _is_called(text: str, label: str) -> bool:
    return len(marker(label).findall(text)) > 1


def marker(label: str) -> re.Pattern[str]:
    """The mark of a footnote in the text: [1], [^1], or the raised sign itself."""
    if reading.SIGNS.fullmatch(label):
        return re.compile(rf"(?<![{reading.RAISED}]){re.escape(label)}(?![{reading.RAISED}])")
    return re.compile(rf"\[\^?{re.escape(label)}\]")


# --- Heading, body, signature -----------------------------------------------------------------


def is_prose(block: Block, *, least: int = 8) -> bool:
    """A paragraph of running words, or a turn of a talk, or a numbered point.

    A sentence of fewer words than `least` may be a heading.
    """
    text = block.text()
    if block.kind == "turn":
        return True
    if block.kind in ("numbered", "quote", "item"):
        return len(text.split()) >= 6
    label = LABEL.match(text)
    if block.kind == "heading" or (label and label["who"].casefold() in HEAD_LABELS):
        return False
    if text.isupper() and len(text) < 300:
        return False
    if len(block.lines) > 1 and block.lines[0][1].isupper():
        return False
    count = len(text.split())
    if count >= 25 and not (block.breaks and len(block.lines) > 2 and count < 60):
        return True
    if _is_date_only(text.split("\n")[-1]) and count < 12:
        return False
    return count >= least and bool(TERMINAL.search(text)) and not text.endswith(":")


def _frame(found: list[Block]) -> tuple[int, int]:
    """How many blocks at the beginning are heading, and how many at the end are signature."""
    body = [
        index for index, block in enumerate(found)
        if block.kind != "page" and is_prose(block, least=5 if index else 8)
    ]  # fmt: skip
    if not body:
        return (1 if len(found) > 1 and found[0].kind == "heading" else 0), 0
    head = body[0] if body[0] <= 25 else 0
    if head and found[head].kind in ("numbered", "item") and _leads(found[head - 1]):
        head -= 1
    tail = 0
    for block in reversed(found[body[0] + 1 :]):
        text = block.text()
        short = len(text.split()) <= 8 and not TERMINAL.search(text) and block.kind == "prose"
        bracketed = bool(re.fullmatch(r"[\[(/][^\])]{1,60}[\])/]", text.strip()))
        if tail >= 8 or not (
            block.kind in ("prose", "page")
            and ((_signs(text) and len(text.split()) <= 30) or short or bracketed)
        ):
            break
        tail += 1
    return head, tail


def _signs(text: str) -> bool:
    label = LABEL.match(text)
    return bool(SIGNING.match(text) or (label and label["who"].casefold() in SOURCE_LABELS))


def _leads(block: Block) -> bool:
    """True for words that lead to a list: “The meeting resolved:”."""
    label = LABEL.match(block.text())
    return block.text().endswith(":") and (
        not label or label["who"].casefold() not in HEAD_LABELS | {"present"}
    )


def _assemble(draft: Draft, found: list[Block], head: int, tail: int) -> None:
    page: str | None = None
    for index, block in enumerate(found):
        if block.kind == "page":
            page = block.name
            continue
        if index < head:
            kind = "heading"
        elif index >= len(found) - tail:
            kind = "signature"
        else:
            kind = "heading" if _is_heading(block) else "body"
        text = block.text(by_line=kind != "body")
        last = draft.passages[-1] if draft.passages else None
        framing = index < head or kind == "signature"
        if framing and last is not None and last.kind == kind:
            if page is not None:
                last.turns.append(Turn(len(last.text) + 1, page))
            last.text += "\n" + text
            last.last = block.last
            made = last
        else:
            made = PassageDraft(_next_id(draft), kind, text, block.first, block.last)
            made.label = "turn" if block.kind == "turn" and kind == "body" else ""
            draft.passages.append(made)
            if page is not None:
                made.turns.append(Turn(0, page))
        page = None
        for line, words in block.lines:
            draft.tell(line, words, f"passage:{made.id}")
    if page is not None and draft.passages:
        last = draft.passages[-1]
        last.turns.append(Turn(len(last.text), page))


def _is_heading(block: Block) -> bool:
    text = block.text()
    if block.kind == "heading":
        return True
    capitals = text.isupper() and len(text.split()) <= 14 and not text.endswith((".", ",", ";"))
    return block.kind == "prose" and capitals and len(text) > 3


def _next_id(draft: Draft) -> int:
    return max((passage.id for passage in draft.passages), default=0) + 1


def join_broken(draft: Draft) -> None:
    """Put together what a page turn tore apart: a sentence without an end, and its small letter."""
    kept: list[PassageDraft] = []
    for passage in draft.passages:
        before = kept[-1] if kept else None
        turned = passage.turns and passage.turns[0].offset == 0
        broken = (
            before is not None
            and before.kind == passage.kind == "body"
            and not TERMINAL.search(before.text.rstrip())
            and passage.label != "turn"
            and not reading.NUMBERED.match(passage.text)
            and not reading.BULLET.match(passage.text)
            and (
                passage.text[:1].islower()
                or (turned and before.text.rstrip()[-1:].isalpha() and len(before.text) > 60)
            )
        )
        if broken and before is not None:
            join(draft, before, passage)
            before.why = _(
                "A page turns inside the sentence: it did not end, and what followed began small."
            )
        else:
            kept.append(passage)
    draft.passages = kept
    for passage in kept:
        passage.turns = [turn for turn in passage.turns if 0 <= turn.offset <= len(passage.text)]


def join(draft: Draft, before: PassageDraft, passage: PassageDraft, *, turn: bool = True) -> None:
    """Put a passage's words behind those of the one before; the caller takes it out of the list."""
    at = len(before.text) + 1
    before.text += " " + passage.text
    moved = [Turn(each.offset + at, each.name) for each in passage.turns]
    if turn and not any(each.offset == at for each in moved):
        moved.insert(0, Turn(at))
    before.turns += moved
    before.last = max(before.last, passage.last)
    for note in draft.notes:
        if note.passage == passage.id:
            note.passage, note.start, note.end = before.id, note.start + at, note.end + at
    for came in draft.account:
        if came.to == f"passage:{passage.id}":
            came.to = f"passage:{before.id}"


# --- Notes ------------------------------------------------------------------------------------


def quote_before(text: str, at: int) -> tuple[int, int]:
    """The word or words before a note's number: at least one letter, at most forty characters."""
    end = len(text[:at].rstrip(' \t\n.,;:!?"”’)'))
    start = end
    for word in reversed(list(re.finditer(r"\S+", text[:end]))):
        if end - word.start() > 40 and start != end:
            break
        start = word.start()
        if end - start >= 8:
            break
    return (start, end) if start < end else (0, max(1, min(len(text), at or 1)))


def _put_notes(draft: Draft, notes: list[Block]) -> None:
    for block in notes:
        number = len(draft.notes) + 1
        called = marker(block.name)
        for passage in draft.passages:
            match = called.search(passage.text)
            if match:
                break
        else:
            for line, words in block.lines:
                draft.not_understood(line, words, _("A footnote whose number stands nowhere."))
            continue
        gone = match.end() - match.start()
        passage.text = passage.text[: match.start()] + passage.text[match.end() :]
        for turn in passage.turns:
            turn.offset -= gone if turn.offset >= match.end() else 0
        for note in draft.notes:
            if note.passage == passage.id and note.start >= match.end():
                note.start, note.end = note.start - gone, note.end - gone
        passage.text = passage.text.rstrip()
        _move_mark(draft, passage.id, match[0])
        start, end = quote_before(passage.text, match.start())
        draft.notes.append(
            NoteDraft(
                number, passage.id, start, end, "context",
                _("Footnote %s") % block.name, block.text(), block.first,
            )
        )  # fmt: skip
        for line, words in block.lines:
            draft.tell(line, words, f"note:{number}")


def _move_mark(draft: Draft, passage: int, mark: str) -> None:
    for came in draft.account:
        if came.to == f"passage:{passage}" and mark in came.text:
            came.text = came.text.replace(mark, "", 1)
            draft.tell(came.line, mark, "mark")
            return


# --- What it is -------------------------------------------------------------------------------


def describe(draft: Draft) -> None:
    """Title, date, place, people, citation: read from the heading and the signature."""
    heads = [p for p in draft.passages if p.kind == "heading"]
    head = heads[0].text if heads and heads[0] is draft.passages[0] else ""
    body = next((p.text for p in draft.passages if p.kind == "body"), "")
    tail = [passage.text for passage in draft.passages if passage.kind == "signature"]
    labelled = labels_of("\n".join(tail)) | labels_of(head)
    fields = draft.fields
    if "title" not in fields:
        fields["title"] = _title(head, labelled, body)
    find_when(draft, [head, *tail, body[:300]])
    _find_place(draft, head, labelled)
    everything = "\n".join(
        # What stands in brackets is an editor's, as a reference at the head often does.
        p.text.strip("[] \n") if BRACKETED.fullmatch(p.text.strip()) else p.text
        for p in draft.passages
        if p.kind in ("heading", "metadata", "signature") or BRACKETED.fullmatch(p.text.strip())
    )
    source = next(filter(None, (labelled.get(name) for name in SOURCE_LABELS)), "")
    cite(draft, source, everything)
    find_people(draft, head, labelled)
    finish(draft)


FRONT = re.compile(r"^(?P<who>[a-z][a-z -]{1,24}):(?=\s|$)")
"""A line of the matter that is written before a text of Markdown."""


def labels_of(text: str) -> dict[str, str]:
    """“Label: words” lines of a heading; words of following lines belong to an empty label."""
    found: dict[str, str] = {}
    last = ""
    for line in text.split("\n"):
        match = LABEL.match(line) or FRONT.match(line)
        if match and match["who"].casefold() in HEAD_LABELS:
            last = match["who"].casefold()
            found.setdefault(last, line[match.end() :].strip())
        elif last and PRESENT.match(last):
            found[last] = f"{found[last]}\n{line}".strip()
        else:
            last = ""
    return found


def _title(head: str, labelled: dict[str, str], body: str) -> Guess:
    if labelled.get("title"):
        return Guess(labelled["title"][:300], Sure.STATED, _("It follows “Title:”."))
    lines = [line for line in head.split("\n") if line.strip()]
    plain = [
        line for line in lines
        if not (LABEL.match(line) and LABEL.match(line)["who"].casefold() in HEAD_LABELS)  # type: ignore[index]
        and not _is_date_only(line)
        and re.search(r"[^\W\d_]{3}", line)
        and not re.fullmatch(r"(?i)[\[(]?(?:top )?(?:secret|confidential|unclassified|restricted)[\])]?\W*", line.strip())  # noqa: E501
    ]  # fmt: skip
    if plain:
        start = lines.index(plain[0])
        title = lines[start]
        for line in lines[start + 1 : start + 4]:  # a title set over several lines
            if line not in plain or not (
                title.endswith(",") or re.match(r"(?:between|of|and|with|to|from)\b", line)
            ):
                break
            title += " " + line
        return Guess(_tidy(title), Sure.LIKELY, _("The first line of the heading."))
    if labelled.get("subject"):
        return Guess(labelled["subject"][:300], Sure.LIKELY, _("It follows “Subject:”."))
    if lines:
        return Guess(_tidy(lines[0]), Sure.GUESS, _("The first line of the heading."))
    opening = re.split(r"(?<=[.!?])\s", reading.NUMBERED.sub("", body))[0][:80]
    return Guess(opening.strip(), Sure.GUESS, _("It has no heading: these are its first words."))


def _tidy(title: str) -> str:
    title = " ".join(title.split())[:300]
    return title.strip()


def _is_date_only(line: str) -> bool:
    found = find_date(line)
    return bool(found) and len(line) - (found.end - found.start if found else 0) <= 30


def find_when(draft: Draft, texts: list[str]) -> None:
    if draft.value("date"):
        return
    for number, text in enumerate(texts):
        found = find_date(text)
        if found:
            sure = Sure.LIKELY if number == 0 else Sure.GUESS
            why = _("“%s” stands in the text.") % text[found.start : found.end]
            if found.doubtful:
                sure = Sure.GUESS
                why += " " + _("Day and month may be the other way round, or the year another's.")
            draft.fields["date"] = Guess(found.date.isoformat(), sure, why)
            draft.fields["date_precision"] = Guess(found.precision, sure, why)
            return
    draft.fields["date"] = Guess("", Sure.NONE, _("No date was found: give one."))
    draft.fields["date_precision"] = Guess("day", Sure.NONE)


def _find_place(draft: Draft, head: str, labelled: dict[str, str]) -> None:
    place = labelled.get("place") or labelled.get("location")
    if place:
        draft.fields["place"] = Guess(
            place.split("\n")[0][:120], Sure.STATED, _("It follows “Place:”.")
        )
        return
    for line in head.split("\n"):
        found = find_date(line)
        before = line[: found.start] if found else ""
        match = re.fullmatch(
            r"([A-Z][\w'’-]+(?: [A-Z][\w'’-]+){0,2}(?:, [A-Z][\w.]+)?),\s*", before
        )
        if match:
            draft.fields["place"] = Guess(match[1], Sure.LIKELY, _("It stands before the date."))
            return


def cite(draft: Draft, source: str, everything: str) -> None:
    """Repository and reference from what is given as the source, else from around the body."""
    fields = draft.fields
    if source:
        fields.setdefault("citation", Guess(source, Sure.STATED, _("It is given as the source.")))
    searched = source or everything
    parts = soviet_parts(searched) or soviet_parts(everything)
    for name, value in parts.items():
        fields.setdefault(name, Guess(value, Sure.LIKELY, _("Read from the archive's reference.")))
    if source and not parts:
        fields.setdefault(
            "archival_reference", Guess(source[:120], Sure.GUESS, _("Kept as it is written."))
        )
    for name, value in people_of(searched).items():
        fields.setdefault(name, Guess(value, Sure.LIKELY, _("Read from the citation.")))
    if not source and (address := ADDRESS.search(everything)):
        fields.setdefault("source_address", Guess(address[0].rstrip(".,)"), Sure.GUESS, ""))


def find_people(draft: Draft, head: str, labelled: dict[str, str]) -> None:
    title = re.split(r"\n(?=[^\n]*(?:\d{4}|:))", head)[0]  # it may be set over several lines
    for named in names_in_title(draft.value("title")) or names_in_title(
        " ".join(title.split("\n"))
    ):
        add_person(draft, named, hand="speaker", why=_("The title names them."))
    for label, words in labelled.items():
        if PRESENT.match(label):
            for piece in re.split(r"\n|;|\s{3,}", words):  # lists are set in columns too
                present = read_name(re.sub(r"^\W+", "", piece))
                if (
                    present is not None
                    and " " in piece.strip()
                    and not piece.rstrip().endswith(":")
                ):
                    hand = hand_of(piece)
                    add_person(draft, present, hand=hand, why=_("Listed as present."))
    for passage in draft.passages:
        if passage.kind in ("signature", "heading"):
            _find_hands(draft, passage.text)


def _find_hands(draft: Draft, text: str) -> None:
    lines = text.split("\n")
    for number, line in enumerate(lines):
        for pattern, hand in HANDS:
            match = pattern.match(line.strip())
            if not match:
                continue
            following = lines[number + 1] if number + 1 < len(lines) else ""
            for words in (match[1], following.strip(" ()[]/")):
                named = read_name(words)
                if named:
                    why = _("“%s” says so.") % line.strip()[:60]
                    person = add_person(draft, named, hand=hand, why=why)
                    if person.hand == "speaker" and hand == "recorder":
                        person.why += " " + why
                    break


def finish(draft: Draft) -> None:
    """What follows from the rest: genre, short title, language, and the proposals of voices."""
    fields = draft.fields
    genre, form = genre_of(draft.value("title"))
    fields.setdefault("genre", genre)
    title = draft.value("title")
    short = title if len(title) <= 60 else title[:60].rsplit(" ", 1)[0] + "…"
    fields.setdefault("short_title", Guess(short, Sure.GUESS, _("The title, cut.")))
    bodies = [passage.text for passage in draft.passages if passage.kind == "body"]
    fields.setdefault("language", language_of(" ".join(bodies)))
    add_labelled(draft, HEAD_LABELS)
    signed = next((p.text for p in draft.passages if p.kind == "signature"), "")
    writer = signer(draft, signed) if form in ("letter", "telegram") else ""
    propose(draft, writer=writer, form=form)
    for passage in draft.passages:
        if passage.label == "turn":
            passage.label = ""
