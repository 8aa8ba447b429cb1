"""Tables that leave the site: safe in every spreadsheet, and sent while they are made."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from django.http import StreamingHttpResponse
from django.utils.text import slugify

Value = str | int | float | Decimal | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # full-width ones too
_BLANKS = " \u00a0\u3000\ufeff\u200b"


def safe_cell(value: Value) -> str | int | float | Decimal:
    """The value as a cell that no spreadsheet runs as a formula.

    Text that opens with a sign of a formula (after spaces too) gets an apostrophe before it, as
    OWASP advises under "CSV injection". Only what comes as a number is a number: a student number
    "+44" or "-1" is text. Headers are cells.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    text = value.replace("\x00", "")
    if text.startswith(_FORMULA) or text.lstrip(_BLANKS).startswith(_FORMULA):
        return f"'{text}"
    return text


def file_name(name: str, kind: str) -> str:
    """Letters, digits and hyphens: no path, quote, line break or direction in a file's name."""
    return f"{slugify(name)[:80].strip('-') or 'table'}.{kind}"


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    """The rows as lines of CSV, the byte order mark first: spreadsheets then read UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([safe_cell(value) for value in row])


def csv_response(name: str, rows: Iterable[Sequence[Value]]) -> StreamingHttpResponse:
    """A download called `<name>.csv`, made row by row as it is sent."""
    response = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name(name, "csv")}"'
    return response
