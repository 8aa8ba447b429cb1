import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.documents.anchors import (
    CONTEXT,
    Selector,
    Span,
    allowed_edits,
    describe,
    edit_distance,
    resolve,
    segments,
)

# Astral letters, combining marks, right-to-left words and joiners, beside plain ones.
ALPHABET = st.one_of(
    st.sampled_from("ab .,’“”\n"),
    st.sampled_from(
        ["𝔎", "🕊", "e", "\u0301", "\u0e31", "ک", "ش", "م", "ی", "ר", "\u200d", "\u202e"]
    ),
    st.characters(exclude_categories=["Cs"]),
)
TEXTS = st.text(ALPHABET, min_size=1, max_size=120)


@st.composite
def ranges(draw: st.DrawFn, text: str) -> tuple[int, int]:
    start = draw(st.integers(0, len(text) - 1))
    return start, draw(st.integers(start + 1, len(text)))


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(TEXTS)
    found = draw(st.lists(ranges(text), max_size=12))
    return text, [Span(f"s{number}", *bounds) for number, bounds in enumerate(found)]


@st.composite
def texts_with_one(draw: st.DrawFn) -> tuple[str, int, int]:
    text = draw(TEXTS)
    return text, *draw(ranges(text))


@given(texts_with_spans(), st.lists(st.integers(-3, 130), max_size=4))
def test_segments_join_to_the_text_and_to_every_span(
    given_: tuple[str, list[Span]], cuts: list[int]
) -> None:
    text, spans = given_
    found = segments(text, spans, cuts)
    assert "".join(segment.text for segment in found) == text
    assert all(segment.text == text[segment.start : segment.end] != "" for segment in found)
    assert {cut for cut in cuts if 0 <= cut < len(text)} <= {segment.start for segment in found}
    for span in spans:
        inside = [segment for segment in found if span.id in segment.covering]
        assert "".join(segment.text for segment in inside) == text[span.start : span.end]
        assert [segment.start for segment in found if span.id in segment.begins] == [span.start]
        assert [segment.end for segment in found if span.id in segment.ends] == [span.end]


@given(texts_with_spans(), st.randoms())
def test_segments_do_not_depend_on_the_order_of_spans(given_, random) -> None:
    text, spans = given_
    shuffled = list(spans)
    random.shuffle(shuffled)
    assert segments(text, spans) == segments(text, shuffled)
    for segment in segments(text, spans):
        order = sorted(
            (span for span in spans if span.id in segment.covering),
            key=lambda span: (span.start, -span.end, span.id),
        )
        assert list(segment.covering) == [span.id for span in order]


@pytest.mark.parametrize("bounds", [(-1, 1), (0, 0), (2, 1), (0, 4)])
def test_segments_refuse_a_span_outside_the_text(bounds: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no range of a text of 3"):
        segments("abc", [Span("x", *bounds)])
    with pytest.raises(ValueError, match="no range of a text of 3"):
        describe("abc", *bounds)


def test_segments_of_an_empty_text_are_none() -> None:
    assert segments("", [], [0]) == []


@given(texts_with_one())
def test_resolve_is_the_inverse_of_describe(given_: tuple[str, int, int]) -> None:
    text, start, end = given_
    selector = describe(text, start, end)
    assert resolve(text, selector) == (start, end)
    assert len(selector.prefix) <= CONTEXT
    assert len(selector.suffix) <= CONTEXT


@given(texts_with_one(), st.data())
def test_resolve_after_edits_returns_the_words_or_none(
    given_: tuple[str, int, int], data: st.DataObject
) -> None:
    text, start, end = given_
    selector = describe(text, start, end)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.integers(0, 10))
        text = text[:at] + data.draw(st.text(ALPHABET, max_size=10)) + text[at + gone :]
    found = resolve(text, selector)
    if found is not None:
        words = text[found[0] : found[1]]
        assert words
        assert edit_distance(words, selector.quote) <= allowed_edits(selector.quote)
        if selector.quote in text:
            assert words == selector.quote


WORDS = st.lists(
    st.sampled_from(
        ["the", "letter", "of", "a", "position", "between", "blocs", "Kashmir", "کشمیر"]
    ),
    min_size=1,
    max_size=8,
).map(" ".join)


@given(WORDS, WORDS, WORDS, st.data())
def test_resolve_finds_a_unique_quote_after_edits_beyond_its_context(
    before: str, after: str, elsewhere: str, data: st.DataObject
) -> None:
    context = "x" * CONTEXT
    text = f"{before}{context}two blocs{context}{after}"
    start = len(before) + CONTEXT
    selector = describe(text, start, start + len("two blocs"))
    changed = f"{data.draw(WORDS)}{context}two blocs{context}{elsewhere}"
    found = resolve(changed, selector)
    assert found is not None
    assert changed[slice(*found)] == "two blocs"


TEXT = "Pakistan spoke of the two blocs. India kept out of the two blocs, and of their bases."


def test_resolve_tells_equal_words_apart_by_context() -> None:
    second = TEXT.rindex("two blocs")
    selector = describe(TEXT, second, second + 9)
    changed = "Then " + TEXT
    assert resolve(changed, selector) == (second + 5, second + 14)


def test_resolve_prefers_better_context_to_a_position_hit_by_chance() -> None:
    text = "aa bb aa cc aa"
    selector = describe(text, 6, 8)
    changed = "bb aa bb aa cc aa"[3:]  # the same text moved by nothing
    assert resolve(changed, selector) == (6, 8)
    shifted = "aa cc " + text
    assert resolve(shifted, selector) == (12, 14)


def test_resolve_is_none_where_two_places_fit_alike() -> None:
    selector = Selector("two blocs", "the ", "", 70, 79)
    assert resolve("Of the two blocs; of the two blocs.", selector) is None


def test_resolve_is_none_for_a_short_word_that_stands_elsewhere_now() -> None:
    start = TEXT.index("two")
    selector = describe(TEXT, start, start + 3)
    assert resolve("Elsewhere entirely, at two o’clock in the afternoon.", selector) is None


def test_resolve_accepts_a_corrected_letter() -> None:
    start = TEXT.index("India kept out of")
    selector = describe(TEXT, start, start + len("India kept out of"))
    changed = TEXT.replace("India kept", "India keeps")
    found = resolve(changed, selector)
    assert found is not None
    assert changed[slice(*found)] == "India keeps out of"


def test_resolve_is_none_where_the_words_were_rewritten() -> None:
    start = TEXT.index("India kept out of")
    selector = describe(TEXT, start, start + len("India kept out of"))
    assert resolve(TEXT.replace("India kept out of", "Delhi had no part in"), selector) is None


def test_resolve_never_matches_a_short_quote_approximately() -> None:
    selector = describe("the blocs of the West", 4, 9)
    assert resolve("the block of the West", selector) is None


def test_resolve_of_an_empty_quote_is_none() -> None:
    assert resolve("text", Selector("", "", "", 0, 0)) is None


@pytest.mark.parametrize(
    ("one", "other", "distance"), [("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3)]
)
def test_edit_distance(one: str, other: str, distance: int) -> None:
    assert edit_distance(one, other) == distance == edit_distance(other, one)
