"""What is right, why, and what others wrote leaves the server only when its reader may see it."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from lessons.accounts.models import User
from lessons.core import rendered
from lessons.core.markdown import to_html, to_inline_html
from lessons.core.models import ContentVersion
from lessons.documents.models import Annotation, Document, Person, Term
from lessons.guided.models import Lesson, Module, Step, TeacherPage
from lessons.quizzes.models import Attempt, Option, Question
from tests.conftest import ClientOf
from tests.quizzes.working import start

from .reading import (
    CLOSING,
    HTMX,
    LESSON,
    PRACTICE_STEPS,
    PREVIEW,
    SLUG,
    STEPS,
    all_right,
    answer,
    body,
    form,
    positions,
    put_down,
    question_address,
    right,
    text_of,
    view_of,
    wrong,
)

pytestmark = pytest.mark.django_db

READERS = ["visitor", "student", "other_student", "guest", "instructor"]
LONG = 40
"""Characters from which words can only be the key's own."""


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest) -> User | None:
    user: User | None = None
    if request.param != "visitor":
        user = request.getfixturevalue(request.param)
    return user


@pytest.fixture
def client(reader: User | None, client_of: ClientOf) -> Client:
    return client_of(reader)


@cache
def snippets(source: str) -> list[str]:
    """The first 60 characters of some Markdown as a page would show them; none of what is short."""
    words = {text_of(to_html(source)), text_of(to_inline_html(source))}
    return sorted(text[:60] for text in words if len(text) >= LONG)


def secrets_of(question: Question) -> dict[str, str]:
    """Snippet → what it is, of everything that waits for an answer to this question."""
    told: dict[str, str] = {}

    def tell(what: str, source: str) -> None:
        told.update(dict.fromkeys(snippets(source), f"{question.key}: {what}"))

    tell("explanation", question.explanation)
    tell("strong answer", question.strong_answer)
    for option in question.options.all():
        tell(f"feedback of {option.key}", option.feedback)
        tell(f"misreading of {option.key}", option.misreading)
    for span in question.evidence.all():
        tell(f"feedback of {span.key}", span.feedback)
    for part in (*question.cards.all(), *question.segments.all()):
        tell(f"feedback of {part.key}", part.feedback)
    for accepted in question.accepted_answers.all():
        tell(f"feedback of {accepted.key}", accepted.feedback)
        tell(f"accepted {accepted.key}", accepted.answer)
    for criterion in question.criteria.all():
        for level in criterion.levels.all():
            tell(f"level {criterion.key}/{level.key}", level.description)
            tell(f"sample {criterion.key}/{level.key}", level.sample)
    return told


PARTS = ("options", "evidence", "cards", "segments", "accepted_answers", "criteria__levels")


def all_secrets() -> dict[str, str]:
    told: dict[str, str] = {}
    for question in Question.objects.prefetch_related(*PARTS):
        told |= secrets_of(question)
    return told


def waiting_notes() -> dict[str, str]:
    notes = Annotation.objects.published().filter(reveal=Annotation.Reveal.AFTER_QUESTIONS)
    return {text: f"note {note.key}" for note in notes for text in snippets(note.body)}


def found_in(page: str, secrets: dict[str, str]) -> list[str]:
    words = text_of(page)
    return sorted({what for text, what in secrets.items() if text in words})


# --- Every address ------------------------------------------------------------------------------


