"""The map page, from its rows to its HTML."""

import re
from typing import Any

import pytest
from django.test import Client

from lessons.accounts.models import User
from lessons.core import rendered
from lessons.core.models import ContentVersion
from lessons.documents import atlas
from lessons.documents.models import MapLine, Place, Route

from .making import make_document
from .routing import make_line, make_place, make_route, only_these

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_routes() -> None:
    only_these()


def page(client: Client, address: str = "/map/", status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def ticked(html: str) -> list[str]:
    return re.findall(r'name="route" value="([^"]+)" checked', html)


def in_table(html: str) -> list[str]:
    return re.findall(r'scope="rowgroup"><span class="route-no">(\d+)</span>', html)


@pytest.fixture
def cast(instructor: User, student: User, other_student: User, guest: User) -> list[User | None]:
    return [instructor, student, other_student, guest, None]


def make_two() -> None:
    make_route("north", "london moscow tashkent karachi", order=1)
    make_route("south", "london rome cairo karachi", order=2)


def test_map_is_for_everyone(client_of: Any, cast: list[User | None]) -> None:
    make_two()
    for user in cast:
        html = page(client_of(user))
        assert '<td class="num">7,131</td>' in html
        assert '<td class="num">7,128</td>' in html
        assert ticked(html) == ["north", "south"]
        assert in_table(html) == ["1", "2"]


def test_drafts_are_for_editors_only_and_marked(
    client_of: Any, cast: list[User | None], editor: User
) -> None:
    make_two()
    make_route("zebra", "moscow new-delhi", status="draft", order=0)
    make_line(title="Quagga line", status="draft")
    Route.objects.create(key="dodo", title="Dodo", certainty="inferred", status="retired")
    ContentVersion.bump()
    shown = page(client_of(editor))  # first: what was made for editors is not kept for readers
    assert shown.count("Draft: readers do not see it") == 2
    assert "Quagga line · draft" in shown
    assert ticked(shown) == ["zebra", "north", "south"]
    for user in cast:
        for query in ("", "?route=zebra", "?route=zebra&route=north"):
            html = page(client_of(user), f"/map/{query}")
            for secret in ("zebra", "Zebra", "Quagga", "Dodo", "dodo"):
                assert secret not in html
    assert "Dodo" not in shown


def test_route_over_a_place_that_is_not_public_is_left_out(
    client_of: Any, editor: User, visitor_client: Client
) -> None:
    make_two()
    Place.objects.filter(key="test-cairo").update(status="draft")
    ContentVersion.bump()
    html = page(visitor_client)
    assert "Cairo" not in html
    assert in_table(html) == ["1"]
    assert in_table(page(client_of(editor))) == ["1", "2"]
    Place.objects.filter(key="test-cairo").update(status="retired")
    ContentVersion.bump()
    assert in_table(page(client_of(editor))) == ["1"]


def test_chosen_routes_are_drawn_and_keep_their_numbers(visitor_client: Client) -> None:
    make_two()
    html = page(visitor_client, "/map/?chosen=1&route=south")
    assert ticked(html) == ["south"]
    assert in_table(html) == ["2"]
    assert "Note on north." not in html
    assert 'href="/map/#drawing"' in html
    assert "Moscow" not in html[html.index("<figure") :]


def test_order_and_repetition_of_the_asked_change_nothing(visitor_client: Client) -> None:
    make_two()
    ContentVersion.bump()
    plain = page(visitor_client)
    assert page(visitor_client, "/map/?route=south&route=north&route=south") == plain


def test_no_route_chosen_is_said(visitor_client: Client) -> None:
    make_two()
    html = page(visitor_client, "/map/?chosen=1")
    assert "No route is chosen." in html
    assert ticked(html) == []
    assert "<figure" not in html
    assert in_table(html) == []


def test_no_route_published_is_said(visitor_client: Client) -> None:
    html = page(visitor_client)
    assert "No route is published yet." in html
    assert "<form class" not in html


@pytest.mark.parametrize(
    "query", ["?route=nowhere", "?route=%00", "?route=%ED%B2%80", f"?route={'x' * 60_000}"]
)
def test_unknown_route_is_left_out_with_a_word(visitor_client: Client, query: str) -> None:
    make_two()
    html = page(visitor_client, f"/map/{query}&route=north")
    assert "asks for a route that is not on this map" in html
    assert in_table(html) == ["1"]
    assert len(html) < 60_000
    assert "No route is chosen." in page(visitor_client, f"/map/{query}")


def test_map_takes_no_post(visitor_client: Client) -> None:
    assert visitor_client.post("/map/").status_code == 405
    assert visitor_client.head("/map/").status_code == 200


def test_map_costs_the_same_for_one_and_for_three(
    visitor_client: Client, django_assert_num_queries: Any
) -> None:
    make_line()
    make_route("one", "london karachi")
    ContentVersion.bump()
    with django_assert_num_queries(9):
        page(visitor_client)
    with django_assert_num_queries(1):  # kept since: only the version
        page(visitor_client)
    make_route("two", "london moscow tashkent karachi")
    make_route("three", "moscow tashkent new-delhi")
    make_line("second")
    ContentVersion.bump()
    with django_assert_num_queries(9):
        page(visitor_client)
    with django_assert_num_queries(1):
        page(visitor_client, "/map/?route=two")


def test_change_of_content_shows_at_once(visitor_client: Client) -> None:
    make_two()
    ContentVersion.bump()
    assert "Note on north." in page(visitor_client)
    Route.objects.filter(key="north").update(note="Better words.")
    ContentVersion.bump()
    assert "Better words." in page(visitor_client)


def test_choices_among_many_routes_are_not_kept(
    visitor_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks for every choice among twelve routes would push everything else out."""
    make_two()
    ContentVersion.bump()
    version = ContentVersion.current()
    monkeypatch.setattr(atlas, "KEPT_ROUTES", 1)
    page(visitor_client)
    page(visitor_client, "/map/?route=south")
    assert rendered.is_kept(("route-map", ("north", "south"), False), version)
    assert not rendered.is_kept(("route-map", ("south",), False), version)


def test_names_are_as_of_the_year_of_the_documents(visitor_client: Client) -> None:
    from lessons.documents.models import Document

    make_two()
    assert "Names as of 1958." in page(visitor_client)
    make_document("letter")  # of 1960
    ContentVersion.bump()
    assert "Names of the time." in page(visitor_client)
    Document.objects.exclude(key="letter").update(status="draft")
    ContentVersion.bump()
    assert "Names as of 1960." in page(visitor_client)


def test_places_have_their_name_then_and_now_and_their_position(visitor_client: Client) -> None:
    make_place("karachi", name="Dacca", today="Dhaka")
    make_two()
    html = page(visitor_client)
    places = html[html.index('id="places-h"') :]
    assert '<th scope="row">Dacca (today Dhaka)</th>' in places
    assert html.count("(today Dhaka)") == 1
    assert "<td>51.51°\u00a0N, 0.13°\u00a0W</td>" in places
    assert "<td>What Moscow was.</td>" in places


def test_line_and_the_places_round_it_are_shown_from_closer_by(visitor_client: Client) -> None:
    make_place("srinagar", disputed="Kashmir")
    make_place("lahore", status="draft", name="Secret town")
    make_line()
    make_route("straight", "moscow tashkent new-delhi")
    html = page(visitor_client)
    assert html.count('class="crossing"') == 2  # on the drawing and in its key
    assert "Meets, as roughly drawn, near 34°\u00a0N, 74°\u00a0E: Test line" in html
    assert "Kashmir, disputed" in html
    assert "<b>Test line.</b> Roughly here." in html
    assert "Secret town" not in html
    MapLine.objects.filter(key="test-line").update(status="retired")
    ContentVersion.bump()
    assert "Test line" not in page(visitor_client)


def test_one_day_is_reckoned_only_for_the_ways_of_the_claim(visitor_client: Client) -> None:
    make_two()
    assert "In one day?" not in page(visitor_client)  # its places have keys of their own
    for key in ("london", "karachi"):
        Place.objects.filter(key=key).update(key=f"shipped-{key}")
        Place.objects.filter(key=f"test-{key}").update(key=key)
    ContentVersion.bump()
    html = page(visitor_client)
    day = html[html.index('<details class="route-day"') :]
    assert day.count('<td class="num">8.4–9.5</td><td class="num">13–14</td>') == 2
    assert day.count("beyond the range") == 2
    assert "range of the Tu-104 is 2,650 km" in day
    assert "no proof of a scheduled jet service" in day
    assert "data on the Tupolev Tu-104 (range)" in day


def test_words_of_editors_are_escaped(visitor_client: Client) -> None:
    make_place("london", name="<script>1</script>", note="<img src=x>")
    make_route("north", "london moscow", title="<b>x</b>", note="<i>y</i>")
    html = page(visitor_client)
    main = html[html.index("<main") : html.index("</main>")]
    for bad in ("<script", "<img", "<b>x", "<i>"):
        assert bad not in main


def test_page_is_canonical_and_has_no_inline_style(visitor_client: Client) -> None:
    make_two()
    html = page(visitor_client, "/map/?route=north")
    assert '<link rel="canonical" href="http://testserver/map/">' in html
    main = html[html.index("<main") : html.index("</main>")]
    assert " style=" not in main
    assert "<script" not in main
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
