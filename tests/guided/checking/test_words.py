"""Measures of texts, by tables and by what holds for any text."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lessons.guided.checking import words

LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)
PROSE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"]) | st.sampled_from("aé. “”*-#\n"),
    max_size=300,
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("one two  three", 3),
        ("a talk – and more", 4),
        ("- **Genre.** What does it say?", 5),
        ("1. First\n2. Second", 4),
        ("## A heading\n\nAnd *words*, [a link](/documents/x/).", 6),
        ("“at first glance” (¶2)", 4),
        ("… — ***", 0),
    ],
)
def test_words_are_what_a_reader_counts(text: str, count: int) -> None:
    assert len(words.words(text)) == count


@given(st.lists(LETTERS, max_size=30))
def test_words_of_plain_words_are_all_of_them(some: list[str]) -> None:
    assert words.words(" ".join(some)) == some


@given(PROSE)
@example("The color of defense was told on 31 June 1958 to all “neighbors”.")
def test_no_text_makes_a_measure_fail(text: str) -> None:
    assert len(words.sentences(text)) <= len(words.words(text))
    assert bool(words.sentences(text)) == bool(words.words(text))
    # The least of the formula: a sentence has a word or more, a word a syllable or more.
    assert words.reading_grade(text) >= 0.39 + 11.8 - 15.59 - 1e-9
    assert all(found[0] in text for found in words.spellings(text))
    assert all(found.words in " ".join(text.split()) for found in words.dates(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One. Two? Three!", ["One.", "Two?", "Three!"]),
        ("- One thing\n- Another. And more.", ["One thing", "Another.", "And more."]),
        ("N. S. Khrushchev replied. He was brief.", ["N. S. Khrushchev replied.", "He was brief."]),
        ("It ends with “here.” Then ¶3 begins.", ["It ends with “here.”", "Then ¶3 begins."]),
    ],
)
def test_sentences_end_at_lines_and_full_stops(text: str, found: list[str]) -> None:
    assert list(words.sentences(text)) == found


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("talk", 1),
        ("the", 1),
        ("made", 1),
        ("asked", 1),
        ("wanted", 2),
        ("table", 2),
        ("people", 2),
        ("letter", 2),
        ("reading", 2),
        ("period", 3),
        ("paraphrase", 3),
        ("position", 3),
        ("ambassador", 4),
        ("Khrushchev's", 2),
        ("saber-rattling", 4),
        ("1958", 1),
        ("", 1),
    ],
)
def test_syllables_of_common_words(word: str, count: int) -> None:
    assert words.syllables(word) == count


@given(LETTERS)
def test_a_word_has_a_syllable_and_no_more_than_letters(word: str) -> None:
    assert 1 <= words.syllables(word) <= len(word)


def test_reading_grade_is_the_published_formula() -> None:
    # 6 words of 1 syllable in 1 sentence: 0.39 · 6 + 11.8 · 1 − 15.59
    assert words.reading_grade("The cat sat on the mat.") == pytest.approx(-1.45)
    # 5 words, 10 syllables, 1 sentence: 0.39 · 5 + 11.8 · 2 − 15.59
    assert words.reading_grade("Letter table people reading wanted.") == pytest.approx(9.96)
    assert words.reading_grade("") == 0


def test_one_long_sentence_reads_harder_than_its_halves() -> None:
    halves = "The letter came late. The envoy said so."
    whole = "The letter came late the envoy said so."
    assert words.reading_grade(halves) < words.reading_grade(whole)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("on 19 April 1958 and later", [("19 April 1958", date(1958, 4, 19))]),
        ("29–30 April 1958", [("29–30 April 1958", date(1958, 4, 29))]),
        ("9 and 10 December 1955", [("9 and 10 December 1955", date(1955, 12, 9))]),
        (
            "in August 1959, or 1960",
            [("August 1959", date(1959, 8, 1)), ("1960", date(1960, 1, 1))],
        ),
        ("31 June 1958", [("31 June 1958", date(1958, 6, 1))]),
        ("the 1970s", [("1970s", date(1970, 1, 1))]),
        ("FRUS 1958–60 XV, no. 19591, f. 1959/3", []),
        ("19 April", []),
    ],
)
def test_dates_are_read_from_figures(text: str, found: list[tuple[str, date]]) -> None:
    assert list(words.dates(text)) == found


@given(st.dates(date(1800, 1, 1), date(2099, 12, 31)))
def test_any_day_written_out_is_read_again(day: date) -> None:
    text = f"It was {day.day} {words.MONTHS[day.month - 1]} {day.year}."
    assert [found.first for found in words.dates(text)] == [day]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The color of defense", [("color", "colour"), ("defense", "defence")]),
        ("Dishonored neighbors", [("Dishonored", "Dishonoured"), ("neighbors", "neighbours")]),
        ("an organization, organised", [("organization", "organisation")]),
        ("two centers; he traveled", [("centers", "centres"), ("traveled", "travelled")]),
        ("a cease-fire line", [("cease-fire", "ceasefire")]),
        ("Krushchev and Hussain", [("Krushchev", "Khrushchev"), ("Hussain", "Hussein")]),
        ('“neighbors” and "favors" are quoted', []),
        ("the Wilson Center and the Treaty Organization", []),
        ("Feroz Khan Noon, also spelled Firoz", []),
        ("Khrushchev, Hussein, Abdullah; four prices; sizes; the install; letters; Summary", []),
        ("a metre, the programme, a judgement, grey, fulfil, enrol, theatre", []),
    ],
)
def test_spellings_are_british_and_names_have_one_form(
    text: str, found: list[tuple[str, str]]
) -> None:
    assert list(words.spellings(text)) == found


@given(st.text('abc “”"', max_size=40))
def test_what_is_quoted_is_not_ours(quoted: str) -> None:
    inside = quoted.replace("“", "").replace("”", "").replace('"', "")
    assert words.unquoted(f"He said “{inside} color” twice") == "He said … twice"
