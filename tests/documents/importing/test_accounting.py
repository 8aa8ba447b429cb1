"""Nothing is lost in silence: every character of a source stands somewhere, in its order.

The importers keep an account of their own; here it is not believed. What a document's markup says
is read once more, by other means, and compared with what came of it.
"""

import random
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from lessons.core.markdown import to_html, to_words
from lessons.documents.importing import archive, plain, tei
from lessons.documents.importing.blocks import SIGNS, as_markdown, page_name
from lessons.documents.importing.decoding import decode
from lessons.documents.importing.draft import Draft, letters

# --- TEI ----------------------------------------------------------------------------------------

SAID = [
    "Ambassador", "said", "that", "1,000", "7½", "U.S.", "“we”—and", "fait", "accompli", "*",
    "_x_", "#1", "&gt;", "[a]", "naïve", "(note)", "1.", "-", "&amp;",
]  # fmt: skip
EMPTY = [
    '<pb n="12" xml:id="pg_12" facs="0012"/>', "<lb/>", "<gap/>", '<gap unit="chars" quantity="3"/>',
    "<anchor/>", "<space/>", '<figure><graphic url="x.tif"/></figure>',
]  # fmt: skip
PHRASES = [
    'persName corresp="#p_AB1"', "persName", 'gloss target="#t_XYZ1"', 'gloss type="from"',
    'hi rend="italic"', 'hi rend="strong"', 'hi rend="smallcaps"', 'hi rend="underline"',
    'ref target="frus1955-57v08#d25"', 'ref target="https://example.org/1"', "foreign", "supplied",
    "unclear", "add", "del", "quote", "q", 'date when="1958-03-02"', "placeName", "unheardOf", "seg",
    "frus:classification", 'note rend="inline"', "bibl", "time",
]  # fmt: skip


class Volume:
    """Writes documents of the elements that real volumes are made of."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def tag(self, opening: str, *inner: str) -> str:
        return f"<{opening}>{''.join(inner)}</{opening.split(maxsplit=1)[0]}>"

    def some(self, make: Callable[[], str], least: int = 1, most: int = 4) -> str:
        made = (make() for _n in range(self.random.randint(least, most)))
        return "".join(each + self.random.choice(["", " ", "\n   "]) for each in made)

    def words(self) -> str:
        return " ".join(self.random.choices(SAID, k=self.random.randint(1, 7)))

    def phrase(self) -> str:
        match self.random.randint(0, 9):
            case 0 | 1 | 2 | 3:
                return self.words()
            case 4:
                return self.random.choice(EMPTY)
            case 5:
                small, sign = (
                    self.random.choice(["superscript", "sub"]),
                    self.random.choice(["2", "th", "-3", "a1"]),
                )
                return self.tag(f'hi rend="{small}"', sign)
            case 6:
                return f"<choice><sic>{self.words()}</sic><corr>{self.words()}</corr></choice>"
            case _:
                return self.tag(self.random.choice(PHRASES), self.words())

    def running(self) -> str:
        return self.some(self.phrase)

    def list(self) -> str:
        if self.random.random() < 0.3:
            return self.tag(
                "list", self.some(lambda: f"<label>(a)</label><item>{self.running()}</item>")
            )
        kind = self.random.choice(["list", 'list type="participants"', 'list type="subject"'])
        head = self.random.choice(["", self.tag("head", self.words())])
        return self.tag(kind, head, self.some(lambda: self.tag("item", self.running())))

    def table(self) -> str:
        def cell() -> str:
            return self.random.choice(["<cell/>", self.tag("cell", self.running())])

        return self.tag(
            'table rows="2" cols="2"', self.some(lambda: self.tag("row", self.some(cell)))
        )

    def note(self, *, inner: bool = True) -> str:
        kind = self.random.choice(
            ['note n="3" xml:id="d1fn3"', 'note type="source"', 'note type="summary"', "note"]
        )
        paragraphs = self.some(lambda: self.tag("p", self.running()))
        body = self.random.choice(
            [self.running(), paragraphs, self.words() + self.table(), self.words() + self.list(), self.tag("quote", paragraphs)]
        )  # fmt: skip
        return self.tag(
            kind, body, self.note(inner=False) if inner and self.random.random() < 0.2 else ""
        )

    def noted(self) -> str:
        return self.some(lambda: self.note() if self.random.random() < 0.2 else self.running())

    def paragraph(self) -> str:
        return self.tag(
            "p",
            self.random.choice(
                [self.noted(), self.noted(), self.running() + self.list() + self.words()]
            ),
        )

    def dateline(self) -> str:
        return self.tag(
            "dateline",
            f"<placeName>{self.words()}</placeName>, <date>{self.words()}</date><lb/>",
            self.phrase(),
        )

    def block(self) -> str:
        paragraphs = self.some(self.paragraph)
        return self.random.choice(
            [
                paragraphs, paragraphs, self.list(), self.table(), self.tag("quote", paragraphs),
                self.tag("lg", self.some(lambda: self.tag("l", self.words()))), self.note(), self.random.choice(EMPTY),
                self.tag("closer", self.words(), self.tag("signed", self.noted()), self.dateline()),
                self.tag("postscript", self.random.choice(["", "<label>P.S.</label>"]), paragraphs),
                self.tag("opener", self.dateline(), self.tag("salute", self.words()), self.tag("seg", self.words())),
                self.tag("figure", self.tag("head", self.words())),
                self.tag("sp", self.tag("speaker", self.words()), self.tag("p", self.words())),
            ]
        )  # fmt: skip

    def part(self) -> str:
        return self.tag("head", self.noted()) + self.dateline() + self.some(self.block)

    def document(self) -> str:
        inner = [
            self.tag(name, self.part())
            for name in self.random.sample(["frus:attachment", "div"], self.random.randint(0, 2))
        ]
        return FILE.format("\n".join([self.part(), *inner]))


FILE = """<TEI xmlns="http://www.tei-c.org/ns/1.0" xmlns:frus="http://history.state.gov/frus/ns/1.0"><text><front>
<list><item><persName xml:id="p_AB1">Able, Barbara</persName>, Ambassador</item><item><term xml:id="t_XYZ1">XYZ</term>, Zone</item></list>
</front><body><div type="document" xml:id="d1">{}</div><div type="document" xml:id="d2"><p>Other words.</p></div></body></text></TEI>"""

APART = {"del", "sic"}


def name_of(element: etree._Element) -> str:
    return etree.QName(str(element.tag)).localname


def streams(element: etree._Element) -> tuple[str, list[str]]:
    """The running words of an element, and those of each note or word that stands apart."""
    running: list[str] = []
    apart: list[str] = []

    def walk(at: etree._Element) -> None:
        for inner in at:
            note = name_of(inner) == "note" and inner.get("rend") != "inline"
            if note or name_of(inner) in APART:
                own, further = streams(inner)
                apart.extend([own, *further])
            else:
                running.append(inner.text or "")
                walk(inner)
            running.append(inner.tail or "")

    running.append(element.text or "")
    walk(element)
    return "".join(running), apart


def bare(text: str) -> str:
    """Letters in their order; a table's strokes may be ours."""
    small = str.maketrans("²³⁻₂₃₋", "23-23-")
    return re.sub(r"[\s|]", "", text.translate(small))


