"""An editor saves on one server while a class reads and answers on another."""

from tests.core.editing import KNOWINGLY, fields_of
from tests.guided.reading import text_of

from .answers import HTMX, Load, Reader, Sent
from .server import Server
from .test_restart import QUIZ, SHORT

LESSON = "the-letter-and-the-middle-position"
STEP = f"/lessons/{LESSON}/a-letter-arrives/"
TIMES = 8
"""Enough to meet each of a server's two workers, which keep what they drew for themselves."""


def number_of(server: Server, table: str, condition: str) -> int:
    ((number,),) = server.rows(f"SELECT id FROM {table} WHERE {condition}")  # noqa: S608
    return int(number)


def change(editor: Reader, model: str, number: int, **values: str) -> None:
    """Save the row's form in admin, which answers when it is stored."""
    path = f"/admin/guided/{model}/{number}/change/"
    fields = fields_of(editor.get(path), f"{model}_form")
    status, page, _headers = editor.post(path, fields | KNOWINGLY | values)
    assert status == 302, text_of(page)[:2000]


def test_change_saved_on_one_server_is_seen_on_the_other_at_once(
    server: Server, second: Server
) -> None:
    server.start(faulty=True)
    second.start(faulty=True)
    reader, visitor = Reader(second, server.learners(1)["cookies"][0]), Reader(second, "")
    editor = Reader.enter(server, "editor")
    own = "slug = 'a-letter-arrives' AND lesson_id = "
    lesson = number_of(server, "guided_lesson", f"slug = '{LESSON}'")
    step = number_of(server, "guided_step", f"{own}{lesson}")
    for _time in range(TIMES):  # so that both workers keep it as it was
        assert "Watch for the hands" not in reader.get(STEP)
        visitor.get(STEP)
    for edit in ("Watch for the hands, first.", "Watch for the hands, second."):
        change(editor, "step", step, focus=edit)
        for _time in range(TIMES):
            assert edit in reader.get(STEP)
            assert edit in visitor.get(STEP)


def test_work_at_a_lesson_that_is_taken_back_is_kept_and_its_text_shown(
    server: Server, second: Server
) -> None:
    server.start(faulty=True)
    second.start(faulty=True)
    learners = server.learners(2)
    reader = Reader(second, learners["cookies"][0])
    fields = reader.save(QUIZ, reader.start(QUIZ), SHORT, "at first glance")
    sent = Sent.of(learners["cookies"][1], learners["answers"][1][0])
    load = Load(second)
    assert load.post(sent), load.faults
    lesson = number_of(server, "guided_lesson", f"slug = '{LESSON}'")
    editor = Reader.enter(server, "editor")

    change(editor, "lesson", lesson, status="draft")
    late = fields | {f"q{SHORT}-text": "written too late"}
    for _time in range(TIMES):
        assert second.ask("GET", QUIZ, cookie=reader.cookie)[0] == 404
    for path, headers in ((f"{QUIZ}review/", {}), (f"{QUIZ}questions/{SHORT}/draft/", HTMX)):
        status, page, _headers = reader.post(path, late, **headers)
        assert (status, "written too late</textarea>" in page) == (404, True)
    assert reader.post(f"{QUIZ}submit/", {"reader": fields["reader"]})[0] == 404
    assert (
        server.rows("SELECT submitted_at FROM quizzes_attempt WHERE submitted_at IS NOT NULL") == []
    )

    change(editor, "lesson", lesson, status="published")
    for _time in range(TIMES):
        assert "at first glance" in reader.get(QUIZ)
    assert reader.post(f"{QUIZ}review/", late)[0] == 302
    assert reader.post(f"{QUIZ}submit/", {"reader": fields["reader"]})[0] == 302
    found = dict(
        server.rows(
            "SELECT i.position, r.answer FROM quizzes_response r"
            " JOIN quizzes_attemptitem i ON i.id = r.item_id"
            " JOIN quizzes_attempt a ON a.id = i.attempt_id WHERE a.submitted_at IS NOT NULL"
        )
    )
    assert sorted(found) == [1, 2, 3, 4, 5]
    assert "written too late" in str(found[SHORT])
    stored = server.rows("SELECT client_uuid FROM quizzes_response")
    assert stored.count((sent.uuid,)) == 1
