"""Bringing a document in through admin: who may, what is shown, what is saved, what is refused."""

from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.documents.models import Document, Passage, PendingImport, Person
from tests.conftest import ClientOf

from .samples import LETTER, VOLUME

pytestmark = pytest.mark.django_db
START = reverse("admin:documents_document_import")
RECORD = settings.BASE_DIR / "fixtures" / "source" / "record-1958-04-19.md"


def upload(client: Client, data: bytes, name: str = "source.txt", **more: Any) -> Any:
    return client.post(START, {"file": SimpleUploadedFile(name, data), **more})


def brought(client: Client, data: bytes, **more: Any) -> str:
    answer = upload(client, data, **more)
    assert answer.status_code == 302, answer.context["form"].errors
    return str(answer["Location"])


def as_shown(client: Client, address: str) -> dict[str, Any]:
    """What a browser posts when nothing is touched: the fields of the review."""
    context = client.get(address).context
    posted: dict[str, Any] = {"page": context["page"]}
    for field in context["form"]:
        posted[field.html_name] = field.value() or ""
    for row in context["rows"]:
        passage = row["passage"]
        posted[f"p{passage.id}-kind"] = passage.kind
        if passage.kind == "body":
            posted[f"p{passage.id}-speaker"] = passage.speaker.value
            posted[f"p{passage.id}-voice"] = passage.voice.value
        for each in row["notes"]:
            note = each["note"]
            posted |= {f"n{note.id}-shown": "1", f"n{note.id}-quote": each["quote"]}
            posted |= {f"n{note.id}-keep": "on"} if note.keep else {}
    for number, person in enumerate(context["draft"].people):
        posted[f"q{number}-is"] = person.existing if person.keep else "-"
        posted[f"q{number}-hand"] = person.hand
    return posted


def test_import_is_for_those_who_may_add_documents(
    client_of: ClientOf, instructor: User, student: User, other_student: User, editor: User
) -> None:
    for user in (instructor, student, other_student, None):
        assert client_of(user).get(START).status_code == 302  # to admin's own sign-in
    staff = User.objects.create_user("clerk", password="a long pass phrase", is_staff=True)
    assert client_of(staff).get(START).status_code == 403
    assert client_of(staff).post(START, {"text": LETTER}).status_code == 403
    assert client_of(editor).get(START).status_code == 200


def test_import_under_way_is_its_editor_s_alone(
    client_of: ClientOf, editor: User, editor_client: Client
) -> None:
    address = brought(editor_client, LETTER.encode())
    other = User.objects.create_user("second", password="a long pass phrase", is_staff=True)
    other.user_permissions.set(editor.user_permissions.all())
    assert client_of(other).get(address).status_code == 404
    assert client_of(other).post(f"{address}drop/").status_code == 404
    assert PendingImport.objects.count() == 1


def test_looking_saves_nothing_of_content(editor_client: Client) -> None:
    version, documents = ContentVersion.current(), Document.objects.count()
    address = brought(editor_client, LETTER.encode())
    assert editor_client.get(address).status_code == 200
    assert (ContentVersion.current(), Document.objects.count()) == (version, documents)


def test_saving_writes_a_draft_with_history(editor_client: Client, editor: User) -> None:
    address = brought(editor_client, LETTER.encode())
    version = ContentVersion.current()
    posted = as_shown(editor_client, address) | {"f-slug": "a-letter", "do": "save"}
    answer = editor_client.post(address, posted)
    document = Document.objects.get(slug="a-letter")
    assert answer["Location"] == reverse("admin:documents_document_change", args=[document.pk])
    assert (document.status, str(document.date)) == ("draft", "1957-06-03")
    assert ContentVersion.current() == version + 1
    assert document.history.get().history_user == editor
    assert document.history.get().history_change_reason == "import_document"
    assert PendingImport.objects.count() == 0
    page = editor_client.get(answer["Location"])
    assert "a-letter" in str(next(iter(page.context["messages"])))


def test_choices_are_kept_and_saved(editor_client: Client) -> None:
    address = brought(editor_client, LETTER.encode())
    posted = as_shown(editor_client, address)
    draft = editor_client.get(address).context["draft"]
    first, second = [p for p in draft.passages if p.kind == "body"][:2]
    posted |= {f"p{first.id}-split": "It rained", f"p{second.id}-voice": "frame", "do": "look"}
    answer = editor_client.post(address, posted)
    assert answer.status_code == 302
    draft = editor_client.get(address).context["draft"]
    bodies = [p for p in draft.passages if p.kind == "body"]
    assert bodies[1].text.startswith("It rained")
    assert bodies[0].text + " " + bodies[1].text == first.text
    assert (bodies[2].voice.value, bodies[2].voice.sure) == ("frame", "chosen")
    posted = as_shown(editor_client, address) | {f"p{bodies[1].id}-join": "on", "do": "look"}
    editor_client.post(address, posted)
    draft = editor_client.get(address).context["draft"]
    assert next(p for p in draft.passages if p.kind == "body").text == first.text


