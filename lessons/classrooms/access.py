"""Who may do what in a class: strangers get a 404; members who may look but not act, a 403.

Rights come from an active membership alone. The registered rules below tell lower apps who may
enter a delivery that was given out, and what stays withheld while one is not released.
"""

from collections.abc import Callable, Collection
from copy import copy
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from lessons.accounts.models import User
from lessons.core.models import Status
from lessons.core.rendered import rendered
from lessons.guided.access import Grant, gives
from lessons.guided.given import Given
from lessons.guided.models import DeliveryStep, Lesson
from lessons.quizzes.models import Delivery, DeliveryException, Quiz
from lessons.quizzes.models.deliveries import LatePolicy
from lessons.quizzes.terms import withholds

from .models import Assignment, Classroom, Membership
from .releases import withheld_quizzes

LARGEST_KEY = 2**63 - 1
"""Of a row: a larger number in an address is nothing's, and SQLite would not take it."""


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
            if any(isinstance(n, int) and n > LARGEST_KEY for n in (classroom, *kwargs.values())):
                raise Http404
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


def assignment_or_404(classroom: Classroom, pk: int, *, withdrawn: bool = True) -> Assignment:
    """An assignment of this class; one that was taken back only where `withdrawn` says so."""
    rows = Assignment.objects.all() if withdrawn else Assignment.objects.given()
    rows = rows.select_related("delivery", "module", "lesson", "quiz")
    found = rows.filter(classroom=classroom, pk=pk).first()
    if found is None:
        raise Http404
    found.classroom = classroom
    return found


def student_or_404(classroom: Classroom, pk: int) -> Membership:
    """A student of this class, gone or not: the class keeps its record."""
    students = Membership.objects.students().select_related("user")
    found = students.filter(classroom=classroom, pk=pk).first()
    if found is None:
        raise Http404
    found.classroom = classroom
    return found


def given_to(memberships: QuerySet[Membership]) -> QuerySet[Assignment]:
    """The assignments, not withdrawn, that are for any of these active memberships."""
    theirs = memberships.filter(classroom=OuterRef("classroom"))
    return Assignment.objects.given().filter(
        Q(is_for_everyone=True) & Exists(theirs)
        | Exists(theirs.filter(groups__assignments=OuterRef("pk")))
        | Exists(theirs.filter(assignments=OuterRef("pk")))
    )


def given_in_classes_of(memberships: QuerySet[Membership]) -> QuerySet[Assignment]:
    """The same, where nothing else names the assignments: found from the classes, not by trying
    every assignment there is."""
    return given_to(memberships).filter(classroom__in=memberships.order_by().values("classroom"))


def assignments_of(user: User) -> QuerySet[Assignment]:
    """What a student has been given in the classes they are in now."""
    return given_in_classes_of(Membership.objects.active().students().filter(user=user))


def lessons_in(assignment: Assignment) -> frozenset[int]:
    """The lessons that can be read in an assignment, by primary key.

    A plan of its own that chooses steps leaves out the lessons it takes none from.
    """
    lessons = Lesson.objects.filter(status=Status.PUBLISHED)
    if assignment.module_id:
        lessons = lessons.filter(module=assignment.module_id)
    elif assignment.lesson_id:
        lessons = lessons.filter(pk=assignment.lesson_id)
    else:
        lessons = lessons.filter(steps__quiz=assignment.quiz_id)
    chosen = DeliveryStep.objects.filter(delivery=assignment.delivery_id)
    if assignment.delivery.plan and chosen.exists():
        lessons = lessons.filter(pk__in=chosen.values("step__lesson"))
    return frozenset(lessons.values_list("pk", flat=True))


@gives
def enter(user: User, key: str, version: int) -> Grant | None:
    """An assigned delivery: for students it was given to, and for the staff of its class.

    Three queries, since every page of assigned work asks this.
    """
    assignment = (
        Assignment.objects.select_related("delivery", "classroom")
        .filter(delivery__key=key, delivery__kind=Delivery.Kind.ASSIGNED)
        .first()
    )
    if assignment is None:
        return None
    own = Membership.objects.active().filter(classroom=assignment.classroom_id, user=user)
    is_given = given_to(Membership.objects.filter(pk=OuterRef(OuterRef("pk")))).filter(
        pk=assignment.pk
    )
    membership = own.annotate(is_given=Exists(is_given)).first()
    if membership is None:
        return None
    if membership.is_staff:
        return _grant(assignment, _as_it_will_be(assignment.delivery), version, is_learner=False)
    if not membership.is_given:  # type: ignore[attr-defined]  # annotated above
        return None
    delivery = assignment.delivery
    exception = delivery.exceptions.filter(learner=user).first()
    return _grant(assignment, delivery, version, exception=exception)


