"""A worker may be killed at any instruction: what was acknowledged is stored, and stored once."""

import contextlib
import os
import random
import signal
import time

import pytest

from .answers import HTMX, NO_ANSWER, Load, Sent, assert_whole
from .server import Server

KILLS = int(os.environ.get("KILLS", "4"))
LEARNERS = 40 * KILLS
BETWEEN = 8  # answers taken between two killings
RECOVERY = 30  # seconds after which a server that takes none is given up


def kill_a_worker(server: Server, load: Load, chance: random.Random) -> None:
    """At a random moment, once the last killing is got over.

    The older of the two: granian takes a worker that dies just after it came for a crash loop.
    """
    until, seen = time.monotonic() + RECOVERY, len(load.acknowledged)
    while len(workers := server.workers()) < 2 or len(load.acknowledged) < seen + BETWEEN:
        took = len(load.acknowledged) - seen
        assert time.monotonic() < until, (len(workers), took, load.broken, load.faults[-3:])
        time.sleep(0.05)
    time.sleep(chance.uniform(0, 0.3))
    with contextlib.suppress(ProcessLookupError):
        os.kill(workers[0], signal.SIGKILL)


@pytest.mark.parametrize("fault", ["before-commit", "after-commit"])
def test_worker_killed_around_the_commit_stores_an_answer_once(fault: str, server: Server) -> None:
    """The answer to the reader is lost either way; what is pressed again is stored once."""
    server.start(faulty=True)
    learners = server.learners(1)
    cookie, (answer, *_) = learners["cookies"][0], learners["answers"][0]
    sent, load = Sent.of(cookie, answer), Load(server)
    told = {**HTMX, "X-Fault": fault}
    with pytest.raises(NO_ANSWER):
        server.ask("POST", sent.path, body=sent.body, cookie=cookie, headers=told)
    stored = server.rows("SELECT client_uuid FROM quizzes_response")
    assert stored == ([] if fault == "before-commit" else [(sent.uuid,)])
    assert load.press_again(sent), load.faults  # the other worker; its first answer
    assert load.press_again(sent), load.faults
    assert server.rows("SELECT client_uuid FROM quizzes_response") == [(sent.uuid,)]
    load.acknowledged.append(sent)
    server.kill()
    assert_whole(server, load, learners)


def test_killed_workers_lose_and_double_no_answer(server: Server) -> None:
    server.start()
    learners = server.learners(LEARNERS)
    people = server.rows("SELECT COUNT(*) FROM accounts_user")
    load, chance = Load(server), random.Random()
    threads = load.begin(learners)
    try:
        for number in range(KILLS):
            kill_a_worker(server, load, chance)
            if number == KILLS // 2:
                time.sleep(chance.uniform(0, 0.6))
                server.kill()
                time.sleep(0.3)
                server.start()
        assert any(thread.is_alive() for thread in threads), "the load ended before the kills"
    finally:
        load.stopping.set()
        for thread in threads:
            thread.join(60)
    assert load.faults == []
    assert load.broken > 0, "no kill hit a request"
    server.kill()
    server.start()
    assert_whole(server, load, learners)
    for sent in load.unanswered:  # whether or not it was stored before, it is stored once now
        assert load.post(sent), load.faults
        assert load.post(sent), load.faults
    load.acknowledged += load.unanswered
    server.stop()
    assert_whole(server, load, learners)
    stored = server.rows("SELECT client_uuid FROM quizzes_response")
    assert sorted(one for (one,) in stored) == sorted(sent.uuid for sent in load.acknowledged)
    assert server.rows("SELECT COUNT(*) FROM accounts_user") == people
