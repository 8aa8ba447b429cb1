"""Who is in a class: the list, one member's page and what may be done there, invitations."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lessons.classrooms.access import InClass, May, in_class
from lessons.classrooms.class_forms import (
    InvitationForm,
    RoleForm,
    RosterEntryForm,
    TimeForm,
    first_errors,
)
from lessons.classrooms.domain import classes, passwords
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.models import Invitation, Membership

PAGE = 100


@in_class(May.TEACH)
@require_safe
def member_list(request: HttpRequest, here: InClass) -> HttpResponse:
    return _list_page(request, here, InvitationForm(auto_id="invite_%s"))


@in_class(May.MANAGE)
@require_POST
def invitation_new(request: HttpRequest, here: InClass) -> HttpResponse:
    """A link for one person; it is shown on the list, nothing is sent."""
    form = InvitationForm(request.POST, auto_id="invite_%s")
    if form.is_valid():
        try:
            classes.invite(classroom=here.classroom, by=here.user, **form.cleaned_data)
        except ClassRefused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("The invitation is made. Hand its link on yourself."))
            return redirect(f"{_list_address(here)}#invitations")
    return _list_page(request, here, form, status=422)


@in_class(May.MANAGE)
@require_POST
def invitation_withdraw(request: HttpRequest, here: InClass, invitation: int) -> HttpResponse:
    found = get_object_or_404(Invitation, classroom=here.classroom, pk=invitation)
    classes.withdraw_invitation(invitation=found, by=here.user)
    messages.success(request, _("The link opens nothing any more."))
    return redirect(f"{_list_address(here)}#invitations")


@in_class(May.TEACH)
@require_safe
def member(request: HttpRequest, here: InClass, member: int) -> HttpResponse:
    return _member_page(request, here, _member(here, member))


@in_class(May.MANAGE)
@require_POST
def member_entry(request: HttpRequest, here: InClass, member: int) -> HttpResponse:
    """The name on the roster and the student number."""
    found = _member(here, member)
    form = RosterEntryForm(request.POST, auto_id="entry_%s")
    return _change(
        request, here, found, form, classes.change_roster_entry, "entry", _("The entry is saved.")
    )


@in_class(May.MANAGE)
@require_POST
def member_role(request: HttpRequest, here: InClass, member: int) -> HttpResponse:
    form = RoleForm(request.POST, auto_id="role_%s")
    return _change(
        request, here, _member(here, member), form, classes.change_role, "role",
        _("The role is changed."),
    )  # fmt: skip


@in_class(May.MANAGE)
@require_POST
def member_time(request: HttpRequest, here: InClass, member: int) -> HttpResponse:
    def write(*, membership: Membership, time_multiplier: Any, by: Any) -> None:
        classes.set_time_multiplier(membership=membership, multiplier=time_multiplier, by=by)

    form = TimeForm(request.POST, auto_id="time_%s")
    return _change(
        request, here, _member(here, member), form, write, "time", _("The share of time is saved.")
    )


@in_class(May.MANAGE)
@require_POST
def member_remove(request: HttpRequest, here: InClass, member: int) -> HttpResponse:
    return _do(
        request, here, _member(here, member), classes.remove_member, _("Removed from the class.")
    )


@in_class(May.MANAGE)
@require_POST
def member_return(request: HttpRequest, here: InClass, member: int) -> HttpResponse:
    found = _member(here, member)
    if found.status == Membership.Status.ACTIVE:
        return redirect("classrooms:member", here.classroom.pk, found.pk)
    return _do(request, here, found, classes.take_back, _("Back in the class."))


@in_class(May.MANAGE)
@require_POST
def member_unlock(request: HttpRequest, here: InClass, member: int) -> HttpResponse:
    return _do(
        request, here, _member(here, member, active=True), classes.unlock_sign_in,
        _("The name can sign in again."),
    )  # fmt: skip


@in_class(May.MANAGE)
@require_POST
def member_password(request: HttpRequest, here: InClass, member: int) -> HttpResponse:
    """A new one-time password, shown once on the page that answers."""
    found = _member(here, member)
    try:
        password = passwords.reset_password(membership=found, by=here.user)
    except ClassRefused as refusal:
        messages.error(request, refusal.message)
        return redirect("classrooms:member", here.classroom.pk, found.pk)
    return _member_page(request, here, found, password=password)


# --- What the views above share -----------------------------------------------------------------


def _member(here: InClass, pk: int, *, active: bool = False) -> Membership:
    members = Membership.objects.active() if active else Membership.objects.all()
    return get_object_or_404(
        members.select_related("user", "classroom"), classroom=here.classroom, pk=pk
    )


def _change(
    request: HttpRequest,
    here: InClass,
    member: Membership,
    form: Form,
    write: Callable[..., Any],
    name: str,
    done: str,
) -> HttpResponse:
    """Save one of a member's forms, or draw the page again with what is wrong (422)."""
    if form.is_valid():
        try:
            write(membership=member, by=here.user, **form.cleaned_data)
        except ClassRefused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, done)
            return redirect("classrooms:member", here.classroom.pk, member.pk)
    fresh = _member(here, member.pk)
    return _member_page(request, here, fresh, status=422, **{f"{name}_form": form})


