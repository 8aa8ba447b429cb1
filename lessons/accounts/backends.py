"""Signing in with a name that is told apart without case."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest


class NamesWithoutCaseBackend(ModelBackend):
    """Django's own backend; the user manager looks names up without case, and guests have no password."""


def axes_username(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """The name that failures are counted under: as typed, without case."""
    name = (credentials or {}).get("username") or (request.POST.get("username", "") if request else "")
    return str(name).strip().casefold()[:150]
