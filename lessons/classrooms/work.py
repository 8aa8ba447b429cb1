"""What a student has to do: every assignment with its steps, their own terms and results.

Read in a constant number of queries, however many assignments, steps and attempts there are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Count,
    DecimalField,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from lessons.accounts.models import User
from lessons.core.models import Status
from lessons.guided.given import Late
from lessons.guided.models import DeliveryStep, Progress, Step
from lessons.quizzes.models import Attempt, Delivery, DeliveryException, Quiz
from lessons.quizzes.models.deliveries import Release
from lessons.quizzes.terms import (
    ResolvedTerms,
    answers_released,
    days_late,
    late_share,
    latest_due,
    resolve_terms,
)

from .access import assignments_of, unreleased_beyond
from .counting import counted_items
from .models import Assignment, Classroom, Membership, Notice


@dataclass(frozen=True)
class TaskStep:
    """One step of an assignment."""

    step: Step
    """With its lesson and quiz."""
    done_at: datetime | None = None
    touched_at: datetime | None = None


@dataclass(frozen=True)
class TaskLesson:
    title: str
    address: str
    steps: Sequence[TaskStep]

    @property
    def done_count(self) -> int:
        return sum(step.done_at is not None for step in self.steps)

    @property
    def is_finished(self) -> bool:
        return self.done_count == len(self.steps)


@dataclass(frozen=True)
class Result:
    """A graded quiz handed in: the latest attempt."""

    title: str
    number: int
    submitted_at: datetime
    earned: Decimal
    points: Decimal
    waiting: int
    """Answers that nobody has marked yet."""
    is_released: bool
    late: Late | None
    address: str

    @property
    def kept(self) -> Decimal:
        """The points that count after the late policy."""
        return self.earned * self.late.kept if self.late else self.earned


@dataclass
class Task:
    """An assignment as one student has it."""

    assignment: Assignment
    moment: datetime
    steps: list[TaskStep]
    exception: DeliveryException | None
    last_due: datetime | None
    attempts: list[dict[str, Any]] = field(default_factory=list)
    """Of this student here, by number."""
    results: list[Result] = field(default_factory=list)

    @property
    def delivery(self) -> Delivery:
        return self.assignment.delivery

    @property
    def classroom(self) -> Classroom:
        return self.assignment.classroom

    def terms_of(self, quiz: Quiz | None) -> ResolvedTerms:
        return resolve_terms(self.delivery, quiz, self.exception)

    @property
    def terms(self) -> ResolvedTerms:
        return self.terms_of(None)

    @property
    def address(self) -> str:
        return reverse("classrooms:work", args=[self.delivery.key])

    @property
    def step_count(self) -> int:
        return len(self.steps)

    @property
    def done_count(self) -> int:
        return sum(step.done_at is not None for step in self.steps)

    @property
    def is_begun(self) -> bool:
        return any(step.touched_at for step in self.steps)

    @property
    def is_done(self) -> bool:
        """Every step of it is completed."""
        return bool(self.steps) and self.done_count == self.step_count

    @property
    def done_at(self) -> datetime | None:
        done = [step.done_at for step in self.steps if step.done_at]
        return max(done) if self.is_done else None

    @property
    def opens_later(self) -> bool:
        return self.terms.opens_at is not None and self.moment < self.terms.opens_at

    @property
    def is_closed(self) -> bool:
        return self.terms.closes_at is not None and self.moment >= self.terms.closes_at

    @property
    def is_late(self) -> bool:
        """Not done, and past its due date or closed."""
        return not self.is_done and (
            self.is_closed or days_late(self.moment, self.terms.due_at) > 0
        )

    @property
    def lessons(self) -> list[TaskLesson]:
        by_lesson: dict[int, list[TaskStep]] = defaultdict(list)
        for step in self.steps:
            by_lesson[step.step.lesson_id].append(step)
        return [
            TaskLesson(steps[0].step.lesson.title, self.lesson_address(steps[0].step), steps)
            for steps in by_lesson.values()
        ]

    def lesson_address(self, step: Step) -> str:
        return reverse(
            "guided:lesson", kwargs={"delivery": self.delivery.key, "lesson": step.lesson.slug}
        )

    def step_address(self, step: Step) -> str:
        parts = {"delivery": self.delivery.key, "lesson": step.lesson.slug, "step": step.slug}
        return reverse("guided:step", kwargs=parts)

    @property
    def onward(self) -> TaskStep | None:
        """Where to go on: the step last touched, else the next one that is not done."""
        left = [index for index, step in enumerate(self.steps) if step.done_at is None]
        if not left:
            return None
        touched = [(step.touched_at, i) for i, step in enumerate(self.steps) if step.touched_at]
        last = max(touched)[1] if touched else 0
        return self.steps[next((index for index in left if index >= last), left[0])]

    @property
    def onward_address(self) -> str:
        return self.step_address(self.onward.step) if self.onward else self.address

    def withholds(self, quiz: Quiz) -> bool:
        """Whether it keeps what is right in its quiz from this student; as releases.py says it."""
        delivery = self.delivery
        if delivery.release == Release.AT_ONCE and quiz.purpose != Quiz.Purpose.GRADED:
            return False
        over = True
        if delivery.release in (Release.AT_ONCE, Release.AFTER_SUBMIT):
            handed_in = any(row["quiz_id"] == quiz.pk for row in self.attempts)
            over = handed_in or self.is_closed
        return not answers_released(
            delivery, submitted=over, last_due=self.last_due, moment=self.moment
        )


def steps_in(assignments: Sequence[Assignment]) -> dict[int, list[Step]]:
    """The steps to do in each assignment, in its own order, by primary key (two queries)."""
    modules = {one.module_id for one in assignments if one.module_id}
    lessons = {one.lesson_id for one in assignments if one.lesson_id}
    quizzes = {one.quiz_id for one in assignments if one.quiz_id}
    if not assignments:
        return {}
    steps = list(
        Step.objects.filter(
            Q(lesson__module__in=modules) | Q(lesson__in=lessons) | Q(quiz__in=quizzes),
            lesson__status=Status.PUBLISHED,
            lesson__module__status=Status.PUBLISHED,
        )
        .select_related("lesson", "quiz")
        .order_by("lesson__module", "lesson__order", "lesson", "order")
    )
    planned = [one.delivery_id for one in assignments if one.delivery.plan]
    places: dict[int, dict[int, int]] = defaultdict(dict)
    for row in DeliveryStep.objects.filter(delivery__in=planned):
        places[row.delivery_id][row.step_id] = row.position
    found = {}
    for one in assignments:
        own = [step for step in steps if _belongs(step, one)]
        place = places.get(one.delivery_id)
        if place:
            lesson_order = {step.lesson_id: n for n, step in reversed(list(enumerate(own)))}
            chosen = [step for step in own if step.pk in place]
            own = sorted(chosen, key=lambda s: (lesson_order[s.lesson_id], place[s.pk]))
        found[one.pk] = own
    return found


def _belongs(step: Step, assignment: Assignment) -> bool:
    if assignment.module_id:
        return step.lesson.module_id == assignment.module_id
    if assignment.lesson_id:
        return step.lesson_id == assignment.lesson_id
    return step.quiz_id == assignment.quiz_id


def tasks_of(
    learner: User, assignments: QuerySet[Assignment], *, moment: datetime | None = None
) -> list[Task]:
    """These assignments as the learner has them, in a constant number of queries."""
    moment = moment or timezone.now()
    latest = (
        DeliveryException.objects.filter(delivery=OuterRef("delivery"))
        .order_by()
        .values("delivery")
        .annotate(latest=Max("due_at"))
        .values("latest")
    )
    rows = list(
        assignments.select_related("delivery", "classroom", "module", "lesson", "quiz").annotate(
            last_extended_due=Subquery(latest)
        )
    )
    steps = steps_in(rows)
    deliveries = [row.delivery_id for row in rows]
    exceptions = {
        row.delivery_id: row
        for row in DeliveryException.objects.filter(delivery__in=deliveries, learner=learner)
    }
    progress = {
        (row.delivery_id, row.step_id): row
        for row in Progress.objects.filter(delivery__in=deliveries, learner=learner)
    }
    attempts = _attempts_of(learner, deliveries)
    tasks = []
    for row in rows:
        own = [(step, progress.get((row.delivery_id, step.pk))) for step in steps[row.pk]]
        tasks.append(
            Task(
                assignment=row,
                moment=moment,
                steps=[
                    TaskStep(step, p.completed_at if p else None, p.touched_at if p else None)
                    for step, p in own
                ],
                exception=exceptions.get(row.delivery_id),
                last_due=latest_due(row.delivery.due_at, row.last_extended_due),
                attempts=attempts.get(row.delivery_id, []),
            )
        )
    withheld = _withheld(learner, tasks)
    for task in tasks:
        task.results = _results(task, withheld)
    return tasks


def _withheld(learner: User, tasks: Sequence[Task]) -> set[int]:
    """The quizzes handed in that one of these tasks, or any other work, withholds still.

    One query; four more where other work (a class that is archived, say) may withhold one.
    """
    handed_in = {row["quiz_id"] for task in tasks for row in task.attempts}
    steps = [(task, one.step.quiz) for task in tasks for one in task.steps]
    asked = [(task, quiz) for task, quiz in steps if quiz and quiz.pk in handed_in]
    elsewhere = unreleased_beyond(
        learner, {quiz for _task, quiz in asked}, {task.delivery.pk for task in tasks}
    )
    return elsewhere | {quiz.pk for task, quiz in asked if task.withholds(quiz)}


def tasks_for(learner: User, *, moment: datetime | None = None) -> list[Task]:
    """All the learner has been given in the classes they are in now, archived ones left out."""
    given = assignments_of(learner).filter(classroom__archived_at__isnull=True)
    return tasks_of(learner, given, moment=moment)


def _attempts_of(learner: User, deliveries: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Handed-in attempts that count, by delivery, each with its points (one query).

    Points are those of the questions as they were asked.
    """
    exact = DecimalField(max_digits=14, decimal_places=8)
    worth = Cast(KeyTextTransform("points", "revision__content"), exact)
    handed_in = Attempt.objects.filter(
        learner=learner,
        delivery__in=deliveries,
        submitted_at__isnull=False,
        voided_at__isnull=True,
    )
    rows = (
        counted_items(handed_in)
        .values(
            delivery_id=F("attempt__delivery"),
            quiz_id=F("attempt__quiz"),
            number=F("attempt__number"),
            submitted_at=F("attempt__submitted_at"),
        )
        .annotate(
            points=Sum(worth, output_field=exact),
            earned=Sum(F("counted") * worth, output_field=exact),
            waiting=Count("pk", filter=Q(counted__isnull=True)),
        )
        .order_by("number")
    )
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["delivery_id"]].append(dict(row))
    return found


