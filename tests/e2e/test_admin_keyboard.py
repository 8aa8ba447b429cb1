"""From a document to a published lesson in the editors' forms, with the keyboard alone."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from .lesson import enter

Contexts = Callable[..., BrowserContext]
TEN_MINUTES = 600

FIRST = "The Minister asked what the note meant. The ambassador said that he did not know."
SECOND = "The Minister then asked whether the bases would stay. He was told that they would stay."


class Keys:
    """A keyboard and nothing else; every press is counted, as a person would make it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses = 0

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)
        self.presses += times

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.presses += len(text)

    def to(self, selector: str, *, back: bool = False) -> None:
        """Tab on until the focus is on what the selector names."""
        reached = "(s) => Boolean(document.activeElement?.matches(s))"
        for _ in range(250):
            if self.page.evaluate(reached, selector):
                return
            self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"{selector} was not reached by Tab on {self.page.url}")

    def write(self, selector: str, text: str) -> None:
        self.to(selector)
        self.type(text)

    def choose(self, selector: str, option: str) -> None:
        """A select: its option is found by typing."""
        self.to(selector)
        self.type(option)
        expect(self.page.locator(f"{selector} option:checked")).to_contain_text(option)

    def complete(self, select: str, text: str, found: str = "") -> None:
        """An autocomplete field: open it, type, take the first that is found."""
        self.to(
            f"select#{select} + .select2 :is(.select2-selection--single, .select2-search__field)"
        )
        multiple = self.page.locator(f"select#{select}[multiple]").count()
        if not multiple:
            self.press("Enter")
        self.type(text)
        first = self.page.locator(".select2-results__option--highlighted")
        expect(first).to_contain_text(found or text)
        self.press("Enter")
        expect(self.page.locator(f"select#{select} option:checked")).to_have_count(1)

    def follow(self, selector: str) -> None:
        self.to(selector)
        with self.page.expect_navigation():
            self.press("Enter")

    def add_row(self, group: str) -> None:
        """Another row of a form; the focus goes to its first field."""
        self.to(f"#{group}-group .add-row a")
        self.press("Enter")

    def skip(self) -> None:
        """Past the head and the side of the page, by its skip link."""
        self.to(".skip-to-content-link")
        self.press("Enter")

    def save(self, name: str = "_save") -> None:
        self.follow(f"#content-main input[name={name}]")
        expect(self.page.locator(".messagelist .success")).to_be_visible()


def add_from_index(keys: Keys, model: str) -> None:
    keys.page.goto("/admin/")
    keys.skip()
    keys.follow(f"a.addlink[href='/admin/{model}/add/']")


