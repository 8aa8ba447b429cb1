"""While work that was given out is not released, no road tells its student what is right in it;
and how assigned work behaves: closed, late, strict, limited, and looked at by its teachers."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lessons.accounts.models import User
from lessons.classrooms.domain import assignments as domain
from lessons.classrooms.domain import classes
from lessons.classrooms.models import Assignment, Membership
from lessons.classrooms.work import given_work
from lessons.core.models import ContentVersion
from lessons.guided.models import Module, Progress, Step
from lessons.quizzes.models import Attempt, Delivery, Response
from lessons.quizzes.sittings import ItemView, load_sitting
from lessons.quizzes.terms import is_withheld, withheld_among
from tests.conftest import ClientOf, make_user
from tests.guided.reading import (
    HTMX,
    LESSON,
    PRACTICE_STEPS,
    STEPS,
    all_right,
    body,
    positions,
    put_down,
    right,
    text_of,
    wrong,
)
from tests.guided.test_secrecy import all_secrets, found_in

from .giving import DAY, HOUR, SLUG, Room, hand_in, lesson, open_room, quiz, work_base

pytestmark = pytest.mark.django_db

CHECK = "a-letter-arrives"
WHAT = ["module", "lesson", "quiz"]
VERDICTS = re.compile(
    r"Right\.|Not this one|Right in part|Partly right|As the record has it|Not as the record|"
    r"of 6 points|option (right|wrong|missed|also|out)|\"score\""
)


@pytest.fixture
def room(instructor: User, student: User) -> Room:
    return open_room(instructor, student)


def give(room: Room, what: str = "lesson", **terms: Any) -> Assignment:
    thing = {"module": Module.objects.get(), "lesson": lesson(), "quiz": quiz()}[what]
    return room.give(thing, terms=terms)


def unreleased(rule: str) -> dict[str, Any]:
    terms: dict[str, Any] = {"release": rule}
    if rule == "after-due":
        terms["due_at"] = timezone.now() + DAY
    return terms


def view_at(learner: User, row: Assignment | None, step: str, position: int = 1) -> ItemView:
    of = Step.objects.get(lesson__slug=SLUG, slug=step).quiz
    assert of is not None
    delivery = row.delivery if row else Delivery.objects.self_study()
    version = ContentVersion.current()
    found = load_sitting(quiz=of, delivery=delivery, learner=learner, version=version).at(position)
    assert found is not None
    return found


def answer_at(
    client: Client,
    learner: User,
    row: Assignment | None,
    step: str,
    what: str = "wrong",
    position: int = 1,
    **headers: Any,
) -> Any:
    base = work_base(row) if row else LESSON
    view = view_at(learner, row, step, position)
    action = f"{base}{step}/questions/{position}/"
    given = right(view) if what == "right" else wrong(view)
    page = body(client.get(f"{base}{step}/"))
    return client.post(action, put_down(page, action, view, given), **headers)


def take_quiz(client: Client, learner: User, base: str) -> None:
    """The closing quiz handed in through its pages, in self-study."""
    client.post(f"{base}closing-quiz/start/")
    fields = all_right(body(client.get(f"{base}closing-quiz/")), learner)
    client.post(f"{base}closing-quiz/review/", fields)
    client.post(f"{base}closing-quiz/submit/", {"reader": fields["reader"]})


def roads(base: str) -> list[str]:
    """Every page that shows a learner's own answers in a lesson."""
    steps = [f"{base}{step}/{query}" for step in STEPS for query in ("", "?attempt=1", "?review=1")]
    return [base, *steps, f"{base}findings/", f"{base}print/", "/me/", "/me/data/export/", "/"]


def told(client: Client, base: str) -> dict[str, list[str]]:
    """Road → what it tells of what is right, of feedback or of a verdict."""
    secrets, found = all_secrets(), {}
    for path in roads(base):
        for headers in ({}, HTMX):
            page = body(client.get(path, headers=headers))
            leaks = found_in(page, secrets) + [m.group() for m in VERDICTS.finditer(page)]
            if leaks:
                found[path] = leaks
    return found


