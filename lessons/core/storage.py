"""The settings of the embedded SQLite database; each was measured (docs/decisions/0002).

And of the cache that several servers share (docs/decisions/0022).
"""

import contextlib
import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: a commit that was acknowledged survives a power cut
    "secure_delete": 1,  # erased text does not stay in the file
    "foreign_keys": 1,
    "busy_timeout": 10_000,
    "wal_autocheckpoint": 4_000,  # pages: an answer writes a dozen, and a checkpoint waits twice
}
"""What each pragma must read back as on an open connection (lower case where it is a word)."""


def sqlite_database(path: Path) -> dict[str, Any]:
    """One entry of DATABASES for the SQLite file at `path`, whose folder is made where missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "ATOMIC_REQUESTS": False,  # with IMMEDIATE it would serialise even reads
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; "
                "PRAGMA wal_autocheckpoint=4000;"
            ),
        },
    }


def keep_to_ourselves(*, connection: Any, **_signal: Any) -> None:
    """On opening a SQLite database: nobody but its owner may read it, nor the log beside it.

    Its folder is open to all, since a proxy reads the static files there.
    """
    if connection.vendor != "sqlite" or connection.is_in_memory_db() or os.name != "posix":
        return
    for suffix in ("", "-wal", "-shm"):
        file = Path(f"{connection.settings_dict['NAME']}{suffix}")
        with contextlib.suppress(OSError):  # not there, or another user's
            if file.stat().st_mode & 0o077:
                file.chmod(0o600)


def redis_cache(url: str) -> dict[str, Any]:
    """One entry of CACHES for Valkey or Redis. Raises ImproperlyConfigured for another address."""
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured(
            "CACHE_URL must be a redis://, rediss:// or unix:// address; leave it unset for none."
        )
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        "KEY_PREFIX": "lessons",
        # A cache that hangs must not hold a page: what it knows can be done without.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
