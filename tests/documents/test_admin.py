"""Editing of a document's words: corrections move what stands on them, or say what is left."""

import json
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.documents.domain import correct_text
from lessons.documents.models import Annotation, PageTurn, Passage, PassageText, VoiceSpan
from lessons.documents.models.records import digest
from lessons.quizzes.models import EvidenceSpan, Question
from tests.core.editing import save_as_it_stands
from tests.core.test_admin import root, superuser
from tests.core.test_content import Write, loaded, write

__all__ = ["loaded", "root", "superuser", "write"]
pytestmark = pytest.mark.django_db


def passage(key: str) -> Passage:
    return Passage.objects.get(document__key="talk", key=key)


def told(answer: Any, client: Client) -> list[str]:
    page = client.get(answer["Location"])
    return [str(message) for message in page.context["messages"]]


# --- correct_text ------------------------------------------------------------------------------


def test_correct_text_moves_what_still_fits(loaded: Write, editor: User) -> None:
    old, version = passage("p2").texts.get(), ContentVersion.current()
    correction = correct_text(
        passage=passage("p2"), text="The very second paragraph ends here.", by=editor
    )
    new = correction.text
    assert (new.key, new.is_current, new.sha256) == ("2", True, digest(new.text))
    old.refresh_from_db()
    assert (old.text, old.is_current) == ("The second paragraph ends here.", False)
    note = Annotation.objects.get()
    assert (note.text, note.start, note.end, note.quote) == (new, 9, 25, "second paragraph")
    assert (note.prefix, note.suffix) == ("The very ", " ends here.")
    turn = PageTurn.objects.get(text=new)
    assert (turn.key, turn.offset) == ("turn", 16)
    assert PageTurn.objects.get(text=old).offset == 11
    assert correction.moved == [note, turn]
    assert correction.orphans == []
    assert ContentVersion.current() == version + 1
    last = note.history.first()
    assert (last.history_change_reason, last.history_user) == ("correct_text", editor)


def test_correct_text_moves_questions_and_evidence(loaded: Write, editor: User) -> None:
    question = Question.objects.get(key="who")
    span = EvidenceSpan(
        question=question, key="e", text=question.text, quote="glad. He", start=20, end=28
    )
    span.save()
    correction = correct_text(
        passage=passage("p1"), text="Then: He said that he was glad. He was glad.", by=editor
    )
    question.refresh_from_db()
    span.refresh_from_db()
    assert (question.text, question.start, question.end) == (correction.text, 6, 31)
    assert (span.text, span.start, span.end) == (correction.text, 26, 34)
    assert VoiceSpan.objects.get().start == 6


def test_correct_text_leaves_orphans_on_the_old_text(loaded: Write, editor: User) -> None:
    old = passage("p2").texts.get()
    correction = correct_text(passage=passage("p2"), text="All of it is new.", by=editor)
    note = Annotation.objects.get()
    assert (note.text, note.start, note.end) == (old, 4, 20)
    assert correction.moved == []
    assert correction.orphans == [note, PageTurn.objects.get()]


def test_correct_text_to_the_same_words_changes_nothing(loaded: Write, editor: User) -> None:
    old, version = passage("p2").texts.get(), ContentVersion.current()
    correction = correct_text(passage=passage("p2"), text=old.text, by=editor)
    assert (correction.text, correction.moved, correction.orphans) == (old, [], [])
    assert passage("p2").texts.count() == 1
    assert ContentVersion.current() == version


