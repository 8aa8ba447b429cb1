"""What editors see of use, and publishing a lesson with all that it shows and asks."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lessons.core.models import Status
from lessons.core.usage import resting_on, uses_of
from lessons.documents.models import Document, Passage, Reference
from lessons.guided.models import Lesson, Module, Step
from lessons.quizzes.models import Question, Quiz
from tests.core.editing import act, save
from tests.core.test_admin import address, root, superuser, whole
from tests.core.test_content import loaded, write

__all__ = ["loaded", "root", "superuser", "whole", "write"]
pytestmark = pytest.mark.django_db


def uses(row: Any) -> dict[str, list[str]]:
    return {use.title: [words for words, _address in use.rows] for use in uses_of(row)}


def test_a_question_is_used_in_quizzes_steps_and_lessons(whole: None) -> None:
    assert uses(Question.objects.get(key="who")) == {
        "Quizzes that ask it": ["The letter"],
        "Steps that ask it": ["S"],
        "Lessons with these steps": ["L"],
    }


def test_use_of_passage_reference_and_lesson(whole: None) -> None:
    assert uses(Passage.objects.get(key="p1")) == {
        "Questions about it": ["Who says it?"],
        "Steps that show it": ["S"],
    }
    assert uses(Reference.objects.get(key="frus")) == {
        "Notes that cite it": ["The second"],
        "People it supports": ["Feroz Khan Noon"],
    }
    assert uses(Lesson.objects.get()) == {"Its module": ["M"]}


def test_use_is_shown_with_links(whole: None, root: Client) -> None:
    page = root.get(address(Question.objects.get(key="who"))).content.decode()
    assert f'<a href="{address(Quiz.objects.get())}">The letter</a>' in page


def test_nothing_rests_on_what_nobody_answered(whole: None) -> None:
    assert resting_on(Question.objects.get(key="who")) is None


def publish(client: Client) -> Any:
    return act(client, Lesson.objects.all(), "publish_with_all")


def statuses() -> list[str]:
    return [m.objects.get().status for m in (Document, Module, Lesson, Quiz)]


def test_lesson_is_published_with_all_that_it_shows(whole: None, root: Client) -> None:
    for model in (Document, Module, Lesson, Quiz):
        model.objects.update(status=Status.DRAFT)
    assert publish(root).status_code == 302
    assert statuses() == ["published"] * 4
    assert Document.history.first().history_user.username == "root"


def test_unfinished_question_keeps_all_of_it_back(whole: None, root: Client) -> None:
    for model in (Document, Module, Lesson, Quiz, Question):
        model.objects.update(status=Status.DRAFT)
    Question.objects.get(key="who").options.all().delete()
    answer = root.get(publish(root)["Location"])
    assert any("Add items to match" in str(line) for line in answer.context["messages"])
    assert statuses() == ["draft"] * 4


def test_passages_of_a_step_are_chosen_from_a_list_without_scripts(
    whole: None, root: Client
) -> None:
    step, other = Step.objects.get(), Passage.objects.exclude(steps__isnull=False)[0]
    page = root.get(address(step)).content.decode()
    assert (
        '<input type="hidden" name="passages-listed" value="1"><select name="passages-list"' in page
    )
    assert f'<option value="{other.pk}">{other}' in page
    kept = {"passages-listed": "1", "quiz-listed": "1", "quiz-list": step.quiz_id}
    assert save(root, step, **kept, **{"passages-list": [other.pk]}).status_code == 302
    step.refresh_from_db()
    assert list(step.passages.all()) == [other]


def told(answer: Any) -> list[str]:
    return [str(line) for line in answer.context["messages"]]


@pytest.mark.parametrize(
    ("model", "parts", "lacks"),
    [
        (Lesson, "steps", "Give it at least one step."),
        (Quiz, "items", "Put at least one question into it."),
    ],
)
def test_what_is_empty_is_a_draft_that_is_told_so(
    whole: None, root: Client, model: Any, parts: str, lacks: str
) -> None:
    Step.objects.update(quiz=None, kind=Step.Kind.READING)
    model.objects.update(status=Status.DRAFT)
    row = model.objects.get()
    getattr(row, parts).all().delete()
    assert root.get(address(row)).context["todo"] == [lacks]
    assert save(root, row).status_code == 302
    assert save(root, row, status=Status.PUBLISHED).status_code == 422
    answer = root.get(act(root, [row], "publish")["Location"])
    assert f"{row}: {lacks}" in told(answer)
    assert model.objects.get().status == Status.DRAFT


def test_lesson_published_by_itself_tells_what_its_readers_miss(whole: None, root: Client) -> None:
    for model in (Document, Lesson):
        model.objects.update(status=Status.DRAFT)
    lesson, missed = Lesson.objects.get(), f"Document “{Document.objects.get()}” is still a draft."
    answer = root.get(act(root, [lesson], "publish")["Location"])
    assert f"{lesson}: {missed}" in told(answer)
    others = [f"Module “{lesson.module}” is still a draft."]
    assert sorted(root.get(address(lesson)).context["todo"]) == sorted([missed, *others])


def test_first_steps_lead_to_their_pages_and_fold_away_once_done(
    whole: None, editor_client: Client
) -> None:
    before = editor_client.get(reverse("admin:index"))
    assert [(step.name, step.address) for step in before.context["first_steps"]] == [
        ("Bring in a document", reverse("admin:documents_document_import")),
        ("Write questions", reverse("admin:quizzes_question_add")),
        ("Put them into a quiz", reverse("admin:quizzes_quiz_add")),
        ("Make a module and its lessons", reverse("admin:guided_module_add")),
        ("Publish", reverse("admin:guided_lesson_changelist")),
    ]
    done = [step.done for step in before.context["first_steps"]]
    assert (done[0], done[-1]) == ("1 document so far", "")
    assert '<details class="editors-note first-steps" open>' in before.content.decode()
    Lesson.objects.update(status=Status.PUBLISHED)
    after = editor_client.get(reverse("admin:index"))
    assert after.context["first_steps"][-1].done == "1 lesson so far"
    assert '<details class="editors-note first-steps">' in after.content.decode()


def test_models_stand_in_groups(editor_client: Client) -> None:
    groups = editor_client.get(reverse("admin:index")).context["app_list"]
    assert [str(group["name"]) for group in groups][:4] == [
        "The document",
        "Around the document",
        "Questions and quizzes",
        "Lessons",
    ]
