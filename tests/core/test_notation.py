"""What is written as YAML is read back as the same value."""

from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from lessons.core.content.notation import WIDTH, field, flow, fold

LOADERS = [yaml.SafeLoader, yaml.CSafeLoader]
ODD = st.sampled_from(
    "abé \t\n\r\x85\u2028\u2029\ufeff\u200b\u00ad\xa0:#'\"\\-?!&*|>%@`[]{},~=<\x7f\x1b½🎓\U000e0041"
)
TEXTS = st.one_of(
    st.text(ODD, max_size=40),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=300),
    st.lists(st.sampled_from(["word", "a", "", "- b", "# c", "long" * 30, "x: y"])).map(" ".join),
    st.lists(st.sampled_from(["word", " lead", "trail ", "", "# c", "\tt"])).map("\n".join),
    st.sampled_from(
        [
            "no",
            "NULL",
            "~",
            "1e3",
            "1_000",
            "0x1F",
            "2020-01-01",
            "12:30:45",
            ".5",
            ".inf",
            "=",
            "<<",
            "---",
            "--- a",
            "...",
            "? a",
            "- a",
            "%YAML",
            "y",
            "On",
            "\u2028",
            "null ",
            "0o7",
        ]
    ),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS),
    lambda parts: st.one_of(st.lists(parts), st.dictionaries(TEXTS, parts)),
    max_leaves=12,
)


def read(text: str) -> Any:
    first, second = (yaml.load(text, loader) for loader in LOADERS)  # noqa: S506
    assert first == second
    return first


@given(VALUES, st.sampled_from(["", "'", '"', "|", ">"]))
@example("a b", ">")
@example("a\n\nb\n", ">")
def test_a_value_is_read_back(value: Any, style: str) -> None:
    item = "- fields:\n    before: 1\n" + field("of", value, indent=4, old=(style, ()))
    assert read(item + "    after: 2\n") == [{"fields": {"before": 1, "of": value, "after": 2}}]


@given(VALUES)
def test_true_and_one_are_told_apart(value: Any) -> None:
    assert repr(read(flow(value))) == repr(value)


@given(TEXTS, TEXTS)
def test_what_was_folded_is_joined_again(old: str, new: str) -> None:
    lines = fold(new, 6, fold(old, 6))
    assert not lines or " ".join(lines) == new


def test_only_the_lines_around_a_changed_word_change() -> None:
    words = "In April 1958 Pakistan belonged to two alliances and was in dispute. " * 6
    old = fold(words.strip(), 6)
    new = fold(words.strip().replace("April", "May", 4).replace("May", "April", 3), 6, old)
    assert len(old) == len(new) == 5
    assert [a == b for a, b in zip(old, new, strict=True)].count(False) == 1
    assert max(map(len, old)) <= WIDTH - 6


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain words", "k: plain words\n"),
        ("1.00", "k: '1.00'\n"),
        ("it's", "k: it's\n"),
        ("a: b", "k: 'a: b'\n"),
        ("", "k: ''\n"),
        (None, "k: null\n"),
        (date(1958, 4, 19), "k: 1958-04-19\n"),
        (["talk", "p1", "1"], "k: [talk, p1, '1']\n"),
        ([["record"], ["frus"]], "k: [[record], [frus]]\n"),
        ("two\nlines", "k: |-\n  two\n  lines\n"),
        ("hidden\u2028break", 'k: "hidden\\u2028break"\n'),
    ],
)
def test_plain_things_are_written_plainly(value: Any, written: str) -> None:
    assert field("k", value, indent=0) == written
