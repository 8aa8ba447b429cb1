"""Whose password somebody else chose is sent to choose their own, whatever page they ask for."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

OPEN = frozenset(
    {
        "accounts:password-change",
        "accounts:sign-out",
        "core:accessibility",
        "core:healthz",
        "core:privacy",
    }
)
"""Pages that open before that: the way to a password, the way out, and the small print."""


class OwnPasswordFirst:
    """Reads only the user that the request has loaded anyway: no page costs a query more."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not getattr(request.user, "password_set_by", ""):
            return None
        match = request.resolver_match
        if match is not None and match.view_name in OPEN:
            return None
        if request.headers.get("HX-Request") == "true":
            response = HttpResponse(status=204)
            response["HX-Redirect"] = reverse("accounts:password-change")
            return response
        return redirect("accounts:password-change")