def test_a_document_becomes_a_published_lesson_by_keyboard(
    page: Page, new_context: Contexts
) -> None:
    enter(page, "editor")
    keys, begun = Keys(page), time.monotonic()

    # A document of two passages.
    add_from_index(keys, "documents/document")
    keys.write("#id_short_title", "A talk on bases")
    keys.write("#id_title", "Record of a talk on bases")
    keys.write("#id_genre", "record of conversation")
    keys.write("#id_date", "1958-05-02")
    keys.write("#id_headnote", "Two men talk about air bases.")
    keys.write("#id_repository", "An archive")
    keys.write("#id_passages-0-words", FIRST)
    keys.add_row("passages")
    keys.write("#id_passages-1-words", SECOND)
    keys.save("_continue")

    # A note on words that are chosen in the text.
    keys.skip()
    keys.follow("#passages-1 .standing a[href*='/annotation/add/']")
    keys.to(".words-text")
    keys.press("ArrowRight", 7)  # The … bases
    keys.press("Shift+ArrowLeft")  # the bases
    expect(page.locator("#id_quote")).to_have_value("the bases")
    keys.choose("#id_kind", "context")
    keys.write("#id_heading", "Which bases?")
    keys.write("#id_body", "The record does not say which bases were meant.")
    keys.choose("#id_reveal", "with the text")
    keys.choose("#id_certainty", "Our reading")
    keys.save()
    expect(page).to_have_url(re.compile(r"/admin/documents/document/\d+/change/#notes-\d+$"))
    expect(page.locator(".standing").nth(1)).to_contain_text("Which bases?")

    # A question about a sentence.
    add_from_index(keys, "quizzes/question")
    keys.follow("a[href='?kind=single']")
    keys.complete("id_text", "bases would stay")
    expect(page.locator(".words-text")).to_contain_text("The Minister then asked")
    keys.to(".words-text")
    keys.press("ArrowDown", 2)
    keys.press("Enter")
    expect(page.locator("#id_quote")).to_have_value("He was told that they would stay.")
    keys.write("#id_prompt", "What does the record leave open?")
    keys.write("#id_hint", "Look for the person who tells him.")
    keys.write("#id_explanation", "It says that he was told, not by whom.")
    keys.choose("#id_skill", "close reading")
    for n, (label, said) in enumerate(
        [
            ("Who told him so", "Right: “he was told” names nobody."),
            ("Whether the bases stay", "The sentence says that they would."),
            ("Whether he asked at all", "The sentence before says that he asked."),
        ]
    ):
        keys.write(f"#id_options-{n}-label", label)
        if n == 0:
            keys.to("#id_options-0-is_key")
            keys.press("Space")
        keys.write(f"#id_options-{n}-feedback", said)
    expect(page.locator(".live-preview-page .answers legend")).to_contain_text("leave open?")
    keys.save()

    add_from_index(keys, "quizzes/quiz")
    keys.write("#id_title", "Bases, read closely")
    keys.choose("#id_purpose", "practice")
    keys.complete("id_items-0-question", "does the record leave open")
    keys.save()

    # A module with a lesson, and the lesson's steps.
    add_from_index(keys, "guided/module")
    keys.write("#id_title", "Bases")
    keys.write("#id_question", "Who decides about a base?")
    keys.write("#id_introduction", "One short record.")
    keys.complete("id_document", "A talk on bases")
    keys.add_row("lessons")
    keys.write("#id_lessons-0-title", "Who said so?")
    keys.write("#id_lessons-0-focus", "Who told the Minister?")
    keys.write("#id_lessons-0-aims", "Tell what a record leaves out")
    keys.write("#id_lessons-0-minutes", "15")
    keys.save("_continue")
    keys.skip()
    keys.follow("#lessons-group a.inlinechangelink")
    keys.skip()
    keys.add_row("steps")
    keys.write("#id_steps-0-title", "Reading")
    keys.choose("#id_steps-0-kind", "reading")
    keys.complete("id_steps-0-passages", "told that they would stay", "¶2")
    keys.complete("id_steps-0-quiz", "Bases, read closely")
    keys.write("#id_steps-0-minutes", "10")
    keys.save()

    # Everything is published from the list of lessons.
    keys.skip()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="Who said so?"))
    box = row.locator(".action-select").get_attribute("value")
    keys.to(f".action-select[value='{box}']")
    keys.press("Space")
    keys.to("select[name=action]", back=True)
    keys.type("Publish with")
    keys.to("button[name=index]")
    keys.press("Enter")
    expect(page.locator("#action_form")).to_be_visible()
    keys.to("#action_form input[type=submit]")
    keys.press("Enter")
    expect(page.locator(".messagelist .success").first).to_be_visible()
    seconds = time.monotonic() - begun
    print(f"{keys.presses} keys, {seconds:.0f} s")
    assert seconds < TEN_MINUTES

    # What a student reads.
    reader = new_context().new_page()
    enter(reader, "student")
    reader.goto("/lessons/who-said-so/reading/")
    expect(reader.locator("main")).to_contain_text("He was told that they would stay.")
    expect(reader.locator(".question .answers legend")).to_contain_text("leave open?")
    reader.goto("/documents/a-talk-on-bases/")
    expect(reader.locator("main")).to_contain_text("Which bases?")
