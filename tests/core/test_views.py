"""The small print, reports of mistakes, and what is said when something goes wrong."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from lessons.accounts.models import User
from lessons.core import views
from lessons.core.models import MistakeReport
from tests.conftest import ClientOf

REPORT = "/report/"
PLACE = {"subject": "note", "subject_key": "khrushchev-visit", "address": "/documents/hussein/#n3"}
GOOD = {**PLACE, "body": "The visit was in 1955, not 1956."}


@pytest.fixture
def nothing_written(db: None) -> Iterator[None]:
    with CaptureQueriesContext(connection) as queries:
        yield
    assert [q["sql"] for q in queries if not q["sql"].lstrip().upper().startswith("SELECT")] == []


# --- The small print ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/privacy/", "<h1>Privacy</h1>"),
        ("/accessibility/", "<h1>Accessibility</h1>"),
        ("/report/", ">Report a mistake</h1>"),
        ("/report/thanks/", ">Thank you</h1>"),
    ],
)
def test_public_pages_are_open_to_the_whole_cast_and_write_nothing(
    instructor: User,
    student: User,
    other_student: User,
    client_of: ClientOf,
    request: pytest.FixtureRequest,
    path: str,
    title: str,
) -> None:
    clients = [client_of(user) for user in (instructor, student, other_student, None)]
    request.getfixturevalue("nothing_written")
    for client in clients:
        response = client.get(path)
        assert response.status_code == 200
        assert title in response.content.decode()
        assert client.put(path).status_code == 405
    assert "sessionid" not in clients[-1].cookies


@pytest.mark.django_db
def test_privacy_page_names_the_days_that_are_kept(visitor_client: Client, settings: Any) -> None:
    html = visitor_client.get("/privacy/").content.decode()
    assert "for 14 days in this browser" in html
    assert "for at most 30 days after your last answer" in html


@pytest.mark.django_db
@pytest.mark.parametrize("contact", ["", "help@school.example"])
def test_contact_is_shown_where_there_is_one(
    visitor_client: Client, settings: Any, contact: str
) -> None:
    settings.CONTACT = contact
    for path in ("/privacy/", "/accessibility/"):
        assert ("write to" in visitor_client.get(path).content.decode()) is bool(contact)


# --- Reports --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_link_to_the_report_form_says_what_it_is_about(visitor_client: Client) -> None:
    query = {"subject": "note", "key": "khrushchev-visit", "address": "/documents/hussein/#n3"}
    response = visitor_client.get(REPORT, query)
    assert response.context["form"].initial == PLACE
    assert "About: <bdi>/documents/hussein/#n3</bdi>" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "subject", "address"),
    [
        ({}, "page", "/"),
        ({"page": "/timeline/"}, "page", "/timeline/"),
        ({"subject": "user", "address": "https://evil.example/"}, "page", "/"),
        ({"subject": "question", "address": "//evil.example"}, "question", "/"),
        ({"subject": "note", "address": "javascript:alert(1)"}, "note", "/"),
        ({"subject": "note", "address": "/\\evil.example"}, "note", "/"),
        ({"subject": "note", "address": "/" + "x" * 300}, "note", "/"),
    ],
)
def test_bad_places_in_the_link_become_the_first_page(
    visitor_client: Client, query: dict[str, str], subject: str, address: str
) -> None:
    for path in (REPORT, "/report/thanks/"):
        html = visitor_client.get(path, query).content.decode()
        assert "evil.example" not in html
        assert "javascript:" not in html
    initial = visitor_client.get(REPORT, query).context["form"].initial
    assert (initial["subject"], initial["address"]) == (subject, address)


@pytest.mark.django_db
def test_visitor_reports_without_becoming_a_guest(visitor_client: Client) -> None:
    response = visitor_client.post(REPORT, GOOD)
    assert response.status_code == 302
    assert response["Location"] == "/report/thanks/?address=%2Fdocuments%2Fhussein%2F%23n3"
    (report,) = MistakeReport.objects.all()
    assert {name: getattr(report, name) for name in GOOD} == GOOD
    assert (report.reporter, report.closed_at, report.answer) == (None, None, "")
    assert User.objects.count() == 0
    assert "sessionid" not in visitor_client.cookies
    thanks = visitor_client.get(response["Location"]).content.decode()
    assert '<a href="/documents/hussein/#n3">Back to where you were</a>' in thanks


@pytest.mark.django_db
def test_report_of_a_signed_in_reader_carries_the_name_and_no_extra_field(
    student_client: Client, student: User, other_student: User
) -> None:
    extra = {"reporter": other_student.pk, "answer": "done", "closed_at": "2027-01-01", "id": "7"}
    student_client.post(REPORT, {**GOOD, **extra})
    (report,) = MistakeReport.objects.all()
    assert (report.reporter, report.answer, report.closed_at) == (student, "", None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("body", ""),
        ("body", "x" * 2001),
        ("body", "a\x00b"),
        ("subject", "user"),
        ("subject_key", "x" * 301),
        ("subject_key", "a\nb"),
        ("address", "https://evil.example/"),
        ("address", "//evil.example/"),
        ("address", "/\\evil.example/"),
        ("address", "javascript:alert(1)"),
        ("address", "/a\nb"),
        ("address", ""),
    ],
)
def test_bad_reports_are_redrawn_with_422(visitor_client: Client, field: str, value: str) -> None:
    response = visitor_client.post(REPORT, {**GOOD, field: value})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "<title>Error: Report a mistake" in response.content.decode()
    assert MistakeReport.objects.count() == 0


@pytest.mark.django_db
def test_report_is_escaped_when_redrawn(visitor_client: Client) -> None:
    data = {**GOOD, "subject": "user", "body": "</textarea><script>alert(1)</script>"}
    html = visitor_client.post(REPORT, data).content.decode()
    assert "<script>alert" not in html
    assert "&lt;/textarea&gt;&lt;script&gt;alert(1)" in html


@pytest.mark.django_db
def test_body_of_a_megabyte_is_413_in_words(visitor_client: Client) -> None:
    response = visitor_client.post(REPORT, {**GOOD, "body": "x" * 1_000_000})
    assert response.status_code == 413
    assert "At most 512 kilobytes can be sent at once" in response.content.decode()
    assert MistakeReport.objects.count() == 0


@pytest.mark.django_db
def test_htmx_gets_the_fragment_and_the_thanks_in_its_place(visitor_client: Client) -> None:
    htmx = {"HX-Request": "true"}
    bad = visitor_client.post(REPORT, {**GOOD, "body": ""}, headers=htmx)
    assert bad.status_code == 422
    assert bad["Vary"].startswith("HX-Request, ")
    assert bad.content.decode().strip().startswith('<section id="report"')
    good = visitor_client.post(REPORT, GOOD, headers=htmx, follow=True)
    assert good.content.decode().strip().startswith('<section id="report"')
    assert "Thank you" in good.content.decode()


@pytest.mark.django_db
def test_eleventh_report_of_a_session_in_an_hour_is_429_and_keeps_the_text(
    student_client: Client, other_student_client: Client
) -> None:
    statuses = [student_client.post(REPORT, GOOD).status_code for _ in range(10)]
    assert statuses == [302] * 10
    response = student_client.post(REPORT, GOOD)
    assert response.status_code == 429
    assert GOOD["body"] in response.content.decode()
    assert MistakeReport.objects.count() == 10
    assert other_student_client.post(REPORT, GOOD).status_code == 302


@pytest.mark.django_db
def test_sixty_first_report_from_one_address_is_429(visitor_client: Client) -> None:
    statuses = [visitor_client.post(REPORT, GOOD).status_code for _ in range(61)]
    assert statuses == [302] * 60 + [429]
    elsewhere = Client(REMOTE_ADDR="198.51.100.9")
    assert elsewhere.post(REPORT, GOOD).status_code == 302


@pytest.mark.django_db
def test_invalid_reports_are_not_counted(student_client: Client) -> None:
    for _ in range(20):
        student_client.post(REPORT, {**GOOD, "body": ""})
    assert student_client.post(REPORT, GOOD).status_code == 302


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (None, "203.0.113.7", "192.0.2.1"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "10.9.9.9, 203.0.113.7", "203.0.113.7"),
        (2, "10.9.9.9, 203.0.113.7, 192.0.2.2", "203.0.113.7"),
        (2, "203.0.113.7", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "203.0.113.7, unknown", "192.0.2.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (1, "::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_client_address_believes_only_the_trusted_proxies(
    settings: Any, proxies: int | None, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies or 0
    request = RequestFactory(REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded).get("/")
    assert views.client_address(request) == address


# --- What went wrong ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_unknown_page_is_404_with_a_way_back(
    visitor_client: Client, student_client: Client
) -> None:
    for client in (visitor_client, student_client):
        response = client.get("/nowhere/<b>/")
        html = response.content.decode()
        assert response.status_code == 404
        assert "There is no such page" in html
        assert 'href="/"' in html
        assert "address=%2Fnowhere%2F%3Cb%3E%2F" in html


@pytest.mark.django_db
def test_forbidden_page_is_human() -> None:
    request = RequestFactory().get("/")
    response = views.forbidden(request, PermissionDenied("the roster of class 7"))
    assert response.status_code == 403
    assert "This is not open to you" in response.content.decode()
    assert "roster" not in response.content.decode()


def test_unknown_host_is_400_in_words(settings: Any) -> None:
    response = Client(headers={"host": "evil.example"}).get("/privacy/")
    assert response.status_code == 400
    assert "We could not read what was sent" in response.content.decode()
    assert "evil.example" not in response.content.decode()


@pytest.mark.parametrize("name", ["400.html", "500.html", "503.html"])
def test_plain_pages_need_neither_request_nor_database(name: str) -> None:
    """Without the django_db mark a query would fail this test."""
    html = render_to_string(name)
    assert 'href="/"' in html
    assert "<script" not in html
    assert "<style" not in html


def answer_after(error: Exception) -> HttpResponse:
    request: HttpRequest = RequestFactory().post("/lessons/x/1/", {"text": "typed"})
    try:
        raise error
    except (IntegrityError, OperationalError, ValueError):
        return views.server_error(request)


def test_locked_database_is_503_and_says_that_nothing_was_saved() -> None:
    response = answer_after(OperationalError("database is locked"))
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert (
        "What you sent last may not be saved; keep this page open and try again."
        in response.content.decode()
    )
    assert "locked" not in response.content.decode()


@pytest.mark.django_db
def test_row_that_went_while_another_was_to_point_at_it_is_503(student: User) -> None:
    """A student is erased while an instructor marks them: asked again, the page is gone."""
    error = IntegrityError("FOREIGN KEY constraint failed")  # SQLite's words, at the commit
    if connection.vendor == "postgresql":
        MistakeReport.objects.create(body="x", reporter_id=student.pk + 1)
        with pytest.raises(IntegrityError) as gone, transaction.atomic():
            connection.check_constraints()
        MistakeReport.objects.all().delete()
        error = gone.value
    response = answer_after(error)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    twice = IntegrityError("UNIQUE constraint failed: accounts_user.username")
    assert answer_after(twice).status_code == 500


def test_other_errors_are_500_and_tell_nothing() -> None:
    response = answer_after(ValueError("a secret"))
    assert response.status_code == 500
    assert "Something went wrong on our side" in response.content.decode()
    assert "secret" not in response.content.decode()
