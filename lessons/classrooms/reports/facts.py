"""What every report stands on: whose work counts, which answers count, and when it last changed.

Whose: students who are in the class now and whom the assignment is for. Nobody else: no staff,
no preview (another delivery), nobody who left or was removed. Which: the first answer to each
question in the first attempt of this delivery that was not declared void, but for questions that
are left out of the assignment. A question that was presented and not answered scores 0 once its
attempt is handed in, or can no longer be. What nobody has marked yet, and what a learner marked
alone, counts nowhere.

Everything is asked for by the delivery, whose unique indexes begin with it, so that the cost
depends on the class and never on the rest of the database.
"""

import hashlib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FilteredRelation,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.fields import BooleanField
from django.http import Http404
from django.utils import timezone

from lessons.classrooms.domain.assignments import learners_of
from lessons.classrooms.models import (
    Assignment,
    Classroom,
    Excuse,
    Group,
    Membership,
    MembershipEvent,
    VoidedQuestion,
)
from lessons.core.markdown import to_words
from lessons.core.models import ContentVersion, Status
from lessons.core.rendered import is_kept, rendered
from lessons.guided.models import DeliveryStep, Progress, Step
from lessons.quizzes.kinds import KINDS, kind_of
from lessons.quizzes.models import (
    Attempt,
    AttemptItem,
    Delivery,
    Draft,
    Mark,
    MarkingKey,
    Option,
    Question,
    QuestionRevision,
    Quiz,
)

GRACE = timedelta(seconds=Delivery.GRACE_SECONDS)
READ_BY_PERSON = [name for name, kind in KINDS.items() if not kind.marked_by_machine]
SITTING = timedelta(hours=2)
"""Who last did something longer ago than this before the class's last sign of life has left."""


# --- What was given ---------------------------------------------------------------------------


@dataclass(frozen=True)
class StepFact:
    """One step of an assignment, in the order in which it is read."""

    pk: int
    title: str
    number: int
    """Its place in its lesson, from 1."""
    minutes: int
    quiz: int | None
    is_graded: bool
    lesson: int
    lesson_title: str

    @property
    def asks(self) -> bool:
        return self.quiz is not None


@dataclass(frozen=True)
class Outline:
    """The steps of an assignment as its learners read them."""

    steps: tuple[StepFact, ...]

    @cached_property
    def ids(self) -> list[int]:
        return [step.pk for step in self.steps]

    @cached_property
    def graded_ids(self) -> list[int]:
        return [step.pk for step in self.steps if step.is_graded]

    @cached_property
    def by_id(self) -> dict[int, StepFact]:
        return {step.pk: step for step in self.steps}

    @cached_property
    def step_of_quiz(self) -> dict[int, StepFact]:
        return {step.quiz: step for step in reversed(self.steps) if step.quiz is not None}

    @property
    def lessons(self) -> list[tuple[int, str]]:
        """(id, title) of each lesson, in order."""
        return list(dict.fromkeys((step.lesson, step.lesson_title) for step in self.steps))

    def after(self, step: StepFact, finished: int) -> StepFact:
        """The step after this one, for who has finished so many; the last is followed by itself.

        Who went back to read something again is where they had come to.
        """
        at = max(self.ids.index(step.pk) + 1, finished)
        return self.steps[min(at, len(self.steps) - 1)]


def _step_facts(steps: Iterable[Any], positions: Mapping[int, int]) -> Outline:
    """`positions` is the delivery's own plan, by step; where there is one it holds every step."""
    lessons: dict[int, list[Any]] = {}
    for step in steps:
        lessons.setdefault(step.lesson_id, []).append(step)
    facts = []
    for whole in lessons.values():
        own = [step for step in whole if not positions or step.pk in positions]
        own.sort(key=lambda step: positions.get(step.pk, 0))
        for number, step in enumerate(own, start=1):
            quiz = step.quiz if step.quiz and step.quiz.is_published else None
            facts.append(
                StepFact(
                    pk=step.pk,
                    title=step.title,
                    number=number,
                    minutes=step.minutes,
                    quiz=quiz.pk if quiz else None,
                    is_graded=quiz is not None and quiz.purpose == Quiz.Purpose.GRADED,
                    lesson=step.lesson_id,
                    lesson_title=step.lesson.title,
                )
            )
    return Outline(tuple(facts))


