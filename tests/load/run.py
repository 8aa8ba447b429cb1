"""The scenarios, one after another on one server, and what is said of them."""

import json
import logging
import os
import random
import re
import statistics
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gevent
import psutil
from locust import constant_pacing
from locust.env import Environment

from tests.bench.__main__ import machine
from tests.faults.server import HOST, POSTGRES, ROOT, Site, on_postgres
from tests.postgres import clean_up_when_terminated

from .browsers import Student, Teacher
from .pages import not_stored_once

SLOWEST = 300
"""Milliseconds in which 95 of 100 answers of a class are stored."""
GROWTH = 4_000_000
"""Bytes by which the median of a worker's memory may differ between the third and the last quarter
of a soak. Caches are full before; a leak of a kilobyte a request passes it in either length."""
BELL = 10.0
"""Seconds in which the students of a class sit down."""
PATIENCE = 60
"""Seconds in which browsers finish what they are at when the time is over."""
STORED = "SELECT client_uuid FROM quizzes_response"
PAGES = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"


@dataclass(frozen=True)
class Scenario:
    name: str
    seconds: float
    classes: int
    size: int
    """Students of a class."""
    pace: float
    """Seconds between two answers of a student."""
    arrive: float
    """Seconds in which all sign in; each class comes within BELL of them."""
    dashboards: int = 0
    is_timed: bool = False
    is_soak: bool = False

    @property
    def said(self) -> str:
        watched = f", {self.dashboards} dashboards watch" if self.dashboards else ""
        return (
            f"{self.classes * self.size:,} students sign in within {self.arrive:.0f} s, then read"
            f" and answer every {self.pace:g} s{watched}; {self.seconds:.0f} s in all."
        )


def scenarios() -> dict[str, Scenario]:
    period, morning, soak = (
        float(os.environ.get(name, default))
        for name, default in (("PERIOD", "60"), ("MORNING", "150"), ("SOAK", "120"))
    )
    watched: dict[str, Any] = {"classes": 1, "size": 60, "dashboards": 3}
    return {
        "period": Scenario(
            "Class period", period, pace=5, arrive=min(5, period / 4), is_timed=True, **watched
        ),
        "morning": Scenario(
            "District morning",
            morning,
            classes=40,
            size=25,
            pace=20,
            arrive=min(120, morning * 0.8),
        ),
        "soak": Scenario(
            "Soak", soak, pace=max(1, 5 * soak / 3600), arrive=5, is_soak=True, **watched
        ),
    }


@dataclass
class Seen:
    """What one scenario came to."""

    rows: list[list[Any]]
    """Of each page: its name, requests, failures, and p50, p95, p99 and most in milliseconds."""
    errors: list[str]
    acknowledged: int
    lost: int
    size: tuple[int, int]
    """Bytes of the database before and after."""
    memory: list[list[int]]
    """Bytes of each worker, second by second."""

    def complaints(self, scenario: Scenario) -> list[str]:
        found = [*self.errors]
        if self.lost or not self.acknowledged:
            found.append(f"{self.lost} of {self.acknowledged} answers are not stored exactly once")
        p95 = next((row[4] for row in self.rows if row[0] == "answer"), 0)
        if scenario.is_timed and p95 >= SLOWEST:
            found.append(f"95 of 100 answers take {p95} ms; {SLOWEST} are allowed")
        grown = [growth(taken) for taken in self.memory]
        if scenario.is_soak and max(grown) > GROWTH:
            found.append(f"workers grow by {', '.join(map(megabytes, grown))} MB at the end")
        return found


def growth(taken: list[int]) -> int:
    """By how much the last quarter is more than the third, in the median."""
    half, last = len(taken) // 2, len(taken) * 3 // 4
    return round(statistics.median(taken[last:]) - statistics.median(taken[half:last]))


def megabytes(size: float) -> str:
    return f"{size / 1e6:.1f}"


@contextmanager
def running_site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder), f"load_{uuid.uuid4().hex}")
        if POSTGRES:
            on_postgres(f"CREATE DATABASE {site.name}")
        try:
            site.manage("migrate", "--verbosity", "0")
            site.manage("load_content", "--verbosity", "0")
            site.manage("collectstatic", "--noinput", "--verbosity", "0")
            site.start()
            yield site
        finally:
            site.stop()
            if POSTGRES:
                on_postgres(f"DROP DATABASE {site.name} WITH (FORCE)")


def play(site: Site, scenario: Scenario) -> Seen:
    # What browsers of the scenario before gave up waiting for is still being answered.
    site.ask("GET", "/healthz", headers={"Host": HOST}, patience=300)
    made = site.python("-m", "tests.load.schools", str(scenario.classes), str(scenario.size))
    school: list[dict[str, Any]] = json.loads(made)
    acknowledged: list[str] = []
    users = browsers_of(scenario, school, acknowledged)
    environment = Environment(
        user_classes=users, host=f"http://127.0.0.1:{site.port}", stop_timeout=PATIENCE
    )
    runner = environment.create_local_runner()
    workers, size = site.workers(), size_of(site)
    memory: dict[int, list[int]] = {pid: [] for pid in workers}
    sampling = gevent.spawn(sample, memory)
    everybody = scenario.classes * scenario.size + scenario.dashboards
    runner.start(everybody, spawn_rate=everybody)
    gevent.sleep(scenario.seconds)
    sampling.kill()
    runner.quit()
    counts: Counter[str] = Counter()
    for failed in environment.stats.errors.values():
        reason = re.sub(r"URL \S+: ", "", str(failed.error))
        counts[f"{failed.name}: {reason}"] += failed.occurrences
    for raised in runner.exceptions.values():
        counts[raised["msg"]] += raised["count"]
    errors = [f"{count} × {what}" for what, count in counts.most_common()]
    if site.workers() != workers:
        errors.append("a worker died")
    return Seen(
        rows=[row_of(entry) for entry in environment.stats.entries.values()],
        errors=errors,
        acknowledged=len(acknowledged),
        lost=len(not_stored_once(acknowledged, (key for (key,) in site.rows(STORED)))),
        size=(size, size_of(site)),
        memory=list(memory.values()),
    )


