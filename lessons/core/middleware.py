"""Headers that every response needs."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import resolve_url
from django.utils.cache import add_never_cache_headers, patch_vary_headers

GetResponse = Callable[[HttpRequest], HttpResponse]


class ReaderCacheMiddleware:
    """A signed-in page is stored nowhere; an htmx request whose login expired is sent to sign in.

    Without no-store, Back after sign-out shows the last pupil's page to the next. Without the
    HX-Redirect, htmx would follow the redirect and put the sign-in page inside a question.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
            response["Cache-Control"] = "no-store, private"
        if request.htmx:  # type: ignore[attr-defined]
            patch_vary_headers(response, ["HX-Request"])
            sign_in = resolve_url(settings.LOGIN_URL)
            if response.status_code == 302 and response["Location"].startswith(sign_in):
                redirected = HttpResponse(status=204)
                redirected["HX-Redirect"] = response["Location"]
                redirected["Cache-Control"] = "no-store, private"
                patch_vary_headers(redirected, ["HX-Request", "Cookie"])
                return redirected
        return response


class Utf8Middleware:
    """A body too large, or in another encoding than UTF-8, is refused unread.

    Read, a file of any size would be spooled to the disk. `LARGER_BODIES` of the settings names the
    addresses that take more than `LARGEST_BODY`.

    Some encodings decode to text that no database keeps. Nor does PostgreSQL take a NUL, so
    nothing has an address with one.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        from .views import plain_page  # which asks for the settings of forms

        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() not in {"utf-8", "utf8"}:
            return HttpResponseBadRequest("Send text as UTF-8.", content_type="text/plain")
        if "\0" in request.path_info:
            return plain_page("400.html", 404)
        length = request.META.get("CONTENT_LENGTH") or "0"
        largest = settings.LARGER_BODIES.get(request.path_info, settings.LARGEST_BODY)
        if len(length) > 12 or (length.isascii() and length.isdigit() and int(length) > largest):
            return plain_page("413.html", 413, limit=largest // 1024)
        return self.get_response(request)
