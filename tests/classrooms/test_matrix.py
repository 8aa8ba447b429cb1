"""Every address of classes × every person × GET and POST, from the URLconf itself.

Under /classes/<classroom>/ each view says by `in_class` what right it asks for; a view that does
not fails here. Everywhere else Django's own rule holds: signed in, unless the view says otherwise.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, reverse
from django.urls.converters import StringConverter

from lessons.accounts.models import User
from lessons.classrooms.access import May
from lessons.classrooms.urls import urlpatterns
from tests.conftest import make_user

from .making import SHARED, VALUES, Cast, make_cast

PATTERNS = {str(pattern.name): pattern for pattern in urlpatterns}
OF_A_CLASS = {
    name: pattern
    for name, pattern in PATTERNS.items()
    if str(pattern.pattern).startswith("classes/<int:classroom>")
}
METHODS = ("get", "post")
PERSONS = (
    "instructor",
    "co_instructor",
    "assistant",
    "student",
    "other_instructor",
    "other_student",
    "removed_student",
    "guest",
    "visitor",
)
IN, NO, NOT_THERE, WRONG_WAY, SIGN_IN = "in", "403", "404", "405", "sign in"
STRANGERS = dict.fromkeys(
    ("other_instructor", "other_student", "removed_student", "guest"), NOT_THERE
)
EXPECTED: dict[May, dict[str, str]] = {
    May.BELONG: {
        **dict.fromkeys(("instructor", "co_instructor", "assistant", "student"), IN),
        **STRANGERS,
        "visitor": SIGN_IN,
    },
    May.TEACH: {
        **dict.fromkeys(("instructor", "co_instructor", "assistant"), IN),
        **STRANGERS,
        "student": NOT_THERE,
        "visitor": SIGN_IN,
    },
    May.MANAGE: {
        **dict.fromkeys(("instructor", "co_instructor"), IN),
        **STRANGERS,
        "assistant": NO,
        "student": NOT_THERE,
        "visitor": SIGN_IN,
    },
}


def address(pattern: URLPattern, cast: Cast, **other: Any) -> str:
    """The pattern filled in with what `cast` has, or with `other`."""
    converters = pattern.pattern.converters
    missing = set(converters) - set(VALUES) - set(other)
    assert not missing, f"{pattern.name}: give {missing} a value in tests/classrooms/making.py"
    values = {name: other.get(name, VALUES[name](cast)) for name in converters}
    return reverse(f"classrooms:{pattern.name}", kwargs=values)


def outcome(response: HttpResponseBase) -> str:
    """How a person was received; every other answer below 500 is an answer to a member."""
    if response.status_code in (403, 404, 405):
        return str(response.status_code)
    moved = response.headers.get("Location", "")
    if moved.startswith(reverse(settings.LOGIN_URL)):
        return SIGN_IN
    assert response.status_code < 500, response.status_code
    return IN


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast("here")


@pytest.fixture
def people(cast: Cast, guest: User) -> dict[str, User | None]:
    from lessons.classrooms.domain import classes

    other = make_cast("there")
    removed = make_user("removed")
    gone = classes.join_class(classroom=cast.classroom, by=removed)
    classes.remove_member(membership=gone, by=cast.instructor)
    return {
        "instructor": cast.instructor,
        "co_instructor": cast.co_instructor,
        "assistant": cast.assistant,
        "student": cast.student,
        "other_instructor": other.instructor,
        "other_student": other.student,
        "removed_student": removed,
        "guest": guest,
        "visitor": None,
    }


def received(user: User | None, method: str, path: str) -> str:
    """What this person's request comes to; whatever it changed is undone."""
    client = Client()
    with transaction.atomic():
        if user is not None:
            client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        found = outcome(getattr(client, method)(path))
        transaction.set_rollback(True)
    return found


def test_every_view_of_a_class_states_its_right() -> None:
    without = [name for name, one in OF_A_CLASS.items() if not hasattr(one.callback, "right")]
    assert without == []
    assert len(OF_A_CLASS) > 20
    assert len(list(mixed())) > 20


def test_every_name_is_given_once() -> None:
    assert len(PATTERNS) == len(urlpatterns)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", sorted(OF_A_CLASS))
def test_address_of_a_class(
    name: str, method: str, cast: Cast, people: dict[str, User | None]
) -> None:
    pattern = OF_A_CLASS[name]
    path = address(pattern, cast)
    right: May = pattern.callback.right  # type: ignore[attr-defined]
    found = {person: received(people[person], method, path) for person in PERSONS}
    assert {p: IN if how == WRONG_WAY else how for p, how in found.items()} == EXPECTED[right]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", sorted(set(PATTERNS) - set(OF_A_CLASS)))
def test_address_outside_of_classes(
    name: str, method: str, cast: Cast, people: dict[str, User | None]
) -> None:
    pattern = PATTERNS[name]
    path = address(pattern, cast)
    found = {person: received(people[person], method, path) for person in PERSONS}
    needs_account = getattr(pattern.callback, "login_required", True)
    if needs_account:
        assert found["visitor"] == SIGN_IN
        assert {person for person, how in found.items() if how == SIGN_IN} == {"visitor"}


def mixed() -> Iterator[tuple[str, str]]:
    for name, pattern in OF_A_CLASS.items():
        for part in sorted(set(pattern.pattern.converters) - SHARED):
            if not isinstance(pattern.pattern.converters[part], StringConverter):
                yield name, part


@pytest.mark.parametrize(("name", "part"), sorted(mixed()))
def test_what_belongs_to_another_class_is_not_there(name: str, part: str, cast: Cast) -> None:
    """The instructor of one class writes another class's number into an address of their own."""
    other = make_cast("there")
    path = address(OF_A_CLASS[name], cast, **{part: VALUES[part](other)})
    found = {method: received(cast.instructor, method, path) for method in METHODS}
    assert NOT_THERE in found.values()
    assert all(how == NOT_THERE for how in found.values() if how != WRONG_WAY)


@pytest.mark.parametrize("name", sorted(OF_A_CLASS))
def test_huge_numbers_are_not_there(name: str, cast: Cast) -> None:
    parts = OF_A_CLASS[name].pattern.converters
    for part in (p for p, c in parts.items() if not isinstance(c, StringConverter)):
        for method in METHODS:
            path = address(OF_A_CLASS[name], cast, **{part: 10**30})
            assert received(cast.instructor, method, path) in (NOT_THERE, WRONG_WAY), path
