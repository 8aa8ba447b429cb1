"""What a link to a term or a person shows of it before it is followed (static/js/previews.js)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers

from lessons.core.htmx import wants_fragment


def preview_or_page(request: HttpRequest, context: dict[str, Any], *, page: str) -> HttpResponse:
    """The fragment, or for a browser that came here by itself a redirect to the `page`."""
    if wants_fragment(request):
        response = render(request, "documents/_preview.html", context)
    else:
        response = redirect(page)
    patch_vary_headers(response, ["HX-Request"])
    return response
