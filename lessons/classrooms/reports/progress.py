"""Who is where: not started, under way, stuck or done; and the matrix of learners × steps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    Value,
    When,
    Window,
)
from django.db.models.functions import Cast, Concat, RowNumber
from django.db.models.lookups import In
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lessons.classrooms.counting import WAITING
from lessons.classrooms.marking import written_items
from lessons.classrooms.models import Assignment, Classroom, Excuse, Membership
from lessons.classrooms.names import numbered_name
from lessons.guided.models import Progress
from lessons.quizzes.domain import TRIES
from lessons.quizzes.models import AttemptItem

from .facts import (
    SITTING,
    Board,
    Outline,
    StepFact,
    asked,
    first_answers,
    is_for,
    outlines_of,
    score_of,
)
from .wording import HIGH, WRONG, Clock, percent

QUIET = timedelta(minutes=10)
PAGE = 50
"""Learners on one page of the matrix."""


class State:
    """Where a learner is in an assignment. The values are class names as well."""

    DONE = "done"
    STUCK = "stuck"
    UNDER_WAY = "under-way"
    NOT_STARTED = "not-started"
    EXCUSED = "excused"


STATES = {
    State.NOT_STARTED: gettext_lazy("not started"),
    State.STUCK: gettext_lazy("stuck"),
    State.UNDER_WAY: gettext_lazy("under way"),
    State.DONE: gettext_lazy("done"),
    State.EXCUSED: gettext_lazy("excused"),
}


@dataclass(frozen=True)
class Learner:
    """One student of the class, as a dashboard shows them."""

    membership: int
    user: int
    number: int
    name: str
    """The name on the roster or their own; "Student 7" where names are hidden."""
    is_excused: bool = False


@dataclass(frozen=True)
class Standing:
    """How far one learner is."""

    learner: Learner
    state: str
    finished: int
    """Steps completed, or left without an answer where that is allowed."""
    last_touch: datetime | None = None
    step: StepFact | None = None
    """Where they are now; None before the start and at the end."""
    missed_twice: bool = False

    @property
    def state_label(self) -> str:
        return str(STATES[self.state])


def state_of(
    *,
    finished: int,
    steps: int,
    last_touch: datetime | None,
    class_touch: datetime | None,
    is_live: bool,
    missed_twice: bool,
    is_excused: bool = False,
) -> str:
    """The state of a learner who finished so many of so many steps.

    Stuck is: begun and not done, and either two answers to one question of the step they are at
    were wrong, or for ten minutes (and less than two hours) nothing has come from them while others
    went on. `class_touch` is when anybody last did something; `is_live` whether that is less than
    two hours ago: a lesson that is over has nobody waiting in it.
    """
    if is_excused:
        return State.EXCUSED
    if last_touch is None:
        return State.NOT_STARTED
    if steps and finished >= steps:
        return State.DONE
    if missed_twice:
        return State.STUCK
    if is_live and class_touch is not None and QUIET <= class_touch - last_touch <= SITTING:
        return State.STUCK
    return State.UNDER_WAY


def class_list(
    classroom: Classroom, *, hidden: bool, **annotations: Any
) -> list[tuple[Learner, Any]]:
    """The active students with their membership rows, by name (by number where names are hidden).

    One query, which also reads those who have left: numbers are counted over all who ever joined.
    """
    rows = (
        Membership.objects.students()
        .filter(classroom=classroom)
        .select_related("user")
        .only("status", "roster_name", "user__display_name", "user__username")
        .annotate(**annotations)
        .order_by("pk")
    )
    found = []
    for number, row in enumerate(rows, start=1):
        if row.status != Membership.Status.ACTIVE:
            continue
        name = numbered_name(number) if hidden else row.shown_as
        excused = bool(getattr(row, "is_excused", False))
        found.append((Learner(row.pk, row.user_id, number, name, excused), row))
    if not hidden:
        found.sort(key=lambda pair: (pair[0].name.casefold(), pair[0].number))
    return found


@dataclass(frozen=True)
class ClassProgress:
    """Everybody's standing in one assignment. Excused students are listed and not counted."""

    board: Board
    standings: tuple[Standing, ...]

    def of(self, state: str) -> list[Standing]:
        return [standing for standing in self.standings if standing.state == state]

    @cached_property
    def counts(self) -> dict[str, int]:
        return {state: len(self.of(state)) for state in STATES}

    @property
    def counted(self) -> int:
        return len(self.standings) - self.counts[State.EXCUSED]


