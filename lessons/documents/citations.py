"""How a document is cited. Pure functions of a document and the people's hands in it.

A citation keeps the mediation: the words of a record are cited as its speakers', *as recorded by*
somebody, translated by somebody. Names are never turned round ("Khrushchev, N. S."), since nothing
says which part of a name is the family's; machine formats therefore carry them as literals.
Citations are English whatever the language of the page: they are copied into other texts.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .models import Document, Participation
from .models.people import DatePrecision

# fmt: off
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)
MLA_MONTHS = (
    "Jan.", "Feb.", "Mar.", "Apr.", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.",
)
BIBTEX_MONTHS = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)
# fmt: on


class Style(StrEnum):
    CHICAGO = "chicago"
    MLA = "mla"
    BIBTEX = "bibtex"
    CSL_JSON = "csl-json"


@dataclass(frozen=True, slots=True)
class Download:
    content_type: str
    extension: str


DOWNLOADS = {
    Style.BIBTEX: Download("application/x-bibtex; charset=utf-8", "bib"),
    Style.CSL_JSON: Download("application/vnd.citationstyles.csl+json", "json"),
}
"""The styles that programs read: their answers are files."""

LABELS = {
    Style.CHICAGO: "Chicago",
    Style.MLA: "MLA",
    Style.BIBTEX: "BibTeX",
    Style.CSL_JSON: "CSL-JSON",
}


@dataclass(frozen=True, slots=True)
class Hands:
    """Who spoke, who interpreted and who recorded, as the document names them, in its order."""

    speakers: tuple[str, ...]
    interpreters: tuple[str, ...]
    recorders: tuple[str, ...]


def hands(participations: Iterable[Participation]) -> Hands:
    ordered = sorted(participations, key=lambda hand: (hand.order, hand.key))

    def named(role: Participation.Role) -> tuple[str, ...]:
        return tuple(hand.named_as for hand in ordered if hand.role == role)

    return Hands(
        speakers=named(Participation.Role.SPEAKER),
        interpreters=named(Participation.Role.INTERPRETER),
        recorders=named(Participation.Role.RECORDER),
    )


def cite(style: Style, document: Document, participations: Iterable[Participation]) -> str:
    """The citation in one style, as plain text; BibTeX and CSL-JSON end with a line break."""
    return _WRITERS[style](document, hands(participations))


def chicago(document: Document, people: Hands) -> str:
    """A full note after the Chicago Manual of Style (17th edition, 14.221–231)."""
    parts = [
        *_spoken(people),
        f"“{_inner_quotes(document.title)},”",
        _date(document, MONTHS, "{month} {day}, {year}"),
        _by("trans.", [document.translator]),
        _by("contributed by", [document.contributor]),
        archive(document),
        document.published_by,
        document.source_address,
    ]
    return _sentence(parts)


def mla(document: Document, people: Hands) -> str:
    """A works-cited entry after the MLA Handbook (9th edition), beginning with the title."""
    within = [
        *_spoken(people),
        _by("translated by", [document.translator]),
        _by("contributed by", [document.contributor]),
        _date(document, MLA_MONTHS, "{day} {month} {year}"),
        archive(document),
    ]
    container = [document.published_by, document.source_address]
    first = f"“{_inner_quotes(document.title)}.”"
    return " ".join([first, *(_sentence(parts) for parts in (within, container) if any(parts))])


def bibtex(document: Document, people: Hands) -> str:
    """An entry of BibTeX; what has no field of its own stands in `note`."""
    note = [
        _capital(_by("as recorded by", people.recorders)),
        _by("interpreted by", people.interpreters),
        _by("translated by", [document.translator]),
        _by("contributed by", [document.contributor]),
        archive(document),
    ]
    fields = [
        ("author", " and ".join(f"{{{_tex(name)}}}" for name in people.speakers)),
        ("title", f"{{{_tex(document.title)}}}"),
        ("year", str(document.date.year)),
        ("note", _tex("; ".join(part for part in note if part))),
        ("howpublished", _tex(document.published_by)),
        ("language", _tex(document.language)),
        ("url", re.sub(r"[{}\\\s]", "", document.source_address)),
    ]
    lines = [f"  {name} = {{{value}}}" for name, value in fields if value]
    if document.date_precision != DatePrecision.YEAR:
        # A month is a macro of BibTeX: it stands without braces.
        lines.insert(3, f"  month = {BIBTEX_MONTHS[document.date.month - 1]}")
    if document.date_precision == DatePrecision.DAY:
        lines.insert(4, f"  day = {{{document.date.day}}}")
    body = ",\n".join(lines)
    return f"@misc{{{document.key},\n{body}\n}}\n"


def csl_json(document: Document, people: Hands) -> str:
    """A list of one CSL-JSON item (schema 1.0.2)."""
    date = [document.date.year]
    if document.date_precision != DatePrecision.YEAR:
        date.append(document.date.month)
    if document.date_precision == DatePrecision.DAY:
        date.append(document.date.day)
    note = [
        _capital(_by("as recorded by", people.recorders)),
        _by("interpreted by", people.interpreters),
    ]
    item: dict[str, Any] = {
        "id": document.key,
        "type": "document",
        "title": document.title,
        "author": [{"literal": name} for name in people.speakers],
        "translator": [{"literal": document.translator}] if document.translator else [],
        "contributor": [{"literal": document.contributor}] if document.contributor else [],
        "issued": {"date-parts": [date]},
        "genre": document.genre,
        "archive": document.repository,
        "archive_location": archive(document),
        "publisher": document.published_by,
        "language": document.language,
        "URL": document.source_address,
        "note": "; ".join(part for part in note if part),
    }
    kept = {name: value for name, value in item.items() if value}
    return json.dumps([kept], ensure_ascii=False, indent=2) + "\n"


_WRITERS = {
    Style.CHICAGO: chicago,
    Style.MLA: mla,
    Style.BIBTEX: bibtex,
    Style.CSL_JSON: csl_json,
}


def archive(document: Document) -> str:
    """Where the paper lies: the reference as the archive writes it, or put together."""
    if document.archival_reference:
        return document.archival_reference
    parts = [
        document.repository,
        document.fond and f"f. {document.fond}",
        document.opis and f"op. {document.opis}",
        document.delo and f"d. {document.delo}",
        document.leaves and f"ll. {document.leaves}",
    ]
    return ", ".join(part for part in parts if part)


def _spoken(people: Hands) -> list[str]:
    """["A and B", "as recorded by C"]: whose words, and through whose hands."""
    return [
        _names(people.speakers),
        _by("as interpreted by", people.interpreters),
        _by("as recorded by" if people.speakers else "recorded by", people.recorders),
    ]


def _by(phrase: str, names: Sequence[str]) -> str:
    listed = _names([name for name in names if name])
    return f"{phrase} {listed}" if listed else ""


def _names(names: Sequence[str]) -> str:
    """A; A and B; A, B, and C."""
    if len(names) < 3:
        return " and ".join(names)
    return f"{', '.join(names[:-1])}, and {names[-1]}"


def _date(document: Document, months: Sequence[str], form: str) -> str:
    """The date as far as it is known; `form` places day, month and year."""
    date = document.date
    month = months[date.month - 1]
    if document.date_precision == DatePrecision.YEAR:
        return str(date.year)
    if document.date_precision == DatePrecision.MONTH:
        return f"{month} {date.year}"
    return form.format(day=date.day, month=month, year=date.year)


def _sentence(parts: Iterable[str]) -> str:
    """Parts with commas between them and a full stop; a comma inside a closing quote counts."""
    text = ", ".join(part for part in parts if part).replace(",”,", ",”")
    return _capital(text) + ("" if text.endswith(".") else ".")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _inner_quotes(title: str) -> str:
    """Quotation marks inside a quoted title become single ones."""
    title = title.replace("“", "‘").replace("”", "’")
    return re.sub(r'"([^"]*)"', r"‘\1’", title)


_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def _tex(text: str) -> str:
    """Text that BibTeX and TeX read as these characters; white space is folded."""
    folded = " ".join(text.split())
    return "".join(_TEX.get(character, character) for character in folded)
