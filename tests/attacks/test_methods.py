"""Every address of the URLconf but admin's, by every method and every person.

What a class's own addresses answer to GET and POST is in tests/classrooms/test_matrix.py.
"""

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client

from lessons.accounts.backends import BACKEND
from lessons.accounts.models import User
from lessons.classrooms.domain import classes
from tests.classrooms.making import Cast, make_cast
from tests.conftest import make_user

from .addresses import ROUTES, Route, address, client_of, undone
from .hostile import WHOLE

pytestmark = pytest.mark.django_db

OUTSIDE = [route for route in ROUTES if not route.route.startswith("classes/<int:classroom>/")]
UNSAFE = ("post", "put", "patch", "delete")
NO_FORM_SENDS = ("put", "patch", "delete", "options", "trace")
READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "EXPLAIN", "SHOW")

EVERYBODY = frozenset(
    {
        "instructor",
        "assistant",
        "student",
        "other_instructor",
        "other_student",
        "removed",
        "guest",
        "editor",
        "visitor",
    }
)
SIGNED_IN = EVERYBODY - {"visitor"}
OF_THE_CLASS = frozenset({"instructor", "assistant", "student"})
INSTRUCTORS = frozenset({"instructor", "other_instructor"})
STUDENT = frozenset({"student"})
EDITOR = frozenset({"editor"})
NOBODY: frozenset[str] = frozenset()
WHO: list[tuple[str, frozenset[str]]] = [
    (r"accounts/(password|profile)/", SIGNED_IN),
    (r"(healthz|accounts/sign-.*|report/.*|privacy/|accessibility/)", EVERYBODY),
    (r"demo/enter/.*", NOBODY),  # the demo's doors, which no other site has
    (r"(documents|people|glossary|timeline|map|search)/.*", EVERYBODY),
    (r"editors/(kinds|questions)/.*", EDITOR),
    (r"editors/people/.*", NOBODY),  # who may delete accounts: tests/guided/test_erasing
    (r"modules/.*/teachers/.*", INSTRUCTORS | EDITOR),
    (r"|modules/.*|lessons/.*|me/", EVERYBODY),
    (r"me/calendar/", SIGNED_IN - {"guest"}),
    (r"me/classes/<int:record>/erasure/", STUDENT),
    (r"me/.*", SIGNED_IN),
    (r"work/<slug:delivery>/answers/", STUDENT),
    (r"work/.*", OF_THE_CLASS),
    (r"assignments/.*", STUDENT),
    (r"calendar/.*", NOBODY),  # the token in it is an invitation's, and no calendar's
    (r"join/", EVERYBODY),
    (r"join/<str:code>/", EVERYBODY - {"removed"}),
    (r"invitations/.*", EVERYBODY),
    (r"classes/", SIGNED_IN),
    (r"classes/new/", INSTRUCTORS),
]
"""The first pattern that an address matches whole says who is let in, by GET and by POST. Others
get 403 or 404, or a visitor the page to sign in, and learn nothing."""
TAKEN_WITH_AN_ACCOUNT = ("join/<", "invitations/")
OF_A_GRADED_QUIZ = ("guided:step-review", "guided:step-submit")  # not there in this class's work


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast("here")


@pytest.fixture
def people(cast: Cast, editor: User, guest: User) -> dict[str, Client]:
    other = make_cast("there")
    removed = make_user("removed")
    gone = classes.join_class(classroom=cast.classroom, by=removed)
    classes.remove_member(membership=gone, by=cast.instructor)
    users = {
        "instructor": cast.instructor,
        "assistant": cast.assistant,
        "student": cast.student,
        "other_instructor": other.instructor,
        "other_student": other.student,
        "removed": removed,
        "guest": guest,
        "editor": editor,
        "visitor": None,
    }
    assert users.keys() == EVERYBODY
    return {name: client_of(user) for name, user in users.items()}


