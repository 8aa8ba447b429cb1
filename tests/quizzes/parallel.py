"""Several writers at once, in a process of its own: python -m tests.quizzes.parallel CASE.

A test starts it on a database that can have several connections (the tests' SQLite lives in
memory, where locks are not as in a file). It prints what came of it as JSON.
"""

import json
import sys
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from lessons.accounts.domain import make_guest  # noqa: E402
from lessons.accounts.models import User  # noqa: E402
from lessons.documents.models import Document  # noqa: E402
from lessons.quizzes import domain  # noqa: E402
from lessons.quizzes.models import Attempt, Draft, Mark, Response  # noqa: E402
from tests.core import editing  # noqa: E402

from . import working  # noqa: E402

WRITERS = 10


def at_once(*writes: Callable[[], Any]) -> list[str]:
    """What the threads got, one a writer, all let go at one moment: answers or refusals' names."""
    together = threading.Barrier(len(writes))
    got = [""] * len(writes)

    def run(number: int) -> None:
        try:
            connection.ensure_connection()
            together.wait(30)
            got[number] = str(writes[number]())
        except Exception as error:  # noqa: BLE001  # whatever it is, the test reads its name
            got[number] = type(error).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(writes))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(got)


def ten(write: Callable[[], Any]) -> list[str]:
    return at_once(*[write] * WRITERS)


def start(learner: Any) -> dict[str, Any]:
    got = ten(lambda: working.start(learner).pk)
    attempts = list(Attempt.objects.filter(learner=learner))
    return {
        "different": len(set(got)),
        "attempts": len(attempts),
        "items": [attempt.items.count() for attempt in attempts],
        "stored": [str(attempt.pk) for attempt in attempts] == sorted(set(got)),
    }


def submit(learner: Any) -> dict[str, Any]:
    attempt = working.start(learner)
    working.save(working.item(attempt, 3), {"text": "at first glance"})
    got = ten(lambda: domain.submit_attempt(attempt=Attempt.objects.get(pk=attempt.pk)).receipt)
    answers = Response.objects.filter(item__attempt=attempt)
    return {
        "receipts": sorted(set(got)) == [str(attempt.receipt)],
        "answers": sorted((a.item.position, a.version, a.answer) for a in answers),
        "marks": Mark.objects.filter(response__in=answers).count(),
        "drafts": Draft.objects.count(),
    }


def check_one(learner: Any, answer: Callable[[Any], Any]) -> dict[str, Any]:
    """One answer that was sent ten times, as by a double click."""
    attempt, one = working.start(learner, working.PRACTICE), uuid.uuid4()
    given = answer(working.item(attempt))
    got = ten(lambda: working.check(working.item(attempt), given, sent=one).pk)
    stored = Response.objects.filter(item__attempt=attempt).values_list("pk", flat=True)
    return {"stored": len(stored), "told": sorted(set(got)) == [str(pk) for pk in stored]}


def check_ten(learner: Any) -> dict[str, Any]:
    """Ten answers from ten tabs."""
    attempt = working.start(learner, working.PRACTICE)
    given = working.wrong(working.item(attempt))
    pages = [working.item(attempt) for _tab in range(WRITERS)]
    got = ten(lambda: working.check(pages.pop(), given).version)
    return {"got": got, "stored": Response.objects.filter(item__attempt=attempt).count()}


def draft_ten(learner: Any) -> dict[str, Any]:
    """Ten first saves from ten tabs, each of another text."""
    first = working.item(working.start(learner, working.PRACTICE))
    texts = [f"tab {number}" for number in range(WRITERS)]
    got = ten(lambda: working.save(first, {"text": texts.pop()}).version)
    return {"got": got, "versions": list(Draft.objects.values_list("version", flat=True))}


