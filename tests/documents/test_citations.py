import json
from datetime import date

import pytest

from lessons.documents.citations import Style, archive, cite
from lessons.documents.models import Document, Participation
from lessons.documents.models.people import DatePrecision


def document(**fields: object) -> Document:
    values: dict[str, object] = {
        "key": "talk-1960",
        "title": "Record of a Talk",
        "genre": "record of conversation",
        "date": date(1960, 5, 2),
        "repository": "State Archive",
        "archival_reference": "GA, f. 1, op. 2, d. 3, ll. 4-5",
        "translator": "T. Tee",
        "contributor": "D. Dee",
        "published_by": "Digital Archive",
        "source_address": "https://example.org/document/7?a=1&b=%20#x",
        "language": "en",
    }
    return Document(**{**values, **fields})


def people(*hands: tuple[str, str]) -> list[Participation]:
    return [
        Participation(key=f"k{order}", role=role, named_as=name, order=order)
        for order, (role, name) in enumerate(hands)
    ]


TALK = people(("speaker", "A. Ann"), ("speaker", "B. Bo"), ("recorder", "C. Cy"))


def test_chicago() -> None:
    assert cite(Style.CHICAGO, document(), TALK) == (
        "A. Ann and B. Bo, as recorded by C. Cy, “Record of a Talk,” May 2, 1960, trans. T. Tee, "
        "contributed by D. Dee, GA, f. 1, op. 2, d. 3, ll. 4-5, Digital Archive, "
        "https://example.org/document/7?a=1&b=%20#x."
    )


def test_mla() -> None:
    assert cite(Style.MLA, document(), TALK) == (
        "“Record of a Talk.” A. Ann and B. Bo, as recorded by C. Cy, translated by T. Tee, "
        "contributed by D. Dee, 2 May 1960, GA, f. 1, op. 2, d. 3, ll. 4-5. Digital Archive, "
        "https://example.org/document/7?a=1&b=%20#x."
    )


def test_bibtex() -> None:
    assert cite(Style.BIBTEX, document(), TALK) == (
        "@misc{talk-1960,\n"
        "  author = {{A. Ann} and {B. Bo}},\n"
        "  title = {{Record of a Talk}},\n"
        "  year = {1960},\n"
        "  month = may,\n"
        "  day = {2},\n"
        "  note = {As recorded by C. Cy; translated by T. Tee; contributed by D. Dee; "
        "GA, f. 1, op. 2, d. 3, ll. 4-5},\n"
        "  howpublished = {Digital Archive},\n"
        "  language = {en},\n"
        "  url = {https://example.org/document/7?a=1&b=%20#x}\n"
        "}\n"
    )


def test_csl_json() -> None:
    text = cite(Style.CSL_JSON, document(), TALK)
    assert json.loads(text) == [
        {
            "id": "talk-1960",
            "type": "document",
            "title": "Record of a Talk",
            "author": [{"literal": "A. Ann"}, {"literal": "B. Bo"}],
            "translator": [{"literal": "T. Tee"}],
            "contributor": [{"literal": "D. Dee"}],
            "issued": {"date-parts": [[1960, 5, 2]]},
            "genre": "record of conversation",
            "archive": "State Archive",
            "archive_location": "GA, f. 1, op. 2, d. 3, ll. 4-5",
            "publisher": "Digital Archive",
            "language": "en",
            "URL": "https://example.org/document/7?a=1&b=%20#x",
            "note": "As recorded by C. Cy",
        }
    ]
    assert text.startswith('[\n  {\n    "id": "talk-1960",\n')


def test_bibtex_is_escaped() -> None:
    odd = document(
        title="50% of {all} & #1_$ ~^\\ “Nº”",
        published_by="A & B",
        source_address="https://example.org/}x{",
    )
    text = cite(Style.BIBTEX, odd, people(("speaker", "Q. {R} & Co")))
    assert (
        r"title = {{50\% of \{all\} \& \#1\_\$ "
        r"\textasciitilde{}\textasciicircum{}\textbackslash{} “Nº”}}"
    ) in text
    assert r"author = {{Q. \{R\} \& Co}}" in text
    assert "url = {https://example.org/x}" in text
    body = text.replace("\\{", "").replace("\\}", "")
    assert body.count("{") == body.count("}")


@pytest.mark.parametrize(
    ("precision", "chicago", "mla", "parts", "fields"),
    [
        (DatePrecision.MONTH, "September 1960", "Sept. 1960", [1960, 9], "  month = sep,\n"),
        (DatePrecision.YEAR, "1960", "1960", [1960], ""),
    ],
)
def test_citation_says_no_more_of_the_date_than_is_known(
    precision: str, chicago: str, mla: str, parts: list[int], fields: str
) -> None:
    vague = document(date=date(1960, 9, 1), date_precision=precision)
    assert f"“Record of a Talk,” {chicago}, trans." in cite(Style.CHICAGO, vague, TALK)
    assert f"D. Dee, {mla}, GA" in cite(Style.MLA, vague, TALK)
    (item,) = json.loads(cite(Style.CSL_JSON, vague, TALK))
    assert item["issued"] == {"date-parts": [parts]}
    assert f"  year = {{1960}},\n{fields}  note" in cite(Style.BIBTEX, vague, TALK)


def test_citation_of_a_document_with_little_known() -> None:
    bare = document(
        translator="",
        contributor="",
        archival_reference="",
        fond="1",
        delo="3",
        published_by="",
        source_address="",
    )
    assert cite(Style.CHICAGO, bare, []) == (
        "“Record of a Talk,” May 2, 1960, State Archive, f. 1, d. 3."
    )
    assert cite(Style.MLA, bare, []) == "“Record of a Talk.” 2 May 1960, State Archive, f. 1, d. 3."
    assert "author" not in cite(Style.BIBTEX, bare, [])
    assert archive(bare) == "State Archive, f. 1, d. 3"


def test_citation_names_every_hand_in_the_document_s_order() -> None:
    many = people(
        ("recorder", "R. Ar"),
        ("speaker", "A. Ann"),
        ("interpreter", "I. Eye"),
        ("speaker", "B. Bo"),
        ("speaker", "C. Cee"),
    )
    assert cite(Style.CHICAGO, document(), many).startswith(
        "A. Ann, B. Bo, and C. Cee, as interpreted by I. Eye, as recorded by R. Ar, “Record"
    )
    alone = people(("recorder", "R. Ar"))
    assert cite(Style.CHICAGO, document(), alone).startswith("Recorded by R. Ar, “Record")


def test_citation_turns_quotes_inside_the_title_into_single_ones() -> None:
    quoting = document(title='On "the two blocs"')
    assert "“On ‘the two blocs’,” May" in cite(Style.CHICAGO, quoting, TALK)
