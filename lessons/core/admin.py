"""The one road by which an editor changes content.

Every save, deletion and bulk action of a ContentAdmin bumps ContentVersion in its own
transaction, so that what was rendered before is stale. Content is retired rather than deleted
once learners' work refers to it (the database protects it, and the page names what refers).
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from simple_history.admin import SimpleHistoryAdmin

from .editing import ShowsUse
from .editors import in_group
from .keys import Proposes
from .models import ContentVersion, MistakeReport, PublishedModel, Status
from .ordering import ContentFormSet

UNPROCESSABLE = 422


class ContentRefused(Exception):
    """What was to be saved cannot be published as it is; `problems` are for the editor."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


class VerbatimField(forms.CharField):
    """Words kept as they are, spaces at their ends too; newlines as files have them.

    Browsers send CR LF: kept so, a text that was only looked at would differ from its file.
    """

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"strip": False, **kwargs})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.replace("\r\n", "\n").replace("\r", "\n") if isinstance(text, str) else text


FORM_FIELDS: dict[type[models.Field[Any, Any]], dict[str, Any]] = {
    models.TextField: {"form_class": VerbatimField},
    models.URLField: {"assume_scheme": "https"},
}


class ContentForm(Proposes):
    """A row's key is given once: in a form of an existing row it is shown and not taken."""

    refusals: ClassVar[Sequence[str]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "key" in self.fields and self.instance.pk is not None:
            self.fields["key"].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for problem in self.refusals:
            self.add_error(None, problem)
        return cleaned


class ContentTabularInline(admin.TabularInline):  # type: ignore[type-arg]
    form = ContentForm
    formset = ContentFormSet
    formfield_overrides = FORM_FIELDS
    extra = 0


class ContentStackedInline(admin.StackedInline):  # type: ignore[type-arg]
    form = ContentForm
    formset = ContentFormSet
    formfield_overrides = FORM_FIELDS
    extra = 0


class ContentAdmin(ShowsUse, SimpleHistoryAdmin):  # type: ignore[misc]  # it carries no types
    """The base of every admin of content."""

    form = ContentForm
    formfield_overrides = FORM_FIELDS
    deleted_here: ClassVar[bool] = True
    """False where rows go only together with what they belong to."""
    save_on_top = True
    list_per_page = 50

    def problems(self, obj: Any) -> list[str]:
        """Why the saved row, with its inlines, must not stand; empty where it may."""
        return []

    # Saving

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What `problems` finds is judged on the saved rows; the transaction is then undone and
        the form drawn again, with what was typed, under status 422.
        """
        answer: HttpResponse
        try:
            answer = super().changeform_view(request, object_id, form_url, extra_context)
        except ContentRefused as refused:
            request.content_refusals = refused.problems  # type: ignore[attr-defined]
            answer = super().changeform_view(request, object_id, form_url, extra_context)
        return answer

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:  # type: ignore[type-arg]
        form = super().get_form(request, obj, change=change, **kwargs)
        refusals = getattr(request, "content_refusals", None)
        return type(form.__name__, (form,), {"refusals": refusals}) if refusals else form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if not self.deleted_here:
            context["show_delete"] = False
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        if request.method == "POST":
            response.status_code = UNPROCESSABLE
        return response

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            ContentVersion.bump()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self._refuse_problems(form.instance)

    def _refuse_problems(self, obj: Any) -> None:
        # Read anew: the instance in the form may hold what was prefetched before its inlines.
        problems = self.problems(self.model._base_manager.get(pk=obj.pk))
        if problems:
            raise ContentRefused(problems)

    # Deleting

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            super().delete_model(request, obj)
            ContentVersion.bump()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            super().delete_queryset(request, queryset)
            ContentVersion.bump()

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.deleted_here:
            raise PermissionDenied
        answer: HttpResponse = super().delete_view(request, object_id, extra_context)
        return answer

    # History

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Going back to an older state is a save like any other: one transaction, same checks."""
        answer: HttpResponse
        if request.method != "POST":
            answer = super().history_form_view(request, object_id, version_id, extra_context)
            return answer
        try:
            with transaction.atomic():
                answer = super().history_form_view(request, object_id, version_id, extra_context)
                if answer.status_code == 302:
                    self._refuse_problems(self.model._base_manager.get(pk=unquote(object_id)))
                else:
                    answer.status_code = UNPROCESSABLE
                return answer
        except ContentRefused as refused:
            for problem in refused.problems:
                self.message_user(request, problem, messages.ERROR)
            return HttpResponseRedirect(request.path)

    # Bulk actions

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        if not self.deleted_here:
            actions.pop("delete_selected", None)
        if not issubclass(self.model, PublishedModel):
            for name in ("publish", "unpublish", "retire"):
                actions.pop(name, None)
        return actions

    actions = ("publish", "unpublish", "retire")

    @admin.action(description=_("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._set_status(request, queryset, Status.PUBLISHED)

    @admin.action(description=_("Take back to draft"), permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._set_status(request, queryset, Status.DRAFT)

    @admin.action(description=_("Retire"), permissions=["change"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._set_status(request, queryset, Status.RETIRED)

    def _set_status(self, request: HttpRequest, queryset: QuerySet[Any], status: Status) -> None:
        """Row by row, so that each change has its line in the history."""
        changed = 0
        refused: list[str] = []
        with transaction.atomic():
            for row in queryset.exclude(status=status):
                if status == Status.PUBLISHED and (problems := self.problems(row)):
                    refused.extend(f"{row}: {problem}" for problem in problems)
                    continue
                row.status = status
                row._history_user = request.user
                row.save()
                self.log_change(request, row, [{"changed": {"fields": ["status"]}}])
                changed += 1
            if changed:
                ContentVersion.bump()
        for line in refused:
            self.message_user(request, line, messages.ERROR)
        self.message_user(
            request,
            ngettext("%(n)s is now: %(status)s.", "%(n)s are now: %(status)s.", changed)
            % {"n": changed, "status": Status(status).label},
            messages.SUCCESS if changed else messages.INFO,
        )


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Learners' work, for staff to look at: it is neither written, changed nor deleted here."""

    actions = None
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


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
