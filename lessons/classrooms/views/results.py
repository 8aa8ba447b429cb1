"""What a student sees of marked work, and asking for another look at it."""

from datetime import datetime
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lessons.accounts.learners import SignedInRequest, reader_mark
from lessons.accounts.models import User
from lessons.classrooms.access import assignments_of
from lessons.classrooms.domain import marking as domain
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.gradebook import read_cell
from lessons.classrooms.marking import result_of
from lessons.classrooms.models import Assignment, Membership
from lessons.core.domain import within_limit
from lessons.core.forms import refuse_lone_surrogates
from lessons.quizzes.answering import require_same_reader
from lessons.quizzes.domain import WorkRefused
from lessons.quizzes.kinds.base import InvalidAnswer
from lessons.quizzes.models import Delivery, Response
from lessons.quizzes.terms import answers_released, last_due_of

HOUR = 60 * 60
REQUESTS_AN_HOUR = 20


@require_safe
def assignment_result(request: SignedInRequest, assignment: int) -> HttpResponse:
    return _draw(request, _own_or_404(request, assignment))


@require_POST
def ask_again(request: SignedInRequest, assignment: int, response: int) -> HttpResponseBase:
    """Ask for another look at one answer."""
    given = _own_or_404(request, assignment)
    refuse_lone_surrogates(request.POST)
    own = Response.objects.filter(
        pk=response, item__attempt__learner=request.user, item__attempt__delivery=given.delivery
    ).first()
    if own is None:
        raise Http404
    if not within_limit(name=f"regrade:{request.user.pk}", limit=REQUESTS_AN_HOUR, seconds=HOUR):
        error = _("You have asked often in this hour. Please try again later.")
        return _draw(request, given, refused=response, error=error, status=429)
    try:
        require_same_reader(request)
        domain.ask_again(
            assignment=given,
            response=own,
            reason=request.POST.get("reason", ""),
            by=request.user,
        )
    except WorkRefused as refusal:
        return _draw(request, given, refused=response, error=refusal.message, status=409)
    except (InvalidAnswer, ClassRefused) as refusal:
        return _draw(request, given, refused=response, error=refusal.message, status=422)
    messages.success(request, _("Sent. Your teacher will look at it again."))
    return redirect(reverse("classrooms:assignment-result", args=[given.pk]) + f"#r{response}")


def _own_or_404(request: SignedInRequest, assignment: int) -> Assignment:
    given = assignments_of(request.user).select_related("delivery", "classroom")
    found = given.filter(pk=assignment).first()
    if found is None:
        raise Http404
    return found


def _is_released(delivery: Delivery, moment: datetime) -> bool:
    """Whether who did nothing may see a grade set by hand, or that they are excused."""
    due = last_due_of(delivery)
    return answers_released(delivery, submitted=True, last_due=due, moment=moment)


def _draw(
    request: HttpRequest,
    given: Assignment,
    *,
    refused: int = 0,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    learner, moment = cast("User", request.user), timezone.now()
    result = result_of(given, learner, moment=moment)
    column, cell = None, None
    if result.is_told or (not result.quizzes and _is_released(given.delivery, moment)):
        own = Membership.objects.get(classroom=given.classroom_id, user=learner)
        column, row = read_cell(given, own, moment=moment)
        (cell,) = row.cells
    context = {
        "assignment": given,
        "result": result,
        "grade": cell,
        "counted": {part.quiz: part.count.value for part in column.parts} if column else {},
        "reader": reader_mark(request),
        "refused": refused,
        "error": error,
        "typed": request.POST.get("reason", ""),
    }
    return render(request, "classrooms/assignment_result.html", context, status=status)
