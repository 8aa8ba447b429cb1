"""Admin whose every address answers nonsense with 400, and never with an error of the server.

Django's lists put what the address says into queries; NUL and numbers that no column holds make
the databases raise, each in its own way. They are met here, once for every page.
"""

import re
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest
from django.db import DataError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path

View = Callable[..., Any]
ROW = re.compile(r"[0-9]+")


class GuardedAdminSite(AdminSite):
    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return _guarded(super().admin_view(view, cacheable))

    def get_urls(self) -> list[URLResolver | URLPattern]:
        from . import content_pages

        return [
            path(
                "content-files/",
                self.admin_view(content_pages.differences),
                name="content-files",
            ),
            path(
                "content-files/download/",
                self.admin_view(content_pages.download),
                name="content-files-download",
            ),
            *super().get_urls(),
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        from . import content_pages

        return {**super().each_context(request), "may_see_files": content_pages.may_see(request)}


def _guarded(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if any("\0" in text for text in _texts(request)):
            raise BadRequest("NUL in a request to admin")
        if not all(map(ROW.fullmatch, request.POST.getlist("_selected_action"))):
            raise BadRequest("An action on a row that has no number")
        numbers = [*args, *(kwargs[n] for n in ("object_id", "version_id") if n in kwargs)]
        if not all(ROW.fullmatch(str(number)) for number in numbers):
            raise Http404("No row has such a number")  # simple_history would raise ValueError
        try:
            if request.method in ("GET", "HEAD"):
                return _drawn(view(request, *args, **kwargs))
            with transaction.atomic():
                return _drawn(view(request, *args, **kwargs))
        except (DataError, OverflowError) as error:
            raise BadRequest(f"A value that no column holds: {error}") from error

    return guarded


def _drawn(response: HttpResponse) -> HttpResponse:
    """Lists read their rows while they are drawn: that has to happen inside the guard."""
    if isinstance(response, TemplateResponse) and not response.is_rendered:
        response.render()
    return response


def _texts(request: HttpRequest) -> Iterator[str]:
    yield request.path
    for given in (request.GET, request.POST):
        for name, values in given.lists():
            yield name
            yield from map(str, values)
