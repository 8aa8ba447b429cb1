"""What every page of content shows its editor beside the form: what rests on it, where it is used,
and what it still lacks.
"""

import re
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from .usage import resting_on, uses_of

ROW = re.compile(r"[0-9]{1,18}")


class ShowsUse(admin.ModelAdmin):  # type: ignore[type-arg]
    def todo(self, obj: Any) -> list[str]:
        """What the row lacks before readers see it whole."""
        return []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What an address fills in; whatever names no row of a relation is left out."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        for field in self.opts.get_fields():
            name = field.name
            if field.is_relation and name in initial:
                said = initial[name] if isinstance(initial[name], list) else [initial[name]]
                if not all(ROW.fullmatch(str(value)) for value in said):
                    del initial[name]
        return initial

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context.get("original")
        if row is not None:
            context |= {
                "uses": uses_of(row),
                "resting": resting_on(row),
                "todo": self.todo(row),
            }
        return super().render_change_form(request, context, *args, **kwargs)
