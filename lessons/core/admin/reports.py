"""Readers' reports of mistakes: editors read, answer and close them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from lessons.core.editors import in_group
from lessons.core.models import MistakeReport


class MistakeReportForm(forms.ModelForm):  # type: ignore[type-arg]
    closed = forms.BooleanField(label=_("closed"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["closed"].initial = self.instance.closed_at is not None

    class Meta:
        model = MistakeReport
        fields = ["answer"]


@admin.register(MistakeReport)
class MistakeReportAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Readers write reports; editors read, answer and close them."""

    form = MistakeReportForm
    list_display = ["created_at", "subject", "subject_key", "beginning", "is_closed"]
    list_filter = [("closed_at", admin.EmptyFieldListFilter), "subject", "created_at"]
    search_fields = ["subject_key", "address", "body", "answer"]
    date_hierarchy = "created_at"
    readonly_fields = [
        "subject",
        "subject_key",
        "address",
        "body",
        "reporter",
        "created_at",
        "closed_at",
    ]
    fields = [*readonly_fields, "answer", "closed"]
    list_select_related = ["reporter"]
    actions = ("close", "reopen")

    @admin.display(description=_("what is wrong"))
    def beginning(self, obj: MistakeReport) -> str:
        return obj.body if len(obj.body) <= 80 else f"{obj.body[:79]}…"

    @admin.display(description=_("closed"), boolean=True, ordering="closed_at")
    def is_closed(self, obj: MistakeReport) -> bool:
        return obj.closed_at is not None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Reports are closed, with a word on what was done."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not form.cleaned_data["closed"]:
            obj.closed_at = None
        elif obj.closed_at is None:
            obj.closed_at = timezone.now()
        super().save_model(request, obj, form, change)

    @admin.action(description=_("Close"), permissions=["change"])
    def close(self, request: HttpRequest, queryset: QuerySet[MistakeReport]) -> None:
        n = queryset.filter(closed_at=None).update(closed_at=timezone.now())
        self.message_user(
            request, ngettext("%(n)s report closed.", "%(n)s reports closed.", n) % {"n": n}
        )

    @admin.action(description=_("Reopen"), permissions=["change"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[MistakeReport]) -> None:
        n = queryset.exclude(closed_at=None).update(closed_at=None)
        self.message_user(
            request, ngettext("%(n)s report reopened.", "%(n)s reports reopened.", n) % {"n": n}
        )


in_group("reports", (MistakeReport, _("Answered and closed here.")))
