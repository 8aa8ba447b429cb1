"""A quiz that ends: the time left is the server's, whatever the device's clock says."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from .conftest import Site
from .lesson import question, sign_up, start_quiz
from .test_accessibility import in_every_look
from .test_drafts import SAVED, said

Contexts = Callable[..., BrowserContext]
MINUTES_BY_US = re.compile(r"^Time left: (29|30):\d\d$")


def end_in(site: Site, name: str, seconds: int) -> None:
    """The server's word: this reader's attempt ends then."""
    moment = datetime.now(UTC) + timedelta(seconds=seconds)
    site.rows(
        "UPDATE quizzes_attempt SET deadline = ?"
        " WHERE learner_id = (SELECT id FROM accounts_user WHERE username = ?)",
        f"{moment:%Y-%m-%d %H:%M:%S}",
        name,
    )


def begin(page: Page, site: Site) -> str:
    """A reader at a quiz of which half an hour is left."""
    name = f"reader-{uuid.uuid4().hex[:8]}"
    sign_up(page, name)
    start_quiz(page)
    end_in(site, name, 30 * 60)
    page.reload()
    return name


def clock(page: Page) -> Locator:
    return page.get_by_role("timer")


def minutes(page: Page) -> int:
    found = re.fullmatch(r"Time left: (\d+):\d\d", clock(page).inner_text())
    assert found, clock(page).inner_text()
    return int(found[1])


def answer(page: Page, text: str) -> None:
    question(page, 3).get_by_label("Your answer").fill(text)
    page.clock.run_for(1500)


@pytest.mark.parametrize("wrong_by", [-2, 0, 2], ids=lambda hours: f"{hours} hours")
@pytest.mark.parametrize("zone", ["Asia/Karachi", "America/New_York"])
def test_time_left_is_the_servers_on_a_device_whose_clock_is_wrong(
    new_context: Contexts, site: Site, wrong_by: int, zone: str
) -> None:
    page = new_context(timezone_id=zone).new_page()
    page.clock.install(time=datetime.now(UTC) + timedelta(hours=wrong_by))
    name = begin(page, site)
    expect(clock(page)).to_have_text(MINUTES_BY_US)
    ends = page.locator("form.graded .terms").first
    expect(ends).to_contain_text(re.compile(r"Your time ends \w+, .* \(UTC\)\."))
    before = minutes(page)
    page.clock.run_for(10 * 60_000)
    assert before - minutes(page) == 10
    # The device's clock is set right, or wrong: no time passes by that.
    page.clock.set_system_time(datetime.now(UTC) + timedelta(hours=5))
    page.clock.run_for(60_000)
    assert before - minutes(page) == 11
    # The teacher gives more time; the next save brings word of it.
    end_in(site, name, 50 * 60)
    answer(page, "at first glance")
    expect(said(page, 3)).to_have_text(SAVED)
    expect(clock(page)).to_have_text(re.compile(r"^Time left: (49|50):\d\d$"))


def test_night_of_two_half_past_ones_counts_down_evenly(new_context: Contexts, site: Site) -> None:
    """The device's clock goes back an hour while the quiz goes on."""
    page = new_context(timezone_id="Europe/London").new_page()
    page.clock.install(time=datetime(2026, 10, 25, 0, 55, tzinfo=UTC))
    begin(page, site)
    before = minutes(page)
    assert page.evaluate("new Date().getHours()") == 1
    page.clock.run_for(10 * 60_000)
    assert page.evaluate("[new Date().getHours(), new Date().getMinutes() < 30]") == [1, True]
    assert before - minutes(page) == 10


def test_end_is_said_in_time_and_the_server_closes(page: Page, site: Site) -> None:
    page.clock.install()
    name = begin(page, site)
    answer(page, "at first glance")
    expect(said(page, 3)).to_have_text(SAVED)
    status = page.locator("#status")
    page.clock.run_for(minutes(page) * 60_000 - 5 * 60_000 + 30_000)
    page.clock.run_for(30_000)
    expect(clock(page)).to_have_text(re.compile(r"^Time left: 4:\d\d$"))
    page.clock.run_for(5 * 60_000)
    expect(clock(page)).to_have_text("Time is up: what is saved is handed in. See the result")
    expect(status).to_have_text(re.compile("^Time is up"))
    end_in(site, name, -31)  # with its grace
    answer(page, "at first glance, and too late")
    expect(said(page, 3)).to_contain_text("handed in already")
    written = question(page, 3).get_by_label("Your answer")
    expect(written).to_have_value("at first glance, and too late")
    clock(page).get_by_role("link", name="See the result").click()
    expect(page.get_by_role("heading", name="Time is up")).to_be_visible()
    page.get_by_role("button", name="See the result").click()
    expect(page.locator("#result").get_by_label("Your answer")).to_have_value("at first glance")


@pytest.mark.parametrize(("seconds", "said_at"), [(330, "5:00|4:5"), (90, "1:00|0:5")])
def test_last_minutes_are_said_aloud(page: Page, site: Site, seconds: int, said_at: str) -> None:
    page.clock.install()
    name = begin(page, site)
    end_in(site, name, seconds)
    page.reload()
    expect(clock(page)).to_have_text(re.compile(r"^Time left: \d+:\d\d$"))
    page.evaluate(
        """() => {
          window.heard = [];
          const note = ([{ target }]) => window.heard.push(target.textContent);
          new MutationObserver(note).observe(
            document.getElementById("status"), { childList: true });
        }"""
    )
    page.clock.run_for(45_000)
    spoken = [words for words in page.evaluate("window.heard") if words]
    assert len(spoken) == 1
    assert re.match(f"Time left: ({said_at})", spoken[0])
    expect(page.locator("#status")).to_have_text("")  # not longer than it is true


def test_quiz_without_an_end_has_no_clock(page: Page) -> None:
    sign_up(page, f"reader-{uuid.uuid4().hex[:8]}")
    start_quiz(page)
    expect(clock(page)).to_have_count(0)


def test_countdown_is_clean(page: Page, site: Site, axe: Callable[..., None]) -> None:
    begin(page, site)
    expect(clock(page)).to_have_text(MINUTES_BY_US)
    in_every_look(page, axe)