def _grant(
    assignment: Assignment,
    delivery: Delivery,
    version: int,
    *,
    exception: DeliveryException | None = None,
    is_learner: bool = True,
) -> Grant:
    # Which lessons are in it changes with content and with plans, and both count the version up.
    lessons = rendered(("lessons given", assignment.pk), version, lambda: lessons_in(assignment))
    given = given_as(
        assignment,
        address=reverse("classrooms:work", args=[delivery.key]),
        exception=exception,
        is_learner=is_learner,
    )
    opens_at = given.terms(delivery).opens_at
    return Grant(delivery, lessons, opens_at=opens_at, is_learner=is_learner, given=given)


def given_as(
    assignment: Assignment,
    *,
    address: str,
    exception: DeliveryException | None = None,
    is_learner: bool = True,
) -> Given:
    """How an assignment is presented to one reader; `address` is theirs of the whole of it."""
    return Given(
        title=assignment.title,
        giver=str(assignment.classroom),
        address=address,
        answers_address=reverse("classrooms:work-answers", args=[assignment.delivery.key]),
        zone=assignment.classroom.tz,
        is_learner=is_learner,
        exception=exception,
    )


def _as_it_will_be(delivery: Delivery) -> Delivery:
    """The delivery for its staff, who try it before it opens and after it closed; never saved."""
    lenient = copy(delivery)
    lenient.opens_at = lenient.closes_at = lenient.attempts_allowed = None
    if lenient.late_policy == LatePolicy.REFUSED:
        lenient.late_policy = LatePolicy.NONE
    return lenient


HOLDING = """
SELECT q.id, a.delivery_id FROM classrooms_membership m
JOIN classrooms_assignment a ON a.classroom_id = m.classroom_id AND a.withdrawn_at IS NULL
JOIN quizzes_delivery d ON d.id = a.delivery_id
JOIN quizzes_quiz q ON q.id IN ({quizzes}) AND (q.purpose = 'graded' OR d.release <> 'at-once')
WHERE m.user_id = %s AND m.status = 'active' AND m.role = 'student'
AND (a.is_for_everyone
  OR EXISTS (SELECT 1 FROM classrooms_assignment_members am
    WHERE am.assignment_id = a.id AND am.membership_id = m.id)
  OR EXISTS (SELECT 1 FROM classrooms_assignment_groups ag
    JOIN classrooms_group_members gm ON gm.group_id = ag.group_id
    WHERE ag.assignment_id = a.id AND gm.membership_id = m.id))
AND (a.quiz_id = q.id OR EXISTS (SELECT 1 FROM guided_step s
  JOIN guided_lesson l ON l.id = s.lesson_id
  WHERE s.quiz_id = q.id AND (l.id = a.lesson_id OR l.module_id = a.module_id)))
AND (d.plan = 0
  OR NOT EXISTS (SELECT 1 FROM guided_deliverystep c WHERE c.delivery_id = d.id)
  OR EXISTS (SELECT 1 FROM guided_deliverystep c JOIN guided_step s ON s.id = c.step_id
    WHERE c.delivery_id = d.id AND s.quiz_id = q.id))
"""
"""Which of some quizzes which deliveries give to a learner and may withhold.

Practice that is told at once withholds nothing, nor does a delivery whose plan leaves the quiz's
step out. In SQL: every answer asks this (docs/decisions/0010).
"""


@withholds
def unreleased_elsewhere(learner: User, quizzes: Collection[Quiz], delivery: Delivery) -> set[int]:
    """The quizzes that another delivery gives to this learner and has not released yet.

    A graded quiz is withheld until the learner has handed it in there, or can no longer do so.
    One query; four more if any is given out and not told at once.
    """
    return unreleased_beyond(learner, quizzes, {delivery.pk})


def unreleased_beyond(
    learner: User, quizzes: Collection[Quiz], deliveries: Collection[int]
) -> set[int]:
    """The same where all but these deliveries are asked, those of archived classes too."""
    if not quizzes:
        return set()
    asked = {quiz.pk: quiz for quiz in quizzes}
    marks = ", ".join(["%s"] * len(asked))
    with connection.cursor() as cursor:
        cursor.execute(HOLDING.format(quizzes=marks), [*asked, learner.pk])
        holding = [row for row in cursor.fetchall() if row[1] not in deliveries]
    if not holding:
        return set()
    given = Delivery.objects.in_bulk({pk for _quiz, pk in holding})
    return withheld_quizzes(learner, [(asked[quiz], given[pk]) for quiz, pk in holding])
