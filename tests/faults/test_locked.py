"""Another process holds the database: a short wait is not seen, a long one is said plainly."""

import contextlib
import os
import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from .answers import BUSY, HTMX, Load, Sent
from .server import POSTGRES, Server, database_url

IMPATIENT = {} if "ROUNDS" in os.environ else {"X-Fault": "impatient"}
"""Ten seconds of waiting are waited out by `make faults` alone."""


@contextlib.contextmanager
def locked(server: Server) -> Iterator[None]:
    if POSTGRES:
        import psycopg

        with psycopg.connect(database_url(server.name)) as writer:
            # As a migration does; reading goes on.
            writer.execute("LOCK TABLE quizzes_response, quizzes_draft IN EXCLUSIVE MODE")
            yield
            writer.rollback()
        return
    with contextlib.closing(sqlite3.connect(server.database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        yield
        writer.execute("ROLLBACK")


def test_locked_database_is_waited_for_and_then_said(server: Server) -> None:
    server.start(faulty=True)
    learners = server.learners(2)
    (short, *_), (long, *_) = (
        [Sent.of(cookie, answer) for answer in answers]
        for cookie, answers in zip(learners["cookies"], learners["answers"], strict=True)
    )
    load = Load(server)

    with locked(server):
        waiting = threading.Thread(target=load.send, args=(short, random.Random()))
        waiting.start()
        time.sleep(3)
        assert server.ask("GET", learners["step"], cookie=long.cookie)[0] == 200  # readers go on
        assert load.acknowledged == []
    waiting.join(20)
    assert load.acknowledged == [short]

    with locked(server):
        asked = [(long.path, HTMX), (long.path, {}), (f"{long.path}draft/", {})]
        with ThreadPoolExecutor(len(asked)) as at_once:
            told = at_once.map(
                lambda one: server.ask(
                    "POST",
                    one[0],
                    body=long.body,
                    cookie=long.cookie,
                    headers=one[1] | IMPATIENT,
                    patience=60,  # on PostgreSQL these three of one reader wait for each other too
                ),
                asked,
            )
        for status, page, answered in told:
            assert (status, answered["retry-after"]) == (503, "5")
            assert BUSY in page
    assert server.rows("SELECT COUNT(*) FROM quizzes_response") == [(1,)]
    assert load.post(long)
    assert load.faults == []
    assert server.rows("SELECT COUNT(*) FROM quizzes_response") == [(2,)]
