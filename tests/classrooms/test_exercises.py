"""Where a class splits: what is counted, who sees it, what is kept back, and second votes."""

import csv
import io
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lessons.accounts.models import User
from lessons.classrooms.domain import assignments as giving
from lessons.classrooms.domain import votes
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.models import Assignment, SecondVote
from lessons.classrooms.reports.exercises import Split, projected, splits_of
from lessons.classrooms.reports.facts import board_of
from lessons.classrooms.reports.questions import question_reports
from lessons.guided.models import Lesson
from lessons.quizzes.models import Attempt, Delivery, Question
from tests.conftest import ClientOf
from tests.guided.invented import NOTICE, make_lesson
from tests.guided.reading import body, text_of
from tests.quizzes.working import NOW, check, item, start

from .reported_class import add_staff, make_class, make_students

pytestmark = pytest.mark.django_db


@pytest.fixture
def lesson(db: None) -> Lesson:
    return make_lesson()


@pytest.fixture
def pupils(db: None) -> list[User]:
    return make_students(4)


@pytest.fixture
def given(lesson: Lesson, instructor: User, pupils: list[User]) -> Assignment:
    classroom = make_class(instructor, pupils)
    return giving.give_out(classroom=classroom, by=instructor, what=lesson, title="Salt")


def attempt(given: Assignment, student: User, quiz: str) -> Attempt:
    return start(student, quiz, delivery=given.delivery, moment=NOW)


@pytest.fixture
def answered(given: Assignment, pupils: list[User]) -> Assignment:
    """Four at work: in halves over the ice, three to one over the boats, at one in a cable."""
    for student, boats, ice, stance in zip(
        pupils,
        ("body-2", "body-2", "body-2", "body-3"),
        ("~none", "~none", "body-3", "body-3"),
        ("unsaid", "unwritten", "elsewhere", "unsaid"),
        strict=True,
    ):
        own = attempt(given, student, "salt-lanes")
        check(item(own, 1), {"replies": {"boats": boats, "ice": ice}})
        check(item(own, 2), {"choice": stance, "reason": f"Said by {student.display_name}."})
        cable = attempt(given, student, "salt-cable-quiz")
        kept = {"does": "keep", "motive": f"Motive of {student.display_name}"}
        lines = {"boats": kept, "wood": {"does": "leave", "motive": "Shame."}}
        check(item(cable), {"lines": lines, "added": "", "cable": "Two boats asked for again."})
    return given


def splits(given: Assignment) -> list[Split]:
    return splits_of(board_of(given.classroom, given.pk))


def cells(page: str) -> str:
    """What is read there, with a space between two cells of a table."""
    return text_of(re.sub(r"</?(?:td|th|tr)\b[^>]*>", " ", page))


def address(given: Assignment, page: str = "") -> str:
    return f"/classes/{given.classroom_id}/assignments/{given.pk}/exercises/{page}"


def facts(split: Split) -> tuple[str, Decimal, dict[str, int]]:
    return split.part, split.division, {r.label: r.count for r in split.readings if r.count}


def test_the_most_divided_card_comes_first(answered: Assignment) -> None:
    assert [facts(split) for split in splits(answered)] == [
        ("ice", Decimal("0.5"), {"no reply recorded": 2, "answered in ¶3": 2}),
        (
            "choice",
            Decimal("0.5"),
            {"It was unsaid": 2, "It was unwritten": 1, "It was elsewhere": 1},
        ),
        ("boats", Decimal("0.25"), {"answered in ¶2": 3, "answered in ¶3": 1}),
        ("boats", Decimal(0), {"keep": 4}),
        ("wood", Decimal(0), {"leave out": 4}),
    ]
    assert [split.part for split in projected(splits(answered))] == ["ice", "choice", "boats"]


