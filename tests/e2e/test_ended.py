"""The session ends in the middle of a quiz: its reader signs in beside what is typed."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from .conftest import Site, Watch
from .lesson import (
    QUIZ,
    SECRET,
    Mouse,
    become_guest,
    enter,
    kept_drafts,
    open_step,
    question,
    sign_in,
    sign_up,
    start_quiz,
    step_address,
    without_script,
)
from .test_accessibility import in_every_look
from .test_drafts import ANSWERS, OPEN, SAVED, TEXT, hand_in, said, write, written

Contexts = Callable[..., BrowserContext]
ENDED = "Not saved: you are signed out. Your answer is still here."
NEW_SECRET = "another secret, longer 59"


@pytest.fixture(autouse=True)
def _known(watch: Watch) -> None:
    watch.expect("status of 401")
    watch.expect("htmx")


@pytest.fixture
def name(page: Page) -> str:
    """A reader with an account, signed in."""
    name = f"reader-{uuid.uuid4().hex[:8]}"
    sign_up(page, name)
    return name


def run_out(page: Page, site: Site) -> None:
    """The reader's session is over on the server; the browser does not know."""
    (key,) = [one["value"] for one in page.context.cookies() if one["name"] == "sessionid"]
    site.rows("UPDATE accounts_session SET expire_date = '2020-01-01' WHERE session_key = ?", key)


