from collections.abc import Iterable
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lessons.documents.models import Annotation, PageTurn, Passage, PassageText, VoiceSpan
from lessons.documents.queries import passages_for_reading
from lessons.documents.rendering import (
    Layer,
    RenderedPassage,
    _html,
    _link_runs,
    _place,
    _Placed,
    letter,
    references_of,
    render_passages,
)

from .making import make_document, make_note, make_passage, make_turn, make_voice

pytestmark = pytest.mark.django_db


def render(text: PassageText, **options: Any) -> RenderedPassage:
    wanted = {"reveal": True, "layer": Layer.ALL, "horizon": None, **options}
    preview = wanted.get("preview", False)
    (passage,) = render_passages(
        passages_for_reading(passages=[text.passage_id], preview=preview), **wanted
    )
    return passage


class Reader(HTMLParser):
    """The words of some HTML, and proof that it is well formed with no link inside a link."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words = ""
        self.opened: list[str] = []
        self.ids: list[str] = []
        self.links: list[tuple[dict[str, str | None], str]] = []
        self.feed(html)
        self.close()
        assert self.opened == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if named.get("id"):
            self.ids.append(str(named["id"]))
        if tag == "br":
            self.words += "\n"
            return
        if tag == "a":
            assert "a" not in self.opened, "a link inside a link"
            self.links.append((named, ""))
        self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data
        if "a" in self.opened:
            named, words = self.links[-1]
            self.links[-1] = (named, words + data)


def test_passage_is_drawn_as_the_look_draws_it() -> None:
    text = make_passage(make_document(), 'We want [its] place, "between the blocs", <so> to say.')
    make_voice(text, "v1", "[its]", "editor")
    make_voice(text, "v2", '"between the blocs"', "quoted")
    make_voice(text, "v3", "We want ", "first-person")
    make_note(text, "blocs", "blocs")
    make_turn(text, 9)
    passage = render(text)
    assert passage.html == (
        'We want <span class="editor">['
        '<span class="page-turn" role="img" aria-label="a page of the original ends here"></span>'
        'its]</span> place, <span class="quoted">&quot;between the '
        '<a class="mark" data-note="a" href="#n-p1-blocs" id="m-p1-blocs" '
        'aria-describedby="k-p1-blocs">blocs</a>&quot;</span>, &lt;so&gt; to say.'
    )
    assert (passage.number, passage.anchor, passage.kind) == (1, "p1", "body")
    assert Reader(passage.html).words == text.text
    (note,) = passage.notes
    assert (note.letter, note.mark_id, note.note_id, note.key_id) == (
        "a",
        "m-p1-blocs",
        "n-p1-blocs",
        "k-p1-blocs",
    )
    assert note.body_html == "<p>Body blocs.</p>\n"
    assert note.certainty_label == "Standard in the literature."
    assert note.kind_label == "term"
    assert note.report_key == "letter/body-1/blocs"
    assert [reference.short for reference in note.references] == ["Test 1"]
    assert [reference.key for reference in references_of([passage])] == ["test-ref"]


def test_page_turn_is_not_text() -> None:
    text = make_passage(make_document(), "an important country would feel")
    make_turn(text, 13)
    html = render(text).html
    assert Reader(html).words == "an important country would feel"
    assert html.count('<span class="page-turn"') == 1
    assert html.index("page-turn") < html.index("country")


@pytest.mark.parametrize("offset", [0, 4, 99])
def test_page_turn_at_either_end_is_drawn_once(offset: int) -> None:
    text = make_passage(make_document(), "text")
    make_turn(text, offset)
    assert render(text).html.count("page-turn") == 1


def test_line_breaks_of_a_heading_are_kept() -> None:
    text = make_passage(make_document(), "2 May\nRECORD & more", number=None, kind="heading")
    passage = render(text)
    assert passage.html == "2 May<br>RECORD &amp; more"
    assert passage.anchor == "passage-heading-0"


def test_nested_note_takes_its_words_and_the_outer_link_goes_on_around_it() -> None:
    text = make_passage(make_document(), "a position between the two blocs today")
    make_note(text, "outer", "position between the two blocs today")
    make_note(text, "inner", "two blocs")
    reader = Reader(render(text).html)
    assert [(link.get("id"), link.get("data-note"), words) for link, words in reader.links] == [
        ("m-p1-outer", None, "position between the "),
        ("m-p1-inner", "b", "two blocs"),
        (None, "a", " today"),
    ]
    assert {link["href"] for link, _words in reader.links} == {"#n-p1-outer", "#n-p1-inner"}


def test_crossing_notes_are_split() -> None:
    text = make_passage(make_document(), "one two three four")
    make_note(text, "x", "one two three")
    make_note(text, "y", "three four")
    reader = Reader(render(text).html)
    assert [(link["href"], words) for link, words in reader.links] == [
        ("#n-p1-x", "one two "),
        ("#n-p1-y", "three four"),
    ]


def test_notes_on_the_same_words_share_one_link() -> None:
    text = make_passage(make_document(), "the Baghdad Pact")
    make_note(text, "pact-a", "Baghdad Pact")
    make_note(text, "pact-b", "Baghdad Pact", kind="dispute")
    passage = render(text)
    ((link, words),) = Reader(passage.html).links
    assert words == "Baghdad Pact"
    assert link["data-note"] == "a b"
    assert link["aria-describedby"] == "k-p1-pact-a k-p1-pact-b"
    assert [note.mark_id for note in passage.notes] == ["m-p1-pact-a", "m-p1-pact-a"]


def test_link_has_always_a_name() -> None:
    text = make_passage(make_document(), "two blocs")
    make_note(text, "outer", "two blocs")
    make_note(text, "one", "two")
    make_note(text, "other", "blocs")
    reader = Reader(render(text).html)
    assert [words for _link, words in reader.links] == ["two", "blocs"]
    assert reader.links[1][0]["data-note"] == "c b"


def test_link_is_not_cut_by_a_voice_that_ends_in_it() -> None:
    text = make_passage(make_document(), 'he said "no more" loudly')
    make_voice(text, "v1", '"no more"', "quoted")
    make_note(text, "n", 'more" loudly')
    ((_link, words),) = Reader(render(text).html).links
    assert words == 'more" loudly'


def test_letters_stay_when_notes_are_left_out() -> None:
    text = make_passage(make_document(), "one two three four five")
    make_note(text, "five", "five")
    make_note(text, "one", "one", kind="sourcing")
    make_note(text, "two", "two", core=False)
    make_note(text, "three", "three", kind="language", certainty="", core=False)
    make_note(text, "four", "four", known_from=date(1965, 1, 1))
    make_note(text, "draft", "two three", status="draft")
    assert [(note.letter, note.key) for note in render(text).notes] == [
        ("a", "two"),
        ("b", "three"),
        ("c", "four"),
        ("d", "five"),
        ("e", "one"),
    ]
    lesson = render(text, reveal=False, layer=Layer.CORE, horizon=date(1960, 5, 2))
    assert [(note.letter, note.key) for note in lesson.notes] == [("b", "three"), ("d", "five")]
    assert (lesson.later_count, lesson.further_count) == (1, 1)
    after = render(text, reveal=True, layer=Layer.CORE, horizon=date(1960, 5, 2))
    assert [note.letter for note in after.notes] == ["b", "d", "e"]
    assert (after.later_count, after.further_count) == (0, 1)


def test_waiting_note_is_withheld_to_the_last_character() -> None:
    text = make_passage(make_document(), "one two three")
    make_note(
        text,
        "key-zq",
        "two",
        kind="rhetoric",
        heading="Heading zq",
        body="Body zq",
        certainty_note="Because zq",
    )
    passage = render(text, reveal=False)
    assert "zq" not in repr(passage)
    assert passage.html == "one two three"
    assert (passage.notes, passage.later_count) == ((), 1)
    assert "zq" in repr(render(text, reveal=True))


def test_draft_and_retired_notes_are_for_nobody_but_preview() -> None:
    text = make_passage(make_document(), "one two three")
    make_note(text, "draft", "one", status="draft")
    make_note(text, "retired", "two", status="retired")
    assert render(text).notes == ()
    (note,) = render(text, preview=True).notes
    assert (note.key, note.draft) == ("draft", True)


def test_rendering_leaves_drafts_out_whoever_fetched_them() -> None:
    text = make_passage(make_document(), "one two three")
    make_note(text, "draft", "one", status="draft")
    fetched = passages_for_reading(passages=[text.passage_id], preview=True)
    (passage,) = render_passages(fetched, reveal=True, layer=Layer.ALL, horizon=None)
    assert passage.notes == ()


def test_orphan_is_not_shown() -> None:
    text = make_passage(make_document(), "one two three")
    note = make_note(text, "gone", "two")
    Annotation.objects.filter(pk=note.pk).update(quote="twelve", end=10)
    assert render(text).notes == ()


def test_only_the_current_text_is_read() -> None:
    text = make_passage(make_document(), "old words")
    make_note(text, "n", "old")
    PassageText.objects.filter(pk=text.pk).update(is_current=False)
    PassageText.objects.create(passage=text.passage, key="2", text="new words", sha256="0" * 64)
    passage = render(text)
    assert (passage.html, passage.notes) == ("new words", ())


def test_speakers_are_told_apart_by_their_order() -> None:
    document = make_document()
    first = make_passage(document, "one", number=1, who="ann")
    second = make_passage(document, "two", number=2, who="bo")
    other = make_passage(document, "three", number=3, who="cy")
    assert [
        (passage.speaker_name, passage.speaker_side, passage.voice_phrase)
        for passage in map(render, (first, second, other))
    ] == [
        ("A. Ann", "first", "as the recorder reports it"),
        ("B. Bo", "second", "as the recorder reports it"),
        ("C. Cy", "", "as the recorder reports it"),
    ]


def test_document_without_a_recorder_says_nothing_of_one() -> None:
    document = make_document()
    text = make_passage(document, "one")
    document.participations.filter(role="recorder").delete()
    assert render(text).voice_phrase == ""


@pytest.mark.parametrize(
    ("index", "expected"), [(0, "a"), (25, "z"), (26, "aa"), (51, "az"), (52, "ba"), (702, "aaa")]
)
def test_letter(index: int, expected: str) -> None:
    assert letter(index) == expected


def test_passages_for_reading_cost_the_same_for_one_and_for_three(
    django_assert_num_queries: Any,
) -> None:
    document = make_document()
    texts = [make_passage(document, "one two", number=number) for number in (1, 2, 3)]
    for text in texts:
        make_note(text, "one", "one")
        make_note(text, "two", "two")
        make_voice(text, "v", "two", "quoted")
        make_turn(text, 3)
    options: dict[str, Any] = {"reveal": True, "layer": Layer.ALL, "horizon": None}
    for pks in ([texts[0].passage_id], [text.passage_id for text in texts]):
        with django_assert_num_queries(7):
            assert len(render_passages(passages_for_reading(passages=pks), **options)) == len(pks)


def test_passages_for_reading_wants_one_of_its_arguments() -> None:
    with pytest.raises(TypeError, match="either"):
        passages_for_reading()


# --- Any notes on any text ----------------------------------------------------------------------

WORDS = st.text(st.sampled_from("ab <&\"'\n.é\u0301𝔎کش"), min_size=1, max_size=40)


@st.composite
def annotated(
    draw: st.DrawFn,
) -> tuple[str, list[tuple[int, int]], list[tuple[int, int]], set[int]]:
    text = draw(WORDS)
    bounds = st.integers(0, len(text) - 1).flatmap(
        lambda start: st.tuples(st.just(start), st.integers(start + 1, len(text)))
    )
    return (
        text,
        draw(st.lists(bounds, max_size=6)),
        draw(st.lists(bounds, max_size=3)),
        draw(st.sets(st.integers(0, len(text)), max_size=2)),
    )


class Rows:
    """Stands where a related manager stands."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self.rows = list(rows)

    def all(self) -> list[Any]:
        return self.rows


