"""What waits for an answer is in none of the rooms around the text, nor found by looking it up."""

import pytest
from django.test import Client

from lessons.documents.lookup import KINDS
from lessons.documents.models import Person, Term

from .test_secrecy import HTMX, all_secrets, body, found_in, waiting_notes

pytestmark = pytest.mark.django_db


def test_rooms_tell_nothing_that_waits(visitor_client: Client) -> None:
    secrets = all_secrets() | waiting_notes()
    people = Person.objects.published().values_list("slug", flat=True)
    terms = Term.objects.published().values_list("slug", flat=True)
    paths = [
        "/people/",
        "/glossary/",
        *(f"/people/{slug}/" for slug in people),
        *(f"/people/{slug}/preview/" for slug in people),
        *(f"/glossary/{slug}/preview/" for slug in terms),
        *(f"/search/?q=the&in={kind}" for kind in KINDS),
        *(f"/search/?q=a&in={kind}" for kind in KINDS),
    ]
    assert len(paths) > 70
    pages = {path: visitor_client.get(path, headers=HTMX) for path in paths}
    assert {page.status_code for page in pages.values()} == {200}
    leaks = {path: found_in(body(page), secrets) for path, page in pages.items()}
    assert {path: found for path, found in leaks.items() if found} == {}


def test_what_waits_is_not_found_by_its_words(visitor_client: Client) -> None:
    found_when_asked_for = 0
    for words in sorted(waiting_notes()):
        asked = {"q": f'"{" ".join(words.split()[:8])}"', "in": "notes"}
        assert "<mark>" not in body(visitor_client.get("/search/", asked)), asked
        page = body(visitor_client.get("/search/", asked | {"notes": "all"}))
        found_when_asked_for += "<mark>" in page
    assert found_when_asked_for > 20
