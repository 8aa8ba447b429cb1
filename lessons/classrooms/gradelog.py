"""Every change of a grade in a class: who, when and why. Read from the rows that made it so."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext as _

from lessons.quizzes.models import AttemptItem, Mark

from .grade_words import say_percent
from .models import (
    Classroom,
    GradeEvent,
    GradeOverride,
    Membership,
    VoidedQuestion,
)

PAGE = 50
PAGES_AT_MOST = 1000


@dataclass(frozen=True)
class Entry:
    at: datetime
    what: str
    who: str
    """Whose doing it was; empty where their account is gone."""
    student: str
    """Empty for what touches everybody."""
    membership: int | None
    assignment: str
    detail: str
    why: str


@dataclass(frozen=True)
class LogPage:
    entries: list[Entry]
    number: int
    pages: int
    total: int


def page_of(classroom: Classroom, *, student: Membership | None, number: int) -> LogPage:
    """One page of the log, the latest first; at most ten queries however long it is."""
    places = _places(classroom, student)
    total = places.count()
    pages = max(1, -(-total // PAGE))
    number = min(max(number, 1), pages)
    found = list(places[(number - 1) * PAGE : number * PAGE])
    return LogPage(_entries(classroom, found), number, pages, total)


def all_of(classroom: Classroom, *, student: Membership | None) -> Iterator[Entry]:
    """The whole log, read page by page."""
    places = _places(classroom, student)
    start = 0
    while found := list(places[start : start + 500]):
        yield from _entries(classroom, found)
        start += 500


Row = dict[str, Any]


def _places(classroom: Classroom, student: Membership | None) -> QuerySet[Any, Row]:
    """When, from which source, which row: of all sources, the latest first (one query)."""
    parts = [
        _dated(source.rows(classroom, student), name, source.at) for name, source in SOURCES.items()
    ]
    return parts[0].union(*parts[1:], all=True).order_by("-moment", "source", "-row")


def _dated(rows: QuerySet[Any], name: str, at: str) -> QuerySet[Any, Row]:
    dated: QuerySet[Any, Row] = (
        rows.order_by()
        .annotate(moment=F(at), source=Value(name, output_field=CharField()), row=F("pk"))
        .values("moment", "source", "row")
    )
    return dated


def _entries(classroom: Classroom, found: list[Row]) -> list[Entry]:
    wanted: dict[str, list[int]] = {}
    for place in found:
        wanted.setdefault(place["source"], []).append(place["row"])
    members = _Members(classroom)
    made: dict[tuple[str, int], Entry] = {}
    for name, ids in wanted.items():
        source = SOURCES[name]
        for row in source.whole().filter(pk__in=ids):
            made[name, row.pk] = source.entry(row, members)
    return [
        made[place["source"], place["row"]]
        for place in found
        if (place["source"], place["row"]) in made
    ]


class _Members:
    """Names of the class's members by user, read once."""

    def __init__(self, classroom: Classroom) -> None:
        rows = Membership.objects.filter(classroom=classroom).select_related("user")
        self._of = {row.user_id: row for row in rows}

    def of(self, user_id: int) -> Membership | None:
        return self._of.get(user_id)


@dataclass(frozen=True)
class Source:
    """One kind of row that changes grades."""

    rows: Callable[[Classroom, Membership | None], QuerySet[Any]]
    whole: Callable[[], QuerySet[Any]]
    """The rows with all that an entry reads."""
    entry: Callable[[Any, _Members], Entry]
    at: str = "at"


def _who(user: Any) -> str:
    return user.shown_as if user else ""


# --- Marks ------------------------------------------------------------------------------------


def _marks(classroom: Classroom, student: Membership | None) -> QuerySet[Mark]:
    """Marks by people, and those by machine that were given anew for a reason."""
    theirs = Membership.objects.students().filter(
        classroom=classroom, user=OuterRef("response__item__attempt__learner")
    )
    found = Mark.objects.filter(
        Q(by=Mark.By.PERSON) | Q(by=Mark.By.MACHINE) & ~Q(reason=""),
        Exists(theirs),
        response__item__attempt__delivery__assignment__classroom=classroom,
    )
    if student is not None:
        found = found.filter(response__item__attempt__learner=student.user_id)
    return found


