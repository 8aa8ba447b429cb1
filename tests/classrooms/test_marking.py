"""The marking queue: what waits, one answer at a time, and two markers side by side."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lessons.accounts.models import User
from lessons.classrooms.domain import assignments, classes
from lessons.classrooms.models import Assignment, Classroom, Membership, Notice, ReusableComment
from lessons.quizzes.models import AttemptItem, Mark, MarkingKey, Question, Response
from tests.conftest import ClientOf, make_user
from tests.guided.reading import body, form, text_of
from tests.quizzes import working

from .answering import give, join, levels_of, make_class, make_staff, write, write_many

pytestmark = pytest.mark.django_db
Setting = tuple[Classroom, Assignment, Response]


@pytest.fixture
def setting(instructor: User, student: User) -> Setting:
    """A class with one answer waiting."""
    classroom = make_class(instructor)
    join(classroom, student, "Amara B.")
    assignment = give(classroom, instructor)
    return classroom, assignment, write(assignment, student, "The record says “at first glance”.")


def address(assignment: Assignment, response: Response) -> str:
    question = response.item.question_id
    return f"/classes/{assignment.classroom_id}/marking/{assignment.pk}/{question}/{response.pk}/"


def queue_address(classroom: Classroom) -> str:
    return f"/classes/{classroom.pk}/marking/"


def filled(page: str, at: str, levels: dict[str, str], **more: str) -> dict[str, Any]:
    return {**form(page, at), **{f"level-{k}": v for k, v in levels.items()}, **more}


def mark(client: Client, at: str, levels: dict[str, str], **more: str) -> Any:
    return client.post(at, filled(body(client.get(at)), at, levels, **more))


def marks() -> list[tuple[str, str, Decimal]]:
    return [(m.by, m.comment, m.score) for m in Mark.objects.order_by("pk")]


# --- The queue --------------------------------------------------------------------------------


def test_queue_without_answers_says_so(instructor: User, instructor_client: Client) -> None:
    classroom = make_class(instructor)
    page = text_of(body(instructor_client.get(queue_address(classroom))))
    assert "Nothing is written yet." in page
    assert "No written answer waits." in page


def test_queue_counts_what_waits_and_what_is_marked(
    setting: Setting, instructor: User, instructor_client: Client, other_student: User
) -> None:
    classroom, assignment, response = setting
    join(classroom, other_student)
    second = write(assignment, other_student, moment=working.NOW - timedelta(days=2))
    row = queue_row(instructor_client, classroom)
    assert row[1:3] == ["2", "0"]
    assert row[3].startswith(str((working.NOW - timedelta(days=2)).day))
    mark(instructor_client, address(assignment, second), levels_of(second))
    assert queue_row(instructor_client, classroom)[1:3] == ["1", "1"]
    mark(instructor_client, address(assignment, response), levels_of(response))
    assert queue_row(instructor_client, classroom)[1:] == ["0", "2", "all marked"]


def queue_row(client: Client, classroom: Classroom) -> list[str]:
    page = body(client.get(queue_address(classroom)))
    cells = re.search(r"<tbody>.*?</tbody>", page, re.DOTALL)
    assert cells is not None
    return [text_of(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", cells[0], re.DOTALL)]


def test_staff_strangers_and_blank_answers_do_not_wait(
    setting: Setting, instructor: User, instructor_client: Client, editor: User
) -> None:
    classroom, assignment, _response = setting
    write(assignment, instructor, "As I would answer it.")
    write(assignment, editor, "I am in no class.")
    removed = make_user("removed")
    classes.remove_member(membership=join(classroom, removed), by=instructor)
    write(assignment, removed)
    assert queue_row(instructor_client, classroom)[1] == "1"


def test_answers_of_who_left_stay_in_the_queue(
    setting: Setting, instructor: User, instructor_client: Client
) -> None:
    classroom, _assignment, _response = setting
    membership = Membership.objects.get(classroom=classroom, role="student")
    classes.leave_class(membership=membership, by=membership.user)
    assert queue_row(instructor_client, classroom)[1] == "1"


@pytest.mark.parametrize("count", [1, 3, 30, 3000])
def test_queue_and_answer_cost_the_same_for_any_number(
    instructor: User, instructor_client: Client, count: int
) -> None:
    classroom = make_class(instructor)
    assignment = give(classroom, instructor)
    response = write_many(assignment, count)
    with CaptureQueriesContext(connection) as queue:
        assert queue_row(instructor_client, classroom)[1] == str(count)
    with CaptureQueriesContext(connection) as answer:
        assert instructor_client.get(address(assignment, response)).status_code == 200
    assert (len(queue), len(answer)) == (8, 12)


# --- One answer -------------------------------------------------------------------------------


def test_question_leads_to_an_answer_without_its_writers_name(
    setting: Setting, instructor_client: Client
) -> None:
    _classroom, assignment, response = setting
    at = address(assignment, response)
    question = at.rsplit("/", 2)[0] + "/"
    assert instructor_client.get(question).headers["Location"] == at
    page = body(instructor_client.get(at))
    assert "Answer 1 of 1" in page
    assert "The record says “at first glance”." in page
    face = response.item.revision.content
    key = MarkingKey.objects.get(revision=response.item.revision)
    for words in (
        face["about"]["quote"] if face["about"] else face["prompt"],
        key.content["criteria"][0]["levels"][0]["sample"],
        key.content["criteria"][0]["title"],
    ):
        assert words in text_of(page) or words in page
    for name in ("Amara", "amara"):
        assert name not in page
    assert "Amara B." in body(instructor_client.get(f"{at}?names=1"))
    assert "names=1" in instructor_client.get(f"{question}?names=1").headers["Location"]


def test_question_without_answers_has_a_page_of_its_own(
    instructor: User, instructor_client: Client
) -> None:
    classroom = make_class(instructor)
    assignment = give(classroom, instructor)
    other = Question.objects.filter(kind="open").first()
    assert other is not None
    at = f"{queue_address(classroom)}{assignment.pk}/{other.pk}/"
    assert instructor_client.get(at).status_code == 404
    student = make_user("only-began")
    join(classroom, student)
    from .answering import begin

    question = working.item(begin(assignment, student)).question_id
    at = f"{queue_address(classroom)}{assignment.pk}/{question}/"
    assert "Nobody has handed in" in text_of(body(instructor_client.get(at)))


def test_order_is_shuffled_for_each_question_and_stays(
    instructor: User, instructor_client: Client
) -> None:
    from lessons.classrooms.marking import places

    classroom = make_class(instructor)
    assignment = give(classroom, instructor)
    written = []
    for n in range(12):
        learner = make_user(f"learner-{n}")
        join(classroom, learner)
        written.append(write(assignment, learner).pk)
    question = Question.objects.get(attempt_items__response=written[0]).pk
    order, waiting = places(classroom.pk, assignment, question)
    assert sorted(order) == written != order
    assert waiting == set(written)
    assert places(classroom.pk, assignment, question)[0] == order
    # Next and before walk through it, whoever is marked in between.
    at = address(assignment, Response.objects.get(pk=order[3]))
    page = body(instructor_client.get(at))
    assert "Answer 4 of 12" in page
    before, after = (address(assignment, Response.objects.get(pk=order[n])) for n in (2, 4))
    assert f'rel="prev" href="{before}"' in page
    assert f'rel="next" href="{after}"' in page
    response = Response.objects.get(pk=order[3])
    reply = mark(instructor_client, at, levels_of(response))
    assert reply.headers["Location"] == after
    assert places(classroom.pk, assignment, question)[0] == order


def test_last_answer_leads_on_to_one_that_was_skipped(
    instructor: User, instructor_client: Client
) -> None:
    from lessons.classrooms.marking import Place

    place = Place([5, 3, 9], frozenset([5, 9]), here=9)
    assert (place.number, place.before, place.after, place.next_waiting) == (3, 3, None, 5)
    assert Place([5, 3, 9], frozenset([9]), here=9).next_waiting is None
    assert Place([5, 3, 9], frozenset([9]), here=9).others_waiting == 0


# --- Marking ----------------------------------------------------------------------------------


def test_mark_is_stored_with_levels_comment_and_marker(
    setting: Setting, instructor: User, instructor_client: Client, student: User
) -> None:
    classroom, assignment, response = setting
    levels = levels_of(response, 1)
    reply = mark(instructor_client, address(assignment, response), levels, comment=" Well read. ")
    assert reply.headers["Location"] == queue_address(classroom)
    stored = Mark.objects.get()
    key = MarkingKey.objects.filter(revision=response.item.revision_id).latest("version")
    chosen = [
        (Decimal(level["score"]), Decimal(one["weight"]))
        for one in key.content["criteria"]
        for level in one["levels"]
        if level["key"] == levels[one["key"]]
    ]
    mean = sum(s * w for s, w in chosen) / sum(w for _s, w in chosen)
    assert stored.score == mean.quantize(Decimal("0.000001"))
    assert (stored.by, stored.marker, stored.levels, stored.comment, stored.marking_key) == (
        "person",
        instructor,
        levels,
        "Well read.",
        key,
    )
    item = AttemptItem.objects.get(response=response)
    assert (item.mark, item.score) == (stored, stored.score)
    (notice,) = Notice.objects.filter(user=student, kind="marked")
    assert notice.assignment == assignment


def test_student_is_told_once_all_their_answers_are_marked(
    instructor: User, student: User, instructor_client: Client
) -> None:
    classroom = make_class(instructor)
    join(classroom, student)
    assignment = give(classroom, instructor)
    write(assignment, student, "first")
    second = write(assignment, student, "again")
    assert Response.objects.count() == 2
    mark(instructor_client, address(assignment, second), levels_of(second))
    assert Notice.objects.filter(kind="marked").count() == 1
    # The earlier attempt counts no more, and is not in the queue.
    first = Response.objects.exclude(pk=second.pk).get()
    assert instructor_client.get(address(assignment, first)).status_code == 404


@pytest.mark.parametrize("role", ["assistant", "instructor"])
def test_staff_may_mark(setting: Setting, instructor: User, client_of: ClientOf, role: str) -> None:
    classroom, assignment, response = setting
    helper = make_staff(classroom, "helper", role, by=instructor)
    mark(client_of(helper), address(assignment, response), levels_of(response))
    assert Mark.objects.get().marker == helper


def test_marking_anew_keeps_the_first_mark_and_tells_who_had_seen_it(
    setting: Setting, instructor_client: Client, student: User
) -> None:
    _classroom, assignment, response = setting
    at = address(assignment, response)
    mark(instructor_client, at, levels_of(response, 0), comment="One.")
    page = body(instructor_client.get(at))
    assert form(page, at)["base"] == [str(Mark.objects.get().pk)]
    mark(instructor_client, at, levels_of(response), comment="Two.")
    assert marks() == [("person", "One.", Decimal(0)), ("person", "Two.", Decimal(1))]
    assert AttemptItem.objects.get(response=response).score == 1
    assert list(Notice.objects.filter(user=student).values_list("kind", flat=True)) == [
        "regraded",
        "marked",
        "given",
    ]


# --- Two markers ------------------------------------------------------------------------------


def test_stale_form_is_409_with_both_marks_and_changes_nothing(
    setting: Setting, instructor: User, instructor_client: Client, client_of: ClientOf
) -> None:
    classroom, assignment, response = setting
    at = address(assignment, response)
    mine = filled(body(instructor_client.get(at)), at, levels_of(response, 0), comment="Mine.")
    helper = client_of(make_staff(classroom, "helper", "assistant", by=instructor))
    mark(helper, at, levels_of(response), comment="Theirs.")
    before = list(Mark.objects.values())
    reply = instructor_client.post(at, mine)
    assert reply.status_code == 409
    page = text_of(body(reply))
    for words in (
        "This answer was marked in the meantime",
        "Stored, by Helper",
        "“Theirs.”",
        "“Mine.”",
    ):
        assert words in page, words
    assert list(Mark.objects.values()) == before
    # Sent again from the page that shows both, it is a decision.
    again = {**form(body(reply), at)}
    assert again["comment"] == ["Mine."]
    assert {f"level-{k}": [v] for k, v in levels_of(response, 0).items()}.items() <= again.items()
    assert instructor_client.post(at, again).status_code == 302
    assert marks() == [("person", "Theirs.", Decimal(1)), ("person", "Mine.", Decimal(0))]
    assert AttemptItem.objects.get(response=response).score == 0


def test_form_sent_twice_marks_once(setting: Setting, instructor_client: Client) -> None:
    _classroom, assignment, response = setting
    at = address(assignment, response)
    sent = filled(body(instructor_client.get(at)), at, levels_of(response))
    assert instructor_client.post(at, sent).status_code == 302
    assert instructor_client.post(at, sent).status_code == 409
    assert Mark.objects.count() == 1


def test_form_drawn_for_another_marker_is_refused(
    setting: Setting, instructor: User, instructor_client: Client, client_of: ClientOf
) -> None:
    classroom, assignment, response = setting
    at = address(assignment, response)
    sent = filled(body(instructor_client.get(at)), at, levels_of(response))
    helper = client_of(make_staff(classroom, "helper", "assistant", by=instructor))
    assert helper.post(at, sent).status_code == 409
    assert not Mark.objects.exists()


# --- Hostile and clumsy forms -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"level-nothing-like-it": "best"}, 422),
        ({"base": "one"}, 422),
        ({"base": ""}, 422),
        ({"base": "9" * 30}, 422),
        ({"comment": "x" * 2001}, 422),
        ({"comment": "x" * 60_000}, 422),
        ({"comment": "a\0b"}, 422),
        ({"score": "1", "by": "machine"}, 302),
    ],
    ids=lambda value: str(value)[:30],
)
def test_clumsy_form_is_refused_and_keeps_what_was_typed(
    setting: Setting, instructor_client: Client, change: dict[str, str], status: int
) -> None:
    _classroom, assignment, response = setting
    at = address(assignment, response)
    reply = mark(instructor_client, at, levels_of(response, 0), **change)
    assert reply.status_code == status
    if status == 302:
        assert marks() == [("person", "", Decimal(0))]
    else:
        assert not Mark.objects.exists()
        assert "This was not stored" in text_of(body(reply))
        assert {f"level-{k}": [v] for k, v in levels_of(response, 0).items()}.items() <= form(
            body(reply), at
        ).items()


@pytest.mark.parametrize("value", ["", "no-such-level"])
def test_level_that_is_none_is_refused(
    setting: Setting, instructor_client: Client, value: str
) -> None:
    _classroom, assignment, response = setting
    levels = levels_of(response)
    levels[min(levels)] = value
    reply = mark(instructor_client, address(assignment, response), levels)
    assert (reply.status_code, Mark.objects.count()) == (422, 0)


def test_lone_surrogate_is_a_bad_request(setting: Setting, instructor_client: Client) -> None:
    _classroom, assignment, response = setting
    reply = instructor_client.post(
        address(assignment, response),
        b"--b\r\nContent-Disposition: form-data; name=comment\r\n\r\n\\ud800\r\n--b--\r\n",
        content_type="multipart/form-data; boundary=b; charset=raw-unicode-escape",
    )
    assert reply.status_code == 400
    assert not Mark.objects.exists()


def test_answer_of_another_class_assignment_or_question_is_not_there(
    setting: Setting,
    instructor: User,
    instructor_client: Client,
    student: User,
    client_of: ClientOf,
) -> None:
    classroom, assignment, response = setting
    other = make_user("mr-other", is_instructor=True)
    elsewhere = make_class(other, "Another")
    theirs = give(elsewhere, other)
    second = give(classroom, instructor)
    at = address(assignment, response)
    sent = filled(body(instructor_client.get(at)), at, levels_of(response))
    wrong_question = Question.objects.filter(kind="single").first()
    assert wrong_question is not None
    question = response.item.question_id
    for client, place in [
        (client_of(other), at),
        (
            client_of(other),
            f"/classes/{elsewhere.pk}/marking/{assignment.pk}/{question}/{response.pk}/",
        ),
        (
            client_of(other),
            f"/classes/{elsewhere.pk}/marking/{theirs.pk}/{question}/{response.pk}/",
        ),
        (
            instructor_client,
            f"/classes/{classroom.pk}/marking/{second.pk}/{question}/{response.pk}/",
        ),
        (
            instructor_client,
            f"/classes/{classroom.pk}/marking/{assignment.pk}/{wrong_question.pk}/{response.pk}/",
        ),
        (
            instructor_client,
            f"/classes/{classroom.pk}/marking/{assignment.pk}/{question}/{10**25}/",
        ),
        (instructor_client, f"/classes/{10**25}/marking/"),
        (client_of(student), at),
        (client_of(student), queue_address(classroom)),
    ]:
        assert client.get(place).status_code == 404, place
        if place != queue_address(classroom) and not place.endswith("marking/"):
            assert client.post(place, sent).status_code == 404, place
    assert not Mark.objects.exists()


# --- Comments used again ----------------------------------------------------------------------


def test_comments_are_kept_used_and_dropped_without_losing_what_is_chosen(
    setting: Setting, instructor: User, instructor_client: Client
) -> None:
    _classroom, assignment, response = setting
    at, levels = address(assignment, response), levels_of(response, 1)
    reply = mark(instructor_client, at, levels, comment="Name the speaker.", do="keep")
    kept = ReusableComment.objects.get()
    assert (kept.owner, kept.text, kept.question_id) == (
        instructor,
        "Name the speaker.",
        response.item.question_id,
    )
    again = form(body(reply), at)
    assert {f"level-{k}": [v] for k, v in levels.items()}.items() <= again.items()
    assert again["comment"] == ["Name the speaker."]
    mark(instructor_client, at, levels, comment="Name the speaker.", do="keep")
    assert ReusableComment.objects.count() == 1
    reply = mark(instructor_client, at, levels, comment="Good.", do=f"pick:{kept.pk}")
    assert form(body(reply), at)["comment"] == ["Good.\nName the speaker."]
    reply = mark(instructor_client, at, levels, comment="Good.", do=f"drop:{kept.pk}")
    assert not ReusableComment.objects.exists()
    assert not Mark.objects.exists(), "none of this marks"


@pytest.mark.parametrize("comment", ["", "  ", "x" * 301])
def test_comment_that_cannot_be_kept_is_said_so(
    setting: Setting, instructor_client: Client, comment: str
) -> None:
    _classroom, assignment, response = setting
    reply = mark(instructor_client, address(assignment, response), {}, comment=comment, do="keep")
    assert (reply.status_code, ReusableComment.objects.count()) == (422, 0)


def test_comments_of_other_markers_are_neither_shown_nor_used_nor_dropped(
    setting: Setting, instructor: User, instructor_client: Client
) -> None:
    _classroom, assignment, response = setting
    other = make_user("mr-other")
    kept = ReusableComment.objects.create(owner=other, text="Not yours.")
    at = address(assignment, response)
    for verb in (f"pick:{kept.pk}", f"drop:{kept.pk}", "pick:", "drop:x", f"pick:{10**30}", "burn"):
        reply = mark(instructor_client, at, {}, do=verb)
        assert reply.status_code == 200
        assert "Not yours." not in body(reply)
    assert ReusableComment.objects.filter(owner=other).exists()


# --- What the student sees, and when -----------------------------------------------------------


def result_address(assignment: Assignment) -> str:
    return f"/assignments/{assignment.pk}/result/"


def work_address(assignment: Assignment) -> str:
    from lessons.guided.models import Step

    step = Step.objects.get(quiz=assignment.quiz)
    return f"/work/{assignment.delivery.key}/lessons/{step.lesson.slug}/{step.slug}/"


def test_student_sees_rubric_comment_and_sentence(
    setting: Setting, instructor_client: Client, student_client: Client
) -> None:
    _classroom, assignment, response = setting
    mark(
        instructor_client,
        address(assignment, response),
        levels_of(response, 1),
        comment="Whose words are they?",
    )
    key = MarkingKey.objects.get(revision=response.item.revision).content
    for place in (result_address(assignment), work_address(assignment)):
        page = text_of(body(student_client.get(place)))
        assert "Whose words are they?" in page, place
        assert "marked by your teacher" in page.lower(), place
        for criterion in key["criteria"]:
            level = criterion["levels"][1]
            assert f"{criterion['title']}: {level['title']}. {level['description']}" in page
        about = response.item.revision.content["about"]
        assert not about or about["quote"] in page


def test_before_release_nothing_of_a_mark_is_told(
    setting: Setting,
    instructor: User,
    instructor_client: Client,
    student_client: Client,
) -> None:
    classroom, _assignment, _response = setting
    student = User.objects.get(username="amara")
    assignment = give(classroom, instructor, release="by-hand")
    response = write(assignment, student, "By hand.")
    before = {at: body(student_client.get(at)) for at in places_of(assignment)}
    mark(
        instructor_client,
        address(assignment, response),
        levels_of(response),
        comment="Whose words are they?",
    )
    key = MarkingKey.objects.get(revision=response.item.revision).content
    secrets = [
        "Whose words are they?",
        *(level["description"] for one in key["criteria"] for level in one["levels"]),
        *(level["sample"] for one in key["criteria"] for level in one["levels"]),
        key["strong_answer"],
    ]
    for at in places_of(assignment):
        page = body(student_client.get(at))
        for secret in secrets:
            assert secret not in page, at
            assert secret not in text_of(page), at
        assert quiet(page) == quiet(before[at]), at
    assert "Marks are not released yet." in text_of(
        body(student_client.get(result_address(assignment)))
    )
    assignments.release_answers(assignment=assignment, by=instructor)
    assert "Whose words are they?" in body(student_client.get(result_address(assignment)))


def places_of(assignment: Assignment) -> list[str]:
    return [result_address(assignment), work_address(assignment)]


def quiet(page: str) -> str:
    """The page without what changes with every drawing."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", page)


