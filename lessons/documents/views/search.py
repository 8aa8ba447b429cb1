"""Looking things up: text, notes, terms and people."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    raise Http404
