"""A first-time reader goes from the first page to a finished quiz."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from .lesson import (
    LESSON,
    PRACTICE,
    QUIZ,
    STEPS,
    WAITING,
    Answer,
    Keyboard,
    Mouse,
    become_guest,
    check,
    next_step,
    open_step,
    question,
    start_quiz,
    step_address,
    without_script,
)

Contexts = Callable[..., BrowserContext]


def walk(page: Page, hand: Mouse | Keyboard, *, script: bool = True) -> None:
    """From `/` to the result, every practice question answered wrong first."""
    page.goto("/")
    hand.press(page.get_by_role("link", name="The letter and the middle position").first)
    hand.press(page.get_by_role("link", name="Start the lesson"))
    for number, step in enumerate(STEPS[:-1], start=1):
        page.wait_for_url(f"**{step_address(step)}*")
        expect(page.locator(".steps summary")).to_contain_text(f"Step {number} of {len(STEPS)}")
        if script:
            page.evaluate("window.samePage = true")
        if isinstance(hand, Keyboard):
            hand.shortcut = step in {"another-record", "in-your-own-words"}
        for position, (first, right) in enumerate(PRACTICE.get(step, []), start=1):
            answer_twice(page, hand, position, first, right, script=script)
        if script:
            assert page.evaluate("window.samePage") is True
        if step in PRACTICE:
            expect(page.locator(".steps li.here")).to_contain_text("here, done")
        if isinstance(hand, Keyboard) and number % 2:
            hand.key("n")
        else:
            hand.press(next_step(page))
    page.wait_for_url(f"**{step_address('closing-quiz')}*")
    take_quiz(page, hand)


def answer_twice(
    page: Page, hand: Mouse | Keyboard, position: int, first: Answer, right: Answer, *, script: bool
) -> None:
    place = question(page, position)
    submit = place.locator("form").first.locator("button[type=submit]")
    if step_waits(page, position):
        assert WAITING not in page.content()
    hand.answer(position, first)
    hand.press(submit)
    if first == right:  # a written answer is handed in once
        expect(place).to_contain_text("Compare your answer")
    else:
        expect(place.locator(".feedback").first).to_be_visible()
        expect(place).not_to_contain_text("Why")
        if script:
            expect(place.locator("h2")).to_be_focused()
        hand.answer(position, right)
        hand.press(submit)
        expect(place.locator(".explanation")).to_be_visible()
        expect(place).to_contain_text("Right.")
    if script:
        expect(place.locator("h2")).to_be_focused()
        expect(page.locator("#status")).not_to_be_empty()
    if step_waits(page, position, last=True):
        expect(page.locator("#after-notes")).to_contain_text(WAITING)


def step_waits(page: Page, position: int, *, last: bool = False) -> bool:
    """Whether ¶3's waiting note belongs to this step (and this is its last question)."""
    step = page.url.split("?")[0].split("#")[0].rstrip("/").rsplit("/", 1)[1]
    if step not in {"a-middle-position", "another-record", "in-your-own-words"}:
        return False
    return not last or position == len(PRACTICE[step])


def take_quiz(page: Page, hand: Mouse | Keyboard) -> None:
    hand.press(page.get_by_role("button", name="Start the quiz"))
    expect(page.locator("form.graded li.question")).to_have_count(len(QUIZ))
    assert WAITING not in page.content()
    for position, answer in enumerate(QUIZ, start=1):
        hand.answer(position, answer)
    hand.press(page.get_by_role("button", name="Check your answers"))
    expect(page.locator("main")).to_contain_text("Every question is answered.")
    expect(page.locator("dl.review")).to_contain_text("at first glance")
    hand.press(page.get_by_role("button", name="Hand in"))
    expect(page.locator("#result-h")).to_have_text("6 of 6 points")
    assert re.fullmatch(r"\S{6,}", page.locator(".receipt code").inner_text())
    expect(page.locator(".result.right")).to_have_count(len(QUIZ))
    expect(page.locator("#after-notes")).to_contain_text(WAITING)


@pytest.mark.parametrize("width", [1280, 360])
def test_reader_finishes_the_lesson_by_mouse(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 760})
    walk(page, Mouse(page))
    page.goto("/me/")
    expect(page.locator("#main")).to_contain_text("6 of 6")
    expect(page.locator("#main")).to_contain_text("Done")
    page.get_by_role("link", name=re.compile("Closing quiz.*attempt 1")).click()
    expect(page.locator("#result-h")).to_have_text("6 of 6 points")


@pytest.mark.parametrize("width", [1280, 360])
def test_reader_finishes_the_lesson_by_keyboard_alone(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 760})
    walk(page, Keyboard(page))


