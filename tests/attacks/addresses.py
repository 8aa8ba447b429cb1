"""Every address of the URLconf but admin's, filled in for one class and the shipped content."""

import ast
import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from lessons.accounts.models import User
from lessons.documents.models import Document, Person, Term
from lessons.guided.models import Step
from tests.classrooms.making import VALUES, Cast
from tests.guided.reading import Forms

LESSONS = Path(__file__).resolve().parents[2] / "lessons"


@dataclass(frozen=True)
class Route:
    """One pattern of the URLconf."""

    name: str
    """With its namespace; a route of the URLconf may share it with another."""
    route: str
    """As it is written, from the root: "lessons/<slug:lesson>/"."""
    pattern: URLPattern

    @property
    def parts(self) -> dict[str, str]:
        """What stands in angle brackets: name → converter."""
        return {name: kind for kind, name in re.findall(r"<(\w+):(\w+)>", self.route)}

    def fill(self, values: dict[str, Any]) -> str:
        return "/" + re.sub(r"<\w+:(\w+)>", lambda found: str(values[found[1]]), self.route)


def routes(resolver: URLResolver | None = None, before: str = "", space: str = "") -> list[Route]:
    found: list[Route] = []
    for part in (resolver or get_resolver()).url_patterns:
        route = before + str(part.pattern)
        if isinstance(part, URLResolver):
            if part.app_name != "admin":
                found += routes(part, route, f"{part.app_name}:")
        elif isinstance(part, URLPattern):
            found.append(Route(f"{space}{part.name}", route, part))
    return found


ROUTES = routes()
BY_ROUTE = {route.route: route for route in ROUTES}


def values_of(cast: Cast, route: Route) -> dict[str, Any]:
    """A value for each part of the address, of what is there and may be seen.

    Raises KeyError for a part that nobody gave a value: add it here or in classrooms/making.py.
    """
    rooms: dict[str, Any] = {"people/": Person, "glossary/": Term, "documents/": Document}
    values: dict[str, Any] = {"position": 1, "role": "student", "pk": cast.student.pk}
    for name in route.parts.keys() - values.keys():
        if name == "slug":
            model = next(model for start, model in rooms.items() if route.route.startswith(start))
            values[name] = model.objects.order_by("pk").values_list("slug", flat=True)[0]
        elif name in {"module", "page"}:
            module = cast.assignment.lesson.module
            values[name] = module.slug if name == "module" else module.teacher_pages.first().slug
        else:
            values[name] = VALUES[name](cast)
    return values


def address(cast: Cast, route: Route, **other: Any) -> str:
    return route.fill(values_of(cast, route) | other)


# --- What may be sent to them -------------------------------------------------------------------


def asked_for() -> dict[str, list[str]]:
    """Names of fields and of query parameters that the code reads: "POST" and "GET" → names."""
    found: dict[str, set[str]] = {"POST": set(), "GET": set()}
    for file in LESSONS.rglob("*.py"):
        if "migrations" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            name = _asked(node)
            if name:
                where = ast.unparse(node.func.value)  # type: ignore[attr-defined]
                for kind, names in found.items():
                    if kind in where or where in ("data", "query"):
                        names.add(name)
    return {kind: sorted(names) for kind, names in found.items()}


def _asked(node: ast.AST) -> str:
    """The literal of data.get("literal") and data.getlist("literal")."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return ""
    first = node.args[0]
    is_text = isinstance(first, ast.Constant) and isinstance(first.value, str)
    return str(first.value) if node.func.attr in {"get", "getlist"} and is_text else ""  # type: ignore[union-attr]


def forms_of(page: str) -> Iterator[tuple[str, dict[str, list[str]]]]:
    for action, fields in Forms(page).forms:
        fields.pop("csrfmiddlewaretoken", None)
        yield action.split("#")[0].split("?")[0], fields


def undone(client: Client, method: str, path: str, *args: Any, **more: Any) -> HttpResponseBase:
    """The answer to one request, of whose writes nothing stays; who was signed in still is."""
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        response = getattr(client, method)(path, *args, **more)
        if response.streaming:
            b"".join(response.streaming_content)
        transaction.set_rollback(True)
    client.cookies = cookies
    return response


def client_of(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user, backend="lessons.accounts.backends.NamesWithoutCaseBackend")
    return client


def steps_with_quiz() -> list[str]:
    return list(Step.objects.filter(quiz__isnull=False).values_list("slug", flat=True))
