"""A list of learners as people have it: a file or pasted text, read into rows. Pure.

Columns are told by their heading or, without headings, by what stands in them: an e-mail address
has an @, a student number a digit, everything else is the name.
"""

import csv
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from io import StringIO

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from lessons.core.forms import validate_one_line

MOST_ROWS = 2000
MOST_BYTES = 400_000
"""Of a file, and of its text in UTF-8: about 200 bytes a row, and less than a form may send."""
NAME_LENGTH, NUMBER_LENGTH, EMAIL_LENGTH = 120, 40, 254
FORMULA = ("=", "+", "-", "@")
DELIMITERS = ("\t", ";", ",")

HEADINGS = {
    "name": "name full_name fullname student student_name learner pupil display_name",
    "first": "first first_name firstname given_name given_names forename forenames",
    "last": "last last_name lastname surname family_name",
    "email": "email e_mail mail email_address e_mail_address student_email",
    "number": "number no nr student_number student_no student_nr student_id id matriculation_number"
    " roll_number roll_no admission_number",
}
COLUMNS = {word: kind for kind, words in HEADINGS.items() for word in words.split()}


class UnreadableRoster(Exception):
    """No rows could be read; `str()` says why and what to do."""


@dataclass
class RosterRow:
    """One learner as written down; `line` counts from 1 as a spreadsheet does."""

    line: int
    name: str = ""
    email: str = ""
    number: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def name_key(self) -> str:
        return name_key(self.name)

    def is_same_as(self, name: str, number: str) -> bool:
        """Whether this is the person of that name and number.

        The same number, or the same name where not both have a number of their own.
        """
        if self.number and number:
            return self.number.casefold() == number.casefold()
        return self.name_key == name_key(name)


