"""Headers: what is stored nowhere, and where an htmx request goes when the login has expired."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

PROFILE = "/accounts/profile/"


def test_signed_in_pages_are_stored_nowhere(student_client: Client, visitor_client: Client) -> None:
    assert student_client.get("/privacy/")["Cache-Control"] == "no-store, private"
    assert visitor_client.get("/privacy/").get("Cache-Control") is None


def test_expired_login_sends_an_htmx_request_to_the_sign_in_page(visitor_client: Client) -> None:
    for answer in (
        visitor_client.get(PROFILE, headers={"HX-Request": "true"}),
        visitor_client.post(PROFILE, headers={"HX-Request": "true"}),
    ):
        assert answer.status_code == 204
        assert answer["HX-Redirect"] == f"/accounts/sign-in/?next={PROFILE}"
        assert answer.content == b""


def test_expired_login_redirects_a_plain_request(visitor_client: Client) -> None:
    answer = visitor_client.get(PROFILE)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/sign-in/?next={PROFILE}")


@pytest.mark.parametrize(
    ("length", "status"), [("2000000", 413), ("9" * 30, 413), ("60000000", 413), ("", 403)]
)
def test_body_too_large_for_any_form_is_refused_unread(length: str, status: int) -> None:
    class Unread:
        def read(self, *args: object) -> bytes:
            assert status != 413
            return b""

        readline = read

    client = Client(enforce_csrf_checks=True)
    response = client.generic(
        "POST",
        "/accounts/sign-in/",
        content_type="multipart/form-data; boundary=x",
        **{"wsgi.input": Unread(), "CONTENT_LENGTH": length},
    )
    assert response.status_code == status


@pytest.mark.parametrize("path", ["/%00", "/join/%00/", "/invitations/a%00b/", "/people/%00/"])
def test_no_address_holds_a_nul(path: str, student_client: Client) -> None:
    for method in ("get", "post"):
        assert getattr(student_client, method)(path).status_code == 404