def class_progress(board: Board, *, hidden: bool) -> ClassProgress:
    """Where everybody is (two queries beside those of the board)."""
    assignment = board.assignment
    excuses = Excuse.objects.filter(assignment=assignment, membership=OuterRef("pk"))
    members = class_list(
        assignment.classroom,
        hidden=hidden,
        is_given=_flag(is_for(assignment)),
        is_excused=Exists(excuses),
    )
    members = [(learner, row) for learner, row in members if row.is_given]
    begun = {row.learner_id: row for row in _latest_steps(board)}
    own = [begun[learner.user].touched_at for learner, _row in members if learner.user in begun]
    board = replace(board, last_touch=max(own, default=None))
    standings = [_standing(board, learner, begun.get(learner.user)) for learner, _row in members]
    return ClassProgress(board, tuple(standings))


def _flag(condition: Q) -> Any:
    """The condition as a column; an empty one holds for every row."""
    if not condition:
        return Value(True, output_field=BooleanField())
    return Case(
        When(condition, then=Value(True)), default=Value(False), output_field=BooleanField()
    )


def _place(*columns: str) -> Any:
    """Several keys as one, to be looked for among others."""
    parts: list[Any] = []
    for column in columns:
        parts += [Cast(column, CharField()), Value("/")]
    return Concat(*parts)


def _missed_twice(**where: Any) -> Any:
    """Whether two answers to one question of the row's quiz were wrong.

    Looked up in a list that is made once. Asked of each row by itself, the same question took
    PostgreSQL minutes in a large class of which it had no figures yet.
    """
    items = AttemptItem.objects.filter(
        **where, attempt__voided_at__isnull=True, response__version__gte=TRIES, score__lt=WRONG
    )
    missed = items.annotate(
        place=_place("attempt__delivery_id", "attempt__learner_id", "attempt__quiz_id")
    )
    own = _place("delivery_id", "learner_id", "step__quiz_id")
    return _flag(Q(In(own, missed.order_by().values("place"))))


def _is_finished(graded: Sequence[int]) -> Q:
    """Completed; or gone past, which counts for no graded quiz (steps with these ids)."""
    return Q(completed_at__isnull=False) | (Q(skipped=True) & ~Q(step__in=graded))


LATEST = ("learner_id", "step_id", "touched_at", "is_finished", "missed_twice", "finished")


def _latest_steps(board: Board) -> Any:
    """For each learner who has begun: the row touched last, and how many steps are finished."""
    finished = _is_finished(board.outline.graded_ids)
    alone: dict[str, Any] = {"partition_by": F("learner")}
    return (
        Progress.objects.filter(delivery=board.delivery, step__in=board.outline.ids)
        .annotate(
            is_finished=_flag(finished),
            missed_twice=_missed_twice(attempt__delivery=board.delivery),
            place=Window(RowNumber(), order_by=["-touched_at", "-pk"], **alone),
            finished=Window(Count("pk", filter=finished), **alone),
        )
        .filter(place=1)
        .values_list(*LATEST, named=True)
    )


def _standing(board: Board, learner: Learner, latest: Any) -> Standing:
    missed_twice = bool(latest and latest.missed_twice)
    steps = board.outline.steps
    finished = latest.finished if latest else 0
    touched = latest.touched_at if latest else None
    state = state_of(
        finished=finished,
        steps=len(steps),
        last_touch=touched,
        class_touch=board.last_touch,
        is_live=board.is_live,
        missed_twice=missed_twice,
        is_excused=learner.is_excused,
    )
    step = None
    if latest and state in (State.STUCK, State.UNDER_WAY):
        step = board.outline.by_id[latest.step_id]
        if latest.is_finished and not missed_twice:
            step = board.outline.after(step, finished)
    return Standing(learner, state, finished, touched, step, missed_twice)


# --- The matrix -------------------------------------------------------------------------------


class Look:
    """What a cell of the matrix says. The values are class names as well."""

    NONE = "none"
    HERE = "here"
    READ = "read"
    SKIPPED = "skipped"
    WAITING = "waiting"
    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"


