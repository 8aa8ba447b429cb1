"""A lesson on paper: numbered lines, room to write, and a key for teachers only."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lessons.accounts.models import User
from lessons.core import rendered
from lessons.core.models import ContentVersion
from lessons.documents.atlas import routes_to_draw
from lessons.documents.horizons import Reader, facts, sift
from lessons.documents.models import Annotation
from lessons.documents.routes import measure
from lessons.guided.access import Grant
from lessons.guided.handouts import EVERY, handout_html
from lessons.guided.models import Lesson, Step
from lessons.guided.outlines import lesson_outline
from lessons.guided.study import Study
from lessons.quizzes.models import Delivery, Option, Question
from lessons.quizzes.models.deliveries import Gating
from tests.conftest import ClientOf

from .reading import LESSON, PREVIEW, SLUG, answer, body, text_of
from .test_costs import more
from .test_secrecy import all_secrets, found_in, secrets_of, snippets, waiting_notes

pytestmark = pytest.mark.django_db

PRINT = f"{LESSON}print/"
EVERYBODY = ["visitor", "guest", "student", "instructor", "editor"]
TEACHERS = ["instructor", "editor"]


@pytest.fixture
def client(request: pytest.FixtureRequest, client_of: ClientOf) -> Client:
    user = None if request.param == "visitor" else request.getfixturevalue(request.param)
    return client_of(user)


def handouts() -> list[str]:
    slugs = Lesson.objects.published().values_list("slug", flat=True)
    found = [f"/lessons/{slug}/print/" for slug in slugs]
    assert len(found) > 1
    return found


def hints_of(question: Question) -> dict[str, str]:
    return dict.fromkeys(snippets(question.hint), f"{question.key}: hint")


def headings_of(page: str) -> list[str]:
    sheet = page.split("</main>", maxsplit=1)[0]
    return [text_of(found) for found in re.findall(r"<h2[^>]*>.*?</h2>", sheet)]


def numbered(page: str) -> list[tuple[int | None, str]]:
    """Lines of the record as printed: (its number where that is shown, its words)."""
    found = re.findall(r'<span class="line"(?: data-line="(\d+)")?>(.*?)</span>', page)
    return [
        (int(number) if number else None, text_of(re.sub(r"<sup>.*?</sup>", "", words)))
        for number, words in found
    ]


# --- What it holds -----------------------------------------------------------------------------


def test_sheet_has_the_lesson_in_order_with_room_to_write(student_client: Client) -> None:
    page = body(student_client.get(PRINT))
    lesson = Lesson.objects.get(slug=SLUG)
    headings = headings_of(page)
    titles = [f"{n}. {step.title}" for n, step in enumerate(lesson.steps.order_by("order"), 1)]
    assert headings == [*titles, "Where the record comes from"]
    words = text_of(page)
    for part in (lesson.focus, "Name", "Class", "Date", lesson.module.document.credit_line):
        assert part in words
    assert " ".join(lesson.module.document.citation.split()) in words
    questions = [int(n) for n in re.findall(r'id="question-(\d+)"', page)]
    count = Question.objects.filter(quizzes__steps__lesson=lesson, status="published").count()
    assert questions == list(range(1, count + 1))
    assert page.count('class="ruled"') == 2  # a short answer and an open one
    assert "<form" not in page.split('<div class="handout">')[1].split("</main>")[0]
    assert "<input" not in page.split('<div class="handout">')[1].split("</main>")[0]


def test_lines_are_the_record_word_by_word_and_every_fifth_has_its_number(
    visitor_client: Client,
) -> None:
    page = body(visitor_client.get("/lessons/whose-record-is-it/print/"))
    whole = page[page.index("7. The whole record") :]
    lines = numbered(whole)
    document = Lesson.objects.get(slug=SLUG).module.document
    texts = [
        passage.texts.get(is_current=True).text
        for passage in document.passages.exclude(kind="metadata").order_by("order")
    ]
    assert " ".join(words for _number, words in lines) == " ".join(" ".join(texts).split())
    for index, (number, _words) in enumerate(lines, start=1):
        assert number == (index if index % EVERY == 0 else None)


def test_a_line_has_the_same_number_in_every_lesson(visitor_client: Client) -> None:
    numbers: dict[int, set[str]] = {}
    for path in handouts():
        for number, words in numbered(body(visitor_client.get(path))):
            if number:
                numbers.setdefault(number, set()).add(words)
    assert len(numbers) > 20
    assert {n: words for n, words in numbers.items() if len(words) > 1} == {}


def test_notes_that_stand_with_the_text_are_footnotes_and_no_others(
    visitor_client: Client,
) -> None:
    page = body(visitor_client.get(PRINT))
    text = Annotation.objects.get(key="blocs", text__passage__key="p2").text
    shown = {
        note.key
        for note in text.annotations.published().filter(reveal="with-text")
        if note.core or note.kind == "language"
    }
    assert shown
    assert set(re.findall(r'id="fn-p2-([\w-]+)"', page)) == shown
    assert set(re.findall(r'href="#fn-p2-([\w-]+)"', page)) == shown
    assert found_in(page, waiting_notes()) == []


def test_ids_are_unique_and_links_lead_somewhere(instructor_client: Client) -> None:
    for path in handouts():
        page = body(instructor_client.get(f"{path}?key=1"))
        ids = re.findall(r'\bid="([^"]+)"', page)
        assert len(ids) == len(set(ids)), path
        assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids), path


def test_passages_and_cards_are_printed_once(visitor_client: Client) -> None:
    page = body(visitor_client.get(PRINT))
    assert page.count('id="p3"') == 1
    assert text_of(page).count("Hussein said letter of the Prime Minister") == 1
    assert "Further up on this handout: ¶3, lines 24–39" in text_of(page)


def test_text_to_underline_is_printed_where_no_step_has_it(visitor_client: Client) -> None:
    question = Question.objects.filter(
        kind="evidence", quizzes__steps__lesson__slug=SLUG, status="published"
    )[0]
    assert question.text is not None
    passage = question.text.passage
    page = body(visitor_client.get(PRINT))
    assert f"In {passage}, lines 24–39, underline" in text_of(page)
    for step in Step.objects.filter(lesson__slug=SLUG):
        step.passages.remove(passage)
    ContentVersion.bump()
    page = body(visitor_client.get(PRINT))
    asked = next(
        part for part in page.split('class="paper-question"') if question.prompt[:20] in part
    ).split("</section>")[0]
    words = " ".join(line for _number, line in numbered(asked))
    assert words == " ".join(question.text.text.split())


def test_question_that_is_half_written_breaks_no_sheet(editor_client: Client) -> None:
    Option.objects.update(rank=None, answer=None, is_key=False)
    ContentVersion.bump()
    for path in (f"{PREVIEW}print/", f"{PREVIEW}print/?key=1"):
        assert editor_client.get(path).status_code == 200


def test_timeline_stops_at_the_horizon(visitor_client: Client) -> None:
    step = Step.objects.get(lesson__slug="what-hussein-said-as-himself", kind="timeline")
    horizon = step.lesson.horizon
    assert horizon is not None
    version = ContentVersion.current()
    sifted = sift(facts(preview=False, version=version), horizon=horizon, reader=Reader.US)
    page = text_of(body(visitor_client.get(f"/lessons/{step.lesson.slug}/print/")))
    assert len(sifted.later) > 5
    assert [fact.key for fact in sifted.later if fact.title in page] == []
    assert [fact.key for fact in sifted.shown if f"{fact.title}." not in page] == []
    assert "9 August 1953 Abdullah dismissed and arrested; Bakshi takes over. Public." in page


def test_map_is_a_list_of_ways_with_their_lengths(visitor_client: Client) -> None:
    page = text_of(body(visitor_client.get("/lessons/the-air-route/print/")))
    step = Step.objects.get(lesson__slug="the-air-route", kind="map")
    ways = measure(routes_to_draw(step.routes.all()))
    assert len(ways) > 2
    for way in ways:
        assert f"{way.title} {way.total} km: " in page
        for leg in way.legs:
            assert f"{leg.start.name}–{leg.end.name} {leg.shown} km" in page


def test_no_published_step_is_an_empty_sheet(visitor_client: Client) -> None:
    Lesson.objects.create(
        module=Lesson.objects.get(slug=SLUG).module,
        key="bare",
        slug="bare",
        order=99,
        title="Bare",
        focus="What?",
        aims="",
        minutes=1,
        status="published",
    )
    ContentVersion.bump()
    page = text_of(body(visitor_client.get("/lessons/bare/print/")))
    assert "This lesson has no steps yet." in page


# --- What it keeps to itself -------------------------------------------------------------------


@pytest.mark.parametrize("client", EVERYBODY, indirect=True)
def test_no_sheet_tells_what_is_right(client: Client) -> None:
    hints: dict[str, str] = {}
    for question in Question.objects.all():
        hints |= hints_of(question)
    secrets = all_secrets() | waiting_notes() | hints
    told = {path: found_in(body(client.get(path)), secrets) for path in handouts()}
    assert {path: what for path, what in told.items() if what} == {}


def test_nothing_in_the_markup_tells_right_from_wrong(visitor_client: Client) -> None:
    """The markup of a right line is that of a wrong one, and no option's key is there."""
    choices, keys_of_all = 0, set()
    for path in handouts():
        page = body(visitor_client.get(path))
        sheet = page.split('<div class="handout">')[1].split("</main>")[0]
        for items in re.findall(r'<ol class="boxes" type="A">(.*?)</ol>', sheet, re.DOTALL):
            assert re.fullmatch(r"(<li>(?:(?!<li).)*</li>)+", items, re.DOTALL)
            choices += 1
        classes = {name for one in re.findall(r'class="([^"]*)"', sheet) for name in one.split()}
        assert classes.isdisjoint({"right", "wrong", "missed", "also", "out", "partly"})
        assert not re.findall(r"data-(?!line)[\w-]+", sheet.replace("data-print", ""))
        slug = path.split("/")[2]
        questions = Question.objects.filter(quizzes__steps__lesson__slug=slug)
        keys = set(Option.objects.filter(question__in=questions).values_list("key", flat=True))
        values: set[str] = set()
        for asked in re.findall(r'<section class="paper-question"[^~]*?</section>', sheet):
            values |= set(re.findall(r'(?:id|name|value|for|href|data-[a-z]+)="([^"]*)"', asked))
        assert keys & values == set()
        keys_of_all |= keys
    assert choices > 3
    assert len(keys_of_all) > 20


