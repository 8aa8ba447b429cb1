"""Groups of a class: staff see them, instructors make and change them."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lessons.classrooms.access import InClass, May, in_class
from lessons.classrooms.class_forms import GroupForm
from lessons.classrooms.domain import groups
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.models import Group, Membership

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@in_class(May.TEACH)
@require_safe
def group_list(request: HttpRequest, here: InClass) -> HttpResponse:
    members = Membership.objects.active().select_related("user")
    found = here.classroom.groups.prefetch_related(Prefetch("members", members))
    return render(request, "classrooms/group_list.html", {"here": here, "groups": found})


@in_class(May.MANAGE)
@form_methods
def group_new(request: HttpRequest, here: InClass) -> HttpResponse:
    return _edit(request, here, None)


@in_class(May.MANAGE)
@form_methods
def group(request: HttpRequest, here: InClass, group: int) -> HttpResponse:
    return _edit(request, here, get_object_or_404(Group, classroom=here.classroom, pk=group))


@in_class(May.MANAGE)
@require_POST
def group_delete(request: HttpRequest, here: InClass, group: int) -> HttpResponse:
    found = get_object_or_404(Group, classroom=here.classroom, pk=group)
    try:
        groups.delete_group(group=found, by=here.user)
    except ClassRefused as refusal:
        messages.error(request, refusal.message)
        return redirect("classrooms:group", here.classroom.pk, found.pk)
    messages.success(request, _("The group is deleted; its members stay in the class."))
    return redirect("classrooms:group-list", here.classroom.pk)


def _edit(request: HttpRequest, here: InClass, found: Group | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = GroupForm(data, classroom=here.classroom, group=found)
    if form.is_valid():
        try:
            if found is None:
                groups.create_group(classroom=here.classroom, by=here.user, **form.cleaned_data)
            else:
                groups.change_group(group=found, by=here.user, **form.cleaned_data)
        except ClassRefused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, _("The group is saved."))
            return redirect("classrooms:group-list", here.classroom.pk)
    context = {"here": here, "form": form, "group": found}
    status = 422 if form.is_bound else 200
    return render(request, "classrooms/group.html", context, status=status)
