"""Who may be where. A stranger gets a 404: what one may not see does not exist."""

from django.http import Http404, HttpRequest

from lessons.accounts.learners import learner_of, reader_mark
from lessons.core.models import ContentVersion
from lessons.core.rendered import rendered
from lessons.quizzes.models import Delivery

from .outlines import LessonOutline, lesson_outline
from .study import StepPage, Study


def get_delivery(request: HttpRequest, key: str, version: int) -> Delivery:
    """The self-study delivery for everyone; the preview for editors and instructors."""
    if not key:
        # It always exists and its terms are nobody's to change, so it is read once a version.
        return rendered(("self-study",), version, Delivery.objects.self_study)
    user = request.user
    may_preview = user.is_authenticated and (user.is_staff or user.is_instructor)
    if key == Delivery.PREVIEW and may_preview:
        return Delivery.objects.preview()
    raise Http404


def get_study(request: HttpRequest, *, lesson: str, delivery: str = "") -> Study:
    """The reader in this lesson; unpublished lessons exist only in an editor's preview."""
    version = ContentVersion.current()
    given = get_delivery(request, delivery, version)
    drafts = given.is_preview and bool(request.user.is_staff)
    outline: LessonOutline | None = lesson_outline(lesson, version, drafts=drafts)
    if outline is None or not (outline.is_public or drafts):
        raise Http404
    return Study(given, outline, learner_of(request), version, drafts=drafts)


def get_step_page(
    request: HttpRequest, *, lesson: str, step: str, delivery: str = "", number: int | None = None
) -> StepPage:
    """The reader at this step; 404 where it does not exist for them or is not open yet."""
    study = get_study(request, lesson=lesson, delivery=delivery)
    outline = study.lesson.step(step)
    if outline is None or not study.is_open(outline):
        raise Http404
    return StepPage(study, outline, reader_mark(request), number)
