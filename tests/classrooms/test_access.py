"""Who may enter work that was given out, and what stays withheld while it is not released."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lessons.accounts.models import User
from lessons.classrooms.access import InClass, May, in_class
from lessons.classrooms.domain import assignments, classes
from lessons.classrooms.models import Assignment, Classroom, Group, Membership
from lessons.guided.models import Lesson, Module, Step
from lessons.quizzes.models import Delivery, Quiz, Response
from lessons.quizzes.models.deliveries import Release
from lessons.quizzes.terms import is_withheld, last_due_of, withheld_among
from tests.conftest import ClientOf, make_user
from tests.guided.reading import (
    CLOSING,
    HTMX,
    LESSON,
    SLUG,
    STEPS,
    all_right,
    answer,
    body,
    form,
    key_of,
    put_down,
    question_address,
    view_of,
)

pytestmark = pytest.mark.django_db
Role = Membership.Role
NOW = timezone.now()
SOON, EARLIER = NOW + timedelta(days=1), NOW - timedelta(days=1)


@pytest.fixture
def classroom(instructor: User, student: User) -> Classroom:
    """The instructor's class, with the student in it and the other student not."""
    made = classes.create_class(by=instructor, name="History 10b")
    classes.join_class(classroom=made, by=student)
    return made


def give(classroom: Classroom, what: Any = None, **fields: Any) -> Assignment:
    (instructor, *_others) = classroom.memberships.filter(role=Role.INSTRUCTOR)
    lesson = Lesson.objects.get(slug=SLUG)
    return assignments.give_out(
        classroom=classroom, by=instructor.user, what=what or lesson, title="Read this", **fields
    )


def membership(classroom: Classroom, user: User) -> Membership:
    return Membership.objects.get(classroom=classroom, user=user)


def assistant(classroom: Classroom) -> User:
    user = make_user("assistant")
    joined = classes.join_class(classroom=classroom, by=user)
    classes.change_role(membership=joined, role=Role.ASSISTANT, by=user)
    return user


# --- Rights in a class --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "outcomes"),
    [
        ("instructor", ["in", "in", "in"]),
        ("assistant", ["in", "in", 403]),
        ("student", ["in", 404, 404]),
        ("other_student", [404, 404, 404]),
        ("editor", [404, 404, 404]),
    ],
)
def test_rights_come_from_an_active_membership(
    who: str, outcomes: list[Any], classroom: Classroom, request: pytest.FixtureRequest
) -> None:
    user = assistant(classroom) if who == "assistant" else request.getfixturevalue(who)
    assert [outcome(classroom, user, right) for right in May] == outcomes


def test_who_was_removed_or_left_is_a_stranger(classroom: Classroom, student: User) -> None:
    classes.remove_member(membership=membership(classroom, student), by=student)
    assert outcome(classroom, student, May.BELONG) == 404


def outcome(classroom: Classroom, user: User, right: May) -> Any:
    @in_class(right)
    def view(request: HttpRequest, here: InClass) -> HttpResponse:
        assert (here.classroom, here.user) == (classroom, user)
        return HttpResponse("in")

    request = RequestFactory().get("/")
    request.user = user
    try:
        return view(request, classroom=classroom.pk).content.decode()
    except Http404:
        return 404
    except PermissionDenied:
        return 403


# --- Entering a delivery ------------------------------------------------------------------------


def pages(assignment: Assignment, client: Client) -> list[int]:
    base = f"/work/{assignment.delivery.key}/lessons/{SLUG}/"
    return [client.get(path).status_code for path in (base, f"{base}a-letter-arrives/")]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("instructor", 200),
        ("assistant", 200),
        ("student", 200),
        ("other_student", 404),
        ("editor", 404),
        ("guest", 404),
        (None, 404),
    ],
)
def test_work_is_entered_by_its_class_alone(
    who: str | None,
    status: int,
    classroom: Classroom,
    client_of: ClientOf,
    request: pytest.FixtureRequest,
) -> None:
    given = give(classroom)
    user = None
    if who is not None:
        user = assistant(classroom) if who == "assistant" else request.getfixturevalue(who)
    assert pages(given, client_of(user)) == [status, status]


