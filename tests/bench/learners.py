"""Make signed-in learners and write down the requests they send: python -m tests.bench.learners N

Prints one JSON object: `cookies` (a header for each learner), `steps` (address of a step page) and
`answers` (address and form body of each learner's answers to one step, in order).
"""

import json
import sys
import uuid
from typing import Any

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.db import transaction  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from django.utils.http import urlencode  # noqa: E402

from lessons.accounts.backends import BACKEND  # noqa: E402
from lessons.accounts.learners import reader_mark  # noqa: E402
from lessons.accounts.models import User  # noqa: E402
from lessons.accounts.sessions import SessionStore  # noqa: E402
from lessons.core.models import ContentVersion  # noqa: E402
from lessons.guided.models import Step  # noqa: E402
from lessons.guided.outlines import lesson_outline  # noqa: E402
from lessons.guided.study import StepPage, Study  # noqa: E402
from lessons.quizzes.models import Delivery, Question  # noqa: E402

TOKEN = "b" * 32


def busiest_step() -> Step:
    """The practice step with the most questions, its exercises on a reported talk aside."""
    steps = Step.objects.filter(quiz__purpose="practice", lesson__status="published").exclude(
        quiz__questions__kind__in=Question.EXERCISES
    )
    return max(steps, key=lambda step: step.quiz.items.count() if step.quiz else 0)


def sign_in(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"sessionid={session.session_key}; csrftoken={TOKEN}"


def answer_fields(item: Any) -> dict[str, Any]:
    """The fields of a complete answer: the first choice, or every select set in order."""
    shown = item.presentation
    if shown.targets:
        word = "place" if item.kind == "ordering" else "match"
        first = 1 if item.kind == "ordering" else 0
        return {f"{item.prefix}-{word}-{c.position}": c.position + first for c in shown.choices}
    if shown.choices:
        return {f"{item.prefix}-choice": 0}
    return {f"{item.prefix}-text": "a middle position"}


def answers_of(page: StepPage, user: User) -> list[dict[str, str]]:
    request = RequestFactory().get("/")
    request.user = user
    reader = reader_mark(request)
    sent = []
    for item in page.sitting.items if page.sitting else []:
        hidden = {
            "csrfmiddlewaretoken": TOKEN,
            "reader": reader,
            f"{item.prefix}-revision": item.revision,
            f"{item.prefix}-seed": item.seed,
            f"{item.prefix}-tries": 0,
            f"{item.prefix}-saves": 0,
            f"{item.prefix}-uuid": uuid.uuid4(),
        }
        body = urlencode({**hidden, **answer_fields(item)})
        sent.append({"path": page.action("question", position=item.position), "body": body})
    return sent


def main() -> None:
    step = busiest_step()
    version = ContentVersion.current()
    lesson = lesson_outline(step.lesson.slug, version)
    assert lesson is not None
    outline = lesson.step(step.slug)
    assert outline is not None
    delivery = Delivery.objects.self_study()
    cookies, answers = [], []
    with transaction.atomic():
        for number in range(int(sys.argv[1])):
            user = User.objects.create(username=f"bench-{uuid.uuid4().hex[:10]}-{number}")
            cookies.append(sign_in(user))
            page = StepPage(Study(delivery, lesson, user, version), outline)
            answers.append(answers_of(page, user))
            address = page.address
    print(json.dumps({"cookies": cookies, "step": address, "answers": answers}))


if __name__ == "__main__":
    main()
