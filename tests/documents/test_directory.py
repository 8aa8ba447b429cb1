"""The rooms of people and terms, and the small windows at links to them."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.documents.directory import first_sentence, glossary_of, initial, people_of
from lessons.documents.models import Annotation, Document, Participation, Person, Term

from .making import make_document, make_note, make_passage, make_person
from .test_links import make_term

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


@pytest.fixture
def cast(instructor: User, student: User, other_student: User, guest: User) -> list[User | None]:
    return [instructor, student, other_student, guest, None]


@pytest.fixture
def alone(db: None) -> None:
    """Nothing of the shipped content is published."""
    for model in (Document, Person, Term):
        model.objects.update(status="retired")  # type: ignore[attr-defined]
    ContentVersion.bump()


def page(client: Client, address: str, status: int = 200, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == status
    return response.content.decode()


def people() -> Any:
    return people_of(version=ContentVersion.current(), preview=False)


# --- People -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("alone")
def test_people_with_a_hand_in_a_document_come_first() -> None:
    make_person("test-aa", "Aa Other")
    document = make_document()
    Participation.objects.filter(key="cy").update(order=0)  # a recorder after speakers, even so
    make_person("test-ee", "É. Zz")
    make_person("test-fa", "F. Aa")
    assert [person.name for person in people().in_documents] == ["A. Ann", "B. Bo", "C. Cy"]
    assert [person.name for person in people().others] == ["Aa Other", "É. Zz", "F. Aa"]
    hand = people().find("test-cy").hands[0]
    assert (hand.role, hand.named_as, hand.document) == ("recorder", "C. Cy", document.short_title)


@pytest.mark.usefixtures("alone")
def test_draft_person_is_for_editors_only(
    client_of: Any, cast: list[User | None], editor: User
) -> None:
    make_person("test-zed", "Zebra")
    Person.objects.filter(key="test-zed").update(status="draft")
    ContentVersion.bump()
    # The editor first: what was made for editors must not be kept for readers.
    editors = client_of(editor)
    assert "Draft: readers do not see it" in page(editors, "/people/")
    assert 'content="noindex"' in page(editors, "/people/test-zed/")
    assert "Zebra" in page(editors, "/people/test-zed/preview/", **HX)
    for user in cast:
        client = client_of(user)
        assert "Zebra" not in page(client, "/people/")
        for address in ("/people/test-zed/", "/people/test-zed/preview/"):
            assert "Zebra" not in page(client, address, status=404)
    Person.objects.filter(key="test-zed").update(status="retired")
    ContentVersion.bump()
    page(editors, "/people/test-zed/", status=404)


@pytest.mark.parametrize("slug", ["nobody", "x" * 300])
def test_unknown_person_is_not_found(visitor_client: Client, slug: str) -> None:
    page(visitor_client, f"/people/{slug}/", status=404)
    page(visitor_client, f"/people/{slug}/preview/", status=404)


def test_person_page_says_where_they_stand(visitor_client: Client) -> None:
    document = make_document()
    text = make_passage(document, "Ann and a certain man spoke.", number=1)
    make_passage(document, "Ann again.", number=2)
    make_passage(document, "Bo.", number=3, who="bo")
    ann = Person.objects.get(key="test-ann")
    make_note(text, "named", "Ann", kind="person", person=ann)
    make_note(text, "meant", "a certain man", kind="person", person=ann, certainty="conjecture")
    make_note(text, "unfinished", "spoke", kind="person", person=ann, status="draft")
    ContentVersion.bump()
    entry = people().find("test-ann")
    assert [place.label for place in entry.speaking[0].places] == ["¶1", "¶2"]
    assert entry.speaking[0].reported is True
    assert [(m.place.address, m.quote, m.doubt) for m in entry.mentions] == [
        ("/documents/letter/#p1", "Ann", ""),
        ("/documents/letter/#p1", "a certain man", "A conjecture: it could be wrong."),
    ]
    html = page(visitor_client, "/people/test-ann/")
    assert '<a class="place" href="/documents/letter/#p2">¶2</a>' in html
    assert "“a certain man”" in html
    assert "A conjecture: it could be wrong." in html
    assert "spoke" not in html


def test_person_page_does_not_tell_of_notes_that_wait(visitor_client: Client) -> None:
    text = make_passage(make_document(), "Ann spoke.")
    ann = Person.objects.get(key="test-ann")
    make_note(text, "later", "spoke", kind="person", person=ann, reveal="after-questions")
    assert people().find("test-ann").mentions == ()


def test_person_page_does_not_tell_of_a_draft_document(visitor_client: Client) -> None:
    text = make_passage(make_document("secret", status="draft", short_title="Zebra"), "Ann.")
    ann = Person.objects.get(key="test-ann")
    make_note(text, "named", "Ann", kind="person", person=ann)
    html = page(visitor_client, "/people/test-ann/")
    assert "secret" not in html
    assert "Zebra" not in html
    assert "No note in the text is about this person." in html


def test_shipped_people_link_to_places_that_exist(visitor_client: Client) -> None:
    first = [person.slug for person in people().in_documents]
    assert first == ["khrushchev", "hussein", "chetverikov"]
    ids: dict[str, set[str]] = {}
    for person in (*people().in_documents, *people().others):
        html = page(visitor_client, person.address)
        for address, fragment in re.findall(r'class="place" href="([^"#]+)#([^"]+)"', html):
            if address not in ids:
                ids[address] = set(re.findall(r'\bid="([^"]+)"', page(visitor_client, address)))
            assert fragment in ids[address]
    assert len(ids) == 1


def test_people_cost_the_same_for_one_and_for_three(
    visitor_client: Client, django_assert_num_queries: Any
) -> None:
    for keys in (["one"], ["two", "three"]):
        for key in keys:
            text = make_passage(make_document(key), "Ann and Bo.")
            make_note(text, "ann", "Ann", kind="person", person=make_person(f"test-{key}", key))
        ContentVersion.bump()
        with django_assert_num_queries(9):
            page(visitor_client, "/people/")
        with django_assert_num_queries(1):  # kept since: the version
            page(visitor_client, "/people/test-ann/")


@pytest.mark.usefixtures("alone")
def test_empty_rooms_say_so(visitor_client: Client) -> None:
    assert "Nobody is listed yet." in page(visitor_client, "/people/")
    assert "No term is published yet." in page(visitor_client, "/glossary/")


# --- Glossary ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("alone")
def test_terms_stand_in_order_under_their_letters() -> None:
    for key, term in (("z", "zone"), ("e", "Élan"), ("d", "Delo"), ("u", "U-2"), ("n", "38th")):
        make_term(key, term=term)
    made = glossary_of(version=ContentVersion.current(), preview=False)
    assert [(letter, [t.term for t in terms]) for letter, terms in made.letters] == [
        ("#", ["38th"]),
        ("D", ["Delo"]),
        ("E", ["Élan"]),
        ("U", ["U-2"]),
        ("Z", ["zone"]),
    ]


@pytest.mark.parametrize(
    ("words", "letter"), [("Élan", "E"), ("“Bloc”", "B"), ("1958", "#"), ("…", "#"), ("ß", "S")]
)
def test_initial(words: str, letter: str) -> None:
    assert initial(words)[0] == letter


@pytest.mark.usefixtures("alone")
def test_later_word_is_marked(visitor_client: Client) -> None:
    make_document()  # of 2 May 1960
    make_term("then", known_from=date(1960, 5, 2))
    make_term("later", known_from=date(1960, 5, 3))
    ContentVersion.bump()
    html = page(visitor_client, "/glossary/")
    assert re.findall(r'id="term-(the-\w+)-h">([^<]+?)(?: <small>([^<]+)</small>)?</h3>', html) == [
        ("the-later", "Term later", "a later word: from 1960"),
        ("the-then", "Term then", ""),
    ]
    assert "a later word" in page(visitor_client, "/glossary/the-later/preview/", **HX)


def test_shipped_later_words_are_marked(visitor_client: Client) -> None:
    html = page(visitor_client, "/glossary/")
    later = Term.objects.published().filter(known_from__gt=date(1958, 4, 19))
    assert html.count("a later word: from") == later.count() > 3
    assert "a later word: from 1969" in html


@pytest.mark.usefixtures("alone")
def test_draft_term_is_for_editors_only(
    client_of: Any, cast: list[User | None], editor: User
) -> None:
    make_term("zebra", status="draft")
    ContentVersion.bump()
    editors = client_of(editor)
    assert "draft: readers do not see it" in page(editors, "/glossary/")
    assert "zebra" in page(editors, "/glossary/the-zebra/preview/", **HX)
    for user in cast:
        client = client_of(user)
        assert "zebra" not in page(client, "/glossary/")
        page(client, "/glossary/the-zebra/", status=404)
        page(client, "/glossary/the-zebra/preview/", status=404)


def test_term_says_where_it_stands(visitor_client: Client) -> None:
    text = make_passage(make_document(), "A pact of two.")
    make_note(text, "pact", "pact", term=make_term())
    make_note(text, "old", "two", term=Term.objects.get(key="pact"), status="retired")
    ContentVersion.bump()
    found = glossary_of(version=ContentVersion.current(), preview=False).find("the-pact")
    assert found is not None
    assert [(m.place.address, m.quote) for m in found.mentions] == [
        ("/documents/letter/#p1", "pact")
    ]
    html = page(visitor_client, "/glossary/")
    assert 'id="term-the-pact"' in html
    assert '<a class="place" href="/documents/letter/#p1">¶1</a> “pact”' in html


def test_orphan_is_not_told_of(visitor_client: Client) -> None:
    text = make_passage(make_document(), "A pact of two.")
    make_note(text, "pact", "pact", term=make_term())
    text.is_current = False
    text.save()
    found = glossary_of(version=ContentVersion.current(), preview=False).find("the-pact")
    assert found is not None
    assert found.mentions == ()


def test_glossary_ids_are_unique_and_letters_lead_to_them(visitor_client: Client) -> None:
    html = page(visitor_client, "/glossary/")
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="(?:/glossary/)?#([^"]+)"', html)) <= set(ids)
    for slug in Term.objects.published().values_list("slug", flat=True):
        assert f"term-{slug}" in ids


def test_glossary_costs_the_same_for_one_and_for_three(
    visitor_client: Client, django_assert_num_queries: Any
) -> None:
    for keys in (["one"], ["two", "three"]):
        for key in keys:
            text = make_passage(make_document(key), "A pact of two.")
            make_note(text, "pact", "pact", term=make_term(key))
        ContentVersion.bump()
        with django_assert_num_queries(7):
            page(visitor_client, "/glossary/")
        with django_assert_num_queries(1):  # kept since: the version
            page(visitor_client, "/glossary/the-one/preview/", **HX)


# --- Previews ---------------------------------------------------------------------------------


def test_preview_is_one_sentence_for_a_script(visitor_client: Client) -> None:
    make_term()
    ContentVersion.bump()
    html = page(visitor_client, "/glossary/the-pact/preview/", **HX)
    assert html.strip() == "<b>Term pact</b> <span>What pact means.</span>"
    answer = visitor_client.get("/people/noon/preview/", headers=HX)
    assert "Prime Minister of Pakistan" in answer.content.decode()
    assert "The letter itself" not in answer.content.decode()
    assert "HX-Request" in answer["Vary"]


def test_preview_without_a_script_is_the_room(visitor_client: Client) -> None:
    make_term()
    ContentVersion.bump()
    for address, place in (
        ("/glossary/the-pact/preview/", "/glossary/#term-the-pact"),
        ("/glossary/the-pact/", "/glossary/#term-the-pact"),
        ("/people/noon/preview/", "/people/noon/"),
    ):
        answer = visitor_client.get(address)
        assert (answer.status_code, answer["Location"]) == (302, place)


def test_preview_escapes(visitor_client: Client) -> None:
    make_term(term="<b>x", definition="1 < 2 & [link](https://example.org/).")
    ContentVersion.bump()
    html = page(visitor_client, "/glossary/the-pact/preview/", **HX)
    assert "<b>&lt;b&gt;x</b>" in html
    assert "<span>1 &lt; 2 &amp; link.</span>" in html


def test_first_sentence() -> None:
    assert first_sentence("N. S. *K* spoke. He left.") == "N. S. K spoke."
    assert first_sentence("") == ""


def test_rooms_refuse_other_methods(visitor_client: Client) -> None:
    for address in ("/people/", "/people/noon/", "/glossary/", "/glossary/bloc/preview/"):
        assert visitor_client.post(address).status_code == 405


def test_admin_offers_terms_and_people(editor_client: Client) -> None:
    note = Annotation.objects.published().filter(term__isnull=False).first()
    assert note is not None
    html = page(editor_client, f"/admin/documents/annotation/{note.pk}/change/")
    assert 'name="term"' in html
    assert 'name="person"' in html
