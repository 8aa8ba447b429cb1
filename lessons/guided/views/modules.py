"""The landing page, modules and what they hold."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from lessons.accounts.learners import (
    learner_of,
)
from lessons.core.models import ContentVersion
from lessons.guided.access import may_teach
from lessons.guided.outlines import opening_of, published_modules
from lessons.guided.work import lessons_of

DEMO_ROLES = [
    ("student", gettext_lazy("a student")),
    ("instructor", gettext_lazy("an instructor")),
    ("editor", gettext_lazy("an editor")),
]


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    version = ContentVersion.current()
    modules = published_modules(version)
    learner = learner_of(request)
    context = {
        "modules": modules,
        "recent": [w for w in lessons_of(learner) if not w.is_finished][:1] if learner else [],
        "opening": opening_of(modules[0].document, version) if modules else [],
        "demo_roles": DEMO_ROLES,
    }
    return render(request, "guided/home.html", context)


@login_not_required
@require_safe
def module_list(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "guided/module_list.html",
        {"modules": published_modules(ContentVersion.current())},
    )


@login_not_required
@require_safe
def module_detail(request: HttpRequest, module: str) -> HttpResponse:
    modules = published_modules(ContentVersion.current())
    found = next((m for m in modules if m.slug == module), None)
    if found is None:
        raise Http404
    learner = learner_of(request)
    mine = {work.slug: work for work in lessons_of(learner)} if learner else {}
    lessons = [(lesson, mine.get(lesson.slug)) for lesson in found.lessons.all()]
    context = {"module": found, "lessons": lessons, "may_teach": may_teach(request)}
    return render(request, "guided/module.html", context)
