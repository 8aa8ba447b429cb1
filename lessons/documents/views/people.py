"""People: who they were in the document's days, and where they stand in it."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def person_list(request: HttpRequest) -> HttpResponse:
    raise Http404


@login_not_required
@require_safe
def person_detail(request: HttpRequest, slug: str) -> HttpResponse:
    raise Http404
