"""Pages that belong to no app: health, the small print, and what went wrong."""

import sys
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

RETRY_SECONDS = 5


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 with Retry-After where the database is locked, full or away."""
    if isinstance(sys.exc_info()[1], OperationalError):
        response = render(request, "503.html", status=503)
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
    return render(request, "500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A page that was open too long: what was typed is shown again, and nothing was changed."""
    typed = [
        value
        for name, value in request.POST.items()
        if name not in {"csrfmiddlewaretoken", "password"} and len(str(value)) > 40
    ]
    return render(request, "403_csrf.html", {"typed": typed}, status=403)


@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    from .models import ContentVersion

    facts: dict[str, Any] = {"database": "ok", "content_version": ContentVersion.current()}
    return JsonResponse(facts)