def test_correct_text_is_whole_or_not_at_all(
    loaded: Write, editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise IntegrityError

    monkeypatch.setattr(Annotation, "save", fail)
    with pytest.raises(IntegrityError):
        correct_text(passage=passage("p2"), text="The second paragraph ends there.", by=editor)
    assert passage("p2").texts.get().is_current


# --- In admin ----------------------------------------------------------------------------------


def test_document_page_corrects_a_text(loaded: Write, root: Client) -> None:
    document = passage("p2").document
    changes = {"passages-1-words": "The second paragraph ends\r\nthere."}
    answer = save_as_it_stands(root, document, **changes)
    assert answer.status_code == 302
    text = passage("p2").texts.get(is_current=True)
    assert (text.key, text.text) == ("2", "The second paragraph ends\nthere.")
    assert passage("p1").texts.count() == 1
    assert told(answer, root)[0] == "¶2: 2 rows were moved to the new text."


def test_passage_page_lists_orphans(loaded: Write, root: Client) -> None:
    answer = save_as_it_stands(root, passage("p2"), words="All of it is new.")
    assert told(answer, root)[:2] == [
        "¶2: annotation “The second” [second] no longer fits and stays on the old text.",
        "¶2: page turn “¶2, 11” [turn] no longer fits and stays on the old text.",
    ]
    changelist = reverse("admin:documents_annotation_changelist")
    for value, found in (("yes", ["second"]), ("no", [])):
        rows = root.get(changelist, {"orphan": value}).context["cl"].result_list
        assert [row.key for row in rows] == found


def test_new_passage_is_given_its_first_text(loaded: Write, root: Client) -> None:
    document = passage("p2").document
    changes = {
        "passages-TOTAL_FORMS": "3",
        "passages-2-document": document.pk,
        "passages-2-key": "p3",
        "passages-2-kind": "body",
        "passages-2-order": "3",
        "passages-2-number": "3",
        "passages-2-words": "A third one.",
    }
    assert save_as_it_stands(root, document, **changes).status_code == 302
    assert passage("p3").texts.get().text == "A third one."


def test_passage_without_a_number_is_refused(loaded: Write, root: Client) -> None:
    answer = save_as_it_stands(root, passage("p2"), number="")
    assert answer.status_code == 422
    assert answer.context["adminform"].form.errors == {"number": ["Number the paragraph."]}


def test_text_is_never_edited(loaded: Write, root: Client) -> None:
    text = passage("p2").texts.get()
    save_as_it_stands(root, text, text="Other words.", is_current="")
    text.refresh_from_db()
    assert (text.text, text.is_current) == ("The second paragraph ends here.", True)
    page = reverse("admin:documents_passagetext_restore", args=[text.pk, 1_790_000_000_000_000])
    assert root.post(page, {}).status_code == 403


def test_page_turn_behind_the_end_is_refused(loaded: Write, root: Client) -> None:
    answer = save_as_it_stands(root, passage("p2").texts.get(), **{"page_turns-0-offset": "99"})
    assert answer.status_code == 422


def errors(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


def test_note_is_put_on_its_words(loaded: Write, root: Client) -> None:
    note = Annotation.objects.get()
    answer = save_as_it_stands(root, note, quote="paragraph ends", start="0", end="1")
    assert answer.status_code == 302
    note.refresh_from_db()
    assert (note.quote, note.start, note.end) == ("paragraph ends", 11, 25)
    assert (note.prefix, note.suffix) == ("The second ", " here.")


def test_note_on_words_that_are_not_there_is_refused(loaded: Write, root: Client) -> None:
    answer = save_as_it_stands(root, Annotation.objects.get(), quote="third paragraph")
    assert answer.status_code == 422
    assert errors(answer) == {"quote": ["These words do not stand in the text of ¶2."]}


def test_note_on_words_that_stand_twice_asks_which(loaded: Write, root: Client) -> None:
    note = Annotation.objects.get()
    text = str(passage("p1").texts.get().pk)
    answer = save_as_it_stands(root, note, text=text, quote="was glad")
    assert errors(answer) == {"occurrence": ["These words stand there 2 times: say which."]}
    answer = save_as_it_stands(root, note, text=text, quote="was glad", occurrence="3")
    assert errors(answer) == {"occurrence": ["These words stand there 2 times only."]}
    answer = save_as_it_stands(root, note, text=text, quote="was glad", occurrence="2")
    assert answer.status_code == 302
    note.refresh_from_db()
    assert (note.start, note.end) == (29, 37)


def test_orphan_is_put_right_by_its_words(loaded: Write, root: Client, editor: User) -> None:
    new = correct_text(passage=passage("p2"), text="All of it is new.", by=editor).text
    note = Annotation.objects.get()
    assert save_as_it_stands(root, note).status_code == 422
    assert save_as_it_stands(root, note, quote="All of it").status_code == 302
    note.refresh_from_db()
    assert (note.text, note.start, note.end) == (new, 0, 9)


def test_key_of_a_note_is_taken_once_in_a_passage(
    loaded: Write, root: Client, editor: User
) -> None:
    """Also by an orphan, which stands on another text of the passage."""
    correct_text(passage=passage("p2"), text="All of it is new.", by=editor)
    page = reverse("admin:documents_annotation_add")
    data = {
        "text": passage("p2").texts.get(is_current=True).pk,
        "key": "second",
        "status": "draft",
        "quote": "new",
        "kind": "language",
        "heading": "new",
        "body": "Fresh.",
        "reveal": "with-text",
        "author": "The editors",
    }
    answer = root.post(page, data)
    assert answer.status_code == 422
    assert errors(answer) == {"key": ["This key is taken in ¶2. Choose another."]}
    assert root.post(page, data | {"key": "new"}).status_code == 302


def test_only_current_texts_are_offered(loaded: Write, root: Client, editor: User) -> None:
    new = correct_text(passage=passage("p2"), text="The second ends.", by=editor).text
    answer = root.get(
        reverse("admin:autocomplete"),
        {
            "app_label": "documents",
            "model_name": "annotation",
            "field_name": "text",
            "term": "second",
        },
    )
    assert [row["id"] for row in json.loads(answer.content)["results"]] == [str(new.pk)]
    assert PassageText.objects.filter(text__contains="second").count() == 2


# --- Choosing words, keys and places -------------------------------------------------------------


def test_two_paragraphs_change_their_numbers(loaded: Write, root: Client) -> None:
    document = passage("p1").document
    changes = {"passages-0-number": "2", "passages-1-number": "1"}
    assert save_as_it_stands(root, document, **changes).status_code == 302
    assert (passage("p1").number, passage("p2").number) == (2, 1)


def test_a_number_that_is_given_twice_is_refused(loaded: Write, root: Client) -> None:
    answer = save_as_it_stands(root, passage("p1").document, **{"passages-1-number": "1"})
    assert answer.status_code == 422
    (passages, *_rest) = answer.context["inline_admin_formsets"]
    assert passages.formset.forms[1].errors == {"number": ["Another row has this number."]}
    assert passage("p2").number == 2


def test_new_passages_get_keys_numbers_and_places(loaded: Write, root: Client) -> None:
    document = passage("p2").document
    changes: dict[str, Any] = {"passages-TOTAL_FORMS": "4"}
    for n, words in ((2, "A third one."), (3, "A fourth one.")):
        changes |= {f"passages-{n}-document": document.pk, f"passages-{n}-kind": "body"}
        changes[f"passages-{n}-words"] = words
    assert save_as_it_stands(root, document, **changes).status_code == 302
    rows = Passage.objects.filter(document=document).order_by("order")
    assert list(rows.values_list("key", "number", "order")) == [
        ("p1", 1, 1),
        ("p2", 2, 2),
        ("p3", 3, 3),
        ("p4", 4, 4),
    ]


def test_document_page_lists_notes_and_orphans(loaded: Write, root: Client, editor: User) -> None:
    document = passage("p2").document
    page = reverse("admin:documents_document_change", args=[document.pk])
    text = passage("p2").texts.get()
    shown = root.get(page).content.decode()
    assert f"/annotation/add/?text={text.pk}&amp;back=1" in shown
    assert "no longer fits" not in shown
    correct_text(passage=passage("p2"), text="All of it is new.", by=editor)
    assert "no longer fits" in root.get(page).content.decode()


def test_note_form_holds_the_text_and_returns_to_the_document(loaded: Write, root: Client) -> None:
    text = passage("p2").texts.get()
    page = f"{reverse('admin:documents_annotation_add')}?text={text.pk}&back=1"
    assert "<span>The second paragraph ends here.</span>" in root.get(page).content.decode()
    data = {"text": text.pk, "status": "draft", "quote": "ends", "kind": "language"}
    data |= {"heading": "ends", "body": "Stops.", "reveal": "with-text", "author": "The editors"}
    answer = root.post(page, data)
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"/change/#notes-{text.passage_id}")
    assert Annotation.objects.get(heading="ends").key == "ends"


def test_words_of_a_text_are_given_to_editors_only(
    loaded: Write, root: Client, student_client: Client
) -> None:
    page = reverse("admin:documents_passagetext_words", args=[passage("p1").texts.get().pk])
    assert root.get(page).content.decode().strip() == (
        "<span>He said that he was glad. </span><span>He was glad.</span>"
    )
    assert student_client.get(page).status_code == 302


@pytest.mark.parametrize("value", ["x", "-1", "9" * 40, "²"])
def test_note_form_of_a_text_that_is_none(loaded: Write, root: Client, value: str) -> None:
    page = reverse("admin:documents_annotation_add")
    assert root.get(page, {"text": value}).status_code == 200
