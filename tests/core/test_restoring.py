"""Going back: a parent with its children as of one moment, in a preview first and then at once."""

from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lessons.accounts.models import User
from lessons.core import changes, restoring
from lessons.core.edits import edit
from lessons.core.models import ContentVersion, Status
from lessons.core.versions import snapshot, snapshot_at, version_of
from lessons.documents.domain import correct_text
from lessons.documents.models import (
    Annotation,
    Document,
    PageTurn,
    Passage,
    PassageText,
    Person,
    Reference,
)
from lessons.guided.models import Lesson, Module, Progress, Step
from lessons.quizzes.models import Delivery, Option, Question, Quiz, QuizItem
from tests.core.editing import KNOWINGLY, address, delete, save, typed
from tests.core.test_admin import root, superuser
from tests.core.test_content import Write, loaded, write

__all__ = ["loaded", "root", "superuser", "write"]
pytestmark = pytest.mark.django_db


def last_moment(row: Any) -> datetime:
    moment: datetime = row.history.first().history_date
    return moment


def document() -> Document:
    return Document.objects.get(key="talk")


def state(row: Any) -> Any:
    """The row with its family, by words and places: texts by what they say, not by their id."""
    found = snapshot(type(row), [row.pk])
    texts = dict(PassageText.objects.values_list("pk", "text"))
    told = []
    for model, rows in found.items():
        for pk, values in rows.items():
            held = dict(values)
            is_text = model in (PassageText, PageTurn)
            if is_text:
                held["key"] = ""
            if "text_id" in held:
                held["text_id"] = texts.get(held["text_id"])
            told.append((model.__name__, 0 if is_text else pk, sorted(held.items(), key=str)))
    return sorted(told, key=str)


def restore(row: Any, moment: datetime, by: User | None = None) -> restoring.Plan:
    return restoring.restore(model=type(row), pk=row.pk, moment=moment, by=by)


def words(plan: restoring.Plan) -> list[tuple[str, str, str]]:
    return [(one.kind, one.name, one.word) for one in plan.told]


# --- A document -----------------------------------------------------------------------------------


def test_document_comes_back_whole(loaded: Write, editor: User) -> None:
    doc, then = document(), last_moment(document())
    before = state(doc)
    first, second = Passage.objects.order_by("order")
    with edit(by=editor, why="Try a better title"):
        doc.title = "Another talk"
        doc.save()
    correct_text(passage=second, text="This ends here: the second paragraph.", by=editor)
    note = Annotation.objects.get()
    note.references.set(Reference.objects.filter(key="letter"))
    note.heading = "Changed"
    note.save()
    first.speaker = None
    first.save()
    with edit(by=editor):
        added = Passage(document=doc, key="p3", kind="body", order=3, number=3)
        added.save()
        PassageText(passage=added, key="1", text="A third.", sha256="0" * 64).save()
    assert state(doc) != before
    version = ContentVersion.current()

    restore(doc, then, editor)

    assert state(document()) == before
    assert ContentVersion.current() > version
    note.refresh_from_db()
    assert note.text.is_current
    assert note.text.text[note.start : note.end] == "second paragraph"
    # The words that were corrected away stay as what was read at their time.
    assert set(second.texts.values_list("text", "is_current")) == {
        ("The second paragraph ends here.", False),
        ("This ends here: the second paragraph.", False),
        ("The second paragraph ends here.", True),
    }
    assert not Passage.objects.filter(key="p3").exists()


def test_going_back_can_be_gone_back_on(loaded: Write, editor: User) -> None:
    doc, then = document(), last_moment(document())
    with edit(by=editor):
        doc.title = "Another talk"
        doc.save()
        correct_text(passage=Passage.objects.get(key="p2"), text="Quite other words.", by=editor)
    changed, later = state(doc), last_moment(doc)
    restore(doc, then, editor)
    assert state(document()) != changed
    restore(doc, later, editor)
    assert state(document()) == changed


def test_plan_writes_nothing_and_says_what_restoring_does(loaded: Write, editor: User) -> None:
    doc, then = document(), last_moment(document())
    with edit(by=editor):
        doc.title = "Another talk"
        doc.save()
        correct_text(passage=Passage.objects.get(key="p2"), text="The second ends here.", by=editor)
    before = (state(doc), ContentVersion.current(), PassageText.history.count())
    with CaptureQueriesContext(connection) as queries:
        plan = restoring.plan(Document, doc.pk, then)
    assert [q["sql"] for q in queries if not q["sql"].startswith("SELECT")] == []
    assert (state(doc), ContentVersion.current(), PassageText.history.count()) == before
    assert words(plan) == [
        ("Document", "Talk", "is changed"),
        ("Passage", "¶2", "gets its earlier text"),
    ]
    (title,) = plan.told[0].fields
    assert (title.label, [(p.kind, p.text) for p in title.pieces]) == (
        "Title",
        [("gone", "Another"), ("new", "A"), ("same", " talk")],
    )
    # Nothing is left to do once it was done.
    restore(doc, then, editor)
    assert words(restoring.plan(Document, doc.pk, then)) == []


