"""The page on which editors try every kind of question, in the preview delivery."""

import re
from typing import Any

import pytest
from django.test import Client

from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.quizzes.models import Attempt, Delivery, Draft, Quiz, Response
from lessons.quizzes.sittings import ItemView, load_sitting
from tests.conftest import ClientOf
from tests.guided.reading import (
    HTMX,
    actions,
    body,
    form,
    put_down,
    right,
    table_counts,
    text_of,
    wrong,
)

pytestmark = pytest.mark.django_db

KINDS = "/editors/kinds/"
POSTS = [KINDS + "again/", KINDS + "1/", KINDS + "1/draft/", KINDS + "7/assess/"]
NAMES = [
    *("single", "multiple", "matching", "ordering", "evidence", "short", "open"),
    *("replies", "stance", "voices", "warrant", "cable"),
]


def view_of(learner: User, position: int) -> ItemView:
    view = load_sitting(
        quiz=Quiz.objects.get(key="samples"),
        delivery=Delivery.objects.preview(),
        learner=learner,
        version=ContentVersion.current(),
    ).at(position)
    assert view is not None
    return view


def fields(client: Client, learner: User, position: int, what: Any = right) -> dict[str, Any]:
    view = view_of(learner, position)
    return put_down(body(client.get(KINDS)), f"{KINDS}{position}/", view, what(view))


@pytest.mark.parametrize("path", [KINDS, *POSTS])
@pytest.mark.parametrize("name", ["visitor", "student", "other_student", "guest", "instructor"])
def test_nobody_but_editors_gets_in(
    name: str, path: str, client_of: ClientOf, request: pytest.FixtureRequest
) -> None:
    client = client_of(None if name == "visitor" else request.getfixturevalue(name))
    before = table_counts()
    response = client.get(path) if path == KINDS else client.post(path, {"reader": ""})
    if name == "visitor":
        found = (response.status_code, response["Location"], response.content)
        assert found == (302, f"/accounts/sign-in/?next={path}", b"")
    else:  # never to the sign-in page: it would send them back, for ever
        assert response.status_code == 403
        assert actions(body(response)) == ["/accounts/sign-out/"]
        assert not re.search(r"name=.q\d", body(response))
    assert table_counts() == before


@pytest.mark.parametrize("path", POSTS)
def test_addresses_that_write_answer_no_get(editor_client: Client, path: str) -> None:
    response = editor_client.get(path)
    assert (response.status_code, response["Allow"]) == (405, "POST")


def test_editor_finds_one_question_of_each_kind(editor: User, editor_client: Client) -> None:
    before = table_counts()
    page = body(editor_client.get(KINDS))
    assert [view_of(editor, n).kind for n in range(1, 13)] == NAMES
    found = [at for at in actions(page) if re.fullmatch(rf"{KINDS}\d+/", at)]
    assert found == [f"{KINDS}{n}/" for n in range(1, 13)]
    for position in range(1, 13):
        view = view_of(editor, position)
        assert text_of(str(view.face["prompt"]).replace("*", "")) in text_of(page)
    assert table_counts() == before


@pytest.mark.parametrize("position", range(1, 13))
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_answer_goes_to_the_preview_alone(
    editor: User, editor_client: Client, position: int, headers: dict[str, str]
) -> None:
    sent = fields(editor_client, editor, position)
    given = right(view_of(editor, position))
    response = editor_client.post(f"{KINDS}{position}/", sent, headers=headers)
    if headers:
        assert response.status_code == 200
        assert response["Vary"].count("HX-Request") == 1
        assert actions(body(response))[0] == f"{KINDS}{position}/"
        assert "<html" not in body(response)
    else:
        assert (response.status_code, response["Location"]) == (302, f"{KINDS}#q{position}")
    attempt = Attempt.objects.get()
    assert (attempt.delivery.kind, attempt.learner, attempt.quiz.key) == (
        "preview",
        editor,
        "samples",
    )
    assert list(Response.objects.values_list("item__position", "answer")) == [(position, given)]
    assert not Attempt.objects.reported().exists()
    explanation = text_of(view_of(editor, position).item.question.explanation.replace("*", ""))
    assert explanation in text_of(body(editor_client.get(KINDS)))


@pytest.mark.parametrize("position", range(1, 13))
def test_empty_answer_is_422_and_stores_nothing(
    editor: User, editor_client: Client, position: int
) -> None:
    page = body(editor_client.get(KINDS))
    before = table_counts()
    sent = form(page, f"{KINDS}{position}/")
    response = editor_client.post(f"{KINDS}{position}/", sent, headers=HTMX)
    assert response.status_code == 422
    assert "This was not stored" in text_of(body(response))
    assert table_counts() == before


def test_answer_of_another_reader_is_409_and_stores_nothing(
    editor: User, editor_client: Client
) -> None:
    sent = fields(editor_client, editor, 7) | {"reader": "0" * 16, "q7-text": "Typed by another"}
    before = table_counts()
    response = editor_client.post(f"{KINDS}7/", sent)
    assert response.status_code == 409
    assert "What you sent: Typed by another" in text_of(body(response))
    assert table_counts() == before


def test_draft_is_kept_and_counted(editor: User, editor_client: Client) -> None:
    sent = fields(editor_client, editor, 7) | {"q7-text": "So far"}
    answer = editor_client.post(f"{KINDS}7/draft/", sent)
    assert (answer.status_code, answer.json()["saves"]) == (200, 1)
    assert (Draft.objects.get().answer, Draft.objects.get().item.attempt.delivery.kind) == (
        {"text": "So far"},
        "preview",
    )
    stale = editor_client.post(f"{KINDS}7/draft/", sent | {"q7-text": "Older"})
    assert stale.status_code == 409
    assert set(stale.json()) >= {"message"}
    assert Draft.objects.get().answer == {"text": "So far"}


def test_written_answer_is_assessed_by_its_rubric(editor: User, editor_client: Client) -> None:
    editor_client.post(f"{KINDS}7/", fields(editor_client, editor, 7))
    view = view_of(editor, 7)
    levels = {
        f"q7-level-{row['key']}": row["levels"][-1]["key"] for row in view.presentation.rubric
    }
    reader = form(body(editor_client.get(KINDS)), f"{KINDS}7/assess/")["reader"]
    part = dict(list(levels.items())[:1])
    refused = editor_client.post(f"{KINDS}7/assess/", {"reader": reader, **part})
    assert refused.status_code == 409
    assert view_of(editor, 7).score is None
    response = editor_client.post(f"{KINDS}7/assess/", {"reader": reader, **levels})
    assert (response.status_code, response["Location"]) == (302, f"{KINDS}#q7")
    assert view_of(editor, 7).score == 1


@pytest.mark.parametrize("position", [0, 13, 999])
def test_question_that_is_not_there_is_404(editor_client: Client, position: int) -> None:
    for path in (f"{KINDS}{position}/", f"{KINDS}{position}/draft/", f"{KINDS}{position}/assess/"):
        assert editor_client.post(path, {"reader": ""}).status_code == 404


def test_starting_afresh_hands_in_and_asks_anew(editor: User, editor_client: Client) -> None:
    editor_client.post(f"{KINDS}1/", fields(editor_client, editor, 1, wrong))
    response = editor_client.post(f"{KINDS}again/")
    assert (response.status_code, response["Location"]) == (302, KINDS)
    assert [
        (attempt.number, attempt.submitted_at is None)
        for attempt in Attempt.objects.order_by("number")
    ] == [(1, False), (2, True)]
    assert view_of(editor, 1).answer is None