def test_only_first_answers_of_the_class_count(answered: Assignment, pupils: list[User]) -> None:
    before = [facts(split) for split in splits(answered)]
    own = Attempt.objects.get(learner=pupils[2], quiz__key="salt-lanes")
    check(item(own, 1), {"replies": {"boats": "body-2", "ice": "~none"}}, base=1)
    assistant = make_students(1, "helper")[0]
    add_staff(answered.classroom, assistant)
    check(
        item(attempt(answered, assistant, "salt-lanes"), 1),
        {"replies": {"boats": "body-1", "ice": "body-1"}},
    )
    assert [facts(split) for split in splits(answered)] == before


def test_what_is_never_scored_is_in_no_other_figure(answered: Assignment) -> None:
    board = board_of(answered.classroom, answered.pk)
    asked = [report.asked.kind for report in question_reports(board)]
    assert asked == ["replies", "cable"]
    labels = {share.label for share in question_reports(board)[0].shares}
    assert "The line of ice → no reply recorded" in labels


@pytest.mark.parametrize("page", ["", "split/"])
def test_report_names_nobody(
    answered: Assignment, instructor_client: Client, pupils: list[User], page: str
) -> None:
    words = text_of(body(instructor_client.get(address(answered, page))))
    assert [p.display_name for p in pupils if p.display_name in words] == []
    assert "Said by" not in words
    assert "Motive of" not in words


@pytest.mark.parametrize("page", ["", "split/"])
@pytest.mark.parametrize(
    ("name", "status"),
    [("student", 404), ("pupil", 404), ("other_student", 404), ("visitor", 302), ("editor", 404)],
)
def test_report_is_for_those_who_teach_the_class(
    answered: Assignment,
    pupils: list[User],
    client_of: ClientOf,
    request: pytest.FixtureRequest,
    page: str,
    name: str,
    status: int,
) -> None:
    fixed: dict[str, User | None] = {"visitor": None, "pupil": pupils[0]}
    user = fixed[name] if name in fixed else request.getfixturevalue(name)
    assert client_of(user).get(address(answered, page)).status_code == status
    assert client_of(user).post(address(answered, "vote/")).status_code == status


def test_projector_keeps_what_is_accepted_until_the_second_vote(
    answered: Assignment, instructor_client: Client
) -> None:
    ice = splits(answered)[0]
    page = address(answered, f"split/?card={ice.key}")
    before = text_of(body(instructor_client.get(page)))
    assert "accepted" not in before
    assert "The ice [in the bay] came early" in before
    sent = {"card": ice.key, "hands-0": "1", "hands-1": "3"}
    response = instructor_client.post(address(answered, "vote/"), sent)
    assert (response.status_code, response["Location"]) == (302, page)
    after = cells(body(instructor_client.get(page)))
    assert "answered in ¶3 2 1 – no reply recorded 2 3 accepted" in after
    report = cells(body(instructor_client.get(address(answered))))
    assert "no reply recorded 2 50% 3 accepted 50%" in report


def test_stance_is_called_right_nowhere(answered: Assignment, instructor_client: Client) -> None:
    stance = splits(answered)[1]
    sent = {"card": stance.key, "hands-0": "2", "hands-1": "", "hands-2": "2"}
    instructor_client.post(address(answered, "vote/"), sent)
    words = text_of(body(instructor_client.get(address(answered, f"split/?card={stance.key}"))))
    assert words.count("nothing is right") == 3
    assert "accepted" not in words


@pytest.mark.parametrize(
    "hands", ["-1", "1.5", "1000", "99999", "x", "²", "٣", "1\x00", "=1+1", "<b>1</b>"]
)
def test_hands_that_no_class_has_are_refused_and_keep_what_was(
    answered: Assignment, instructor: User, instructor_client: Client, hands: str
) -> None:
    ice = splits(answered)[0]
    votes.count_hands(
        assignment=answered,
        question=ice.asked.question,
        part="ice",
        hands={"~none": 4},
        by=instructor,
    )
    sent = {"card": ice.key, "hands-0": hands, "hands-1": "3"}
    response = instructor_client.post(address(answered, "vote/"), sent)
    assert response.status_code == 422
    assert "Give the hands as whole numbers from 0 to 999." in text_of(body(response))
    assert list(SecondVote.objects.values_list("reading", "hands")) == [("~none", 4)]


