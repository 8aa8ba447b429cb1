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
    leaks = {
        path: found
        for path in paths
        if (found := found_in(body(visitor_client.get(path, headers=HTMX)), secrets))
    }
    assert leaks == {}


def test_what_waits_is_not_found_by_its_words(visitor_client: Client) -> None:
    for words in sorted(waiting_notes()):
        asked = " ".join(words.split()[:8])
        page = body(visitor_client.get("/search/", {"q": f'"{asked}"', "in": "notes"}))
        assert "<mark>" not in page, asked
