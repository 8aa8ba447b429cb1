"""Classes for tests, and students at work in them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from lessons.accounts.models import User
from lessons.classrooms.domain import assignments as giving
from lessons.classrooms.domain import classes
from lessons.classrooms.models import Assignment, Classroom, Membership
from lessons.guided.domain import touch_step
from lessons.guided.models import Lesson, Progress, Step
from lessons.quizzes import domain as quizzes
from lessons.quizzes.models import Attempt, Mark, MarkingKey, Quiz, Response
from tests.conftest import make_user
from tests.quizzes.working import NOW, check, item, right, save, start, wrong

LETTER = "the-letter-and-the-middle-position"


def make_class(
    instructor: User, students: Iterable[User] = (), name: str = "11b", **fields: Any
) -> Classroom:
    classroom = classes.create_class(by=instructor, name=name, **fields)
    for student in students:
        classes.join_class(classroom=classroom, by=student)
    return classroom


def make_students(count: int, name: str = "pupil") -> list[User]:
    return [make_user(f"{name}-{n}", display_name=f"{name} {n}".title()) for n in range(count)]


def add_staff(classroom: Classroom, user: User, role: str = "assistant") -> Membership:
    return Membership.objects.create(classroom=classroom, user=user, role=role)


def give_lesson(classroom: Classroom, by: User, slug: str = LETTER, **fields: Any) -> Assignment:
    lesson = Lesson.objects.get(slug=slug)
    title = fields.pop("title", lesson.title)
    return giving.give_out(classroom=classroom, by=by, what=lesson, title=title, **fields)


def step_of(assignment: Assignment, slug: str) -> Step:
    return Step.objects.select_related("quiz").get(lesson=assignment.lesson_id, slug=slug)


def touch(
    assignment: Assignment,
    student: User,
    slug: str,
    *,
    moment: datetime = NOW,
    completed: bool = False,
    skipped: bool = False,
    seconds: int = 0,
) -> Progress:
    step = step_of(assignment, slug)
    row = Progress.objects.filter(delivery=assignment.delivery, step=step, learner=student).first()
    row = touch_step(
        delivery=assignment.delivery,
        step_id=step.pk,
        by=student,
        row=row,
        completed=completed,
        skipped=skipped,
        moment=moment,
    )
    if seconds:
        Progress.objects.filter(pk=row.pk).update(active_seconds=seconds)
    return row


def practise(
    assignment: Assignment,
    student: User,
    slug: str,
    *answers: str,
    confidence: str = "",
    moment: datetime = NOW,
    position: int = 1,
) -> Attempt:
    """One question of a practice step answered "right" or "wrong", once or twice."""
    quiz = step_of(assignment, slug).quiz
    assert quiz is not None
    attempt = start(student, quiz.key, delivery=assignment.delivery, moment=moment)
    for base, answer in enumerate(answers):
        of = item(attempt, position)
        check(
            of,
            right(of) if answer == "right" else wrong(of),
            base=base,
            confidence=confidence,
            moment=moment,
        )
    touch(assignment, student, slug, moment=moment, completed=True)
    return attempt


def sit_quiz(
    assignment: Assignment,
    student: User,
    *answers: str,
    moment: datetime = NOW,
    hand_in: bool = True,
    confidence: str = "",
) -> Attempt:
    """The closing quiz; each answer is "right", "wrong" or "" (left out)."""
    quiz: Quiz | None = step_of(assignment, "closing-quiz").quiz
    assert quiz is not None
    attempt = start(student, quiz.key, delivery=assignment.delivery, moment=moment)
    for position, answer in enumerate(answers, start=1):
        if answer:
            of = item(attempt, position)
            save(of, right(of) if answer == "right" else wrong(of), confidence=confidence)
    if hand_in:
        quizzes.submit_attempt(attempt=attempt, moment=moment + timedelta(minutes=5))
    touch(assignment, student, "closing-quiz", moment=moment, completed=hand_in)
    return attempt


def mark(response: Response, score: str, *, by: str = "person", marker: User) -> Mark:
    """A mark as a person gives it; the item's cached score follows."""
    key = MarkingKey.objects.filter(revision=response.item.revision_id).latest("version")
    found = Mark.objects.create(
        response=response, marking_key=key, score=score, by=by, marker=marker
    )
    of = response.item
    of.mark, of.score = found, found.score
    of.save(update_fields=["mark", "score"])
    return found