@pytest.mark.parametrize("card", ["", "x", "1-ice", "0-~none", "ice", "9" * 50])
def test_vote_on_a_card_that_is_not_there_leads_back_and_stores_nothing(
    answered: Assignment, instructor_client: Client, card: str
) -> None:
    sent = {"card": card, "hands-0": "1"}
    for response in (
        instructor_client.post(address(answered, "vote/"), sent),
        instructor_client.get(address(answered, "split/"), {"card": card}),
    ):
        assert (response.status_code, response["Location"]) == (302, address(answered))
    assert not SecondVote.objects.exists()


def test_empty_vote_takes_it_back_and_a_new_one_replaces(
    answered: Assignment, instructor: User, instructor_client: Client
) -> None:
    ice = splits(answered)[0]
    for hands in (("4", "0"), ("1", "3")):
        sent = {"card": ice.key, "hands-0": hands[0], "hands-1": hands[1]}
        instructor_client.post(address(answered, "vote/"), sent)
    assert sorted(SecondVote.objects.values_list("reading", "hands", "by")) == [
        ("body-3", 1, instructor.pk),
        ("~none", 3, instructor.pk),
    ]
    instructor_client.post(address(answered, "vote/"), {"card": ice.key})
    assert not SecondVote.objects.exists()
    with pytest.raises(ClassRefused):
        votes.count_hands(
            assignment=answered,
            question=ice.asked.question,
            part="ice",
            hands={"~none": 1000},
            by=instructor,
        )


def test_export_is_the_table_of_the_page(answered: Assignment, instructor_client: Client) -> None:
    response: Any = instructor_client.get(
        reverse("classrooms:table-export", args=[answered.classroom_id, answered.pk, "exercises"])
    )
    sent = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(sent)))
    assert rows[0] == [
        *("Card", "Where", "Exercise", "Answer", "Given by", "Share"),
        *("Second vote", "Editor", "Not the commonest"),
    ]
    assert rows[1][:5] == ["The line of ice", "¶2", "Step two-lanes", "no reply recorded", "2"]
    page = cells(body(instructor_client.get(address(answered))))
    for row in rows:
        assert " ".join(row) in page


def test_report_of_nothing_says_so(given: Assignment, instructor_client: Client) -> None:
    assert "Nobody has answered an exercise" in text_of(body(instructor_client.get(address(given))))
    assert instructor_client.get(address(given, "split/"))["Location"] == address(given)


@pytest.mark.parametrize("more", [0, 5])
@pytest.mark.parametrize("page", ["", "split/"])
def test_report_costs_the_same_however_many_answer(
    answered: Assignment, instructor_client: Client, page: str, more: int
) -> None:
    from lessons.classrooms.domain import classes

    for student in make_students(more, "late"):
        classes.join_class(classroom=answered.classroom, by=student)
        own = attempt(answered, student, "salt-lanes")
        check(item(own, 1), {"replies": {"boats": "body-2", "ice": "body-1"}})
    instructor_client.get(address(answered, page))
    with CaptureQueriesContext(connection) as queries:
        assert instructor_client.get(address(answered, page)).status_code == 200
    assert len(queries) == 6


