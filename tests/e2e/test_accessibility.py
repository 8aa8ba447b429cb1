"""WCAG 2.2 AA by machine on every page and state; what a machine cannot see by hand-made checks."""

import os
import re
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .conftest import Watch
from .lesson import (
    DOCUMENT,
    LESSON,
    PRACTICE,
    QUIZ,
    STEPS,
    Keyboard,
    Mouse,
    become_guest,
    check,
    enter,
    next_step,
    open_step,
    question,
    sign_up,
    start_quiz,
    step_address,
    ticks,
)

Contexts = Callable[..., BrowserContext]
SNAPSHOTS = Path(__file__).parent / "snapshots"
PUBLIC = [
    "/",
    "/modules/",
    "/modules/between-the-blocs/",
    LESSON,
    "/documents/",
    DOCUMENT,
    f"{DOCUMENT}?notes=all",
    "/privacy/",
    "/accessibility/",
    "/report/?subject=page&address=/",
    "/report/thanks/",
    "/accounts/sign-in/",
    "/accounts/sign-up/",
    "/accounts/sign-out/",
    "/me/",
    "/no/such/page/",
]
# Every rule in two looks that have each scheme and each width; in the other two those rules
# whose answer depends on both. The size of a target depends on the width alone.
LOOKS = [
    ("light", 1280, ()),
    ("dark", 360, ()),
    ("dark", 1280, ("color-contrast", "link-in-text-block")),
    ("light", 360, ("color-contrast", "link-in-text-block")),
]
Axe = Callable[..., None]


def in_every_look(page: Page, axe: Axe) -> None:
    """One state in light and dark, on a phone and on a desk; the page is not loaded again."""
    for scheme, width, rules in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        axe(page, *rules)
        assert_no_sideways_scrolling(page)


def assert_no_sideways_scrolling(page: Page) -> None:
    """The window does not scroll sideways; a table's own region may."""
    wide = page.evaluate(
        """() => {
          const room = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= room) return [];
          return [...document.querySelectorAll("body *")]
            .filter(el => el.getBoundingClientRect().right > room + 1)
            .map(el => el.outerHTML.slice(0, 90)).slice(0, 5);
        }"""
    )
    assert wide == [], f"{page.url} at {page.viewport_size}"


# --- axe --------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", PUBLIC)
def test_public_page_is_clean(page: Page, axe: Axe, watch: Watch, address: str) -> None:
    watch.expect("status of 404")
    page.goto(address)
    in_every_look(page, axe)


@pytest.mark.parametrize("step", STEPS)
def test_step_is_clean_before_and_after_its_answers(page: Page, axe: Axe, step: str) -> None:
    become_guest(page)
    page.goto(step_address(step))
    in_every_look(page, axe)
    for position, (first, right) in enumerate(PRACTICE.get(step, []), start=1):
        check(page, position, first)
        if position == 1:
            in_every_look(page, axe)
        if first != right:
            check(page, position, right)
    if step in PRACTICE:
        in_every_look(page, axe)


def test_refused_answer_is_clean(page: Page, axe: Axe) -> None:
    open_step(page, "a-letter-arrives").get_by_role("button", name="Check").click()
    expect(page.locator(".error-summary")).to_be_visible()
    in_every_look(page, axe)


def test_quiz_is_clean_from_start_to_result(page: Page, axe: Axe) -> None:
    start_quiz(page)
    in_every_look(page, axe)
    Mouse(page).answer(1, QUIZ[0])
    Mouse(page).answer(4, ticks("It has made a long passage short"))
    page.get_by_role("button", name="Check your answers").click()
    expect(page.locator("dl.review")).to_be_visible()
    in_every_look(page, axe)
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#result")).to_be_visible()
    in_every_look(page, axe)
    page.goto("/me/")
    in_every_look(page, axe)
    page.goto("/me/data/")
    in_every_look(page, axe)
    page.get_by_role("button", name="Erase me").click()
    expect(page.locator(".error-summary")).to_be_visible()
    in_every_look(page, axe)
    page.goto("/accounts/sign-out/")
    in_every_look(page, axe)


def test_account_pages_are_clean(page: Page, axe: Axe) -> None:
    become_guest(page)
    page.goto("/accounts/sign-up/")
    page.get_by_label("User name").fill("a b")
    page.get_by_role("button", name="Make the account").click()
    expect(page.locator(".error-summary")).to_be_focused()
    assert page.title().startswith("Error: ")
    in_every_look(page, axe)
    page.goto("/accounts/sign-in/")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".error-summary")).to_be_focused()
    in_every_look(page, axe)
    sign_up(page, f"reader-{uuid.uuid4().hex[:8]}")
    expect(page).to_have_url(re.compile("/me/guest-work/"))
    in_every_look(page, axe)
    for address in ("/accounts/profile/", "/accounts/password/"):
        page.goto(address)
        in_every_look(page, axe)


