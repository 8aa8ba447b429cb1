"""Giving out work, changing it, planning it, extending and releasing it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given as for_any
from hypothesis import strategies as st

from lessons.accounts.models import User
from lessons.classrooms.access import May
from lessons.classrooms.assignment_forms import number_in_full
from lessons.classrooms.catalogue import catalogue, find, search
from lessons.classrooms.domain import assignments as domain
from lessons.classrooms.domain import classes
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.models import Assignment, Group, Membership, Notice
from lessons.classrooms.plans import plan_form
from lessons.classrooms.saying import release_words
from lessons.classrooms.urls.assignments import urlpatterns
from lessons.classrooms.work import given_work, last_extension_of
from lessons.core.models import ContentVersion
from lessons.guided.models import Lesson, Module
from lessons.quizzes.models import Attempt, Delivery, DeliveryException
from lessons.quizzes.models.deliveries import Release
from tests.conftest import ClientOf, make_user
from tests.guided.reading import Forms, body, form, text_of

from .giving import (
    DAY,
    HOUR,
    SLUG,
    Room,
    begin,
    do_everything,
    hand_in,
    lesson,
    many,
    open_room,
    quiz,
    work_base,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
Kind = Notice.Kind


@pytest.fixture
def room(instructor: User, student: User) -> Room:
    return open_room(instructor, student)


def told(user: User) -> list[tuple[str, str]]:
    return [(n.kind, n.detail) for n in Notice.objects.filter(user=user).order_by("pk")]


def new_form(client: Client, room: Room, what: str) -> tuple[str, dict[str, Any]]:
    address = f"{room.address('assignment-new')}?what={what}"
    return address, form(body(client.get(address)), "")


# --- Domain ---------------------------------------------------------------------------------


def test_work_for_a_group_is_for_its_members_and_for_chosen_students(
    room: Room, student: User, other_student: User, guest: User
) -> None:
    second, third = room.join(other_student), room.join(make_user("yuki"))
    group = Group.objects.create(classroom=room.classroom, name="Readers")
    group.members.set([second])
    first = Membership.objects.get(user=student)
    row = room.give(groups=[group], members=[first])
    assert set(domain.learners_of(row)) == {first, second}
    assert [told(m.user) for m in (first, second, third)] == [[("given", "")]] * 2 + [[]]
    domain.change_assignment(assignment=row, by=room.teacher, members=[third])
    assert list(domain.learners_of(row)) == [third]
    assert told(third.user) == [("given", "")]


def test_a_student_added_later_gets_the_standing_multiplier_too(room: Room, student: User) -> None:
    slow = room.join(make_user("slow"))
    classes.set_time_multiplier(membership=slow, multiplier=Decimal("1.5"), by=room.teacher)
    row = room.give(members=[Membership.objects.get(user=student)])
    assert not row.delivery.exceptions.exists()
    domain.change_assignment(assignment=row, by=room.teacher, for_everyone=True)
    assert row.delivery.exceptions.get().time_multiplier == Decimal("1.5")


def test_an_extension_taken_back_leaves_the_standing_multiplier(room: Room, student: User) -> None:
    member = Membership.objects.get(user=student)
    classes.set_time_multiplier(membership=member, multiplier=Decimal(2), by=room.teacher)
    row = room.give(terms={"due_at": NOW})
    domain.extend(assignment=row, membership=member, by=room.teacher, due_at=NOW + DAY)
    domain.take_extension_back(assignment=row, membership=member, by=room.teacher)
    left = row.delivery.exceptions.get()
    assert (left.due_at, left.time_multiplier, left.reason) == (None, Decimal(2), "")
    classes.set_time_multiplier(membership=member, multiplier=Decimal(1), by=room.teacher)
    domain.extend(assignment=row, membership=member, by=room.teacher, due_at=NOW + DAY)
    domain.take_extension_back(assignment=row, membership=member, by=room.teacher)
    assert not row.delivery.exceptions.exists()
    assert [kind for kind, _detail in told(student)] == ["given", *["changed"] * 4]


def test_extension_must_fit_the_class_dates(room: Room, student: User) -> None:
    row = room.give(terms={"due_at": NOW, "closes_at": NOW + DAY})
    member = Membership.objects.get(user=student)
    with pytest.raises(ClassRefused) as refused:
        domain.extend(assignment=row, membership=member, by=room.teacher, due_at=NOW + 2 * DAY)
    assert refused.value.field == "closes_at"
    assert not row.delivery.exceptions.exists()


def test_moving_keeps_every_assignment_once(room: Room) -> None:
    rows = [room.give(title=str(n)) for n in range(4)]
    Assignment.objects.update(position=0)  # as after a copy: all alike
    domain.withdraw(assignment=rows[1], by=room.teacher)
    domain.move(assignment=rows[3], by=room.teacher, up=True)
    domain.move(assignment=rows[0], by=room.teacher, up=True)
    given = Assignment.objects.given().values_list("title", flat=True)
    assert list(given) == ["0", "3", "2"]
    domain.move(assignment=rows[0], by=room.teacher, up=False)
    assert list(given.all()) == ["3", "0", "2"]


def test_a_copy_has_the_plan_and_terms_but_no_dates(room: Room, instructor: User) -> None:
    steps = list(lesson().steps.order_by("-order")[:2])
    row = room.give(
        plan=domain.Plan(steps=steps),
        terms={"due_at": NOW, "release": Release.AFTER_DUE, "gating": "strict"},
        weight=Decimal(3),
    )
    other = open_room(instructor)
    copy = domain.copy_assignment(assignment=row, classroom=other.classroom, by=instructor)
    assert (copy.title, copy.weight, copy.classroom) == (row.title, 3, other.classroom)
    terms = copy.delivery
    assert (terms.due_at, terms.release, terms.gating) == (None, Release.BY_HAND, "strict")
    chosen = terms.chosen_steps.order_by("position").values_list("step", flat=True)
    assert list(chosen) == [step.pk for step in steps]


def test_later_closing_reaches_open_attempts_at_once(room: Room, student: User) -> None:
    closes = timezone.now() + DAY
    row = room.give(terms={"closes_at": closes})
    attempt = begin(student, row)
    domain.change_assignment(assignment=row, by=room.teacher, terms={"closes_at": closes + HOUR})
    attempt.refresh_from_db()
    assert attempt.deadline == closes + HOUR
    assert told(student)[-1] == ("changed", "closes")


# --- The list -------------------------------------------------------------------------------


def test_list_counts_who_is_done(room: Room, student: User, other_student: User) -> None:
    room.join(other_student)
    row, some = room.give(), room.give(members=[Membership.objects.get(user=student)])
    do_everything(student, row)
    begin(other_student, row)
    do_everything(room.teacher, row)  # who teaches is not counted
    do_everything(other_student, some)  # nor is who was not given it
    found = given_work(room.classroom)
    assert [(one.done_count, one.begun_count, one.learner_count) for one in found] == [
        (1, 1, 2),
        (0, 0, 1),
    ]


def test_done_goes_by_the_plan(room: Room, student: User) -> None:
    row = room.give()
    steps = list(lesson().steps.all())
    do_everything(student, row)
    domain.change_assignment(assignment=row, by=room.teacher, plan=domain.Plan(steps=steps[:3]))
    assert [(one.done_count, one.step_count) for one in given_work(room.classroom)] == [(1, 3)]


@pytest.mark.parametrize("students", [1, 3, 30])
def test_list_costs_the_same_for_many(students: int, room: Room, client_of: ClientOf) -> None:
    users = many(room, students)
    for number in range(students):
        row = room.give(title=f"Work {number}", terms={"due_at": NOW, "release": "after-due"})
        begin(users[number], row)
        member = Membership.objects.get(user=users[number])
        domain.extend(assignment=row, membership=member, by=room.teacher, due_at=NOW + DAY)
    client = client_of(room.teacher)
    client.get(room.address("assignment-list"))
    with CaptureQueriesContext(connection) as queries:
        page = text_of(body(client.get(room.address("assignment-list"))))
    assert len(queries) == 10
    assert "After due" not in page  # it is long past; "shown since" stands there
    assert page.count("Answers are shown since 2 May 2026, 10:00.") == students


def test_withdrawn_work_is_gone_for_students_and_can_be_given_back(
    room: Room, student_client: Client, instructor_client: Client
) -> None:
    row = room.give()
    address = room.address("assignment-withdraw", row.pk)
    assert student_client.get(work_base(row)).status_code == 200
    answer = instructor_client.post(address)
    assert answer["Location"] == f"{room.address('assignment-list')}#assignment-{row.pk}"
    assert student_client.get(work_base(row)).status_code == 404
    assert row.title not in text_of(body(student_client.get("/me/")))
    page = text_of(body(instructor_client.get(room.address("assignment-list"))))
    assert "is withdrawn" in page
    assert "Give it back" in page
    instructor_client.post(address, {"restore": "1"})
    assert student_client.get(work_base(row)).status_code == 200


# --- Giving out -----------------------------------------------------------------------------


def test_two_plain_steps_give_out_a_lesson(
    room: Room, student: User, instructor_client: Client
) -> None:
    start = room.address("assignment-new")
    page = body(instructor_client.get(f"{start}?q=middle position"))
    chosen = f"lesson-{lesson().pk}"
    assert f"?what={chosen}" in page
    assert f"/work/preview/lessons/{SLUG}/" in page
    assert "The air route" not in text_of(page)
    address, fields = new_form(instructor_client, room, chosen)
    assert fields["title"] == [lesson().title]
    assert (fields["audience"], fields["release"], fields["gating"]) == (
        ["everyone"],
        ["at-once"],
        ["soft"],
    )
    fields |= {
        "due_at": "2026-05-04T17:00",
        "late_policy": "per-day",
        "late_percent": "12.5",
        "time_limit": "20",
    }
    answer = instructor_client.post(address, fields)
    row = Assignment.objects.get()
    assert answer["Location"] == f"{room.address('assignment-list')}#assignment-{row.pk}"
    delivery = row.delivery
    assert (row.lesson, row.is_for_everyone, row.created_by) == (lesson(), True, room.teacher)
    assert delivery.due_at == datetime(2026, 5, 4, 16, tzinfo=UTC)
    assert (delivery.late_per_day, delivery.time_limit_seconds) == (Decimal("0.125"), 1200)
    assert told(student) == [("given", "")]


def test_a_graded_quiz_alone_waits_for_the_last_by_default(
    room: Room, instructor_client: Client
) -> None:
    address, fields = new_form(instructor_client, room, f"quiz-{quiz().pk}")
    assert fields["release"] == ["after-due"]
    assert instructor_client.post(address, fields).status_code == 302
    row = Assignment.objects.get()
    assert [step.step.slug for step in row.delivery.chosen_steps.all()] == ["closing-quiz"]


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"title": ""}, "title", "This field is required."),
        ({"audience": "some"}, "audience", "Tick at least one group or student"),
        ({"due_at": "", "release": "after-due"}, "due_at", "so give a due date"),
        ({"due_at": "", "late_policy": "refused"}, "due_at", "needs one"),
        ({"late_policy": "per-day"}, "late_percent", "Say how much"),
        ({"due_at": "yesterday"}, "due_at", "such as 2026-05-04 17:00"),
        ({"due_at": "9999-01-01T00:00"}, "due_at", "between 2000 and 2100"),
        ({"due_at": "275760-09-13T00:00"}, "due_at", "such as 2026-05-04 17:00"),
        (
            {"opens_at": "2027-01-02T00:00", "due_at": "2027-01-01T00:00"},
            "due_at",
            "after it opens",
        ),
        ({"closes_at": "2025-01-01T00:00", "due_at": "2026-01-01T00:00"}, "closes_at", "before it"),
        ({"weight": "-1"}, "weight", "greater than or equal to 0"),
        ({"attempts_allowed": "0"}, "attempts_allowed", "greater than or equal to 1"),
        ({"members": "999999"}, "members", "valid choice"),
        ({"title": "a\u202eb"}, "title", "cannot be seen"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(
    changes: dict[str, str], name: str, words: str, room: Room, instructor_client: Client
) -> None:
    address, fields = new_form(instructor_client, room, f"lesson-{lesson().pk}")
    answer = instructor_client.post(address, {**fields, **changes})
    assert answer.status_code == 422
    assert any(words in error for error in answer.context["form"].errors[name]), answer.context[
        "form"
    ].errors
    page = body(answer)
    assert f'id="id_{name}_error"' in page
    assert "<title>Error:" in page.replace("\n", "")
    assert not Assignment.objects.exists()


@pytest.mark.parametrize(
    ("field", "typed", "taken", "note"),
    [
        ("due_at", "2026-03-29T01:30", (2026, 3, 29, 1, 30), "go forward"),
        ("due_at", "2026-10-25T01:30", (2026, 10, 25, 1, 30), "the second time was taken"),
        ("opens_at", "2026-10-25T01:30", (2026, 10, 25, 0, 30), "the first time was taken"),
    ],
)
def test_times_that_clocks_skip_or_repeat_are_taken_and_said(
    field: str,
    typed: str,
    taken: tuple[int, ...],
    note: str,
    room: Room,
    instructor_client: Client,
) -> None:
    address, fields = new_form(instructor_client, room, f"lesson-{lesson().pk}")
    sent = {**fields, "due_at": "2027-01-01T00:00", field: typed}
    answer = instructor_client.post(address, sent, follow=True)
    row = Assignment.objects.get()
    assert getattr(row.delivery, field) == datetime(*taken, tzinfo=UTC)  # type: ignore[arg-type,misc]
    assert note in text_of(body(answer))
    # Shown again and saved untouched, it stays the same instant, and nothing is said.
    edit = room.address("assignment-edit", row.pk)
    again = instructor_client.post(edit, form(body(instructor_client.get(edit)), ""), follow=True)
    row.delivery.refresh_from_db()
    assert getattr(row.delivery, field) == datetime(*taken, tzinfo=UTC)  # type: ignore[arg-type,misc]
    assert note not in text_of(body(again))


def test_editing_without_a_change_tells_nobody_and_keeps_seconds(
    room: Room, student: User, instructor_client: Client
) -> None:
    due = NOW + timedelta(seconds=59)
    row = room.give(terms={"due_at": due, "late_policy": "per-day", "late_per_day": Decimal("0.1")})
    edit = room.address("assignment-edit", row.pk)
    fields = form(body(instructor_client.get(edit)), "")
    assert (fields["due_at"], fields["late_percent"]) == (["2026-05-01T10:00"], ["10"])
    assert instructor_client.post(edit, fields).status_code == 302
    row.delivery.refresh_from_db()
    assert row.delivery.due_at == due
    assert told(student) == [("given", "")]


def test_edit_says_what_changes_for_those_who_have_begun(
    room: Room, student: User, instructor_client: Client
) -> None:
    row = room.give()
    edit = room.address("assignment-edit", row.pk)
    assert "Nobody has begun" in text_of(body(instructor_client.get(edit)))
    begin(student, row)
    begin(room.teacher, row)
    page = text_of(body(instructor_client.get(edit)))
    assert "One student has begun to answer." in page
    assert "One attempt is open" in page


def test_give_again_repeats_everything_but_the_dates(
    room: Room, student: User, instructor: User, instructor_client: Client
) -> None:
    steps = list(lesson().steps.all()[:2])
    row = room.give(
        plan=domain.Plan(steps=steps),
        terms={"due_at": NOW, "gating": "strict", "attempts_allowed": 2},
        members=[Membership.objects.get(user=student)],
        instructions="Slowly.",
    )
    other = open_room(instructor)
    page = body(instructor_client.get(room.address("assignment-copy", row.pk)))
    for target, audience in ((room, ["some"]), (other, ["everyone"])):
        address = f"{target.address('assignment-new')}?from={row.pk}"
        assert address in page
        fields = form(body(instructor_client.get(address)), "")
        assert fields["audience"] == audience
        assert (fields["gating"], fields["attempts_allowed"]) == (["strict"], ["2"])
        assert fields["instructions"] == ["Slowly."]
        assert fields["due_at"] != ["2026-05-01T10:00"]
        assert instructor_client.post(address, fields).status_code == 302
        copy = target.classroom.assignments.latest("pk")
        assert [one.step for one in copy.delivery.chosen_steps.all()] == steps
        assert copy.delivery.key != row.delivery.key


def test_another_class_cannot_be_copied_from(
    room: Room, instructor_client: Client, client_of: ClientOf
) -> None:
    stranger = make_user("stranger", is_instructor=True)
    foreign = open_room(stranger).give(title="Foreign work")
    page = body(instructor_client.get(f"{room.address('assignment-new')}?from={foreign.pk}"))
    assert "Foreign work" not in page
    assert "not there any more, or not yours" in page


def test_an_archived_class_gives_out_nothing(room: Room, instructor_client: Client) -> None:
    address, fields = new_form(instructor_client, room, f"lesson-{lesson().pk}")
    classes.archive_class(classroom=room.classroom, by=room.teacher)
    answer = instructor_client.post(address, fields)
    assert answer.status_code == 422
    assert "This class is archived." in text_of(body(answer))


def test_search_finds_questions_and_keeps_what_stands_above_them() -> None:
    choices = catalogue(ContentVersion.current())
    found = search(choices, "AT FIRST glance")
    assert [module.code for module in found] == [f"module-{Module.objects.get().pk}"]
    assert f"lesson-{lesson().pk}" in [one.code for one in found[0].parts]
    assert search(choices, "xyzzy plugh") == []
    assert search(choices, "   ") == list(choices)
    assert find(choices, f"quiz-{quiz().pk}") is not None
    assert find(choices, "quiz-0") is None


@pytest.mark.parametrize(
    "query", ["what=lesson-x", "what=%00", "from=" + "9" * 30, "q=" + "x" * 60000, "q=%00", "what="]
)
def test_odd_queries_show_the_choice(query: str, room: Room, instructor_client: Client) -> None:
    answer = instructor_client.get(f"{room.address('assignment-new')}?{query}")
    assert answer.status_code == 200


@for_any(st.decimals(0, 9999, places=3))
def test_numbers_are_shown_as_one_types_them(value: Decimal) -> None:
    shown = number_in_full(value)
    assert Decimal(shown) == value
    assert not shown.endswith(".")
    assert "E" not in shown


# --- Plan -----------------------------------------------------------------------------------


def plan_fields(client: Client, address: str) -> dict[str, Any]:
    fields = form(body(client.get(address)), "")
    return {name: values[0] for name, values in fields.items()}


def steps_of(row: Assignment) -> list[str]:
    chosen = row.delivery.chosen_steps.order_by("position")
    return list(chosen.values_list("step__slug", flat=True))


def test_plan_leaves_out_and_reorders_by_ticks_and_numbers(
    room: Room, student_client: Client, instructor_client: Client
) -> None:
    row = room.give()
    address = room.address("assignment-plan", row.pk)
    fields = plan_fields(instructor_client, address)
    steps = {step.slug: step for step in lesson().steps.all()}
    del fields[f"step-{steps['headnote'].pk}"]
    fields[f"step-{steps['what-is-this'].pk}-place"] = "99"
    assert instructor_client.post(address, fields).status_code == 302
    row.refresh_from_db()
    expected = ["a-letter-arrives", "at-first-glance", "a-middle-position", "another-record"]
    assert steps_of(row) == [*expected, "in-your-own-words", "closing-quiz", "what-is-this"]
    assert row.delivery.plan == 1
    assert student_client.get(f"{work_base(row)}headnote/").status_code == 404
    page = text_of(body(student_client.get(f"{work_base(row)}what-is-this/")))
    assert "Step 7 of 7" in page
    # Everything back as it stands: no plan is kept, so that it follows later changes.
    instructor_client.post(address, {"restore": "1"})
    row.delivery.refresh_from_db()
    assert (row.delivery.plan, steps_of(row)) == (0, [])


def test_plan_leaves_out_questions_and_only_then_stores_them(
    room: Room, student_client: Client, instructor_client: Client
) -> None:
    row = room.give()
    address = room.address("assignment-plan", row.pk)
    fields = plan_fields(instructor_client, address)
    step = lesson().steps.get(slug="a-middle-position")
    assert step.quiz is not None
    first, second = step.quiz.items.order_by("position")
    del fields[f"question-{step.pk}-{first.question_id}"]
    instructor_client.post(address, fields)
    kept = row.delivery.chosen_items.values_list("question", flat=True)
    assert (list(kept), steps_of(row)) == ([second.question_id], [])
    page = body(student_client.get(f"{work_base(row)}a-middle-position/"))
    assert page.count('class="question"') == 1
    assert second.question.prompt[:30] in text_of(page)


def test_plan_buttons_move_without_saving(room: Room, instructor_client: Client) -> None:
    row = room.give()
    address = room.address("assignment-plan", row.pk)
    fields = plan_fields(instructor_client, address)
    first, second = list(lesson().steps.all()[:2])
    answer = instructor_client.post(address, {**fields, "move": f"step-{second.pk}:up"})
    page = body(answer)
    assert answer.status_code == 200
    assert "It is not saved yet" in text_of(page)
    assert page.index(f'id="step-{second.pk}"') < page.index(f'id="step-{first.pk}"')
    row.delivery.refresh_from_db()
    assert row.delivery.plan == 0
    moved = {name: values[0] for name, values in form(page, "").items()}
    instructor_client.post(address, moved)
    assert steps_of(row)[:2] == [second.slug, first.slug]


def test_plan_keeps_at_least_something(room: Room, instructor_client: Client) -> None:
    row = room.give()
    address = room.address("assignment-plan", row.pk)
    fields = plan_fields(instructor_client, address)
    nothing = {name: value for name, value in fields.items() if name.endswith("-place")}
    answer = instructor_client.post(address, nothing)
    assert (answer.status_code, "Keep at least one step." in body(answer)) == (422, True)
    step = lesson().steps.get(slug="closing-quiz")
    mute = {n: v for n, v in fields.items() if not n.startswith(f"question-{step.pk}-")}
    answer = instructor_client.post(address, mute)
    assert answer.status_code == 422
    assert "Keep at least one question" in text_of(body(answer))
    row.delivery.refresh_from_db()
    assert row.delivery.plan == 0


def test_plan_of_a_module_leaves_out_whole_lessons(
    room: Room, student_client: Client, instructor_client: Client
) -> None:
    row = room.give(Module.objects.get())
    address = room.address("assignment-plan", row.pk)
    fields = plan_fields(instructor_client, address)
    other = Lesson.objects.get(slug="the-air-route")
    for step in other.steps.all():
        fields.pop(f"step-{step.pk}")
    assert instructor_client.post(address, fields).status_code == 302
    assert student_client.get(f"/work/{row.delivery.key}/lessons/the-air-route/").status_code == 404
    assert student_client.get(work_base(row)).status_code == 200


def test_plan_of_a_quiz_alone_chooses_questions_only(room: Room, instructor_client: Client) -> None:
    row = room.give(quiz())
    address = room.address("assignment-plan", row.pk)
    page = body(instructor_client.get(address))
    step = lesson().steps.get(slug="closing-quiz")
    assert f'name="step-{step.pk}"' not in page
    fields = plan_fields(instructor_client, address)
    names = [name for name in fields if name.startswith("question-") and "-place" not in name]
    assert len(names) == 5
    for name in names[1:]:
        del fields[name]
    assert instructor_client.post(address, fields).status_code == 302
    assert (row.delivery.chosen_items.count(), steps_of(row)) == (1, ["closing-quiz"])
    instructor_client.post(address, {"restore": "1"})
    assert steps_of(row) == ["closing-quiz"]


@for_any(data=st.data())
def test_any_numbers_give_an_order_of_the_same_steps(data: st.DataObject) -> None:
    from lessons.classrooms.plans import Line, PlanForm, PlanSheet

    count = data.draw(st.integers(1, 6))
    lines = [Line(f"step-{n}", "", "", n, None, place=n) for n in range(1, count + 1)]  # type: ignore[arg-type]
    form_ = PlanForm([PlanSheet("", lines)], steps_are_fixed=False)
    numbers = st.text("0123456789-x", max_size=7)
    places = {f"step-{n}-place": data.draw(numbers) for n in range(1, count + 1)}
    form_.read(places)
    names = sorted(line.name for line in form_.sheets[0].lines)
    assert names == sorted(f"step-{n}" for n in range(1, count + 1))
    assert [line.place for line in form_.sheets[0].lines] == list(range(1, count + 1))
    up, down = data.draw(st.sampled_from(names)), data.draw(st.booleans())
    order = [line.name for line in form_.sheets[0].lines]
    if form_.move(up, up=down):
        assert form_.move(up, up=not down)
    assert [line.name for line in form_.sheets[0].lines] == order


# --- Extensions -----------------------------------------------------------------------------


def test_extension_is_merged_field_by_field_and_shown(
    room: Room, student: User, instructor_client: Client
) -> None:
    row = room.give(
        quiz(), terms={"due_at": NOW, "closes_at": NOW + 9 * DAY, "time_limit_seconds": 600}
    )
    member = Membership.objects.get(user=student)
    address = room.address("assignment-extension", row.pk, member.pk)
    fields = form(body(instructor_client.get(address)), "")
    fields |= {"due_at": "2026-05-03T10:00", "time_limit": "15", "reason": "ill"}
    assert instructor_client.post(address, fields).status_code == 302
    own = DeliveryException.objects.get()
    assert (own.due_at, own.time_limit_seconds, own.closes_at) == (NOW + 2 * DAY, 900, None)
    page = body(instructor_client.get(room.address("assignment-extensions", row.pk)))
    assert "<b>3 May 2026, 10:00</b>" in page
    assert "<b>15 minutes</b>" in page
    assert "<td>10 May 2026, 10:00</td>" in page
    # The class's closing moves: the student's follows, the student's due date does not.
    domain.change_assignment(
        assignment=row,
        by=room.teacher,
        terms={"closes_at": NOW + 20 * DAY, "due_at": NOW + HOUR},
    )
    page = body(instructor_client.get(room.address("assignment-extensions", row.pk)))
    assert "<b>3 May 2026, 10:00</b>" in page
    assert "<td>21 May 2026, 10:00</td>" in page
    remove = room.address("assignment-extension-remove", row.pk, member.pk)
    assert instructor_client.post(remove).status_code == 302
    assert not DeliveryException.objects.exists()


def test_extension_that_does_not_fit_is_refused_plainly(
    room: Room, student: User, instructor_client: Client
) -> None:
    row = room.give(terms={"due_at": NOW, "closes_at": NOW + DAY})
    member = Membership.objects.get(user=student)
    address = room.address("assignment-extension", row.pk, member.pk)
    answer = instructor_client.post(address, {"due_at": "2026-06-01T10:00"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["closes_at"] == ["It cannot close before it is due."]


def test_extensions_are_for_its_students_alone(
    room: Room, instructor_client: Client, other_student: User
) -> None:
    row = room.give(members=[Membership.objects.get(user__username="amara")])
    other = room.join(other_student)
    address = room.address("assignment-extension", row.pk, other.pk)
    assert instructor_client.get(address).status_code == 404
    assert instructor_client.post(address, {"due_at": ""}).status_code == 404


@pytest.mark.parametrize("students", [1, 3, 30])
def test_extensions_cost_the_same_for_many(
    students: int, room: Room, instructor_client: Client
) -> None:
    row = room.give(terms={"due_at": NOW})
    for user in many(room, students):
        member = Membership.objects.get(user=user)
        domain.extend(assignment=row, membership=member, by=room.teacher, due_at=NOW + DAY)
    address = room.address("assignment-extensions", row.pk)
    instructor_client.get(address)
    with CaptureQueriesContext(connection) as queries:
        instructor_client.get(address)
    assert len(queries) == 9


# --- Release --------------------------------------------------------------------------------


def test_release_by_hand_asks_once_more(
    room: Room, student: User, instructor_client: Client
) -> None:
    row = room.give(quiz(), terms={"release": "by-hand"})
    hand_in(student, row)
    address = room.address("assignment-release", row.pk)
    page = text_of(body(instructor_client.get(address)))
    assert "1 of 1 students have handed something in." in page
    assert "Everything handed in is marked." in page
    refused = instructor_client.post(address)
    assert refused.status_code == 422
    row.delivery.refresh_from_db()
    assert row.delivery.released_at is None
    assert instructor_client.post(address, {"sure": "yes"}).status_code == 302
    row.delivery.refresh_from_db()
    first = row.delivery.released_at
    assert first is not None
    instructor_client.post(address, {"sure": "yes"})
    row.delivery.refresh_from_db()
    assert row.delivery.released_at == first
    assert [kind for kind, _detail in told(student)] == ["given", "released"]


def test_only_work_released_by_hand_is_released_there(
    room: Room, instructor_client: Client
) -> None:
    row = room.give()
    answer = instructor_client.post(room.address("assignment-release", row.pk), {"sure": "yes"})
    assert answer.status_code == 422
    row.delivery.refresh_from_db()
    assert row.delivery.released_at is None


def test_after_due_names_the_extension_it_waits_for(room: Room, student: User) -> None:
    due = timezone.now() + DAY
    row = room.give(terms={"due_at": due, "release": "after-due"})
    member = Membership.objects.get(user=student)

    def words(moment: datetime) -> str:
        return release_words(
            row.delivery,
            room.classroom,
            extension=last_extension_of(row.delivery),
            name="Amara",
            moment=moment,
        )

    assert words(NOW).startswith("Answers are shown after")
    earlier = domain.extend(assignment=row, membership=member, by=room.teacher, due_at=due - HOUR)
    assert (earlier.due_at, last_extension_of(row.delivery)) == (due - HOUR, None)
    when = datetime(2099, 5, 4, 12, tzinfo=UTC)
    domain.extend(assignment=row, membership=member, by=room.teacher, due_at=when)
    assert words(NOW) == "After due waits for the last extension (Amara, 4 May)."
    assert words(when).startswith("Answers are shown since 4 May 2099, 13:00")


# --- Who may --------------------------------------------------------------------------------


def test_every_page_says_its_right() -> None:
    rights = {pattern.name: pattern.callback.right for pattern in urlpatterns}  # type: ignore[attr-defined]
    assert rights.pop("assignment-list") is May.TEACH
    assert set(rights.values()) == {May.MANAGE}


@pytest.mark.parametrize("method", ["get", "post"])
def test_assigning_is_for_instructors_of_this_class(
    method: str,
    room: Room,
    student: User,
    other_student: User,
    guest: User,
    editor: User,
    client_of: ClientOf,
) -> None:
    row = room.give()
    member = Membership.objects.get(user=student)
    assistant, co_teacher = make_user("helper"), make_user("other", is_instructor=True)
    room.join(assistant, Membership.Role.ASSISTANT)
    open_room(co_teacher, other_student)
    before = [list(m.objects.order_by("pk").values()) for m in (Assignment, Delivery)]
    for pattern in urlpatterns:
        if pattern.name == "assignment-list" and method == "post":
            continue
        keys = {"assignment-list": (), "assignment-new": ()}.get(str(pattern.name))
        if keys is None:
            keys = (row.pk, member.pk) if "extension" in str(pattern.name) else (row.pk,)
            keys = keys[:1] if pattern.name == "assignment-extensions" else keys
        address = room.address(str(pattern.name), *keys)
        for user in (student, other_student, guest, editor, co_teacher):
            answer = getattr(client_of(user), method)(address)
            assert answer.status_code == 404, (pattern.name, user)
        answer = getattr(client_of(assistant), method)(address)
        expected = 200 if pattern.name == "assignment-list" else 403
        assert answer.status_code == expected, pattern.name
        answer = getattr(client_of(None), method)(address)
        assert answer["Location"].startswith("/accounts/sign-in/"), pattern.name
    assert [list(m.objects.order_by("pk").values()) for m in (Assignment, Delivery)] == before


def test_an_assignment_of_another_class_is_not_there(
    room: Room, instructor: User, instructor_client: Client
) -> None:
    foreign = open_room(make_user("stranger", is_instructor=True)).give()
    own = open_room(instructor).give()  # theirs, but not of this class
    for row in (foreign, own):
        for name in ("edit", "plan", "extensions", "release", "copy"):
            assert (
                instructor_client.get(room.address(f"assignment-{name}", row.pk)).status_code == 404
            )
        for name in ("move", "withdraw"):
            answer = instructor_client.post(room.address(f"assignment-{name}", row.pk))
            assert answer.status_code == 404
    assert not Assignment.objects.filter(withdrawn_at__isnull=False).exists()


def test_huge_numbers_in_addresses_are_no_page(room: Room, instructor_client: Client) -> None:
    huge = 10**30
    for address in (
        f"/classes/{huge}/assignments/",
        room.address("assignment-edit", huge),
        room.address("assignment-extension", room.give().pk, huge),
    ):
        assert instructor_client.get(address).status_code == 404


def test_pages_have_forms_that_go_where_they_stand(room: Room, instructor_client: Client) -> None:
    row = room.give(terms={"release": "by-hand"})
    page = body(instructor_client.get(room.address("assignment-list")))
    actions = {action for action, _fields in Forms(page).forms}
    assert room.address("assignment-withdraw", row.pk) in actions
    assert plan_form(row).errors == []
    assert Attempt.objects.count() == 0
