"""The lesson of the fixtures as a reader walks it: what is right, what is not, and three hands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

LESSON = "/lessons/the-letter-and-the-middle-position/"
DOCUMENT = "/documents/khrushchev-hussein-1958-04-19/"
WAITING = "Agreed with whom?"
"""The heading of a note on ¶3 that waits until its questions are answered."""


@dataclass(frozen=True)
class Answer:
    """Labels to tick, a choice for every line, or words."""

    ticks: tuple[str, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    words: str = ""


def ticks(*labels: str) -> Answer:
    return Answer(ticks=labels)


def pairs(*items: tuple[str, str]) -> Answer:
    return Answer(lines=items)


MY_WORDS = "For himself about the letter, for Pakistan about the middle position; we read a copy."

# step -> its questions, each as (a first answer, then the right one)
PRACTICE: dict[str, list[tuple[Answer, Answer]]] = {
    "what-is-this": [
        (
            ticks("The language in which we read", "The word “Cde.”"),
            ticks("The word “Cde.”", "The recorder's name alone"),
        )
    ],
    "a-letter-arrives": [(ticks("It is Noon's own greeting"), ticks("It comes in Hussein's own"))],
    "at-first-glance": [(ticks("It sets Pakistan against"), ticks("It keeps a place for"))],
    "a-middle-position": [
        (
            ticks("Hussein said letter", "Pakistan is chiefly interested"),
            ticks("Hussein said letter", "In Hussein's opinion, the last part"),
        ),
        (ticks("It reports that Pakistan has moved"), ticks("It reports an aim of the government")),
    ],
    "another-record": [
        (
            pairs(
                ("An ambassador explains", "In both"),
                ("The speeches fell", "In both"),
                ("The speeches set", "In ¶3 only"),
                ("No one so high", "On the card only"),
            ),
            pairs(
                ("An ambassador explains", "In both"),
                ("The speeches fell", "In ¶3 only"),
                ("The speeches set", "In ¶3 only"),
                ("No one so high", "On the card only"),
            ),
        )
    ],
    "in-your-own-words": [(Answer(words=MY_WORDS), Answer(words=MY_WORDS))],
}
STEPS = ["headnote", *PRACTICE, "closing-quiz"]
QUIZ: list[Answer] = [
    pairs(
        ("“asks Khrushchev", "The writer of the modern Summary"),
        ("“expressions of Dulles", "Khrushchev"),
        ("“continued Hussein”", "S. Chetverikov, the recorder"),
        ("“somewhat disappointed", "Hussein"),
        ("“[its]”", "The translator or a modern editor"),
    ),
    pairs(
        ("Noon makes the Assembly", "3"),
        ("Pakistan joins", "1"),
        ("Hussein meets", "4"),
        ("Feroz Khan Noon becomes", "2"),
    ),
    Answer(words="at first glance"),
    ticks("It has made an aim into a fact"),
    ticks("It confirms such words, but not"),
]
"""Right answers of the closing quiz, by position."""


def step_address(step: str) -> str:
    return f"{LESSON}{step}/"


def question(page: Page, position: int = 1) -> Locator:
    return page.locator(f"#q{position}.question")


def field(inside: Locator, label: str) -> Locator:
    """The control of an answer whose label begins so."""
    return inside.locator("fieldset.answers").get_by_label(re.compile(f"^\\s*{re.escape(label)}"))


def option_number(select: Locator, label: str) -> int:
    """The index of the option that is, or begins with, `label`."""
    texts = [text.strip() for text in select.locator("option").all_inner_texts()]
    exact = [n for n, text in enumerate(texts) if text == label]
    return (exact or [n for n, text in enumerate(texts) if text.startswith(label)])[0]


def next_step(page: Page) -> Locator:
    return page.locator(".turn [rel=next], .turn [data-next]")


# --- Hands ------------------------------------------------------------------------------------


class Mouse:
    """Clicks and types."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def answer(self, position: int, answer: Answer) -> None:
        place = question(self.page, position)
        if answer.ticks:
            for box in place.locator("fieldset.answers input[type=checkbox]").all():
                box.uncheck()
        for label in answer.ticks:
            field(place, label).check()
        for label, choice in answer.lines:
            select = field(place, label)
            select.select_option(index=option_number(select, choice))
        if answer.words:
            field(place, "Your answer").fill(answer.words)

    def press(self, button: Locator) -> None:
        button.click()


NAME = """el => {
  const said = id => document.getElementById(id)?.textContent ?? "";
  const name = el.getAttribute("aria-label")
    || (el.getAttribute("aria-labelledby") ?? "").split(" ").map(said).join(" ").trim()
    || [...(el.labels ?? [])].map(l => l.textContent).join(" ").trim()
    || el.textContent.trim() || el.title || "";
  return name.trim().slice(0, 80);
}"""
WHERE = """() => {
  const el = document.activeElement;
  const near = [el, el.parentElement, el.nextElementSibling, ...(el.labels ?? [])].filter(Boolean);
  const ring = near.some(n => {
    const style = getComputedStyle(n);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1)
      || style.boxShadow !== "none";
  });
  const box = el.getBoundingClientRect();
  const seen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return {tag: el.tagName, html: el.outerHTML.slice(0, 120), ring, seen};
}"""


