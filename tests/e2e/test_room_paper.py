"""Handouts, findings and pages for teachers, in a browser and on paper."""

import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import Watch
from .lesson import (
    LESSON,
    PRACTICE,
    Answer,
    Mouse,
    check,
    enter,
    open_step,
    question,
    start_quiz,
    ticks,
    without_script,
)
from .test_accessibility import Axe, assert_no_sideways_scrolling, in_every_look

PRINT = f"{LESSON}print/"
FINDINGS = f"{LESSON}findings/"
TEACHERS = "/modules/between-the-blocs/teachers/"
GUIDE = f"{TEACHERS}the-letter-and-the-middle-position/"
# The paper less the margins of site.css, in CSS pixels (96 to the inch): 170 and 175.9 mm.
PAPERS = {"A4": 643, "Letter": 665}
KEY = "Answer key"


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def size_of(pdf: bytes) -> tuple[int, int]:
    found = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf)
    assert found is not None
    return round(float(found[1])), round(float(found[2]))


def titles_in(pdf: bytes) -> str:
    """The words of the PDF's own structure: its outline and title, where they can be read."""
    parts = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b" ".join(parts).decode("latin-1")


def give_answers(page: Page) -> None:
    """Three first answers: one sure and wrong, then right; one wrong; one in own words."""
    first, right = PRACTICE["a-letter-arrives"][0]
    place = open_step(page, "a-letter-arrives")
    place.get_by_label("sure", exact=True).check()
    check(page, 1, first)
    check(page, 1, right)
    open_step(page, "at-first-glance")
    check(page, 1, PRACTICE["at-first-glance"][0][0])
    open_step(page, "in-your-own-words")
    check(page, 1, Answer(words="For himself, mostly."))


# --- Machines that see badly -------------------------------------------------------------------


def test_handout_is_clean(page: Page, axe: Axe) -> None:
    page.goto(PRINT)
    in_every_look(page, axe)


def test_key_and_guides_are_clean(page: Page, axe: Axe) -> None:
    enter(page, "instructor")
    for address in (f"{PRINT}?key=1", TEACHERS, GUIDE, LESSON, "/modules/between-the-blocs/"):
        page.goto(address)
        in_every_look(page, axe)


def test_findings_are_clean_empty_and_full(page: Page, axe: Axe) -> None:
    page.goto(FINDINGS)
    in_every_look(page, axe)
    give_answers(page)
    page.goto(FINDINGS)
    expect(page.locator(".finding")).to_have_count(3)
    in_every_look(page, axe)


