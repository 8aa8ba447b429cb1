"""Tables that leave the site: safe in every spreadsheet, and sent while they are made."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from django.http import StreamingHttpResponse
from django.utils.text import slugify

Value = str | int | float | Decimal | None

_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # full-width ones too


def safe_cell(value: Value) -> str | int | float | Decimal:
    """The value as a cell that no spreadsheet runs as a formula.

    Text that opens with a sign of a formula (after spaces too) gets an apostrophe before it, as
    OWASP advises under "CSV injection"; plain numbers, negative ones too, stay numbers. Headers
    are cells.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    text = value.replace("\x00", "")
    if _NUMBER.fullmatch(text):
        return text
    if text.lstrip(" \u00a0\u3000").startswith(_FORMULA) or text.startswith(_FORMULA):
        return f"'{text}"
    return text


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
    response["Content-Disposition"] = f'attachment; filename="{slugify(name) or "table"}.csv"'
    return response
