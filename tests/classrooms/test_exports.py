"""No cell, header or file name of an export does anything but stand there."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.classrooms.exports import csv_lines, csv_response, file_name, safe_cell, xlsx_response

DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\u00a0=1",
    "\ufeff=1",
    "＝1",
    '=HYPERLINK("http://x","y")',
    "-2+3+cmd|' /C calc'!A0",
    "+44 20 7946 0000",
]
HARMLESS = ["Amara", "1-1", "O'Brien", "Ö=1", "", "50%", "a\nb", "'quoted'"]
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_csv(response: Any) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def read_xlsx(response: Any) -> list[list[Any]]:
    """The cells of the first sheet: str, or Decimal for numbers. Fails where one is a formula."""
    with zipfile.ZipFile(io.BytesIO(response.content)) as book:
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314
        names = set(book.namelist())
        shared = []
        if "xl/sharedStrings.xml" in names:
            table = ET.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314
            shared = ["".join(t.text or "" for t in si.iter(f"{MAIN}t")) for si in table]
    assert not [name for name in names if "external" in name.lower() or "vba" in name.lower()]
    assert not list(sheet.iter(f"{MAIN}f"))
    assert not list(sheet.iter(f"{MAIN}hyperlink"))
    rows = []
    for row in sheet.iter(f"{MAIN}row"):
        cells: list[Any] = []
        for cell in row:
            at = _column(cell.get("r") or "")
            cells += [""] * (at - len(cells))
            value = cell.findtext(f"{MAIN}v")
            if cell.get("t") == "inlineStr":
                cells.append("".join(t.text or "" for t in cell.iter(f"{MAIN}t")))
            elif cell.get("t") == "s":
                cells.append(shared[int(value or 0)])
            else:
                cells.append("" if value is None else Decimal(value))
        rows.append(cells)
    return rows


def _column(place: str) -> int:
    number = 0
    for letter in re.sub(r"\d", "", place):
        number = number * 26 + ord(letter) - 64
    return number - 1


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


@pytest.mark.parametrize("number", [0, -1, 1.5, Decimal("-2.5"), Decimal(100)])
def test_numbers_stay_numbers(number: Any) -> None:
    assert safe_cell(number) is number


@given(st.text())
def test_no_text_ever_begins_like_a_formula(text: str) -> None:
    safe = str(safe_cell(text))
    assert not safe.lstrip(" \u00a0\u3000\ufeff\u200b").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert safe.removeprefix("'") in (text.replace("\0", ""), text.replace("\0", "")[1:])


def test_csv_carries_every_cell_through() -> None:
    rows: list[list[Any]] = [DANGEROUS, HARMLESS, [1, Decimal("2.5"), None]]
    found = read_csv(csv_response("table", rows))
    assert found == [[f"'{text}" for text in DANGEROUS], HARMLESS, ["1", "2.5", ""]]


def test_csv_is_made_while_it_is_sent() -> None:
    taken = []

    def rows() -> Iterable[list[Any]]:
        for number in range(3):
            taken.append(number)
            yield [number]

    lines = csv_lines(rows())
    assert [next(lines), next(lines)] == ["\ufeff", "0\r\n"]
    assert taken == [0]


def test_xlsx_holds_text_as_text_and_numbers_as_numbers() -> None:
    rows: list[list[Any]] = [DANGEROUS, HARMLESS, [1, Decimal("83.3"), None, "http://x.example"]]
    response = xlsx_response("table", "Grade[s]: 'all'", rows)
    found = read_xlsx(response)
    assert [text.replace("_x000D_", "\r") for text in found[0]] == [
        f"'{text}" for text in DANGEROUS
    ]
    assert found[1] == HARMLESS
    assert found[2] == [1, Decimal("83.3"), "", "http://x.example"]


def test_a_cell_longer_than_a_workbook_takes_is_cut() -> None:
    found = read_xlsx(xlsx_response("table", "t", [["x" * 40_000]]))
    assert len(found[0][0]) == 32_767


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("11B Spring 2026", "11b-spring-2026.csv"),
        ('a"; filename="evil.exe', "a-filenameevilexe.csv"),
        ("../../etc/passwd", "etcpasswd.csv"),
        ("История", "table.csv"),
        ("a\r\nSet-Cookie: b", "a-set-cookie-b.csv"),
        ("\u202egnp.exe", "gnpexe.csv"),
        ("x" * 300, "x" * 80 + ".csv"),
    ],
)
def test_a_file_name_is_letters_digits_and_hyphens(name: str, file: str) -> None:
    assert file_name(name, "csv") == file
    assert csv_response(name, [])["Content-Disposition"] == f'attachment; filename="{file}"'
