"""Where parts of a class meet: what one withholds another does not tell, what one takes away
another does not give back."""

import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lessons.accounts.models import User
from lessons.classrooms import marking as marking_queue
from lessons.classrooms.domain import assignments, classes, grades, marking, notices
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.models import Membership, Notice
from lessons.guided.domain import erase_learner
from lessons.guided.export import everything_about
from lessons.quizzes.models import AttemptItem, Quiz
from tests.conftest import ClientOf, make_user
from tests.guided.reading import body, text_of

from .answering import levels_of
from .answering import write as write_answer
from .giving import DAY, Room, hand_in, open_room, quiz
from .grading_class import member

pytestmark = pytest.mark.django_db
Role = Membership.Role


@pytest.fixture
def room(instructor: User, student: User) -> Room:
    return open_room(instructor, student)


def second_room(student: User) -> Room:
    return open_room(make_user("mr-lee", is_instructor=True), student)


# --- What is withheld -------------------------------------------------------------------------


@pytest.mark.parametrize("archived", [False, True])
def test_no_page_tells_a_score_that_another_class_withholds(
    archived: bool, room: Room, student: User, student_client: Client
) -> None:
    row = room.give(quiz())
    hand_in(student, row)
    pages = ("/me/", f"/work/{row.delivery.key}/", f"/assignments/{row.pk}/result/")
    for page in pages:
        assert "6 of 6 points" in text_of(body(student_client.get(page)))
    other = second_room(student)
    held = other.give(quiz(), terms={"release": "by-hand"})
    classes.archive_class(classroom=other.classroom, by=other.teacher, archived=archived)
    for page in pages:
        assert "6 of 6" not in text_of(body(student_client.get(page))), page
    assignments.release_answers(assignment=held, by=other.teacher)
    for page in pages:
        assert "6 of 6 points" in text_of(body(student_client.get(page)))


def test_reply_to_a_request_waits_while_marks_are_withheld_again(
    room: Room, student: User, student_client: Client, instructor: User
) -> None:
    row = room.give(quiz())
    attempt = hand_in(student, row)
    response = AttemptItem.objects.filter(attempt=attempt).order_by("position")[0].response
    assert response is not None
    asked = marking.ask_again(assignment=row, response=response, reason="Look.", by=student)
    marking.answer_request(request=asked, reply="Choice B was right.", by=instructor, keep=True)
    page = f"/assignments/{row.pk}/result/"
    assert "Choice B was right." in body(student_client.get(page))
    assignments.change_assignment(assignment=row, by=instructor, terms={"release": "by-hand"})
    told = body(student_client.get(page))
    assert "Choice B was right." not in told
    assert "The mark was kept" not in told


# --- Who comes back ---------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.ASSISTANT])
def test_who_left_as_staff_comes_back_by_the_code_as_a_student(role: str, room: Room) -> None:
    user = make_user("once-staff", is_instructor=True)
    membership = room.join(user, role)
    classes.leave_class(membership=membership, by=user)
    again = classes.join_class(classroom=room.classroom, by=user)
    assert (again.pk, again.role, again.status) == (membership.pk, "student", "active")


def test_nobody_comes_back_as_instructor_who_is_none_any_more(room: Room) -> None:
    user = make_user("once-instructor", is_instructor=True)
    membership = room.join(user, Role.INSTRUCTOR)
    classes.leave_class(membership=membership, by=user)
    User.objects.filter(pk=user.pk).update(is_instructor=False)
    membership = Membership.objects.get(pk=membership.pk)
    with pytest.raises(ClassRefused):
        classes.take_back(membership=membership, by=room.teacher)
    assert Membership.objects.get(pk=membership.pk).status == "left"


