"""One class period as its teacher has it: from an empty class to grades in a file, timed.

An instructor and three students are in browsers of their own at the same time; twenty-seven more
come in by the same forms over plain HTTP.
"""

import csv
import re
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import APIRequestContext, BrowserContext, Locator, Page, Playwright, expect

from .conftest import Clock, Site
from .lesson import MY_WORDS, PRACTICE, QUIZ, Answer, Mouse, check, enter, question

Axe = Callable[..., None]
Contexts = Callable[..., BrowserContext]
LETTER = "The letter and the middle position"
LESSON = "lessons/the-letter-and-the-middle-position/"
AMARA, BEN, CHIARA = "Amara Obi", "Ben Thorn", "Chiara Longo"
OTHERS = 27
COMMENT = "Which words of the record show it?"


# --- What a teacher does ----------------------------------------------------------------------


def make_class(page: Page) -> str:
    """Ends on the page for the projector; returns the code that can be read from it."""
    page.goto("/classes/")
    page.get_by_role("link", name="Make a class").click()
    page.get_by_label("Name", exact=True).fill(f"History {uuid.uuid4().hex[:6]}")
    page.get_by_role("button", name="Make the class").click()
    expect(page.locator(".wall .qr svg")).to_be_visible()
    code = page.locator(".code b")
    for half in code.all():
        box = half.bounding_box()
        assert box is not None
        assert box["height"] > 60  # px, to be read from the last row
    return "".join(code.all_inner_texts())


def give_out(page: Page) -> None:
    page.get_by_role("link", name="Give out work").click()
    page.get_by_role("link", name=re.compile(f"Give out this lesson ?: {LETTER}")).click()
    page.get_by_label(re.compile("^Due")).fill("2099-05-04T17:00")
    page.get_by_role("button", name="Give it out").click()
    expect(page.get_by_text("is given out.")).to_be_visible()


def tab(page: Page, name: str, of: str = "class") -> None:
    page.get_by_role("navigation", name=f"Pages of this {of}").get_by_role(
        "link", name=name, exact=True
    ).click()


def mark_the_answer(page: Page) -> None:
    page.get_by_role("link", name="Mark what they wrote").click()
    page.get_by_role("row").filter(has_text="A classmate says").get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("Answer 1 of 1")
    expect(page.locator("main")).to_contain_text(MY_WORDS)
    expect(page.locator("main")).not_to_contain_text(CHIARA)
    for criterion in page.locator("fieldset.criterion").all():
        criterion.locator("input[type=radio]").last.check()
    page.get_by_label("Comment for the student").fill(COMMENT)
    page.get_by_role("button", name=re.compile("^Save")).click()
    expect(page.locator(".messages")).to_contain_text("Marked.")


def row_of(page: Page, name: str) -> Locator:
    return page.get_by_role("row", name=re.compile(f"^{name}"))


def take_away(page: Page, kind: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("link", name=f"Download {kind}").click()
    path = folder / f"book.{kind.lower()}"
    download.value.save_as(path)
    return path


# --- What students do -------------------------------------------------------------------------


def join_by_typing(page: Page, code: str, name: str) -> None:
    """From the projector's address to My work, as somebody who has no account."""
    page.goto("/join/")
    page.get_by_label("Join code").fill(f"{code[:4].lower()} {code[4:].lower()}")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name="Make an account").click()
    first = name.split(maxsplit=1)[0].lower()
    page.get_by_label("User name").fill(f"{first}-{uuid.uuid4().hex[:8]}")
    page.get_by_label("Password", exact=True).fill("a long enough pass phrase")
    page.get_by_role("button", name="Make the account").click()
    page.get_by_label("Your name on the class list").fill(name)
    page.get_by_role("button", name="Join the class").click()
    expect(page).to_have_url(re.compile("/me/"))


def join_over_http(request: APIRequestContext, code: str, name: str) -> None:
    """The same forms without a browser: an account, then the class."""
    join = f"/join/{code}/"

    def send(path: str, fields: dict[str, str]) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', request.get(path).text())
        assert found, path
        response = request.post(path, form=fields | {"csrfmiddlewaretoken": found[1]})
        assert response.ok, response.text()[:2000]
        return urlsplit(response.url).path

    account = {"username": f"s-{uuid.uuid4().hex[:10]}", "password": "a long enough pass phrase"}
    assert send(f"/accounts/sign-up/?next={join}", account | {"next": join}) == join
    assert send(join, {"roster_name": name}) == "/me/"


def begin(page: Page) -> str:
    """From My work into the lesson; returns the address of its steps."""
    page.goto("/me/")
    row = page.locator(".my-classes li", has_text=LETTER)
    expect(row).to_contain_text("Due Monday, 4 May 2099, 17:00")
    row.get_by_role("link", name=re.compile("^Begin")).click()
    expect(page.locator(".given")).to_contain_text(LETTER)
    return urlsplit(page.url).path.split("lessons/")[0] + LESSON


def answer(page: Page, base: str, step: str, given: Answer) -> None:
    page.goto(f"{base}{step}/")
    check(page, 1, given)


