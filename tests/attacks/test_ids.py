"""Each name or number in an address, tried with what is another's, not published, or gone.

The addresses of a class have a matrix of their own: tests/classrooms/test_matrix.py.
"""

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from lessons.accounts.models import User
from lessons.classrooms.domain import assignments
from lessons.core.models import ContentVersion, Status
from lessons.documents.models import Document, Person, Term
from lessons.guided.models import Module, Step, TeacherPage
from lessons.quizzes.models import Attempt, Draft, Response
from tests.classrooms import answering
from tests.classrooms.making import Cast, make_cast
from tests.guided.reading import body, text_of

from .addresses import BY_ROUTE, ROUTES, Route, address, client_of, undone, values_of

pytestmark = pytest.mark.django_db

OF_WORK = [route for route in ROUTES if route.route.startswith("work/<slug:delivery>/")]
OF_LESSONS = [
    route for route in ROUTES if "lesson" in route.parts and "classroom" not in route.parts
]
METHODS = ("get", "post")
SECRET = "Xyzzy, what nobody else may read"


@dataclass(frozen=True)
class Tried:
    client: Client
    path: str

    def statuses(self) -> set[int]:
        """Of every method that the address answers at all."""
        found = {undone(self.client, method, self.path).status_code for method in METHODS}
        return found - {405}


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast("here")


@pytest.fixture
def other(db: None) -> Cast:
    return make_cast("there")


@pytest.mark.parametrize("route", OF_WORK, ids=lambda route: route.name)
def test_work_of_another_class_is_not_there(route: Route, cast: Cast, other: Cast) -> None:
    theirs = address(other, route)
    for person in (cast.student, cast.instructor, cast.assistant):
        assert Tried(client_of(person), theirs).statuses() == {404}, person
    graded = ("guided:step-review", "guided:step-submit")  # the quiz given here is not graded
    assert (404 in Tried(client_of(other.student), theirs).statuses()) == (route.name in graded)


@pytest.mark.parametrize("route", OF_WORK, ids=lambda route: route.name)
def test_work_that_was_withdrawn_or_never_was_is_not_there(route: Route, cast: Cast) -> None:
    student = client_of(cast.student)
    path = address(cast, route)
    assignments.withdraw(assignment=cast.assignment, by=cast.instructor)
    assert Tried(student, path).statuses() == {404}
    gone = address(cast, route, delivery=f"nosuch-{uuid.uuid4().hex[:8]}")
    assert Tried(student, gone).statuses() == {404}
    for key in ("preview", "self-study"):
        assert Tried(student, address(cast, route, delivery=key)).statuses() == {404}


@pytest.mark.parametrize("name", ["assignment-result", "ask-again"])
def test_result_of_another_student_or_class_is_not_there(
    name: str, cast: Cast, other: Cast
) -> None:
    route = next(one for one in ROUTES if one.name == f"classrooms:{name}")
    mixed = [address(other, route)]
    if "response" in route.parts:
        mixed.append(address(cast, route, response=other.response.pk))
        mixed.append(address(other, route, response=cast.response.pk))
    for path in mixed:
        assert Tried(client_of(cast.student), path).statuses() == {404}, path


CONTENT: dict[str, Any] = {
    "documents/<slug:slug>/": Document,
    "documents/<slug:slug>/provenance/": Document,
    "people/<slug:slug>/": Person,
    "people/<slug:slug>/preview/": Person,
    "glossary/<slug:slug>/": Term,
    "glossary/<slug:slug>/preview/": Term,
    "modules/<slug:module>/": Module,
    "modules/<slug:module>/teachers/": Module,
    "modules/<slug:module>/teachers/<slug:page>/": TeacherPage,
}


@pytest.mark.parametrize("status", [Status.DRAFT, Status.RETIRED, None], ids=str)
@pytest.mark.parametrize("pattern", sorted(CONTENT))
def test_content_that_is_no_longer_published_is_not_there(
    pattern: str, status: str | None, cast: Cast, student: User
) -> None:
    route = BY_ROUTE[pattern]
    people = [client_of(cast.instructor), client_of(student), client_of(None)]
    values = values_of(cast, route)
    path = route.fill(values)
    if status is None:
        last = list(route.parts)[-1]
        path = route.fill(values | {last: "nosuch"})
    else:
        model = CONTENT[pattern]
        slug = values["page" if model is TeacherPage else next(iter(route.parts))]
        found = model.objects.filter(slug=slug)
        assert Tried(people[0], path).statuses() in (
            {200},
            {302},
        )  # a preview without htmx leads on
        assert found.update(status=status) == 1
        ContentVersion.bump()
    for client in people:
        found_there = Tried(client, path).statuses()
        # A page for teachers sends a visitor to sign in before anything is looked up.
        assert found_there == ({302} if client is people[2] and "teachers" in pattern else {404})


@pytest.mark.parametrize("status", [Status.DRAFT, Status.RETIRED])
def test_lesson_that_is_no_longer_published_is_not_there_in_any_part(
    status: str, cast: Cast, other: Cast
) -> None:
    lesson = cast.assignment.lesson
    assert lesson is not None
    type(lesson).objects.filter(pk=lesson.pk).update(status=status)
    ContentVersion.bump()
    shown = []
    for route in OF_LESSONS:
        for person in (cast.student, cast.instructor, None):
            path = address(cast, route, delivery="self-study")
            if Tried(client_of(person), path).statuses() != {404}:
                shown.append((path, person))
    assert shown == []


@pytest.mark.parametrize("part", ["lesson", "step", "position"])
def test_step_and_question_that_are_not_there(part: str, cast: Cast) -> None:
    wrong = {"lesson": "nosuch", "step": "nosuch", "position": 99}[part]
    tried = [route for route in OF_LESSONS if part in route.parts]
    assert BY_ROUTE["lessons/<slug:lesson>/<slug:step>/questions/<int:position>/"] in tried
    for route in tried:
        path = address(cast, route, **{part: wrong})
        assert Tried(client_of(cast.student), path).statuses() == {404}, path


def test_nothing_of_a_student_is_on_any_page_of_another(cast: Cast, other: Cast) -> None:
    """By every address of either class, self-study included."""
    answering.write(cast.assignment, cast.co_instructor, "nothing of interest")
    Response.objects.filter(pk=other.response.pk).update(answer={"text": SECRET})
    item = Attempt.objects.get(learner=other.student).items.first()
    Draft.objects.create(item=item, answer={"text": SECRET})
    found = []
    for person in (cast.student, cast.assistant, cast.instructor, None):
        client = client_of(person)
        for route in ROUTES:
            if route.route.endswith(("csv", "csv/", "answers/")):  # downloads, which take a member
                continue
            for whose in (cast, other):
                page = undone(client, "get", address(whose, route))
                if SECRET[:5].encode() in page.content:  # its word that stands nowhere else
                    found.append((person, route.route))
    assert found == []
    seen = undone(
        client_of(other.instructor),
        "get",
        address(other, next(one for one in ROUTES if one.name == "classrooms:marking-answer")),
    )
    assert SECRET in text_of(body(seen))


def test_the_steps_that_the_addresses_name_are_there(cast: Cast) -> None:
    """Else 404 would prove nothing above."""
    route = BY_ROUTE["lessons/<slug:lesson>/<slug:step>/questions/<int:position>/"]
    path = address(cast, route)
    assert Step.objects.filter(slug=values_of(cast, route)["step"]).exists()
    assert undone(client_of(cast.student), "post", path).status_code in (409, 422)
