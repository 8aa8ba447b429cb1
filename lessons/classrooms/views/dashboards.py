"""Dashboards of a class and of an assignment. They only read; a poll asks whether to draw anew."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_POST, require_safe

from lessons.accounts.views import next_address
from lessons.classrooms import names
from lessons.classrooms.access import InClass, May, in_class
from lessons.classrooms.exports import csv_response
from lessons.classrooms.models import Membership
from lessons.classrooms.reports import progress as progress_reports
from lessons.classrooms.reports import tables
from lessons.classrooms.reports.exercises import splits_of
from lessons.classrooms.reports.facts import Board, board_of, class_token
from lessons.classrooms.reports.passages import SHADES, passage_reports
from lessons.classrooms.reports.progress import PAGE, STATES, ClassProgress, State, class_progress
from lessons.classrooms.reports.questions import (
    item_analysis,
    question_reports,
    ranked,
    skill_reports,
)
from lessons.classrooms.reports.times import step_times
from lessons.classrooms.reports.wording import Clock, clock_of
from lessons.core.htmx import render_page, wants_fragment

TALK = 3
"""Questions shown on the dashboard itself."""
AS_OF = "X-As-Of"
"""Header that tells a page when what it shows was last true."""


@in_class(May.TEACH)
@require_POST
def names_toggle(request: HttpRequest, here: InClass) -> HttpResponse:
    """Hide names on the projector, or show them again."""
    names.hide_names(request, hidden=request.POST.get("hidden") == "1")
    return redirect(
        next_address(
            request, default=reverse("classrooms:class-overview", args=[here.classroom.pk])
        )
    )


@in_class(May.TEACH)
@require_safe
def class_overview(request: HttpRequest, here: InClass) -> HttpResponse:
    """Every assignment: who has not started, who is stuck, who is done."""
    moment, hidden = timezone.now(), names.names_hidden(request)
    token, version = class_token(here.classroom, moment=moment)
    context = _frame(request, here, moment, token=f"{token}{hidden:d}")
    if _is_current(request, context):
        return _unchanged(context)
    lines = progress_reports.class_overview(
        here.classroom, hidden=hidden, version=version, moment=moment
    )
    table = tables.overview_table(lines, clock=context["clock"])
    context |= {"lines": lines, "table": table, "poll": request.path}
    if not lines:
        students = Membership.objects.active().students().filter(classroom=here.classroom)
        context["joined"] = students.count()
    return _live(request, "classrooms/class_overview.html", context)


@in_class(May.MANAGE)
@require_safe
def overview_export(request: HttpRequest, here: InClass) -> HttpResponseBase:
    """The overview as a spreadsheet."""
    moment = timezone.now()
    _token, version = class_token(here.classroom, moment=moment)
    lines = progress_reports.class_overview(
        here.classroom, hidden=names.names_hidden(request), version=version, moment=moment
    )
    table = tables.overview_table(lines, clock=clock_of(here.classroom.tz, moment))
    return csv_response(f"{here.classroom} overview", table.lines())


@in_class(May.TEACH)
@require_safe
def assignment_dashboard(request: HttpRequest, here: InClass, assignment: int) -> HttpResponse:
    """One assignment: who is where, what needs talking about, and the matrix."""
    board = board_of(here.classroom, assignment)
    context = given_context(request, here, board)
    if _is_current(request, context):
        return _unchanged(context)
    progress = class_progress(board, hidden=context["hidden"])
    show = request.GET.get("show", "")
    show = show if show in STATES else ""
    shown = progress.of(show) if show else progress.standings
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    context |= {
        "progress": progress,
        **_groups(progress, context["clock"]),
        "talk": ranked(question_reports(board))[:TALK],
        "header": progress_reports.matrix_header(board.outline)[2:],
        "steps": board.outline.steps,
        "rows": progress_reports.matrix_rows(
            progress.board, list(page.object_list), clock=context["clock"]
        ),
        "page": page,
        "show": show,
        "states": [(key, label, progress.counts[key]) for key, label in STATES.items()],
        "poll": f"{request.path}?page={page.number}&show={show}",
    }
    return _live(request, "classrooms/assignment_dashboard.html", context)


@in_class(May.TEACH)
@require_safe
def assignment_questions(request: HttpRequest, here: InClass, assignment: int) -> HttpResponse:
    """Every question, what needs talking about first, with what was answered."""
    board = board_of(here.classroom, assignment)
    reports = question_reports(board)
    order = ranked(reports)
    return render_page(
        request,
        "classrooms/assignment_questions.html",
        given_context(request, here, board)
        | {
            "questions": order,
            "table": tables.questions_table(order),
            "answers_header": tables.answers_header(),
            "skills": tables.skills_table(skill_reports(reports)),
        },
    )


@in_class(May.TEACH)
@require_safe
def assignment_text(request: HttpRequest, here: InClass, assignment: int) -> HttpResponse:
    """The text itself, each sentence shaded by how its questions went."""
    board = board_of(here.classroom, assignment)
    passages = passage_reports(board)
    return render_page(
        request,
        "classrooms/assignment_text.html",
        given_context(request, here, board)
        | {"passages": passages, "shades": SHADES, "table": tables.text_table(passages)},
    )


@in_class(May.TEACH)
@require_safe
def assignment_items(request: HttpRequest, here: InClass, assignment: int) -> HttpResponse:
    """Item analysis: what each question, and all together, say about themselves."""
    board = board_of(here.classroom, assignment)
    _reports, sets = item_analysis(board)
    return render_page(
        request,
        "classrooms/assignment_items.html",
        given_context(request, here, board)
        | {
            "sets": sets,
            "items": tables.items_table(sets),
            "set_table": tables.sets_table(sets),
            "distractors_header": tables.distractors_header(),
        },
    )


@in_class(May.TEACH)
@require_safe
def assignment_times(request: HttpRequest, here: InClass, assignment: int) -> HttpResponse:
    """How long each step takes: the median."""
    board = board_of(here.classroom, assignment)
    return render_page(
        request,
        "classrooms/assignment_times.html",
        given_context(request, here, board)
        | {"table": tables.times_table(step_times(board), board)},
    )


@in_class(May.MANAGE)
@require_safe
def table_export(
    request: HttpRequest, here: InClass, assignment: int, table: str
) -> HttpResponseBase:
    """One table of the assignment, the whole of it, as a spreadsheet."""
    make = EXPORTS.get(table)
    if make is None:
        raise Http404
    board = board_of(here.classroom, assignment)
    found = make(board, names.names_hidden(request))
    return csv_response(f"{board.assignment.title} {table}", found.lines())


def _progress_export(board: Board, hidden: bool) -> tables.Table:
    clock = clock_of(board.assignment.classroom.tz, board.moment)
    return tables.progress_table(class_progress(board, hidden=hidden), clock=clock)


# All but the first name no learner.
EXPORTS: Mapping[str, Callable[[Board, bool], tables.Table]] = {
    "progress": _progress_export,
    "questions": lambda board, _hidden: tables.questions_table(ranked(question_reports(board))),
    "answers": lambda board, _hidden: tables.answers_table(ranked(question_reports(board))),
    "skills": lambda board, _hidden: tables.skills_table(skill_reports(question_reports(board))),
    "items": lambda board, _hidden: tables.items_table(item_analysis(board)[1]),
    "sets": lambda board, _hidden: tables.sets_table(item_analysis(board)[1]),
    "distractors": lambda board, _hidden: tables.distractors_table(item_analysis(board)[1]),
    "text": lambda board, _hidden: tables.text_table(passage_reports(board)),
    "exercises": lambda board, _hidden: tables.splits_table(splits_of(board)),
    "times": lambda board, _hidden: tables.times_table(step_times(board), board),
}


# --- What the views above share ---------------------------------------------------------------


def _frame(
    request: HttpRequest, here: InClass, moment: datetime, *, token: str = ""
) -> dict[str, Any]:
    local = timezone.localtime(moment, here.classroom.tz)
    return {
        "here": here,
        "token": token,
        "hidden": names.names_hidden(request),
        "as_of": f"{date_format(local, 'H:i:s')} {local.tzname()}",
        "moment": moment,
        "clock": clock_of(here.classroom.tz, moment),
        "zone": here.classroom.zone,
    }


def given_context(request: HttpRequest, here: InClass, board: Board) -> dict[str, Any]:
    board.assignment.classroom = here.classroom  # read already
    hidden = names.names_hidden(request)
    return _frame(request, here, board.moment, token=f"{board.token}{hidden:d}") | {
        "board": board,
        "assignment": board.assignment,
        "due": board.delivery.due_at,
    }


def _groups(progress: ClassProgress, clock: Clock) -> dict[str, Any]:
    stuck = [
        (standing, progress_reports.said_now(standing, progress.board, clock=clock))
        for standing in progress.of(State.STUCK)
    ]
    return {"stuck": stuck, "waiting": progress.of(State.NOT_STARTED)}


def _is_current(request: HttpRequest, context: Mapping[str, Any]) -> bool:
    return wants_fragment(request) and request.GET.get("token") == context["token"]


def _unchanged(context: Mapping[str, Any]) -> HttpResponse:
    """Nothing has changed: what the page shows is true now, too."""
    return HttpResponse(status=204, headers={AS_OF: context["as_of"]})


def _live(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    response = render_page(request, template, context, partial="board")
    response[AS_OF] = context["as_of"]
    return response
