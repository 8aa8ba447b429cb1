"""What a student is shown of their classes: the list, one assignment, notices, the calendar."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given as for_any
from hypothesis import strategies as st
from icalendar import Calendar

from lessons.accounts.models import User
from lessons.classrooms import calendars
from lessons.classrooms.domain import assignments as domain
from lessons.classrooms.domain import classes, notices
from lessons.classrooms.models import Assignment, CalendarFeed, Membership, Notice
from lessons.classrooms.work import Task, notices_of, sort_tasks, tasks_for
from lessons.guided.domain import erase_learner
from lessons.guided.models import Lesson, Module
from lessons.quizzes.models import Delivery, DeliveryException
from tests.conftest import ClientOf, make_user
from tests.guided.reading import body, form, table_counts, text_of

from .giving import (
    DAY,
    HOUR,
    Room,
    do_everything,
    hand_in,
    open_room,
    quiz,
    work_base,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(instructor: User, student: User) -> Room:
    return open_room(instructor, student)


def titles(user: User) -> list[list[str]]:
    """To do, late, done."""
    work = sort_tasks(tasks_for(user))
    return [[t.assignment.title for t in part] for part in (work.to_do, work.late, work.done)]


# --- The list -------------------------------------------------------------------------------


def test_work_is_to_do_then_late_then_done(room: Room, student: User) -> None:
    now = timezone.now()
    first = room.give(title="soon", terms={"due_at": now + DAY})
    room.give(title="any time")
    room.give(title="later", terms={"due_at": now + 3 * DAY, "opens_at": now + 2 * DAY})
    room.give(title="missed", terms={"due_at": now - DAY})
    room.give(title="shut", terms={"closes_at": now - 2 * DAY})
    done = room.give(title="finished", terms={"due_at": now - DAY})
    withdrawn = room.give(title="withdrawn")
    domain.withdraw(assignment=withdrawn, by=room.teacher)
    room.give(title="not for me", members=[room.join(make_user("yuki"))])
    do_everything(student, done)
    assert titles(student) == [["soon", "later", "any time"], ["shut", "missed"], ["finished"]]
    member = Membership.objects.get(user=student)
    domain.extend(assignment=first, membership=member, by=room.teacher, due_at=now + 4 * DAY)
    assert titles(student)[0] == ["later", "soon", "any time"]


def test_a_list_holds_every_class_the_student_is_in_now(
    room: Room, student: User, instructor: User
) -> None:
    other = open_room(instructor, student)
    for place, title in ((room, "one"), (other, "two")):
        place.give(title=title)
    assert sorted(titles(student)[0]) == ["one", "two"]
    classes.leave_class(membership=other.classroom.memberships.get(user=student), by=student)
    assert titles(student)[0] == ["one"]
    classes.archive_class(classroom=room.classroom, by=instructor)
    assert titles(student) == [[], [], []]


def test_my_work_says_class_date_progress_and_where_to_go_on(
    room: Room, student: User, student_client: Client
) -> None:
    due = datetime(2099, 5, 4, 16, tzinfo=UTC)
    row = room.give(terms={"due_at": due})
    page = text_of(body(student_client.get("/me/")))
    assert "History 10b" in page
    assert "Due Monday, 4 May 2099, 17:00 (Europe/London)" in page
    assert "0 of 8 steps done" in page
    student_client.post(f"{work_base(row)}headnote/finish/")
    html = body(student_client.get("/me/"))
    assert "1 of 8 steps done" in text_of(html)
    assert f'href="{work_base(row)}what-is-this/">Go on' in html


def test_who_is_in_no_class_sees_no_section(
    instructor_client: Client,
    guest_client: Client,
    visitor_client: Client,
    student_client: Client,
    room: Room,
) -> None:
    room.give()
    assert "From my classes" in body(student_client.get("/me/"))
    for client in (instructor_client, guest_client, visitor_client):
        assert "From my classes" not in body(client.get("/me/"))


@pytest.mark.parametrize("count", [1, 3, 30])
def test_my_work_costs_the_same_for_many(
    count: int, room: Room, student: User, student_client: Client
) -> None:
    for number in range(count):
        row = room.give(quiz(), title=str(number), terms={"due_at": timezone.now() + DAY})
        hand_in(student, row)
        hand_in(student, None)
        member = Membership.objects.get(user=student)
        domain.extend(
            assignment=row, membership=member, by=room.teacher, due_at=timezone.now() + 2 * DAY
        )
    student_client.get("/me/")
    with CaptureQueriesContext(connection) as queries:
        page = body(student_client.get("/me/"))
    assert page.count("<h4") == count
    assert len(queries) == 21


def test_result_is_shown_when_released_and_says_what_lateness_cost(
    room: Room, student: User, student_client: Client
) -> None:
    due = timezone.now() - DAY - HOUR
    terms = {"due_at": due, "late_policy": "per-day", "late_per_day": Decimal("0.05")}
    row = room.give(quiz(), terms={**terms, "release": "by-hand"})
    hand_in(student, row, moment=timezone.now())
    page = text_of(body(student_client.get("/me/")))
    assert "handed in; not released yet · 2 days late: 10% taken off" in page
    assert "points" not in page.split("Lessons I read")[0]
    domain.release_answers(assignment=row, by=room.teacher)
    for address in ("/me/", f"/work/{row.delivery.key}/"):
        page = text_of(body(student_client.get(address)))
        assert "6 of 6 points · 2 days late: 10% taken off, 5.4 count" in page


def test_result_waits_for_another_delivery_of_the_same_quiz(
    room: Room, student: User, student_client: Client
) -> None:
    row = room.give(quiz())
    hand_in(student, row)
    assert "6 of 6 points" in text_of(body(student_client.get("/me/")))
    other = room.give(quiz(), terms={"release": "by-hand"})
    assert "6 of 6 points" not in text_of(body(student_client.get("/me/")))
    domain.release_answers(assignment=other, by=room.teacher)
    assert "6 of 6 points" in text_of(body(student_client.get("/me/")))


# --- One assignment -------------------------------------------------------------------------


def test_assignment_page_has_instructions_terms_and_lessons(
    room: Room, student_client: Client
) -> None:
    row = room.give(
        Module.objects.get(),
        instructions="Read **slowly**. <script>alert(1)</script>",
        terms={
            "due_at": datetime(2099, 5, 4, 16, tzinfo=UTC),
            "attempts_allowed": 2,
            "time_limit_seconds": 1200,
            "late_policy": "refused",
        },
    )
    html = body(student_client.get(f"/work/{row.delivery.key}/"))
    page = text_of(html)
    assert "<strong>slowly</strong>" in html
    assert "alert(1)</script>" not in html
    assert "Due Monday, 4 May 2099, 17:00 (Europe/London)" in page
    assert "2 attempts" in page
    assert "20 minutes" in page
    assert "Nothing is taken after the due date." in page
    for title in Lesson.objects.published().values_list("title", flat=True):
        assert title.replace("’", "'") in page.replace("’", "'")


def test_assignment_page_is_for_its_students_and_staff(
    room: Room,
    other_student: User,
    client_of: ClientOf,
    student: User,
    instructor: User,
    guest: User,
    editor: User,
) -> None:
    row = room.give(members=[Membership.objects.get(user=student)])
    helper, classmate = make_user("helper"), make_user("yuki")
    room.join(helper, Membership.Role.ASSISTANT)
    room.join(classmate)
    address = f"/work/{row.delivery.key}/"
    statuses = {
        user.username: [client_of(user).get(path).status_code for path in (address, work_base(row))]
        for user in (student, instructor, helper, classmate, other_student, guest, editor)
    }
    assert statuses.pop("amara") == statuses.pop("ms-okafor") == statuses.pop("helper") == [200] * 2
    assert set(map(tuple, statuses.values())) == {(404, 404)}
    assert client_of(None).get(address)["Location"].startswith("/accounts/sign-in/")
    for key in ("preview", "self-study", "nothing"):
        assert client_of(instructor).get(f"/work/{key}/").status_code == 404


def test_work_that_opens_later_says_when_in_the_class_zone(
    room: Room, student_client: Client, instructor_client: Client
) -> None:
    row = room.give(terms={"opens_at": datetime(2099, 5, 4, 16, tzinfo=UTC)})
    for address in (work_base(row), f"{work_base(row)}headnote/", f"/work/{row.delivery.key}/"):
        answer = student_client.get(address)
        assert answer.status_code == 404
        assert "It opens Monday, 4 May 2099, 17:00 (Europe/London)." in text_of(body(answer))
        assert instructor_client.get(address).status_code == 200
    assert row.title in text_of(body(student_client.get("/me/")))


# --- Notices --------------------------------------------------------------------------------


def test_unread_notices_come_first_and_are_marked_by_a_post(
    room: Room, student: User, student_client: Client
) -> None:
    rows = [room.give(title=f"Work {n}") for n in range(5)]
    first = Notice.objects.earliest("pk")
    page = body(student_client.get("/me/"))
    assert "5 things are new" in text_of(page)
    answer = student_client.post("/me/notices/read/", {"notice": str(first.pk)})
    assert (answer.status_code, answer["Location"]) == (302, "/me/#notices")
    assert [n.assignment.title for n in notices_of(student)] == [
        *(f"Work {n}" for n in (4, 3, 2, 1)),
        "Work 0",
    ]
    domain.withdraw(assignment=rows[4], by=room.teacher)
    assert "3 things are new" in text_of(body(student_client.get("/me/")))
    student_client.post("/me/notices/read/")
    assert "Nothing is new" in text_of(body(student_client.get("/me/")))


def test_notices_are_ones_own(room: Room, student: User, other_student: User) -> None:
    room.give()
    notice = Notice.objects.get()
    assert notices.mark_read(by=other_student, notice_id=notice.pk) == 0
    assert notices.mark_read(by=other_student) == 0
    assert notices.mark_read(by=student, notice_id=notice.pk) == 1
    assert notices.mark_read(by=student, notice_id=notice.pk) == 0


@pytest.mark.parametrize("key", ["x", "-1", "9" * 40, "१"])
def test_odd_notices_are_refused(key: str, student_client: Client) -> None:
    assert student_client.post("/me/notices/read/", {"notice": key}).status_code == 422


def test_looking_writes_nothing(room: Room, student: User, student_client: Client) -> None:
    row = room.give()
    feed = notices.turn_calendar_on(by=student)
    before = table_counts(), list(Notice.objects.values())
    for path in (
        "/me/",
        f"/work/{row.delivery.key}/",
        work_base(row),
        f"/calendar/{calendars.token_of(feed)}.ics",
    ):
        assert student_client.get(path).status_code == 200
    assert (table_counts(), list(Notice.objects.values())) == before
    for path in ("/me/notices/read/", "/me/calendar/"):
        assert student_client.get(path).status_code == 405


# --- Calendar -------------------------------------------------------------------------------


def events(client: Client, user: User) -> list[tuple[str, datetime, str]]:
    token = calendars.token_of(CalendarFeed.objects.get(user=user))
    answer = client.get(f"/calendar/{token}.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    return [
        (str(event["summary"]), event["dtstart"].dt, str(event["uid"]))
        for event in calendar.walk("VEVENT")
    ]


def test_calendar_follows_due_dates_under_the_same_uid(
    room: Room, student: User, student_client: Client, visitor_client: Client
) -> None:
    due = datetime(2026, 5, 4, 16, tzinfo=UTC)
    row = room.give(title="Read; the letter, ¶3", terms={"due_at": due}, instructions="secret")
    room.give(title="no date")
    student_client.post("/me/calendar/", {"turn": "on"})
    uid = f"{row.delivery.key}@cold-war-lessons.invalid"
    expected = [("Read; the letter, ¶3 (History 10b)", due, uid)]
    assert events(visitor_client, student) == expected
    member = Membership.objects.get(user=student)
    domain.extend(assignment=row, membership=member, by=room.teacher, due_at=due + DAY)
    assert events(visitor_client, student) == [(expected[0][0], due + DAY, uid)]
    domain.withdraw(assignment=row, by=room.teacher)
    assert events(visitor_client, student) == []


def test_calendar_tells_nothing_else(room: Room, student: User, visitor_client: Client) -> None:
    room.give(terms={"due_at": timezone.now() + DAY}, instructions="do not tell")
    token = calendars.token_of(notices.turn_calendar_on(by=student))
    text = body(visitor_client.get(f"/calendar/{token}.ics"))
    assert text.count("BEGIN:VEVENT") == 1
    for words in ("do not tell", "Amara", "amara", "Okafor", "@example", "DESCRIPTION", "ATTENDEE"):
        assert words not in text
    assert "sessionid" not in visitor_client.cookies


def test_calendar_address_is_changed_and_turned_off(
    room: Room, student: User, student_client: Client, visitor_client: Client
) -> None:
    page = text_of(body(student_client.get("/me/")))
    assert "Make my calendar address" in page
    addresses = []
    for _time in range(2):
        student_client.post("/me/calendar/", {"turn": "new"})
        token = calendars.token_of(CalendarFeed.objects.get(user=student))
        addresses.append(f"/calendar/{token}.ics")
        assert f"http://testserver{addresses[-1]}" in body(student_client.get("/me/"))
    assert [visitor_client.get(path).status_code for path in addresses] == [404, 200]
    student_client.post("/me/calendar/", {"turn": "off"})
    assert visitor_client.get(addresses[1]).status_code == 404


def test_calendar_opens_to_no_forged_token(
    room: Room, student: User, visitor_client: Client, other_student: User
) -> None:
    feed = notices.turn_calendar_on(by=student)
    other = notices.turn_calendar_on(by=other_student)
    token = calendars.token_of(feed)
    mixed = token.replace(feed.nonce, other.nonce)
    forged = [
        feed.nonce,
        f"{feed.nonce}.x",
        mixed,
        token[:-1],
        token + "x",
        "x" * 5000,
        "ключ",
        "%00",
    ]
    assert {visitor_client.get(f"/calendar/{one}.ics").status_code for one in forged} == {404}
    assert visitor_client.get(f"/calendar/{token}.ics").status_code == 200
    student.is_active = False
    student.save()
    assert visitor_client.get(f"/calendar/{token}.ics").status_code == 404


def test_a_guest_has_no_calendar(guest_client: Client, visitor_client: Client) -> None:
    assert guest_client.post("/me/calendar/").status_code == 404
    assert visitor_client.post("/me/calendar/")["Location"].startswith("/accounts/sign-in/")
    assert not CalendarFeed.objects.exists()


def test_erasing_takes_the_calendar_and_notices_too(room: Room, student: User) -> None:
    room.give()
    notices.turn_calendar_on(by=student)
    erase_learner(learner=student)
    assert not CalendarFeed.objects.exists()
    assert not Notice.objects.exists()


# --- Merging, in any case -------------------------------------------------------------------

moments = st.none() | st.integers(-100, 100).map(
    lambda hours: datetime(2026, 5, 4, tzinfo=UTC) + timedelta(hours=hours)
)


@for_any(moments, moments, moments, moments, st.integers(-120, 120))
def test_a_task_is_in_one_list_by_the_students_own_dates(
    due: datetime | None,
    closes: datetime | None,
    own_due: datetime | None,
    own_closes: datetime | None,
    hours: int,
) -> None:
    moment = datetime(2026, 5, 4, tzinfo=UTC) + timedelta(hours=hours)
    task = Task(
        assignment=Assignment(delivery=Delivery(due_at=due, closes_at=closes), pk=1),
        moment=moment,
        steps=[],
        exception=DeliveryException(due_at=own_due, closes_at=own_closes),
        last_due=None,
    )
    work = sort_tasks([task])
    assert [len(part) for part in (work.to_do, work.late, work.done)].count(1) == 1
    held_due, held_closes = own_due or due, own_closes or closes
    over = bool(held_closes and moment >= held_closes)
    late = bool(held_due and moment > held_due + timedelta(seconds=30))
    assert bool(work.late) == (over or late)


def test_the_zone_of_each_class_is_its_own(
    room: Room, student: User, instructor: User, student_client: Client
) -> None:
    karachi = open_room(instructor, student, zone="Asia/Karachi")
    due = datetime(2099, 1, 4, 12, tzinfo=UTC)
    for place in (room, karachi):
        place.give(terms={"due_at": due})
    page = text_of(body(student_client.get("/me/")))
    assert "4 January 2099, 12:00 (Europe/London)" in page
    assert "4 January 2099, 17:00 (Asia/Karachi)" in page


def test_late_work_says_so_once_its_time_has_come(room: Room, student_client: Client) -> None:
    due = timezone.now() + HOUR
    room.give(terms={"due_at": due})
    assert "late-list" not in body(student_client.get("/me/"))
    with time_machine.travel(due + HOUR):
        page = body(student_client.get("/me/"))
    assert "late-list" in page
    assert form(page, "/me/calendar/") == {}