# --- Practice ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "rule", "given", "headers"),
    [  # half of the sixteen, chosen so that any three of the four meet in every way
        ("module", "by-hand", "right", {}),
        ("module", "by-hand", "wrong", HTMX),
        ("module", "after-due", "right", HTMX),
        ("module", "after-due", "wrong", {}),
        ("lesson", "by-hand", "right", HTMX),
        ("lesson", "by-hand", "wrong", {}),
        ("lesson", "after-due", "right", {}),
        ("lesson", "after-due", "wrong", HTMX),
    ],
)
def test_practice_elsewhere_closes_untold_after_one_try(
    what: str,
    rule: str,
    given: str,
    headers: dict[str, str],
    room: Room,
    student: User,
    student_client: Client,
    other_student: User,
    client_of: ClientOf,
) -> None:
    give(room, what, **unreleased(rule))
    for step in PRACTICE_STEPS:
        for position in positions(step):
            answer = answer_at(
                student_client, student, None, step, given, position, headers=headers
            )
            assert answer.status_code == (200 if headers else 302)
            assert found_in(body(answer), all_secrets()) == []
            assert VERDICTS.search(body(answer)) is None
    assert told(student_client, LESSON) == {}
    assert not Attempt.objects.filter(learner=student, submitted_at=None).exists()
    assert Response.objects.filter(version=2).count() == 0
    # Somebody without this work, in no class or another one, is told as ever.
    open_room(make_user("t", is_instructor=True), other_student)
    other = client_of(other_student)
    answer_at(other, other_student, None, CHECK, given)
    question = "letter-own-behalf"
    page = found_in(body(other.get(f"{LESSON}{CHECK}/")), all_secrets())
    assert [one for one in page if one.startswith(question)]


def test_a_second_try_is_refused_while_withheld(
    room: Room, student: User, student_client: Client
) -> None:
    give(room, release="by-hand")
    view, action = view_at(student, None, CHECK), f"{LESSON}{CHECK}/questions/1/"
    page = body(student_client.get(f"{LESSON}{CHECK}/"))
    fields = put_down(page, action, view, wrong(view))
    assert student_client.post(action, fields).status_code == 302
    again = {**put_down(page, action, view, right(view)), "q1-tries": "1"}
    again["q1-uuid"] = "5e7d5ad0-7e4f-4c02-8e09-f4f6a0e3a8f0"
    refused = student_client.post(action, again)
    assert refused.status_code == 409
    assert found_in(body(refused), all_secrets()) == []
    # Judging a written answer by the rubric would show the rubric.
    answer_at(student_client, student, None, "in-your-own-words")
    assess = f"{LESSON}in-your-own-words/questions/1/assess/"
    mark = fields["reader"][0]
    assert student_client.post(assess, {"reader": mark}).status_code == 409


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("rule", ["by-hand", "after-due", "after-submit"])
def test_the_work_itself_tells_nothing_before_its_release(
    rule: str, headers: dict[str, str], room: Room, student: User, student_client: Client
) -> None:
    row = give(room, **unreleased(rule))
    base = work_base(row)
    for step in PRACTICE_STEPS[:3]:
        answer = answer_at(student_client, student, row, step, "wrong", headers=headers)
        if rule != "after-submit":
            assert found_in(body(answer), all_secrets()) == []
            assert VERDICTS.search(body(answer)) is None
    if rule == "after-submit":  # practice is handed in as it is checked
        assert [one for one in told(student_client, base) if CHECK in one]
        return
    assert told(student_client, base) == {}


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_work_told_after_handing_in_waits_for_other_work_too(
    headers: dict[str, str], room: Room, student: User, student_client: Client
) -> None:
    row = give(room, release="after-submit")
    give(room, release="by-hand")
    answer = answer_at(student_client, student, row, CHECK, headers=headers)
    assert found_in(body(answer), all_secrets()) == []
    assert VERDICTS.search(body(answer)) is None
    assert told(student_client, work_base(row)) == {}


def test_release_opens_every_road_again(room: Room, student: User, student_client: Client) -> None:
    row = give(room, release="by-hand")
    answer_at(student_client, student, row, CHECK)
    answer_at(student_client, student, None, CHECK)
    domain.release_answers(assignment=row, by=room.teacher)
    for base in (LESSON, work_base(row)):
        page = body(student_client.get(f"{base}{CHECK}/"))
        assert "letter-own-behalf: explanation" in found_in(page, all_secrets())