def test_an_answer_changes_nothing_on_the_sheet(student: User, student_client: Client) -> None:
    def sheet() -> str:
        return body(student_client.get(PRINT)).split('<div class="handout">')[1]

    before = sheet()
    answer(student_client, student, "a-letter-arrives", "right")
    assert sheet() == before
    secrets = secrets_of(Question.objects.get(key="letter-own-behalf"))
    assert found_in(before, secrets) == []


def test_who_may_not_teach_gets_no_key(
    visitor_client: Client, guest_client: Client, student_client: Client
) -> None:
    for client in (visitor_client, guest_client, student_client):
        assert client.get(f"{PRINT}?key=1").status_code == 404
        assert "?key=1" not in body(client.get(PRINT))
        # What is no wish for the key is none.
        assert client.get(f"{PRINT}?key=0").status_code == 200
        assert client.get(f"{PRINT}?key=" + "1" * 5000).status_code == 200
    assert student_client.get(f"{PREVIEW}print/").status_code == 404


@pytest.mark.parametrize("client", TEACHERS, indirect=True)
def test_teachers_get_the_key_when_they_ask(client: Client) -> None:
    assert "?key=1" in body(client.get(PRINT))
    page = body(client.get(f"{PRINT}?key=1"))
    sheet, key = page.split('<section class="answer-key"')
    lesson = Question.objects.filter(quizzes__steps__lesson__slug=SLUG)
    for question in lesson:
        parts = {
            what: text
            for text, what in secrets_of(question).items()
            if re.search("explanation|strong answer|level|sample", what)
        }
        assert found_in(key, {text: what for what, text in parts.items()}) == sorted(parts)
        assert found_in(sheet, secrets_of(question)) == []
    right = Question.objects.get(key="letter-own-behalf").options.get(is_key=True).label
    letter = re.search(rf"([A-F])\. {re.escape(right)}", text_of(key))
    assert letter is not None
    choices = next(
        items
        for items in re.findall(r'<ol class="boxes" type="A">(.*?)</ol>', sheet, re.DOTALL)
        if right in text_of(items)
    )
    lines = [text_of(line) for line in re.findall(r"<li>(.*?)</li>", choices)]
    assert lines["ABCDEF".index(letter[1])] == right
    waiting = {
        text: note
        for text, note in waiting_notes().items()
        if note in {f"note {n.key}" for n in _core_waiting_notes()}
    }
    assert found_in(key, waiting) == sorted(set(waiting.values()))


