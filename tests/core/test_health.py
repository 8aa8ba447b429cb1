"""/healthz says whether this server can keep work, cheaply and without a secret."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connection
from django.test import Client

from lessons.core import health
from lessons.core.models import ContentVersion
from lessons.core.soundness import MEGABYTE
from tests.conftest import ClientOf

WELL = {"status": "ok", "database": "ok", "migrations": "ok", "disk": "ok"}


@pytest.fixture(autouse=True)
def _room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "disk_state", lambda _folder: "ok")


@pytest.mark.django_db
def test_a_well_server_says_so_to_anybody_and_is_not_cached(
    visitor_client: Client, student_client: Client
) -> None:
    for client in (visitor_client, student_client):
        response = client.get("/healthz")
        assert response.status_code == 200
        assert response.json() == {**WELL, "content_version": ContentVersion.current()}
        assert "no-store" in response["Cache-Control"]
    assert "sessionid" not in visitor_client.cookies
    assert visitor_client.head("/healthz").status_code == 200
    assert visitor_client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_asking_costs_a_visitor_three_queries_at_the_most(
    visitor_client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(3):
        assert visitor_client.get("/healthz").status_code == 200


@pytest.mark.django_db
def test_missing_migration_is_503_and_one_of_a_newer_server_is_not(visitor_client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('quizzes', '0099_from_the_future', '2030-01-01 00:00:00+00:00')"
        )
        assert visitor_client.get("/healthz").status_code == 200
        cursor.execute("DELETE FROM django_migrations WHERE app = 'guided'")
    response = visitor_client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {
        **WELL,
        "status": "failing",
        "migrations": "missing",
        "content_version": None,
    }


@pytest.mark.django_db
def test_database_that_is_away_is_503_and_tells_no_secret(
    visitor_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError('password authentication failed for user "lessons" at 10.0.0.7')

    monkeypatch.setattr(health, "missing_migrations", away)
    monkeypatch.setattr(connection, "close", lambda: None)
    response = visitor_client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {
        "status": "failing",
        "database": "unreachable",
        "migrations": "unknown",
        "disk": "ok",
        "content_version": None,
    }


@pytest.mark.postgres
@pytest.mark.django_db
def test_postgres_that_takes_no_connection_is_told_without_asking_the_pool(
    visitor_client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """The pool waits ten seconds, in which an open connection of its own would answer here."""
    assert visitor_client.get("/healthz").status_code == 200
    monkeypatch.setitem(connection.settings_dict, "HOST", str(tmp_path))
    monkeypatch.setattr(connection, "close", lambda: None)
    monkeypatch.setattr(health, "missing_migrations", pytest.fail)
    response = visitor_client.get("/healthz")
    assert (response.status_code, response.json()["database"]) == (503, "unreachable")


@pytest.mark.django_db
@pytest.mark.parametrize(("disk", "status"), [("low", 200), ("full", 503)])
def test_full_disk_is_503_and_a_low_one_is_told(
    visitor_client: Client, monkeypatch: pytest.MonkeyPatch, disk: str, status: int
) -> None:
    monkeypatch.setattr(health, "disk_state", lambda _folder: disk)
    response = visitor_client.get("/healthz")
    assert (response.status_code, response.json()["disk"]) == (status, disk)


@pytest.mark.parametrize(
    ("free", "said"), [(501 * MEGABYTE, "ok"), (499 * MEGABYTE, "low"), (19 * MEGABYTE, "full")]
)
def test_disk_is_judged_by_what_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, free: int, said: str
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: type("Usage", (), {"free": free}))
    assert health.disk_state(tmp_path) == said


def test_no_folder_is_no_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.undo()
    assert health.disk_state(tmp_path / "gone") == "full"


@pytest.mark.django_db
def test_nothing_of_the_settings_is_in_the_answer(client_of: ClientOf) -> None:
    told = client_of(None).get("/healthz").content.decode()
    for secret in (
        django_settings.SECRET_KEY,
        str(connection.settings_dict["NAME"]),
        str(django_settings.DATA_DIR),
        "sqlite",
        "postgres",
    ):
        assert secret not in told
