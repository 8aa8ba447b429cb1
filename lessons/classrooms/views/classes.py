"""My classes, making one, its settings, its join code, and leaving."""

from typing import Any

import segno
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lessons.accounts.learners import SignedInRequest
from lessons.classrooms.access import InClass, May, in_class
from lessons.classrooms.class_forms import ClassForm, CopyForm, ExpiryForm
from lessons.classrooms.domain import classes, copying
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.models import Classroom, Membership
from lessons.core.htmx import render_page

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def class_list(request: SignedInRequest) -> HttpResponse:
    """Every class one teaches or attends now; archived ones apart."""
    students = Count(
        "classroom__memberships",
        filter=Q(
            classroom__memberships__status=Membership.Status.ACTIVE,
            classroom__memberships__role=Membership.Role.STUDENT,
        ),
    )
    own = (
        Membership.objects.active()
        .filter(user=request.user)
        .select_related("classroom")
        .annotate(student_count=students)
        .order_by("-classroom__created_at", "pk")
    )
    groups: dict[str, list[Membership]] = {"teaching": [], "attending": [], "archived": []}
    for membership in own:
        name = "teaching" if membership.is_staff else "attending"
        groups["archived" if membership.classroom.archived_at else name].append(membership)
    return render(request, "classrooms/class_list.html", groups)


@form_methods
def class_new(request: SignedInRequest) -> HttpResponse:
    """A new class; only for people whom an administrator made instructors."""
    if not request.user.is_instructor:
        raise PermissionDenied
    last = Classroom.objects.filter(memberships__user=request.user).order_by("-created_at").first()
    form = ClassForm(
        request.POST if request.method == "POST" else None,
        initial={"zone": last.zone if last else "Europe/London"},
    )
    if form.is_valid():
        classroom = classes.create_class(by=request.user, **form.cleaned_data)
        messages.success(request, _("The class is made. Show its code, or add students by a list."))
        return redirect("classrooms:code", classroom.pk)
    return _form_page(request, "classrooms/class_new.html", {"form": form})


@in_class(May.MANAGE)
@form_methods
def class_settings(request: HttpRequest, here: InClass) -> HttpResponse:
    classroom = here.classroom
    names = ("name", "term", "zone", "places")
    form = ClassForm(
        request.POST if request.method == "POST" else None,
        zone=classroom.zone,
        initial={name: getattr(classroom, name) for name in names},
    )
    if form.is_valid():
        classes.change_class(classroom=classroom, by=here.user, **form.cleaned_data)
        messages.success(request, _("The class is saved."))
        return redirect("classrooms:class-settings", classroom.pk)
    return _form_page(request, "classrooms/class_settings.html", {"form": form, "here": here})


@in_class(May.MANAGE)
@require_POST
def class_archive(request: HttpRequest, here: InClass) -> HttpResponse:
    archived = request.POST.get("archived") != "no"
    classes.archive_class(classroom=here.classroom, by=here.user, archived=archived)
    done = _("The class is archived.") if archived else _("The class is taken up again.")
    messages.success(request, done)
    return redirect("classrooms:class-settings", here.classroom.pk)


@in_class(May.MANAGE)
@form_methods
def class_copy(request: HttpRequest, here: InClass) -> HttpResponse:
    """The class for a new term: its work without dates, nobody of its learners."""
    initial = {"name": here.classroom.name}
    form = CopyForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            copy = copying.copy_class(classroom=here.classroom, by=here.user, **form.cleaned_data)
        except ClassRefused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("The copy is made. Its work has no dates yet: set them."))
            return redirect("classrooms:class-settings", copy.pk)
    return _form_page(request, "classrooms/class_copy.html", {"form": form, "here": here})


# --- The join code -------------------------------------------------------------------------------


@in_class(May.TEACH)
@require_safe
def code(request: HttpRequest, here: InClass) -> HttpResponse:
    """The page for the projector. It asks by itself who has joined, unless it was paused."""
    joined = Membership.objects.active().students().filter(classroom=here.classroom).count()
    if request.GET.get("seen") == str(joined):
        return HttpResponse(status=204)
    context = _code_context(request, here) | {
        "joined": joined,
        "paused": request.GET.get("paused") == "yes",
    }
    return render_page(request, "classrooms/code.html", context, partial="joined")


@in_class(May.MANAGE)
@require_POST
def code_rotate(request: HttpRequest, here: InClass) -> HttpResponse:
    try:
        classes.open_code(classroom=here.classroom, by=here.user, is_open=True)
        classes.rotate_code(classroom=here.classroom, by=here.user)
    except ClassRefused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("There is a new code. The old one opens nothing any more."))
    return redirect("classrooms:code", here.classroom.pk)


@in_class(May.MANAGE)
@require_POST
def code_open(request: HttpRequest, here: InClass) -> HttpResponse:
    is_open = request.POST.get("open") == "yes"
    try:
        classes.open_code(classroom=here.classroom, by=here.user, is_open=is_open)
    except ClassRefused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The code is open.") if is_open else _("The code is closed."))
    return redirect("classrooms:code", here.classroom.pk)


@in_class(May.MANAGE)
@require_POST
def code_expiry(request: HttpRequest, here: InClass) -> HttpResponse:
    with timezone.override(here.classroom.tz):
        form = ExpiryForm(request.POST)
        if not form.is_valid():
            context = _code_context(request, here) | {"form": form, "joined": None}
            return render(request, "classrooms/code.html", context, status=422)
    classes.expire_code(
        classroom=here.classroom, by=here.user, expires_at=form.cleaned_data["expires_at"]
    )
    messages.success(request, _("It is saved until when the code works."))
    return redirect("classrooms:code", here.classroom.pk)


def _code_context(request: HttpRequest, here: InClass) -> dict[str, Any]:
    classroom = here.classroom
    link = request.build_absolute_uri(reverse("classrooms:join-code", args=[classroom.code]))
    over = classroom.code_expires_at is not None and classroom.code_expires_at <= timezone.now()
    form = ExpiryForm(initial={"expires_at": classroom.code_expires_at})
    half = len(classroom.code) // 2
    return {
        "here": here,
        "form": form,
        "link": link,
        "qr": qr_code(link),
        "halves": (classroom.code[:half], classroom.code[half:]),
        "is_over": over,
        "opens": classroom.code_is_open and not over and classroom.archived_at is None,
    }


def qr_code(text: str) -> SafeString:
    """An SVG image of a QR code, black on white in every scheme: cameras expect that."""
    code = segno.make_qr(text, error="m")
    svg = code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass=None)
    return mark_safe(svg)  # noqa: S308  # paths and numbers of segno's


# --- Leaving -------------------------------------------------------------------------------------


@in_class(May.BELONG)
@form_methods
def class_leave(request: HttpRequest, here: InClass) -> HttpResponse:
    """Leave a class; one may ask at once that what it keeps be erased."""
    context: dict[str, Any] = {"here": here, "days": classes.ERASURE_DAYS}
    if request.method != "POST":
        return render(request, "classrooms/class_leave.html", context)
    membership = here.membership
    try:
        classes.leave_class(membership=membership, by=here.user)
    except ClassRefused as refusal:
        context["error"] = refusal.message
        return render(request, "classrooms/class_leave.html", context, status=422)
    if request.POST.get("erase") == "yes" and not membership.is_staff:
        classes.ask_erasure(membership=membership, by=here.user)
    messages.success(request, _("You have left %(class)s.") % {"class": here.classroom})
    return redirect("classrooms:my-class-list")


def _form_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    status = 422 if context["form"].is_bound else 200
    return render(request, template, context, status=status)
