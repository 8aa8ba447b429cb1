"""Dashboards over HTTP: who may see them, what they cost, what polls and exports are told."""

import csv
import io
import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lessons.accounts.models import User
from lessons.classrooms.domain import classes, groups
from lessons.classrooms.domain.assignments import give_out
from lessons.classrooms.models import Assignment, Classroom, Excuse, Membership
from lessons.core import rendered
from lessons.core.models import ContentVersion
from lessons.guided.models import Module, Progress, Step
from lessons.quizzes.models import Attempt, Quiz, Response
from tests.bench.classes import make_class as make_large_class
from tests.conftest import ClientOf, make_user
from tests.guided.reading import HTMX, body, text_of
from tests.quizzes.working import item

from .reported_class import (
    add_staff,
    give_lesson,
    make_class,
    make_students,
    mark,
    practise,
    sit_quiz,
    touch,
)

pytestmark = pytest.mark.django_db
LETTER, WRITTEN = "a-letter-arrives", "in-your-own-words"
PAGES = ("", "questions/", "text/", "items/", "times/")
TABLES = {
    "": ["progress"],
    "questions/": ["questions", "skills", "answers"],
    "text/": ["text"],
    "items/": ["items", "sets", "distractors"],
    "times/": ["times"],
}
COLD = {"": 12, "questions/": 8, "text/": 9, "items/": 9, "times/": 7, "overview": 11}
"""Queries of a page, session, user and membership among them, with nothing kept in memory."""
WARM = {"": 9, "questions/": 5, "text/": 5, "items/": 6, "times/": 6, "overview": 11}


def address(assignment: Assignment, page: str = "") -> str:
    return f"/classes/{assignment.classroom_id}/assignments/{assignment.pk}/{page}"


def overview(assignment: Assignment) -> str:
    return f"/classes/{assignment.classroom_id}/"


def of_page(assignment: Assignment, page: str) -> str:
    return overview(assignment) if page == "overview" else address(assignment, page)


@pytest.fixture
def pupils(db: None) -> list[User]:
    return make_students(3)


@pytest.fixture
def classroom(instructor: User, pupils: list[User]) -> Classroom:
    return make_class(instructor, pupils)


@pytest.fixture
def given_out(classroom: Classroom, instructor: User) -> Assignment:
    return give_lesson(classroom, instructor)


@pytest.fixture
def at_work(given_out: Assignment, pupils: list[User]) -> Assignment:
    now = timezone.now()
    touch(given_out, pupils[0], "headnote", completed=True, seconds=50)
    practise(given_out, pupils[0], LETTER, "wrong", "right", confidence="sure")
    practise(given_out, pupils[1], LETTER, "right", confidence="think")
    practise(given_out, pupils[1], WRITTEN, "right")
    sit_quiz(given_out, pupils[0], "right", "wrong", "", "right", "wrong")
    sit_quiz(given_out, pupils[1], "right", "right", "right", "wrong", "right")
    touch(given_out, pupils[0], "closing-quiz", completed=True, moment=now)
    return given_out


def queries_of(client: Client, path: str, **headers: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path, headers=headers).status_code in {200, 204}
    return len(queries)


# --- Who may see them -------------------------------------------------------------------------


@pytest.mark.parametrize("page", [*PAGES, "overview"])
def test_staff_of_the_class_see_a_page_and_nobody_else(
    page: str,
    at_work: Assignment,
    pupils: list[User],
    other_student: User,
    guest: User,
    client_of: ClientOf,
) -> None:
    stranger = make_user("mr-lee", is_instructor=True)
    make_class(stranger, [other_student], "12a")
    assistant, former = make_user("assistant"), make_user("former")
    add_staff(at_work.classroom, assistant)
    gone = add_staff(at_work.classroom, former)
    gone.status, gone.ended_at = "removed", timezone.now()
    gone.save()
    path = of_page(at_work, page)
    instructor = User.objects.get(username="ms-okafor")
    statuses = {
        who: client_of(user).get(path).status_code
        for who, user in {
            "instructor": instructor,
            "assistant": assistant,
            "student": pupils[0],
            "other student": other_student,
            "other instructor": stranger,
            "former": former,
            "guest": guest,
            "visitor": None,
        }.items()
    }
    assert statuses == {
        "instructor": 200,
        "assistant": 200,
        "student": 404,
        "other student": 404,
        "other instructor": 404,
        "former": 404,
        "guest": 404,
        "visitor": 302,
    }