def _steps() -> QuerySet[Step]:
    return (
        Step.objects.filter(lesson__status=Status.PUBLISHED)
        .select_related("lesson", "quiz")
        .order_by("lesson__order", "lesson", "order")
    )


def outline_of(assignment: Assignment, version: int) -> Outline:
    """Its steps in order (one query), kept for the content version and the delivery's plan."""
    delivery = assignment.delivery

    def build() -> Outline:
        chosen = DeliveryStep.objects.filter(delivery=delivery.pk, step=OuterRef("pk"))
        steps = _steps().annotate(place=Subquery(chosen.values("position")[:1]))
        if assignment.module_id:
            steps = steps.filter(lesson__module=assignment.module_id)
        elif assignment.lesson_id:
            steps = steps.filter(lesson=assignment.lesson_id)
        else:
            steps = steps.filter(lesson__steps__quiz=assignment.quiz_id).distinct()
        found = list(steps)
        places = {s.pk: s.place for s in found if s.place is not None} if delivery.plan else {}
        return _step_facts(found, places)

    return rendered(("report outline", assignment.pk, delivery.plan), version, build)


def outlines_of(assignments: Sequence[Assignment]) -> dict[int, Outline]:
    """The outline of each assignment of one class, by primary key, in two queries."""
    lessons = Q(pk__in=[])
    for assignment in assignments:
        if assignment.module_id:
            lessons |= Q(lesson__module=assignment.module_id)
        elif assignment.lesson_id:
            lessons |= Q(lesson=assignment.lesson_id)
        else:
            with_quiz = Step.objects.filter(quiz=assignment.quiz_id).values("lesson")
            lessons |= Q(lesson__in=with_quiz)
    steps = list(_steps().filter(lessons))
    asking: dict[int, set[int]] = {}
    for step in steps:
        if step.quiz_id:
            asking.setdefault(step.quiz_id, set()).add(step.lesson_id)
    places: dict[int, dict[int, int]] = {}
    plans = DeliveryStep.objects.filter(
        delivery__in=[a.delivery_id for a in assignments if a.delivery.plan]
    )
    for delivery, pk, place in plans.values_list("delivery_id", "step_id", "position"):
        places.setdefault(delivery, {})[pk] = place
    return {
        a.pk: _step_facts([s for s in steps if _is_in(s, a, asking)], places.get(a.delivery_id, {}))
        for a in assignments
    }


def _is_in(step: Step, assignment: Assignment, asking: Mapping[int, set[int]]) -> bool:
    if assignment.module_id:
        return step.lesson.module_id == assignment.module_id
    if assignment.lesson_id:
        return step.lesson_id == assignment.lesson_id
    return step.lesson_id in asking.get(assignment.quiz_id or 0, ())


# --- When it last changed ---------------------------------------------------------------------


def _figures(rows: QuerySet[Any], of: str, *figures: Any) -> list[Subquery]:
    """Each figure over the rows of one delivery or class (`of` groups them), as a column."""
    grouped = rows.order_by().values(of)
    return [Subquery(grouped.annotate(found=figure).values("found")) for figure in figures]


