"""Keys are proposed from words: slugs, short, and none that is taken."""

import re

from hypothesis import given
from hypothesis import strategies as st

from lessons.core.keys import LONGEST, propose_key, unique_places
from lessons.documents.models import Passage, RouteStop
from lessons.guided.models import Step

SLUG = re.compile(r"[-a-zA-Z0-9_]+")


def test_key_is_made_of_the_words() -> None:
    assert propose_key("Hussein’s reply, 1958!", set(), fallback="note") == "husseins-reply-1958"


def test_key_that_is_taken_gets_a_number() -> None:
    assert propose_key("Bases", {"bases", "bases-2"}, fallback="note") == "bases-3"


def test_words_without_letters_of_ours_give_the_fallback() -> None:
    assert propose_key("Хрущёв", set(), fallback="source card") == "source-card"
    assert propose_key("", {"row"}, fallback="") == "row-2"


def test_long_words_are_cut_between_words() -> None:
    key = propose_key(
        "What does the record leave open about the bases in Peshawar?", set(), fallback="q"
    )
    assert key == "what-does-the-record-leave-open-about-the-bases"


@given(st.text(max_size=200), st.sets(st.text(max_size=20), max_size=5))
def test_proposals_are_slugs_and_free(words: str, taken: set[str]) -> None:
    first = propose_key(words, taken, fallback="row")
    second = propose_key(words, taken | {first}, fallback="row")
    for key in (first, second):
        assert SLUG.fullmatch(key)
        assert len(key) <= LONGEST + 8
        assert key not in taken
    assert first != second


def test_unique_places_are_read_from_the_constraints() -> None:
    assert unique_places(RouteStop) == ["order"]
    assert unique_places(Passage) == ["number"]
    assert unique_places(Step) == []
