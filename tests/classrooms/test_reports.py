"""Whose work counts, which answers count, and what the reports make of them."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from lessons.accounts.models import User
from lessons.classrooms.domain import classes
from lessons.classrooms.models import Assignment, Classroom, Excuse, Group, Membership
from lessons.classrooms.reports.facts import Board, board_of
from lessons.classrooms.reports.passages import passage_reports
from lessons.classrooms.reports.progress import (
    Cell,
    State,
    cell_of,
    class_progress,
    matrix_rows,
    said_now,
    state_of,
)
from lessons.classrooms.reports.questions import (
    QuestionReport,
    item_analysis,
    question_reports,
    ranked,
    skill_reports,
)
from lessons.classrooms.reports.times import step_times
from lessons.classrooms.reports.wording import clock_of, few, listed, minutes, percent, two_places
from lessons.quizzes.domain import assess_own_response
from lessons.quizzes.models import Attempt, Delivery, Question, Response
from tests.conftest import make_user
from tests.quizzes.working import NOW, check, item, start, wrong

from .reported_class import (
    add_staff,
    give_lesson,
    make_class,
    make_students,
    mark,
    practise,
    sit_quiz,
    step_of,
    touch,
)

pytestmark = pytest.mark.django_db
LETTER, PAIR, WRITTEN = "a-letter-arrives", "a-middle-position", "in-your-own-words"


@pytest.fixture
def pupils(db: None) -> list[User]:
    return make_students(4)


@pytest.fixture
def classroom(instructor: User, pupils: list[User]) -> Classroom:
    return make_class(instructor, pupils)


@pytest.fixture
def given_out(classroom: Classroom, instructor: User) -> Assignment:
    return give_lesson(classroom, instructor)


def board(assignment: Assignment, moment: datetime | None = None) -> Board:
    return board_of(assignment.classroom, assignment.pk, moment=moment or NOW)


def report(assignment: Assignment, slug: str, position: int = 1, **when: Any) -> QuestionReport:
    step = step_of(assignment, slug)
    found = [
        r for r in question_reports(board(assignment, **when)) if r.step and r.step.pk == step.pk
    ]
    return found[position - 1]


# --- Which answers count ----------------------------------------------------------------------


def test_the_first_answer_counts_and_no_later_one(
    given_out: Assignment, pupils: list[User]
) -> None:
    practise(given_out, pupils[0], LETTER, "wrong", "right")
    practise(given_out, pupils[1], LETTER, "right")
    found = report(given_out, LETTER)
    assert (found.counted, found.answered, found.facility) == (2, 2, Decimal("0.5"))
    assert [(s.count, s.is_right) for s in found.shares if s.count] == [(1, True), (1, False)]


def test_the_first_attempt_counts_and_no_later_one(
    given_out: Assignment, pupils: list[User]
) -> None:
    practise(given_out, pupils[0], LETTER, "wrong", "wrong")
    practise(given_out, pupils[0], LETTER, "right")
    assert Attempt.objects.filter(delivery=given_out.delivery).count() == 2
    assert report(given_out, LETTER).facility == 0


def test_a_void_attempt_counts_nowhere_and_the_next_takes_its_place(
    given_out: Assignment, pupils: list[User]
) -> None:
    first = practise(given_out, pupils[0], LETTER, "wrong", "wrong")
    Attempt.objects.filter(pk=first.pk).update(voided_at=NOW)
    assert question_reports(board(given_out)) == []
    practise(given_out, pupils[0], LETTER, "right")
    found = report(given_out, LETTER)
    assert (found.counted, found.facility) == (1, 1)


def test_only_students_who_are_in_the_class_now_count(
    given_out: Assignment,
    classroom: Classroom,
    pupils: list[User],
    instructor: User,
    other_student: User,
) -> None:
    """Staff, who left, who was removed, who has it in self-study, in preview, in another class."""
    assistant = make_user("assistant")
    add_staff(classroom, assistant)
    left, removed, here, self_taught = pupils
    elsewhere = give_lesson(make_class(instructor, [other_student], "12a"), instructor)
    for user in (assistant, instructor, left, removed):
        practise(given_out, user, LETTER, "wrong", "wrong")
    practise(elsewhere, other_student, LETTER, "wrong", "wrong")
    for delivery in (Delivery.objects.self_study(), Delivery.objects.preview()):
        attempt = start(self_taught, step_of(given_out, LETTER).quiz.key, delivery=delivery)  # type: ignore[union-attr]
        check(item(attempt), wrong(item(attempt)))
    practise(given_out, here, LETTER, "right")
    own = Membership.objects.get(classroom=classroom, user=left)
    classes.leave_class(membership=own, by=left)
    gone = Membership.objects.get(classroom=classroom, user=removed)
    classes.remove_member(membership=gone, by=instructor)
    found = report(given_out, LETTER)
    assert (found.counted, found.answered, found.facility) == (1, 1, 1)
    names = [s.learner.user for s in class_progress(board(given_out), hidden=False).standings]
    assert sorted(names) == sorted([here.pk, self_taught.pk])
    assert sum(time.begun for time in step_times(board(given_out))) == 1


def test_an_assignment_for_a_group_counts_the_group(
    classroom: Classroom, instructor: User, pupils: list[User]
) -> None:
    group = Group.objects.create(classroom=classroom, name="A")
    group.members.add(Membership.objects.get(classroom=classroom, user=pupils[0]))
    one = Membership.objects.get(classroom=classroom, user=pupils[1])
    assignment = give_lesson(classroom, instructor, groups=[group], members=[one])
    for pupil in pupils[:3]:
        practise(assignment, pupil, LETTER, "right")
    assert report(assignment, LETTER).counted == 2
    progress = class_progress(board(assignment), hidden=False)
    assert [s.learner.user for s in progress.standings] == [pupils[0].pk, pupils[1].pk]


def test_what_was_handed_in_without_an_answer_scores_nought(
    given_out: Assignment, pupils: list[User]
) -> None:
    sit_quiz(given_out, pupils[0], "", "right")
    sit_quiz(given_out, pupils[1], "right", "right")
    sit_quiz(given_out, pupils[2], "right", hand_in=False)
    first = report(given_out, "closing-quiz", 1)
    assert (first.counted, first.blank, first.answered) == (2, 1, 1)
    assert first.facility == Decimal("0.5")
    assert report(given_out, "closing-quiz", 3).facility == 0


def test_time_that_is_over_hands_in_for_every_reader(
    given_out: Assignment, pupils: list[User]
) -> None:
    """Nothing has written so yet: what was put down counts as it will be marked, the rest as 0."""
    attempt = sit_quiz(given_out, pupils[0], "right", "wrong", hand_in=False)
    later = {"moment": NOW + timedelta(minutes=31)}
    assert question_reports(board(given_out, **later)) == []
    Attempt.objects.filter(pk=attempt.pk).update(deadline=NOW + timedelta(minutes=30))
    assert question_reports(board(given_out, moment=NOW + timedelta(minutes=30, seconds=29))) == []
    found = question_reports(board(given_out, **later))
    assert [(r.counted, r.blank) for r in found] == [(1, 0), (1, 0), (1, 1), (1, 1), (1, 1)]
    assert found[0].facility == 1
    assert found[1].facility is not None
    assert found[1].facility < 1
    assert [r.facility for r in found[2:]] == [0, 0, 0]
    assert not Response.objects.filter(item__attempt=attempt).exists()


def test_a_written_answer_counts_once_a_person_has_marked_it(
    given_out: Assignment, pupils: list[User], instructor: User
) -> None:
    attempt = practise(given_out, pupils[0], WRITTEN, "right")
    found = report(given_out, WRITTEN)
    assert (found.counted, found.waiting, found.facility) == (0, 1, None)
    of = item(attempt)
    levels = {
        criterion["key"]: criterion["levels"][-1]["key"]
        for criterion in of.revision.marking_keys.latest("version").content["criteria"]
    }
    assess_own_response(item=of, levels=levels, by=pupils[0])
    assert report(given_out, WRITTEN).facility is None  # the learner's own judgement
    mark(item(attempt).response, "0.25", marker=instructor)  # type: ignore[arg-type]
    found = report(given_out, WRITTEN)
    assert (found.counted, found.waiting, found.facility) == (1, 0, Decimal("0.25"))


def test_a_mark_of_the_first_answer_counts_after_a_second_answer(
    given_out: Assignment, pupils: list[User], instructor: User
) -> None:
    """Regraded: the first answer's latest mark, though the item caches the second one's."""
    attempt = practise(given_out, pupils[0], LETTER, "wrong", "right")
    first = Response.objects.get(item__attempt=attempt, version=1)
    key = first.item.revision.marking_keys.latest("version")
    first.marks.create(marking_key=key, score=1, by="machine", reason="re-keyed")
    assert report(given_out, LETTER).facility == 1


def test_confident_errors_are_shares_of_those_who_were_asked(
    given_out: Assignment, pupils: list[User]
) -> None:
    practise(given_out, pupils[0], LETTER, "wrong", confidence="sure")
    practise(given_out, pupils[1], LETTER, "right", confidence="sure")
    practise(given_out, pupils[2], LETTER, "wrong", confidence="guess")
    practise(given_out, pupils[3], LETTER, "wrong")
    found = report(given_out, LETTER)
    assert (found.told, found.sure_wrong, found.sure_percent) == (3, 1, "33%")
    wrong_one = found.top_wrong
    assert wrong_one is not None
    assert (wrong_one.count, wrong_one.of, wrong_one.sure) == (3, 4, 1)
    assert wrong_one.misreading
    assert wrong_one.label in found.reading
    assert "4 answers say little." in found.reading
    # 3/4 missed it, 1/3 sure and wrong, 3/4 the same wrong answer.
    assert found.talk == Decimal("0.75") + Decimal(1) / 3 + Decimal("0.75")


def test_what_needs_talking_about_comes_first(given_out: Assignment, pupils: list[User]) -> None:
    for pupil in pupils:
        practise(given_out, pupil, LETTER, "right")
        practise(given_out, pupil, "at-first-glance", "wrong")
        practise(given_out, pupil, WRITTEN, "right")  # nobody has marked it
    order = [r.step.title for r in ranked(question_reports(board(given_out))) if r.step]
    assert order == ["At first glance", "A letter arrives", "In your own words"]


def test_machine_marks_are_reported_as_reading_whatever_they_practise(
    given_out: Assignment, pupils: list[User], instructor: User
) -> None:
    practise(given_out, pupils[0], "what-is-this", "wrong")  # multiple choice, sourcing
    practise(given_out, pupils[0], PAIR, "right")  # evidence chosen in the text
    attempt = practise(given_out, pupils[0], WRITTEN, "right")
    assert Question.objects.get(key="letter-soviet-signs").skill == Question.Skill.SOURCING
    found = {skill.skill: skill for skill in skill_reports(question_reports(board(given_out)))}
    assert found["reading"].questions == 1
    assert found["reading"].facility is not None
    assert found["reading"].facility < 1
    assert {name: skill.counted for name, skill in found.items()} == {
        "reading": 1,
        "claim-and-evidence": 1,
    }
    mark(item(attempt).response, "0.5", marker=instructor)  # type: ignore[arg-type]
    found = {skill.skill: skill for skill in skill_reports(question_reports(board(given_out)))}
    assert {name: skill.counted for name, skill in found.items()} == {
        "reading": 1,
        "claim-and-evidence": 2,
    }


# --- Where everybody is -----------------------------------------------------------------------

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        (State.NOT_STARTED, {"last_touch": None}),
        (State.DONE, {"finished": 8}),
        (State.DONE, {"finished": 8, "missed_twice": True}),
        (State.UNDER_WAY, {}),
        (State.UNDER_WAY, {"last_touch": NOW - 9 * MINUTE}),
        (State.STUCK, {"last_touch": NOW - 10 * MINUTE}),
        (State.STUCK, {"last_touch": NOW - 120 * MINUTE}),
        (State.UNDER_WAY, {"last_touch": NOW - 121 * MINUTE}),
        (State.UNDER_WAY, {"last_touch": NOW - 10 * MINUTE, "is_live": False}),
        (State.STUCK, {"missed_twice": True}),
        (State.STUCK, {"missed_twice": True, "is_live": False}),
        (State.EXCUSED, {"is_excused": True, "missed_twice": True}),
        (State.EXCUSED, {"is_excused": True, "last_touch": None}),
    ],
)
def test_state_of_a_learner(state: str, fields: dict[str, Any]) -> None:
    usual = {
        "finished": 3,
        "steps": 8,
        "last_touch": NOW,
        "class_touch": NOW,
        "is_live": True,
        "missed_twice": False,
    }
    assert state_of(**{**usual, **fields}) == state


def test_everybody_is_in_one_state(given_out: Assignment, pupils: list[User]) -> None:
    done, quiet, lost, absent = pupils
    for slug in ("headnote", "what-is-this", LETTER, "at-first-glance", PAIR, "another-record"):
        touch(given_out, done, slug, completed=True, moment=NOW - 20 * MINUTE)
    touch(given_out, done, WRITTEN, skipped=True, moment=NOW - 10 * MINUTE)
    sit_quiz(given_out, done, "right")
    touch(given_out, quiet, "headnote", completed=True, moment=NOW - 12 * MINUTE)
    practise(given_out, lost, LETTER, "wrong", "wrong", moment=NOW - MINUTE)
    progress = class_progress(board(given_out), hidden=False)
    assert [s.state for s in progress.standings] == ["done", "stuck", "stuck", "not-started"]
    assert progress.counts == {
        "not-started": 1,
        "stuck": 2,
        "under-way": 0,
        "done": 1,
        "excused": 0,
    }
    steps = [s.step.title if s.step else "" for s in progress.standings]
    assert steps == ["", "What kind of paper is this?", "A letter arrives", ""]
    clock = clock_of(given_out.classroom.tz, NOW)
    said = [said_now(s, progress.board, clock=clock) for s in progress.standings]
    assert said[0] == "done"
    assert said[1].startswith("stuck: What kind of paper is this?, quiet since ")
    assert said[2] == "stuck: A letter arrives, two wrong answers to one question"
    assert said[3] == "not started"
    del absent


def test_a_skipped_quiz_is_not_done(given_out: Assignment, pupils: list[User]) -> None:
    for step in board(given_out).outline.steps:
        slug = step_of(given_out, "headnote").lesson.steps.get(pk=step.pk).slug
        touch(given_out, pupils[0], slug, completed=not step.is_graded, skipped=step.is_graded)
    progress = class_progress(board(given_out), hidden=False)
    assert progress.standings[0].finished == 7
    assert progress.standings[0].state == "under-way"


def test_excused_students_are_listed_and_not_counted(
    given_out: Assignment, pupils: list[User]
) -> None:
    own = Membership.objects.get(classroom=given_out.classroom, user=pupils[3])
    Excuse.objects.create(assignment=given_out, membership=own)
    progress = class_progress(board(given_out), hidden=False)
    assert progress.counted == 3
    assert progress.counts["excused"] == 1
    assert progress.counts["not-started"] == 3


def test_numbers_stay_when_somebody_leaves(given_out: Assignment, pupils: list[User]) -> None:
    before = [s.learner.name for s in class_progress(board(given_out), hidden=True).standings]
    assert before == ["Student 1", "Student 2", "Student 3", "Student 4"]
    own = Membership.objects.get(classroom=given_out.classroom, user=pupils[1])
    classes.leave_class(membership=own, by=pupils[1])
    after = [s.learner.name for s in class_progress(board(given_out), hidden=True).standings]
    assert after == ["Student 1", "Student 3", "Student 4"]


def test_cells_of_the_matrix(given_out: Assignment, pupils: list[User]) -> None:
    touch(given_out, pupils[0], "headnote", completed=True)
    practise(given_out, pupils[0], "what-is-this", "right")
    practise(given_out, pupils[0], LETTER, "wrong", "right")
    practise(given_out, pupils[0], "at-first-glance", "right")
    practise(given_out, pupils[0], PAIR, "right", position=2)
    touch(given_out, pupils[0], "another-record", skipped=True)
    practise(given_out, pupils[0], WRITTEN, "right")
    touch(given_out, pupils[0], "headnote", moment=NOW + MINUTE)  # to read it again
    progress = class_progress(board(given_out), hidden=False)
    clock = clock_of(given_out.classroom.tz, NOW)
    rows = matrix_rows(progress.board, progress.standings, clock=clock)
    assert [cell.text for cell in rows[0].cells] == [
        "read",
        "100%",
        "0%",
        "100%",
        "100%",
        "skipped",
        "unmarked",
        "here",
    ]
    assert [cell.text for cell in rows[1].cells] == ["–"] * 8


@pytest.mark.parametrize(
    ("scores", "cell"),
    [
        ([Decimal(0)], Cell("low", "0%")),
        ([Decimal("0.495")], Cell("low", "50%")),
        ([Decimal("0.5")], Cell("middle", "50%")),
        ([Decimal(1), Decimal("0.5"), Decimal("0.75")], Cell("middle", "75%")),
        ([Decimal("0.8")], Cell("high", "80%")),
        ([Decimal(1), None], Cell("high", "100%, 1 unmarked")),
        ([None], Cell("waiting", "unmarked")),
        ([], Cell("here", "here")),
    ],
)
def test_cell_of_scores(scores: list[Decimal | None], cell: Cell) -> None:
    found = cell_of(
        asks=True,
        is_here=True,
        is_opened=True,
        is_finished=False,
        is_skipped=False,
        scores=scores,
    )
    assert found == cell


# --- Item analysis, text, times ---------------------------------------------------------------


def test_item_analysis_agrees_with_numpy(given_out: Assignment, instructor: User) -> None:
    pupils = make_students(12, "reader")
    for pupil in pupils:
        classes.join_class(classroom=given_out.classroom, by=pupil)
    pattern = np.random.default_rng(58).random((12, 5)) < np.linspace(0.9, 0.3, 5)
    for pupil, row in zip(pupils[:-1], pattern, strict=False):
        sit_quiz(given_out, pupil, *("right" if known else "wrong" for known in row))
    sit_quiz(given_out, pupils[-1], "right", hand_in=False)  # counts nowhere
    attempts = Attempt.objects.filter(delivery=given_out.delivery, submitted_at__isnull=False)
    table = np.array(
        [
            [float(s or 0) for s in a.items.order_by("position").values_list("score", flat=True)]
            for a in attempts.order_by("pk")
        ]
    )
    _reports, (found,) = item_analysis(board(given_out))
    assert (found.learners, found.left_out, found.questions) == (11, 0, 5)
    totals = table.sum(axis=1)
    for at, one in enumerate(found.items):
        column = table[:, at]
        assert float(one.question.facility or 0) == pytest.approx(column.mean(), abs=1e-9)
        expected = np.corrcoef(column, totals - column)[0, 1]
        assert one.discrimination == pytest.approx(expected, abs=1e-9)
    cov = np.cov(table, rowvar=False)
    alpha = 5 / 4 * (1 - np.trace(cov) / cov.sum())
    assert found.alpha == pytest.approx(alpha, abs=1e-9)
    assert "With 11 learners it is a hint" in found.reading


def test_alpha_is_over_learners_with_every_question(
    given_out: Assignment, pupils: list[User]
) -> None:
    sit_quiz(given_out, pupils[0], *["right"] * 5)
    sit_quiz(given_out, pupils[1], *["wrong"] * 5)
    practise(given_out, pupils[2], LETTER, "right")
    for pupil in pupils[:1]:
        practise(given_out, pupil, LETTER, "right")
    _reports, (found,) = item_analysis(board(given_out))
    assert (found.questions, found.learners, found.left_out) == (6, 1, 2)
    assert found.alpha is None
    assert all(one.discrimination is None for one in found.items)
    assert found.reading.startswith("Cannot be said")
    practise(given_out, pupils[1], LETTER, "wrong")
    _reports, (found,) = item_analysis(board(given_out))
    assert found.learners == 2
    assert found.alpha is not None
    lines = found.items[0].lines
    assert {line.rest_text for line in lines if line.share.count} != {"–"}


def test_sentences_are_shaded_by_their_questions(given_out: Assignment, pupils: list[User]) -> None:
    practise(given_out, pupils[0], LETTER, "right")
    practise(given_out, pupils[1], LETTER, "wrong")
    practise(given_out, pupils[2], LETTER, "wrong")
    about = Question.objects.get(quiz_items__quiz=step_of(given_out, LETTER).quiz)
    assert about.text is not None
    passages = passage_reports(board(given_out))
    shaded = [s for p in passages for s in p.sentences if s.questions]
    assert shaded
    for sentence in shaded:
        assert (sentence.percent, sentence.counted, sentence.shade) == ("33%", 3, "low")
    assert about.quote.strip()[:30] in "".join(s.text for s in shaded)
    texts = ["".join(s.text for s in p.sentences) for p in passages]
    assert about.text.text in texts  # the text itself, whole
    assert [p.label for p in passages] == ["¶1", "¶2", "¶3"]


def test_time_on_a_step_is_the_median_of_who_finished(
    given_out: Assignment, pupils: list[User]
) -> None:
    for pupil, seconds in zip(pupils, (60, 90, 4000), strict=False):
        touch(given_out, pupil, "headnote", completed=True, seconds=seconds)
    touch(given_out, pupils[3], "headnote", seconds=5)
    touch(given_out, pupils[0], LETTER, completed=True, seconds=30)
    touch(given_out, pupils[1], LETTER, completed=True, seconds=61)
    found = {time.step.title: time for time in step_times(board(given_out))}
    head = found["Before you read"]
    assert (head.begun, head.finished, head.seconds, head.median_text) == (4, 3, 90, "1 min 30 s")
    assert found["A letter arrives"].seconds == 45.5
    assert found["Closing quiz"].seconds is None


@pytest.mark.parametrize("seconds", [(7,), (1, 4), (9, 1, 5), (800, 2, 1, 90)])
def test_middle_of_odd_and_even_numbers_is_that_of_numpy(
    seconds: tuple[int, ...], given_out: Assignment, pupils: list[User]
) -> None:
    for pupil, spent in zip(pupils, seconds, strict=False):
        touch(given_out, pupil, "headnote", completed=True, seconds=spent)
    found = {time.step.title: time.seconds for time in step_times(board(given_out))}
    assert found["Before you read"] == np.median(seconds)


# --- Words ------------------------------------------------------------------------------------


def test_figures_are_rounded_once() -> None:
    assert [percent(Decimal(n)) for n in ("0", "0.005", "0.0049", "0.665", "1")] == [
        "0%",
        "1%",
        "0%",
        "67%",
        "100%",
    ]
    assert [two_places(v) for v in (None, -0.001, 0.456, -0.5)] == ["–", "0.00", "0.46", "-0.50"]
    assert [minutes(s) for s in (None, 0, 59.4, 60, 61, 3601)] == [
        "–",
        "0 s",
        "59 s",
        "1 min",
        "1 min 1 s",
        "60 min",
    ]
    assert [few(n) for n in (1, 4, 10)] == ["1 answer says little.", "4 answers say little.", ""]
    assert listed(["A", "B", "C"], most=2) == "A, B and 1 more"
    assert listed([]) == ""


def test_times_are_said_in_the_class_zone(instructor: User) -> None:
    classroom = make_class(instructor, zone="Asia/Karachi")
    at = datetime.fromisoformat("2026-04-19T20:30:00+00:00")
    clock = clock_of(classroom.tz, at)
    assert clock(at) == "01:30"
    assert clock(at - timedelta(days=1)) == "19 Apr, 01:30"


def test_answers_are_drawn_as_they_were_given(given_out: Assignment, pupils: list[User]) -> None:
    """Matching is told pair by pair, ordering line by line, a short answer by its words."""
    sit_quiz(given_out, pupils[0], *["right"] * 5)
    found = question_reports(board(given_out))
    assert len(found) == 5
    for one in found:
        assert all(share.is_right for share in one.shares if share.count), one.prompt
        assert not {">", "@"} & set("".join(share.label for share in one.shares))
