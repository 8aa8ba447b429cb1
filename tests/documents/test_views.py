import json
import re
from typing import Any

import pytest
from django.test import Client

from lessons.accounts.models import User
from lessons.core import rendered
from lessons.core.markdown import to_html
from lessons.core.models import ContentVersion
from lessons.documents.models import Annotation, Document

from .making import make_document, make_note, make_passage, make_turn, make_voice

pytestmark = pytest.mark.django_db

SHIPPED = "/documents/khrushchev-hussein-1958-04-19/"


def make_edition(key: str = "letter", passages: int = 1, **fields: Any) -> Document:
    document = make_document(key, **fields)
    heading = make_passage(document, "2 May\nRECORD", number=None, kind="heading")
    heading.passage.order = 0
    for number in range(1, passages + 1):
        text = make_passage(document, f"Paragraph {number} of two blocs.", number=number)
        make_note(text, "blocs", "blocs", body=f"Plain words {number}.")
        make_note(text, "why", "two", kind="sourcing", body=f"Finding {number}.", heading="Secret")
        make_note(text, "draft", "of", body="Unfinished.", status="draft")
        make_voice(text, "v", "two blocs", "quoted")
        make_turn(text, 4)
    summary = make_passage(document, "They talked.", number=None, kind="metadata")
    summary.passage.label = "Summary"
    summary.passage.order = 99
    summary.passage.save()
    return document


