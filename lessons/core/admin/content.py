"""The one road by which an editor changes content.

Every save, deletion and bulk action of a ContentAdmin is one edit: one transaction, in which
ContentVersion is bumped, so that what was rendered before is stale. Content is retired rather than
deleted once learners' work refers to it (the database protects it, and the page names what refers).
"""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from lessons.core.choosing import ChoosesByName
from lessons.core.editing import ShowsUse
from lessons.core.models import ContentVersion, Status

from .acting import ActingAdmin
from .fields import FORM_FIELDS, ContentForm
from .pasts import PastsAdmin


class ContentAdmin(ChoosesByName, ShowsUse, ActingAdmin, PastsAdmin):
    """The base of every admin of content."""

    form = ContentForm
    formfield_overrides = FORM_FIELDS
    save_on_top = True
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the rows that its list names, also where another form or an autocomplete asks."""
        rows: QuerySet[Any] = super().get_queryset(request)
        named = self.list_select_related
        return rows.select_related(*named) if isinstance(named, list) else rows

    def todo(self, obj: Any) -> list[str]:
        return self.problems(obj) if getattr(obj, "status", None) == Status.DRAFT else []

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if not self.deleted_here:
            context["show_delete"] = False
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        ContentVersion.bump()
