"""A backup of the running site, put back on another machine; and what is left of who was erased."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .answers import Load, Sent
from .server import ROOT, Server

MARKER = "zq-marker-7f"
pytestmark = pytest.mark.sqlite  # PostgreSQL's copies are tried in test_dump.py


def command(server: Server, *arguments: str, fails: bool = False) -> str:
    """What a command said on both streams."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=server.environment()
        | {"ENVIRONMENT": "demo", "DJANGO_SETTINGS_MODULE": "coldwar.settings"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) is fails, done.stdout
    return done.stdout


def newest_copy(server: Server) -> Path:
    return max((server.data / "backups").glob("backup-*.sqlite3"))


def wait_for(load: Load, count: int) -> None:
    until = time.monotonic() + 60
    while len(load.acknowledged) < count:
        assert time.monotonic() < until, load.faults
        time.sleep(0.05)


def test_backup_under_load_holds_every_answer_acknowledged_before(
    server: Server, tmp_path: Path
) -> None:
    server.start()
    learners = server.learners(100)
    load = Load(server)
    late = [
        Sent.of(learners["cookies"].pop(), answer)
        for answer, *_more in (learners["answers"].pop() for _learner in range(10))
    ]
    threads = load.begin(learners)
    try:
        wait_for(load, 20)
        before = list(load.acknowledged)
        assert ", checked." in command(server, "manage.py", "backup")
        # The site goes on, even where a slow backup outlasted all that the others had to send.
        assert all(load.post(sent) for sent in late), load.faults
        refused = command(server, "manage.py", "restore", str(newest_copy(server)), fails=True)
        assert "The site is running. Stop it first" in refused
    finally:
        load.stopping.set()
        for thread in threads:
            thread.join(60)
    assert (load.faults, load.broken) == ([], 0)
    assert [one for one in threads if one.is_alive()] == []

    elsewhere = Server(tmp_path / "another machine")
    elsewhere.data.mkdir()
    key = (server.data / "secret-key").read_text()  # the same settings, as operators.md says
    (elsewhere.data / "secret-key").write_text(key)
    said = command(elsewhere, "manage.py", "restore", str(newest_copy(server)))
    assert f"{newest_copy(server)} is the database now." in said
    elsewhere.start()
    stored = [one for (one,) in elsewhere.rows("SELECT client_uuid FROM quizzes_response")]
    assert len(stored) == len(set(stored))
    assert {sent.uuid for sent in before} <= set(stored)
    again = Load(elsewhere)
    assert again.post(before[0]), again.faults  # a replay is acknowledged and stores nothing
    elsewhere.stop()
    assert len(elsewhere.rows("SELECT client_uuid FROM quizzes_response")) == len(stored)


def test_damaged_database_is_named_at_the_start_and_in_each_answer(server: Server) -> None:
    server.start()
    server.stop()
    with server.database.open("r+b") as file:
        file.truncate(200_000)
    said = command(server, "manage.py", "demo", "--port", str(server.port), fails=True)
    assert "is cut short:" in said
    assert "manage.py restore --replace FILE" in said
    assert "Traceback" not in said
    said = command(server, "manage.py", "check_storage", fails=True)
    assert "is cut short:" in said
    assert "Traceback" not in said
    started = """
from django.test import RequestFactory
import coldwar.wsgi
told = []
environ = RequestFactory(SERVER_NAME="localhost").get("/").environ
page = coldwar.wsgi.application(environ, lambda status, headers: told.append(status))
print(told[0], b"We cannot save at this moment" in b"".join(page))
"""
    said = command(server, "-c", started)
    assert "CRITICAL" in said
    assert "is cut short:" in said
    assert said.strip().endswith("503 Service Unavailable True")


def assert_private(database: Path) -> None:
    if os.name == "posix":
        files = [database, *database.parent.glob(f"{database.name}-*")]
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_database_and_its_log_are_for_the_site_s_user_alone(
    prepared: Server, server: Server
) -> None:
    assert_private(prepared.database)
    code = (
        "import django; django.setup(); from lessons.accounts.models import User;"
        "User.objects.create(username='x'); import pathlib, os;"
        "from django.db import connection; name = connection.settings_dict['NAME'];"
        "print([oct(os.stat(name + of).st_mode & 0o777) for of in ('', '-wal', '-shm')])"
    )
    assert command(server, "-c", code).strip() == "['0o600', '0o600', '0o600']"


def erased_on(server: Server) -> set[str]:
    """The numbers of the accounts that the list beside the database names."""
    return {line.split()[0] for line in (server.data / "erased.txt").read_text().splitlines()}


def test_nothing_of_an_erased_learner_is_left_in_a_file_or_a_later_backup(
    server: Server, tmp_path: Path
) -> None:
    name = command(server, "-m", "tests.planting", MARKER).strip()
    command(server, "manage.py", "backup")
    early = newest_copy(server)
    kept_elsewhere = shutil.copy(early, tmp_path / early.name)
    held = [early, server.database]
    assert all(MARKER.encode() in path.read_bytes() for path in held)
    time.sleep(1.1)  # the next copy has another name
    command(server, "manage.py", "erase_learner", name, "--yes")
    command(server, "manage.py", "backup")
    assert newest_copy(server) != early
    for path in [*sorted(server.data.iterdir()), newest_copy(server)]:
        if path.is_file():
            assert MARKER.encode() not in path.read_bytes(), path.name
    # The copy made before is put back: the person does not come back with it.
    refused = command(server, "manage.py", "restore", str(early), fails=True)
    assert "Nothing was restored. The database holds" in refused
    assert "add --replace" in refused
    said = command(server, "manage.py", "restore", "--replace", str(early))
    again = "1 person erased since this copy was made was erased again."
    assert again in said
    assert MARKER.encode() not in server.database.read_bytes()
    assert_private(server.database)
    # Nor on an empty machine, where the folder of the copy holds the list.
    elsewhere = Server(tmp_path / "another machine")
    elsewhere.data.mkdir()
    shutil.copy(server.data / "backups" / "erased.txt", tmp_path)
    assert again in command(elsewhere, "manage.py", "restore", kept_elsewhere)
    assert MARKER.encode() not in elsewhere.database.read_bytes()
    assert erased_on(elsewhere) == erased_on(server)