def test_orphan_gets_its_words_back(loaded: Write, editor: User) -> None:
    doc, then = document(), last_moment(document())
    second = Passage.objects.get(key="p2")
    correction = correct_text(passage=second, text="Nothing of that kind.", by=editor)
    note = Annotation.objects.get()
    assert note in correction.orphans
    restore(doc, then, editor)
    note.refresh_from_db()
    assert (note.text.is_current, note.start, note.end) == (True, 4, 20)
    turn = PageTurn.objects.get(text__passage=second, text__is_current=True)
    assert (turn.key, turn.offset) == ("turn", 11)


def test_deleted_passage_comes_back_with_all_that_stood_on_it(loaded: Write, editor: User) -> None:
    doc, then = document(), last_moment(document())
    before = state(doc)
    Passage.objects.get(key="p2").delete()
    assert Annotation.objects.count() == 0
    plan = restore(doc, then, editor)
    assert state(doc) == before
    assert [kind for kind, _name, word in words(plan) if word == "comes back"] == [
        "Passage",
        "Passage text",
        "Annotation",
        "Page turn",
    ]
    assert list(Annotation.objects.get().references.values_list("key", flat=True)) == ["frus"]


def test_added_passage_that_a_question_is_about_stays(loaded: Write, editor: User) -> None:
    doc, then = document(), last_moment(document())
    with edit(by=editor):
        added = Passage(document=doc, key="p3", kind="body", order=3, number=3)
        added.save()
        text = PassageText(passage=added, key="1", text="A third one.", sha256="0" * 64)
        text.save()
    question = Question.objects.get(key="who")
    question.text, question.quote, question.start, question.end = text, "A third", 0, 7
    question.save()
    plan = restore(doc, then, editor)
    assert words(plan) == [
        ("Passage", "¶3", "stays as it is: Question points at it"),
    ]
    assert PassageText.objects.filter(pk=text.pk, is_current=True).exists()


def test_paragraphs_that_changed_places_change_back(loaded: Write, editor: User) -> None:
    doc, then = document(), last_moment(document())
    before = state(doc)
    first, second = Passage.objects.order_by("order")
    with edit(by=editor):
        for passage, number in ((first, 9), (second, 1), (first, 2)):
            passage.number = passage.order = number
            passage.save()
    assert state(doc) != before
    restore(doc, then, editor)
    assert state(doc) == before


def test_rows_of_which_no_history_tells_are_left(loaded: Write, editor: User) -> None:
    """`loaddata` writes no history: such a row is no newcomer."""
    doc = document()
    Passage.history.all()._raw_delete(connection.alias)  # type: ignore[attr-defined]
    then = last_moment(doc)
    with edit(by=editor):
        doc.title = "Another talk"
        doc.save()
    restore(doc, then, editor)
    assert document().title == "A talk"
    assert Passage.objects.count() == 2


# --- A question, a quiz, a note -------------------------------------------------------------------


def test_question_comes_back_with_its_options(loaded: Write, editor: User) -> None:
    question = Question.objects.get(key="who")
    before, then = state(question), last_moment(question)
    with edit(by=editor):
        question.prompt = "Whose words are these?"
        question.save()
        Option.objects.filter(key="i2").get().delete()
        Option(question=question, key="t3", order=5, role="target", label="a clerk").save()
        one = Option.objects.get(key="i1")
        one.answer = Option.objects.get(key="t2")
        one.save()
    plan = restore(question, then, editor)
    assert state(question) == before
    assert words(plan) == [
        ("Question", "Whose words are these?", "is changed"),
        ("Option", "first", "is changed"),
        ("Option", "i2", "comes back"),
        ("Option", "a clerk", "is deleted: it was added since"),
    ]


def test_quiz_leaves_out_what_is_there_no_longer(loaded: Write, editor: User) -> None:
    quiz = Quiz.objects.get(key="letter")
    then = last_moment(quiz)
    with edit(by=editor):
        QuizItem.objects.all().delete()
        Question.objects.get(key="who").delete()
    plan = restore(quiz, then, editor)
    assert words(plan) == [("Quiz item", "a", "cannot come back: question is there no longer")]
    assert quiz.items.count() == 0