def _whole_marks() -> QuerySet[Mark]:
    return Mark.objects.select_related(
        "marker",
        "response__item__attempt__delivery__assignment",
        "response__item__revision",
    )


def _mark(mark: Mark, members: _Members) -> Entry:
    attempt = mark.response.item.attempt
    member = members.of(attempt.learner_id)
    prompt = mark.response.item.revision.content["prompt"]
    return Entry(
        at=mark.created_at,
        what=_("marked") if mark.by == Mark.By.PERSON else _("marked anew by another key"),
        who=_who(mark.marker),
        student=member.shown_as if member else "",
        membership=member.pk if member else None,
        assignment=str(attempt.delivery.assignment),
        detail=f"{say_percent(mark.score)}: {prompt}",
        why=mark.reason or mark.comment,
    )


# --- Overrides, excuses, questions and attempts -------------------------------------------------


def _of_class(model: Any) -> Callable[[Classroom, Membership | None], QuerySet[Any]]:
    def rows(classroom: Classroom, student: Membership | None) -> QuerySet[Any]:
        found: QuerySet[Any] = model.objects.filter(assignment__classroom=classroom)
        return found.filter(membership=student) if student is not None else found

    return rows


def _about_member(model: Any) -> Callable[[], QuerySet[Any]]:
    return lambda: model.objects.select_related("assignment", "membership__user", "by")


def _entry_of_member(row: Any, what: str, detail: str = "") -> Entry:
    return Entry(
        at=row.at,
        what=what,
        who=_who(row.by),
        student=row.membership.shown_as,
        membership=row.membership_id,
        assignment=str(row.assignment),
        detail=detail,
        why=row.reason,
    )


def _override(row: GradeOverride, members: _Members) -> Entry:
    if row.score is None:
        return _entry_of_member(row, _("grade by hand taken back"))
    return _entry_of_member(row, _("grade set by hand"), say_percent(row.score))


def _event(row: GradeEvent, members: _Members) -> Entry:
    return _entry_of_member(row, row.get_what_display())


def _voided(lifted: bool) -> Callable[[Classroom, Membership | None], QuerySet[VoidedQuestion]]:
    """Of a student only those that their own attempts asked."""

    def rows(classroom: Classroom, student: Membership | None) -> QuerySet[VoidedQuestion]:
        found = VoidedQuestion.objects.filter(assignment__classroom=classroom)
        if lifted:
            found = found.filter(lifted_at__isnull=False)
        if student is not None:
            asked = AttemptItem.objects.filter(
                question=OuterRef("question"),
                attempt__delivery=OuterRef("assignment__delivery"),
                attempt__learner=student.user_id,
            )
            found = found.filter(Exists(asked))
        return found

    return rows


def _whole_voided() -> QuerySet[VoidedQuestion]:
    return VoidedQuestion.objects.select_related("assignment", "question", "by", "lifted_by")


def _void(row: VoidedQuestion, members: _Members) -> Entry:
    return Entry(
        at=row.at,
        what=_("question does not count"),
        who=_who(row.by),
        student="",
        membership=None,
        assignment=str(row.assignment),
        detail=row.question.prompt,
        why=row.reason,
    )


def _lifted(row: VoidedQuestion, members: _Members) -> Entry:
    return Entry(
        at=row.lifted_at or row.at,
        what=_("question counts again"),
        who=_who(row.lifted_by),
        student="",
        membership=None,
        assignment=str(row.assignment),
        detail=row.question.prompt,
        why="",
    )


SOURCES: dict[str, Source] = {
    "mark": Source(_marks, _whole_marks, _mark, at="created_at"),
    "override": Source(_of_class(GradeOverride), _about_member(GradeOverride), _override),
    "event": Source(_of_class(GradeEvent), _about_member(GradeEvent), _event),
    "void": Source(_voided(lifted=False), _whole_voided, _void),
    "lifted": Source(_voided(lifted=True), _whole_voided, _lifted, at="lifted_at"),
}
