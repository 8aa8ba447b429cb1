"""What a learner sends: each is made ready first, so that the sending alone can be timed."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from lessons.accounts.models import User
from tests.guided.reading import (
    CLOSING,
    HTMX,
    LESSON,
    all_right,
    body,
    put_down,
    question_address,
    right,
    view_of,
)

STEP = "a-letter-arrives"

Send = Callable[[], Any]


def answering(client: Client, learner: User) -> Send:
    """The first answer to a practice question, which begins the attempt too."""
    action, view = question_address(STEP), view_of(learner, STEP)
    fields = put_down(body(client.get(f"{LESSON}{STEP}/")), action, view, right(view))
    return lambda: client.post(action, fields, headers=HTMX)


def saving(client: Client, learner: User) -> Send:
    """A draft in a graded quiz, as it saves itself."""
    client.post(f"{CLOSING}start/")
    action, view = question_address("closing-quiz"), view_of(learner, "closing-quiz")
    page = body(client.get(CLOSING))
    fields = put_down(page, f"{CLOSING}review/", view, right(view))
    return lambda: client.post(f"{action}draft/", fields, headers=HTMX)


def handing_in(client: Client, learner: User) -> Send:
    """A graded quiz of five questions, all answered."""
    client.post(f"{CLOSING}start/")
    fields = all_right(body(client.get(CLOSING)), learner)
    client.post(f"{CLOSING}review/", fields)
    return lambda: client.post(f"{CLOSING}submit/", {"reader": fields["reader"]})


def erasing(client: Client, learner: User) -> Send:
    """Of oneself and all one did: a lesson's worth."""
    handing_in(client, learner)()
    answering(client, learner)()
    return lambda: client.post("/me/data/", {"sure": "yes"})


WRITES: dict[str, Callable[[Client, User], Send]] = {
    "answering a question": answering,
    "a draft that saves itself": saving,
    "handing in a quiz": handing_in,
    "erasing oneself": erasing,
}
