"""Ten times the text costs some ten times the work, whatever stands in it.

A pattern that tries every way to share a run of signs out among its parts costs a hundred or a
thousand times as much, and one pasted page holds a worker for hours. What is compared is the
process's own time with itself, at a limit that neither end comes near.
"""

from collections.abc import Callable
from time import process_time
from typing import Any

import pytest
from django.utils.safestring import mark_safe

from lessons.classrooms.roster_text import parse_roster
from lessons.core import markdown
from lessons.documents.importing import reading
from lessons.documents.search import parse as parse_search
from lessons.documents.sentences import sentences
from lessons.guided.checking import words
from lessons.quizzes.gift.markup import escaped
from lessons.quizzes.gift.parser import parse as parse_gift

SHORT, TIMES, LIMIT = 2_000, 10, 40
LEAST = 0.002
"""Seconds. What a short text costs below that says nothing."""
RUNS = ["*a ", "“a", "‘", '"', "[", "[a](", "<a", "(", "of ", "A ", "#", "`", "_a", "=", "- ", "|"]
BLANKS = ["", "words ", "# a", "| ", "---", "p. 1", "- ", "1.", "> "]
READERS: dict[str, Callable[[str], Any]] = {
    "a pasted document": lambda text: reading.read(text, form="plain"),
    "a page of an archive": lambda text: reading.read(text, form="archive"),
    "words of a page": lambda text: markdown.words_of(mark_safe(text)),  # noqa: S308
    "words that are counted": words.words,
    "words without quotations": words.unquoted,
    "spellings": words.spellings,
    "sentences": sentences,
    "what is looked up": parse_search,
    "a bank of questions": parse_gift,
    "words for a bank": escaped,
    "a list of learners": parse_roster,
}


def cost(read: Callable[[str], Any], text: str) -> float:
    """Seconds. What is refused raises: it would cost nothing and say nothing."""
    began = process_time()
    read(text)
    return process_time() - began


@pytest.mark.parametrize("name", READERS)
def test_ten_times_the_text_costs_some_ten_times_the_work(name: str) -> None:
    def filled(before: str, unit: str, size: int) -> str:
        return f"A title\n\n{before}{unit * (size // len(unit))}x\n\nIts end.\n"

    read = READERS[name]
    cost(read, filled("", "a ", SHORT))  # what is compiled and loaded once
    slow = []
    for before, unit in [("", run) for run in RUNS] + [(start, " ") for start in BLANKS]:
        short = max(cost(read, filled(before, unit, SHORT)), LEAST)
        long = cost(read, filled(before, unit, SHORT * TIMES))
        if long > LIMIT * short:
            slow.append((before, unit, round(long / short)))
    assert slow == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("He said “yes” and “no”.", "He said … and …."),
        ("“He said ‘yes’ to it”, he said", "…, he said"),
        ('An open “ sign and "another" one', "An open “ sign and … one"),
    ],
)
def test_quotations_are_taken_out_and_an_open_sign_takes_nothing(text: str, left: str) -> None:
    assert words.unquoted(text) == left
