"""Giving out work, changing its terms, extensions and releases; each change is told to learners."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from lessons.accounts.models import User
from lessons.classrooms.models import Assignment, Classroom, Group, Membership, Notice
from lessons.core.models import ContentVersion
from lessons.guided.models import DeliveryStep, Lesson, Module, Step
from lessons.quizzes import domain as quizzes
from lessons.quizzes.models import Delivery, DeliveryException, DeliveryItem, Question, Quiz
from lessons.quizzes.models.deliveries import Gating, LatePolicy, Release

from .notices import tell
from .refusals import ClassRefused

TERMS = (
    "opens_at",
    "due_at",
    "closes_at",
    "attempts_allowed",
    "time_limit_seconds",
    "gating",
    "release",
    "late_policy",
    "late_per_day",
)
"""Fields of a delivery that an instructor sets."""

EXTENDABLE = ("opens_at", "due_at", "closes_at", "attempts_allowed", "time_limit_seconds")
"""Fields that may differ for one learner."""


@dataclass
class Plan:
    """Which steps and questions, in which order; an empty part is left as it stands."""

    steps: Sequence[Step] = ()
    questions: Mapping[Quiz, Sequence[Question]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.steps or self.questions)


@transaction.atomic
def give_out(
    *,
    classroom: Classroom,
    by: User,
    what: Module | Lesson | Quiz,
    title: str,
    terms: Mapping[str, Any] | None = None,
    instructions: str = "",
    weight: Decimal = Decimal(1),
    groups: Iterable[Group] | None = None,
    members: Iterable[Membership] | None = None,
    plan: Plan | None = None,
) -> Assignment:
    """Assign a module, lesson or quiz: to groups or members, or to the class where none are given.

    Raises ClassRefused for dates out of order or an archived class.
    """
    classroom = Classroom.objects.select_for_update(no_key=True).get(pk=classroom.pk)
    if classroom.archived_at is not None:
        raise ClassRefused(_("This class is archived."))
    delivery = Delivery(
        key=f"w-{get_random_string(12, 'abcdefghijkmnpqrstuvwxyz23456789')}",
        kind=Delivery.Kind.ASSIGNED,
        gating=Gating.SOFT,
        release=Release.AT_ONCE,
        late_policy=LatePolicy.NONE,
    )
    _set_terms(delivery, terms or {})
    delivery.save()
    last = classroom.assignments.aggregate(last=Max("position"))["last"] or 0
    assignment = Assignment(
        classroom=classroom,
        delivery=delivery,
        title=title,
        instructions=instructions,
        weight=weight,
        position=last + 1,
        created_by=by,
        module=what if isinstance(what, Module) else None,
        lesson=what if isinstance(what, Lesson) else None,
        quiz=what if isinstance(what, Quiz) else None,
    )
    assignment.full_clean()
    assignment.save()
    _give_to(assignment, groups, members)
    if plan is not None or assignment.quiz is not None:
        _set_plan(assignment, plan or Plan())
    _carry_multipliers(assignment, by=by)
    _tell(assignment, Notice.Kind.GIVEN)
    return assignment


@transaction.atomic
def change_assignment(
    *,
    assignment: Assignment,
    by: User,
    title: str | None = None,
    instructions: str | None = None,
    weight: Decimal | None = None,
    terms: Mapping[str, Any] | None = None,
    groups: Iterable[Group] | None = None,
    members: Iterable[Membership] | None = None,
    for_everyone: bool = False,
    plan: Plan | None = None,
) -> None:
    """Change what is given; what is left out stays. Learners are told where their terms changed.

    An attempt keeps the questions it was begun with; a later deadline reaches open attempts too.
    """
    for name, value in (("title", title), ("instructions", instructions), ("weight", weight)):
        if value is not None:
            setattr(assignment, name, value)
    assignment.full_clean()
    assignment.save(update_fields=["title", "instructions", "weight"])
    if groups is not None or members is not None or for_everyone:
        had = set(learners_of(assignment).values_list("user_id", flat=True))
        _give_to(assignment, groups, members)
        _carry_multipliers(assignment, by=by)
        has = set(learners_of(assignment).values_list("user_id", flat=True))
        tell(assignment=assignment, kind=Notice.Kind.GIVEN, user_ids=has - had)
    delivery = assignment.delivery
    if plan is not None:
        _set_plan(assignment, plan)
    if terms is not None:
        before = {name: getattr(delivery, name) for name in TERMS}
        _set_terms(delivery, terms)
        delivery.save(update_fields=list(TERMS))
        quizzes.renew_deadlines(delivery=delivery)
        changed = [name for name in TERMS if getattr(delivery, name) != before[name]]
        if changed:
            _tell(assignment, Notice.Kind.CHANGED, _what_changed(assignment, changed))


@transaction.atomic
def extend(
    *, assignment: Assignment, membership: Membership, by: User, reason: str = "", **terms: Any
) -> DeliveryException:
    """One student's own terms (EXTENDABLE), field by field over the class's; None: as for all."""
    unknown = set(terms) - set(EXTENDABLE)
    if unknown:
        raise TypeError(f"not extendable: {unknown}")
    rows = _exception(assignment.delivery, membership.user, by)
    rows.update(reason=reason[:200], granted_by=by, **terms)
    exception: DeliveryException = rows.get()
    _check_dates(
        exception.opens_at or assignment.delivery.opens_at,
        exception.due_at or assignment.delivery.due_at,
        exception.closes_at or assignment.delivery.closes_at,
    )
    quizzes.renew_deadlines(delivery=assignment.delivery, learner=membership.user)
    _tell_one(assignment, membership, reason)
    return exception


@transaction.atomic
def take_extension_back(*, assignment: Assignment, membership: Membership, by: User) -> None:
    """The class's terms for this student again; a standing time multiplier stays."""
    rows = assignment.delivery.exceptions.filter(learner=membership.user_id)
    if not rows.exists():
        return
    rows.filter(time_multiplier__isnull=True).delete()
    rows.update(**dict.fromkeys(EXTENDABLE), reason="", granted_by=by)
    quizzes.renew_deadlines(delivery=assignment.delivery, learner=membership.user)
    _tell_one(assignment, membership, _("as for the whole class again"))


