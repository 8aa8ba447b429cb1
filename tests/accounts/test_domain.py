"""Accounts: made once, given a role by others only, and erased."""

from io import StringIO

import pytest
from axes.models import AccessAttempt
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from lessons.accounts import domain
from lessons.accounts.models import User
from lessons.core.models import MistakeReport
from tests.conftest import PASSWORD, ClientOf, make_user

pytestmark = pytest.mark.django_db


def test_register_leaves_it_to_the_database_who_has_the_name(student: User) -> None:
    """As when two people chose it at once, after both forms had found it free."""
    with pytest.raises(domain.Refused) as refused:
        domain.register(username="AMARA", password=PASSWORD)
    assert (refused.value.field, str(refused.value)) == (
        "username",
        "This name is taken. Choose another.",
    )


def test_register_names_the_email_where_that_is_taken() -> None:
    make_user("first", email="pupil@example.org")
    with pytest.raises(domain.Refused) as refused:
        domain.register(username="second", password=PASSWORD, email="PUPIL@example.org")
    assert (refused.value.field, str(refused.value)) == ("email", "This e-mail address is in use.")
    assert not User.objects.filter(username="second").exists()


def test_update_profile_names_the_email_where_that_is_taken(student: User) -> None:
    make_user("first", email="pupil@example.org")
    with pytest.raises(domain.Refused) as refused:
        domain.update_profile(user=student, display_name="A", email="PUPIL@example.org")
    assert refused.value.field == "email"


def test_many_accounts_may_have_no_email() -> None:
    for name in ("a", "b", "c"):
        domain.register(username=name, password=PASSWORD)
    assert User.objects.filter(email="").count() == 3


@pytest.mark.parametrize("role", ["is_instructor", "is_staff", "is_superuser"])
def test_database_refuses_a_guest_with_a_role(guest: User, role: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=guest.pk).update(**{role: True})


def test_make_instructor_command_grants_and_withdraws(student: User) -> None:
    out = StringIO()
    call_command("make_instructor", "Amara", stdout=out, no_color=True)
    student.refresh_from_db()
    assert (student.is_instructor, out.getvalue()) == (True, "amara is an instructor now.\n")
    call_command("make_instructor", "amara", "--undo", stdout=StringIO())
    student.refresh_from_db()
    assert student.is_instructor is False


def test_make_instructor_command_refuses_guests_and_strangers(guest: User) -> None:
    with pytest.raises(CommandError, match="A guest cannot be an instructor"):
        call_command("make_instructor", guest.username)
    with pytest.raises(CommandError, match="There is nobody called nobody"):
        call_command("make_instructor", "nobody")


def test_end_sessions_signs_one_person_out_everywhere(
    client_of: ClientOf, student: User, other_student: User
) -> None:
    mine, mine_too, others = client_of(student), client_of(student), client_of(other_student)
    assert domain.end_sessions(user=student) == 2
    statuses = [client.get("/accounts/profile/").status_code for client in (mine, mine_too, others)]
    assert statuses == [302, 302, 200]


def test_erase_account_leaves_nothing_of_the_person(
    client_of: ClientOf, student: User, other_student: User
) -> None:
    client = client_of(student)
    for reporter in (student, other_student):
        MistakeReport.objects.create(
            subject="page", address="/", body="I am Amara", reporter=reporter
        )
    AccessAttempt.objects.create(username="amara", failures_since_start=1)
    domain.erase_account(user=student)
    assert client.get("/accounts/profile/").status_code == 302
    assert not User.objects.filter(username="amara").exists()
    assert not AccessAttempt.objects.filter(username="amara").exists()
    assert [report.reporter for report in MistakeReport.objects.all()] == [other_student]
