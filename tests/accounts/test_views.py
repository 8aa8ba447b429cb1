"""Signing up, in and out; profile and password; who may not become what."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lessons.accounts.models import User
from tests.conftest import PASSWORD, ClientOf, make_user

pytestmark = pytest.mark.django_db

SIGN_UP = "/accounts/sign-up/"
SIGN_IN = "/accounts/sign-in/"
SIGN_OUT = "/accounts/sign-out/"
PROFILE = "/accounts/profile/"
PASSWORD_CHANGE = "/accounts/password/"
URLENCODED = "application/x-www-form-urlencoded"


def signed_in_as(client: Client) -> str | None:
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key).username if key else None


def errors_of(response: Any) -> dict[str, list[str]]:
    return {name: list(errors) for name, errors in response.context["form"].errors.items()}


# --- Pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "for_visitor", "for_student"),
    [
        (SIGN_UP, 200, 302),
        (SIGN_IN, 200, 302),
        (SIGN_OUT, 200, 200),
        (PROFILE, 302, 200),
        (PASSWORD_CHANGE, 302, 200),
    ],
)
def test_get_answers_and_writes_nothing(
    visitor_client: Client, student_client: Client, path: str, for_visitor: int, for_student: int
) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert visitor_client.get(path).status_code == for_visitor
        assert student_client.get(path).status_code == for_student
    writes = [q["sql"] for q in queries if not q["sql"].lstrip().upper().startswith("SELECT")]
    assert writes == []
    assert "sessionid" not in visitor_client.cookies


@pytest.mark.parametrize("path", [PROFILE, PASSWORD_CHANGE])
def test_visitor_is_sent_to_sign_in_and_back(visitor_client: Client, path: str) -> None:
    response = visitor_client.get(path)
    assert (response.status_code, response["Location"]) == (302, f"{SIGN_IN}?next={path}")


@pytest.mark.parametrize("path", [SIGN_UP, SIGN_IN, SIGN_OUT, PROFILE, PASSWORD_CHANGE])
def test_other_methods_are_refused(student_client: Client, path: str) -> None:
    assert student_client.put(path).status_code == 405
    assert student_client.delete(path).status_code == 405


# --- Sign-up --------------------------------------------------------------------------------------


def test_sign_up_makes_an_account_without_role_and_signs_in(visitor_client: Client) -> None:
    response = visitor_client.post(
        SIGN_UP,
        {
            "username": "Zainab",
            "password": PASSWORD,
            "display_name": "Zainab K.",
            "email": "",
            # What a form of ours has no field for:
            "is_instructor": "on",
            "is_staff": "on",
            "is_superuser": "on",
            "is_guest": "on",
            "role": "instructor",
        },
    )
    assert (response.status_code, response["Location"]) == (302, "/me/")
    user = User.objects.get(username="zainab")
    assert signed_in_as(visitor_client) == "zainab"
    assert (user.display_name, user.email, user.is_guest) == ("Zainab K.", "", False)
    assert (user.is_instructor, user.is_staff, user.is_superuser) == (False, False, False)
    assert user.check_password(PASSWORD)


def test_sign_up_shows_the_name_as_typed_where_no_other_is_given(visitor_client: Client) -> None:
    visitor_client.post(SIGN_UP, {"username": "Zainab", "password": PASSWORD})
    assert User.objects.get(username="zainab").display_name == "Zainab"


@pytest.mark.parametrize("name", ["amara", "AMARA", "Ａmara"])  # the last in full width
def test_sign_up_with_a_taken_name_is_redrawn_with_422(
    visitor_client: Client, student: User, name: str
) -> None:
    response = visitor_client.post(
        SIGN_UP, {"username": name, "password": PASSWORD, "display_name": "Not Amara"}
    )
    assert response.status_code == 422
    assert errors_of(response) == {"username": ["This name is taken. Choose another."]}
    html = response.content.decode()
    assert "<title>Error: Make an account" in html
    assert 'class="error-summary" role="alert" tabindex="-1"' in html
    assert '<a href="#id_username">User name: This name is taken. Choose another.</a>' in html
    assert 'aria-describedby="id_username_helptext id_username_error"' in html
    assert 'value="Not Amara"' in html
    assert PASSWORD not in html
    assert User.objects.count() == 1


def test_names_of_any_script_are_told_apart_without_case(visitor_client: Client) -> None:
    make_user("Ирина")
    response = visitor_client.post(SIGN_UP, {"username": "ИРИНА", "password": PASSWORD})
    assert errors_of(response) == {"username": ["This name is taken. Choose another."]}
    visitor_client.post(SIGN_IN, {"username": "иРИНА", "password": PASSWORD})
    assert signed_in_as(visitor_client) == "ирина"


def test_sign_up_with_anothers_email_is_refused(visitor_client: Client) -> None:
    make_user("first", email="Pupil@example.org")
    response = visitor_client.post(
        SIGN_UP, {"username": "second", "password": PASSWORD, "email": "pupil@EXAMPLE.org"}
    )
    assert response.status_code == 422
    assert errors_of(response) == {"email": ["This e-mail address is in use."]}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "two words"),
        ("username", "a\x00b"),
        ("username", "x" * 61),
        ("username", "<script>"),
        ("username", "guest-abc"),
        ("username", "GUEST-abc"),
        ("display_name", "a\x00b"),
        ("display_name", "a\nb"),
        ("display_name", "x" * 81),
        ("display_name", "\u202eanagrams"),
        ("email", "no address"),
        ("email", "a" * 250 + "@example.org"),
        ("password", "short"),
        ("password", "password"),
        ("password", "12345678901234"),
        ("password", "x" * 257),
        ("password", "zainab2010"),
    ],
)
def test_sign_up_refuses_bad_values_at_their_field(
    visitor_client: Client, field: str, value: str
) -> None:
    good = {"username": "zainab2010", "password": PASSWORD, "display_name": "Z", "email": ""}
    response = visitor_client.post(SIGN_UP, {**good, field: value})
    assert response.status_code == 422
    assert list(errors_of(response)) == [field]
    assert User.objects.count() == 0


def test_names_with_joiners_of_urdu_and_hindi_are_shown(visitor_client: Client) -> None:
    name = "نور\u200cجہاں"
    visitor_client.post(SIGN_UP, {"username": "noor", "password": PASSWORD, "display_name": name})
    assert User.objects.get(username="noor").display_name == name


def test_display_name_is_escaped_on_every_page(client_of: ClientOf) -> None:
    user = make_user("mallory", display_name="<img src=x onerror=alert(1)>")
    html = client_of(user).get(PROFILE).content.decode()
    assert "<img src=x" not in html
    assert "&lt;img src=x" in html


def test_signed_in_user_is_led_away_from_sign_up(student_client: Client) -> None:
    response = student_client.post(SIGN_UP, {"username": "again", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/me/")
    assert not User.objects.filter(username="again").exists()


# --- Sign-in --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["amara", "Amara", " amara "])
def test_sign_in_takes_the_name_in_any_case(
    visitor_client: Client, student: User, name: str
) -> None:
    response = visitor_client.post(SIGN_IN, {"username": name, "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/me/")
    assert signed_in_as(visitor_client) == "amara"


def test_sign_in_says_the_same_of_unknown_names_and_wrong_passwords(
    visitor_client: Client, student: User
) -> None:
    inactive = make_user("gone", is_active=False)
    pages = []
    for name, password in (
        ("amara", "wrong"),
        ("nobody", "wrong"),
        (inactive.username, PASSWORD),
    ):
        response = visitor_client.post(SIGN_IN, {"username": name, "password": password})
        assert response.status_code == 422
        pages.append(errors_of(response))
    assert pages[0] == pages[1] == pages[2]
    assert list(pages[0]) == ["__all__"]
    assert signed_in_as(visitor_client) is None


def test_sign_in_hashes_once_for_known_and_unknown_names(
    visitor_client: Client, student: User, real_hashers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time tells nothing: each refusal costs one run of the hasher (counted, not clocked)."""
    from lessons.accounts.hashers import SchoolArgon2Hasher

    student.set_password(PASSWORD)
    student.save()
    runs: list[str] = []
    encode, verify = SchoolArgon2Hasher.encode, SchoolArgon2Hasher.verify

    def counted_encode(self: Any, password: str, salt: str) -> str:
        runs.append("encode")
        return encode(self, password, salt)

    def counted_verify(self: Any, password: str, encoded: str) -> bool:
        runs.append("verify")
        return verify(self, password, encoded)

    monkeypatch.setattr(SchoolArgon2Hasher, "encode", counted_encode)
    monkeypatch.setattr(SchoolArgon2Hasher, "verify", counted_verify)
    visitor_client.post(SIGN_IN, {"username": "amara", "password": "wrong"})
    assert runs == ["verify"]
    visitor_client.post(SIGN_IN, {"username": "nobody", "password": "wrong"})
    assert runs == ["verify", "encode"]


