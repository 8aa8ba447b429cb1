"""The whole suite: python -m tests.run [sqlite] [postgres] [e2e]

Runs the quick tests on SQLite, the same on PostgreSQL, then the browser tests, and says plainly
what was left out and why. With REQUIRE_ALL=1 whatever is left out counts as a failure.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

from tests import postgres

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUICK = [sys.executable, "-m", "pytest", "-q", "-n", "auto"]
IN_A_BROWSER = [
    *(sys.executable, "-m", "pytest", "-q", "-m", "e2e", "-n", "2", "--dist", "loadfile"),
    "tests/e2e",
]
"""Two at a time, each with a site of its own: a browser and its server keep one core busy."""
NO_TESTS = 5
"""pytest's exit code where it collected nothing."""


def find_browser() -> str | None:
    """Chromium's path: CHROMIUM where set, else the first of its names on the PATH."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def run_stage(
    name: str, command: list[str], *, database_url: str = ""
) -> tuple[Counter[str], bool]:
    """Run pytest once; what it counted, and whether it succeeded (a stage of no tests did not)."""
    print(f"\n=== {name}", flush=True)
    started = time.monotonic()
    environment = {**os.environ, "DATABASE_URL": database_url}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run([*command, f"--junitxml={report}"], env=environment, check=False)
        counts = read_counts(report)
    print(f"=== {name}: {time.monotonic() - started:.0f} s", flush=True)
    if done.returncode == NO_TESTS:
        print("This stage ran no test.")
    return counts, done.returncode == 0


def read_counts(report: Path) -> Counter[str]:
    """passed, failed and skipped of a JUnit report; all zero where pytest wrote none."""
    counts: Counter[str] = Counter()
    if not report.exists():
        return counts
    for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314  # our own file
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        passed = int(suite.get("tests", 0)) - failed - skipped
        counts.update(passed=passed, failed=failed, skipped=skipped)
    return counts


def main() -> int:
    wanted = sys.argv[1:] or ["sqlite", "postgres", "e2e"]
    unknown = set(wanted) - {"sqlite", "postgres", "e2e"}
    if unknown:
        print(__doc__)
        return 2
    postgres.clean_up_when_terminated()
    required = os.environ.get("REQUIRE_ALL") == "1"
    total: Counter[str] = Counter()
    good = True
    left_out: list[str] = []

    if "sqlite" in wanted:
        counts, succeeded = run_stage("Quick tests on SQLite", QUICK)
        total, good = total + counts, good and succeeded
    if "postgres" in wanted:
        programs = postgres.find_programs()
        if programs is None:
            left_out.append(
                "PostgreSQL: its server programs (initdb, pg_ctl) were not found. "
                "On Debian and Ubuntu: apt install postgresql"
            )
        else:
            with postgres.cluster(programs) as address:
                counts, succeeded = run_stage(
                    "Quick tests on PostgreSQL", QUICK, database_url=address
                )
            total, good = total + counts, good and succeeded
    if "e2e" in wanted:
        if find_browser() is None:
            left_out.append(
                "Browser tests: Chromium was not found. On Debian: apt install chromium; "
                "elsewhere set CHROMIUM to the path of Chromium or Chrome"
            )
        else:
            counts, succeeded = run_stage("Browser tests", IN_A_BROWSER)
            total, good = total + counts, good and succeeded

    print()
    for reason in left_out:
        print(f"{'MISSING' if required else 'LEFT OUT'}  {reason}.")
    if required and left_out:
        total["failed"] += len(left_out)
        good = False
    line = f"{total['passed']} passed, {total['failed']} failed"
    print(f"{line}, {total['skipped']} skipped" if total["skipped"] else line)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
