"""What is typed is saved, or it is said that it is not, and the text is kept."""

import contextlib
import re
import sqlite3
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from .conftest import Site, Watch
from .lesson import (
    QUIZ,
    Answer,
    Mouse,
    become_guest,
    enter,
    field,
    kept_drafts,
    open_step,
    question,
    sign_up,
    start_quiz,
    step_address,
)

Contexts = Callable[..., BrowserContext]
OPEN = "in-your-own-words"
TEXT = "He speaks for himself about the letter."
SAVED = re.compile(r"^Saved \d")
OFFLINE = "Not saved: there is no connection."
BUSY = "Not saved: the server is busy."
ANSWERS = "SELECT version FROM quizzes_response WHERE answer LIKE ?"


def written(page: Page) -> Locator:
    return question(page).get_by_label("Your answer")


def said(page: Page, position: int = 1) -> Locator:
    return question(page, position).locator("[data-saved]")


def write(page: Page, text: str) -> None:
    written(page).fill(text)
    expect(said(page)).to_have_text(SAVED)


def hand_in(page: Page) -> None:
    question(page).get_by_role("button", name="Hand in this answer").click()


def test_open_answer_is_saved_while_typing(page: Page) -> None:
    open_step(page, OPEN)
    written(page).press_sequentially(TEXT)
    expect(said(page)).to_have_text(SAVED)
    assert kept_drafts(page) == []
    page.reload()
    expect(written(page)).to_have_value(TEXT)


def test_handing_in_leaves_no_draft_behind(page: Page) -> None:
    open_step(page, OPEN)
    written(page).fill(TEXT)
    hand_in(page)
    expect(question(page)).to_contain_text("Compare your answer")
    page.wait_for_timeout(1500)  # longer than an autosave waits
    assert kept_drafts(page) == []


CABLE = "/lessons/between-the-lines/the-other-cable/"


def cable(page: Page) -> Locator:
    return page.get_by_label("Your cable", exact=True)


def refused_cable(page: Page, text: str) -> None:
    """A cable that was handed in too early: the page draws it again, and stores nothing."""
    page.goto(CABLE)
    cable(page).fill("Saved before.")
    expect(said(page)).to_have_text(SAVED)
    cable(page).fill(text)
    hand_in(page)
    expect(page.locator("#q1 .error-summary")).to_be_focused()


def test_refused_words_survive_a_reload(page: Page, watch: Watch) -> None:
    watch.expect("ERR_FAILED")
    refused_cable(page, TEXT)
    page.route("**/draft/", lambda route: route.abort())
    page.reload()
    expect(cable(page)).to_have_value(TEXT)
    expect(page.locator("#q1-count")).to_have_text(f"{len(TEXT.split())} words")


def test_refused_words_are_saved_on_the_server_as_well(page: Page) -> None:
    refused_cable(page, TEXT)
    expect(said(page)).to_have_text(SAVED)
    page.evaluate("localStorage.clear()")
    page.reload()
    expect(cable(page)).to_have_value(TEXT)


def test_words_typed_in_the_moment_a_refused_form_comes_back_survive_a_reload(page: Page) -> None:
    """htmx tells of new forms a little after they can be typed into."""
    page.add_init_script(
        """document.addEventListener("htmx:afterSwap", () => {
          const field = document.getElementById("q1-text");
          field.value = "Typed at once.";
          field.dispatchEvent(new InputEvent("input", {bubbles: true}));
        });"""
    )
    refused_cable(page, TEXT)
    page.reload()
    expect(cable(page)).to_have_value("Typed at once.")


def test_words_typed_before_the_scripts_came_survive_a_reload(page: Page) -> None:
    become_guest(page)
    waiting: list[Route] = []

    def wait(route: Route) -> None:
        waiting.append(route)

    page.route(re.compile(r"/drafts[^/]*\.js"), wait)
    page.goto(step_address(OPEN), wait_until="commit")
    written(page).fill(TEXT)
    for route in waiting:
        route.continue_()
    page.wait_for_load_state()
    assert waiting != []
    page.unroute_all()
    page.reload()
    expect(written(page)).to_have_value(TEXT)


def test_visitor_whom_a_save_made_a_guest_keeps_what_was_typed_since(page: Page) -> None:
    open_step(page, OPEN)
    write(page, "Saved first.")
    written(page).fill(TEXT)
    page.reload()
    expect(written(page)).to_have_value(TEXT)
    expect(said(page)).to_have_text(SAVED)


