"""The first answer to the module's question comes again at the last lesson: one's own, escaped."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.guided.models import Lesson, Step
from lessons.quizzes.models import Attempt, Delivery
from tests.conftest import ClientOf
from tests.quizzes.working import WRITTEN, check, item, start

from .reading import HTMX, LESSON, PREVIEW, STEPS, answer, body, question_address, text_of

pytestmark = pytest.mark.django_db

HERE = "a-letter-arrives"
PAGE = f"{LESSON}{HERE}/"
LATER_LESSON = "the-mediator-and-the-pact"
FIRST = "Both sides & <script>alert(1)</script>\nand more"
DRAWN = "Both sides &amp; &lt;script&gt;alert(1)&lt;/script&gt;<br>and more"
MORE = 1


@pytest.fixture(autouse=True)
def _linked(db: None) -> None:
    """The reading step shows again what was written “in your own words”, of the same lesson."""
    written = Step.objects.get(quiz__key=WRITTEN)
    Step.objects.filter(lesson=written.lesson, slug=HERE).update(earlier=written)
    ContentVersion.bump()


def write(learner: User, text: str = FIRST, **options: Any) -> None:
    check(item(start(learner, WRITTEN, **options)), {"text": text})


def test_what_was_written_stands_above_the_question(student: User, student_client: Client) -> None:
    write(student)
    page = body(student_client.get(PAGE))
    assert DRAWN in page
    assert page.index(DRAWN) < page.index('id="questions"')
    day = Attempt.objects.get().items.get().response.created_at  # type: ignore[union-attr]
    words = text_of(page)
    title = "The letter and the middle position"
    assert f"In “{title}”, {day.day} {day:%B %Y}:" in words
    assert f'href="{LESSON}in-your-own-words/"' in page


def test_first_answer_stays_the_first(student: User, student_client: Client) -> None:
    write(student)
    write(student, "A second thought")
    page = body(student_client.get(PAGE))
    assert DRAWN in page
    assert "A second thought" not in page


def test_who_wrote_none_is_led_there(visitor_client: Client, student_client: Client) -> None:
    for client in (visitor_client, student_client):
        page = body(client.get(PAGE))
        assert "You have not written one." in text_of(page)
        assert f'href="{LESSON}in-your-own-words/"' in page
        assert "<blockquote" not in page.split("</main>")[0]


def test_it_is_never_anothers(
    student: User,
    other_student: User,
    guest: User,
    instructor: User,
    editor: User,
    client_of: ClientOf,
) -> None:
    write(student)
    assert DRAWN in body(client_of(student).get(PAGE))
    write(other_student, "Quite another")
    for who in (None, other_student, guest, instructor, editor):
        page = body(client_of(who).get(PAGE))
        assert "Both sides" not in page
        assert ("Quite another" in page) is (who == other_student)
    assert DRAWN in body(client_of(student).get(PAGE))


def test_it_keeps_to_its_kind_of_delivery(instructor: User, instructor_client: Client) -> None:
    write(instructor)
    preview = f"{PREVIEW}{HERE}/"
    assert DRAWN in body(instructor_client.get(PAGE))
    page = body(instructor_client.get(preview))
    assert "Both sides" not in page
    assert f'href="{PREVIEW}in-your-own-words/"' in page
    write(instructor, "In the preview", delivery=Delivery.objects.preview())
    assert "In the preview" in body(instructor_client.get(preview))
    assert "In the preview" not in body(instructor_client.get(PAGE))


def test_lesson_that_is_not_published_is_not_named(student_client: Client) -> None:
    other = Lesson.objects.get(slug=LATER_LESSON)
    step = other.steps.exclude(quiz=None)[0]
    Step.objects.filter(slug=HERE).update(earlier=step)
    Lesson.objects.filter(pk=other.pk).update(status="draft")
    ContentVersion.bump()
    page = body(student_client.get(PAGE))
    assert other.title not in page
    assert "Your first answer" not in page


def test_answering_by_htmx_leaves_it_where_it_is(student: User, student_client: Client) -> None:
    write(student)
    fragment = body(answer(student_client, student, HERE, "wrong", headers=HTMX))
    assert "Both sides" not in fragment
    page = body(student_client.get(PAGE))
    assert DRAWN in page
    assert f'action="{question_address(HERE)}' in page


def test_it_costs_one_query_and_only_where_it_is_shown(
    student: User, student_client: Client
) -> None:
    write(student)

    def queries(path: str) -> int:
        student_client.get(path)
        with CaptureQueriesContext(connection) as found:
            student_client.get(path)
        return len(found)

    with_it, other = queries(PAGE), {step: queries(f"{LESSON}{step}/") for step in STEPS[1:5]}
    Step.objects.filter(slug=HERE).update(earlier=None)
    ContentVersion.bump()
    assert with_it == queries(PAGE) + MORE
    assert other[STEPS[3]] == queries(f"{LESSON}{STEPS[3]}/")


def test_findings_show_both_answers_side_by_side(
    student: User, student_client: Client, other_student: User, client_of: ClientOf
) -> None:
    Step.objects.filter(slug=HERE).update(earlier=None)
    first = Step.objects.get(lesson__slug="whose-record-is-it", slug="first-answer")
    last = Step.objects.get(lesson__slug="peace-and-what-came-after", slug="your-answer-now")
    Step.objects.filter(pk=last.pk).update(earlier=first)
    ContentVersion.bump()
    assert first.quiz is not None
    assert last.quiz is not None
    path = f"/lessons/{last.lesson.slug}/findings/"
    assert "then and now" not in body(student_client.get(path))
    check(item(start(student, first.quiz.key)), {"text": FIRST})
    page = body(student_client.get(path))
    assert DRAWN in page
    assert "Not written yet." in text_of(page)
    check(item(start(student, last.quiz.key)), {"text": "Now I think otherwise"})
    page = body(student_client.get(path))
    both = page[page.index('class="side-by-side"') :]
    assert both.index(DRAWN) < both.index("Now I think otherwise")
    other = body(client_of(other_student).get(path))
    assert "Both sides" not in other
    assert "Now I think otherwise" not in other
