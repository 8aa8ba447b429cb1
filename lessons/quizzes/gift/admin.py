"""Pages for editors: a bank comes in (upload, review, save) or goes out.

`GiftPages` is mixed into the admin of questions, `ExportsGift` into that of quizzes as well.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lessons.core.admin import UNPROCESSABLE
from lessons.quizzes.models import Question, Quiz
from lessons.quizzes.revisions import questions_with_parts

from . import pages
from .exporting import Export, export
from .plans import counted
from .saving import BankRefused, Entry, entries_of, read, save_plans

REASON = "GIFT: "


class ExportsGift:
    """An admin of questions or quizzes, with the action that exports the chosen ones."""

    model: Any
    admin_site: Any

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]
        if request.user.has_perm("quizzes.view_question"):
            name = gettext_lazy("Export as GIFT")
            actions["export_gift"] = (_export_chosen, "export_gift", name)
        return actions


class GiftPages(ExportsGift):
    """The admin of questions, with the pages of banks under its address."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view

        def page(view: Any) -> Any:
            def run(request: HttpRequest) -> HttpResponse:
                answer: HttpResponse = view(self, request)
                return answer

            return wrap(run)

        return [
            path("import-gift/", page(import_page), name="quizzes_question_import_gift"),
            path("import-gift/review/", page(review_page), name="quizzes_question_review_gift"),
            path("export-gift/", page(export_page), name="quizzes_question_export_gift"),
            *super().get_urls(),  # type: ignore[misc]
        ]


def _draw(
    admin: Any, request: HttpRequest, page: str, /, *, status: int = 200, **context: Any
) -> TemplateResponse:
    frame = admin.admin_site.each_context(request)
    template = f"admin/quizzes/question/{page}.html"
    return TemplateResponse(
        request, template, {**frame, "opts": Question._meta, **context}, status=status
    )


# --- In -------------------------------------------------------------------------------------


def import_page(admin: Any, request: HttpRequest) -> HttpResponse:
    """Upload or paste a bank; one that can be read waits in the session for its review."""
    if not admin.has_add_permission(request):
        raise PermissionDenied
    form = pages.BankForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            read(form.bank)
        except BankRefused as refused:
            form.add_error("file" if form.name else "text", refused.message)
        else:
            pages.keep(request.session, form.bank, form.name)
            return redirect("admin:quizzes_question_review_gift")
    return _draw(
        admin,
        request,
        "import_gift",
        form=form,
        errors=form.non_field_errors(),
        title=_("Import questions (GIFT)"),
        status=UNPROCESSABLE if form.errors else 200,
    )


def review_page(admin: Any, request: HttpRequest) -> HttpResponse:
    """What would be made of the bank, and the button that makes it."""
    if not admin.has_add_permission(request):
        raise PermissionDenied
    held = pages.kept(request.session)
    if held is None:
        messages.info(request, _("Choose a bank first."))
        return redirect("admin:quizzes_question_import_gift")
    bank, plans = read(held.text)
    entries = entries_of(plans)
    page, left_out = _chosen(request, entries)
    quizzes = (
        pages.open_quizzes()
        if request.user.has_perm("quizzes.add_quizitem")
        else Quiz.objects.none()
    )
    form = pages.TakeForm(request.POST or None, quizzes=quizzes)
    status = 200
    if request.method == "POST":
        saving = "save" in request.POST
        is_other = request.POST.get("digest") != held.digest
        taken = [e.plan for e in entries if e.plan and e.can_be_taken and e.number not in left_out]
        if is_other:
            form.add_error(None, _("You opened another bank meanwhile. This is the newer one."))
            left_out = set()
        elif saving and not taken:
            form.add_error(None, _("Choose at least one question."))
        elif saving and form.is_valid():
            answer = _save(request, held, taken, form)
            if answer is not None:
                return answer
        status = UNPROCESSABLE if form.errors else 200
    return _draw(
        admin,
        request,
        "review_gift",
        status=status,
        form=form,
        errors=form.non_field_errors(),
        held=held,
        categories=list(bank.categories),
        comments=list(bank.comments),
        counts=counted(plans),
        refused=[entry for entry in entries if entry.refused],
        here=sum(bool(entry.plan) and not entry.can_be_taken for entry in entries),
        takeable=sum(entry.can_be_taken for entry in entries),
        taken=sum(entry.can_be_taken and entry.number not in left_out for entry in entries),
        page=page,
        shown=[pages.show(entry, left_out) for entry in page.entries],
        left_out=pages.ranges_of(left_out - page.numbers),
        title=_("Review the questions"),
    )


