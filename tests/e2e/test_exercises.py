"""The three exercises in a browser: by keyboard, without scripts, and with axe on each of them."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from .conftest import AXE_TAGS

BASE = "/lessons/between-the-lines/"
STEPS = ("two-lanes", "whose-words", "the-other-cable")


@pytest.mark.parametrize("step", STEPS)
def test_exercise_is_clean_and_fits_a_phone(look: Page, step: str) -> None:
    look.goto(f"{BASE}{step}/")
    found = Axe().run(look, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})
    assert [one["id"] for one in found.response["violations"]] == []
    wide = look.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


def test_lanes_are_answered_by_keyboard_alone(page: Page) -> None:
    page.goto(f"{BASE}two-lanes/")
    page.locator("#q1 select").first.focus()
    for _select in page.locator("#q1 select").all():
        page.keyboard.press("n")  # "no reply recorded"
        page.keyboard.press("Tab")
    page.locator("#q1").get_by_role("button", name="Check").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#q1 .feedback").first).to_be_visible()
    assert page.locator("#q1 .card.right").count() == 5
    assert page.locator("#q1 .card.wrong").count() == 3


def test_cable_is_counted_refused_and_set_beside_the_record(page: Page) -> None:
    page.goto(f"{BASE}the-other-cable/")
    for group in page.locator("#q1 .topic[role=group]").all():
        group.get_by_label("leave out").check()
        group.get_by_label("Your motive").fill("Karachi need not know.")
    cable = page.get_by_label("Your cable", exact=True)
    cable.fill("He spoke of aircraft. " * 10)
    expect(page.locator("#q1-count")).to_have_text("40 words")
    page.get_by_role("button", name="Hand in this answer").click()
    summary = page.locator("#q1 .error-summary")
    expect(summary).to_contain_text("Your cable has 40 words. Write from 80 to 120 words.")
    expect(summary).to_be_focused()
    cable.fill("He spoke of aircraft. " * 20)
    page.get_by_role("button", name="Hand in this answer").click()
    expect(page.locator("#q1 .compare .theirs")).to_have_count(6)
    expect(page.locator("#q1 .notice")).to_contain_text("Written by a student")


def test_voices_and_their_switch_work_without_scripts(
    new_context: Callable[..., BrowserContext],
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{BASE}whose-words/")
    for question in ("q1", "q2"):
        for _time in range(2):
            for group in page.locator(f"#{question}").get_by_role("radiogroup").all():
                group.get_by_label("third-person report").check()
            page.locator(f"#{question}").get_by_role("button", name="Check").click()
    page.get_by_role("link", name="quoted phrase").click()
    assert page.url.endswith("?voice=quoted#text")
    assert page.locator(".one-voice .kept").all_inner_texts() == [
        "a position between the two blocs",
        "will exchange handshakes",
        "an exchange of handshakes",
    ]
