"""The log of grade changes, on the page and as a table to take along."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lessons.classrooms.access import InClass, May, in_class
from lessons.classrooms.exports import csv_response
from lessons.classrooms.gradelog import all_of, page_of
from lessons.classrooms.models import Membership


@in_class(May.TEACH)
@require_safe
def grade_log(request: HttpRequest, here: InClass) -> HttpResponse:
    student = _student(request, here)
    number = request.GET.get("page", "1")
    page = page_of(here.classroom, student=student, number=_whole(number) or 1)
    students = Membership.objects.students().filter(classroom=here.classroom)
    context = {
        "here": here,
        "log": page,
        "student": student,
        "students": sorted(students.select_related("user"), key=lambda m: m.shown_as.casefold()),
    }
    return render(request, "classrooms/marking_log.html", context)


@in_class(May.MANAGE)
@require_safe
def grade_log_csv(request: HttpRequest, here: InClass) -> HttpResponseBase:
    """The whole log; a person's name or a reason never becomes a formula."""
    student = _student(request, here)
    heads = [
        _("When (%(zone)s)") % {"zone": here.classroom.zone},
        *(_("What"), _("Who"), _("Student"), _("Assignment"), _("Detail"), _("Why")),
    ]

    def rows() -> object:
        yield heads
        for entry in all_of(here.classroom, student=student):
            at = entry.at.astimezone(here.classroom.tz).strftime("%Y-%m-%d %H:%M:%S")
            yield [
                *(at, entry.what, entry.who, entry.student),
                *(entry.assignment, entry.detail, entry.why),
            ]

    return csv_response(f"grade-log-{here.classroom.pk}", rows())  # type: ignore[arg-type]


def _student(request: HttpRequest, here: InClass) -> Membership | None:
    """The student that the log is about; 404 for nobody of this class."""
    wanted = request.GET.get("student", "")
    if not wanted:
        return None
    found = (
        Membership.objects.students()
        .select_related("user")
        .filter(classroom=here.classroom, pk=_whole(wanted))
        .first()
    )
    if found is None:
        raise Http404
    return found


def _whole(value: str) -> int:
    """A whole number up to nine digits; 0 for anything else."""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else 0