def check_and_submit(_learner: Any) -> dict[str, Any]:
    """Ten learners, each of whom checks an answer while their attempt is handed in elsewhere."""
    got: list[str] = []
    torn = 0
    for _round in range(10):
        attempt = working.start(make_guest(), working.PRACTICE)
        given = working.right(working.item(attempt))

        def hand_in(mine: Attempt = attempt) -> bool:
            return bool(domain.submit_attempt(attempt=mine).receipt == mine.receipt)

        def check(mine: Attempt = attempt, given: Any = given) -> bool:
            return bool(working.check(working.item(mine), given).pk)

        got += at_once(hand_in, check)
        item = working.item(attempt)
        stored = list(Response.objects.filter(item=item))
        torn += not (
            item.attempt.submitted_at
            and item.closed_at
            and [one.version for one in stored] == [1]
            and item.response == stored[0]
            and item.mark
            and item.score == item.mark.score
        )
    # PostgreSQL may undo one of two writers that wait for each other; its sender is asked to try
    # again (503), and what was acknowledged is whole.
    refused = {"Closed", "Stale"}
    refused |= {"OperationalError"} if connection.vendor == "postgresql" else set()
    return {"got": sorted(set(got) - refused), "torn": torn}


def save_and_submit(learner: Any) -> dict[str, Any]:
    """Autosaves run on while the attempt is handed in: what was acknowledged is handed in."""
    attempt = working.start(learner)
    item = working.item(attempt, 3)
    acknowledged: list[str] = []

    def hand_in() -> Any:
        while len(acknowledged) < 3:
            time.sleep(0.001)
        return domain.submit_attempt(attempt=attempt).receipt

    def save() -> str:
        for base in range(2000):
            working.save(item, {"text": f"save {base}"}, base=base)
            acknowledged.append(f"save {base}")
            time.sleep(0.005)  # SQLite's waiting writers poll: without a pause one starves them
        return "never closed"

    got = at_once(hand_in, save)
    stored = list(Response.objects.filter(item=item))
    return {
        "got": got == sorted([str(attempt.receipt), "Closed"]),
        "stored": [one.answer for one in stored] == [{"text": acknowledged[-1]}],
    }


def mark_ten(learner: Any) -> dict[str, Any]:
    """Ten markers of the same page save at once, and the learner compares beside them."""
    attempt = working.start(learner, working.WRITTEN)
    response = working.check(working.item(attempt), {"text": "He spoke for himself."})
    item = working.item(attempt)
    key = working.key_of_item(item)
    levels = {one["key"]: one["levels"][-1]["key"] for one in key["criteria"]}

    def mark() -> str:
        domain.mark_response(response=response, levels=levels, by=make_guest(), base_mark=0)
        return "marked"

    def compare() -> str:
        domain.assess_own_response(item=item, levels=levels, by=learner)
        return "compared"

    got = at_once(*[mark] * WRITERS, compare)
    now = working.item(attempt)
    stored = list(Mark.objects.filter(response=response, by="person"))
    return {"got": got, "marks": len(stored), "counts": now.mark_id == stored[0].pk}


def edit_four(_learner: Any) -> dict[str, Any]:
    """Four editors save the form that all of them opened on one version."""
    root = User.objects.create_superuser("root", password="a long enough pass phrase")
    document = Document.objects.order_by("pk")[0]
    clients = [Client(headers={"host": "localhost"}) for _editor in range(4)]
    for client in clients:
        client.force_login(root, backend=settings.AUTHENTICATION_BACKENDS[-1])
    page = clients[0].get(editing.address(document))
    sent = editing.typed(page, "document_form") | editing.KNOWINGLY
    lines = Document.history.count()

    def write(number: int) -> Any:
        title = {"title": f"Title {number}"}
        return clients[number].post(editing.address(document), sent | title).status_code

    got = at_once(*[partial(write, number) for number in range(4)])
    document.refresh_from_db()
    return {
        "got": got,
        "stored": Document.history.count() - lines,
        "titles": document.title == Document.history.first().title != sent["title"],
    }


CASES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "start": start,
    "submit": submit,
    "check-wrong": lambda learner: check_one(learner, working.wrong),
    "check-right": lambda learner: check_one(learner, working.right),
    "check-ten": check_ten,
    "draft-ten": draft_ten,
    "mark-ten": mark_ten,
    "check-and-submit": check_and_submit,
    "save-and-submit": save_and_submit,
    "edit-four": edit_four,
}

if __name__ == "__main__":
    print(json.dumps(CASES[sys.argv[1]](make_guest())))