def test_sign_in_changes_the_session_key_and_the_csrf_secret(student: User) -> None:
    client = Client()
    client.get(SIGN_IN)
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = planted = str(session.session_key)
    secret = client.cookies["csrftoken"].value
    client.post(SIGN_IN, {"username": "amara", "password": PASSWORD})
    assert client.cookies["sessionid"].value != planted
    assert client.cookies["csrftoken"].value != secret
    assert Client(headers={"cookie": f"sessionid={planted}"}).get(PROFILE).status_code == 302


@pytest.mark.parametrize(
    ("asked", "goes_to"),
    [
        ("/documents/?cite=3", "/documents/?cite=3"),
        ("https://evil.example/", "/me/"),
        ("//evil.example/", "/me/"),
        ("///evil.example/", "/me/"),
        ("/\\evil.example/", "/me/"),
        ("\\\\evil.example", "/me/"),
        ("javascript:alert(1)", "/me/"),
        ("http:///evil.example", "/me/"),
        (" //evil.example", "/me/"),
        ("\x00//evil.example", "/me/"),
        ("nosuch", "/me/"),
        ("accounts:sign-out", "/me/"),
        ("../documents/", "/me/"),
        ("", "/me/"),
    ],
)
def test_next_leads_only_within_the_site(
    visitor_client: Client, student: User, asked: str, goes_to: str
) -> None:
    data = {"username": "amara", "password": PASSWORD, "next": asked}
    response = visitor_client.post(SIGN_IN, data)
    assert (response.status_code, response["Location"]) == (302, goes_to)
    signed_in = visitor_client.get(SIGN_IN, {"next": asked})
    assert (signed_in.status_code, signed_in["Location"]) == (302, goes_to)


