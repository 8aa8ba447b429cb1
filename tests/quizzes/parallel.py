"""Several writers at once, in a process of its own: python -m tests.quizzes.parallel CASE.

A test starts it on a database that can have several connections (the tests' SQLite lives in
memory, where locks are not as in a file). It prints what came of it as JSON.
"""

import json
import sys
import threading
import uuid
from collections.abc import Callable
from typing import Any

WRITERS = 10


def at_once(write: Callable[[int], Any], writers: int = WRITERS) -> list[str]:
    """What `writers` threads got, all let go at one moment: an answer's text or a refusal's name."""
    from django.db import connection

    together = threading.Barrier(writers)
    got = [""] * writers

    def run(number: int) -> None:
        try:
            connection.ensure_connection()
            together.wait(30)
            got[number] = str(write(number))
        except Exception as error:  # noqa: BLE001  # whatever it is, the test reads its name
            got[number] = type(error).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(got)


def main(case: str) -> dict[str, Any]:
    import django

    django.setup()
    from django.db import connection

    from lessons.accounts.domain import make_guest
    from lessons.quizzes import domain
    from lessons.quizzes.models import Attempt, Draft, Mark, Response

    from . import working

    learner = make_guest()

    if case == "start":
        got = at_once(lambda number: working.start(learner, seed=number).pk)
        attempts = list(Attempt.objects.filter(learner=learner))
        return {
            "different": len(set(got)),
            "attempts": len(attempts),
            "items": [attempt.items.count() for attempt in attempts],
            "stored": [str(attempt.pk) for attempt in attempts] == sorted(set(got)),
        }
    if case in {"submit", "save-and-submit"}:
        attempt = working.start(learner)
        first = working.item(attempt, 3)
    else:
        attempt = working.start(learner, working.PRACTICE)
        first = working.item(attempt)
    answers = Response.objects.filter(item__attempt=attempt)
    if case == "submit":
        working.save(first, {"text": "at first glance"})
        got = at_once(lambda number: domain.submit_attempt(attempt=Attempt.objects.get()).receipt)
        return {
            "receipts": sorted(set(got)) == [str(attempt.receipt)],
            "answers": sorted((a.item.position, a.version, a.answer) for a in answers),
            "marks": Mark.objects.filter(response__in=answers).count(),
            "drafts": Draft.objects.count(),
        }
    if case in {"check-one", "check-one-right"}:
        one = uuid.uuid4()
        given = working.right(first) if case.endswith("right") else working.wrong(first)
        got = at_once(lambda number: working.check(working.item(attempt), given, sent=one).pk)
        return {"different": len(set(got)), "answers": answers.count(), "got": got[0].isdigit()}
    if case == "check-ten":
        given = working.wrong(first)
        got = at_once(lambda number: bool(working.check(working.item(attempt), given).pk))
        return {"got": got, "versions": [a.version for a in answers]}
    if case == "draft-ten":
        got = at_once(lambda number: working.save(first, {"choice": ""}).version)
        return {"got": got, "versions": list(Draft.objects.values_list("version", flat=True))}
    if case == "check-and-submit":
        # Ten learners, each of whom checks the last answer while their attempt is handed in.
        got, wrong_ones = [], 0
        for _round in range(10):
            mine = working.start(make_guest(), working.PRACTICE)
            of = working.item(mine)
            given = working.right(of)

            def write(number: int, mine: Attempt = mine, given: Any = given) -> str:
                if number:
                    return str(domain.submit_attempt(attempt=mine).receipt == mine.receipt)
                return str(bool(working.check(working.item(mine), given).pk))

            got += at_once(write, 2)
            of = working.item(mine)
            mine.refresh_from_db()
            stored = list(Response.objects.filter(item=of).order_by("version"))
            whole = (
                mine.submitted_at is not None
                and of.closed_at is not None
                and [one.version for one in stored] == [1]
                and of.response == stored[-1]
                and of.mark is not None
                and of.score == of.mark.score
            )
            wrong_ones += not whole
        # PostgreSQL may undo one of two writers that wait for each other; its sender is asked to
        # try again (503), and what was acknowledged is whole.
        refused = {"Closed", "Stale"}
        refused |= {"OperationalError"} if connection.vendor == "postgresql" else set()
        return {"got": sorted(set(got) - refused), "not whole": wrong_ones}
    if case == "save-and-submit":
        acknowledged: list[str] = []

        def write(number: int) -> str:
            if number == 0:
                while len(acknowledged) < 3:
                    pass
                return str(domain.submit_attempt(attempt=attempt).receipt)
            for base in range(2000):
                text = f"save {base}"
                working.save(first, {"text": text}, base=base)
                acknowledged.append(text)
            return "never closed"

        got = at_once(write, 2)
        return {
            "got": sorted([str(attempt.receipt), "Closed"]) == got or got,
            "kept": answers.get(item=first).answer["text"] == acknowledged[-1],
            "versions": list(answers.filter(item=first).values_list("version", flat=True)),
        }
    raise ValueError(case)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
