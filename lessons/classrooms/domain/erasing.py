"""What classes ask of erasing and of a copy of one's data: rules registered with lower apps."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lessons.accounts.domain import forgets, may_erase
from lessons.accounts.models import User
from lessons.classrooms.marking import is_told
from lessons.classrooms.models import (
    CalendarFeed,
    Classroom,
    Excuse,
    GradeEvent,
    GradeOverride,
    Invitation,
    Membership,
    MembershipEvent,
    Notice,
    RegradeRequest,
    ReusableComment,
)
from lessons.core.domain import every_day
from lessons.guided.export import exports
from lessons.quizzes.models import DeliveryException
from lessons.quizzes.terms import answers_released, last_due_of

from .classes import erase_asked_records


def led_alone_by(user: User) -> list[Classroom]:
    """The classes, archived ones too, whose only active instructor this person is."""
    leading = Membership.objects.active().filter(role=Membership.Role.INSTRUCTOR)
    own = leading.filter(user=user).values("classroom")
    shared = leading.exclude(user=user).filter(classroom=OuterRef("pk"))
    return list(Classroom.objects.filter(~Exists(shared), pk__in=own).order_by("name"))


@may_erase
def keep_an_instructor(user: User) -> str:
    """A class whose only instructor went would be nobody's, with its students' work in it.

    While it is done, not merely asked, the person's classes are locked: the last two instructors
    cannot go at once, and nobody is given work who is gone when it is stored.
    """
    if connection.in_atomic_block:
        own = Classroom.objects.filter(memberships__user=user).order_by("pk")
        list(own.select_for_update(of=("self",), no_key=True))
    classes = led_alone_by(user)
    if not classes:
        return ""
    return _(
        "You are the only instructor of %(classes)s. Make somebody else an instructor there first; "
        "then you can be erased."
    ) % {"classes": ", ".join(map(str, classes))}


@forgets
def forget_invitations(user: User) -> None:
    """Invitations hold a name, an e-mail address and a student number of whoever took them.

    Those sent to the person's address and not taken go too.
    """
    own = Q(accepted_by=user)
    if user.email:
        own |= Q(email__iexact=user.email)
    Invitation.objects.filter(own).delete()


@every_day
def erase_what_was_asked() -> str:
    count = erase_asked_records()
    return _("%(count)s records of students who left their class erased.") % {"count": count}


@exports("classes")
def classes_of(user: User) -> list[dict[str, Any]]:
    """Every class of a person: their place in it, what it notes of them, and its log.

    Before marks are released a copy tells no more of them than a page does.
    """
    memberships = (
        Membership.objects.filter(user=user)
        .select_related("classroom")
        .prefetch_related("events", "groups")
        .order_by("joined_at")
    )
    return [
        {
            "class": str(membership.classroom),
            "role": membership.role,
            "status": membership.status,
            "name_on_the_roster": membership.roster_name,
            "student_number": membership.student_number,
            "time_multiplier": str(membership.time_multiplier),
            "account_made_by_the_roster": membership.from_roster,
            "groups": [group.name for group in membership.groups.all()],
            "joined": membership.joined_at.isoformat(),
            "ended": membership.ended_at.isoformat() if membership.ended_at else None,
            "erasure_asked": _when(membership.erasure_asked_at),
            "log": [_event(event) for event in membership.events.all()],
            "own_terms": [_own_terms(row) for row in _exceptions_of(membership)],
            "excuses": [
                {"assignment": str(row.assignment), "reason": row.reason, "when": _when(row.at)}
                for row in Excuse.objects.filter(membership=membership).select_related("assignment")
            ],
            "grades_by_hand": [_by_hand(row) for row in _overrides_of(membership)],
            "changes_of_grades": [
                {
                    "assignment": str(row.assignment),
                    "what": row.what,
                    "reason": row.reason,
                    "when": _when(row.at),
                }
                for row in GradeEvent.objects.filter(membership=membership).select_related(
                    "assignment"
                )
            ],
            "requests_for_another_look": [_request(row) for row in _requests_of(membership)],
            "notices": [
                {
                    "assignment": str(row.assignment),
                    "what": row.kind,
                    "detail": row.detail,
                    "when": _when(row.at),
                    "read": _when(row.read_at),
                }
                for row in Notice.objects.filter(
                    user=user, assignment__classroom=membership.classroom_id
                ).select_related("assignment")
            ],
        }
        for membership in memberships
    ]


@exports("invitations")
def invitations_of(user: User) -> list[dict[str, Any]]:
    return [
        {
            "class": str(row.classroom),
            "name": row.name,
            "e_mail": row.email,
            "student_number": row.student_number,
            "accepted": _when(row.accepted_at),
        }
        for row in Invitation.objects.filter(accepted_by=user).select_related("classroom")
    ]


@exports("comments_to_use_again")
def comments_of(user: User) -> list[str]:
    return list(ReusableComment.objects.filter(owner=user).values_list("text", flat=True))


@exports("calendar_address_made")
def calendar_of(user: User) -> str | None:
    feed = CalendarFeed.objects.filter(user=user).first()
    return _when(feed.created_at) if feed else None


def _when(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _exceptions_of(membership: Membership) -> QuerySet[DeliveryException]:
    return DeliveryException.objects.filter(
        learner=membership.user_id, delivery__assignment__classroom=membership.classroom_id
    ).select_related("delivery__assignment")


def _own_terms(row: DeliveryException) -> dict[str, Any]:
    return {
        "assignment": str(row.delivery.assignment),
        "opens": _when(row.opens_at),
        "due": _when(row.due_at),
        "closes": _when(row.closes_at),
        "attempts": row.attempts_allowed,
        "time_limit_seconds": row.time_limit_seconds,
        "time_multiplier": str(row.time_multiplier) if row.time_multiplier else None,
        "reason": row.reason,
    }


def _overrides_of(membership: Membership) -> QuerySet[GradeOverride]:
    own = GradeOverride.objects.filter(membership=membership)
    return own.select_related("assignment__delivery")


def _by_hand(row: GradeOverride) -> dict[str, Any]:
    delivery = row.assignment.delivery
    told = answers_released(
        delivery, submitted=True, last_due=last_due_of(delivery), moment=timezone.now()
    )
    return {
        "assignment": str(row.assignment),
        "score": str(row.score) if told and row.score is not None else None,
        "reason": row.reason if told else "",
        "when": _when(row.at),
    }


def _requests_of(membership: Membership) -> QuerySet[RegradeRequest]:
    return RegradeRequest.objects.filter(
        assignment__classroom=membership.classroom_id,
        response__item__attempt__learner=membership.user_id,
    ).select_related(
        "assignment",
        "response__item__attempt__delivery",
        "response__item__attempt__quiz",
        "response__item__attempt__learner",
    )


def _request(row: RegradeRequest) -> dict[str, Any]:
    told = is_told(row.response.item.attempt)
    return {
        "assignment": str(row.assignment),
        "why": row.reason,
        "asked": _when(row.asked_at),
        "answered": _when(row.answered_at),
        "outcome": row.state if told else None,
        "reply": row.reply if told else "",
    }


def _event(event: MembershipEvent) -> dict[str, str]:
    return {"what": event.what, "detail": event.detail, "when": event.at.isoformat()}
