"""Whether anything a person sees grows with the work of others: python -m tests.bench.growth

Every page (`pages.py`) and what learners send (`writes.py`) in databases with more and more
classes of others (`manage.py make_load_data`), on SQLite and on PostgreSQL where it is found. All
databases of a kind are asked in turn, so that whatever else the machine does falls on each alike,
and the figures that count are ratios. Takes half an hour; writes its part of docs/benchmarks.md.

DATABASES=/a/folder keeps the databases there and takes what lies there already.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import urlsplit, urlunsplit

from tests.bench.document import ROOT, machine, write_part
from tests.postgres import clean_up_when_terminated, cluster, find_programs

SIZES = ((300, 10_000), (3_000, 100_000), (30_000, 1_000_000))
"""(learners, answers) in each of the databases."""
ROUNDS = int(os.environ.get("ROUNDS", "15"))
WARM = 2
"""Times that nobody counts, before."""
MORE = 1.2
"""From the smallest database to the largest a page may take so many times as long by chance."""

Times = dict[str, list[float]]
"""What is asked → milliseconds of a whole request (the median) in each of the databases."""


def environment(folder: Path, address: str = "") -> dict[str, str]:
    own = {"ENVIRONMENT": "demo", "DATA_DIR": str(folder), "DATABASE_URL": address}
    return os.environ | own | {"DJANGO_SETTINGS_MODULE": "coldwar.settings"}


def manage(env: dict[str, str], *arguments: str) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, check=True)


def fill(env: dict[str, str], number: int) -> None:
    """Up to the size in this place, from the one before it."""
    learners, answers = SIZES[number]
    before = SIZES[number - 1] if number else (0, 0)
    if not number:
        manage(env, "demo", "--prepare-only")
    more = [f"--learners={learners - before[0]}", f"--responses={answers - before[1]}"]
    manage(env, "make_load_data", *more)


def on_sqlite(folder: Path) -> list[dict[str, str]]:
    """Where the database of each size is, made where it is not there yet."""
    for number, (_learners, answers) in enumerate(SIZES):
        own = folder / str(answers)
        if not own.exists():
            being_filled = folder / "being-filled"
            shutil.rmtree(being_filled, ignore_errors=True)
            if number:
                shutil.copytree(folder / str(SIZES[number - 1][1]), being_filled)
            fill(environment(being_filled), number)
            being_filled.rename(own)
    return [environment(folder / str(answers)) for _learners, answers in SIZES]


def on_postgres(folder: Path, address: str) -> list[dict[str, str]]:
    import psycopg

    def named(name: str) -> str:
        return urlunsplit(urlsplit(address)._replace(path=f"/{name}"))

    folder.mkdir(exist_ok=True)
    with psycopg.connect(named("postgres"), autocommit=True) as link:
        before = "template1"
        for number, (_learners, answers) in enumerate(SIZES):
            own = f"growth_{answers}"
            there = link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [own]).fetchone()
            if not there:
                link.execute(f"CREATE DATABASE {own} TEMPLATE {before}".encode())
                fill(environment(folder, named(own)), number)
            before = own
    return [environment(folder, named(f"growth_{answers}")) for _learners, answers in SIZES]


def measure(databases: list[dict[str, str]]) -> Times:
    with serving(databases) as servers:
        names = [server.names() for server in servers]
        asked = [name for name in names[0] if all(name in others for others in names)]
        for name in sorted(set().union(*names) - set(asked)):  # no such row in the smallest
            print(f"not in every database: {name}", file=sys.stderr, flush=True)
        found: Times = {}
        for name in asked:
            times: list[list[float]] = [[] for _server in servers]
            for number in range(-WARM, ROUNDS):
                for own, server in zip(times, servers, strict=True):
                    took = server(name)
                    if number >= 0:
                        own.append(took)
            found[name] = [statistics.median(own) for own in times]
            print(name, *(f"{took:.1f}" for took in found[name]), file=sys.stderr, flush=True)
    return found


class Asked:
    """A process with one database, which asks for a page when told and says how long it took."""

    def __init__(self, env: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.growth", "ask"],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def names(self) -> list[str]:
        return list(json.loads(cast("IO[str]", self.process.stdout).readline()))

    def __call__(self, name: str) -> float:
        print(name, file=cast("IO[str]", self.process.stdin), flush=True)
        return float(cast("IO[str]", self.process.stdout).readline())


@contextmanager
def serving(databases: list[dict[str, str]]) -> Iterator[list[Asked]]:
    servers = [Asked(env) for env in databases]
    try:
        yield servers
    finally:
        for server in servers:
            server.process.kill()
            server.process.wait()


# --- In a process of its own, with one database -------------------------------------------------


def ask() -> None:
    import logging

    import django

    django.setup()
    logging.disable()  # which addresses take no GET is found out by asking
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    asked = things_to_ask()
    print(json.dumps(list(asked)), flush=True)
    for line in sys.stdin:
        send = asked[line.removesuffix("\n")]()
        start = time.perf_counter()
        response = send()
        if getattr(response, "streaming", False):
            b"".join(response.streaming_content)
        took = 1000 * (time.perf_counter() - start)
        if getattr(response, "status_code", 200) not in (200, 204, 302):
            raise SystemExit(f"{line}: {response.status_code}")
        print(took, flush=True)


def things_to_ask() -> dict[str, Callable[[], Callable[[], Any]]]:
    """By name: what makes ready, and gives back what is timed."""
    from django.core.management import call_command

    from lessons.accounts.models import User
    from tests.attacks.addresses import client_of
    from tests.bench.pages import cast_of_a_class, pages_of, people_of
    from tests.bench.writes import WRITES

    the_cast = cast_of_a_class()
    people = people_of(the_cast)
    clients = {who: client_of(user) for who, user in people.items()}
    asked: dict[str, Callable[[], Callable[[], Any]]] = {}

    def page_of(who: str, path: str) -> Callable[[], Callable[[], Any]]:
        return lambda: lambda: clients[who].get(path)

    def write_of(prepare: Any) -> Callable[[], Callable[[], Any]]:
        def ready() -> Any:
            learner = User.objects.create(username=f"load-writer-{uuid.uuid4().hex[:12]}")
            return prepare(client_of(learner), learner)

        return ready

    for page in pages_of(the_cast, people):
        asked[f"{page.name} | {page.who}"] = page_of(page.who, page.path)
    for name, prepare in WRITES.items():
        asked[f"{name} | student"] = write_of(prepare)
    asked["manage.py tick | timer"] = lambda: lambda: call_command("tick", verbosity=0)
    return asked


# ------------------------------------------------------------------------------------------------


def report(found: dict[str, Times]) -> list[str]:
    heads, rule = "", "| --- | --- |"
    for kind in found:
        heads += "".join(f" {_short(size)} |" for _learners, size in SIZES) + f" {kind} × |"
        rule += " ---: |" * (len(SIZES) + 1)
    lines = [f"| what | who |{heads}", rule]
    for name in next(iter(found.values())):
        line = f"| {name} |"
        for times in found.values():
            took = times[name]
            ratio = took[-1] / took[0]
            is_more = ratio > MORE and took[-1] - took[0] > 1
            grows = f"**{ratio:.2f}**" if is_more else f"{ratio:.2f}"
            line += "".join(f" {one:,.0f} |" for one in took) + f" {grows} |"
        lines.append(line)
    return lines


def _short(size: int) -> str:
    return f"{size // 1_000_000} M" if size >= 1_000_000 else f"{size // 1_000} k"


def main() -> None:
    clean_up_when_terminated()
    found: dict[str, Times] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(os.environ.get("DATABASES") or temporary)
        found["SQLite"] = measure(on_sqlite(folder))
        if programs := find_programs():
            with cluster(programs) as address:
                found["PostgreSQL"] = measure(on_postgres(folder / "postgres", address))
    words = (
        f"Measured on {datetime.now(UTC):%d %B %Y} by `make growth`: {machine()}. Every page that "
        "a person sees of one class of some thirty learners, and what a learner sends, in "
        "databases with 10 thousand, 100 thousand and 1 million answers of other classes "
        "(`manage.py make_load_data`: 300, 3,000 and 30,000 learners). Milliseconds of a whole "
        f"request in the process itself, the median of {ROUNDS}; the databases of a kind are asked "
        "in turn, so that other work on the machine falls on all alike. × is the largest to the "
        f"smallest, bold where it is more than {MORE} and the difference more than a millisecond."
    )
    write_part("growth", [words, "", *report(found)])


if __name__ == "__main__":
    if sys.argv[1:] == ["ask"]:
        ask()
    else:
        main()