def test_assistants_do_not_export(
    at_work: Assignment, client_of: ClientOf, instructor_client: Client
) -> None:
    assistant = make_user("assistant")
    add_staff(at_work.classroom, assistant)
    client = client_of(assistant)
    for page in (address(at_work), overview(at_work)):
        assert ".csv" in body(instructor_client.get(page))
        assert ".csv" not in body(client.get(page))
    for name in ("progress", "items"):
        assert client.get(address(at_work, f"{name}.csv")).status_code == 403
    assert client.get(f"{overview(at_work)}overview.csv").status_code == 403


def test_another_class_cannot_be_read_through_ones_own(
    at_work: Assignment, instructor: User, pupils: list[User], client_of: ClientOf
) -> None:
    stranger = make_user("mr-lee", is_instructor=True)
    own = make_class(stranger, [], "12a")
    client = client_of(stranger)
    for page in (*PAGES, "progress.csv", "text.csv"):
        mixed = f"/classes/{own.pk}/assignments/{at_work.pk}/{page}"
        assert client.get(mixed).status_code == 404, page


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("?page=abc&show=nobody", 200),
        ("?page=99999999999999999999", 200),
        ("?page=-1", 200),
        ("?show=" + "x" * 6000, 200),
        ("?token=%00", 200),
        ("nothing.csv", 404),
    ],
)
def test_odd_questions_get_plain_answers(
    page: str, status: int, at_work: Assignment, instructor_client: Client
) -> None:
    assert instructor_client.get(address(at_work, page)).status_code == status


def test_an_assignment_beyond_every_number_is_not_there(
    at_work: Assignment, instructor_client: Client
) -> None:
    huge = 10**30
    for path in (
        f"{overview(at_work)}assignments/{huge}/",
        f"/classes/{huge}/",
        f"{overview(at_work)}assignments/{2**62}/",
    ):
        assert instructor_client.get(path).status_code == 404


def test_pages_only_read(at_work: Assignment, instructor_client: Client) -> None:
    for page in (*PAGES, "overview", *(f"{t}.csv" for ts in TABLES.values() for t in ts)):
        with CaptureQueriesContext(connection) as queries:
            response = instructor_client.get(of_page(at_work, page))
            if response.streaming:
                b"".join(response.streaming_content)  # type: ignore[arg-type]
        assert response.status_code == 200, page
        assert not [q for q in queries if not q["sql"].lstrip("( ").upper().startswith("SELECT")]
    for page in PAGES:
        assert instructor_client.post(address(at_work, page)).status_code == 405


# --- What they cost ---------------------------------------------------------------------------


@pytest.mark.parametrize("learners", [1, 3, 30])
def test_queries_are_as_many_for_every_number_of_learners(
    learners: int, instructor: User, instructor_client: Client
) -> None:
    assignment = make_large_class(learners, diligent=True)
    add_staff(assignment.classroom, instructor, "instructor")
    cold, warm = {}, {}
    for page in COLD:
        rendered.clear()
        cold[page] = queries_of(instructor_client, of_page(assignment, page))
        warm[page] = queries_of(instructor_client, of_page(assignment, page))
    assert (cold, warm) == (COLD, WARM)


def test_queries_are_as_many_for_3000_learners(instructor: User, instructor_client: Client) -> None:
    assignment = make_large_class(3_000)
    add_staff(assignment.classroom, instructor, "instructor")
    rendered.clear()
    assert queries_of(instructor_client, address(assignment)) == COLD[""]
    page = body(instructor_client.get(address(assignment)))
    assert page.count('<th scope="row"') == 50
    here = Membership.objects.active().students().filter(classroom=assignment.classroom)
    assert 2_800 < here.count() < 3_000  # a few have left
    assert f"1 to 50 of {here.count()}" in page
    assert queries_of(instructor_client, overview(assignment)) == WARM["overview"]


@pytest.mark.parametrize("times", [1, 4])
def test_queries_of_the_overview_are_as_many_for_many_assignments(
    times: int, at_work: Assignment, instructor: User, instructor_client: Client
) -> None:
    """One more for those with a plan of their own, as a quiz given alone has."""
    quiz = Quiz.objects.get(key="letter-closing-quiz")
    module = Module.objects.get(key="between-the-blocs")
    for n in range(times):
        give_lesson(at_work.classroom, instructor, title=f"Again {n}")
        for what in (quiz, module):
            give_out(classroom=at_work.classroom, by=instructor, what=what, title=f"More {n}")
    assert queries_of(instructor_client, overview(at_work)) == WARM["overview"] + 1