def test_tab_that_saves_takes_no_words_away_from_another(page: Page, watch: Watch) -> None:
    watch.expect("ERR_FAILED")
    become_guest(page)
    open_step(page, OPEN)
    page.route("**/draft/", lambda route: route.abort())
    written(page).fill("Written in the first tab.")
    expect(said(page)).to_contain_text(OFFLINE)
    other = page.context.new_page()
    other.goto("/privacy/")
    copies = other.evaluate("({...localStorage})")
    other.evaluate("localStorage.clear()")
    open_step(other, OPEN)
    other.evaluate("kept => Object.assign(localStorage, kept)", copies)
    write(other, "Written in the second tab.")
    page.bring_to_front()
    page.unroute("**/draft/")
    page.reload()
    expect(written(page)).to_have_value("Written in the first tab.")
    expect(said(page)).to_contain_text("“Written in the second tab.”")


def test_save_that_was_cut_off_by_a_reload_is_no_other_window(page: Page) -> None:
    """The server has it, the page that sent it never heard so, and more was typed meanwhile."""
    become_guest(page)
    open_step(page, OPEN)

    def unheard(route: Route) -> None:
        route.fetch()
        sent.append(route)

    sent: list[Route] = []
    page.route("**/draft/", unheard)
    with page.expect_request("**/draft/"):
        written(page).fill("The first words.")
    while not sent:
        page.wait_for_timeout(50)
    written(page).fill(TEXT)
    page.unroute_all()
    page.reload()
    expect(written(page)).to_have_value(TEXT)
    expect(said(page)).to_have_text(SAVED)


def test_typing_offline_keeps_the_text_until_the_network_returns(page: Page, watch: Watch) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    become_guest(page)
    open_step(page, OPEN)
    write(page, "Before the network went.")
    page.context.set_offline(True)
    written(page).fill(TEXT)
    expect(said(page)).to_contain_text(OFFLINE)
    assert len(kept_drafts(page)) == 1
    page.context.set_offline(False)
    expect(said(page)).to_have_text(SAVED)
    assert kept_drafts(page) == []
    page.reload()
    expect(written(page)).to_have_value(TEXT)


@pytest.mark.parametrize("tab", ["stays", "is closed"])
def test_five_minutes_of_typing_offline_arrive_once(
    page: Page, watch: Watch, site: Site, tab: str
) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    own = f"Written in five minutes, the tab {tab}."
    become_guest(page)
    page.clock.install()
    open_step(page, OPEN)
    written(page).fill("Before the network went.")
    page.clock.run_for(2000)
    expect(said(page)).to_have_text(SAVED)
    page.context.set_offline(True)
    for minute in range(1, 6):
        text = own if minute == 5 else f"Minute {minute}."
        with page.expect_event("requestfailed"):
            written(page).fill(text)
            page.clock.run_for(2000)
        expect(said(page)).to_contain_text(OFFLINE)
        expect(said(page)).to_have_class("not-saved")
        page.clock.run_for(58_000)
    assert len(kept_drafts(page)) == 1
    if tab == "stays":
        with page.expect_response("**/draft/"):
            page.context.set_offline(False)
    else:
        page.close()
        page.context.set_offline(False)
        page = page.context.new_page()
        open_step(page, OPEN)
    expect(said(page)).to_have_text(SAVED)
    expect(written(page)).to_have_value(own)
    assert kept_drafts(page) == []
    saved = "SELECT version FROM quizzes_draft WHERE answer LIKE ?"
    assert site.rows(saved, f"%{own}%") == [(2,)]  # before, and once after
    hand_in(page)
    expect(question(page)).to_contain_text("Compare your answer")
    assert site.rows(ANSWERS, f"%{own}%") == [(1,)]


def test_visitors_text_typed_offline_survives_a_reload(page: Page, watch: Watch) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    open_step(page, OPEN)
    page.context.set_offline(True)
    written(page).fill(TEXT)
    expect(said(page)).to_contain_text(OFFLINE)
    page.context.set_offline(False)
    page.reload()
    expect(written(page)).to_have_value(TEXT)


