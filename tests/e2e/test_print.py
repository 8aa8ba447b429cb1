"""On paper: the text and the notes, without the furniture."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .lesson import DOCUMENT, open_step, question, step_address

ADDRESSES = [step_address("a-middle-position"), DOCUMENT]


@pytest.mark.parametrize("address", ADDRESSES, ids=["step", "document"])
def test_paper_holds_text_and_notes_and_no_navigation(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})  # where notes are closed on the screen
    page.goto(address)
    page.emulate_media(media="print")
    for furniture in (".masthead nav", ".demo-bar", ".skip", "nav.turn", "nav.steps", ".foot"):
        for part in page.locator(furniture).all():
            expect(part).to_be_hidden()
    expect(page.locator("#p3")).to_contain_text("a position between the two blocs")
    expect(page.locator("#p3 .body p").last).to_be_visible()
    # The body of a closed <details> has no box in print either, unless the style opens it.
    hidden = page.evaluate(
        """() => [...document.querySelectorAll("#p3 details.note")]
          .filter(note => note.querySelector("summary + div").getBoundingClientRect().height < 5)
          .map(note => note.textContent.trim().slice(0, 60))"""
    )
    assert hidden == []
    for link in page.locator("#p3 .no-print").all():
        expect(link).to_be_hidden()


@pytest.mark.parametrize("address", ADDRESSES, ids=["step", "document"])
def test_page_prints(page: Page, address: str) -> None:
    page.goto(address)
    pdf = page.pdf(format="A4")
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))
    assert pages > 0
    assert pdf.startswith(b"%PDF-")


def test_questions_can_be_answered_on_paper(page: Page) -> None:
    """A school without computers for all hands the step out printed."""
    open_step(page, "a-letter-arrives")
    page.emulate_media(media="print")
    expect(question(page).locator("legend").first).to_be_visible()
    expect(question(page).get_by_text("It comes in Hussein's own name")).to_be_visible()
    expect(question(page).get_by_role("button", name="Check")).to_be_hidden()


def test_dark_screen_prints_dark_on_white(page: Page) -> None:
    page.emulate_media(color_scheme="dark", media="print")
    page.goto(step_address("a-letter-arrives"))
    ink: Callable[..., list[int]] = page.locator("#p1 .body p").last.evaluate
    colour = ink("el => getComputedStyle(el).color.match(/\\d+/g).slice(0, 3).map(Number)")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(colour) < 200, colour
    assert paper in {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