def test_a_module_and_a_quiz_alone_have_boards_too(
    at_work: Assignment, pupils: list[User], instructor: User, instructor_client: Client
) -> None:
    quiz = Quiz.objects.get(key="letter-closing-quiz")
    module = Module.objects.get(key="between-the-blocs")
    columns = {}
    for what in (quiz, module):
        given = give_out(classroom=at_work.classroom, by=instructor, what=what, title="More")
        for page in PAGES:
            assert instructor_client.get(address(given, page)).status_code == 200
        assert queries_of(instructor_client, address(given)) <= COLD[""]
        rows = exported(instructor_client, address(given, "progress.csv"))
        columns[what.title] = rows[0][2:]
    assert columns[quiz.title] == ["Closing quiz"]
    steps = Step.objects.filter(lesson__module=module, lesson__status="published")
    assert len(columns[module.title]) == steps.count()
    assert columns[module.title][0].startswith(steps.order_by("lesson__order")[0].lesson.title)


# --- What a poll is told ----------------------------------------------------------------------


def poll_of(client: Client, path: str) -> str:
    found = re.search(r'hx-get="([^"]+)"', body(client.get(path)))
    assert found is not None
    return found.group(1).replace("&amp;", "&")


@pytest.mark.parametrize("page", ["", "overview"])
def test_a_poll_costs_four_queries_while_nothing_changes(
    page: str, at_work: Assignment, instructor_client: Client
) -> None:
    poll = poll_of(instructor_client, of_page(at_work, page))
    with CaptureQueriesContext(connection) as queries:
        response = instructor_client.get(poll, headers=HTMX)
    assert (response.status_code, response.content, len(queries)) == (204, b"", 4)
    assert re.fullmatch(r"\d\d:\d\d:\d\d \w+", response["X-As-Of"])
    # The same address without htmx is the page.
    assert instructor_client.get(poll).status_code == 200


