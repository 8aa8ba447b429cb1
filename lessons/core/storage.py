"""The settings of the embedded SQLite database; each was measured (docs/decisions/0002)."""

from pathlib import Path
from typing import Any

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
