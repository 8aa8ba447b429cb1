"""A learner's own pages: my work, my data, and work done as a guest."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lessons.accounts.domain import Refused, why_not_erase
from lessons.accounts.learners import (
    SignedInRequest,
    forget_guest,
    guest_to_claim,
    learner_of,
)
from lessons.core.forms import is_local_path
from lessons.guided import domain
from lessons.guided.export import everything_about, readable
from lessons.guided.sections import draw_sections
from lessons.guided.work import lessons_of, quiz_results_of


@login_not_required
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """My work: every lesson begun, where it was left, and the quizzes handed in."""
    learner = learner_of(request)
    context: dict[str, Any] = {"learner": learner}
    if learner is not None:
        context |= {
            "sections": draw_sections(request, learner),
            "work": lessons_of(learner),
            "results": quiz_results_of(learner),
        }
    return render(request, "guided/me.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def my_data(request: SignedInRequest) -> HttpResponseBase:
    """Take a copy of everything, or be erased (asked once more, with a tick)."""
    learner = request.user
    if request.method != "POST":
        return render(request, "guided/my_data.html", {"kept": why_not_erase(learner)})
    if request.POST.get("sure") != "yes":
        context = {"error": _("Tick the box first. Nothing was erased.")}
        return render(request, "guided/my_data.html", context, status=422)
    if learner.is_staff:
        context = {"error": _("An editor's account is removed by an administrator.")}
        return render(request, "guided/my_data.html", context, status=409)
    try:
        domain.erase_learner(learner=learner)
    except Refused as refusal:
        return render(request, "guided/my_data.html", {"error": str(refusal)}, status=409)
    logout(request)
    messages.success(request, _("You are erased."), extra_tags="signed-out")
    return redirect("guided:home")


@require_safe
def my_export(request: SignedInRequest) -> JsonResponse:
    response = JsonResponse(everything_about(request.user), json_dumps_params={"indent": 2})
    response["Content-Disposition"] = 'attachment; filename="my-work.json"'
    return response


@require_safe
def my_copy(request: SignedInRequest) -> HttpResponse:
    """The same as a page that a person can read and print."""
    return render(
        request, "guided/my_copy.html", {"parts": readable(everything_about(request.user))}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def guest_work(request: HttpRequest) -> HttpResponseBase:
    """After signing in: is the work a guest did on this device yours? No is the default."""
    guest = guest_to_claim(request)
    learner = learner_of(request)
    onward = request.POST.get("next", request.GET.get("next", ""))
    if not is_local_path(onward):
        onward = reverse("guided:me")
    if guest is None or learner is None or learner.is_guest:
        return redirect(onward)
    if request.method != "POST":
        context = {"guest": guest, "work": lessons_of(guest), "next": onward}
        return render(request, "guided/guest_work.html", context)
    if request.POST.get("mine") == "yes":
        domain.claim_guest_work(guest=guest, by=learner)
        messages.success(request, _("The work done as a guest is now with your own."))
    forget_guest(request)
    return redirect(onward)
