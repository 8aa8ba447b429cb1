"""Pages for instructors beside a module."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def teacher_page_list(request: HttpRequest, module: str) -> HttpResponse:
    raise Http404


@login_not_required
@require_safe
def teacher_page(request: HttpRequest, module: str, page: str) -> HttpResponse:
    raise Http404