def test_teachers_levels_are_not_the_learners_own(
    setting: Setting, instructor_client: Client, student_client: Client
) -> None:
    """A mark by a person is no view of the learner's, and takes the place of comparing."""
    _classroom, assignment, response = setting
    page = body(student_client.get(work_address(assignment)))
    assert "Compare your answer" in page
    mark(instructor_client, address(assignment, response), levels_of(response))
    page = body(student_client.get(work_address(assignment)))
    assert "Compare your answer" not in page


def test_result_belongs_to_the_student_it_was_given_to(
    setting: Setting,
    instructor_client: Client,
    other_student_client: Client,
    visitor_client: Client,
) -> None:
    _classroom, assignment, _response = setting
    at = result_address(assignment)
    assert instructor_client.get(at).status_code == 404
    assert other_student_client.get(at).status_code == 404
    assert visitor_client.get(at).headers["Location"].startswith("/accounts/sign-in/")


def test_result_explains_the_late_penalty(
    instructor: User, student: User, student_client: Client
) -> None:
    from django.utils import timezone

    from .answering import do_graded

    classroom = make_class(instructor)
    join(classroom, student)
    assignment = give(
        classroom,
        instructor,
        working.GRADED,
        due_at=timezone.now() - timedelta(hours=30),
        late_policy="per-day",
        late_per_day=Decimal("0.1"),
    )
    do_graded(assignment, student)
    page = text_of(body(student_client.get(result_address(assignment))))
    assert "It was handed in late, by 2 days begun. 20 % is taken off:" in page


