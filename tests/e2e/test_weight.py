"""What a page costs on a slow school network, what it asks for, and that nothing jumps."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from .lesson import DOCUMENT, become_guest, enter, next_step, step_address

Contexts = Callable[..., BrowserContext]
MOST_BYTES = 60 * 1024
MOST_REQUESTS = 8
MOST_OF_A_REPORT = 10
"""The frame of a class has a style and a script of its own, and the projector one style more."""
STEP = step_address("a-middle-position")
HEAVY = [
    f"/lessons/{step}/"
    for step in (
        "whose-record-is-it/the-way-to-you",
        "whose-record-is-it/whole-reading",
        "the-air-route/measuring",
        "what-hussein-said-as-himself/who-could-know",
        "peace-and-what-came-after/what-came-after",
        "peace-and-what-came-after/your-answer-now",
        "between-the-lines/two-lanes",
        "between-the-lines/whose-words",
        "between-the-lines/the-other-cable",
        "between-the-lines/closing-quiz",
    )
]
"""Steps that draw a room around the text, or the whole of it, and the exercises."""


@pytest.mark.parametrize("step", [STEP, *HEAVY, "/lessons/between-the-lines/print/"])
def test_first_view_of_a_step_is_light(new_context: Contexts, site: Any, step: str) -> None:
    page = new_context(viewport={"width": 360, "height": 740}).new_page()
    become_guest(page)
    weigh(page, site, step)


@pytest.mark.parametrize("part", ["exercises/", "exercises/split/", "questions/"])
def test_first_view_of_a_report_on_the_exercises_is_light(page: Page, site: Any, part: str) -> None:
    weigh(page, site, board_of_lines(page) + part, requests=MOST_OF_A_REPORT)


def board_of_lines(page: Page) -> str:
    """The dashboard of the exercises that the demo's class was given."""
    enter(page, "instructor")
    page.goto("/classes/")
    page.get_by_role("link", name="History 11b").first.click()
    link = page.get_by_role("link", name="Between the lines", exact=True).first
    return str(link.get_attribute("href"))


def weigh(page: Page, site: Any, address: str, *, requests: int = MOST_REQUESTS) -> None:
    """Bytes over the wire with an empty cache: page, style, scripts, icon."""
    wire = page.context.new_cdp_session(page)
    asked: dict[str, str] = {}
    sizes: dict[str, int] = {}
    wire.on(
        "Network.requestWillBeSent", lambda e: asked.update({e["requestId"]: e["request"]["url"]})
    )
    wire.on(
        "Network.loadingFinished",
        lambda e: sizes.update({e["requestId"]: int(e["encodedDataLength"])}),
    )
    wire.send("Network.enable")
    wire.send("Network.clearBrowserCache")
    page.goto("about:blank")
    asked.clear()
    sizes.clear()
    page.goto(address, wait_until="networkidle")
    table = {asked[key].removeprefix(site.url): size for key, size in sizes.items() if key in asked}
    assert sum(sizes.values()) <= MOST_BYTES, table
    assert 1 < len(asked) <= requests, table
    assert all(url.startswith(site.url) for url in asked.values())


def test_signed_in_page_is_kept_nowhere_and_lets_nothing_foreign_in(page: Page) -> None:
    become_guest(page)
    response = page.goto(STEP)
    assert response is not None
    headers = response.headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "'unsafe-" not in policy
    assert "no-store" in headers["cache-control"]
    assert "Cookie" in headers["vary"]
    assert headers.get("content-encoding") in {"gzip", "br"}


SHIFTS = """() => {
  window.shifted = 0;
  window.shifts = [];
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      window.shifted += entry.value;
      window.shifts.push(...entry.sources.map(s => s.node?.outerHTML?.slice(0, 80)));
    }
  }).observe({type: "layout-shift", buffered: true});
}"""


@pytest.mark.parametrize("address", ["/", STEP, DOCUMENT], ids=["landing", "step", "document"])
def test_nothing_jumps_while_loading_on_a_phone(new_context: Contexts, address: str) -> None:
    page = new_context(viewport={"width": 360, "height": 740}).new_page()
    page.add_init_script(f"({SHIFTS})()")
    page.goto(address, wait_until="networkidle")
    page.wait_for_timeout(300)
    assert page.evaluate("window.shifted") < 0.01, page.evaluate("window.shifts")


def test_second_view_takes_style_and_scripts_from_the_cache(page: Page) -> None:
    become_guest(page)
    page.goto(STEP, wait_until="networkidle")
    next_step(page).click()
    page.wait_for_load_state("networkidle")
    sizes = page.evaluate(
        """() => Object.fromEntries(performance.getEntriesByType("resource")
          .filter(e => /\\.(css|js)$/.test(e.name)).map(e => [e.name, e.transferSize]))"""
    )
    assert sizes
    assert not any(sizes.values()), sizes