def test_report_is_clean_refused_and_sent(page: Page, axe: Axe) -> None:
    page.goto("/report/?subject=page&address=/")
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator(".error-summary")).to_be_visible()
    in_every_look(page, axe)
    page.get_by_label("What is wrong?").fill("A comma is missing.")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    in_every_look(page, axe)


def test_kinds_page_is_clean(page: Page, axe: Axe) -> None:
    enter(page, "editor")
    page.goto("/editors/kinds/")
    expect(page.locator("section.question")).not_to_have_count(0)
    in_every_look(page, axe)


def test_shortcuts_dialog_is_clean(page: Page, axe: Axe) -> None:
    page.goto(LESSON)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    in_every_look(page, axe)


# --- Reflow, spacing, zoom, colours -----------------------------------------------------------

SPACED = """
  * {
    line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important;
  }
  p { margin-block-end: 2em !important; }
"""
CUT_OFF = """() => [...document.querySelectorAll("main *, .masthead *, .steps *, .turn *")]
  .filter(el => {
    const style = getComputedStyle(el);
    const cuts = value => value === "hidden" || value === "clip";
    if (!cuts(style.overflowY) && !cuts(style.overflowX)) return false;
    if (el.closest(".sr, svg") || style.clipPath !== "none" || el.clientHeight <= 2) return false;
    return el.scrollHeight > el.clientHeight + 2 || el.scrollWidth > el.clientWidth + 2;
  })
  .map(el => el.outerHTML.slice(0, 90))"""
SHAPES = ["/", LESSON, DOCUMENT, step_address("another-record"), step_address("headnote"), "/me/"]


