"""A class from its making to thirty slips, as its teacher and its students meet it."""

import re
import uuid
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from .conftest import PATIENCE, Watch
from .lesson import enter, sign_up
from .test_accessibility import assert_no_sideways_scrolling, in_every_look

Axe = Callable[..., None]
Contexts = Callable[..., BrowserContext]
LIST = "Name;Number;E-mail\nAmara Obi;0012;\nОльга Петрова;0013;\nZoë Łuk;;zoe@school.example"


def make_class(page: Page) -> str:
    """Makes a class as the demo's instructor, ends on its code's page; returns its address."""
    enter(page, "instructor")
    page.goto("/classes/new/")
    page.get_by_label("Name", exact=True).fill(f"History {uuid.uuid4().hex[:6]}")
    page.get_by_role("button", name="Make the class").click()
    expect(page.locator(".wall")).to_be_visible()
    found = re.search(r"/classes/\d+/", page.url)
    assert found
    return found[0]


def code_on(page: Page) -> str:
    return "".join(page.locator(".code b").all_inner_texts())


def test_pages_of_a_class_are_clean(page: Page, axe: Axe) -> None:
    enter(page, "instructor")
    page.goto("/classes/new/")
    page.get_by_role("button", name="Make the class").click()
    expect(page.locator(".error-summary")).to_be_focused()
    in_every_look(page, axe)
    here = make_class(page)
    in_every_look(page, axe)
    page.goto(f"{here}roster/")
    in_every_look(page, axe)
    page.get_by_label("Paste the list").fill(f"{LIST}\n=x;9;")
    page.get_by_role("button", name="Look through the list").click()
    expect(page.locator(".error-summary")).to_be_focused()
    in_every_look(page, axe)
    page.get_by_label("Paste the list").fill(LIST)
    page.get_by_role("button", name="Look through the list").click()
    expect(page.get_by_role("button", name="Add them")).to_be_visible()
    in_every_look(page, axe)
    page.get_by_role("button", name="Add them").click()
    expect(page.locator(".slip")).to_have_count(2)
    in_every_look(page, axe)
    page.goto(f"{here}members/")
    in_every_look(page, axe)
    page.get_by_role("link", name="Amara Obi").click()
    in_every_look(page, axe)
    page.get_by_role("button", name="Set a new password").click()
    expect(page.locator(".slip")).to_be_visible()
    in_every_look(page, axe)
    page.goto(f"{here}groups/new/")
    page.get_by_label("Name", exact=True).fill("Red")
    page.get_by_label("Amara Obi").check()
    in_every_look(page, axe)
    page.get_by_role("button", name="Save the group").click()
    expect(page.get_by_role("link", name="Red")).to_be_visible()
    for address in (f"{here}groups/", f"{here}settings/", f"{here}copy/", f"{here}leave/"):
        page.goto(address)
        in_every_look(page, axe)
    page.goto("/classes/")
    in_every_look(page, axe)


def test_pages_of_joining_are_clean(
    page: Page, axe: Axe, watch: Watch, new_context: Contexts
) -> None:
    watch.expect("status of 404")
    teacher = new_context().new_page()
    make_class(teacher)
    code = code_on(teacher)
    page.goto("/join/")
    in_every_look(page, axe)
    page.get_by_label("Join code").fill("wrong")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".error-summary")).to_be_focused()
    in_every_look(page, axe)
    page.goto(f"/join/{code}/")
    in_every_look(page, axe)
    enter(page, "student")
    page.goto(f"/join/{code}/")
    in_every_look(page, axe)
    page.get_by_role("button", name="Join the class").click()
    page.goto("/me/classes/")
    in_every_look(page, axe)


def test_the_wall_counts_while_students_join(page: Page, new_context: Contexts) -> None:
    make_class(page)
    code = code_on(page)
    expect(page.locator("#joined")).to_have_text("0 students are in this class")
    for number in (1, 2):
        student = new_context().new_page()
        student.goto("/join/")
        student.get_by_label("Join code").fill(f" {code[:4].lower()} {code[4:].lower()}")
        student.keyboard.press("Enter")
        student.get_by_role("link", name="Make an account").click()
        name = f"reader-{uuid.uuid4().hex[:8]}"
        student.get_by_label("User name").fill(name)
        student.get_by_label("Password", exact=True).fill("a long enough pass phrase")
        student.get_by_role("button", name="Make the account").click()
        student.get_by_role("button", name="Join the class").click()
        expect(student).to_have_url(re.compile("/me/"))
        words = "1 student is in this class" if number == 1 else "2 students are in this class"
        expect(page.locator("#joined")).to_have_text(words, timeout=PATIENCE)


def test_a_slip_opens_the_site_without_scripts(page: Page, new_context: Contexts) -> None:
    here = make_class(page)
    plain = new_context(java_script_enabled=False)
    cookies = page.context.cookies()
    plain.add_cookies(cookies)  # type: ignore[arg-type]
    teacher = plain.new_page()
    teacher.goto(f"{here}roster/")
    teacher.get_by_label("Paste the list").fill(LIST)
    teacher.get_by_role("button", name="Look through the list").click()
    teacher.get_by_role("button", name="Add them").click()
    username, password = teacher.locator(".slip .typed").all_inner_texts()[:2]

    student = new_context(java_script_enabled=False).new_page()
    student.goto("/accounts/sign-in/")
    student.get_by_label("User name").fill(username)
    student.get_by_label("Password", exact=True).fill(password)
    student.get_by_role("button", name="Sign in").click()
    expect(
        student.get_by_text("Your password was set by Dr Leyla Aydın for History")
    ).to_be_visible()
    student.goto("/modules/")
    expect(student.get_by_role("heading", name="Change your password")).to_be_visible()
    student.get_by_label("Password now").fill(password)
    student.get_by_label("New password").fill("a phrase of my own")
    student.get_by_role("button", name="Change the password").click()
    expect(student).to_have_url(re.compile("/me/$"))


def test_an_invitation_makes_an_assistant_who_sees_and_marks(
    page: Page, new_context: Contexts
) -> None:
    here = make_class(page)
    page.goto(f"{here}members/")
    page.get_by_label("For whom").fill("Mr Lee")
    page.get_by_label("As", exact=True).select_option("assistant")
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("code.link").inner_text()
    colleague = new_context().new_page()
    sign_up(colleague, f"lee-{uuid.uuid4().hex[:8]}")
    colleague.goto(link)
    colleague.get_by_role("button", name="Accept the invitation").click()
    expect(colleague.get_by_role("heading", name="Members")).to_be_visible()
    expect(colleague.get_by_role("link", name="Settings")).to_have_count(0)
    expect(colleague.get_by_role("button", name="Make a link")).to_have_count(0)


def test_pages_of_a_class_reflow_at_320_pixels(page: Page) -> None:
    here = make_class(page)
    page.set_viewport_size({"width": 320, "height": 640})
    for address in ("code/", "members/", "roster/", "settings/", "groups/new/"):
        page.goto(f"{here}{address}")
        assert_no_sideways_scrolling(page)
