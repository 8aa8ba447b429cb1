"""Adding learners by a list: looked through row by row, then all of it or nothing."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from lessons.classrooms.access import InClass, May, in_class
from lessons.classrooms.class_forms import RosterForm
from lessons.classrooms.domain import passwords, rosters
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.domain.rosters import Enrolled, Slip
from lessons.classrooms.roster_text import UnreadableRoster, decode_roster, parse_roster

SLOW_FROM = 100
"""Accounts; from here on the page says that it takes a while."""


@in_class(May.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def roster(request: HttpRequest, here: InClass) -> HttpResponse:
    """The form; then the preview, which saves nothing and sends the text along; then the slips."""
    if request.method != "POST":
        return _page(request, here, RosterForm())
    form = RosterForm(request.POST, request.FILES)
    try:
        text = _text_of(form)
        rows = parse_roster(text)
    except UnreadableRoster as refusal:
        form.add_error(None, str(refusal))
        return _page(request, here, form, status=422)
    if digest := request.POST.get("digest"):
        try:
            enrolled = rosters.enrol_roster(
                classroom=here.classroom, by=here.user, rows=rows, digest=digest
            )
        except ClassRefused as refusal:
            return _preview(request, here, text, rows, error=refusal.message, status=409)
        return slips_page(request, here, enrolled)
    return _preview(request, here, text, rows)


@in_class(May.MANAGE)
@require_POST
@sensitive_variables()
def slips_new(request: HttpRequest, here: InClass) -> HttpResponse:
    """New one-time passwords for who has never signed in: the slips were lost."""
    made = passwords.new_slips(classroom=here.classroom, by=here.user)
    if not made:
        messages.info(request, _("Everybody of the roster has signed in already."))
        return redirect("classrooms:member-list", here.classroom.pk)
    slips = [Slip(member.shown_as, member.user.username, password) for member, password in made]
    return slips_page(request, here, Enrolled(slips, []))


def slips_page(request: HttpRequest, here: InClass, enrolled: Enrolled) -> HttpResponse:
    """What is handed to students, shown once: the answer to a POST, stored nowhere."""
    links = [
        (one, request.build_absolute_uri(reverse("classrooms:invitation", args=[one.token])))
        for one in enrolled.invitations
    ]
    context = {
        "here": here,
        "slips": enrolled.slips,
        "invitations": links,
        "sign_in": request.build_absolute_uri(reverse("accounts:sign-in")),
    }
    response = render(request, "classrooms/slips.html", context)
    response["Cache-Control"] = "no-store, private"
    return response


def _text_of(form: RosterForm) -> str:
    """What was pasted, or else the file's text. Raises UnreadableRoster."""
    form.is_valid()
    text: str = form.cleaned_data.get("text") or ""
    file = form.cleaned_data.get("file")
    if not text.strip() and file is not None:
        return decode_roster(file.read())
    return text


def _preview(
    request: HttpRequest,
    here: InClass,
    text: str,
    rows: Any,
    *,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    plan = rosters.plan_roster(classroom=here.classroom, rows=rows)
    context = {
        "here": here,
        "plan": plan,
        "text": text,
        "error": error,
        "is_slow": plan.counts["account"] >= SLOW_FROM,
        "form": RosterForm(initial={"text": text}),
    }
    if not plan.may_be_done and not error:
        status = 422
    return render(request, "classrooms/roster_preview.html", context, status=status)


def _page(
    request: HttpRequest, here: InClass, form: RosterForm, *, status: int = 200
) -> HttpResponse:
    return render(request, "classrooms/roster.html", {"here": here, "form": form}, status=status)
