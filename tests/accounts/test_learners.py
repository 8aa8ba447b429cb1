"""Guests, the reader's mark, and children who share a laptop."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from lessons.accounts.models import User
from tests.conftest import PASSWORD, ClientOf

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.urls")]

HOME_AFTER_SIGN_OUT = "/?signed-out=1"


def opened(client: Client) -> dict[str, str]:
    """The fields of the form on a page that this browser opens now."""
    html = client.get("/save/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)
    mark = re.search(r"name=reader value='([^']*)'", html)
    assert token is not None
    assert mark is not None
    return {"csrfmiddlewaretoken": token[1], "reader": mark[1]}


def guests() -> list[User]:
    return list(User.objects.filter(is_guest=True).order_by("pk"))


def sign_in(client: Client, username: str) -> str:
    data = {"username": username, "password": PASSWORD}
    response = client.post(reverse("accounts:sign-in"), data)
    assert response.status_code == 302
    return response["Location"]


# --- Making a guest -----------------------------------------------------------------------------


def test_get_makes_no_guest_and_no_session(visitor_client: Client) -> None:
    assert opened(visitor_client)["reader"] == ""
    assert guests() == []
    assert "sessionid" not in visitor_client.cookies


def test_first_save_makes_one_guest_without_password_or_role(visitor_client: Client) -> None:
    form = opened(visitor_client)
    first = visitor_client.post("/save/", form)
    second = visitor_client.post("/save/", form)
    (guest,) = guests()
    assert (first.status_code, first.content.decode()) == (200, str(guest.pk))
    assert (second.status_code, second.content.decode()) == (200, str(guest.pk))
    assert re.fullmatch(r"guest-[a-z0-9]{16}", guest.username)
    assert not guest.has_usable_password()
    assert (guest.is_staff, guest.is_superuser, guest.is_instructor) == (False, False, False)


def test_other_forms_of_the_page_keep_their_csrf_token_after_the_guest_is_made() -> None:
    client = Client(enforce_csrf_checks=True)
    first, second = opened(client), opened(client)
    assert client.post("/save/", first).status_code == 200
    assert client.post("/save/", second).status_code == 200
    assert len(guests()) == 1
    # The tokens were checked at all:
    assert client.post("/save/", {"reader": ""}).status_code == 403


def test_session_key_changes_when_the_guest_is_made(visitor_client: Client) -> None:
    session = visitor_client.session
    session["known"] = "to somebody"
    session.save()
    visitor_client.cookies["sessionid"] = before = session.session_key
    visitor_client.post("/save/", opened(visitor_client))
    assert visitor_client.cookies["sessionid"].value != before


def test_two_visitors_become_two_guests(client_of: ClientOf) -> None:
    for client in (client_of(None), client_of(None)):
        assert client.post("/save/", opened(client)).status_code == 200
    assert len(guests()) == 2


def test_saving_notes_the_time_at_most_once_a_minute(client_of: ClientOf, student: User) -> None:
    start = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
    seen = []
    for seconds in (0, 59, 61):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            User.objects.filter(pk=student.pk, last_seen_at__gt=start).update(last_seen_at=start)
            client = client_of(student)
            client.post("/save/", opened(client))
            student.refresh_from_db()
            seen.append(student.last_seen_at)
    assert seen == [start, start, start + timedelta(seconds=61)]


# --- Whose page is it ---------------------------------------------------------------------------


def test_marks_are_opaque_and_the_same_for_all_pages_of_a_reader(
    client_of: ClientOf, student: User, other_student: User
) -> None:
    mine = opened(client_of(student))["reader"]
    assert re.fullmatch(r"[0-9a-f]{16}", mine)
    assert opened(client_of(student))["reader"] == mine
    assert opened(client_of(other_student))["reader"] != mine


def test_next_child_cannot_send_the_page_of_the_child_before(
    student_client: Client, student: User, other_student: User
) -> None:
    page_of_amara = opened(student_client)
    student_client.post(reverse("accounts:sign-out"))
    assert student_client.post("/save/", page_of_amara).status_code == 401
    sign_in(student_client, "tomasz")
    assert student_client.post("/save/", page_of_amara).status_code == 409
    assert guests() == []
    sign_in(student_client, "amara")
    assert student_client.post("/save/", page_of_amara).content.decode() == str(student.pk)


def test_page_of_a_session_that_expired_is_refused_and_makes_no_guest(
    student_client: Client,
) -> None:
    page = opened(student_client)
    student_client.cookies.clear()
    assert student_client.post("/save/", page).status_code == 401
    assert guests() == []


def test_visitors_page_is_refused_once_somebody_signed_in(
    visitor_client: Client, student: User
) -> None:
    page = opened(visitor_client)
    sign_in(visitor_client, "amara")
    assert visitor_client.post("/save/", page).status_code == 409


def test_page_of_one_guest_is_refused_for_the_next_guest(visitor_client: Client) -> None:
    visitor_client.post("/save/", opened(visitor_client))
    page = opened(visitor_client)
    visitor_client.post(reverse("accounts:sign-out"), {"sure": "yes"})
    visitor_client.post("/save/", opened(visitor_client))
    assert visitor_client.post("/save/", page).status_code == 409


@pytest.mark.parametrize("mark", ["0" * 16, "é", "\x00", "x" * 10_000])
def test_invented_marks_are_refused(student_client: Client, mark: str) -> None:
    assert student_client.post("/save/", {"reader": mark}).status_code == 409


def test_mark_that_is_no_unicode_is_refused(student_client: Client) -> None:
    lines = [
        b"--b",
        b'Content-Disposition: form-data; name="reader"',
        b"",
        b"\\ud800",
        b"--b--",
        b"",
    ]
    response = student_client.post(
        "/save/",
        b"\r\n".join(lines),
        content_type="multipart/form-data; boundary=b; charset=raw-unicode-escape",
    )
    assert response.status_code == 400


def test_form_without_a_mark_is_refused(visitor_client: Client, student_client: Client) -> None:
    assert visitor_client.post("/save/").status_code == 409
    assert student_client.post("/save/").status_code == 409


# --- Work of a guest on this device -------------------------------------------------------------


def as_guest(client: Client) -> User:
    client.post("/save/", opened(client))
    return guests()[-1]


def claimed(client: Client) -> str:
    return client.get("/claim/").content.decode()


def test_guest_who_signs_up_is_asked_and_nothing_is_merged(visitor_client: Client) -> None:
    guest = as_guest(visitor_client)
    response = visitor_client.post(
        reverse("accounts:sign-up"),
        {"username": "Zainab", "password": PASSWORD, "next": "/documents/"},
    )
    user = User.objects.get(username="zainab")
    assert response.status_code == 302
    assert response["Location"] == reverse("guided:guest-work") + "?next=%2Fdocuments%2F"
    assert visitor_client.session["guest_to_claim"] == guest.pk
    assert visitor_client.session["_auth_user_id"] == str(user.pk)
    assert claimed(visitor_client) == str(guest.pk)
    assert guests() == [guest]


def test_guest_who_signs_in_is_asked(visitor_client: Client, student: User) -> None:
    guest = as_guest(visitor_client)
    location = sign_in(visitor_client, "amara")
    assert location == reverse("guided:guest-work") + "?next=%2Fme%2F"
    assert claimed(visitor_client) == str(guest.pk)


def test_sign_in_without_a_guest_asks_nothing(visitor_client: Client, student: User) -> None:
    assert sign_in(visitor_client, "amara") == reverse("guided:me")
    assert claimed(visitor_client) == ""


def test_guest_itself_and_visitors_have_nothing_to_claim(visitor_client: Client) -> None:
    assert claimed(visitor_client) == ""
    as_guest(visitor_client)
    assert claimed(visitor_client) == ""


def test_sign_out_forgets_the_guest(visitor_client: Client, student: User) -> None:
    as_guest(visitor_client)
    sign_in(visitor_client, "amara")
    visitor_client.post(reverse("accounts:sign-out"))
    sign_in(visitor_client, "amara")
    assert claimed(visitor_client) == ""


def test_next_child_is_not_offered_the_guest_of_the_child_before(
    visitor_client: Client, student: User, other_student: User
) -> None:
    as_guest(visitor_client)
    sign_in(visitor_client, "amara")
    sign_in(visitor_client, "tomasz")  # without signing out
    assert claimed(visitor_client) == ""


def test_another_session_cannot_claim(
    visitor_client: Client, student: User, client_of: ClientOf
) -> None:
    as_guest(visitor_client)
    sign_in(visitor_client, "amara")
    assert claimed(client_of(student)) == ""


def test_real_account_is_never_offered_as_a_guest(
    student_client: Client, other_student: User
) -> None:
    session = student_client.session
    session["guest_to_claim"] = other_student.pk
    session.save()
    assert claimed(student_client) == ""


def test_guest_is_warned_before_signing_out_and_its_work_stays(visitor_client: Client) -> None:
    guest = as_guest(visitor_client)
    asked = visitor_client.post(reverse("accounts:sign-out"), follow=True)
    assert asked.redirect_chain == [(reverse("accounts:sign-out"), 302)]
    assert (
        "You are reading as a guest: signing out leaves this work behind; make an account to "
        "keep it." in asked.content.decode()
    )
    assert visitor_client.session["_auth_user_id"] == str(guest.pk)
    left = visitor_client.post(reverse("accounts:sign-out"), {"sure": "yes"})
    assert (left.status_code, left["Location"]) == (302, HOME_AFTER_SIGN_OUT)
    assert guests() == [guest]
    assert "_auth_user_id" not in visitor_client.session


def test_guest_cannot_be_signed_in_by_password(visitor_client: Client, guest: User) -> None:
    for password in ("", "!", guest.password):
        response = visitor_client.post(
            reverse("accounts:sign-in"), {"username": guest.username, "password": password}
        )
        assert response.status_code == 422


@pytest.mark.parametrize("name", ["profile", "password-change"])
def test_guest_is_led_to_an_account_before_a_profile(visitor_client: Client, name: str) -> None:
    as_guest(visitor_client)
    for response in (
        visitor_client.get(reverse(f"accounts:{name}")),
        visitor_client.post(reverse(f"accounts:{name}"), {"email": "a@example.org"}),
    ):
        assert (response.status_code, response["Location"]) == (302, reverse("accounts:sign-up"))
    assert guests()[0].email == ""