def test_note_goes_back_to_words_that_stand_on_another_text_now(
    loaded: Write, editor: User
) -> None:
    note = Annotation.objects.get()
    then = last_moment(note)
    correct_text(
        passage=Passage.objects.get(key="p2"), text="Here the second paragraph ends.", by=editor
    )
    with edit(by=editor):
        note.refresh_from_db()
        note.heading, note.quote, note.start, note.end = "Other", "ends", 26, 30
        note.save()
        note.references.clear()
    restore(note, then, editor)
    note.refresh_from_db()
    assert (note.heading, note.quote, note.start, note.end) == (
        "The second",
        "second paragraph",
        9,
        25,
    )
    assert note.text.is_current
    assert [one.key for one in note.references.all()] == ["frus"]


def test_what_an_earlier_state_named_and_is_gone_is_left_out(loaded: Write, editor: User) -> None:
    note = Annotation.objects.get()
    then = last_moment(note)
    note.references.clear()
    Reference.objects.get(key="frus").delete()
    restore(note, then, editor)
    assert note.references.count() == 0


def test_snapshots_cost_the_same_for_one_row_and_for_many(
    loaded: Write, django_assert_num_queries: Any
) -> None:
    doc = document()
    with CaptureQueriesContext(connection) as few:
        snapshot(Document, [doc.pk])
        snapshot_at(Document, doc.pk, last_moment(doc))
    for n in range(3, 9):
        passage = Passage(document=doc, key=f"p{n}", kind="body", order=n, number=n)
        passage.save()
        PassageText(passage=passage, key="1", text="More.", sha256="0" * 64).save()
    with CaptureQueriesContext(connection) as many:
        snapshot(Document, [doc.pk])
        snapshot_at(Document, doc.pk, last_moment(doc))
    assert len(many) == len(few)


# --- The pages ------------------------------------------------------------------------------------


def restore_page(row: Any, moment: datetime) -> str:
    opts = row._meta
    name = f"admin:{opts.app_label}_{opts.model_name}_restore"
    return reverse(name, args=[row.pk, changes.to_number(moment)])


def test_editor_goes_back_on_the_page(loaded: Write, editor_client: Client, editor: User) -> None:
    doc, then = document(), last_moment(document())
    before = state(doc)
    save(editor_client, doc, title="Another talk", **{"passages-0-words": "He was sad."})
    page = editor_client.get(restore_page(doc, then))
    assert page.status_code == 200
    assert "Another" in page.content.decode()
    assert state(doc) != before
    sent = typed(page, "restore_form")
    # It is live: one has to be sure.
    answer = editor_client.post(restore_page(doc, then), sent)
    assert answer.status_code == 422
    assert state(doc) != before
    answer = editor_client.post(restore_page(doc, then), sent | {"sure": "on", "why": "A mistake."})
    assert (answer.status_code, answer["Location"]) == (302, address(doc, "history"))
    assert state(document()) == before
    last = Document.history.first()
    assert (last.history_user, last.history_change_reason) == (editor, "A mistake.")
    # Whoever saw the page before that does not undo it unseen.
    answer = editor_client.post(restore_page(doc, then), sent | KNOWINGLY)
    assert answer.status_code == 409


def test_state_that_must_not_stand_is_refused(loaded: Write, root: Client) -> None:
    question = Question.objects.get(key="who")
    with edit(by=None):
        question.kind = "short"
        question.save()
    then = last_moment(question)
    with edit(by=None):
        question.kind = "matching"
        question.save()
    sent = typed(root.get(restore_page(question, then)), "restore_form") | KNOWINGLY
    answer = root.post(restore_page(question, then), sent)
    assert answer.status_code == 422
    question.refresh_from_db()
    assert question.kind == "matching"


def test_deleted_row_comes_back_from_its_history(loaded: Write, root: Client) -> None:
    quiz = Quiz.objects.get(key="letter")
    before, then = state(quiz), last_moment(quiz)
    pk = quiz.pk
    delete(root, quiz, why="By mistake.")
    quiz.pk = pk
    page = root.get(address(quiz, "history"))
    assert page.status_code == 200
    assert "By mistake." in page.content.decode()
    sent = typed(root.get(restore_page(quiz, then)), "restore_form")
    assert root.post(restore_page(quiz, then), sent | {"why": ""}).status_code == 302
    assert state(Quiz.objects.get(key="letter")) == before


def test_history_names_all_that_was_changed_in_one_line(loaded: Write, root: Client) -> None:
    doc = document()
    save(root, doc, title="Another talk", why="Clearer.", **{"passages-0-words": "He was sad."})
    page = root.get(address(doc, "history"))
    newest, *_older = page.context["page"].object_list
    assert (newest.by, newest.reason) == ("root", "Clearer.")
    told = [(row.kind, row.did, [field.label for field in row.fields]) for row in newest.rows]
    assert ("Document", "changed", ["Title"]) in told
    assert ("Passage text", "added", ["Text"]) in told
    html = page.content.decode()
    assert "<del>" in html
    assert "<ins>" in html
    assert "style=" not in html


