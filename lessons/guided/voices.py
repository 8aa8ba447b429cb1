"""Who may see one voice at a time on a document's page: not before its exercises are answered."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from lessons.accounts.learners import learner_of
from lessons.accounts.models import User
from lessons.core.models import ContentVersion, Status
from lessons.core.rendered import rendered
from lessons.documents.models import Document
from lessons.documents.voices import Waiting, keeps_voices
from lessons.quizzes.models import AttemptItem, Delivery, Question
from lessons.quizzes.models.deliveries import Release
from lessons.quizzes.terms import answers_released, is_withheld, last_due_of

from .access import may_teach
from .models import Step


@keeps_voices
def voices_wait(request: HttpRequest, document: Document) -> Waiting | None:
    """The first exercise on the document's voices that the reader may not know the key of yet."""
    if may_teach(request):
        return None
    version = ContentVersion.current()
    asked = rendered(("voices asked", document.pk), version, lambda: _asked(document))
    known = _known(learner_of(request), [question for question, _step in asked])
    step = next((step for question, step in asked if question not in known), None)
    if step is None:
        return None
    return Waiting(step.title, reverse("guided:step", args=[step.lesson.slug, step.slug]))


def _asked(document: Document) -> list[tuple[int, Step]]:
    """Each published question on the document's voices, with the step that asks it."""
    steps = (
        Step.objects.filter(
            quiz__status=Status.PUBLISHED,
            quiz__questions__kind=Question.Kind.VOICES,
            quiz__questions__status=Status.PUBLISHED,
            quiz__questions__text__passage__document=document,
            lesson__status=Status.PUBLISHED,
            lesson__module__status=Status.PUBLISHED,
        )
        .select_related("lesson")
        .order_by("lesson__order", "order")
        .distinct()
    )
    return [
        (question, step)
        for step in steps
        for question in Question.objects.published()
        .filter(
            quizzes=step.quiz_id,
            kind=Question.Kind.VOICES,
            text__passage__document=document,
        )
        .values_list("pk", flat=True)
    ]


def _known(learner: User | None, questions: list[int]) -> set[int]:
    """Those of the questions that the learner has finished and may see the key of."""
    if learner is None or not questions:
        return set()
    items = (
        AttemptItem.objects.filter(
            attempt__learner=learner, question__in=questions, closed_at__isnull=False
        )
        .exclude(attempt__delivery__kind=Delivery.Kind.PREVIEW)
        .select_related("attempt__delivery", "attempt__quiz")
    )
    return {item.question_id for item in items if _may_tell(item, learner)}


def _may_tell(item: AttemptItem, learner: User) -> bool:
    delivery, quiz = item.attempt.delivery, item.attempt.quiz
    due = last_due_of(delivery) if delivery.release == Release.AFTER_DUE else None
    told = answers_released(delivery, submitted=True, last_due=due, moment=timezone.now())
    return told and not is_withheld(learner, quiz, delivery)
