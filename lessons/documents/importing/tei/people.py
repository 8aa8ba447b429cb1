"""Whom a document names, whom a volume's lists know of them, and who was in the room."""

import re

from django.utils.translation import gettext as _
from lxml import etree

from lessons.documents.importing.blocks import as_markdown
from lessons.documents.importing.draft import Draft, NoteDraft, PersonDraft, TermDraft
from lessons.documents.importing.proposing import add_person, hand_of, read_name, signer

from .bodies import Words
from .files import XML_ID, child, each, tag, words_of


def add_people(
    draft: Draft, root: etree._Element, document: etree._Element, made: list[Words]
) -> set[str]:
    """People and terms that the document marks, the first mention of each as a note; their ids."""
    entries = _entries(root)
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
            whole = _forward(whole) if person else whole
            if ref in seen:
                pass
            elif person:
                draft.people.append(
                    PersonDraft(
                        ref[:60], (whole or _forward(as_named))[:120], as_named[:120], rest[:200],
                        hands.get(ref, ""), why=_("The volume marks the name."),
                    )
                )  # fmt: skip
            elif whole:
                draft.terms.append(TermDraft(ref[:60], whole[:120], as_markdown(rest)))
            seen.add(ref)
            if not rest or not as_named or words.kind == "metadata":
                continue
            noted.add(ref)
            draft.notes.append(
                NoteDraft(
                    len(draft.notes) + 1, number, start, min(end, len(words.text)),
                    "person" if person else "term", whole[:80], as_markdown(f"{whole}: {rest}"),
                    0, ref[:60],
                )
            )  # fmt: skip
    _add_unmarked(draft, document)
    return seen


def _entries(root: etree._Element) -> dict[str, etree._Element]:
    """The entries of a volume's lists of persons and abbreviations, by id."""
    named = each(root, "person", "persName", "term", "item", "gloss", "name")
    return {id_: entry for entry in named if (id_ := entry.get(XML_ID))}


def _entry(entry: etree._Element | None) -> tuple[str, str]:
    """(name or abbreviation, what it stands for) of an entry in a volume's lists."""
    if entry is None:
        return "", ""
    whole = entry
    for above in entry.iterancestors():
        if tag(above) in ("item", "person", "row"):
            whole = above
            break
    inner = next(each(whole, "persName", "term", "gloss"), entry)
    name = words_of(inner).strip(" ,;:")
    everything = words_of(whole)
    rest = everything.split(name, 1)[1] if name and name in everything else ""
    return name, rest.strip(" ,;:.–—=").strip()


def _forward(name: str) -> str:
    """“Adenauer, Konrad” as it is said."""
    last, comma, first = name.partition(",")
    if not comma or len(first.split()) > 4:
        return name
    first, _comma, suffix = first.partition(",")
    return " ".join(f"{first.strip()} {last.strip()} {suffix.strip()}".split())


def _present(document: etree._Element) -> list[etree._Element]:
    """The entries of the lists of participants."""
    return [
        item
        for listed in each(document, "list")
        if listed.get("type") == "participants"
        or re.match(r"(?i)\W*(participants|present)", words_of(child(listed, "head")))
        for item in each(listed, "item")
    ]


def _hands(document: etree._Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in _present(document):
        for name in each(item, "persName"):
            ref = name.get("corresp", "")
            if ref.startswith("#"):
                found.setdefault(ref[1:], hand_of(words_of(item)))
    return found


def _add_unmarked(draft: Draft, document: etree._Element) -> None:
    """Those listed as present whose names the volume does not mark."""
    for item in _present(document):
        marked = any(name.get("corresp", "").startswith("#") for name in each(item, "persName"))
        words = words_of(item)
        named = read_name(re.split(r"[—–]", words)[-1])
        if named and not marked and child(item, "list") is None and " " in words:
            add_person(draft, named, hand=hand_of(words), why=_("Listed as present."))


def writer_of(draft: Draft, made: list[Words], form: str) -> str:
    """The id of the person who signs a letter or a telegram, or ""."""
    signed = next((words for words in made if words.kind == "signature"), None)
    if signed is None or form not in ("letter", "telegram"):
        return ""
    refs = (ref for name, ref, _start, _end in signed.mentions if name == "persName")
    person = next(filter(None, (draft.person(ref[:60]) for ref in refs)), None)
    if person is None:
        return signer(draft, signed.text)
    person.hand = person.hand or "speaker"
    return person.id
