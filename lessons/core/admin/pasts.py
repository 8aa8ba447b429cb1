"""The history of a row with what belongs to it, and going back to a moment of it."""

from datetime import datetime
from typing import Any, ClassVar, cast

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import localize
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from lessons.core import changes, restoring
from lessons.core.edits import edit
from lessons.core.models import ContentModel
from lessons.core.versions import Model, family, history_of, is_live, version_of

from .saving import ContentRefused, SavingAdmin, Stale, ThisChange


class PastsAdmin(SavingAdmin):
    restorable: ClassVar[bool] = True
    """False where an older state comes back by another road only."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.restore_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_restore"
        own = path("<path:object_id>/history/<int:number>/", view, name=name)
        return [own, *super().get_urls()]

    @property
    def _content(self) -> Model:
        return cast("Model", self.model)

    # Who may

    def _family_seen(self, request: HttpRequest) -> list[Model]:
        """What belongs to the row, of models whose rows this person may see."""
        return [
            one for one in family(self._content) if one is self.model or _may(request, one, "view")
        ]

    def may_restore(self, request: HttpRequest, obj: Any = None) -> bool:
        return (
            self.restorable
            and self.has_change_permission(request, obj)
            and all(
                _may(request, one, kind)
                for one in family(self._content)[1:]
                for kind in ("add", "change", "delete")
            )
        )

    def _find(self, request: HttpRequest, object_id: str) -> tuple[int, ContentModel | None]:
        """The row's id and the row; None of one that was deleted and has a history."""
        obj = self.get_object(request, unquote(object_id))
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        if obj is not None:
            return obj.pk, obj
        number = unquote(object_id)
        if not number.isdigit() or len(number) > 18:
            raise Http404
        pk = int(number)
        exists = self.model._base_manager.filter(pk=pk).exists()
        if exists or not history_of(self.model)._base_manager.filter(id=pk).exists():
            raise Http404
        return pk, None

    # The pages

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        pk, obj = self._find(request, object_id)
        line = changes.TimeLine(self.model, pk, models_shown=self._family_seen(request))
        pages: Paginator[changes.Change] = Paginator(cast("Any", line), changes.PER_PAGE)
        page = pages.get_page(request.GET.get(PAGE_VAR))
        context = {
            **self._context(request, pk, obj, _("History")),
            "page": page,
            "page_var": PAGE_VAR,
            "pages": pages.get_elided_page_range(page.number),
            "may_restore": self.may_restore(request, obj),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/content_history.html", context)

    def restore_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        pk, obj = self._find(request, object_id)
        if not self.may_restore(request, obj):
            raise PermissionDenied
        try:
            moment = changes.from_number(number)
        except OverflowError:
            raise Http404 from None
        refused: ContentRefused | None = None
        if request.method == "POST":
            try:
                return self._restore(request, pk, obj, moment)
            except ContentRefused as error:
                refused = error
        return self._draw_plan(request, pk, obj, moment, refused)

    def _restore(
        self, request: HttpRequest, pk: int, obj: ContentModel | None, moment: datetime
    ) -> HttpResponse:
        when = localize(localtime(moment))
        with edit(by=request.user, why=request.POST.get("why") or _("Back to %s") % when):
            if request.POST.get("version") != version_of(self.model, [pk], notes=True):
                raise Stale
            change = ThisChange(request.POST, live=obj is not None and is_live(obj))
            if not change.is_valid():
                raise ContentRefused(change.told())
            if change.live and not change.cleaned_data["sure"]:
                raise ContentRefused([_("This is live for readers: tick that you mean it.")])
            try:
                doing = restoring.restore(model=self.model, pk=pk, moment=moment, by=request.user)
            except restoring.CannotRestore as error:
                raise ContentRefused([str(error)]) from error
            row = self.model._base_manager.filter(pk=pk).first()
            if row is not None:
                self.refuse_problems(row)
                self.log_change(request, row, _("Brought back to %s.") % when)
        self.message_user(
            request,
            _("It is as it was on %s.") % when
            if doing.changes_anything
            else _("Nothing was changed: it stands as it did then."),
            messages.SUCCESS,
        )
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_history"
        return HttpResponseRedirect(reverse(name, args=[pk]))

    def _draw_plan(
        self,
        request: HttpRequest,
        pk: int,
        obj: ContentModel | None,
        moment: datetime,
        refused: ContentRefused | None,
    ) -> HttpResponse:
        live = obj is not None and is_live(obj)
        # Read before the plan is: what is changed in between makes the page stale, not wrong.
        version = version_of(self.model, [pk], notes=True)
        given = {"version": version, "why": request.POST.get("why", "")}
        context = {
            **self._context(request, pk, obj, _("Go back")),
            "moment": moment,
            "plan": restoring.plan(self.model, pk, moment),
            "this_change": ThisChange(initial=given, live=live),
            "problems": refused.problems if refused else [],
        }
        status = refused.status if refused else 200
        return TemplateResponse(request, "admin/content_restore.html", context, status=status)

    def _context(
        self, request: HttpRequest, pk: int, obj: ContentModel | None, title: str
    ) -> dict[str, Any]:
        request.current_app = self.admin_site.name
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": str(obj) if obj else _("deleted"),
            "object": obj,
            "object_pk": pk,
            "opts": self.opts,
            "media": self.media,
            "preserved_filters": self.get_preserved_filters(request),
        }


def _may(request: HttpRequest, model: Model, kind: str) -> bool:
    name = f"{model._meta.app_label}.{kind}_{model._meta.model_name}"
    user: Any = request.user
    return bool(
        user.has_perm(name)
        or (kind == "view" and user.has_perm(name.replace(".view_", ".change_")))
    )
