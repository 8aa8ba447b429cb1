"""The three exercises on an invented record: nothing in the code knows the one that ships."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from lessons.accounts.models import User
from lessons.core import rendered
from lessons.core.models import ContentVersion
from lessons.documents.models import Document
from lessons.guided.checking.content import read_content
from lessons.guided.checking.lessons import steps as check_steps
from lessons.guided.checking.questions import unaskable
from lessons.guided.models import Lesson, Step
from lessons.quizzes.kinds import kind_of
from lessons.quizzes.models import AttemptItem, Delivery, Draft, Question, Response
from lessons.quizzes.revisions import key_of, questions_with_parts
from lessons.quizzes.sittings import ItemView, load_sitting
from tests.conftest import ClientOf
from tests.quizzes.working import right_answer, wrong_answers

from .invented import NOTICE, SLUG, make_lesson
from .reading import HTMX, body, form, put_down, table_counts, text_of
from .test_secrecy import found_in, secrets_of

pytestmark = pytest.mark.django_db

BASE = f"/lessons/{SLUG}/"
QUESTIONS = [
    *(("two-lanes", 1), ("two-lanes", 2), ("two-lanes", 3)),
    *(("voices", 1), ("voices", 2), ("other-cable", 1)),
]
DOCUMENT = "/documents/salt-talk/"


@pytest.fixture(autouse=True)
def lesson(db: None) -> Lesson:
    return make_lesson()


def view(learner: User | None, step: str, position: int = 1) -> ItemView:
    quiz = Step.objects.get(lesson__slug=SLUG, slug=step).quiz
    assert quiz is not None
    found = load_sitting(
        quiz=quiz,
        delivery=Delivery.objects.self_study(),
        learner=learner,
        version=ContentVersion.current(),
    ).at(position)
    assert found is not None
    return found


def key(of: ItemView) -> dict[str, Any]:
    return key_of(questions_with_parts(Question.objects.filter(key=of.face["question"])).get())


def address(step: str, position: int = 1) -> str:
    return f"{BASE}{step}/questions/{position}/"


def post(
    client: Client, learner: User | None, step: str, position: int, answer: Any, **headers: Any
) -> Any:
    page = body(client.get(f"{BASE}{step}/"))
    sent = put_down(page, address(step, position), view(learner, step, position), answer)
    return client.post(address(step, position), sent, **headers)


def right(client: Client, learner: User, step: str, position: int = 1) -> Any:
    of = view(learner, step, position)
    return post(client, learner, step, position, right_answer(of.face, key(of)))


def secrets() -> dict[str, str]:
    told: dict[str, str] = {}
    for question in Question.objects.filter(key__startswith="salt-"):
        told |= secrets_of(question)
    return told


def test_the_invented_lesson_breaks_no_rule() -> None:
    content = read_content()
    content.questions = [q for q in content.questions if q.key.startswith("salt-")]
    assert [str(finding) for finding in unaskable(content)] == []
    content.modules = [module for module in content.modules if module.key == "salt"]
    assert [str(finding) for finding in check_steps(content)] == []


@pytest.mark.parametrize("name", ["visitor", "student"])
def test_exercises_tell_nothing_before_an_answer(
    name: str, student: User, client_of: ClientOf
) -> None:
    client = client_of(student if name == "student" else None)
    told = secrets()
    assert len(told) > 25
    for path in ("two-lanes", "voices", "other-cable"):
        for query in ("", "?voice=frame", "?voice=quoted"):
            page = body(client.get(f"{BASE}{path}/{query}"))
            assert found_in(page, told) == []
            assert kept(page) == []
            assert "voice-switch" not in page
    assert found_in(body(client.get(f"{BASE}print/")), told) == []


@pytest.mark.parametrize(("step", "position"), QUESTIONS)
def test_right_answer_is_kept_scored_and_explained(
    student: User, student_client: Client, step: str, position: int
) -> None:
    given = right_answer(view(student, step, position).face, key(view(student, step, position)))
    response = right(student_client, student, step, position)
    assert response.status_code == 302
    assert list(Response.objects.values_list("item__position", "answer")) == [(position, given)]
    item = AttemptItem.objects.get(position=position)
    written = step == "other-cable"
    assert item.score == (None if written else Decimal(1))
    assert item.closed_at is not None
    page = body(student_client.get(f"{BASE}{step}/"))
    prompt = view(student, step, position).face["question"]
    assert f"The explanation of {prompt}, which waits for an answer to it." in text_of(page)


@pytest.mark.parametrize(("step", "position"), QUESTIONS[:1] + QUESTIONS[3:4])
def test_wrong_answer_is_judged_line_by_line_and_not_corrected(
    student: User, student_client: Client, step: str, position: int
) -> None:
    of = view(student, step, position)
    wrong = wrong_answers(of.face, key(of))[0]
    page = body(post(student_client, student, step, position, wrong, headers=HTMX))
    assert "Not this one." in page
    assert "Accepted:" not in page
    assert "It is put as" not in page
    assert "explanation of" not in page


@pytest.mark.parametrize(("step", "position"), QUESTIONS)
def test_empty_exercise_is_422_and_stores_nothing(
    student_client: Client, step: str, position: int
) -> None:
    page = body(student_client.get(f"{BASE}{step}/"))
    before = table_counts("guided.Progress")
    response = student_client.post(address(step, position), form(page, address(step, position)))
    assert response.status_code == 422
    assert "This was not stored" in text_of(body(response))
    assert found_in(body(response), secrets()) == []
    assert table_counts("guided.Progress") == before


def test_half_a_cable_is_kept_as_a_draft_and_drawn_again(
    student: User, student_client: Client
) -> None:
    half = {
        "lines": {"wood": {"does": "leave", "motive": "It shames us."}},
        "added": "",
        "cable": "So far",
    }
    page = body(student_client.get(f"{BASE}other-cable/"))
    sent = put_down(page, address("other-cable"), view(student, "other-cable"), half)
    saved = student_client.post(f"{address('other-cable')}draft/", sent)
    assert (saved.status_code, saved.json()["saves"]) == (200, 1)
    assert Draft.objects.get().answer == half
    refused = post(student_client, student, "other-cable", 1, half, headers=HTMX)
    assert refused.status_code == 422
    assert "Decide on 1 line more: keep, soften or leave out." in text_of(body(refused))
    again = body(student_client.get(f"{BASE}other-cable/"))
    assert "So far</textarea>" in again
    assert 'value="It shames us."' in again
    assert "2 words" in text_of(again)


def test_cable_stands_beside_the_record_under_its_notice(
    student: User, student_client: Client
) -> None:
    given = {
        "lines": {
            "boats": {"does": "soften", "motive": "They <b>laughed</b>."},
            "wood": {"does": "leave", "motive": "It shames us."},
        },
        "added": "The cold of the hall.",
        "cable": "Two boats asked; he says little.",
    }
    post(student_client, student, "other-cable", 1, given)
    page = body(student_client.get(f"{BASE}other-cable/"))
    words = text_of(page)
    assert words.count(NOTICE) == 1
    assert "Your cable · 6 words Two boats asked; he says little." in words
    assert "The line of boats in both Theirs · ¶1 needed two boats" in words
    assert "Yours · soften They <b>laughed</b>." in words
    assert "They &lt;b&gt;laughed&lt;/b&gt;." in page
    assert "The line of wood only in theirs Theirs · ¶2 no wood to spare" in words
    assert "What you added only in yours The cold of the hall." in words
    assert "Compare your answer" in words


def test_notice_stands_wherever_a_cable_is_shown(student: User, student_client: Client) -> None:
    right(student_client, student, "other-cable")
    for path in (f"{BASE}findings/", f"{BASE}print/", "/me/data/export/"):
        assert NOTICE in text_of(body(student_client.get(path))), path


def test_stance_is_kept_with_its_reason_and_never_judged(
    student: User, student_client: Client
) -> None:
    reason = "[No](https://example.org) *reply* <i>here</i>"
    post(student_client, student, "two-lanes", 2, {"choice": "unwritten", "reason": reason})
    page = body(student_client.get(f"{BASE}two-lanes/"))
    stance = page[page.index('id="q2"') : page.index('id="q3"')]
    assert not re.search(r"Right\.|Not this one|Rightly|points", stance)
    assert len(found_in(stance, secrets())) == 4  # three choices and the explanation
    assert view(student, "two-lanes", 2).verdict == ""
    assert view(student, "two-lanes", 2).earned == 0
    findings = body(student_client.get(f"{BASE}findings/"))
    assert "It was unwritten: [No](https://example.org) *reply* <i>here</i>" in text_of(
        findings.replace("&lt;", "‹").replace("&gt;", "›")
    ).replace("‹", "<").replace("›", ">")
    assert '<a href="https://example.org"' not in findings


# --- One voice at a time --------------------------------------------------------------------------


def kept(page: str) -> list[str]:
    """The words that stay, as marked in the text of the record."""
    return re.findall(r'<span class="(?:[a-z]+ )?kept">(.*?)</span>', page)


@pytest.mark.parametrize(
    ("voice", "words"),
    [
        ("frame", ["Bo replied that"]),
        ("reported", ["boats were dearer."]),
        ("first-person", ["boats were dearer."]),
        ("quoted", ["no wood to spare"]),
        ("editor", ["[in the bay]"]),
        ("", []),
        ("nobody", []),
        ("<script>", []),
    ],
)
def test_one_voice_is_shown_once_the_exercise_is_done(
    student: User, student_client: Client, voice: str, words: list[str]
) -> None:
    right(student_client, student, "voices", 1)
    for path in (f"{BASE}voices/", DOCUMENT):
        page = body(student_client.get(path, {"voice": voice}))
        assert kept(page) == words
        assert ("one-voice" in page) == bool(words)
        assert "<script>" not in page.replace("<script ", "")
        assert 'href="?voice=first-person#' in page


def test_wrong_answer_leaves_the_voices_closed(student: User, student_client: Client) -> None:
    of = view(student, "voices")
    post(student_client, student, "voices", 1, wrong_answers(of.face, key(of))[0])
    for path in (f"{BASE}voices/", DOCUMENT):
        assert kept(body(student_client.get(path, {"voice": "frame"}))) == []


@pytest.mark.parametrize("name", ["visitor", "student", "other_student", "guest"])
def test_document_keeps_its_voices_from_who_has_not_answered(
    name: str, student_client: Client, request: pytest.FixtureRequest, client_of: ClientOf
) -> None:
    user = None if name == "visitor" else request.getfixturevalue(name)
    page = body(client_of(user).get(DOCUMENT, {"voice": "frame"}))
    assert kept(page) == []
    assert (
        "One voice at a time opens here once you have answered “Step voices”: it would tell you "
        "the answers."
    ) in text_of(page)
    assert f'href="{BASE}voices/"' in page


@pytest.mark.parametrize("name", ["instructor", "editor"])
def test_those_who_teach_may_have_one_voice_at_once(
    name: str, request: pytest.FixtureRequest, client_of: ClientOf
) -> None:
    page = body(client_of(request.getfixturevalue(name)).get(DOCUMENT, {"voice": "quoted"}))
    assert kept(page) == ["no wood to spare"]


def test_document_without_an_exercise_shows_its_voices_to_everybody(client: Client) -> None:
    Step.objects.filter(lesson__slug=SLUG, slug="voices").delete()
    ContentVersion.bump()
    rendered.clear()
    assert kept(body(client.get(DOCUMENT, {"voice": "editor"}))) == ["[in the bay]"]


def test_one_voice_costs_few_queries(
    student: User, student_client: Client, django_assert_max_num_queries: Any
) -> None:
    right(student_client, student, "voices", 1)
    student_client.get(DOCUMENT, {"voice": "frame"})
    with django_assert_max_num_queries(8):
        student_client.get(DOCUMENT, {"voice": "frame"})


# --- Rules in the database ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "change", "words"),
    [
        ("salt-stance", {"points": 1}, "has 0 points"),
        ("salt-replies", {"points": 0}, "has 0 points"),
        ("salt-cable", {"notice": ""}, "Write the notice"),
        ("salt-cable", {"most_words": 4}, "the fewest first"),
        ("salt-cable", {"most_words": None}, "the fewest first"),
    ],
)
def test_question_that_breaks_a_rule_is_refused_in_words(
    key: str, change: dict[str, Any], words: str
) -> None:
    question = Question.objects.get(key=key)
    for name, value in change.items():
        setattr(question, name, value)
    with pytest.raises(ValidationError, match=words):
        question.full_clean()


def test_kinds_know_the_faces_they_made() -> None:
    questions = questions_with_parts(Question.objects.filter(key__startswith="salt-"))
    for question in questions:
        kind = kind_of(question.kind)
        assert json.loads(json.dumps(kind.face(question))) == kind.face(question)
    assert Document.objects.get(key="salt-talk").title.endswith("(invented)")
