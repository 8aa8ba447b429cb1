"""What crashes midway is done wholly or not at all, and an export that breaks off shows it."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError

from lessons.classrooms.views import grades
from tests.attacks.addresses import client_of
from tests.classrooms.making import make_cast
from tests.guided.reading import text_of

from .answers import GIVE_UP, NO_ANSWER, Reader
from .server import ROOT, Server

EDITED = "SELECT COUNT(*) FROM guided_step WHERE focus = 'Edited in admin'"
VERSION = "SELECT number FROM core_contentversion"


def test_import_killed_before_its_commit_changed_nothing(server: Server) -> None:
    server.write("UPDATE guided_step SET focus = 'Edited in admin'")
    (steps,), version = server.rows(EDITED)[0], server.rows(VERSION)
    assert steps > 5
    killed = subprocess.run(
        [sys.executable, "-m", "tests.faults.halfway", "load_content", "--ours"],
        cwd=ROOT,
        env=server.environment()
        | {"ENVIRONMENT": "demo", "DJANGO_SETTINGS_MODULE": "coldwar.settings"},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    assert server.rows(EDITED) == [(steps,)]
    assert server.rows(VERSION) == version
    server.manage("load_content", "--ours")
    assert server.rows(EDITED) == [(0,)]
    assert server.rows(VERSION) != version


@pytest.mark.parametrize("fault", ["before-commit", "after-commit"])
def test_roster_killed_halfway_is_taken_in_once_and_whole(fault: str, server: Server) -> None:
    server.start(faulty=True)
    teacher = Reader.enter(server, "instructor")
    ((number,),) = server.rows(
        "SELECT MIN(m.classroom_id) FROM classrooms_membership m"
        " JOIN accounts_user u ON u.id = m.user_id"
        " WHERE u.username = 'demo-instructor' AND m.role = 'instructor'"
    )
    page = f"/classes/{number}/roster/"
    names = [f"Listed Trial {n}" for n in range(30)]
    fields = {"text": "\n".join(names)}
    status, preview, _headers = teacher.post(page, fields)
    assert status == 200
    fields["digest"] = re.findall(r'name="digest" value="(\w+)"', preview)[0]
    tables = ("accounts_user", "classrooms_membership", "classrooms_membershipevent")
    counts = [f"SELECT COUNT(*) FROM {table}" for table in tables]  # noqa: S608
    before = [server.rows(count) for count in counts]
    with pytest.raises(NO_ANSWER):
        teacher.post(page, fields, **{"X-Fault": fault})
    taken = server.rows(
        "SELECT roster_name FROM classrooms_membership WHERE roster_name LIKE 'Listed Trial%'"
    )
    if fault == "before-commit":
        assert [server.rows(count) for count in counts] == before
        assert taken == []
    else:
        assert sorted(taken) == sorted((name,) for name in names)

    # Nobody was told, so it is sent again, as it was.
    until = time.monotonic() + GIVE_UP
    while True:
        try:
            status, told, _headers = teacher.post(page, fields)
            break
        except NO_ANSWER:  # the dying worker had taken the connection
            assert time.monotonic() < until
            time.sleep(0.2)
    if fault == "before-commit":
        assert (status, told.count("Listed Trial")) == (200, 30)
    else:
        assert status == 409
        assert "The class has changed since. Look through the list once more." in text_of(told)
    taken = server.rows(
        "SELECT roster_name FROM classrooms_membership WHERE roster_name LIKE 'Listed Trial%'"
    )
    assert sorted(taken) == sorted((name,) for name in names)
    joined = "SELECT COUNT(*) FROM accounts_user u JOIN classrooms_membership m ON m.user_id = u.id"
    assert server.rows(f"{joined} WHERE m.roster_name LIKE 'Listed Trial%'") == [(30,)]
    ((people,),) = server.rows(counts[0])
    assert people == before[0][0][0] + 30


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_that_breaks_off_is_no_file(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table without its last students would look like any other."""
    cast = make_cast("here")
    path = f"/classes/{cast.classroom.pk}/gradebook/{kind}/"
    client = client_of(cast.instructor)
    client.raise_request_exception = False
    whole = client.get(path)
    assert b"".join(whole) if whole.streaming else whole.content
    assert "attachment" in whole["Content-Disposition"]
    lines = grades.table_of

    def broken(book: Any) -> Iterator[Any]:
        yield from list(lines(book))[:2]
        raise OperationalError("the database is away")

    monkeypatch.setattr(grades, "table_of", broken)
    answer = client.get(path)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Content-Disposition" not in answer
