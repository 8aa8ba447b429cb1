"""Classes, join codes and memberships."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lessons.accounts import domain as accounts
from lessons.accounts.models import User
from lessons.classrooms.models import (
    Classroom,
    Invitation,
    Membership,
    MembershipEvent,
    Notice,
)
from lessons.classrooms.models.classes import new_code
from lessons.guided.domain import erase_work_in
from lessons.quizzes.models import Delivery

from .assignments import spread_time_multiplier
from .refusals import ClassRefused

CODE_OPENS_NOTHING = gettext_lazy("This code does not open a class. Ask your teacher.")
INVITATION_IS_OVER = gettext_lazy("This invitation is not open any more. Ask your teacher.")
INVITATION_DAYS = 30
ERASURE_DAYS = 14
"""Days between a student's request and the erasing of the class's record of them."""
What = MembershipEvent.What
Role = Membership.Role
Status = Membership.Status
RANK = {Role.STUDENT: 0, Role.ASSISTANT: 1, Role.INSTRUCTOR: 2}


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
    """Open or close the code; raises ClassRefused for an archived class."""
    if is_open and classroom.archived_at is not None:
        raise ClassRefused(_("This class is archived."))
    classroom.code_is_open = is_open
    classroom.save(update_fields=["code_is_open"])


def expire_code(*, classroom: Classroom, by: User, expires_at: datetime | None) -> None:
    """The code opens nothing from `expires_at` on; None: it does not end by itself."""
    classroom.code_expires_at = expires_at
    classroom.save(update_fields=["code_expires_at"])


def archive_class(*, classroom: Classroom, by: User, archived: bool = True) -> None:
    """Put a class away, or take it back. Archived, it takes no one in and gives out no work."""
    classroom.archived_at = timezone.now() if archived else None
    if archived:
        classroom.code_is_open = False
    classroom.save(update_fields=["archived_at", "code_is_open"])


def tidy_code(typed: str) -> str:
    """A code as it is kept: capitals, without the spaces and strokes that people type."""
    return "".join(sign for sign in typed[:40].upper() if sign.isalnum())


def joinable(code: str, *, moment: datetime | None = None) -> Classroom | None:
    """The class that a code opens now, or None: unknown, closed, expired, archived and full
    codes are not told apart, in one query that is the same for all of them."""
    moment = moment or timezone.now()
    taken = (
        Membership.objects.active()
        .students()
        .filter(classroom=OuterRef("pk"))
        .order_by()
        .values("classroom")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return (
        Classroom.objects.current()
        .filter(code=tidy_code(code), code_is_open=True)
        .filter(Q(code_expires_at__isnull=True) | Q(code_expires_at__gt=moment))
        .annotate(taken=Coalesce(Subquery(taken), 0))
        .filter(Q(places__isnull=True) | Q(places__gt=F("taken")))
        .first()
    )


@transaction.atomic
def join_class(*, classroom: Classroom, by: User, roster_name: str = "") -> Membership:
    """Join as a student by the code that `classroom` was read with. Who was removed does not come
    back by it; who left comes back as a student, whatever they were.

    Raises ClassRefused for guests (their work would be nobody's), for who was removed, and where
    the code opens the class no more: `joinable`, asked again with the class locked.
    """
    if by.is_guest:
        raise ClassRefused(_("Make an account or sign in first, so that your work stays yours."))
    _lock(classroom.pk)
    own = Membership.objects.filter(classroom=classroom, user=by).first()
    if own is not None and own.status == Status.ACTIVE:
        return own
    is_removed = own is not None and own.status == Status.REMOVED
    if is_removed or joinable(classroom.code) != classroom:
        raise ClassRefused(CODE_OPENS_NOTHING)
    if own is not None:
        own = _return(own, by=by)
        change_role(membership=own, role=Role.STUDENT, by=by)
        return own
    return _add(classroom, by, Role.STUDENT, by=by, roster_name=roster_name)


@transaction.atomic
def invite(
    *, classroom: Classroom, by: User, role: str, name: str = "", email: str = ""
) -> Invitation:
    """Keep a place for whoever gets the link: one person, for INVITATION_DAYS."""
    if classroom.archived_at is not None:
        raise ClassRefused(_("This class is archived."))
    return Invitation.objects.create(
        classroom=classroom,
        role=Role(role),
        name=name,
        email=email,
        created_by=by,
        expires_at=timezone.now() + timedelta(days=INVITATION_DAYS),
    )


def withdraw_invitation(*, invitation: Invitation, by: User) -> None:
    """The link opens nothing any more; one that was accepted stays accepted."""
    Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True).update(
        withdrawn_at=timezone.now()
    )


@transaction.atomic
def accept_invitation(*, invitation: Invitation, by: User) -> Membership:
    """Take the place that was kept; pressed twice, it is taken once.

    Raises ClassRefused where it is gone or somebody else's, and where the person has as good a
    place already (the invitation then stays open for somebody else). Who was removed comes back
    only by an invitation made since.
    """
    if by.is_guest:
        raise ClassRefused(_("Make an account or sign in first, so that your work stays yours."))
    now = timezone.now()
    classroom, role = _lock(invitation.classroom_id), Role(invitation.role)
    own = Membership.objects.filter(classroom=classroom, user=by).first()
    kept = Invitation.objects.filter(pk=invitation.pk)
    if own and own.status == Status.ACTIVE and kept.filter(accepted_by=by).exists():
        return own
    open_still = kept.filter(accepted_at__isnull=True, withdrawn_at__isnull=True).filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    )
    if classroom.archived_at is not None or not open_still.update(accepted_by=by, accepted_at=now):
        raise ClassRefused(INVITATION_IS_OVER)
    _may_be(by, role)
    if own is None:
        return _add(
            classroom,
            by,
            role,
            by=by,
            roster_name=invitation.name,
            student_number=invitation.student_number,
        )
    if own.status == Status.ACTIVE and RANK[role] <= RANK[Role(own.role)]:
        raise ClassRefused(_("You are in this class already."))
    if own.status == Status.REMOVED and own.ended_at and own.ended_at > invitation.created_at:
        raise ClassRefused(INVITATION_IS_OVER)
    if own.status != Status.ACTIVE:
        own = _return(own, by=by)
    change_role(membership=own, role=role, by=by)
    return own


@transaction.atomic
def leave_class(*, membership: Membership, by: User) -> None:
    """The person goes; their work stays theirs, and the class keeps its record."""
    _end(membership, Status.LEFT, What.LEFT, by)


@transaction.atomic
def ask_erasure(*, membership: Membership, by: User, asked: bool = True) -> None:
    """A student who left asks that the class's record be erased, or takes the request back.

    Raises ClassRefused for who is still in the class, and for its staff.
    """
    _read_again(membership)
    if membership.status == Status.ACTIVE or membership.is_staff:
        raise ClassRefused(_("Leave the class first."))
    if asked == (membership.erasure_asked_at is not None):
        return
    membership.erasure_asked_at = timezone.now() if asked else None
    membership.save(update_fields=["erasure_asked_at"])
    _note(membership, What.ERASURE, by, _("asked for") if asked else _("taken back"))


def erased_on(membership: Membership) -> datetime | None:
    """When the class's record of somebody who asked for it goes; None where nobody asked."""
    asked_at = membership.erasure_asked_at
    return asked_at + timedelta(days=ERASURE_DAYS) if asked_at else None


def erase_record(*, membership: Membership) -> None:
    """Erase what a student did in one class's work and what the class noted of them.

    Self-study and other classes stay. First answers stay as counts without a name.
    """
    deliveries = Delivery.objects.filter(assignment__classroom=membership.classroom_id)
    with transaction.atomic():
        erase_work_in(learner=membership.user, deliveries=deliveries)
        Notice.objects.filter(
            user=membership.user, assignment__classroom=membership.classroom_id
        ).delete()
        Invitation.objects.filter(
            classroom=membership.classroom_id, accepted_by=membership.user
        ).delete()
        membership.delete()


def erase_asked_records(*, moment: datetime | None = None) -> int:
    """Erase the records whose students asked for it ERASURE_DAYS ago; returns how many."""
    asked_before = (moment or timezone.now()) - timedelta(days=ERASURE_DAYS)
    due = Membership.objects.filter(erasure_asked_at__lte=asked_before).select_related("user")
    count = 0
    for membership in due.iterator():
        erase_record(membership=membership)
        count += 1
    return count


@transaction.atomic
def remove_member(*, membership: Membership, by: User) -> None:
    _end(membership, Status.REMOVED, What.REMOVED, by)


@transaction.atomic
def take_back(*, membership: Membership, by: User) -> Membership:
    """An instructor lets somebody in again who left or was removed, as what they were.

    Raises ClassRefused for an archived class, and for an instructor who may not be one any more.
    """
    if membership.classroom.archived_at is not None:
        raise ClassRefused(_("This class is archived."))
    _read_again(membership)
    if membership.status == Status.ACTIVE:
        return membership
    _may_be(membership.user, Role(membership.role))
    return _return(membership, by=by)


@transaction.atomic
def change_role(*, membership: Membership, role: str, by: User) -> None:
    """Make a member instructor, assistant or student. The class keeps one active instructor.

    Raises ClassRefused where it would lose its last, and for an instructor whose account is none.
    """
    _read_again(membership)
    if role == membership.role:
        return
    _may_be(membership.user, Role(role))
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
def unlock_sign_in(*, membership: Membership, by: User) -> None:
    """Open a name that too many wrong passwords locked."""
    accounts.unlock(user=membership.user)
    _note(membership, What.UNLOCKED, by)


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
    membership.erasure_asked_at = None
    membership.save(update_fields=["status", "ended_at", "erasure_asked_at"])
    _note(membership, What.RETURNED, by)
    spread_time_multiplier(membership=membership, by=by)
    return membership


def _may_be(user: User, role: Role) -> None:
    """Raises ClassRefused: nobody becomes an instructor by a class, only by an administrator."""
    if role == Role.INSTRUCTOR and not user.is_instructor:
        raise ClassRefused(
            _(
                "Only somebody with an instructor's account can be an instructor of a class. "
                "Whoever runs this site can make it one."
            ),
            field="role",
        )


def _end(membership: Membership, status: Status, what: What, by: User) -> None:
    _read_again(membership)
    if membership.status != Status.ACTIVE:
        return
    if membership.role == Role.INSTRUCTOR:
        _keep_an_instructor(membership)
    membership.status, membership.ended_at = status, timezone.now()
    membership.save(update_fields=["status", "ended_at"])
    _note(membership, what, by)


def _lock(classroom: int) -> Classroom:
    """The class as it is now. Whoever comes, goes or changes roles in it waits for each other."""
    return Classroom.objects.select_for_update(no_key=True).get(pk=classroom)


def _read_again(membership: Membership) -> None:
    """Lock the class and read how the membership stands: since the page was drawn it may have
    ended, or become that of the only instructor."""
    _lock(membership.classroom_id)
    membership.refresh_from_db(fields=["role", "status", "ended_at", "erasure_asked_at"])


def _keep_an_instructor(membership: Membership) -> None:
    """Raises ClassRefused where this is the last active instructor of the class."""
    others = Membership.objects.active().filter(
        classroom=membership.classroom_id, role=Role.INSTRUCTOR
    )
    if not others.exclude(pk=membership.pk).exists():
        raise ClassRefused(_("A class needs an instructor. Make somebody else one first."))


def _note(membership: Membership, what: What, by: User, detail: str = "") -> None:
    MembershipEvent.objects.create(membership=membership, what=what, by=by, detail=detail[:200])