def test_next_is_carried_through_a_failed_sign_in(visitor_client: Client, student: User) -> None:
    html = visitor_client.get(SIGN_IN, {"next": "/documents/"}).content.decode()
    assert '<input type="hidden" name="next" value="/documents/">' in html
    data = {"username": "amara", "password": "wrong", "next": "/documents/"}
    html = visitor_client.post(SIGN_IN, data).content.decode()
    assert '<input type="hidden" name="next" value="/documents/">' in html
    evil = visitor_client.get(SIGN_IN, {"next": "https://evil.example/"}).content.decode()
    assert "evil.example" not in evil


@pytest.mark.parametrize("value", ["a\x00b", "x" * 151, "x" * 200_000])
def test_hostile_names_are_422_at_sign_in(visitor_client: Client, value: str) -> None:
    response = visitor_client.post(SIGN_IN, {"username": value, "password": "x"})
    assert response.status_code == 422


def test_body_of_a_megabyte_is_refused(visitor_client: Client, student_client: Client) -> None:
    big = "x" * 1_100_000
    assert visitor_client.post(SIGN_IN, {"username": big, "password": big}).status_code == 413
    assert visitor_client.post(SIGN_UP, {"username": big, "password": big}).status_code == 413
    assert student_client.post(PROFILE, {"display_name": big}).status_code == 413


