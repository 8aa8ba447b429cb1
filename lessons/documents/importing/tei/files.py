"""A file of TEI read with every door shut, and small questions to its elements."""

import re
from collections.abc import Iterator
from typing import cast

from django.utils.translation import gettext as _
from lxml import etree

from lessons.documents.importing.draft import ImportRefused

XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
DEPTH = 100
"""Elements inside one another; real volumes stay below twenty-five."""


def parse(text: str) -> etree._Element:
    """The root of the file. Raises ImportRefused for what is not well-formed, or is a trap."""
    if re.search(r"<!DOCTYPE|<!ENTITY", text[: text.find("<TEI") if "<TEI" in text else 100_000]):
        raise _doctype()
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
            raise _too_deep() from None
        raise ImportRefused(
            _("It is no complete XML: at line %(line)s, %(why)s.")
            % {"line": mistake.lineno or 1, "why": _plain_reason(mistake)}
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:  # one that hid behind a comment
        raise _doctype()
    _refuse_depth(root)
    return root


def _doctype() -> ImportRefused:
    return ImportRefused(
        _("It has a DOCTYPE or an entity, which are not read here: take those lines out.")
    )


def _too_deep() -> ImportRefused:
    return ImportRefused(_("Its elements are nested too deep to be a document."))


def _plain_reason(mistake: etree.XMLSyntaxError) -> str:
    return re.sub(r", line \d+, column \d+.*$", "", str(mistake.msg or _("it breaks off")))[:200]


def _refuse_depth(root: etree._Element) -> None:
    depth = 0
    for event, _element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEPTH:
            raise _too_deep()


def tag(element: etree._Element) -> str:
    """Its name without the namespace."""
    return str(element.tag).rpartition("}")[2]


def line_of(element: etree._Element) -> int:
    """Its line in the file, from 1."""
    return cast("int | None", element.sourceline) or 1


def end_of(element: etree._Element) -> int:
    """The line it ends at."""
    line = line_of(element) + (element.text or "").count("\n")
    for inner in element:
        line = end_of(inner) + (inner.tail or "").count("\n")
    return line


def each(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The elements of these names in it, itself included, in the order of the file."""
    return element.iter(*(f"{{*}}{name}" for name in names))


def first(element: etree._Element | None, name: str) -> etree._Element | None:
    return next(each(element, name), None) if element is not None else None


def child(element: etree._Element, name: str) -> etree._Element | None:
    return next(element.iterchildren(f"{{*}}{name}"), None)


def all_text(element: etree._Element) -> str:
    """Every character in it, notes included."""
    return "".join(map(str, element.itertext()))


def words_of(element: etree._Element | None) -> str:
    """All words of an element but those of its notes, in one line."""
    parts: list[str] = []

    def walk(at: etree._Element) -> None:
        if tag(at) == "note":
            return
        parts.append(at.text or "")
        if tag(at) == "lb":
            parts.append(" ")
        for inner in at:
            walk(inner)
            parts.append(inner.tail or "")

    if element is not None:
        walk(element)
    return " ".join("".join(parts).split())


def in_note(element: etree._Element) -> bool:
    return next(element.iterancestors("{*}note"), None) is not None