def _results(task: Task, withheld: Collection[int]) -> list[Result]:
    found = []
    for one in task.steps:
        quiz = one.step.quiz
        if quiz is None or quiz.purpose != Quiz.Purpose.GRADED:
            continue
        latest = next((r for r in reversed(task.attempts) if r["quiz_id"] == quiz.pk), None)
        if latest is None:
            continue
        found.append(
            Result(
                title=quiz.title,
                number=latest["number"],
                submitted_at=latest["submitted_at"],
                earned=latest["earned"] or Decimal(0),
                points=latest["points"] or Decimal(0),
                waiting=latest["waiting"],
                is_released=quiz.pk not in withheld,
                late=_late(task, quiz, latest["submitted_at"]),
                address=task.step_address(one.step),
            )
        )
    return found


def _late(task: Task, quiz: Quiz, submitted_at: datetime) -> Late | None:
    due_at = task.terms_of(quiz).due_at
    days = days_late(submitted_at, due_at)
    if not days:
        return None
    return Late(days, late_share(task.delivery, submitted_at=submitted_at, due_at=due_at))


# --- The student's list ---------------------------------------------------------------------


@dataclass(frozen=True)
class MyWork:
    to_do: Sequence[Task]
    late: Sequence[Task]
    done: Sequence[Task]