def _core_waiting_notes() -> Any:
    return Annotation.objects.published().filter(
        reveal="after-questions", core=True, text__passage__steps__lesson__slug=SLUG
    )


def test_key_keeps_to_the_horizon(instructor_client: Client) -> None:
    note = next(n for n in _core_waiting_notes() if snippets(n.body))
    Annotation.objects.filter(pk=note.pk).update(known_from="1999-01-01")
    ContentVersion.bump()
    page = body(instructor_client.get(f"{PRINT}?key=1"))
    assert found_in(page, dict.fromkeys(snippets(note.body), "later")) == []


# --- Deliveries --------------------------------------------------------------------------------


@pytest.fixture
def given_out(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The handout's address in work that was given out to everybody on these terms."""

    def give(*, is_learner: bool = True, **terms: Any) -> str:
        delivery = Delivery.objects.create(key="class", kind="assigned", **terms)
        lessons = frozenset([Lesson.objects.get(slug=SLUG).pk])
        grant = Grant(delivery, lessons, is_learner=is_learner)
        monkeypatch.setattr("lessons.guided.access.givers", [lambda *_: grant])
        return f"/work/class/lessons/{SLUG}/print/"

    return give


def test_given_out_quiz_is_not_read_before_it_is_taken(
    given_out: Callable[..., str], student_client: Client
) -> None:
    page = text_of(body(student_client.get(given_out())))
    closing = Question.objects.get(key="letter-who").prompt
    assert "These questions are answered on the screen." in page
    assert closing[:40] not in page
    assert "¶1 reports Hussein bringing two things" in page


def test_who_gives_it_out_reads_it_whole(
    given_out: Callable[..., str], instructor_client: Client
) -> None:
    path = given_out(is_learner=False, gating=Gating.STRICT)
    page = text_of(body(instructor_client.get(path)))
    assert Question.objects.get(key="letter-who").prompt[:40] in page


def test_steps_that_are_shut_are_not_printed(
    given_out: Callable[..., str], student_client: Client
) -> None:
    page = body(student_client.get(given_out(gating=Gating.STRICT)))
    titles = headings_of(page)
    assert titles[:2] == ["1. Before you read", "2. What kind of paper is this?"]
    assert len(titles) == 3


def test_draft_is_for_editors_in_the_preview(
    editor_client: Client, instructor_client: Client, visitor_client: Client
) -> None:
    Lesson.objects.filter(slug=SLUG).update(status="draft")
    ContentVersion.bump()
    assert visitor_client.get(PRINT).status_code == 404
    assert instructor_client.get(f"{PREVIEW}print/").status_code == 404
    assert editor_client.get(f"{PREVIEW}print/").status_code == 200


# --- What it costs -----------------------------------------------------------------------------


def test_sheet_is_drawn_once_and_costs_the_same_with_many(visitor_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert visitor_client.get(PRINT).status_code == 200
        return len(found)

    rendered.clear()
    first, second = queries(), queries()
    assert second == 1
    more(5)
    assert queries() == first
    assert body(visitor_client.get(PRINT)).count('class="paper-question"') == 17


def test_two_orders_of_paper_are_one(student: User, other_student: User) -> None:
    version = ContentVersion.current()
    outline = lesson_outline(SLUG, version)
    assert outline is not None
    sheets = {
        handout_html(Study(Delivery.objects.self_study(), outline, who, version))
        for who in (student, other_student, None)
    }
    assert len(sheets) == 1
