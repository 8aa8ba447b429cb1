"""Saving in admin: knowingly where readers see it, never over what somebody else has saved."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from lessons.accounts.models import User
from lessons.core import content
from lessons.core.admin.saving import revive
from lessons.core.models import ContentVersion
from lessons.documents.models import Document, Passage, Person, Reference, Route, RouteStop, Term
from lessons.quizzes.models import Option, Question, Quiz
from tests.core.editing import KNOWINGLY, act, address, changelist, delete, save, typed
from tests.core.test_admin import root, superuser, whole
from tests.core.test_content import Write, loaded, write
from tests.processes import in_another_process

__all__ = ["loaded", "root", "superuser", "whole", "write"]
pytestmark = pytest.mark.django_db


def opened(client: Client, row: Any) -> dict[str, Any]:
    return typed(client.get(address(row)))


def errors(answer: Any) -> list[str]:
    return list(answer.context["adminform"].form.non_field_errors())


# --- Live ---


def test_published_row_is_saved_after_a_warning(loaded: Write, root: Client) -> None:
    doc, version = Document.objects.get(), ContentVersion.current()
    sent = opened(root, doc) | {"title": "Typed with care"}
    answer = root.post(address(doc), sent)
    assert answer.status_code == 422
    assert errors(answer) == [
        "Say in a few words why you change it.",
        "This is live for readers: tick that you mean to change it.",
    ]
    assert typed(answer)["title"] == "Typed with care"
    assert Document.objects.get().title == "A talk"
    assert ContentVersion.current() == version
    # The page that came back is sent again, with both.
    answer = root.post(address(doc), typed(answer) | {"why": "Clearer.", "sure": "on"})
    assert answer.status_code == 302
    assert Document.objects.get().title == "Typed with care"
    assert Document.history.first().history_change_reason == "Clearer."


def test_draft_needs_neither(loaded: Write, root: Client) -> None:
    Document.objects.update(status="draft")
    doc = Document.objects.get()
    page = root.get(address(doc))
    assert "sure" not in typed(page)
    assert root.post(address(doc), typed(page) | {"title": "Another"}).status_code == 302
    # What belongs to a draft is a draft.
    passage = Passage.objects.get(key="p1")
    sent = opened(root, passage) | {"label": "First"}
    assert root.post(address(passage), sent).status_code == 302


def test_what_belongs_to_a_published_row_is_live(loaded: Write, root: Client) -> None:
    passage = Passage.objects.get(key="p1")
    sent = opened(root, passage) | {"label": "First", "why": "To name it."}
    assert root.post(address(passage), sent).status_code == 422
    assert root.post(address(passage), sent | {"sure": "on"}).status_code == 302


def test_what_was_not_changed_is_not_asked(loaded: Write, root: Client) -> None:
    doc = Document.objects.get()
    assert root.post(address(doc), opened(root, doc)).status_code == 302


def test_reason_of_the_loader_is_not_an_editors(loaded: Write, root: Client) -> None:
    """Such a row would be taken for one that no editor touched, and be overwritten."""
    doc = Document.objects.get()
    answer = save(root, doc, title="Mine", why="load_content: by hand")
    assert answer.status_code == 422
    assert Document.objects.get().title == "A talk"


# --- Stale ---


def test_stale_save_is_refused_with_both_texts(loaded: Write, root: Client) -> None:
    doc = Document.objects.get()
    mine = opened(root, doc) | KNOWINGLY | {"title": "A short talk"}
    save(root, doc, title="A long talk")
    version = ContentVersion.current()
    answer = root.post(address(doc), mine)
    assert answer.status_code == 409
    assert Document.objects.get().title == "A long talk"
    assert ContentVersion.current() == version
    (conflict,) = answer.context["conflicts"]
    assert (conflict.label, conflict.theirs, conflict.yours) == (
        "Title",
        "A long talk",
        "A short talk",
    )
    assert [(one.kind, one.text) for one in conflict.pieces] == [
        ("same", "A "),
        ("gone", "long"),
        ("new", "short"),
        ("same", " talk"),
    ]
    # Mine, knowingly: the page that came back carries the version of now, and asks again.
    again = typed(answer)
    assert (again["title"], "sure" in again) == ("A short talk", False)
    assert root.post(address(doc), again | {"sure": "on"}).status_code == 302
    assert Document.objects.get().title == "A short talk"


def test_form_without_a_version_is_stale(loaded: Write, root: Client) -> None:
    doc = Document.objects.get()
    sent = opened(root, doc) | KNOWINGLY | {"title": "Mine"}
    del sent["version"]
    assert root.post(address(doc), sent).status_code == 409


def test_change_of_a_child_makes_the_form_of_its_parent_stale(loaded: Write, root: Client) -> None:
    question = Question.objects.get(key="who")
    sent = opened(root, question) | KNOWINGLY | {"prompt": "Whose?"}
    Option.objects.filter(key="i1").update(label="changed by another road")
    answer = root.post(address(question), sent)
    assert answer.status_code == 409
    told = [(one.where, one.theirs, one.yours) for one in answer.context["conflicts"]]
    assert told == [
        ("", "Who says it?", "Whose?"),
        ("Item or target [i1]", "changed by another road", "first"),
    ]


def test_change_by_the_loader_makes_a_form_stale(loaded: Write, root: Client) -> None:
    doc = Document.objects.get()
    sent = opened(root, doc) | KNOWINGLY | {"title": "Mine"}
    loaded("documents/record.yaml", ("title: A talk", "title: From the files"))
    content.load()
    assert root.post(address(doc), sent).status_code == 409
    assert Document.objects.get().title == "From the files"


def test_rows_that_came_or_went_meanwhile(whole: None, root: Client) -> None:
    route = Route.objects.get()
    moscow = RouteStop._meta.get_field("place").related_model.objects.get()  # type: ignore[union-attr]
    RouteStop(route=route, key="one", order=1, place=moscow).save()
    mine = opened(root, route) | KNOWINGLY | {"stops-0-order": "7"}
    RouteStop.objects.get(key="one").delete()
    RouteStop(route=route, key="two", order=2, place=moscow).save()
    answer = root.post(address(route), mine)
    assert answer.status_code == 409
    assert len(answer.context["their_rows"]) == 1
    # What was typed into a row that is gone is a new row now, under its key.
    assert root.post(address(route), typed(answer) | KNOWINGLY).status_code == 302
    assert sorted(route.stops.values_list("key", "order")) == [("one", 7), ("two", 2)]


def test_deletion_of_what_was_changed_meanwhile_is_refused(loaded: Write, root: Client) -> None:
    quiz = Quiz.objects.get()
    sent = typed(root.get(address(quiz, "delete")), "delete_form") | KNOWINGLY
    save(root, quiz, title="The other letter")
    answer = root.post(address(quiz, "delete"), sent)
    assert answer.status_code == 409
    assert Quiz.objects.count() == 1
    sent = typed(answer, "delete_form") | KNOWINGLY
    assert root.post(address(quiz, "delete"), sent).status_code == 302
    assert Quiz.objects.count() == 0


def test_deletion_of_what_is_live_asks_why(loaded: Write, root: Client) -> None:
    quiz = Quiz.objects.get()
    assert delete(root, quiz, why="").status_code == 422
    assert root.post(address(quiz, "delete"), {"post": "yes"}).status_code == 409
    assert Quiz.objects.count() == 1


@pytest.mark.parametrize(
    ("action", "form"), [("retire", "action_form"), ("delete_selected", "delete_form")]
)
def test_action_on_rows_changed_meanwhile_is_refused(
    action: str, form: str, whole: None, root: Client
) -> None:
    term, version = Term.objects.get(), ContentVersion.current()
    chosen = {"action": action, "_selected_action": [term.pk]}
    sent = typed(root.post(changelist(Term), chosen), form) | KNOWINGLY
    Term.objects.update(definition="Another.")
    answer = root.post(changelist(Term), sent)
    assert answer.status_code == 409
    assert Term.objects.get().status == term.status
    assert ContentVersion.current() == version
    answer = root.post(changelist(Term), typed(answer, form) | KNOWINGLY)
    assert answer.status_code == 302
    assert ContentVersion.current() == version + 1


def test_action_on_live_rows_asks_why(loaded: Write, root: Client) -> None:
    person = Person.objects.get()
    assert act(root, [person], "retire", why="").status_code == 422
    assert act(root, [person], "retire", sure="").status_code == 422
    person.refresh_from_db()
    assert person.status == "published"


def test_crash_midway_changes_nothing(
    loaded: Write, root: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    doc, version = Document.objects.get(), ContentVersion.current()
    sent = opened(root, doc) | KNOWINGLY | {"title": "Half", "passages-0-label": "Half"}

    def crash(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr("django.contrib.admin.ModelAdmin.log_change", crash)
    with pytest.raises(RuntimeError):
        root.post(address(doc), sent)
    assert (Document.objects.get().title, Passage.objects.filter(label="Half").count()) == (
        "A talk",
        0,
    )
    assert ContentVersion.current() == version


def test_row_with_no_live_readers_has_no_tick(loaded: Write, root: Client) -> None:
    reference = Reference.objects.get(key="frus")
    html = root.get(address(reference)).content.decode()
    assert 'name="why"' in html
    assert 'name="sure"' not in html


def test_viewer_is_not_asked(loaded: Write, editor: User, client_of: Any) -> None:
    editor.user_permissions.set(Permission.objects.filter(codename="view_document"))
    client = client_of(User.objects.get(pk=editor.pk))
    doc = Document.objects.get()
    assert 'name="why"' not in client.get(address(doc)).content.decode()
    assert client.post(address(doc), KNOWINGLY).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_of_four_saves_at_once_one_is_stored(tmp_path: Path) -> None:
    assert in_another_process("tests.quizzes.parallel", "edit-four", folder=tmp_path) == {
        "got": ["302"] + ["409"] * 3,
        "stored": 1,
        "titles": True,
    }


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=8), st.integers(0, 3))
def test_no_typed_row_is_lost_when_rows_are_revived(
    rows: list[tuple[bool, bool]], extra: int
) -> None:
    """Whatever went, the words of every row of the form are in it afterwards, once."""
    sent = QueryDict(mutable=True)
    living = set()
    for n, (lives, _other) in enumerate(rows):
        sent[f"x-{n}-id"], sent[f"x-{n}-words"] = str(n + 1), f"row {n}"
        living |= {n + 1} if lives else set()
    for n in range(len(rows), len(rows) + extra):
        sent[f"x-{n}-id"], sent[f"x-{n}-words"], sent[f"x-{n}-key"] = "", f"new {n}", f"k{n}"
    sent["x-INITIAL_FORMS"], sent["x-TOTAL_FORMS"] = str(len(rows)), str(len(rows) + extra)
    before = sorted(sent[name] for name in sent if name.endswith("-words"))
    revive(sent, "x", living, lambda pk: f"key-{pk}")
    assert sorted(sent[name] for name in sent if name.endswith("-words")) == before
    count = int(sent["x-INITIAL_FORMS"])
    assert count == len(living)
    assert {int(sent[f"x-{n}-id"]) for n in range(count)} == living
    assert all(not sent.get(f"x-{n}-id") for n in range(count, len(rows) + extra))
    assert all(sent[f"x-{n}-key"] for n in range(count, len(rows) + extra))
