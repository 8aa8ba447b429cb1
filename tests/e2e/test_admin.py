"""An editor at work in Django's admin, under our policy, and what readers then see."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from .lesson import enter, open_step, question, step_address

Contexts = Callable[..., BrowserContext]
CONTENT = [
    "documents/document",
    "documents/passage",
    "documents/passagetext",
    "documents/annotation",
    "documents/voicespan",
    "documents/reference",
    "documents/person",
    "documents/place",
    "documents/term",
    "documents/event",
    "documents/sourcecard",
    "quizzes/question",
    "quizzes/criterion",
    "quizzes/quiz",
    "quizzes/delivery",
    "guided/module",
    "guided/lesson",
    "guided/step",
]
FORMS = ["quizzes/question", "documents/document", "documents/annotation", "guided/step"]
# A question that no other test answers: editing it disturbs nobody.
SPARE = "letter-other-peaceloving"
SPARE_STEP = "at-first-glance"


@pytest.fixture
def editor(page: Page) -> Page:
    enter(page, "editor")
    return page


def open_form(page: Page, model: str, search: str = "") -> None:
    page.goto(f"/admin/{model}/?q={search}" if search else f"/admin/{model}/")
    page.locator("#result_list tbody tr th a").first.click()
    expect(page.locator(".submit-row").first).to_be_visible()


def save(page: Page) -> None:
    """Say why, that one is sure, and that it is the same question where that is asked."""
    page.locator("#this_why").fill("For a test.")
    for tick in page.locator("#this_sure, input[name=rewording][value=wording]").all():
        tick.check()
    page.get_by_role("button", name="Save and continue editing").first.click()


def test_admin_index_and_every_list_of_content_opens(editor: Page) -> None:
    editor.goto("/admin/")
    expect(editor.get_by_role("heading", level=1)).to_be_visible()
    for model in CONTENT:
        response = editor.goto(f"/admin/{model}/")
        assert response is not None
        assert response.status == 200, model
        expect(editor.locator("#changelist")).to_be_visible()


@pytest.mark.parametrize("model", FORMS)
def test_form_and_history_of_content_open(editor: Page, model: str) -> None:
    open_form(editor, model)
    editor.get_by_role("link", name="History").click()
    expect(editor.locator("#content")).to_contain_text(re.compile("History|history"))


@pytest.fixture
def restored(editor: Page) -> Iterator[dict[str, Any]]:
    """The spare question's form; whatever a test did to its prompt is put back."""
    open_form(editor, "quizzes/question", SPARE)
    address, prompt = editor.url, editor.locator("#id_prompt").input_value()
    yield {"address": address, "prompt": prompt}
    editor.goto(address)
    if editor.locator("#id_prompt").input_value() != prompt:
        editor.locator("#id_prompt").fill(prompt)
        save(editor)
        expect(editor.locator(".messagelist .success")).to_be_visible()


def test_readers_see_an_edited_prompt_at_once(
    editor: Page, new_context: Contexts, restored: dict[str, Any]
) -> None:
    reader = new_context().new_page()
    legend = open_step(reader, SPARE_STEP).locator(".answers legend")
    expect(legend).to_contain_text(restored["prompt"])
    changed = restored["prompt"] + " Say it in your own words first."
    editor.locator("#id_prompt").fill(changed)
    save(editor)
    expect(editor.locator(".messagelist .success")).to_be_visible()
    reader.reload()
    expect(legend).to_contain_text(changed)


def test_answer_to_a_question_changed_meanwhile_is_refused_with_a_reason(
    editor: Page, new_context: Contexts, restored: dict[str, Any]
) -> None:
    reader = new_context().new_page()
    place = open_step(reader, SPARE_STEP)
    place.locator("fieldset.answers input[type=radio]").first.check()
    editor.locator("#id_prompt").fill(restored["prompt"] + " Look again.")
    save(editor)
    expect(editor.locator(".messagelist .success")).to_be_visible()
    place.get_by_role("button", name="Check").click()
    expect(place.locator(".error-summary")).to_contain_text("changed by its editor")
    expect(place.locator(".answers legend")).to_contain_text("Look again.")
    place.locator("fieldset.answers input[type=radio]").first.check()
    place.get_by_role("button", name="Check").click()
    expect(place.locator(".feedback").first).to_be_visible()


def right_option(page: Page) -> Locator:
    return page.locator("input[type=checkbox][name$='-is_key']:checked")


def test_question_without_a_key_is_refused_in_plain_words(
    editor: Page, new_context: Contexts, restored: dict[str, Any]
) -> None:
    expect(right_option(editor)).to_have_count(1)
    right_option(editor).uncheck()
    save(editor)
    expect(editor.locator(".errornote, .messagelist .error, .errorlist").first).to_be_visible()
    told = " ".join(editor.locator(".errorlist, .messagelist .error").all_inner_texts())
    assert "right" in told, told
    assert "Exception" not in told
    editor.goto(restored["address"])  # nothing was stored
    expect(right_option(editor)).to_have_count(1)
    reader = new_context().new_page()
    response = reader.goto(step_address(SPARE_STEP))
    assert response is not None
    assert response.status == 200
    expect(question(reader)).to_be_visible()


def test_student_and_visitor_are_kept_out(page: Page, new_context: Contexts) -> None:
    page.goto("/admin/quizzes/question/")
    assert "/admin/login/" in page.url or "/accounts/sign-in/" in page.url
    other = new_context().new_page()
    enter(other, "student")
    other.goto("/admin/quizzes/question/")
    expect(other.locator("#result_list")).to_have_count(0)