def hand_in_quiz(page: Page, base: str) -> None:
    page.goto(f"{base}closing-quiz/")
    page.get_by_role("button", name="Start the quiz").click()
    expect(page.locator("form.graded")).to_be_visible()
    for position, right in enumerate(QUIZ, 1):
        Mouse(page).answer(position, right)
    page.locator("form.graded button[type=submit]").last.click()
    expect(page.locator("dl.review")).to_be_visible()
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#result")).to_be_visible()


# --- The period -------------------------------------------------------------------------------


def test_one_period_from_an_empty_class_to_grades_in_a_file(
    page: Page,
    new_context: Contexts,
    playwright: Playwright,
    site: Site,
    tmp_path: Path,
    axe: Axe,
    clock: Clock,
) -> None:
    teacher = page
    enter(teacher, "instructor")
    with clock.part("make a class, its code on the wall"):
        code = make_class(teacher)
    amara, ben, chiara = (new_context().new_page() for _ in range(3))

    with clock.part("three join by typing the code"):
        for student, name in ((amara, AMARA), (ben, BEN), (chiara, CHIARA)):
            join_by_typing(student, code, name)
    with clock.part(f"{OTHERS} more join over HTTP, the wall counts by itself"):
        for number in range(OTHERS):
            request = playwright.request.new_context(base_url=site.url)
            join_over_http(request, code, f"Student {number:02}")
            request.dispose()
        expect(teacher.locator("#joined")).to_have_text("30 students are in this class")
    axe(teacher)

    with clock.part("give out a lesson"):
        give_out(teacher)
    with clock.part("students find it and begin; the dashboard stands open"):
        teacher.get_by_role("link", name=LETTER, exact=True).click()
        expect(teacher.locator(".headline")).to_have_text("0 of 30 are done. 30 have not started.")
        expect(row_of(teacher, BEN)).to_contain_text("not started")
        base = begin(amara)
        assert begin(ben) == begin(chiara) == base

    wrong, right = PRACTICE["a-letter-arrives"][0]
    with clock.part("one answers right, one wrong, one writes and hands in the quiz"):
        answer(amara, base, "a-letter-arrives", right)
        answer(ben, base, "a-letter-arrives", wrong)
        expect(question(ben)).to_contain_text("Not this one.")
        answer(chiara, base, "in-your-own-words", Answer(words=MY_WORDS))
        hand_in_quiz(chiara, base)
    with clock.part("the dashboard follows without being loaded again"):
        expect(row_of(teacher, BEN)).to_contain_text("0%")
        expect(row_of(teacher, AMARA)).to_contain_text("100%")
        expect(row_of(teacher, CHIARA)).to_contain_text("unmarked")
        expect(teacher.locator(".headline")).to_contain_text("27 have not started.")
        expect(teacher.locator(".who-where .not-started")).to_contain_text("Student 00")
    axe(teacher)

    with clock.part("mark the written answer from the queue"):
        mark_the_answer(teacher)
    with clock.part("the student reads mark and comment"):
        chiara.goto("/me/")
        chiara.locator(".my-classes li", has_text=LETTER).get_by_role(
            "link", name=re.compile("^Marks and comments")
        ).click()
        expect(chiara.locator("main")).to_contain_text("marked by your teacher")
        expect(chiara.locator("main")).to_contain_text(COMMENT)

    with clock.part("gradebook: weigh, take away as CSV and XLSX"):
        tab(teacher, "Gradebook")
        teacher.get_by_label(f"Weight of {LETTER}").fill("2")
        teacher.get_by_role("button", name="Save weights").click()
        expect(teacher.get_by_text("The weights are saved")).to_be_visible()
        grade = row_of(teacher, CHIARA).locator("td").first.locator("b").inner_text()
        assert re.fullmatch(r"[\d.]+%", grade)
        with take_away(teacher, "CSV", tmp_path).open(encoding="utf-8-sig", newline="") as file:
            rows = {row[0]: row for row in csv.reader(file) if row}
        sheet = zipfile.ZipFile(take_away(teacher, "XLSX", tmp_path))
        cells = "".join(sheet.read(n).decode() for n in sheet.namelist() if n.endswith(".xml"))
    names = [AMARA, BEN, CHIARA, *(f"Student {n:02}" for n in range(OTHERS))]
    assert set(names) <= set(rows)
    assert [name for name in names if name not in cells] == []
    assert grade.rstrip("%") in " ".join(rows[CHIARA])
    axe(teacher)

    with clock.part("one student's page, and what they see"):
        teacher.get_by_role("rowheader", name=CHIARA).get_by_role("link").click()
        expect(teacher.locator("h1")).to_have_text(CHIARA)
        expect(teacher.locator("main")).to_contain_text(MY_WORDS)
        expect(teacher.locator("main")).to_contain_text(COMMENT)
        axe(teacher)
        teacher.get_by_role("link", name=f"See {LETTER} as this student does").click()
        teacher.get_by_role("link", name="In your own words").click()
        expect(teacher.get_by_role("complementary", name="You are looking on")).to_be_visible()
        expect(teacher.locator("main")).to_contain_text(MY_WORDS)
    axe(teacher)