def name_key(name: str) -> str:
    """A name without case, width and spacing, for telling whether two are the same."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def decode_roster(data: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16 with or without its mark, else Windows-1252.

    Raises UnreadableRoster for spreadsheets themselves, for files too large, and for no text.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableRoster(_("This file is too large for a list of learners."))
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UnreadableRoster(
            _("This is a spreadsheet itself. Save it as CSV there, and choose that file.")
        )
    for encoding in _encodings(data):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableRoster(_("This file is not text. Save the list as CSV (UTF-8)."))


def parse_roster(text: str) -> list[RosterRow]:
    """The rows of a list, each with what is wrong with it; empty lines are left out.

    Raises UnreadableRoster where there are none, or more than MOST_ROWS.
    """
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise UnreadableRoster(_("This is not text: it holds characters that cannot be seen."))
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise UnreadableRoster(_("This list is too long."))
    cells = _cells(text)
    if not cells:
        raise UnreadableRoster(_("There is nobody on this list."))
    columns = _headed(cells[0][1])
    if columns is not None:
        cells = cells[1:]
    else:
        columns = _guessed([row for _line, row in cells])
    if not cells:
        raise UnreadableRoster(_("There are headings on this list, and nobody under them."))
    if len(cells) > MOST_ROWS:
        raise UnreadableRoster(
            _("There are %(count)s rows on this list; %(most)s are read at once.")
            % {"count": len(cells), "most": MOST_ROWS}
        )
    if not {"name", "first", "last"} & set(columns.values()):
        raise UnreadableRoster(_("No column of names was found."))
    rows = [_row(line, row, columns) for line, row in cells]
    _mark_contradictions(rows)
    return rows


# --- From bytes to cells -------------------------------------------------------------------------


def _encodings(data: bytes) -> list[str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ["utf-16"]
    if b"\0" in data:
        # No mark, but half of the bytes of western text are zero: the second or the first of two.
        later = data[1::2].count(0) >= data[0::2].count(0)
        return ["utf-16-le" if later else "utf-16-be"]
    return ["utf-8-sig", "cp1252"]


def _cells(text: str) -> list[tuple[int, list[str]]]:
    """Rows that hold something, with their line; by the delimiter that cuts them most evenly."""
    read = [_split(text, delimiter) for delimiter in DELIMITERS]
    return max(read, key=_evenness)


def _split(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for row in reader:
            cells = [cell.strip(" \u00a0\u3000") for cell in row]
            if any(cells):
                rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error:
        raise UnreadableRoster(
            _("Line %(line)s cannot be read. Is a quotation mark left open?") % {"line": line}
        ) from None
    return rows


def _evenness(rows: list[tuple[int, list[str]]]) -> tuple[int, int]:
    """How many rows have the most common width, where that is more than one column."""
    widths = Counter(len(cells) for _line, cells in rows if len(cells) > 1)
    if not widths:
        return (0, 0)
    width, count = widths.most_common(1)[0]
    return (count, width)


# --- From cells to columns -----------------------------------------------------------------------


def _headed(first: list[str]) -> dict[int, str] | None:
    """Column → kind by the headings of the first row; None where it is no row of headings."""
    words = [re.sub(r"\W+", "_", cell.casefold()).strip("_") for cell in first]
    columns: dict[int, str] = {}
    for index, word in enumerate(words):
        kind = COLUMNS.get(word)
        if kind and kind not in columns.values():
            columns[index] = kind
    return columns or None


def _guessed(rows: list[list[str]]) -> dict[int, str]:
    """Column → kind by what stands in it: most of its cells have an @, or a digit."""
    columns: dict[int, str] = {}
    for index in range(max(map(len, rows))):
        cells = [row[index] for row in rows if index < len(row) and row[index]]
        emails = sum("@" in cell for cell in cells)
        digits = sum(any(sign.isdigit() for sign in cell) for cell in cells)
        if 2 * emails > len(cells) and "email" not in columns.values():
            columns[index] = "email"
        elif 2 * digits > len(cells) and "number" not in columns.values():
            columns[index] = "number"
        elif cells:
            columns[index] = "name"
    if "name" not in columns.values():  # "Pupil 1", "Pupil 2": somebody numbers the names
        columns = {index: "name" if kind == "number" else kind for index, kind in columns.items()}
    return columns


def _row(line: int, cells: list[str], columns: dict[int, str]) -> RosterRow:
    parts: dict[str, list[str]] = {kind: [] for kind in (*HEADINGS,)}
    for index, kind in columns.items():
        if index < len(cells) and cells[index]:
            parts[kind].append(_unwrapped(cells[index]))
    names = [*parts["first"], *parts["name"], *parts["last"]]
    row = RosterRow(
        line,
        name=re.sub("[ \u00a0]+", " ", " ".join(names)).strip(),
        email="".join(parts["email"]),
        number=" ".join(parts["number"]),
    )
    if len(cells) > max(columns) + 1 and any(cells[max(columns) + 1 :]):
        row.problems.append(_("more columns than the other rows have"))
    row.problems += _problems(row)
    return row


def _unwrapped(cell: str) -> str:
    """A number that a spreadsheet was told to keep as text: ="00123" is 00123."""
    found = re.fullmatch(r'="(\w+)"', cell)
    return found[1] if found else cell


def _problems(row: RosterRow) -> list[str]:
    found = []
    if not any(sign.isalpha() for sign in row.name) and not row.name.startswith(FORMULA):
        found.append(_("no name"))
    for text, most in (
        (row.name, NAME_LENGTH),
        (row.email, EMAIL_LENGTH),
        (row.number, NUMBER_LENGTH),
    ):
        if text.startswith(FORMULA):
            found.append(_("“%(text)s” reads like a formula") % {"text": text[:40]})
        if len(text) > most:
            found.append(_("“%(text)s…” is too long") % {"text": text[:40]})
        try:
            validate_one_line(text)
        except ValidationError:
            found.append(_("characters that cannot be seen, or a line break"))
    if row.email and not found:
        try:
            validate_email(row.email)
        except ValidationError:
            found.append(_("“%(text)s” is no e-mail address") % {"text": row.email[:40]})
    return found


def _mark_contradictions(rows: list[RosterRow]) -> None:
    """The same number or e-mail address for two different names is a slip to mend."""
    for attribute, words in (
        ("number", _("line %(line)s has this student number for another name")),
        ("email", _("line %(line)s has this e-mail address for another name")),
    ):
        seen: dict[str, RosterRow] = {}
        for row in rows:
            value = getattr(row, attribute).casefold()
            if not value:
                continue
            first = seen.setdefault(value, row)
            if first.name_key != row.name_key:
                row.problems.append(words % {"line": first.line})
