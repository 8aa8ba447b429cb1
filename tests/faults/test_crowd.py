"""Many at once on several workers: one submission of each, every save kept, nobody refused."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .answers import Reader
from .server import Server
from .test_restart import QUIZ, SHORT

STUDENTS = 60
ROUNDS = int(os.environ.get("ROUNDS", "1"))
"""Saves of each student's; without the five seconds between them that the page waits."""


def test_hand_in_pressed_ten_times_is_one_submission(server: Server) -> None:
    server.start(faulty=True)
    reader = Reader(server, server.learners(1)["cookies"][0])
    fields = reader.save(QUIZ, reader.start(QUIZ), SHORT, "at first glance")

    def hand_in(_press: int) -> int:
        return reader.post(f"{QUIZ}submit/", {"reader": fields["reader"], "attempt": "1"})[0]

    with ThreadPoolExecutor(10) as presses:
        assert list(presses.map(hand_in, range(10))) == [302] * 10
    page = reader.get(QUIZ)
    receipts = server.rows("SELECT receipt FROM quizzes_attempt WHERE submitted_at IS NOT NULL")
    assert len(receipts) == 1
    assert "Handed in" in page
    assert server.rows("SELECT COUNT(*) FROM quizzes_response") == [(5,)]
    assert server.rows("SELECT COUNT(*) FROM quizzes_mark") == [(5,)]

    def again(_press: int) -> int:
        return reader.post(f"{QUIZ}again/", {})[0]

    with ThreadPoolExecutor(10) as presses:
        assert list(presses.map(again, range(10))) == [302] * 10
    attempts = server.rows("SELECT number FROM quizzes_attempt ORDER BY number")
    assert attempts == [(1,), (2,)]


def test_class_of_sixty_saving_at_once_loses_no_save(server: Server) -> None:
    server.start(faulty=True)
    readers = [Reader(server, cookie) for cookie in server.learners(STUDENTS)["cookies"]]

    def work(number: int) -> str:
        reader, text = readers[number], ""
        fields: dict[str, Any] = reader.start(QUIZ)
        for round_ in range(ROUNDS):
            text = f"student {number}, save {round_}"
            fields = reader.save(QUIZ, fields, SHORT, text)
        return text

    with ThreadPoolExecutor(20) as students:
        said = sorted(students.map(work, range(STUDENTS)))
    kept = [answer for (answer,) in server.rows("SELECT answer FROM quizzes_draft")]
    found = [re.findall(r"student \d+, save \d+", str(answer))[0] for answer in kept]
    assert sorted(found) == said
    saves = server.rows("SELECT DISTINCT version FROM quizzes_draft")
    assert saves == [(ROUNDS,)]
