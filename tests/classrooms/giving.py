"""A class with work given out in it, for the tests of assigning and doing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lessons.accounts.models import User
from lessons.classrooms.domain import assignments, classes
from lessons.classrooms.models import Assignment, Classroom, Membership
from lessons.core.models import ContentVersion
from lessons.guided.domain import finish_step
from lessons.guided.models import Lesson, Module
from lessons.quizzes.domain import start_attempt, submit_attempt
from lessons.quizzes.models import Attempt, AttemptItem, Quiz
from tests.conftest import make_user
from tests.quizzes import working

SLUG = "the-letter-and-the-middle-position"
GRADED, PRACTICE = "letter-closing-quiz", "letter-a-letter-arrives"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass
class Room:
    classroom: Classroom
    teacher: User

    def join(self, user: User, role: str = Membership.Role.STUDENT) -> Membership:
        member = classes.join_class(classroom=self.classroom, by=user)
        if role != member.role:
            classes.change_role(membership=member, role=role, by=self.teacher)
        return member

    def give(self, what: Module | Lesson | Quiz | None = None, **fields: Any) -> Assignment:
        terms = fields.pop("terms", {})
        fields.setdefault("title", "Read the letter")
        return assignments.give_out(
            classroom=self.classroom, by=self.teacher, what=what or lesson(), terms=terms, **fields
        )

    def address(self, name: str, *keys: int) -> str:
        from django.urls import reverse

        return reverse(f"classrooms:{name}", args=[self.classroom.pk, *keys])


def open_room(teacher: User, *students: User, zone: str = "Europe/London") -> Room:
    room = Room(classes.create_class(by=teacher, name="History 10b", zone=zone), teacher)
    for student in students:
        room.join(student)
    return room


def lesson() -> Lesson:
    return Lesson.objects.get(slug=SLUG)


def quiz(key: str = GRADED) -> Quiz:
    return Quiz.objects.get(key=key)


def work_base(row: Assignment) -> str:
    return f"/work/{row.delivery.key}/lessons/{SLUG}/"


def hand_in(
    by: User, row: Assignment | None, *, key: str = GRADED, moment: datetime | None = None
) -> Attempt:
    """A graded quiz with every answer right; in self-study where no assignment is given."""
    delivery = row.delivery if row else None
    attempt = working.start(by, key, delivery=delivery, moment=moment)
    for one in AttemptItem.objects.filter(attempt=attempt).select_related("revision"):
        of = working.item(attempt, one.position)
        working.save(of, working.right(of), moment=moment or working.NOW)
    return submit_attempt(attempt=attempt, moment=moment)


def do_everything(by: User, row: Assignment, moment: datetime | None = None) -> None:
    """Every step of the lesson completed, as reports see it."""
    for step in lesson().steps.all():
        finish_step(delivery=row.delivery, step_id=step.pk, progress=None, by=by, answered=True)


def many(room: Room, count: int, before: int = 0) -> list[User]:
    users = [make_user(f"s{n}", display_name=f"Student {n}") for n in range(before, before + count)]
    for user in users:
        room.join(user)
    return users


def begin(by: User, row: Assignment, key: str = GRADED) -> Attempt:
    version = ContentVersion.current()
    return start_attempt(delivery=row.delivery, quiz=quiz(key), by=by, seed=7, version=version)
