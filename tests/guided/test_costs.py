"""What a step costs in queries: few, and the same however much is in it."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lessons.accounts.models import User
from lessons.core import rendered
from lessons.core.models import ContentVersion
from lessons.documents.models import Annotation, Passage, PassageText
from lessons.guided.models import Lesson, Step
from lessons.quizzes.models import Question, QuizItem
from tests.quizzes.working import check, start, wrong

from .reading import (
    HTMX,
    LESSON,
    SLUG,
    STEPS,
    answer,
    body,
    positions,
    put_down,
    question_address,
    right,
    view_of,
)

pytestmark = pytest.mark.django_db

MOST = 8
READING = "a-letter-arrives"
FIRST_SIGHT = 23
STATEMENTS = (31, 14)


def queries_of(client: Client, path: str) -> int:
    """Queries of a page that was drawn before, as nearly every page was."""
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    return len(queries)


@pytest.mark.parametrize("step", STEPS)
def test_signed_in_step_page_is_cheap_before_and_after_answers(
    step: str, student: User, student_client: Client
) -> None:
    path = f"{LESSON}{step}/"
    before = queries_of(student_client, path)
    if step == "closing-quiz":
        student_client.post(f"{path}start/")
    elif step == "headnote":
        student_client.post(f"{path}finish/")
    for position in positions(step) if step not in {"closing-quiz", "headnote"} else ():
        answer(student_client, student, step, "right", position)
    after = queries_of(student_client, path)
    assert 0 < before <= MOST
    assert before <= after <= MOST


def test_every_step_of_the_module_is_as_cheap(student_client: Client) -> None:
    steps = Step.objects.values_list("lesson__slug", "slug")
    counts = {path: queries_of(student_client, f"/lessons/{path[0]}/{path[1]}/") for path in steps}
    assert len(counts) > 45
    assert {path: count for path, count in counts.items() if count > MOST} == {}


def test_exercises_are_as_cheap_once_answered(student: User, student_client: Client) -> None:
    lines = Lesson.objects.get(slug="between-the-lines")
    paths = []
    for step in lines.steps.filter(quiz__purpose="practice").select_related("quiz"):
        attempt = start(student, step.quiz.key)
        for of in attempt.items.all():
            kind, face = of.question.kind, of.revision.content
            if kind == "stance":
                check(of, {"choice": face["options"][0]["key"], "reason": "So."})
            elif kind == "cable":
                lines_of = {c["key"]: {"does": "keep", "motive": "So."} for c in face["cards"]}
                check(of, {"lines": lines_of, "added": "", "cable": "word " * 90})
            else:
                check(of, wrong(of))
        paths.append(f"/lessons/between-the-lines/{step.slug}/")
    assert len(paths) == 3
    counts = {path: queries_of(student_client, path) for path in paths}
    assert {path: count for path, count in counts.items() if count > MOST} == {}


def test_visitors_page_reads_the_content_version_and_little_else(visitor_client: Client) -> None:
    assert {
        step: queries_of(visitor_client, f"{LESSON}{step}/") for step in STEPS
    } == dict.fromkeys(STEPS, 1)


def more(number: int) -> None:
    """That many more passages, notes and questions in the step."""
    step = Step.objects.get(lesson__slug=SLUG, slug=READING)
    passage = Passage.objects.get(steps=step, key="p1")
    text = passage.texts.get(is_current=True)
    note = Annotation.objects.filter(text=text, core=True, reveal="with-text").first()
    item = QuizItem.objects.get(quiz=step.quiz)
    assert note is not None
    for extra in range(number):
        other = Passage.objects.get(pk=passage.pk)
        other.pk, other.key, other.order, other.number = None, f"x{extra}", 900 + extra, 900 + extra
        other.save()
        words = PassageText.objects.get(pk=text.pk)
        words.pk, words.passage = None, other
        words.save()
        step.passages.add(other)
        added = Annotation.objects.get(pk=note.pk)
        added.pk, added.key, added.text = None, f"x{extra}", words
        added.save()
        question = Question.objects.get(pk=item.question_id)
        options = list(question.options.all())
        question.pk, question.key = None, f"x{extra}"
        question.save()
        for option in options:
            option.pk, option.question = None, question
            option.save()
        QuizItem.objects.create(
            quiz=step.quiz, key=f"x{extra}", question=question, position=50 + extra
        )
    ContentVersion.bump()
    rendered.clear()


@pytest.mark.parametrize("answered", [False, True])
def test_page_costs_the_same_with_one_and_with_many(
    answered: bool, student: User, student_client: Client
) -> None:
    path = f"{LESSON}{READING}/"
    if answered:
        answer(student_client, student, READING, "wrong")
    one = queries_of(student_client, path)
    more(5)
    if answered:
        answer(student_client, student, READING, "right")
        student_client.post(f"{path}again/")
        for position in range(1, 7):
            answer(student_client, student, READING, "wrong", position)
    page = body(student_client.get(path))
    assert page.count('class="question"') == 6
    assert queries_of(student_client, path) == one


@pytest.mark.parametrize("extra", [0, 5])
def test_first_sight_of_a_page_costs_the_same_with_many(extra: int, visitor_client: Client) -> None:
    more(extra)
    with CaptureQueriesContext(connection) as queries:
        visitor_client.get(f"{LESSON}{READING}/")
    assert len(queries) == FIRST_SIGHT


def statements_of_answer(client: Client, student: User, what: str, headers: dict[str, Any]) -> int:
    view, action = view_of(student, READING), question_address(READING)
    given = right(view) if what == "right" else {"choice": what}
    fields = put_down(body(client.get(f"{LESSON}{READING}/")), action, view, given)
    with CaptureQueriesContext(connection) as queries:
        response = client.post(action, fields, headers=headers)
    assert response.status_code in {200, 302}
    return len(queries)


def test_an_answer_costs_this_many_statements(student: User, student_client: Client) -> None:
    """Literal, so that whoever adds one notices. The first starts the attempt."""
    first = statements_of_answer(student_client, student, "from-noon", {})
    second = statements_of_answer(student_client, student, "right", HTMX)
    assert (first, second) == STATEMENTS