def test_an_archived_class_takes_nobody_in_by_any_door(
    room: Room, student: User, instructor_client: Client
) -> None:
    own = member(room.classroom, student)
    invitation = classes.invite(
        classroom=room.classroom, by=room.teacher, role=Role.STUDENT, name="Ann"
    )
    classes.leave_class(membership=own, by=student)
    classes.archive_class(classroom=room.classroom, by=room.teacher)
    classes.rotate_code(classroom=room.classroom, by=room.teacher)
    guest = make_user("newcomer")
    with pytest.raises(ClassRefused):
        classes.join_class(classroom=room.classroom, by=guest)
    with pytest.raises(ClassRefused):
        classes.accept_invitation(invitation=invitation, by=guest)
    with pytest.raises(ClassRefused):
        classes.take_back(membership=own, by=room.teacher)
    reply = instructor_client.post(room.address("member-return", own.pk), follow=True)
    assert "archived" in text_of(body(reply))
    assert Membership.objects.get(pk=own.pk).status == "left"
    assert not Membership.objects.filter(user=guest).exists()


# --- A copy of one's data, and being erased -----------------------------------------------------


def with_a_history(room: Room, student: User) -> None:
    """Everything that a class can note of a student."""
    teacher, own = room.teacher, member(room.classroom, student)
    row = room.give(Quiz.objects.get(key="letter-in-your-own-words"), title="In your own words")
    response = write_answer(row, student)
    marking.mark_answer(
        assignment=row,
        response=response,
        levels=levels_of(response),
        by=teacher,
        base_mark=0,
        comment="Which words show it?",
    )
    asked = marking.ask_again(assignment=row, response=response, reason="I think so.", by=student)
    marking.answer_request(request=asked, reply="Still not.", by=teacher, keep=True)
    grades.set_grade(
        assignment=row, membership=own, score=row.weight / 2, reason="Oral exam", by=teacher
    )
    late = room.give(quiz(), title="The quiz")
    assignments.extend(
        assignment=late,
        membership=own,
        by=teacher,
        reason="Was ill",
        due_at=timezone.now() + 3 * DAY,
    )
    grades.excuse(assignment=late, membership=own, reason="Away", by=teacher)
    attempt = hand_in(student, late)
    marking.void_attempt(assignment=late, attempt=attempt, reason="Fire drill", by=teacher)
    notices.turn_calendar_on(by=student)


def test_a_copy_of_ones_data_holds_all_that_classes_keep(room: Room, student: User) -> None:
    with_a_history(room, student)
    (one,) = everything_about(student)["classes"]
    told = json.dumps(everything_about(student), ensure_ascii=False)
    for words in ("Which words show it?", "I think so.", "Still not.", "Oral exam", "Was ill"):
        assert words in told, words
    assert [row["reason"] for row in one["own_terms"]] == ["Was ill"]
    assert [row["reason"] for row in one["excuses"]] == ["Away"]
    assert [(row["score"], row["reason"]) for row in one["grades_by_hand"]] == [
        ("0.500000", "Oral exam")
    ]
    assert [row["what"] for row in one["changes_of_grades"]] == ["attempt-void", "excused"]
    assert [(row["why"], row["reply"]) for row in one["requests_for_another_look"]] == [
        ("I think so.", "Still not.")
    ]
    assert len(one["notices"]) == Notice.objects.filter(user=student).count() > 0
    assert everything_about(student)["calendar_address_made"] is not None


def test_a_copy_tells_no_grade_before_it_is_released(room: Room, student: User) -> None:
    own = member(room.classroom, student)
    row = room.give(quiz(), terms={"release": "by-hand"})
    grades.set_grade(
        assignment=row, membership=own, score=row.weight / 2, reason="Oral exam", by=room.teacher
    )
    (one,) = everything_about(student)["classes"]
    assert [(row["score"], row["reason"]) for row in one["grades_by_hand"]] == [(None, "")]
    assignments.release_answers(assignment=row, by=room.teacher)
    (one,) = everything_about(student)["classes"]
    assert [row["score"] for row in one["grades_by_hand"]] == ["0.500000"]


def tables_that_name(user: User) -> list[str]:
    """Tables with a row that still points at this person."""
    found = []
    for relation in User._meta.related_objects:
        of: Any = relation.related_model
        if of._base_manager.filter(**{relation.field.name: user.pk}).exists():
            found.append(of._meta.label)
    return found


