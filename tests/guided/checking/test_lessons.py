"""Titles against the answers they must not tell."""

import pytest

from lessons.guided.checking.lessons import tells


@pytest.mark.parametrize(
    ("title", "label", "told"),
    [
        ("An aim, not a deed", "It reports an aim of the government, not yet a deed", False),
        ("The government's aim is no deed", "It reports an aim of a government, no deed", False),
        ("An aim of the government, no deed yet", "An aim of the government, not yet a deed", True),
        ("At first glance", "at first glance", True),
        ("Look at first glance twice", "At first glance.", True),
        ("A middle position", "position", False),
        ("A letter arrives", "It comes in Hussein's own name, not as part of his errand", False),
        ("", "", False),
    ],
)
def test_a_title_tells_a_label_when_it_has_most_of_it(title: str, label: str, told: bool) -> None:
    assert tells(title, label) is told
