"""What students see of their classes: the list of their work, one assignment, notices, calendar."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lessons.accounts.learners import SignedInRequest
from lessons.accounts.models import User
from lessons.classrooms import calendars
from lessons.classrooms.domain import notices as domain
from lessons.classrooms.models import Assignment, CalendarFeed, Membership
from lessons.classrooms.saying import attempts_words, late_words, limit_words
from lessons.classrooms.work import notices_of, sort_tasks, tasks_for, tasks_of
from lessons.core.models import ContentVersion
from lessons.guided.access import get_delivery
from lessons.guided.sections import on_my_work

UNREAD_SHOWN = 3
DONE_SHOWN = 5
"""What is new, and work that is done, is folded beyond this."""


@on_my_work
def my_classes(request: HttpRequest, learner: User) -> SafeString:
    """To do, late and done over all classes, and what is new: the top of *My work*."""
    if learner.is_guest:
        return SafeString()
    told = notices_of(learner)
    is_student = Membership.objects.active().students().filter(user=learner).exists()
    if not is_student and not told:
        return SafeString()
    tasks = tasks_for(learner)
    feed = CalendarFeed.objects.filter(user=learner).first()
    work = sort_tasks(tasks)
    unread = [notice for notice in told if notice.read_at is None]
    context = {
        "work": work,
        "done": work.done[:DONE_SHOWN],
        "done_before": work.done[DONE_SHOWN:],
        "unread": unread[:UNREAD_SHOWN],
        "unread_more": unread[UNREAD_SHOWN:],
        "unread_count": len(unread),
        "read": [notice for notice in told if notice.read_at is not None],
        "open_keys": {task.delivery.key for task in tasks},
        "is_student": is_student,
        "feed_address": _feed_address(request, feed) if feed else "",
    }
    return render_to_string("classrooms/_my_work.html", context, request)


def _feed_address(request: HttpRequest, feed: CalendarFeed) -> str:
    path = reverse("classrooms:calendar", args=[calendars.token_of(feed)])
    return request.build_absolute_uri(path)


@require_safe
def work(request: SignedInRequest, delivery: str) -> HttpResponse:
    """One assignment: what is asked, until when, and every lesson of it."""
    grant = get_delivery(request, delivery, ContentVersion.current())
    rows = Assignment.objects.filter(delivery=grant.delivery.pk)
    tasks = tasks_of(request.user, rows)
    if not tasks:
        raise Http404
    task = tasks[0]
    terms = task.terms_of(task.assignment.quiz)
    context: dict[str, Any] = {
        "task": task,
        "terms": terms,
        "zone": task.classroom.tz,
        "is_learner": grant.is_learner,
        "attempts": attempts_words(terms.attempts_allowed),
        "limit": limit_words(terms),
        "late": late_words(task.delivery),
    }
    return render(request, "classrooms/work.html", context)


@require_POST
def notices_read(request: SignedInRequest) -> HttpResponseBase:
    """Mark one notice as read, or all where none is named."""
    key = request.POST.get("notice", "")
    if key and not (key.isascii() and key.isdigit() and len(key) < 18):
        return HttpResponse(_("There is no such notice."), status=422)
    domain.mark_read(by=request.user, notice_id=int(key) if key else None)
    return redirect(f"{reverse('guided:me')}#notices")


@require_POST
def calendar_turn(request: SignedInRequest) -> HttpResponseBase:
    """Turn the calendar address on, change it for a new one, or turn it off."""
    if request.user.is_guest:
        raise Http404
    if request.POST.get("turn") == "off":
        domain.turn_calendar_off(by=request.user)
        messages.success(request, _("The calendar address is worth nothing from now on."))
    else:
        domain.turn_calendar_on(by=request.user)
        messages.success(request, _("Your calendar address is ready below."))
    return redirect(f"{reverse('guided:me')}#calendar")


@login_not_required
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """A person's due dates for their calendar program, which cannot sign in."""
    reader = calendars.reader_of(token)
    if reader is None:
        raise Http404
    name = _("%(site)s: due dates") % {"site": settings.SITE_NAME}
    response = HttpResponse(
        calendars.draw(tasks_for(reader), name=name), content_type="text/calendar; charset=utf-8"
    )
    response["Content-Disposition"] = 'inline; filename="due-dates.ics"'
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response
