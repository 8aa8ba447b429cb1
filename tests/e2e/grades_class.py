"""Make a class with grades in every state in the database the settings name, for browser tests.

python -m tests.e2e.grades_class; prints one JSON object with its addresses.
"""

import json
import uuid
from datetime import timedelta
from decimal import Decimal

import django

django.setup()

from django.utils import timezone  # noqa: E402

from lessons.accounts.models import User  # noqa: E402
from lessons.classrooms.domain import assignments, grades  # noqa: E402
from lessons.quizzes.models import Quiz  # noqa: E402
from tests.classrooms.grading_class import (  # noqa: E402
    GRADED,
    SLUG,
    a_class,
    given,
    hand_in,
    mark,
    member,
    write,
)

NAMES = ["Amara Okafor", "Ben Tran", "Chiara Lombardi", "Dmitri Volkov", "Elif Kaya", "نورا"]


def main() -> None:
    boss = User.objects.get(username="demo-instructor")
    tag = uuid.uuid4().hex[:6]
    users = [
        User.objects.create(username=f"grades-{tag}-{n}", display_name=name)
        for n, name in enumerate(NAMES)
    ]
    classroom = a_class(boss, *users, name="11B")
    now = timezone.now()
    late = {"due_at": now - timedelta(days=2), "late_policy": "per-day", "late_per_day": "0.1"}
    lesson = given(classroom, terms=late)
    quiz = given(
        classroom,
        Quiz.objects.get(key=GRADED),
        title="Closing quiz",
        terms={"closes_at": now + timedelta(days=1)},
    )
    for n, user in enumerate(users[:4]):
        hand_in(lesson.delivery, user, n + 1, confidence="sure")
        response = write(lesson.delivery, user, "On his own behalf, says ¶1.")
        if n < 2:
            mark(response, "0.666667", boss, "Which words show it?")
    hand_in(quiz.delivery, users[0], 4)
    ben = {"assignment": lesson, "membership": member(classroom, users[1]), "by": boss}
    grades.set_grade(**ben, score=Decimal("0.9"), reason="Oral examination")
    grades.excuse(**{**ben, "assignment": quiz}, reason="School trip")
    amara = member(classroom, users[0])
    assignments.extend(
        assignment=lesson,
        membership=amara,
        by=boss,
        reason="Was ill",
        due_at=now - timedelta(days=1),
    )
    book = f"/classes/{classroom.pk}/gradebook/"
    student = f"/classes/{classroom.pk}/students/{amara.pk}/"
    seen = f"{student}as/{lesson.pk}/"
    print(
        json.dumps(
            {
                "book": book,
                "grade": f"{book}{lesson.pk}/{amara.pk}/",
                "by_hand": f"{book}{lesson.pk}/{ben['membership'].pk}/",  # type: ignore[attr-defined]
                "student": student,
                "as": seen,
                "practice": f"{seen}lessons/{SLUG}/a-letter-arrives/",
                "closing": f"{seen}lessons/{SLUG}/closing-quiz/",
            }
        )
    )


if __name__ == "__main__":
    main()
