"""Settings that are silent when wrong are named, each by its own check."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage, Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import ConnectionHandler
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django import DjangoDbBlocker

from lessons.core import checks
from lessons.core.startup import begin_to_serve
from lessons.core.storage import sqlite_database

Open = Callable[[dict[str, Any]], BaseDatabaseWrapper]


@pytest.fixture
def open_database(django_db_blocker: DjangoDbBlocker) -> Iterator[Open]:
    """Connections to files of their own, whichever database the tests run on."""
    opened: list[BaseDatabaseWrapper] = []

    def connect(database: dict[str, Any]) -> BaseDatabaseWrapper:
        connection = ConnectionHandler({"default": database})["default"]
        opened.append(connection)
        return connection

    with django_db_blocker.unblock():
        yield connect
        for connection in opened:
            connection.close()


def told(messages: list[CheckMessage]) -> list[tuple[str | None, str]]:
    return [(message.id, message.msg) for message in messages]


def test_our_sqlite_settings_are_in_force(tmp_path: Path, open_database: Open) -> None:
    assert checks.connection_messages(open_database(sqlite_database(tmp_path / "db"))) == []


def test_misnested_options_are_noticed(tmp_path: Path, open_database: Open) -> None:
    """Every option one level too high: Django says nothing, and nothing is in force."""
    right = sqlite_database(tmp_path / "db")
    wrong = {**{k: v for k, v in right.items() if k != "OPTIONS"}, **right["OPTIONS"]}
    assert told(checks.connection_messages(open_database(wrong))) == [
        (
            "core.E002",
            "SQLite's journal_mode is 'delete' on the open connection; it must be 'wal'.",
        ),
        ("core.E002", "SQLite's secure_delete is 0 on the open connection; it must be 1."),
        ("core.E002", "SQLite's busy_timeout is 5000 on the open connection; it must be 10000."),
        (
            "core.E002",
            "SQLite's wal_autocheckpoint is 1000 on the open connection; it must be 4000.",
        ),
        ("core.E003", "SQLite's transaction mode is None; it must be 'IMMEDIATE'."),
    ]


@pytest.mark.parametrize(
    ("pragma", "message"),
    [
        ("synchronous=NORMAL", "SQLite's synchronous is 1 on the open connection; it must be 2."),
        ("foreign_keys=OFF", "SQLite's foreign_keys is 0 on the open connection; it must be 1."),
        ("busy_timeout=1", "SQLite's busy_timeout is 1 on the open connection; it must be 10000."),
    ],
)
def test_one_wrong_pragma_is_named(
    tmp_path: Path, open_database: Open, pragma: str, message: str
) -> None:
    database = sqlite_database(tmp_path / "db")
    database["OPTIONS"]["init_command"] += f" PRAGMA {pragma};"
    assert told(checks.connection_messages(open_database(database))) == [("core.E002", message)]


@pytest.mark.parametrize("mode", [None, "DEFERRED", "EXCLUSIVE"])
def test_other_transaction_modes_are_named(
    tmp_path: Path, open_database: Open, mode: str | None
) -> None:
    database = sqlite_database(tmp_path / "db")
    database["OPTIONS"]["transaction_mode"] = mode
    assert told(checks.connection_messages(open_database(database))) == [
        ("core.E003", f"SQLite's transaction mode is {mode!r}; it must be 'IMMEDIATE'.")
    ]


def test_database_in_memory_needs_no_log(open_database: Open) -> None:
    database = sqlite_database(Path("unused.db")) | {"NAME": ":memory:"}
    assert checks.connection_messages(open_database(database)) == []


def test_file_that_is_no_database_is_named_with_what_to_do(
    tmp_path: Path, open_database: Open
) -> None:
    (tmp_path / "db").write_bytes(b"not a database" * 1000)
    (message,) = checks.connection_messages(open_database(sqlite_database(tmp_path / "db")))
    assert message.id == "core.E001"
    assert str(tmp_path / "db") in message.msg
    assert "manage.py check_storage says what it is" in str(message.hint)


@pytest.mark.parametrize(
    ("version", "production", "ids"),
    [
        ((3, 6, 23), True, []),
        ((3, 7, 0), True, ["core.E006"]),
        ((3, 40, 1), False, ["core.W006"]),
        ((3, 40, 1), True, ["core.E006"]),
        ((3, 51, 2), True, ["core.E006"]),
        ((3, 51, 3), True, []),
        ((3, 53, 4), True, []),
    ],
)
def test_sqlite_with_the_wal_reset_bug_is_named(
    version: tuple[int, ...], production: bool, ids: list[str]
) -> None:
    found = checks.version_messages(version, production=production)
    assert [message.id for message in found] == ids
    assert [message.is_serious() for message in found] == [production for _ in ids]


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        (["Django", "pysqlite3"], []),
        (["pysqlite3", "pysqlite3-binary"], ["core.E007"]),
        (["PySQLite3_Binary"], ["core.E007"]),
    ],
)
def test_pysqlite3_binary_beside_is_named(names: list[str], ids: list[str]) -> None:
    assert [message.id for message in checks.package_messages(names)] == ids


@pytest.mark.parametrize(
    ("database", "found"),
    [
        ({"ATOMIC_REQUESTS": False, "CONN_MAX_AGE": 600, "OPTIONS": {}}, []),
        ({"CONN_MAX_AGE": 0, "OPTIONS": {"pool": {"min_size": 1}}}, []),
        (
            {"ATOMIC_REQUESTS": True},
            [("core.E004", "ATOMIC_REQUESTS is on for 'default'; it must be off.")],
        ),
        (
            {"CONN_MAX_AGE": 600, "OPTIONS": {"pool": True}},
            [("core.E005", "CONN_MAX_AGE is 600 for 'default', which has a pool; it must be 0.")],
        ),
        (
            {"CONN_MAX_AGE": None, "OPTIONS": {"pool": True}},
            [("core.E005", "CONN_MAX_AGE is None for 'default', which has a pool; it must be 0.")],
        ),
    ],
)
def test_settings_that_lose_work_are_named(
    database: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert told(checks.settings_messages("default", database)) == found


@pytest.mark.parametrize(
    ("demo", "hosts", "ids"),
    [
        (True, ["localhost", "127.0.0.1", "[::1]"], []),
        (True, ["localhost", "lessons.example.org"], ["core.E008"]),
        (True, ["*"], ["core.E008"]),
        (True, ["0.0.0.0"], ["core.E008"]),  # noqa: S104
        (True, [".localhost.example.org"], ["core.E008"]),
        (False, ["lessons.example.org"], []),
    ],
)
def test_demo_outside_this_machine_is_refused(demo: bool, hosts: list[str], ids: list[str]) -> None:
    found = checks.demo_messages(demo=demo, allowed_hosts=hosts)
    assert [message.id for message in found] == ids


def test_demo_that_others_could_reach_does_not_begin_to_serve(settings: Any) -> None:
    settings.DEMO, settings.ALLOWED_HOSTS = True, ["lessons.example.org"]
    with pytest.raises(ImproperlyConfigured, match=r"holds lessons\.example\.org"):
        begin_to_serve()


def test_checks_are_registered_where_they_run(settings: Any) -> None:
    settings.DEMO, settings.ALLOWED_HOSTS = True, ["*"]
    assert "core.E008" in [message.id for message in run_checks(tags=[Tags.security])]
    settings.DEMO = False
    assert "core.E008" not in [message.id for message in run_checks()]


@pytest.mark.django_db
def test_database_of_the_tests_passes_its_own_check() -> None:
    found = run_checks(tags=[Tags.database], databases=["default"])
    assert [message for message in found if str(message.id).startswith("core.")] == []
