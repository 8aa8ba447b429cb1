"""What a learner has done so far, for their own eyes: lessons begun, quizzes handed in."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Max, Q, Sum
from django.urls import reverse

from lessons.core.models import Status
from lessons.quizzes.models import Attempt, Delivery, Quiz
from lessons.quizzes.terms import withheld_among

from .models import Lesson, Progress, Step

if TYPE_CHECKING:
    from lessons.accounts.models import User


@dataclass(frozen=True)
class LessonWork:
    slug: str
    title: str
    module_title: str
    step_count: int
    done_count: int
    last_saved: datetime
    address: str
    resume_address: str
    resume_title: str

    @property
    def is_finished(self) -> bool:
        return self.step_count == self.done_count


@dataclass(frozen=True)
class QuizResult:
    quiz_title: str
    lesson_title: str
    number: int
    submitted_at: datetime
    earned: Decimal
    points: Decimal
    waiting: int
    """Answers that no one has marked yet."""
    address: str
    is_withheld: bool = False
    """Whether points may not be told: the quiz is given out elsewhere and not released there."""


def lessons_of(learner: "User") -> list[LessonWork]:
    """Every lesson the learner has begun in self-study, the latest first (two queries)."""
    own = Q(progress__learner=learner, progress__delivery__kind=Delivery.Kind.SELF_STUDY)
    begun = Lesson.objects.filter(
        pk__in=Progress.objects.filter(
            learner=learner, delivery__kind=Delivery.Kind.SELF_STUDY
        ).values("step__lesson"),
        status=Status.PUBLISHED,
        module__status=Status.PUBLISHED,
    ).select_related("module")
    rows = {lesson.pk: lesson for lesson in begun}
    steps: dict[int, list[Any]] = {}
    touched = (
        Step.objects.filter(lesson__in=list(rows))
        .annotate(
            touched=Max("progress__touched_at", filter=own),
            done=Count("progress", filter=own & Q(progress__completed_at__isnull=False)),
        )
        .order_by("order")
        .values_list("lesson_id", "slug", "title", "order", "touched", "done", named=True)
    )
    for step in touched:
        steps.setdefault(step.lesson_id, []).append(step)
    works = [_lesson_work(lesson, steps[pk]) for pk, lesson in rows.items()]
    return sorted(works, key=lambda work: work.last_saved, reverse=True)


def _lesson_work(lesson: Lesson, steps: list[Any]) -> LessonWork:
    """`steps` are rows of slug, title, order, touched (a moment or None) and done (0 or 1)."""
    last = max((step for step in steps if step.touched), key=lambda step: step.touched)
    left = [step for step in steps if not step.done]
    onward = [step for step in left if step.order >= last.order] or left or [steps[0]]
    here = onward[0]
    return LessonWork(
        slug=lesson.slug,
        title=lesson.title,
        module_title=lesson.module.title,
        step_count=len(steps),
        done_count=len(steps) - len(left),
        last_saved=last.touched,
        address=reverse("guided:lesson", args=[lesson.slug]),
        resume_address=reverse("guided:step", args=[lesson.slug, here.slug]),
        resume_title=here.title,
    )


def quiz_results_of(learner: "User") -> list[QuizResult]:
    """Every graded quiz the learner has handed in in self-study, the latest first.

    A constant number of queries: one, and those that ask what is withheld.
    """
    handed_in = (
        Attempt.objects.filter(
            learner=learner,
            delivery__kind=Delivery.Kind.SELF_STUDY,
            quiz__purpose=Quiz.Purpose.GRADED,
            submitted_at__isnull=False,
            quiz__steps__lesson__status=Status.PUBLISHED,
        )
        .annotate(
            quiz_title=F("quiz__title"),
            lesson_slug=F("quiz__steps__lesson__slug"),
            lesson_title=F("quiz__steps__lesson__title"),
            step_slug=F("quiz__steps__slug"),
            points=Sum("items__question__points"),
            earned=Sum(F("items__score") * F("items__question__points")),
            waiting=Count("items", filter=Q(items__score__isnull=True)),
            at=F("submitted_at"),
        )
        .order_by("-submitted_at")
        .values(
            *("quiz_id", "quiz_title", "lesson_slug", "lesson_title", "step_slug"),
            *("number", "at", "points", "earned", "waiting"),
        )
    )
    quizzes = Quiz.objects.filter(pk__in={row["quiz_id"] for row in handed_in})
    withheld: set[int] = set()
    if handed_in:
        withheld = withheld_among(learner, quizzes, Delivery.objects.self_study())
    return [
        QuizResult(
            quiz_title=row["quiz_title"],
            lesson_title=row["lesson_title"],
            number=row["number"],
            submitted_at=row["at"],
            earned=row["earned"] or Decimal(0),
            points=row["points"] or Decimal(0),
            waiting=row["waiting"],
            address=reverse("guided:step", args=[row["lesson_slug"], row["step_slug"]])
            + f"?attempt={row['number']}",
            is_withheld=row["quiz_id"] in withheld,
        )
        for row in handed_in
    ]