def page(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def test_list_shows_published_documents_to_everyone(
    client_of: Any, cast: list[User | None]
) -> None:
    make_document("letter")
    make_document("secret", status="draft")
    make_document("gone", status="retired")
    for user in cast:
        html = page(client_of(user), "/documents/")
        assert 'href="/documents/letter/"' in html
        assert "/documents/secret/" not in html
        assert "/documents/gone/" not in html


@pytest.fixture
def cast(instructor: User, student: User, other_student: User, guest: User) -> list[User | None]:
    """All who are not editors: an instructor, her student, another's, a guest, a visitor."""
    return [instructor, student, other_student, guest, None]


def test_published_document_is_for_everyone(client_of: Any, cast: list[User | None]) -> None:
    make_edition()
    for user in cast:
        html = page(client_of(user), "/documents/letter/")
        assert 'id="p1"' in html
        assert "Plain words 1." in html


@pytest.mark.parametrize("query", ["", "?notes=all", "?cite=bibtex", "?cite=csl-json"])
def test_draft_document_is_for_editors_only(
    client_of: Any, cast: list[User | None], editor: User, query: str
) -> None:
    make_edition("secret", status="draft", title="Zebra talk")
    for user in cast:
        assert "Zebra" not in page(client_of(user), f"/documents/secret/{query}", status=404)
    assert "Zebra" in page(client_of(editor), f"/documents/secret/{query}")


def test_unknown_citation_of_a_draft_does_not_tell_that_it_exists(visitor_client: Client) -> None:
    make_edition("secret", status="draft", short_title="Zebra talk")
    drafted = page(visitor_client, "/documents/secret/?cite=x", status=404)
    absent = page(visitor_client, "/documents/absent/?cite=x", status=404)
    number = re.compile(r"<code>[0-9a-f]{16}</code>")  # of the request
    assert number.sub("", drafted.replace("secret", "absent")) == number.sub("", absent)


def test_retired_document_is_for_nobody(client_of: Any, editor: User) -> None:
    make_edition("gone", status="retired")
    for user in (editor, None):
        page(client_of(user), "/documents/gone/", status=404)


def test_draft_notes_are_for_editors_only(
    client_of: Any, cast: list[User | None], editor: User
) -> None:
    make_edition()
    # The editor first: what was made for editors must not be kept for readers.
    assert "Unfinished." in page(client_of(editor), "/documents/letter/?notes=all")
    for user in cast:
        assert "Unfinished." not in page(client_of(user), "/documents/letter/?notes=all")


def test_notes_that_interpret_are_kept_back_until_asked_for(visitor_client: Client) -> None:
    make_edition(passages=2)
    ContentVersion.bump()
    kept = page(visitor_client, "/documents/letter/")
    for secret in ("Finding", "Secret", "n-p1-why", "sourcing"):
        assert secret not in kept
    assert "2 notes that interpret are kept back" in kept
    assert 'href="/documents/letter/?notes=all"' in kept
    shown = page(visitor_client, "/documents/letter/?notes=all")
    assert "Finding 1." in shown
    assert "Finding 2." in shown
    # And what was shown is not kept for those who did not ask.
    assert page(visitor_client, "/documents/letter/") == kept


def test_shipped_notes_that_interpret_are_kept_back(visitor_client: Client) -> None:
    waiting = Annotation.objects.published().filter(
        text__passage__document__slug="khrushchev-hussein-1958-04-19",
        text__is_current=True,
        reveal="after-questions",
    )
    assert waiting.count() > 5
    kept = page(visitor_client, SHIPPED)
    shown = page(visitor_client, f"{SHIPPED}?notes=all")
    for note in waiting:
        assert to_html(note.body) not in kept
        assert to_html(note.body) in shown
        assert f'id="n-{note.text.passage.anchor}-{note.key}"' not in kept
        assert f'id="n-{note.text.passage.anchor}-{note.key}"' in shown


def test_shipped_record_is_whole_on_its_page(visitor_client: Client) -> None:
    html = page(visitor_client, f"{SHIPPED}?notes=all")
    for number in range(1, 15):
        assert f'id="p{number}"' in html
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    targets = set(re.findall(r'href="#([^"]+)"', html))
    assert targets <= set(ids)
    described = {
        key for value in re.findall(r'aria-describedby="([^"]+)"', html) for key in value.split()
    }
    assert described <= set(ids)


def test_page_costs_the_same_for_one_and_for_three(
    visitor_client: Client, django_assert_num_queries: Any
) -> None:
    make_edition("one", passages=1)
    make_edition("three", passages=3)
    ContentVersion.bump()
    for slug in ("one", "three"):
        with django_assert_num_queries(12):
            page(visitor_client, f"/documents/{slug}/")
        with django_assert_num_queries(2):  # kept since: the version and the document
            page(visitor_client, f"/documents/{slug}/")
        with django_assert_num_queries(3):
            visitor_client.get(f"/documents/{slug}/?cite=bibtex")


def test_list_costs_the_same_for_one_and_for_three(
    visitor_client: Client, django_assert_num_queries: Any
) -> None:
    Document.objects.update(status="draft")
    for keys in (["one"], ["two", "three"]):
        for key in keys:
            make_document(key)
        with django_assert_num_queries(1):
            page(visitor_client, "/documents/")


def test_change_of_content_shows_at_once(visitor_client: Client) -> None:
    make_edition()
    ContentVersion.bump()
    assert "Plain words 1." in page(visitor_client, "/documents/letter/")
    Annotation.objects.filter(key="blocs").update(body="Better words.")
    ContentVersion.bump()
    assert "Better words." in page(visitor_client, "/documents/letter/")


def test_citations_are_on_the_page(visitor_client: Client) -> None:
    make_edition(translator="T. Tee")
    html = page(visitor_client, "/documents/letter/?cite=mla")
    assert "A. Ann and B. Bo, as recorded by C. Cy, “Record of a Talk,” May 2, 1960" in html
    assert "@misc{letter," in html
    assert '<details id="cite-mla" open>' in html
    assert '<details id="cite-chicago">' in html


def test_citations_for_programs_are_files(visitor_client: Client) -> None:
    make_edition(translator="T. Tee")
    bibtex = visitor_client.get("/documents/letter/?cite=bibtex")
    assert bibtex["Content-Type"] == "application/x-bibtex; charset=utf-8"
    assert bibtex["Content-Disposition"] == 'attachment; filename="letter.bib"'
    assert bibtex.content.decode().startswith("@misc{letter,\n  author = {{A. Ann} and {B. Bo}},")
    csl = visitor_client.get("/documents/letter/?cite=csl-json")
    assert csl["Content-Type"] == "application/vnd.citationstyles.csl+json"
    assert csl["Content-Disposition"] == 'attachment; filename="letter.json"'
    assert json.loads(csl.content)[0]["translator"] == [{"literal": "T. Tee"}]


def test_unknown_citation_style_is_answered_in_plain_words(visitor_client: Client) -> None:
    make_edition()
    html = page(visitor_client, "/documents/letter/?cite=harvard", status=404)
    assert "No such citation style" in html
    assert '<a href="/documents/letter/?cite=chicago">Chicago</a>' in html
    assert "harvard" not in html


def test_shipped_citation_keeps_the_mediation(visitor_client: Client) -> None:
    assert (
        "N. S. Khrushchev and A. Hussein, as recorded by S. Chetverikov, “Record of a Conversation "
        "between Comrade N.S. Khrushchev and A. Hussein, Ambassador of Pakistan in the USSR,” "
        "April 19, 1958, trans. Gary Goldberg, contributed by Sergey Radchenko, "
        "RGANI, f. 52, op. 1, d. 576, ll. 29-33, Wilson Center Digital Archive, "
        "https://digitalarchive.umd.edu/document/209019."
    ) in page(visitor_client, SHIPPED)


def test_page_says_what_it_is_to_programs(visitor_client: Client) -> None:
    make_edition()
    html = page(visitor_client, "/documents/letter/?notes=all")
    assert '<link rel="canonical" href="http://testserver/documents/letter/">' in html
    assert 'itemtype="https://schema.org/ArchiveComponent"' in html
    assert '<time itemprop="dateCreated" datetime="1960-05-02">2 May 1960</time>' in html
    assert '<meta name="description" content="Record of conversation, 2 May 1960: ' in html
    main = html[html.index("<main") : html.index("</main>")]
    assert "<script" not in main
    assert " style=" not in main


def test_each_note_can_be_reported(visitor_client: Client) -> None:
    make_edition()
    assert (
        'href="/report/?subject=note&amp;key=letter%2Fbody-1%2Fblocs'
        '&amp;address=%2Fdocuments%2Fletter%2F%23n-p1-blocs"'
    ) in page(visitor_client, "/documents/letter/")


def test_words_of_editors_are_escaped(visitor_client: Client) -> None:
    document = make_document(title="<script>1</script>", short_title="<b>x</b>")
    text = make_passage(document, "<img src=x onerror=1> two")
    make_note(text, "n", "two", heading="<i>h</i>", body="<script>2</script> [x](javascript:1)")
    html = page(visitor_client, "/documents/letter/")
    main = html[html.index("<main") : html.index("</main>")]
    for bad in ("<script", "<img", "<i>", "<b>x", 'href="javascript'):
        assert bad not in main


def test_page_takes_no_post(visitor_client: Client) -> None:
    make_edition()
    assert visitor_client.post("/documents/letter/").status_code == 405
    assert visitor_client.head("/documents/letter/").status_code == 200


def test_nothing_is_kept_for_content_that_was_never_loaded(visitor_client: Client) -> None:
    make_edition()
    ContentVersion.objects.all().delete()
    rendered.clear()
    assert "Plain words 1." in page(visitor_client, "/documents/letter/")
    Annotation.objects.filter(key="blocs").update(body="Better words.")
    assert "Better words." in page(visitor_client, "/documents/letter/")
