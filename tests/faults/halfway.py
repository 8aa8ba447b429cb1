"""A management command that is killed before its first commit: python -m tests.faults.halfway …

The worst moment: all is done and nothing is stored.
"""

import os
import signal
import sys
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402


def die(self: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


BaseDatabaseWrapper._commit = die  # type: ignore[method-assign]
call_command(*sys.argv[1:])
