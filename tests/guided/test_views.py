"""Reading in steps, for everybody: what a page shows, what a form stores, and what is refused."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lessons.accounts.models import Session, User
from lessons.core import rendered
from lessons.core.models import ContentVersion, Status
from lessons.guided.domain import PRESENCE_CAP
from lessons.guided.models import Lesson, Module, Progress
from lessons.quizzes.models import (
    Attempt,
    AttemptItem,
    Delivery,
    Draft,
    ItemTally,
    Mark,
    Question,
    Response,
)
from tests.conftest import PASSWORD, ClientOf

from .reading import (
    CLOSING,
    HTMX,
    LESSON,
    PRACTICE_STEPS,
    PREVIEW,
    STEPS,
    actions,
    all_right,
    answer,
    body,
    form,
    positions,
    put_down,
    question_address,
    right,
    table_counts,
    text_of,
    view_of,
    wrong,
)
from .test_secrecy import readable

pytestmark = pytest.mark.django_db

ARRIVES = f"{LESSON}a-letter-arrives/"
CHECK = question_address("a-letter-arrives")
POSTS = ["finish/", "presence/", "again/", "start/", "review/", "submit/"]
POSTS += ["questions/1/", "questions/1/draft/", "questions/1/assess/"]


def changed_content() -> None:
    ContentVersion.bump()
    rendered.clear()


def state(learner: User | None = None) -> dict[str, tuple[bool, bool]]:
    """Step → (completed, skipped), of the learner (of anybody)."""
    rows = Progress.objects.select_related("step")
    if learner is not None:
        rows = rows.filter(learner=learner)
    return {row.step.slug: (row.completed_at is not None, row.skipped) for row in rows}


def sent_to(response: Any) -> tuple[int, str]:
    return response.status_code, response.get("Location", "")


def filled(client: Client, learner: User | None, step: str, given: Any, position: int = 1) -> Any:
    action = question_address(step, position)
    page = body(client.get(f"{LESSON}{step}/"))
    return put_down(page, action, view_of(learner, step, position), given)


# --- The way through ----------------------------------------------------------------------------


def test_whole_lesson_without_javascript(student: User, student_client: Client) -> None:
    """Every POST redirects, every page after it shows what was stored, to the lesson's end."""
    started = student_client.get(LESSON)
    assert "Start the lesson" in text_of(body(started))
    for number, step in enumerate(STEPS[:-1]):
        path, after = f"{LESSON}{step}/", f"{LESSON}{STEPS[number + 1]}/"
        for position in positions(step):
            response = answer(student_client, student, step, "right", position)
            assert sent_to(response) == (302, f"{path}#q{position}")
        page = body(student_client.get(path))
        if step == "headnote":
            assert sent_to(student_client.post(f"{path}finish/")) == (302, after)
        else:
            assert f"{path}finish/" not in actions(page)
            assert re.search(rf'href="{after}" rel="next"', page)
            assert "This was not stored" not in page
    assert state(student) == dict.fromkeys(STEPS[:-1], (True, False))
    page = body(student_client.get(CLOSING))
    assert sent_to(student_client.post(f"{CLOSING}start/")) == (302, f"{CLOSING}#questions")
    fields = all_right(body(student_client.get(CLOSING)), student)
    response = student_client.post(f"{CLOSING}review/", fields)
    assert sent_to(response) == (302, f"{CLOSING}?review=1")
    review = body(student_client.get(f"{CLOSING}?review=1"))
    assert "Every question is answered." in text_of(review)
    response = student_client.post(f"{CLOSING}submit/", form(review, f"{CLOSING}submit/"))
    assert sent_to(response) == (302, f"{CLOSING}#result")
    assert "6 of 6 points" in text_of(body(student_client.get(CLOSING)))
    assert state(student) == dict.fromkeys(STEPS, (True, False))
    assert "You have finished this lesson." in text_of(body(student_client.get(LESSON)))
    assert Attempt.objects.filter(submitted_at=None).count() == 0


@pytest.mark.parametrize("step", PRACTICE_STEPS)
def test_answer_by_htmx_is_the_question_and_what_changed_around_it(
    student: User, student_client: Client, step: str
) -> None:
    response = answer(student_client, student, step, "right", headers=HTMX)
    page = body(response)
    assert response.status_code == 200
    assert "HX-Request" in response["Vary"]
    assert response["Cache-Control"] == "no-store, private"
    assert re.findall(r'^\s*<(\w+)[^>]*id="([\w-]+)"', page, flags=re.MULTILINE)[0] == (
        "section",
        "q1",
    )
    assert re.findall(r'id="([\w-]+)"[^>]*hx-swap-oob="true"', page) == [
        "rail",
        "after-notes",
        "turn",
    ]
    assert "<html" not in page
    assert 'class="record"' not in page
    assert set(re.findall(r'<section class="question" id="(\w+)"', page)) == {"q1"}


