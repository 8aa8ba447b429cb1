"""What students and teachers do with their browsers, whichever drives those: locust or a test."""

import html
import random
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import UUID

from .pages import TYPED, Question, StepPage, fields_of, links_of
from .schools import PASSWORD

SIGN_IN = "/accounts/sign-in/"
HTMX = {"HX-Request": "true"}
POLLED = re.compile(r'id="board"[^>]*hx-get="([^"]+)"')

Fields = Mapping[str, Any] | Iterable[tuple[str, Any]]


class Answer(NamedTuple):
    text: str
    location: str
    """Where a redirect leads; empty without one."""


class Person:
    """`look` and `send` are the browser's; `name` is what the request is counted as."""

    def look(self, name: str, address: str, **headers: str) -> str:
        raise NotImplementedError

    def send(
        self, name: str, address: str, fields: Fields, *, but: int = 200, **headers: str
    ) -> Answer:
        """Send a form. A status of 4xx or 5xx is a failure, `but` excepted."""
        raise NotImplementedError

    def sign_in(self, username: str, *, mistypes: bool = False) -> str:
        """From the first page to My work, which is returned."""
        self.look("first page", "/")
        fields = fields_of(self.look("sign-in page", SIGN_IN), SIGN_IN) | {"username": username}
        if mistypes:
            refused = HTTPStatus.UNPROCESSABLE_ENTITY
            self.send("mistyped password", SIGN_IN, fields | {"password": "?"}, but=refused)
        done = self.send("sign in", SIGN_IN, fields | {"password": PASSWORD})
        return self.look("my work", done.location)


class Student(Person):
    """Goes through the lessons that the class was given, again and again."""

    step: StepPage

    def __init__(self, username: str, acknowledged: list[str]) -> None:
        self.username, self.chance = username, random.Random(username)
        self.acknowledged = acknowledged
        """Keys of the answers that the site said it stored, as 32 hexadecimal digits."""
        self.lessons: list[str] = []

    def begin(self, *, mistypes: bool = False) -> None:
        mine = links_of(self.sign_in(self.username, mistypes=mistypes))
        self.given = next(one for one in mine if re.fullmatch(r"/work/[\w-]+/", one))
        self.lessons = self.given_lessons()
        del self.lessons[: self.chance.randrange(len(self.lessons))]  # somewhere in the module
        self.step = self.open_lesson()

    def given_lessons(self) -> list[str]:
        lesson = re.compile(rf"{self.given}lessons/[\w-]+/")
        found = dict.fromkeys(links_of(self.look("given work", self.given)))
        return [address for address in found if lesson.fullmatch(address)]

    def open_lesson(self) -> StepPage:
        self.lessons = self.lessons or self.given_lessons()
        address = self.lessons.pop(0)
        step = re.compile(rf"{address}(?!print/|findings/)[\w-]+/")
        page = self.look("lesson", address)
        return self.open_step(next(one for one in links_of(page) if step.fullmatch(one)))

    def open_step(self, address: str) -> StepPage:
        step = StepPage(self.look("step", address))
        if step.again and not step.questions:  # all answered on an earlier round
            self.send("same again", step.again, {"csrfmiddlewaretoken": step.token})
            step = StepPage(self.look("step", address))
        return step

    def to_a_question(self, *, seconds: int) -> Question:
        """The next one that is open; each step on the way was read for so long."""
        while not self.step.questions:
            self.step = self.go_on(seconds)
        return next(iter(self.step.questions.values()))

    def go_on(self, seconds: int) -> StepPage:
        """To the next step, or from the last one to the next lesson."""
        step, token = self.step, {"csrfmiddlewaretoken": self.step.token}
        read = {"seconds": seconds, "reader": step.reader}
        self.send("time at step", step.presence, read | token)
        address = step.next or self.send("go on", step.finish, token).location
        address = address.split("#")[0]
        is_step = re.fullmatch(r"/work/[\w-]+/lessons/[\w-]+/[\w-]+/", address)
        return self.open_step(address) if is_step else self.open_lesson()

    def answer(self, question: Question) -> None:
        """Raises AssertionError where the site does not say that it is stored."""
        fields = question.filled_in(self.chance)
        if question.kind in TYPED:
            fields |= self.autosave(question, fields)
        target = {**HTMX, "HX-Target": question.prefix}
        fragment = self.send("answer", question.action, fields, **target).text
        stored = int(fields[f"{question.prefix}-tries"]) + 1
        said = f'name="{question.prefix}-tries" value="{stored}"' in fragment
        assert said, f"not acknowledged: {question.action}"
        self.acknowledged.append(UUID(fields[f"{question.prefix}-uuid"]).hex)
        self.step.update(fragment, question.prefix)

    def autosave(self, question: Question, fields: dict[str, str]) -> dict[str, str]:
        """As drafts.js does; the form's count of saves after it."""
        shared = ("reader", "csrfmiddlewaretoken")
        own = {n: v for n, v in fields.items() if n.startswith(question.prefix) or n in shared}
        said = self.send("autosave", question.draft, own, Accept="application/json").text
        saves = re.search(r'"saves": (\d+)', said)
        assert saves, f"not saved: {question.draft}"
        return {f"{question.prefix}-saves": saves[1]}


class Teacher(Person):
    """Has a dashboard open."""

    board: str

    def open(self, username: str, address: str) -> None:
        self.sign_in(username)
        self.board = self.look("dashboard", address)

    def poll(self) -> None:
        found = POLLED.search(self.board)
        assert found, "a dashboard that asks for nothing"
        self.board = self.look("dashboard poll", html.unescape(found[1]), **HTMX) or self.board