def test_result_of_nothing_says_so(
    setting: Setting, instructor: User, student_client: Client
) -> None:
    classroom, _assignment, _response = setting
    assignment = give(classroom, instructor, working.GRADED)
    page = text_of(body(student_client.get(result_address(assignment))))
    assert "You have not handed in anything here yet." in page


# --- Another look -----------------------------------------------------------------------------


@pytest.fixture
def marked(setting: Setting, instructor_client: Client) -> Setting:
    _classroom, assignment, response = setting
    mark(instructor_client, address(assignment, response), levels_of(response, 0), comment="No.")
    return setting


def ask(client: Client, assignment: Assignment, response: Response, reason: str) -> Any:
    at = f"{result_address(assignment)}{response.pk}/ask/"
    fields = form(body(client.get(result_address(assignment))), at)
    return client.post(at, {**fields, "reason": reason})


def test_student_asks_once_and_the_teacher_answers_with_another_mark(
    marked: Setting, instructor: User, instructor_client: Client, student_client: Client
) -> None:
    from lessons.classrooms.models import RegradeRequest

    classroom, assignment, response = marked
    reply = ask(student_client, assignment, response, "I did name the speaker.")
    assert reply.status_code == 302
    asked = RegradeRequest.objects.get()
    assert (asked.state, asked.reason, asked.assignment) == (
        "open",
        "I did name the speaker.",
        assignment,
    )
    page = text_of(body(student_client.get(result_address(assignment))))
    assert "Your teacher has not answered yet." in page
    at = f"{queue_address(classroom)}requests/{asked.pk}/"
    assert at in body(instructor_client.get(queue_address(classroom)))
    shown = body(instructor_client.get(at))
    assert "I did name the speaker." in shown
    assert "Amara" not in shown
    for change in ({"reply": ""}, {"decision": ""}, {"decision": "burn"}):
        sent = filled(shown, at, levels_of(response), decision="change", reply="So you did.")
        assert instructor_client.post(at, {**sent, **change}).status_code == 422
    assert RegradeRequest.objects.get().state == "open"
    sent = filled(shown, at, levels_of(response), decision="change", reply="So you did.")
    assert instructor_client.post(at, sent).status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.reply, asked.answered_by) == ("changed", "So you did.", instructor)
    assert [(m.score, m.reason) for m in Mark.objects.order_by("pk")] == [
        (Decimal(0), ""),
        (Decimal(1), "Asked for another look: So you did."),
    ]
    kinds = set(Notice.objects.values_list("kind", flat=True))
    assert {"answered", "regraded"} <= kinds
    page = text_of(body(student_client.get(result_address(assignment))))
    assert "The mark was changed. So you did." in page
    # Answered once, asked once.
    assert instructor_client.post(at, sent).status_code in {409, 422}
    again = student_client.post(
        f"{result_address(assignment)}{response.pk}/ask/",
        {"reason": "Once more", "reader": sent["reader"]},
    )
    assert again.status_code in {409, 422}
    assert RegradeRequest.objects.count() == 1