def _do(
    request: HttpRequest,
    here: InClass,
    member: Membership,
    write: Callable[..., Any],
    done: str,
) -> HttpResponse:
    try:
        write(membership=member, by=here.user)
    except ClassRefused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, done)
    if member.user_id == here.user.pk and member.status != Membership.Status.ACTIVE:
        return redirect("classrooms:class-list")
    return redirect("classrooms:member", here.classroom.pk, member.pk)


def _member_page(
    request: HttpRequest, here: InClass, member: Membership, *, status: int = 200, **extra: Any
) -> HttpResponse:
    resettable = passwords.resettable(here.classroom).filter(pk=member.pk)
    context = {
        "here": here,
        "member": member,
        "events": member.events.select_related("by"),
        "groups": member.groups.all(),
        "may_reset": here.may_manage and resettable.exists(),
        "erased_on": classes.erased_on(member),
        "entry_form": RosterEntryForm(
            auto_id="entry_%s",
            initial={"roster_name": member.roster_name, "student_number": member.student_number},
        ),
        "role_form": RoleForm(auto_id="role_%s", initial={"role": member.role}),
        "time_form": TimeForm(
            auto_id="time_%s", initial={"time_multiplier": member.time_multiplier}
        ),
        "sign_in": request.build_absolute_uri(reverse("accounts:sign-in")),
        **extra,
    }
    return render(request, "classrooms/member.html", context, status=status)


def _list_page(
    request: HttpRequest, here: InClass, form: InvitationForm, *, status: int = 200
) -> HttpResponse:
    everybody = Membership.objects.filter(classroom=here.classroom).select_related("user")
    active = everybody.active().order_by("role", "roster_name", "user__display_name", "pk")
    page = Paginator(active, PAGE).get_page(request.GET.get("page"))
    gone = everybody.exclude(status=Membership.Status.ACTIVE).order_by("-ended_at")
    invitations = here.classroom.invitations.filter(
        accepted_at__isnull=True, withdrawn_at__isnull=True
    ).order_by("role", "name", "pk")
    context = {
        "here": here,
        "page": page,
        "gone": [(member, classes.erased_on(member)) for member in gone[:PAGE]],
        "invitations": [
            (one, request.build_absolute_uri(reverse("classrooms:invitation", args=[one.token])))
            for one in invitations[: 2 * PAGE]
        ]
        if here.may_manage
        else [],
        "waiting_count": passwords.resettable(here.classroom)
        .filter(user__last_login__isnull=True)
        .count()
        if here.may_manage
        else 0,
        "form": form,
        "errors": list(first_errors(form)) if form.is_bound else [],
        "now": timezone.now(),
    }
    return render(request, "classrooms/member_list.html", context, status=status)


def _list_address(here: InClass) -> str:
    return reverse("classrooms:member-list", args=[here.classroom.pk])
