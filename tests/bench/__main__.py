"""Measure pages side by side in one run, for docs/benchmarks.md: python -m tests.bench

Both servers run at once on the same database and take turns under load: the product, and bare
Django views (`bare.py`). Ratios within one run are what counts; rates depend on the machine.
"""

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.bench import client
from tests.bench.document import ROOT, machine, write_part

TOKEN = "b" * 32

WORKERS = 2
CONNECTIONS = 32
SECONDS = 3.0
ROUNDS = 5
LEARNERS = 6000
"""Who answer while it is measured, each in one round."""

READERS = 200
"""Who only read, half of them after they have answered."""

HTMX = "HX-Request: true"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def serving(target: str, environment: dict[str, str], probe: str) -> Iterator[int]:
    """Granian with two workers, as the demo runs it; its port once it answers."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", str(WORKERS), "--no-log", target]
    command += ["--blocking-threads", "4", "--runtime-mode", "st"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        for _attempt in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}{probe}", timeout=5)
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def spread(requests: list[bytes]) -> list[list[bytes]]:
    return [requests[start::CONNECTIONS] for start in range(CONNECTIONS)]


def forever(data: list[bytes]) -> list[list[bytes]]:
    """Requests that may be sent again and again: more of them than any round can use."""
    return [data * (60_000 // len(data) + 1) for _connection in range(CONNECTIONS)]


def check(name: str, outcome: client.Outcome, allowed: set[int]) -> float:
    if not outcome.count or set(outcome.statuses) - allowed:
        raise SystemExit(f"{name}: unexpected answers {outcome.statuses}")
    return outcome.rate


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        base = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        base |= {"ENVIRONMENT": "demo", "DATA_DIR": folder}
        base["DJANGO_SETTINGS_MODULE"] = "coldwar.settings"
        prepare = [sys.executable, "manage.py", "demo", "--prepare-only"]
        subprocess.run(prepare, cwd=ROOT, env=base, check=True, stdout=subprocess.DEVNULL)
        make = [sys.executable, "-m", "tests.bench.learners", str(LEARNERS + READERS)]
        made = subprocess.run(make, cwd=ROOT, env=base, check=True, capture_output=True)
        plan = json.loads(made.stdout)
        rows = measure(plan, base)
        boards = measure_classes(base)
    report(rows, boards)


def measure_classes(base: dict[str, str]) -> list[tuple[str, float]]:
    """Dashboards, in milliseconds a page: one request at a time, in the process itself."""
    command = [sys.executable, "-m", "tests.bench.classes"]
    made = subprocess.run(command, cwd=ROOT, env=base, check=True, stdout=subprocess.PIPE)
    return [(what, took) for what, took in json.loads(made.stdout)]


def measure(plan: dict[str, list[Any]], base: dict[str, str]) -> list[tuple[str, float, float]]:
    cookies, step = plan["cookies"], str(plan["step"])
    readers = cookies[LEARNERS:]
    fresh, answered = readers[::2], readers[1::2]
    pages = [client.request("GET", step, cookie=cookie) for cookie in fresh]
    done = [client.request("GET", step, cookie=cookie) for cookie in answered]
    zipped = [
        client.request("GET", step, cookie=cookie, headers="Accept-Encoding: gzip")
        for cookie in fresh
    ]
    with serving("coldwar.wsgi:application", base, "/healthz") as product:
        size = client.Connection(product).send(pages[0])[1]
        with serving(
            "tests.bench.bare_wsgi:application", {**base, "BARE_BYTES": str(size)}, "/up/"
        ) as bare:
            bare_pages = [client.request("GET", "/page/", cookie=c) for c in fresh]
            body = f"csrfmiddlewaretoken={TOKEN}"
            inserts = [client.request("POST", "/insert/", cookie=c, body=body) for c in fresh]
            answers = list(answer_rounds(plan))
            link = client.Connection(product)
            for index in range(LEARNERS + 1, LEARNERS + READERS, 2):
                for sent in answers_of(plan, index):
                    link.send(sent)
            found: dict[str, list[float]] = {}

            def take(name: str, port: int, data: list[list[bytes]], allowed: set[int]) -> None:
                outcome = client.run(port, data, seconds=SECONDS)
                found.setdefault(name, []).append(check(name, outcome, allowed))

            take("warm", product, forever(pages), {200})
            take("warm", bare, forever(bare_pages), {200})
            for number in range(ROUNDS):
                take("bare page", bare, forever(bare_pages), {200})
                take("page", product, forever(pages), {200})
                take("page, answered", product, forever(done), {200})
                take("page, compressed", product, forever(zipped), {200})
                take("bare insert", bare, forever(inserts), {200})
                take("answer", product, answers[number], {200})
    middle = {name: statistics.median(rates) for name, rates in found.items()}
    return [
        ("bare signed-in view", middle["bare page"], middle["bare page"]),
        (f"signed-in step page ({size:,} bytes)", middle["page"], middle["bare page"]),
        ("the same, its questions answered", middle["page, answered"], middle["bare page"]),
        ("the same, compressed (gzip)", middle["page, compressed"], middle["bare page"]),
        ("bare durable insert", middle["bare insert"], middle["bare insert"]),
        ("answering a question", middle["answer"], middle["bare insert"]),
    ]


def answer_rounds(plan: dict[str, list[Any]]) -> Iterator[list[list[bytes]]]:
    """Each learner answers the step's questions in order; no learner is used in two rounds."""
    share = LEARNERS // ROUNDS
    for start in range(0, LEARNERS, share):
        connections: list[list[bytes]] = [[] for _connection in range(CONNECTIONS)]
        for index in range(start, start + share):
            connections[index % CONNECTIONS] += answers_of(plan, index)
        yield connections


def answers_of(plan: dict[str, list[Any]], index: int) -> list[bytes]:
    """What one learner sends to answer the step's questions in order."""
    cookie = plan["cookies"][index]
    return [
        client.request("POST", answer["path"], cookie=cookie, body=answer["body"], headers=HTMX)
        for answer in plan["answers"][index]
    ]


def report(rows: list[tuple[str, float, float]], boards: list[tuple[str, float]]) -> None:
    today = f"{datetime.now(UTC):%d %B %Y}"
    lines = [
        f"Written by `make bench` on {today}: {machine()}; SQLite, Granian "
        f"with {WORKERS} workers, {CONNECTIONS} keep-alive connections, the median of {ROUNDS} "
        f"rounds of {SECONDS:.0f} seconds in one run. The load generator shares the cores.",
        "",
        "The bare views read session and user from the same database, through the middleware of a "
        "new Django project; "
        "the bare page returns as many bytes as the step page, the bare insert commits one row as "
        "durably. Every answer comes from a learner's first try at a question of one step; the "
        "first of a step also starts the attempt.",
        "",
        "| what | requests a second | share of the bare view |",
        "| --- | ---: | ---: |",
    ]
    lines += [f"| {name} | {rate:,.0f} | {rate / bare:.2f} |" for name, rate, bare in rows]
    write_part("pages", lines)
    lines = [
        f"Written by `make bench` on {today}: milliseconds of a whole request, the median of 15, "
        "asked one after another; invented learners most of whom have done a lesson of a dozen "
        "questions. Matrices show 50 learners a page; figures are of all.",
        "",
        "| what | milliseconds |",
        "| --- | ---: |",
    ]
    lines += [f"| {what} | {took:,.0f} |" for what, took in boards]
    write_part("dashboards", lines)


if __name__ == "__main__":
    main()
