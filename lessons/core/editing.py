"""What every page of content shows its editor beside the form: what rests on it, where it is used,
and what it still lacks.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from .usage import resting_on, uses_of


class ShowsUse(admin.ModelAdmin):  # type: ignore[type-arg]
    def todo(self, obj: Any) -> list[str]:
        """What the row lacks before it may be published."""
        return []

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
