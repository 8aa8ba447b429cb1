"""`manage.py check_content`: what it prints and how it ends."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from lessons.documents.models import Annotation, Place
from lessons.guided.checking import Level, check, read_content

pytestmark = pytest.mark.django_db


def run(**options: Any) -> str:
    out = StringIO()
    call_command("check_content", stdout=out, **options)
    return out.getvalue()


def advice_count() -> int:
    found = [finding for _rule, group in check(read_content()) for finding in group]
    assert all(finding.level == Level.ADVICE for finding in found)
    return len(found)


def test_shipped_content_passes_with_a_summary() -> None:
    rows = sum(1 for _row in read_content().rows())
    assert run().splitlines()[-1] == (
        f"{rows} rows checked: 0 errors, {advice_count()} pieces of advice."
    )


def test_an_error_is_printed_whole_and_fails_the_run() -> None:
    Annotation.objects.filter(key="chairman").update(body="He was its head.")
    out = StringIO()
    with pytest.raises(CommandError, match=r"^\d+ rows checked: 1 error, ") as failed:
        call_command("check_content", stdout=out)
    assert failed.value.returncode == 1
    assert (
        "Length of notes\n"
        "  error: documents.annotation [record-1958-04-19, p1, chairman] “Chairman of the Council "
        "of Ministers”\n"
        "    The note has 4 words.\n"
        "    → Write from 20 to 60 words: one idea.\n"
    ) in out.getvalue()


def test_advice_fails_a_strict_run_only() -> None:
    Place.objects.get(key="kabul").references.clear()
    assert (
        "  advice: documents.place [kabul] “Kabul”\n"
        "    No reference stands behind it.\n"
        "    → Name a reference that a reader can follow.\n"
    ) in run()
    with pytest.raises(CommandError, match=f"0 errors, {advice_count()} pieces of advice"):
        run(strict=True)


def test_measures_are_a_table_of_chunks() -> None:
    lines = run(measures=True, verbosity=0).splitlines()
    assert lines[0].startswith("Reading grade: Flesch–Kincaid.")
    heading = lines.index("Khrushchev and Hussein, 19 April 1958")
    assert lines[heading + 1].split() == ["words", "grade", "notes"]
    table = [line.split() for line in lines[heading + 2 : heading + 16]]
    assert [row[0] for row in table] == [f"¶{number}" for number in range(1, 15)]
    assert table[0][:3] == ["¶1", "60", "25.9"]
    assert table[13] == ["¶14", "8", "6.7", "–"]
    assert sum(int(row[1]) for row in table) == 1209
    chunk = next(line for line in lines if line.startswith("  3. A letter arrives: ¶1 "))
    assert chunk.split()[-3:-1] == ["60", "25.9"]


def test_a_quiet_run_says_the_summary_alone() -> None:
    assert len(run(verbosity=0).splitlines()) == 1
