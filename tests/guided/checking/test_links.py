"""Addresses and paragraph numbers in texts, and what they lead to."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.guided.checking import Content, read_content
from lessons.guided.checking.links import Targets, hrefs, paragraph_numbers

DOCUMENT = "/documents/khrushchev-hussein-1958-04-19/"
LETTER = "/lessons/the-letter-and-the-middle-position/"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("¶3", [3]),
        ("in ¶1–3 and ¶ 12", [1, 3, 12]),
        ("¶3, 8 and 9", [3, 8, 9]),
        ("¶¶3, 5–6", [3, 5, 6]),
        ("¶3, 12 April 1958", [3, 12]),
        ("¶7, which has two", [7]),
        ("3 paragraphs", []),
    ],
)
def test_paragraph_numbers_are_read_as_they_are_written(text: str, numbers: list[int]) -> None:
    assert list(paragraph_numbers(text)) == numbers


@given(st.lists(st.integers(1, 99), min_size=1, max_size=5))
def test_any_list_of_paragraphs_is_read_again(numbers: list[int]) -> None:
    assert list(paragraph_numbers(f"See ¶{', '.join(map(str, numbers))}.")) == numbers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no link", []),
        ("[one](/a/) and *[two](term:bloc)*", ["/a/", "term:bloc"]),
        ("- [in a list](#p3)\n\n> <https://example.org/>", ["#p3", "https://example.org/"]),
        ("`[code](/a/)` and \\[not](/b/)", []),
        ("[script](javascript:alert)", ["javascript:alert"]),
    ],
)
def test_links_are_those_that_markdown_has(text: str, found: list[str]) -> None:
    assert list(hrefs(text)) == found


@given(st.text(max_size=30))
def test_any_address_is_judged_and_where_there_is_nothing_no_key_leads_there(typed: str) -> None:
    nothing: Any = {field.name: [] for field in dataclasses.fields(Content) if field.init}
    targets = Targets(Content(**nothing))
    targets.leads_nowhere(typed)  # raises nothing
    assert targets.leads_nowhere(f"term:{typed}")


@pytest.fixture
def content(db: None) -> Content:
    return read_content()


@pytest.mark.parametrize(
    "href",
    [
        "/",
        "/glossary/",
        DOCUMENT,
        f"{DOCUMENT}?cite=mla#p14",
        f"{DOCUMENT}#passage-summary",
        f"{DOCUMENT}#n-p1-chairman",
        f"{DOCUMENT}provenance/",
        LETTER,
        f"{LETTER}at-first-glance/#p2",
        f"{LETTER}print/",
        "/modules/between-the-blocs/",
        "/modules/between-the-blocs/teachers/what-we-know-and-how/",
        "/people/noon/",
        "#p1",
        "/glossary/#term-baghdad-pact",
        "/timeline/#e-seato-treaty",
        "/map/#place-karachi",
        "term:baghdad-pact",
        "person:khrushchev",
        "https://example.org/anywhere#at-all",
        "//example.org/",
        "mailto:editors@example.org",
    ],
)
def test_a_link_to_what_exists_leads_there(content: Content, href: str) -> None:
    assert not Targets(content).leads_nowhere(href)


@pytest.mark.parametrize(
    "href",
    [
        "glossary/",
        "/glossary",
        "/documents/lost/",
        f"{DOCUMENT}#p15",
        f"{LETTER}lost/",
        "/lessons/lost/print/",
        "/modules/lost/",
        "/modules/between-the-blocs/teachers/lost/",
        "/people/lost/",
        "#lost",
        "term:lost",
        "person:lost",
        "javascript:alert(1)",
        "ftp://example.org/",
        "http://[example.org/",
        "/%00",
    ],
)
def test_a_link_to_nothing_leads_nowhere(content: Content, href: str) -> None:
    assert Targets(content).leads_nowhere(href)
