"""The importers: every character is accounted for, whatever is brought; shapes come out right."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.documents.importing import archive, citing, plain, reading, tei
from lessons.documents.importing.dates import find_date
from lessons.documents.importing.decoding import XML_LIMIT, check, decode
from lessons.documents.importing.draft import Draft, ImportRefused, letters
from lessons.documents.importing.proposing import names_in_title, read_name

from .samples import LETTER, VOLUME

# --- Nothing is lost ----------------------------------------------------------------------------

PIECES = st.sampled_from(
    """**Citation:**|**Summary:**|Contents:|Translation - English|# Heading|## More|> quoted|- item|1. point
    [1] a note|[^a]: a footnote|word[1] and|said[^a] it|SMITH: hello|SMITH: yes|JONES: no|[page 2]|- 3 -|12|***|---|===|```
    19 April 1958|April 1958|(A. Writer)|Recorded by: [signature]|Participants: A. Able; B. Baker|*stress* and __more__
    <https://example.org/a_b>|f. 5, op. 3, d. 12, ll. 4-9|between A. Able and B. Baker|\\*star\\*|co-|operation|We said so.
    and then it went on without an end, as it does,|It ended here, at last, after quite a number of words.|\x0c|""".replace(
        "\n    ", "|"
    ).split("|")
)
TEXTS = st.lists(
    st.tuples(st.one_of(PIECES, st.text(max_size=30)), st.sampled_from(["\n", "\n\n", "  \n", " "])),
    min_size=1, max_size=25,
).map(lambda pieces: "".join(word + end for word, end in pieces))  # fmt: skip


def readable(text: str) -> str | None:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        check(text)
    except ImportRefused:
        return None
    return text


def assert_all_is_accounted_for(draft: Draft, text: str) -> None:
    told = letters("".join(came.text for came in draft.account))
    assert letters(text) == told
    assert not any("found no place" in remark.why for remark in draft.remarks)
    # What is said to have come into a passage or a note does stand in it.
    places = {f"passage:{p.id}": p.text for p in draft.passages}
    places |= {f"note:{n.id}": n.body for n in draft.notes}
    for to in {came.to for came in draft.account} - {"mark", "remark"}:
        if not to.startswith("field:"):
            came = letters("".join(c.text for c in draft.account if c.to == to))
            assert came <= letters(places[to]), to
    for note in draft.notes:
        text = places[f"passage:{note.passage}"]
        assert 0 <= note.start < note.end <= len(text)
    for passage in draft.passages:
        assert all(0 <= turn.offset <= len(passage.text) for turn in passage.turns)


@given(TEXTS)
def test_plain_text_accounts_for_every_character(text: str) -> None:
    readable_text = readable(text)
    if readable_text is not None:
        assert_all_is_accounted_for(plain.read(readable_text), readable_text)


@given(TEXTS)
def test_export_accounts_for_every_character(text: str) -> None:
    readable_text = readable(text)
    if readable_text is not None:
        assert_all_is_accounted_for(archive.read(readable_text), readable_text)


WORDS = st.text(st.sampled_from("ab Z.,&<\n’é"), max_size=12).map(
    lambda text: text.replace("&", "&amp;").replace("<", "&lt;")
)
TAGS = st.sampled_from(
    [
        "p",
        "head",
        "div",
        "list",
        "item",
        "note",
        "table",
        "row",
        "cell",
        "hi",
        "lb",
        "pb",
        "opener",
        "dateline",
        "closer",
        "signed",
        "persName",
        "gloss",
        "choice",
        "sic",
        "corr",
        "quote",
        "q",
        "lg",
        "l",
        "figure",
        "del",
        "fw",
        "gap",
        "postscript",
        "attachment",
        "label",
        "ref",
        "foo",
        "sp",
        "speaker",
        "ab",
        "salute",
    ]
)
ATTRIBUTES = st.sampled_from(
    ["", ' n="3"', ' type="source"', ' rend="inline"', ' corresp="#p_A"', ' target="#t_A"',
     ' type="participants"', ' when="1959-02"', ' when="13"', ' xml:id="p_A"']
)  # fmt: skip
XML = st.recursive(
    WORDS,
    lambda inner: st.tuples(TAGS, ATTRIBUTES, st.lists(inner, max_size=5)).map(
        lambda parts: f"<{parts[0]}{parts[1]}>{''.join(parts[2])}</{parts[0]}>"
    ),
    max_leaves=25,
)


@given(st.lists(XML, max_size=6))
def test_tei_accounts_for_every_character(parts: list[str]) -> None:
    text = f'<TEI><text><body><div type="document" xml:id="d1">{"".join(parts)}</div></body></text></TEI>'
    draft = tei.read(text)
    document = next(e for e in tei.parse(text).iter() if e.get("type") == "document")
    assert_all_is_accounted_for(draft, "".join(document.itertext()))


@given(st.binary(max_size=300), st.sampled_from(["", "archive", "tei", "plain"]))
def test_any_bytes_are_read_or_refused(data: bytes, form: str) -> None:
    try:
        draft = reading.read(decode(data), form=form)
    except ImportRefused:
        return
    assert draft.passages
    assert Draft.from_json(draft.as_json()).passages == draft.passages


@given(st.integers(0, len(VOLUME) - 30), st.integers(1, 30), st.text('<>&/"a]!', max_size=6))
def test_damaged_tei_is_read_or_refused(at: int, gone: int, put: str) -> None:
    try:
        reading.read(VOLUME[:at] + put + VOLUME[at + gone :], form="tei", chosen="d1")
    except ImportRefused:
        return


# --- Traps --------------------------------------------------------------------------------------

BOMB = '<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><TEI>&b;</TEI>'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (BOMB, "It has a DOCTYPE or an entity, which are not read here: take those lines out."),
        ('<!DOCTYPE TEI SYSTEM "file:///etc/passwd"><TEI/>', "It has a DOCTYPE or an entity, which are not read here: take those lines out."),
        ('<!-- <TEI --><!DOCTYPE TEI [<!ENTITY a "b">]><TEI><text><body><p>&a;</p></body></text></TEI>', "It has a DOCTYPE or an entity, which are not read here: take those lines out."),
        ("<div>" * 300 + "</div>" * 300, "Its elements are nested too deep to be a document."),
        ("<div>" * 150 + "</div>" * 150, "Its elements are nested too deep to be a document."),
        ("<TEI><text/></TEI>", "No text was found in it."),
        ("<rss><channel/></rss>", "No document was found in it: it has neither a div of the type “document” nor a body."),
        ("<html><body><p>words</p></body></html>", "This is a web page: copy its words, or get the TEI XML of it."),
    ],
)  # fmt: skip
def test_traps_get_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        reading.read(text)
    assert str(refused.value) == sentence


def test_entity_that_is_unknown_reads_no_file() -> None:
    with pytest.raises(ImportRefused, match="It is no complete XML: at line 1"):
        tei.parse("<TEI>&xxe;</TEI>")


def test_size_is_capped() -> None:
    with pytest.raises(ImportRefused, match="larger than 16 MB"):
        decode(b"<TEI>" + b" " * XML_LIMIT)
    with pytest.raises(ImportRefused, match="larger than 2 MB"):
        decode(b"a" * (2 * 1024 * 1024 + 1))


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("Встреча".encode("utf-16"), ""),
        ("Встреча".encode("utf-8-sig"), ""),
        ("Встреча".encode("utf-32"), ""),
        ("Встреча".encode("cp1251"), "windows-1251"),
        ("Встреча".encode("koi8-r"), "KOI8-R"),
    ],
)
def test_encodings_that_are_said_are_read(data: bytes, encoding: str) -> None:
    assert decode(data, encoding=encoding) == "Встреча"


def test_declared_encoding_of_xml_is_believed() -> None:
    text = '<?xml version="1.0" encoding="windows-1251"?><TEI><text><body><p>Встреча</p></body></text></TEI>'
    assert reading.read(decode(text.encode("cp1251"))).passages[0].text == "Встреча"


# --- Shapes -------------------------------------------------------------------------------------


def told(draft: Draft) -> list[tuple[str, str]]:
    return [(passage.kind, passage.text) for passage in draft.passages]


def test_volume_s_document_comes_through() -> None:
    draft = tei.read(VOLUME, "d1")
    assert told(draft) == [
        ("heading", "1. Memorandum of Conversation\nWashington, March 2, 1959, 3 p.m."),
        ("metadata", "SUBJECT\nTrade"),
        ("metadata", "PARTICIPANTS\nAmbassador Able\nMr. Dunn, notetaker"),
        (
            "body",
            "Ambassador Able said that the XYZ was ready. It would be a large and costly thing.",
        ),
        ("body", "[2 lines not declassified]"),
        ("body", "Mr. Dunn replied:"),
        ("body", "1. Yes.\n2. No\nagain."),
        ("body", "A | 1\nB | 2"),
        ("body", "He quoted: We shall see and left oddly. The end."),
        ("signature", "Dunn"),
        ("body", "P.S. More."),
        ("heading", "Attachment"),
        ("body", "Paper text here."),
    ]
    turned = draft.passages[3]
    assert [(turned.text[t.offset :][:10], t.name) for t in turned.turns] == [("and costly", "12")]
    assert {name: guess.value for name, guess in draft.fields.items()} == {
        "title": "Memorandum of Conversation",
        "genre": "memorandum of conversation",
        "date": "1959-03-02",
        "date_precision": "day",
        "place": "Washington",
        "short_title": "Memorandum of Conversation, 1959-03-02",
        "language": "en",
        "archival_reference": "Department of Samples, Central Files, 700.00/3–259",
        "repository": "Department of Samples",
        "published_by": "An Invented Volume",
        "citation": "An Invented Volume, document 1.",
        "source_address": "https://history.state.gov/historicaldocuments/frus1959v99/d1",
    }
    by_id = {passage.id: passage.text for passage in draft.passages}
    assert [(n.kind, by_id[n.passage][n.start : n.end], n.body) for n in draft.notes] == [
        ("sourcing", "Conversation", "Source: Department of Samples, Central Files, 700.00/3–259. Secret. Drafted by Dunn."),
        ("context", "was ready", "See Document 2."),
        ("person", "Able", "Barbara C. Able: Ambassador in Nowhere"),
        ("term", "XYZ", "XYZ: Example Yearly Zone"),
        ("person", "Dunn", "Edgar Dunn: Counselor"),
    ]  # fmt: skip
    assert [(p.name, p.role, p.hand) for p in draft.people] == [
        ("Barbara C. Able", "Ambassador in Nowhere", "speaker"),
        ("Edgar Dunn", "Counselor", "recorder"),
    ]
    assert [(remark.line, remark.text) for remark in draft.remarks] == [
        (20, "<foo>"),
        (20, "Teh"),
        (23, "x.tif"),
    ]


def test_wrapped_lines_without_blank_ones_are_paragraphs() -> None:
    text = """MINUTES OF THE MEETING
Berlin, 4 March 1953

   The meeting began at ten o'clock in the morning and was opened by the
chairman, who said that the agenda had three points and that they would be
taken in the order in which they had been sent out to all of the members.
   Comrade Weber replied that the second point was the most important, since
the harvest of the year before had not been brought in before the first of the
- 2 -
snows fell on the northern districts. He asked for more lorries.
   1. The first point was agreed.
   2. The second point was put off to the next meeting, which will be held in
April.
Recorded by:
/Schulz/
"""
    draft = plain.read(text)
    assert [(kind, words[:24]) for kind, words in told(draft)] == [
        ("heading", "MINUTES OF THE MEETING\nB"),
        ("body", "The meeting began at ten"),
        ("body", "Comrade Weber replied th"),
        ("body", "1. The first point was a"),
        ("body", "2. The second point was "),
        ("signature", "Recorded by:\n/Schulz/"),
    ]
    (turn,) = draft.passages[2].turns
    assert (draft.passages[2].text[turn.offset :][:10], turn.name) == ("snows fell", "2")
    assert (draft.value("date"), draft.value("place")) == ("1953-03-04", "Berlin")


def test_turns_of_a_talk_have_their_speakers() -> None:
    draft = plain.read(
        "A Call\n\nSMITH: Hello. [1]\nJONES: Yes?\nIt rains.\nSMITH: Good.\nJONES: Bye.\n\n[1] The tape is damaged.\n"
    )
    assert [(p.text, p.speaker.value, p.voice.value) for p in draft.passages[1:]] == [
        ("SMITH: Hello.", "smith", "first-person"),
        ("JONES: Yes? It rains.", "jones", "first-person"),
        ("SMITH: Good.", "smith", "first-person"),
        ("JONES: Bye.", "jones", "first-person"),
    ]
    (note,) = draft.notes
    assert (note.body, draft.passages[1].text[note.start : note.end]) == (
        "The tape is damaged.",
        "SMITH: Hello",
    )


def test_letter_has_heading_body_and_signature() -> None:
    draft = plain.read(LETTER)
    assert [kind for kind, _text in told(draft)] == ["heading", "body", "body", "signature"]
    assert draft.value("title") == "Letter from the harbour"
    assert draft.value("place") == "Port Invented"


def test_export_with_other_labels_in_another_order() -> None:
    text = """July 5, 1954
From the Journal of a Diplomat

Original Language: Russian
Summary
A short summary of it all.

Citation:
"From the Journal", July 05, 1954, Obtained for X by Ann Other, AVPRF, f. 0100, op. 47, pap. 379, d. 7, ll. 69-70.

English Translation

RECORD OF CONVERSATION
5 July 1954

Today at 12 o'clock I received the Ambassador, who said that he had come to inform me.

Subjects: these words belong to the record and to nothing else, it seems to me.
"""
    assert reading.detect(text) == "archive"
    draft = archive.read(text)
    assert told(draft)[0] == ("heading", "RECORD OF CONVERSATION\n5 July 1954")
    assert [kind for kind, _text in told(draft)] == [
        "heading",
        "body",
        "body",
        "metadata",
        "metadata",
        "metadata",
    ]
    names = (
        "title",
        "original_language",
        "fond",
        "opis",
        "delo",
        "leaves",
        "contributor",
        "summary",
    )
    assert [draft.value(name) for name in names] == [
        "From the Journal of a Diplomat", "Russian", "0100", "47", "7", "69-70", "Ann Other", "A short summary of it all.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "date", "precision", "doubtful"),
    [
        ("19 April 1958", "1958-04-19", "day", False),
        ("April 19, 1958, 2 p.m.", "1958-04-19", "day", False),
        ("the 3rd of May 1961", "1961-05-03", "day", False),
        ("19.04.1958", "1958-04-19", "day", False),
        ("04.05.1958", "1958-05-04", "day", True),
        ("4/19/1958", "1958-04-19", "day", False),
        ("12.IV.1958", "1958-04-12", "day", False),
        ("1958-04-19T10:00", "1958-04-19", "day", False),
        ("19 апреля 1958 г.", "1958-04-19", "day", False),
        ("Sept. 1959", "1959-09-01", "month", False),
        ("le 12 février 1958", "1958-02-12", "day", False),
        ("30. November 1960", "1960-11-30", "day", False),
        ("5 grudnia 1961", "1961-12-05", "day", False),
        ("in 1959", "1959-01-01", "year", True),
    ],
)
def test_dates_are_read_as_they_are_written(
    text: str, date: str, precision: str, doubtful: bool
) -> None:
    found = find_date(text)
    assert found is not None
    assert (found.date, found.precision, found.doubtful) == (
        dt.date.fromisoformat(date),
        precision,
        doubtful,
    )


@pytest.mark.parametrize("text", ["", "31 February 1958", "No. 123", "12345"])
def test_what_is_no_day_is_none(text: str) -> None:
    found = find_date(text)
    assert found is None or found.precision != "day"


@given(st.text())
def test_small_readers_never_fail(text: str) -> None:
    find_date(text)
    citing.soviet_parts(text)
    citing.people_of(text)
    read_name(text)
    names_in_title(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("RGASPI, fond 17, opis 162, delo 5, list 12", ("17", "162", "5", "12")),
        ("TsDAHOU, F. 1, Op. 24, D. 4, L. 1 ob.-3", ("1", "24", "4", "1 ob.-3")),
        ("РГАНИ, ф. 52, оп. 1, д. 576, лл. 29–33", ("52", "1", "576", "29–33")),
        ("Ball Papers, box 7, folder 12", ("", "", "", "")),
    ],
)
def test_references_come_apart(text: str, parts: tuple[str, ...]) -> None:
    found = citing.soviet_parts(text)
    assert tuple(found.get(name, "") for name in ("fond", "opis", "delo", "leaves")) == parts


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Record of a Conversation between Comrade N.S. Khrushchev and A. Hussein, Ambassador of Pakistan in the USSR", ["N.S. Khrushchev", "A. Hussein"]),
        ("Talk between the Turkish Ambassador Fahri Ornek and Minister Ivan Petrov, 5 May 1960", ["Fahri Ornek", "Ivan Petrov"]),
        ("Record between the Ambassador of the USSR in Kabul, A. Petrov, and Prime Minister Karim", ["A. Petrov", "Karim"]),
        ("Talk between A. Petrov and Omar Karim in Kabul, 3 May 1961", ["A. Petrov", "Omar Karim"]),
        ("Report on trade", []),
    ],
)  # fmt: skip
def test_names_stand_in_titles(title: str, names: list[str]) -> None:
    assert [named.name for named in names_in_title(title)] == names


def test_reference_in_brackets_at_the_head_is_read() -> None:
    text = (
        "RECORD OF CONVERSATION between A. Petrov and Omar Karim\n3 May 1961\n\n"
        "[Source: AVPRF, f. 071, op. 14, p. 50, d. 3, ll. 12-14. Translated by M. Roe.]\n\n"
        "Karim said that his government was interested in a road to the north.\n"
    )
    draft = plain.read(text)
    found = [draft.value(name) for name in ("fond", "opis", "delo", "leaves", "translator")]
    assert found == ["071", "14", "3", "12-14", "M. Roe"]


@pytest.mark.parametrize(
    ("paragraph", "name"),
    [
        ("Smith: The ship has left the port and will not return.", "Smith"),
        ("Ambassador Ortega: We are used to the cold.", "Ortega"),
        ("2. Mr. J. Smith: Thank you.", "J. Smith"),
        ("Н.С. Петров: Мы не видим причин.", "Н.С. Петров"),
    ],
)
def test_name_before_a_colon_speaks_even_once(paragraph: str, name: str) -> None:
    draft = plain.read(
        f"A talk\n\nIt was raining when the guests arrived that evening.\n\n{paragraph}\n"
    )
    person = draft.person(draft.passages[-1].speaker.value)
    assert person is not None
    assert (person.name, draft.passages[-1].voice.value) == (name, "first-person")


@pytest.mark.parametrize(
    "paragraph", ["Result: nothing was agreed.", "The President: Yes.", "Note: it rained."]
)
def test_what_is_no_name_before_a_colon_is_nobody(paragraph: str) -> None:
    draft = plain.read(
        f"A talk\n\nIt was raining when the guests arrived that evening.\n\n{paragraph}\n"
    )
    assert (draft.people, draft.passages[-1].speaker.value) == ([], "")


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ("1", ["d1"]), ("d2", ["d2"]), ("conversation memorandum", ["d1"]), ("march 1959", ["d1"]),
        ("1959-03-02", ["d1"]), ("all of it", ["d1", "d2"]), ("nothing of the kind", []), ("", ["d1", "d2"]),
    ],
)  # fmt: skip
def test_documents_of_a_volume_are_found(wanted: str, ids: list[str]) -> None:
    listed = tei.documents(tei.parse(VOLUME))
    assert [each.id for each in tei.find(listed, wanted)] == ids


def document_of(inner: str) -> Draft:
    return tei.read(f'<TEI><text><body><div type="document">{inner}</div></body></text></TEI>')


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ('<p>10<hi rend="superscript">6</hi> tons, the 3<hi rend="superscript">rd</hi></p>', "10⁶ tons, the 3rd"),
        ("<table><row><cell/><cell>To</cell></row><row><cell>1</cell><cell/></row></table>", "| To\n1 |"),
        ("<list><label>(a)</label>\n<item>At once.</item><label>(b)</label><item>Later.</item></list>", "(a) At once.\n(b) Later."),
        ("<postscript><label>P.S.</label><p>More.</p></postscript>", "P.S. More."),
    ],
)  # fmt: skip
def test_shapes_of_markup_come_out_as_they_are_read(markup: str, text: str) -> None:
    assert document_of(markup).passages[0].text == text


@pytest.mark.parametrize(
    ("attributes", "date", "precision", "sure"),
    [
        ('when="1958-03-02"', "1958-03-02", "day", "stated"),
        ('notBefore="1958-03-01" notAfter="1958-03-31"', "1958-03-01", "month", "likely"),
        ('from="1958-01-01" to="1958-12-31"', "1958-01-01", "year", "likely"),
        ('from="1958-03-02" to="1958-03-05"', "1958-03-02", "day", "likely"),
    ],
)  # fmt: skip
def test_spans_of_days_say_how_exact_they_are(
    attributes: str, date: str, precision: str, sure: str
) -> None:
    draft = document_of(f"<dateline><date {attributes}>then</date></dateline><p>Words.</p>")
    found = draft.fields["date"]
    assert (found.value, draft.value("date_precision"), found.sure) == (date, precision, sure)


def test_what_stands_around_a_body_comes_along() -> None:
    draft = tei.read(
        "<TEI><text><front><p>Before.</p></front><body><p>Words.</p></body><back><p>After.</p></back></text></TEI>"
    )
    assert [passage.text for passage in draft.passages] == ["Before.", "Words.", "After."]


def test_page_turns_between_paragraphs_are_kept() -> None:
    turned = document_of('<p>One ended.</p><pb n="7"/><p>Two ended.</p><pb n="8"/>').passages[1]
    assert [(turn.offset, turn.name) for turn in turned.turns] == [(0, "7"), (10, "8")]
    turned = plain.read(
        "It was late, and nobody came to meet them.\n\n- 2 -\n\nThey left again on the next day, by ship.\n"
    ).passages[1]
    assert [(turn.offset, turn.name) for turn in turned.turns] == [(0, "2")]


def test_signs_without_a_width_are_taken_out_and_told() -> None:
    draft = reading.read(
        "A let\u00adter\n\nWe have waited for\u00a0the ship since Mon\u200bday, and nobody came.\n"
    )
    assert [passage.text for passage in draft.passages] == [
        "A letter",
        "We have waited for the ship since Monday, and nobody came.",
    ]
    assert [remark.why for remark in draft.remarks] == [
        "Soft hyphens and other signs without a width were taken out: 2."
    ]