def test_words_to_split_at_that_stand_nowhere_are_told(editor_client: Client) -> None:
    address = brought(editor_client, LETTER.encode())
    posted = as_shown(editor_client, address)
    draft = editor_client.get(address).context["draft"]
    body = next(p for p in draft.passages if p.kind == "body")
    answer = editor_client.post(address, posted | {f"p{body.id}-split": "nowhere", "do": "save"})
    assert answer.status_code == 422
    assert answer.context["problems"] == [
        "“nowhere” does not stand inside its passage, so it was not split there."
    ]
    assert not Document.objects.filter(title__contains="Letter from the harbour").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("f-date", "sometime"), ("f-slug", "two words"), ("f-slug", "khrushchev-hussein-1958-04-19"),
     ("f-title", ""), ("f-source_address", "javascript:alert(1)"), ("f-title", "x" * 301)],
)  # fmt: skip
def test_fields_that_do_not_fit_are_refused(editor_client: Client, field: str, value: str) -> None:
    address = brought(editor_client, LETTER.encode())
    count = Document.objects.count(), Passage.objects.count(), Person.objects.count()
    posted = as_shown(editor_client, address) | {field: value, "do": "save"}
    answer = editor_client.post(address, posted)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field.removeprefix("f-")]
    assert count == (Document.objects.count(), Passage.objects.count(), Person.objects.count())


def test_volume_is_listed_and_one_is_chosen(editor_client: Client) -> None:
    address = brought(editor_client, VOLUME.encode(), name="volume.xml")
    assert address.endswith("/choose/")
    page = editor_client.get(address)
    assert [each.id for each in page.context["found"]] == ["d1", "d2"]
    assert [e.id for e in editor_client.get(address, {"q": "note"}).context["found"]] == ["d2"]
    assert editor_client.post(address, {"id": "d9"}).status_code == 422
    review = editor_client.post(address, {"id": "d1"})["Location"]
    answer = editor_client.post(review, as_shown(editor_client, review) | {"do": "save"})
    assert answer.status_code == 302
    document = Document.objects.get(title="Memorandum of Conversation")
    assert document.participations.count() == 2


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "There is nothing in it."),
        (b"  \n ", "There is nothing in it."),
        (b"PK\x03\x04....", "This is a Word document (docx) or another zip archive; save it as plain text or copy its words."),
        (b"%PDF-1.7 ...", "This is a PDF; save it as plain text or copy its words."),
        ("привет, мир".encode("cp1251"), "This is not utf-8: save it as UTF-8, or say which encoding it has (Windows-1251, for example)."),
        (b"words \x00 words", "Line 1 holds a character that is no text (U+0000): is this a text file?"),
        (b"<?xml version='1.0' encoding='x-mystery'?><TEI/>", "Its encoding is called “x-mystery”, which is not known here; save it as UTF-8."),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "It has a DOCTYPE or an entity, which are not read here: take those lines out."),
        (b"x" * (2 * 1024 * 1024 + 1), "This is larger than 2 MB, the most that can be imported."),
        (b"<a>" * 700_000, "Its elements are nested too deep to be a document."),
        (VOLUME.encode()[:900], None),
    ],
)  # fmt: skip
def test_what_cannot_be_read_gets_one_sentence_and_leaves_nothing(
    editor_client: Client, data: bytes, sentence: str | None
) -> None:
    answer = upload(editor_client, data)
    assert answer.status_code == 422
    (error,) = answer.context["form"].non_field_errors()
    assert error == sentence or (sentence is None and error.startswith("It is no complete XML"))
    assert PendingImport.objects.count() == 0


def test_nothing_brought_is_told(editor_client: Client) -> None:
    answer = editor_client.post(START, {"text": ""})
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == ["Choose a file, or paste the words."]


def test_words_are_shown_as_words(editor_client: Client) -> None:
    text = "# Talk <script>alert(1)</script>\n\nHe said <img src=x onerror=alert(1)> and left the room.\n"
    page = editor_client.get(brought(editor_client, text.encode())).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_only_the_newest_imports_are_kept(editor_client: Client) -> None:
    first = brought(editor_client, LETTER.encode())
    for _n in range(5):
        brought(editor_client, LETTER.encode())
    assert PendingImport.objects.count() == 5
    assert editor_client.get(first).status_code == 404


def test_import_can_be_given_up(editor_client: Client) -> None:
    address = brought(editor_client, LETTER.encode())
    assert editor_client.get(f"{address}drop/").status_code == 405
    editor_client.post(f"{address}drop/")
    assert PendingImport.objects.count() == 0


def test_again_changes_only_what_changed(editor_client: Client) -> None:
    document = Document.objects.get(slug="khrushchev-hussein-1958-04-19")
    text = RECORD.read_text(encoding="utf-8").replace("shopworn phrases", "worn-out phrases")
    address = brought(editor_client, text.encode(), again=document.pk)
    plan = editor_client.get(address).context["plan"]
    assert [(p.state, str(p.old)) for p in plan.pairs if p.state != "same"] == [("changed", "¶3")]
    answer = editor_client.post(address, {"page": 1, "do": "save"})
    assert answer.status_code == 302
    texts = document.passages.get(key="p3").texts
    assert texts.count() == 2
    assert "worn-out phrases" in texts.get(is_current=True).text


def test_long_pasted_text_goes_through_and_a_longer_one_is_refused_in_words(
    editor_client: Client,
) -> None:
    chapter = "Глава\n\n" + ("Он сказал, что приедет зимой. " * 8 + "\n\n") * 1700
    assert len(chapter.encode()) > 700_000
    answer = editor_client.post(START, {"text": chapter})
    assert answer.status_code == 302
    answer = editor_client.post(START, {"text": "word " * 500_000})
    assert answer.status_code == 422
    assert "This is larger than 2 MB, the most that can be imported." in answer.content.decode()


def test_volume_s_documents_are_found_by_words(editor_client: Client) -> None:
    address = brought(editor_client, VOLUME.encode())
    page = editor_client.get(address, {"q": "march memorandum"})
    assert [each.id for each in page.context["found"]] == ["d1"]
    assert "1 of 2 documents in the file." in page.content.decode()
