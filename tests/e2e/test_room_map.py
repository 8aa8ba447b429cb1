"""The map of routes in a browser: readable on a phone, by keyboard, and without scripts."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .test_accessibility import assert_no_sideways_scrolling, in_every_look

Contexts = Callable[..., BrowserContext]
Axe = Callable[..., None]
MOST_BYTES = 60 * 1024


def has_routes(page: Page) -> bool:
    page.goto("/map/")
    return page.locator("[name=route]").count() > 1


@pytest.fixture
def mapped(page: Page) -> Page:
    if not has_routes(page):
        pytest.skip("No routes ship yet.")
    return page


@pytest.mark.parametrize("query", ["", "?chosen=1", "?route=nowhere&route=moscow-delhi-direct"])
def test_map_is_clean(page: Page, axe: Axe, query: str) -> None:
    page.goto(f"/map/{query}")
    for details in page.locator("main details").all():
        details.locator("summary").click()
    in_every_look(page, axe)


def test_names_are_readable_on_the_narrowest_phone(mapped: Page) -> None:
    mapped.set_viewport_size({"width": 320, "height": 700})
    assert_no_sideways_scrolling(mapped)
    expect(mapped.locator("svg.narrow")).to_be_visible()
    expect(mapped.locator("svg.wide")).to_be_hidden()
    heights = mapped.evaluate(
        """() => [...document.querySelectorAll("svg.narrow text, svg.closer text")]
          .map(el => el.getBoundingClientRect().height)"""
    )
    assert heights
    assert min(heights) >= 11


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_names_and_numbers_do_not_collide_as_drawn(mapped: Page, width: int) -> None:
    """The server guesses how wide letters are; here they are measured."""
    mapped.set_viewport_size({"width": width, "height": 900})
    clashes = mapped.evaluate(
        """() => [...document.querySelectorAll("figure > svg")].flatMap(svg => {
          if (!svg.getBoundingClientRect().width) return [];
          const frame = svg.getBoundingClientRect();
          const texts = [...svg.querySelectorAll(".label:not(.length), .number")].map(el => {
            const box = el.getBoundingClientRect(), less = box.height * .2;
            return {words: el.textContent, left: box.left, right: box.right,
                    top: box.top + less, bottom: box.bottom - less};
          });
          const out = texts.filter(t => t.left < frame.left || t.right > frame.right);
          const over = texts.flatMap((a, i) => texts.slice(i + 1).filter(b =>
            a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
            .map(b => `${a.words} / ${b.words}`));
          return [...out.map(t => t.words), ...over];
        })"""
    )
    assert clashes == []


def test_routes_are_chosen_by_keyboard_without_scripts(new_context: Contexts) -> None:
    page = new_context(java_script_enabled=False).new_page()
    if not has_routes(page):
        pytest.skip("No routes ship yet.")
    boxes = page.get_by_role("group", name="Routes to draw").get_by_role("checkbox")
    count = boxes.count()
    for index in range(count):
        boxes.nth(index).focus()
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/map/?chosen=1#drawing")
    expect(page.locator("#drawing")).to_contain_text("No route is chosen.")
    boxes.nth(1).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Draw these routes").press("Enter")
    page.wait_for_url("**/map/?chosen=1&route=*")
    expect(page.locator(".route-table tbody")).to_have_count(1)
    expect(page.locator(".route-table .route-no")).to_have_text("2")
    page.get_by_role("link", name="Draw all routes").click()
    page.wait_for_url("**/map/#drawing")
    expect(page.locator(".route-table tbody")).to_have_count(count)


def test_drawing_says_in_words_what_it_shows(mapped: Page) -> None:
    drawing = mapped.get_by_role("img", name="Map of the routes")
    expect(drawing).to_have_count(1)  # of two, for two widths, one is there
    rows = mapped.get_by_role("table", name="The routes in words").get_by_role("row")
    first = mapped.locator("[name=route] + span").first.inner_text()
    expect(rows.nth(1)).to_contain_text(first.split(" ", 1)[1])


def test_map_is_light(new_context: Contexts, site: Any) -> None:
    context = new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    wire = context.new_cdp_session(page)
    sizes: list[int] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    wire.send("Network.enable")
    page.goto("/map/", wait_until="networkidle")
    assert sum(sizes) <= MOST_BYTES


def test_map_prints_whole_and_without_its_form(mapped: Page) -> None:
    mapped.set_viewport_size({"width": 680, "height": 900})
    mapped.emulate_media(media="print")
    expect(mapped.locator(".route-choice")).to_be_hidden()
    expect(mapped.locator("svg.wide")).to_be_visible()
    expect(mapped.locator(".route-table")).to_be_visible()
