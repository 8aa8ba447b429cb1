"""Parts of every page that are the same for many readers, drawn once a process."""

from functools import lru_cache

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from lessons.core.context_processors import HTMX_CONFIG

register = template.Library()


@register.simple_tag
def constant(name: str) -> SafeString:
    """The template `name`, drawn once a language and process; anew each time while developing."""
    draw = _draw.__wrapped__ if settings.DEBUG else _draw
    return draw(name, get_language())


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> SafeString:
    """The main places: the same for every reader of one kind at one kind of place."""
    request: HttpRequest | None = context.get("request")
    match = request.resolver_match if request else None
    user = context.get("user")
    draw = _navigation.__wrapped__ if settings.DEBUG else _navigation
    return draw(
        get_language(),
        match.view_name if match else "",
        match.app_name if match else "",
        bool(match and match.kwargs),
        bool(user and user.is_authenticated),
        bool(user and user.is_authenticated and user.is_staff),
        bool(user and user.is_authenticated and user.is_instructor),
    )


@lru_cache(maxsize=512)
def _navigation(
    language: str | None,
    view_name: str,
    app_name: str,
    deeper: bool,
    signed_in: bool,
    staff: bool,
    instructor: bool,
) -> SafeString:
    return render_to_string(
        "_navigation.html",
        {
            "view_name": view_name,
            "app_name": app_name,
            "deeper": deeper,
            "signed_in": signed_in,
            "staff": staff,
            "instructor": instructor,
        },
    )


@lru_cache(maxsize=64)
def _draw(name: str, language: str | None) -> SafeString:
    return render_to_string(name, {"htmx_config": HTMX_CONFIG})
