"""An instructor gives out work and a student does it, at the same time; every page is for all."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .conftest import ROOT, Site
from .lesson import PRACTICE, check, enter, question, without_script
from .test_accessibility import in_every_look

LETTER = "the-letter-and-the-middle-position"
Contexts = Callable[..., BrowserContext]

SCRIPT = """
from django.utils import timezone
from datetime import timedelta
from lessons.accounts.models import User
from lessons.classrooms.domain import assignments, classes
from lessons.classrooms.models import Group, Membership
from lessons.guided.models import Lesson, Module
from lessons.quizzes.models import Quiz
teacher = User.objects.get(username="demo-instructor")
student = User.objects.get(username="demo-student")
name = "{name}"
room = classes.create_class(by=teacher, name=name, term="2026")
classes.join_class(classroom=room, by=student, roster_name="Amara Okafor")
for other in ("Yuki Sato", "Ben Carter"):
    user, _made = User.objects.get_or_create(username=other.replace(" ", "-").lower())
    classes.join_class(classroom=room, by=user, roster_name=other)
group = Group.objects.create(classroom=room, name="Readers")
group.members.set(room.memberships.students()[:2])
keys = [room.pk]
if {full}:
    now, day = timezone.now(), timedelta(days=1)
    member = Membership.objects.get(classroom=room, roster_name="Yuki Sato")
    quiz = Quiz.objects.get(key="sourcing-closing-quiz")
    late = dict(due_at=now - day, late_policy="per-day", late_per_day="0.05")
    for what, title, terms in (
        (Lesson.objects.get(slug="the-air-route"), "The air route", dict(due_at=now + day)),
        (quiz, "Whose record", dict(late, release="after-due", attempts_allowed=1)),
        (Module.objects.get(slug="between-the-blocs"), "Between the blocs",
         dict(opens_at=now + day, release="by-hand")),
        (Lesson.objects.get(slug="{letter}"), "Shut", dict(closes_at=now - day)),
    ):
        row = assignments.give_out(
            classroom=room, by=teacher, what=what, title=title, terms=terms,
            # Unreleased, it would keep the other tests' answers from the demo's student.
            members=[member] if terms.get("release") == "by-hand" else None,
        )
        keys.append(row.pk)
    row = room.assignments.get(title="Whose record")
    assignments.extend(
        assignment=row, membership=member, by=teacher, reason="ill", due_at=now + 2 * day
    )
    keys += [member.pk]
print("keys", *keys)
"""


@dataclass(frozen=True)
class Room:
    classroom: int
    lesson: int = 0
    quiz: int = 0
    module: int = 0
    shut: int = 0
    member: int = 0

    def at(self, path: str = "") -> str:
        return f"/classes/{self.classroom}/assignments/{path}"


def make_room(site: Site, name: str, *, full: bool) -> Room:
    """A class with the demo's people, made by the domain's own functions in the site's database."""
    script = SCRIPT.format(name=name, full=full, letter=LETTER)
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    environment |= {"DATA_DIR": str(site.data), "ENVIRONMENT": "demo"}
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Room(*map(int, re.findall(r"\d+", done.stdout.split("keys")[1])))


@pytest.fixture(scope="session")
def full_room(site: Site) -> Room:
    return make_room(site, "History 10b", full=True)


@pytest.fixture
def empty_room(site: Site, request: pytest.FixtureRequest) -> Room:
    return make_room(site, f"For {request.node.name[:60]}", full=False)


def test_given_out_and_done_at_the_same_time(
    page: Page, new_context: Contexts, empty_room: Room
) -> None:
    enter(page, "instructor")
    student = new_context().new_page()
    enter(student, "student")
    page.goto(empty_room.at())
    expect(page.get_by_text("Nothing is given out yet.")).to_be_visible()
    page.get_by_role("link", name="Give out work").click()
    page.get_by_label("Search titles and questions").fill("middle position")
    page.get_by_role("button", name="Search").click()
    walk = page.get_by_role("link", name=re.compile("Walk through it as a student ?: The letter"))
    assert (walk.get_attribute("href") or "").startswith("/work/preview/")
    page.get_by_role("link", name=re.compile("Give out this lesson ?: The letter")).click()
    title = f"Letter {empty_room.classroom}"
    page.get_by_label("Title").fill("")
    page.get_by_role("button", name="Give it out").click()
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_label("Title").fill(title)
    page.get_by_label(re.compile("^Due")).fill("2099-05-04T17:00")
    page.get_by_label("when you release them").check()
    page.get_by_role("button", name="Give it out").click()
    expect(page.get_by_text("is given out.")).to_be_visible()
    key = page.get_by_role("link", name=re.compile("See it as students do"))
    base = f"{key.get_attribute('href')}lessons/{LETTER}/"

    student.goto("/me/")
    row = student.locator(".my-classes li", has_text=title)
    expect(row).to_contain_text("Due Monday, 4 May 2099, 17:00 (Europe/London)")
    expect(row).to_contain_text("0 of 8 steps done")
    row.get_by_role("link", name=re.compile("Begin")).click()
    expect(student.locator(".given")).to_contain_text(title)
    student.goto(f"{base}a-letter-arrives/")
    wrong, _right = PRACTICE["a-letter-arrives"][0]
    check(student, 1, wrong)
    expect(question(student)).not_to_contain_text("Not this one")
    expect(question(student).get_by_role("button", name="Check")).to_have_count(0)

    page.reload()
    expect(page.locator(".given-list li").first).to_contain_text("1 begun")
    page.get_by_role("link", name=re.compile("Release answers")).click()
    page.get_by_label("Show every student").check()
    page.get_by_role("button", name="Release", exact=True).click()
    expect(page.get_by_text("Answers and marks are released")).to_be_visible()

    student.reload()
    expect(question(student)).to_contain_text("Not this one.")
    student.goto("/me/")
    notice = student.locator(".notices li", has_text="Released").filter(has_text=title)
    notice.get_by_role("button", name=re.compile("Mark as read")).click()
    expect(student.locator(".notices li:visible", has_text=f"Released: {title}")).to_have_count(0)


