"""A dump of PostgreSQL, put back by the commands that an operator types."""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from .server import Server, database_url, on_postgres
from .test_backup import MARKER, command

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(
        shutil.which("pg_dump") is None, reason="pg_dump is not here (apt: postgresql-client)"
    ),
]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Server]:
    """An empty machine: a new folder, and a database without a table."""
    made = Server(tmp_path / "another machine", f"empty_{uuid.uuid4().hex}")
    made.data.mkdir()
    on_postgres(f"CREATE DATABASE {made.name}")
    yield made
    on_postgres(f"DROP DATABASE {made.name} WITH (FORCE)")


def only_dump(server: Server) -> Path:
    (dump,) = (server.data / "backups").glob("backup-*.dump")
    return dump


def people(server: Server) -> list[str]:
    return [name for (name,) in server.rows("SELECT username FROM accounts_user ORDER BY 1")]


def test_dump_comes_back_on_an_empty_machine_without_whom_was_erased(
    server: Server, elsewhere: Server, tmp_path: Path
) -> None:
    name = command(server, "-m", "tests.planting", MARKER).strip()
    before = people(server)
    command(server, "manage.py", "backup")
    early = shutil.move(only_dump(server), tmp_path / "early.dump")
    command(server, "manage.py", "erase_learner", name, "--yes")
    command(server, "manage.py", "backup")
    shutil.copy(server.data / "backups" / "erased.txt", tmp_path)
    said = command(elsewhere, "manage.py", "restore", str(early))
    assert "early.dump is the database now." in said
    assert "1 person erased since this copy was made was erased again." in said
    assert people(elsewhere) == [one for one in before if one != name] == people(server)
    # And a second time, over what is there.
    refused = command(elsewhere, "manage.py", "restore", str(only_dump(server)), fails=True)
    assert f"The database holds {len(people(server))} accounts." in refused
    said = command(elsewhere, "manage.py", "restore", "--replace", str(only_dump(server)))
    assert f"What was there before is kept as {only_dump(elsewhere)}." in said
    assert people(elsewhere) == people(server)


def test_dump_that_does_not_fit_changes_nothing(server: Server, tmp_path: Path) -> None:
    before = people(server)
    command(server, "manage.py", "backup")
    whole = only_dump(server).read_bytes()
    cut = tmp_path / "cut.dump"
    cut.write_bytes(whole[: len(whole) * 2 // 3])
    said = command(server, "manage.py", "restore", "--replace", str(cut), fails=True)
    assert "Nothing was restored." in said
    assert "cut.dump is not a whole dump." in said
    later = (
        "INSERT INTO django_migrations (app, name, applied) VALUES ('quizzes', '0099_new', now())"
    )
    server.write(later)
    command(server, "manage.py", "backup", "--to", str(tmp_path / "newer"))
    server.write("DELETE FROM django_migrations WHERE name = '0099_new'")
    (newer,) = (tmp_path / "newer").glob("*.dump")
    said = command(server, "manage.py", "restore", "--replace", str(newer), fails=True)
    assert "made by a newer version of this program (it has had quizzes.0099_new" in said
    assert "Traceback" not in said
    assert people(server) == before
    schemas = server.rows("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'")
    assert sorted(schemas) == [("information_schema",), ("public",)]


def test_restore_is_refused_while_a_server_is_connected(server: Server) -> None:
    import psycopg

    command(server, "manage.py", "backup")
    restore = ("manage.py", "restore", "--replace", str(only_dump(server)))
    with psycopg.connect(database_url(server.name)):
        said = command(server, *restore, fails=True)
        assert "1 other connections use the database. Stop every server" in said
    assert "is the database now." in command(server, *restore)
