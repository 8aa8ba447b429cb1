"""The documents of a file: which there are, and the one an editor wants."""

import calendar
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from lxml import etree

from lessons.documents.importing.draft import ImportRefused

from .files import XML_ID, child, each, first, in_note, tag, words_of


@dataclass(frozen=True)
class Listed:
    """A document of a file: its id, its heading, its date as far as the file tells it (a day, a
    month or a year as in 1958-04-19), and the heading of the chapter it stands in."""

    id: str
    title: str
    date: str = ""
    within: str = ""

    @property
    def words(self) -> str:
        """What it can be found by, the date in words too."""
        year, month, day = [*self.date.split("-"), "", ""][:3]
        name = calendar.month_name[int(month)] if month else ""
        day = day.lstrip("0")
        said = f"{day} {name} {year} {name} {day}, {year}" if name else ""
        return f"{self.id} {self.title} {self.date} {said} {self.within}".casefold()


def documents(root: etree._Element) -> list[Listed]:
    """Every document of the file in order; one called “body” where none is marked as one."""
    found = [
        Listed(
            id=id_,
            title=words_of(child(div, "head")) or _("without a heading"),
            date=period(div)[0],
            within=_chapter(div),
        )
        for id_, div in _by_id(root).items()
    ]
    if not found and _whole(root) is not None:
        found.append(Listed("body", words_of(first(root, "title")) or _("the text of the file")))
    return found


def find(listed: list[Listed], wanted: str) -> list[Listed]:
    """Those with all the words wanted, in any order; a number means the document's own first."""
    wanted = wanted.strip().casefold()
    if wanted.isdecimal() and (numbered := [each for each in listed if each.id == f"d{wanted}"]):
        return numbered
    parts = wanted.split()
    return [each for each in listed if all(part in each.words for part in parts)]


def choose(root: etree._Element, chosen: str) -> tuple[etree._Element, str]:
    """A document and its id; the only one of a file needs none.

    Raises ImportRefused where there is none, or the id is missing or unknown.
    """
    found = _by_id(root)
    if not found:
        whole = _whole(root)
        if whole is None:
            raise ImportRefused(
                _(
                    "No document was found in it: it has neither a div of the type “document” nor a body."  # noqa: E501
                )
            )
        found = {"body": whole}
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


def _by_id(root: etree._Element) -> dict[str, etree._Element]:
    """Where two have one id, the second has its number too, so that neither is lost."""
    found: dict[str, etree._Element] = {}
    divs = (div for div in each(root, "div") if div.get("type") == "document")
    for number, div in enumerate(divs, start=1):
        id_ = div.get(XML_ID) or f"document-{number}"
        found[f"{id_}-{number}" if id_ in found else id_] = div
    return found


def _whole(root: etree._Element) -> etree._Element | None:
    """All of a file in which no document is marked, what stands before and behind it too."""
    if tag(root) in ("div", "body", "text"):
        return root
    text = first(root, "text")
    return text if text is not None else first(root, "body")


def _chapter(div: etree._Element) -> str:
    above = next(div.iterancestors("{*}div"), None)
    return words_of(child(above, "head")) if above is not None else ""


def period(document: etree._Element) -> tuple[str, str]:
    """The first and the last day (or month, or year) it may be of; empty where none is said."""
    own = {str(name).rpartition("}")[2]: str(value) for name, value in document.attrib.items()}
    earliest, latest = own.get("doc-dateTime-min", ""), own.get("doc-dateTime-max", "")
    dates = [date for line in each(document, "dateline") for date in each(line, "date")]
    for date in dates + [date for date in each(document, "date") if not in_note(date)]:
        if earliest:
            break
        for begin, end in (("when", "when"), ("from", "to"), ("notBefore", "notAfter")):
            if date.get(begin):
                earliest, latest = date.get(begin, ""), date.get(end, "")
                break
    first_day = _day(earliest)
    return first_day, _day(latest) or first_day


def _day(moment: str) -> str:
    match = re.match(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-\d{2})?)?(?!\d)", moment)
    return match[0] if match else ""
