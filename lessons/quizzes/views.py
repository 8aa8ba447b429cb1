"""The page on which editors see every kind of question at work, in the preview delivery."""

from dataclasses import dataclass
from typing import cast

from django.contrib.auth.decorators import user_passes_test
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.functional import cached_property
from django.views.decorators.http import require_POST, require_safe

from lessons.accounts.learners import learner_of, reader_mark
from lessons.accounts.models import User
from lessons.core.htmx import render_page, wants_fragment
from lessons.core.models import ContentVersion

from . import domain
from .answering import Refusal, require_same_reader, sent_levels, show_refusal, status_of
from .kinds.base import InvalidAnswer
from .models import AttemptItem, Delivery, Quiz
from .sittings import ItemView, Sitting, load_sitting

SAMPLES = "samples"
"""The key of the quiz with one question of each kind."""


@dataclass
class KindsPage:
    delivery: Delivery
    quiz: Quiz
    learner: User
    reader: str
    version: int

    @cached_property
    def sitting(self) -> Sitting:
        return load_sitting(
            quiz=self.quiz, delivery=self.delivery, learner=self.learner, version=self.version
        )

    @property
    def address(self) -> str:
        return reverse("quizzes:kinds")

    anchors = frozenset[str]()

    @property
    def total(self) -> int:
        return len(self.sitting.items)

    def action(self, name: str, **kwargs: object) -> str:
        return reverse(f"quizzes:kinds-{name}", kwargs=kwargs)

    def item(self, position: int) -> ItemView:
        view = self.sitting.at(position)
        if view is None:
            raise Http404
        return view

    def begun(self, view: ItemView) -> AttemptItem:
        if view.item is None:
            self.sitting.begin(
                domain.open_items(
                    delivery=self.delivery,
                    quiz=self.quiz,
                    by=self.learner,
                    seed=view.seed,
                    version=self.version,
                )
            )
        return cast("AttemptItem", view.item)  # begin() gave every view its own

    def reload(self) -> None:
        self.__dict__.pop("sitting", None)


def get_page(request: HttpRequest) -> KindsPage:
    """The sample quiz as the signed-in editor has it; 404 where it is not loaded."""
    quiz = Quiz.objects.filter(key=SAMPLES).first()
    learner = learner_of(request)
    if quiz is None or learner is None:
        raise Http404
    version = ContentVersion.current()
    return KindsPage(Delivery.objects.preview(), quiz, learner, reader_mark(request), version)


def _may_edit(user: User | AnonymousUser) -> bool:
    """Raises PermissionDenied: the sign-in page would send whoever is signed in back for ever."""
    if not user.is_staff:
        raise PermissionDenied
    return True


editors_only = user_passes_test(_may_edit)
"""A visitor is sent to sign in by the middleware; everybody else but editors may not (403)."""


@editors_only
@require_safe
def kinds(request: HttpRequest) -> HttpResponse:
    return _draw(request, get_page(request))


@editors_only
@require_POST
def kinds_question(request: HttpRequest, position: int) -> HttpResponseBase:
    page = get_page(request)
    view = page.item(position)
    try:
        require_same_reader(request)
        submission = view.read(request.POST)
        domain.check_answer(item=page.begun(view), submission=submission)
    except (InvalidAnswer, domain.WorkRefused) as refusal:
        return _refused(request, page, position, refusal)
    return _answered(request, page, position)


@editors_only
@require_POST
def kinds_draft(request: HttpRequest, position: int) -> JsonResponse:
    page = get_page(request)
    view = page.item(position)
    try:
        require_same_reader(request)
        submission = view.read(request.POST, partial=True)
        draft = domain.save_draft(item=page.begun(view), submission=submission)
    except (InvalidAnswer, domain.WorkRefused) as refusal:
        return JsonResponse({"message": refusal.message}, status=status_of(refusal))
    return JsonResponse({"saves": draft.version, "saved_at": f"{draft.saved_at:%H:%M}"})


@editors_only
@require_POST
def kinds_assess(request: HttpRequest, position: int) -> HttpResponseBase:
    page = get_page(request)
    view = page.item(position)
    try:
        require_same_reader(request)
        if view.item is None:
            raise Http404
        domain.assess_own_response(
            item=view.item, levels=sent_levels(view, request.POST), by=page.learner
        )
    except domain.WorkRefused as refusal:
        return _refused(request, page, position, refusal)
    return _answered(request, page, position)


@editors_only
@require_POST
def kinds_again(request: HttpRequest) -> HttpResponseBase:
    """Try all kinds afresh: what is left open is handed in."""
    page = get_page(request)
    if page.sitting.attempt is not None:
        domain.submit_attempt(attempt=page.sitting.attempt)
    domain.start_attempt(
        delivery=page.delivery,
        quiz=page.quiz,
        by=page.learner,
        seed=int(get_random_string(9, "123456789")),
        version=page.version,
    )
    return redirect(page.address)


def _draw(
    request: HttpRequest, page: KindsPage, *, position: int | None = None, status: int = 200
) -> HttpResponse:
    context = {"page": page, "item": page.item(position) if position else None}
    partial = "answer" if position else ""
    return render_page(request, "quizzes/kinds.html", context, partial=partial, status=status)


def _answered(request: HttpRequest, page: KindsPage, position: int) -> HttpResponseBase:
    if not wants_fragment(request):
        return redirect(f"{page.address}#q{position}")
    page.reload()
    return _draw(request, page, position=position)


def _refused(
    request: HttpRequest, page: KindsPage, position: int, refusal: Refusal
) -> HttpResponse:
    page.reload()
    show_refusal(page.item(position), request.POST, refusal)
    return _draw(request, page, position=position, status=status_of(refusal))
