"""Whether pages of a class grow with the work of others: python -m tests.bench.growth

One class of 30 learners in databases that hold more and more answers of other classes, on SQLite
and on PostgreSQL where it is found. All databases of a kind are asked in turn, so that whatever
else the machine does falls on each alike, and the figures that count are ratios. Takes twenty
minutes; writes docs/growth.md.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast
from urllib.parse import urlsplit, urlunsplit

from tests.bench.__main__ import ROOT, machine
from tests.postgres import cluster, find_programs

SIZES = (10_000, 100_000, 1_000_000)
PAGES = ("dashboard", "overview", "item analysis", "gradebook", "marking queue")
ROUNDS = 41

Row = tuple[str, list[float]]
"""A page, and milliseconds of a whole request (the median) in each of the databases."""


def environment(folder: str, address: str = "") -> dict[str, str]:
    own = {"ENVIRONMENT": "demo", "DATA_DIR": folder, "DATABASE_URL": address}
    return os.environ | own | {"DJANGO_SETTINGS_MODULE": "coldwar.settings"}


def run(env: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def fill(env: dict[str, str], size: int, assignment: int) -> tuple[int, int]:
    """(the assignment that is asked about, answers in the database); 0 makes the class first."""
    return cast(
        "tuple[int, int]",
        tuple(json.loads(run(env, "-m", __spec__.name, "fill", str(size), str(assignment)))),
    )


def on_sqlite(folder: Path) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """For each size: the database to fill, and where a copy of it will be asked."""
    first = folder / "first"
    first.mkdir()
    run(environment(str(first)), "manage.py", "demo", "--prepare-only")
    for size in SIZES:
        copy = folder / str(size)
        yield environment(str(first)), environment(str(copy))
        shutil.copytree(first, copy)


def on_postgres(folder: Path, address: str) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    import psycopg

    def named(name: str) -> str:
        return urlunsplit(urlsplit(address)._replace(path=f"/{name}"))

    with psycopg.connect(named("postgres"), autocommit=True) as link:
        link.execute("CREATE DATABASE growth")
        run(environment(str(folder), named("growth")), "manage.py", "demo", "--prepare-only")
        for size in SIZES:
            own = environment(str(folder), named(f"growth_{size}"))
            yield environment(str(folder), named("growth")), own
            link.execute(f"CREATE DATABASE growth_{size} TEMPLATE growth".encode())


def measure(
    databases: Iterator[tuple[dict[str, str], dict[str, str]]],
) -> tuple[list[int], list[Row]]:
    counts, asked, assignment = [], [], 0
    for filled, copy in databases:
        assignment, count = fill(filled, SIZES[len(counts)], assignment)
        counts.append(count)
        asked.append(copy)
    found: dict[str, list[list[float]]] = {page: [[] for _ in asked] for page in PAGES}
    with serving(asked, assignment) as servers:
        for page in PAGES:
            for number in range(-3, ROUNDS):
                for times, server in zip(found[page], servers, strict=True):
                    took = server(page)
                    if number >= 0:
                        times.append(took)
    return counts, [(page, [statistics.median(t) for t in times]) for page, times in found.items()]


class Asked:
    """A process with one database, which asks for a page when told and says how long it took."""

    def __init__(self, env: dict[str, str], assignment: int) -> None:
        command = [sys.executable, "-m", __spec__.name, "ask", str(assignment)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, page: str) -> float:
        pages, times = cast("IO[str]", self.process.stdin), cast("IO[str]", self.process.stdout)
        print(page, file=pages, flush=True)
        return float(times.readline())


@contextmanager
def serving(databases: list[dict[str, str]], assignment: int) -> Iterator[list[Asked]]:
    servers = [Asked(env, assignment) for env in databases]
    try:
        yield servers
    finally:
        for server in servers:
            server.process.kill()
            server.process.wait()


# --- In processes of their own, with one database -----------------------------------------------


def filled(size: int, assignment: int) -> None:
    from tests.bench import classes

    material = classes.Material()
    if not assignment:
        (small,) = classes.make_classes(material, learners=30)
        assignment = small.pk
    classes.fill(material, size)
    print(json.dumps([assignment, classes.Response.objects.count()]))


def ask(assignment: int) -> None:
    from tests.bench import classes

    small = classes.Assignment.objects.get(pk=assignment)
    client, paths = classes.client_for([small]), classes.paths_of(small)
    for line in sys.stdin:
        start = time.perf_counter()
        response = client.get(paths[line.strip()])
        took = 1000 * (time.perf_counter() - start)
        if response.status_code != 200:
            raise SystemExit(f"{line}: {response.status_code}")
        print(took, flush=True)


# ------------------------------------------------------------------------------------------------


def table(name: str, counts: list[int], rows: list[Row]) -> list[str]:
    heads = "".join(f" {count:,} answers |" for count in counts)
    lines = ["", f"## {name}", "", f"| page |{heads} last to first |"]
    lines.append(f"| --- |{' ---: |' * (len(counts) + 1)}")
    for page, times in rows:
        cells = "".join(f" {took:,.0f} ms |" for took in times)
        lines.append(f"| {page} |{cells} {times[-1] / times[0]:.2f} |")
    return lines


def main() -> None:
    lines = [
        "# Growth",
        "",
        f"Written by `make growth` on {datetime.now(UTC):%d %B %Y}: {machine()}. Pages of a class "
        "of 30 learners, in databases with so many answers of other classes; milliseconds of a "
        f"whole request in the process itself, the median of {ROUNDS}, all databases of a kind "
        "asked in turn.",
    ]
    with tempfile.TemporaryDirectory() as folder:
        lines += table("SQLite", *measure(on_sqlite(Path(folder))))
    programs = find_programs()
    if programs:
        with tempfile.TemporaryDirectory() as folder, cluster(programs) as address:
            lines += table("PostgreSQL", *measure(on_postgres(Path(folder), address)))
    text = "\n".join(lines) + "\n"
    print(text)
    (ROOT / "docs" / "growth.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fill", size, assignment]:
            filled(int(size), int(assignment))
        case ["ask", assignment]:
            ask(int(assignment))
        case _:
            main()
