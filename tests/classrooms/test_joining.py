"""Coming in by code and invitation; what a wrong code tells, and how often one may try."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lessons.accounts.models import User
from lessons.classrooms.domain import classes
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.models import Classroom, Membership
from lessons.classrooms.views import joining
from tests.conftest import PASSWORD, ClientOf, make_user

from .making import Role, add_member, make_class

pytestmark = pytest.mark.django_db

WRONG = "ABCDEFGH"
NAME = "History 10b"


@pytest.fixture
def classroom(instructor: User) -> Classroom:
    return make_class(instructor, NAME)


def page(code: str) -> str:
    return reverse("classrooms:join-code", args=[code])


def is_in(classroom: Classroom, user: User) -> bool:
    return Membership.objects.active().filter(classroom=classroom, user=user).exists()


# --- By code -------------------------------------------------------------------------------------


def test_a_typed_code_leads_to_its_page(classroom: Classroom, student_client: Client) -> None:
    code = classroom.code
    typed = f" {code[:4].lower()} {code[4:]} "
    answer = student_client.post(reverse("classrooms:join"), {"code": typed})
    assert (answer.status_code, answer["Location"]) == (302, page(code))


def test_joining_is_asked_once_more(
    classroom: Classroom, student: User, student_client: Client
) -> None:
    asked = student_client.get(page(classroom.code))
    assert asked.status_code == 200
    assert NAME in asked.content.decode()
    assert "Ms Okafor" in asked.content.decode()
    assert not is_in(classroom, student)
    done = student_client.post(page(classroom.code), {"roster_name": "Amara Obi"})
    assert (done.status_code, done["Location"]) == (302, reverse("guided:me"))
    membership = Membership.objects.get(classroom=classroom, user=student)
    assert (membership.role, membership.status) == ("student", "active")
    assert membership.roster_name == "Amara Obi"
    assert not membership.from_roster


def test_extra_fields_make_nobody_more_than_a_student(
    classroom: Classroom, student: User, student_client: Client
) -> None:
    extra = {"role": "instructor", "is_instructor": "1", "from_roster": "1", "time_multiplier": "9"}
    student_client.post(page(classroom.code), extra)
    membership = Membership.objects.get(classroom=classroom, user=student)
    assert (membership.role, membership.from_roster, membership.time_multiplier) == (
        "student",
        False,
        1,
    )
    student.refresh_from_db()
    assert not student.is_instructor


def test_a_visitor_signs_up_and_comes_back(classroom: Classroom) -> None:
    client = Client()
    html = client.get(page(classroom.code)).content.decode()
    assert NAME in html
    link = re.search(r'href="(/accounts/sign-up/[^"]+)"', html)
    assert link
    assert client.post(page(classroom.code)).headers["Location"].startswith("/accounts/sign-in/")
    answer = client.post(link[1], {"username": "newcomer", "password": PASSWORD})
    assert answer.headers["Location"] == page(classroom.code)
    client.post(page(classroom.code), {"roster_name": "New"})
    assert is_in(classroom, User.objects.get(username="newcomer"))


def test_a_guest_makes_an_account_first(
    classroom: Classroom, guest: User, guest_client: Client
) -> None:
    assert "Make an account" in guest_client.get(page(classroom.code)).content.decode()
    guest_client.post(page(classroom.code))
    assert not Membership.objects.filter(user=guest).exists()


def test_a_member_is_led_in_even_when_the_code_is_closed(
    classroom: Classroom, instructor: User, instructor_client: Client, student: User
) -> None:
    classes.open_code(classroom=classroom, by=instructor, is_open=False)
    answer = instructor_client.get(page(classroom.code))
    assert answer["Location"] == reverse("classrooms:member-list", args=[classroom.pk])


def closed(classroom: Classroom, by: User) -> None:
    classes.open_code(classroom=classroom, by=by, is_open=False)


def expired(classroom: Classroom, by: User) -> None:
    classes.expire_code(
        classroom=classroom, by=by, expires_at=timezone.now() - timedelta(seconds=1)
    )


def full(classroom: Classroom, by: User) -> None:
    classroom.places = 1
    classroom.save()
    add_member(classroom, make_user("first-come"))


def archived(classroom: Classroom, by: User) -> None:
    classes.archive_class(classroom=classroom, by=by)


def rotated(classroom: Classroom, by: User) -> None:
    classes.rotate_code(classroom=Classroom.objects.get(pk=classroom.pk), by=by)


def removed(classroom: Classroom, by: User) -> None:
    membership = add_member(classroom, User.objects.get(username="amara"))
    classes.remove_member(membership=membership, by=by)


def seen(answer: HttpResponse) -> tuple[int, str]:
    html = re.sub(r'value="\w{64}"', "", answer.content.decode())
    return answer.status_code, re.sub(r"(/|%2F)join\1\w*", "/join/", html)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("spoil", "signed_in"),
    [
        *((spoil, True) for spoil in (closed, expired, full, archived, rotated, removed)),
        *((spoil, False) for spoil in (closed, expired, full, archived, rotated)),
    ],  # who was removed and is signed out is nobody
)
def test_every_code_that_does_not_open_a_class_answers_alike(
    classroom: Classroom,
    instructor: User,
    student: User,
    client_of: ClientOf,
    spoil: Any,
    signed_in: bool,
    method: str,
) -> None:
    spoil(classroom, instructor)
    client = client_of(student if signed_in else None)
    wrong = seen(getattr(client, method)(page(WRONG)))
    assert wrong[0] == 404
    assert "does not open a class" in wrong[1]
    assert NAME not in wrong[1]
    assert seen(getattr(client, method)(page(classroom.code))) == wrong
    assert not is_in(classroom, student)


def test_a_wrong_code_costs_the_queries_that_a_full_class_costs(
    classroom: Classroom, instructor: User, student_client: Client
) -> None:
    full(classroom, instructor)

    def statements(code: str) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            student_client.get(page(code))
        return [re.sub(r"'[^']*'", "?", query["sql"]) for query in queries]

    statements(WRONG)
    assert statements(WRONG) == statements(classroom.code)


def test_places_hold_when_the_last_is_taken_meanwhile(
    classroom: Classroom, student: User, other_student: User
) -> None:
    classroom.places = 1
    classroom.save()
    classes.join_class(classroom=classroom, by=student)
    with pytest.raises(ClassRefused, match="does not open"):
        classes.join_class(classroom=classroom, by=other_student)
    assert not is_in(classroom, other_student)


# --- Guessing ------------------------------------------------------------------------------------


def test_one_session_may_not_guess_on(
    classroom: Classroom, student: User, student_client: Client
) -> None:
    tries = [student_client.get(page(f"WRONG{n}")).status_code for n in range(joining.TRIES)]
    assert set(tries) == {404}
    stopped = student_client.get(page(WRONG))
    assert stopped.status_code == 429
    assert stopped["Retry-After"] == "300"
    right = student_client.post(page(classroom.code))
    assert seen(right) == seen(stopped)
    assert not is_in(classroom, student)


def test_a_visitor_who_guesses_is_counted_too(classroom: Classroom, visitor_client: Client) -> None:
    tries = [visitor_client.get(page(f"WRONG{n}")).status_code for n in range(joining.TRIES + 2)]
    assert tries == [404] * (joining.TRIES + 1) + [429]


def test_one_address_has_a_ceiling_far_above_a_school(
    classroom: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert joining.TRIES_FROM_ONE_ADDRESS >= 300
    monkeypatch.setattr(joining, "TRIES_FROM_ONE_ADDRESS", 5)
    tries = [Client().get(page(f"WRONG{n}")).status_code for n in range(7)]
    assert tries == [404] * 5 + [429] * 2


def test_sixty_learners_at_one_address_join_while_ten_mistype(
    classroom: Classroom, client_of: ClientOf
) -> None:
    learners = [make_user(f"learner-{n}") for n in range(60)]
    for number, learner in enumerate(learners):
        client = client_of(learner)
        if number % 6 == 0:
            for wrong in range(5):
                assert client.get(page(f"WRONG{wrong}")).status_code == 404
        assert client.get(page(classroom.code)).status_code == 200
        assert client.post(page(classroom.code)).status_code == 302
    assert Membership.objects.active().students().filter(classroom=classroom).count() == 60


@pytest.mark.parametrize(
    "code", ["%00", "%ED%A0%80", "A" * 3000, "🙂", "..", "<script>", "' OR 1=1"]
)
def test_strange_codes_get_the_same_page(code: str, student_client: Client) -> None:
    answer = student_client.get(f"/join/{code}/")
    assert answer.status_code == 404
    assert "<script>" not in answer.content.decode().partition("<main")[2]


@pytest.mark.parametrize("code", ["", " ", "---", "\0", "A" * 60_000])
def test_strange_typing_is_refused_in_the_form(code: str, student_client: Client) -> None:
    assert student_client.post(reverse("classrooms:join"), {"code": code}).status_code == 422


# --- By invitation -------------------------------------------------------------------------------


def invited(classroom: Classroom, by: User, role: str = Role.STUDENT) -> str:
    invitation = classes.invite(classroom=classroom, by=by, role=role, name="Amara Obi")
    return reverse("classrooms:invitation", args=[invitation.token])


def test_an_invitation_is_accepted_by_a_post_once(
    classroom: Classroom,
    instructor: User,
    student: User,
    student_client: Client,
    other_student: User,
    other_student_client: Client,
) -> None:
    link = invited(classroom, instructor)
    assert student_client.get(link).status_code == 200
    assert not is_in(classroom, student)
    assert student_client.post(link).status_code == 302
    membership = Membership.objects.get(classroom=classroom, user=student)
    assert (membership.role, membership.roster_name) == ("student", "Amara Obi")
    for method in ("get", "post"):
        assert getattr(other_student_client, method)(link).status_code == 404
    assert not is_in(classroom, other_student)


def test_an_assistants_invitation_makes_an_assistant(
    classroom: Classroom, instructor: User, student: User, student_client: Client
) -> None:
    add_member(classroom, student)
    student_client.post(invited(classroom, instructor, Role.ASSISTANT))
    assert Membership.objects.get(classroom=classroom, user=student).role == "assistant"


def test_nobody_becomes_an_instructor_by_an_invitation(
    classroom: Classroom, instructor: User, student: User, student_client: Client
) -> None:
    link = invited(classroom, instructor, Role.INSTRUCTOR)
    answer = student_client.post(link)
    assert answer.status_code == 409
    assert "instructor's account" in answer.content.decode().replace("&#x27;", "'")
    assert not is_in(classroom, student)
    student.refresh_from_db()
    assert not student.is_instructor
    colleague = make_user("colleague", is_instructor=True)
    classes.accept_invitation(
        invitation=classroom.invitations.get(), by=colleague
    )  # it was not used up
    assert Membership.objects.get(classroom=classroom, user=colleague).role == "instructor"


def test_an_instructor_who_tries_the_link_does_not_use_it_up(
    classroom: Classroom, instructor: User, instructor_client: Client
) -> None:
    link = invited(classroom, instructor)
    assert instructor_client.post(link).status_code == 409
    assert classroom.invitations.get().is_open
    assert Membership.objects.get(classroom=classroom, user=instructor).role == "instructor"


@pytest.mark.parametrize("how", ["withdrawn", "over", "archived", "unknown"])
def test_an_invitation_that_is_over_opens_nothing(
    classroom: Classroom, instructor: User, student: User, student_client: Client, how: str
) -> None:
    link = invited(classroom, instructor)
    invitation = classroom.invitations.get()
    if how == "withdrawn":
        classes.withdraw_invitation(invitation=invitation, by=instructor)
    elif how == "over":
        classroom.invitations.update(expires_at=timezone.now())
    elif how == "archived":
        classes.archive_class(classroom=classroom, by=instructor)
    else:
        link = reverse("classrooms:invitation", args=["x" * 32])
    assert student_client.post(link).status_code == 404
    assert not is_in(classroom, student)


def test_who_was_removed_comes_back_only_by_an_invitation_made_since(
    classroom: Classroom, instructor: User, student: User, student_client: Client
) -> None:
    old = invited(classroom, instructor)
    membership = add_member(classroom, student)
    classes.remove_member(membership=membership, by=instructor)
    assert student_client.post(old).status_code == 409
    assert not is_in(classroom, student)
    assert student_client.post(invited(classroom, instructor)).status_code == 302
    assert is_in(classroom, student)


def test_a_guest_and_a_visitor_are_sent_to_an_account(
    classroom: Classroom, instructor: User, guest_client: Client, visitor_client: Client
) -> None:
    link = invited(classroom, instructor)
    for client in (guest_client, visitor_client):
        assert "Make an account" in client.get(link).content.decode()
        assert client.post(link).headers["Location"].startswith("/accounts/sign-in/?next=%2Finv")
    assert classroom.invitations.get().is_open
