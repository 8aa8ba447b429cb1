"""Deadlines, clocks, stale tabs, and questions that change under a reader: the server decides."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import ProtectedError
from django.test import Client

from lessons.accounts.models import User
from lessons.core.models import ContentVersion, Status
from lessons.quizzes.models import Attempt, Draft, Question, Response
from tests.classrooms.giving import open_room, work_base
from tests.conftest import ClientOf
from tests.guided.reading import CLOSING, body, form, text_of

pytestmark = pytest.mark.django_db

GRACE, SECOND = timedelta(seconds=30), timedelta(seconds=1)
SHORT = "q3-text"
BERLIN = ZoneInfo("Europe/Berlin")
REPEATED = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1)
"""The second of two 2:30 in one night, 01:30 UTC."""
SKIPPED = datetime(2026, 3, 29, 2, 30, tzinfo=BERLIN)
"""A time that no clock showed that night: 3:30 there, 01:30 UTC."""


Room = tuple[Client, str]


@pytest.fixture
def given(instructor: User, student: User, client_of: ClientOf) -> Callable[[datetime], Room]:
    def give(closes_at: datetime) -> Room:
        begin = closes_at.astimezone(UTC) - timedelta(days=2)
        with time_machine.travel(begin, tick=False):
            room = open_room(instructor, student, zone="Europe/Berlin")
            row = room.give(terms={"closes_at": closes_at})
        return client_of(student), f"{work_base(row)}closing-quiz/"

    return give


@pytest.mark.parametrize("closes_at", [REPEATED, SKIPPED], ids=["repeated", "skipped"])
@pytest.mark.parametrize(
    ("after", "taken"),
    [
        (-timedelta(hours=1), True),  # the first 2:30 of that night, by a clock on the wall
        (-SECOND, True),
        (timedelta(0), True),
        (GRACE, True),
        (GRACE + SECOND, False),
        (timedelta(hours=1), False),
    ],
)
def test_work_is_taken_to_the_second_in_the_night_the_clocks_change(
    closes_at: datetime, after: timedelta, taken: bool, given: Callable[[datetime], Room]
) -> None:
    moment = closes_at.astimezone(UTC)
    assert moment.time().isoformat() == "01:30:00"
    with time_machine.travel(moment - timedelta(days=1), tick=False):
        client, quiz = given(closes_at)
        client.post(f"{quiz}start/")
        fields = form(body(client.get(quiz)), f"{quiz}review/")
    with time_machine.travel(moment + after, tick=False):
        # What the browser believes of the time is sent in vain.
        forged = {"now": "2020-01-01T00:00", "due_at": "2099-01-01", "saved_at": "2020-01-01"}
        sent = fields | forged | {SHORT: "at first glance"}
        headers = {"Date": "Wed, 01 Jan 2020 00:00:00 GMT"}
        draft = client.post(f"{quiz}questions/3/draft/", sent, headers=headers)
        assert draft.status_code == (200 if taken else 409)
        if not taken:
            assert draft.json()["message"]
            refused = client.post(f"{quiz}review/", sent)
            assert refused.status_code == 409
            assert "at first glance" in text_of(body(refused))
        client.post(f"{quiz}submit/", {"reader": fields["reader"]})
    attempt = Attempt.objects.get()
    assert attempt.submitted_at == min(moment + after, moment + GRACE)
    stored = Response.objects.get(item__position=3).answer
    assert stored == ({"text": "at first glance"} if taken else {})
    assert Response.objects.count() == 5


def test_server_hands_in_what_was_saved_for_a_browser_that_is_gone(
    given: Callable[[datetime], Room],
) -> None:
    moment = REPEATED.astimezone(UTC)
    with time_machine.travel(moment - timedelta(days=1), tick=False):
        client, quiz = given(REPEATED)
        client.post(f"{quiz}start/")
        fields = form(body(client.get(quiz)), f"{quiz}review/")
        client.post(f"{quiz}questions/3/draft/", fields | {SHORT: "at first glance"})
    for after, closed in ((GRACE, 0), (GRACE + SECOND, 1), (timedelta(days=3), 1)):
        with time_machine.travel(moment + after, tick=False):
            call_command("tick", verbosity=0)
        assert Attempt.objects.filter(submitted_at=moment + GRACE).count() == closed
    assert Response.objects.get(item__position=3).answer == {"text": "at first glance"}
    assert Response.objects.count() == 5
    assert not Draft.objects.exists()


def test_stale_tab_of_blanks_takes_no_answer_away_however_it_is_sent(
    student: User, student_client: Client
) -> None:
    student_client.post(f"{CLOSING}start/")
    blank = form(body(student_client.get(CLOSING)), f"{CLOSING}review/")
    student_client.post(f"{CLOSING}questions/3/draft/", blank | {SHORT: "kept"})
    for action in ("questions/3/draft/", "review/"):
        refused = student_client.post(f"{CLOSING}{action}", blank)
        assert refused.status_code == 409
        assert "kept" in body(refused)
        assert Draft.objects.get(item__position=3).answer == {"text": "kept"}
    student_client.post(f"{CLOSING}submit/", blank)
    assert Response.objects.get(item__position=3).answer == {"text": "kept"}


def test_question_edited_retired_or_deleted_under_a_reader_stays_as_it_was_asked(
    student: User, student_client: Client
) -> None:
    student_client.post(f"{CLOSING}start/")
    asked = Question.objects.get(pk=Attempt.objects.get().items.get(position=3).question_id)
    fields = form(body(student_client.get(CLOSING)), f"{CLOSING}review/")
    prompt = asked.prompt
    with pytest.raises(ProtectedError):
        asked.delete()
    Question.objects.filter(pk=asked.pk).update(prompt="Another.", status=Status.RETIRED)
    asked.accepted_answers.update(answer="something else")
    ContentVersion.bump()

    assert "Another." not in body(student_client.get(CLOSING))
    sent: dict[str, Any] = fields | {SHORT: "at first glance"}
    assert student_client.post(f"{CLOSING}questions/3/draft/", sent).status_code == 200
    student_client.post(f"{CLOSING}submit/", fields)
    item = Attempt.objects.get().items.get(position=3)
    assert item.revision.content["prompt"] == prompt
    assert item.response.answer == {"text": "at first glance"}
    assert item.score == 1  # by the key that stood when it was asked
    assert Response.objects.count() == 5