@transaction.atomic
def move(*, assignment: Assignment, by: User, up: bool) -> None:
    """One place up or down in the class's list, among those that are not withdrawn."""
    rows = list(
        Assignment.objects.given().filter(classroom=assignment.classroom_id).select_for_update()
    )
    order = [row.pk for row in rows]
    if assignment.pk not in order:
        return
    here = order.index(assignment.pk)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(order):
        return
    rows[here], rows[there] = rows[there], rows[here]
    for position, row in enumerate(rows, start=1):
        row.position = position
    Assignment.objects.bulk_update(rows, ["position"])


def plan_of(assignment: Assignment) -> Plan | None:
    """The assignment's own choice of steps and questions, to give it out again; None: as it is."""
    delivery = assignment.delivery
    if not delivery.plan:
        return None
    chosen = delivery.chosen_steps.select_related("step").order_by("position")
    questions: dict[Quiz, list[Question]] = {}
    for row in delivery.chosen_items.select_related("quiz", "question").order_by("position"):
        questions.setdefault(row.quiz, []).append(row.question)
    return Plan(steps=[row.step for row in chosen], questions=questions)


def copy_assignment(
    *,
    assignment: Assignment,
    classroom: Classroom,
    by: User,
    groups: Iterable[Group] | None = None,
) -> Assignment:
    """The same work for another class: its plan and terms, but no dates and no learners.

    For `groups` of that class, or for all of it where none are given. Answers that waited for a
    due date wait for the instructor's word until a date is set.
    """
    delivery = assignment.delivery
    terms = {
        name: getattr(delivery, name)
        for name in TERMS
        if name not in ("opens_at", "due_at", "closes_at")
    }
    if terms["release"] == Release.AFTER_DUE:
        terms["release"] = Release.BY_HAND
    what = assignment.module or assignment.lesson or assignment.quiz
    if what is None:  # the table's own constraint forbids it
        raise ClassRefused(_("There is nothing to give out."))
    return give_out(
        classroom=classroom,
        by=by,
        what=what,
        title=assignment.title,
        instructions=assignment.instructions,
        weight=assignment.weight,
        terms=terms,
        groups=groups,
        plan=plan_of(assignment),
    )


@transaction.atomic
def withdraw(*, assignment: Assignment, by: User, withdrawn: bool = True) -> None:
    """Take an assignment back, or give it again; what was done in it stays."""
    assignment.withdrawn_at = timezone.now() if withdrawn else None
    assignment.save(update_fields=["withdrawn_at"])


@transaction.atomic
def release_answers(*, assignment: Assignment, by: User) -> None:
    """Release answers and marks by hand; done twice it stays as it was the first time."""
    done = Delivery.objects.filter(pk=assignment.delivery_id, released_at__isnull=True).update(
        released_at=timezone.now()
    )
    if done:
        _tell(assignment, Notice.Kind.RELEASED)


def spread_time_multiplier(*, membership: Membership, by: User) -> None:
    """Carry a student's standing multiplier into every delivery of the class that is given."""
    multiplier = None if membership.time_multiplier == 1 else membership.time_multiplier
    given = Assignment.objects.given().filter(classroom=membership.classroom_id)
    for assignment in given.select_related("delivery"):
        if multiplier is None:
            assignment.delivery.exceptions.filter(learner=membership.user_id).update(
                time_multiplier=None
            )
        else:
            rows = _exception(assignment.delivery, membership.user, by)
            rows.update(time_multiplier=multiplier)