def sort_tasks(tasks: Iterable[Task]) -> MyWork:
    """To do and late by due date, what has none last; done by when it was done, latest first."""
    tasks = list(tasks)

    def by_due(task: Task) -> tuple[bool, datetime, int]:
        due = task.terms.due_at or task.terms.closes_at
        return due is None, due or task.moment, task.assignment.pk

    done = [task for task in tasks if task.is_done]
    return MyWork(
        to_do=sorted((t for t in tasks if not t.is_done and not t.is_late), key=by_due),
        late=sorted((t for t in tasks if t.is_late), key=by_due),
        done=sorted(done, key=lambda t: (t.done_at or t.moment, t.assignment.pk), reverse=True),
    )


NOTICES_SHOWN = 20
NOTICE_DAYS = 60
"""Read notices older than this are not shown any more."""


def notices_of(user: User, *, moment: datetime | None = None) -> list[Notice]:
    """What a person is told: unread first, then the latest (one query)."""
    since = (moment or timezone.now()) - timedelta(days=NOTICE_DAYS)
    told = Notice.objects.filter(Q(read_at__isnull=True) | Q(at__gte=since), user=user)
    # Work that was taken back again is no news.
    told = told.exclude(kind=Notice.Kind.GIVEN, assignment__withdrawn_at__isnull=False)
    return list(
        told.select_related("assignment__classroom", "assignment__delivery")
        .annotate(is_read=Q(read_at__isnull=False))
        .order_by("is_read", "-at", "-pk")[:NOTICES_SHOWN]
    )