def test_handing_in_offline_says_so_and_keeps_the_text(page: Page, watch: Watch) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    watch.expect("htmx")
    become_guest(page)
    open_step(page, OPEN)
    write(page, TEXT)
    page.context.set_offline(True)
    hand_in(page)
    expect(said(page)).to_contain_text("Not sent: there is no connection.")
    expect(page.locator("#status")).to_contain_text("Not sent: there is no connection.")
    expect(written(page)).to_have_value(TEXT)
    page.context.set_offline(False)
    hand_in(page)
    expect(question(page)).to_contain_text("Compare your answer")


def lose_the_reply(page: Page, address: str) -> list[str]:
    """Break the connection once, when the server has stored what was sent; the bodies sent."""
    sent: list[str] = []

    def once(route: Route) -> None:
        sent.append(route.request.post_data or "")
        if len(sent) == 1:
            assert route.fetch(max_redirects=0).status < 400
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(address, once)
    return sent


def test_answer_whose_reply_was_lost_is_sent_again_and_stored_once(
    page: Page, watch: Watch, site: Site
) -> None:
    watch.expect("ERR_CONNECTION_RESET")
    watch.expect("htmx")
    become_guest(page)
    open_step(page, OPEN)
    own = f"Stored once {uuid.uuid4().hex}."
    write(page, own)
    sent = lose_the_reply(page, "**/questions/1/")
    hand_in(page)
    expect(said(page)).to_contain_text("Not sent: there is no connection.")
    expect(written(page)).to_have_value(own)
    assert site.rows(ANSWERS, f"%{own}%") == [(1,)]
    hand_in(page)
    expect(question(page)).to_contain_text("Compare your answer")
    assert site.rows(ANSWERS, f"%{own}%") == [(1,)]
    keys = {re.findall(r"q1-uuid=([0-9a-f-]{36})", one)[0] for one in sent}
    assert (len(sent), len(keys)) == (2, 1)


def test_save_whose_reply_was_lost_is_no_other_windows(
    page: Page, watch: Watch, site: Site
) -> None:
    """The reader types on; the next save builds on the one that was stored unknown to the page."""
    watch.expect("ERR_CONNECTION_RESET")
    become_guest(page)
    page.clock.install()
    open_step(page, OPEN)
    own = f"Saved {uuid.uuid4().hex}"
    sent = lose_the_reply(page, "**/draft/")
    written(page).fill(own)
    page.clock.run_for(2000)
    expect(said(page)).to_contain_text(OFFLINE)
    saved = "SELECT version, answer FROM quizzes_draft WHERE answer LIKE ?"
    assert [version for version, _answer in site.rows(saved, f"%{own}%")] == [1]
    written(page).fill(f"{own}, and more.")
    page.clock.run_for(2000)
    expect(said(page)).to_have_text(SAVED)
    assert len(sent) == 4  # lost, refused, the lost one again, and at last what came after it
    ((version, answer),) = site.rows(saved, f"%{own}%")
    assert (version, f"{own}, and more." in answer) == (2, True)


def test_quiz_whose_receipt_was_lost_is_handed_in_once(
    page: Page, watch: Watch, site: Site
) -> None:
    watch.expect("ERR_CONNECTION_RESET")
    start_quiz(page)
    own = uuid.uuid4().hex
    question(page, 3).get_by_label("Your answer").fill(own)
    expect(said(page, 3)).to_have_text(SAVED)
    page.get_by_role("button", name="Check your answers").click()
    page.route("**/submit/", lambda route: (route.fetch(max_redirects=0), route.abort()))
    watch.expect("ERR_FAILED")
    page.get_by_role("button", name="Hand in").click()
    page.unroute("**/submit/")
    page.goto(f"{step_address('closing-quiz')}?review=1")
    expect(page.locator("#result")).to_contain_text("Handed in")
    expect(page.locator("#result").get_by_label("Your answer")).to_have_value(own)
    answers = """SELECT COUNT(*) FROM quizzes_response WHERE item_id IN (SELECT i.id
        FROM quizzes_attemptitem i JOIN quizzes_attemptitem o ON o.attempt_id = i.attempt_id
        JOIN quizzes_response r ON r.item_id = o.id WHERE r.answer LIKE ?)"""
    assert site.rows(answers, f"%{own}%") == [(5,)]


