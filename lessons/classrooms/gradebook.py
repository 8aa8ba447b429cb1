"""The gradebook of a class, read in a constant number of queries: learners × assignments.

Every figure covers all active students; a page shows fifty. Reads only work of the class's own
deliveries, by students who are in the class now; attempts that were declared void count nowhere.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    DecimalField,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models import Count as CountOf
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from lessons.core.models import Status
from lessons.guided.models import DeliveryStep, Step
from lessons.quizzes.models import (
    AttemptItem,
    Delivery,
    DeliveryException,
    DeliveryItem,
    Mark,
    Question,
    Quiz,
    Response,
)
from lessons.quizzes.terms import days_late, resolve_terms

from .counting import voided_in, without_voided
from .grading import (
    NOT_GIVEN,
    ZERO,
    Cell,
    Count,
    Part,
    Rules,
    Total,
    Work,
    grade,
    lines_of,
    mean,
    settle,
    total,
)
from .models import Assignment, Classroom, Excuse, GradeOverride, Group, Membership
from .names import numbered_name

PAGE = 50
"""Learners on a page."""

SIGNS = Decimal("0.00000001")
"""Points have two places and scores six: sums of their products are exact in eight."""

GRACE = timedelta(seconds=Delivery.GRACE_SECONDS)


@dataclass(frozen=True)
class Learner:
    membership: int
    user: int
    name: str
    number: str


@dataclass
class Column:
    """An assignment in the gradebook."""

    assignment: Assignment
    parts: list[Part]
    rules: Rules
    """As they are for everyone."""
    members: frozenset[int] | None
    """Whom it is for, by membership; None: the whole class."""
    exceptions: dict[int, DeliveryException] = field(default_factory=dict)
    """By user."""
    worths: dict[int, Decimal] = field(default_factory=dict)
    """Points by revision, where a question was asked when it was worth something else than now."""

    @property
    def points(self) -> Decimal:
        return sum((part.points for part in self.parts), ZERO)

    @property
    def weight(self) -> Decimal:
        return self.assignment.weight

    def is_for(self, membership: int) -> bool:
        return self.members is None or membership in self.members

    def rules_for(self, user: int) -> Rules:
        exception = self.exceptions.get(user)
        return self.rules if exception is None else rules_of(self.assignment.delivery, exception)


@dataclass(frozen=True)
class Row:
    learner: Learner
    cells: Sequence[Cell]
    total: Total


@dataclass(frozen=True)
class Figure:
    """The class's mean over the grades there are."""

    score: Decimal | None
    count: int


@dataclass
class Gradebook:
    classroom: Classroom
    columns: list[Column]
    rows: list[Row]
    moment: datetime
    names_hidden: bool = False

    @cached_property
    def figures(self) -> list[Figure]:
        """One for each column."""
        return [
            Figure(*mean(row.cells[at].score for row in self.rows))
            for at in range(len(self.columns))
        ]

    @cached_property
    def total(self) -> Figure:
        return Figure(*mean(row.total.score for row in self.rows))


def rules_of(delivery: Delivery, exception: DeliveryException | None = None) -> Rules:
    terms = resolve_terms(delivery, None, exception)
    return Rules(terms, delivery.late_policy, delivery.late_per_day)


def read_gradebook(
    classroom: Classroom, *, moment: datetime | None = None, names_hidden: bool = False
) -> Gradebook:
    """All of it, in the order of names; with `names_hidden` numbered, and in that order."""
    moment = moment or timezone.now()
    learners = learners_of_class(classroom, names_hidden=names_hidden)
    columns = read_columns(Assignment.objects.given().filter(classroom=classroom))
    return Gradebook(classroom, columns, grades_of(columns, learners, moment), moment, names_hidden)


def read_row(membership: Membership, *, moment: datetime | None = None) -> tuple[list[Column], Row]:
    """One student's grades, and nobody else's; for one who left too."""
    moment = moment or timezone.now()
    columns = read_columns(Assignment.objects.given().filter(classroom=membership.classroom_id))
    learners = learners_in(Membership.objects.filter(pk=membership.pk))
    return columns, grades_of(columns, learners, moment)[0]


