"""The shipped content against the rules for content: what a machine can tell of them."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest
import yaml
from django.conf import settings

Row = dict[str, Any]

WORD_NOTE = 12
NOTE = range(20, 61)
CORE_RATIO = 2 / 3
"""Words of a chunk's core notes to words of the chunk, at most; word notes do not count."""
HEADNOTE = 90
LATER = re.compile(
    r"\b(CENTO|Bangladesh|Islamabad|Line of Control|Non-Aligned Movement)\b", re.IGNORECASE
)
"""What nobody in April 1958 could name."""
AS_FACT = re.compile(r"\b(Hussein|Khrushchev|Noon)\s+(told|promised|said|offered|admitted)\b")
"""What only the record reports: the record says that he said so."""


@cache
def all_rows() -> tuple[tuple[str, Row], ...]:
    """(model, fields) of every row of every file."""
    return tuple(
        (row["model"], row["fields"])
        for path in sorted((settings.BASE_DIR / "fixtures").glob("*/*.yaml"))
        for row in yaml.safe_load(path.read_text(encoding="utf-8")) or []
    )


def rows(model: str) -> list[Row]:
    return [fields for name, fields in all_rows() if name == model]


def texts() -> dict[tuple[str, ...], str]:
    return {(*row["passage"], row["key"]): row["text"] for row in rows("documents.passagetext")}


def words(text: str) -> int:
    return len(text.split())


def anchored() -> Iterator[tuple[str, Row]]:
    for model in (
        "documents.annotation",
        "documents.voicespan",
        "quizzes.question",
        "quizzes.evidencespan",
    ):
        yield from ((f"{model} {row['key']}", row) for row in rows(model) if row.get("text"))


def options(question: Row) -> list[Row]:
    found = [row for row in rows("quizzes.option") if row["question"] == [question["key"]]]
    return sorted(found, key=lambda row: int(row["order"]))


def single_questions() -> list[Row]:
    return [row for row in rows("quizzes.question") if row["kind"] == "single"]


def lesson_words() -> Iterator[tuple[str, str]]:
    """Every text of lessons with a horizon and of their questions, with the row it is from."""
    later = {key[-1] for key, horizon in horizons().items() if horizon is None}
    for model, fields in all_rows():
        whole = [fields.get("key"), *fields.get("lesson", []), *fields.get("question", [])]
        if any(str(part).split("-")[0] in later for part in whole) or "teacher" in model:
            continue
        if model.split(".")[0] in ("guided", "quizzes"):
            for name, value in fields.items():
                if isinstance(value, str):
                    yield f"{model} {fields['key']} {name}", value


def test_every_quote_is_in_its_text_at_its_place() -> None:
    by_key = texts()
    for name, row in anchored():
        assert by_key[tuple(row["text"])][row["start"] : row["end"]] == row["quote"], name


def test_notes_are_short_and_say_how_we_know() -> None:
    for row in rows("documents.annotation"):
        if row["kind"] == "language":
            assert words(row["body"]) <= WORD_NOTE, row["key"]
            assert not row["references"], row["key"]
        else:
            assert words(row["body"]) in NOTE, (row["key"], words(row["body"]))
            assert row["certainty"], row["key"]
            assert row["references"], row["key"]
        if row["certainty"] in ("inferred", "conjecture"):
            assert row["certainty_note"], row["key"]


def test_core_notes_do_not_bury_their_chunk() -> None:
    notes: Counter[tuple[str, ...]] = Counter()
    for row in rows("documents.annotation"):
        if row["core"] and row["kind"] != "language":
            notes[tuple(row["text"])] += words(row["body"])
    by_key = texts()
    for key, count in notes.items():
        assert count <= CORE_RATIO * words(by_key[key]), (key, count)


def test_every_reference_is_used() -> None:
    used: set[str] = set()
    for _model, row in all_rows():
        used.update(key for (key,) in row.get("references", []))
        used.update(row.get("reference", []))
    assert used == {row["key"] for row in rows("documents.reference")}


def test_key_is_never_the_longest_option() -> None:
    for question in single_questions():
        found = options(question)
        (key,) = [len(row["label"]) for row in found if row["is_key"]]
        assert key <= max(len(row["label"]) for row in found if not row["is_key"]), question["key"]


def test_keys_are_spread_over_the_places() -> None:
    found = [row for question in single_questions() for row in options(question)]
    places = Counter(row["order"] for row in found if row["is_key"])
    assert len(places) >= 3
    assert max(places.values()) <= sum(places.values()) / 2


@pytest.mark.parametrize("model", ["quizzes.option", "documents.annotation"])
def test_what_only_the_record_reports_is_not_told_as_fact(model: str) -> None:
    for row in rows(model):
        if model == "quizzes.option" and not row.get("is_key"):
            continue
        for name in ("label", "heading", "body"):
            assert not AS_FACT.search(row.get(name, "")), (row["key"], name)


def test_feedback_on_a_line_does_not_name_its_target() -> None:
    labels = {(*row["question"], row["key"]): row["label"] for row in rows("quizzes.option")}
    for row in rows("quizzes.option"):
        if row["role"] == "item":
            target = labels[tuple(row["answer"])].split(",")[0].lower()
            assert target not in row["feedback"].lower(), row["key"]


def test_lesson_knows_nothing_that_came_later() -> None:
    for name, text in lesson_words():
        assert not LATER.search(text), name
    passages = {
        tuple(passage): horizons()[tuple(step["lesson"])]
        for step in rows("guided.step")
        for passage in step.get("passages", [])
    }
    for note in rows("documents.annotation"):
        horizon = passages.get(tuple(note["text"][:2]))
        if horizon and note["core"] and note["known_from"]:
            assert note["known_from"] <= horizon, note["key"]


def horizons() -> dict[tuple[str, ...], date | None]:
    return {(*row["module"], row["key"]): row["horizon"] for row in rows("guided.lesson")}


def test_cards_of_a_lesson_are_older_than_its_horizon() -> None:
    dates = {row["key"]: row["date"] for row in rows("documents.sourcecard")}
    for step in rows("guided.step"):
        for (card,) in step.get("source_cards", []):
            horizon = horizons()[tuple(step["lesson"])]
            assert horizon is None or dates[card] <= horizon, card


def test_minutes_of_the_steps_are_those_of_the_lesson() -> None:
    for lesson in rows("guided.lesson"):
        steps = [
            step
            for step in rows("guided.step")
            if step["lesson"] == [*lesson["module"], lesson["key"]]
        ]
        assert sum(step["minutes"] for step in steps) == lesson["minutes"]
        for step in steps:
            if step["kind"] == "headnote":
                assert words(step["body"]) <= HEADNOTE
