"""Classes, join codes and memberships."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from lessons.accounts.models import User
from lessons.classrooms.models import (
    Classroom,
    Invitation,
    Membership,
    MembershipEvent,
)
from lessons.classrooms.models.classes import new_code

from .assignments import spread_time_multiplier
from .refusals import ClassRefused

What = MembershipEvent.What
Role = Membership.Role
Status = Membership.Status


@transaction.atomic
def create_class(
    *, by: User, name: str, term: str = "", zone: str = "Europe/London", places: int | None = None
) -> Classroom:
    """A new class with `by` as its instructor. Raises ClassRefused for who may not have one."""
    if not by.is_instructor:
        raise ClassRefused(_("Only instructors can create classes."))
    classroom = Classroom(name=name, term=term, zone=zone, places=places)
    classroom.full_clean(exclude=["code"])
    classroom.save()
    _add(classroom, by, Role.INSTRUCTOR, by=by)
    return classroom


@transaction.atomic
def change_class(
    *, classroom: Classroom, by: User, name: str, term: str, zone: str, places: int | None
) -> None:
    """Rename a class or change its term, zone or places. Dates keep their instants."""
    classroom.name, classroom.term, classroom.zone, classroom.places = name, term, zone, places
    classroom.full_clean()
    classroom.save(update_fields=["name", "term", "zone", "places"])


def rotate_code(*, classroom: Classroom, by: User, expires_at: datetime | None = None) -> str:
    """A new join code; the old one is worth nothing from now on."""
    classroom.code, classroom.code_is_open = new_code(), True
    classroom.code_expires_at = expires_at
    classroom.save(update_fields=["code", "code_is_open", "code_expires_at"])
    return classroom.code


def open_code(*, classroom: Classroom, by: User, is_open: bool) -> None:
    classroom.code_is_open = is_open
    classroom.save(update_fields=["code_is_open"])


def archive_class(*, classroom: Classroom, by: User, archived: bool = True) -> None:
    """Put a class away, or take it back. Archived, it takes no one in and gives out no work."""
    classroom.archived_at = timezone.now() if archived else None
    if archived:
        classroom.code_is_open = False
    classroom.save(update_fields=["archived_at", "code_is_open"])


def joinable(code: str, *, moment: datetime | None = None) -> Classroom | None:
    """The class that a code opens now, or None: unknown, closed, expired, archived and full
    codes are not told apart."""
    moment = moment or timezone.now()
    tidy = "".join(sign for sign in code.upper() if sign.isalnum())
    classroom = (
        Classroom.objects.current()
        .filter(code=tidy, code_is_open=True)
        .filter(Q(code_expires_at__isnull=True) | Q(code_expires_at__gt=moment))
        .first()
    )
    if classroom is None or _is_full(classroom):
        return None
    return classroom


def _is_full(classroom: Classroom) -> bool:
    if classroom.places is None:
        return False
    taken = Membership.objects.active().students().filter(classroom=classroom).count()
    return taken >= classroom.places


@transaction.atomic
def join_class(*, classroom: Classroom, by: User, roster_name: str = "") -> Membership:
    """Join as a student by code. Who was removed does not come back by the code.

    Raises ClassRefused for guests (their work would be nobody's), for who was removed and where
    no place is left.
    """
    if by.is_guest:
        raise ClassRefused(_("Make an account or sign in first, so that your work stays yours."))
    Classroom.objects.select_for_update(no_key=True).get(pk=classroom.pk)
    own = Membership.objects.filter(classroom=classroom, user=by).first()
    if own is not None and own.status == Status.ACTIVE:
        return own
    if (own is not None and own.status == Status.REMOVED) or _is_full(classroom):
        raise ClassRefused(_("This code does not open a class. Ask your teacher."))
    if own is not None:
        return _return(own, by=by)
    return _add(classroom, by, Role.STUDENT, by=by, roster_name=roster_name)


@transaction.atomic
def accept_invitation(*, invitation: Invitation, by: User) -> Membership:
    """Take the place that was kept. Raises ClassRefused where it is gone or taken."""
    if by.is_guest:
        raise ClassRefused(_("Make an account or sign in first, so that your work stays yours."))
    now = timezone.now()
    taken = Invitation.objects.filter(
        pk=invitation.pk, accepted_at__isnull=True, withdrawn_at__isnull=True
    ).filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
    classroom = invitation.classroom
    if classroom.archived_at is not None or not taken.update(accepted_by=by, accepted_at=now):
        raise ClassRefused(_("This invitation is not open any more. Ask your teacher."))
    own = Membership.objects.filter(classroom=classroom, user=by).first()
    if own is None:
        return _add(
            classroom,
            by,
            Role(invitation.role),
            by=by,
            roster_name=invitation.name,
            student_number=invitation.student_number,
        )
    if own.status != Status.ACTIVE:
        return _return(own, by=by)
    return own


@transaction.atomic
def leave_class(*, membership: Membership, by: User) -> None:
    """The person goes; their work stays theirs, and the class keeps its record."""
    _end(membership, Status.LEFT, What.LEFT, by)


@transaction.atomic
def remove_member(*, membership: Membership, by: User) -> None:
    _end(membership, Status.REMOVED, What.REMOVED, by)


@transaction.atomic
def take_back(*, membership: Membership, by: User) -> Membership:
    """An instructor lets somebody in again who left or was removed."""
    return _return(membership, by=by)


@transaction.atomic
def change_role(*, membership: Membership, role: str, by: User) -> None:
    """Make a member instructor, assistant or student. The class keeps one active instructor."""
    if role == membership.role:
        return
    if membership.role == Role.INSTRUCTOR:
        _keep_an_instructor(membership)
    was = membership.get_role_display()
    membership.role = Role(role)
    membership.save(update_fields=["role"])
    _note(membership, What.ROLE, by, f"{was} → {membership.get_role_display()}")


@transaction.atomic
def change_roster_entry(
    *, membership: Membership, roster_name: str, student_number: str, by: User
) -> None:
    membership.roster_name, membership.student_number = roster_name, student_number
    membership.save(update_fields=["roster_name", "student_number"])
    _note(membership, What.NAME, by, roster_name)


@transaction.atomic
def set_time_multiplier(*, membership: Membership, multiplier: Decimal, by: User) -> None:
    """The standing share of time this student gets in timed work, now and later."""
    membership.time_multiplier = multiplier
    membership.full_clean()
    membership.save(update_fields=["time_multiplier"])
    _note(membership, What.TIME, by, f"× {multiplier}")
    spread_time_multiplier(membership=membership, by=by)


# --- What the functions above share --------------------------------------------------------


def _add(
    classroom: Classroom,
    user: User,
    role: Role,
    *,
    by: User,
    roster_name: str = "",
    student_number: str = "",
    from_roster: bool = False,
) -> Membership:
    membership = Membership.objects.create(
        classroom=classroom,
        user=user,
        role=role,
        roster_name=roster_name,
        student_number=student_number,
        from_roster=from_roster,
    )
    _note(membership, What.JOINED, by)
    return membership


def _return(membership: Membership, *, by: User) -> Membership:
    membership.status, membership.ended_at = Status.ACTIVE, None
    membership.save(update_fields=["status", "ended_at"])
    _note(membership, What.RETURNED, by)
    spread_time_multiplier(membership=membership, by=by)
    return membership


def _end(membership: Membership, status: Status, what: What, by: User) -> None:
    if membership.status != Status.ACTIVE:
        return
    if membership.role == Role.INSTRUCTOR:
        _keep_an_instructor(membership)
    membership.status, membership.ended_at = status, timezone.now()
    membership.save(update_fields=["status", "ended_at"])
    _note(membership, what, by)


def _keep_an_instructor(membership: Membership) -> None:
    """Raises ClassRefused where this is the last active instructor of the class.

    The class's row is locked, so that two instructors cannot leave each other at once.
    """
    Classroom.objects.select_for_update(no_key=True).get(pk=membership.classroom_id)
    others = Membership.objects.active().filter(
        classroom=membership.classroom_id, role=Role.INSTRUCTOR
    )
    if not others.exclude(pk=membership.pk).exists():
        raise ClassRefused(_("A class needs an instructor. Make somebody else one first."))


def _note(membership: Membership, what: What, by: User, detail: str = "") -> None:
    MembershipEvent.objects.create(membership=membership, what=what, by=by, detail=detail[:200])
