"""A step page as one student sees it now, for those who teach them: looked at, never written to.

Their sitting, their progress and their release state come from the same code as their own page.
Nothing of it is kept for others to see: what is shared between readers is drawn for the student's
own addresses, so here it is drawn anew. What the student judged of their own answer stays theirs.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lessons.core.models import ContentVersion
from lessons.guided.given import Given
from lessons.guided.models import Lesson
from lessons.guided.outlines import StepOutline, lesson_outline
from lessons.guided.study import StepPage, Study
from lessons.quizzes.drawing import draw_practice
from lessons.quizzes.models import Mark
from lessons.quizzes.sittings import Sitting

from .access import given_as, lessons_in
from .models import Assignment, Membership

UNCACHED = 0
"""The content version under which nothing is kept (core.rendered)."""


@dataclass
class SeenStudy(Study):
    """A student's lesson with addresses of the teacher's view of it."""

    classroom_id: int = 0
    membership_id: int = 0
    assignment_id: int = 0

    @property
    def place(self) -> dict[str, int]:
        return {
            "classroom": self.classroom_id,
            "membership": self.membership_id,
            "assignment": self.assignment_id,
        }

    def address(
        self, step: StepOutline | None = None, action: str = "step", **kwargs: object
    ) -> str:
        """Of the list of steps, or of a step; an action has none."""
        if step is None:
            return reverse("classrooms:student-as", kwargs=self.place)
        if action != "step":
            return ""
        parts = {**self.place, "lesson": self.lesson.slug, "step": step.slug}
        return reverse("classrooms:student-as-step", kwargs=parts)


@dataclass
class SeenPage(StepPage):
    """A student's step page, drawn for somebody who looks over their shoulder."""

    @cached_property
    def sitting(self) -> Sitting | None:
        sitting: Sitting | None = StepPage.sitting.func(self)  # type: ignore[attr-defined]
        for view in sitting.items if sitting else []:
            mark = view.item.mark if view.item else None
            if view.item is not None and mark is not None and mark.by == Mark.By.SELF:
                # The page tells its student "Only you see this".
                view._marking_key = dict(mark.marking_key.content)
                view.item.mark = view.item.score = None
        return sitting

    @property
    def rail_html(self) -> SafeString:
        """Not the one that is kept for students: its links lead to their own pages."""
        return self._draw_rail()

    @property
    def questions_html(self) -> SafeString:
        sitting = self.sitting
        if sitting is None:
            return SafeString()
        if sitting.is_practice:
            return format_html('<div id="questions">{}</div>', draw_practice(self, "", UNCACHED))
        context = {"page": self, "step": self.step, "lesson": self.study.lesson, "sitting": sitting}
        return render_to_string("guided/step.html#questions", context)


@dataclass(frozen=True)
class Seen:
    """What a student sees of an assignment at this moment."""

    membership: Membership
    assignment: Assignment
    moment: datetime

    @cached_property
    def given(self) -> Given:
        """As it is presented to them."""
        exceptions = self.assignment.delivery.exceptions
        return given_as(
            self.assignment,
            address=reverse(
                "classrooms:student-as",
                args=[self.assignment.classroom_id, self.membership.pk, self.assignment.pk],
            ),
            exception=exceptions.filter(learner=self.membership.user_id).first(),
        )

    @property
    def opens_at(self) -> datetime | None:
        """When it opens for them; None where it is open."""
        opens_at = self.given.terms(self.assignment.delivery).opens_at
        return opens_at if opens_at and self.moment < opens_at else None

    def study(self, slug: str, version: int | None = None) -> SeenStudy | None:
        """The student in a lesson of the assignment; None where it holds no such lesson."""
        version = ContentVersion.current() if version is None else version
        delivery = self.assignment.delivery
        outline = lesson_outline(slug, version, delivery=delivery)
        if outline is None or not outline.is_public:
            return None
        if outline.pk not in lessons_in(self.assignment):
            return None
        return SeenStudy(
            delivery,
            outline,
            self.membership.user,
            version,
            given=self.given,
            classroom_id=self.assignment.classroom_id,
            membership_id=self.membership.pk,
            assignment_id=self.assignment.pk,
        )

    def studies(self) -> list[SeenStudy]:
        """Every lesson of the assignment, in order."""
        version = ContentVersion.current()
        slugs = (
            Lesson.objects.filter(pk__in=lessons_in(self.assignment))
            .order_by("module__order", "order")
            .values_list("slug", flat=True)
        )
        found = (self.study(slug, version) for slug in slugs)
        return [study for study in found if study is not None]


def seen_by(membership: Membership, assignment: Assignment) -> Seen:
    return Seen(membership, assignment, timezone.now())