def test_whole_page_varies_with_htmx_and_a_boosted_or_restored_one_is_whole(
    student_client: Client,
) -> None:
    for headers in ({}, HTMX, HTMX | {"HX-Boosted": "true"}):
        response = student_client.get(ARRIVES, headers=headers)
        assert "HX-Request" in response["Vary"]
        assert "<html" in body(response)


def test_second_wrong_answer_closes_and_first_is_kept(
    student: User, student_client: Client
) -> None:
    first, second = (wrong(view_of(student, "a-letter-arrives"), n) for n in (0, 1))
    answer(student_client, student, "a-letter-arrives", first)
    page = body(student_client.get(ARRIVES))
    assert "You can answer once more" in text_of(page)
    assert state(student) == {"a-letter-arrives": (True, False)}
    answer(student_client, student, "a-letter-arrives", second)
    page = body(student_client.get(ARRIVES))
    assert "You can answer once more" not in text_of(page)
    assert list(Response.objects.values_list("version", "answer")) == [(1, first), (2, second)]
    assert f"{ARRIVES}again/" in actions(page)
    student_client.post(f"{ARRIVES}again/")
    answer(student_client, student, "a-letter-arrives", "right")
    assert list(Attempt.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert Response.objects.filter(item__attempt__number=1).count() == 2


def test_step_of_two_questions_is_done_after_both_first_answers(
    student: User, student_client: Client
) -> None:
    step = "a-middle-position"
    answer(student_client, student, step, "wrong", 2)
    assert state(student) == {step: (False, False)}
    assert f"{LESSON}{step}/finish/" in actions(body(student_client.get(f"{LESSON}{step}/")))
    answer(student_client, student, step, "wrong", 1)
    assert state(student) == {step: (True, False)}


def test_check_sent_twice_is_stored_once(student: User, student_client: Client) -> None:
    for what in (right, wrong):
        step = "a-letter-arrives" if what is right else "at-first-glance"
        fields = filled(student_client, student, step, what(view_of(student, step)))
        answers = [student_client.post(question_address(step), fields) for _ in range(2)]
        assert [sent_to(one) for one in answers] == [(302, f"{LESSON}{step}/#q1")] * 2
    assert Response.objects.count() == Mark.objects.count() == 2


# --- Visitors become guests when they save ------------------------------------------------------


def test_visitor_who_answers_becomes_a_guest_and_keeps_the_answer(visitor_client: Client) -> None:
    answer(visitor_client, None, "a-letter-arrives", "right")
    guest = User.objects.get(is_guest=True)
    assert visitor_client.session["_auth_user_id"] == str(guest.pk)
    assert Attempt.objects.get().learner == guest
    page = text_of(body(visitor_client.get(ARRIVES)))
    assert "Right." in page
    assert "Guest" in page


def test_form_drawn_before_the_guest_was_made_still_works(visitor_client: Client) -> None:
    step = "a-middle-position"
    page = body(visitor_client.get(f"{LESSON}{step}/"))
    for position in positions(step):
        view, action = view_of(None, step, position), question_address(step, position)
        sent = put_down(page, action, view, right(view))
        assert visitor_client.post(action, sent).status_code == 302
    assert User.objects.filter(is_guest=True).count() == 1
    assert [one.answer for one in Response.objects.order_by("item__position")] == [
        right(view_of(None, step, position)) for position in positions(step)
    ]


# --- Refused: 422 -------------------------------------------------------------------------------


def mangled(view: Any, good: dict[str, Any]) -> list[dict[str, Any]]:
    """Missing, repeated, foreign and oversized answers to a question, by its kind."""
    name = view.prefix
    own = {key for key in good if re.fullmatch(rf"{name}-(choice|text|match-\d+|place-\d+)", key)}
    bare = {key: value for key, value in good.items() if key not in own}
    one = min(own)
    bad: list[dict[str, Any]] = [bare]
    if view.kind in {"single", "multiple", "evidence"}:
        bad += [
            bare | {one: [value]}
            for value in ("99", "-1", "own-name", "0.0", "٠", "9" * 5000, "\x00", "0 OR 1=1")
        ]
        bad.append(bare | {one: ["0", "0"]})
        bad.append(bare | {one: [str(n) for n in range(40)]})
    if view.kind == "single":
        bad.append(bare | {one: ["0", "1"]})
    if view.kind in {"matching", "ordering"}:
        bad += [good | {one: [value]} for value in ("", "99", "-1", "x", "\x00")]
        bad.append(good | {one: ["1", "2"]})
    if view.kind == "ordering":
        bad.append(good | dict.fromkeys(own, "1"))
        bad.append(good | {one: "0"})
    if view.kind in {"short", "open"}:
        limit = 200 if view.kind == "short" else 5000
        bad += [
            bare | {one: [value]}
            for value in ("", "  \n ", "x" * (limit + 1), "x" * 100_000, "a\x00b", "a\x07b")
        ]
        bad.append(bare | {one: ["one", "two"]})
    hidden = [("uuid", ""), ("uuid", "1234"), ("seed", "x"), ("tries", "-1"), ("tries", "9" * 40)]
    return bad + [good | {f"{name}-{field}": value} for field, value in hidden]


@pytest.mark.parametrize("step", PRACTICE_STEPS)
@pytest.mark.parametrize("who", ["visitor", "student"])
def test_no_answer_is_422_and_nothing_is_stored(
    who: str, step: str, student: User, client_of: ClientOf
) -> None:
    learner = student if who == "student" else None
    client = client_of(learner)
    page = body(client.get(f"{LESSON}{step}/"))
    before, sessions = table_counts(), Session.objects.count()
    for position in positions(step):
        view, action = view_of(learner, step, position), question_address(step, position)
        good = put_down(page, action, view, right(view))
        for number, bad in enumerate(mangled(view, good)):
            response = client.post(action, bad, headers=HTMX if number % 2 else {})
            assert response.status_code == 422, bad
            words = text_of(body(response))
            assert "This was not stored" in words
            assert f'id="q{position}-error"' in body(response)
            assert re.search(r'<fieldset[^>]*aria-describedby="[^"]*-error', body(response))
            assert number % 2 or body(response).count("<title>Error:") == 1
    assert (table_counts(), Session.objects.count()) == (before, sessions)
    assert not User.objects.filter(is_guest=True).exists()


@pytest.mark.parametrize("who", ["visitor", "student"])
def test_refused_draft_is_422_and_nothing_is_stored(
    who: str, student: User, client_of: ClientOf
) -> None:
    learner = student if who == "student" else None
    client = client_of(learner)
    step = "in-your-own-words"
    good = filled(client, learner, step, {"text": "So far"})
    before = table_counts()
    for text in ("x" * 5001, "x" * 100_000, "a\x00b"):
        response = client.post(f"{question_address(step)}draft/", good | {"q1-text": text})
        assert response.status_code == 422
        assert list(response.json()) == ["message"]
    assert table_counts() == before


def test_what_was_typed_stands_in_the_refused_page(student: User, student_client: Client) -> None:
    good = filled(student_client, student, "in-your-own-words", {"text": "A sentence <b>kept</b>."})
    response = student_client.post(
        question_address("in-your-own-words"), good | {"q1-uuid": "x", "q1-confidence": "sure"}
    )
    assert response.status_code == 422
    assert "A sentence &lt;b&gt;kept&lt;/b&gt;." in body(response)


# --- Refused: 409 -------------------------------------------------------------------------------

TYPED = "Typed for a long time and not to be lost"


def refused(client: Client, fields: dict[str, Any], headers: dict[str, str]) -> str:
    before = table_counts()
    response = client.post(
        question_address("in-your-own-words"), fields | {"q1-text": TYPED}, headers=headers
    )
    assert response.status_code == 409
    assert table_counts() == before
    page = body(response)
    assert f"What you sent: {TYPED}" in text_of(page)
    assert re.search(rf'<blockquote dir="auto">(<p>)?{TYPED}', page)
    return text_of(page)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_page_of_another_reader_is_409_and_the_text_is_shown(
    student: User, other_student_client: Client, student_client: Client, headers: dict[str, str]
) -> None:
    fields = filled(student_client, student, "in-your-own-words", {"text": "x"})
    assert "opened by another reader" in refused(other_student_client, fields, headers)
    fields.pop("reader")
    assert "opened by another reader" in refused(student_client, fields, headers)


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("reader", ["0" * 16, None])
def test_markup_in_an_answer_stays_text(
    student: User, student_client: Client, reader: str | None, headers: dict[str, str]
) -> None:
    """Refused and sent back, or stored and drawn again."""
    hostile = '</textarea></blockquote><script>alert(1)</script><img src=x hx-get="/" onerror=x>'
    fields = filled(student_client, student, "in-your-own-words", {"text": hostile})
    fields |= {"reader": reader} if reader else {}
    response = student_client.post(question_address("in-your-own-words"), fields, headers=headers)
    page = body(response) or body(student_client.get(f"{LESSON}in-your-own-words/"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_page_from_before_signing_in_is_409(
    student: User, student_client: Client, headers: dict[str, str]
) -> None:
    fields = filled(Client(), None, "in-your-own-words", {"text": "x"})
    assert "before you signed in" in refused(student_client, fields, headers)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_question_changed_meanwhile_is_409(
    student: User, student_client: Client, headers: dict[str, str]
) -> None:
    fields = filled(student_client, student, "in-your-own-words", {"text": "x"})
    Question.objects.filter(key="letter-spoke-for-himself").update(prompt="Asked otherwise")
    changed_content()
    page = refused(student_client, fields, headers)
    assert "changed by its editor" in page
    assert "Asked otherwise" in page


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_stale_tab_is_409_and_what_is_stored_stays(
    student: User, student_client: Client, headers: dict[str, str]
) -> None:
    tab = filled(student_client, student, "in-your-own-words", {"text": "x"})
    answer(student_client, student, "in-your-own-words", {"text": "Stored by the other tab"})
    page = refused(student_client, tab, headers)
    assert "Stored by the other tab" in page
    assert [one.answer for one in Response.objects.all()] == [{"text": "Stored by the other tab"}]


def test_stale_draft_is_409_and_tells_what_is_stored(student: User, student_client: Client) -> None:
    action = f"{question_address('in-your-own-words')}draft/"
    tab = filled(student_client, student, "in-your-own-words", {"text": "x"})
    long = " ".join(["A long sentence that goes on."] * 12)
    assert student_client.post(action, tab | {"q1-text": long}).json()["saves"] == 1
    response = student_client.post(action, tab | {"q1-text": "older"})
    assert response.status_code == 409
    told = response.json()
    assert (sorted(told), told["saves"]) == (["message", "saves", "stored"], 1)
    assert told["stored"] == long
    assert Draft.objects.get().answer == {"text": long}


def test_graded_answers_after_handing_in_are_409_and_the_text_is_shown(
    student: User, student_client: Client
) -> None:
    student_client.post(f"{CLOSING}start/")
    tab = form(body(student_client.get(CLOSING)), f"{CLOSING}review/")
    student_client.post(f"{CLOSING}submit/", {"reader": tab["reader"]})
    before = table_counts()
    response = student_client.post(f"{CLOSING}review/", tab | {"q3-text": TYPED})
    assert response.status_code == 409
    assert TYPED in text_of(body(response))
    assert table_counts() == before


def test_two_tabs_of_a_graded_quiz_do_not_overwrite_each_other(
    student: User, student_client: Client
) -> None:
    student_client.post(f"{CLOSING}start/")
    one = form(body(student_client.get(CLOSING)), f"{CLOSING}review/")
    student_client.post(f"{CLOSING}review/", one | {"q3-text": "from the first tab"})
    response = student_client.post(f"{CLOSING}review/", one | {"q3-text": "from the second"})
    assert response.status_code == 409
    words = text_of(body(response))
    assert "from the second" in words
    assert "from the first tab" in body(response)
    assert Draft.objects.get(item__position=3).answer == {"text": "from the first tab"}
    # A stale tab that posts blanks takes nothing away.
    student_client.post(f"{CLOSING}review/", one)
    assert Draft.objects.get(item__position=3).answer == {"text": "from the first tab"}


def test_confidence_alone_is_saved_too(student: User, student_client: Client) -> None:
    student_client.post(f"{CLOSING}start/")
    for sure in ("guess", "sure"):
        fields = form(body(student_client.get(CLOSING)), f"{CLOSING}review/")
        fields |= {"q3-text": "at first glance", "q3-confidence": sure}
        student_client.post(f"{CLOSING}review/", fields)
        assert Draft.objects.get(item__position=3).confidence == sure


# --- A graded quiz ------------------------------------------------------------------------------


def test_hand_in_twice_is_one_receipt(student: User, student_client: Client) -> None:
    student_client.post(f"{CLOSING}start/")
    fields = form(body(student_client.get(CLOSING)), f"{CLOSING}review/")
    student_client.post(f"{CLOSING}review/", fields | {"q3-text": "impression"})
    review = body(student_client.get(f"{CLOSING}?review=1"))
    assert "4 questions are not answered." in text_of(review)
    hand_in = form(review, f"{CLOSING}submit/")
    pages = []
    for _time in range(2):
        assert sent_to(student_client.post(f"{CLOSING}submit/", hand_in)) == (
            302,
            f"{CLOSING}#result",
        )
        pages.append(text_of(body(student_client.get(CLOSING))))
    receipt = str(Attempt.objects.get().receipt)
    assert [page.count(receipt) for page in pages] == [1, 1]
    assert Response.objects.count() == Mark.objects.count() == 5
    assert "0.5 of 6 points" in pages[0]


def test_hand_in_of_another_reader_is_refused(student_client: Client, student: User) -> None:
    student_client.post(f"{CLOSING}start/")
    for fields in ({}, {"reader": ""}, {"reader": "0" * 16}):
        student_client.post(f"{CLOSING}submit/", fields)
        assert Attempt.objects.get().submitted_at is None
    assert "opened by another reader" in text_of(body(student_client.get(CLOSING)))


def test_hand_in_from_a_tab_of_an_earlier_attempt_hands_nothing_in(
    student: User, student_client: Client
) -> None:
    student_client.post(f"{CLOSING}start/")
    tab = form(body(student_client.get(f"{CLOSING}?review=1")), f"{CLOSING}submit/")
    student_client.post(f"{CLOSING}submit/", tab)
    student_client.post(f"{CLOSING}again/")
    student_client.post(f"{CLOSING}submit/", tab)
    assert [attempt.submitted_at is None for attempt in Attempt.objects.order_by("number")] == [
        False,
        True,
    ]


def test_earlier_attempt_is_shown_to_its_own_learner_only(
    student: User, student_client: Client, other_student_client: Client
) -> None:
    student_client.post(f"{CLOSING}start/")
    fields = form(body(student_client.get(CLOSING)), f"{CLOSING}review/")
    student_client.post(f"{CLOSING}review/", fields | {"q3-text": "impression"})
    student_client.post(f"{CLOSING}submit/", fields)
    first = str(Attempt.objects.get().receipt)
    student_client.post(f"{CLOSING}again/")
    assert first not in body(student_client.get(CLOSING))
    assert first in body(student_client.get(f"{CLOSING}?attempt=1"))
    theirs = body(other_student_client.get(f"{CLOSING}?attempt=1"))
    assert first not in theirs
    assert "Start the quiz" in text_of(theirs)
    for number in ("0", "-1", "99999", "x", "1%00"):
        assert student_client.get(f"{CLOSING}?attempt={number}").status_code == 200


def test_overdue_quiz_is_over_and_takes_nothing(student: User, student_client: Client) -> None:
    student_client.post(f"{CLOSING}start/")
    tab = form(body(student_client.get(CLOSING)), f"{CLOSING}review/")
    Attempt.objects.update(deadline=timezone.now() - timedelta(minutes=2))
    page = body(student_client.get(CLOSING))
    assert "Time is up" in text_of(page)
    assert f"{CLOSING}review/" not in actions(page)
    response = student_client.post(f"{CLOSING}review/", tab | {"q3-text": TYPED})
    assert response.status_code == 409
    assert TYPED in text_of(body(response))
    draft = student_client.post(f"{CLOSING}questions/3/draft/", tab | {"q3-text": TYPED})
    assert draft.status_code == 409
    assert not Draft.objects.exists()
    student_client.post(f"{CLOSING}submit/", tab)
    attempt = Attempt.objects.get()
    assert attempt.submitted_at == attempt.deadline + timedelta(seconds=30)


def test_written_answer_is_compared_with_its_rubric(student: User, student_client: Client) -> None:
    step = "in-your-own-words"
    action = f"{question_address(step)}assess/"
    answer(student_client, student, step, {"text": "He spoke for himself."})
    page = body(student_client.get(f"{LESSON}{step}/"))
    fields = form(page, action)
    refusal = student_client.post(action, fields)
    assert refusal.status_code == 409
    assert AttemptItem.objects.get().score is None
    rubric = view_of(student, step).presentation.rubric
    levels = {f"q1-level-{row['key']}": row["levels"][-1]["key"] for row in rubric}
    stranger = student_client.post(action, levels | {"reader": "0" * 16})
    assert (stranger.status_code, Mark.objects.count()) == (409, 0)
    assert sent_to(student_client.post(action, fields | levels)) == (302, f"{LESSON}{step}/#q1")
    mark = Mark.objects.get()
    assert (mark.by, mark.marker, mark.score) == ("self", student, 1)


def test_choice_has_no_rubric_to_be_compared_with(student: User, student_client: Client) -> None:
    answer(student_client, student, "a-letter-arrives", "right")
    reader = form(
        body(student_client.get(f"{LESSON}at-first-glance/")), question_address("at-first-glance")
    )
    response = student_client.post(f"{CHECK}assess/", {"reader": reader["reader"]})
    assert (response.status_code, Mark.objects.count()) == (409, 1)


# --- Addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["visitor", "student", "guest", "instructor", "editor"])
def test_get_writes_nothing(who: str, client_of: ClientOf, request: pytest.FixtureRequest) -> None:
    client = client_of(None if who == "visitor" else request.getfixturevalue(who))
    before = table_counts()
    statuses = {path: client.get(path).status_code for path in readable(client)}
    assert table_counts() == before
    assert {status for status in statuses.values() if status >= 500} == set()
    expected = {path for path in statuses if path.startswith(LESSON) and path.count("/") == 4}
    assert {statuses[path] for path in expected} == {200}
    assert len(expected) == 10  # eight steps, the handout and the findings


@pytest.mark.parametrize("base", [LESSON, PREVIEW])
@pytest.mark.parametrize("action", POSTS)
def test_address_that_writes_answers_no_get(editor_client: Client, base: str, action: str) -> None:
    for method in (editor_client.get, editor_client.head, editor_client.put, editor_client.delete):
        response = method(f"{base}closing-quiz/{action}")
        assert (response.status_code, response["Allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ["/", "/modules/", "/me/", LESSON, ARRIVES, "/me/data/export/"])
def test_page_answers_no_post(student_client: Client, path: str) -> None:
    before = table_counts()
    assert student_client.post(path).status_code == 405
    assert table_counts() == before


@pytest.mark.parametrize(
    "path",
    [
        "/modules/nothing/",
        "/lessons/nothing/",
        "/lessons/nothing/headnote/",
        f"{LESSON}nothing/",
        "/work/nothing/lessons/the-letter-and-the-middle-position/",
        "/work/self-study/lessons/the-letter-and-the-middle-position/headnote/",
    ],
)
def test_unknown_address_is_404(student_client: Client, editor_client: Client, path: str) -> None:
    for client in (Client(), student_client, editor_client):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("position", ["0", "2", "999", "99999999999999999999"])
def test_unknown_question_is_404_and_makes_no_guest(position: str) -> None:
    before = table_counts()
    for action in ("", "draft/", "assess/"):
        path = f"{ARRIVES}questions/{position}/{action}"
        assert Client().post(path, {"reader": ""}).status_code == 404
    for path in ("headnote/questions/1/", "closing-quiz/questions/1/"):
        assert Client().post(LESSON + path, {"reader": ""}).status_code == 404
    assert table_counts() == before


def test_quiz_actions_where_there_is_no_such_quiz_are_404(student_client: Client) -> None:
    before = table_counts()
    for path in ("headnote/start/", "a-letter-arrives/review/", "a-letter-arrives/submit/"):
        assert student_client.post(LESSON + path).status_code == 404
    assert table_counts() == before


CAST = ["visitor", "student", "other_student", "guest", "instructor", "editor"]


def seen(path: str, client_of: ClientOf, request: pytest.FixtureRequest) -> dict[str, int]:
    return {
        who: client_of(None if who == "visitor" else request.getfixturevalue(who))
        .get(path)
        .status_code
        for who in CAST
    }


@pytest.mark.parametrize("what", [Lesson, Module])
def test_draft_lesson_is_seen_by_editors_in_their_preview_alone(
    what: Any, client_of: ClientOf, request: pytest.FixtureRequest
) -> None:
    what.objects.update(status=Status.DRAFT)
    changed_content()
    for path in ("", "headnote/", "closing-quiz/"):
        assert set(seen(LESSON + path, client_of, request).values()) == {404}
        assert seen(PREVIEW + path, client_of, request) == dict.fromkeys(CAST, 404) | {
            "editor": 200
        }
    assert "The letter and the middle position" not in text_of(body(Client().get("/")))
    before = table_counts()
    for action in POSTS:
        assert Client().post(f"{CLOSING}{action}", {"reader": ""}).status_code == 404
    assert table_counts() == before


def test_preview_is_for_editors_and_instructors(
    client_of: ClientOf, request: pytest.FixtureRequest
) -> None:
    expected = dict.fromkeys(CAST, 404) | {"editor": 200, "instructor": 200}
    for path in ("", "headnote/", "closing-quiz/"):
        assert seen(PREVIEW + path, client_of, request) == expected
    before = table_counts()
    student = client_of(request.getfixturevalue("student"))
    for action in POSTS:
        assert student.post(f"{PREVIEW}closing-quiz/{action}", {"reader": ""}).status_code == 404
    assert table_counts() == before


def test_work_in_the_preview_stays_there(instructor: User, instructor_client: Client) -> None:
    page = body(instructor_client.get(f"{PREVIEW}a-letter-arrives/"))
    action = question_address("a-letter-arrives", base=PREVIEW)
    view = view_of(instructor, "a-letter-arrives")
    response = instructor_client.post(action, put_down(page, action, view, right(view)))
    assert sent_to(response) == (302, f"{PREVIEW}a-letter-arrives/#q1")
    assert Attempt.objects.get().delivery == Delivery.objects.preview()
    assert Progress.objects.get().delivery == Delivery.objects.preview()
    assert "Right." not in text_of(body(instructor_client.get(ARRIVES)))
    assert not Attempt.objects.reported().exists()


# --- Going on, skipping, coming back ------------------------------------------------------------


def resumes_at(client: Client) -> str:
    found = re.search(rf'class="button" href="{LESSON}([\w-]*)/?"', body(client.get(LESSON)))
    return found.group(1) if found else ""


def test_lesson_is_taken_up_where_it_was_left(student: User, student_client: Client) -> None:
    assert resumes_at(student_client) == "headnote"
    student_client.post(f"{LESSON}headnote/finish/")
    assert resumes_at(student_client) == "what-is-this"
    answer(student_client, student, "a-middle-position", "wrong", 1)
    assert resumes_at(student_client) == "a-middle-position"
    answer(student_client, student, "a-middle-position", "wrong", 2)
    assert resumes_at(student_client) == "another-record"
    student_client.post(f"{CLOSING}finish/")
    assert resumes_at(student_client) == "what-is-this"


def test_skipping_is_possible_seen_and_made_good_by_an_answer(
    student: User, student_client: Client
) -> None:
    page = body(student_client.get(ARRIVES))
    assert "Go on without answering" in text_of(page)
    response = student_client.post(f"{ARRIVES}finish/")
    assert sent_to(response) == (302, f"{LESSON}at-first-glance/")
    assert state(student) == {"a-letter-arrives": (False, True)}
    assert "Skipped" in text_of(body(student_client.get(LESSON)))
    answer(student_client, student, "a-letter-arrives", "wrong")
    assert state(student) == {"a-letter-arrives": (True, False)}
    student_client.post(f"{ARRIVES}finish/")
    assert state(student) == {"a-letter-arrives": (True, False)}


def test_finish_of_the_last_step_leads_to_the_lesson(student_client: Client, student: User) -> None:
    assert sent_to(student_client.post(f"{CLOSING}finish/")) == (302, LESSON)
    assert state(student) == {"closing-quiz": (False, True)}


def test_steps_of_self_study_are_open_to_all(client_of: ClientOf, request: Any) -> None:
    for step in STEPS:
        assert set(seen(f"{LESSON}{step}/", client_of, request).values()) == {200}


# --- Presence -----------------------------------------------------------------------------------


def test_presence_counts_capped_and_never_more_than_has_passed(
    student: User, student_client: Client
) -> None:
    reader = form(body(student_client.get(ARRIVES)), CHECK)["reader"][0]
    address = f"{ARRIVES}presence/"
    assert student_client.post(address, {"reader": reader, "seconds": "10"}).status_code == 204
    assert Progress.objects.get().active_seconds == 10
    student_client.post(address, {"reader": reader, "seconds": "50"})
    assert Progress.objects.get().active_seconds <= 12
    Progress.objects.update(touched_at=timezone.now() - timedelta(hours=1), active_seconds=0)
    student_client.post(address, {"reader": reader, "seconds": "3000"})
    assert Progress.objects.get().active_seconds == PRESENCE_CAP
    assert state(student) == {"a-letter-arrives": (False, False)}


@pytest.mark.parametrize("seconds", ["", "-5", "1.5", "x", "9" * 30, "٣"])
def test_presence_that_is_no_number_is_422(student_client: Client, seconds: str) -> None:
    reader = form(body(student_client.get(ARRIVES)), CHECK)["reader"][0]
    response = student_client.post(f"{ARRIVES}presence/", {"reader": reader, "seconds": seconds})
    assert (response.status_code, Progress.objects.count()) == (422, 0)


def test_presence_of_a_visitor_or_another_reader_is_not_counted(student_client: Client) -> None:
    before = table_counts()
    for client, reader in ((Client(), ""), (student_client, ""), (student_client, "0" * 16)):
        response = client.post(f"{ARRIVES}presence/", {"reader": reader, "seconds": "10"})
        assert (response.status_code, response.content) == (204, b"")
    assert table_counts() == before
    assert "data-presence" not in body(Client().get(ARRIVES))


# --- One's own ----------------------------------------------------------------------------------


def test_my_work_is_ones_own(
    student: User, student_client: Client, other_student_client: Client
) -> None:
    student_client.post(f"{LESSON}headnote/finish/")
    student_client.post(f"{CLOSING}start/")
    fields = form(body(student_client.get(CLOSING)), f"{CLOSING}review/")
    student_client.post(f"{CLOSING}submit/", fields)
    mine = text_of(body(student_client.get("/me/")))
    assert "2 of 8 steps done" in mine
    assert "attempt 1" in mine
    assert "0 of 6" in mine
    theirs = text_of(body(other_student_client.get("/me/")))
    assert "You have not begun a lesson yet." in theirs
    assert "No quiz is handed in yet." in theirs
    assert "Nothing is saved on this device yet." in text_of(body(Client().get("/me/")))


def test_copy_of_my_data_is_whole_and_mine(
    student: User, student_client: Client, other_student: User, other_student_client: Client
) -> None:
    text = " ".join(["Every word of a long answer belongs in the copy."] * 10)
    answer(student_client, student, "in-your-own-words", {"text": text})
    answer(other_student_client, other_student, "in-your-own-words", {"text": "Theirs alone"})
    answer(student_client, student, "a-letter-arrives", "right")
    student_client.post(f"{CLOSING}start/")
    student_client.post(f"{LESSON}headnote/finish/")
    response = student_client.get("/me/data/export/")
    assert response["Content-Disposition"] == 'attachment; filename="my-work.json"'
    data = json.loads(response.content)
    assert data["account"]["user_name"] == "amara"
    assert [row["step"] for row in data["progress"]] == [
        "In your own words",
        "A letter arrives",
        "Closing quiz",
        "Before you read",
    ]
    answers = [
        given["answer"]
        for attempt in data["attempts"]
        for question in attempt["questions"]
        for given in question["answers"]
    ]
    assert answers == [text, "It comes in Hussein's own name, not as part of his errand"]
    assert "Theirs alone" not in response.content.decode()
    assert "tomasz" not in response.content.decode()


def test_copy_of_my_data_holds_no_mark_before_its_release(
    student: User, student_client: Client
) -> None:
    answer(student_client, student, "a-letter-arrives", "right")

    def marks() -> list[Any]:
        data = json.loads(student_client.get("/me/data/export/").content)
        return data["attempts"][0]["questions"][0]["answers"][0]["marks"]

    assert [mark["score"] for mark in marks()] == ["1.000000"]
    Delivery.objects.filter(key="self-study").update(release="by-hand")
    assert marks() == []


def test_visitor_has_no_data_to_copy(visitor_client: Client) -> None:
    for path in ("/me/data/", "/me/data/export/"):
        assert sent_to(visitor_client.get(path)) == (302, f"/accounts/sign-in/?next={path}")


def test_erasing_needs_a_tick_and_takes_everything(
    student: User, student_client: Client, other_student: User, other_student_client: Client
) -> None:
    answer(student_client, student, "a-letter-arrives", "right")
    answer(student_client, student, "in-your-own-words", {"text": "Gone for good"})
    answer(other_student_client, other_student, "a-letter-arrives", "wrong")
    before = table_counts()
    response = student_client.post("/me/data/", {})
    assert response.status_code == 422
    assert "Nothing was erased" in text_of(body(response))
    assert table_counts() == before
    session = student_client.session.session_key
    assert sent_to(student_client.post("/me/data/", {"sure": "yes"})) == (302, "/")
    assert not User.objects.filter(username="amara").exists()
    assert not Session.objects.filter(session_key=session).exists()
    assert list(Attempt.objects.values_list("learner", flat=True)) == [other_student.pk]
    assert Response.objects.count() == Progress.objects.count() == 1
    assert sorted(ItemTally.objects.values_list("choice", "count")) == [("", 1), ("own-name", 1)]
    assert "You are erased." in text_of(body(student_client.get("/")))
    assert "Sign in" in text_of(body(student_client.get("/me/")))


def test_editor_is_not_erased_by_a_form(editor: User, editor_client: Client) -> None:
    before = table_counts()
    assert editor_client.post("/me/data/", {"sure": "yes"}).status_code == 409
    assert table_counts() == before


# --- Guests -------------------------------------------------------------------------------------

NEWCOMER = {"username": "newcomer", "password": PASSWORD}


def guest_signs_up(client: Client) -> str:
    answer(client, None, "a-letter-arrives", "right")
    response = client.post("/accounts/sign-up/", NEWCOMER)
    assert sent_to(response) == (302, "/me/guest-work/?next=%2Fme%2F")
    return str(response["Location"])


def test_guest_who_signs_up_is_asked_and_no_is_the_default(visitor_client: Client) -> None:
    address = guest_signs_up(visitor_client)
    assert Attempt.objects.get().learner.is_guest
    page = body(visitor_client.get(address))
    assert "is it yours?" in text_of(page)
    assert form(page, "")["mine"] == ["no"]


@pytest.mark.parametrize(
    ("mine", "moves"), [("yes", True), ("no", False), ("", False), ("1", False)]
)
def test_guest_work_moves_only_by_a_yes(visitor_client: Client, mine: str, moves: bool) -> None:
    address = guest_signs_up(visitor_client)
    attempt = Attempt.objects.get()
    response = visitor_client.post(address, {"mine": mine, "next": "/me/"})
    assert sent_to(response) == (302, "/me/")
    attempt.refresh_from_db()
    assert attempt.learner.username == "newcomer" if moves else attempt.learner.is_guest
    assert User.objects.filter(is_guest=True).exists() is not moves
    assert Progress.objects.get().learner == attempt.learner
    page = text_of(body(visitor_client.get("/me/")))
    assert ("1 of 8 steps done" in page) is moves
    # It is asked once.
    assert sent_to(visitor_client.get(address)) == (302, "/me/")
    visitor_client.post(address, {"mine": "yes"})
    attempt.refresh_from_db()
    assert attempt.learner.is_guest is not moves


@pytest.mark.parametrize("onward", ["https://example.org/", "//example.org", "javascript:alert(1)"])
def test_guest_work_never_leads_off_the_site(visitor_client: Client, onward: str) -> None:
    guest_signs_up(visitor_client)
    response = visitor_client.post("/me/guest-work/", {"mine": "no", "next": onward})
    assert sent_to(response) == (302, "/me/")


def test_next_child_at_the_same_laptop_sees_no_guest_work(
    visitor_client: Client, student: User
) -> None:
    answer(visitor_client, None, "in-your-own-words", {"text": "Written by the child before"})
    visitor_client.post("/accounts/sign-out/", {"sure": "yes"})
    paths = ["/", "/me/", LESSON, f"{LESSON}in-your-own-words/", "/me/guest-work/"]
    for _who in ("nobody", "student"):
        for path in paths:
            page = body(visitor_client.get(path, follow=True))
            assert "Written by the child before" not in page
            assert "is it yours?" not in text_of(page)
        visitor_client.post("/accounts/sign-in/", {"username": "amara", "password": PASSWORD})
    assert visitor_client.session["_auth_user_id"] == str(student.pk)
    assert Attempt.objects.get().learner.is_guest