def test_teacher_keeps_the_mark_with_a_reply(
    marked: Setting, instructor_client: Client, student_client: Client
) -> None:
    from lessons.classrooms.models import RegradeRequest

    classroom, assignment, response = marked
    ask(student_client, assignment, response, "Please.")
    asked = RegradeRequest.objects.get()
    at = f"{queue_address(classroom)}requests/{asked.pk}/"
    sent = {**form(body(instructor_client.get(at)), at), "decision": "keep", "reply": "It stays."}
    assert instructor_client.post(at, sent).status_code == 302
    assert Mark.objects.count() == 1
    assert RegradeRequest.objects.get().state == "kept"


def test_machine_marked_answer_can_be_given_points(
    instructor: User, student: User, instructor_client: Client, student_client: Client
) -> None:
    from lessons.classrooms.models import RegradeRequest

    from .answering import do_graded

    classroom = make_class(instructor)
    join(classroom, student)
    assignment = give(classroom, instructor, working.GRADED)
    do_graded(assignment, student, right=False)
    item = AttemptItem.objects.get(attempt__learner=student, question__kind="short")
    assert item.response is not None
    ask(student_client, assignment, item.response, "A slip of the pen only.")
    asked = RegradeRequest.objects.get()
    at = f"{queue_address(classroom)}requests/{asked.pk}/"
    shown = body(instructor_client.get(at))
    points = Decimal(item.revision.content["points"])
    for typed in ("", "x", "NaN", "Infinity", "-1", str(points + 1), "1e999999"):
        sent = {**form(shown, at), "decision": "change", "reply": "Half.", "points": typed}
        assert instructor_client.post(at, sent).status_code == 422, typed
    half = {**form(shown, at), "decision": "change", "reply": "Half.", "points": str(points / 2)}
    assert instructor_client.post(at, half).status_code == 302
    item.refresh_from_db()
    assert item.score == Decimal("0.5")


