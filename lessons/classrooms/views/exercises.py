"""Where a class splits over an exercise: the report, three splits to project, a second vote."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lessons.accounts.learners import SignedInRequest
from lessons.classrooms.access import InClass, May, assignments_of, in_class
from lessons.classrooms.domain import votes
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.reports import tables
from lessons.classrooms.reports.exercises import (
    FEWEST,
    Reading,
    Split,
    own_splits,
    projected,
    splits_of,
)
from lessons.classrooms.reports.facts import Board, board_of
from lessons.core.htmx import render_page

from .dashboards import given_context


@in_class(May.TEACH)
@require_safe
def assignment_exercises(request: HttpRequest, here: InClass, assignment: int) -> HttpResponse:
    """Every card, segment and line, the most divided first; no names."""
    board = board_of(here.classroom, assignment)
    splits = splits_of(board)
    context = given_context(request, here, board) | {
        "splits": splits,
        "projected": projected(splits),
        "table": tables.splits_table(splits),
    }
    return render_page(request, "classrooms/assignment_exercises.html", context)


@in_class(May.TEACH)
@require_safe
def assignment_split(request: HttpRequest, here: InClass, assignment: int) -> HttpResponseBase:
    """One split for the projector. What is accepted is on it only once the class voted again."""
    board = board_of(here.classroom, assignment)
    splits = splits_of(board)
    shown = projected(splits)[:1]
    split = _named(splits, request.GET["card"]) if "card" in request.GET else None
    if "card" not in request.GET and shown:
        split = shown[0]
    if split is None:
        return _nothing(request, here, assignment)
    return _project(request, here, board, splits, split)


@in_class(May.TEACH)
@require_POST
def second_vote(request: HttpRequest, here: InClass, assignment: int) -> HttpResponseBase:
    """Keep the hands that were counted."""
    board = board_of(here.classroom, assignment)
    splits = splits_of(board)
    split = _named(splits, request.POST.get("card", ""))
    if split is None:
        return _nothing(request, here, assignment)
    try:
        votes.count_hands(
            assignment=board.assignment,
            question=split.asked.question,
            part=split.part,
            hands=_hands(split, request.POST),
            by=here.membership.user,
        )
    except ClassRefused as refusal:
        return _project(request, here, board, splits, split, error=refusal.message, status=422)
    messages.success(request, _("The second vote is kept."))
    address = reverse("classrooms:assignment-split", args=[here.classroom.pk, assignment])
    return redirect(f"{address}?card={split.key}")


@require_safe
def work_answers(request: SignedInRequest, delivery: str) -> HttpResponse:
    """For a student: where their class and the editor differ, once they have answered."""
    given = assignments_of(request.user).select_related("delivery", "classroom")
    found = given.filter(delivery__key=delivery).first()
    if found is None:
        raise Http404
    board = board_of(found.classroom, found.pk)
    splits = own_splits(board, request.user)
    context = {
        "assignment": found,
        "splits": [one for one in splits if one.is_shown],
        "has_answered": bool(splits),
        "fewest": FEWEST,
    }
    return render(request, "classrooms/work_answers.html", context)


def _named(splits: list[Split], key: str) -> Split | None:
    return next((split for split in splits if split.key == key), None)


def _nothing(request: HttpRequest, here: InClass, assignment: int) -> HttpResponseBase:
    """Back to the report: nobody has answered that card, or there is none."""
    messages.error(request, _("Nobody has answered that card. Nothing was stored."))
    return redirect("classrooms:assignment-exercises", here.classroom.pk, assignment)


def _hands(split: Split, data: QueryDict) -> dict[str, int]:
    """The number for each reading, by its place on the page; empty is none."""
    hands = {}
    for place, reading in enumerate(in_order(split)):
        typed = data.get(f"hands-{place}", "").strip()
        if typed and not (typed.isascii() and typed.isdigit() and len(typed) <= 4):
            raise ClassRefused(_("Give the hands as whole numbers from 0 to 999."))
        hands[reading.code] = int(typed or 0)
    return hands


def in_order(split: Split) -> list[Reading]:
    """Readings by their words: an order that says neither what is accepted nor what changed."""
    return sorted(split.readings, key=lambda reading: (reading.label, reading.code))


def _project(
    request: HttpRequest,
    here: InClass,
    board: Board,
    splits: list[Split],
    split: Split,
    *,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    readings = [
        (
            place,
            reading,
            request.POST.get(f"hands-{place}", "" if reading.hands is None else reading.hands),
        )
        for place, reading in enumerate(in_order(split))
    ]
    context = given_context(request, here, board) | {
        "split": split,
        "readings": readings,
        "projected": projected(splits),
        "error": error,
    }
    return render_page(request, "classrooms/assignment_split.html", context, status=status)
