"""A server for each test, on a copy of one prepared data folder (of one prepared database)."""

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


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The data of a demo that was prepared and never served."""
    server = Server(tmp_path_factory.mktemp("faults") / "data", f"faults_{uuid.uuid4().hex}")
    if POSTGRES:
        on_postgres(f"CREATE DATABASE {server.name}")
    server.manage("demo", "--prepare-only")
    yield server
    if POSTGRES:
        on_postgres(f"DROP DATABASE {server.name} WITH (FORCE)")


@pytest.fixture
def second(server: Server) -> Iterator[Server]:
    """Another server process on the same data; not started yet."""
    other = Server(server.data, server.name, free_port())
    yield other
    other.stop()


@pytest.fixture
def server(prepared: Server, tmp_path: Path) -> Iterator[Server]:
    """Not started yet. What a test starts is stopped with it."""
    server = Server(tmp_path / "data", f"fault_{uuid.uuid4().hex}")
    shutil.copytree(prepared.data, server.data)
    if POSTGRES:
        on_postgres(f"CREATE DATABASE {server.name} TEMPLATE {prepared.name}")
    yield server
    server.stop()
    if POSTGRES:
        on_postgres(f"DROP DATABASE {server.name} WITH (FORCE)")
