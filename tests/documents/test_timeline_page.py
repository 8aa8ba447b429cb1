from datetime import date
from typing import Any

import pytest
from django.test import Client

from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.documents.models import Document, Event

from .making import make_document, make_reference

pytestmark = pytest.mark.django_db

SLUG = "khrushchev-hussein-1958-04-19"
SECRETS = ["Noon speaks with Dulles of a Soviet approach", "American drafts of an India–Pakistan"]
LATER = ["Tashkent Declaration", "Abdullah arrested again", "CENTO"]


def make_event(key: str, day: date, **fields: Any) -> Event:
    event = Event.objects.create(
        key=key,
        **{
            "status": "published",
            "title": f"Event {key}",
            "date": day,
            "known_to": ["public"],
            "certainty": "accepted",
            **fields,
        },
    )
    event.references.add(make_reference())
    return event


def page(client: Client, query: str = "", status: int = 200, **headers: Any) -> str:
    response = client.get(f"/timeline/{query}", headers=headers)
    assert response.status_code == status
    return response.content.decode()


@pytest.fixture
def cast(instructor: User, student: User, other_student: User, guest: User) -> list[User | None]:
    return [instructor, student, other_student, guest, None]


def test_horizon_is_on_by_default(client_of: Any, cast: list[User | None], editor: User) -> None:
    for user in [*cast, editor]:
        html = page(client_of(user))
        assert "The timeline stops at 19 April 1958." in html
        assert "25 events are hidden: they are later than 19 April 1958." in html
        assert SECRETS[0] in html
        for title in LATER:
            assert title not in html


@pytest.mark.parametrize("reader", ["khrushchev", "hussein", "noon"])
def test_reader_is_shown_no_paper_that_was_closed_to_him(
    visitor_client: Client, reader: str
) -> None:
    html = page(visitor_client, f"?reader={reader}")
    assert (SECRETS[0] in html) == (reader != "khrushchev")
    assert SECRETS[1] not in html
    assert "package-drafts" not in html
    count = 5 if reader == "khrushchev" else 2
    assert f"{count} more are hidden: {reader.title()} could not have known of them." in html
    assert f'<option value="{reader}" selected>' in html


def test_ambassador_may_not_have_been_told(visitor_client: Client) -> None:
    caution = "An ambassador abroad may not have been told all that his government knew"
    assert caution in page(visitor_client, "?reader=hussein")
    assert caution not in page(visitor_client, "?reader=noon")


def test_lifted_horizon_shows_what_came_after(visitor_client: Client) -> None:
    html = page(visitor_client, "?horizon=lifted")
    for title in LATER:
        assert title in html
    assert "hidden:" not in html
    assert '<input type="checkbox" id="view-horizon" name="horizon" value="lifted" checked>' in html
    assert html.index('id="e-conversation"') < html.index("What follows came later")


def test_theme_leaves_its_events_and_the_record(visitor_client: Client) -> None:
    html = page(visitor_client, "?theme=alliances&reader=khrushchev")
    assert "SEATO treaty signed at Manila" in html
    assert 'id="e-conversation"' in html
    assert "Sputnik" not in html
    assert "1956–1957</span> two years without an event here" in html
    assert '<option value="alliances" selected>Alliances</option>' in html


@pytest.mark.parametrize(
    "query",
    [
        "?theme=nonsense",
        "?reader=stalin",
        "?horizon=off",
        "?theme=%00&reader=%00&horizon=%00",
        "?theme=%ED%A0%80&reader=%FF",
        f"?reader={'x' * 60_000}",
        f"?theme={'9' * 60_000}",
    ],
)
def test_what_makes_no_sense_is_told_and_left_out(visitor_client: Client, query: str) -> None:
    html = page(visitor_client, query)
    assert '<ul class="ignored">' in html
    assert "The timeline stops at 19 April 1958." in html
    assert len(html) < 120_000


