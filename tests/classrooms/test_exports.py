"""Cells that no spreadsheet runs, and tables sent while they are made."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.classrooms.exports import csv_lines, csv_response, safe_cell

ATTACKS = [
    "=1+1",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "＝1",
    "\u00a0=HYPERLINK()",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_what_opens_like_a_formula_is_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["Amara", "a=b", "50%", "–", "11b-07", "", "3. What?"])
def test_other_text_stays_as_it_is(value: str) -> None:
    assert safe_cell(value) == value


def test_numbers_stay_numbers() -> None:
    assert safe_cell(-3) == -3
    assert safe_cell(Decimal("-0.10")) == Decimal("-0.10")
    assert safe_cell(None) == ""


def test_no_cell_holds_a_nul() -> None:
    assert safe_cell("a\x00b") == "ab"


@given(st.lists(st.lists(st.text(), min_size=1, max_size=4), max_size=6))
def test_no_line_opens_a_cell_with_a_sign_of_a_formula(rows: list[list[str]]) -> None:
    text = "".join(csv_lines(rows)).removeprefix("\ufeff")
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))


def test_rows_are_read_while_they_are_sent() -> None:
    read = []

    def rows() -> Iterator[list[str]]:
        for n in range(3):
            read.append(n)
            yield [str(n)]

    response = csv_response("Klasse “11b” =1", rows())
    assert response["Content-Disposition"] == 'attachment; filename="klasse-11b-1.csv"'
    assert read == []
    parts = iter(response.streaming_content)
    assert next(parts) == b"\xef\xbb\xbf"
    assert next(parts) == b"0\r\n"
    assert read == [0]
