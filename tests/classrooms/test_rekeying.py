"""A wrong key is changed by editors: with a preview, a reason, and marks that are added."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from lessons.accounts.models import User
from lessons.classrooms.domain import assignments, classes
from lessons.classrooms.domain import marking as domain
from lessons.classrooms.gradelog import page_of
from lessons.classrooms.models import Assignment, Classroom, Notice
from lessons.classrooms.rekeying import preview_of
from lessons.core.models import ContentVersion
from lessons.quizzes import rekeying
from lessons.quizzes.kinds.base import shuffled
from lessons.quizzes.models import (
    AttemptItem,
    Mark,
    MarkingKey,
    Option,
    Question,
    Response,
    Segment,
)
from lessons.quizzes.revisions import face_of, key_of
from tests.conftest import make_user
from tests.guided.reading import body, form, text_of
from tests.quizzes import working

from .answering import begin, give, join, make_class

pytestmark = pytest.mark.django_db


@pytest.fixture
def classroom(instructor: User, student: User) -> Classroom:
    classroom = make_class(instructor)
    join(classroom, student, "Amara B.")
    return classroom


@pytest.fixture
def assignment(classroom: Classroom, instructor: User) -> Assignment:
    return give(classroom, instructor, working.PRACTICE)


def single() -> Question:
    return Question.objects.get(quizzes__key=working.PRACTICE)


def others(question: Question) -> list[str]:
    """Option keys that are wrong now."""
    return list(question.options.filter(is_key=False).values_list("key", flat=True))


def answer(assignment: Assignment, by: User, choice: str) -> Response:
    item = working.item(begin(assignment, by, working.PRACTICE))
    return working.check(item, {"choice": choice})


def stored() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (Option, MarkingKey, Mark, AttemptItem, Notice)
    ]


def address(question: Question) -> str:
    return f"/editors/questions/{question.key}/rekey/"


def fields(question: Question, choice: str, **more: str) -> dict[str, str]:
    order = shuffled([row["key"] for row in face_of(question)["options"]], question.pk)
    return {"key-choice": str(order.index(choice)), **more}


# --- What would change ------------------------------------------------------------------------


def test_preview_writes_nothing_and_names_only_own_students(
    classroom: Classroom,
    assignment: Assignment,
    instructor: User,
    student: User,
    editor: User,
) -> None:
    question = single()
    new, other = others(question)[:2]
    elsewhere = make_class(make_user("mr-other", is_instructor=True), "Another")
    stranger = make_user("stranger", display_name="A Stranger")
    join(elsewhere, stranger)
    theirs = give(elsewhere, instructor, working.PRACTICE)
    answer(assignment, student, new)
    item = working.item(begin(theirs, stranger, working.PRACTICE))
    working.check(item, working.right(item))
    change = rekeying.NewKey(answer={"choice": new})
    before = stored()
    found = preview_of(question, change, by=editor)
    assert stored() == before
    assert (found.answers, found.better, found.worse, found.grades) == (2, 1, 1, 2)
    assert (found.other_classes, found.own) == (2, [])
    found = preview_of(question, change, by=instructor)
    assert found.other_classes == 1
    assert [(own.classroom, [g.student for g in own.grades]) for own in found.own] == [
        (classroom, ["Amara B."])
    ]
    grade = found.own[0].grades[0]
    assert (grade.old, grade.new) == (Decimal(0), Decimal(1))
    assert preview_of(question, rekeying.NewKey(answer={"choice": other}), by=editor).better == 0


def test_answers_that_count_nowhere_are_no_grades(
    assignment: Assignment, student: User, editor: User
) -> None:
    question = single()
    new = others(question)[0]
    item = working.item(working.start(student, working.PRACTICE))
    working.check(item, {"choice": new})
    found = preview_of(question, rekeying.NewKey(answer={"choice": new}), by=editor)
    assert (found.answers, found.grades, found.other_classes) == (1, 0, 0)


# --- Doing it ---------------------------------------------------------------------------------


def test_rekeying_adds_marks_and_a_key_and_tells_and_logs(
    classroom: Classroom, assignment: Assignment, student: User, editor: User
) -> None:
    question = single()
    new = others(question)[0]
    response = answer(assignment, student, new)
    version, marks = ContentVersion.current(), list(Mark.objects.values())
    keys = list(MarkingKey.objects.filter(revision__question=question).values())
    changed = domain.rekey_question(
        question=question,
        change=rekeying.NewKey(answer={"choice": new}),
        reason="The text says otherwise.",
        by=editor,
    )
    assert changed == [response]
    assert ContentVersion.current() > version
    assert list(Mark.objects.values())[: len(marks)] == marks
    mark = Mark.objects.latest("pk")
    assert (mark.by, mark.marker, mark.reason, mark.score) == (
        "machine",
        editor,
        "The text says otherwise.",
        Decimal(1),
    )
    now = list(MarkingKey.objects.filter(revision__question=question).values())
    assert (now[: len(keys)], len(now)) == (keys, len(keys) + 1)
    item = AttemptItem.objects.get(response=response)
    assert (item.mark, item.score) == (mark, 1)
    assert set(question.options.filter(is_key=True).values_list("key", flat=True)) == {new}
    changed_row = Option.history.filter(question=question, key=new).first()  # type: ignore[attr-defined]
    assert (changed_row.history_user, changed_row.history_change_reason) == (
        editor,
        "The text says otherwise.",
    )
    assert Notice.objects.filter(user=student, kind="regraded").count() == 1
    (entry,) = page_of(classroom, student=None, number=1).entries
    assert (entry.what, entry.who, entry.student, entry.why) == (
        "marked anew by another key",
        "The editor",
        "Amara B.",
        "The text says otherwise.",
    )
    # Who is asked from now on is marked by the new key.
    item = working.item(begin(assignment, make_user("late"), working.PRACTICE))
    working.check(item, {"choice": new})
    assert working.item(item.attempt).score == 1


def test_before_release_nobody_is_told(
    classroom: Classroom, instructor: User, student: User, editor: User
) -> None:
    assignment = give(classroom, instructor, working.PRACTICE, release="by-hand")
    question = single()
    new = others(question)[0]
    answer(assignment, student, new)
    change = rekeying.NewKey(answer={"choice": new})
    domain.rekey_question(question=question, change=change, reason="Wrong.", by=editor)
    assert not Notice.objects.filter(kind="regraded").exists()
    assignments.release_answers(assignment=assignment, by=instructor)
    assert Notice.objects.filter(user=student, kind="released").exists()


def test_persons_marks_stay(
    assignment: Assignment, instructor: User, student: User, editor: User
) -> None:
    question = single()
    new = others(question)[0]
    response = answer(assignment, student, new)
    working.check(working.item(response.item.attempt), {"choice": others(question)[1]}, base=1)
    last = AttemptItem.objects.get(attempt=response.item.attempt).response
    assert last is not None
    domain.mark_answer(
        assignment=assignment,
        response=last,
        levels={},
        by=instructor,
        base_mark=0,
        score=Decimal("0.5"),
    )
    change = rekeying.NewKey(answer={"choice": others(question)[1]})
    domain.rekey_question(question=question, change=change, reason="Wrong.", by=editor)
    assert AttemptItem.objects.get(response=last).score == Decimal("0.5")


@pytest.mark.parametrize("kind", ["single", "multiple", "matching", "ordering", "short"])
def test_every_kind_takes_another_key(kind: str, editor: User) -> None:
    question = Question.objects.filter(kind=kind, status="published").first()
    assert question is not None
    question = rekeying.with_parts(question.pk)
    if kind == "short":
        change = rekeying.NewKey(accepted="quite another", feedback="So it says too.")
    else:
        change = rekeying.NewKey(answer=another(rekeying.right_now(question)))
    domain.rekey_question(question=question, change=change, reason="Wrong.", by=editor)
    after = rekeying.with_parts(question.pk)
    if kind == "short":
        added = after.accepted_answers.get(answer="quite another")
        assert (added.key, added.score) == ("quite-another", 1)
    else:
        assert rekeying.right_now(after) == change.answer
    with pytest.raises(rekeying.KeyRefused):
        rekeying.apply(after, rekeying.NewKey(answer=change.answer))


def another(right: dict[str, Any]) -> dict[str, Any]:
    match right:
        case {"choice": choice}:
            keys = Option.objects.get(key=choice, is_key=True, question__options__key=choice)
            wrong = keys.question.options.filter(is_key=False).first()
            return {"choice": wrong.key}
        case {"choices": choices}:
            return {"choices": choices[:1] if len(choices) > 1 else choices}
        case {"pairs": pairs}:
            first, second = next((a, b) for a in pairs for b in pairs if pairs[a] != pairs[b])
            return {"pairs": {**pairs, first: pairs[second], second: pairs[first]}}
        case {"places": places}:
            last = len(places) + 1
            return {"places": {key: last - place for key, place in places.items()}}
    raise AssertionError(right)


LANES = "between-two-lanes"


def accepted_now(key: str) -> dict[str, list[str]]:
    question = rekeying.with_parts(Question.objects.get(key=key).pk)
    parts = rekeying.parts_of(face_of(question), key_of(question))
    return {part.key: part.accepted for part in parts}


@pytest.mark.parametrize(
    ("quiz", "position", "part", "old", "new", "given"),
    [
        (LANES, 1, "help", ["~none"], ["p5"], "p5"),
        (LANES, 1, "air", ["p8"], ["~none", "p9"], "p9"),
        ("between-whose-words", 1, "said", ["frame"], ["frame", "reported"], "reported"),
        ("between-whose-words", 1, "serious", ["reported", "first-person"], ["quoted"], "quoted"),
    ],
)
def test_part_of_an_exercise_takes_other_answers(
    student: User,
    editor: User,
    quiz: str,
    position: int,
    part: str,
    old: list[str],
    new: list[str],
    given: str,
) -> None:
    item = working.item(working.start(student, quiz), position)
    name = "replies" if quiz == LANES else "voices"
    answer = working.right(item)
    response = working.check(item, {name: {**answer[name], part: given}})
    question = item.question
    before = accepted_now(question.key)
    assert sorted(before[part]) == sorted(old)
    changed = domain.rekey_question(
        question=question,
        change=rekeying.NewKey(parts={**before, part: new}),
        reason="The text says otherwise.",
        by=editor,
    )
    assert changed == [response]
    after = accepted_now(question.key)
    assert sorted(after[part]) == sorted(new)
    assert {**after, part: []} == {**before, part: []}
    assert AttemptItem.objects.get(response=response).score == 1


def test_warrant_takes_another_statement_and_its_words_that_go_too_far(
    student: User, editor: User
) -> None:
    item = working.item(working.start(student, "between-whose-words"), 3)
    response = working.check(item, {"choice": "hussein-held"})
    question = rekeying.with_parts(item.question_id)
    change = {"answer": {"choice": "hussein-held"}, "excess": {"record-reports": "reports"}}
    with pytest.raises(rekeying.KeyRefused, match="the words in it that go too far"):
        rekeying.apply(question, rekeying.NewKey(answer=change["answer"]))
    changed = domain.rekey_question(
        question=question, change=rekeying.NewKey(**change), reason="Wrong.", by=editor
    )
    assert changed == [response]
    assert dict(Option.objects.filter(question=question).values_list("key", "excess")) == {
        "pakistan-took": "took",
        "record-reports": "reports",
        "hussein-held": "",
        "exact": "word for word",
    }


@pytest.mark.parametrize("voices", [[], ["frame", "reported", "quoted"]])
def test_segment_has_one_voice_or_two(editor: User, voices: list[str]) -> None:
    question = rekeying.with_parts(Question.objects.get(key="between-voices-3").pk)
    parts = {**accepted_now("between-voices-3"), "said": voices}
    with pytest.raises(rekeying.KeyRefused, match="one voice for “Hussein said”, or two"):
        rekeying.apply(question, rekeying.NewKey(parts=parts))


def test_voice_that_another_question_asks_about_is_not_changed_behind_its_back(
    editor: User,
) -> None:
    segment = Segment.objects.get(question__key="between-voices-3", key="said")
    other = Question.objects.get(key="between-voices-9")
    Segment.objects.create(question=other, key="too", span=segment.span, feedback="So.")
    question = rekeying.with_parts(segment.question_id)
    parts = {**accepted_now("between-voices-3"), "said": ["quoted"]}
    with pytest.raises(rekeying.KeyRefused, match="between-voices-9"):
        rekeying.apply(question, rekeying.NewKey(parts=parts))


def test_page_previews_then_changes_what_a_card_accepts(
    student: User, editor_client: Client
) -> None:
    item = working.item(working.start(student, LANES))
    working.check(item, {"replies": {**working.right(item)["replies"], "help": "p5"}})
    at = address(item.question)
    sent: dict[str, Any] = {
        f"accepted-{part}": codes for part, codes in accepted_now("between-replies").items()
    }
    reply = editor_client.post(at, {**sent, "do": "preview"})
    assert (reply.status_code, "That is the key it has already." in text_of(body(reply))) == (
        422,
        True,
    )
    refused = editor_client.post(at, {**sent, "accepted-help": "p99", "do": "preview"})
    assert refused.status_code == 422
    sent["accepted-help"] = ["~none", "p5"]
    before = stored()
    reply = editor_client.post(at, {**sent, "do": "preview"})
    assert "Answers marked otherwise 1 Better, worse 1, 0" in text_of(body(reply))
    assert stored() == before
    shown = form(body(reply), at)
    sent |= {"do": "confirm", "reason": "Both.", "previewed": shown["previewed"]}
    reply = editor_client.post(at, sent, follow=True)
    assert "1 answer was marked anew." in text_of(body(reply))
    assert accepted_now("between-replies")["help"] == ["p5", "~none"]


def test_what_is_never_scored_says_why_it_has_no_key(editor_client: Client) -> None:
    question = Question.objects.get(key="between-unanswered")
    page = text_of(body(editor_client.get(address(question))))
    assert "This question is never scored: nothing in it is right" in page


def test_key_that_could_not_be_asked_is_refused_whole(editor: User) -> None:
    question = Question.objects.filter(kind="multiple", status="published").first()
    assert question is not None
    every = sorted(question.options.values_list("key", flat=True))
    before = stored()
    with pytest.raises(rekeying.KeyRefused, match="every option is ticked"):
        domain.rekey_question(
            question=question,
            change=rekeying.NewKey(answer={"choices": every}),
            reason="Wrong.",
            by=editor,
        )
    assert stored() == before


def test_answers_to_other_options_are_left_alone(
    assignment: Assignment, student: User, editor: User
) -> None:
    """An older revision that asked for other lines cannot be judged by the key of these."""
    question = single()
    old = others(question)[0]
    answer(assignment, student, old)
    Option.objects.filter(question=question, key=old).update(key="renamed")
    found = preview_of(question, rekeying.NewKey(answer={"choice": "renamed"}), by=editor)
    assert found.answers == 0


# --- The page ---------------------------------------------------------------------------------


def test_page_previews_then_changes(
    assignment: Assignment,
    classroom: Classroom,
    student: User,
    editor: User,
    editor_client: Client,
    instructor: User,
) -> None:
    question = single()
    new = others(question)[0]
    answer(assignment, student, new)
    at = address(question)
    membership = join(classroom, editor)
    classes.change_role(membership=membership, role="assistant", by=instructor)
    before = stored()
    page = body(editor_client.get(at))
    assert "See whose grade changes" in page
    reply = editor_client.post(at, fields(question, new, do="preview"))
    page = text_of(body(reply))
    assert (reply.status_code, stored()) == (200, before)
    assert "Answers marked otherwise 1" in page
    assert "Amara B." in page
    sent = {**form(body(reply), at), "do": "confirm"}
    assert editor_client.post(at, {**sent, "reason": ""}).status_code == 422
    # What is confirmed is what was looked at.
    other = fields(question, others(question)[1])
    assert editor_client.post(at, {**sent, **other, "reason": "Wrong."}).status_code == 409
    assert stored() == before
    reply = editor_client.post(at, {**sent, "reason": "Wrong."}, follow=True)
    assert "1 answer was marked anew." in text_of(body(reply))
    assert Mark.objects.latest("pk").score == 1


def test_same_key_is_no_change(editor_client: Client) -> None:
    question = single()
    now = question.options.get(is_key=True).key
    reply = editor_client.post(address(question), fields(question, now, do="preview"))
    assert reply.status_code == 422
    assert "That is the key it has already." in text_of(body(reply))


def test_short_answers_take_one_more(editor_client: Client) -> None:
    question = Question.objects.filter(kind="short", status="published").first()
    assert question is not None
    at = address(question)
    sent = form(body(editor_client.get(at)), at)
    for change in (
        {"accepted": "at first sight"},  # nothing is said of it
        {next(name for name in sent if name.startswith("score-")): "2"},
        {next(name for name in sent if name.startswith("score-")): "NaN"},
        {next(name for name in sent if name.startswith("score-")): "x"},
        {"accepted": "a\0b", "feedback": "b"},
        {"accepted": "x" * 60_000, "feedback": "b"},
    ):
        reply = editor_client.post(at, {**sent, **change, "do": "preview"})
        assert reply.status_code == 422, change
    good = {**sent, "accepted": "at first sight", "feedback": "It says so.", "do": "preview"}
    assert editor_client.post(at, good).status_code == 200


@pytest.mark.parametrize("kind", ["open", "evidence"])
def test_rubrics_and_evidence_lead_to_admin(editor_client: Client, kind: str) -> None:
    question = Question.objects.filter(kind=kind).first()
    assert question is not None
    at = address(question)
    page = body(editor_client.get(at))
    assert f"/admin/quizzes/question/{question.pk}/change/" in page
    assert editor_client.post(at, {"do": "confirm"}).status_code == 200
    assert f'href="{at}"' in body(
        editor_client.get(f"/admin/quizzes/question/{question.pk}/change/")
    )


@pytest.mark.parametrize(
    "data",
    [{}, {"key-choice": "99"}, {"key-choice": ["0", "1"]}, {"key-choice": "x" * 60_000}],
    ids=["nothing", "none", "two", "huge"],
)
def test_key_that_is_none_is_refused(editor_client: Client, data: dict[str, Any]) -> None:
    before = stored()
    assert editor_client.post(address(single()), {**data, "do": "confirm"}).status_code == 422
    assert stored() == before


def test_only_editors_may(
    instructor_client: Client,
    student_client: Client,
    visitor_client: Client,
    editor: User,
    editor_client: Client,
) -> None:
    at = address(single())
    before = stored()
    for client in (instructor_client, student_client):
        assert client.get(at).status_code == 403
        assert client.post(at, fields(single(), others(single())[0])).status_code == 403
    assert visitor_client.get(at).status_code == 302
    assert editor_client.get("/editors/questions/no-such/rekey/").status_code == 404
    editor.user_permissions.clear()
    assert editor_client.get(at).status_code == 403
    assert stored() == before