def learners_of(assignment: Assignment) -> QuerySet[Membership]:
    """The active student memberships that an assignment is for."""
    students = Membership.objects.active().students().filter(classroom=assignment.classroom_id)
    if assignment.is_for_everyone:
        return students
    in_group = Group.members.through.objects.filter(
        group__assignments=assignment, membership=OuterRef("pk")
    )
    return students.filter(Q(assignments=assignment) | Exists(in_group)).distinct()


# --- What the functions above share --------------------------------------------------------


def _set_terms(delivery: Delivery, terms: Mapping[str, Any]) -> None:
    unknown = set(terms) - set(TERMS)
    if unknown:
        raise TypeError(f"not terms of a delivery: {unknown}")
    for name, value in terms.items():
        setattr(delivery, name, value)
    _check_dates(delivery.opens_at, delivery.due_at, delivery.closes_at)
    try:
        delivery.clean_fields(exclude=["key"])
    except ValidationError as error:
        raise ClassRefused("; ".join(error.messages)) from None


def _check_dates(
    opens_at: datetime | None, due_at: datetime | None, closes_at: datetime | None
) -> None:
    if opens_at and due_at and due_at <= opens_at:
        raise ClassRefused(_("It must be due after it opens."), field="due_at")
    if opens_at and closes_at and closes_at <= opens_at:
        raise ClassRefused(_("It must close after it opens."), field="closes_at")
    if due_at and closes_at and closes_at < due_at:
        raise ClassRefused(_("It cannot close before it is due."), field="closes_at")


def _give_to(
    assignment: Assignment,
    groups: Iterable[Group] | None,
    members: Iterable[Membership] | None,
) -> None:
    chosen_groups, chosen_members = list(groups or ()), list(members or ())
    of = {group.classroom_id for group in chosen_groups}
    of |= {member.classroom_id for member in chosen_members}
    if of - {assignment.classroom_id}:
        raise ClassRefused(_("That is not a group or member of this class."))
    assignment.is_for_everyone = not (chosen_groups or chosen_members)
    assignment.save(update_fields=["is_for_everyone"])
    assignment.groups.set(chosen_groups)
    assignment.members.set(chosen_members)


def _set_plan(assignment: Assignment, plan: Plan) -> None:
    delivery = assignment.delivery
    if assignment.quiz is not None and not plan.steps:  # alone, it is read at its own steps
        steps = list(Step.objects.filter(quiz=assignment.quiz))
        plan = Plan(steps=steps, questions=plan.questions)
    DeliveryStep.objects.filter(delivery=delivery).delete()
    DeliveryStep.objects.bulk_create(
        DeliveryStep(delivery=delivery, step=step, position=position)
        for position, step in enumerate(plan.steps, start=1)
    )
    DeliveryItem.objects.filter(delivery=delivery).delete()
    DeliveryItem.objects.bulk_create(
        DeliveryItem(delivery=delivery, quiz=quiz, question=question, position=position)
        for quiz, questions in plan.questions.items()
        for position, question in enumerate(questions, start=1)
    )
    Delivery.objects.filter(pk=delivery.pk).update(plan=F("plan") + 1 if plan else 0)
    delivery.refresh_from_db(fields=["plan"])
    ContentVersion.bump()  # what was drawn of the lesson under this delivery is drawn anew


def _exception(delivery: Delivery, learner: User, by: User) -> Any:
    DeliveryException.objects.get_or_create(
        delivery=delivery, learner=learner, defaults={"granted_by": by}
    )
    return DeliveryException.objects.filter(delivery=delivery, learner=learner)


def _carry_multipliers(assignment: Assignment, *, by: User) -> None:
    """The standing time multipliers of those it is for."""
    for membership in learners_of(assignment).exclude(time_multiplier=1).select_related("user"):
        rows = _exception(assignment.delivery, membership.user, by)
        rows.update(time_multiplier=membership.time_multiplier)


def _tell(assignment: Assignment, kind: Notice.Kind, detail: str = "") -> None:
    user_ids = learners_of(assignment).values_list("user_id", flat=True)
    tell(assignment=assignment, kind=kind, user_ids=user_ids, detail=detail)


def _tell_one(assignment: Assignment, membership: Membership, detail: str) -> None:
    kind = Notice.Kind.CHANGED
    tell(assignment=assignment, kind=kind, user_ids=[membership.user_id], detail=detail)


def _what_changed(assignment: Assignment, names: Iterable[str]) -> str:
    fields = {name: Delivery._meta.get_field(name) for name in names}
    return ", ".join(str(getattr(f, "verbose_name", name)) for name, f in fields.items())
