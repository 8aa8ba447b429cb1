"""Looking up, without a database: what is found, in what order, and what is shown of it."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.documents.search import (
    LONGEST_QUERY,
    MOST_WORDS,
    SNIPPET,
    Entry,
    Field,
    Index,
    Piece,
    Result,
    excerpt,
    parse,
    pieces,
    tokens,
)

WORDS = st.text(alphabet=string.ascii_lowercase, min_size=1, max_size=8)
SENTENCES = st.lists(WORDS, min_size=1, max_size=40).map(" ".join)


def entry(title: str, *texts: str, weight: int = 8, kind: str = "terms") -> Entry:
    return Entry(kind, title, weight, tuple(Field(text, 2) for text in texts), f"/{title}/")


def titles(index: Index, asked: str) -> list[str]:
    return [result.entry.title for result in index.search(parse(asked))]


def shown(parts: tuple[Piece, ...]) -> str:
    """With square brackets for what is marked."""
    return "".join(f"[{piece.text}]" if piece.marked else piece.text for piece in parts)


def folded(text: str) -> list[str]:
    return [token.word for token in tokens(text)]


# --- Words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Détente, DÉTENTE", ["detente", "detente"]),
        ("Noon's and Noon’s", ["noon", "and", "noon"]),
        ("zapis’ besedy", ["zapis", "besedy"]),
        ("rock ’n’ O'Neill’s", ["rock", "n", "oneill"]),
        ("peace-loving peace‑loving peace–loving", ["peace", "loving"] * 3),
        ("Straße ﬁne Ⅳ", ["strasse", "fine", "iv"]),
        ("soft\u00adhyphen zero\u200dwidth", ["softhyphen", "zerowidth"]),
        ("19 April 1958, ¶9", ["19", "april", "1958", "9"]),
        ("e\u0301tat caf\u00e9", ["etat", "cafe"]),
        ("\x00 …!", []),
        ("हिन्दी", ["हिनदी"]),
    ],
)
def test_tokens(text: str, words: list[str]) -> None:
    assert folded(text) == words


@given(st.text())
def test_tokens_stand_where_they_say(text: str) -> None:
    at = 0
    for token in tokens(text):
        assert at <= token.start < token.end <= len(text)
        assert token.word
        at = token.start


@given(st.text(alphabet=string.ascii_letters + "' -éñü", max_size=60))
def test_words_do_not_depend_on_case(text: str) -> None:
    assert folded(text.upper()) == folded(text.lower()) == folded(text)


@given(st.text(alphabet="ab'\"- ", max_size=40))
def test_words_do_not_depend_on_kinds_of_quotes_and_hyphens(text: str) -> None:
    curly = text.translate(str.maketrans({"'": "’", '"': "“", "-": "‑"}))
    assert folded(curly) == folded(text)
    assert [part.choices for part in parse(curly).parts] == [
        part.choices for part in parse(text).parts
    ]


# --- Queries ----------------------------------------------------------------------------------


def test_query_is_cut_where_it_is_long() -> None:
    query = parse("bloc " * 12_000)
    assert query.was_cut
    assert len(query.text) <= LONGEST_QUERY
    assert len(query.parts) == MOST_WORDS
    assert not parse("bloc").was_cut


def test_query_holds_nothing_that_no_page_can_show() -> None:
    assert parse("a\x00b \ud800 c\td").text == "a b c d"
    parse("\ud800").text.encode()


@pytest.mark.parametrize("asked", ["", " ", "\x00", "…", '""', "- ' -", "\u200b"])
def test_query_without_a_word_finds_nothing(asked: str) -> None:
    index = Index([entry("bloc", "a b c")])
    assert parse(asked).parts == ()
    assert index.search(parse(asked)) == []
    assert index.suggest(parse(asked)) == []


@given(st.text())
def test_any_query_is_answered(asked: str) -> None:
    index = Index([entry("Bloc", "One “bloc”, two blocs."), entry("Pact", "a-b c")])
    query = parse(asked)
    query.text.encode()
    index.search(query)
    index.suggest(query)
    index.other_spellings(query)


# --- Finding ----------------------------------------------------------------------------------


@given(SENTENCES, st.data())
def test_every_word_and_run_of_words_of_a_text_finds_it(text: str, data: st.DataObject) -> None:
    index = Index([entry("x" * 9, text)])
    words = text.split()
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, min(len(words), first + MOST_WORDS) - 1))
    run = " ".join(words[first : last + 1])
    assert titles(index, f'"{run}"') == ["x" * 9]
    assert titles(index, run) == ["x" * 9]
    assert titles(index, words[first][:1]) == ["x" * 9]


@given(st.lists(SENTENCES, min_size=1, max_size=6), WORDS, WORDS)
def test_all_words_must_be_there(texts: list[str], one: str, other: str) -> None:
    index = Index([entry(str(number), text) for number, text in enumerate(texts)])
    both = set(titles(index, f"{one} {other}"))
    assert both == set(titles(index, one)) & set(titles(index, other))
    expected = {
        str(number)
        for number, text in enumerate(texts)
        if all(any(word.startswith(want) for word in text.split()) for want in (one, other))
    } | {str(n) for n in range(len(texts)) if str(n).startswith(one) and str(n).startswith(other)}
    assert both == expected


@given(SENTENCES, st.lists(WORDS, min_size=1, max_size=3))
def test_marks_are_on_what_was_found_and_pieces_are_of_the_text(
    text: str, words: list[str]
) -> None:
    for result in Index([entry("T", text)]).search(parse(" ".join(words))):
        joined = "".join(piece.text for piece in result.snippet)
        assert joined.strip("…") in text
        marked = [piece.text for piece in result.snippet if piece.marked]
        assert all(any(one.startswith(want) for want in words) for one in marked)


def test_phrase_is_found_as_a_phrase_only() -> None:
    index = Index([entry("one", "peace and friendship"), entry("two", "friendship and peace")])
    assert titles(index, "peace friendship") == ["one", "two"]
    assert titles(index, '"peace and friendship"') == ["one"]
    assert titles(index, "“and PEACE”") == ["two"]
    assert titles(index, '"and pea"') == []  # whole words
    assert titles(index, '"and pea') == ["one", "two"]  # not closed: words, and beginnings of them


def test_hyphens_may_be_left_out_or_put_in() -> None:
    index = Index([entry("one", "non-alignment"), entry("two", "nonalignment"), entry("3", "non")])
    assert titles(index, "non-align") == ["one", "two"]
    assert titles(index, "nonalign") == ["one", "two"]
    assert titles(index, "non alignment") == ["one"]
    assert titles(index, '"non alignment"') == ["one"]


def test_other_spellings_of_a_name_are_found() -> None:
    index = Index(
        [entry("letter", "from Feroz Khan Noon"), entry("note", "Husain or Hussein")],
        spellings=["Feroz Khan Noon; Firoz Khan Noon; Khan Noon", "A. Hussein; A. Husain"],
    )
    assert titles(index, "firoz noon") == ["letter"]
    assert index.other_spellings(parse("Firoz noon")) == ["Feroz"]
    assert titles(index, "HUSAIN") == ["note"]
    assert titles(index, "khan") == ["letter"]
    assert index.other_spellings(parse("khan")) == []
    assert titles(index, '"firoz khan"') == []  # a phrase is taken at its word


# --- Order and what is shown ------------------------------------------------------------------


def test_titles_nearness_and_whole_words_decide_the_order() -> None:
    index = Index(
        [
            entry("far", "pact one two three four five six aid"),
            entry("near", "pact aid"),
            entry("begun", "pactless aid"),
            entry("Pact", "aid"),
        ]
    )
    assert titles(index, "pact aid") == ["Pact", "near", "begun", "far"]


def test_order_of_the_entries_decides_ties() -> None:
    index = Index([entry(str(number), "pact") for number in range(5)])
    assert titles(index, "pact") == list("01234")


def test_title_that_is_not_searched_is_not_found() -> None:
    index = Index([entry("¶3, Hussein", "He spoke.", weight=0)])
    assert titles(index, "hussein") == []
    assert titles(index, "spoke") == ["¶3, Hussein"]


def only(index: Index, asked: str) -> Result:
    (result,) = index.search(parse(asked))
    return result


def test_snippet_is_about_the_nearest_words() -> None:
    text = "pact " + "word " * 80 + "the Baghdad pact of 1955 " + "word " * 80 + "Baghdad"
    result = only(Index([entry("T", "nothing here", text)]), "baghdad pact")
    assert "the [Baghdad] [pact] of 1955" in shown(result.snippet)
    assert shown(result.snippet).startswith("…word")
    assert shown(result.snippet).endswith("word…")


def test_snippet_of_a_title_is_how_the_text_begins() -> None:
    result = only(Index([entry("Peaceful blocs", "First. " * 60, "Second.")]), "bloc")
    assert shown(result.title) == "Peaceful [blocs]"
    assert shown(result.snippet).startswith("First. First.")
    assert shown(result.snippet).endswith("…")


@given(st.text(min_size=1, max_size=900), st.data())
def test_excerpt_is_short_and_of_the_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    found = list(excerpt(text, [(start, end)], around=(start, end)))
    joined = "".join(piece.text for piece in found)
    assert len(joined) <= max(2 * SNIPPET, SNIPPET) + 2
    assert any(piece.marked for piece in found)
    if len(text) <= SNIPPET:
        assert joined == text


@given(
    st.text(max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8)
)
def test_pieces_join_to_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    inside = [(a, b) for a, b in spans if a < b <= len(text)]
    found = list(pieces(text, inside))
    assert "".join(piece.text for piece in found) == text
    at = 0
    for piece in found:
        for place in range(at, at + len(piece.text)):
            assert piece.marked == any(a <= place < b for a, b in inside)
        at += len(piece.text)


# --- Nothing found ----------------------------------------------------------------------------

LIBRARY = Index(
    [
        entry("Plebiscite", "A vote in Kashmir."),
        entry("Détente", "Later than KHRUSHCHEV. Khrushchev did not say it."),
    ]
)


@pytest.mark.parametrize(
    ("asked", "suggestions"),
    [
        ("plebescite", ["Plebiscite"]),
        ("detante", ["Détente"]),
        ("kruschev", ["Khrushchev"]),
        ("vote kashmeer", ["vote Kashmir"]),
        ("plebiscite detente", ["plebiscite", "detente"]),
        ("kashmir zzzz", ["kashmir"]),
        ('"kashmir vote" detente', ["detente"]),
        ("zzzz", []),
        ("x" * 150, []),
    ],
)
def test_suggestions(asked: str, suggestions: list[str]) -> None:
    query = parse(asked)
    assert LIBRARY.search(query) == []
    assert LIBRARY.suggest(query) == suggestions


@given(st.text(max_size=80))
def test_what_is_suggested_finds_something(asked: str) -> None:
    query = parse(asked)
    if not LIBRARY.search(query):
        for suggestion in LIBRARY.suggest(query):
            assert LIBRARY.search(parse(suggestion))
