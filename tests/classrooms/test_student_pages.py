"""Everything of one student and nothing of another; and what they see, without becoming them."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lessons.accounts.models import User
from lessons.classrooms.domain import assignments, classes, grades
from lessons.classrooms.models import Assignment, Classroom
from lessons.classrooms.reports.student import calibration_of, read_student, skills_of
from lessons.core import rendered
from lessons.core.models import ContentVersion
from lessons.guided.models import Progress, Step
from lessons.quizzes import domain as quizzes
from lessons.quizzes.models import Attempt, Quiz
from tests.classrooms.large_class import make_class
from tests.conftest import ClientOf, make_user
from tests.guided.reading import STEPS, body, table_counts, text_of
from tests.guided.test_secrecy import found_in, secrets_of
from tests.quizzes.working import check, item, right, save, wrong

from .grading_class import (
    GRADED,
    PRACTICE,
    SLUG,
    a_class,
    an_assistant,
    given,
    hand_in,
    mark,
    member,
    write,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def classroom(instructor: User, student: User) -> Classroom:
    return a_class(instructor, student)


@pytest.fixture
def lesson(classroom: Classroom) -> Assignment:
    return given(classroom)


def page_of(classroom: Classroom, user: User, rest: str = "") -> str:
    return f"/classes/{classroom.pk}/students/{member(classroom, user).pk}/{rest}"


def step_of(assignment: Assignment, user: User, step: str, lesson: str = SLUG) -> str:
    rest = f"as/{assignment.pk}/lessons/{lesson}/{step}/"
    return page_of(assignment.classroom, user, rest)


def own_step(assignment: Assignment, step: str) -> str:
    return f"/work/{assignment.delivery.key}/lessons/{SLUG}/{step}/"


def start(assignment: Assignment, user: User, quiz: str = PRACTICE) -> Attempt:
    return quizzes.start_attempt(
        delivery=assignment.delivery,
        quiz=Quiz.objects.get(key=quiz),
        by=user,
        seed=user.pk,
        version=ContentVersion.current(),
    )


def graded_secrets() -> dict[str, str]:
    told: dict[str, str] = {}
    for row in Quiz.objects.get(key=GRADED).items.select_related("question"):
        told |= secrets_of(row.question)
    return told


# --- The page of one student ----------------------------------------------------------------------


def test_the_page_tells_everything_of_the_student(
    classroom: Classroom,
    lesson: Assignment,
    student: User,
    instructor: User,
    instructor_client: Client,
) -> None:
    now = timezone.now()
    begun = start(lesson, student)
    first_wrong = wrong(item(begun))
    check(item(begun), first_wrong, confidence="sure")
    check(item(begun), right(item(begun)), base=1)
    response = write(lesson.delivery, student, "On his own behalf, says ¶1.")
    mark(response, "0.833333", instructor, "Which words show it?")
    step = Step.objects.get(lesson__slug=SLUG, slug="headnote")
    Progress.objects.create(
        delivery=lesson.delivery,
        learner=student,
        step=step,
        opened_at=now,
        touched_at=now,
        completed_at=now,
        active_seconds=754,
    )
    classes.set_time_multiplier(
        membership=member(classroom, student), multiplier=Decimal("1.5"), by=instructor
    )
    assignments.extend(
        assignment=lesson,
        membership=member(classroom, student),
        by=instructor,
        reason="Was ill",
        due_at=now + timedelta(days=3),
    )
    page = text_of(body(instructor_client.get(page_of(classroom, student))))
    chosen = next(
        option["label"]
        for option in item(begun).revision.content["options"]
        if option["key"] == first_wrong["choice"]
    )
    for words in (
        "Time on the steps: 12 min.",
        "1 of 8",
        "begun, not handed in; 2.5 of 3 points so far",
        f"{item(begun).revision.content['prompt']} {chosen}",
        "wrong",
        "sure",
        "On his own behalf, says ¶1.",
        "83.3% · marked by Ms Okafor",
        "Which words show it?",
        "Sure: right 0 of 1 times.",
        "Too few answers to say more.",
        "Reading 0% in one answer",
        "Claim and evidence 83.3% in one answer",
        "Sourcing nothing marked yet",
        "Was ill",
        "time × 1.5",
        "time multiplier changed (× 1.5) · Ms Okafor",
    ):
        assert words in page, words


def test_first_answers_are_those_of_the_first_attempt(
    classroom: Classroom, lesson: Assignment, student: User
) -> None:
    hand_in(lesson.delivery, student, 5)
    hand_in(lesson.delivery, student, 0)
    report = read_student(member(classroom, student), timezone.now())
    assert [answer.verdict for answer in report.first] == ["right"] * 5


def test_a_void_attempt_and_a_self_assessment_are_not_on_the_page(
    classroom: Classroom, lesson: Assignment, student: User
) -> None:
    hand_in(lesson.delivery, student, 5)
    response = write(lesson.delivery, student)
    key = response.item.revision.marking_keys.latest("version").content
    best = {c["key"]: c["levels"][-1]["key"] for c in key["criteria"]}
    quizzes.assess_own_response(item=item(response.item.attempt), levels=best, by=student)
    Attempt.objects.filter(quiz__key=GRADED).update(voided_at=timezone.now())
    report = read_student(member(classroom, student), timezone.now())
    assert report.first == []
    assert [(one.score, one.levels) for one in report.written] == [(None, ())]
    assert {line.count for line in report.skills} == {0}


def test_nothing_of_another_student_or_class_is_on_the_page(
    classroom: Classroom,
    lesson: Assignment,
    student: User,
    other_student: User,
    instructor: User,
    instructor_client: Client,
) -> None:
    classes.join_class(classroom=classroom, by=other_student)
    hand_in(lesson.delivery, other_student, 5)
    write(lesson.delivery, other_student, "SECRETOFTOMASZ")
    elsewhere = given(a_class(instructor, student, name="12A"), title="ELSEWHERE")
    write(elsewhere.delivery, student, "OFANOTHERCLASS")
    their = {"assignment": lesson, "membership": member(classroom, other_student)}
    grades.set_grade(**their, score=Decimal(1), reason="THEIRREASON", by=instructor)
    assignments.extend(**their, by=instructor, reason="THEIRILLNESS", attempts_allowed=9)
    page = body(instructor_client.get(page_of(classroom, student)))
    for words in ("Tomasz", "SECRETOFTOMASZ", "ELSEWHERE", "OFANOTHERCLASS", "THEIR"):
        assert words not in page, words
    theirs = body(instructor_client.get(page_of(classroom, other_student)))
    for words in ("Tomasz", "SECRETOFTOMASZ", "THEIRILLNESS"):
        assert words in theirs, words
    report = read_student(member(classroom, student), timezone.now())
    assert (report.first, report.written, report.extensions) == ([], [], [])


def test_who_left_keeps_a_page_that_says_so(
    classroom: Classroom, lesson: Assignment, student: User, instructor_client: Client
) -> None:
    write(lesson.delivery, student, "Written before leaving.")
    classes.leave_class(membership=member(classroom, student), by=student)
    page = text_of(body(instructor_client.get(page_of(classroom, student))))
    assert "Left the class on " in page
    assert "Written before leaving." in page
    assert "as this student does" not in page


def test_the_page_costs_the_same_whatever_is_on_it_and_whoever_else_is_there(
    client_of: ClientOf,
) -> None:
    costs = set()
    for learners in (1, 3, 30):
        classroom, boss = make_class(learners, assignments=2)
        user = classroom.memberships.students().order_by("pk")[0].user
        client = client_of(boss)
        for _time in range(2):
            with CaptureQueriesContext(connection) as queries:
                client.get(page_of(classroom, user))
            costs.add(len(queries))
            start(classroom.assignments.order_by("pk")[0], user)
    assert costs == {22}


def test_skills_are_reading_from_machines_and_thinking_from_writing_and_evidence() -> None:
    one, half, none = Decimal(1), Decimal("0.5"), Decimal(0)
    lines = skills_of(
        [
            ("single", "sourcing", one),
            ("multiple", "corroboration", none),
            ("evidence", "close-reading", none),
            ("evidence", "sourcing", half),
            ("open", "sourcing", one),
            ("open", "claim-and-evidence", None),
            ("open", "close-reading", one),
        ]
    )
    assert [(line.label, line.share, line.count) for line in lines] == [
        ("Reading", Decimal(1) / 3, 3),
        ("Sourcing", Decimal("0.75"), 2),
        ("Corroboration", None, 0),
        ("Claim and evidence", None, 0),
    ]


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ([("sure", 1)] * 4, "Too few"),
        ([("sure", 0)] * 3 + [("sure", 1)] * 2, "Sure and wrong more often than not"),
        ([("sure", 1)] * 4 + [("sure", 0)], "nearly always right"),
        ([("sure", 1)] * 3 + [("sure", 0)] * 2, "Sure somewhat too often"),
        ([("guess", 1)] * 3 + [("guess", 0)] * 2, "more knowledge than trust"),
        ([("think", 1)] * 5, "Nothing stands out"),
        ([("sure", "0.5")] * 5, "Sure and wrong more often than not"),
    ],
)
def test_confidence_is_read_in_plain_words(answers: list[Any], verdict: str) -> None:
    found = calibration_of((sure, Decimal(score)) for sure, score in answers)
    assert verdict in found.verdict()


def test_answers_without_a_confidence_say_nothing_of_it() -> None:
    assert calibration_of([("", Decimal(1)), ("sure", None)]).sentences() == []


# --- What they see --------------------------------------------------------------------------------


def main_of(page: str) -> str:
    """The main part and the rail before it, the banner aside."""
    start = page.index('<nav class="steps"')
    inside = page[start : page.index("</main>")]
    return inside[: inside.index('<aside class="seen"')] + inside[inside.index("</aside>") :]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_reads_as_the_student_reads_it(
    step: str,
    lesson: Assignment,
    student: User,
    student_client: Client,
    instructor_client: Client,
) -> None:
    begun = start(lesson, student)
    save(item(begun), wrong(item(begun)))
    hand_in(lesson.delivery, student, 3)
    seen = main_of(body(instructor_client.get(step_of(lesson, student, step))))
    own = body(student_client.get(own_step(lesson, step)))
    own = own[own.index('<nav class="steps"') : own.index("</main>")]
    assert text_of(seen) == text_of(own)
    assert seen.count(" checked") == own.count(" checked")
    assert seen.count(" selected") == own.count(" selected")


@pytest.mark.parametrize("step", STEPS)
def test_nothing_on_it_can_be_sent(
    step: str, lesson: Assignment, student: User, instructor_client: Client
) -> None:
    begun = start(lesson, student)
    save(item(begun), wrong(item(begun)))
    start(lesson, student, GRADED)
    page = body(instructor_client.get(step_of(lesson, student, step)))
    assert "You are looking at what" in page
    assert "Nothing you do here is saved." in page
    seen = main_of(page)
    assert "<form" not in seen
    for sign in ("hx-", "data-draft", "data-presence", "data-reader", " name=", "action=", "csrf"):
        assert sign not in seen, sign
    assert f"/work/{lesson.delivery.key}/" not in page
    for control in ("<input", "<select", "<textarea", "<button"):
        for piece in seen.split(control)[1:]:
            assert " disabled>" in piece.split(">", 1)[0] + ">", piece[:80]


@pytest.mark.parametrize("rest", ["", "as/{a}/", "as/{a}/lessons/{s}/closing-quiz/"])
def test_looking_on_writes_nothing_and_changes_nobody(
    rest: str,
    classroom: Classroom,
    lesson: Assignment,
    student: User,
    instructor: User,
    instructor_client: Client,
) -> None:
    start(lesson, student)
    before = table_counts()
    touched = list(Progress.objects.values())
    path = page_of(classroom, student, rest.format(a=lesson.pk, s=SLUG))
    response = instructor_client.get(path)
    assert response.status_code == 200
    assert table_counts() == before
    assert list(Progress.objects.values()) == touched
    assert instructor_client.session["_auth_user_id"] == str(instructor.pk)
    assert "Ms Okafor" in body(response)


def test_what_is_not_released_to_the_student_is_not_shown(
    classroom: Classroom, student: User, instructor_client: Client
) -> None:
    held = given(classroom, terms={"release": "by-hand"})
    hand_in(held.delivery, student, 2)
    page = body(instructor_client.get(step_of(held, student, "closing-quiz")))
    assert "the answers are not released yet" in page
    assert found_in(page, graded_secrets()) == []
    assignments.release_answers(assignment=held, by=member(classroom, student).user)
    rendered.clear()
    page = body(instructor_client.get(step_of(held, student, "closing-quiz")))
    assert "3 of 6 points" in page
    assert found_in(page, graded_secrets())


def test_what_the_student_thinks_of_their_answer_stays_theirs(
    lesson: Assignment, student: User, student_client: Client, instructor_client: Client
) -> None:
    response = write(lesson.delivery, student)
    key = response.item.revision.marking_keys.latest("version").content
    best = {c["key"]: c["levels"][-1]["key"] for c in key["criteria"]}
    quizzes.assess_own_response(item=item(response.item.attempt), levels=best, by=student)
    own = body(student_client.get(own_step(lesson, "in-your-own-words")))
    seen = main_of(body(instructor_client.get(step_of(lesson, student, "in-your-own-words"))))
    assert own.count(" checked") == len(best)
    assert " checked" not in seen
    assert "Compare your answer" in seen


def test_pages_shared_by_readers_are_not_touched_by_looking_on(
    lesson: Assignment,
    student: User,
    other_student: User,
    client_of: ClientOf,
    instructor_client: Client,
) -> None:
    classes.join_class(classroom=lesson.classroom, by=other_student)
    start(lesson, student)
    for step in STEPS:
        instructor_client.get(step_of(lesson, student, step))
        own = body(client_of(student).get(own_step(lesson, step)))
        theirs = body(client_of(other_student).get(own_step(lesson, step)))
        for page in (own, theirs):
            assert "/students/" not in page
            assert "You are looking" not in page
            assert "data-presence" in page
        if step == "a-letter-arrives":
            assert f'action="{own_step(lesson, step)}questions/1/#q1"' in own
        again = body(instructor_client.get(step_of(lesson, student, step)))
        assert "<form" not in main_of(again)


def test_strict_gating_shuts_a_step_for_the_onlooker_too(
    classroom: Classroom, student: User, student_client: Client, instructor_client: Client
) -> None:
    strict = given(classroom, terms={"gating": "strict"})
    assert student_client.get(own_step(strict, "closing-quiz")).status_code == 404
    page = text_of(body(instructor_client.get(step_of(strict, student, "closing-quiz"))))
    assert "This step is not open to the student yet" in page
    assert "Question 1" not in page


def test_before_it_opens_they_see_only_that(
    classroom: Classroom, student: User, instructor_client: Client
) -> None:
    later = given(
        classroom, terms={"opens_at": timezone.now() + timedelta(days=400)}, title="Later"
    )
    for path in (
        step_of(later, student, "closing-quiz"),
        page_of(classroom, student, f"as/{later.pk}/"),
    ):
        page = text_of(body(instructor_client.get(path)))
        assert "For this student it opens on " in page
        assert "(Europe/London)" in page
        assert "Closing quiz: " not in page


# --- Who may --------------------------------------------------------------------------------------

PATHS = ["", "as/{a}/", "as/{a}/lessons/{s}/closing-quiz/"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("who", ["student", "other_student", "guest", "editor", "boss_elsewhere"])
def test_strangers_and_students_find_nothing(
    who: str,
    path: str,
    classroom: Classroom,
    lesson: Assignment,
    student: User,
    client_of: ClientOf,
    request: pytest.FixtureRequest,
) -> None:
    if who == "boss_elsewhere":
        user = make_user("mr-else", is_instructor=True)
        a_class(user)
    else:
        user = request.getfixturevalue(who)
    address = page_of(classroom, student, path.format(a=lesson.pk, s=SLUG))
    assert client_of(user).get(address).status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_assistants_may_look(
    path: str, classroom: Classroom, lesson: Assignment, student: User, client_of: ClientOf
) -> None:
    client = client_of(an_assistant(classroom))
    address = page_of(classroom, student, path.format(a=lesson.pk, s=SLUG))
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 405


def test_what_was_not_given_to_them_or_is_not_there_is_not_found(
    classroom: Classroom,
    lesson: Assignment,
    student: User,
    other_student: User,
    instructor: User,
    instructor_client: Client,
) -> None:
    other = a_class(instructor, other_student, name="12A")
    away = given(other)
    classes.join_class(classroom=classroom, by=make_user("ben"))
    for_ben = given(
        classroom, members=[classroom.memberships.get(user__username="ben")], title="For Ben"
    )
    gone = given(classroom, title="Gone")
    assignments.withdraw(assignment=gone, by=instructor)
    mine = page_of(classroom, student)
    get: Callable[[str], Any] = instructor_client.get
    for path in (
        f"{mine}as/{away.pk}/",
        f"{mine}as/{for_ben.pk}/",
        f"{mine}as/{gone.pk}/",
        f"{mine}as/{lesson.pk}/lessons/{SLUG}/nowhere/",
        f"{mine}as/{lesson.pk}/lessons/no-such-lesson/headnote/",
        f"{mine}as/{away.pk}/lessons/{SLUG}/headnote/",
        f"/classes/{classroom.pk}/students/{member(other, other_student).pk}/",
        f"/classes/{classroom.pk}/students/{member(classroom, instructor).pk}/",
        f"/classes/{classroom.pk}/students/{'9' * 30}/",
    ):
        assert get(path).status_code == 404, path
    other_lesson = Step.objects.exclude(lesson__slug=SLUG).select_related("lesson")[0]
    assert (
        get(step_of(lesson, student, other_lesson.slug, other_lesson.lesson.slug)).status_code
        == 404
    )
    classes.remove_member(membership=member(classroom, student), by=instructor)
    assert get(f"{mine}as/{lesson.pk}/").status_code == 404
    assert get(mine).status_code == 200
