"""Forged, stale and doubled requests: nothing is told, nothing is lost, nothing is another's."""

import re
import uuid
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.guided import domain
from lessons.guided.access import get_step_page
from lessons.guided.models import Progress, Step
from lessons.guided.views import steps as views
from lessons.quizzes.domain import submit_attempt
from lessons.quizzes.models import Attempt, Mark, Question, QuestionRevision, Quiz, Response
from tests.conftest import ClientOf
from tests.quizzes.working import start

from .reading import (
    CLOSING,
    HTMX,
    LESSON,
    PRACTICE_STEPS,
    PREVIEW,
    actions,
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
from .test_secrecy import all_secrets, found_in, waiting_notes

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
OPEN, PAIR = "in-your-own-words", "a-middle-position"


# --- Nothing is told before its time ------------------------------------------------------------


@pytest.mark.parametrize("step", PRACTICE_STEPS)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_judging_ones_answer_before_it_is_handed_in_tells_nothing(
    step: str, headers: dict[str, str], student: User, student_client: Client
) -> None:
    secrets = all_secrets() | waiting_notes()
    page = body(student_client.get(f"{LESSON}{step}/"))
    reader = {"reader": form(page, question_address(step))["reader"]}
    for position in positions(step):
        action = question_address(step, position)
        view = view_of(student, step, position)
        student_client.post(f"{action}draft/", put_down(page, action, view, right(view)))
        for query in ("", "?attempt=1", "?attempt=7"):
            refused = student_client.post(f"{action}assess/{query}", reader, headers=headers)
            assert refused.status_code == 409
            assert found_in(body(refused), secrets) == []
    assert Mark.objects.count() == 0


def test_graded_questions_take_no_check_and_no_judgement_while_open(
    student: User, student_client: Client
) -> None:
    secrets = all_secrets() | waiting_notes()
    student_client.post(f"{CLOSING}start/")
    reader = form(body(student_client.get(CLOSING)), f"{CLOSING}review/")
    for position in [*positions("closing-quiz"), 99]:
        for action in ("", "assess/"):
            response = student_client.post(f"{CLOSING}questions/{position}/{action}", reader)
            assert response.status_code == (409 if action and position != 99 else 404)
            assert found_in(body(response), secrets) == []
    assert Response.objects.count() == Mark.objects.count() == 0


def test_draft_of_a_closed_question_is_told_that_alone(
    student: User, student_client: Client
) -> None:
    action = question_address(PAIR)
    page = body(student_client.get(f"{LESSON}{PAIR}/"))
    fields = put_down(page, action, view_of(student, PAIR), right(view_of(student, PAIR)))
    student_client.post(action, fields)
    refused = student_client.post(f"{action}draft/", fields)
    assert (refused.status_code, refused.json()) == (409, {"message": "This question is closed."})


@pytest.mark.parametrize("step", PRACTICE_STEPS)
def test_forged_counts_never_close_a_question(
    step: str, student: User, student_client: Client
) -> None:
    secrets = all_secrets() | waiting_notes()
    page = body(student_client.get(f"{LESSON}{step}/"))
    view, action = view_of(student, step), question_address(step)
    good = put_down(page, action, view, right(view))
    for forged in (
        {"q1-tries": "1"},
        {"q1-tries": "2"},
        {"q1-tries": "9" * 18},
        {"q1-tries": "-1"},
        {"q1-seed": "x"},
        {"q1-revision": view.digest},
    ):
        response = student_client.post(action, good | forged, headers=HTMX)
        assert response.status_code in (409, 422)
        assert found_in(body(response), secrets) == []
    assert Response.objects.count() == 0


def test_client_uuid_of_another_learner_tells_nothing_and_stores_ones_own(
    student: User, student_client: Client, other_student: User, other_student_client: Client
) -> None:
    action = question_address(OPEN)
    sent = {"q1-uuid": str(uuid.uuid4())}
    for who, client, text in (
        (student, student_client, "Words of the first"),
        (other_student, other_student_client, "Words of the second"),
    ):
        page = body(client.get(f"{LESSON}{OPEN}/"))
        fields = put_down(page, action, view_of(who, OPEN), {"text": text})
        shown = body(client.post(action, fields | sent, headers=HTMX))
        assert text in shown
    assert "Words of the first" not in shown
    assert Response.objects.filter(client_uuid=sent["q1-uuid"]).count() == 2


# --- What is stored -----------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("first", ["right", "wrong"])
def test_form_sent_again_with_another_answer_is_not_acknowledged(
    headers: dict[str, str], first: str, student: User, student_client: Client
) -> None:
    """The reply to the first got lost; the reader writes something else and presses again."""
    step = "a-letter-arrives"
    view, action = view_of(student, step), question_address(step)
    page = body(student_client.get(f"{LESSON}{step}/"))
    one, other = (right(view), wrong(view, 1)) if first == "right" else (wrong(view), right(view))
    student_client.post(action, put_down(page, action, view, one))
    before = table_counts()
    response = student_client.post(action, put_down(page, action, view, other), headers=headers)
    assert response.status_code == 409
    assert "Another answer of yours was stored before" in body(response)
    assert "What you sent:" in body(response)
    assert Response.objects.get().answer == one
    assert table_counts() == before


def test_form_that_two_workers_got_at_once_shows_its_answer_to_both(
    student: User, student_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, action = view_of(student, OPEN), question_address(OPEN)
    page = body(student_client.get(f"{LESSON}{OPEN}/"))
    fields = put_down(page, action, view, {"text": "Sent twice at once"})
    twin = Client()
    twin.cookies = student_client.cookies

    def read_before_the_other_wrote(*args: Any, **kwargs: Any) -> Any:
        found = get_step_page(*args, **kwargs)
        assert found.sitting is not None
        monkeypatch.setattr(views, "get_step_page", get_step_page)
        assert twin.post(action, fields, headers=HTMX).status_code == 200
        return found

    monkeypatch.setattr(views, "get_step_page", read_before_the_other_wrote)
    response = student_client.post(action, fields, headers=HTMX)
    assert response.status_code == 200
    assert "Sent twice at once" in body(response)
    assert 'name="q1-tries" value="1"' in body(response)
    assert Response.objects.count() == 1


def test_step_answered_in_two_windows_at_once_can_still_be_completed(
    student: User, student_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the two saw the other question unanswered."""
    path = f"{LESSON}{PAIR}/"
    page = body(student_client.get(path))
    sent = {}
    for position in (1, 2):
        action, view = question_address(PAIR, position), view_of(student, PAIR, position)
        sent[action] = put_down(page, action, view, right(view))
    (one, first), (two, second) = sent.items()
    student_client.post(f"{one}draft/", first)
    twin = Client()
    twin.cookies = student_client.cookies

    def read_before_the_other_wrote(*args: Any, **kwargs: Any) -> Any:
        found = get_step_page(*args, **kwargs)
        assert found.sitting is not None
        monkeypatch.setattr(views, "get_step_page", get_step_page)
        assert twin.post(one, first).status_code == 302
        return found

    monkeypatch.setattr(views, "get_step_page", read_before_the_other_wrote)
    assert student_client.post(two, second).status_code == 302
    assert Response.objects.count() == 2
    shown = body(student_client.get(path))
    assert "Go on without answering" not in shown
    if f"{path}finish/" in actions(shown):
        student_client.post(f"{path}finish/")
    row = Progress.objects.get(learner=student, step__slug=PAIR)
    assert (row.completed_at is None, row.skipped) == (False, False)


def test_rubric_on_an_earlier_attempts_page_judges_that_attempt(
    student: User, student_client: Client
) -> None:
    path = f"{LESSON}{OPEN}/"
    for text in ("The first answer", "The second answer"):
        if text != "The first answer":
            student_client.post(f"{path}again/")
        answer(student_client, student, OPEN, {"text": text})
    page = body(student_client.get(f"{path}?attempt=1"))
    assert "The first answer" in page
    found = [at for at in re.findall(r'action="([^"#]*)', page) if "/assess/" in at]
    levels = {}
    for name, value in re.findall(r'name="(q1-level-[^"]*)" value="([^"]*)"', page):
        levels.setdefault(name, value)
    fields = levels | {"reader": re.search(r'name="reader" value="([^"]*)"', page)[1]}  # type: ignore[index]
    response = student_client.post(found[0], fields)
    assert (response.status_code, response["Location"]) == (302, f"{path}?attempt=1#q1")
    assert Mark.objects.get().response.answer == {"text": "The first answer"}
    assert "The first answer" in body(student_client.post(found[0], fields, headers=HTMX))


def test_refused_start_leaves_nothing_that_only_this_process_believes(
    student: User, student_client: Client, other_student: User, other_student_client: Client
) -> None:
    """Its transaction is undone; what it stored of the questions may not be remembered."""
    start(student)
    student_client.post(f"{CLOSING}submit/", {"reader": _reader(student_client)})
    Quiz.objects.filter(steps__slug="closing-quiz").update(attempts_allowed=1)
    Question.objects.filter(key="letter-who").update(prompt="Asked anew: who is it?")
    ContentVersion.bump()
    student_client.post(f"{CLOSING}again/")
    assert Attempt.objects.count() == 1
    other_student_client.post(f"{CLOSING}start/")
    asked = Attempt.objects.get(learner=other_student).items.values_list("revision", flat=True)
    assert QuestionRevision.objects.filter(pk__in=asked).count() == len(asked) > 1
    assert "Asked anew" in body(other_student_client.get(CLOSING))


def _reader(client: Client) -> str:
    return str(form(body(client.get(CLOSING)), f"{CLOSING}review/")["reader"][0])


def test_claimed_work_does_not_bury_ones_own_open_attempt(
    student: User, guest: User, student_client: Client
) -> None:
    mine = start(student)
    theirs = start(guest)
    submit_attempt(attempt=theirs)
    domain.claim_guest_work(guest=guest, by=student)
    numbers = dict(Attempt.objects.values_list("pk", "number"))
    assert numbers == {theirs.pk: 1, mine.pk: 2}
    page = body(student_client.get(CLOSING))
    assert f"{CLOSING}review/" in actions(page)
    student_client.post(f"{CLOSING}submit/", {"reader": _reader(student_client)})
    student_client.post(f"{CLOSING}again/")
    assert Attempt.objects.filter(learner=student).count() == 3


# --- Readers who share a process ----------------------------------------------------------------


def test_pages_drawn_for_one_reader_show_nothing_of_another(
    client_of: ClientOf, request: pytest.FixtureRequest
) -> None:
    names = ("student", "other_student", "guest", "instructor", "editor")
    users: dict[str, User | None] = {name: request.getfixturevalue(name) for name in names}
    for user in users.values():
        if user is not None and not user.is_guest:
            user.display_name = f"Name-of-{user.username}"
            user.save()
    clients = {name: client_of(user) for name, user in {**users, "visitor": None}.items()}
    steps = list(Step.objects.values_list("slug", flat=True))
    all_marks: dict[str, set[str]] = {name: set() for name in clients}
    all_tokens: dict[str, set[str]] = {name: set() for name in clients}
    for _round in range(2):  # the second round is drawn from what the first one kept
        for step in steps:
            pages = {}
            for name, client in clients.items():
                pages[name] = body(client.get(f"{LESSON}{step}/"))
                if name == "editor":
                    client.get(f"{PREVIEW}{step}/")
            marks = {
                n: set(re.findall(r'name="reader" value="(\w+)"', p)) for n, p in pages.items()
            }
            tokens = {n: set(re.findall(r'token" value="(\w+)"', p)) for n, p in pages.items()}
            for name, page in pages.items():
                all_marks[name] |= marks[name]
                all_tokens[name] |= tokens[name]
                shown = set(re.findall(r"Name-of-[\w-]+", page))
                user = users.get(name)
                own = f"Name-of-{user.username}" if user and not user.is_guest else None
                assert shown == ({own} if own else set())
                assert ("/admin/" in page) == (name == "editor")
                assert 'name="robots"' not in page
                assert PREVIEW not in page
                for other in pages.keys() - {name}:
                    assert marks[name].isdisjoint(marks[other])
                    assert tokens[name].isdisjoint(tokens[other])
    assert {name: len(found) for name, found in all_marks.items()} == {
        **dict.fromkeys(names, 1),
        "visitor": 0,  # nobody's mark is empty
    }
    assert all(all_tokens.values())


@pytest.mark.parametrize("name", ["csrf", "questions", "nosuch"])
def test_gaps_of_shared_pages_cannot_be_written_into_content(
    name: str, student: User, student_client: Client
) -> None:
    planted = f"A\ue000{name}\ue001Z"
    Step.objects.filter(slug=PAIR).update(title=planted, focus=planted, body=planted)
    Question.objects.filter(quizzes__steps__slug=PAIR).update(prompt=planted, hint=planted)
    ContentVersion.bump()
    for headers in ({}, HTMX):
        response = student_client.get(f"{LESSON}{PAIR}/", headers=headers)
        assert response.status_code == 200
        assert text_of(body(response)).count(planted) >= 6
    given = {"text": f"\ue000{name}\ue001"}
    assert answer(student_client, student, OPEN, given, headers=HTMX).status_code == 200
    assert given["text"] in body(student_client.get(f"{LESSON}{OPEN}/"))


def test_editor_who_may_not_see_learners_work_reaches_none_of_it_in_admin(
    student: User, student_client: Client, editor_client: Client
) -> None:
    planted = "Xyzzy 9c1d: words that only Amara wrote"
    answer(student_client, student, OPEN, {"text": planted})
    response = Response.objects.get()
    rows = {
        "quizzes/attempt": response.item.attempt_id,
        "quizzes/response": response.pk,
        "guided/progress": Progress.objects.get(learner=student).pk,
        "quizzes/attemptitem": response.item_id,
        "accounts/user": student.pk,
    }
    for name, pk in rows.items():
        for part in ("", "add/", f"{pk}/change/", f"{pk}/history/", f"{pk}/delete/"):
            for call in (editor_client.get, editor_client.post):
                assert call(f"/admin/{name}/{part}").status_code == 403, (name, part)
    question = response.item.question_id
    for path in (
        "",
        "?attempt_items__attempt__learner__username=amara",
        "?revisions__attempt_items__response__answer__icontains=Xyzzy",
        "?q=Xyzzy",
        f"{question}/change/",
        f"{question}/delete/",
        f"{question}/history/",
    ):
        for page in (f"/admin/quizzes/question/{path}", f"/admin/guided/step/{path}"):
            shown = editor_client.get(page)
            assert shown.status_code in (200, 302, 400)
            assert planted not in body(shown)
            assert "Amara" not in body(shown)
    for model in ("attempt", "response", "draft"):
        asked = f"app_label=quizzes&model_name={model}&field_name=item&term="
        assert editor_client.get(f"/admin/autocomplete/?{asked}").status_code == 403


# --- Requests of every shape --------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/modules/", "/me/", LESSON, f"{LESSON}{PAIR}/"])
def test_head_answers_as_get(path: str, visitor_client: Client) -> None:
    """Without the body, which the server leaves out, and here the browser of the tests."""
    head, page = visitor_client.head(path), visitor_client.get(path)
    assert (head.status_code, head["Content-Type"]) == (200, page["Content-Type"])


HOSTILE = ["\0", "\ud800", "a" * 20_001, "\u202e", "9" * 400, "-1", "%00", "{" * 4000, "\uffff"]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_values_are_refused_and_never_500(
    value: str, student: User, student_client: Client
) -> None:
    student_client.post(f"{CLOSING}start/")
    page = body(student_client.get(f"{LESSON}{OPEN}/"))
    good = form(page, question_address(OPEN)) | {"q1-text": "words"}
    quiz = form(body(student_client.get(CLOSING)), f"{CLOSING}review/")
    for path, fields in (
        (question_address(OPEN), good),
        (f"{question_address(OPEN)}draft/", good),
        (f"{question_address(OPEN)}assess/", good | {"q1-level-x": "y"}),
        (f"{CLOSING}review/", quiz),
        (f"{CLOSING}submit/", quiz | {"attempt": "1"}),
        (f"{LESSON}{OPEN}/presence/", {"seconds": "1", "reader": good["reader"]}),
        ("/me/guest-work/", {"next": "/me/", "mine": "no"}),
    ):
        for name in fields:
            if name == "q1-text" and "draft" not in path and value in {"-1", "9" * 400, "%00"}:
                continue  # words like any others
            sent = urlencode(fields | {name: value}, doseq=True, errors="surrogatepass")
            response = student_client.post(path, sent, content_type=FORM)
            assert response.status_code < 500, (path, name)
