"""How one student's grade for one assignment comes about, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from lessons.accounts.models import User
from lessons.classrooms.gradebook import (
    Column,
    Row,
    graded_items,
    read_cell,
    read_works,
)
from lessons.classrooms.grading import Cell, Line, lines_of
from lessons.classrooms.models import Assignment, GradeEvent, GradeOverride, Membership
from lessons.quizzes.kinds import kind_of
from lessons.quizzes.models import Attempt, AttemptItem, DeliveryException, Mark
from lessons.quizzes.sittings import words_of

EXCUSES = (GradeEvent.What.EXCUSED, GradeEvent.What.UNEXCUSED)


@dataclass(frozen=True)
class ItemLine:
    """One question of an attempt, as it counts."""

    position: int
    prompt: str
    answer: str
    """In words; empty where nothing was answered."""
    points: Decimal
    score: Decimal | None
    """A fraction; None while unmarked."""
    by_machine: bool
    marker: User | None
    marked_at: datetime | None
    comment: str

    @property
    def earned(self) -> Decimal:
        return self.points * (self.score or 0)


@dataclass(frozen=True)
class PartLine:
    line: Line
    items: Sequence[ItemLine]


@dataclass
class GradeDetail:
    membership: Membership
    column: Column
    row: Row
    parts: list[PartLine]
    overrides: list[GradeOverride]
    """The latest first."""
    excuses: list[GradeEvent]
    attempts: list[Attempt]
    """All of them, void ones too."""
    exception: DeliveryException | None = field(default=None)

    @property
    def cell(self) -> Cell:
        return self.row.cells[0]

    @property
    def override(self) -> GradeOverride | None:
        """The grade set by hand that stands."""
        latest = self.overrides[0] if self.overrides else None
        return latest if latest is not None and latest.score is not None else None

    @property
    def voided(self) -> list[Attempt]:
        return [attempt for attempt in self.attempts if attempt.voided_at]

    @property
    def computed_earned(self) -> Decimal:
        return sum((part.line.earned for part in self.parts), Decimal(0))

    @property
    def computed_points(self) -> Decimal:
        return sum((part.line.points for part in self.parts), Decimal(0))


def read_grade(assignment: Assignment, membership: Membership, moment: datetime) -> GradeDetail:
    """Everything of one cell of the gradebook, in a constant number of queries."""
    column, row = read_cell(assignment, membership, moment=moment)
    user = membership.user_id
    works = read_works([column], moment, user).get((assignment.delivery_id, user), {})
    lines = lines_of(column.parts, works, column.rules_for(user), moment)
    items = _items(column, [work.attempt for work in works.values()])
    own = {"assignment": assignment, "membership": membership}
    return GradeDetail(
        membership=membership,
        column=column,
        row=row,
        parts=[
            PartLine(line, items.get(line.work.attempt, []) if line.work else []) for line in lines
        ],
        overrides=list(GradeOverride.objects.filter(**own).select_related("by")),
        excuses=list(GradeEvent.objects.filter(**own, what__in=EXCUSES).select_related("by")),
        attempts=list(
            Attempt.objects.filter(delivery=assignment.delivery_id, learner=user)
            .select_related("quiz")
            .order_by("started_at", "pk")
        ),
        exception=column.exceptions.get(user),
    )


def _items(column: Column, attempts: Sequence[int]) -> dict[int, list[ItemLine]]:
    found: dict[int, list[ItemLine]] = {}
    items = (
        graded_items([column])
        .filter(attempt__in=attempts)
        .select_related("revision", "response", "mark__marker")
        .order_by("attempt", "position")
    )
    for item in items:
        found.setdefault(item.attempt_id, []).append(_item_line(item))
    return found


def _item_line(item: AttemptItem) -> ItemLine:
    face = item.revision.content
    score, points = item.counted, item.worth  # type: ignore[attr-defined]  # annotated
    mark = item.mark if item.mark is not None and item.mark.by != Mark.By.SELF else None
    is_first = item.response is not None and item.response.version == 1
    by_person = mark is not None and mark.by == Mark.By.PERSON
    return ItemLine(
        position=item.position,
        prompt=str(face["prompt"]),
        answer=words_of(face, item.response.answer) if item.response and is_first else "",
        points=points,
        score=score,
        by_machine=kind_of(face["kind"]).marked_by_machine and not by_person,
        marker=mark.marker if mark and by_person else None,
        marked_at=mark.created_at if mark and by_person else None,
        comment=mark.comment if mark and by_person else "",
    )