def _chosen(request: HttpRequest, entries: Sequence[Entry]) -> tuple[pages.Page, set[int]]:
    """The page to show, and the numbers of what is not taken."""
    if request.method != "POST":
        return pages.Page.of(entries, 1), set()
    left_out = pages.numbers_in(request.POST.get("left_out", ""))
    was = pages.Page.of(entries, _number(request.POST.get("page", "1")))
    ticked = {_number(value) for value in request.POST.getlist("take")}
    left_out = (left_out - was.numbers) | (was.numbers - ticked)
    return pages.Page.of(entries, _number(request.POST.get("go", str(was.number)))), left_out


def _number(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 6):
        raise BadRequest("Not a number.")
    return int(value)


def _save(
    request: HttpRequest, held: pages.Kept, plans: list[Any], form: pages.TakeForm
) -> HttpResponse | None:
    """Save the chosen plans; None, with the form's error, where another save came between."""
    quiz = form.cleaned_data["quiz"]
    user: Any = request.user
    try:
        made = save_plans(
            plans,
            by=user,
            skill=form.cleaned_data["skill"],
            quiz=quiz,
            reason=REASON + (held.name or _("pasted")),
        )
    except IntegrityError:
        form.add_error(None, _("Somebody saved questions meanwhile. Look again, then save."))
        return None
    pages.forget(request.session)
    if made:
        LogEntry.objects.log_actions(
            user_id=user.pk,
            queryset=made,
            action_flag=ADDITION,
            change_message=REASON + held.name,
        )
    said = ngettext(
        "%(n)s question is saved as a draft.", "%(n)s questions are saved as drafts.", len(made)
    ) % {"n": len(made)}
    if len(made) < len(plans):
        said += " " + _("The others were here already.")
    messages.success(request, said)
    if quiz is not None and request.user.has_perm("quizzes.view_quiz"):
        return redirect("admin:quizzes_quiz_change", quiz.pk)
    return redirect(f"{reverse('admin:quizzes_question_changelist')}?status__exact=draft")


# --- Out ------------------------------------------------------------------------------------


def _export_chosen(admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
    if not request.user.has_perm("quizzes.view_question"):
        raise PermissionDenied
    if issubclass(queryset.model, Quiz):
        quizzes = list(queryset)
        ids = [pk for quiz in quizzes for pk in _ids_of(quiz)]
        name = quizzes[0].key if len(quizzes) == 1 else "quizzes"
    else:
        ids, name = list(queryset.values_list("pk", flat=True)), "questions"
    return _show_export(admin, request, list(dict.fromkeys(ids)), name)


def _ids_of(quiz: Quiz) -> list[int]:
    return list(quiz.items.order_by("position", "pk").values_list("question_id", flat=True))


def export_page(admin: Any, request: HttpRequest) -> HttpResponse:
    """The file of the questions named by number; what is not in it was shown before."""
    if not request.user.has_perm("quizzes.view_question"):
        raise PermissionDenied
    if request.method != "POST":
        return redirect("admin:quizzes_question_changelist")
    ids = [_number(part) for part in request.POST.get("ids", "").split(",")[:20_000] if part]
    name = slugify(request.POST.get("name", ""))[:80] or "questions"
    answer = HttpResponse(_exported(ids).text, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.gift.txt"'
    return answer


def _exported(ids: Sequence[int]) -> Export:
    found: dict[int, Question] = {}
    for at in range(0, len(ids), 1_000):
        part = Question.objects.filter(pk__in=ids[at : at + 1_000])
        found |= {question.pk: question for question in questions_with_parts(part)}
    return export(found[pk] for pk in ids if pk in found)


def _show_export(admin: Any, request: HttpRequest, ids: list[int], name: str) -> HttpResponse:
    return _draw(
        admin,
        request,
        "export_gift",
        export=_exported(ids),
        ids=",".join(map(str, ids)),
        name=name,
        title=_("Export questions (GIFT)"),
    )
