"""Classes keep an instructor, codes tell nothing, and changed terms reach who is at work."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from lessons.accounts.models import User
from lessons.classrooms.domain import assignments, classes
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.models import (
    Assignment,
    Classroom,
    GradeOverride,
    Invitation,
    Membership,
    MembershipEvent,
    Notice,
)
from lessons.guided.models import Lesson
from lessons.quizzes.models import Attempt, Quiz
from lessons.quizzes.terms import resolve_terms
from tests.conftest import make_user
from tests.guided.reading import SLUG
from tests.quizzes.working import start

pytestmark = pytest.mark.django_db
Role, Status = Membership.Role, Membership.Status
NOW = timezone.now().replace(microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture
def classroom(instructor: User) -> Classroom:
    return classes.create_class(by=instructor, name="History 10b", term="Spring")


def membership(classroom: Classroom, user: User) -> Membership:
    return Membership.objects.get(classroom=classroom, user=user)


def give(classroom: Classroom, by: User, **fields: Any) -> Assignment:
    lesson = Lesson.objects.get(slug=SLUG)
    return assignments.give_out(classroom=classroom, by=by, what=lesson, title="Read", **fields)


# --- Classes and codes --------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["student", "editor", "guest"])
def test_only_instructors_make_classes(who: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(ClassRefused):
        classes.create_class(by=request.getfixturevalue(who), name="Mine")
    assert not Classroom.objects.exists()


def test_code_is_read_as_people_write_it(classroom: Classroom, student: User) -> None:
    typed = f" {classroom.code[:4].lower()}-{classroom.code[4:]} "
    found = classes.joinable(typed)
    assert found == classroom
    joined = classes.join_class(classroom=classroom, by=student)
    assert (joined.role, joined.status) == (Role.STUDENT, Status.ACTIVE)
    assert classes.join_class(classroom=classroom, by=student) == joined


def test_closed_expired_full_archived_and_old_codes_open_nothing(
    classroom: Classroom, instructor: User, student: User
) -> None:
    code = classroom.code
    closings: list[Any] = [
        {"code_is_open": False},
        {"code_expires_at": NOW - DAY},
        {"places": 0},
        {"archived_at": NOW},
    ]
    for closing in closings:
        with transaction.atomic():
            Classroom.objects.update(**closing)
            assert classes.joinable(code) is None, closing
            transaction.set_rollback(True)
    assert classes.rotate_code(classroom=classroom, by=instructor) != code
    assert classes.joinable(code) is None


def test_guest_and_who_was_removed_do_not_come_in_by_the_code(
    classroom: Classroom, instructor: User, student: User, guest: User
) -> None:
    joined = classes.join_class(classroom=classroom, by=student)
    classes.remove_member(membership=joined, by=instructor)
    for user in (student, guest):
        with pytest.raises(ClassRefused):
            classes.join_class(classroom=classroom, by=user)
    assert classes.take_back(membership=joined, by=instructor).status == Status.ACTIVE
    events = MembershipEvent.objects.filter(membership=joined).order_by("pk")
    assert [event.what for event in events] == ["joined", "removed", "returned"]


def test_class_keeps_one_instructor(classroom: Classroom, instructor: User) -> None:
    own = membership(classroom, instructor)
    for going in (
        lambda: classes.leave_class(membership=own, by=instructor),
        lambda: classes.remove_member(membership=own, by=instructor),
        lambda: classes.change_role(membership=own, role=Role.STUDENT, by=instructor),
    ):
        with pytest.raises(ClassRefused):
            going()
    own.refresh_from_db()
    assert (own.role, own.status) == (Role.INSTRUCTOR, Status.ACTIVE)
    colleague = make_user("colleague", is_instructor=True)
    second = classes.join_class(classroom=classroom, by=colleague)
    classes.change_role(membership=second, role=Role.INSTRUCTOR, by=instructor)
    classes.leave_class(membership=own, by=instructor)
    own.refresh_from_db()
    assert own.status == Status.LEFT


def test_invitation_is_accepted_once(
    classroom: Classroom, instructor: User, student: User, other_student: User
) -> None:
    invitation = Invitation.objects.create(
        classroom=classroom, role=Role.ASSISTANT, name="Amara O.", created_by=instructor
    )
    joined = classes.accept_invitation(invitation=invitation, by=student)
    assert (joined.role, joined.shown_as) == (Role.ASSISTANT, "Amara O.")
    with pytest.raises(ClassRefused):
        classes.accept_invitation(invitation=invitation, by=other_student)
    assert not Membership.objects.filter(user=other_student).exists()


# --- Giving out ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "terms",
    [
        {"opens_at": NOW, "due_at": NOW - DAY},
        {"opens_at": NOW, "closes_at": NOW},
        {"due_at": NOW, "closes_at": NOW - DAY},
        {"late_per_day": Decimal(2)},
        {"gating": "now and then"},
    ],
)
def test_terms_that_cannot_be_are_refused_and_give_nothing(
    terms: dict[str, Any], classroom: Classroom, instructor: User
) -> None:
    with pytest.raises(ClassRefused):
        give(classroom, instructor, terms=terms)
    assert not Assignment.objects.exists()


def test_other_class_s_members_are_refused(classroom: Classroom, instructor: User) -> None:
    other = classes.create_class(by=make_user("another", is_instructor=True), name="Another")
    with pytest.raises(ClassRefused):
        give(classroom, instructor, members=list(other.memberships.all()))
    assert not Assignment.objects.exists()


def test_learners_are_told_of_new_changed_and_released_work(
    classroom: Classroom, instructor: User, student: User
) -> None:
    classes.join_class(classroom=classroom, by=student)
    given = give(classroom, instructor, terms={"release": "by-hand"})
    assignments.change_assignment(assignment=given, by=instructor, title="Read it")
    assignments.change_assignment(assignment=given, by=instructor, terms={"due_at": NOW + DAY})
    assignments.release_answers(assignment=given, by=instructor)
    assignments.release_answers(assignment=given, by=instructor)
    notices = Notice.objects.order_by("pk").values_list("user", "kind", "detail")
    assert list(notices) == [
        (student.pk, "given", ""),
        (student.pk, "changed", "due"),
        (student.pk, "released", ""),
    ]


def test_extension_overrides_field_by_field(
    classroom: Classroom, instructor: User, student: User
) -> None:
    joined = classes.join_class(classroom=classroom, by=student)
    terms = {"due_at": NOW + DAY, "closes_at": NOW + 3 * DAY, "attempts_allowed": 2}
    given = give(classroom, instructor, terms=terms)
    later = NOW + 2 * DAY
    exception = assignments.extend(
        assignment=given, membership=joined, by=instructor, due_at=later, reason="Ill"
    )
    merged = resolve_terms(given.delivery, None, exception)
    assert (merged.due_at, merged.closes_at, merged.attempts_allowed) == (later, NOW + 3 * DAY, 2)
    with pytest.raises(ClassRefused):
        assignments.extend(assignment=given, membership=joined, by=instructor, due_at=NOW + 9 * DAY)


def test_standing_multiplier_reaches_work_given_before_and_after(
    classroom: Classroom, instructor: User, student: User
) -> None:
    joined = classes.join_class(classroom=classroom, by=student)
    before = give(classroom, instructor, terms={"time_limit_seconds": 600})
    classes.set_time_multiplier(membership=joined, multiplier=Decimal("1.5"), by=instructor)
    after = give(classroom, instructor, terms={"time_limit_seconds": 600})
    limits = [
        resolve_terms(given.delivery, None, given.delivery.exceptions.get()).time_limit
        for given in (before, after)
    ]
    assert limits == [timedelta(minutes=15)] * 2
    classes.set_time_multiplier(membership=joined, multiplier=Decimal(1), by=instructor)
    assert before.delivery.exceptions.get().time_multiplier is None


def test_later_close_reaches_an_attempt_that_was_begun(
    classroom: Classroom, instructor: User, student: User
) -> None:
    classes.join_class(classroom=classroom, by=student)
    given = give(classroom, instructor, terms={"closes_at": NOW + DAY})
    start(student, "letter-closing-quiz", delivery=given.delivery)
    assert Attempt.objects.get().deadline == NOW + DAY
    assignments.change_assignment(
        assignment=given, by=instructor, terms={"closes_at": NOW + 2 * DAY}
    )
    assert Attempt.objects.get().deadline == NOW + 2 * DAY


# --- What the database holds --------------------------------------------------------------------


def test_constraints_hold(classroom: Classroom, instructor: User, student: User) -> None:
    joined = classes.join_class(classroom=classroom, by=student)
    given = give(classroom, instructor)
    quiz = Quiz.objects.get(key="letter-closing-quiz")
    breaking = [
        lambda: Membership.objects.create(classroom=classroom, user=student, role=Role.STUDENT),
        lambda: Membership.objects.filter(pk=joined.pk).update(status=Status.LEFT),
        lambda: Membership.objects.filter(pk=joined.pk).update(time_multiplier=Decimal("0.5")),
        lambda: Assignment.objects.filter(pk=given.pk).update(quiz=quiz),
        lambda: GradeOverride.objects.create(
            assignment=given, membership=joined, score=Decimal(2), reason="Too much"
        ),
        lambda: GradeOverride.objects.create(
            assignment=given, membership=joined, score=Decimal(1), reason=""
        ),
    ]
    for breaks in breaking:
        with pytest.raises(IntegrityError), transaction.atomic():
            breaks()
