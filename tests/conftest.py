"""The cast, the shipped content, and the fences that every test stands inside.

The shipped content is loaded once into each test database, before any test: tests read it, and
what they change is rolled back. A transactional test flushes all tables; the content is put back
after it.
"""

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.auth.models import Permission
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from lessons.accounts.models import User
from lessons.core import rendered

PASSWORD = "a long enough pass phrase"
CONTENT_APPS = ("core", "documents", "quizzes", "guided")

# No deadline: a shared machine stalls now and then. The same examples every time in CI.
hypothesis_settings.register_profile("here", deadline=None)
hypothesis_settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_configure() -> None:
    # Passwords of the cast need no protection; tests of hashing ask for `real_hashers`.
    django_settings.ERASED_FILE = Path(tempfile.mkdtemp()) / "erased.txt"
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def real_hashers(settings: Any) -> None:
    """Password hashing as the site does it."""
    settings.PASSWORD_HASHERS = ["lessons.accounts.hashers.SchoolArgon2Hasher"]


# --- Fences -----------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _fenced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test leaves this machine, and only `loopback` and `e2e` tests open connections to it."""
    may_stay_here = any(map(request.node.get_closest_marker, ("e2e", "loopback")))
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def check(of: socket.socket, address: Any) -> None:
        if of.family not in (socket.AF_INET, socket.AF_INET6):
            return
        if may_stay_here and address[0] in ("127.0.0.1", "::1", "localhost"):
            return
        of.close()
        pytest.fail(f"A test tried to connect to {address!r}.")

    def fenced_connect(self: socket.socket, address: Any) -> None:
        check(self, address)
        connect(self, address)

    def fenced_connect_ex(self: socket.socket, address: Any) -> int:
        check(self, address)
        return connect_ex(self, address)

    monkeypatch.setattr(socket.socket, "connect", fenced_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", fenced_connect_ex)


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """No test reads what another cached: versions and ids that were rolled back come again."""
    rendered.clear()
    for cache in caches.all(initialized_only=True):
        cache.clear()


def pytest_runtest_setup(item: pytest.Item) -> None:
    for vendor, name in (("postgresql", "postgres"), ("sqlite", "sqlite")):
        if item.get_closest_marker(name) and connection.vendor != vendor:
            pytest.skip(f"holds on {vendor} only")


# --- Content ----------------------------------------------------------------------------------


_shipped: dict[str, list[tuple[Any, ...]]] = {}
"""Table (columns) → the rows that load_content wrote. Loading again takes seconds."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        call_command("load_content", verbosity=0)
        for app in CONTENT_APPS:
            for model in apps.get_app_config(app).get_models(include_auto_created=True):
                columns = ", ".join(f'"{f.column}"' for f in model._meta.concrete_fields)
                cursor.execute(f'SELECT {columns} FROM "{model._meta.db_table}"')  # noqa: S608
                _shipped[f'"{model._meta.db_table}" ({columns})'] = cursor.fetchall()


def _put_content_back() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in _shipped.items():
            if rows:  # what each migration sets up is there again, under other numbers
                cursor.execute(f"DELETE FROM {table.partition(' (')[0]}")  # noqa: S608
                values = ", ".join(["%s"] * len(rows[0]))
                cursor.executemany(f"INSERT INTO {table} VALUES ({values})", rows)  # noqa: S608


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    yield
    # After the last test the test database is gone, and the settings name the real one again.
    if nextitem is not None and _flushes(item):
        from pytest_django.plugin import blocking_manager_key

        with item.config.stash[blocking_manager_key].unblock():
            _put_content_back()


def _flushes(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    names = getattr(item, "fixturenames", ())
    return bool(
        (marker and marker.kwargs.get("transaction"))
        or {"transactional_db", "django_db_reset_sequences", "live_server"}.intersection(names)
    )


# --- The cast ---------------------------------------------------------------------------------


def make_user(username: str, **fields: Any) -> User:
    return User.objects.create_user(username, password=PASSWORD, **fields)


@pytest.fixture
def instructor(db: None) -> User:
    return make_user("ms-okafor", display_name="Ms Okafor", is_instructor=True)


@pytest.fixture
def student(db: None) -> User:
    return make_user("amara", display_name="Amara")


@pytest.fixture
def other_student(db: None) -> User:
    """Of another class, once there are classes."""
    return make_user("tomasz", display_name="Tomasz")


@pytest.fixture
def editor(db: None) -> User:
    """May do everything to content in admin, and nothing to people or their work."""
    user = make_user("editor", display_name="The editor", is_staff=True)
    content = Permission.objects.filter(content_type__app_label__in=CONTENT_APPS)
    learners = ("attempt", "attemptitem", "draft", "response", "mark", "progress")
    user.user_permissions.set(content.exclude(content_type__model__in=learners))
    return user


@pytest.fixture
def guest(db: None) -> User:
    user = User(username="guest-1", is_guest=True)
    user.set_unusable_password()
    user.save()
    return user


ClientOf = Callable[[User | None], Client]


@pytest.fixture
def client_of(db: None) -> ClientOf:
    """A browser of this user's (of a visitor's for None)."""

    def make(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user, backend=django_settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return make


@pytest.fixture
def visitor_client(client_of: ClientOf) -> Client:
    return client_of(None)


@pytest.fixture
def instructor_client(client_of: ClientOf, instructor: User) -> Client:
    return client_of(instructor)


@pytest.fixture
def student_client(client_of: ClientOf, student: User) -> Client:
    return client_of(student)


@pytest.fixture
def other_student_client(client_of: ClientOf, other_student: User) -> Client:
    return client_of(other_student)


@pytest.fixture
def editor_client(client_of: ClientOf, editor: User) -> Client:
    return client_of(editor)


@pytest.fixture
def guest_client(client_of: ClientOf, guest: User) -> Client:
    return client_of(guest)