def _signs_of_life(moment: datetime, **outer: Any) -> dict[str, Any]:
    """Columns that change with whatever a report of a delivery reads; the first is the last touch.

    Counts and sums stand beside the latest instants and ids: transactions end in another order
    than they begin, and the latest alone would hide one that ended late.
    """
    of = next(iter(outer))
    progress = Progress.objects.filter(**outer)
    attempts = Attempt.objects.filter(**outer)
    items = AttemptItem.objects.filter(**{f"attempt__{of}": outer[of]})
    overdue = Q(submitted_at__isnull=True, deadline__lt=moment - GRACE)
    figures = [
        *_figures(
            progress,
            of,
            Max("touched_at"),
            Count("pk"),
            Count("completed_at"),
            Sum("active_seconds"),
        ),
        *_figures(
            attempts,
            of,
            Count("pk"),
            Count("submitted_at"),
            Count("voided_at"),
            Count("pk", filter=overdue),
        ),
        *_figures(items, f"attempt__{of}", Sum("response"), Sum("mark")),
    ]
    return {f"sign_{number}": figure for number, figure in enumerate(figures)}


def _signs_of_people(classroom: int) -> dict[str, Any]:
    """The same of members, their groups and who was given work; and the content version."""
    events = MembershipEvent.objects.filter(membership__classroom=classroom)
    members = Membership.objects.filter(classroom=classroom)
    figures = [
        *_figures(events, "membership__classroom", Max("pk")),
        *_figures(members, "classroom", Count("pk", filter=Q(status="active"))),
    ]
    for through, of in (
        (Group.members.through, "group__classroom"),
        (Assignment.groups.through, "assignment__classroom"),
        (Assignment.members.through, "assignment__classroom"),
    ):
        rows = through.objects.filter(**{of: classroom})
        figures += _figures(rows, of, Count("pk"), Max("pk"))
    version = Subquery(ContentVersion.objects.values("number")[:1])
    return {f"person_{number}": figure for number, figure in enumerate(figures)} | {
        "person_version": version
    }


