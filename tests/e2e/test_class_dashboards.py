"""Dashboards in a browser: axe in every look, updates while a class works, names on a wall."""

import contextlib
import re
import sqlite3
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .conftest import Site
from .lesson import LESSON, enter, next_step, without_script
from .test_accessibility import in_every_look

Axe = Callable[..., None]
Contexts = Callable[..., BrowserContext]
PAGES = ["", "questions/", "text/", "items/", "times/"]
AMARA = "Amara Okafor"


def find_class(page: Page) -> str:
    """The demo's class: the address of its overview (there may be others beside it)."""
    enter(page, "instructor")
    for number in range(1, 30):
        response = page.request.get(f"/classes/{number}/")
        if response.ok and "The letter and the middle position" in response.text():
            return f"/classes/{number}/"
    raise AssertionError("the demo has no class")


def find_board(page: Page) -> str:
    page.goto(find_class(page))
    link = page.get_by_role("link", name="The letter and the middle position").first
    return str(link.get_attribute("href"))


def test_overview_is_clean_and_read_in_seconds(page: Page, axe: Axe) -> None:
    page.goto(find_class(page))
    in_every_look(page, axe)
    line = page.locator(".headline").first
    expect(line).to_contain_text(re.compile(r"\d+ of \d+ are done\."))
    box = line.bounding_box()
    page.set_viewport_size({"width": 1280, "height": 800})
    assert box is not None
    assert box["y"] < 800


@pytest.mark.parametrize("part", PAGES)
def test_report_is_clean(page: Page, axe: Axe, part: str) -> None:
    page.goto(find_board(page) + part)
    in_every_look(page, axe)


def test_names_go_and_come_by_one_key(page: Page) -> None:
    page.goto(find_board(page))
    expect(page.get_by_role("rowheader", name=AMARA)).to_be_visible()
    page.keyboard.press("h")
    expect(page.get_by_role("rowheader", name="Student 1", exact=True)).to_be_visible()
    assert AMARA not in page.content()
    page.goto(page.url.replace("?show=", "?") + "questions/")
    assert AMARA not in page.content()
    page.keyboard.press("h")
    expect(page.get_by_role("button", name="Hide names")).to_be_visible()


def test_names_are_hidden_without_a_script_too(page: Page, new_context: Contexts) -> None:
    address = find_board(page)
    plain = without_script(new_context)
    plain.goto("/")
    plain.locator("form[action='/demo/enter/instructor/'] button").click()
    plain.goto(address)
    expect(plain.get_by_role("button", name="Pause updates")).to_have_count(0)
    plain.get_by_role("button", name="Hide names").click()
    expect(plain.get_by_role("rowheader", name="Student 1", exact=True)).to_be_visible()
    plain.get_by_role("button", name="Show names").click()
    expect(plain.get_by_role("rowheader", name=AMARA)).to_be_visible()


def test_board_follows_a_class_at_work_until_it_is_paused(
    page: Page, new_context: Contexts, site: Site
) -> None:
    address = find_board(page)
    page.clock.install()
    page.goto(address)
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "token=" in r.url else None)
    with page.expect_response(lambda r: "token=" in r.url) as first:
        page.clock.fast_forward(11_000)
    assert first.value.status == 204
    row = page.get_by_role("row", name=re.compile(AMARA))
    before = row.inner_text()

    pupil = new_context().new_page()
    enter(pupil, "student")
    assert pupil.request.get(address).status == 404  # what a class does is for its teachers
    pupil.goto(f"/work/{delivery_key(site)}{LESSON}a-letter-arrives/")
    next_step(pupil).click()
    pupil.wait_for_url(lambda url: "a-letter-arrives" not in url)

    region = page.locator("#scroll-progress")
    region.evaluate("el => { el.scrollLeft = 40; }")
    region.focus()
    with page.expect_response(lambda r: "token=" in r.url and r.status == 200):
        page.clock.fast_forward(11_000)
    expect(row).not_to_have_text(before)
    expect(region).to_be_focused()

    page.get_by_role("button", name="Pause updates").click()
    expect(page.get_by_role("button", name="Pause updates")).to_have_attribute(
        "aria-pressed", "true"
    )
    count = len(asked)
    page.clock.fast_forward(60_000)
    assert len(asked) == count
    page.get_by_role("button", name="Pause updates").click()
    expect(page.get_by_role("button", name="Pause updates")).to_have_attribute(
        "aria-pressed", "false"
    )


def delivery_key(site: Site) -> str:
    """Of the work that the demo's class was given; no report says it."""
    with contextlib.closing(sqlite3.connect(site.data / "db.sqlite3")) as database:
        (key,) = database.execute(
            "SELECT d.key FROM quizzes_delivery d JOIN classrooms_assignment a"
            " ON a.delivery_id = d.id ORDER BY a.id LIMIT 1"
        ).fetchone()
    return str(key)


def test_a_board_that_nobody_sees_does_not_ask(page: Page) -> None:
    page.add_init_script(
        "Object.defineProperty(document, 'visibilityState', {get: () => window.seen ?? 'visible'});"
    )
    address = find_board(page)
    page.clock.install()
    page.goto(address)
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "token=" in r.url else None)
    page.evaluate("window.seen = 'hidden'")
    page.clock.fast_forward(60_000)
    assert asked == []
    page.evaluate("window.seen = 'visible'")
    with page.expect_request(lambda r: "token=" in r.url):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_the_matrix_keeps_its_names_while_it_scrolls(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(find_board(page))
    name = page.get_by_role("rowheader").first
    before = name.bounding_box()
    page.locator("#scroll-progress").evaluate("el => { el.scrollLeft = 400; }")
    after = name.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["x"] - after["x"]) < 2


def test_it_prints_without_its_buttons(page: Page) -> None:
    page.goto(find_board(page))
    page.emulate_media(media="print")
    for words in ("Hide names", "Pause updates"):
        expect(page.get_by_role("button", name=words)).to_be_hidden()
    expect(page.get_by_role("rowheader", name=AMARA)).to_be_visible()
    expect(page.locator(".filters")).to_be_hidden()
