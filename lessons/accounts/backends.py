"""Signing in with a name that is told apart without case."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from .models import User

BACKEND = "lessons.accounts.backends.NamesWithoutCaseBackend"
"""The backend that login() is told when nobody typed a password (a guest, the demo)."""


class NamesWithoutCaseBackend(ModelBackend):
    """Django's own; the user manager looks names up without case, and guests have no password."""


def axes_username(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """The name that failures are counted under: as typed, without case."""
    posted = request.POST.get("username", "") if request else ""
    name = (credentials or {}).get("username") or posted
    return User.normalize_username(str(name).strip())[:150]
