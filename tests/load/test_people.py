"""The students of `make load` through Django's own client: no locust, no server."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.db.models import Count
from django.test import Client

from lessons.guided.models import Step
from lessons.quizzes.models import Response
from tests.faults.server import FORM

from . import people, schools
from .pages import files_of, not_stored_once

EXERCISES = "between-the-lines"


class Browser(people.Person):
    """A browser whose site may forget what it has just acknowledged."""

    forgets = False

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.client = Client(enforce_csrf_checks=True)
        self.seen: set[str] = set()

    def look(self, name: str, address: str, **headers: str) -> str:
        response = self.client.get(address, headers=headers)
        assert response.status_code in (200, 204), (name, address, response.status_code)
        self.seen.add(address)
        return str(response.content.decode())

    def send(
        self, name: str, address: str, fields: Any, *, but: int = 200, **headers: str
    ) -> people.Answer:
        with transaction.atomic():
            response = self.client.post(address, urlencode(fields), FORM, headers=headers)
            transaction.set_rollback(self.forgets and name == "answer")
        allowed = {200, 204, 302} if but == 200 else {but}
        assert response.status_code in allowed, (name, address, response.status_code)
        self.seen.add(address)
        location = response.headers.get("Location", "")
        return people.Answer(response.content.decode(), location)


class Student(people.Student, Browser):
    def __init__(self, username: str) -> None:
        Browser.__init__(self)
        people.Student.__init__(self, username, [])


class Teacher(people.Teacher, Browser):
    pass


def stored() -> list[str]:
    return [key.hex for key in Response.objects.values_list("client_uuid", flat=True)]


@pytest.fixture
def school(db: None) -> dict[str, Any]:
    return schools.make_class(1)


def test_student_answers_every_question_of_the_lesson_with_all_exercises(
    school: dict[str, Any],
) -> None:
    student = Student(school["students"][0])
    student.begin(mistypes=True)
    lesson = f"{student.given}lessons/{EXERCISES}/"
    student.lessons = [lesson, lesson]
    student.step = student.open_lesson()
    while not any(address.endswith("/again/") for address in student.seen):
        student.answer(student.to_a_question(seconds=5))
    asked = Step.objects.filter(lesson__slug=EXERCISES, quiz__purpose="practice")
    questions = {
        f"{lesson}{step.slug}/questions/{position}/"
        for step in asked.annotate(count=Count("quiz__items"))
        for position in range(1, step.count + 1)
    }
    assert len(questions) > 1
    assert questions <= student.seen
    assert len(student.acknowledged) >= len(questions)
    assert not_stored_once(student.acknowledged, stored()) == []


def test_teacher_asks_for_what_is_new(school: dict[str, Any]) -> None:
    teacher, student = Teacher(), Student(school["students"][0])
    teacher.open(school["teacher"], school["dashboard"])
    first = teacher.board
    teacher.poll()
    assert teacher.board == first
    student.begin()
    student.answer(student.to_a_question(seconds=5))
    teacher.poll()
    assert teacher.board != first
    teacher.poll()


def test_answer_that_the_site_forgot_is_named(school: dict[str, Any]) -> None:
    student = Student(school["students"][0])
    student.begin()
    student.answer(student.to_a_question(seconds=5))
    assert not_stored_once(student.acknowledged, stored()) == []
    student.forgets = True
    student.answer(student.to_a_question(seconds=5))
    assert not_stored_once(student.acknowledged, stored()) == [student.acknowledged[1]]


def test_answer_stored_twice_is_named() -> None:
    assert not_stored_once(["a", "b"], ["a", "b", "b"]) == ["b"]


def test_browser_fetches_style_sheets_and_scripts_of_a_page() -> None:
    page = """<link rel="icon" href="/static/a.svg"><link rel="stylesheet" href="/static/a.css">
    <script type="module" src="/static/js/page.js"></script> <a href="/static/not.pdf">no</a>"""
    assert files_of(page) == ["/static/a.svg", "/static/a.css", "/static/js/page.js"]
