"""A case of several writers, in a process of its own on a database that can have several.

The tests' SQLite lives in memory, where locks are not as in a file.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection


def in_another_process(module: str, *arguments: str, folder: Path) -> Any:
    """What `python -m module` prints as JSON, run on the tests' database.

    On the tests' PostgreSQL itself, or on a copy of their SQLite in a file of `folder`.
    """
    environment = {**os.environ, "DATA_DIR": str(folder), "ENVIRONMENT": "development"}
    if connection.vendor == "sqlite":
        import sqlite3

        copy = sqlite3.connect(folder / "db.sqlite3")
        connection.ensure_connection()
        connection.connection.backup(copy)
        copy.close()
        environment.pop("DATABASE_URL", None)
    else:
        place = connection.settings_dict
        environment["DATABASE_URL"] = (
            f"postgres://{place['USER']}:{place['PASSWORD']}@{quote(place['HOST'], safe='')}"
            f"{':' + str(place['PORT']) if place['PORT'] else ''}/{place['NAME']}"
        )
        environment["DATABASE_POOL"] = "12"
    environment["DJANGO_SETTINGS_MODULE"] = "coldwar.settings"
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=environment,
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
