"""Gradebook, one grade, a student's page and looking on, in a real browser."""

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .conftest import ROOT, Site
from .lesson import enter
from .test_accessibility import in_every_look

PAGES = ["book", "grade", "by_hand", "student", "as", "practice", "closing"]
Places = dict[str, str]


@pytest.fixture(scope="module")
def places(site: Site) -> Places:
    """A class of the demo's instructor, with grades in every state."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    environment.pop("DATABASE_URL", None)
    environment |= {"ENVIRONMENT": "demo", "DATA_DIR": str(site.data)}
    environment["DJANGO_SETTINGS_MODULE"] = "coldwar.settings"
    made = subprocess.run(
        [sys.executable, "-m", "tests.e2e.grades_class"],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
    )
    found: Places = json.loads(made.stdout)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_accessible_and_fit_the_screen(
    name: str, page: Page, places: Places, axe: Callable[..., None]
) -> None:
    enter(page, "instructor")
    page.goto(places[name])
    in_every_look(page, axe)


def test_heads_stay_while_the_gradebook_scrolls(page: Page, places: Places) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    enter(page, "instructor")
    page.goto(places["book"])
    region = page.get_by_role("region", name="Grades", exact=True)
    region.scroll_into_view_if_needed()
    place = "e => { const b = e.getBoundingClientRect(); return [b.left, b.top] }"
    name = page.get_by_role("rowheader", name="Elif Kaya")
    head = page.get_by_role("columnheader", name="Student")
    before, top = name.evaluate(place)[0], head.evaluate(place)
    region.evaluate("e => { e.scrollLeft = 100; e.scrollTop = 60 }")
    assert region.evaluate("e => [e.scrollLeft, e.scrollTop]") == [100, 60]
    assert name.evaluate(place)[0] == pytest.approx(before, abs=1)
    assert head.evaluate(place) == pytest.approx(top, abs=1)


def decide(page: Page, places: Places) -> None:
    """Weights, a grade by hand, taken back, an excuse and its end; then a table to take away."""
    enter(page, "instructor")
    page.goto(places["book"])
    page.get_by_label("Weight of The letter").fill("3")
    page.get_by_role("button", name="Save weights").click()
    expect(page.get_by_text("The weights are saved")).to_be_visible()
    expect(page.get_by_label("Weight of The letter")).to_have_value("3")
    page.get_by_label("Weight of Closing quiz").fill("many")
    page.get_by_role("button", name="Save weights").click()
    expect(page).to_have_title(re.compile("^Error: Gradebook"))
    page.get_by_role("link", name="Closing quiz: Enter a number.").click()
    expect(page.get_by_label("Weight of Closing quiz")).to_be_focused()
    page.goto(places["grade"])
    page.get_by_label("Grade", exact=True).fill("7.5")
    page.get_by_label("points").check()
    page.locator("#override_reason").fill("Oral examination")
    page.get_by_role("button", name="Set this grade").click()
    expect(page.locator(".lede")).to_contain_text("83.3% · set by hand · computed:")
    expect(page.locator(".log")).to_contain_text("Dr Leyla Aydın")
    page.locator("#back_reason").fill("For another student")
    page.get_by_role("button", name="Take the grade back").click()
    expect(page.locator(".lede")).not_to_contain_text("set by hand")
    page.get_by_role("button", name="Excuse", exact=True).click()
    expect(page.locator(".lede")).to_contain_text("excused")
    page.get_by_role("button", name="Let it count").click()
    expect(page.locator(".lede")).not_to_contain_text("excused")


def test_an_instructor_decides_and_takes_the_table_away(
    page: Page, places: Places, tmp_path: Path
) -> None:
    decide(page, places)
    page.goto(places["book"])
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    assert re.fullmatch(
        r"gradebook-11b-spring-\d{4}-\d\d-\d\d\.csv", download.value.suggested_filename
    )
    download.value.save_as(tmp_path / "book.csv")
    with (tmp_path / "book.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    shown = page.locator(".gradebook tbody th").all_inner_texts()
    assert [row[0] for row in rows[2:-1]] == [name.strip() for name in shown]
    with page.expect_download() as download:
        page.get_by_role("link", name="Download XLSX").click()
    download.value.save_as(tmp_path / "book.xlsx")
    assert (tmp_path / "book.xlsx").read_bytes().startswith(b"PK")


def test_deciding_works_without_javascript(
    new_context: Callable[..., BrowserContext], places: Places
) -> None:
    context = new_context(java_script_enabled=False)
    decide(context.new_page(), places)


def test_names_are_hidden_for_the_projector(page: Page, places: Places) -> None:
    enter(page, "instructor")
    page.goto(places["book"])
    expect(page.locator("main")).to_contain_text("Amara Okafor")
    page.keyboard.press("h")
    expect(page.get_by_role("rowheader", name="Student 1")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("Amara Okafor")
    page.get_by_role("button", name="Show names").click()
    expect(page.locator("main")).to_contain_text("Amara Okafor")


def test_looking_on_sends_nothing(page: Page, places: Places) -> None:
    """Not by scripts that save drafts or report presence, nor by keys; links lead on inside it."""
    enter(page, "instructor")
    page.goto(places["practice"])
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.method + r.url) if r.method != "GET" else None)
    expect(page.get_by_role("complementary", name="You are looking on")).to_be_visible()
    assert page.locator("main :is(input, select, textarea, button):enabled").count() == 0
    assert page.locator("main form").count() == 0
    page.keyboard.press("n")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(1500)
    page.get_by_role("link", name="Closing quiz").first.click()
    expect(page).to_have_url(re.compile(f"{places['closing']}$"))
    page.get_by_role("link", name="Stop looking on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Amara Okafor")
    assert sent == []


def test_a_students_page_prints_on_two_pages_under_its_name(page: Page, places: Places) -> None:
    enter(page, "instructor")
    page.goto(places["student"])
    page.emulate_media(media="print")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".class-head")).to_contain_text("11B")
    printed = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) <= 2
