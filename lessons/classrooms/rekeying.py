"""Whose grade another key would change: numbers for editors, names only of their own students."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import TypeVar

from lessons.accounts.models import User
from lessons.quizzes import rekeying
from lessons.quizzes.models import Attempt, Delivery, Question

from .counting import counted_items, counting_attempts
from .models import Classroom, Membership

CHUNK = 500
"""Rows named in one query: SQLite takes only so many."""
T = TypeVar("T")


def chunks(things: Iterable[T]) -> Iterator[list[T]]:
    left = iter(things)
    while chunk := list(islice(left, CHUNK)):
        yield chunk


@dataclass(frozen=True)
class ChangedGrade:
    student: str
    assignment: str
    old: Decimal
    new: Decimal


@dataclass
class OwnClass:
    """A class the editor teaches, with the students whose grade changes."""

    classroom: Classroom
    grades: list[ChangedGrade] = field(default_factory=list)


@dataclass
class Preview:
    answers: int = 0
    """Answers that would be marked otherwise, those of self-study too."""
    better: int = 0
    worse: int = 0
    grades: int = 0
    """Of them, answers that count in an assignment."""
    other_classes: int = 0
    """Classes among them that the editor does not teach; who is in them is not told."""
    own: list[OwnClass] = field(default_factory=list)


def preview_of(question: Question, change: rekeying.NewKey, *, by: User) -> Preview:
    """What rekey_question would change; nothing is written. Raises rekeying.KeyRefused."""
    found = Preview()
    classes: set[int] = set()
    own = {
        row.classroom_id: OwnClass(row.classroom)
        for row in Membership.objects.active().staff().filter(user=by).select_related("classroom")
    }
    counting = counting_attempts(Attempt.objects.filter(delivery__kind=Delivery.Kind.ASSIGNED))
    for chunk in chunks(rekeying.preview(question, change)):
        found.answers += len(chunk)
        found.better += sum(one.new > one.old for one in chunk)
        found.worse += sum(one.new < one.old for one in chunk)
        current = {one.response.item_id: one for one in chunk if one.is_current}
        items = (
            counted_items(counting)
            .filter(pk__in=list(current))
            .select_related("attempt__delivery__assignment")
        )
        taught: dict[int, list[tuple[int, str, rekeying.ChangedScore]]] = {}
        for item in items:
            assignment = item.attempt.delivery.assignment
            found.grades += 1
            classes.add(assignment.classroom_id)
            if assignment.classroom_id in own:
                taught.setdefault(assignment.classroom_id, []).append(
                    (item.attempt.learner_id, str(assignment), current[item.pk])
                )
        for classroom, rows in taught.items():
            own[classroom].grades += _named(classroom, rows)
    found.other_classes = len(classes - own.keys())
    found.own = [one for one in own.values() if one.grades]
    return found


def _named(
    classroom: int, rows: list[tuple[int, str, rekeying.ChangedScore]]
) -> list[ChangedGrade]:
    members = (
        Membership.objects.students()
        .filter(classroom=classroom, user__in=[learner for learner, _title, _one in rows])
        .select_related("user")
    )
    names = {member.user_id: member.shown_as for member in members}
    return [
        ChangedGrade(names[learner], title, one.old, one.new)
        for learner, title, one in rows
        if learner in names
    ]
