"""What higher apps put on *My work*, above a learner's own reading."""

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.safestring import SafeString

from lessons.accounts.models import User

Section = Callable[[HttpRequest, User], SafeString]
"""Draws a section for a signed-in learner; empty where there is nothing to show."""

sections: list[Section] = []


def on_my_work(function: Section) -> Section:
    """Register a section."""
    if function not in sections:
        sections.append(function)
    return function


def draw_sections(request: HttpRequest, learner: User) -> list[SafeString]:
    return [drawn for draw in sections if (drawn := draw(request, learner))]
