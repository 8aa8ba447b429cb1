"""Whose password an instructor may set, and what its owner is told."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lessons.accounts.models import User
from lessons.classrooms.domain import classes, passwords, rosters
from lessons.classrooms.domain.passwords import WORDS, one_time_password, reset_password
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.models import Classroom, Membership
from lessons.classrooms.roster_text import parse_roster
from tests.conftest import ClientOf, make_user

from .making import Role, add_member, make_class

pytestmark = pytest.mark.django_db


@pytest.fixture
def classroom(instructor: User) -> Classroom:
    return make_class(instructor)


@pytest.fixture
def slip(classroom: Classroom, instructor: User) -> rosters.Slip:
    rows = parse_roster("Ana Sá")
    digest = rosters.plan_roster(classroom=classroom, rows=rows).digest
    done = rosters.enrol_roster(classroom=classroom, by=instructor, rows=rows, digest=digest)
    return done.slips[0]


@pytest.fixture
def membership(slip: rosters.Slip) -> Membership:
    return Membership.objects.get(user__username=slip.username)


def test_one_time_passwords_are_readable_and_differ() -> None:
    made = {one_time_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        *words, digits = password.split("-")
        assert len(words) == 3
        assert set(words) <= set(WORDS)
        assert re.fullmatch("[2-9]{3}", digits)


def test_words_differ_and_are_plain() -> None:
    assert len(WORDS) == len(set(WORDS)) > 200
    assert all(re.fullmatch("[a-z]{4,8}", word) for word in WORDS)


def test_a_roster_account_is_reset(membership: Membership, instructor: User) -> None:
    password = reset_password(membership=membership, by=instructor)
    user = User.objects.get(pk=membership.user_id)
    assert user.check_password(password)
    assert user.password_set_by == "Ms Okafor for History 10b"
    log = [(event.what, event.by) for event in membership.events.all()]
    assert log == [("password", instructor), ("joined", instructor)]


def also_elsewhere(membership: Membership) -> None:
    other = make_class(make_user("another", is_instructor=True), "Elsewhere")
    add_member(other, membership.user)


def once_elsewhere(membership: Membership) -> None:
    also_elsewhere(membership)
    other = membership.user.memberships.get(classroom__name="Elsewhere")
    classes.leave_class(membership=other, by=membership.user)


def now_with(**fields: Any) -> Any:
    def change(membership: Membership) -> None:
        User.objects.filter(pk=membership.user_id).update(**fields)

    return change


def joined_by_code(membership: Membership) -> None:
    Membership.objects.filter(pk=membership.pk).update(from_roster=False)


def an_assistant(membership: Membership) -> None:
    classes.change_role(membership=membership, role=Role.ASSISTANT, by=membership.user)


def gone(membership: Membership) -> None:
    classes.leave_class(membership=membership, by=membership.user)


@pytest.mark.parametrize(
    "change",
    [
        also_elsewhere,
        once_elsewhere,
        now_with(is_staff=True),
        now_with(is_superuser=True),
        now_with(is_instructor=True),
        now_with(is_active=False),
        joined_by_code,
        an_assistant,
        gone,
    ],
)
def test_no_other_account_is_reset(
    membership: Membership, instructor_client: Client, instructor: User, change: Any
) -> None:
    change(membership)
    before = User.objects.get(pk=membership.user_id).password
    with pytest.raises(ClassRefused):
        reset_password(membership=Membership.objects.get(pk=membership.pk), by=instructor)
    address = reverse("classrooms:member-password", args=[membership.classroom_id, membership.pk])
    answer = instructor_client.post(address)
    assert answer.status_code == 302
    page = instructor_client.get(answer["Location"]).content.decode()
    assert "Set a new password" not in page
    assert User.objects.get(pk=membership.user_id).password == before
    assert passwords.new_slips(classroom=membership.classroom, by=instructor) == []


def test_the_new_password_is_shown_once(membership: Membership, instructor_client: Client) -> None:
    address = reverse("classrooms:member-password", args=[membership.classroom_id, membership.pk])
    page = reverse("classrooms:member", args=[membership.classroom_id, membership.pk])
    assert "Set a new password" in instructor_client.get(page).content.decode()
    html = instructor_client.post(address).content.decode()
    _name, password = re.findall(r'class="typed">([^<]+)<', html)
    assert User.objects.get(pk=membership.user_id).check_password(password)
    assert password not in instructor_client.get(page).content.decode()


# --- What the student meets ----------------------------------------------------------------------


def signed_in(slip: rosters.Slip) -> Client:
    client = Client()
    answer = client.post(
        reverse("accounts:sign-in"), {"username": slip.username, "password": slip.password}
    )
    assert answer.status_code == 302
    return client


CHANGE = "/accounts/password/"


def test_a_first_sign_in_leads_to_a_password_of_ones_own(slip: rosters.Slip) -> None:
    client = signed_in(slip)
    for address in ("/", "/me/", "/join/", "/accounts/profile/", "/documents/", "/classes/"):
        answer = client.get(address)
        assert (answer.status_code, answer["Location"]) == (302, CHANGE), address
    page = client.get(CHANGE).content.decode()
    assert "Your password was set by Ms Okafor for History 10b." in page
    kept = client.post(CHANGE, {"old_password": slip.password, "password": slip.password})
    assert kept.status_code == 422
    done = client.post(CHANGE, {"old_password": slip.password, "password": "my own phrase here"})
    assert (done.status_code, done["Location"]) == (302, "/me/")
    assert client.get("/me/").status_code == 200
    assert "was set by" not in client.get(CHANGE).content.decode()


def test_posts_and_fragments_wait_too(slip: rosters.Slip) -> None:
    client = signed_in(slip)
    posted = client.post("/me/data/", {"sure": "yes"})
    assert (posted.status_code, posted["Location"]) == (302, CHANGE)
    assert User.objects.filter(username=slip.username).exists()
    fragment = client.get("/me/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Redirect"]) == (204, CHANGE)


def test_signing_out_and_the_small_print_stay_open(slip: rosters.Slip) -> None:
    client = signed_in(slip)
    for address in ("/privacy/", "/accessibility/", "/healthz", "/accounts/sign-out/"):
        assert client.get(address).status_code == 200, address
    client.post("/accounts/sign-out/")
    assert client.get("/me/").status_code == 200


def test_a_reset_ends_the_students_sessions(
    membership: Membership, instructor: User, client_of: ClientOf
) -> None:
    User.objects.filter(pk=membership.user_id).update(password_set_by="")
    client = client_of(User.objects.get(pk=membership.user_id))
    assert client.get("/accounts/profile/").status_code == 200
    reset_password(membership=membership, by=instructor)
    assert client.get("/accounts/profile/")["Location"].startswith("/accounts/sign-in/")
