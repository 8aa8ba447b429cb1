"""Links to terms and people: in prose, and from the notes about them."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client

from lessons.core.markdown import to_html
from lessons.core.models import ContentVersion
from lessons.core.rendered import rendered, version_being_built
from lessons.documents.models import Annotation, Person, Term
from lessons.documents.queries import passages_for_reading
from lessons.documents.rendering import Layer, RenderedNote, render_passages

from .making import make_document, make_note, make_passage, make_person

pytestmark = pytest.mark.django_db


def make_term(key: str = "pact", **fields: Any) -> Term:
    values = {
        "slug": f"the-{key}",
        "term": f"Term {key}",
        "definition": f"What {key} means. And more.",
        "certainty": "accepted",
        "status": "published",
        **fields,
    }
    return Term.objects.create(key=key, **values)


# --- In prose ---------------------------------------------------------------------------------


def test_prose_links_to_published_rows_by_their_keys() -> None:
    make_term("pact")
    make_person("test-ann", "A. Ann")
    ContentVersion.bump()
    html = to_html("[a](term:pact) [b](person:test-ann) [c](person:pact) [d](term:the-pact)")
    assert html == (
        '<p><a href="/glossary/#term-the-pact" class="ref" rel="noopener">a</a> '
        '<a href="/people/test-ann/" class="ref" rel="noopener">b</a> c d</p>\n'
    )


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_prose_shows_plain_words_for_what_readers_may_not_see(status: str) -> None:
    term = make_term("pact")
    ContentVersion.bump()
    assert "<a" in to_html("[a](term:pact)")
    Term.objects.filter(pk=term.pk).update(status=status)
    ContentVersion.bump()
    assert to_html("[a](term:pact)") == "<p>a</p>\n"


def test_prose_asks_two_queries_however_many_links(django_assert_num_queries: Any) -> None:
    make_term("pact")
    ContentVersion.bump()
    version = ContentVersion.current()

    def build() -> tuple[str, ...]:
        assert version_being_built() == version
        return tuple(to_html(f"[{n}](term:pact) [x](person:x{n})") for n in range(9))

    with django_assert_num_queries(2):
        assert len(rendered(("prose",), version, build)) == 9
    assert version_being_built() is None
    with django_assert_num_queries(0):
        rendered(("other prose",), version, build)
    with django_assert_num_queries(0):
        to_html("No link: term:pact, (person:x).")


# --- From notes -------------------------------------------------------------------------------


def note_of(*, preview: bool = False, horizon: date | None = None) -> RenderedNote:
    text = Annotation.objects.get(key="about").text
    (passage,) = render_passages(
        passages_for_reading(passages=[text.passage_id], preview=preview),
        reveal=False,
        layer=Layer.ALL,
        horizon=horizon,
        preview=preview,
    )
    (note,) = passage.notes
    return note


def make_talk(**fields: Any) -> Annotation:
    text = make_passage(make_document(), "A pact of two.")
    return make_note(text, "about", "pact", **fields)


def test_note_leads_to_its_term() -> None:
    make_talk(term=make_term())
    note = note_of()
    assert (note.more_address, note.more_words) == (
        "/glossary/#term-the-pact",
        "More in the glossary",
    )


def test_note_leads_to_its_person() -> None:
    make_talk(kind="person", person=make_person("test-zed", "Z. Zed"))
    note = note_of()
    assert (note.more_address, note.more_words) == ("/people/test-zed/", "More about Z. Zed")


def test_note_does_not_lead_to_a_draft(client_of: Any, editor: Any) -> None:
    person = make_person("test-zed", "Zebra")
    Person.objects.filter(pk=person.pk).update(status="draft")
    make_talk(kind="person", person=person)
    ContentVersion.bump()
    assert "Zebra" in client_of(editor).get("/documents/letter/").content.decode()
    shown = client_of(None).get("/documents/letter/").content.decode()
    assert "Body about." in shown
    assert "Zebra" not in shown
    assert "test-zed" not in shown
    Person.objects.filter(pk=person.pk).update(status="retired")
    assert note_of(preview=True).more_address == ""


def test_note_does_not_lead_beyond_the_horizon() -> None:
    make_talk(term=make_term(known_from=date(1961, 1, 1)))
    assert note_of(horizon=date(1960, 5, 2)).more_address == ""
    assert note_of(horizon=date(1961, 1, 1)).more_address == "/glossary/#term-the-pact"
    assert note_of().more_address == "/glossary/#term-the-pact"


def test_notes_cost_no_query_for_what_they_lead_to(django_assert_num_queries: Any) -> None:
    text = make_passage(make_document(), "A pact of two.")
    for number, quote in enumerate(("pact", "of", "two")):
        make_note(text, f"note-{number}", quote, term=make_term(f"t{number}"))
    with django_assert_num_queries(7):
        render_passages(
            passages_for_reading(passages=[text.passage_id]),
            reveal=True,
            layer=Layer.ALL,
            horizon=None,
        )


def test_note_of_another_kind_has_no_term() -> None:
    note = make_talk(kind="context")
    note.term = make_term()
    with pytest.raises(ValidationError) as refused:
        note.full_clean()
    assert refused.value.message_dict["term"] == ["Only a note of the kind “term” has one."]
    with pytest.raises(IntegrityError, match="annotation_of_a_term_has_its_kind"):
        note.save()


def test_note_of_another_kind_has_no_person() -> None:
    note = make_talk(kind="context")
    note.person = make_person("test-zed", "Z. Zed")
    with pytest.raises(ValidationError) as refused:
        note.full_clean()
    assert refused.value.message_dict["person"] == ["Only a note of the kind “person” has one."]
    with pytest.raises(IntegrityError, match="annotation_of_a_person_has_its_kind"):
        note.save()


def test_note_outlives_its_term() -> None:
    note = make_talk(term=make_term())
    Term.objects.get(key="pact").delete()
    note.refresh_from_db()
    assert note.term is None


def test_shipped_links_in_prose_all_lead_somewhere(visitor_client: Client) -> None:
    rows = [
        *Term.objects.published().values_list("definition", flat=True),
        *Person.objects.published().values_list("biography", flat=True),
    ]
    linked = [text for text in rows if "](term:" in text or "](person:" in text]
    assert len(linked) > 5
    for text in linked:
        written = text.count("](term:") + text.count("](person:")
        assert to_html(text).count('class="ref"') == written


def test_shipped_notes_of_terms_and_people_lead_to_them(visitor_client: Client) -> None:
    html = visitor_client.get("/documents/khrushchev-hussein-1958-04-19/").content.decode()
    for address in ("/glossary/#term-bloc", "/people/noon/", "/people/chetverikov/"):
        assert f'href="{address}"' in html
    kinds = Annotation.objects.published().filter(kind__in=["term", "person"])
    assert kinds.filter(term=None, person=None).count() == 0