def _token(row: Any, *more: Hashable) -> str:
    signs = sorted(name for name in vars(row) if name.startswith(("sign_", "person_")))
    seen = [str(getattr(row, name)) for name in signs]
    return hashlib.sha256("\n".join([*seen, *map(str, more)]).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Board:
    """One assignment of one class at one moment: what all its reports are made from."""

    assignment: Assignment
    moment: datetime
    version: int
    """The content version."""
    last_touch: datetime | None
    """When anybody last did something in it."""
    token: str
    """Changes with every row that a report reads."""
    given_outline: Outline | None = None
    """Where it is known already."""
    left_out: int = 0
    """Questions that do not count in the assignment: they are in no figure."""

    @property
    def delivery(self) -> Delivery:
        return self.assignment.delivery

    @cached_property
    def outline(self) -> Outline:
        return self.given_outline or outline_of(self.assignment, self.version)

    @property
    def is_live(self) -> bool:
        """Whether somebody did something lately, so that who stopped can be told from who left."""
        return self.last_touch is not None and self.moment - self.last_touch <= SITTING


def board_of(classroom: Classroom, assignment: int, *, moment: datetime | None = None) -> Board:
    """The assignment of this class with its token, in one query; Http404 where there is none."""
    moment = moment or timezone.now()
    row: Any = (
        Assignment.objects.select_related("delivery")
        .filter(classroom=classroom, pk=assignment)
        .annotate(**_signs_of_life(moment, delivery=OuterRef("delivery")))
        .annotate(**_signs_of_people(classroom.pk))
        .annotate(
            excuses_given=Subquery(_count_of(Excuse, "assignment", OuterRef("pk"))),
            left_out=Subquery(_figure_left_out(Count("pk"))),
            last_left_out=Subquery(_figure_left_out(Max("pk"))),
        )
        .first()
    )
    if row is None:
        raise Http404
    last_touch: datetime | None = row.sign_0
    left_out = row.left_out or 0
    board = Board(row, moment, row.person_version or 0, last_touch, "", left_out=left_out)
    delivery = row.delivery
    terms = (row.title, row.is_for_everyone, row.withdrawn_at, row.excuses_given, board.is_live)
    dates = (delivery.plan, delivery.opens_at, delivery.due_at, delivery.closes_at)
    return replace(board, token=_token(row, *terms, *dates, left_out, row.last_left_out))


def _figure_left_out(figure: Any) -> Any:
    rows = VoidedQuestion.objects.filter(assignment=OuterRef("pk"), lifted_at__isnull=True)
    return rows.order_by().values("assignment").annotate(found=figure).values("found")


def _count_of(model: Any, of: str, outer: Any) -> Any:
    rows = model.objects.filter(**{of: outer}).order_by()
    return rows.values(of).annotate(found=Count("pk")).values("found")


def class_token(classroom: Classroom, *, moment: datetime) -> tuple[str, int]:
    """What changes with everything the overview of a class shows, and the content version."""
    life = _signs_of_life(moment, delivery__assignment__classroom=OuterRef("pk"))
    terms = Assignment.objects.filter(classroom=OuterRef("pk"))
    row: Any = (
        Classroom.objects.filter(pk=classroom.pk)
        .annotate(**life, **_signs_of_people(classroom.pk))
        .annotate(
            given=Subquery(_count_of(Assignment, "classroom", OuterRef("pk"))),
            taken=Subquery(
                terms.order_by()
                .values("classroom")
                .annotate(found=Count("withdrawn_at"))
                .values("found")
            ),
            excused=Subquery(_count_of(Excuse, "assignment__classroom", OuterRef("pk"))),
            voided=Subquery(_count_of(VoidedQuestion, "assignment__classroom", OuterRef("pk"))),
            lifted=Subquery(
                VoidedQuestion.objects.filter(assignment__classroom=OuterRef("pk"))
                .order_by()
                .values("assignment__classroom")
                .annotate(found=Count("lifted_at"))
                .values("found")
            ),
        )
        .get()
    )
    live = row.sign_0 is not None and moment - row.sign_0 <= SITTING
    given = (row.given, row.taken, row.excused, row.voided, row.lifted)
    return _token(row, *given, live), row.person_version or 0


# --- Whose work counts ------------------------------------------------------------------------


def is_for(assignment: Assignment) -> Q:
    """That a membership of its class is one of those an assignment is for."""
    if assignment.is_for_everyone:
        return Q()
    own = {"assignment": assignment.pk}
    members = Assignment.members.through.objects.filter(membership=OuterRef("pk"), **own)
    groups = Assignment.groups.through.objects.filter(group__members=OuterRef("pk"), **own)
    return Q(Exists(members)) | Q(Exists(groups))


# --- Which answers count ----------------------------------------------------------------------


def first_answers(
    board: Board, *, learners: Sequence[int] | None = None, unscored: bool = False
) -> Any:
    """The items (a queryset) whose first answer counts, each annotated with that answer.

    `first__id` (None where nothing was answered), `first__answer`, `first__confidence`,
    `first_score` (None while unmarked), `handed_in`, and `put_down`: the draft of an attempt whose
    time is over and that no write has handed in yet. `learners` narrows them to these users.
    What is never scored counts in no figure, and is left out unless `unscored`.
    """
    over = Q(attempt__submitted_at__isnull=True, attempt__deadline__lt=board.moment - GRACE)
    earlier = Attempt.objects.filter(
        delivery=OuterRef("attempt__delivery"),
        quiz=OuterRef("attempt__quiz"),
        learner=OuterRef("attempt__learner"),
        number__lt=OuterRef("attempt__number"),
        voided_at__isnull=True,
    )
    marks = Mark.objects.filter(response=OuterRef("first__id")).exclude(by=Mark.By.SELF)
    users: Any = learners if learners is not None else learners_of(board.assignment).values("user")
    is_current = Q(response=F("first__id")) & ~Q(question__kind__in=READ_BY_PERSON)
    items = AttemptItem.objects.filter(
        attempt__delivery=board.delivery.pk,
        attempt__voided_at__isnull=True,
        attempt__learner__in=users,
    )
    if not unscored:
        items = items.exclude(question__kind__in=Question.UNSCORED)
    voided = VoidedQuestion.objects.filter(assignment=board.assignment.pk, lifted_at__isnull=True)
    return (
        items.exclude(question__in=voided.values("question"))
        .filter(Q(attempt__number=1) | ~Exists(earlier))
        .annotate(first=FilteredRelation("responses", condition=Q(responses__version=1)))
        .annotate(
            # The cached score is that of the latest answer; only a second answer, or one that a
            # person reads, makes us look for the mark itself.
            first_score=Case(
                When(is_current, then=F("score")),
                default=Subquery(marks.order_by("-pk").values("score")[:1]),
            ),
            handed_in=Case(
                When(Q(attempt__submitted_at__isnull=False) | over, then=Value(True)),
                default=Value(False),
                output_field=BooleanField(),
            ),
            put_down=Case(
                When(
                    over & Q(first__id__isnull=True),
                    then=Subquery(Draft.objects.filter(item=OuterRef("pk")).values("answer")[:1]),
                ),
                default=None,
            ),
        )
        .order_by()
    )


@dataclass(frozen=True)
class Asked:
    """A question as it was asked, with how it is marked; kept a content version."""

    pk: int
    """Of the revision."""
    root: int
    """The first revision of the same question: wordings of one question are counted together."""
    question: int
    face: Mapping[str, Any]
    key: Mapping[str, Any]
    misreadings: Mapping[str, str]
    """What a wrong option catches, by its key; for those who teach."""
    text: int | None
    """The passage text it is about, and where in it."""
    start: int | None
    end: int | None

    @property
    def kind(self) -> str:
        return str(self.face["kind"])

    @property
    def skill(self) -> str:
        return str(self.face["skill"])

    @property
    def prompt(self) -> str:
        """Without mark-up."""
        return to_words(str(self.face["prompt"]))

    @property
    def is_read_by_person(self) -> bool:
        return self.kind in READ_BY_PERSON


def asked(revisions: Iterable[int], version: int) -> dict[int, Asked]:
    """What was asked under each of these revisions, by id: two queries for those not kept yet."""
    wanted = set(revisions)
    missing = [pk for pk in wanted if not is_kept(("report question", pk), version)]
    read = _read_asked(missing) if missing else {}

    def build(pk: int) -> Asked:
        return read[pk] if pk in read else _read_asked([pk])[pk]

    return {pk: rendered(("report question", pk), version, partial(build, pk)) for pk in wanted}


def _read_asked(revisions: Sequence[int]) -> dict[int, Asked]:
    keys = (
        MarkingKey.objects.filter(revision__in=revisions)
        .select_related("revision__question")
        .order_by("version")
    )
    latest = {key.revision_id: key for key in keys}
    options = Option.objects.filter(question__revisions__in=revisions).exclude(misreading="")
    misread: dict[int, dict[str, str]] = {}
    for question, key, words in options.values_list("question_id", "key", "misreading"):
        misread.setdefault(question, {})[key] = words
    return {pk: _asked(key.revision, key, misread) for pk, key in latest.items()}


def _asked(
    revision: QuestionRevision, key: MarkingKey, misread: Mapping[int, Mapping[str, str]]
) -> Asked:
    question: Question = revision.question
    return Asked(
        pk=revision.pk,
        root=revision.same_as_id or revision.pk,
        question=revision.question_id,
        face=revision.content,
        key=key.content,
        misreadings=misread.get(revision.question_id, {}),
        text=question.text_id,
        start=question.start,
        end=question.end,
    )


def score_of(
    of: Asked, *, is_answered: bool, score: Decimal | None, handed_in: bool, put_down: Any
) -> Decimal | None:
    """The score that counts, or None where nothing does (yet).

    What was put down in an attempt whose time is over *is* handed in: it is marked here as the
    next write will mark it.
    """
    if score is not None:
        return score
    if is_answered or not handed_in:
        return None
    kind = kind_of(of.kind)
    if not put_down or kind.is_blank(put_down):
        return Decimal(0)
    return kind.mark(dict(of.key), put_down)