SEEDS = st.integers(0, 2**32)


@given(SEEDS)
def test_every_word_of_a_tei_document_comes_through(seed: int) -> None:
    text = Volume(seed).document()
    draft = tei.read(text, "d1")
    document = next(e for e in tei.parse(text).iter() if e.get("type") == "document")
    running, apart = streams(document)
    assert bare("".join(passage.text for passage in draft.passages)) == bare(running)
    listed = [
        remark.text
        for remark in draft.remarks
        if "left out" in remark.why or "no words" in remark.why
    ]
    assert not any("found no place" in remark.why for remark in draft.remarks)
    notes = [to_words(note.body) for note in draft.notes if note.kind in ("context", "sourcing")]
    assert letters(bare("".join(notes + listed))) == letters(bare("".join(apart)))
    for note in draft.notes:
        quoted = next(passage.text for passage in draft.passages if passage.id == note.passage)
        assert 0 <= note.start < note.end <= len(quoted)


@given(SEEDS)
def test_words_of_a_tei_document_are_not_run_together(seed: int) -> None:
    """Blanks of the source are blanks of the passages (there may be more, between blocks)."""
    text = Volume(seed).document()
    document = next(e for e in tei.parse(text).iter() if e.get("type") == "document")
    words = map(bare, streams(document)[0].split())
    came = "".join(
        f" {bare(w)}" for p in tei.read(text, "d1").passages for w in p.text.split() if bare(w)
    )
    at = 0
    for word in filter(None, words):  # a word of the source may come in pieces, but begins one
        assert came[at] == " ", came[at : at + 30]
        for sign in word:
            at += came[at] == " "
            assert came[at] == sign
            at += 1


@given(
    st.lists(st.text("ab1 .*_`#>-+=[](<&;)~|\\!", max_size=12), min_size=1, max_size=4).map(
        "\n".join
    )
)
def test_plain_words_are_shown_as_they_are_in_notes(words: str) -> None:
    text = "\n".join(" ".join(line.split()) for line in words.split("\n")).strip()
    assert letters(to_words(as_markdown(text))) == letters(text)