# --- The instructor's list --------------------------------------------------------------------


@dataclass(frozen=True)
class GivenWork:
    """An assignment in the list of its class."""

    assignment: Assignment
    learner_count: int
    done_count: int
    begun_count: int
    step_count: int
    last_extension: DeliveryException | None
    """The one with the latest due date, where it is later than everybody's."""


def given_work(classroom: Classroom) -> list[GivenWork]:
    """Every assignment of a class, withdrawn ones too, with who is done (six queries)."""
    students = Membership.objects.active().students().filter(classroom=classroom)
    some = (
        Membership.objects.active()
        .students()
        .filter(Q(assignments=OuterRef("pk")) | Q(groups__assignments=OuterRef("pk")))
        .order_by()
        .values("classroom")
        .annotate(n=Count("pk", distinct=True))
        .values("n")
    )
    rows = list(
        classroom.assignments.select_related("delivery", "module", "lesson", "quiz")
        .prefetch_related("groups")
        .annotate(some_learners=Subquery(some), chosen_members=Count("members"))
        .order_by("position", "pk")
    )
    everyone = students.count()
    steps = steps_in(rows)
    begun: dict[int, int] = defaultdict(int)
    done: dict[int, int] = defaultdict(int)
    wanted = {row.delivery_id: len(steps[row.pk]) for row in rows}
    for delivery_id, completed in _completed(classroom):
        begun[delivery_id] += 1
        done[delivery_id] += 0 < wanted[delivery_id] <= completed
    extensions: dict[int, DeliveryException] = {}
    late = DeliveryException.objects.filter(
        delivery__assignment__classroom=classroom, due_at__isnull=False
    )
    for extension in late.select_related("learner").order_by("due_at", "pk"):
        extensions[extension.delivery_id] = extension
    return [
        GivenWork(
            assignment=row,
            learner_count=everyone if row.is_for_everyone else row.some_learners or 0,  # type: ignore[attr-defined]
            done_count=done[row.delivery_id],
            begun_count=begun[row.delivery_id],
            step_count=wanted[row.delivery_id],
            last_extension=_later(extensions.get(row.delivery_id), row.delivery.due_at),
        )
        for row in rows
    ]


def _later(
    extension: DeliveryException | None, due_at: datetime | None
) -> DeliveryException | None:
    if extension is None or extension.due_at is None:
        return None
    return extension if due_at is None or extension.due_at > due_at else None


def last_extension_of(delivery: Delivery) -> DeliveryException | None:
    """The extension that "after due" waits for: the latest due date, if later than everybody's."""
    extensions = delivery.exceptions.filter(due_at__isnull=False).select_related("learner")
    return _later(extensions.order_by("-due_at", "-pk").first(), delivery.due_at)


def _completed(classroom: Classroom) -> Iterable[tuple[int, int]]:
    """(delivery, how many of its present steps are completed) for each learner who has begun.

    Learners are the active students whom the assignment is for (one query).
    """
    assignment = OuterRef("delivery__assignment")
    member = (
        Membership.objects.active().students().filter(classroom=classroom, user=OuterRef("learner"))
    )
    plan = DeliveryStep.objects.filter(delivery=OuterRef("delivery"))
    return (
        Progress.objects.filter(
            Q(delivery__assignment__is_for_everyone=True) & Exists(member)
            | Exists(member.filter(assignments=assignment))
            | Exists(member.filter(groups__assignments=assignment)),
            Q(delivery__plan=0) | ~Exists(plan) | Exists(plan.filter(step=OuterRef("step"))),
            delivery__assignment__classroom=classroom,
            step__lesson__status=Status.PUBLISHED,
            step__lesson__module__status=Status.PUBLISHED,
        )
        .order_by()
        .values("delivery", "learner")
        .annotate(done=Count("completed_at"))
        .values_list("delivery", "done")
    )