@pytest.mark.parametrize("address", SHAPES)
def test_page_reflows_at_320_pixels(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(address)
    assert_no_sideways_scrolling(page)


def test_quiz_reflows_at_320_pixels(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    start_quiz(page)
    assert_no_sideways_scrolling(page)
    Mouse(page).answer(1, QUIZ[0])
    page.get_by_role("button", name="Check your answers").click()
    expect(page.locator("dl.review")).to_be_visible()
    assert_no_sideways_scrolling(page)
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#result")).to_be_visible()
    assert_no_sideways_scrolling(page)
    page.goto("/me/")
    assert_no_sideways_scrolling(page)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("address", SHAPES)
def test_readers_own_text_spacing_cuts_nothing(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address)
    # The policy refuses inline styles, as it would an extension's; a constructed sheet is allowed.
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


@pytest.mark.parametrize("address", SHAPES)
def test_text_at_twice_the_size_cuts_nothing(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(address)
    page.evaluate(
        """() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(":root { font-size: 200% !important; }");
          document.adoptedStyleSheets = [sheet];
        }"""
    )
    assert page.evaluate(CUT_OFF) == []
    assert_no_sideways_scrolling(page)


def test_forced_colours_show_what_was_chosen_and_judged(page: Page) -> None:
    """Not by axe: it reads the author's colours here, which the browser does not use."""
    page.emulate_media(forced_colors="active")
    open_step(page, "a-middle-position")
    first, _right = PRACTICE["a-middle-position"][0]
    check(page, 1, first)
    place = question(page)
    expect(place.locator(".feedback").first).to_be_visible()
    for box in place.locator("fieldset.answers input[type=checkbox]").all():
        shown = box.evaluate(
            "el => { const r = el.getBoundingClientRect();"
            " return r.width * r.height > 0 && getComputedStyle(el).opacity !== '0'; }"
        )
        label = box.evaluate(
            "el => { const s = getComputedStyle(el.labels[0]);"
            " return s.outlineStyle !== 'none' || s.borderStyle !== 'none'; }"
        )
        assert shown or label or not box.is_checked()
    ink = "el => getComputedStyle(el).forcedColorAdjust"
    for part in ("#text", ".question", ".feedback", ".steps"):
        assert page.locator(part).first.evaluate(ink) == "auto"


def test_little_motion_is_respected(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(step_address("a-letter-arrives"))
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter(el => {
          const style = getComputedStyle(el);
          return style.scrollBehavior === "smooth"
            || parseFloat(style.transitionDuration) > .01
            || parseFloat(style.animationDuration) > .01;
        }).map(el => el.outerHTML.slice(0, 80)).slice(0, 5)"""
    )
    assert moving == []


# --- What a screen reader would say -----------------------------------------------------------


def assert_said(name: str, said: str) -> None:
    """Compare with the kept text. To keep a new one: UPDATE_SNAPSHOTS=1 pytest -m e2e tests/e2e."""
    path = SNAPSHOTS / f"{name}.txt"
    # Addresses are not said; what had nothing else below it loses its colon.
    said = re.sub(r"(?m)^( *)(- .*):\n\1  - /url: .*(?=\n(?!\1  )|\Z)", r"\1\2", said)
    said = re.sub(r"\n *- /url: .*", "", said)
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        SNAPSHOTS.mkdir(exist_ok=True)
        path.write_text(said + "\n", encoding="utf-8")
    assert said + "\n" == path.read_text(encoding="utf-8"), (
        f"A screen reader would say something else than {path.name} keeps. If that is meant: "
        "UPDATE_SNAPSHOTS=1 pytest -m e2e tests/e2e/test_accessibility.py -k said"
    )


def test_step_is_said_as_it_was(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    open_step(page, "a-letter-arrives")
    # The order of the options is drawn by lot for each reader.
    answers = question(page).locator("fieldset.answers")
    answers.evaluate("el => el.querySelectorAll('.option').forEach(option => option.remove())")
    assert_said("step", page.locator("body").aria_snapshot())


def test_question_is_said_after_a_wrong_answer_as_it_was(page: Page) -> None:
    first, _right = PRACTICE["a-letter-arrives"][0]
    open_step(page, "a-letter-arrives")
    place = check(page, 1, first)
    place.evaluate(
        """el => {
          const options = [...el.querySelectorAll(".answers .option")];
          options.sort((a, b) => a.textContent.trim() < b.textContent.trim() ? -1 : 1);
          options.forEach(option => option.parentElement.append(option));
        }"""
    )
    assert_said("question-after-a-wrong-answer", place.aria_snapshot())


def test_swapped_question_takes_the_focus_and_is_announced(page: Page) -> None:
    first, right = PRACTICE["a-letter-arrives"][0]
    place = open_step(page, "a-letter-arrives")
    place.get_by_role("button", name="Check").click()
    expect(place.locator(".error-summary")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("Choose an answer first.")
    check(page, 1, first)
    expect(place.locator("h2")).to_be_focused()
    expect(page.get_by_role("status")).to_contain_text("Not yet:")
    check(page, 1, right)
    expect(place.locator("h2")).to_be_focused()
    expect(page.get_by_role("status")).to_contain_text("Right.")


def test_feedback_belongs_to_its_option(page: Page) -> None:
    first, _right = PRACTICE["a-letter-arrives"][0]
    open_step(page, "a-letter-arrives")
    place = check(page, 1, first)
    chosen = place.locator("input[type=radio][name$='-choice']:checked")
    expect(chosen).to_have_accessible_description(re.compile("Not this one."))


# --- Shortcuts --------------------------------------------------------------------------------


def test_shortcuts_go_where_they_say(page: Page) -> None:
    page.goto(step_address("a-letter-arrives"))
    page.keyboard.press("q")
    expect(page.locator("#questions")).to_be_focused()
    page.keyboard.press("t")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.press("n")
    page.wait_for_url(f"**{step_address('at-first-glance')}")
    page.keyboard.press("p")
    page.wait_for_url(f"**{step_address('a-letter-arrives')}")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_shortcuts_are_open_by_mouse_and_give_the_focus_back(page: Page) -> None:
    page.goto("/")
    opener = page.get_by_role("button", name="Keyboard shortcuts")
    opener.click()
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_shortcuts_are_letters_while_typing(page: Page) -> None:
    open_step(page, "in-your-own-words")
    area = question(page).get_by_label("Your answer")
    area.focus()
    page.keyboard.type("no? quite pt")
    expect(area).to_have_value("no? quite pt")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url.endswith(step_address("in-your-own-words"))


def test_shortcuts_turned_off_stay_off(page: Page) -> None:
    page.goto(step_address("a-letter-arrives"))
    page.keyboard.press("?")
    page.get_by_label("Turn shortcuts off").check()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("q")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#questions")).not_to_be_focused()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_label("Turn shortcuts off").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("q")
    expect(page.locator("#questions")).to_be_focused()


def test_skip_link_is_the_first_stop_and_works(page: Page) -> None:
    page.goto(step_address("a-letter-arrives"))
    hand = Keyboard(page)
    hand.key("Tab")
    hand.look()
    expect(page.locator(".skip")).to_be_focused()
    hand.key("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_focus_is_not_hidden_by_what_sticks(page: Page) -> None:
    """WCAG 2.4.11: no stop of the keyboard lies wholly under another element."""
    page.set_viewport_size({"width": 360, "height": 640})
    page.emulate_media(reduced_motion="reduce")
    page.goto(step_address("a-letter-arrives"))
    last = next_step(page).element_handle()
    hidden = []
    for _ in range(120):
        page.keyboard.press("Tab")
        covered = page.evaluate(
            """() => {
              const el = document.activeElement, box = el.getBoundingClientRect();
              if (el === document.body || box.width <= 2) return "";
              const points = [[.5, .5], [.1, .2], [.9, .8]].map(([x, y]) =>
                document.elementFromPoint(box.x + box.width * x, box.y + box.height * y));
              const own = p => p && (el.contains(p) || p.contains(el)
                || [...(el.labels ?? [])].some(label => label.contains(p)));
              return points.some(own) ? "" : el.outerHTML.slice(0, 90);
            }"""
        )
        if covered:
            hidden.append(covered)
        if page.evaluate("el => document.activeElement === el", last):
            break
    assert hidden == []