@pytest.mark.django_db  # a link to a paragraph would be looked up
@pytest.mark.parametrize(
    "text",
    ["*All data are of 1971. [In the original.]", "1. Yes.\n2. No.", "# 4", "<http://x.org>", "a_b_c and _Ibid._", "[¶4] [^1] [a](b)", "&amp; AT&T", "---\n===", "\\* \\", "- a\n+ b", "> q", "`code`"],
)  # fmt: skip
def test_signs_of_markdown_are_words_in_notes(text: str) -> None:
    assert to_words(as_markdown(text)) == " ".join(text.split())
    assert set(re.findall(r"<(\w+)", str(to_html(as_markdown(text))))) <= {"p", "br"}


# --- Texts and exports --------------------------------------------------------------------------

LINES = st.sampled_from(
    """RECORD OF CONVERSATION|between A. Able and B. Baker|3 May 1961|Moscow, 12 февраля 1958 г.|Present:|Cde. A. Able – minister|Mr. B. Baker (notetaker)
    Participants: A. Able; B. Baker|Able: We have come.|The President: Yes.|SMITH: Hello.[1]|SMITH: And again.|[1] The tape is damaged.|The harvest was bad.¹|¹ See the yearbook.
    1. The first point was agreed by all who were there.|(a) at once|- an item of the list|> quoted words of another|# A heading|***|- 2 -|[page 3]|Page 4 of 9|12
    Архив: РГАНИ, ф. 52, оп. 1, д. 576, лл. 29–33.|Archive: State Archive, file 24|Source: box 7|It was raining when the delegation arrived at the villa in the evening, and|nobody came to meet it.
    a word that is bro-|ken in two|Recorded by: [signature]|/Able/|Yours sincerely,|title: A thing|---|قال الرئيس إن حكومته ترغب في السلام.|*stress* and **more**
    **Citation:**|"A title," May 3, 1961, Wilson Center Digital Archive, AVPRF, f. 5, op. 3, d. 12, ll. 4-9.|Summary:|A short summary.|Original Language: Russian|Contents:|Translation - English|digitalarchive.wilsoncenter.org|Q. When?|A. Then.""".replace(
        "\n    ", "|"
    ).split("|")
)
SOURCES = st.lists(
    st.tuples(LINES, st.sampled_from(["\n", "\n\n", "\n\n", "  \n", "\n    "])),
    min_size=2,
    max_size=30,
).map(lambda pieces: "".join(line + end for line, end in pieces))


def assert_it_stands_somewhere(draft: Draft, text: str) -> None:
    """What is neither in a passage, a note, a field nor the list is a mark and holds no words."""
    kept = letters("".join(p.text for p in draft.passages))
    kept += letters("".join(p.label for p in draft.passages if p.kind == "metadata"))
    kept += letters("".join(n.body for n in draft.notes))
    kept += letters("".join(remark.text for remark in draft.remarks))
    kept += letters("".join(came.text for came in draft.account if came.to.startswith("field:")))
    marks = [came.text for came in draft.account if came.to == "mark"]
    for mark in marks:
        words = re.sub(r"[\W_]", "", mark)
        labels = {p.label for p in draft.passages} | {"Contents", "Summary", "Citation"}
        assert (
            not words
            or page_name(mark) is not None
            or re.fullmatch(r"\s*\[\^?\w+\]:?\s*", mark)
            or SIGNS.fullmatch(mark.strip())
            or mark.strip(" *:#_") in labels | {"Original Language", "Archive", "Source"}
        ), mark
    missing = letters(text) - kept - letters("".join(marks))
    assert not missing
    assert not any("found no place" in remark.why for remark in draft.remarks)


@given(SOURCES)
def test_every_word_of_a_plain_text_stands_somewhere(text: str) -> None:
    if text.strip():
        assert_it_stands_somewhere(plain.read(text), text)


@given(SOURCES)
def test_every_word_of_an_export_stands_somewhere(text: str) -> None:
    if text.strip():
        assert_it_stands_somewhere(archive.read(text), text)


@given(SOURCES)
def test_words_of_a_plain_text_keep_their_order(text: str) -> None:
    """But for marks and notes, the passages are the source."""
    if not text.strip():
        return
    draft = plain.read(text)
    source = iter(re.sub(r"\s", "", text))
    passages = re.sub(r"\s", "", "".join(passage.text for passage in draft.passages))
    assert all(sign in source for sign in passages)  # a subsequence


@given(SOURCES, st.sampled_from(["\r\n", "\r"]))
def test_newlines_of_other_systems_change_nothing(text: str, newline: str) -> None:
    if text.strip():
        other = decode(text.replace("\n", newline).encode())
        assert plain.read(other).as_json() == plain.read(text).as_json()
