"""My findings: a learner's answers in a lesson beside the explanations."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lessons.guided.access import get_study
from lessons.guided.findings import findings_of


@login_not_required
@require_safe
def findings(request: HttpRequest, lesson: str, delivery: str = "") -> HttpResponse:
    study = get_study(request, lesson=lesson, delivery=delivery)
    asking = next((step for step in study.lesson.steps if step.asks), None)
    context = {
        "study": study,
        "lesson": study.lesson,
        "found": findings_of(study),
        "first_address": study.address(asking) if asking else study.address(),
    }
    return render(request, "guided/findings.html", context)