def test_after_due_opens_with_the_last_extension(
    room: Room, student: User, student_client: Client
) -> None:
    due = timezone.now() + HOUR
    row = give(room, release="after-due", due_at=due)
    late = room.join(make_user("yuki"))
    domain.extend(assignment=row, membership=late, by=room.teacher, due_at=due + DAY)
    answer_at(student_client, student, row, CHECK)

    def shown() -> bool:
        page = body(student_client.get(f"{work_base(row)}{CHECK}/"))
        return "letter-own-behalf: explanation" in found_in(page, all_secrets())

    for after, expected in ((HOUR, False), (DAY - HOUR, False), (DAY + HOUR, True)):
        with time_machine.travel(due + after):
            assert shown() is expected


# --- Graded -----------------------------------------------------------------------------------


@pytest.mark.parametrize("what", WHAT)
@pytest.mark.parametrize("rule", ["at-once", "after-submit", "after-due", "by-hand"])
def test_graded_quiz_taken_elsewhere_first_tells_nothing(
    what: str, rule: str, room: Room, student: User, student_client: Client
) -> None:
    give(room, what, **unreleased(rule))
    take_quiz(student_client, student, LESSON)
    assert Attempt.objects.get(learner=student).submitted_at is not None
    assert told(student_client, LESSON) == {}
    assert "not released yet" in text_of(body(student_client.get("/me/")))


def test_taken_here_at_once_it_is_told_everywhere(
    room: Room, student: User, student_client: Client
) -> None:
    row = give(room, "quiz")
    take_quiz(student_client, student, LESSON)
    hand_in(student, row)
    for path in (f"{LESSON}closing-quiz/", f"{work_base(row)}closing-quiz/", "/me/"):
        assert "6 of 6" in text_of(body(student_client.get(path)))


def test_what_the_plan_leaves_out_is_not_withheld(
    room: Room, student: User, student_client: Client
) -> None:
    row = give(room, release="by-hand")
    self_study = Delivery.objects.self_study()
    assert is_withheld(student, quiz(), self_study)
    kept = [step for step in lesson().steps.all() if step.quiz != quiz()]
    domain.change_assignment(assignment=row, by=room.teacher, plan=domain.Plan(steps=kept))
    assert not is_withheld(student, quiz(), self_study)
    take_quiz(student_client, student, LESSON)
    assert "6 of 6 points" in text_of(body(student_client.get(f"{LESSON}closing-quiz/")))
    assert student_client.get(f"{work_base(row)}closing-quiz/").status_code == 404


@pytest.mark.parametrize("what", WHAT)
@pytest.mark.parametrize("rule", ["at-once", "after-submit", "after-due", "by-hand"])
@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("closed", [False, True])
def test_one_and_many_agree_on_what_is_withheld(
    what: str, rule: str, done: bool, closed: bool, room: Room, student: User
) -> None:
    terms = unreleased(rule)
    row = give(room, what, **terms)
    if done:
        hand_in(student, row)
    if closed:
        Delivery.objects.filter(pk=row.delivery_id).update(
            closes_at=timezone.now() - HOUR, due_at=timezone.now() - DAY
        )
    self_study = Delivery.objects.self_study()
    quizzes = [step.quiz for step in lesson().steps.all() if step.quiz]
    graded = {quiz().pk}
    all_of_it = graded if what == "quiz" else {one.pk for one in quizzes}
    expected: set[int] = {
        "at-once": set() if done or closed else graded,
        "after-submit": set() if closed else all_of_it - (graded if done else set()),
        "after-due": set() if closed else all_of_it,
        "by-hand": all_of_it,
    }[rule]
    assert {one.pk for one in quizzes if is_withheld(student, one, self_study)} == expected
    assert withheld_among(student, quizzes, self_study) == expected
    assert withheld_among(student, quizzes, row.delivery) == set()


def test_withdrawn_work_and_classes_left_withhold_nothing(room: Room, student: User) -> None:
    row, self_study = give(room, release="by-hand"), Delivery.objects.self_study()
    domain.withdraw(assignment=row, by=room.teacher)
    assert not is_withheld(student, quiz(), self_study)
    domain.withdraw(assignment=row, by=room.teacher, withdrawn=False)
    assert is_withheld(student, quiz(), self_study)
    classes.leave_class(membership=Membership.objects.get(user=student), by=student)
    assert not is_withheld(student, quiz(), self_study)


# --- How assigned work behaves ------------------------------------------------------------------


