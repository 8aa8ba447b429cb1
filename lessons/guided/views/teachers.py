"""Pages for instructors beside a module. Who is signed out is asked to sign in."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lessons.core.models import ContentVersion
from lessons.guided.access import may_teach
from lessons.guided.guides import ModuleGuides, guides_of


@require_safe
def teacher_page_list(request: HttpRequest, module: str) -> HttpResponse:
    return render(request, "guided/teacher_page_list.html", {"guides": _guides(request, module)})


@require_safe
def teacher_page(request: HttpRequest, module: str, page: str) -> HttpResponse:
    guides = _guides(request, module)
    guide = next((guide for guide in guides.all if guide.slug == page), None)
    if guide is None:
        raise Http404
    return render(request, "guided/teacher_page.html", {"guides": guides, "guide": guide})


def _guides(request: HttpRequest, module: str) -> ModuleGuides:
    """The module's pages; 404 for who does not teach."""
    if not may_teach(request):
        raise Http404
    drafts = bool(request.user.is_staff)
    guides = guides_of(module, ContentVersion.current(), drafts=drafts)
    if guides is None:
        raise Http404
    return guides
