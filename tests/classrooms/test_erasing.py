"""Leaving, asking to be forgotten, and who may not go yet."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lessons.accounts.domain import Refused
from lessons.accounts.models import User
from lessons.classrooms.domain import assignments, classes
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.models import Classroom, Invitation, Membership
from lessons.guided.domain import erase_learner, touch_step
from lessons.guided.export import everything_about
from lessons.guided.models import Lesson, Progress, Step
from lessons.quizzes import domain as quizzes
from lessons.quizzes.models import Attempt, Delivery, ItemTally, Mark, Quiz, Response
from tests.conftest import make_user

from .making import Role, add_member, make_class

pytestmark = pytest.mark.django_db


@pytest.fixture
def classroom(instructor: User) -> Classroom:
    return make_class(instructor)


def work(delivery: Delivery, student: User) -> None:
    """One quiz answered and handed in, one step opened."""
    step = Step.objects.filter(quiz__purpose=Quiz.Purpose.GRADED).first()
    assert step is not None
    assert step.quiz is not None
    attempt = quizzes.start_attempt(
        delivery=delivery, quiz=step.quiz, by=student, seed=7, version=1
    )
    quizzes.submit_attempt(attempt=attempt)
    touch_step(delivery=delivery, step_id=step.pk, by=student, row=None)


def left(student: User, delivery: Delivery) -> tuple[int, int]:
    own = {"learner": student, "delivery": delivery}
    return Attempt.objects.filter(**own).count(), Progress.objects.filter(**own).count()


def delivery_of(classroom: Classroom, by: User) -> Delivery:
    lesson = Lesson.objects.published().order_by("pk")[0]
    given = assignments.give_out(classroom=classroom, by=by, what=lesson, title="Read")
    delivery: Delivery = given.delivery
    return delivery


def test_a_record_goes_after_fourteen_days_and_nothing_else_does(
    classroom: Classroom, instructor: User, student: User, other_student: User
) -> None:
    elsewhere = make_class(make_user("another", is_instructor=True), "Elsewhere")
    here, there = delivery_of(classroom, instructor), delivery_of(elsewhere, instructor)
    own = Delivery.objects.self_study()
    membership = add_member(classroom, student)
    add_member(elsewhere, student)
    add_member(classroom, other_student)
    for delivery in (here, there, own):
        work(delivery, student)
    work(here, other_student)
    classes.leave_class(membership=membership, by=student)
    assert left(student, here) == (1, 1)  # leaving is not erasing
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        classes.ask_erasure(membership=membership, by=student)
    assert classes.erase_asked_records(moment=now + timedelta(days=13, hours=23)) == 0
    assert left(student, here) == (1, 1)
    assert classes.erase_asked_records(moment=now + timedelta(days=14)) == 1
    assert left(student, here) == (0, 0)
    assert left(student, there) == left(student, own) == left(other_student, here) == (1, 1)
    assert not Membership.objects.filter(pk=membership.pk).exists()
    assert User.objects.filter(pk=student.pk).exists()
    assert classes.erase_asked_records(moment=now + timedelta(days=15)) == 0


def test_first_answers_stay_as_counts(
    classroom: Classroom, instructor: User, student: User
) -> None:
    here = delivery_of(classroom, instructor)
    membership = add_member(classroom, student)
    work(here, student)
    answers = Response.objects.filter(item__attempt__learner=student, version=1).count()
    before = sum(ItemTally.objects.values_list("count", flat=True))
    classes.leave_class(membership=membership, by=student)
    classes.erase_record(membership=membership)
    assert not Response.objects.filter(item__attempt__delivery=here).exists()
    assert not Mark.objects.filter(response__item__attempt__delivery=here).exists()
    assert answers > 0
    assert sum(ItemTally.objects.values_list("count", flat=True)) - before >= answers


def test_tick_erases_what_was_asked(classroom: Classroom, student: User) -> None:
    membership = add_member(classroom, student)
    classes.leave_class(membership=membership, by=student)
    classes.ask_erasure(membership=membership, by=student)
    Membership.objects.filter(pk=membership.pk).update(
        erasure_asked_at=timezone.now() - timedelta(days=15)
    )
    said = StringIO()
    call_command("tick", stdout=said)
    assert "1 records of students who left their class erased." in said.getvalue()
    assert not Membership.objects.filter(user=student).exists()


def test_coming_back_ends_the_request(
    classroom: Classroom, instructor: User, student: User
) -> None:
    membership = add_member(classroom, student)
    classes.leave_class(membership=membership, by=student)
    classes.ask_erasure(membership=membership, by=student)
    classes.take_back(membership=membership, by=instructor)
    membership.refresh_from_db()
    assert (membership.status, membership.erasure_asked_at) == ("active", None)


def test_who_is_in_the_class_or_its_staff_cannot_ask(
    classroom: Classroom, student: User, other_student: User
) -> None:
    membership = add_member(classroom, student)
    with pytest.raises(ClassRefused):
        classes.ask_erasure(membership=membership, by=student)
    assistant = add_member(classroom, other_student, Role.ASSISTANT)
    classes.leave_class(membership=assistant, by=other_student)
    with pytest.raises(ClassRefused):
        classes.ask_erasure(membership=assistant, by=other_student)


def test_a_student_asks_and_takes_it_back_and_the_instructor_sees_it(
    classroom: Classroom,
    student: User,
    student_client: Client,
    instructor_client: Client,
    other_student_client: Client,
) -> None:
    membership = add_member(classroom, student)
    answer = student_client.post(
        reverse("classrooms:class-leave", args=[classroom.pk]), {"erase": "yes"}
    )
    assert answer["Location"] == reverse("classrooms:my-class-list")
    members = reverse("classrooms:member-list", args=[classroom.pk])
    assert "asked to be erased" in instructor_client.get(members).content.decode()
    ask = reverse("classrooms:erasure", args=[membership.pk])
    assert other_student_client.post(ask, {"asked": "no"}).status_code == 404
    student_client.post(ask, {"asked": "no"})
    assert "asked to be erased" not in instructor_client.get(members).content.decode()
    student_client.post(ask)
    membership.refresh_from_db()
    assert (membership.status, membership.erasure_asked_at is not None) == ("left", True)
    assert student_client.post("/me/classes/" + "9" * 30 + "/erasure/").status_code == 404


def test_the_only_instructor_of_a_class_cannot_be_erased(
    classroom: Classroom, instructor: User, instructor_client: Client
) -> None:
    with pytest.raises(Refused, match="only instructor of History 10b"):
        erase_learner(learner=instructor)
    page = reverse("guided:my-data")
    assert "only instructor of History 10b" in instructor_client.get(page).content.decode()
    answer = instructor_client.post(page, {"sure": "yes"})
    assert answer.status_code == 409
    assert "only instructor of History 10b" in answer.content.decode()
    assert User.objects.filter(pk=instructor.pk).exists()
    add_member(classroom, make_user("colleague", is_instructor=True), Role.INSTRUCTOR)
    erase_learner(learner=instructor)
    assert not User.objects.filter(pk=instructor.pk).exists()
    assert Classroom.objects.filter(pk=classroom.pk).exists()


def test_erasing_a_learner_takes_the_invitation_they_came_by(
    classroom: Classroom, instructor: User, student: User
) -> None:
    invitation = classes.invite(
        classroom=classroom, by=instructor, role=Role.STUDENT, name="A. Obi", email="a@b.example"
    )
    classes.accept_invitation(invitation=invitation, by=student)
    erase_learner(learner=student)
    assert not Invitation.objects.exists()
    assert not Membership.objects.filter(role=Role.STUDENT).exists()


def test_a_copy_of_ones_data_tells_of_ones_classes(classroom: Classroom, student: User) -> None:
    membership = add_member(classroom, student)
    (one,) = everything_about(student)["classes"]
    assert one["class"] == "History 10b"
    assert (one["role"], one["status"], one["time_multiplier"]) == ("student", "active", "1.00")
    assert [event["what"] for event in one["log"]] == ["joined"]
    assert one["joined"] == membership.joined_at.isoformat()
