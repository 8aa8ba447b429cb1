"""The real product in a real browser: one demo site for the session, watched for every fault.

`page` goes to the site by path (`page.goto("/")`). A test fails, whatever else it asserts, when
the browser logs an error, a script throws, or anything is asked of another host.
"""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebError,
    expect,
)

from tests.run import find_browser

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 300  # a busy machine is slow; a demo that ended is seen at once
PATIENCE = 30_000  # ms; a busy machine is slow, which is no fault of the page
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Chromium logs every answer from 400 on as an error; these two are ordinary answers here:
# a form that is drawn again, and a draft that a second tab has overtaken.
ORDINARY = ("status of 409", "status of 422")


expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)


# --- The site ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Site:
    url: str
    data: Path
    log: Path

    def rows(self, sql: str, *values: str) -> list[Any]:
        """Run one statement on its database, and commit it; the rows found."""
        path = self.data / "db.sqlite3"
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as database, database:
            return database.execute(sql, values).fetchall()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`manage.py demo` on a free port with an empty data folder, as a newcomer starts it."""
    folder = tmp_path_factory.mktemp("site")
    port = _free_port()
    site = Site(f"http://127.0.0.1:{port}", folder / "data", folder / "log.txt")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    for name in ("DATABASE_URL", "ENVIRONMENT", "DJANGO_SETTINGS_MODULE"):
        environment.pop(name, None)
    environment["DATA_DIR"] = str(site.data)
    with site.log.open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_it_answers(site, running)
        yield site
    finally:
        _stop(running)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(site: Site, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and running.poll() is None:
        try:
            with urllib.request.urlopen(f"{site.url}/healthz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    said = site.log.read_text(errors="replace")[-4000:]
    pytest.fail(f"The demo did not answer within {START_SECONDS} s. It said:\n{said}")


def _stop(running: subprocess.Popen[bytes]) -> None:
    """Stop the server and its workers."""

    def send(number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            if os.name == "posix":
                os.killpg(running.pid, number)
            else:
                running.kill()

    send(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.wait(timeout=15)
    send(getattr(signal, "SIGKILL", signal.SIGTERM))
    running.wait()


@pytest.fixture(scope="session")
def base_url(site: Site) -> str:
    return site.url


# --- The browser ------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = find_browser()
    if path is None:
        pytest.fail("Chromium was not found; set CHROMIUM to its path.")
    # The sandbox cannot start as root, as which CI runs.
    return {**browser_type_launch_args, "executable_path": path, "args": ["--no-sandbox"]}


@dataclass
class Watch:
    """What went wrong in a test's browser windows."""

    host: str
    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=lambda: list(ORDINARY))

    def expect(self, words: str) -> None:
        """A fault that this test causes on purpose: every message with these `words` is let by."""
        self.expected.append(words)

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)

    def unexpected(self) -> list[str]:
        return [f for f in self.faults if not any(words in f for words in self.expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text} ({message.location.get('url')})")

    def _error(self, error: WebError) -> None:
        self.faults.append(f"script: {error.error}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self.host:
            self.faults.append(f"request to another host: {request.url}")


@pytest.fixture
def watch(site: Site) -> Iterator[Watch]:
    watch = Watch(urlsplit(site.url).netloc)
    yield watch
    assert watch.unexpected() == []


@pytest.fixture
def new_context(
    watch: Watch, new_context: Callable[..., BrowserContext]
) -> Callable[..., BrowserContext]:
    """A browser of another person's; `page` has one of its own. Watched like it."""

    def make(**options: Any) -> BrowserContext:
        context = new_context(**options)
        context.set_default_timeout(PATIENCE)
        watch.over(context)
        return context

    return make


# Contrast is most of axe's work, and follows from colours, size and weight alone: of elements that
# have these in common, with all that lies behind them, three are marked for it (one may be where
# nothing can be measured, such as outside of a region's window). Other rules see every element.
AXE = """(tags, rules) => {
  const behind = new Map([[null, ""]]);
  const ground = el => {
    if (!behind.has(el)) {
      const {backgroundColor, backgroundImage, opacity, position, filter, mixBlendMode} =
        getComputedStyle(el);
      behind.set(el, [ground(el.parentElement), backgroundColor, backgroundImage, opacity,
        position, filter, mixBlendMode].join());
    }
    return behind.get(el);
  };
  const kinds = new Map();
  for (const el of document.body.querySelectorAll("*")) {
    const words = [...el.childNodes].filter(node => node.nodeType === Node.TEXT_NODE)
      .map(node => node.data.trim()).join("");
    if (!words && !el.matches("input, select, textarea") || !el.checkVisibility()) continue;
    const {color, fontSize, fontWeight, textShadow} = getComputedStyle(el);
    const kind = [el.tagName, el.type, el.getAttribute("class"), words.length > 1, color, fontSize,
      fontWeight, textShadow, el.matches(":disabled"), el.control?.disabled, ground(el)].join();
    if (!kinds.has(kind)) kinds.set(kind, []);
    kinds.get(kind).push(el);
  }
  const marked = [...kinds.values()].flatMap(
    alike => [alike[0], alike[alike.length >> 1], alike.at(-1)]);
  marked.forEach(el => el.toggleAttribute("data-contrast", true));
  axe.configure({rules: [{id: "color-contrast", selector: "[data-contrast]"}]});
  return axe.run(document, {
    runOnly: rules.length ? {type: "rule", values: rules} : {type: "tag", values: tags},
    // The label of admin's search is a picture with an alternative, which this rule does not see.
    rules: {"label-title-only": {enabled: !document.querySelector("#changelist-search")}},
    resultTypes: ["violations"],
    preload: false,  // no rule that is asked for reads the sheets, and it fetches each again
  }).then(found => {
    marked.forEach(el => el.removeAttribute("data-contrast"));
    return found.violations.map(rule => `${rule.id}: ${rule.help}\\n  ` +
      rule.nodes.map(node => `${node.target} ${node.failureSummary}`).join("\\n  "));
  });
}"""


@pytest.fixture(scope="session")
def axe() -> Callable[..., None]:
    """Asserts that axe finds nothing against WCAG 2.2 AA or its best practices on this page.

    `axe(page, "color-contrast")` asks for the rules named alone, in a fraction of the time.
    """
    script = Axe().axe_script

    def check(page: Page, *rules: str) -> None:
        if not page.evaluate("typeof axe === 'object'"):
            page.evaluate(script)
        found = page.evaluate(f"([tags, rules]) => ({AXE})(tags, rules)", [AXE_TAGS, list(rules)])
        assert not found, f"{page.url} at {page.viewport_size}\n" + "\n".join(found)

    return check


# --- The clock -----------------------------------------------------------------------------------


@dataclass
class Clock:
    """How long each part took; printed, since what a part may take depends on the machine."""

    parts: list[tuple[str, float]] = field(default_factory=list)

    @contextlib.contextmanager
    def part(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.parts.append((name, time.monotonic() - began))

    def say(self) -> None:
        for name, seconds in self.parts:
            print(f"{seconds:6.1f} s  {name}")
        print(f"{sum(seconds for _name, seconds in self.parts):6.1f} s  in all")


@pytest.fixture
def clock() -> Iterator[Clock]:
    clock = Clock()
    yield clock
    clock.say()
