"""The invented people of the demonstration, and what the student among them has done so far."""

from typing import Any

from django.db import transaction

from lessons.accounts.domain import make_editor, make_instructor
from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.quizzes.models import Delivery

from . import domain
from .models import Lesson
from .outlines import lesson_outline

PEOPLE: dict[str, dict[str, Any]] = {
    "demo-student": {"display_name": "Amara Okafor"},
    "demo-instructor": {"display_name": "Dr Leyla Aydın"},
    "demo-editor": {"display_name": "Tomás Rey"},
}


def make_demo_people() -> None:
    """The three people where they are missing; the student has read the first steps."""
    for username, facts in PEOPLE.items():
        with transaction.atomic():
            user, is_new = User.objects.get_or_create(username=username, defaults=facts)
            if is_new:
                user.set_unusable_password()
                user.save(update_fields=["password"])
                if username == "demo-instructor":
                    make_instructor(user=user)
                elif username == "demo-editor":
                    make_editor(user=user)
        if is_new and username == "demo-student":
            _read_first_steps(user)


def _read_first_steps(student: User) -> None:
    """The first lesson's opening steps, up to its first question: something to come back to."""
    lesson = Lesson.objects.published().order_by("module__order", "order").first()
    if lesson is None:
        return
    version = ContentVersion.current()
    outline = lesson_outline(lesson.slug, version)
    if outline is None:
        return
    delivery = Delivery.objects.self_study()
    for step in outline.steps:
        if step.asks:
            break
        domain.finish_step(
            delivery=delivery, step_id=step.pk, progress=None, by=student, answered=True
        )
