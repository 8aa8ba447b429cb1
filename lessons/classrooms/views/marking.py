"""Marking: the queue, one answer, requests for another look, and questions that do not count."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lessons.accounts.learners import reader_mark
from lessons.classrooms.access import InClass, May, assignment_or_404, in_class
from lessons.classrooms.domain import marking as domain
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.marking import (
    AnswerPage,
    answer_or_404,
    asked_in,
    places,
    queue_of,
    request_or_404,
)
from lessons.classrooms.models import RegradeRequest, VoidedQuestion
from lessons.core.forms import refuse_lone_surrogates
from lessons.quizzes.answering import require_same_reader
from lessons.quizzes.domain import StaleMark, WorkRefused
from lessons.quizzes.kinds.base import InvalidAnswer
from lessons.quizzes.models import Question

LEVEL = "level-"
MOST_FIELDS = 40
"""Criteria that a posted form may speak of; a rubric has two or three."""
Refusal = InvalidAnswer | WorkRefused | ClassRefused


@in_class(May.TEACH)
@require_safe
def marking(request: HttpRequest, here: InClass) -> HttpResponse:
    queue = queue_of(here.classroom)
    return render(request, "classrooms/marking.html", {"here": here, "queue": queue})


@in_class(May.TEACH)
@require_safe
def marking_question(
    request: HttpRequest, here: InClass, assignment: int, question: int
) -> HttpResponseBase:
    """To the first answer that waits, or else the first; or a page that says there is none."""
    given = assignment_or_404(here.classroom, assignment)
    order, waiting = places(here.classroom.pk, given, question)
    first = next((pk for pk in order if pk in waiting), order[0] if order else None)
    if first is not None:
        return redirect(_address(here, given.pk, question, first, names=_names(request)))
    asked = Question.objects.filter(pk=question, attempt_items__attempt__delivery=given.delivery)
    found = asked.first()
    if found is None:
        raise Http404
    context = {"here": here, "assignment": given, "question": found}
    return render(request, "classrooms/marking_none.html", context)


@in_class(May.TEACH)
@require_http_methods(["GET", "HEAD", "POST"])
def marking_answer(
    request: HttpRequest, here: InClass, assignment: int, question: int, response: int
) -> HttpResponseBase:
    """One answer: a GET shows it; a POST marks it, or picks, keeps or drops a comment."""
    page = answer_or_404(here.classroom, assignment, question, response)
    page.names_shown = _names(request)
    if request.method != "POST":
        return _draw(request, here, page)
    _take_typed(page, request)
    try:
        require_same_reader(request)
        if request.POST.get("do", "mark") != "mark":
            return _comments(request, here, page)
        domain.mark_answer(
            assignment=page.assignment,
            response=page.response,
            levels=page.levels,
            by=here.user,
            base_mark=_number(request, "base"),
            comment=page.comment,
        )
    except (InvalidAnswer, WorkRefused, ClassRefused) as refusal:
        return _refused(request, here, page, refusal)
    return _onward(request, here, page)


@in_class(May.TEACH)
@require_http_methods(["GET", "HEAD", "POST"])
def marking_request(request: HttpRequest, here: InClass, regrade: int) -> HttpResponseBase:
    """A student asks for another look: keep the mark, or give another, with a reply."""
    asked, page = request_or_404(here.classroom, regrade)
    page.names_shown = _names(request)
    if request.method != "POST":
        return _draw(request, here, page, asked=asked)
    _take_typed(page, request)
    try:
        require_same_reader(request)
        domain.answer_request(
            request=asked,
            reply=request.POST.get("reply", ""),
            by=here.user,
            keep=_keeps(request),
            levels=page.levels if page.is_written else {},
            score=None if page.is_written else _score(page),
            comment=page.comment,
            base_mark=_number(request, "base"),
        )
    except (InvalidAnswer, WorkRefused, ClassRefused) as refusal:
        return _refused(request, here, page, refusal, asked=asked)
    messages.success(request, _("Answered. The student is told."))
    return redirect("classrooms:marking", classroom=here.classroom.pk)


@in_class(May.TEACH)
@require_safe
def marking_questions(request: HttpRequest, here: InClass, assignment: int) -> HttpResponse:
    return _questions(request, here, assignment)


@in_class(May.MANAGE)
@require_POST
def question_void(
    request: HttpRequest, here: InClass, assignment: int, question: int
) -> HttpResponseBase:
    given = assignment_or_404(here.classroom, assignment)
    refuse_lone_surrogates(request.POST)
    asked = next((row for row in asked_in(given) if row.question.pk == question), None)
    if asked is None:
        raise Http404
    try:
        domain.void_question(
            assignment=given,
            question=asked.question,
            reason=request.POST.get("reason", ""),
            by=here.user,
        )
    except (InvalidAnswer, ClassRefused) as refusal:
        return _questions(request, here, assignment, refused=question, error=refusal.message)
    messages.success(request, _("The question does not count any more in this assignment."))
    return redirect(
        "classrooms:marking-questions", classroom=here.classroom.pk, assignment=given.pk
    )


@in_class(May.MANAGE)
@require_POST
def question_count(
    request: HttpRequest, here: InClass, assignment: int, question: int
) -> HttpResponseBase:
    """A question counts again."""
    given = assignment_or_404(here.classroom, assignment)
    voided = VoidedQuestion.objects.filter(
        assignment=given, question=question, lifted_at__isnull=True
    ).first()
    if voided is not None:
        voided.assignment = given
        domain.lift_void(voided=voided, by=here.user)
        messages.success(request, _("The question counts again."))
    return redirect(
        "classrooms:marking-questions", classroom=here.classroom.pk, assignment=given.pk
    )


# --- What the views above share -----------------------------------------------------------------


def _names(request: HttpRequest) -> bool:
    return request.GET.get("names") == "1"


def _address(here: InClass, assignment: int, question: int, response: int, *, names: bool) -> str:
    where = [here.classroom.pk, assignment, question, response]
    return reverse("classrooms:marking-answer", args=where) + ("?names=1" if names else "")


def _number(request: HttpRequest, name: str) -> int:
    value = request.POST.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise InvalidAnswer(_("The form is not complete. Reload the page and try again."))
    return int(value)


def _keeps(request: HttpRequest) -> bool:
    decision = request.POST.get("decision", "")
    if decision not in {"keep", "change"}:
        raise InvalidAnswer(_("Choose whether the mark is kept or changed."))
    return decision == "keep"


def _take_typed(page: AnswerPage, request: HttpRequest) -> None:
    refuse_lone_surrogates(request.POST)
    named = [name for name in request.POST if name.startswith(LEVEL)][:MOST_FIELDS]
    page.typed_levels = {name.removeprefix(LEVEL): request.POST.get(name, "") for name in named}
    page.typed_comment = request.POST.get("comment", "")
    page.typed_points = request.POST.get("points", "")


def _score(page: AnswerPage) -> Decimal | None:
    """The share of its points that was typed; None for what is no number."""
    try:
        typed = Decimal((page.typed_points or "").strip().replace(",", ".")[:12])
        return typed / page.points if typed.is_finite() else None
    except (InvalidOperation, ZeroDivisionError):
        return None


def _comments(request: HttpRequest, here: InClass, page: AnswerPage) -> HttpResponse:
    """Pick, keep or drop a comment; what is chosen and typed stays on the page."""
    verb, _colon, number = request.POST["do"].partition(":")
    pk = int(number) if number.isascii() and number.isdigit() and len(number) <= 18 else 0
    if verb == "keep":
        domain.keep_comment(text=page.comment, question=page.item.question, by=here.user)
    elif verb == "drop":
        domain.drop_comment(comment=pk, by=here.user)
    elif verb == "pick" and (text := domain.use_comment(comment=pk, by=here.user)):
        page.typed_comment = f"{page.comment.rstrip()}\n{text}".strip()
    return _draw(request, here, page)


def _refused(
    request: HttpRequest,
    here: InClass,
    page: AnswerPage,
    refusal: Refusal,
    *,
    asked: RegradeRequest | None = None,
) -> HttpResponse:
    """422 for what is no mark; 409, with both shown, for one that no longer fits."""
    page.error = refusal.message
    if isinstance(refusal, StaleMark):
        page.theirs = refusal.theirs
    status = 409 if isinstance(refusal, WorkRefused) else 422
    return _draw(request, here, page, asked=asked, status=status)


def _onward(request: HttpRequest, here: InClass, page: AnswerPage) -> HttpResponseBase:
    """After a mark: to the next answer that waits, or back to the queue."""
    place = page.place
    if place is None or place.next_waiting is None:
        messages.success(request, _("Marked. No other answer to this question waits."))
        return redirect("classrooms:marking", classroom=here.classroom.pk)
    left = place.others_waiting
    messages.success(
        request,
        ngettext("Marked. %(n)s answer waits.", "Marked. %(n)s answers wait.", left) % {"n": left},
    )
    question = page.item.question_id
    return redirect(
        _address(here, page.assignment.pk, question, place.next_waiting, names=page.names_shown)
    )


def _draw(
    request: HttpRequest,
    here: InClass,
    page: AnswerPage,
    *,
    asked: RegradeRequest | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "here": here,
        "page": page,
        "asked": asked,
        "reader": reader_mark(request),
        "comments": page.comments_of(here.user) if asked is None else [],
        "typed": request.POST,
    }
    template = (
        "classrooms/marking_answer.html" if asked is None else "classrooms/marking_request.html"
    )
    return render(request, template, context, status=status)


def _questions(
    request: HttpRequest, here: InClass, assignment: int, *, refused: int = 0, error: str = ""
) -> HttpResponse:
    given = assignment_or_404(here.classroom, assignment)
    context = {
        "here": here,
        "assignment": given,
        "asked": asked_in(given),
        "refused": refused,
        "error": error,
        "typed": request.POST.get("reason", ""),
    }
    status = 422 if error else 200
    return render(request, "classrooms/marking_questions.html", context, status=status)
