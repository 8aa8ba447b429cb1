"""The log tells what happened, and never about whom, from where or with which words."""

import json
import logging
import re
import uuid
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, OperationalError
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from lessons.accounts.models import User
from lessons.core import logs, views
from lessons.core.middleware import Utf8Middleware
from tests.conftest import PASSWORD, ClientOf

MARKER = "zq9marker"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def written() -> Iterator[StringIO]:
    """All that production would write to standard error, at the most talkative level."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonLines())
    root = logging.getLogger()
    was = {}
    for name, own in logs.logging_settings(production=True, demo=False, level="DEBUG")[
        "loggers"
    ].items():
        logger = logging.getLogger(name)
        was[name] = (logger.level, logger.propagate)
        logger.setLevel(own["level"])
    levels = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)
    root.setLevel(levels)
    for name, (level, propagate) in was.items():
        logging.getLogger(name).setLevel(level)
        logging.getLogger(name).propagate = propagate


@pytest.fixture
def lines(written: StringIO) -> Lines:
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


@pytest.mark.django_db
def test_names_codes_answers_and_addresses_are_in_no_line(
    written: StringIO, lines: Lines, client_of: ClientOf, student: User
) -> None:
    """Each request carries the marker in every place a request has, and goes another way."""
    headers = {
        "User-Agent": MARKER,
        "Referer": f"http://testserver/{MARKER}/",
        "X-Request-ID": MARKER,
        "X-Forwarded-For": MARKER,
    }
    clients = [client_of(None), client_of(student)]
    for client in clients:
        client.raise_request_exception = False
        client.cookies["other"] = MARKER
        for path in (
            "/",
            f"/{MARKER}/",
            f"/join/{MARKER}/",
            f"/invitations/{MARKER}/",
            f"/me/calendar/{MARKER}.ics",
            f"/lessons/{MARKER}/",
            "/me/data/export/",
            "/classes/999999/",
            "/report/",
            "/join/",
        ):
            client.get(f"{path}?q={MARKER}&next=/{MARKER}", headers=headers)
            client.post(
                f"{path}?q={MARKER}",
                {"code": MARKER, "body": MARKER, "q1-text": MARKER, "reader": MARKER},
                headers=headers,
            )
        client.post("/accounts/sign-in/", {"username": MARKER, "password": MARKER}, headers=headers)
        client.post("/report/", {"body": MARKER, "subject": "page", "address": f"/{MARKER}/"})
        client.post("/report/", {"body": MARKER + "x" * 600_000})  # too large
        client.get("/", headers={"Host": f"{MARKER}.example"})  # no host of ours
        client.generic(MARKER.upper(), "/")  # no method that is known
    for _ in range(12):  # until the name is locked
        clients[0].post("/accounts/sign-in/", {"username": MARKER, "password": MARKER})
    strict = Client(enforce_csrf_checks=True)
    strict.post("/accounts/sign-in/", {"username": MARKER}, headers=headers)
    told = written.getvalue()
    assert MARKER not in told.lower()
    assert student.username not in told
    assert PASSWORD not in told
    assert "127.0.0.1" not in told
    requests = [line for line in lines() if line["logger"] == "lessons.requests"]
    assert len(requests) == 2 * (20 + 5) + 12 + 1
    assert {"join/<str:code>/", "lessons/<slug:lesson>/", ""} <= {one["route"] for one in requests}
    assert {200, 302, 400, 403, 404, 405, 413, 422, 429} <= {one["status"] for one in requests}
    assert {line["logger"] for line in lines()} >= {"django.request", "django.security.csrf"}


@pytest.mark.django_db
def test_line_of_a_request_has_what_an_operator_needs(lines: Lines, visitor_client: Client) -> None:
    response = visitor_client.get("/privacy/?q=1")
    (line,) = lines()
    own = line.pop("request_id")
    assert own == response["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{16}", own)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("at"))
    assert line.pop("ms") > 0
    assert line == {
        "level": "INFO",
        "logger": "lessons.requests",
        "message": "request",
        "method": "GET",
        "route": "privacy/",
        "view": "core:privacy",
        "status": 200,
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("proxies", "given", "taken"),
    [
        (1, "abcdef0123456789", True),
        (0, "abcdef0123456789", False),
        (1, "short", False),
        (1, "x" * 65, False),
        (1, 'with "quotes" and spaces', False),
    ],
)
def test_only_the_id_of_a_trusted_proxy_is_taken_over(
    visitor_client: Client, settings: Any, proxies: int, given: str, taken: bool
) -> None:
    settings.TRUSTED_PROXIES = proxies
    response = visitor_client.get("/privacy/", headers={"X-Request-ID": given})
    assert (response["X-Request-ID"] == given) is taken


@pytest.mark.django_db
def test_each_request_has_an_id_of_its_own_and_none_is_left_behind(visitor_client: Client) -> None:
    ids = {visitor_client.get("/privacy/")["X-Request-ID"] for _ in range(5)}
    assert len(ids) == 5
    assert logs.request_id() == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"), [("/nowhere/", 404), ("/editors/kinds/", 403), ("host", 400), ("big", 413)]
)
def test_pages_of_errors_show_the_number_that_the_log_has(
    student_client: Client, lines: Lines, path: str, status: int
) -> None:
    if path == "host":
        response = student_client.get("/", headers={"Host": "evil.example"})
    elif path == "big":
        response = student_client.post("/report/", {"body": "x" * 600_000})
    else:
        response = student_client.get(path)
    own = response["X-Request-ID"]
    assert response.status_code == status
    assert f"<code>{own}</code>" in response.content.decode()
    assert {line["request_id"] for line in lines()} == {own}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (OperationalError("database is locked"), 503, "database is locked"),
        (IntegrityError(f"Key (username)=({MARKER}) already exists."), 500, None),
        (ValueError(f"{MARKER} is no number"), 500, None),
    ],
)
def test_error_is_found_by_its_lines_of_code_and_tells_no_data(
    lines: Lines,
    written: StringIO,
    visitor_client: Client,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    words: str | None,
) -> None:
    def fail(request: Any, *args: Any, **kwargs: Any) -> None:
        raise error

    monkeypatch.setattr("lessons.core.views.render", fail)
    visitor_client.raise_request_exception = False
    response = visitor_client.get(f"/privacy/?{MARKER}")
    assert response.status_code == status
    assert f"<code>{response['X-Request-ID']}</code>" in response.content.decode()
    (failed,) = [line for line in lines() if line["logger"] == "django.request"]
    assert (failed["level"], failed["view"]) == ("ERROR", "core:privacy")
    assert failed["error"][0].endswith(f": {words}" if words else type(error).__name__)
    assert any("views.py" in line and line.endswith(" privacy") for line in failed["error"])
    assert MARKER not in written.getvalue()


def test_chain_of_errors_is_told_without_going_round() -> None:
    first, second = ValueError(MARKER), ImproperlyConfigured("DATA_DIR is not set")
    second.__cause__, first.__cause__ = first, second
    assert logs.error_lines(second) == [
        "django.core.exceptions.ImproperlyConfigured: DATA_DIR is not set",
        "builtins.ValueError",
    ]


def test_line_for_a_terminal_is_one_that_people_read() -> None:
    record = logging.LogRecord(
        "lessons.core", logging.WARNING, "x.py", 1, "%s left", ("1 MB",), None
    )
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d\.\d{3} WARNING lessons\.core: 1 MB left", logs.Readable().format(record)
    )


@given(st.text(), st.sampled_from(["django.security.x", "lessons.x"]))
def test_any_message_is_one_line_of_json(message: str, name: str) -> None:
    record = logging.LogRecord(name, logging.ERROR, "x.py", 1, message, (), None)
    line = logs.JsonLines().format(record)
    assert "\n" not in line
    told = json.loads(line)["message"]
    assert told == ("refused" if name.startswith("django") else message)


def test_body_refused_unread_has_a_page_of_its_own() -> None:
    def never(request: Any) -> Any:
        pytest.fail("the request went on")

    request = RequestFactory().post("/report/", CONTENT_LENGTH=str(10**8))
    response = Utf8Middleware(never)(request)
    assert response.status_code == 413
    assert "This is too long to be sent" in response.content.decode()


def test_settings_in_force_are_these() -> None:
    assert (
        logs.logging_settings(production=False, demo=False, level="WARNING")
        == django_settings.LOGGING
    )
    assert django_settings.MIDDLEWARE.index("lessons.core.logs.RequestLog") == 2
    production = logs.logging_settings(production=True, demo=False, level="WARNING")
    assert production["handlers"]["console"]["formatter"] == "json"
    assert production["loggers"]["lessons.requests"] == {"level": "INFO"}
    assert production["loggers"]["axes"] == {"level": "CRITICAL"}


def test_damaged_file_is_503_since_no_answer_can_be_kept() -> None:
    from django.db import DatabaseError

    try:
        raise DatabaseError("database disk image is malformed")
    except DatabaseError:
        response = views.server_error(RequestFactory().get(f"/{uuid.uuid4()}/"))
    assert (response.status_code, response["Retry-After"]) == (503, "5")