def door(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Sign in")


def come_in(page: Page, name: str, secret: str = SECRET) -> None:
    door(page).get_by_label("User name").fill(name)
    door(page).get_by_label("Password", exact=True).fill(secret)
    door(page).get_by_role("button", name="Sign in").click()


def drafts_with(site: Site, text: str) -> list[tuple[str, int]]:
    """Whose they are, and how often they were saved."""
    return site.rows(
        "SELECT u.username, d.version FROM quizzes_draft d"
        " JOIN quizzes_attemptitem i ON i.id = d.item_id"
        " JOIN quizzes_attempt a ON a.id = i.attempt_id"
        " JOIN accounts_user u ON u.id = a.learner_id WHERE d.answer LIKE ?",
        f"%{text}%",
    )


@pytest.mark.parametrize("how", ["ran out", "signed out in another tab", "password changed"])
def test_reader_signs_in_beside_the_quiz_and_nothing_is_lost(
    page: Page, name: str, site: Site, new_context: Contexts, how: str
) -> None:
    secret = SECRET
    start_quiz(page)
    hand = Mouse(page)
    hand.answer(4, QUIZ[3])
    expect(said(page, 4)).to_have_text(SAVED)
    if how == "ran out":
        run_out(page, site)
    elif how == "signed out in another tab":
        other = page.context.new_page()
        other.goto("/")
        other.get_by_role("button", name="Sign out").click()
        expect(other.locator(".messages")).to_contain_text("You are signed out.")
    else:
        secret = NEW_SECRET
        elsewhere = new_context().new_page()
        sign_in(elsewhere, name, SECRET)
        elsewhere.goto("/accounts/password/")
        elsewhere.get_by_label("Password now").fill(SECRET)
        elsewhere.get_by_label("New password").fill(NEW_SECRET)
        elsewhere.get_by_role("button", name="Change").click()
        expect(elsewhere.locator(".messages")).to_contain_text("Your password is changed.")
    page.bring_to_front()
    own = f"at first glance {uuid.uuid4().hex}"
    written = question(page, 3).get_by_label("Your answer")
    written.fill(own)
    expect(said(page, 3)).to_contain_text(ENDED)
    expect(said(page, 3)).to_have_class("not-saved")
    expect(page.locator("#status")).to_contain_text(ENDED)
    assert len(kept_drafts(page)) == 1
    assert drafts_with(site, own) == []
    address = page.url

    said(page, 3).get_by_role("button", name="Sign in here").click()
    expect(door(page).get_by_label("User name")).to_be_focused()
    come_in(page, name, "a slip of the keyboard")
    expect(door(page).locator(".error-summary")).to_contain_text("do not belong together")
    come_in(page, name, secret)
    expect(door(page)).to_have_count(0)
    expect(said(page, 3)).to_have_text(SAVED)
    assert page.url == address
    expect(written).to_have_value(own)
    assert kept_drafts(page) == []
    assert drafts_with(site, own) == [(name, 1)]

    page.get_by_role("button", name="Check your answers").click()
    expect(page.locator("dl.review")).to_contain_text(own)
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#result").get_by_label("Your answer")).to_have_value(own)
    expect(page.locator("#result").get_by_label(QUIZ[3].ticks[0])).to_be_checked()


def test_another_person_who_signs_in_gets_a_page_of_their_own(
    page: Page, name: str, site: Site, new_context: Contexts
) -> None:
    next_one = f"next-{uuid.uuid4().hex[:8]}"
    sign_up(new_context().new_page(), next_one)
    open_step(page, OPEN)
    write(page, "Before the session ended.")
    run_out(page, site)
    own = f"Only mine {uuid.uuid4().hex}."
    written(page).fill(own)
    expect(said(page)).to_contain_text(ENDED)
    said(page).get_by_role("button", name="Sign in here").click()
    come_in(page, next_one)
    expect(page.locator(".who .name")).to_have_text(next_one)
    expect(written(page)).to_have_value("")
    assert own not in page.content()
    write(page, "The next one's.")
    page.reload()
    expect(written(page)).to_have_value("The next one's.")
    assert drafts_with(site, own) == []
    # The first one comes back: signed in again here, the copy that this device kept is theirs.
    run_out(page, site)
    sign_in(page, name, SECRET)
    open_step(page, OPEN)
    expect(written(page)).to_have_value(own)
    expect(said(page)).to_have_text(SAVED)
    assert drafts_with(site, own) == [(name, 2)]


def test_answer_is_handed_in_once_its_reader_is_back(page: Page, name: str, site: Site) -> None:
    own = f"{TEXT} {uuid.uuid4().hex}"
    open_step(page, OPEN)
    write(page, own)
    run_out(page, site)
    hand_in(page)
    expect(page.locator("#status")).to_contain_text(ENDED)
    come_in(page, name)  # the door opened with the press of the button
    expect(question(page)).to_contain_text("Compare your answer")
    assert site.rows(ANSWERS, f"%{own}%") == [(1,)]


def test_closed_door_leaves_the_text_and_opens_again(page: Page, name: str, site: Site) -> None:
    open_step(page, OPEN)
    run_out(page, site)
    with page.expect_response(lambda answer: answer.status == 401):
        written(page).fill(TEXT)
        written(page).blur()  # what is sent for it shall not wait until somebody is signed in again
    opener = said(page).get_by_role("button", name="Sign in here")
    opener.click()
    door(page).get_by_role("button", name="Close").click()
    expect(opener).to_be_focused()
    expect(written(page)).to_have_value(TEXT)
    # Signing in again in another tab does as well.
    other = page.context.new_page()
    sign_in(other, name, SECRET)
    expect(other.locator(".who .name")).to_have_text(name)
    opener.click()
    expect(said(page)).to_have_text(SAVED)


def test_door_without_a_network_says_so(page: Page, name: str, site: Site, watch: Watch) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    open_step(page, OPEN)
    run_out(page, site)
    written(page).fill(TEXT)
    said(page).get_by_role("button", name="Sign in here").click()
    expect(door(page)).to_be_visible()
    page.context.set_offline(True)
    come_in(page, name)
    expect(door(page).get_by_role("alert")).to_contain_text("Not sent: there is no connection.")
    page.context.set_offline(False)
    come_in(page, name)
    expect(said(page)).to_have_text(SAVED)


def test_guest_whose_session_ended_is_told_to_copy(page: Page, site: Site) -> None:
    """A guest has no password to come back with."""
    become_guest(page)
    open_step(page, OPEN)
    run_out(page, site)
    written(page).fill(TEXT)
    expect(said(page)).to_contain_text("Copy your answer, reload the page and send it again.")
    expect(page.get_by_role("button", name="Sign in here")).to_have_count(0)
    expect(written(page)).to_have_value(TEXT)


def test_text_is_shown_and_the_step_found_again_without_a_script(
    new_context: Contexts, site: Site
) -> None:
    page = without_script(new_context)
    name = f"reader-{uuid.uuid4().hex[:8]}"
    sign_up(page, name)
    start_quiz(page)
    question(page, 3).get_by_label("Your answer").fill("at first glance")
    run_out(page, site)
    page.get_by_role("button", name="Check your answers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    expect(page.get_by_label("What you typed")).to_have_value("at first glance")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(SECRET)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{step_address('closing-quiz')}")
    expect(page.locator("form.graded")).to_be_visible()


def test_quiz_sent_by_a_signed_out_reader_comes_back_with_its_text(
    page: Page, name: str, site: Site
) -> None:
    """The button is pressed before the page could know."""
    start_quiz(page)
    run_out(page, site)
    question(page, 3).get_by_label("Your answer").fill("at first glance")
    page.get_by_role("button", name="Check your answers").click()
    expect(page.get_by_label("What you typed")).to_have_value("at first glance")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(SECRET)
    page.get_by_role("button", name="Sign in").click()
    expect(question(page, 3).get_by_label("Your answer")).to_have_value("at first glance")
    expect(said(page, 3)).to_have_text(SAVED)


def test_door_is_accessible(page: Page, site: Site, axe: Callable[..., None]) -> None:
    enter(page, "student")
    open_step(page, OPEN)
    run_out(page, site)
    written(page).fill(TEXT)
    expect(said(page)).to_contain_text(ENDED)
    in_every_look(page, axe)
    said(page).get_by_role("button", name="Sign in here").click()
    expect(door(page)).to_be_visible()
    in_every_look(page, axe)
