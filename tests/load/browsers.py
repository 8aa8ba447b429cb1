"""Browsers for locust: cookies, a cache, one network address for all, as a school has.

Importing this patches the standard library for gevent.
"""

from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy
from typing import Any, ClassVar
from urllib.parse import urlencode

import gevent
from locust import FastHttpUser, task
from locust.exception import RescheduleTask

from tests.faults.server import FORM, HOST

from . import people
from .pages import files_of

SCHOOL = "198.51.100.7"
"""RFC 5737."""
MISTYPING = 0.05
"""Share of the students whose first password is wrong."""
POLL = 10.0
"""Seconds; as classes.js asks."""


class Browser(people.Person, FastHttpUser):
    abstract = True
    network_timeout = connection_timeout = 30.0
    default_headers: ClassVar = {
        "Host": HOST,
        "X-Forwarded-For": SCHOOL,
        "X-Forwarded-Proto": "https",
        "User-Agent": "Mozilla/5.0 (locust)",
    }

    def __init__(self, environment: Any) -> None:
        FastHttpUser.__init__(self, environment)
        self.cached: set[str] = set()
        # TLS ends at a proxy that is left out here: secure cookies go over what stands behind it.
        self.client.cookiejar.set_policy(DefaultCookiePolicy(secure_protocols=("http",)))

    def look(self, name: str, address: str, **headers: str) -> str:
        """Open a page, and fetch what it asks for and is not in the cache."""
        response = self.client.get(address, name=name, headers=headers, allow_redirects=False)
        if not response.ok:
            raise RescheduleTask  # counted; who sits there tries again
        page = response.text or ""
        for file in files_of(page):
            if file not in self.cached:
                self.client.get(file, name="style sheets and scripts")
                self.cached.add(file)
        return page

    def send(
        self, name: str, address: str, fields: Any, *, but: int = 200, **headers: str
    ) -> people.Answer:
        with self.client.post(
            address,
            name=name,
            data=urlencode(fields),
            headers={"Content-Type": FORM, "Origin": f"https://{HOST}", **headers},
            allow_redirects=False,
            catch_response=True,
        ) as response:
            if response.status_code == but:
                response.success()
        if not response.ok and response.status_code != but:
            raise RescheduleTask
        return people.Answer(response.text or "", (response.headers or {}).get("location", ""))


class Student(people.Student, Browser):
    arrivals: ClassVar[Iterator[tuple[str, float]]]
    """User names, and seconds until each signs in."""
    pace: ClassVar[float]
    """Seconds between two answers."""
    acknowledged: ClassVar[list[str]]

    def __init__(self, environment: Any) -> None:
        Browser.__init__(self, environment)
        username, self.arrives = next(self.arrivals)
        people.Student.__init__(self, username, self.acknowledged)

    def on_start(self) -> None:
        gevent.sleep(self.arrives)

    @task
    def study(self) -> None:
        if not hasattr(self, "step"):
            self.begin(mistypes=self.chance.random() < MISTYPING)
        question = self.to_a_question(seconds=max(1, round(self.pace)))
        gevent.sleep(self.chance.uniform(0.3, 0.7) * self.pace)
        self.answer(question)


class Teacher(people.Teacher, Browser):
    dashboards: ClassVar[Iterator[tuple[str, str]]]
    """User names and addresses."""

    def __init__(self, environment: Any) -> None:
        Browser.__init__(self, environment)
        self.username, self.address = next(self.dashboards)

    @task
    def watch(self) -> None:
        if not hasattr(self, "board"):
            self.open(self.username, self.address)
        gevent.sleep(POLL)
        self.poll()
