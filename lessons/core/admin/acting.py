"""Bulk actions and deletions: each on a page of its own first, with who, why and the version."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from lessons.core.edits import edit
from lessons.core.models import ContentVersion, PublishedModel, Status
from lessons.core.versions import is_live, version_of

from .saving import ContentRefused, SavingAdmin, Stale, ThisChange


class ActingAdmin(SavingAdmin):
    deleted_here: ClassVar[bool] = True
    """False where rows go only together with what they belong to."""

    def _checked(self, request: HttpRequest, rows: list[Any]) -> ThisChange:
        """The posted form of a confirmed change of these rows; raises ContentRefused."""
        if request.POST.get("version") != version_of(self.model, [row.pk for row in rows]):
            raise Stale
        change = ThisChange(request.POST, live=any(map(is_live, rows)))
        if not change.is_valid():
            raise ContentRefused(change.told())
        if wanted := change.ask():
            raise ContentRefused(wanted)
        return change

    def _asking(
        self, request: HttpRequest, rows: list[Any], refused: ContentRefused | None
    ) -> dict[str, Any]:
        """What the page that asks needs."""
        given = {
            "version": version_of(self.model, [row.pk for row in rows]),
            "why": request.POST.get("why", ""),
        }
        return {
            "this_change": ThisChange(initial=given, live=any(map(is_live, rows))),
            "problems": refused.problems if refused else [],
        }

    # Deleting

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        ContentVersion.bump()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().delete_queryset(request, queryset)
        ContentVersion.bump()

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.deleted_here:
            raise PermissionDenied
        obj = self.get_object(request, unquote(object_id))
        answer: HttpResponse
        if obj is None or not self.has_delete_permission(request, obj):
            answer = super().delete_view(request, object_id, extra_context)
            return answer
        refused = None
        if request.method == "POST":
            try:
                with edit(by=request.user, why=request.POST.get("why", "")):
                    self._checked(request, [obj])
                    answer = super().delete_view(request, object_id, extra_context)
                    return answer
            except ContentRefused as error:
                refused = error
        asking = self._asking(request, [obj], refused)
        request.POST = QueryDict()  # so that Django asks
        answer = super().delete_view(request, object_id, {**asking, **(extra_context or {})})
        if refused:
            answer.status_code = refused.status
        return answer

    def delete_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Django's own action, asking for a reason, on the version that was shown."""
        rows = list(queryset)
        refused = None
        if request.POST.get("post"):
            try:
                with edit(by=request.user, why=request.POST.get("why", "")):
                    self._checked(request, rows)
                    return delete_selected(self, request, queryset)
            except ContentRefused as error:
                refused = error
        asking = self._asking(request, rows, refused)
        sent = request.POST.copy()
        sent.pop("post", None)
        request.POST = sent  # type: ignore[assignment]
        answer: Any = delete_selected(self, request, queryset)
        answer.context_data |= asking
        if refused:
            answer.status_code = refused.status
        return answer  # type: ignore[no-any-return]

    # Bulk actions

    actions = ("publish", "unpublish", "retire")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        if "delete_selected" in actions:
            _function, name, words = actions["delete_selected"]
            actions["delete_selected"] = (type(self).delete_chosen, name, words)
        if not self.deleted_here:
            actions.pop("delete_selected", None)
        if not issubclass(self.model, PublishedModel):
            for name in ("publish", "unpublish", "retire"):
                actions.pop(name, None)
        return actions

    @admin.action(description=_("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._set_status(request, queryset, Status.PUBLISHED, "publish")

    @admin.action(description=_("Take back to draft"), permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._set_status(request, queryset, Status.DRAFT, "unpublish")

    @admin.action(description=_("Retire"), permissions=["change"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return self._set_status(request, queryset, Status.RETIRED, "retire")

    def _set_status(
        self, request: HttpRequest, queryset: QuerySet[Any], status: Status, action: str
    ) -> HttpResponse | None:
        """Ask first; then row by row, so that each change has its line in the history."""
        refused = None
        if request.POST.get("post"):
            try:
                with edit(by=request.user, why=request.POST.get("why", "")):
                    rows = list(queryset.exclude(status=status))
                    self._checked(request, rows)
                    self._change_status(request, rows, status)
                return None
            except ContentRefused as error:
                refused = error
        rows = list(queryset.exclude(status=status))
        if not rows:
            self._tell_changed(request, 0, status)
            return None
        return self._ask_about(request, rows, status, action, refused)

    def _ask_about(
        self,
        request: HttpRequest,
        rows: list[Any],
        status: Status,
        action: str,
        refused: ContentRefused | None,
        *,
        among: list[Any] | None = None,
    ) -> HttpResponse:
        """The page that names the rows; `among` are those chosen in the list, where they differ."""
        chosen = rows if among is None else among
        context = {
            **self.admin_site.each_context(request),
            **self._asking(request, chosen, refused),
            "title": self.get_actions(request)[action][2],
            "opts": self.opts,
            "media": self.media,
            "rows": rows,
            "chosen": chosen,
            "action": action,
            "status": status.label,
            "checkbox": helpers.ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(
            request,
            "admin/content_action.html",
            context,
            status=refused.status if refused else 200,
        )

    def _change_status(self, request: HttpRequest, rows: list[Any], status: Status) -> None:
        changed = 0
        for row in rows:
            if status == Status.PUBLISHED and (problems := self.problems(row)):
                for problem in problems:
                    self.message_user(request, f"{row}: {problem}", messages.ERROR)
                continue
            row.status = status
            row.save()
            self.log_change(request, row, [{"changed": {"fields": ["status"]}}])
            changed += 1
        if changed:
            ContentVersion.bump()
        self._tell_changed(request, changed, status)

    def _tell_changed(self, request: HttpRequest, changed: int, status: Status) -> None:
        self.message_user(
            request,
            ngettext("%(n)s is now: %(status)s.", "%(n)s are now: %(status)s.", changed)
            % {"n": changed, "status": Status(status).label},
            messages.SUCCESS if changed else messages.INFO,
        )
