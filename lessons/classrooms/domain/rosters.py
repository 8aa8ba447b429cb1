"""A roster: what each row of a list will do, and doing all of it or nothing.

A row with an e-mail address always makes an invitation, whether or not somebody has an account of
that address: the list tells nothing about people who are not in the class. A row without one makes
a new account. No row attaches an account that exists.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lessons.accounts.models import User
from lessons.classrooms.models import Classroom, Invitation, Membership, MembershipEvent
from lessons.classrooms.naming import username_for
from lessons.classrooms.roster_text import RosterRow, name_key

from .classes import INVITATION_DAYS
from .passwords import hashed, one_time_password, set_by
from .refusals import ClassRefused

TRIES = 5


class Fate(Enum):
    """What becomes of one row."""

    ACCOUNT = "account"
    INVITATION = "invitation"
    SKIPPED = "skipped"
    PROBLEM = "problem"


@dataclass(frozen=True)
class PlannedRow:
    row: RosterRow
    fate: Fate
    why: str = ""


@dataclass(frozen=True)
class RosterPlan:
    """What a list will do to a class as it is now."""

    rows: tuple[PlannedRow, ...]

    def of(self, fate: Fate) -> list[RosterRow]:
        return [planned.row for planned in self.rows if planned.fate is fate]

    @property
    def counts(self) -> dict[str, int]:
        return {fate.value: len(self.of(fate)) for fate in Fate}

    @property
    def may_be_done(self) -> bool:
        return not self.of(Fate.PROBLEM) and bool(self.of(Fate.ACCOUNT) or self.of(Fate.INVITATION))

    @property
    def digest(self) -> str:
        """Of what will be done: a plan that was looked at is done, or none is."""
        parts = [f"{p.fate.value}\t{p.row.name}\t{p.row.email}\t{p.row.number}" for p in self.rows]
        return sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True)
class Slip:
    """What one student is handed; the password is kept nowhere."""

    name: str
    username: str
    password: str


@dataclass(frozen=True)
class Enrolled:
    slips: list[Slip]
    invitations: list[Invitation]


@dataclass(frozen=True)
class _Known:
    """Somebody the class knows already, and how to say so."""

    name: str
    number: str
    words: str


def plan_roster(*, classroom: Classroom, rows: Sequence[RosterRow]) -> RosterPlan:
    """Row by row what will happen; two queries, and nothing is written."""
    known = _known_people(classroom)
    by_name: dict[str, list[_Known]] = {}
    by_number: dict[str, list[_Known]] = {}
    for person in known:
        _remember(person, by_name, by_number)
    invited = _invited_addresses(classroom)
    planned = []
    for row in rows:
        one = _fate(row, by_name, by_number, invited)
        planned.append(one)
        if one.fate in (Fate.ACCOUNT, Fate.INVITATION):
            words = _("the same as line %(line)s") % {"line": row.line}
            _remember(_Known(row.name, row.number, words), by_name, by_number)
            if row.email:
                invited[row.email.casefold()] = words
    return RosterPlan(tuple(planned))


def enrol_roster(
    *, classroom: Classroom, by: User, rows: Sequence[RosterRow], digest: str
) -> Enrolled:
    """Do what the plan of this digest said: every row of it, or nothing.

    Raises ClassRefused where the class has changed since, or is archived.
    """
    # Before the transaction: hashing takes its time, and nobody else could write meanwhile.
    new = plan_roster(classroom=classroom, rows=rows).of(Fate.ACCOUNT)
    passwords = [one_time_password() for _row in new]
    hashes = hashed(passwords)
    with transaction.atomic():
        Classroom.objects.select_for_update(no_key=True).get(pk=classroom.pk)
        plan = plan_roster(classroom=classroom, rows=rows)
        if plan.digest != digest or plan.of(Fate.ACCOUNT) != new:
            raise ClassRefused(_("The class has changed since. Look through the list once more."))
        if classroom.archived_at is not None or not plan.may_be_done:
            raise ClassRefused(_("This list cannot be taken in as it is."))
        users = _make_users(new, hashes, set_by(by, classroom))
        _make_members(classroom, by, new, users)
        invitations = _make_invitations(classroom, by, plan.of(Fate.INVITATION))
    slips = [
        Slip(row.name, user.username, password)
        for row, user, password in zip(new, users, passwords, strict=True)
    ]
    return Enrolled(slips, invitations)


# --- Planning ------------------------------------------------------------------------------------


def _known_people(classroom: Classroom) -> list[_Known]:
    now = timezone.now()
    found = [
        _Known(
            member.shown_as,
            member.student_number,
            _("is in the class already")
            if member.status == Membership.Status.ACTIVE
            else _("was in the class before: take them back on the page of members"),
        )
        for member in classroom.memberships.select_related("user")
    ]
    words = _("is invited already")
    return found + [
        _Known(name, number, words)
        for name, number in _open_invitations(classroom, now).values_list("name", "student_number")
        if name
    ]


def _invited_addresses(classroom: Classroom) -> dict[str, str]:
    open_now = _open_invitations(classroom, timezone.now()).exclude(email="")
    words = _("is invited already")
    return {email.casefold(): words for email in open_now.values_list("email", flat=True)}


def _open_invitations(classroom: Classroom, now: datetime) -> QuerySet[Invitation]:
    return classroom.invitations.filter(
        accepted_at__isnull=True, withdrawn_at__isnull=True, role=Membership.Role.STUDENT
    ).filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))


def _remember(
    person: _Known, by_name: dict[str, list[_Known]], by_number: dict[str, list[_Known]]
) -> None:
    by_name.setdefault(name_key(person.name), []).append(person)
    if person.number:
        by_number.setdefault(person.number.casefold(), []).append(person)


def _fate(
    row: RosterRow,
    by_name: dict[str, list[_Known]],
    by_number: dict[str, list[_Known]],
    invited: dict[str, str],
) -> PlannedRow:
    if row.problems:
        return PlannedRow(row, Fate.PROBLEM, "; ".join(row.problems))
    if row.email and row.email.casefold() in invited:
        return PlannedRow(row, Fate.SKIPPED, invited[row.email.casefold()])
    for person in by_number.get(row.number.casefold(), []) if row.number else []:
        return PlannedRow(row, Fate.SKIPPED, person.words)
    for person in by_name.get(row.name_key, []):
        if row.is_same_as(person.name, person.number):
            return PlannedRow(row, Fate.SKIPPED, person.words)
    return PlannedRow(row, Fate.INVITATION if row.email else Fate.ACCOUNT)


# --- Writing -------------------------------------------------------------------------------------


def _make_users(rows: Sequence[RosterRow], hashes: Sequence[str], who: str) -> list[User]:
    """New accounts; of user names that are taken meanwhile others are drawn."""
    for _try in range(TRIES):
        names = _free_names(rows)
        users = [
            User(username=name, display_name=row.name[:80], password=own, password_set_by=who)
            for name, row, own in zip(names, rows, hashes, strict=True)
        ]
        try:
            with transaction.atomic():
                return User.objects.bulk_create(users)
        except IntegrityError:
            continue
    raise ClassRefused(_("No free user names were found. Please try again."))


def _free_names(rows: Sequence[RosterRow]) -> list[str]:
    """A user name for every row, none of them taken and none twice; in a few queries."""
    names: list[str] = [""] * len(rows)
    chosen: set[str] = set()
    missing = list(range(len(rows)))
    digits = 3
    while missing:
        drawn = {index: username_for(rows[index].name, digits=digits) for index in missing}
        taken = _taken(drawn.values())
        for index, name in drawn.items():
            if name not in taken and name not in chosen:
                names[index] = name
                chosen.add(name)
        missing = [index for index in missing if not names[index]]
        digits += 1  # there may be more of one name than three digits tell apart
    return names


def _taken(names: Iterable[str]) -> set[str]:
    """Those of the names that accounts have; asked in parts, for SQLite's bound variables."""
    wanted = list(names)
    found: set[str] = set()
    for start in range(0, len(wanted), 500):
        part = User.objects.filter(username__in=wanted[start : start + 500])
        found.update(part.values_list("username", flat=True))
    return found


def _make_members(
    classroom: Classroom, by: User, rows: Sequence[RosterRow], users: Sequence[User]
) -> None:
    members = Membership.objects.bulk_create(
        Membership(
            classroom=classroom,
            user=user,
            role=Membership.Role.STUDENT,
            roster_name=row.name,
            student_number=row.number,
            from_roster=True,
        )
        for row, user in zip(rows, users, strict=True)
    )
    MembershipEvent.objects.bulk_create(
        MembershipEvent(
            membership=member, what=MembershipEvent.What.JOINED, by=by, detail=_("by the roster")
        )
        for member in members
    )


def _make_invitations(
    classroom: Classroom, by: User, rows: Sequence[RosterRow]
) -> list[Invitation]:
    return Invitation.objects.bulk_create(
        Invitation(
            classroom=classroom,
            role=Membership.Role.STUDENT,
            name=row.name,
            email=row.email,
            student_number=row.number,
            created_by=by,
            expires_at=timezone.now() + timedelta(days=INVITATION_DAYS),
        )
        for row in rows
    )
