"""What each speaker's words went through, and the page of the ladder."""

import pytest
from django.test import Client

from lessons.core.models import Status
from lessons.documents.ladders import WordForm, word_path, word_paths
from lessons.documents.models import Document, Participation
from lessons.documents.queries import with_edition
from tests.conftest import ClientOf

pytestmark = pytest.mark.django_db


def record() -> Document:
    return with_edition(Document.objects.all()).get(key="record-1958-04-19")


def address(document: Document) -> str:
    return f"/documents/{document.slug}/provenance/"


def test_line_of_a_path_is_a_form_and_a_question_mark_an_inference() -> None:
    speaker = Participation(named_as="A. B.", words_path="?Spoken, in English\n\n Retold \n?\n")
    path = word_path(speaker, "first")
    assert path.forms == (WordForm("Spoken, in English", True), WordForm("Retold", False))
    assert (path.name, path.side) == ("A. B.", "first")


def test_hussein_s_words_took_one_step_more() -> None:
    khrushchev, hussein = word_paths(record())
    assert [khrushchev.name, hussein.name] == ["N. S. Khrushchev", "A. Hussein"]
    assert len(hussein.forms) == len(khrushchev.forms) + 1
    assert [form.is_inferred for form in hussein.forms] == [True, True, False, False]


def test_same_paths_are_not_drawn_side_by_side() -> None:
    Participation.objects.update(words_path="Spoken\nWritten up")
    assert word_paths(record()) == []


def test_ladder_has_every_rung_and_both_paths(client: Client) -> None:
    page = client.get(address(record()))
    assert page.status_code == 200
    text = page.content.decode()
    assert text.count('class="stage"') == record().provenance.count() == 8
    assert text.count("<small>our inference") == 3
    for link in record().provenance.all():
        assert link.get_stage_display().capitalize() in text


def test_document_without_a_ladder_says_so(client: Client) -> None:
    document = record()
    document.provenance.all().delete()
    Participation.objects.update(words_path="")
    text = client.get(address(document)).content.decode()
    assert "Nothing is written yet" in text
    assert "Two men" not in text


def test_draft_s_ladder_is_for_editors(client_of: ClientOf, editor: object) -> None:
    document = record()
    Document.objects.update(status=Status.DRAFT)
    statuses = [client_of(user).get(address(document)).status_code for user in (None, editor)]
    assert statuses == [404, 200]
