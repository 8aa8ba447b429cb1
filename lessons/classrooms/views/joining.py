"""Coming into a class by code or invitation, the classes one is in, and asking to be forgotten.

A wrong, closed or expired code, a full or archived class, and a code that one was removed from
get the same answer, found by the same query.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lessons.accounts.learners import SignedInRequest, learner_of
from lessons.accounts.models import User
from lessons.classrooms.class_forms import CodeForm, JoinForm
from lessons.classrooms.domain import classes
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.models import Classroom, Invitation, Membership
from lessons.core.domain import within_limit
from lessons.core.views import client_address

form_methods = require_http_methods(["GET", "HEAD", "POST"])
MINUTE = 60
TRIES, TRIES_SECONDS = 20, 5 * MINUTE
"""From one session. Joining takes two."""
TRIES_FROM_ONE_ADDRESS = 600
"""A minute: a school is one address, and two classes may join at once. A code has 40 bits."""


@login_not_required
@form_methods
def join(request: HttpRequest) -> HttpResponse:
    """Type a code; whether it opens anything is said on its own page."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return redirect("classrooms:join-code", form.cleaned_data["code"])
    status = 422 if form.is_bound else 200
    return render(request, "classrooms/join.html", {"form": form}, status=status)


@login_not_required
@never_cache
@form_methods
def join_code(request: HttpRequest, code: str) -> HttpResponse:
    """Join the class of a code: asked once more, and only with an account."""
    if not _may_try(request):
        return _refused(request, status=429)
    learner = learner_of(request)
    own = _own_by_code(learner, code)
    if own is not None and own.status == Membership.Status.ACTIVE:
        return _welcome(request, own, _("You are in this class already."))
    classroom = classes.joinable(code)
    if classroom is None or (own is not None and own.status == Membership.Status.REMOVED):
        return _refused(request, status=404)
    form = JoinForm(
        request.POST if request.method == "POST" else None,
        initial={"roster_name": _name_of(learner)},
    )
    if learner is None or learner.is_guest:
        return _account_first(request, {"classroom": classroom})
    if request.method == "POST" and form.is_valid():
        try:
            membership = classes.join_class(classroom=classroom, by=learner, **form.cleaned_data)
        except ClassRefused:
            return _refused(request, status=404)
        return _welcome(request, membership, _("You are in the class now."))
    context = {"classroom": classroom, "teachers": _teachers(classroom), "form": form}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "classrooms/join_confirm.html", context, status=status)


@login_not_required
@never_cache
@form_methods
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Take a place that was kept; whoever has the link may, once."""
    found = Invitation.objects.select_related("classroom").filter(token=token[:40]).first()
    learner = learner_of(request)
    is_taken = found is not None and learner is not None and found.accepted_by_id == learner.pk
    is_pressed_twice = is_taken and request.method == "POST"
    if (
        found is None
        or not (found.is_open or is_pressed_twice)
        or found.classroom.archived_at is not None
    ):
        return render(request, "classrooms/invitation_over.html", status=404)
    context: dict[str, Any] = {"invitation": found, "classroom": found.classroom}
    if learner is None or learner.is_guest:
        return _account_first(request, context)
    context["teachers"] = _teachers(found.classroom)
    if request.method != "POST":
        return render(request, "classrooms/invitation.html", context)
    try:
        membership = classes.accept_invitation(invitation=found, by=learner)
    except ClassRefused as refusal:
        context["error"] = refusal.message
        return render(request, "classrooms/invitation.html", context, status=409)
    return _welcome(request, membership, _("You are in the class now."))


@require_safe
def my_class_list(request: SignedInRequest) -> HttpResponse:
    """Every class one is or was in, with what may be done about it."""
    own = (
        Membership.objects.filter(user=request.user)
        .select_related("classroom")
        .order_by(F("ended_at").desc(nulls_first=True), "-joined_at", "pk")
    )
    context = {
        "memberships": [(membership, classes.erased_on(membership)) for membership in own],
        "days": classes.ERASURE_DAYS,
    }
    return render(request, "classrooms/my_class_list.html", context)


@require_POST
def erasure(request: SignedInRequest, record: int) -> HttpResponse:
    """Ask that a class one has left erase its record, or take that back."""
    own = get_object_or_404(Membership, user=request.user, pk=record)
    asked = request.POST.get("asked") != "no"
    try:
        classes.ask_erasure(membership=own, by=request.user, asked=asked)
    except ClassRefused as refusal:
        messages.error(request, refusal.message)
    else:
        done = _("Your request is noted.") if asked else _("Your request is taken back.")
        messages.success(request, done)
    return redirect("classrooms:my-class-list")


# --- What the views above share -----------------------------------------------------------------


def _may_try(request: HttpRequest) -> bool:
    """Whether this session and this address may try codes on. Counted before the code is looked
    at, so that the answer to one try too many tells nothing."""
    address = client_address(request)
    if not within_limit(name=f"join@{address}", limit=TRIES_FROM_ONE_ADDRESS, seconds=MINUTE):
        return False
    session = request.session.session_key
    return session is None or within_limit(
        name=f"join:{session}", limit=TRIES, seconds=TRIES_SECONDS
    )


def _refused(request: HttpRequest, *, status: int) -> HttpResponse:
    if request.session.session_key is None:
        request.session.create()  # a visitor's next try is counted
    form = CodeForm(auto_id="code_%s")
    message = (
        _("There were too many tries. Wait a few minutes, then try again.")
        if status == 429
        else classes.CODE_OPENS_NOTHING
    )
    context = {"form": form, "error": message}
    response = render(request, "classrooms/join.html", context, status=status)
    if status == 429:
        response["Retry-After"] = str(TRIES_SECONDS)
    return response


def _account_first(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The way through signing in or up, and back to this page. A POST goes it at once."""
    onward = urlencode({"next": request.path})
    if request.method == "POST":
        return redirect(f"{reverse('accounts:sign-in')}?{onward}")
    context |= {"onward": onward, "teachers": _teachers(context["classroom"])}
    return render(request, "classrooms/join_account.html", context)


def _own_by_code(learner: User | None, code: str) -> Membership | None:
    if learner is None:
        return None
    own = Membership.objects.filter(user=learner, classroom__code=classes.tidy_code(code))
    return own.select_related("classroom").first()


def _name_of(learner: User | None) -> str:
    return learner.shown_as if learner is not None else ""


def _teachers(classroom: Classroom) -> list[str]:
    leading = Membership.objects.active().filter(
        classroom=classroom, role=Membership.Role.INSTRUCTOR
    )
    return [membership.user.shown_as for membership in leading.select_related("user")]


def _welcome(request: HttpRequest, membership: Membership, words: str) -> HttpResponse:
    messages.success(request, f"{membership.classroom}: {words}")
    if membership.is_staff:
        return redirect("classrooms:member-list", membership.classroom_id)
    return redirect("guided:me")
