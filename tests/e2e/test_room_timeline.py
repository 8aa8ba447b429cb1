"""The timeline: seen by others, with the horizon and without it, by keyboard, on paper."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .test_accessibility import Axe, assert_no_sideways_scrolling, in_every_look

PAGES = [
    "/timeline/",
    "/timeline/?reader=khrushchev&theme=washington-and-karachi",
    "/timeline/?horizon=lifted",
    "/timeline/?reader=nobody",
]
HIDDEN = ".hidden-count"


@pytest.mark.parametrize("address", PAGES)
def test_timeline_is_clean(page: Page, axe: Axe, address: str) -> None:
    page.goto(address)
    in_every_look(page, axe)


def test_choices_take_effect_at_once_and_keep_the_focus(page: Page, axe: Axe) -> None:
    page.goto("/timeline/")
    reader = page.get_by_label("Seen by")
    reader.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".lead")).to_have_text("What Khrushchev could have known by 19 April 1958.")
    expect(page.locator("#view-reader")).to_be_focused()
    expect(page.locator("#e-noon-dulles")).to_have_count(0)
    expect(page).to_have_url(re.compile("reader=khrushchev"))
    expect(page.locator("#status")).to_contain_text("5 more are hidden")
    page.get_by_label("Lift the horizon").focus()
    page.keyboard.press("Space")
    expect(page.locator("#e-tashkent-declaration")).to_be_visible()
    expect(page.locator("#view-horizon")).to_be_focused()
    in_every_look(page, axe)
    page.go_back()
    expect(page.locator("#e-tashkent-declaration")).to_have_count(0)
    expect(page.locator("#view-reader")).to_have_value("khrushchev")


def test_timeline_works_without_scripts(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/timeline/")
    page.get_by_label("Seen by").select_option("noon")
    page.get_by_label("Theme").select_option("kashmir")
    page.get_by_label("Lift the horizon").check()
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#e-abdullah-rearrested")).to_be_visible()
    expect(page.locator("#e-sputnik")).to_have_count(0)
    expect(page.get_by_label("Seen by")).to_have_value("noon")
    expect(page.get_by_label("Lift the horizon")).to_be_checked()


def test_list_says_all_that_the_rulers_draw(page: Page) -> None:
    page.goto("/timeline/?reader=us")
    rulers, events = page.locator(".ruler"), page.locator(".event")
    expect(rulers.first).to_have_attribute("aria-hidden", "true")
    assert page.locator(".ruler .tick").count() == events.count() == 43
    for event in page.locator(".event.closed").all():
        expect(event).to_contain_text("Not public. Could know:")
    expect(page.locator(".event.the-record")).to_contain_text("The day of the record")


def test_paper_has_the_timeline_and_not_its_form(page: Page) -> None:
    page.goto("/timeline/?reader=khrushchev")
    page.emulate_media(media="print")
    expect(page.locator(".view-form")).to_be_hidden()
    expect(page.locator(".lead")).to_be_visible()
    expect(page.locator(HIDDEN)).to_be_visible()
    expect(page.locator("#e-conversation")).to_be_visible()
    assert page.pdf(format="A4").startswith(b"%PDF-")


def test_narrowest_window_does_not_scroll_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/timeline/?horizon=lifted")
    assert_no_sideways_scrolling(page)
