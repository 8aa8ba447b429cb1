"""A class period in one minute: python -m tests.load

Sixty students read a page and answer a question every five seconds, while three dashboards of
their class are open and ask for what is new as the page does. Prints errors and times by page, and
whether each acknowledged answer is stored exactly once. Ends with 1 where anything failed or was
lost; times are printed and never judged.
"""

import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.server import ROOT, Server

STUDENTS, DASHBOARDS = 60, 3
SECONDS = float(os.environ.get("LOAD_SECONDS", "60"))
EVERY = 5.0
POLL = 10.0
"""As classes.js asks."""
STORED = "SELECT client_uuid FROM quizzes_response"
HTMX = {"HX-Request": "true"}


@dataclass
class Period:
    server: Server
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Seconds, by kind of request."""
    errors: Counter[str] = field(default_factory=Counter)
    acknowledged: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def is_over(self) -> bool:
        return time.monotonic() - self.began > SECONDS

    def ask(self, kind: str, method: str, path: str, allowed: set[int], **more: Any) -> str:
        start = time.monotonic()
        try:
            status, page, _headers = self.server.ask(method, path, **more)
        except OSError as error:
            self.errors[f"{kind}: {type(error).__name__}"] += 1
            return ""
        self.times[kind].append(time.monotonic() - start)
        if status not in allowed:
            self.errors[f"{kind}: {status}"] += 1
        return page

    def study(self, student: dict[str, Any], wait: float) -> None:
        time.sleep(wait)
        for number, one in enumerate(student["work"], start=1):
            if self.is_over:
                return
            cookie = student["cookie"]
            self.ask("step page", "GET", one["page"], {200}, cookie=cookie)
            page = self.ask(
                "answer", "POST", one["path"], {200}, cookie=cookie, body=one["body"], headers=HTMX
            )
            prefix, sent = re.findall(r"(q\d+)-uuid=([0-9a-f-]{36})", one["body"])[0]
            if f'name="{prefix}-tries" value="1"' in page or 'class="feedback' in page:
                self.acknowledged.append(uuid.UUID(sent).hex)
            else:
                self.errors["answer: not acknowledged"] += 1
            time.sleep(max(0.0, self.began + wait + number * EVERY - time.monotonic()))

    def watch(self, path: str, cookie: str) -> None:
        page = self.ask("dashboard", "GET", path, {200}, cookie=cookie)
        while not self.is_over:
            found = re.search(r"token=([\w-]+)", page)
            token = found[1] if found else ""
            time.sleep(POLL)
            poll = f"{path}?token={token}"
            new = self.ask("dashboard poll", "GET", poll, {200, 204}, cookie=cookie, headers=HTMX)
            page = new or page


def plan_of(server: Server) -> dict[str, Any]:
    own = {"ENVIRONMENT": "demo", "DJANGO_SETTINGS_MODULE": "coldwar.settings"}
    made = subprocess.run(
        [sys.executable, "-m", "tests.load.learners", str(STUDENTS)],
        cwd=ROOT,
        env=server.environment() | own,
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(made.stdout)
    return found


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        server.start()
        try:
            plan = plan_of(server)
            period = Period(server)
            threads = [
                threading.Thread(target=period.study, args=(one, random.uniform(0, EVERY)))
                for one in plan["students"]
            ]
            threads += [
                threading.Thread(target=period.watch, args=(plan["dashboard"], plan["teacher"]))
                for _ in range(DASHBOARDS)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            server.stop()
        stored = Counter(sent for (sent,) in server.rows(STORED))
    lost = [one for one in period.acknowledged if stored[one] != 1]
    report(period, lost)
    return 1 if lost or period.errors else 0


def report(period: Period, lost: list[str]) -> None:
    print(f"{STUDENTS} students, {DASHBOARDS} dashboards, {SECONDS:.0f} s, {os.cpu_count()} cores")
    print(f"{'':<16}{'count':>7}{'p50':>8}{'p95':>8}{'p99':>8}{'most':>8}  ms")
    for kind, times in period.times.items():
        cuts = [*statistics.quantiles(times, n=100)] if len(times) > 1 else times * 99
        shown = "".join(f"{1000 * cuts[at - 1]:>8.0f}" for at in (50, 95, 99))
        print(f"{kind:<16}{len(times):>7}{shown}{1000 * max(times):>8.0f}")
    print(f"errors: {dict(period.errors) or 'none'}")
    print(f"answers acknowledged: {len(period.acknowledged)}, not stored exactly once: {len(lost)}")


if __name__ == "__main__":
    sys.exit(main())