@pytest.mark.parametrize("width", [1280, 360])
def test_reader_finishes_the_lesson_without_script(new_context: Contexts, width: int) -> None:
    page = without_script(new_context, viewport={"width": width, "height": 760})
    walk(page, Mouse(page), script=False)
    page.goto("/me/")
    expect(page.locator("#main")).to_contain_text("6 of 6")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_back_forward_and_reload_show_what_was_answered(
    new_context: Contexts, script: bool
) -> None:
    page = new_context(java_script_enabled=script).new_page()
    methods = watch_pages(page)
    first, right = PRACTICE["a-letter-arrives"][0]
    open_step(page, "a-letter-arrives")  # as a visitor, of whom nothing is kept yet
    check(page, 1, first)
    check(page, 1, right)
    next_step(page).click()
    page.wait_for_url(f"**{step_address('at-first-glance')}*")
    page.go_back()
    page.wait_for_url(f"**{step_address('a-letter-arrives')}*")
    expect(question(page)).to_contain_text("Right.")
    expect(question(page).locator("input[type=radio]").first).to_be_disabled()
    page.go_forward()
    page.wait_for_url(f"**{step_address('at-first-glance')}*")
    expect(question(page).locator("fieldset.answers input").first).to_be_enabled()
    page.go_back()
    methods.clear()
    page.reload()
    expect(question(page)).to_contain_text("Right.")
    assert methods == ["GET"]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_reload_after_handing_in_sends_nothing_again(new_context: Contexts, script: bool) -> None:
    page = new_context(java_script_enabled=script).new_page()
    methods = watch_pages(page)
    start_quiz(page)
    Mouse(page).answer(4, QUIZ[3])
    page.get_by_role("button", name="Check your answers").click()
    expect(page.locator("main")).to_contain_text("4 questions are not answered")
    page.get_by_role("button", name="Hand in").click()
    receipt = page.locator(".receipt code").inner_text()
    methods.clear()
    page.reload()
    assert methods == ["GET"]
    assert page.locator(".receipt code").inner_text() == receipt
    page.go_back()  # the review page: nothing to hand in any more
    expect(page.locator(".receipt code")).to_have_text(receipt)
    expect(page.get_by_role("button", name="Hand in")).to_have_count(0)


def watch_pages(page: Page) -> list[str]:
    """The methods by which whole pages are asked for, as they are asked."""
    methods: list[str] = []

    def seen(request: Request) -> None:
        if request.is_navigation_request() and request.redirected_from is None:
            methods.append(request.method)

    page.on("request", seen)
    return methods


@pytest.mark.parametrize("role", ["student", "instructor", "editor"])
def test_first_page_of_the_demo_leads_in_as_each_of_its_people(page: Page, role: str) -> None:
    page.goto("/")
    page.locator(f"form[action='/demo/enter/{role}/'] button").click()
    out = page.get_by_role("button", name="Sign out", exact=True)
    expect(out.or_(page.locator("#logout-form button"))).to_be_visible()


def test_quiz_answers_change_until_handed_in(page: Page) -> None:
    start_quiz(page)
    hand = Mouse(page)
    hand.answer(3, Answer(words="impression"))
    page.get_by_role("button", name="Check your answers").click()
    expect(page.locator("dl.review")).to_contain_text("impression")
    page.get_by_role("link", name="Change answer 3").click()
    expect(question(page, 3).get_by_label("Your answer")).to_have_value("impression")
    hand.answer(3, QUIZ[2])
    page.get_by_role("button", name="Check your answers").click()
    expect(page.locator("dl.review")).to_contain_text("at first glance")


def test_reader_resumes_from_the_first_page_and_from_my_work(page: Page) -> None:
    become_guest(page)
    check(page, 1, PRACTICE["what-is-this"][0][1])
    next_step(page).click()
    page.wait_for_url(f"**{step_address('a-letter-arrives')}*")
    for start in ("/", "/me/", LESSON):
        page.goto(start)
        page.get_by_role("link", name=re.compile("^Go on ?: A letter arrives")).click()
        page.wait_for_url(f"**{step_address('a-letter-arrives')}*")


def test_reader_may_go_on_without_answering_and_sees_it(page: Page) -> None:
    open_step(page, "a-letter-arrives")
    page.get_by_role("button", name="Go on without answering").click()
    page.wait_for_url(f"**{step_address('at-first-glance')}*")
    expect(page.locator(".steps li", has_text="A letter arrives")).to_contain_text("skipped")


def test_empty_answer_is_refused_in_place(page: Page) -> None:
    place = open_step(page, "a-letter-arrives")
    place.get_by_role("button", name="Check").click()
    expect(place.locator(".error-summary")).to_contain_text("Choose an answer first.")
    expect(place.locator(".error-summary")).to_be_focused()
    expect(page.locator("#status")).to_have_text("Choose an answer first.")


def test_empty_answer_is_refused_without_script(new_context: Contexts) -> None:
    page = without_script(new_context)
    place = open_step(page, "a-letter-arrives")
    place.get_by_role("button", name="Check").click()
    expect(question(page).locator(".error-summary")).to_contain_text("Choose an answer first.")
    assert page.title().startswith("Error: ")


def test_double_click_on_check_answers_once(page: Page) -> None:
    place = open_step(page, "a-letter-arrives")
    Mouse(page).answer(1, PRACTICE["a-letter-arrives"][0][0])
    place.get_by_role("button", name="Check").dblclick()
    expect(place.locator("[name$='-tries']")).to_have_value("1")
    page.reload()
    expect(question(page).locator("[name$='-tries']")).to_have_value("1")


def test_unanswered_page_holds_no_key(page: Page) -> None:
    """What is right and why is not on the page before the first answer, nor is it asked for."""
    answers: list[Any] = []
    page.on("response", lambda response: answers.append(response))  # noqa: PLW0108
    open_step(page, "a-middle-position")
    told = "".join(a.text() for a in answers if "html" in a.headers.get("content-type", ""))
    for words in ("Disappointed him” is a judgement", "looks forward: the sentence", WAITING):
        assert words not in told
