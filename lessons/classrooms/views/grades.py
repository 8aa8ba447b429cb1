"""The gradebook, one grade, and what leaves the site as a table."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lessons.classrooms.access import InClass, May, assignment_or_404, in_class, student_or_404
from lessons.classrooms.domain import grades as domain
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.exports import csv_response, xlsx_response
from lessons.classrooms.grade_forms import ExcuseForm, OverrideForm, TakeBackForm, WeightsForm
from lessons.classrooms.grade_words import HEADS, table_of
from lessons.classrooms.gradebook import PAGE, Gradebook, read_gradebook
from lessons.classrooms.grading import State
from lessons.classrooms.names import names_hidden
from lessons.classrooms.reports.answers import answers_of
from lessons.classrooms.reports.grade_detail import GradeDetail, read_grade


@in_class(May.TEACH)
@require_safe
def gradebook(request: HttpRequest, here: InClass) -> HttpResponse:
    return _draw_book(request, here, _book(request, here))


@in_class(May.MANAGE)
@require_POST
def gradebook_weights(request: HttpRequest, here: InClass) -> HttpResponseBase:
    book = _book(request, here)
    form = WeightsForm(book.columns, request.POST)
    if not form.is_valid():
        return _draw_book(request, here, book, form=form, status=422)
    try:
        domain.set_weights(classroom=here.classroom, weights=form.weights, by=here.user)
    except ClassRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return _draw_book(request, here, book, form=form, status=422)
    messages.success(request, _("The weights are saved; the totals follow them."))
    address = reverse("classrooms:gradebook", args=[here.classroom.pk])
    return redirect(f"{address}{_query(_page_number(request.POST))}")


@in_class(May.MANAGE)
@require_safe
def gradebook_csv(request: HttpRequest, here: InClass) -> HttpResponseBase:
    return csv_response(_file_name(here), table_of(_book(request, here)))


@in_class(May.MANAGE)
@require_safe
def gradebook_xlsx(request: HttpRequest, here: InClass) -> HttpResponseBase:
    table = table_of(_book(request, here))
    return xlsx_response(_file_name(here), _("Gradebook"), table, heads=HEADS)


@in_class(May.MANAGE)
@require_safe
def answers_csv(request: HttpRequest, here: InClass, assignment: int) -> HttpResponseBase:
    """All answers of an assignment, one row each."""
    found = assignment_or_404(here.classroom, assignment, withdrawn=False)
    return csv_response(f"{here.classroom.name} {found.title} answers", answers_of(found))


@in_class(May.TEACH)
@require_safe
def grade(request: HttpRequest, here: InClass, assignment: int, membership: int) -> HttpResponse:
    """How one grade comes about, and (for instructors) what may be decided about it."""
    return _draw_grade(request, here, _grade(here, assignment, membership))


@in_class(May.MANAGE)
@require_POST
def grade_override(
    request: HttpRequest, here: InClass, assignment: int, membership: int
) -> HttpResponseBase:
    detail = _grade(here, assignment, membership)
    form = OverrideForm(request.POST, points=detail.column.points)
    if not form.is_valid():
        return _draw_grade(request, here, detail, override=form, status=422)
    try:
        domain.set_grade(
            assignment=detail.column.assignment,
            membership=detail.membership,
            score=form.score,
            reason=form.cleaned_data["reason"],
            by=here.user,
        )
    except ClassRefused as refusal:
        form.add_error(None, refusal.message)
        return _draw_grade(request, here, detail, override=form, status=422)
    messages.success(request, _("The grade is set."))
    return redirect("classrooms:grade", here.classroom.pk, assignment, membership)


@in_class(May.MANAGE)
@require_POST
def grade_take_back(
    request: HttpRequest, here: InClass, assignment: int, membership: int
) -> HttpResponseBase:
    """Let the computed grade stand again."""
    detail = _grade(here, assignment, membership)
    form = TakeBackForm(request.POST)
    if not form.is_valid():
        return _draw_grade(request, here, detail, back=form, status=422)
    try:
        domain.take_grade_back(
            assignment=detail.column.assignment,
            membership=detail.membership,
            reason=form.cleaned_data["reason"],
            by=here.user,
        )
    except ClassRefused as refusal:
        form.add_error(None, refusal.message)
        return _draw_grade(request, here, detail, back=form, status=409)
    messages.success(request, _("The computed grade stands again."))
    return redirect("classrooms:grade", here.classroom.pk, assignment, membership)


@in_class(May.MANAGE)
@require_POST
def grade_excuse(
    request: HttpRequest, here: InClass, assignment: int, membership: int
) -> HttpResponseBase:
    """Excuse a student from an assignment, or (`end`) let it count again."""
    detail = _grade(here, assignment, membership)
    form = ExcuseForm(request.POST)
    if not form.is_valid():
        return _draw_grade(request, here, detail, excuse=form, status=422)
    write = domain.end_excuse if "end" in request.POST else domain.excuse
    try:
        write(
            assignment=detail.column.assignment,
            membership=detail.membership,
            reason=form.cleaned_data["reason"],
            by=here.user,
        )
    except ClassRefused as refusal:
        form.add_error(None, refusal.message)
        return _draw_grade(request, here, detail, excuse=form, status=422)
    return redirect("classrooms:grade", here.classroom.pk, assignment, membership)


# --- What the views above share -----------------------------------------------------------------


def _book(request: HttpRequest, here: InClass) -> Gradebook:
    return read_gradebook(here.classroom, names_hidden=names_hidden(request))


def _page_number(data: Any) -> int:
    """The page asked for; 1 where that is no number."""
    asked = data.get("page", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 6 else 1


def _query(page: int) -> str:
    """Of an address of the gradebook."""
    return f"?page={page}" if page > 1 else ""


def _draw_book(
    request: HttpRequest,
    here: InClass,
    book: Gradebook,
    *,
    form: WeightsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    pages = max(1, -(-len(book.rows) // PAGE))
    page = min(max(_page_number(request.POST if form else request.GET), 1), pages)
    first = (page - 1) * PAGE
    if form is None and here.may_manage:
        form = WeightsForm(book.columns)
    context = {
        "here": here,
        "hidden": book.names_hidden,
        "book": book,
        "columns": [
            (column, form[f"weight-{column.assignment.pk}"] if form else None, figure)
            for column, figure in zip(book.columns, book.figures, strict=True)
        ],
        "rows": [
            (row, list(zip(book.columns, row.cells, strict=True)))
            for row in book.rows[first : first + PAGE]
        ],
        "form": form,
        "page": page,
        "pages": pages,
        "first": first + 1,
        "last": min(first + PAGE, len(book.rows)),
        "links": {
            "before": _query(page - 1) or "?" if page > 1 else "",
            "after": _query(page + 1) if page < pages else "",
        },
    }
    return render(request, "classrooms/gradebook.html", context, status=status)


def _file_name(here: InClass) -> str:
    today = timezone.now().astimezone(here.classroom.tz)
    return f"gradebook {here.classroom.name} {here.classroom.term} {today:%Y-%m-%d}"


def _grade(here: InClass, assignment: int, membership: int) -> GradeDetail:
    """404 where the assignment is not for this student."""
    detail = read_grade(
        assignment_or_404(here.classroom, assignment, withdrawn=False),
        student_or_404(here.classroom, membership),
        timezone.now(),
    )
    if detail.cell.state is State.NOT_GIVEN:
        raise Http404
    return detail


def _draw_grade(
    request: HttpRequest, here: InClass, detail: GradeDetail, *, status: int = 200, **forms: Any
) -> HttpResponse:
    context = {
        "here": here,
        "detail": detail,
        "cell": detail.cell,
        "override": forms.get("override") or OverrideForm(points=detail.column.points),
        "back": forms.get("back") or TakeBackForm(),
        "excuse": forms.get("excuse") or ExcuseForm(),
        "refused": bool(forms),
    }
    return render(request, "classrooms/gradebook_grade.html", context, status=status)
