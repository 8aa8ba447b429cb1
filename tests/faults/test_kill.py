"""A worker may be killed at any instruction: what was acknowledged is stored, and stored once."""

import contextlib
import http.client
import os
import random
import re
import signal
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .server import Server

CLIENTS, LEARNERS = 8, 300
KILLS = 10
BETWEEN = 8  # answers taken between two killings
RECOVERY = 30  # seconds after which a server that takes none is given up
PATIENCE = 10
GIVE_UP = 20  # seconds that a client tries again before it leaves an answer unsent
NO_ANSWER = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Sent:
    cookie: str
    path: str
    body: str
    prefix: str
    uuid: str

    @classmethod
    def of(cls, cookie: str, answer: dict[str, str]) -> "Sent":
        found = re.search(r"(q\d+)-uuid=([0-9a-f-]{36})", answer["body"])
        assert found
        own = uuid.UUID(found[2]).hex
        return cls(cookie, answer["path"], answer["body"], found[1], own)


@dataclass
class Load:
    """Clients that send answers until told to stop, and remember what they were told."""

    server: Server
    stopping: threading.Event = field(default_factory=threading.Event)
    acknowledged: list[Sent] = field(default_factory=list)
    unanswered: list[Sent] = field(default_factory=list)
    """Sent once, and no answer came."""
    broken: int = 0
    """How many requests got no answer."""
    faults: list[str] = field(default_factory=list)

    def post(self, sent: Sent) -> bool:
        """Whether the server said that this answer is stored."""
        status, page, _headers = self.server.ask(
            "POST",
            sent.path,
            body=sent.body,
            cookie=sent.cookie,
            headers={"HX-Request": "true"},
            patience=PATIENCE,
        )
        if status == http.HTTPStatus.OK and f'name="{sent.prefix}-tries" value="1"' in page:
            return True
        if status != http.HTTPStatus.SERVICE_UNAVAILABLE:
            self.faults.append(f"{status}: {page[:500]}")
        return False

    def send(self, sent: Sent, chance: random.Random) -> None:
        until = time.monotonic() + GIVE_UP
        while time.monotonic() < until:
            try:
                if self.post(sent):
                    self.acknowledged.append(sent)
                    return
            except NO_ANSWER:
                self.broken += 1
                if chance.random() < 0.5:  # this reader goes away; others press the button again
                    break
            time.sleep(0.2)
        self.unanswered.append(sent)

    def run(self, answers: list[Sent], seed: int) -> None:
        chance = random.Random(seed)
        for sent in answers:
            if self.stopping.is_set():
                return
            self.send(sent, chance)
            time.sleep(chance.uniform(0.03, 0.12))

    def begin(self, learners: dict[str, Any]) -> list[threading.Thread]:
        everybody = list(zip(learners["cookies"], learners["answers"], strict=True))
        threads = []
        for number in range(CLIENTS):
            own = [Sent.of(c, a) for c, answers in everybody[number::CLIENTS] for a in answers]
            threads.append(threading.Thread(target=self.run, args=(own, number)))
        for thread in threads:
            thread.start()
        return threads


def kill_a_worker(server: Server, load: Load, chance: random.Random) -> None:
    """At a random moment, once the last killing is got over.

    The older of the two: granian takes a worker that dies just after it came for a crash loop.
    """
    until, seen = time.monotonic() + RECOVERY, len(load.acknowledged)
    while len(workers := server.workers()) < 2 or len(load.acknowledged) < seen + BETWEEN:
        assert time.monotonic() < until, f"{len(workers)} workers; no answer is taken any more"
        time.sleep(0.05)
    time.sleep(chance.uniform(0, 0.3))
    with contextlib.suppress(ProcessLookupError):
        os.kill(workers[0], signal.SIGKILL)


def doubled(rows: list[Any]) -> list[Any]:
    return [row for row, count in Counter(rows).items() if count > 1]


def assert_whole(server: Server, load: Load, learners: dict[str, Any]) -> None:
    """The file is sound, each acknowledged answer is in it once, and nothing is there twice."""
    assert server.rows("PRAGMA integrity_check") == [("ok",)]
    assert server.rows("PRAGMA foreign_key_check") == []
    stored = [row[0] for row in server.rows("SELECT client_uuid FROM quizzes_response")]
    assert doubled(stored) == []
    assert sorted({sent.uuid for sent in load.acknowledged} - set(stored)) == []
    assert len({sent.uuid for sent in load.acknowledged}) == len(load.acknowledged)
    current = server.rows(
        "SELECT r.client_uuid, i.score IS NOT NULL FROM quizzes_attemptitem i"
        " JOIN quizzes_response r ON r.id = i.response_id"
    )
    assert sorted(current) == [(one, 1) for one in sorted(stored)]
    for table, columns in (
        ("quizzes_mark", "response_id"),
        ("quizzes_attempt", "learner_id"),  # one quiz, answered once by each
        ("quizzes_attemptitem", "attempt_id, position"),
        ("guided_progress", "learner_id, step_id, delivery_id"),
    ):
        assert doubled(server.rows(f"SELECT {columns} FROM {table}")) == [], table  # noqa: S608
    asked = {len(answers) for answers in learners["answers"]}
    counted = "SELECT COUNT(*) FROM quizzes_attemptitem GROUP BY attempt_id"
    assert {count for (count,) in server.rows(counted)} == asked
    (marks,), (answers,) = (
        server.rows(f"SELECT COUNT(*) FROM {table}")[0]  # noqa: S608
        for table in ("quizzes_mark", "quizzes_response")
    )
    assert marks == answers


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