@contextmanager
def writes() -> Iterator[list[str]]:
    """The statements sent meanwhile that are no reading."""
    sent: list[str] = []

    def spy(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip("( \n").upper().startswith(READS):
            sent.append(sql[:120])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(spy):
        yield sent


def test_the_watch_sees_what_is_written_and_not_what_is_read(student: User) -> None:
    with writes() as written:
        assert User.objects.filter(pk=student.pk).exists()
        assert written == []
        User.objects.filter(pk=student.pk).update(display_name="Another")
    assert [sql.split()[0] for sql in written] == ["UPDATE"]


def asks_to_sign_in(response: HttpResponseBase) -> bool:
    return response.headers.get("Location", "").startswith("/accounts/sign-in/?")


def let_in(response: HttpResponseBase) -> bool:
    return response.status_code not in (403, 404) and not asks_to_sign_in(response)


def who(route: Route) -> frozenset[str]:
    if route.name in OF_A_GRADED_QUIZ:
        return NOBODY
    return next(people for pattern, people in WHO if re.fullmatch(pattern, route.route))


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_is_let_in(method: str, cast: Cast, people: dict[str, Client]) -> None:
    """One test for all addresses: what takes the time is to make two classes."""
    wrong = []
    for route in OUTSIDE:
        path, expected = address(cast, route), who(route)
        answers = {name: undone(client, method, path) for name, client in people.items()}
        assert all(one.status_code < 500 for one in answers.values()), route.route
        tried = {name: one for name, one in answers.items() if one.status_code != 405}
        expected &= tried.keys()
        if method == "post" and route.route.startswith(TAKEN_WITH_AN_ACCOUNT):
            expected -= {"guest", "visitor"}
        came_in = {name for name, one in tried.items() if let_in(one)}
        if came_in != expected:
            wrong.append((route.route, sorted(came_in), sorted(expected)))
    assert wrong == []


def test_every_pattern_of_the_table_is_needed() -> None:
    used = [next(p for p, _who in WHO if re.fullmatch(p, route.route)) for route in OUTSIDE]
    assert {pattern for pattern, _who in WHO} == set(used)


def test_form_without_its_token_is_refused_everywhere(cast: Cast) -> None:
    """It is refused before the view is called: the methods but POST take turns."""
    turns = itertools.cycle(UNSAFE[1:])
    for user in (cast.instructor, None):
        client = Client(enforce_csrf_checks=True)
        if user is not None:
            client.force_login(user, backend=BACKEND)
        for route in ROUTES:
            for method in UNSAFE if WHOLE else ("post", next(turns)):
                with writes() as written:
                    response = undone(client, method, address(cast, route))
                assert (response.status_code, written) == (403, []), (method, route.route)


def test_method_that_no_form_sends_is_refused_and_changes_nothing(
    cast: Cast, people: dict[str, Client]
) -> None:
    """By whom most is allowed, each of them; the methods of the others take turns."""
    turns = itertools.cycle(NO_FORM_SENDS)
    for name in ("instructor", "student", "visitor"):
        for route in ROUTES:
            every = WHOLE or name == "instructor"
            for method in NO_FORM_SENDS if every else (next(turns),):
                with writes() as written:
                    response = undone(people[name], method, address(cast, route))
                where = (name, method, route.route)
                refused = response.status_code in (403, 404, 405) or asks_to_sign_in(response)
                assert (refused, written) == (True, []), where


def test_reading_changes_nothing_and_is_kept_by_no_proxy(
    cast: Cast, people: dict[str, Client]
) -> None:
    """HEAD is GET whose body the server leaves out, for whomever it is: they take turns with it."""
    names = ("instructor", "student", "guest", "visitor")
    turns = itertools.cycle(names)
    for route in ROUTES:
        path, asks_head = address(cast, route), next(turns)
        for name in names:
            where = (name, route.route)
            with writes() as written:
                page = undone(people[name], "get", path)
                if WHOLE or name == asks_head:
                    head = undone(people[name], "head", path)
                    assert head.status_code == page.status_code, where
            assert written == [], where
            kept = page.headers.get("Cache-Control", "")
            if name != "visitor":
                assert "no-store" in kept, where
            elif page.status_code == 200:
                assert "no-store" in kept or "Cookie" in page.headers["Vary"], where