def test_second_tab_is_told_and_may_keep_its_own(page: Page) -> None:
    become_guest(page)
    open_step(page, OPEN)
    other = page.context.new_page()
    open_step(other, OPEN)
    page.bring_to_front()  # a tab in the background is slowed down
    write(page, "Written in the first tab.")
    other.bring_to_front()
    written(other).fill("Written in the second tab.")
    expect(said(other)).to_contain_text("changed in another window")
    expect(said(other)).to_contain_text("“Written in the first tab.”")
    expect(written(other)).to_have_value("Written in the second tab.")
    other.get_by_role("button", name="Keep what is written here").click()
    expect(said(other)).to_have_text(SAVED)
    page.reload()
    expect(written(page)).to_have_value("Written in the second tab.")


def test_copy_kept_on_this_device_does_not_overwrite_a_newer_answer(
    page: Page, watch: Watch
) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    watch.expect("ERR_FAILED")
    become_guest(page)
    open_step(page, OPEN)
    write(page, "First.")
    page.route("**/draft/", lambda route: route.abort())
    written(page).fill("Old, and never sent.")
    expect(said(page)).to_contain_text(OFFLINE)
    page.close()
    device = page.context.new_page()
    # Another device has no copy of this one's: taken away, then put back.
    device.goto("/privacy/")
    kept = device.evaluate("({...localStorage})")
    device.evaluate("localStorage.clear()")
    open_step(device, OPEN)
    write(device, "Newer.")
    device.evaluate("kept => Object.assign(localStorage, kept)", kept)
    device.reload()
    expect(said(device)).to_contain_text("“Newer.”")
    expect(written(device)).to_have_value("Old, and never sent.")


def test_signing_out_leaves_nothing_for_the_next_person(page: Page, watch: Watch) -> None:
    watch.expect("ERR_FAILED")
    name = f"reader-{uuid.uuid4().hex[:8]}"
    sign_up(page, name)
    open_step(page, OPEN)
    page.route("**/draft/", lambda route: route.abort())
    written(page).fill("Only mine.")
    expect(said(page)).to_contain_text(OFFLINE)
    assert len(kept_drafts(page)) == 1
    page.unroute("**/draft/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator(".messages")).to_contain_text("You are signed out.")
    assert kept_drafts(page) == []
    open_step(page, OPEN)
    expect(written(page)).to_have_value("")
    page.goto("/me/")
    expect(page.locator("#main")).to_contain_text("Nothing is saved on this device yet.")
    page.go_back()
    assert "Only mine." not in page.content()


def test_back_after_signing_out_shows_no_work(page: Page) -> None:
    sign_up(page, f"reader-{uuid.uuid4().hex[:8]}")
    open_step(page, OPEN)
    write(page, "Only mine.")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator(".messages")).to_contain_text("You are signed out.")
    page.go_back()
    page.wait_for_url(f"**{step_address(OPEN)}")
    expect(written(page)).to_have_value("")


def test_page_of_another_reader_is_refused_and_keeps_the_text(page: Page) -> None:
    sign_up(page, f"reader-{uuid.uuid4().hex[:8]}")
    open_step(page, OPEN)
    other = page.context.new_page()
    other.goto("/")
    other.get_by_role("button", name="Sign out").click()
    sign_up(other, f"reader-{uuid.uuid4().hex[:8]}")
    page.bring_to_front()
    written(page).fill(TEXT)
    expect(said(page)).to_contain_text("opened by another reader")
    expect(written(page)).to_have_value(TEXT)
    hand_in(page)
    expect(page.locator(".error-summary")).to_contain_text("opened by another reader")
    expect(page.locator(".error-summary")).to_contain_text(TEXT)
    expect(page.locator(".error-summary")).to_be_focused()
    open_step(other, OPEN)
    expect(written(other)).to_have_value("")


def test_quiz_answers_survive_closing_the_tab(page: Page) -> None:
    start_quiz(page)
    hand = Mouse(page)
    hand.answer(1, QUIZ[0])
    hand.answer(4, QUIZ[3])
    expect(said(page, 1)).to_have_text(SAVED)
    expect(said(page, 4)).to_have_text(SAVED)
    page.close()
    again = page.context.new_page()
    again.goto(step_address("closing-quiz"))
    expect(field(question(again, 4), QUIZ[3].ticks[0])).to_be_checked()
    label, choice = QUIZ[0].lines[0]
    chosen = field(question(again, 1), label).evaluate("el => el.selectedOptions[0].text")
    assert chosen.strip() == choice