def test_cable_waits_in_the_marking_queue_under_its_notice(
    answered: Assignment, instructor_client: Client
) -> None:
    queue = body(instructor_client.get(f"/classes/{answered.classroom_id}/marking/"))
    assert "What of salt-cable?" in queue
    assert "What of salt-stance?" not in queue
    question = Question.objects.get(key="salt-cable")
    from lessons.classrooms.marking import written_items

    waiting = written_items(answered.classroom_id, answered.pk)
    assert {one.question_id for one in waiting} == {question.pk}
    response = waiting[0].response
    assert response is not None
    path = reverse(
        "classrooms:marking-answer",
        args=[answered.classroom_id, answered.pk, question.pk, response.pk],
    )
    assert NOTICE in text_of(body(instructor_client.get(path)))


# --- What students see of their class ------------------------------------------------------------


def answers_page(given: Assignment, client: Client) -> str:
    return text_of(body(client.get(f"/work/{given.delivery.key}/answers/")))


@pytest.fixture
def fifth(answered: Assignment) -> User:
    """A fifth student, who has answered the lanes otherwise than most."""
    from lessons.classrooms.domain import classes

    student = make_students(1, "fifth")[0]
    classes.join_class(classroom=answered.classroom, by=student)
    own = attempt(answered, student, "salt-lanes")
    check(item(own, 1), {"replies": {"boats": "body-3", "ice": "~none"}})
    check(item(own, 1), {"replies": {"boats": "body-2", "ice": "~none"}}, base=1)
    return student


def test_student_sees_where_class_and_editor_differ_from_their_first_answer(
    answered: Assignment, fifth: User, client_of: ClientOf, pupils: list[User]
) -> None:
    words = answers_page(answered, client_of(fifth))
    assert "answered in ¶2 the editor accepts it 3 answered in ¶3 your first answer 2" in words
    assert "no reply recorded the editor accepts it your first answer 3" in words
    assert words.count("You and the editor differ here.") == 1
    assert words.count("You and the editor agree here.") == 1
    assert "It was unsaid" not in words  # not answered by this student
    assert [p.display_name for p in pupils if p.display_name in words] == []


@pytest.mark.parametrize("more", [0, 5])
def test_students_page_costs_the_same_however_many_answer(
    answered: Assignment, fifth: User, client_of: ClientOf, more: int
) -> None:
    from lessons.classrooms.domain import classes

    for student in make_students(more, "late"):
        classes.join_class(classroom=answered.classroom, by=student)
        own = attempt(answered, student, "salt-lanes")
        check(item(own, 1), {"replies": {"boats": "body-2", "ice": "body-1"}})
    client = client_of(fifth)
    answers_page(answered, client)
    with CaptureQueriesContext(connection) as queries:
        answers_page(answered, client)
    assert len(queries) == 10


def test_few_answers_are_not_shown_to_students(
    answered: Assignment, pupils: list[User], client_of: ClientOf
) -> None:
    assert "This opens once 5 of your class have answered." in answers_page(
        answered, client_of(pupils[0])
    )


def test_class_is_not_shown_before_an_own_answer_nor_before_release(
    answered: Assignment, fifth: User, client_of: ClientOf
) -> None:
    from lessons.classrooms.domain import classes

    new = make_students(1, "new")[0]
    classes.join_class(classroom=answered.classroom, by=new)
    told = "Answer an exercise first"
    assert told in answers_page(answered, client_of(new))
    own = attempt(answered, new, "salt-lanes")
    check(item(own, 1), {"replies": {"boats": "body-1", "ice": "body-1"}})
    assert told in answers_page(answered, client_of(new))  # a second try is open
    Delivery.objects.filter(pk=answered.delivery_id).update(release="by-hand")
    assert told in answers_page(answered, client_of(fifth))


@pytest.mark.parametrize("name", ["other_student", "student", "visitor"])
def test_answers_of_a_class_are_for_its_students(
    answered: Assignment,
    fifth: User,
    name: str,
    request: pytest.FixtureRequest,
    client_of: ClientOf,
) -> None:
    user = None if name == "visitor" else request.getfixturevalue(name)
    response = client_of(user).get(f"/work/{answered.delivery.key}/answers/")
    assert response.status_code == (302 if name == "visitor" else 404)
