"""One command from a fresh clone to a running site on this computer."""

import hashlib
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.checks import Tags
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from lessons.classrooms.demo import make_demo_class
from lessons.core.content import content_is_current
from lessons.core.soundness import describe
from lessons.core.startup import schema_digest, stamp_schema, what_a_demo_lacks
from lessons.guided.demo import make_demo_people

WORKERS = 2


class Command(BaseCommand):
    help = "Prepare the database, content and demo people where new, and serve on this computer."
    requires_system_checks: list[str] = [Tags.security]  # the demo is for this machine alone

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--workers", type=int, default=WORKERS)
        parser.add_argument("--prepare-only", action="store_true", help="do all but serve")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            sys.exit(_again_in_demo_mode())
        wrong = what_a_demo_lacks(was_made=_stamp("schema").exists())
        if wrong:
            raise CommandError(describe(wrong))
        self._move_older_database_aside()
        self.stdout.write("Preparing the database …")
        call_command("migrate", verbosity=0, interactive=False)
        stamp_schema()
        if not content_is_current():
            self.stdout.write("Loading the lessons …")
            # What an editor changed in the demo stays as it is.
            call_command("load_content", theirs=True, verbosity=0)
        make_demo_people()
        make_demo_class()
        call_command("tick", verbosity=0)
        static = _static_digest()
        if not _is_stamped("static", static):
            self.stdout.write("Collecting the style sheets and scripts …")
            call_command("collectstatic", verbosity=0, interactive=False, clear=True)
            _stamp("static").write_text(static)
        connection.close()
        if connection.vendor == "postgresql":
            # Else the workers inherit the pool's open sockets, and read each other's answers.
            connection.close_pool()  # type: ignore[attr-defined]
        if not options["prepare_only"]:
            self._serve(options["port"], options["workers"])

    def _move_older_database_aside(self) -> None:
        """Until the first release its tables may be laid anew; then the old file is kept beside."""
        if connection.vendor != "sqlite":
            return
        database = Path(settings.DATABASES["default"]["NAME"])
        if not database.exists() or _is_stamped("schema", schema_digest()):
            return
        connection.close()
        kept = database.with_name(f"{database.stem}-{datetime.now():%Y%m%d-%H%M%S}.sqlite3")  # noqa: DTZ005
        for suffix in ("", "-wal", "-shm"):
            part = database.with_name(database.name + suffix)
            if part.exists():
                part.rename(kept.with_name(kept.name + suffix))
        self.stdout.write(
            f"The demo's database was made by another version of this program. It is kept as "
            f"{kept}; a new one is made."
        )

    def _serve(self, port: int, workers: int) -> None:
        from granian import Granian
        from granian.constants import Interfaces, RuntimeModes

        self.stdout.write(
            f"""
Ready. Open  http://127.0.0.1:{port}/

  As a reader      click "Begin reading": no account is needed
  As an instructor "Look around as … an instructor", then /classes/: a class at work
  As an editor     "Look around as … an editor" on the first page, then Admin
  Sample questions http://127.0.0.1:{port}/editors/kinds/ (as the editor)

Stop with Ctrl-C. Start again with the same command: nothing is lost.
"""
        )
        self.stdout.flush()
        Granian(
            "coldwar.wsgi:application",
            address="127.0.0.1",
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            # Several threads, so that a worker whose writer waits for the database still serves
            # readers; one small thread for the network (measured: a tenth less work a request).
            blocking_threads=4,
            runtime_mode=RuntimeModes.st,
            respawn_failed_workers=True,
            log_enabled=False,
        ).serve()


def _again_in_demo_mode() -> int:
    environment = {**os.environ, "ENVIRONMENT": "demo"}
    if not sys.argv[0].endswith("manage.py"):
        raise CommandError("Run this as: python manage.py demo")
    command = [sys.executable, *sys.argv]
    if os.name == "posix":
        os.execve(sys.executable, command, environment)  # noqa: S606  # the same program again
    return subprocess.call(command, env=environment)  # noqa: S603


def _stamp(name: str) -> Path:
    return Path(settings.DATA_DIR) / f"demo-{name}.stamp"


def _is_stamped(name: str, digest: str) -> bool:
    stamp = _stamp(name)
    return stamp.exists() and stamp.read_text() == digest


def _static_digest() -> str:
    """Over the names, sizes and times of every static file, the libraries' included."""
    digest = hashlib.sha256(str(settings.STATIC_ROOT).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            digest.update(f"{name} {storage.size(name)} {storage.get_modified_time(name)}".encode())
    return digest.hexdigest()