@dataclass(frozen=True)
class Cell:
    """One learner at one step: a word or a per cent, which a pattern repeats."""

    look: str
    """One of Look."""
    text: str


def cell_of(
    *,
    asks: bool,
    is_here: bool,
    is_opened: bool,
    is_finished: bool,
    is_skipped: bool,
    scores: Sequence[Decimal | None],
) -> Cell:
    """`scores` are those of the step's questions that count, None for what waits for a mark."""
    known = [score for score in scores if score is not None]
    waiting = len(scores) - len(known)
    if asks and known:
        share = sum(known, Decimal(0)) / len(known)
        look = Look.LOW if share < WRONG else Look.MIDDLE if share < HIGH else Look.HIGH
        text = percent(share)
        if waiting:
            text = _("%(share)s, %(n)s unmarked") % {"share": text, "n": waiting}
        return Cell(look, text)
    if asks and waiting:
        return Cell(Look.WAITING, _("unmarked"))
    if is_skipped:
        return Cell(Look.SKIPPED, _("skipped"))
    if is_finished:
        return Cell(Look.READ, _("read"))
    if is_here or is_opened:
        return Cell(Look.HERE, _("here") if is_here else _("begun"))
    return Cell(Look.NONE, "–")


@dataclass(frozen=True)
class MatrixRow:
    standing: Standing
    cells: tuple[Cell, ...]
    now: str
    """Where the learner is, in words."""

    @property
    def values(self) -> list[str]:
        return [self.standing.learner.name, self.now, *(cell.text for cell in self.cells)]


def matrix_header(outline: Outline) -> list[str]:
    titles = [step.title for step in outline.steps]
    if len(outline.lessons) > 1:
        titles = [f"{step.lesson_title}: {step.title}" for step in outline.steps]
    return [_("Student"), _("Now"), *titles]


def matrix_rows(board: Board, standings: Sequence[Standing], *, clock: Clock) -> list[MatrixRow]:
    """The rows of these learners (two queries; a page of them at a time).

    `clock` says an instant in the class's zone.
    """
    users = [standing.learner.user for standing in standings]
    rows = Progress.objects.filter(
        delivery=board.delivery, step__in=board.outline.ids, learner__in=users
    ).values_list("learner_id", "step_id", "completed_at", "skipped")
    progress = {(learner, step): (done, skipped) for learner, step, done, skipped in rows}
    scores = _scores_of(board, users)
    found = []
    for standing in standings:
        cells = []
        for step in board.outline.steps:
            at = progress.get((standing.learner.user, step.pk))
            cells.append(
                cell_of(
                    asks=step.asks,
                    is_here=standing.step is not None and standing.step.pk == step.pk,
                    is_opened=at is not None,
                    is_finished=at is not None and at[0] is not None,
                    is_skipped=at is not None and at[0] is None and at[1],
                    scores=scores.get((standing.learner.user, step.quiz or 0), ()),
                )
            )
        found.append(MatrixRow(standing, tuple(cells), said_now(standing, board, clock=clock)))
    return found


def _scores_of(board: Board, users: Sequence[int]) -> dict[tuple[int, int], list[Decimal | None]]:
    """Scores that count, and None for each answer that waits for a mark, by (user, quiz)."""
    rows = list(
        first_answers(board, learners=users).values_list(
            "attempt__learner_id",
            "attempt__quiz_id",
            "revision_id",
            "first__id",
            "first_score",
            "handed_in",
            "put_down",
        )
    )
    known = asked({row[2] for row in rows}, board.version)
    found: dict[tuple[int, int], list[Decimal | None]] = {}
    for user, quiz, revision, first, score, handed_in, put_down in rows:
        if first is None and not handed_in:
            continue
        counts = score_of(
            known[revision],
            is_answered=first is not None,
            score=score,
            handed_in=handed_in,
            put_down=put_down,
        )
        found.setdefault((user, quiz), []).append(counts)
    return found


def said_now(standing: Standing, board: Board, *, clock: Clock) -> str:
    """Where a learner is: "stuck on “The letter”, quiet since 10:31"."""
    if standing.state not in (State.STUCK, State.UNDER_WAY):
        return standing.state_label
    where = {"step": standing.step.title if standing.step else ""}
    where["since"] = clock(standing.last_touch) if standing.last_touch else ""
    if standing.state == State.UNDER_WAY:
        return _("under way: %(step)s, last seen %(since)s") % where
    if standing.missed_twice:
        return _("stuck: %(step)s, two wrong answers to one question") % where
    return _("stuck: %(step)s, quiet since %(since)s") % where


