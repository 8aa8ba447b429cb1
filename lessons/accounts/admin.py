"""People, for administrators. Guests are left out of the list unless asked for."""

from typing import Any

from axes.models import AccessAttempt
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from lessons.core.admin import ReadOnlyAdmin, ShortPaginator
from lessons.core.editors import in_group

from . import roles
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


# The groups stand in code (`roles`), so that nobody widens them by a click.
admin.site.unregister(Group)

SUPERUSERS_ONLY = ("is_staff", "is_superuser", "user_permissions")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    """Accounts are closed by `is active`; erasing a learner has a road of its own.

    An administrator who is not a superuser gives and takes the groups of `roles`, nothing beyond
    them, and reads the account of a superuser without changing it.
    """

    list_display = ["username", "display_name", "email", "is_instructor", "is_staff", "is_active"]
    list_filter = [GuestFilter, "is_instructor", "is_staff", "is_superuser", "is_active", "groups"]
    search_fields = ["username", "display_name", "email"]
    ordering = ["username"]
    filter_horizontal = ()  # three groups need no boxes with arrows between them
    paginator = ShortPaginator
    show_full_result_count = False
    readonly_fields = ["is_guest", "password_set_by", "last_login", "date_joined", "last_seen_at"]
    fieldsets = (
        (None, {"fields": ("username", "password", "password_set_by")}),
        (_("Person"), {"fields": ("display_name", "email", "is_guest")}),
        (
            _("Permissions"),
            {"fields": ("is_active", "is_instructor", "groups", *SUPERUSERS_ONLY)},
        ),
        (_("Dates"), {"fields": ("last_login", "date_joined", "last_seen_at")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may: bool = super().has_change_permission(request, obj)
        return may and (obj is None or not obj.is_superuser or request.user.is_superuser)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return fieldsets
        return [
            (
                title,
                {**of, "fields": [f for f in of["fields"] if f not in SUPERUSERS_ONLY]},
            )
            for title, of in fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        # A guest has no role: the database holds to that.
        of_a_guest = ["is_instructor", "groups", *SUPERUSERS_ONLY]
        return [*fields, *of_a_guest] if obj is not None and obj.is_guest else fields

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["queryset"] = Group.objects.filter(name__in=roles.GROUPS)
            kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Groups of another making stay; teachers are those who may teach, staff who is staff."""
        user = form.instance
        others = list(user.groups.exclude(name__in=roles.GROUPS))
        super().save_related(request, form, formsets, change)
        if user.is_guest:
            return
        user.groups.add(*others)
        roles.set_group(user, roles.TEACHERS, member=user.is_instructor)


@admin.register(AccessAttempt)
class AccessAttemptAdmin(ReadOnlyAdmin):
    """Wrong passwords lately: whose name, and from where. What was sent is not shown."""

    list_display = ["attempt_time", "username", "ip_address", "failures_since_start"]
    list_filter = ["attempt_time"]
    search_fields = ["username", "ip_address"]
    fields = ["attempt_time", "username", "ip_address", "failures_since_start", "user_agent"]


in_group(
    "people",
    (User, _("Who may sign in, and what each may do.")),
    (AccessAttempt, _("Wrong passwords lately.")),
)
