"""The page that looks things up, over the shipped content and over made ones."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.test import Client

from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.documents.lookup import AT_FIRST, KINDS, index_of
from lessons.documents.models import Annotation, Event, Place

from .making import make_document, make_note, make_passage, make_person
from .test_links import make_term

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(instructor: User, student: User, other_student: User, guest: User) -> list[User | None]:
    return [instructor, student, other_student, guest, None]


def page(client: Client, status: int = 200, **query: str) -> str:
    response = client.get("/search/", query)
    assert response.status_code == status
    return response.content.decode()


def hits(html: str) -> list[tuple[str, str]]:
    """(address, title) of every result in order."""
    found = re.findall(r'<p class="hit"><a href="([^"]+)">(.*?)</a>', html, re.DOTALL)
    return [
        (unescape(address), unescape(re.sub(r"<[^>]+>", "", title)).strip())
        for address, title in found
    ]


def make_event(key: str, title: str, day: date, **fields: Any) -> Event:
    values = {"known_to": ["public"], "certainty": "accepted", "status": "published", **fields}
    return Event.objects.create(key=key, title=title, date=day, **values)


# --- What is found ----------------------------------------------------------------------------


def test_every_kind_is_found_with_its_place(visitor_client: Client) -> None:
    text = make_passage(make_document(), "A zebra of two.")
    make_note(text, "stripes", "zebra", heading="On stripes", body="The *zebra* has them.")
    make_term("z", term="Zebra")
    make_person("test-zed", "Zebra Z.")
    make_event("ze", "Zebra day", date(1960, 1, 1))
    Place.objects.create(
        key="zp",
        name="Zebra City",
        latitude=1,
        longitude=1,
        certainty="accepted",
        status="published",
    )
    ContentVersion.bump()
    html = page(visitor_client, q="zebra")
    assert hits(html) == [
        ("/documents/letter/#p1", "¶1, A. Ann as the recorder reports it"),
        ("/documents/letter/#n-p1-stripes", "On stripes"),
        ("/glossary/#term-the-z", "Zebra"),
        ("/people/test-zed/", "Zebra Z."),
        ("/timeline/#e-ze", "Zebra day"),
        ("/map/#place-zp", "Zebra City"),
    ]
    labels = re.findall(r'<h3 id="in-\w+">([^<]+) <small>', html)
    assert labels == [str(label) for label in KINDS.values()]
    assert "A <mark>zebra</mark> of two." in html
    assert "6 places for “zebra”" in html


def test_shipped_record_is_found_by_its_words(visitor_client: Client) -> None:
    html = page(visitor_client, q='"a middle position"')
    assert (
        "/documents/khrushchev-hussein-1958-04-19/#p3",
        "¶3, A. Hussein as the recorder reports it",
    ) in hits(html)
    assert "<mark>a middle position</mark>" in html


def test_shipped_results_lead_to_places_that_exist(visitor_client: Client) -> None:
    pages: dict[str, str] = {}
    checked = 0
    for result in index_of(version=0, reveal=True, preview=False).entries:
        address, _, fragment = result.address.partition("#")
        if address in ("/timeline/", "/map/"):
            continue
        if address not in pages:
            pages[address] = visitor_client.get(address).content.decode()
        assert not fragment or f'id="{fragment}"' in pages[address]
        checked += 1
    assert checked > 150


def test_other_spellings_are_found_and_said(visitor_client: Client) -> None:
    html = page(visitor_client, q="Firoz")
    assert "Other spellings were looked for, too: Feroz." in html
    assert ("/people/noon/", "Feroz Khan Noon") in hits(html)
    assert any("#p1" in address for address, _title in hits(html))
    husain = dict(hits(page(visitor_client, q="Husain")))
    assert "/people/hussein/" in husain


def test_first_results_of_a_kind_and_all_of_them(visitor_client: Client) -> None:
    html = page(visitor_client, q="the")
    notes = [address for address, _title in hits(html) if "#n-" in address]
    assert len(notes) == AT_FIRST
    (count,) = re.findall(r"q=the&amp;in=notes\">Show all (\d+)", html)
    everything = page(visitor_client, q="the", **{"in": "notes"})
    assert len(hits(everything)) == int(count) > AT_FIRST
    assert all("#n-" in address for address, _title in hits(everything))
    assert f"{count} places for “the” · In the notes" in " ".join(everything.split())


def test_kind_without_results_offers_all_kinds(visitor_client: Client) -> None:
    html = page(visitor_client, q="peaceloving", **{"in": "places"})
    assert "Nothing for “peaceloving” · Places" in html
    assert '<a href="/search/?q=peaceloving">Show all kinds</a>' in html


def test_later_words_and_events_are_marked(visitor_client: Client) -> None:
    make_event("before", "Zebra before", date(1958, 4, 18))
    make_event("after", "Zebra after", date(1958, 4, 20))
    make_event("secret", "Zebra secret", date(1958, 4, 18), known_from=date(1990, 1, 1))
    make_term("zebra", known_from=date(1969, 1, 1))
    ContentVersion.bump()
    html = page(visitor_client, q="zebra")
    remarks = re.findall(r'<p class="cite">([^<]+)</p>', html)
    assert remarks == [
        "a later word: from 1969",
        "18 April 1958",
        "18 April 1958 · not yet known on the day of the record",
        "20 April 1958 · after the day of the record",
    ]


# --- What is not ------------------------------------------------------------------------------


def test_notes_that_interpret_are_found_only_when_asked_for(visitor_client: Client) -> None:
    text = make_passage(make_document(), "A pact of two.")
    make_note(text, "why", "pact", kind="sourcing", heading="Zebra", body="A zebra.")
    make_note(text, "late", "two", heading="Zebra too", body="z", reveal="after-questions")
    ContentVersion.bump()
    kept = page(visitor_client, q="zebra")
    assert hits(kept) == []
    assert "n-p1-why" not in kept
    assert "Notes that interpret are not searched" in kept
    asked = page(visitor_client, q="zebra", notes="all")
    assert [address for address, _title in hits(asked)] == [
        "/documents/letter/?notes=all#n-p1-why",
        "/documents/letter/?notes=all#n-p1-late",
    ]
    assert '<input type="hidden" name="notes" value="all">' in asked
    # And what was shown is not kept for those who did not ask.
    assert page(visitor_client, q="zebra") == kept


def test_suggestions_do_not_tell_of_notes_that_wait(visitor_client: Client) -> None:
    text = make_passage(make_document(), "A pact of two.")
    make_note(text, "why", "pact", kind="sourcing", heading="Quagga", body="A quagga.")
    ContentVersion.bump()
    assert "Quagga" not in page(visitor_client, q="quaggo")
    assert "Quagga" in page(visitor_client, q="quaggo", notes="all")


def test_shipped_notes_that_interpret_are_not_in_the_index() -> None:
    waiting = Annotation.objects.published().filter(reveal="after-questions")
    assert waiting.count() > 5
    version = ContentVersion.current()
    kept = [
        entry.address for entry in index_of(version=version, reveal=False, preview=False).entries
    ]
    for note in waiting:
        assert not any(
            address.endswith(f"-{note.key}") for address in kept if "#n-" in address
        ) or (Annotation.objects.published().filter(key=note.key, reveal="with-text").exists())


def test_drafts_are_found_by_editors_only(
    client_of: Any, cast: list[User | None], editor: User
) -> None:
    text = make_passage(make_document(), "A pact of two.")
    make_note(text, "draft", "pact", heading="Zebra note", status="draft")
    secret = make_passage(make_document("secret", status="draft"), "Zebra spoke.")
    make_note(secret, "note", "spoke", heading="Zebra too")
    make_term("zebra", status="draft")
    make_event("zebra", "Zebra day", date(1950, 1, 1), status="draft")
    ContentVersion.bump()
    found = page(client_of(editor), q="zebra")
    assert len(hits(found)) == 5
    assert "draft: readers do not see it" in found
    for user in cast:
        assert hits(page(client_of(user), q="zebra")) == []
        assert "Perhaps" not in page(client_of(user), q="zebro")


# --- Any query --------------------------------------------------------------------------------


def test_page_without_a_query_leads_to_every_room(visitor_client: Client) -> None:
    html = page(visitor_client)
    for address in (
        "/timeline/",
        "/map/",
        "/people/",
        "/glossary/",
        "/documents/khrushchev-hussein-1958-04-19/provenance/",
    ):
        assert f'<h3><a href="{address}">' in html
    assert "noindex" not in html
    assert "<title>Look up · " in html


def test_result_page_is_not_for_search_engines(visitor_client: Client) -> None:
    for query in ("bloc", "zzzz", ""):
        assert '<meta name="robots" content="noindex">' in page(visitor_client, q=query)
    assert "<title>“bloc” · Look up · " in page(visitor_client, q="bloc")


@pytest.mark.parametrize("asked", ["", " ", "\x00", "…", '"'])
def test_query_without_a_word_is_answered_in_plain_words(
    visitor_client: Client, asked: str
) -> None:
    assert "Write a word to look up" in page(visitor_client, q=asked)


def test_long_query_is_cut_with_a_word(visitor_client: Client) -> None:
    html = page(visitor_client, q="bloc " * 12_000)
    assert "That was long" in html
    assert len(html) < 60_000


@pytest.mark.parametrize(
    "query", ["q=a%00b", "q=%ED%A0%80bloc", "q=%FF%FE", "q=bloc&in=%00", "q=bloc&notes=%ED%B0%80"]
)
def test_broken_query_is_answered(visitor_client: Client, query: str) -> None:
    response = visitor_client.get(f"/search/?{query}")
    assert response.status_code == 200
    assert b"\x00" not in response.content


def test_unknown_kind_is_said(visitor_client: Client) -> None:
    html = page(visitor_client, q="bloc", **{"in": "spoons"})
    assert "The address asks for a kind of thing that we do not have" in html
    assert hits(html) == hits(page(visitor_client, q="bloc"))


def test_query_is_escaped_everywhere(visitor_client: Client) -> None:
    html = page(visitor_client, q='<b>"bloc"&x=1')
    assert "<b>" not in html.split("<main", 1)[1]
    assert 'value="&lt;b&gt;&quot;bloc&quot;&amp;x=1"' in html
    assert "q=%3Cb%3E%22bloc%22%26x%3D1&amp;notes=all" in html


def test_nothing_found_helps(visitor_client: Client) -> None:
    html = page(visitor_client, q="plebescite")
    assert '<a href="/search/?q=Plebiscite">Plebiscite</a>' in html
    assert "Try fewer words" in page(visitor_client, q="zzzzzzzz")


def test_search_is_for_everyone(client_of: Any, cast: list[User | None]) -> None:
    for user in cast:
        assert len(hits(page(client_of(user), q="bloc"))) >= 9


def test_search_costs_the_same_for_one_and_for_three(
    visitor_client: Client, django_assert_num_queries: Any
) -> None:
    for keys in (["one"], ["two", "three"]):
        for key in keys:
            text = make_passage(make_document(key), "A zebra of two.")
            make_note(text, "note", "zebra", term=make_term(key))
        ContentVersion.bump()
        with django_assert_num_queries(14):
            page(visitor_client, q="zebra")
        with django_assert_num_queries(1):  # kept since: the version
            page(visitor_client, q="pact")
        with django_assert_num_queries(2):  # and the documents, for the way to their provenance
            page(visitor_client)
