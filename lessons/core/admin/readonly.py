"""What staff look at: learners' work, and rows on texts that are no longer current."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

LISTED = 1_000
"""Rows that a list of what learners do shows at the most, whatever there is."""


class ShortPaginator(Paginator):  # type: ignore[type-arg]
    """Counts up to LISTED and no further: to count a million answers takes longer than a page."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[:LISTED].count()


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """For staff to look at: it is neither written, changed nor deleted here."""

    actions = None
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LearnersAdmin(ReadOnlyAdmin):
    """What learners do. The newest rows are listed; a person's are found by the whole user name.

    `search_fields` end in `__exact`: an index finds it, where a part would be sought in every row.
    """

    ordering = ("-pk",)
    paginator = ShortPaginator
    search_help_text = _("The newest thousand are listed. Write a user name whole to find others.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        # User names are stored folded.
        return super().get_search_results(request, queryset, search_term.casefold())


class OrphanFilter(admin.SimpleListFilter):
    """Rows whose words stand on a text that is no longer current."""

    title = _("orphan")
    parameter_name = "orphan"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("on an old text")), ("no", _("on the current text"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("yes", "no"):
            return queryset.filter(text__is_current=self.value() == "no")
        return queryset