def test_work_for_one_group_or_student_is_nobody_elses(
    classroom: Classroom, student: User, client_of: ClientOf
) -> None:
    second, third = make_user("second"), make_user("third")
    for user in (second, third):
        classes.join_class(classroom=classroom, by=user)
    group = Group.objects.create(classroom=classroom, name="Red")
    group.members.add(membership(classroom, second))
    given = give(classroom, groups=[group], members=[membership(classroom, student)])
    assert set(assignments.learners_of(given)) == {
        membership(classroom, student),
        membership(classroom, second),
    }
    statuses = [pages(given, client_of(user))[0] for user in (student, second, third)]
    assert statuses == [200, 200, 404]


def test_work_that_is_not_open_says_when_to_learners_only(
    classroom: Classroom, student_client: Client, instructor_client: Client
) -> None:
    given = give(classroom, terms={"opens_at": SOON})
    page = student_client.get(f"/work/{given.delivery.key}/lessons/{SLUG}/")
    assert (page.status_code, "It opens " in body(page)) == (404, True)
    assert pages(given, instructor_client) == [200, 200]


def test_withdrawn_work_is_closed_to_learners(
    classroom: Classroom, instructor: User, student_client: Client
) -> None:
    given = give(classroom)
    assignments.withdraw(assignment=given, by=instructor)
    assert pages(given, student_client) == [404, 404]


def test_plan_chooses_steps_and_questions(classroom: Classroom, student_client: Client) -> None:
    steps = {step.slug: step for step in Step.objects.filter(lesson__slug=SLUG)}
    quiz = steps["a-middle-position"].quiz
    assert quiz is not None
    last = quiz.questions.order_by("-quiz_items__position")[0]
    chosen = [steps["a-middle-position"], steps["headnote"]]
    plan = assignments.Plan(steps=chosen, questions={quiz: [last]})
    given = give(classroom, plan=plan)
    base = f"/work/{given.delivery.key}/lessons/{SLUG}/"
    statuses = {step: student_client.get(f"{base}{step}/").status_code for step in STEPS}
    assert [step for step, status in statuses.items() if status == 200] == [
        "headnote",
        "a-middle-position",
    ]
    assert body(student_client.get(f"{base}a-middle-position/")).count('class="question"') == 1
    assert body(student_client.get(f"{LESSON}a-middle-position/")).count('class="question"') == 2


# --- What is withheld ---------------------------------------------------------------------------


UNRELEASED = [
    {"release": Release.BY_HAND},
    {"release": Release.AFTER_DUE, "due_at": SOON},
    {"release": Release.AFTER_DUE},
]
RELEASED = [
    {"release": Release.AT_ONCE},
    {"release": Release.AFTER_DUE, "due_at": EARLIER},
]


def practice() -> Quiz:
    return Quiz.objects.get(key="letter-a-letter-arrives")


def graded() -> Quiz:
    return Quiz.objects.get(key="letter-closing-quiz")


def withheld_from(learner: User, quiz: Quiz) -> bool:
    return is_withheld(learner, quiz, Delivery.objects.self_study())


@pytest.mark.parametrize(("terms", "expected"), [(t, True) for t in UNRELEASED] + [
    (t, False) for t in RELEASED
])  # fmt: skip
def test_unreleased_work_withholds_its_practice_elsewhere(
    terms: dict[str, Any], expected: bool, classroom: Classroom, student: User, other_student: User
) -> None:
    give(classroom, terms=terms)
    assert withheld_from(student, practice()) is expected
    assert withheld_from(other_student, practice()) is False
    assert withheld_from(student, Quiz.objects.get(key="samples")) is False


@pytest.mark.parametrize("what", ["module", "lesson", "quiz"])
def test_whatever_holds_the_quiz_withholds_it(
    what: str, classroom: Classroom, student: User
) -> None:
    holding = {
        "module": Module.objects.get(),
        "lesson": Lesson.objects.get(slug=SLUG),
        "quiz": practice(),
    }
    give(classroom, holding[what], terms={"release": Release.BY_HAND})
    assert withheld_from(student, practice()) is True


def test_release_by_hand_and_withdrawing_end_the_withholding(
    classroom: Classroom, instructor: User, student: User
) -> None:
    first = give(classroom, terms={"release": Release.BY_HAND})
    second = give(classroom, terms={"release": Release.BY_HAND})
    assignments.release_answers(assignment=first, by=instructor)
    assert withheld_from(student, practice()) is True
    assignments.withdraw(assignment=second, by=instructor)
    assert withheld_from(student, practice()) is False


def test_last_extension_is_waited_for(
    classroom: Classroom, instructor: User, student: User
) -> None:
    second = make_user("second")
    joined = classes.join_class(classroom=classroom, by=second)
    given = give(classroom, terms={"release": Release.AFTER_DUE, "due_at": EARLIER})
    assert withheld_from(student, practice()) is False
    assignments.extend(assignment=given, membership=joined, by=instructor, due_at=SOON)
    assert withheld_from(student, practice()) is True


