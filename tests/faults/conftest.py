"""A server for each test, on a copy of one prepared data folder."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from .server import Server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.loopback)
            if os.name != "posix":
                item.add_marker(pytest.mark.skip("kills processes as POSIX does"))


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a demo that was prepared and never served."""
    data = tmp_path_factory.mktemp("faults") / "data"
    Server(data).manage("demo", "--prepare-only")
    return data


@pytest.fixture
def server(prepared: Path, tmp_path: Path) -> Iterator[Server]:
    """Not started yet. What a test starts is stopped with it."""
    data = tmp_path / "data"
    shutil.copytree(prepared, data)
    server = Server(data)
    yield server
    server.stop()
