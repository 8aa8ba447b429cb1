"""People, glossary and search in a browser: clean, by keyboard, without a script, and previews."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .conftest import Watch
from .lesson import without_script
from .test_accessibility import CUT_OFF, SPACED, assert_no_sideways_scrolling, in_every_look

Contexts = Callable[..., BrowserContext]
Axe = Callable[..., None]
ROOMS = [
    "/people/",
    "/people/hussein/",
    "/people/mirza/",
    "/glossary/",
    "/glossary/#term-cento",
    "/search/",
    "/search/?q=the",
    "/search/?q=Firoz&notes=all",
    "/search/?q=plebescite",
    "/search/?q=zzzz",
]
LINKED = "/people/menon/"
"""Its biography has one link to a person."""


@pytest.mark.parametrize("address", ROOMS)
def test_room_is_clean(page: Page, axe: Axe, address: str) -> None:
    page.goto(address)
    in_every_look(page, axe)


@pytest.mark.parametrize(
    "address", ["/people/", "/people/hussein/", "/glossary/", "/search/?q=the"]
)
def test_room_reflows_and_lets_the_text_be_spaced(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(address)
    assert_no_sideways_scrolling(page)
    page.evaluate(
        """css => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(css);
          document.adoptedStyleSheets = [sheet];
        }""",
        SPACED,
    )
    assert page.evaluate(CUT_OFF) == []
    assert_no_sideways_scrolling(page)


# --- Search -----------------------------------------------------------------------------------


def test_search_by_keyboard_leads_to_the_words(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Look up").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/")
    page.get_by_role("searchbox", name="A word, a name or a phrase").focus()
    page.keyboard.type("“a middle position”")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2)).to_contain_text("“a middle position”")
    hit = page.get_by_role("link", name="¶3, A. Hussein")
    hit.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#p3:target")).to_be_visible()


def test_search_works_without_a_script(new_context: Contexts) -> None:
    page = without_script(new_context)
    page.goto("/search/")
    page.get_by_label("A word, a name or a phrase").fill("plebescite")
    page.get_by_role("main").get_by_role("button", name="Look up").click()
    page.get_by_role("link", name="Plebiscite", exact=True).click()
    expect(page.locator(".hit a[href='/glossary/#term-plebiscite']")).to_be_visible()
    page.locator(".hit a[href='/glossary/#term-plebiscite']").click()
    expect(page.locator("#term-plebiscite:target")).to_be_visible()


def test_found_note_is_opened(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/search/?q=peaceloving&in=notes")
    page.locator(".hit a").first.click()
    expect(page.locator("#n-p2-peaceloving")).to_be_visible()
    page.locator("#n-p2-peaceloving").get_by_role("link", name="More in the glossary").click()
    expect(page.locator("#term-peaceloving:target")).to_be_visible()


# --- Previews ---------------------------------------------------------------------------------


def test_preview_on_focus_closes_with_escape_and_keeps_the_focus(page: Page) -> None:
    page.goto(LINKED)
    link, window = page.locator("a.ref"), page.get_by_role("tooltip")
    before = page.locator("main h2").first.bounding_box()
    expect(link).to_have_count(1)
    expect(page.locator("#preview")).to_be_attached()
    page.keyboard.press("Tab")
    link.focus()
    expect(window).to_contain_text("Akhtar Hussein")
    expect(window).to_contain_text("The record calls him A. Hussein.")
    expect(link).to_have_accessible_description(
        "Akhtar Hussein Ambassador of Pakistan in the USSR The record calls him A. Hussein."
    )
    assert page.locator("main h2").first.bounding_box() == before
    page.keyboard.press("Escape")
    expect(window).to_be_hidden()
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/hussein/")


def test_preview_on_hover_stays_while_the_pointer_is_in_it(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(LINKED)
    window = page.get_by_role("tooltip")
    expect(page.locator("#preview")).to_be_attached()
    page.locator("a.ref").hover()
    expect(window).to_be_visible()
    box = window.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 30, steps=5)
    page.wait_for_timeout(900)
    expect(window).to_be_visible()
    page.mouse.move(5, 5, steps=5)
    expect(window).to_be_hidden()


@pytest.mark.parametrize("width", [360, 1280])
def test_preview_is_clean_and_inside_the_page(page: Page, axe: Axe, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for address, name in ((LINKED, "Hussein"), ("/glossary/", "Nehru"), ("/glossary/", "Abdullah")):
        page.goto(address)
        expect(page.locator("#preview")).to_be_attached()
        page.locator("a.ref", has_text=name).focus()
        expect(page.get_by_role("tooltip")).to_be_visible()
        assert_no_sideways_scrolling(page)
        box = page.get_by_role("tooltip").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 800
        axe(page)


def test_preview_that_cannot_be_fetched_is_no_window(page: Page, watch: Watch) -> None:
    watch.expect("ERR_FAILED")
    page.route("**/preview/", lambda route: route.abort())
    page.goto(LINKED)
    expect(page.locator("#preview")).to_be_attached()
    page.locator("a.ref").focus()
    page.wait_for_timeout(500)
    expect(page.get_by_role("tooltip")).to_be_hidden()


def test_pages_without_such_links_do_not_load_the_script(page: Page) -> None:
    page.goto("/people/", wait_until="networkidle")
    assert page.locator("#preview").count() == 0


def test_link_to_a_person_is_a_plain_link_without_a_script(new_context: Contexts) -> None:
    page = without_script(new_context)
    page.goto(LINKED)
    page.locator("a.ref").click()
    page.wait_for_url("**/people/hussein/")
    page.goto("/people/hussein/preview/")
    page.wait_for_url("**/people/hussein/")