def test_plan_by_keyboard_and_without_script(new_context: Contexts, full_room: Room) -> None:
    page = without_script(new_context)
    enter(page, "instructor")
    page.goto(full_room.at(f"{full_room.lesson}/plan/"))
    lines = page.locator(".plan ol.lines > li > .line > label:not(.sr)")
    second = lines.nth(1).inner_text()
    page.locator(".plan ol.lines:not(.inner) > li").nth(1).get_by_role(
        "button", name=re.compile("^Up")
    ).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is not saved yet")).to_be_visible()
    first_row = page.locator(".plan ol.lines:not(.inner) > li").first
    expect(first_row).to_contain_text(second.split("\n")[0])
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("The plan is saved.")).to_be_visible()
    expect(page.locator(".plan ol.lines:not(.inner) > li").first).to_contain_text(
        second.split("\n")[0]
    )
    page.get_by_role("button", name="Back to the lesson as it stands").click()
    expect(page.get_by_text("as it stands in the lessons")).to_be_visible()


def test_extension_and_withdrawal_without_script(new_context: Contexts, full_room: Room) -> None:
    page = without_script(new_context)
    enter(page, "instructor")
    page.goto(full_room.at(f"{full_room.quiz}/extensions/"))
    expect(page.get_by_text("After due waits for the last extension (Yuki Sato,")).to_be_visible()
    page.get_by_role("link", name="Ben Carter").click()
    page.get_by_label(re.compile("^Due")).fill("2099-05-04T17:00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name=re.compile("Ben Carter"))).to_contain_text("4 May 2099")
    expect(page.get_by_text("waits for the last extension (Ben Carter, 4 May)")).to_be_visible()
    page.get_by_role("link", name="Ben Carter").click()
    page.get_by_role("button", name=re.compile("Remove")).click()
    expect(page.get_by_text("the class's terms hold again")).to_be_visible()
    page.goto(full_room.at())
    page.get_by_role("button", name=re.compile("Withdraw ?: Shut")).click()
    expect(page.get_by_text("is withdrawn")).to_be_visible()
    page.get_by_role("button", name=re.compile("Give it back ?: Shut")).click()
    expect(page.get_by_text("is given out again")).to_be_visible()


def test_calendar_address_is_made_and_opens_without_a_login(
    page: Page, new_context: Contexts, full_room: Room
) -> None:
    enter(page, "student")
    page.goto("/me/")
    page.get_by_text("Due dates in your own calendar").click()
    page.get_by_role("button", name="Make my calendar address").or_(
        page.get_by_role("button", name="Make a new address")
    ).click()
    address = page.get_by_label("Address of your calendar").input_value()
    feed = new_context().request.get(address)
    assert feed.status == 200
    assert "The air route (History 10b)" in feed.text().replace("\r\n ", "")


def pages_of(room: Room) -> dict[str, list[str]]:
    return {
        "instructor": [
            room.at(),
            room.at("new/"),
            room.at("new/?q=xyzzy"),
            room.at("new/?what=lesson-1"),
            room.at(f"{room.quiz}/edit/"),
            room.at(f"{room.lesson}/plan/"),
            room.at(f"{room.quiz}/extensions/"),
            room.at(f"{room.quiz}/extensions/{room.member}/"),
            room.at(f"{room.module}/release/"),
            room.at(f"{room.quiz}/copy/"),
        ],
        "student": ["/me/"],
    }


def test_pages_are_accessible(page: Page, full_room: Room, axe: Callable[..., None]) -> None:
    for role, paths in pages_of(full_room).items():
        enter(page, role)
        for path in paths:
            page.goto(path)
            folds = page.locator("main details:not([open]) > summary")
            for _fold in range(min(folds.count(), 3)):
                folds.first.click()
            in_every_look(page, axe)
    for title, step in (("Whose record", "closing-quiz"), ("Shut", "a-letter-arrives")):
        page.goto("/me/")
        page.locator(".my-classes h4 a", has_text=title).first.click()
        in_every_look(page, axe)
        page.locator(".work-list a").first.click()
        in_every_look(page, axe)
        page.goto(f"{page.url}{step}/")
        expect(page.locator(".given")).to_be_visible()
        in_every_look(page, axe)


def test_refused_form_is_accessible(page: Page, full_room: Room, axe: Callable[..., None]) -> None:
    enter(page, "instructor")
    page.goto(full_room.at("new/?what=lesson-1"))
    page.get_by_label("only some groups or students").check()
    expect(page.get_by_label("Amara Okafor")).to_be_visible()
    page.get_by_label(re.compile("^Due")).fill("")
    page.get_by_label("nothing is taken any more").check()
    page.get_by_role("button", name="Give it out").click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator(".error-summary li")).to_have_count(2)
    axe(page)
    page.locator(".error-summary a").last.click()
    assert page.title().startswith("Error:")