def test_asking_without_a_mark_or_a_reason_is_refused(
    setting: Setting,
    student: User,
    student_client: Client,
    other_student_client: Client,
) -> None:
    from lessons.classrooms.domain import marking as domain
    from lessons.classrooms.domain.refusals import ClassRefused
    from lessons.classrooms.models import RegradeRequest

    _classroom, assignment, response = setting
    with pytest.raises(ClassRefused):
        domain.ask_again(assignment=assignment, response=response, reason="Please", by=student)
    at = f"{result_address(assignment)}{response.pk}/ask/"
    assert at not in body(student_client.get(result_address(assignment)))
    assert other_student_client.post(at, {"reason": "Please"}).status_code == 404
    assert not RegradeRequest.objects.exists()


@pytest.mark.parametrize(("reason", "status"), [("", 422), ("x" * 501, 422), ("a\0b", 422)])
def test_reason_that_is_none_is_refused(
    marked: Setting, student_client: Client, reason: str, status: int
) -> None:
    from lessons.classrooms.models import RegradeRequest

    _classroom, assignment, response = marked
    assert ask(student_client, assignment, response, reason).status_code == status
    assert not RegradeRequest.objects.exists()


def test_asking_often_is_slowed_down(
    marked: Setting, student: User, student_client: Client
) -> None:
    from lessons.classrooms.views.results import REQUESTS_AN_HOUR

    _classroom, assignment, response = marked
    for _n in range(REQUESTS_AN_HOUR):
        assert ask(student_client, assignment, response, "").status_code == 422
    assert ask(student_client, assignment, response, "Please").status_code == 429
    cache.clear()
    assert ask(student_client, assignment, response, "Please").status_code == 302
