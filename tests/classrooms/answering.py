"""A class, its people and what they did, made by the domain's own functions."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from lessons.accounts.models import User
from lessons.classrooms.domain import assignments, classes
from lessons.classrooms.models import Assignment, Classroom, Membership
from lessons.core.models import ContentVersion
from lessons.quizzes import domain as quizzes
from lessons.quizzes.models import Attempt, AttemptItem, Quiz, Response
from tests.conftest import make_user
from tests.many import let_postgresql_count
from tests.quizzes import working


def make_class(by: User, name: str = "History 10b") -> Classroom:
    return classes.create_class(by=by, name=name, term="2026")


def join(classroom: Classroom, user: User, name: str = "") -> Membership:
    return classes.join_class(classroom=classroom, by=user, roster_name=name)


def make_staff(classroom: Classroom, name: str, role: str, *, by: User) -> User:
    may_teach = role == Membership.Role.INSTRUCTOR
    user = make_user(name, display_name=name.title(), is_instructor=may_teach)
    membership = join(classroom, user)
    classes.change_role(membership=membership, role=role, by=by)
    return user


def give(
    classroom: Classroom, by: User, quiz: str = working.WRITTEN, *, title: str = "", **terms: Any
) -> Assignment:
    """The quiz with this key, given to the class."""
    return assignments.give_out(
        classroom=classroom,
        by=by,
        what=Quiz.objects.get(key=quiz),
        title=title or f"Work on {quiz}",
        terms=terms,
    )


def begin(assignment: Assignment, by: User, quiz: str = working.WRITTEN) -> Attempt:
    return quizzes.start_attempt(
        delivery=assignment.delivery,
        quiz=Quiz.objects.get(key=quiz),
        by=by,
        seed=7,
        version=ContentVersion.current(),
    )


def write(
    assignment: Assignment, by: User, text: str = "It says so.", *, moment: datetime | None = None
) -> Response:
    """A written answer handed in."""
    attempt = begin(assignment, by)
    fields = {"moment": moment} if moment else {}
    return working.check(working.item(attempt), {"text": text}, **fields)


def do_graded(assignment: Assignment, by: User, *, right: bool = True) -> Attempt:
    """The closing quiz, handed in with every answer right or wrong."""
    attempt = begin(assignment, by, working.GRADED)
    for item in AttemptItem.objects.filter(attempt=attempt).select_related("revision"):
        answer = working.right(item) if right else working.wrong(item)
        working.save(working.item(attempt, item.position), answer)
    return quizzes.submit_attempt(attempt=attempt)


def write_many(assignment: Assignment, count: int) -> Response:
    """The last of `count` answers by as many new students, made in few queries."""
    first = make_user("first-of-many")
    join(assignment.classroom, first)
    response = write(assignment, first)
    one = AttemptItem.objects.select_related("attempt").get(response=response)
    users = User.objects.bulk_create(
        User(username=f"learner-{n}", password="!") for n in range(1, count)
    )
    Membership.objects.bulk_create(
        Membership(classroom=assignment.classroom, user=user, role="student") for user in users
    )
    attempts = Attempt.objects.bulk_create(
        Attempt(
            delivery=assignment.delivery,
            quiz=one.attempt.quiz,
            learner=user,
            number=1,
            submitted_at=working.NOW,
        )
        for user in users
    )
    items = AttemptItem.objects.bulk_create(
        AttemptItem(
            attempt=attempt,
            position=1,
            question_id=one.question_id,
            revision_id=one.revision_id,
            seed=7,
            closed_at=working.NOW,
        )
        for attempt in attempts
    )
    written = Response.objects.bulk_create(
        Response(item=item, version=1, client_uuid=uuid4(), answer={"text": "It says so."})
        for item in items
    )
    for item, answer in zip(items, written, strict=True):
        item.response = answer
    AttemptItem.objects.bulk_update(items, ["response"], batch_size=500)
    let_postgresql_count()
    return [response, *written][-1]


def levels_of(response: Response, which: int = -1) -> dict[str, str]:
    """The same level of every criterion: the best, or the one at `which`, worst first."""
    key = working.key_of_item(AttemptItem.objects.get(response=response))
    return {one["key"]: one["levels"][which]["key"] for one in key["criteria"]}