@pytest.mark.parametrize("path", [SIGN_IN, SIGN_UP, PROFILE, PASSWORD_CHANGE])
def test_lone_surrogates_are_never_500(student_client: Client, path: str) -> None:
    client = Client() if path in (SIGN_IN, SIGN_UP) else student_client
    raw = b"username=%ED%A0%80&password=%ED%A0%80&display_name=%ED%A0%80&old_password=%ED%A0%80"
    # They come as replacement characters, which only a display name may hold.
    expected = 302 if path == PROFILE else 422
    assert client.post(path, raw, content_type=URLENCODED).status_code == expected
    # A multipart body may name a charset that makes them:
    lines = [b"--b", b'Content-Disposition: form-data; name="username"', b"", b"\\ud800"]
    lines += [
        b"--b",
        b'Content-Disposition: form-data; name="extra"',
        b"",
        b"\\udfff",
        b"--b--",
        b"",
    ]
    response = client.post(
        path,
        b"\r\n".join(lines),
        content_type="multipart/form-data; boundary=b; charset=raw-unicode-escape",
    )
    assert response.status_code == 400


def test_post_without_csrf_token_is_403_and_shows_what_was_typed_but_no_password(
    student: User,
) -> None:
    client = Client(enforce_csrf_checks=True)
    long = "I think that Hussein speaks for Karachi and not for himself."
    secret = "correct horse battery staple and forty more letters"
    response = client.post(
        SIGN_IN, {"answer": long, "password": secret, "old_password": secret, "username": "amara"}
    )
    assert response.status_code == 403
    assert response["Cache-Control"] == "no-store, private"
    assert long in response.content.decode()
    assert secret not in response.content.decode()
    assert signed_in_as(client) is None


# --- Sign-out -------------------------------------------------------------------------------------


def test_only_post_signs_out(student_client: Client) -> None:
    assert student_client.get(SIGN_OUT).status_code == 200
    assert signed_in_as(student_client) == "amara"
    response = student_client.post(SIGN_OUT)
    assert (response.status_code, response["Location"]) == (302, "/?signed-out=1")
    assert "Clear-Site-Data" not in response
    assert signed_in_as(student_client) is None


def test_sign_out_ends_the_session_in_the_database(student_client: Client) -> None:
    key = student_client.cookies["sessionid"].value
    thief = Client(headers={"cookie": f"sessionid={key}"})
    assert thief.get(PROFILE).status_code == 200
    student_client.post(SIGN_OUT)
    assert thief.get(PROFILE).status_code == 302


def test_page_after_sign_out_carries_the_mark_for_the_script_once(student_client: Client) -> None:
    response = student_client.post(SIGN_OUT, follow=True)
    assert '<li class="signed-out success">You are signed out.</li>' in response.content.decode()
    assert "signed-out success" not in student_client.get("/?signed-out=1").content.decode()


def test_signed_in_pages_are_stored_nowhere(student_client: Client) -> None:
    for path in (PROFILE, "/privacy/", "/nowhere/"):
        assert student_client.get(path)["Cache-Control"] == "no-store, private"


# --- Password -------------------------------------------------------------------------------------


def test_password_change_keeps_this_session_and_ends_the_others(
    client_of: ClientOf, student: User
) -> None:
    here, elsewhere = client_of(student), client_of(student)
    new = "an entirely different phrase"
    response = here.post(PASSWORD_CHANGE, {"old_password": PASSWORD, "password": new})
    assert (response.status_code, response["Location"]) == (302, PROFILE)
    assert here.get(PROFILE).status_code == 200
    assert elsewhere.get(PROFILE).status_code == 302
    student.refresh_from_db()
    assert student.check_password(new)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("wrong", "an entirely different phrase", "old_password"),
        (PASSWORD, "short", "password"),
        (PASSWORD, "amara2010", "password"),
        (PASSWORD, "x" * 257, "password"),
        (PASSWORD, "", "password"),
    ],
)
def test_password_change_is_refused_at_the_field(
    student_client: Client, student: User, old: str, new: str, field: str
) -> None:
    response = student_client.post(PASSWORD_CHANGE, {"old_password": old, "password": new})
    assert response.status_code == 422
    assert list(errors_of(response)) == [field]
    student.refresh_from_db()
    assert student.check_password(PASSWORD)


