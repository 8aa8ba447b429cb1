"""Classes and work in them, made by the domain's own functions."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from lessons.accounts.models import User
from lessons.classrooms.domain import assignments, classes
from lessons.classrooms.models import Assignment, Classroom, Membership
from lessons.core.models import ContentVersion
from lessons.guided.models import Lesson
from lessons.quizzes import domain as quizzes
from lessons.quizzes.models import Attempt, Delivery, Mark, MarkingKey, Quiz
from tests.conftest import make_user
from tests.quizzes.working import item, right, submission, wrong

SLUG = "the-letter-and-the-middle-position"
GRADED, WRITTEN, PRACTICE = (
    "letter-closing-quiz",
    "letter-in-your-own-words",
    "letter-a-letter-arrives",
)


def a_class(instructor: User, *students: User, **fields: Any) -> Classroom:
    classroom = classes.create_class(by=instructor, **{"name": "11B", "term": "Spring", **fields})
    for user in students:
        classes.join_class(classroom=classroom, by=user)
    return classroom


def member(classroom: Classroom, user: User) -> Membership:
    return Membership.objects.get(classroom=classroom, user=user)


def an_assistant(classroom: Classroom, username: str = "mr-lund") -> User:
    user = make_user(username, display_name="Mr Lund")
    membership = classes.join_class(classroom=classroom, by=user)
    boss = Membership.objects.filter(classroom=classroom, role="instructor")[0]
    classes.change_role(membership=membership, role="assistant", by=boss.user)
    return user


def given(classroom: Classroom, what: Any = None, **fields: Any) -> Assignment:
    """The shipped lesson (or `what`) given to the class by its instructor."""
    boss = Membership.objects.filter(classroom=classroom, role="instructor")[0]
    what = what or Lesson.objects.get(slug=SLUG)
    title = fields.pop("title", "The letter")
    return assignments.give_out(classroom=classroom, by=boss.user, what=what, title=title, **fields)


def hand_in(
    delivery: Delivery,
    by: User,
    rights: int,
    *,
    quiz: str = GRADED,
    moment: datetime | None = None,
    confidence: str = "",
) -> Attempt:
    """A graded quiz with its first `rights` questions right and the others wrong, handed in."""
    moment = moment or timezone.now()
    attempt = quizzes.start_attempt(
        delivery=delivery,
        quiz=Quiz.objects.get(key=quiz),
        by=by,
        seed=7,
        version=ContentVersion.current(),
        moment=moment - timedelta(minutes=1),
    )
    for position in range(1, attempt.items.count() + 1):
        of = item(attempt, position)
        answer = right(of) if position <= rights else wrong(of)
        quizzes.save_draft(
            item=of, submission=submission(answer, confidence=confidence), moment=moment
        )
    return quizzes.submit_attempt(attempt=attempt, moment=moment)


def write(
    delivery: Delivery,
    by: User,
    text: str = "He spoke for himself.",
    *,
    quiz: str = WRITTEN,
    moment: datetime | None = None,
) -> Any:
    """A written answer of a practice quiz, handed in; its response."""
    moment = moment or timezone.now()
    attempt = quizzes.start_attempt(
        delivery=delivery,
        quiz=Quiz.objects.get(key=quiz),
        by=by,
        seed=7,
        version=ContentVersion.current(),
        moment=moment,
    )
    return quizzes.check_answer(
        item=item(attempt), submission=submission({"text": text}), moment=moment
    )


def mark(response: Any, score: str, by: User, comment: str = "") -> Mark:
    """A person's mark, as the marking queue makes it."""
    key = MarkingKey.objects.filter(revision=response.item.revision_id).latest("version")
    made = Mark.objects.create(
        response=response, marking_key=key, score=score, by="person", marker=by, comment=comment
    )
    response.item.mark, response.item.score = made, made.score
    response.item.save(update_fields=["mark", "score"])
    return made
