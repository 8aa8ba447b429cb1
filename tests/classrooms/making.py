"""A class with its people, and what stands behind each part of its addresses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lessons.accounts.models import User
from lessons.classrooms.domain import assignments, classes, groups
from lessons.classrooms.models import (
    Assignment,
    Classroom,
    Group,
    Invitation,
    Membership,
    RegradeRequest,
)
from lessons.guided.models import Lesson
from lessons.quizzes.models import Response
from tests.conftest import make_user
from tests.quizzes import working

from . import answering

Role = Membership.Role


@dataclass
class Cast:
    """A class, everybody in it, and one thing of each kind that it holds."""

    name: str
    classroom: Classroom
    instructor: User
    co_instructor: User
    assistant: User
    student: User
    group: Group
    invitation: Invitation
    assignment: Assignment
    response: Response
    """The student's written answer in it."""
    regrade: RegradeRequest

    def membership(self, user: User) -> Membership:
        return Membership.objects.get(classroom=self.classroom, user=user)


def make_class(by: User, name: str = "History 10b", **fields: Any) -> Classroom:
    return classes.create_class(by=by, name=name, **fields)


def add_member(classroom: Classroom, user: User, role: str = Role.STUDENT) -> Membership:
    """Into the class through the door: by its code, and then made what they are."""
    membership = classes.join_class(classroom=classroom, by=user)
    if role != Role.STUDENT:
        classes.change_role(membership=membership, role=role, by=user)
    return membership


def make_cast(name: str) -> Cast:
    instructor = make_user(f"{name}-instructor", is_instructor=True)
    co_instructor = make_user(f"{name}-co", is_instructor=True)
    assistant = make_user(f"{name}-assistant")
    student = make_user(f"{name}-student")
    classroom = make_class(instructor, f"Class {name}")
    add_member(classroom, co_instructor, Role.INSTRUCTOR)
    add_member(classroom, assistant, Role.ASSISTANT)
    membership = add_member(classroom, student)
    lesson = Lesson.objects.get(steps__quiz__key=working.WRITTEN)
    work = assignments.give_out(classroom=classroom, by=instructor, what=lesson, title="Read this")
    response = answering.write(work, student)
    return Cast(
        name,
        classroom,
        instructor,
        co_instructor,
        assistant,
        student,
        groups.create_group(classroom=classroom, by=instructor, name="Red", members=[membership]),
        classes.invite(classroom=classroom, by=instructor, role=Role.STUDENT, name="Somebody"),
        work,
        response,
        RegradeRequest.objects.create(assignment=work, response=response, reason="Please look."),
    )


VALUES: dict[str, Callable[[Cast], Any]] = {
    "classroom": lambda cast: cast.classroom.pk,
    "member": lambda cast: cast.membership(cast.student).pk,
    "membership": lambda cast: cast.membership(cast.student).pk,
    "student": lambda cast: cast.membership(cast.student).pk,
    "record": lambda cast: cast.membership(cast.student).pk,
    "group": lambda cast: cast.group.pk,
    "invitation": lambda cast: cast.invitation.pk,
    "token": lambda cast: cast.invitation.token,
    "code": lambda cast: cast.classroom.code,
    "assignment": lambda cast: cast.assignment.pk,
    "delivery": lambda cast: cast.assignment.delivery.key,
    "response": lambda cast: cast.response.pk,
    "regrade": lambda cast: cast.regrade.pk,
    "question": lambda cast: cast.response.item.question_id,
    "key": lambda cast: cast.response.item.question.key,
    "lesson": lambda cast: cast.assignment.lesson.slug,
    "step": lambda cast: cast.assignment.lesson.steps.get(quiz__key=working.WRITTEN).slug,
    "table": lambda _cast: "progress",
}
"""What to write into an address of the class in place of `<…:name>`. A part that adds a name to
an address adds its value here; the matrix of persons and addresses then covers it."""

SHARED = frozenset({"classroom", "question"})
"""Parts of an address that name no row of the class: another class's value proves nothing."""
