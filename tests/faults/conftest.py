"""A server for each test, on a copy of one prepared data folder (of one prepared database)."""

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from .server import POSTGRES, Server, free_port, on_postgres


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.loopback)
            if os.name != "posix":
                item.add_marker(pytest.mark.skip("kills processes as POSIX does"))


@contextlib.contextmanager
def alone(file: Path) -> Iterator[None]:
    """No other process that asks for the same file is in here too."""
    import fcntl

    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def prepared(
    tmp_path_factory: pytest.TempPathFactory, testrun_uid: str, worker_id: str
) -> Iterator[Server]:
    """The data of a demo that was prepared and never served.

    It takes half a minute of a processor, so that the first of pytest's workers makes it for all,
    and the last one that used it removes it.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent
    server = Server(shared / "faults", f"faults_{testrun_uid}")
    users, lock = shared / "faults.users", shared / "faults.lock"
    with alone(lock):
        if not users.exists():
            if POSTGRES:
                on_postgres(f"CREATE DATABASE {server.name}")
            server.manage("demo", "--prepare-only")
        with users.open("a") as names:
            names.write(f"{worker_id}\n")
    yield server
    with alone(lock):
        left = [name for name in users.read_text().split() if name != worker_id]
        if left:
            users.write_text("\n".join([*left, ""]))
            return
        users.unlink()
        shutil.rmtree(server.data)
        if POSTGRES:
            on_postgres(f"DROP DATABASE {server.name} WITH (FORCE)")


@pytest.fixture
def second(server: Server) -> Iterator[Server]:
    """Another server process on the same data; not started yet."""
    other = Server(server.data, server.name, free_port())
    yield other
    other.kill()


@pytest.fixture
def server(prepared: Server, tmp_path: Path) -> Iterator[Server]:
    """Not started yet. What a test starts ends with it, at once."""
    server = Server(tmp_path / "data", f"fault_{uuid.uuid4().hex}")
    shutil.copytree(prepared.data, server.data)
    if POSTGRES:
        on_postgres(f"CREATE DATABASE {server.name} TEMPLATE {prepared.name}")
    yield server
    server.kill()
    if POSTGRES:
        on_postgres(f"DROP DATABASE {server.name} WITH (FORCE)")