def test_erasing_a_person_with_a_history_leaves_nothing_of_them(room: Room, student: User) -> None:
    with_a_history(room, student)
    gone = User(pk=student.pk)
    assert {"classrooms.Membership", "classrooms.Notice", "quizzes.Attempt"} <= set(
        tables_that_name(gone)
    )
    erase_learner(learner=student)
    assert not User.objects.filter(username=student.username).exists()
    assert tables_that_name(gone) == []
    assert not Notice.objects.exists()


def test_a_left_students_record_with_a_history_goes_whole(room: Room, student: User) -> None:
    with_a_history(room, student)
    own = member(room.classroom, student)
    classes.leave_class(membership=own, by=student)
    classes.ask_erasure(membership=own, by=student)
    assert classes.erase_asked_records(moment=timezone.now() + timedelta(days=15)) == 1
    assert set(tables_that_name(student)) <= {"classrooms.CalendarFeed"}


def test_a_marker_who_is_erased_leaves_marks_without_a_name(
    room: Room, student: User, client_of: ClientOf
) -> None:
    helper = make_user("helper")
    room.join(helper, Role.ASSISTANT)
    row = room.give(Quiz.objects.get(key="letter-in-your-own-words"), title="In your own words")
    response = write_answer(row, student)
    marking.mark_answer(
        assignment=row, response=response, levels=levels_of(response), by=helper, base_mark=0
    )
    erase_learner(learner=helper)
    page = text_of(body(client_of(student).get(f"/assignments/{row.pk}/result/")))
    assert "marked by your teacher" in page
    teacher = client_of(room.teacher)
    assert teacher.get(room.address("grade-log")).status_code == 200
    own = member(room.classroom, student)
    assert teacher.get(room.address("grade", row.pk, own.pk)).status_code == 200
    assert teacher.get(room.address("student", own.pk)).status_code == 200


# --- Two at once --------------------------------------------------------------------------------


def weights_of(room: Room, teacher_client: Client) -> dict[str, str]:
    """The form of weights as a browser sends it from the page as it is now."""
    page = body(teacher_client.get(room.address("gradebook")))
    found = re.findall(r"<input [^>]*weight-[^>]*>", page)
    assert all('form="weights"' in tag for tag in found)
    names = [re.search(r'name="([^"]+)"', tag) for tag in found]
    values = [re.search(r'value="([^"]+)"', tag) for tag in found]
    return {n[1]: v[1] for n, v in zip(names, values, strict=True) if n and v}


def test_two_who_weigh_different_work_lose_neither(room: Room, instructor_client: Client) -> None:
    one, two = room.give(quiz()), room.give(quiz(), title="Again")
    grades.set_weights(classroom=room.classroom, weights={two.pk: Decimal(10)}, by=room.teacher)
    first, second = weights_of(room, instructor_client), weights_of(room, instructor_client)
    assert first[f"weight-{two.pk}"] == "10"
    address = room.address("gradebook-weights")
    instructor_client.post(address, {**first, f"weight-{one.pk}": "3"})
    instructor_client.post(address, {**second, f"weight-{two.pk}": "0.5"})
    weights = room.classroom.assignments.order_by("pk").values_list("weight", flat=True)
    assert list(weights) == [Decimal(3), Decimal("0.5")]


def test_release_page_counts_what_the_queue_counts(
    room: Room, student: User, instructor_client: Client
) -> None:
    what = Quiz.objects.get(key="letter-in-your-own-words")
    row = room.give(what, terms={"release": "by-hand"})
    response = write_answer(row, student)
    page = text_of(body(instructor_client.get(room.address("assignment-release", row.pk))))
    assert "One answer is not marked yet." in page
    assert marking_queue.queue_of(room.classroom).waiting == 1
    question = response.item.question
    marking.void_question(assignment=row, question=question, reason="Not asked.", by=room.teacher)
    page = text_of(body(instructor_client.get(room.address("assignment-release", row.pk))))
    assert marking_queue.queue_of(room.classroom).waiting == 0
    assert "Everything handed in is marked." in page
