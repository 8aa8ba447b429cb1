"""Classes, members, groups, the code's page and copies, as instructors meet them."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lessons.accounts.models import User
from lessons.classrooms.domain import assignments, classes, copying, groups
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.models import Classroom, Membership
from lessons.guided.models import DeliveryStep, Lesson, Step
from lessons.quizzes.models import Quiz
from tests.conftest import ClientOf, make_user

from .making import Role, add_member, make_cast, make_class

pytestmark = pytest.mark.django_db


@pytest.fixture
def classroom(instructor: User) -> Classroom:
    return make_class(instructor)


def at(name: str, classroom: Classroom, *rest: int) -> str:
    return reverse(f"classrooms:{name}", args=[classroom.pk, *rest])


# --- Classes -------------------------------------------------------------------------------------


def test_an_instructor_makes_a_class(instructor: User, instructor_client: Client) -> None:
    assert "You have no class yet" in instructor_client.get("/classes/").content.decode()
    answer = instructor_client.post(
        "/classes/new/",
        {"name": "History 10b", "term": "Autumn", "zone": "Asia/Karachi", "places": "30"},
    )
    classroom = Classroom.objects.get()
    assert answer["Location"] == at("code", classroom)
    assert (classroom.name, classroom.term, classroom.zone, classroom.places) == (
        "History 10b",
        "Autumn",
        "Asia/Karachi",
        30,
    )
    membership = Membership.objects.get(classroom=classroom)
    assert (membership.user, membership.role) == (instructor, "instructor")


def test_nobody_else_makes_one(student_client: Client, editor_client: Client) -> None:
    for client in (student_client, editor_client):
        assert client.get("/classes/new/").status_code == 403
        assert client.post("/classes/new/", {"name": "X", "zone": "UTC"}).status_code == 403
    assert not Classroom.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"name": "a\nb"},
        {"name": "a\0"},
        {"zone": "Mars/Olympus"},
        {"zone": "../../etc/passwd"},
        {"places": "0"},
        {"places": "99999999999999999999"},
    ],
)
def test_bad_settings_are_refused(
    classroom: Classroom, instructor_client: Client, fields: dict[str, str]
) -> None:
    good = {"name": "Other", "term": "", "zone": "Europe/Paris", "places": ""}
    answer = instructor_client.post(at("class-settings", classroom), good | fields)
    assert answer.status_code == 422
    assert Classroom.objects.get().name == "History 10b"


def test_settings_are_saved(classroom: Classroom, instructor_client: Client) -> None:
    instructor_client.post(
        at("class-settings", classroom), {"name": "H", "term": "T", "zone": "UTC", "places": "5"}
    )
    saved = Classroom.objects.get()
    assert (saved.name, saved.term, saved.zone, saved.places) == ("H", "T", "UTC", 5)


def test_archiving_closes_and_can_be_undone(
    classroom: Classroom, instructor_client: Client
) -> None:
    instructor_client.post(at("class-archive", classroom))
    archived = Classroom.objects.get()
    assert (archived.archived_at is not None, archived.code_is_open) == (True, False)
    assert classes.joinable(classroom.code) is None
    instructor_client.post(at("code-open", classroom), {"open": "yes"})
    instructor_client.post(at("code-rotate", classroom))
    assert (Classroom.objects.get().code, Classroom.objects.get().code_is_open) == (
        classroom.code,
        False,
    )
    instructor_client.post(at("class-archive", classroom), {"archived": "no"})
    assert Classroom.objects.get().archived_at is None


@pytest.mark.parametrize("number", [1, 3, 30])
def test_my_classes_take_three_queries_however_many(
    instructor: User, instructor_client: Client, number: int
) -> None:
    for n in range(number):
        make_class(instructor, f"Class {n}")
    with CaptureQueriesContext(connection) as queries:
        instructor_client.get("/classes/")
    assert len(queries) == 3  # the session, the reader, the classes


def test_classes_stand_in_the_navigation_of_instructors_only(
    instructor_client: Client, student_client: Client, visitor_client: Client
) -> None:
    link = 'href="/classes/"'
    step = "/lessons/the-letter-and-the-middle-position/headnote/"
    for address in ("/documents/", step):
        assert link in instructor_client.get(address).content.decode()
        assert link not in student_client.get(address).content.decode()
        assert link not in visitor_client.get(address).content.decode()


# --- Copies --------------------------------------------------------------------------------------


def test_a_copy_has_the_work_and_nobody_of_the_learners(
    classroom: Classroom, instructor: User, student: User
) -> None:
    member = add_member(classroom, student)
    red = groups.create_group(classroom=classroom, by=instructor, name="Red", members=[member])
    lesson = Lesson.objects.published().order_by("pk")[0]
    steps = list(Step.objects.filter(lesson=lesson).order_by("-pk"))[:2]
    now = timezone.now()
    terms = {
        "opens_at": now,
        "due_at": now + timedelta(days=1),
        "closes_at": now + timedelta(days=2),
        "attempts_allowed": 2,
        "late_policy": "refused",
        "release": "by-hand",
    }
    common: dict[str, Any] = {"classroom": classroom, "by": instructor, "what": lesson}
    first = assignments.give_out(
        **common,
        title="First",
        terms=terms,
        weight=Decimal("2.5"),
        instructions="Read.",
        groups=[red],
        plan=assignments.Plan(steps=steps),
    )
    assignments.give_out(**common, title="For one", members=[member])
    quiz = Quiz.objects.filter(steps__isnull=False)[0]
    dated = {"release": "after-due", "due_at": timezone.now()}
    assignments.give_out(classroom=classroom, by=instructor, what=quiz, title="Quiz", terms=dated)
    gone = assignments.give_out(**common, title="Taken back")
    assignments.withdraw(assignment=gone, by=instructor)
    assignments.release_answers(assignment=first, by=instructor)

    copy = copying.copy_class(classroom=classroom, by=instructor, name="H", term="Spring")

    assert (copy.copied_from, copy.name, copy.term, copy.zone) == (
        classroom,
        "H",
        "Spring",
        classroom.zone,
    )
    assert copy.code != classroom.code
    assert [(m.user, m.role) for m in copy.memberships.all()] == [(instructor, "instructor")]
    assert [a.title for a in copy.assignments.all()] == ["First", "Quiz"]
    again = copy.assignments.get(title="First")
    assert (again.weight, again.instructions, again.is_for_everyone) == (
        Decimal("2.5"),
        "Read.",
        False,
    )
    assert [(g.name, g.members.count()) for g in again.groups.all()] == [("Red", 0)]
    assert again.delivery_id != first.delivery_id
    delivery = again.delivery
    assert (delivery.opens_at, delivery.due_at, delivery.closes_at, delivery.released_at) == (
        None,
        None,
        None,
        None,
    )
    assert (delivery.attempts_allowed, delivery.late_policy, delivery.release) == (
        2,
        "refused",
        "by-hand",
    )
    chosen = DeliveryStep.objects.filter(delivery=delivery).order_by("position")
    assert [row.step for row in chosen] == steps
    assert delivery.plan == 1
    quiz_again = copy.assignments.get(title="Quiz")
    assert quiz_again.is_for_everyone
    # No date is left to wait for, so the answers wait for the instructor's word.
    assert (quiz_again.delivery.due_at, quiz_again.delivery.release) == (None, "by-hand")


def test_an_instructor_without_the_role_makes_no_copy(
    classroom: Classroom, instructor: User
) -> None:
    instructor.is_instructor = False
    instructor.save()
    with pytest.raises(ClassRefused):
        copying.copy_class(classroom=classroom, by=instructor, name="H", term="")
    assert Classroom.objects.count() == 1


def test_the_page_copies(classroom: Classroom, instructor_client: Client) -> None:
    answer = instructor_client.post(at("class-copy", classroom), {"name": "H", "term": "Spring"})
    copy = Classroom.objects.get(copied_from=classroom)
    assert answer["Location"] == at("class-settings", copy)


# --- The code ------------------------------------------------------------------------------------


def test_the_page_for_the_wall_counts_who_has_joined(
    classroom: Classroom, instructor_client: Client, student: User
) -> None:
    page = instructor_client.get(at("code", classroom)).content.decode()
    half = classroom.code[:4]
    assert f"<b>{half}</b> <b>{classroom.code[4:]}</b>" in page
    assert f"http://testserver/join/{classroom.code}/" in page
    assert "<svg" in page
    assert "style=" not in page
    poll = f"{at('code', classroom)}?seen=0"
    assert f'hx-get="{poll}"' in page
    htmx = {"HX-Request": "true"}
    with CaptureQueriesContext(connection) as queries:
        assert instructor_client.get(poll, headers=htmx).status_code == 204
    assert len(queries) == 4
    add_member(classroom, student)
    fragment = instructor_client.get(poll, headers=htmx)
    assert fragment.status_code == 200
    assert "<b>1</b> student is in this class" in fragment.content.decode()
    assert "<html" not in fragment.content.decode()
    paused = instructor_client.get(f"{at('code', classroom)}?paused=yes").content.decode()
    assert "hx-get" not in paused.partition("<main")[2]


def test_the_code_is_rotated_closed_and_opened(
    classroom: Classroom, instructor_client: Client
) -> None:
    instructor_client.post(at("code-rotate", classroom))
    new = Classroom.objects.get().code
    assert new != classroom.code
    assert (classes.joinable(classroom.code), classes.joinable(new)) == (None, classroom)
    instructor_client.post(at("code-open", classroom), {"open": "no"})
    assert classes.joinable(new) is None
    assert "<svg" not in instructor_client.get(at("code", classroom)).content.decode()
    instructor_client.post(at("code-open", classroom), {"open": "yes"})
    assert classes.joinable(new) == classroom


def test_the_end_of_a_code_is_typed_in_the_classs_zone(
    instructor: User, instructor_client: Client
) -> None:
    classroom = make_class(instructor, zone="Asia/Karachi")
    instructor_client.post(at("code-expiry", classroom), {"expires_at": "2030-05-01T09:30"})
    assert Classroom.objects.get().code_expires_at == datetime(2030, 5, 1, 4, 30, tzinfo=UTC)
    page = instructor_client.get(at("code", classroom)).content.decode()
    assert 'value="2030-05-01T09:30"' in page
    assert "Asia/Karachi" in page
    before = datetime(2030, 5, 1, 4, 29, tzinfo=UTC)
    assert classes.joinable(classroom.code, moment=before) == classroom
    assert classes.joinable(classroom.code, moment=before + timedelta(minutes=1)) is None
    instructor_client.post(at("code-expiry", classroom), {"expires_at": ""})
    assert Classroom.objects.get().code_expires_at is None


@pytest.mark.parametrize(
    "typed",
    ["soon", "9999-12-31T23:59", "0001-01-01T00:00", "2030-02-30T10:00", "2030-03-31T01:30"],
)
def test_times_that_are_none_are_refused(
    classroom: Classroom, instructor_client: Client, typed: str
) -> None:
    answer = instructor_client.post(at("code-expiry", classroom), {"expires_at": typed})
    assert answer.status_code == 422  # the last falls into the hour that London leaves out
    assert Classroom.objects.get().code_expires_at is None


# --- Members -------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3, 30])
def test_the_list_takes_eight_queries_however_many(
    classroom: Classroom, instructor: User, instructor_client: Client, number: int
) -> None:
    for n in range(number):
        member = add_member(classroom, make_user(f"learner-{n}"))
        classes.invite(classroom=classroom, by=instructor, role=Role.STUDENT, name=f"I {n}")
        if n % 2:
            classes.remove_member(membership=member, by=instructor)
    with CaptureQueriesContext(connection) as queries:
        instructor_client.get(at("member-list", classroom))
    assert len(queries) == 8


def test_a_long_list_comes_in_pages(classroom: Classroom, instructor_client: Client) -> None:
    users = User.objects.bulk_create(User(username=f"many-{n:04}") for n in range(150))
    Membership.objects.bulk_create(
        Membership(classroom=classroom, user=user, role="student", roster_name=user.username)
        for user in users
    )
    first = instructor_client.get(at("member-list", classroom)).content.decode()
    assert "151 members" in first
    assert ("many-0098" in first, "many-0099" in first) == (True, False)
    for page, name in (("2", "many-0149"), ("99", "many-0149"), ("last", "many-0000")):
        answer = instructor_client.get(f"{at('member-list', classroom)}?page={page}")
        assert (answer.status_code, name in answer.content.decode()) == (200, True)


def test_the_roster_entry_and_time_are_changed_and_logged(
    classroom: Classroom, instructor: User, instructor_client: Client, student: User
) -> None:
    member = add_member(classroom, student)
    instructor_client.post(
        at("member-entry", classroom, member.pk),
        {"roster_name": "Amara Obi", "student_number": "0012"},
    )
    instructor_client.post(at("member-time", classroom, member.pk), {"time_multiplier": "1.25"})
    member.refresh_from_db()
    assert (member.roster_name, member.student_number, member.time_multiplier) == (
        "Amara Obi",
        "0012",
        Decimal("1.25"),
    )
    log = [(event.what, event.detail, event.by) for event in member.events.all()]
    assert log == [
        ("time", "× 1.25", instructor),
        ("name", "Amara Obi", instructor),
        ("joined", "", student),
    ]
    page = instructor_client.get(at("member", classroom, member.pk)).content.decode()
    assert "× 1.25" in page
    assert "by Ms Okafor" in page


@pytest.mark.parametrize("typed", ["0.5", "11", "1.255", "NaN", "Infinity", "", "1e9999", "×2"])
def test_shares_of_time_that_are_none_are_refused(
    classroom: Classroom, instructor_client: Client, student: User, typed: str
) -> None:
    member = add_member(classroom, student)
    answer = instructor_client.post(
        at("member-time", classroom, member.pk), {"time_multiplier": typed}
    )
    assert answer.status_code == 422
    member.refresh_from_db()
    assert member.time_multiplier == 1


def test_the_last_instructor_stays(
    classroom: Classroom, instructor: User, instructor_client: Client
) -> None:
    own = Membership.objects.get(classroom=classroom, user=instructor)
    answer = instructor_client.post(at("member-role", classroom, own.pk), {"role": "student"})
    assert answer.status_code == 422
    assert "A class needs an instructor" in answer.content.decode()
    instructor_client.post(at("member-remove", classroom, own.pk))
    assert instructor_client.post(at("class-leave", classroom)).status_code == 422
    own.refresh_from_db()
    assert (own.role, own.status) == ("instructor", "active")


def test_a_second_instructor_lets_the_first_go(
    classroom: Classroom, instructor: User, instructor_client: Client
) -> None:
    colleague = make_user("colleague", is_instructor=True)
    member = add_member(classroom, colleague)
    instructor_client.post(at("member-role", classroom, member.pk), {"role": "instructor"})
    assert instructor_client.post(at("class-leave", classroom)).status_code == 302
    assert instructor_client.get(at("member-list", classroom)).status_code == 404


def test_no_form_makes_an_instructor_of_who_is_none(
    classroom: Classroom, instructor_client: Client, student: User
) -> None:
    member = add_member(classroom, student)
    answer = instructor_client.post(at("member-role", classroom, member.pk), {"role": "instructor"})
    assert answer.status_code == 422
    member.refresh_from_db()
    student.refresh_from_db()
    assert (member.role, student.is_instructor) == ("student", False)


def test_who_was_removed_is_out_at_once_and_can_be_taken_back(
    classroom: Classroom, instructor_client: Client, student: User, student_client: Client
) -> None:
    member = add_member(classroom, student)
    assert student_client.get(at("class-leave", classroom)).status_code == 200
    instructor_client.post(at("member-remove", classroom, member.pk))
    assert student_client.get(at("class-leave", classroom)).status_code == 404
    instructor_client.post(at("member-return", classroom, member.pk))
    member.refresh_from_db()
    assert (member.status, member.ended_at) == ("active", None)


def test_an_instructor_opens_a_locked_name(
    classroom: Classroom, instructor_client: Client, student: User
) -> None:
    member = add_member(classroom, student)
    sign_in = reverse("accounts:sign-in")
    for _try in range(10):
        Client().post(sign_in, {"username": "amara", "password": "wrong"})
    right = {"username": "amara", "password": "a long enough pass phrase"}
    assert Client().post(sign_in, right).status_code == 429
    instructor_client.post(at("member-unlock", classroom, member.pk))
    assert Client().post(sign_in, right).status_code == 302
    assert member.events.filter(what="unlocked").count() == 1


def test_an_assistant_sees_and_changes_nothing(client_of: ClientOf) -> None:
    cast = make_cast("here")
    member = cast.membership(cast.student)
    pages = [at(name, cast.classroom) for name in ("member-list", "group-list", "code")]
    pages.append(at("member", cast.classroom, member.pk))

    def seen_by(user: User) -> tuple[int, int]:
        """How many forms, and how often the link that lets somebody in."""
        client = client_of(user)
        html = "".join(client.get(page).content.decode() for page in pages)
        forms = re.findall(r'<form[^>]*action="/classes/[^"]+"', html)
        return len(forms), html.count(cast.invitation.token)

    assert seen_by(cast.assistant) == (0, 0)
    forms, links = seen_by(cast.instructor)
    assert forms > 5
    assert links > 0


def test_names_are_text_and_nothing_else(
    classroom: Classroom, instructor: User, instructor_client: Client, student: User
) -> None:
    evil = "<img src=x onerror=alert(1) hx-get=/admin/>"
    member = add_member(classroom, student)
    classes.change_roster_entry(
        membership=member, roster_name=evil, student_number="=1+1", by=instructor
    )
    groups.create_group(classroom=classroom, by=instructor, name=evil, members=[member])
    classes.invite(classroom=classroom, by=instructor, role=Role.STUDENT, name=evil)
    for address in (
        at("member-list", classroom),
        at("member", classroom, member.pk),
        at("group-list", classroom),
        at("group-new", classroom),
    ):
        html = instructor_client.get(address).content.decode()
        assert "<img" not in html
        assert "&lt;img" in html


# --- Groups --------------------------------------------------------------------------------------


def test_groups_are_made_changed_and_deleted(
    classroom: Classroom, instructor_client: Client, student: User, other_student: User
) -> None:
    one, two = add_member(classroom, student), add_member(classroom, other_student)
    instructor_client.post(at("group-new", classroom), {"name": "Red", "members": [one.pk]})
    group = classroom.groups.get()
    assert (group.name, list(group.members.all())) == ("Red", [one])
    instructor_client.post(at("group", classroom, group.pk), {"name": "Blue", "members": [two.pk]})
    group.refresh_from_db()
    assert (group.name, list(group.members.all())) == ("Blue", [two])
    twice = instructor_client.post(at("group-new", classroom), {"name": "Blue"})
    assert twice.status_code == 422
    assert "has a group of that name" in twice.content.decode()
    instructor_client.post(at("group-delete", classroom, group.pk))
    assert not classroom.groups.exists()
    assert Membership.objects.active().students().filter(classroom=classroom).count() == 2


def test_a_group_takes_nobody_of_another_class(
    classroom: Classroom, instructor: User, instructor_client: Client
) -> None:
    stranger = make_cast("there")
    member = stranger.membership(stranger.student)
    answer = instructor_client.post(
        at("group-new", classroom), {"name": "Red", "members": [member.pk]}
    )
    assert answer.status_code == 422
    with pytest.raises(ClassRefused):
        groups.create_group(classroom=classroom, by=instructor, name="Red", members=[member])
    assert not classroom.groups.exists()


def test_who_left_finds_their_group_again(
    classroom: Classroom, instructor: User, student: User, other_student: User
) -> None:
    one, two = add_member(classroom, student), add_member(classroom, other_student)
    group = groups.create_group(classroom=classroom, by=instructor, name="Red", members=[one, two])
    classes.leave_class(membership=one, by=student)
    groups.change_group(group=group, by=instructor, name="Red", members=[two])
    assert set(group.members.all()) == {one, two}


def test_a_group_with_work_is_kept(
    classroom: Classroom, instructor: User, instructor_client: Client
) -> None:
    group = groups.create_group(classroom=classroom, by=instructor, name="Red")
    lesson = Lesson.objects.published().order_by("pk")[0]
    assignments.give_out(
        classroom=classroom, by=instructor, what=lesson, title="Read", groups=[group]
    )
    with pytest.raises(ClassRefused, match="Read"):
        groups.delete_group(group=group, by=instructor)
    instructor_client.post(at("group-delete", classroom, group.pk))
    assert classroom.groups.exists()


@pytest.mark.parametrize("number", [1, 3, 30])
def test_groups_take_five_queries_however_many(
    classroom: Classroom, instructor: User, instructor_client: Client, number: int
) -> None:
    for n in range(number):
        member = add_member(classroom, make_user(f"learner-{n}"))
        groups.create_group(classroom=classroom, by=instructor, name=f"G {n}", members=[member])
    with CaptureQueriesContext(connection) as queries:
        instructor_client.get(at("group-list", classroom))
    assert len(queries) == 5