def read_cell(
    assignment: Assignment, membership: Membership, *, moment: datetime
) -> tuple[Column, Row]:
    """One student's grade for one assignment: the column, and a row of that cell alone."""
    column = read_columns(Assignment.objects.filter(pk=assignment.pk))[0]
    learners = learners_in(Membership.objects.filter(pk=membership.pk))
    return column, grades_of([column], learners, moment)[0]


# --- Learners -----------------------------------------------------------------------------------


def learners_of_class(classroom: Classroom, *, names_hidden: bool) -> list[Learner]:
    """The active students by name, or by number where names are hidden (one query).

    Numbers are those of every other page: see `numbered_name`.
    """
    everyone = list(_named(Membership.objects.students().filter(classroom=classroom)))
    if names_hidden:
        return [
            Learner(one.membership, one.user, numbered_name(number), "")
            for number, (one, is_active) in enumerate(everyone, start=1)
            if is_active
        ]
    return _by_name(one for one, is_active in everyone if is_active)


def learners_in(memberships: QuerySet[Membership]) -> list[Learner]:
    """In the order of their names, without case (one query)."""
    return _by_name(one for one, _is_active in _named(memberships))


def _named(memberships: QuerySet[Membership]) -> Iterable[tuple[Learner, bool]]:
    """In the order in which they joined, each with whether they are in the class now."""
    names = ("roster_name", "user__display_name", "user__username")
    found = memberships.order_by("pk").values_list(
        *("pk", "user_id", "status", "student_number", *names)
    )
    for pk, user, status, number, *shown in found:
        name = next(filter(None, shown), "")
        yield Learner(pk, user, name, number), status == Membership.Status.ACTIVE


def _by_name(learners: Iterable[Learner]) -> list[Learner]:
    return sorted(learners, key=lambda learner: (learner.name.casefold(), learner.membership))


# --- Assignments --------------------------------------------------------------------------------


def read_columns(assignments: QuerySet[Assignment]) -> list[Column]:
    """The assignments in order with what counts in them (four queries, five with plans)."""
    rows = list(assignments.select_related("delivery").order_by("position", "pk"))
    if not rows:
        return []
    chosen = _members_of([row.pk for row in rows if not row.is_for_everyone])
    exceptions: dict[int, dict[int, DeliveryException]] = defaultdict(dict)
    for exception in DeliveryException.objects.filter(
        delivery__in=[row.delivery_id for row in rows]
    ):
        exceptions[exception.delivery_id][exception.learner_id] = exception
    asked, worths = _asked_in(rows)
    return [
        Column(
            assignment=row,
            parts=parts_of(asked[row.pk]),
            rules=rules_of(row.delivery),
            members=None if row.is_for_everyone else frozenset(chosen[row.pk]),
            exceptions=exceptions[row.delivery_id],
            worths=worths,
        )
        for row in rows
    ]


