"""A class with an assigned module, and what its students will send: python -m tests.load.learners N

Prints one JSON object: `students`, a list of {cookie, work: [{page, path, body, uuid}]}, one of
`work` for each question they will answer; `dashboard` and `teacher`, its address and a cookie.
"""

import json
import sys
import uuid
from typing import Any

import django

django.setup()

from django.db import transaction  # noqa: E402

from lessons.accounts.models import User  # noqa: E402
from lessons.classrooms.domain import assignments, classes  # noqa: E402
from lessons.core.models import ContentVersion  # noqa: E402
from lessons.guided.models import Module  # noqa: E402
from lessons.guided.outlines import lesson_outline  # noqa: E402
from lessons.guided.study import StepPage, Study  # noqa: E402
from tests.bench.learners import answers_of, sign_in  # noqa: E402

QUESTIONS = 24
"""Of each student: more than a minute's worth."""


def work_of(user: User, assignment: Any, slugs: list[str], version: int) -> list[dict[str, str]]:
    """The practice questions of these lessons in order, as a browser would send them."""
    found: list[dict[str, str]] = []
    for slug in slugs:
        lesson = lesson_outline(slug, version, delivery=assignment.delivery)
        assert lesson is not None
        study = Study(assignment.delivery, lesson, user, version)
        for step in lesson.steps:
            if step.quiz is None or step.is_graded:
                continue
            page = StepPage(study, step)
            found += [one | {"page": page.address} for one in answers_of(page, user)]
            if len(found) >= QUESTIONS:
                return found[:QUESTIONS]
    return found


def main() -> None:
    version = ContentVersion.current()
    module = Module.objects.get(slug="between-the-blocs")
    slugs = list(module.lessons.order_by("order").values_list("slug", flat=True))
    tag = uuid.uuid4().hex[:8]
    students = []
    with transaction.atomic():
        boss = User.objects.create(username=f"load-{tag}", is_instructor=True)
        classroom = classes.create_class(by=boss, name=f"Load {tag}")
        assignment = assignments.give_out(
            classroom=classroom, by=boss, what=module, title="The whole module"
        )
        for number in range(int(sys.argv[1])):
            user = User.objects.create(username=f"load-{tag}-{number}")
            classes.join_class(classroom=classroom, by=user)
            work = work_of(user, assignment, slugs, version)
            students.append({"cookie": sign_in(user), "work": work})
    dashboard = f"/classes/{classroom.pk}/assignments/{assignment.pk}/"
    plan = {"students": students, "dashboard": dashboard, "teacher": sign_in(boss)}
    print(json.dumps(plan))


if __name__ == "__main__":
    main()