CHANGES = {
    "answer": lambda a, p: practise(a, p[2], LETTER, "right"),
    "step": lambda a, p: touch(a, p[2], "headnote"),
    "time": lambda _a, p: Progress.objects.filter(learner=p[0]).update(active_seconds=99),
    "handing in": lambda a, p: sit_quiz(a, p[2], "right"),
    "mark": lambda a, _p: mark(
        item(
            Attempt.objects.get(delivery=a.delivery, quiz__key="letter-in-your-own-words")
        ).response,
        "0.5",
        marker=User.objects.get(username="ms-okafor"),
    ),
    "void": lambda _a, p: Attempt.objects.filter(learner=p[0]).update(voided_at=timezone.now()),
    "overdue": lambda _a, p: Attempt.objects.filter(learner=p[0]).update(
        submitted_at=None, deadline=timezone.now() - timedelta(hours=1)
    ),
    "joining": lambda a, _p: classes.join_class(classroom=a.classroom, by=make_user("new")),
    "leaving": lambda _a, p: classes.leave_class(
        membership=Membership.objects.get(user=p[0]), by=p[0]
    ),
    "name": lambda _a, p: classes.change_roster_entry(
        membership=Membership.objects.get(user=p[0]), roster_name="N", student_number="", by=p[0]
    ),
    "group": lambda a, p: groups.create_group(
        classroom=a.classroom, by=p[0], name="Red", members=[Membership.objects.get(user=p[0])]
    ),
    "excuse": lambda a, p: Excuse.objects.create(
        assignment=a, membership=Membership.objects.get(user=p[0])
    ),
    "content": lambda _a, _p: ContentVersion.bump(),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("page", ["", "overview"])
def test_a_poll_is_answered_with_the_board_after_a_change(
    page: str, change: str, at_work: Assignment, pupils: list[User], instructor_client: Client
) -> None:
    poll = poll_of(instructor_client, of_page(at_work, page))
    CHANGES[change](at_work, pupils)
    response = instructor_client.get(poll, headers=HTMX)
    assert response.status_code == 200
    part = body(response)
    assert part.lstrip().startswith('<div id="board"')
    assert "<html" not in part
    assert response["X-As-Of"]
    assert "HX-Request" in response["Vary"]


def test_work_in_another_class_does_not_wake_a_board(
    at_work: Assignment, instructor: User, other_student: User, instructor_client: Client
) -> None:
    elsewhere = give_lesson(make_class(instructor, [other_student], "12a"), instructor)
    poll = poll_of(instructor_client, address(at_work))
    practise(elsewhere, other_student, LETTER, "right")
    assert instructor_client.get(poll, headers=HTMX).status_code == 204


def test_a_board_is_drawn_anew_once_a_sitting_is_over(
    at_work: Assignment, instructor_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was stuck in the lesson is not stuck two hours after it, though no row has changed."""
    poll = poll_of(instructor_client, address(at_work))
    later = timezone.now() + timedelta(hours=2, minutes=1)
    monkeypatch.setattr("lessons.classrooms.reports.facts.timezone.now", lambda: later)
    assert instructor_client.get(poll, headers=HTMX).status_code == 200


# --- Names on a wall --------------------------------------------------------------------------


def everything(client: Client, assignment: Assignment) -> str:
    pages = [body(client.get(of_page(assignment, page))) for page in (*PAGES, "overview")]
    for names in TABLES.values():
        for name in names:
            response = client.get(address(assignment, f"{name}.csv"))
            pages.append(b"".join(response.streaming_content).decode())  # type: ignore[arg-type]
    return "\n".join(pages)


def test_hidden_names_are_nowhere(
    at_work: Assignment, pupils: list[User], instructor_client: Client
) -> None:
    own = Membership.objects.get(classroom=at_work.classroom, user=pupils[2])
    classes.change_roster_entry(
        membership=own, roster_name="Zuleika Roster", student_number="s-77", by=pupils[2]
    )
    words = ["Pupil 0", "Pupil 1", "Zuleika", "pupil-0", "pupil-2", "s-77"]
    shown = everything(instructor_client, at_work)
    assert all(word in shown for word in ("Pupil 0", "Pupil 1", "Zuleika"))
    toggle = f"/classes/{at_work.classroom_id}/names/"
    back = address(at_work, "?page=1")
    response = instructor_client.post(toggle, {"hidden": "1", "next": back})
    assert (response.status_code, response["Location"]) == (302, back)
    hidden = everything(instructor_client, at_work)
    assert [word for word in words if word in hidden] == []
    assert all(name in hidden for name in ("Student 1", "Student 2", "Student 3"))
    # In the order of their numbers: the order of names would tell who is who.
    row = re.findall(r'<th scope="row"[^>]*>(Student \d)', body(instructor_client.get(back)))
    assert row == ["Student 1", "Student 2", "Student 3"]
    instructor_client.post(toggle, {"hidden": "0"})
    assert "Pupil 0" in body(instructor_client.get(back))


def test_hiding_names_reaches_a_board_that_is_open_elsewhere(
    at_work: Assignment, instructor_client: Client
) -> None:
    poll = poll_of(instructor_client, address(at_work))
    instructor_client.post(f"/classes/{at_work.classroom_id}/names/", {"hidden": "1"})
    response = instructor_client.get(poll, headers=HTMX)
    assert response.status_code == 200
    assert "Pupil" not in body(response)


def test_the_toggle_goes_nowhere_else(at_work: Assignment, instructor_client: Client) -> None:
    toggle = f"/classes/{at_work.classroom_id}/names/"
    response = instructor_client.post(toggle, {"hidden": "1", "next": "//evil.example/"})
    assert response["Location"] == overview(at_work)
    assert instructor_client.get(toggle).status_code == 405


# --- What an export says ----------------------------------------------------------------------


class Tables(HTMLParser):
    """The cells of every table of a page, by `data-table`."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, list[list[str]]] = {}
        self.opening = ""
        self._rows: list[list[str]] | None = None
        self._cell: list[str] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        if tag == "table":
            self._rows = self.found.setdefault(at.get("data-table") or "", [])
            self.opening = at.get("data-question") or ""
        elif tag == "tr" and self._rows is not None:
            self._rows.append([self.opening] if self.opening else [])
        elif tag in {"td", "th"}:
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"} and self._cell is not None and self._rows is not None:
            self._rows[-1].append(" ".join("".join(self._cell).split()))
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)


def exported(client: Client, path: str) -> list[list[str]]:
    response = client.get(path)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response.streaming
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
    rows = csv.reader(io.StringIO(text, newline=""))
    return [[" ".join(cell.split()) for cell in row] for row in rows]


@pytest.mark.parametrize("page", TABLES)
def test_an_export_equals_the_screen(
    page: str, at_work: Assignment, instructor_client: Client
) -> None:
    shown = Tables(body(instructor_client.get(address(at_work, page)))).found
    assert sorted(shown) == sorted(TABLES[page])
    for name in TABLES[page]:
        rows = exported(instructor_client, address(at_work, f"{name}.csv"))
        header, lines = rows[0], rows[1:]
        assert lines, name
        if name in {"answers", "distractors"}:  # a table for each question
            on_screen = [row for row in shown[name] if row[1] != header[1]]
            assert {tuple(row[1:]) for row in shown[name] if row[1] == header[1]} == {
                tuple(header[1:])
            }
            assert on_screen == lines
        else:
            assert shown[name] == rows


def test_the_overviews_export_equals_the_screen(
    at_work: Assignment, instructor_client: Client
) -> None:
    shown = Tables(body(instructor_client.get(overview(at_work)))).found
    assert shown["overview"] == exported(instructor_client, f"{overview(at_work)}overview.csv")


def test_an_export_holds_everybody_in_the_order_of_the_screen(
    given_out: Assignment, instructor_client: Client
) -> None:
    for pupil in make_students(60, "more"):
        classes.join_class(classroom=given_out.classroom, by=pupil)
    rows = exported(instructor_client, address(given_out, "progress.csv"))
    first = Tables(body(instructor_client.get(address(given_out)))).found["progress"]
    second = Tables(body(instructor_client.get(address(given_out, "?page=2")))).found["progress"]
    assert (len(first), len(second), len(rows)) == (51, 14, 64)
    assert rows == [*first, *second[1:]]


def test_names_and_titles_are_no_formulas_and_no_mark_up(
    classroom: Classroom, pupils: list[User], instructor: User, instructor_client: Client
) -> None:
    User.objects.filter(pk=pupils[0].pk).update(display_name='=HYPERLINK("http://e/")')
    User.objects.filter(pk=pupils[1].pk).update(display_name="<img src=x onerror=alert(1)>")
    assignment = give_lesson(classroom, instructor, title="=2+2<script>alert(1)</script>")
    rows = exported(instructor_client, address(assignment, "progress.csv"))
    assert '\'=HYPERLINK("http://e/")' in [row[0] for row in rows]
    assert exported(instructor_client, f"/classes/{classroom.pk}/overview.csv")[1][0].startswith(
        "'="
    )
    for page in ("", "overview"):
        drawn = body(instructor_client.get(of_page(assignment, page)))
        assert "<img src=x" not in drawn
        assert "<script>alert" not in drawn
        assert "&lt;script&gt;alert" in drawn
    assert "&lt;img src=x" in body(instructor_client.get(address(assignment)))


# --- What they say ----------------------------------------------------------------------------


def test_figures_cover_everybody_on_every_page_of_the_matrix(
    at_work: Assignment, instructor_client: Client
) -> None:
    for pupil in make_students(60, "more"):
        classes.join_class(classroom=at_work.classroom, by=pupil)
    for query in ("", "?page=2", "?show=not-started"):
        said = text_of(body(instructor_client.get(address(at_work, query))))
        assert "0 of 63 are done." in said
        assert "61 have not started." in said


def test_a_board_with_nothing_says_so(given_out: Assignment, instructor_client: Client) -> None:
    assert "Nobody has answered a question yet." in text_of(
        body(instructor_client.get(address(given_out)))
    )
    for page in ("questions/", "items/"):
        said = text_of(body(instructor_client.get(address(given_out, page))))
        assert "Nobody has answered a question yet." in said
    for page in ("text/", "times/"):
        assert instructor_client.get(address(given_out, page)).status_code == 200


def test_a_class_without_work_says_so(classroom: Classroom, instructor_client: Client) -> None:
    said = text_of(body(instructor_client.get(f"/classes/{classroom.pk}/")))
    assert "Nothing is assigned in this class yet." in said


def test_the_page_defines_what_it_calls_stuck_and_ranks_by(
    at_work: Assignment, instructor_client: Client
) -> None:
    assert "Stuck: begun and not done, and either" in text_of(
        body(instructor_client.get(address(at_work)))
    )
    assert "Ranked by three shares added up" in text_of(
        body(instructor_client.get(address(at_work, "questions/")))
    )


def test_no_word_of_a_written_answer_is_in_a_report(
    at_work: Assignment, pupils: list[User], instructor_client: Client
) -> None:
    words = Response.objects.get(item__attempt__quiz__key="letter-in-your-own-words").answer["text"]
    shown = text_of(everything(instructor_client, at_work))
    assert "In your own words" in shown
    assert words not in shown


def test_the_zone_of_the_class_is_named(
    instructor: User, pupils: list[User], instructor_client: Client
) -> None:
    classroom = make_class(instructor, pupils, "Lahore", zone="Asia/Karachi")
    due = timezone.now() + timedelta(days=1)
    assignment = give_lesson(classroom, instructor, terms={"due_at": due})
    said = text_of(body(instructor_client.get(address(assignment))))
    local = timezone.localtime(due, classroom.tz)
    assert f"due {local.day} {local:%b, %H:%M} · times in Asia/Karachi" in said
