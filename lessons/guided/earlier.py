"""What a learner wrote at an earlier step: their first answer to a question that comes again."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse

from lessons.quizzes.models import Delivery, Question, Response

from .outlines import EarlierStep

if TYPE_CHECKING:
    from lessons.accounts.models import User


@dataclass(frozen=True)
class EarlierAnswer:
    """`text` is empty where nothing was written yet."""

    lesson_title: str
    address: str
    """Of the step where it was, or can be, written."""
    text: str = ""
    written_at: datetime | None = None


def earlier_answer(
    earlier: EarlierStep, delivery: Delivery, learner: "User | None"
) -> EarlierAnswer:
    """The learner's own first written answer at an earlier step (one query; none for a visitor).

    It is looked for in deliveries of the same kind: what was written in self-study does not
    show in given-out work, nor a preview's anywhere else.
    """
    found = None
    if learner is not None:
        written = Response.objects.filter(
            item__attempt__learner=learner,
            item__attempt__quiz=earlier.quiz_pk,
            item__attempt__delivery__kind=delivery.kind,
            item__question__kind=Question.Kind.OPEN,
        )
        rows = written.order_by("created_at", "pk").values_list(
            "answer", "created_at", "item__attempt__delivery__key"
        )
        found = next((row for row in rows[:20] if row[0].get("text")), None)
    key = found[2] if found else delivery.key
    parts = {"lesson": earlier.lesson_slug, "step": earlier.slug}
    if delivery.kind != Delivery.Kind.SELF_STUDY:
        parts["delivery"] = key
    address = reverse("guided:step", kwargs=parts)
    if found is None:
        return EarlierAnswer(earlier.lesson_title, address)
    return EarlierAnswer(earlier.lesson_title, address, found[0]["text"], found[1])