def test_handing_over_during_a_slow_save_loses_nothing(page: Page) -> None:
    """The answer to an autosave comes late; the reader goes on and presses the button."""
    start_quiz(page)
    page.evaluate(
        """() => {
          const real = window.fetch;
          window.fetch = async (...what) => {
            const answer = await real(...what);
            await new Promise(resolve => setTimeout(resolve, 2000));
            return answer;
          };
        }"""
    )
    hand = Mouse(page)
    with page.expect_response("**/questions/1/draft/"):
        hand.answer(1, Answer(lines=QUIZ[0].lines[:2]))
    hand.answer(1, QUIZ[0])
    page.get_by_role("button", name="Check your answers").click()
    expect(page.locator("dl.review")).to_contain_text("The translator or a modern editor")


def test_next_attempt_starts_empty(page: Page, watch: Watch) -> None:
    watch.expect("ERR_FAILED")
    start_quiz(page)
    page.route("**/draft/", lambda route: route.abort())
    Mouse(page).answer(3, QUIZ[2])
    expect(said(page, 3)).to_contain_text(OFFLINE)
    page.unroute("**/draft/")
    page.get_by_role("button", name="Check your answers").click()
    expect(page.locator("dl.review")).to_contain_text("at first glance")
    page.get_by_role("button", name="Hand in").click()
    assert kept_drafts(page) == []
    page.get_by_role("button", name="Take the quiz again").click()
    expect(question(page, 3).get_by_label("Your answer")).to_have_value("")


def test_server_that_fails_is_reported_and_the_text_kept(page: Page, watch: Watch) -> None:
    watch.expect("status of 503")
    watch.expect("htmx")
    become_guest(page)
    open_step(page, OPEN)

    def busy(route: Any) -> None:
        route.fulfill(status=503, headers={"Retry-After": "5"}, body="<h1>Busy</h1>")

    page.route("**/questions/1/**", busy)
    written(page).fill(TEXT)
    expect(said(page)).to_contain_text(BUSY)
    hand_in(page)
    expect(page.locator("#status")).to_contain_text(BUSY)
    expect(written(page)).to_have_value(TEXT)
    assert len(kept_drafts(page)) == 1
    page.unroute("**/questions/1/**")
    hand_in(page)
    expect(question(page)).to_contain_text("Compare your answer")
    assert kept_drafts(page) == []


def test_expired_token_is_said_and_the_text_kept(page: Page, watch: Watch) -> None:
    """Another tab signed in: the page sends the token that counts now, and is told why not."""
    watch.expect("status of 403")
    watch.expect("htmx")
    become_guest(page)
    open_step(page, OPEN)
    page.context.clear_cookies(name="csrftoken")
    page.evaluate("document.getElementsByName('csrfmiddlewaretoken').forEach(e => e.value = 'x')")
    written(page).fill(TEXT)
    expect(said(page)).to_contain_text("Not saved: this page is too old.")
    expect(written(page)).to_have_value(TEXT)


def test_demo_people_do_not_see_each_others_drafts(page: Page) -> None:
    become_guest(page)
    open_step(page, OPEN)
    write(page, "A guest's words.")
    enter(page, "instructor")
    open_step(page, OPEN)
    expect(written(page)).not_to_have_value("A guest's words.")


def test_visitor_who_hands_in_while_a_first_save_is_under_way_stays_one_guest(
    page: Page, site: Site
) -> None:
    """Both would make a guest, and whichever cookie came last would hide the other's work."""

    def guests() -> int:
        return int(site.rows("SELECT COUNT(*) FROM accounts_user WHERE is_guest")[0][0])

    before = guests()
    open_step(page, OPEN)
    path = site.data / "db.sqlite3"
    with contextlib.closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")  # so that the save takes its time
        with page.expect_request("**/draft/"):
            written(page).fill(TEXT)
        hand_in(page)
        page.wait_for_timeout(500)
        writer.execute("ROLLBACK")
    expect(question(page)).to_contain_text("Compare your answer")
    page.reload()
    expect(question(page)).to_contain_text("Compare your answer")
    expect(question(page).locator("textarea")).to_have_value(TEXT)
    assert guests() == before + 1