def browsers_of(
    scenario: Scenario, school: list[dict[str, Any]], acknowledged: list[str]
) -> list[type]:
    """Locust's classes, with what those of this scenario share."""
    students: dict[str, Any] = {
        "pace": scenario.pace,
        "wait_time": constant_pacing(scenario.pace),
        "arrivals": iter(arrivals(scenario, school)),
        "acknowledged": acknowledged,
    }
    watched = [(one["teacher"], one["dashboard"]) for one in school] * scenario.dashboards
    teachers: dict[str, Any] = {"fixed_count": scenario.dashboards, "dashboards": iter(watched)}
    users = [type("Student", (Student,), students), type("Teacher", (Teacher,), teachers)]
    return users if scenario.dashboards else users[:1]


def arrivals(scenario: Scenario, school: list[dict[str, Any]]) -> list[tuple[str, float]]:
    """Who signs in, and after how many seconds: class by class."""
    chance = random.Random(scenario.name)
    within = min(BELL, scenario.arrive)
    found = []
    for one in school:
        bell = chance.uniform(0, scenario.arrive - within)
        found += [(name, bell + chance.uniform(0, within)) for name in one["students"]]
    return found


def sample(memory: dict[int, list[int]]) -> None:
    while True:
        for pid, taken in memory.items():
            taken.append(psutil.Process(pid).memory_info().rss)
        gevent.sleep(1)


def size_of(site: Site) -> int:
    """Bytes of the database, on SQLite with what is still in its log."""
    sql = "SELECT pg_database_size(current_database())" if POSTGRES else PAGES
    size: int = site.rows(sql)[0][0]
    return size


def row_of(entry: Any) -> list[Any]:
    times = [entry.get_response_time_percentile(part) for part in (0.5, 0.95, 0.99, 1.0)]
    return [entry.name, entry.num_requests, entry.num_failures, *map(round, times)]


def table(scenario: Scenario, seen: Seen) -> list[str]:
    heads = ("count", "errors", "p50", "p95", "p99", "most")
    lines = [f"## {scenario.name}", "", scenario.said, ""]
    lines.append(f"| {'milliseconds':<24} |" + "".join(f" {head:>7} |" for head in heads))
    lines.append(f"| {'-' * 24} |" + f" {'-' * 6}: |" * len(heads))
    for name, *figures in seen.rows:
        lines.append(f"| {name:<24} |" + "".join(f" {figure:>7,} |" for figure in figures))
    before, after = map(megabytes, seen.size)
    workers = " and ".join(f"{one[0] / 1e6:.0f} to {one[-1] / 1e6:.0f}" for one in seen.memory)
    complaints = [f"- Not as it should be: {one}" for one in seen.complaints(scenario)]
    return [
        *lines,
        "",
        f"{seen.acknowledged:,} answers acknowledged, {seen.lost or 'none'} of them not stored"
        f" exactly once. Database {before} to {after} MB, workers {workers} MB.",
        "",
        *([*complaints, ""] if complaints else []),
    ]


def head_of(site: Site) -> list[str]:
    busy = f"{os.getloadavg()[0]:.1f}"
    database = f"PostgreSQL, fsync {site.rows('SHOW fsync')[0][0]}" if POSTGRES else "SQLite"
    return [
        "# Load",
        "",
        f"Written by `make load` on {datetime.now(UTC):%d %B %Y}: {machine()};"
        f" {database}; the server in production as"
        f" `deploy/coldwar-lessons.service` starts it, with {len(site.workers())} workers. The"
        " browsers (locust) run on the same cores: times are of both together. Besides, the"
        f" machine was busy with other work at a load of {busy} as it began.",
        "",
        "All come from one network address, and one in twenty mistypes the password at first.",
        "",
    ]


def main(wanted: list[str]) -> int:
    """The exit code. All scenarios together are written into docs/load.md as well."""
    clean_up_when_terminated()
    logging.getLogger("locust").setLevel(logging.CRITICAL)  # what went wrong is counted
    known = scenarios()
    if unknown := set(wanted) - set(known):
        print(f"No scenario is named {', '.join(unknown)}: there are {', '.join(known)}.")
        return 2
    is_good = True
    with running_site() as site:
        written = head_of(site)
        print("\n".join(written))
        for name in wanted or known:
            seen = play(site, known[name])
            lines = table(known[name], seen)
            print("\n".join(lines), flush=True)
            written += lines
            is_good = is_good and not seen.complaints(known[name])
    if not wanted:
        (ROOT / "docs" / "load.md").write_text("\n".join(written).rstrip() + "\n", encoding="utf-8")
    print("No error, no answer lost, no growth." if is_good else "Not all is as it should be.")
    return 0 if is_good else 1