def _members_of(assignments: Sequence[int]) -> dict[int, set[int]]:
    """The memberships that assignments to some were given to, by assignment."""
    found: dict[int, set[int]] = defaultdict(set)
    if assignments:
        alone = Assignment.members.through.objects.filter(assignment__in=assignments)
        grouped = Group.members.through.objects.filter(group__assignments__in=assignments)
        for assignment, membership in alone.values_list("assignment_id", "membership_id").union(
            grouped.values_list("group__assignments", "membership_id")
        ):
            found[assignment].add(membership)
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that an assignment asks, as it stands."""

    quiz: int
    title: str
    is_graded: bool
    question: int
    is_written: bool
    points: Decimal


def parts_of(asked: Iterable[Asked]) -> list[Part]:
    """Which quizzes of an assignment count, and by what (see grading)."""
    by_quiz: dict[int, list[Asked]] = defaultdict(list)
    for question in asked:
        by_quiz[question.quiz].append(question)
    is_practice = not any(
        one.is_graded or one.is_written for questions in by_quiz.values() for one in questions
    )
    parts = []
    for quiz, questions in by_quiz.items():
        count = Count.LATEST if questions[0].is_graded else Count.WRITTEN
        if is_practice:
            count = Count.FIRST
        counted = [one for one in questions if count is not Count.WRITTEN or one.is_written]
        if counted:
            points = sum((one.points for one in counted), ZERO)
            parts.append(Part(quiz, questions[0].title, count, points))
    return parts


def _asked_in(
    assignments: Sequence[Assignment],
) -> tuple[dict[int, list[Asked]], dict[int, Decimal]]:
    """The published questions of each assignment in order, its plan's where it has one; and the
    points of revisions that were worth something else (one query; two where there are plans)."""
    modules = {row.module_id for row in assignments if row.module_id}
    lessons = {row.lesson_id for row in assignments if row.lesson_id}
    quizzes = {row.quiz_id for row in assignments if row.quiz_id}
    found = (
        Step.objects.filter(
            Q(lesson__module__in=modules) | Q(lesson__in=lessons) | Q(quiz__in=quizzes),
            lesson__status=Status.PUBLISHED,
            quiz__status=Status.PUBLISHED,
        )
        .annotate(
            points_then=KeyTextTransform("points", "quiz__items__question__revisions__content")
        )
        .order_by("lesson__order", "order", "quiz__items__position")
        .values_list(
            *("pk", "lesson_id", "lesson__module_id", "quiz_id", "quiz__title", "quiz__purpose"),
            *("quiz__items__question_id", "quiz__items__question__kind"),
            *("quiz__items__question__points", "quiz__items__question__status"),
            "quiz__items__question__revisions__pk",
            "points_then",
            named=True,
        )
    )
    worths = {
        one.quiz__items__question__revisions__pk: Decimal(one.points_then)
        for one in found
        if one.points_then and Decimal(one.points_then) != one.quiz__items__question__points
    }
    steps, questions = _plans_of([row.delivery for row in assignments if row.delivery.plan])
    voided = voided_in([row.pk for row in assignments])
    asked: dict[int, list[Asked]] = defaultdict(list)
    for row in assignments:
        chosen_steps, chosen = steps[row.delivery_id], questions[row.delivery_id]
        seen = set()
        for one in found:
            if not (
                one.lesson__module_id == row.module_id
                or one.lesson_id == row.lesson_id
                or one.quiz_id == row.quiz_id
            ):
                continue
            if one.quiz__items__question__status != Status.PUBLISHED:
                continue  # its points are wanted above, of who was asked it before
            if chosen_steps and one.pk not in chosen_steps:
                continue
            question = one.quiz__items__question_id
            if one.quiz_id in chosen and question not in chosen[one.quiz_id]:
                continue
            if question in voided[row.pk]:
                continue
            if (one.quiz_id, question) in seen:
                continue  # two steps ask the same quiz: it is done once
            seen.add((one.quiz_id, question))
            asked[row.pk].append(
                Asked(
                    quiz=one.quiz_id,
                    title=one.quiz__title,
                    is_graded=one.quiz__purpose == Quiz.Purpose.GRADED,
                    question=question,
                    is_written=one.quiz__items__question__kind in Question.WRITTEN,
                    points=one.quiz__items__question__points,
                )
            )
    return asked, worths


def _plans_of(
    deliveries: Sequence[Delivery],
) -> tuple[dict[int, set[int]], dict[int, dict[int, set[int]]]]:
    """The steps that deliveries chose, and of their quizzes the questions."""
    steps: dict[int, set[int]] = defaultdict(set)
    questions: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    if deliveries:
        chosen_steps = DeliveryStep.objects.filter(delivery__in=deliveries).order_by()
        chosen = DeliveryItem.objects.filter(delivery__in=deliveries).order_by()
        for delivery, step, quiz, question in chosen_steps.values_list(
            "delivery_id", "step_id", Value(0), Value(0)
        ).union(chosen.values_list("delivery_id", Value(0), "quiz_id", "question_id")):
            if step:
                steps[delivery].add(step)
            else:
                questions[delivery][quiz].add(question)
    return steps, questions


# --- Grades -------------------------------------------------------------------------------------


def grades_of(
    columns: Sequence[Column], learners: Sequence[Learner], moment: datetime
) -> list[Row]:
    """A row for each learner (three queries)."""
    works = read_works(columns, moment, learners[0].user if len(learners) == 1 else None)
    by_hand, excused = _decisions([column.assignment.pk for column in columns])
    graders = [_Grader(column, moment) for column in columns]
    weights = [column.weight for column in columns]
    nothing: dict[int, Work] = {}
    rows = []
    for learner in learners:
        cells = []
        for column, grader in zip(columns, graders, strict=True):
            if not column.is_for(learner.membership):
                cells.append(NOT_GIVEN)
                continue
            own = works.get((column.assignment.delivery_id, learner.user), nothing)
            cell = grader.cell(learner.user, own)
            at = (column.assignment.pk, learner.membership)
            if at in by_hand or at in excused:
                cell = settle(cell, by_hand=by_hand.get(at), is_excused=at in excused)
            cells.append(cell)
        rows.append(Row(learner, cells, total(zip(cells, weights, strict=True))))
    return rows


class _Grader:
    """Grades of one assignment. In a large class many have earned alike: each case is worked out
    once."""

    def __init__(self, column: Column, moment: datetime) -> None:
        self.column, self.moment = column, moment
        self.known: dict[Hashable, Cell] = {}

    def cell(self, user: int, works: Mapping[int, Work]) -> Cell:
        column, moment = self.column, self.moment
        if user in column.exceptions:
            return _computed(column, works, column.rules_for(user), moment)
        due_at = column.rules.terms.due_at
        case = tuple(
            (
                *(quiz, work.points, work.earned, work.marked),
                *(work.items, work.answered, work.waiting),
                work.handed_in and days_late(work.handed_in, due_at),
            )
            for quiz, work in works.items()
        )
        if case not in self.known:
            self.known[case] = _computed(column, works, column.rules, moment)
        return self.known[case]


def _computed(column: Column, works: Mapping[int, Work], rules: Rules, moment: datetime) -> Cell:
    return grade(lines_of(column.parts, works, rules, moment), rules, moment)


def _decisions(
    assignments: Sequence[int],
) -> tuple[dict[tuple[int, int], Decimal], set[tuple[int, int]]]:
    """Grades set by hand and excuses that stand, by (assignment, membership); one query."""
    overrides = GradeOverride.objects.filter(assignment__in=assignments).order_by()
    excuses = Excuse.objects.filter(assignment__in=assignments).order_by()
    nothing = Value(None, DecimalField(max_digits=7, decimal_places=6))
    found = overrides.values_list(
        "assignment_id", "membership_id", "score", "pk", "at", Value("by-hand", CharField())
    ).union(
        excuses.values_list(
            "assignment_id", "membership_id", nothing, "pk", "at", Value("excuse", CharField())
        ),
        all=True,
    )
    latest: dict[tuple[int, int], Decimal | None] = {}
    excused = set()
    for assignment, membership, score, _pk, _at, what in sorted(
        found, key=lambda row: (row[4], row[3])
    ):
        if what == "excuse":
            excused.add((assignment, membership))
        else:
            latest[assignment, membership] = score
    return {at: score for at, score in latest.items() if score is not None}, excused


def graded_items(columns: Sequence[Column]) -> QuerySet[AttemptItem]:
    """The attempt items that count, each with `counted` (its score as it counts, None while
    unmarked), `given_at` (when it was answered) and `worth` (its points).

    An item holds its latest response and that one's mark; a graded quiz has one response only.
    """
    wanted = Q()
    for column in columns:
        for part in column.parts:
            only = Q(question__kind__in=Question.WRITTEN) if part.count is Count.WRITTEN else Q()
            wanted |= only & Q(
                attempt__delivery=column.assignment.delivery_id, attempt__quiz=part.quiz
            )
    if not wanted:
        return AttemptItem.objects.none()
    worths = {revision: points for c in columns for revision, points in c.worths.items()}
    first = Response.objects.filter(item=OuterRef("pk"), version=1).order_by()
    marks = Mark.objects.filter(response__item=OuterRef("pk"), response__version=1)
    first_mark = marks.exclude(by=Mark.By.SELF).order_by("-pk")
    again = Q(response__version__gt=1)
    items = AttemptItem.objects.filter(
        wanted,
        attempt__delivery__in=[column.assignment.delivery_id for column in columns],
        attempt__voided_at__isnull=True,
    )
    return without_voided(items).annotate(
        counted=Case(
            When(again, then=Subquery(first_mark.values("score")[:1])),
            When(mark__by=Mark.By.SELF, then=Value(None)),
            default=F("score"),
            output_field=DecimalField(max_digits=7, decimal_places=6),
        ),
        given_at=Case(
            When(again, then=Subquery(first.values("created_at")[:1])),
            default=F("response__created_at"),
            output_field=DateTimeField(),
        ),
        worth=Case(
            *(When(revision=revision, then=Value(points)) for revision, points in worths.items()),
            default=F("question__points"),
            output_field=DecimalField(max_digits=7, decimal_places=2),
        ),
    )


def read_works(
    columns: Sequence[Column], moment: datetime, user: int | None = None
) -> dict[tuple[int, int], dict[int, Work]]:
    """By (delivery, user) and quiz: the attempt that counts (one query).

    The latest that was handed in (the open one where none was); where first answers count, the
    first.
    """
    by_count = {
        (column.assignment.delivery_id, part.quiz): part.count
        for column in columns
        for part in column.parts
    }
    if not by_count:
        return {}
    items = graded_items(columns)
    if user is not None:
        items = items.filter(attempt__learner=user)
    points = DecimalField(max_digits=14, decimal_places=8)
    found = (
        items.order_by()
        .values(
            *("attempt_id", "attempt__delivery_id", "attempt__quiz_id", "attempt__learner_id"),
            *("attempt__number", "attempt__submitted_at", "attempt__deadline"),
        )
        .annotate(
            points=Sum("worth"),
            earned=Sum(F("worth") * F("counted"), output_field=points),
            marked=Sum("worth", filter=Q(counted__isnull=False)),
            items=CountOf("pk"),
            answered=CountOf("given_at"),
            unmarked=CountOf("pk", filter=Q(given_at__isnull=False, counted__isnull=True)),
            last=Max("given_at"),
        )
    )
    works: dict[tuple[int, int], dict[int, Work]] = defaultdict(dict)
    ranks: dict[tuple[int, int, int], tuple[bool, int]] = {}
    for row in found.iterator(chunk_size=5000):
        delivery, quiz, user = (
            row[f"attempt__{name}_id"] for name in ("delivery", "quiz", "learner")
        )
        count = by_count[delivery, quiz]
        rank = _rank(row, count, moment)
        if rank > ranks.get((delivery, user, quiz), _NONE):
            ranks[delivery, user, quiz] = rank
            works[delivery, user][quiz] = _work(row, count, moment)
    return works


_NONE = (False, -(10**9))


def _is_over(row: Mapping[str, Any], moment: datetime) -> bool:
    """Handed in, or past its deadline and grace, which is the same for every reader."""
    deadline = row["attempt__deadline"]
    return row["attempt__submitted_at"] is not None or (
        deadline is not None and moment > deadline + GRACE
    )


def _rank(row: Mapping[str, Any], count: Count, moment: datetime) -> tuple[bool, int]:
    """The attempt with the highest rank counts: the latest handed in, or the latest while none is;
    where first answers count, the first."""
    number: int = row["attempt__number"]
    if count is Count.FIRST:
        return (False, -number)
    return (_is_over(row, moment), number)


def _work(row: Mapping[str, Any], count: Count, moment: datetime) -> Work:
    handed_in, waiting = row["last"], row["unmarked"]
    if count is Count.LATEST:
        handed_in = row["attempt__submitted_at"]
        if handed_in is None and _is_over(row, moment):
            # Handed in by its deadline; the next write stores and marks what was put down.
            handed_in, waiting = row["attempt__deadline"] + GRACE, row["items"]
    return Work(
        attempt=row["attempt_id"],
        number=row["attempt__number"],
        handed_in=handed_in,
        points=row["points"],
        earned=(row["earned"] or ZERO).quantize(SIGNS),
        marked=row["marked"] or ZERO,
        items=row["items"],
        answered=row["answered"],
        waiting=waiting,
    )
