"""The disk is full: nothing is lost, reading goes on, and with room again so does writing.

SQLite's file may not grow by a page (tests.faults.site). PostgreSQL's database is moved to a disk
of its own, in memory and small, which is then filled: as root, on Linux, on this very machine.
"""

import base64
import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.guided.reading import form

from .answers import BUSY, HTMX, Load, Reader, Sent, assert_whole
from .server import POSTGRES, Server, on_postgres

WRITTEN = "/lessons/the-letter-and-the-middle-position/in-your-own-words/"
LONG = base64.b64encode(random.Random(16).randbytes(3600)).decode()
"""More than a page of a table has room for, and nothing that PostgreSQL could write shorter."""
SPARE = 8 * 2**20  # bytes beside the database
Disk = tuple[Callable[[], None], Callable[[], None]]
"""What fills it, and what makes room again."""


@contextlib.contextmanager
def small_disk(server: Server) -> Iterator[Disk]:
    """Move a database that nobody uses to a disk that can be filled, and back."""
    ((size,),) = server.write("SELECT pg_database_size(current_database())")
    ((data,),) = server.write("SHOW data_directory")
    owner = Path(data).stat()
    disk = Path(tempfile.mkdtemp(prefix="lessons-disk-"))
    options = f"size={size + SPARE},mode=755"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)], check=True)
    place, filler = disk / "table space", disk / "filler"

    def fill() -> None:
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    try:
        place.mkdir()
        os.chown(place, owner.st_uid, owner.st_gid)
        on_postgres(f"CREATE TABLESPACE {server.name} LOCATION '{place}'")
        on_postgres(f"ALTER DATABASE {server.name} SET TABLESPACE {server.name}")
        yield fill, filler.unlink
        server.stop()
        on_postgres(f"ALTER DATABASE {server.name} SET TABLESPACE pg_default")
        on_postgres(f"DROP TABLESPACE {server.name}")
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
        shutil.rmtree(disk, ignore_errors=True)


def why_not_here() -> str:
    """Why PostgreSQL cannot be given a disk of its own here; empty where it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "a disk that can be filled is mounted as root, on Linux"
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]
        tried = subprocess.run(command, capture_output=True, text=True, check=False)
        if tried.returncode == 0:
            subprocess.run(["umount", folder], check=True)
        return tried.stderr.strip()


@pytest.fixture
def disk(server: Server) -> Iterator[Disk]:
    if not POSTGRES:
        full = server.data / "full"
        yield full.touch, full.unlink
    elif why := why_not_here():
        pytest.skip(why)
    else:
        with small_disk(server) as found:
            yield found


def test_full_disk_is_said_and_survived(server: Server, disk: Disk) -> None:
    fill, make_room = disk
    learners = server.learners(40)
    if not POSTGRES:
        server.write("VACUUM")  # else deleted rows leave pages to be used again
    server.start(faulty=True)
    answers = [
        Sent.of(cookie, own[0])
        for cookie, own in zip(learners["cookies"], learners["answers"], strict=True)
    ]
    load, reader = Load(server), Reader(server, answers[-1].cookie)
    typed = form(reader.get(WRITTEN), f"{WRITTEN}questions/1/") | {"q1-text": LONG}
    assert load.post(answers[0]), load.faults
    load.acknowledged.append(answers[0])
    fill()

    # It fills up while a class is answering: the last pages have room for some of them.
    unsent = []
    for sent in answers[1:]:
        (load.acknowledged if load.post(sent) else unsent).append(sent)
    assert unsent or POSTGRES
    refused = [
        reader.post(f"{WRITTEN}questions/1/draft/", typed),
        reader.post(f"{WRITTEN}questions/1/", typed),
        reader.post(f"{WRITTEN}questions/1/", typed, **HTMX),
    ]
    for status, page, headers in refused:
        assert (status, headers.get("retry-after")) == (503, "5")
        assert BUSY in page
        assert "keep this page open and try again" in page
    for path in ("/", learners["step"], WRITTEN, "/me/", "/me/data/export/", "/search/?q=letter"):
        assert reader.get(path)
    assert_whole(server, load, learners)
    assert len(server.rows("SELECT id FROM quizzes_response")) == len(load.acknowledged)

    make_room()
    for sent in unsent:
        assert load.post(sent), load.faults
        load.acknowledged.append(sent)
    assert reader.post(f"{WRITTEN}questions/1/draft/", typed)[0] == 200
    assert LONG in reader.get(WRITTEN)
    assert load.faults == []
    stored = server.rows("SELECT client_uuid FROM quizzes_response")
    assert sorted(stored) == sorted((sent.uuid,) for sent in answers)
