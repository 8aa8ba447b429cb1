"""The pictures of docs/editors.md, taken anew: python -m tests.e2e.pictures http://127.0.0.1:8000

The demo has to run there; the program edits one note of it, and takes that back.
"""

import base64
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.run import find_browser

from .conftest import ROOT
from .lesson import enter

FOLDER = ROOT / "docs" / "images"
SIZE = {"width": 1100, "height": 640}
LARGEST = 60_000
"""Bytes of a picture."""
RECORD = ROOT / "fixtures" / "source" / "record-1958-04-19.md"
BANK = """::The last words:: Who said that the record ends here? {
  =Nobody: the record only stops. #It has no closing formula.
  ~The Ambassador #He is the last to speak, and says nothing of an end.
  ~Khrushchev #He is not the last to speak.
}

::Readings:: How many readings does a sentence have? {#2..9}

::Why:: Why does a record name its interpreter? {}
"""


def take(page: Page, name: str, at: str = "") -> None:
    """The window as it stands, or from the first element that `at` names downwards."""
    if at:
        page.locator(at).first.evaluate("el => scrollTo(0, scrollY + el.getBoundingClientRect().y)")
    page.evaluate("document.activeElement?.blur()")
    window = page.context.new_cdp_session(page)
    for quality in range(80, 20, -10):
        shot = {"format": "webp", "quality": quality}
        data = base64.b64decode(window.send("Page.captureScreenshot", shot)["data"])
        if len(data) <= LARGEST:
            break
    (FOLDER / f"editors-{name}.webp").write_bytes(data)


def start(page: Page) -> None:
    page.goto("/admin/")
    page.locator(".first-steps summary").click()
    take(page, "start", "#content")


def importing(page: Page) -> None:
    page.goto("/admin/documents/document/import/")
    page.locator("#id_file").set_input_files(RECORD)
    page.locator("#content form [type=submit]").first.click()
    page.wait_for_load_state()
    take(page, "import", "#passages")
    page.goto("/admin/")


def bank(page: Page) -> None:
    page.goto("/admin/quizzes/question/import-gift/")
    page.locator("#id_text").fill(BANK)
    page.locator("#content form [type=submit]").first.click()
    page.wait_for_load_state()
    take(page, "gift", ".gift-counts")


def save(page: Page, field: str, text: str, why: str) -> None:
    page.locator(field).fill(text)
    page.locator("#this_why").fill(why)
    page.locator("#this_sure").check()
    page.locator("input[name=_continue]").first.click()
    expect(page.locator(".messagelist .success")).to_be_visible()


def past(page: Page) -> None:
    page.goto("/admin/documents/term/?q=bloc")
    page.locator("#result_list tbody th a").first.click()
    words = page.locator("#id_definition").input_value()
    save(page, "#id_definition", f"{words} Few joined gladly.", "A reader asked what it cost.")
    page.locator(".historylink").click()
    take(page, "history", "#content")
    page.locator(".change a").first.click()
    take(page, "restore", "#content")
    page.go_back()
    page.go_back()
    save(page, "#id_definition", words, "As it was.")


PICTURES: list[Callable[[Page], None]] = [start, importing, bank, past]


@contextmanager
def window(address: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(find_browser()), args=["--no-sandbox"]
        )
        yield browser.new_page(base_url=address, viewport=SIZE, color_scheme="light")  # type: ignore[arg-type]
        browser.close()


if __name__ == "__main__":
    with window(sys.argv[1]) as page:
        enter(page, "editor")
        for picture in PICTURES:
            picture(page)
    for path in sorted(Path(FOLDER).glob("editors-*.webp")):
        print(path.name, path.stat().st_size)
