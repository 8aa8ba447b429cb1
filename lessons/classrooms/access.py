"""Who may do what in a class: strangers get a 404; members who may look but not act, a 403.

Rights come from an active membership alone. The registered rules below tell lower apps who may
enter a delivery that was given out, and what stays withheld while one is not released.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase

from lessons.accounts.models import User
from lessons.core.models import Status
from lessons.guided.access import Grant, gives
from lessons.guided.models import Lesson
from lessons.quizzes.models import Delivery, Quiz
from lessons.quizzes.terms import withholds

from .models import Assignment, Classroom, Membership
from .releases import still_withholds

LARGEST_ID = 2**63 - 1


class May(Enum):
    """What a page of a class lets one do. Each right holds all before it."""

    BELONG = 1
    """Every active member, students too."""
    TEACH = 2
    """See and mark: instructors and assistants."""
    MANAGE = 3
    """Roster, dates, release, overrides and export: instructors only."""


@dataclass(frozen=True)
class InClass:
    """One person in one class, as a view gets it."""

    classroom: Classroom
    membership: Membership

    @property
    def user(self) -> User:
        return self.membership.user

    def may(self, right: May) -> bool:
        role = self.membership.role
        if right is May.BELONG:
            return True
        if right is May.TEACH:
            return role in Membership.STAFF
        return role == Membership.Role.INSTRUCTOR

    @property
    def may_manage(self) -> bool:
        return self.may(May.MANAGE)


ClassView = Callable[..., HttpResponseBase]
"""Called with the request, `here` (InClass), and what else its address holds."""


def in_class(right: May) -> Callable[[ClassView], Callable[..., HttpResponseBase]]:
    """A view of a class: gets `here` (InClass) for the class in the address, or is refused.

    A person without an active membership, a student at a teacher's page: 404, as if there were
    no such page. An assistant at an instructor's page: 403. The wrapper carries `.right`, from
    which the tests generate the matrix of persons and addresses.
    """

    def decorate(view: ClassView) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def wrapped(request: HttpRequest, classroom: int, **kwargs: Any) -> HttpResponseBase:
            if any(isinstance(pk, int) and pk > LARGEST_ID for pk in (classroom, *kwargs.values())):
                raise Http404  # no database could even look for it
            return view(request, membership_or_404(request, classroom, right), **kwargs)

        wrapped.right = right  # type: ignore[attr-defined]
        return wrapped

    return decorate


def membership_or_404(request: HttpRequest, classroom: int, right: May) -> InClass:
    membership = (
        Membership.objects.active()
        .select_related("classroom", "user")
        .filter(classroom=classroom, user=cast("User", request.user))
        .first()
    )
    if membership is None or (right is not May.BELONG and not membership.is_staff):
        raise Http404
    here = InClass(membership.classroom, membership)
    if not here.may(right):
        raise PermissionDenied
    return here


def given_to(memberships: QuerySet[Membership]) -> QuerySet[Assignment]:
    """The assignments, not withdrawn, that are for any of these active memberships."""
    theirs = memberships.filter(classroom=OuterRef("classroom"))
    return Assignment.objects.given().filter(
        Q(is_for_everyone=True) & Exists(theirs)
        | Exists(theirs.filter(groups__assignments=OuterRef("pk")))
        | Exists(theirs.filter(assignments=OuterRef("pk")))
    )


def assignments_of(user: User) -> QuerySet[Assignment]:
    """What a student has been given in the classes they are in now."""
    return given_to(Membership.objects.active().students().filter(user=user))


def lessons_in(assignment: Assignment) -> frozenset[int]:
    """The lessons that can be read in an assignment, by primary key."""
    lessons = Lesson.objects.filter(status=Status.PUBLISHED)
    if assignment.module_id:
        lessons = lessons.filter(module=assignment.module_id)
    elif assignment.lesson_id:
        lessons = lessons.filter(pk=assignment.lesson_id)
    else:
        lessons = lessons.filter(steps__quiz=assignment.quiz_id)
    return frozenset(lessons.values_list("pk", flat=True))


@gives
def enter(user: User, key: str) -> Grant | None:
    """An assigned delivery: for students it was given to, and for the staff of its class."""
    assignment = (
        Assignment.objects.select_related("delivery")
        .filter(delivery__key=key, delivery__kind=Delivery.Kind.ASSIGNED)
        .first()
    )
    if assignment is None:
        return None
    own = Membership.objects.active().filter(classroom=assignment.classroom_id, user=user)
    membership = own.first()
    if membership is None:
        return None
    delivery = assignment.delivery
    if membership.is_staff:
        return Grant(delivery, lessons_in(assignment), is_learner=False)
    if not given_to(own).filter(pk=assignment.pk).exists():
        return None
    exception = delivery.exceptions.filter(learner=user).first()
    opens_at = exception.opens_at if exception and exception.opens_at else delivery.opens_at
    return Grant(delivery, lessons_in(assignment), opens_at=opens_at)


HOLDING = """
SELECT a.delivery_id FROM classrooms_membership m
JOIN classrooms_assignment a ON a.classroom_id = m.classroom_id AND a.withdrawn_at IS NULL
JOIN quizzes_delivery d ON d.id = a.delivery_id
WHERE m.user_id = %(learner)s AND m.status = 'active' AND m.role = 'student'
AND a.delivery_id <> %(here)s AND (%(graded)s OR d.release <> 'at-once')
AND (a.is_for_everyone
  OR EXISTS (SELECT 1 FROM classrooms_assignment_members am
    WHERE am.assignment_id = a.id AND am.membership_id = m.id)
  OR EXISTS (SELECT 1 FROM classrooms_assignment_groups ag
    JOIN classrooms_group_members gm ON gm.group_id = ag.group_id
    WHERE ag.assignment_id = a.id AND gm.membership_id = m.id))
AND (a.quiz_id = %(quiz)s OR EXISTS (SELECT 1 FROM guided_step s
  JOIN guided_lesson l ON l.id = s.lesson_id
  WHERE s.quiz_id = %(quiz)s AND (l.id = a.lesson_id OR l.module_id = a.module_id)))
"""
"""Deliveries of a quiz to a learner that may withhold it. In SQL: every answer asks this
(docs/decisions/0010)."""


@withholds
def is_unreleased_elsewhere(learner: User, quiz: Quiz, delivery: Delivery) -> bool:
    """Whether another delivery of this quiz, given to this learner, has not released its answers.

    Practice that is told at once withholds nothing; a graded quiz does until the learner has
    handed in there, or can no longer do so.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            HOLDING,
            {
                "learner": learner.pk,
                "here": delivery.pk,
                "quiz": quiz.pk,
                "graded": quiz.purpose == Quiz.Purpose.GRADED,
            },
        )
        found = [pk for (pk,) in cursor.fetchall()]
    if not found:
        return False
    return any(still_withholds(one, quiz, learner) for one in Delivery.objects.filter(pk__in=found))