def test_one_students_own_date_releases_nothing_without_a_date_for_everybody(
    classroom: Classroom, instructor: User, student: User
) -> None:
    given = give(classroom, terms={"release": Release.AFTER_DUE})
    own = membership(classroom, student)
    assignments.extend(assignment=given, membership=own, by=instructor, due_at=EARLIER)
    assert last_due_of(given.delivery) is None
    assert withheld_from(student, practice()) is True


def test_graded_quiz_is_withheld_until_it_is_handed_in_or_closed(
    classroom: Classroom, instructor: User, student: User
) -> None:
    given = give(classroom)
    assert withheld_from(student, graded()) is True
    assert withheld_from(student, practice()) is False
    terms = {"due_at": EARLIER, "closes_at": EARLIER}
    assignments.change_assignment(assignment=given, by=instructor, terms=terms)
    assert withheld_from(student, graded()) is False


def test_step_that_a_plan_leaves_out_withholds_nothing(classroom: Classroom, student: User) -> None:
    kept = Step.objects.filter(lesson__slug=SLUG).exclude(quiz=practice())
    plan = assignments.Plan(steps=list(kept))
    give(classroom, plan=plan, terms={"release": Release.BY_HAND})
    assert withheld_from(student, practice()) is False
    assert withheld_from(student, Quiz.objects.get(key="letter-at-first-glance")) is True


def test_many_quizzes_are_asked_of_in_one_query(classroom: Classroom, student: User) -> None:
    counts = set()
    self_study = Delivery.objects.self_study()
    for count in (1, 3, 30):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert withheld_among(student, list(Quiz.objects.all()[:count]), self_study) == set()
        counts.add(len(queries))
    assert counts == {2}  # the quizzes themselves, and what is given out


def told(page: str, step: str = "a-letter-arrives") -> bool:
    """Whether a page says anything that follows from the key of the step's question."""
    key = key_of(view_of(None, step))
    words = ["Not this one", "Right.", key["explanation"][:40], *key["feedback"].values()]
    return any(word[:40] in page for word in words)


@pytest.mark.parametrize("where", ["the work itself", "self-study"])
@pytest.mark.parametrize("choice", ["right", "wrong"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_unreleased_practice_takes_one_answer_and_tells_nothing(
    where: str,
    choice: str,
    headers: dict[str, str],
    classroom: Classroom,
    student: User,
    student_client: Client,
) -> None:
    given = give(classroom, terms={"release": Release.BY_HAND})
    work = f"/work/{given.delivery.key}/lessons/{SLUG}/"
    base = work if where == "the work itself" else LESSON
    address = question_address("a-letter-arrives", base=base)
    view = view_of(student, "a-letter-arrives")
    options = view.face["options"]
    right = key_of(view)["right"][0]
    wanted = right if choice == "right" else next(o["key"] for o in options if o["key"] != right)
    page = body(student_client.get(f"{base}a-letter-arrives/"))
    sent = student_client.post(
        address, put_down(page, address, view, {"choice": wanted}), headers=headers
    )
    assert sent.status_code == (200 if headers else 302)
    again = body(student_client.get(f"{base}a-letter-arrives/"))
    assert (told(body(sent)), told(again)) == (False, False)
    item = Response.objects.get().item
    assert item.closed_at is not None


def test_answer_told_at_once_is_told(student: User, student_client: Client) -> None:
    """Else the test above could not fail."""
    sent = answer(student_client, student, "a-letter-arrives", "wrong", headers=HTMX)
    assert told(body(sent))


def test_points_of_a_withheld_quiz_are_not_among_my_work(
    classroom: Classroom, student: User, student_client: Client
) -> None:
    student_client.post(f"{CLOSING}start/")
    page = body(student_client.get(CLOSING))
    student_client.post(f"{CLOSING}review/", all_right(page, student))
    handed = body(student_client.get(f"{CLOSING}?review=1"))
    student_client.post(f"{CLOSING}submit/", form(handed, f"{CLOSING}submit/"))
    assert "6 of 6" in body(student_client.get("/me/"))
    give(classroom, terms={"release": Release.BY_HAND})
    withheld = body(student_client.get("/me/"))
    assert ("6 of 6" in withheld, "not released yet" in withheld) == (False, True)
