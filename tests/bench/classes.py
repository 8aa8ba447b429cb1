"""How long dashboards take, in small and large classes: python -m tests.bench.classes

Needs a prepared database (`manage.py demo --prepare-only`) in DATA_DIR. Prints one JSON list of
[what, milliseconds]. Whether pages grow with the work of other classes is asked by growth.py.
"""

import json
import statistics
import sys
import time
import uuid

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.conf import settings
from django.test import Client

from lessons.accounts.models import User
from lessons.classrooms.load.maker import Maker
from lessons.classrooms.models import Assignment, Membership

ROUNDS = 15
LETTER = 1
"""The place of the lesson that is given: the second."""


def make_class(learners: int, *, diligent: bool = False) -> Assignment:
    """A class with an assignment at which most have worked, or all; it is the last under way."""
    maker = Maker(seed=7)
    first, *_more = maker.make_class(
        learners, responses=0 if diligent else 12 * learners, first=LETTER, diligent=diligent
    )
    maker.rows.finish()
    return Assignment.objects.select_related("classroom", "delivery").get(pk=first)


def client_for(assignment: Assignment) -> Client:
    """The browser of an instructor of the class."""
    user = User.objects.create(username=f"load-{uuid.uuid4().hex[:8]}", is_instructor=True)
    Membership.objects.create(
        classroom=assignment.classroom, user=user, role=Membership.Role.INSTRUCTOR
    )
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def took(client: Client, path: str, **headers: str) -> float:
    """Milliseconds of a whole request, the median of some, warmed up."""
    found = []
    for _round in range(ROUNDS + 2):
        start = time.perf_counter()
        response = client.get(path, headers=headers)
        found.append(1000 * (time.perf_counter() - start))
        if response.status_code not in {200, 204}:
            raise SystemExit(f"{path}: {response.status_code}")
    return statistics.median(found[2:])


def token_of(client: Client, path: str) -> str:
    page = client.get(path).content.decode()
    return page.split("token=")[1].split('"')[0]


def paths_of(assignment: Assignment) -> dict[str, str]:
    base = f"/classes/{assignment.classroom_id}/"
    given = f"{base}assignments/{assignment.pk}/"
    return {
        "dashboard": given,
        "overview": base,
        "item analysis": f"{given}items/",
        "gradebook": f"{base}gradebook/",
        "marking queue": f"{base}marking/",
    }


def main() -> None:
    rows: list[tuple[str, float]] = []
    for learners in (30, 3_000):
        assignment = make_class(learners)
        client, paths = client_for(assignment), paths_of(assignment)
        for what, path in paths.items():
            rows.append((f"{learners:,} learners, {what}", took(client, path)))
            print(rows[-1], file=sys.stderr)
        poll = f"{paths['dashboard']}?token={token_of(client, paths['dashboard'])}"
        again = took(client, poll, **{"HX-Request": "true"})
        rows.append((f"{learners:,} learners, asked again while nothing changed", again))
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
