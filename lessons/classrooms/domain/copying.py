"""A class for a new term: the work again, without its dates and without its learners."""

from django.db import transaction
from django.utils.translation import gettext as _

from lessons.accounts.models import User
from lessons.classrooms.models import Assignment, Classroom, Group
from lessons.guided.models import DeliveryStep, Lesson, Module
from lessons.quizzes.models import DeliveryItem, Question, Quiz

from .assignments import TERMS, Plan, give_out
from .classes import create_class
from .refusals import ClassRefused

DATES = ("opens_at", "due_at", "closes_at")


@transaction.atomic
def copy_class(*, classroom: Classroom, by: User, name: str, term: str) -> Classroom:
    """A new class with `by` as its instructor, the same groups (empty) and the same work.

    Work keeps its terms, chosen steps and questions; its dates are cleared. Work that was given
    to single students, or taken back, is left out. Raises ClassRefused for who may not have one.
    """
    if not by.is_instructor:
        raise ClassRefused(_("Only instructors can create classes."))
    copy = create_class(by=by, name=name, term=term, zone=classroom.zone, places=classroom.places)
    copy.copied_from = classroom
    copy.save(update_fields=["copied_from"])
    groups = {
        group.pk: Group.objects.create(classroom=copy, name=group.name)
        for group in classroom.groups.all()
    }
    given = classroom.assignments.filter(withdrawn_at__isnull=True).order_by("position", "pk")
    for assignment in given.select_related("delivery", "module", "lesson", "quiz"):
        own = [groups[group.pk] for group in assignment.groups.all()]
        if own or assignment.is_for_everyone:
            _give_again(assignment, copy, own, by)
    return copy


def _give_again(assignment: Assignment, copy: Classroom, groups: list[Group], by: User) -> None:
    delivery = assignment.delivery
    give_out(
        classroom=copy,
        by=by,
        what=_what(assignment),
        title=assignment.title,
        instructions=assignment.instructions,
        weight=assignment.weight,
        terms={name: getattr(delivery, name) for name in TERMS if name not in DATES},
        groups=groups,
        plan=_plan(assignment),
    )


def _what(assignment: Assignment) -> Module | Lesson | Quiz:
    what = assignment.module or assignment.lesson or assignment.quiz
    assert what is not None  # noqa: S101  # the database holds assignment_gives_one_thing
    return what


def _plan(assignment: Assignment) -> Plan | None:
    """The steps and questions chosen for this assignment; None where it is given as it stands."""
    delivery = assignment.delivery_id
    steps = DeliveryStep.objects.filter(delivery=delivery).order_by("position")
    items = DeliveryItem.objects.filter(delivery=delivery).order_by("quiz", "position")
    questions: dict[Quiz, list[Question]] = {}
    for item in items.select_related("quiz", "question"):
        questions.setdefault(item.quiz, []).append(item.question)
    plan = Plan([row.step for row in steps.select_related("step")], questions)
    return plan if plan.steps or plan.questions else None
