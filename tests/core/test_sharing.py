"""What several servers share through Valkey or Redis, and that no answer fails without it."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from lessons.accounts.domain import end_sessions
from lessons.accounts.models import User
from lessons.accounts.shared_sessions import COPY_SECONDS, SessionStore, ShortLived
from lessons.core.domain import within_limit
from lessons.core.storage import redis_cache
from tests.conftest import PASSWORD

PROGRAM = shutil.which("redis-server") or shutil.which("valkey-server")
REQUIRED = os.environ.get("REQUIRE_ALL") == "1"
PROFILE = "/accounts/profile/"


class Away:
    """A cache that does not answer."""

    def get(self, *args: Any) -> None:
        raise ConnectionError

    set = add = incr = delete = get


@pytest.mark.parametrize("url", ["memcached://x", "localhost:6379", "http://x/"])
def test_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CACHE_URL must be a redis://"):
        redis_cache(url)


def test_hanging_cache_is_waited_for_a_second_at_the_most() -> None:
    entry = redis_cache("rediss://cache.example:6379/0")
    assert entry["LOCATION"] == "rediss://cache.example:6379/0"
    assert entry["OPTIONS"] == {"socket_connect_timeout": 1, "socket_timeout": 1}


def test_copy_of_a_session_lives_minutes_and_a_cache_that_is_away_is_passed_over() -> None:
    copy = ShortLived(cache)
    cache.set("session", "x")
    assert copy.get("session") == "x"
    assert "session" in copy
    copy.delete("session")
    assert "session" not in copy
    away = ShortLived(Away())
    away.set("session", "x", 10)
    away.delete("session")
    assert away.get("session") is None
    assert "session" not in away


def test_time_of_a_copy_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = []
    monkeypatch.setattr(cache, "set", lambda _key, _value, for_: seconds.append(for_))
    for asked in (14 * 24 * 3600, 60):
        ShortLived(cache).set("session", {}, asked)
    assert seconds == [COPY_SECONDS, 60]


def test_nobody_is_turned_away_while_the_counting_cache_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lessons.core.domain.cache", Away())
    assert [within_limit(name="x", limit=1, seconds=60) for _ in range(3)] == [True] * 3


# --- With the program itself --------------------------------------------------------------------


@pytest.fixture
def redis(tmp_path: Path, settings: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """A running server, and the site's settings as with CACHE_URL."""
    assert PROGRAM is not None, "REQUIRE_ALL=1: redis-server or valkey-server is needed"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = subprocess.Popen(
        [PROGRAM, "--port", str(port), "--save", "", "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )
    until = time.monotonic() + 20
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert time.monotonic() < until, "it does not start"
        time.sleep(0.05)
    settings.CACHES = {"default": redis_cache(f"redis://127.0.0.1:{port}/0")}
    settings.SESSION_ENGINE = "lessons.accounts.shared_sessions"
    yield running
    running.kill()
    running.wait()
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.mark.loopback
@pytest.mark.django_db
@pytest.mark.skipif(PROGRAM is None and not REQUIRED, reason="no redis-server or valkey-server")
def test_sessions_and_counts_are_shared_and_outlive_the_cache(
    redis: "subprocess.Popen[bytes]", student: User
) -> None:
    client = Client()
    signed = {"username": student.username, "password": PASSWORD}
    assert client.post("/accounts/sign-in/", signed).status_code == 302
    key = client.cookies["sessionid"].value
    client.get(PROFILE)
    copy = SessionStore(key).cache_key
    assert cache.get(copy)["_auth_user_id"] == str(student.pk)
    assert end_sessions(user=student) == 1
    assert cache.get(copy) is None
    assert client.get(PROFILE).status_code == 302  # ended for every server
    assert [within_limit(name="join", limit=2, seconds=60) for _ in range(3)] == [True, True, False]
    assert client.post("/accounts/sign-in/", signed).status_code == 302
    redis.kill()
    redis.wait()
    assert client.get(PROFILE).status_code == 200  # read from the database
    other = Client()
    assert other.post("/accounts/sign-in/", signed).status_code == 302
    assert other.get(PROFILE).status_code == 200
    assert other.post("/accounts/sign-out/").status_code == 302
    assert other.get(PROFILE).status_code == 302
    assert within_limit(name="join", limit=2, seconds=60)
