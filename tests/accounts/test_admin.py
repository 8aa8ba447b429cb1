import pytest
from django.test import Client
from django.urls import reverse

from lessons.accounts.models import User
from tests.core.editing import typed
from tests.core.test_admin import root, superuser

__all__ = ["root", "superuser"]
pytestmark = pytest.mark.django_db

PEOPLE = "/admin/accounts/user/"


def listed(client: Client, **query: str) -> list[str]:
    return [user.username for user in client.get(PEOPLE, query).context["cl"].result_list]


def test_guests_are_left_out_unless_asked_for(root: Client, student: User, guest: User) -> None:
    assert listed(root) == ["amara", "root"]
    assert listed(root, guests="only") == ["guest-1"]
    assert listed(root, guests="all") == ["amara", "guest-1", "root"]


def test_people_are_found_by_name(root: Client, student: User) -> None:
    assert listed(root, q="AMARA") == ["amara"]


def test_account_is_made_and_given_a_role(root: Client) -> None:
    page = reverse("admin:accounts_user_add")
    words = {"username": "mr-lee", "usable_password": "true"}
    words |= dict.fromkeys(("password1", "password2"), "nine green kettles sing")
    assert root.post(page, words).status_code == 302
    user = User.objects.get(username="mr-lee")
    change = reverse("admin:accounts_user_change", args=[user.pk])
    answer = root.post(change, typed(root.get(change)) | {"is_instructor": "on"})
    assert answer.status_code == 302
    user.refresh_from_db()
    assert user.is_instructor


def test_account_is_not_deleted_here(root: Client, student: User) -> None:
    page = reverse("admin:accounts_user_delete", args=[student.pk])
    assert root.post(page, {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=student.pk).exists()


def test_editor_sees_no_people(editor_client: Client) -> None:
    assert editor_client.get(PEOPLE).status_code == 403
