"""A preview shows what stands in a question's form and writes nothing."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.quizzes.models import Attempt, Option, Question, QuestionRevision
from tests.core.test_admin import address, root, superuser, typed
from tests.core.test_content import Write, loaded, write

from .test_admin import ADD, management, option, question, rubric, three_options

__all__ = ["loaded", "root", "superuser", "write"]
pytestmark = pytest.mark.django_db

PREVIEW = "/admin/quizzes/question/preview/"
FRAGMENT = {"HX-Request": "true"}


def counts() -> tuple[Any, ...]:
    models = (Question, Option, QuestionRevision, Attempt, Question.history, Option.history)
    rows = [(m.objects if hasattr(m, "objects") else m).count() for m in models]
    return (*rows, ContentVersion.current())


def test_preview_of_what_was_never_saved(loaded: Write, root: Client) -> None:
    before = counts()
    data = question("single", key="") | management(options=3) | three_options(is_key="on")
    answer = root.post(PREVIEW, data, headers=FRAGMENT)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "What does he ask for?" in page
    assert page.count('name="q1-choice"') == 3
    assert "Because of 1." in page
    assert counts() == before


def test_preview_of_a_bare_form_names_what_is_missing(loaded: Write, root: Client) -> None:
    before = counts()
    answer = root.post(PREVIEW, {"kind": "single"} | management())
    assert answer.status_code == 200
    assert "Tick the right option." in answer.context["problems"]
    assert counts() == before


OF_PARTS_OF_THEIR_OWN = [*Question.EXERCISES[:1], *Question.EXERCISES[2:], Question.Kind.WARRANT]


@pytest.mark.parametrize("kind", OF_PARTS_OF_THEIR_OWN)
def test_exercise_is_drawn_as_it_stands_in_its_form(root: Client, kind: str) -> None:
    saved = Question.objects.filter(kind=kind, status="published").order_by("pk")[0]
    data = typed(root.get(address(saved)))
    before = counts()
    answer = root.post(reverse("admin:quizzes_question_preview", args=[saved.pk]), data)
    assert answer.status_code == 200
    assert answer.context["problems"] == []
    assert 'id="q1"' in answer.content.decode()
    assert counts() == before


@pytest.mark.parametrize("kind", sorted({*Question.Kind.values} - {*OF_PARTS_OF_THEIR_OWN}))
def test_every_kind_is_drawn_from_its_form(loaded: Write, root: Client, kind: str) -> None:
    data = question(kind, strong_answer="Much.") | management(options=4, criteria=1)
    data["points"] = 0 if kind in Question.UNSCORED else 1
    data |= option(0, role="item", belongs_to="Option 2", rank="1", is_key="on")
    data |= option(1, role="item", belongs_to="o3", rank="2")
    data |= option(2, role="target", rank="3") | option(3, role="target", rank="4")
    data |= rubric("0", "0.5", "1")
    text = Question.objects.get(key="who").text
    assert text is not None
    data |= {"text": text.pk, "quote": "He was glad.", "evidence-TOTAL_FORMS": 1}
    data |= {"evidence-0-quote": "He was glad.", "evidence-0-feedback": "Yes."}
    data |= {"accepted_answers-TOTAL_FORMS": 1, "accepted_answers-0-answer": "flights"}
    data |= {"accepted_answers-0-match": "whole", "accepted_answers-0-score": "1"}
    data |= {"accepted_answers-0-feedback": "So it stands there."}
    before = counts()
    answer = root.post(PREVIEW, data)
    assert answer.status_code == 200
    assert answer.context["problems"] == []
    assert 'id="q1"' in answer.content.decode()
    assert counts() == before


def test_preview_follows_an_unsaved_change(loaded: Write, root: Client) -> None:
    saved = Question.objects.get(key="who")
    page = reverse("admin:quizzes_question_preview", args=[saved.pk])
    assert "Who says it?" in root.get(page).content.decode()
    data = typed(root.get(address(saved))) | {"prompt": "Who wrote it?"}
    assert "Who wrote it?" in root.post(page, data, headers=FRAGMENT).content.decode()
    saved.refresh_from_db()
    assert saved.prompt == "Who says it?"


@pytest.mark.parametrize("data", [{}, {"kind": "nonsense"}, {"kind": ["single", "x"]}])
def test_preview_without_a_kind_says_so(loaded: Write, root: Client, data: Any) -> None:
    answer = root.post(PREVIEW, data | management(), headers=FRAGMENT)
    assert answer.status_code == 422
    assert "Choose the kind of question first." in answer.content.decode()


def test_preview_draws_no_script(loaded: Write, root: Client) -> None:
    data = question("single", prompt="<script>x</script>") | management(options=1)
    data |= option(0, label='<img src=x onerror="x">', feedback="<b hx-get=x>")
    page = root.post(PREVIEW, data, headers=FRAGMENT).content.decode()
    assert "<script" not in page
    assert "<img" not in page
    assert "<b hx-get" not in page


def test_preview_is_for_those_who_edit_questions(
    loaded: Write,
    client_of: Any,
    visitor_client: Client,
    student_client: Client,
    instructor_client: Client,
    editor_client: Client,
) -> None:
    helper = User.objects.create_user("helper", password="a long enough phrase", is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename="change_document"))
    data = question("single") | management()
    for client in (visitor_client, student_client, instructor_client):
        assert client.post(PREVIEW, data).status_code == 302
    assert client_of(helper).post(PREVIEW, data).status_code == 403
    assert editor_client.post(PREVIEW, data).status_code == 200


def test_kind_is_chosen_first_and_shows_only_its_parts(loaded: Write, root: Client) -> None:
    page = root.get(ADD)
    assert [query for _name, _about, query in page.context["kinds"]] == [
        f"kind={kind}" for kind in Question.Kind.values
    ]
    parts = {
        kind: [
            one.formset.prefix
            for one in root.get(ADD, {"kind": kind}).context["inline_admin_formsets"]
        ]
        for kind in ("single", "evidence", "short", "open")
    }
    assert parts == {
        "single": ["options"],
        "evidence": ["evidence"],
        "short": ["accepted_answers"],
        "open": ["criteria"],
    }


def test_evidence_is_put_on_the_text_of_a_new_question(loaded: Write, root: Client) -> None:
    text = Question.objects.get(key="who").text
    assert text is not None
    data = question("evidence", text=text.pk, quote="He was glad.") | management(evidence=1)
    data |= {"evidence-0-quote": "said that he was", "evidence-0-feedback": "So it says."}
    assert root.post(ADD, data).status_code == 302
    saved = Question.objects.get(key="new")
    span = saved.evidence.get()
    assert (span.text, span.start, span.end, span.key) == (text, 3, 19, "said-that-he-was")
    page = root.get(address(saved)).content.decode()
    assert page.count("<span>He was glad.</span>") == 3  # its sentence, and two lines of evidence
