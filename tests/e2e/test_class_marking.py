"""Marking in a browser: by mouse, by keys, with two markers at once, without a script."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .conftest import ROOT, Site, Watch
from .lesson import enter, sign_in, without_script
from .test_accessibility import CUT_OFF, SPACED, assert_no_sideways_scrolling, in_every_look

Contexts = Callable[..., BrowserContext]
Axe = Callable[..., None]


def make_class(site: Site) -> dict[str, Any]:
    """A class with answers that wait for a mark, made beside the running server."""
    environment = {**os.environ, "DATA_DIR": str(site.data), "ENVIRONMENT": "demo"}
    environment["DJANGO_SETTINGS_MODULE"] = "coldwar.settings"
    environment.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.seed_marking"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def made(site: Site) -> dict[str, Any]:
    """A class of its own for each test."""
    return make_class(site)


@pytest.fixture(scope="module")
def looked_at(site: Site) -> dict[str, Any]:
    """A class for tests that change nothing in it."""
    return make_class(site)


def queue(made: dict[str, Any]) -> str:
    return f"/classes/{made['classroom']}/marking/"


def question(made: dict[str, Any]) -> str:
    return f"{queue(made)}{made['written']}/{made['question']}/"


def criteria(page: Page) -> Any:
    return page.locator("fieldset.criterion")


def choose(page: Page, which: int) -> None:
    """The same level of every criterion, from 1."""
    for group in criteria(page).all():
        group.locator("input[type=radio]").nth(which - 1).check()


# --- The whole way ----------------------------------------------------------------------------


def test_marker_goes_from_the_queue_through_every_answer(page: Page, made: dict[str, Any]) -> None:
    enter(page, "instructor")
    page.goto(queue(made))
    row = page.get_by_role("row").filter(has=page.locator(f"a[href='{question(made)}']"))
    expect(row.get_by_role("cell").first).to_have_text("4")
    row.get_by_role("link").click()
    for left in (3, 2, 1, 0):
        expect(page.locator("h1")).to_contain_text("of 4")
        expect(page.locator("main")).not_to_contain_text(re.compile("Amara|Tomasz|Leyla|Grace"))
        choose(page, 3)
        page.get_by_label("Comment for the student").fill(f"Read once more. ({left})")
        page.get_by_role("button", name=re.compile("^Save")).click()
        expect(page.locator(".messages")).to_contain_text("Marked.")
    expect(row.get_by_role("cell").nth(1)).to_have_text("4")
    expect(row).to_contain_text("all marked")


def test_names_are_shown_on_a_deliberate_press_only(page: Page, made: dict[str, Any]) -> None:
    enter(page, "instructor")
    page.goto(f"{question(made)}{made['mine']}/")
    expect(page.locator("main")).not_to_contain_text("Amara Okafor")
    page.get_by_role("link", name="Show names").click()
    expect(page.locator("main")).to_contain_text("Amara Okafor")
    page.get_by_role("link", name="Hide names").click()
    expect(page.locator("main")).not_to_contain_text("Amara Okafor")


# --- Keys -------------------------------------------------------------------------------------


def test_number_keys_choose_in_the_criterion_one_is_at(page: Page, made: dict[str, Any]) -> None:
    enter(page, "instructor")
    page.goto(question(made))
    groups = criteria(page)
    assert groups.count() >= 2
    page.keyboard.press("2")
    chosen = groups.nth(0).locator("input[type=radio]").nth(1)
    expect(chosen).to_be_checked()
    expect(chosen).to_be_focused()
    # The same criterion, until one leaves it.
    page.keyboard.press("3")
    expect(groups.nth(0).locator("input[type=radio]").nth(2)).to_be_checked()
    expect(groups.nth(1).locator("input:checked")).to_have_count(0)
    groups.nth(1).locator("input[type=radio]").first.focus()
    page.keyboard.press("1")
    expect(groups.nth(1).locator("input[type=radio]").first).to_be_checked()
    page.keyboard.press("9")
    expect(groups.nth(1).locator("input[type=radio]").first).to_be_checked()
    # In the comment a number is a number.
    comment = page.get_by_label("Comment for the student")
    comment.focus()
    page.keyboard.type("1 2 3")
    expect(comment).to_have_value("1 2 3")
    expect(groups.nth(0).locator("input[type=radio]").nth(2)).to_be_checked()


def test_keys_turn_pages_and_can_be_turned_off(page: Page, made: dict[str, Any]) -> None:
    enter(page, "instructor")
    page.goto(question(made))
    heading = page.locator("h1")
    expect(heading).to_have_text("Answer 1 of 4")
    page.keyboard.press("n")
    expect(heading).to_have_text("Answer 2 of 4")
    page.keyboard.press("p")
    expect(heading).to_have_text("Answer 1 of 4")
    page.keyboard.press("?")
    page.get_by_label("Turn shortcuts off").check()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("1")
    page.keyboard.press("n")
    expect(page.locator("fieldset.criterion input:checked")).to_have_count(0)
    expect(heading).to_have_text("Answer 1 of 4")


def test_enter_in_a_criterion_saves(page: Page, made: dict[str, Any]) -> None:
    enter(page, "instructor")
    page.goto(question(made))
    choose(page, 2)
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("Marked. 3 answers wait.")


# --- Comments ---------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [True, False])
def test_comment_is_kept_and_used_again(
    new_context: Contexts, made: dict[str, Any], script: bool
) -> None:
    page = new_context().new_page() if script else without_script(new_context)
    enter(page, "instructor")
    page.goto(question(made))
    choose(page, 1)
    words = f"Whose words are these? {made['classroom']}"
    page.get_by_label("Comment for the student").fill(words)
    page.get_by_role("button", name="Keep this comment for later").click()
    expect(page.locator("fieldset.criterion input:checked")).to_have_count(criteria(page).count())
    page.get_by_role("button", name=re.compile("^Save")).click()
    page.get_by_text("Comments you have kept").click()
    line = page.locator(".kept li").filter(has_text=words)
    line.get_by_role("button", name="Use").click()
    expect(page.get_by_label("Comment for the student")).to_have_value(words)
    page.locator(".kept li").filter(has_text=words).get_by_role("button", name="Delete").click()
    expect(page.locator(".kept li").filter(has_text=words)).to_have_count(0)
    expect(page.get_by_label("Comment for the student")).to_have_value(words)


# --- Two markers at once ------------------------------------------------------------------------


def test_two_markers_see_both_marks_and_one_decides(
    page: Page, new_context: Contexts, made: dict[str, Any], axe: Axe
) -> None:
    enter(page, "instructor")
    here = f"{question(made)}{made['mine']}/"
    page.goto(here)
    other = new_context().new_page()
    other.goto("/accounts/sign-in/")
    other.get_by_label("User name").fill(made["helper"])
    other.get_by_label("Password", exact=True).fill("a long enough pass phrase")
    other.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("button", name="Sign out")).to_be_visible()
    other.goto(here)
    choose(other, 3)
    other.get_by_label("Comment for the student").fill("Theirs.")
    other.get_by_role("button", name=re.compile("^Save")).click()
    expect(other.locator(".messages")).to_contain_text("Marked.")
    choose(page, 1)
    page.get_by_label("Comment for the student").fill("Mine.")
    page.get_by_role("button", name=re.compile("^Save")).first.click()
    conflict = page.locator(".conflict")
    expect(conflict).to_be_focused()
    expect(conflict).to_contain_text("“Theirs.”")
    expect(conflict).to_contain_text("“Mine.”")
    in_every_look(page, axe)
    page.get_by_role("button", name="Save mine anyway").click()
    expect(page.locator(".messages")).to_contain_text("Marked.")
    page.goto(here)
    expect(page.get_by_label("Comment for the student")).to_have_value("Mine.")
    page.get_by_text("2 marks so far").click()
    expect(page.locator(".marks")).to_contain_text("“Theirs.”")


# --- Teacher and student ----------------------------------------------------------------------


def test_student_sees_the_mark_asks_again_and_is_answered(
    page: Page, new_context: Contexts, made: dict[str, Any], axe: Axe
) -> None:
    result = f"/assignments/{made['written']}/result/"
    student = new_context().new_page()
    sign_in(student, made["learner"], made["password"])
    student.goto(result)
    expect(student.locator("main")).to_contain_text("Not marked yet")
    enter(page, "instructor")
    page.goto(f"{question(made)}{made['mine']}/")
    choose(page, 2)
    page.get_by_label("Comment for the student").fill("Whose words are they?")
    page.get_by_role("button", name=re.compile("^Save")).click()
    expect(page.locator(".messages")).to_contain_text("Marked.")
    student.reload()
    expect(student.locator("main")).to_contain_text("marked by your teacher")
    expect(student.locator("main")).to_contain_text("Whose words are they?")
    in_every_look(student, axe)
    student.get_by_text("Ask for another look").click()
    student.get_by_label("Why should it be looked at again?").fill("I name the recorder.")
    student.get_by_role("button", name="Ask your teacher").click()
    expect(student.locator("main")).to_contain_text("Your teacher has not answered yet.")
    page.goto(queue(made))
    page.get_by_role("link", name=re.compile("Look again")).last.click()
    expect(page.locator("main")).to_contain_text("I name the recorder.")
    page.get_by_label("It gets the mark below.").check()
    choose(page, 3)
    page.get_by_label("Your reply to the student").fill("So you do.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.locator(".messages")).to_contain_text("Answered. The student is told.")
    student.reload()
    expect(student.locator("main")).to_contain_text("So you do.")


def test_marking_works_without_a_script(new_context: Contexts, made: dict[str, Any]) -> None:
    page = without_script(new_context)
    enter(page, "instructor")
    page.goto(question(made))
    page.get_by_role("button", name=re.compile("^Save")).click()
    expect(page.locator(".error-summary")).to_contain_text("Choose a level for")
    choose(page, 3)
    page.get_by_role("button", name=re.compile("^Save")).click()
    expect(page.locator(".messages")).to_contain_text("Marked. 3 answers wait.")
    page.get_by_role("link", name="Skip", exact=True).click()
    expect(page.locator("h1")).to_contain_text("of 4")


# --- Every page is clean ----------------------------------------------------------------------


PAGES = [
    ("instructor", "/classes/{classroom}/marking/"),
    ("instructor", "/classes/{classroom}/marking/{written}/{question}/"),
    ("instructor", "/classes/{classroom}/marking/{written}/questions/"),
    ("instructor", "/classes/{classroom}/marking/{graded}/questions/"),
    ("instructor", "/classes/{classroom}/marking/requests/{request}/"),
    ("instructor", "/classes/{classroom}/log/"),
    ("student", "/assignments/{graded}/result/"),
    ("student", "/assignments/{written}/result/"),
    ("editor", "/editors/questions/{single}/rekey/"),
]


@pytest.mark.parametrize(("role", "address"), PAGES)
def test_page_is_clean_and_reflows(
    page: Page, axe: Axe, looked_at: dict[str, Any], role: str, address: str
) -> None:
    if role == "student":
        sign_in(page, looked_at["learner"], looked_at["password"])
    else:
        enter(page, role)
    page.goto(address.format(**looked_at))
    for fold in page.locator("main details").all():
        fold.evaluate("el => { el.open = true }")
    in_every_look(page, axe)
    page.set_viewport_size({"width": 320, "height": 640})
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


def test_rekeying_is_previewed_and_confirmed(
    page: Page, axe: Axe, made: dict[str, Any], watch: Watch
) -> None:
    enter(page, "editor")
    address = f"/editors/questions/{made['single']}/rekey/"
    page.goto(address)
    before = page.locator("input[type=radio]:checked").get_attribute("value")
    other = "1" if before == "0" else "0"
    page.locator(f"input[type=radio][value='{other}']").check()
    page.get_by_role("button", name="See whose grade changes").click()
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    in_every_look(page, axe)
    page.get_by_label("Why the key is changed").fill("The text says otherwise.")
    page.get_by_role("button", name="Change the key and mark anew").click()
    expect(page.locator(".messages")).to_contain_text("The key is changed")
    # Put back, for the tests that answer it.
    page.locator(f"input[type=radio][value='{before}']").check()
    page.get_by_role("button", name="See whose grade changes").click()
    page.get_by_label("Why the key is changed").fill("It does not.")
    page.get_by_role("button", name="Change the key and mark anew").click()
    expect(page.locator(".messages")).to_contain_text("The key is changed")