def test_banner_says_what_whose_and_until_when(
    room: Room, student: User, student_client: Client, other_student: User, client_of: ClientOf
) -> None:
    due = datetime(2099, 5, 4, 16, tzinfo=UTC)
    row = give(room, due_at=due)
    second = room.join(other_student)
    domain.extend(assignment=row, membership=second, by=room.teacher, due_at=due + DAY)
    for path in (work_base(row), f"{work_base(row)}{CHECK}/"):
        # The sheet is shared; each reader's own date is in a gap.
        for client, day in (
            (student_client, "Monday, 4"),
            (client_of(other_student), "Tuesday, 5"),
        ):
            page = text_of(body(client.get(path)))
            assert (
                f"Read the letter · History 10b Due {day} May 2099, 17:00 (Europe/London)." in page
            )
    assert 'class="given"' not in body(student_client.get(f"{LESSON}{CHECK}/"))


def test_renamed_work_is_renamed_in_its_banner_at_once(room: Room, student_client: Client) -> None:
    row = give(room)
    path = f"{work_base(row)}{CHECK}/"
    student_client.get(path)
    domain.change_assignment(assignment=row, by=room.teacher, title="A new <b>name</b>")
    assert "A new &lt;b&gt;name&lt;/b&gt;" in body(student_client.get(path))


def test_closed_work_is_read_and_not_answered(
    room: Room, student: User, student_client: Client
) -> None:
    closes = timezone.now() + DAY
    row = give(room, closes_at=closes)
    base = work_base(row)
    view, action = view_at(student, row, CHECK), f"{base}{CHECK}/questions/1/"
    fields = put_down(body(student_client.get(f"{base}{CHECK}/")), action, view, right(view))
    answer_at(student_client, student, row, "a-middle-position", "right", 1)
    pair = f"{base}a-middle-position/questions/2/"
    waiting = put_down(
        body(student_client.get(f"{base}a-middle-position/")),
        pair,
        view_at(student, row, "a-middle-position", 2),
        right(view_at(student, row, "a-middle-position", 2)),
    )
    with time_machine.travel(closes + HOUR):
        page = body(student_client.get(f"{base}{CHECK}/"))
        assert "Closed since" in text_of(page)
        assert "answers are not taken any more" in text_of(page)
        assert ">Check</button>" not in page
        assert "disabled" in page
        for at, sent in ((action, fields), (pair, waiting)):
            refused = student_client.post(at, sent)
            assert refused.status_code == 409
        assert found_in(body(student_client.post(action, fields)), all_secrets()) == []
        assert "This is closed: answers are not taken any more." in text_of(
            body(student_client.post(action, fields))
        )
        assert student_client.post(f"{action}draft/", fields).status_code == 409
        quiz_page = text_of(body(student_client.get(f"{base}closing-quiz/")))
        assert "it cannot be started any more" in quiz_page
        student_client.post(f"{base}closing-quiz/start/")
    assert Attempt.objects.filter(quiz=quiz()).count() == 0
    assert Response.objects.count() == 1


@pytest.mark.parametrize("policy", ["none", "per-day"])
def test_late_quiz_says_what_it_costs_before_and_after(
    policy: str, room: Room, student: User, student_client: Client
) -> None:
    terms = {"due_at": timezone.now() - DAY - HOUR, "late_policy": policy}
    row = give(room, "quiz", **terms, late_per_day=Decimal("0.05"))
    path = f"{work_base(row)}closing-quiz/"
    off = "10% is taken off." if policy == "per-day" else "Nothing is taken off."
    before = f"Handed in now, it is 2 days late. {off}"
    assert before in text_of(body(student_client.get(path)))
    student_client.post(f"{path}start/")
    for query in ("", "?review=1"):
        assert before in text_of(body(student_client.get(path + query)))
    Attempt.objects.all().delete()
    hand_in(student, row, moment=timezone.now())
    page = text_of(body(student_client.get(path)))
    assert f"Handed in 2 days late. {off}" in page
    assert ("5.4 of 6 points count." in page) is (policy == "per-day")
    # An extension given afterwards takes it all back, since nothing of it is stored.
    member = Membership.objects.get(user=student)
    due = timezone.now() + DAY
    domain.extend(assignment=row, membership=member, by=room.teacher, due_at=due)
    page = text_of(body(student_client.get(path)))
    assert ("days late" in page, "It was due" in page) == (False, False)


def test_refused_policy_closes_at_the_due_date(
    room: Room, student: User, student_client: Client
) -> None:
    row = give(room, "quiz", due_at=timezone.now() - HOUR, late_policy="refused")
    path = f"{work_base(row)}closing-quiz/"
    assert "Closed since" in text_of(body(student_client.get(path)))
    student_client.post(f"{path}start/")
    assert not Attempt.objects.exists()


