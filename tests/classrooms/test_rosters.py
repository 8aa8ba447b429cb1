"""A roster: what the preview says happens, and nothing else does."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lessons.accounts.models import User
from lessons.classrooms.domain import classes, passwords, rosters
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.domain.rosters import Fate
from lessons.classrooms.models import Classroom, Invitation, Membership, MembershipEvent
from lessons.classrooms.roster_text import parse_roster
from tests.conftest import ClientOf, make_user

from .making import add_member, make_class

pytestmark = pytest.mark.django_db

LIST = "Name;Number;E-mail\nAmara Obi;0012;\nZoë Łuk;;zoe@school.example\nОльга;0013;\n"


@pytest.fixture
def classroom(instructor: User) -> Classroom:
    return make_class(instructor)


def plan(classroom: Classroom, text: str) -> list[tuple[Fate, str]]:
    found = rosters.plan_roster(classroom=classroom, rows=parse_roster(text))
    return [(planned.fate, planned.why) for planned in found.rows]


def enrol(classroom: Classroom, by: User, text: str) -> rosters.Enrolled:
    rows = parse_roster(text)
    digest = rosters.plan_roster(classroom=classroom, rows=rows).digest
    return rosters.enrol_roster(classroom=classroom, by=by, rows=rows, digest=digest)


def rows_there() -> tuple[int, ...]:
    return tuple(m.objects.count() for m in (User, Membership, Invitation, MembershipEvent))


# --- What is planned ---------------------------------------------------------------------------


def test_a_row_with_an_address_is_an_invitation_and_one_without_an_account(
    classroom: Classroom,
) -> None:
    assert plan(classroom, LIST) == [(Fate.ACCOUNT, ""), (Fate.INVITATION, ""), (Fate.ACCOUNT, "")]


def test_preview_and_result_are_alike_whether_or_not_the_account_exists(
    classroom: Classroom, instructor: User, instructor_client: Client
) -> None:
    text = "Name;E-mail\nZoë;known@school.example\nBo;other@school.example"
    address = reverse("classrooms:roster", args=[classroom.pk])

    def pages() -> tuple[str, str]:
        preview = instructor_client.post(address, {"text": text}).content.decode()
        digest = re.search(r'name="digest" value="(\w+)"', preview)
        assert digest
        done = instructor_client.post(address, {"text": text, "digest": digest[1]})
        assert [i.email for i in Invitation.objects.order_by("name")] == [
            "other@school.example",
            "known@school.example",
        ]
        Invitation.objects.all().delete()
        return bare(preview), bare(done.content.decode())

    before = pages()
    known = make_user("known", email="known@school.example")
    assert pages() == before
    assert not Membership.objects.filter(user=known).exists()


def bare(html: str) -> str:
    """A page without its tokens."""
    html = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html)
    return re.sub(r"/invitations/[\w-]+|%2Finvitations%2F[\w-]+", "", html)


def test_who_is_known_already_is_left_out_and_it_is_said(
    classroom: Classroom, instructor: User, student: User, other_student: User
) -> None:
    enrol(classroom, instructor, "Name;Number\nAna Sá;1\nBo;2")
    add_member(classroom, student)
    gone = add_member(classroom, other_student)
    classes.remove_member(membership=gone, by=instructor)
    enrol(classroom, instructor, "Name;E-mail\nCy;cy@school.example")
    here = "is in the class already"
    assert plan(
        classroom,
        "Name;Number;E-mail\n"
        "ana sá;;\n"  # the same name
        "Ana Sá;7;\n"  # of the same name, but with another number
        "Anna;1;\n"  # the same number
        "Amara;;\n"  # who joined by code and shows this name
        "Tomasz;;\n"
        "Cyrus;;CY@school.example\n",
    ) == [
        (Fate.SKIPPED, here),
        (Fate.ACCOUNT, ""),
        (Fate.SKIPPED, here),
        (Fate.SKIPPED, here),
        (Fate.SKIPPED, "was in the class before: take them back on the page of members"),
        (Fate.SKIPPED, "is invited already"),
    ]


def test_the_same_row_twice_is_done_once(classroom: Classroom) -> None:
    assert plan(classroom, "Name;Number\nAna;1\nAna;1\nBo;\nbo;\nAna;2") == [
        (Fate.ACCOUNT, ""),
        (Fate.SKIPPED, "the same as line 2"),
        (Fate.ACCOUNT, ""),
        (Fate.SKIPPED, "the same as line 4"),
        (Fate.ACCOUNT, ""),
    ]


@pytest.mark.parametrize("number", [1, 3, 30])
def test_planning_takes_three_queries_however_many(
    classroom: Classroom, instructor: User, number: int
) -> None:
    enrol(classroom, instructor, "\n".join(f"Old{n} Name" for n in range(2, number + 2)))
    rows = parse_roster("Name\n" + "\n".join(f"New{n} Name" for n in range(number)))
    with CaptureQueriesContext(connection) as queries:
        rosters.plan_roster(classroom=classroom, rows=rows)
    assert len(queries) == 3


# --- What is done ------------------------------------------------------------------------------


def test_new_accounts_are_students_with_a_password_to_change(
    classroom: Classroom, instructor: User
) -> None:
    done = enrol(classroom, instructor, LIST)
    assert [slip.name for slip in done.slips] == ["Amara Obi", "Ольга"]
    assert [re.sub(r"\d", "9", slip.username) for slip in done.slips] == [
        "amara.obi.999",
        "olga.999",
    ]
    for slip, number in zip(done.slips, ("0012", "0013"), strict=True):
        user = User.objects.get(username=slip.username)
        assert user.check_password(slip.password)
        assert user.password_set_by == "Ms Okafor for History 10b"
        assert (user.display_name, user.email, user.is_instructor) == (slip.name, "", False)
        membership = Membership.objects.get(user=user, classroom=classroom)
        assert (membership.role, membership.status) == ("student", "active")
        assert (membership.roster_name, membership.student_number) == (slip.name, number)
        assert membership.from_roster
        assert [(e.what, e.by, e.detail) for e in membership.events.all()] == [
            ("joined", instructor, "by the roster")
        ]
    (invitation,) = done.invitations
    assert (invitation.name, invitation.email, invitation.role, invitation.created_by) == (
        "Zoë Łuk",
        "zoe@school.example",
        "student",
        instructor,
    )
    assert invitation.is_open


def test_all_or_nothing(
    classroom: Classroom, instructor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows_there()

    def crash(*args: Any, **kwargs: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(rosters, "_make_invitations", crash)
    with pytest.raises(OSError, match="disk"):
        enrol(classroom, instructor, LIST)
    assert rows_there() == before


def test_one_row_to_mend_stops_the_list(classroom: Classroom, instructor: User) -> None:
    before = rows_there()
    with pytest.raises(ClassRefused):
        enrol(classroom, instructor, LIST + "=x;9;\n")
    assert rows_there() == before


def test_a_list_confirmed_twice_is_done_once(classroom: Classroom, instructor: User) -> None:
    rows = parse_roster(LIST)
    digest = rosters.plan_roster(classroom=classroom, rows=rows).digest
    rosters.enrol_roster(classroom=classroom, by=instructor, rows=rows, digest=digest)
    before = rows_there()
    with pytest.raises(ClassRefused, match="changed since"):
        rosters.enrol_roster(classroom=classroom, by=instructor, rows=rows, digest=digest)
    assert rows_there() == before


def test_an_archived_class_takes_no_list(classroom: Classroom, instructor: User) -> None:
    classes.archive_class(classroom=classroom, by=instructor)
    with pytest.raises(ClassRefused):
        enrol(classroom, instructor, LIST)


def test_user_names_that_are_taken_are_drawn_again(
    classroom: Classroom, instructor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user("ana.222")
    drawn = iter(["ana.222", "ana.333", "ana.333", "ana.444"])
    monkeypatch.setattr(rosters, "username_for", lambda *_name, **_digits: next(drawn))
    done = enrol(classroom, instructor, "Name;Number\nAna;1\nAna;2")
    assert sorted(slip.username for slip in done.slips) == ["ana.333", "ana.444"]


def test_two_thousand_rows_are_taken_in(
    classroom: Classroom, instructor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "make_password", lambda password: f"unusable{password}")
    text = "Name\tNumber\n" + "\n".join(f"Ana Sá\t{n}" for n in range(2000))
    with CaptureQueriesContext(connection) as queries:
        done = enrol(classroom, instructor, text)
    assert len({slip.username for slip in done.slips}) == 2000
    assert Membership.objects.filter(classroom=classroom, from_roster=True).count() == 2000
    assert len(queries) < 200


# --- The pages -----------------------------------------------------------------------------------


def test_nothing_is_saved_before_it_is_confirmed(
    classroom: Classroom, instructor_client: Client
) -> None:
    address = reverse("classrooms:roster", args=[classroom.pk])
    before = rows_there()
    preview = instructor_client.post(address, {"text": LIST})
    assert preview.status_code == 200
    assert rows_there() == before
    html = preview.content.decode()
    assert "Amara Obi" in html
    digest = re.search(r'name="digest" value="(\w+)"', html)
    assert digest
    done = instructor_client.post(address, {"text": LIST, "digest": digest[1]})
    assert done.status_code == 200
    assert done["Cache-Control"] == "no-store, private"
    slips = re.findall(r'class="typed">([^<]+)<', done.content.decode())
    assert len(slips) == 4
    assert User.objects.get(username=slips[0]).check_password(slips[1])
    again = instructor_client.post(address, {"text": LIST, "digest": digest[1]})
    assert again.status_code == 409
    assert 'class="typed"' not in again.content.decode()
    assert "is in the class already" in again.content.decode()


def test_a_file_is_read_and_comes_back_as_text_to_mend(
    classroom: Classroom, instructor_client: Client
) -> None:
    file = SimpleUploadedFile("class.csv", "Name;Number\nZoë;1\n=x;2".encode("utf-16"))
    answer = instructor_client.post(
        reverse("classrooms:roster", args=[classroom.pk]), {"text": "", "file": file}
    )
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "“=x” reads like a formula" in html
    assert "Zoë;1" in html


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"text": "Ana\0"}, 422),
        ({"text": ""}, 422),
        ({"text": "=x"}, 422),
        ({"text": "Ana <b>hx-get</b>"}, 200),
        ({"text": "Ana", "digest": "0" * 64}, 409),
        ({}, 422),
    ],
)
def test_bad_lists_get_a_page(
    classroom: Classroom, instructor_client: Client, data: dict[str, str], status: int
) -> None:
    answer = instructor_client.post(reverse("classrooms:roster", args=[classroom.pk]), data)
    assert answer.status_code == status
    assert "<b>hx-get" not in answer.content.decode()


def test_lost_slips_are_made_anew_for_who_never_signed_in(
    classroom: Classroom, instructor: User, instructor_client: Client, client_of: ClientOf
) -> None:
    first, second = enrol(classroom, instructor, "Ana Sá\nBo Lee").slips
    client = Client()
    client.post(
        reverse("accounts:sign-in"), {"username": first.username, "password": first.password}
    )
    answer = instructor_client.post(reverse("classrooms:slips-new", args=[classroom.pk]))
    slips = re.findall(r'class="typed">([^<]+)<', answer.content.decode())
    assert slips[::2] == [second.username]
    other = User.objects.get(username=second.username)
    assert other.check_password(slips[1])
    assert not other.check_password(second.password)
    assert User.objects.get(username=first.username).check_password(first.password)
