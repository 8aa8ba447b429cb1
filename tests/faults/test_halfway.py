"""What crashes midway is done wholly or not at all, and an export that breaks off shows it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError

from lessons.classrooms.views import grades
from tests.attacks.addresses import client_of
from tests.classrooms.making import make_cast

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
