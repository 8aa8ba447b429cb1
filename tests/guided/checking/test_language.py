"""What is told as fact, and what nobody could know yet: single sentences."""

from datetime import date

import pytest

from lessons.guided.checking.language import later_names, told_as_fact

TALK = date(1958, 4, 19)
NAMES = frozenset({"Hussein", "Khrushchev", "Noon"})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hussein said that he was glad", "Hussein said"),
        ("He knew what Noon wants.", "Noon wants"),
        ("Khrushchev had never promised it.", "Khrushchev had never promised"),
        ("It was late. Hussein agreed. The record ends.", "Hussein agreed"),
    ],
)
def test_a_bare_report_is_told_as_fact(text: str, found: str) -> None:
    assert told_as_fact(text, names=NAMES) == found


@pytest.mark.parametrize(
    "text",
    [
        "The record reports that Hussein said so",
        "As recorded, Khrushchev promised nothing",
        "Noon wanted more, as is reported.",
        "Hussein is reported saying so",
        "In ¶3 Hussein says so",
        "According to the Summary Khrushchev offers it",
        "It has “Hussein said further that” in it",
        "Hussein's government wants it",
        "Khrushchev replies in ¶5",
        "They said so",
        "",
    ],
)
def test_what_names_its_report_is_not(text: str) -> None:
    assert told_as_fact(text, names=NAMES) is None


def test_names_are_those_of_the_content() -> None:
    assert told_as_fact("Hussein said so", names=frozenset({"Adler"})) is None
    assert told_as_fact("Adler said so", names=frozenset({"Adler"})) == "Adler said"
    assert told_as_fact("Hussein said so", names=frozenset()) is None


def test_an_option_may_lean_on_its_stem() -> None:
    assert told_as_fact("Hussein promised it", "What happened?", names=NAMES) == "Hussein promised"
    assert told_as_fact("Hussein promised it", "As recorded, what happened?", names=NAMES) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Pakistan was in CENTO.", ["CENTO"]),
        ("It flew from Islamabad to Dhaka.", ["Islamabad", "Dhaka"]),
        ("Across the line of control.", ["line of control"]),
        ("In Bangladesh, during détente.", ["détente", "Bangladesh"]),
        ("Dacca (today Dhaka) and East Pakistan (now Bangladesh).", []),
        ("An innocent centre of the pact.", []),
    ],
)
def test_names_of_later_are_found_but_in_brackets(text: str, found: list[str]) -> None:
    assert [name for name, _known in later_names(text, TALK)] == found


@pytest.mark.parametrize(
    ("text", "free"),
    [
        ("Karachi was the capital; Islamabad had not been built.", True),
        ("In August 1959 it became CENTO.", True),
        ("In 1955 Pakistan joined CENTO.", False),
        ("It was later. CENTO was a pact.", False),
    ],
)
def test_outside_lessons_a_sentence_may_say_of_when_a_name_is(text: str, free: bool) -> None:
    assert list(later_names(text, TALK)) != []
    assert (list(later_names(text, TALK, strict=False)) == []) is free


def test_a_name_is_free_from_the_day_it_came_up() -> None:
    assert list(later_names("CENTO", date(1959, 7, 31))) == [("CENTO", date(1959, 8, 1))]
    assert list(later_names("CENTO", date(1959, 8, 1))) == []