class Keyboard:
    """Presses keys only, and looks at every stop: a name, a ring, within the window.

    With `shortcut` it goes to the questions of the next page by `q`, past the text.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.shortcut = False

    def key(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def look(self) -> None:
        where: dict[str, Any] = self.page.evaluate(WHERE)
        for _ in range(20):
            if where["seen"]:
                break
            self.page.wait_for_timeout(50)  # the page may scroll smoothly
            where = self.page.evaluate(WHERE)
        assert where["tag"] != "BODY", "the focus is lost"
        name = self.page.evaluate(f"({NAME})(document.activeElement)")
        assert name, f"no name: {where['html']}"
        assert where["ring"], f"no visible focus: {where['html']}"
        assert where["seen"], f"focus out of the window: {where['html']}"

    def to(self, target: Locator, key: str = "Tab", most: int = 120) -> None:
        handle = target.element_handle()
        for _ in range(most):
            if self.page.evaluate("el => document.activeElement === el", handle):
                return
            self.key(key)
            self.look()
        raise AssertionError(f"{target} was not reached by {key}")

    def answer(self, position: int, answer: Answer) -> None:
        place = question(self.page, position)
        if self.shortcut:
            self.key("q")
            expect(self.page.locator("#questions")).to_be_focused()
            self.shortcut = False
        for box in place.locator("fieldset.answers input[type=checkbox]").all():
            label = box.evaluate("el => el.labels[0].textContent.trim()")
            if box.is_checked() != label.startswith(answer.ticks):
                self.to(box)
                self.key("Space")
        radios = place.locator("fieldset.answers input[type=radio]")
        if radios.count():
            self.choose(radios, field(place, answer.ticks[0]))
        chosen = {field(place, label).get_attribute("id"): choice for label, choice in answer.lines}
        for select in place.locator("fieldset.answers select").all():
            wanted = option_number(select, chosen[select.get_attribute("id")])
            now = select.evaluate("el => el.selectedIndex")
            if wanted != now:
                self.to(select)
                self.key(*["ArrowDown" if wanted > now else "ArrowUp"] * abs(wanted - now))
            assert select.evaluate("el => el.selectedIndex") == wanted
        if answer.words:
            written = field(place, "Your answer")
            if written.input_value() != answer.words:
                self.to(written)
                self.page.keyboard.type(answer.words)

    def choose(self, group: Locator, wanted: Locator) -> None:
        """Into the group by Tab (it stops at the chosen one, else at the first), on by arrows."""
        ids = [radio.get_attribute("id") for radio in group.all()]
        checked = [n for n, radio in enumerate(group.all()) if radio.is_checked()]
        start = checked[0] if checked else 0
        end = ids.index(wanted.get_attribute("id"))
        self.to(group.nth(start))
        if start == end:
            self.key("Space")
        self.key(*["ArrowDown" if end > start else "ArrowUp"] * abs(end - start))
        expect(wanted).to_be_checked()

    def press(self, button: Locator) -> None:
        self.to(button)
        self.key("Enter")


# --- Ways to a page in a given state ----------------------------------------------------------


def enter(page: Page, role: str) -> None:
    """Into the demo as one of its three people: the form is sent, and no page drawn for it."""
    home = page.request.get("/").text()
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', home)[0]
    entered = page.request.post(
        f"/demo/enter/{role}/", form={"csrfmiddlewaretoken": token}, max_redirects=0
    )
    assert entered.status == 302


def sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/accounts/sign-in/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def become_guest(page: Page) -> None:
    """A guest, by finishing the first step."""
    page.goto(step_address("headnote"))
    next_step(page).click()
    expect(page.locator(".who .name")).to_have_text("Guest")


def open_step(page: Page, step: str) -> Locator:
    page.goto(step_address(step))
    return question(page)


def check(page: Page, position: int, answer: Answer) -> Locator:
    """Give one practice answer, and wait until the question has come back."""
    Mouse(page).answer(position, answer)
    place = question(page, position)
    tries = place.locator("[name$='-tries']").input_value()
    place.locator("form").first.locator("button[type=submit]").click()
    expect(place.locator("[name$='-tries']")).not_to_have_value(tries)
    return question(page, position)


def start_quiz(page: Page) -> None:
    page.goto(step_address("closing-quiz"))
    page.get_by_role("button", name="Start the quiz").click()
    expect(page.locator("form.graded")).to_be_visible()


SECRET = "a long enough secret 58"


def sign_up(page: Page, name: str) -> None:
    page.goto("/accounts/sign-up/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(SECRET)
    page.get_by_role("button", name="Make the account").click()
    page.wait_for_url(lambda address: "sign-up" not in address)


def kept_drafts(page: Page) -> list[str]:
    """Names of the drafts kept on this device."""
    found: list[str] = page.evaluate(
        "[...Object.keys(localStorage), ...Object.keys(sessionStorage)]"
        ".filter(key => key.startsWith('draft:'))"
    )
    return found


def without_script(new_context: Any, **options: Any) -> Page:
    context: BrowserContext = new_context(java_script_enabled=False, **options)
    return context.new_page()