@pytest.mark.parametrize("slug", ["nowhere", "%00", "%ED%A0%80", "..%2F", "x" * 60_000])
def test_unknown_document_is_not_found(visitor_client: Client, slug: str) -> None:
    assert "There is no such page" in page(visitor_client, f"?document={slug}", status=404)


def test_document_of_the_address_sets_the_horizon(visitor_client: Client) -> None:
    make_document("later", date=date(1962, 1, 1), short_title="A later talk")
    html = page(visitor_client, "?document=later")
    assert "The timeline stops at 1 January 1962." in html
    assert "American U-2 lost" in html
    assert '<input type="hidden" name="document" value="later">' in html
    # Without a name, the earliest document sets it.
    html = page(visitor_client)
    assert "The timeline stops at 19 April 1958." in html
    assert 'name="document"' not in html


def test_horizon_of_a_document_without_a_day_is_the_end_of_its_month(
    visitor_client: Client,
) -> None:
    make_document("vague", date=date(1958, 4, 1), date_precision="month")
    assert "The timeline stops at 30 April 1958." in page(visitor_client, "?document=vague")


def test_draft_document_is_for_editors_only(
    client_of: Any, cast: list[User | None], editor: User
) -> None:
    make_document("draft", status="draft", date=date(1940, 1, 1), short_title="Zebra talk")
    for user in cast:
        assert "Zebra" not in page(client_of(user), "?document=draft", status=404)
        assert "Zebra" not in page(client_of(user))
    html = page(client_of(editor), "?document=draft")
    assert "Zebra talk" in html
    assert '<meta name="robots" content="noindex">' in html
    assert "Zebra" not in page(client_of(editor))


def test_draft_event_is_for_editors_only(
    client_of: Any, cast: list[User | None], editor: User
) -> None:
    make_event("draft", date(1950, 1, 1), status="draft", title="Zebra", theme="Zoo")
    for user in cast:
        html = page(client_of(user))
        assert "Zebra" not in html
        assert "Zoo" not in html
        assert "1950–1951" in html
    assert "Zebra <small>draft</small>" in page(client_of(editor))


def test_site_without_documents_says_so(visitor_client: Client) -> None:
    Document.objects.update(status="draft")
    html = page(visitor_client)
    assert "No document is published yet" in html
    assert "view-form" not in html
    assert "Sputnik" not in html


def test_fragment_is_the_same_timeline_and_says_what_it_shows(visitor_client: Client) -> None:
    whole = page(visitor_client, "?reader=noon")
    part = page(visitor_client, "?reader=noon", **{"HX-Request": "true"})
    assert part.strip().startswith('<div id="timeline">')
    assert "<h1" not in part
    drawn = part[part.index('<section class="timeline"') : part.index("</section>")]
    assert drawn in whole
    said = part[part.index('<div id="status" hx-swap-oob="innerHTML">') :]
    assert "events are shown. 25 events are hidden" in said
    assert "hx-swap-oob" not in whole


def test_words_of_editors_are_escaped(visitor_client: Client) -> None:
    make_event("bad", date(1950, 1, 1), title="<b>x", description="<script>", theme='"><i>')
    html = page(visitor_client)
    assert "&lt;b&gt;x" in html
    assert "<script>" not in html.split("<main")[1]
    assert '"><i>' not in html
    assert '<option value="i">&quot;&gt;&lt;i&gt;</option>' in html


def test_number_of_queries_does_not_grow(
    visitor_client: Client, django_assert_num_queries: Any
) -> None:
    for number in (1, 3):
        Event.objects.exclude(key="conversation").delete()
        for n in range(number):
            make_event(f"e{n}", date(1950 + n, 1, 1))
        ContentVersion.bump()
        with django_assert_num_queries(4):  # the version, the document, events, references
            page(visitor_client)
        with django_assert_num_queries(2):
            page(visitor_client, "?reader=noon&horizon=lifted")
        with django_assert_num_queries(2):
            page(visitor_client)
