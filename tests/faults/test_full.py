"""The disk is full: nothing is lost, reading goes on, and with room again so does writing.

On SQLite, by the page that its file may not grow by. (PostgreSQL reports a full disk as an
OperationalError too, which is answered in the same place: tests/core/test_views.py.)
"""

import pytest

from tests.guided.reading import form

from .answers import BUSY, HTMX, Load, Reader, Sent, assert_whole
from .server import Server

WRITTEN = "/lessons/the-letter-and-the-middle-position/in-your-own-words/"
LONG = "words " * 800  # more than a page of the file has room for


@pytest.mark.sqlite
def test_full_disk_is_said_and_survived(server: Server) -> None:
    server.start(faulty=True)
    learners = server.learners(40)
    answers = [
        Sent.of(cookie, own[0])
        for cookie, own in zip(learners["cookies"], learners["answers"], strict=True)
    ]
    server.write("VACUUM")  # else deleted rows leave pages to be used again
    load, reader = Load(server), Reader(server, answers[-1].cookie)
    typed = form(reader.get(WRITTEN), f"{WRITTEN}questions/1/") | {"q1-text": LONG}
    full = server.data / "full"
    assert load.post(answers[0]), load.faults
    load.acknowledged.append(answers[0])
    full.touch()

    # It fills up while a class is answering: the last pages may have room for some of them.
    for last in answers[1:]:
        if not load.post(last):
            break
        load.acknowledged.append(last)
    refused = [
        server.ask("POST", last.path, body=last.body, cookie=last.cookie, headers=HTMX),
        server.ask("POST", last.path, body=last.body, cookie=last.cookie),
        reader.post(f"{WRITTEN}questions/1/draft/", typed),
        reader.post(f"{WRITTEN}questions/1/", typed),
    ]
    for status, page, headers in refused:
        assert (status, headers.get("retry-after")) == (503, "5")
        assert BUSY in page
        assert "keep this page open and try again" in page
    for path in ("/", learners["step"], WRITTEN, "/me/", "/me/data/export/", "/search/?q=letter"):
        assert reader.get(path)
    assert_whole(server, load, learners)
    assert len(server.rows("SELECT id FROM quizzes_response")) == len(load.acknowledged)

    full.unlink()
    assert load.post(last), load.faults
    load.acknowledged.append(last)
    assert reader.post(f"{WRITTEN}questions/1/draft/", typed)[0] == 200
    assert load.faults == []
    assert len(server.rows("SELECT id FROM quizzes_response")) == len(load.acknowledged)
    assert LONG.strip() in reader.get(WRITTEN)
