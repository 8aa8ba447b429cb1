"""The editors' site: Django's admin, its models in groups and words that an editor understands.

Apps say where their models belong (`in_group`); a model that nothing is said of stays under its
app's name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .admin_site import GuardedAdminSite

Words = str | Promise


class EditorsConfig(AdminConfig):
    default_site = "lessons.core.editors.EditorsSite"


@dataclass(frozen=True)
class Group:
    label: str
    name: Words
    about: Words = ""


@dataclass(frozen=True)
class FirstStep:
    name: Words
    about: Words
    address: str
    done: Words = ""
    """What there is already, in words; empty while there is nothing."""


GROUPS: dict[str, Group] = {
    group.label: group
    for group in (
        Group("document", _("The document"), _("The source itself, and the notes on its words.")),
        Group("rooms", _("Around the document"), _("People, places, terms, dates, references.")),
        Group(
            "questions", _("Questions and quizzes"), _("What a class is asked, and in what order.")
        ),
        Group("lessons", _("Lessons"), _("Modules, their lessons, and the steps of each.")),
        Group("reports", _("From readers"), _("What readers say is wrong.")),
        Group("people", _("People"), _("Accounts and what they may do.")),
        Group("work", _("Students’ work"), _("To be looked at; nothing is changed here.")),
    )
}
_placed: dict[type[models.Model], tuple[str, Words]] = {}
_steps: list[Callable[[HttpRequest], Sequence[FirstStep]]] = []


def in_group(label: str, *rows: tuple[type[models.Model], Words]) -> None:
    """Put models, each with a line that says what it is for, into a group, in this order."""
    for model, about in rows:
        _placed[model] = (label, about)


def first_steps(
    function: Callable[[HttpRequest], Sequence[FirstStep]],
) -> Callable[[HttpRequest], Sequence[FirstStep]]:
    """Register steps that the first page names; once all are done it folds them away."""
    if function not in _steps:
        _steps.append(function)
    return function


class NamedAutocomplete(AutocompleteJsonView):
    """Finds what `offered` of the model's admin lets by, and names it as its `named` does."""

    def get_queryset(self) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = super().get_queryset()
        offered = getattr(self.model_admin, "offered", None)
        return offered(rows) if offered else rows

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, Any]:
        result: dict[str, Any] = super().serialize_result(obj, to_field_name)
        named = getattr(self.model_admin, "named", None)
        return {**result, "text": named(obj)} if named else result


class EditorsSite(GuardedAdminSite):
    site_title = _("Editors")
    index_title = _("What would you like to do?")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        if app_label is not None:
            return apps
        order = list(_placed)
        grouped: dict[str, list[tuple[int, Any]]] = {label: [] for label in GROUPS}
        left: list[Any] = []
        for app in apps:
            others = []
            for row in app["models"]:
                label, about = _placed.get(row["model"], ("", ""))
                if label:
                    place = order.index(row["model"])
                    grouped[label].append((place, {**row, "about": about}))
                else:
                    others.append(row)
            if others:
                left.append({**app, "models": others})
        groups = [
            {
                "name": group.name,
                "about": group.about,
                "app_label": f"group-{group.label}",
                "app_url": "",
                "has_module_perms": True,
                "models": [row for _place, row in sorted(grouped[label], key=lambda one: one[0])],
            }
            for label, group in GROUPS.items()
            if grouped[label]
        ]
        return [*groups, *left]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return cast("HttpResponse", NamedAutocomplete.as_view(admin_site=self)(request))

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        steps = [step for tell in _steps for step in tell(request)]
        told = {"first_steps": steps, "are_done": all(step.done for step in steps)}
        return super().index(request, {**told, **(extra_context or {})})