# --- Profile --------------------------------------------------------------------------------------


def test_profile_changes_name_and_email_and_nothing_else(
    student_client: Client, student: User
) -> None:
    before = {f.attname: getattr(student, f.attname) for f in User._meta.concrete_fields}
    extra = {
        name: "1"
        for name in (*before, "role", "user", "groups", "user_permissions")
        if name not in ("display_name", "email")
    }
    response = student_client.post(
        PROFILE, {**extra, "display_name": "Amara O.", "email": "amara@example.org"}
    )
    assert (response.status_code, response["Location"]) == (302, PROFILE)
    student.refresh_from_db()
    after = {f.attname: getattr(student, f.attname) for f in User._meta.concrete_fields}
    before.update(
        display_name="Amara O.", email="amara@example.org", last_login=after["last_login"]
    )
    assert after == before
    assert not student.groups.exists()
    assert not student.user_permissions.exists()


def test_profile_may_be_emptied_and_keeps_its_own_email(
    student_client: Client, student: User
) -> None:
    for email in ("amara@example.org", "AMARA@example.org", "", ""):
        data = {"display_name": "", "email": email}
        assert student_client.post(PROFILE, data).status_code == 302
        student.refresh_from_db()
        assert (student.display_name, student.email) == ("", email)


def test_profile_refuses_anothers_email(student_client: Client, student: User) -> None:
    make_user("other", email="taken@example.org")
    data = {"display_name": "A", "email": "Taken@example.org"}
    response = student_client.post(PROFILE, data)
    assert response.status_code == 422
    assert errors_of(response) == {"email": ["This e-mail address is in use."]}
    student.refresh_from_db()
    assert (student.display_name, student.email) == ("Amara", "")


# --- The demo's door ------------------------------------------------------------------------------

ROLES = ["student", "instructor", "editor"]


@pytest.mark.parametrize("role", ROLES)
def test_demo_door_does_not_exist_outside_the_demo(
    visitor_client: Client, settings: Any, role: str
) -> None:
    settings.DEMO = False
    make_user(f"demo-{role}")
    assert visitor_client.post(f"/demo/enter/{role}/").status_code == 404
    assert signed_in_as(visitor_client) is None


@pytest.mark.parametrize(
    ("role", "goes_to"), [("student", "/me/"), ("instructor", "/me/"), ("editor", "/admin/")]
)
def test_demo_door_signs_in_by_post_only(
    visitor_client: Client, settings: Any, role: str, goes_to: str
) -> None:
    settings.DEMO = True
    make_user(f"demo-{role}")
    assert visitor_client.get(f"/demo/enter/{role}/").status_code == 404
    response = visitor_client.post(f"/demo/enter/{role}/")
    assert (response.status_code, response["Location"]) == (302, goes_to)
    assert signed_in_as(visitor_client) == f"demo-{role}"


@pytest.mark.parametrize("role", ["admin", "superuser", "amara"])
def test_demo_door_opens_for_no_other_role(
    visitor_client: Client, settings: Any, student: User, role: str
) -> None:
    settings.DEMO = True
    make_user(f"demo-{role}", is_staff=True)
    assert visitor_client.post(f"/demo/enter/{role}/").status_code == 404
    assert signed_in_as(visitor_client) is None


def test_demo_door_without_the_demo_user_is_404(visitor_client: Client, settings: Any) -> None:
    settings.DEMO = True
    assert visitor_client.post("/demo/enter/student/").status_code == 404