def test_attempts_are_counted_and_more_can_be_given(
    room: Room, student: User, student_client: Client
) -> None:
    row = give(room, "quiz", attempts_allowed=1)
    path = f"{work_base(row)}closing-quiz/"
    assert "You have one attempt." in text_of(body(student_client.get(path)))
    hand_in(student, row)
    page = body(student_client.get(path))
    assert "No attempt is left." in text_of(page)
    assert f"{path}again/" not in page
    student_client.post(f"{path}again/")
    assert Attempt.objects.count() == 1
    member = Membership.objects.get(user=student)
    domain.extend(assignment=row, membership=member, by=room.teacher, attempts_allowed=2)
    assert f"{path}again/" in body(student_client.get(path))
    student_client.post(f"{path}again/")
    assert Attempt.objects.count() == 2


def test_time_limit_is_the_students_own(room: Room, student: User, student_client: Client) -> None:
    row = give(room, "quiz", time_limit_seconds=600)
    path = f"{work_base(row)}closing-quiz/"
    assert "You have 10 minutes" in text_of(body(student_client.get(path)))
    member = Membership.objects.get(user=student)
    classes.set_time_multiplier(membership=member, multiplier=Decimal("1.5"), by=room.teacher)
    assert "You have 15 minutes" in text_of(body(student_client.get(path)))
    student_client.post(f"{path}start/")
    attempt = Attempt.objects.get()
    assert attempt.deadline == attempt.started_at + timedelta(minutes=15)
    assert "(Europe/London)" in text_of(body(student_client.get(path))).split("Your time ends")[1]


def test_strict_gating_leads_to_the_step_that_waits(
    room: Room, student: User, student_client: Client, instructor_client: Client
) -> None:
    row = give(room, gating="strict")
    base = work_base(row)
    locked = student_client.get(f"{base}{CHECK}/")
    assert locked.status_code == 404
    assert f'href="{base}what-is-this/"' in body(locked)
    page = body(student_client.get(f"{base}what-is-this/"))
    assert f'href="{base}{CHECK}/"' not in page
    assert f"{base}what-is-this/finish/" not in page
    assert "The next step opens when the questions here are answered." in text_of(page)
    skipped = student_client.post(f"{base}what-is-this/finish/")
    assert skipped["Location"] == f"{base}what-is-this/#questions"
    assert not Progress.objects.filter(step__slug="what-is-this").exists()
    answer_at(student_client, student, row, "what-is-this", "wrong")
    assert student_client.get(f"{base}{CHECK}/").status_code == 200
    assert f'href="{base}{CHECK}/"' in body(student_client.get(f"{base}what-is-this/"))
    # The teacher looks at everything; a change of the gating is seen by everybody at once.
    assert instructor_client.get(f"{base}closing-quiz/").status_code == 200
    domain.change_assignment(assignment=row, by=room.teacher, terms={"gating": "open"})
    assert student_client.get(f"{base}closing-quiz/").status_code == 200
    page = body(student_client.get(f"{base}what-is-this/"))
    assert f'href="{base}closing-quiz/"' in page


def test_teachers_try_it_before_it_opens_and_count_nowhere(
    room: Room, instructor: User, instructor_client: Client, student: User
) -> None:
    row = give(room, opens_at=timezone.now() + DAY, attempts_allowed=1)
    base = work_base(row)
    page = text_of(body(instructor_client.get(f"{base}{CHECK}/")))
    assert "What you answer here counts nowhere." in page
    assert answer_at(instructor_client, instructor, row, CHECK, "right").status_code == 302
    found = given_work(room.classroom)[0]
    assert (found.begun_count, found.done_count, found.learner_count) == (0, 0, 1)
    row.delivery.refresh_from_db()
    assert row.delivery.opens_at is not None
    assert row.delivery.attempts_allowed == 1


def test_a_step_of_assigned_work_stays_cheap(
    room: Room, student: User, student_client: Client
) -> None:
    costs = set()
    for number in range(3):
        row = give(room, due_at=timezone.now() + (number + 1) * DAY)
        path = f"{work_base(row)}{CHECK}/"
        student_client.get(path)
        with CaptureQueriesContext(connection) as queries:
            student_client.get(path)
        costs.add(len(queries))
    assert costs == {8}