@pytest.mark.parametrize("address", [PRINT, FINDINGS])
def test_page_reflows_at_320_pixels(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(address)
    assert_no_sideways_scrolling(page)


# --- Paper -------------------------------------------------------------------------------------


@pytest.mark.parametrize("lesson", ["whose-record-is-it", "the-letter-and-the-middle-position"])
@pytest.mark.parametrize("paper", list(PAPERS))
def test_nothing_is_cut_on_paper(page: Page, paper: str, lesson: str) -> None:
    page.goto(f"/lessons/{lesson}/print/")
    page.set_viewport_size({"width": PAPERS[paper], "height": 900})
    page.emulate_media(media="print")
    assert_no_sideways_scrolling(page)
    # A line of the record is one line of the sheet, and its number stands beside it.
    torn = page.evaluate(
        """() => [...document.querySelectorAll(".line")].filter(line => {
          const high = parseFloat(getComputedStyle(line).lineHeight);
          return line.getBoundingClientRect().height > 1.5 * high;
        }).map(line => line.textContent)"""
    )
    assert torn == []
    assert page.locator(".line[data-line]").count() > 5
    for part in (".masthead", ".foot", ".paper-bar", ".demo-bar"):
        expect(page.locator(part).first).to_be_hidden()
    expect(page.locator(".blank").first).to_be_visible()
    expect(page.locator(".ruled > div").first).to_be_visible()


@pytest.mark.parametrize(("paper", "size"), [("A4", (595, 842)), ("Letter", (612, 792))])
def test_student_prints_the_sheet_without_the_key(
    page: Page, paper: str, size: tuple[int, int]
) -> None:
    page.goto(PRINT)
    pdf = page.pdf(format=paper, tagged=True, outline=True)
    assert abs(size_of(pdf)[0] - size[0]) <= 1
    assert abs(size_of(pdf)[1] - size[1]) <= 1
    assert pages_of(pdf) > 3
    assert KEY not in page.content()
    assert KEY not in titles_in(pdf)


def test_key_is_on_pages_of_its_own(page: Page) -> None:
    enter(page, "instructor")
    page.goto(PRINT)
    without = pages_of(page.pdf(format="A4"))
    page.get_by_role("link", name="With the answer key").click()
    expect(page.get_by_role("heading", name=KEY)).to_be_visible()
    pdf = page.pdf(format="A4", tagged=True, outline=True)
    assert pages_of(pdf) > without
    assert KEY in titles_in(pdf)
    page.emulate_media(media="print")
    assert page.locator("#key").evaluate("el => getComputedStyle(el).breakBefore") == "page"


def test_print_button_prints_and_needs_a_script(
    page: Page, new_context: Callable[..., Any]
) -> None:
    page.add_init_script("window.printed = 0; window.print = () => { window.printed += 1; };")
    page.goto(PRINT)
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed") == 1
    plain = without_script(new_context)
    plain.goto(PRINT)
    expect(plain.locator("[data-print]")).to_be_hidden()
    assert plain.locator(".line[data-line='25']").inner_text() != ""


def test_lines_flow_on_a_phone_and_keep_their_numbers(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(PRINT)
    line = page.locator("#p3 .line[data-line='25']")
    assert line.evaluate("el => getComputedStyle(el).display") == "inline"
    assert line.evaluate("el => getComputedStyle(el, '::before').content").startswith('"25"')
    page.set_viewport_size({"width": 1280, "height": 740})
    assert line.evaluate("el => getComputedStyle(el).display") == "block"


# --- Findings ----------------------------------------------------------------------------------


def test_findings_without_a_script(new_context: Callable[..., Any]) -> None:
    page = without_script(new_context)
    first, right = PRACTICE["a-letter-arrives"][0]
    place = open_step(page, "a-letter-arrives")
    for answer in (first, right):
        Mouse(page).answer(1, answer)
        if answer is first:
            place.get_by_label("sure", exact=True).check()
        question(page).locator("form").first.locator("button[type=submit]").click()
    page.goto(LESSON)
    page.get_by_role("link", name="My findings").click()
    groups = page.locator(".finding-group h2")
    expect(groups).to_have_count(1)
    expect(groups).to_have_text("You were sure, and the record has it otherwise")
    expect(page.locator(".answer-rows dt")).to_have_text(["First answer", "Last answer"])
    page.locator(".finding .about a").click()
    expect(page).to_have_url(re.compile(r"/a-letter-arrives/#p1$"))


def test_last_step_leads_to_the_findings(page: Page, watch: Watch) -> None:
    start_quiz(page)
    Mouse(page).answer(4, ticks("It has made a long passage short"))
    page.get_by_role("button", name="Check your answers").click()
    page.get_by_role("button", name="Hand in").click()
    page.locator(".turn").get_by_role("link", name="My findings").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My findings")
    assert page.locator(".finding").count() > 3


def test_first_answer_comes_again_at_the_last_lesson(page: Page, axe: Axe) -> None:
    last = "/lessons/peace-and-what-came-after/your-answer-now/"
    page.goto(last)
    expect(page.locator(".earlier")).to_contain_text("You have not written one.")
    page.locator(".earlier a").click()
    expect(page).to_have_url(re.compile("/whose-record-is-it/first-answer/$"))
    check(page, 1, Answer(words="A place between the blocs, I think."))
    page.goto(last)
    expect(page.locator(".earlier blockquote")).to_have_text("A place between the blocs, I think.")
    in_every_look(page, axe)
    check(page, 1, Answer(words="A better bargain."))
    expect(page.locator(".earlier blockquote")).to_be_visible()
    page.goto("/lessons/peace-and-what-came-after/findings/")
    expect(page.locator(".side-by-side blockquote")).to_have_text(
        ["A place between the blocs, I think.", "A better bargain."]
    )
    in_every_look(page, axe)


# --- For teachers ------------------------------------------------------------------------------


def test_contents_of_a_guide_lead_to_its_parts(page: Page) -> None:
    enter(page, "instructor")
    page.goto("/modules/between-the-blocs/")
    page.get_by_role("link", name="For teachers").click()
    page.goto(GUIDE)
    link = page.locator(".on-this-page a").nth(1)
    name = link.inner_text()
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("h2:target")).to_have_text(name)
    page.emulate_media(media="print")
    expect(page.locator(".on-this-page")).to_be_hidden()
