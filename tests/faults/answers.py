"""Readers of the running site, and what they may rely on."""

import http.client
import random
import re
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.guided.reading import form

from .server import POSTGRES, Server

TOKEN = "b" * 32
"""The CSRF token in the cookies that tests.bench.learners makes."""
CLIENTS = 8
PATIENCE = 10
GIVE_UP = 20  # seconds that a client tries again before it leaves an answer unsent
NO_ANSWER = (OSError, http.client.HTTPException)
HTMX = {"HX-Request": "true"}
BUSY = "We cannot save at this moment"


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
            headers=HTMX,
            patience=PATIENCE,
        )
        if status == http.HTTPStatus.OK and f'name="{sent.prefix}-tries" value="1"' in page:
            return True
        if status != http.HTTPStatus.SERVICE_UNAVAILABLE:
            self.faults.append(f"{status}: {page[:500]}")
        return False

    def press_again(self, sent: Sent) -> bool:
        """The same of a reader who presses the button until an answer comes."""
        until = time.monotonic() + GIVE_UP
        while True:
            try:
                return self.post(sent)
            except NO_ANSWER:  # the dying worker had taken the connection
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

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


def doubled(rows: list[Any]) -> list[Any]:
    return [row for row, count in Counter(rows).items() if count > 1]


def assert_whole(server: Server, load: Load, learners: dict[str, Any]) -> None:
    """The file is sound, each acknowledged answer is in it once, and nothing is there twice."""
    assert load.acknowledged, "nothing was acknowledged"
    if not POSTGRES:
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


@dataclass(frozen=True)
class Reader:
    """A signed-in browser without JavaScript."""

    server: Server
    cookie: str

    @classmethod
    def enter(cls, server: Server, role: str) -> "Reader":
        """One of the demonstration's people."""
        status, _page, headers = cls(server, f"csrftoken={TOKEN}").post(f"/demo/enter/{role}/", {})
        assert status == http.HTTPStatus.FOUND
        session = re.findall(r"sessionid=\w+", headers["set-cookie"])
        return cls(server, f"{session[0]}; csrftoken={TOKEN}")

    def get(self, path: str) -> str:
        status, page, _headers = self.server.ask("GET", path, cookie=self.cookie)
        assert status == http.HTTPStatus.OK, (path, status, page[:500])
        return page

    def post(
        self, path: str, fields: dict[str, Any], **headers: str
    ) -> tuple[int, str, dict[str, str]]:
        body = urlencode({**fields, "csrfmiddlewaretoken": TOKEN}, doseq=True)
        return self.server.ask("POST", path, body=body, cookie=self.cookie, headers=headers)

    def start(self, quiz: str) -> dict[str, Any]:
        """Begin a graded quiz; the fields of its form."""
        status, _page, headers = self.post(f"{quiz}start/", {})
        assert (status, headers["location"]) == (302, f"{quiz}#questions")
        return form(self.get(quiz), f"{quiz}review/")

    def save(self, quiz: str, fields: dict[str, Any], position: int, text: str) -> dict[str, Any]:
        """Autosave a short answer; the fields of the form after it."""
        sent = {**fields, f"q{position}-text": text}
        status, told, _headers = self.post(f"{quiz}questions/{position}/draft/", sent)
        assert status == http.HTTPStatus.OK, (status, told[:500])
        saves = re.findall(r'"saves": (\d+)', told)
        return {**sent, f"q{position}-saves": saves[0]}
