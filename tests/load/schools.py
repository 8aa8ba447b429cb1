"""Make a school: python -m tests.load.schools CLASSES STUDENTS

So many classes of so many students each, with the whole module given out. Prints a JSON list of
classes: {"students": user names, "teacher": a user name, "dashboard": an address}. All passwords
are PASSWORD, hashed as in production.
"""

import json
import sys
import uuid
from typing import Any

import django

PASSWORD = "a long enough pass phrase"
MODULE = "between-the-blocs"


def make_class(size: int) -> dict[str, Any]:
    from django.contrib.auth.hashers import make_password

    from lessons.accounts.models import User
    from lessons.classrooms.domain import assignments, classes
    from lessons.guided.models import Module

    name = f"load-{uuid.uuid4().hex[:8]}"
    password = make_password(PASSWORD)  # one hash for the class: it takes as long to check
    teacher = User.objects.create(username=name, password=password, is_instructor=True)
    classroom = classes.create_class(by=teacher, name=name)
    names = [f"{name}-{number}" for number in range(size)]
    for one in names:
        student = User.objects.create(username=one, password=password)
        classes.join_class(classroom=classroom, by=student)
    module = Module.objects.get(slug=MODULE)
    given = assignments.give_out(classroom=classroom, by=teacher, what=module, title="The module")
    dashboard = f"/classes/{classroom.pk}/assignments/{given.pk}/"
    return {"students": names, "teacher": name, "dashboard": dashboard}


def main() -> None:
    django.setup()
    from django.db import transaction

    count, size = map(int, sys.argv[1:])
    with transaction.atomic():
        print(json.dumps([make_class(size) for _ in range(count)]))


if __name__ == "__main__":
    main()
