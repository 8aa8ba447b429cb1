"""Time on each step: the median, since one learner who left the page open would move a mean."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber

from lessons.classrooms.domain.assignments import learners_of
from lessons.guided.models import Progress
from lessons.quizzes.statistics import median

from .facts import Board, StepFact
from .wording import few, minutes


@dataclass(frozen=True)
class StepTime:
    """How many have been at a step, and how long those stayed who finished it."""

    step: StepFact
    begun: int
    finished: int
    skipped: int
    seconds: float | None
    """The median of the visible seconds of those who finished; None where nobody did."""

    @property
    def median_text(self) -> str:
        return minutes(self.seconds)

    @property
    def planned_text(self) -> str:
        return minutes(self.step.minutes * 60)

    @property
    def warning(self) -> str:
        return few(self.finished) if self.finished else ""


def step_times(board: Board) -> list[StepTime]:
    """Every step in order (two queries). The middle one or two rows of a step are found in SQL."""
    rows = Progress.objects.filter(
        delivery=board.delivery,
        step__in=board.outline.ids,
        learner__in=learners_of(board.assignment).values("user"),
    )
    counts = {
        step: (begun, finished, skipped)
        for step, begun, finished, skipped in rows.order_by()
        .values_list("step")
        .annotate(
            begun=Count("pk"),
            finished=Count("completed_at"),
            skipped=Count("pk", filter=Q(completed_at__isnull=True, skipped=True)),
        )
    }
    alone: dict[str, Any] = {"partition_by": F("step")}
    middle: dict[int, list[float]] = {}
    ordered = (
        rows.filter(completed_at__isnull=False)
        .annotate(
            place=Window(RowNumber(), order_by=["active_seconds", "pk"], **alone),
            size=Window(Count("pk"), **alone),
        )
        # Of n rows the middle ones have places with n ≤ 2·place ≤ n + 2.
        .filter(place__gte=F("size") / 2.0, place__lte=F("size") / 2.0 + 1)
    )
    for step, seconds in ordered.values_list("step", "active_seconds"):
        middle.setdefault(step, []).append(seconds)
    return [
        StepTime(step, *counts.get(step.pk, (0, 0, 0)), median(middle.get(step.pk, [])))
        for step in board.outline.steps
    ]
