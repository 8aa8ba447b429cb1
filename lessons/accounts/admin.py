"""People, for administrators. Guests are left out of the list unless asked for."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from lessons.core.editors import in_group

from .models import User


class GuestFilter(admin.SimpleListFilter):
    title = _("guests")
    parameter_name = "guests"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("only", _("guests only")), ("all", _("everybody"))]

    def choices(self, changelist: Any) -> Any:
        choices = super().choices(changelist)
        yield {**next(choices), "display": _("without guests")}
        yield from choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(is_guest=self.value() == "only")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    """Accounts are closed by `is active`; erasing a learner has a road of its own."""

    list_display = ["username", "display_name", "email", "is_instructor", "is_staff", "is_active"]
    list_filter = [GuestFilter, "is_instructor", "is_staff", "is_superuser", "is_active", "groups"]
    search_fields = ["username", "display_name", "email"]
    ordering = ["username"]
    readonly_fields = ["is_guest", "password_set_by", "last_login", "date_joined", "last_seen_at"]
    fieldsets = (
        (None, {"fields": ("username", "password", "password_set_by")}),
        (_("Person"), {"fields": ("display_name", "email", "is_guest")}),
        (
            _("Permissions"),
            {
                "fields": (
                    "is_active",
                    "is_instructor",
                    "is_staff",
                    "is_superuser",
                    "groups",
                    "user_permissions",
                )
            },
        ),
        (_("Dates"), {"fields": ("last_login", "date_joined", "last_seen_at")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


in_group("people", (User, _("Who may sign in.")), (Group, _("What several people may do.")))
