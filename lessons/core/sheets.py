"""Pages that many readers share, drawn once with gaps for what is each reader's own.

A sheet is kept like any rendered content (`rendered`), so whatever it shows must be said by its
key. Tokens, names, answers, feedback and the order of options go into gaps, for one response.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import ResolverMatch
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from .context_processors import site

_MARK = f"\ue000{secrets.token_hex(8)}:"
"""What a gap begins with: a private-use character and what nobody can write into a text."""
_GAP = re.compile(f"{_MARK}([a-z]+)\ue001")


@dataclass(frozen=True)
class ReaderKind:
    """As much of a reader as a shared page depends on; `shown_as` is a gap."""

    is_authenticated: bool = False
    is_guest: bool = False
    is_staff: bool = False
    is_instructor: bool = False
    shown_as: str = f"{_MARK}name\ue001"


@dataclass(frozen=True)
class Place:
    """As much of a request as a shared page depends on."""

    path: str
    resolver_match: ResolverMatch | None


@dataclass(frozen=True)
class Sheet:
    """Texts with gaps between them: texts[0], gaps[0], texts[1], …"""

    texts: tuple[str, ...]
    gaps: tuple[str, ...]

    @classmethod
    def of(cls, html: str) -> "Sheet":
        """Cut drawn HTML at its gaps."""
        pieces = _GAP.split(html)
        return cls(tuple(pieces[::2]), tuple(pieces[1::2]))

    def fill(self, values: Mapping[str, str]) -> str:
        """The page for one reader. `values` are HTML; KeyError where a gap has none."""
        parts = [self.texts[0]]
        for name, text in zip(self.gaps, self.texts[1:], strict=True):
            parts += (values[name], text)
        return "".join(parts)


def gap(name: str) -> SafeString:
    """What a template puts where the reader's own comes."""
    return mark_safe(f"{_MARK}{name}\ue001")  # noqa: S308  # two characters and our own name


def reader_kind(request: HttpRequest) -> ReaderKind:
    user: Any = request.user
    if not user.is_authenticated:
        return ReaderKind()
    return ReaderKind(True, user.is_guest, user.is_staff, user.is_instructor)


def draw_sheet(
    template: str, context: Mapping[str, Any], *, kind: ReaderKind, place: Place
) -> Sheet:
    """Draw a page that extends base.html without any reader: for `rendered` to keep."""
    names = ("banner", "messages", "questions", "rail", "reader")
    html = render_to_string(
        template,
        {
            **site(None),
            **context,
            "user": kind,
            "request": place,
            "csrf_token": gap("csrf"),
            "gaps": {name: gap(name) for name in names},
        },
    )
    return Sheet.of(html)


def own_values(request: HttpRequest, *, messages: bool = True) -> dict[str, str]:
    """What base.html leaves open: token, name, and `messages` where they have a place."""
    user: Any = request.user
    waiting = get_messages(request) if messages else ()
    said = render_to_string("_messages.html", {"messages": waiting}) if len(waiting) else ""
    return {
        "csrf": get_token(request),
        "name": escape(user.shown_as) if user.is_authenticated else "",
        "messages": said,
    }