class Text:
    def __init__(self, text: str, notes: Any, voices: Any, turns: Any) -> None:
        self.text = text
        self.annotations = Rows(notes)
        self.voicespans = Rows(voices)
        self.page_turns = Rows(turns)


@given(annotated())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_notes_on_any_text_give_valid_html_with_the_same_words(given_: Any) -> None:
    words, notes, voices, turns = given_
    common = {"prefix": "", "suffix": ""}
    text: Any = Text(
        words,
        [
            Annotation(
                key=f"n{index}",
                start=start,
                end=end,
                quote=words[start:end],
                kind="term",
                reveal="with-text",
                status="published",
                **common,
            )
            for index, (start, end) in enumerate(notes)
        ],
        [
            VoiceSpan(
                key=f"v{index}",
                start=start,
                end=end,
                quote=words[start:end],
                voice=("editor", "quoted")[index % 2],
                **common,
            )
            for index, (start, end) in enumerate(voices)
        ],
        [PageTurn(key=f"t{offset}", offset=offset) for offset in turns],
    )
    placed: list[_Placed] = _place(text, preview=False)
    runs = _link_runs(words, placed)
    html = _html(Passage(kind="heading", key="h"), text, placed, runs)
    reader = Reader(html)
    assert reader.words == words
    assert len(reader.ids) == len(set(reader.ids))
    assert html.count('class="page-turn"') == len(turns)
    # Every note has one letter in the text and a link that names it.
    letters = " ".join(str(link.get("data-note") or "") for link, _words in reader.links).split()
    assert sorted(letters) == sorted(item.letter for item in placed)
    described = {
        key for link, _words in reader.links for key in str(link["aria-describedby"]).split()
    }
    assert described == {f"k-passage-h-{item.note.key}" for item in placed}
    # No link is without a name, but where all the words noted are punctuation.
    if all(any(map(str.isalnum, item.note.quote)) for item in placed):
        assert all(any(map(str.isalnum, inside)) for _link, inside in reader.links)
