"""docs/benchmarks.md, of which each bench writes its own part."""

import contextlib
import os
import platform
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"


def machine() -> str:
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
        model = found.group(1) if found else model
    return (
        f"{os.cpu_count()} cores ({model}), {platform.system()}, Python {platform.python_version()}"
    )


def write_part(name: str, lines: list[str]) -> None:
    """Print the lines, and put them between the part's two marks; the other parts stay."""
    text = "\n".join(lines)
    print(text)
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, _begin, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    _old, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"{PAGE} has no marks for {name}.")
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