# --- The overview of a class ------------------------------------------------------------------


@dataclass(frozen=True)
class AssignmentLine:
    """One assignment in the overview: how many are where, and who needs looking after."""

    assignment: Assignment
    progress: ClassProgress
    waiting: int
    """Written answers that nobody has marked."""


def class_overview(
    classroom: Classroom, *, hidden: bool, version: int, moment: datetime
) -> list[AssignmentLine]:
    """Every assignment that is given, the latest first (six queries, however many)."""
    assignments = list(
        Assignment.objects.given()
        .filter(classroom=classroom)
        .select_related("delivery")
        .order_by("-position", "-pk")
    )
    outlines = outlines_of(assignments)
    members = class_list(classroom, hidden=hidden)
    chosen, excused = _chosen_and_excused(classroom)
    begun = _begun(assignments, outlines)
    waiting = _waiting(classroom)
    lines = []
    for assignment in assignments:
        delivery = assignment.delivery_id
        latest = begun.get(delivery, {})
        touched = max((row.touched_at for row in latest.values()), default=None)
        board = Board(assignment, moment, version, touched, "", outlines[assignment.pk])
        standings = []
        for learner, _row in members:
            own = (assignment.pk, learner.membership)
            if not assignment.is_for_everyone and own not in chosen:
                continue
            marked = replace(learner, is_excused=own in excused)
            standings.append(_standing(board, marked, latest.get(learner.user)))
        progress = ClassProgress(board, tuple(standings))
        lines.append(AssignmentLine(assignment, progress, waiting.get(delivery, 0)))
    return lines


def _chosen_and_excused(
    classroom: Classroom,
) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Pairs of assignment and membership: whom something was given to alone, and who need not."""
    in_class = {"assignment__classroom": classroom}
    names = ("assignment_id", "membership_id", "what")
    chosen = Value("chosen", output_field=CharField())
    members = Assignment.members.through.objects.filter(**in_class).annotate(what=chosen)
    groups: Any = Assignment.groups.through.objects.filter(**in_class).annotate(what=chosen)
    excuses = Excuse.objects.filter(**in_class).annotate(
        what=Value("excused", output_field=CharField())
    )
    rows: Any = members.values_list(*names).union(
        groups.values_list("assignment_id", "group__members", "what"),
        excuses.order_by().values_list(*names),
    )
    pairs: dict[str, set[tuple[int, int]]] = {"chosen": set(), "excused": set()}
    for assignment, membership, what in rows:
        pairs[what].add((assignment, membership))
    return pairs["chosen"], pairs["excused"]


def _begun(
    assignments: Sequence[Assignment], outlines: dict[int, Outline]
) -> dict[int, dict[int, Any]]:
    """By delivery and learner: the row touched last, and how many steps are finished."""
    read = Q(pk__in=[])
    graded: set[int] = set()
    for assignment in assignments:
        outline = outlines[assignment.pk]
        graded |= set(outline.graded_ids)
        read |= Q(delivery=assignment.delivery_id, step__in=outline.ids)
    finished = _is_finished(sorted(graded))
    alone: dict[str, Any] = {"partition_by": [F("delivery"), F("learner")]}
    rows = (
        Progress.objects.filter(read)
        .annotate(
            is_finished=_flag(finished),
            missed_twice=_missed_twice(
                attempt__delivery__in=[assignment.delivery_id for assignment in assignments]
            ),
            place=Window(RowNumber(), order_by=["-touched_at", "-pk"], **alone),
            finished=Window(Count("pk", filter=finished), **alone),
        )
        .filter(place=1)
        .values_list("delivery_id", *LATEST, named=True)
    )
    found: dict[int, dict[int, Any]] = {}
    for row in rows:
        found.setdefault(row.delivery_id, {})[row.learner_id] = row
    return found


def _waiting(classroom: Classroom) -> dict[int, int]:
    """Written answers that no person has marked, by delivery: those of the marking queue."""
    rows = (
        written_items(classroom.pk)
        .filter(WAITING)
        .order_by()
        .values_list("attempt__delivery_id")
        .annotate(n=Count("pk"))
    )
    return dict(rows)