def patterns(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for part in resolver.url_patterns:
        route = before + str(part.pattern)
        if isinstance(part, URLResolver):
            if part.app_name not in ("admin", "classrooms"):
                yield from patterns(part, route)
        elif isinstance(part, URLPattern):
            yield route


def slugs_of(model: Any) -> list[str]:
    return list(model.objects.values_list("slug", flat=True))


def filled() -> dict[str, list[str]]:
    """Every route of the site but admin's and classes', with its addresses for all there is."""
    slugs: dict[str, list[str]] = {
        "module": slugs_of(Module),
        "page": slugs_of(TeacherPage),
        "lesson": slugs_of(Lesson),
        "delivery": ["preview", "self-study"],
        "position": ["1", "2"],
        "role": ["student"],
        "pk": ["1"],
    }
    rooms: dict[str, Any] = {"people/": Person, "glossary/": Term, "": Document}
    steps = list(Step.objects.values_list("lesson__slug", "slug"))
    routes = {}
    for route in patterns(get_resolver()):
        room = next(model for start, model in rooms.items() if route.startswith(start))
        found = {route}
        if "<slug:step>" in route:
            found = {
                route.replace("<slug:lesson>", lesson).replace("<slug:step>", step)
                for lesson, step in steps
            }
        for name, values in {"slug": slugs_of(room), **slugs}.items():
            found = {
                re.sub(rf"<[a-z]+:{name}>", value, one)
                for one in found
                for value in (values if f":{name}>" in one else [""])
            }
        assert not [one for one in found if "<" in one]
        routes[route] = sorted(f"/{one}" for one in found)
    return routes


def addresses() -> list[str]:
    return sorted({address for found in filled().values() for address in found})


def readable(client: Client) -> list[str]:
    """The addresses to look for secrets at; of a route that answers no GET, the first one."""
    kept: list[str] = []
    for found in filled().values():
        kept += found[:1] if client.get(found[0]).status_code == 405 else found
    return kept


def test_the_addresses_are_all_there() -> None:
    found = addresses()
    assert {f"{LESSON}{step}/" for step in STEPS} <= set(found)
    assert {f"{PREVIEW}{step}/" for step in STEPS} <= set(found)
    assert {"/", "/me/", "/editors/kinds/", "/documents/", "/healthz", "/modules/"} <= set(found)
    assert f"{CLOSING}questions/2/draft/" in found
    assert len(found) > 200


def test_the_secrets_are_found_where_they_are_shown(student: User, student_client: Client) -> None:
    """Else the tests below could not fail."""
    for step in PRACTICE_STEPS:
        for position in positions(step):
            answer(student_client, student, step, "right", position)
    shown = [
        found_in(body(student_client.get(f"{LESSON}{step}/")), all_secrets()) for step in STEPS
    ]
    assert [bool(found) for found in shown] == [False, *([True] * 6), False]
    assert "letter-own-behalf: explanation" in shown[2]
    assert "letter-own-behalf: feedback of main-purpose" in shown[2]
    assert "letter-spoke-for-himself: strong answer" in shown[6]
    assert sum("level" in what or "sample" in what for what in shown[6]) > 5
    edition = Document.objects.get().slug
    everything = body(student_client.get(f"/documents/{edition}/?notes=all"))
    assert len(found_in(everything, waiting_notes())) == len(set(waiting_notes().values())) > 40


def test_no_address_tells_what_is_right_before_an_answer(client: Client) -> None:
    secrets = all_secrets() | waiting_notes()
    leaks = {}
    for path in readable(client):
        for headers in ({}, HTMX):
            leaks[path] = found_in(body(client.get(path, headers=headers)), secrets)
    assert {path: what for path, what in leaks.items() if what} == {}


@pytest.mark.parametrize(
    "query", ["?review=1", "?attempt=1", "?attempt=0", "?notes=all", "?cite=bibtex"]
)
def test_no_query_tells_what_is_right_before_an_answer(client: Client, query: str) -> None:
    secrets = all_secrets() | waiting_notes()
    paths = [f"{LESSON}{step}/" for step in STEPS] + [f"{PREVIEW}{step}/" for step in STEPS]
    assert {
        path: found
        for path in [*paths, "/", "/me/", LESSON]
        if (found := found_in(body(client.get(path + query)), secrets))
    } == {}


def test_whole_edition_keeps_its_notes_until_they_are_asked_for(client: Client) -> None:
    path = f"/documents/{Document.objects.get().slug}/"
    assert found_in(body(client.get(path)), waiting_notes()) == []
    # The explicit wish to see all of them is the only way past (the page says so).
    assert len(found_in(body(client.get(f"{path}?notes=all")), waiting_notes())) > 40
    assert found_in(body(client.get(f"{path}?notes=all")), all_secrets()) == []


# --- Refusals and drafts ------------------------------------------------------------------------


@pytest.mark.parametrize("step", PRACTICE_STEPS)
def test_refused_answers_tell_nothing(client: Client, reader: User | None, step: str) -> None:
    secrets = all_secrets() | waiting_notes()
    page = body(client.get(f"{LESSON}{step}/"))
    for position in positions(step):
        view, action = view_of(reader, step, position), question_address(step, position)
        blank = form(page, action)
        good = put_down(page, action, view, right(view))
        name = f"q{position}"
        sent: list[tuple[dict[str, Any], int]] = [
            (blank, 422),
            (good | {f"{name}-uuid": "x"}, 422),
            (good | {f"{name}-revision": "0" * 16}, 409),
            (good | {f"{name}-tries": "1"}, 409),
            (good | {"reader": "0" * 16}, 409),
        ]
        for fields, status in sent:
            for headers in ({}, HTMX):
                response = client.post(action, fields, headers=headers)
                assert response.status_code == status
                assert found_in(body(response), secrets) == []


@pytest.mark.parametrize("step", PRACTICE_STEPS)
@pytest.mark.parametrize("what", ["right", "wrong"])
def test_saving_a_draft_tells_nothing(
    client: Client, reader: User | None, step: str, what: str
) -> None:
    secrets = all_secrets() | waiting_notes()
    page = body(client.get(f"{LESSON}{step}/"))
    view, action = view_of(reader, step), question_address(step)
    given = right(view) if what == "right" else wrong(view)
    fields = put_down(page, action, view, given)
    response = client.post(f"{action}draft/", fields)
    assert sorted(response.json()) == ["saved_at", "saves"]
    assert response.json()["saves"] == 1
    # Sent again because its reply was lost, it is one save; another text of the same age is stale.
    assert client.post(f"{action}draft/", fields).json()["saves"] == 1
    other = put_down(page, action, view, wrong(view) if what == "right" else right(view))
    stale = client.post(f"{action}draft/", other)
    assert (stale.status_code, stale.json()["saves"]) == (409, 1)
    assert found_in(body(stale), secrets) == []
    again = body(client.get(f"{LESSON}{step}/"))
    assert found_in(again, secrets) == []
    assert not re.search(r'class="option[^"]*(right|wrong|missed|also|out)', again)


def test_right_and_wrong_drafts_are_answered_alike(client_of: ClientOf) -> None:
    """Status, keys and length of the answer are the same for each choice."""
    answers = set()
    for key in ("own-name", "from-noon", "to-the-office", "main-purpose"):
        client = client_of(None)
        view, action = view_of(None, STEPS[2]), question_address(STEPS[2])
        page = body(client.get(f"{LESSON}{STEPS[2]}/"))
        response = client.post(f"{action}draft/", put_down(page, action, view, {"choice": key}))
        answers.add((response.status_code, tuple(response.json()), len(response.content)))
    assert answers == {(200, ("saves", "saved_at"), answers.copy().pop()[2])}


# --- After a first wrong answer -----------------------------------------------------------------


@pytest.mark.parametrize("step", ["a-letter-arrives", "at-first-glance"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_wrong_choice_is_told_why_it_tempts_and_no_more(
    student: User, student_client: Client, step: str, headers: dict[str, str]
) -> None:
    view = view_of(student, step)
    given = wrong(view, 1)
    response = answer(student_client, student, step, given, headers=headers)
    page = body(response if headers else student_client.get(f"{LESSON}{step}/"))
    question = Question.objects.get(key=view.face["question"])
    assert found_in(page, all_secrets()) == [f"{question.key}: feedback of {given['choice']}"]
    words = re.findall(r'class="option ([a-z]*)"', page)
    assert sorted(words) == ["", "", "", "wrong"]


@pytest.mark.parametrize("step", ["what-is-this", "a-middle-position", "another-record"])
def test_wrong_answer_of_another_kind_is_told_of_what_was_chosen_alone(
    student: User, student_client: Client, step: str
) -> None:
    view = view_of(student, step)
    given = wrong(view)
    answer(student_client, student, step, given)
    page = body(student_client.get(f"{LESSON}{step}/"))
    question = Question.objects.get(key=view.face["question"])
    allowed = {
        "multiple": {f"{question.key}: feedback of {key}" for key in given.get("choices", [])},
        "evidence": set(),
        # Every pair was made, and each is judged; which target is right is not said.
        "matching": {f"{question.key}: feedback of {key}" for key in given.get("pairs", {})},
    }[view.kind]
    assert set(found_in(page, all_secrets())) <= allowed
    assert f"{question.key}: explanation" not in found_in(page, all_secrets())
    assert "It belongs to" not in text_of(page)


def test_notes_that_wait_come_with_the_last_first_answer_and_only_in_that_step(
    student: User, student_client: Client
) -> None:
    step, others = "a-middle-position", ["another-record", "in-your-own-words", "closing-quiz"]
    core = Annotation.objects.published().filter(
        text__passage__key="p3", reveal=Annotation.Reveal.AFTER_QUESTIONS, core=True
    )
    expected = sorted(f"note {note.key}" for note in core)
    assert expected != []

    def notes(of: str) -> list[str]:
        return found_in(body(student_client.get(f"{LESSON}{of}/")), waiting_notes())

    answer(student_client, student, step, "right", 1)
    assert notes(step) == []
    answer(student_client, student, step, "wrong", 2)
    assert notes(step) == expected
    # The same paragraph in other steps waits for their own questions.
    assert [notes(of) for of in others] == [[], [], []]


def test_skipping_a_question_shows_no_notes(student: User, student_client: Client) -> None:
    for step in STEPS:
        student_client.post(f"{LESSON}{step}/finish/")
    for step in STEPS[1:]:
        page = body(student_client.get(f"{LESSON}{step}/"))
        assert found_in(page, all_secrets() | waiting_notes()) == [], step


# --- The graded quiz ----------------------------------------------------------------------------


def test_graded_quiz_tells_nothing_until_it_is_handed_in(
    student: User, student_client: Client
) -> None:
    secrets = all_secrets() | waiting_notes()
    student_client.post(f"{CLOSING}start/")
    page = body(student_client.get(CLOSING))
    assert found_in(page, secrets) == []
    fields = all_right(page, student)
    reviewed = student_client.post(f"{CLOSING}review/", fields)
    assert (reviewed.status_code, reviewed["Location"]) == (302, f"{CLOSING}?review=1")
    for query in ("", "?review=1", "?attempt=1"):
        assert found_in(body(student_client.get(CLOSING + query)), secrets) == []
    refused = student_client.post(f"{CLOSING}review/", fields | {"q3-text": "x"})
    assert refused.status_code == 409
    assert found_in(body(refused), secrets) == []
    export = body(student_client.get("/me/data/export/"))
    assert found_in(export, secrets) == []
    assert '"score"' not in export
    student_client.post(f"{CLOSING}submit/", {"reader": fields["reader"]})
    done = found_in(body(student_client.get(CLOSING)), secrets)
    assert {
        f"letter-{name}: explanation" for name in ("who", "order", "limit", "summary", "dates")
    } <= set(done)


# --- Order and ids ------------------------------------------------------------------------------


def drawn(client: Client, path: str) -> str:
    """The page without what differs each time: tokens and the forms' ids."""
    page = body(client.get(path))
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)
    page = re.sub(r'name="q\d+-uuid" value="[^"]+"', "", page)
    return re.sub(r'data-token="[^"]+"', "", page)


SINGLES = [
    ("a-letter-arrives", "letter-own-behalf"),
    ("at-first-glance", "letter-other-peaceloving"),
    ("a-middle-position", "letter-intention"),
    ("closing-quiz", "letter-summary"),
    ("closing-quiz", "letter-dates"),
]


@pytest.mark.parametrize(("step", "key"), SINGLES)
@pytest.mark.parametrize("who", ["visitor", "student"])
def test_page_is_the_same_to_the_byte_whichever_option_is_right(
    step: str, key: str, who: str, client_of: ClientOf, student: User
) -> None:
    client = client_of(student if who == "student" else None)
    options = Option.objects.filter(question__key=key)
    pages = set()
    for right_one in options.values_list("key", flat=True):
        options.update(is_key=False)
        options.filter(key=right_one).update(is_key=True)
        ContentVersion.bump()
        rendered.clear()
        if step == "closing-quiz" and who == "student":
            Attempt.objects.all().delete()
            start(student)
        pages.add(re.sub(r'name="attempt" value="\d+"', "", drawn(client, f"{LESSON}{step}/")))
    assert len(pages) == 1
    words = text_of(pages.pop())
    labels = [text_of(to_inline_html(label)) for label in options.values_list("label", flat=True)]
    if step == "closing-quiz" and who == "visitor":  # who sees no question before the start
        assert [label for label in labels if label in words] == []
    else:
        assert [label for label in labels if label not in words] == []


def test_pages_carry_no_keys_of_options(student: User, student_client: Client) -> None:
    held: list[tuple[bool, bool, bool]] = []
    for step in STEPS:
        if step == "closing-quiz":
            student_client.post(f"{CLOSING}start/")
        page = body(student_client.get(f"{LESSON}{step}/"))
        values = re.findall(r'<(?:input|option)[^>]*value="([^"]*)"', page)
        quiz = Step.objects.get(lesson__slug=SLUG, slug=step).quiz
        keys = set(Option.objects.filter(question__quizzes=quiz).values_list("key", flat=True))
        assert keys.isdisjoint(values)
        ids = re.findall(r'id="(q\d+-[^"]*)"', page)
        assert [one for one in ids if not re.fullmatch(r"q\d+-(\d+|h|text|help|error)", one)] == []
        held.append((bool(keys), "0" in values, bool(ids)))
    assert held.count((True, True, True)) > 2


# --- One learner's words ------------------------------------------------------------------------

PLANTED = "Xyzzy 7f3a: words that only Amara wrote"


def test_nobody_else_ever_sees_an_answer(
    student: User,
    student_client: Client,
    other_student: User,
    instructor: User,
    editor: User,
    client_of: ClientOf,
) -> None:
    student_client.post(f"{CLOSING}start/")
    page = body(student_client.get(CLOSING))
    fields = form(page, f"{CLOSING}review/") | {"q3-text": PLANTED}
    student_client.post(f"{CLOSING}review/", fields)
    answer(student_client, student, "in-your-own-words", {"text": PLANTED})
    assert PLANTED in body(student_client.get(f"{CLOSING}?review=1"))
    assert PLANTED in body(student_client.get(f"{LESSON}in-your-own-words/"))
    for other in (None, other_student, instructor, editor):
        client = client_of(other)
        seen = [path for path in readable(client) if PLANTED in body(client.get(path))]
        assert seen == []
        for query in ("?attempt=1", "?review=1"):
            for path in (CLOSING, f"{LESSON}in-your-own-words/"):
                assert PLANTED not in body(client.get(path + query))
        view = view_of(other, "in-your-own-words")
        action = question_address("in-your-own-words")
        mine = form(body(client.get(f"{LESSON}in-your-own-words/")), action)
        refused = client.post(action, mine | {f"{view.prefix}-text": ""})
        assert refused.status_code == 422
        assert PLANTED not in body(refused)
