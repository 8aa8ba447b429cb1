"""What is done before a view: a session that ended is said, a password of one's own comes first."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from .models import User

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


class SignedOut:
    """A form that was drawn for somebody and is sent by nobody: 401, with what was typed.

    A session ends while its reader writes: it ran out, they signed out in another tab, or their
    password was changed. Without this some views would answer 404, since nobody has no work, and
    others draw the page of a visitor, whose form the reader could not send after signing in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.method != "POST" or not request.POST.get("reader"):
            return None
        if request.user.is_authenticated or getattr(view, "silent_for_nobody", False):
            return None
        from .views import signed_out  # which asks for the settings of forms

        return signed_out(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The account went while its form was under way: erased, or a guest whose work was claimed.

        Nothing was stored, since no row may point at nobody.
        """
        if request.method != "POST" or not isinstance(error, IntegrityError | ObjectDoesNotExist):
            return None
        if not request.user.is_authenticated or User.objects.filter(pk=request.user.pk).exists():
            return None
        from .views import signed_out

        request.user = AnonymousUser()
        return signed_out(request)


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
