"""Who is put into which group, by command and in the demonstration."""

import pytest
from django.core.management import CommandError, call_command

from lessons.accounts import domain, roles
from lessons.accounts.models import User
from lessons.guided.demo import make_demo_people

pytestmark = pytest.mark.django_db


def standing(user: User) -> tuple[set[str], bool, bool]:
    user = User.objects.get(pk=user.pk)
    return set(user.groups.values_list("name", flat=True)), user.is_staff, user.is_superuser


def test_editors_are_made_and_unmade(student: User) -> None:
    call_command("make_editor", "AMARA", verbosity=0)
    assert standing(student) == ({roles.EDITORS}, True, False)
    call_command("make_editor", "amara", "--admin")
    call_command("make_editor", "amara", "--undo")
    assert standing(student) == ({roles.ADMINISTRATORS}, True, False)
    call_command("make_editor", "amara", "--admin", "--undo")
    assert standing(student) == (set(), False, False)


def test_teachers_are_a_group_without_admin(student: User) -> None:
    call_command("make_instructor", "amara")
    assert standing(student) == ({roles.TEACHERS}, False, False)
    call_command("make_instructor", "amara", "--undo")
    assert standing(student) == (set(), False, False)


def test_a_guest_or_nobody_is_no_editor(guest: User) -> None:
    with pytest.raises(CommandError, match="A guest cannot be an editor"):
        call_command("make_editor", guest.username)
    with pytest.raises(CommandError, match="There is nobody called zoe"):
        call_command("make_editor", "zoe")
    assert standing(guest) == (set(), False, False)


def test_a_superuser_stays_staff_whatever_the_groups(db: None) -> None:
    root = User.objects.create_superuser("root", password="a long enough pass phrase")
    domain.make_editor(user=root)
    domain.make_editor(user=root, granted=False)
    assert standing(root) == (set(), True, True)


def test_the_demonstrations_editor_is_an_editor_and_no_superuser() -> None:
    make_demo_people()
    assert standing(User.objects.get(username="demo-editor")) == ({roles.EDITORS}, True, False)
    teacher = User.objects.get(username="demo-instructor")
    assert teacher.is_instructor
    assert standing(teacher) == ({roles.TEACHERS}, False, False)
