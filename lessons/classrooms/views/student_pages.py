"""Everything of one student, and what they see, without becoming them."""

from django.contrib.messages import get_messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from lessons.classrooms.access import (
    InClass,
    May,
    assignment_or_404,
    given_to,
    in_class,
    student_or_404,
)
from lessons.classrooms.models import Membership
from lessons.classrooms.reports.student import read_student
from lessons.classrooms.seeing import Seen, SeenPage, seen_by


@in_class(May.TEACH)
@require_safe
def student(request: HttpRequest, here: InClass, membership: int) -> HttpResponse:
    report = read_student(student_or_404(here.classroom, membership), timezone.now())
    return render(request, "classrooms/student.html", {"here": here, "report": report})


@in_class(May.TEACH)
@require_safe
def student_as(
    request: HttpRequest, here: InClass, membership: int, assignment: int
) -> HttpResponse:
    """The steps of an assignment, each leading to what the student sees of it."""
    seen = _seen(here, membership, assignment)
    context = {"here": here, "seen": seen, "opens_at": seen.opens_at, "studies": seen.studies()}
    return render(request, "classrooms/student_as.html", context)


@in_class(May.TEACH)
@require_safe
def student_as_step(
    request: HttpRequest, here: InClass, membership: int, assignment: int, lesson: str, step: str
) -> HttpResponse:
    """A step as the student sees it now. Nothing is written, and nothing in it can be sent."""
    seen = _seen(here, membership, assignment)
    study = seen.study(lesson)
    outline = study.lesson.step(step) if study else None
    if study is None or outline is None:
        raise Http404
    context = {"here": here, "seen": seen, "study": study, "step": outline}
    opens_at = seen.opens_at
    if opens_at is not None or not study.is_open(outline):
        context["opens_at"] = opens_at
        return render(request, "classrooms/student_as_shut.html", context)
    page = SeenPage(study, outline)
    messages = get_messages(request)
    context |= {
        "page": page,
        "lesson": study.lesson,
        "content": page.content,
        "gaps": {
            "messages": render_to_string("_messages.html", {"messages": messages}),
            "questions": page.questions_html,
            "rail": page.rail_html,
            "reader": "",
            "banner": study.banner,
        },
    }
    return render(request, "classrooms/student_as_step.html", context)


def _seen(here: InClass, membership: int, assignment: int) -> Seen:
    """404 unless the student is in the class now and has been given the assignment."""
    member = student_or_404(here.classroom, membership)
    given = assignment_or_404(here.classroom, assignment, withdrawn=False)
    own = Membership.objects.active().filter(pk=member.pk)
    if not given_to(own).filter(pk=given.pk).exists():
        raise Http404
    return seen_by(member, given)
