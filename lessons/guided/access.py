"""Who may be where. A stranger gets a 404: what one may not see does not exist."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from django.http import Http404, HttpRequest
from django.utils import timezone

from lessons.accounts.learners import learner_of, reader_mark
from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.core.rendered import rendered
from lessons.quizzes.models import Delivery

from .given import NOBODYS, Given
from .outlines import LessonOutline, lesson_outline
from .study import StepPage, Study


@dataclass(frozen=True)
class Grant:
    """What one reader may do with a delivery that a higher app gives out."""

    delivery: Delivery
    lessons: frozenset[int]
    """The lessons it holds."""
    opens_at: datetime | None = None
    """Before this moment its learner sees only that it will open."""
    is_learner: bool = True
    """False for those who teach the class and look at it as it will be seen."""
    given: Given = NOBODYS
    """How its pages present it."""


Giver = Callable[[User, str, int], Grant | None]
"""User, key of a delivery, content version."""
givers: list[Giver] = []


def gives(function: Giver) -> Giver:
    """Register a rule of a higher app: which delivery a user may enter under a key."""
    if function not in givers:
        givers.append(function)
    return function


class NotOpenYet(Http404):
    """Work that was given out and opens later; the page says when."""

    def __init__(self, opens_at: datetime, zone: tzinfo = UTC) -> None:
        super().__init__()
        self.opens_at = opens_at
        self.zone = zone


class NotReachedYet(Http404):
    """A step that waits for the questions of an earlier one; the page leads there."""

    def __init__(self, title: str, address: str) -> None:
        super().__init__()
        self.waits_for = {"title": title, "address": address}


def may_teach(request: HttpRequest) -> bool:
    """Whether the reader may see what is for teachers: instructors and editors do."""
    user = request.user
    return bool(user.is_authenticated and (user.is_staff or user.is_instructor))


def get_delivery(request: HttpRequest, key: str, version: int) -> Grant:
    """The self-study delivery for everyone; the preview for editors and instructors."""
    if not key:
        # It always exists and its terms are nobody's to change, so it is read once a version.
        return rendered(("self-study",), version, lambda: Grant(_self_study(), frozenset()))
    user = request.user
    if not user.is_authenticated:
        raise Http404
    if key == Delivery.PREVIEW:
        if may_teach(request):
            return Grant(Delivery.objects.preview(), frozenset(), is_learner=False)
        raise Http404
    for giver in givers:
        grant = giver(user, key, version)
        if grant is not None:
            if grant.is_learner and grant.opens_at and timezone.now() < grant.opens_at:
                raise NotOpenYet(grant.opens_at, grant.given.zone)
            return grant
    raise Http404


def _self_study() -> Delivery:
    return Delivery.objects.self_study()


def get_study(request: HttpRequest, *, lesson: str, delivery: str = "") -> Study:
    """The reader in this lesson; unpublished lessons exist only in an editor's preview."""
    version = ContentVersion.current()
    grant = get_delivery(request, delivery, version)
    given = grant.delivery
    drafts = given.is_preview and bool(request.user.is_staff)
    outline: LessonOutline | None = lesson_outline(lesson, version, drafts=drafts, delivery=given)
    if outline is None or not (outline.is_public or drafts):
        raise Http404
    if given.kind == Delivery.Kind.ASSIGNED and outline.pk not in grant.lessons:
        raise Http404
    return Study(
        given,
        outline,
        learner_of(request),
        version,
        drafts=drafts,
        everything_is_open=not grant.is_learner,
        given=grant.given,
    )


def get_step_page(
    request: HttpRequest, *, lesson: str, step: str, delivery: str = "", number: int | None = None
) -> StepPage:
    """The reader at this step; 404 where it does not exist for them or is not open yet."""
    study = get_study(request, lesson=lesson, delivery=delivery)
    outline = study.lesson.step(step)
    if outline is None:
        raise Http404
    waited_for = study.waits_for(outline)
    if waited_for is not None:
        raise NotReachedYet(waited_for.title, study.address(waited_for))
    return StepPage(study, outline, reader_mark(request), number)
