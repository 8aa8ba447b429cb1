"""Log lines that tell what happened and never about whom or with which words.

A line names the route (`join/<code>/`), not the address; no name, answer, code, token, query,
header, e-mail or network address, and no number of a person (docs/decisions/0022). Records of
Django's own that carry a request lose their message, since it holds the address.
"""

import json
import logging
import re
import secrets
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist

HEADER = "X-Request-ID"
_OURS = re.compile(r"[A-Za-z0-9-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")
_requests = logging.getLogger("lessons.requests")

SAYABLE = (
    OperationalError,  # "database is locked": the state of a server, no row of a person
    ImproperlyConfigured,
    ImportError,
    AttributeError,
    NameError,
    TemplateDoesNotExist,
)
"""Exceptions whose own words go into the log. Others may quote what somebody typed: their kind
and the lines of code they came through are enough to find them."""


def request_id() -> str:
    """Of the request being answered; "" outside of one."""
    return _current.get()


class RequestLog:
    """Give each request an id, tell it in the response's header, and write one line when done.

    The id of a proxy is taken over where we trust one (TRUSTED_PROXIES). Stands inside WhiteNoise,
    so that static files cost nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        given = request.headers.get(HEADER, "") if settings.TRUSTED_PROXIES else ""
        own = given if _OURS.fullmatch(given) else secrets.token_hex(8)
        token = _current.set(own)
        request.request_id = own  # type: ignore[attr-defined]  # Django logs a 404 after this
        try:
            response = self.get_response(request)
            response[HEADER] = own
            if _requests.isEnabledFor(logging.INFO):
                _requests.info(
                    "request",
                    extra={
                        "facts": {
                            "method": method_of(request),
                            **place_of(request),
                            "status": response.status_code,
                            "ms": round((perf_counter() - began) * 1000, 1),
                        }
                    },
                )
            return response
        finally:
            _current.reset(token)


def method_of(request: HttpRequest) -> str:
    """A client may send any word as a method."""
    known = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"}
    return request.method if request.method in known else "other"


def place_of(request: HttpRequest) -> dict[str, str]:
    """The route and the view's name; empty where the address belongs to none."""
    match = getattr(request, "resolver_match", None)
    return {"route": match.route, "view": match.view_name} if match else {"route": "", "view": ""}


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says, in order; values are JSON's."""
    facts: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
    }
    request = getattr(record, "request", None)
    if own := request_id() or getattr(request, "request_id", ""):
        facts["request_id"] = own
    if isinstance(request, HttpRequest):
        facts |= {"message": "", "method": method_of(request), **place_of(request)}
        facts["message"] = f"answered {getattr(record, 'status_code', 'with an error')}"
    elif record.name.startswith("django.security"):
        facts["message"] = "refused"  # the words quote a host name, a referer, a file's name
    else:
        facts["message"] = record.getMessage()
    facts |= getattr(record, "facts", {})
    if record.exc_info and record.exc_info[1] is not None:
        facts["error"] = error_lines(record.exc_info[1])
    return facts


def error_lines(error: BaseException) -> list[str]:
    """The chain of exceptions, the first cause last: their kinds and lines of code.

    Words only of what is SAYABLE; no value of a variable, no line of data.
    """
    said: list[str] = []
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        error = following
        seen.add(id(error))
        words = f": {error}" if isinstance(error, SAYABLE) else ""
        said.append(f"{type(error).__module__}.{type(error).__qualname__}{words}")
        said += [
            f"  {frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__, limit=-25)
        ]
        following = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return said


class JsonLines(logging.Formatter):
    """One JSON object a line, for production."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(facts_of(record), ensure_ascii=False, default=str)


class Readable(logging.Formatter):
    """The same facts for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        facts = facts_of(record)
        error = facts.pop("error", [])
        at, level = facts.pop("at")[11:23], facts.pop("level")
        message, logger = facts.pop("message"), facts.pop("logger")
        rest = " ".join(f"{name}={value}" for name, value in facts.items() if value != "")
        line = f"{at} {level} {logger}: {message}" + (f" {rest}" if rest else "")
        return "\n".join([line, *(f"    {one}" for one in error)])


def logging_settings(*, production: bool, demo: bool, level: str) -> dict[str, Any]:
    """LOGGING: JSON lines on standard error in production, readable ones elsewhere.

    Loggers that would write names or addresses of people are shut whatever `level` says.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": "lessons.core.logs.JsonLines"},
            "readable": {"()": "lessons.core.logs.Readable"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "json" if production else "readable",
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django hangs handlers of its own on these two; ours is at the root.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {
                "handlers": ["console"],
                "level": "WARNING" if production or demo else "INFO",
                "propagate": False,
            },
            "lessons.requests": {"level": "INFO" if production else level},
            "axes": {"level": "CRITICAL"},  # it names the user and the address
            "django.db.backends": {"level": "WARNING"},  # at DEBUG it writes the values of queries
            "django.template": {"level": "WARNING"},  # at DEBUG it writes values of variables
        },
    }
