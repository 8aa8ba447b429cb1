"""A class with written answers in the running site: python -m tests.e2e.seed_marking.

The browser tests start it beside the server, on its database. It prints what they need as JSON.
"""

import json

import django

django.setup()

from lessons.accounts.models import User  # noqa: E402
from lessons.classrooms.domain import marking  # noqa: E402
from lessons.classrooms.models import Membership  # noqa: E402
from lessons.quizzes.models import AttemptItem, Question  # noqa: E402
from tests.classrooms import answering  # noqa: E402
from tests.quizzes import working  # noqa: E402

PASSWORD = "a phrase for the tests"
WORDS = [
    "He spoke for himself about the letter, and for Pakistan about the middle position.",
    "The record was written by Chetverikov. So we read what he heard, or what he wished to have"
    " heard, and not the words themselves. “At first glance” is a small door that he leaves open.",
    "I think it shows what Khrushchev said.",
    "It cannot show what Noon wanted, only what his ambassador is reported to have said he wanted.",
]


def main() -> dict[str, object]:
    by = User.objects.get(username="demo-instructor")
    classroom = answering.make_class(by, "History 10b")
    run = classroom.pk
    # Not the demo's own student: what other classes give her may keep these marks back.
    learner = answering.make_user(f"pupil-{run}", display_name="Amara Okafor")
    learner.set_password(PASSWORD)
    learner.save()
    answering.join(classroom, learner, "Amara Okafor")
    others = [
        answering.make_user(f"pupil-{run}-{n}", display_name=name)
        for n, name in enumerate(["Tomasz", "Leyla", "Grace"])
    ]
    for other in others:
        answering.join(classroom, other, other.display_name)
    helper = answering.make_staff(classroom, f"helper-{run}", Membership.Role.ASSISTANT, by=by)
    written = answering.give(classroom, by, title="In your own words")
    graded = answering.give(classroom, by, working.GRADED, title="Closing quiz of lesson 2")
    answers = [
        answering.write(written, who, words)
        for who, words in zip([learner, *others], WORDS, strict=True)
    ]
    for who in [learner, *others]:
        answering.do_graded(graded, who, right=who != learner)
    item = AttemptItem.objects.filter(
        attempt__learner=learner, attempt__delivery=graded.delivery, question__kind="short"
    ).get()
    assert item.response is not None
    request = marking.ask_again(
        assignment=graded,
        response=item.response,
        reason="It was a slip of the pen: I meant the words of the record.",
        by=learner,
    )
    question = Question.objects.get(quizzes__key=working.WRITTEN)
    marking.void_question(
        assignment=graded,
        question=Question.objects.filter(attempt_items__attempt__delivery=graded.delivery)
        .order_by("attempt_items__position")
        .distinct()[0],
        reason="Two answers fit, as three of you have shown.",
        by=by,
    )
    return {
        "classroom": classroom.pk,
        "written": written.pk,
        "graded": graded.pk,
        "question": question.pk,
        "mine": answers[0].pk,
        "answers": [answer.pk for answer in answers],
        "request": request.pk,
        "helper": helper.username,
        "learner": learner.username,
        "password": PASSWORD,
        "single": Question.objects.get(quizzes__key=working.PRACTICE).key,
    }


if __name__ == "__main__":
    print(json.dumps(main()))
