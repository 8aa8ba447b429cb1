"""Stopping, upgrading and starting again while people work: what was begun is finished."""

import os
import signal
import threading
import time

from .answers import HTMX, Load, Reader, Sent, assert_whole
from .server import Server

QUIZ = "/lessons/the-letter-and-the-middle-position/closing-quiz/"
SHORT = 3
"""Where in the closing quiz the question stands whose answer is typed."""


def test_sigterm_finishes_what_is_in_flight(server: Server) -> None:
    server.start(faulty=True)
    learners = server.learners(3)
    sent = [
        Sent.of(cookie, answers[0])
        for cookie, answers in zip(learners["cookies"], learners["answers"], strict=True)
    ]
    load = Load(server)
    told: list[int] = []

    def answer(one: Sent) -> None:
        headers = {**HTMX, "X-Fault": "slow"}
        status, _page, _headers = server.ask(
            "POST", one.path, body=one.body, cookie=one.cookie, headers=headers
        )
        told.append(status)

    threads = [threading.Thread(target=answer, args=(one,)) for one in sent]
    for thread in threads:
        thread.start()
    time.sleep(0.4)  # they are in the worker's hands, and slow
    assert server.running is not None
    assert told == []
    os.kill(server.running.pid, signal.SIGTERM)
    for thread in threads:
        thread.join(20)
    assert told == [200, 200, 200]
    assert server.running.wait(20) == 0
    load.acknowledged += sent
    assert_whole(server, load, learners)


def test_open_attempt_outlives_a_rolling_upgrade(server: Server, second: Server) -> None:
    """Old and new serve side by side, the schema is migrated, the old one goes."""
    server.start(faulty=True)
    reader = Reader(server, server.learners(1)["cookies"][0])
    fields = reader.start(QUIZ)
    fields = reader.save(QUIZ, fields, SHORT, "saved by the old one")

    second.manage("migrate", "--verbosity", "0")
    second.start(faulty=True)
    moved = Reader(second, reader.cookie)
    assert "saved by the old one" in moved.get(QUIZ)
    fields = moved.save(QUIZ, fields, SHORT, "saved by the new one")
    fields = reader.save(QUIZ, fields, SHORT, "at first glance")  # a page of the old one
    server.stop()

    assert moved.post(f"{QUIZ}review/", fields)[0] == 302
    assert "at first glance" in moved.get(f"{QUIZ}?review=1")
    assert moved.post(f"{QUIZ}submit/", {"reader": fields["reader"]})[0] == 302
    assert moved.post(f"{QUIZ}submit/", {"reader": fields["reader"]})[0] == 302
    assert "Handed in" in moved.get(QUIZ)
    counted = second.rows("SELECT COUNT(*) FROM quizzes_attempt WHERE submitted_at IS NOT NULL")
    assert counted == [(1,)]
    answers = second.rows(
        "SELECT i.position, COUNT(*) FROM quizzes_response r"
        " JOIN quizzes_attemptitem i ON i.id = r.item_id GROUP BY i.position ORDER BY i.position"
    )
    assert answers == [(position, 1) for position in range(1, 6)]
    assert second.rows("SELECT COUNT(*) FROM quizzes_draft") == [(0,)]
