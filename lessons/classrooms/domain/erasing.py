"""What classes ask of erasing and of a copy of one's data: rules registered with lower apps."""

from typing import Any

from django.utils.translation import gettext as _

from lessons.accounts.domain import forgets, may_erase
from lessons.accounts.models import User
from lessons.classrooms.models import Classroom, Invitation, Membership, MembershipEvent
from lessons.core.domain import every_day
from lessons.guided.export import exports

from .classes import erase_asked_records


def led_alone_by(user: User) -> list[Classroom]:
    """The classes, archived ones too, whose only active instructor this person is."""
    leading = Membership.objects.active().filter(role=Membership.Role.INSTRUCTOR)
    own = leading.filter(user=user).values("classroom")
    shared = leading.exclude(user=user).values("classroom")
    return list(Classroom.objects.filter(pk__in=own).exclude(pk__in=shared).order_by("name"))


@may_erase
def keep_an_instructor(user: User) -> str:
    """A class whose only instructor went would be nobody's, with its students' work in it."""
    classes = led_alone_by(user)
    if not classes:
        return ""
    return _(
        "You are the only instructor of %(classes)s. Make somebody else an instructor there first; "
        "then you can be erased."
    ) % {"classes": ", ".join(map(str, classes))}


@forgets
def forget_invitations(user: User) -> None:
    """Invitations hold a name, an e-mail address and a student number of whoever took them."""
    Invitation.objects.filter(accepted_by=user).delete()


@every_day
def erase_what_was_asked() -> str:
    count = erase_asked_records()
    return _("%(count)s records of students who left their class erased.") % {"count": count}


@exports("classes")
def classes_of(user: User) -> list[dict[str, Any]]:
    """Every class of a person: their place in it, what it notes of them, and its log."""
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
            "log": [_event(event) for event in membership.events.all()],
        }
        for membership in memberships
    ]


def _event(event: MembershipEvent) -> dict[str, str]:
    return {"what": event.what, "detail": event.detail, "when": event.at.isoformat()}
