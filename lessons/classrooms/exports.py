"""Tables that leave the site: safe in every spreadsheet, and sent when they are whole."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.text import slugify

Value = str | int | float | Decimal | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # full-width ones too
_BLANKS = " \u00a0\u3000\ufeff\u200b"
CELL = 32_767
"""Characters that a cell of a workbook holds."""
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
    """A download called `<name>.csv`; made whole before its first byte is sent.

    The server ends a stream that broke off as if it were finished (seen with granian), and a table
    that lacks its last students looks like any other.
    """
    response = StreamingHttpResponse(["".join(csv_lines(rows))], content_type=CSV)
    response["Content-Disposition"] = f'attachment; filename="{file_name(name, "csv")}"'
    return response


def xlsx_response(
    name: str, sheet: str, rows: Iterable[Sequence[Value]], *, heads: int = 1
) -> HttpResponse:
    """A workbook of one sheet called `<name>.xlsx`; its first `heads` rows and first column stay.

    Rows go to the disk as they come; only the finished file, which is compressed, is held whole.
    """
    import xlsxwriter  # here, since nothing else needs it

    file = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(file, {"constant_memory": True, **plain})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    page = book.add_worksheet(_sheet_name(sheet))
    page.freeze_panes(heads, 1)
    page.set_column(0, 0, 28)
    page.set_column(1, 200, 16)
    try:
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                cell = safe_cell(value)
                style = bold if at < heads else None
                if isinstance(cell, str):
                    page.write_string(at, column, cell[:CELL], style)
                else:
                    page.write_number(at, column, float(cell), style)
    finally:
        book.close()  # where the rows broke off too: it holds files on the disk
    response = HttpResponse(file.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{file_name(name, "xlsx")}"'
    return response


def _sheet_name(name: str) -> str:
    """As Excel takes it: at most 31 characters, none of []:*?/\\ and no apostrophe at an end."""
    return "".join(" " if sign in "[]:*?/\\" else sign for sign in name)[:31].strip("' ") or "1"