def test_history_of_a_row_without_one(loaded: Write, root: Client) -> None:
    reference = Reference.objects.get(key="frus")
    Reference.history.all()._raw_delete(connection.alias)  # type: ignore[attr-defined]
    page = root.get(address(reference, "history"))
    assert page.status_code == 200
    assert "without a history" in page.content.decode()
    assert root.get(restore_page(reference, last_moment(document()))).status_code == 200


def test_history_is_paged_and_costs_the_same_however_long(loaded: Write, root: Client) -> None:
    person = Person.objects.get()
    for n in range(3):
        person.role = f"Role {n}"
        person.save()
    with CaptureQueriesContext(connection) as few:
        root.get(address(person, "history"))
    for n in range(60):
        person.role = f"Role {n}."
        person.references.set(Reference.objects.all()[: n % 3])
        person.save()
    with CaptureQueriesContext(connection) as many:
        page = root.get(address(person, "history"))
    assert len(page.context["page"].object_list) == 50
    assert len(many) <= len(few) + 1  # the pages are counted
    last = root.get(address(person, "history") + f"?p={page.context['page'].paginator.num_pages}")
    assert last.context["page"].object_list[-1].reason == "load_content: documents/people.yaml"


def test_history_is_for_those_who_may_see_the_row(
    loaded: Write, student_client: Client, visitor_client: Client, client_of: Any, editor: User
) -> None:
    doc = document()
    pages = [address(doc, "history"), restore_page(doc, last_moment(doc))]
    for client in (student_client, visitor_client):
        for page in pages:
            assert client.get(page).status_code == 302
            assert client.post(page, KNOWINGLY).status_code == 302
    editor.user_permissions.set([])
    stranger = client_of(editor)
    assert [stranger.get(page).status_code for page in pages] == [403, 403]


def test_viewer_sees_the_history_and_goes_nowhere(
    loaded: Write, client_of: Any, editor: User
) -> None:
    """What belongs to the row and may not be seen is not told."""
    editor.user_permissions.set(Permission.objects.filter(codename="view_document"))
    client, doc = client_of(User.objects.get(pk=editor.pk)), document()
    page = client.get(address(doc, "history"))
    assert {row.kind for one in page.context["page"].object_list for row in one.rows} == {
        "Document"
    }
    assert client.get(restore_page(doc, last_moment(doc))).status_code == 403
    assert client.post(restore_page(doc, last_moment(doc)), KNOWINGLY).status_code == 403


@pytest.mark.parametrize("number", [0, 10**17, 10**30])
def test_moment_that_is_none(number: int, loaded: Write, root: Client) -> None:
    """Before everything, everything is new; what is no moment is not found."""
    page = reverse(
        "admin:documents_reference_restore", args=[Reference.objects.all()[0].pk, number]
    )
    assert root.get(page).status_code == (404 if number == 10**30 else 200)


def test_version_notices_children_and_roads_without_history(loaded: Write) -> None:
    doc = document()
    versions = [version_of(Document, [doc.pk])]
    Passage.objects.filter(key="p1").update(label="x")
    versions.append(version_of(Document, [doc.pk]))
    Document.objects.update(title="By hand")
    versions.append(version_of(Document, [doc.pk]))
    Annotation.objects.update(heading="A note has a page of its own")
    assert version_of(Document, [doc.pk]) == versions[-1]
    assert version_of(Document, [doc.pk], notes=True) != versions[-1]
    assert len(set(versions)) == 3


def test_retired_where_it_is_used(loaded: Write, editor: User) -> None:
    """A lesson added to a module since, on which learners worked, is retired."""
    module = Module(
        key="m", slug="m", title="M", question="Why?", introduction="-", document=document()
    )
    with edit(by=editor):
        module.save()
    then = last_moment(module)
    with edit(by=editor):
        lesson = Lesson(
            module=module,
            key="l",
            slug="l",
            order=1,
            title="L",
            focus="?",
            aims="One",
            minutes=9,
            status=Status.PUBLISHED,
        )
        lesson.save()
        step = Step(
            lesson=lesson, key="s", slug="s", order=1, kind="reflection", title="S", minutes=5
        )
        step.save()
    now, delivery = timezone.now(), Delivery.objects.get(key="self-study")
    Progress.objects.create(
        delivery=delivery, learner=editor, step=step, opened_at=now, touched_at=now
    )
    restore(module, then, editor)
    lesson.refresh_from_db()
    assert lesson.status == Status.RETIRED
    assert Step.objects.filter(pk=step.pk).exists()
