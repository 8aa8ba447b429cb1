"""The site with a device that fails when told to, by the header X-Fault of a request.

    before-commit  this process is killed when the request's first transaction is to be committed
    after-commit   … when the answer is made, before a byte of it is sent
    slow           the answer is made a second later
    impatient      a locked database is waited for a second, not as long as the settings say

While the file `full` lies in the data folder, SQLite may not grow by a page, as on a full disk.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from coldwar import wsgi

SLOW_SECONDS = 1.0
IMPATIENT_SECONDS = 1
NO_LIMIT = 2**31

told = threading.local()
_commit = BaseDatabaseWrapper._commit


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def commit(self: BaseDatabaseWrapper) -> None:
    if getattr(told, "fault", "") == "before-commit":
        die()
    _commit(self)


BaseDatabaseWrapper._commit = commit  # type: ignore[method-assign]


def limit(**_signal: Any) -> None:
    """Set what each connection may use and wait; the limit holds for one connection alone."""
    if connection.connection is None:
        return
    is_impatient = getattr(told, "fault", "") == "impatient"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            own = f"SET lock_timeout = '{IMPATIENT_SECONDS}s'"
            cursor.execute(own if is_impatient else "RESET lock_timeout")
        return
    seconds = IMPATIENT_SECONDS if is_impatient else connection.settings_dict["OPTIONS"]["timeout"]
    connection.connection.execute(f"PRAGMA busy_timeout={seconds * 1000}")
    full = (settings.DATA_DIR / "full").exists()
    run = connection.connection.execute
    pages = run("PRAGMA page_count").fetchone()[0] if full else NO_LIMIT
    run(f"PRAGMA max_page_count={pages}")


connection_created.connect(limit)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    told.fault = fault = environ.get("HTTP_X_FAULT", "")
    limit()
    if fault == "slow":
        time.sleep(SLOW_SECONDS)
    answer: Iterable[bytes] = wsgi.application(environ, start_response)
    if fault == "after-commit":
        die()
    return answer
