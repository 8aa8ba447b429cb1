"""Lists as schools have them: encodings, delimiters, headings or none, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.classrooms.roster_text import (
    MOST_BYTES,
    MOST_ROWS,
    RosterRow,
    UnreadableRoster,
    decode_roster,
    name_key,
    parse_roster,
)

Row = tuple[str, str, str]


def read(text: str) -> list[Row]:
    rows = parse_roster(text)
    assert [row.problems for row in rows] == [[] for _row in rows]
    return [(row.name, row.email, row.number) for row in rows]


def problems(text: str) -> list[list[str]]:
    return [row.problems for row in parse_roster(text)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_files_are_read(encoding: str) -> None:
    text = "Name;Number\nЗоя Ким;17\nZoë Łuk;18\n"
    assert decode_roster(text.encode(encoding)).removeprefix("\ufeff") == text


def test_windows_1252_is_read() -> None:
    assert decode_roster("Zoë;Müller – “A”\n".encode("cp1252")) == "Zoë;Müller – “A”\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04rest", "spreadsheet itself"),
        (b"\xd0\xcf\x11\xe0rest", "spreadsheet itself"),
        (b"a" * (MOST_BYTES + 1), "too large"),
        (b"A\x81\xff\xfeB", "not text"),
        (b"\xff\xfe\x00\xd8", "not text"),
    ],
)
def test_what_is_no_list_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableRoster, match=words):
        decode_roster(data)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_columns_are_told_by_their_headings_in_any_order(delimiter: str, end: str) -> None:
    lines = [
        ["E-Mail", "Student ID", "Full name"],
        ["a@b.example", "007", "Ana Sá"],
        ["", "8", "B"],
    ]
    text = end.join(delimiter.join(cells) for cells in lines)
    assert read(text) == [("Ana Sá", "a@b.example", "007"), ("B", "", "8")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_are_told_by_what_stands_in_them(delimiter: str) -> None:
    lines = [["0017", "Ana Sá", "ana@b.example"], ["0018", "Bo Lee", ""], ["", "Cy Ng", ""]]
    text = "\n".join(delimiter.join(cells) for cells in lines)
    assert read(text) == [
        ("Ana Sá", "ana@b.example", "0017"),
        ("Bo Lee", "", "0018"),
        ("Cy Ng", "", ""),
    ]


def test_names_alone_are_a_list() -> None:
    assert read("Ana Sá\n\n  Bo   Lee \nLi") == [
        ("Ana Sá", "", ""),
        ("Bo Lee", "", ""),
        ("Li", "", ""),
    ]


def test_first_and_last_names_become_one_name() -> None:
    assert read("Surname,First name\nSá,Ana\nLee,Bo") == [("Ana Sá", "", ""), ("Bo Lee", "", "")]


def test_quoted_cells_hold_delimiters() -> None:
    assert read('Name;Number\n"Sá; Ana";1\n"Lee ""Bo""";2') == [
        ("Sá; Ana", "", "1"),
        ('Lee "Bo"', "", "2"),
    ]


def test_unknown_columns_are_left_alone() -> None:
    assert read("Name,House,Number\nAna,=Blue,1") == [("Ana", "", "1")]


def test_number_kept_as_text_is_unwrapped() -> None:
    assert read('Name,Number\nAna,"=""0042"""') == [("Ana", "", "0042")]


@pytest.mark.parametrize(
    "cell", ["=1+1", "+49 30", "-1", "@SUM(A1)", '=HYPERLINK("http://x.example")']
)
def test_formulas_are_refused(cell: str) -> None:
    text = f'Name\tNumber\n"{cell.replace(chr(34), chr(34) * 2)}"\t1'
    (found,) = problems(text)
    assert found == [f"“{cell}” reads like a formula"]


def test_rows_say_what_is_wrong_with_them() -> None:
    assert problems(
        "Name;E-mail;Number\n"
        ";a@b.example;1\n"
        "-;;\n"
        f"{'x' * 121};;2\n"
        "Ana;not-mail;3\n"
        "Bo\x07;;4\n"
        "Cy;;5;extra"
    ) == [
        ["no name"],
        ["“-” reads like a formula"],
        [f"“{'x' * 40}…” is too long"],
        ["“not-mail” is no e-mail address"],
        ["characters that cannot be seen, or a line break"],
        ["more columns than the other rows have"],
    ]


def test_one_number_or_address_for_two_names_is_to_mend() -> None:
    assert problems("Name;E-mail;Number\nAna;;1\nBo;;1\nCy;c@d.example;\nDi;C@D.example;") == [
        [],
        ["line 2 has this student number for another name"],
        [],
        ["line 4 has this e-mail address for another name"],
    ]


def test_lines_are_counted_as_a_spreadsheet_counts_them() -> None:
    assert [row.line for row in parse_roster("Name\n\nAna\n\n\nBo")] == [3, 6]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "nobody"),
        (" \n\n \t\n", "nobody"),
        ("Name;Number", "nobody under them"),
        ("E-mail\na@b.example", "No column of names"),
        ("Ana\0Bo", "cannot be seen"),
        ("é" * MOST_BYTES, "too long"),
        ("\n".join(f"N {n}x" for n in range(MOST_ROWS + 1)).replace("x", ""), "2001 rows"),
        ('"' + "a" * 140_000, "quotation mark"),
    ],
)
def test_texts_without_rows_are_refused(text: str, words: str) -> None:
    with pytest.raises(UnreadableRoster, match=words):
        parse_roster(text)


def test_two_thousand_rows_are_read() -> None:
    rows = parse_roster("Name,Number\n" + "\n".join(f"Ana {n},{n}" for n in range(MOST_ROWS)))
    assert len(rows) == MOST_ROWS


def test_unclosed_quote_is_a_row_to_mend() -> None:
    (row,) = parse_roster('Name;Number\n"Ana;1\nBo;2')
    assert row.problems == ["characters that cannot be seen, or a line break"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Ana Sá", "1"), ("ana  sá", ""), True),
        (("Ana Sá", "1"), ("Ana Sá", "2"), False),
        (("Ana Sá", "1"), ("Bo", "1"), True),
        (("Ana", ""), ("Bo", ""), False),
    ],
)
def test_who_is_the_same(one: Row, other: Row, same: bool) -> None:
    row = RosterRow(1, name=one[0], number=one[1])
    assert row.is_same_as(other[0], other[1]) is same


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        rows = parse_roster(text)
    except UnreadableRoster:
        pass
    else:
        assert 0 < len(rows) <= MOST_ROWS
        for row in rows:
            if not row.problems:
                assert row.name
                assert name_key(row.name)
                assert "\n" not in row.name + row.email + row.number
                assert row.name[0] not in "=+-@\t\r"


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        text = decode_roster(data)
    except UnreadableRoster:
        pass
    else:
        assert len(text) <= len(data)  # a sign takes a byte or more


NAMES = st.lists(
    st.text("abcdefghijкмнöéß '", min_size=1, max_size=20).filter(lambda name: name.strip(" '")),
    min_size=2,
    max_size=10,
    unique_by=name_key,
)


@given(NAMES, st.sampled_from([",", ";", "\t"]), st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
def test_a_written_list_is_read_again(names: list[str], delimiter: str, encoding: str) -> None:
    text = "\r\n".join(
        [f"Name{delimiter}Number"] + [f"{n}{delimiter}7{i}" for i, n in enumerate(names)]
    )
    rows = parse_roster(decode_roster(text.encode(encoding)))
    assert [(row.name, row.number) for row in rows] == [
        (" ".join(name.split()), f"7{i}") for i, name in enumerate(names)
    ]
