"""A lesson on paper."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lessons.guided.access import get_study, may_teach
from lessons.guided.handouts import handout_html, handout_key_html


@login_not_required
@require_safe
def handout(request: HttpRequest, lesson: str, delivery: str = "") -> HttpResponse:
    """The sheet for everyone; with `?key=1` the answer key, for instructors and editors."""
    study = get_study(request, lesson=lesson, delivery=delivery)
    teaches = may_teach(request)
    wants_key = request.GET.get("key") == "1"
    if wants_key and not teaches:
        raise Http404
    context = {
        "study": study,
        "lesson": study.lesson,
        "may_teach": teaches,
        "sheet_address": study.page_address("handout"),
        "sheet": handout_html(study),
        "key": handout_key_html(study) if wants_key else "",
    }
    return render(request, "guided/handout.html", context)
