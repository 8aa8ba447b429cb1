"""`manage.py restore FILE`: put a backup in the place of the database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from lessons.core import backups, dumps
from lessons.core.domain import ready_a_restored_copy
from lessons.core.soundness import describe, examine
from lessons.core.startup import stamp_schema


class Command(BaseCommand):
    help = (
        "Put a backup in the place of the database: it is checked, brought to this version "
        "(migrate), and what was there before is kept aside. Stop the site first."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--even-while-running",
            action="store_true",
            help="though a server uses the database: what it saves meanwhile is lost",
        )

    def handle(self, *args: Any, file: Path, even_while_running: bool, **options: Any) -> None:
        connection.close()
        self.done: list[str] = []
        try:
            if connection.vendor == "sqlite":
                aside = self._restore_file(file, forced=even_while_running)
            else:
                aside = dumps.load(file, folder=settings.BACKUP_DIR, forced=even_while_running)
                self._ready()
        except (backups.BackupRefused, OSError) as refusal:
            raise CommandError(f"Nothing was restored. {refusal}") from None
        if not settings.PRODUCTION:
            stamp_schema()
        self.stdout.write(self.style.SUCCESS(f"{file} is the database now."))
        if aside is not None:
            self.stdout.write(f"What was there before is kept as {aside}.")
        for said in self.done:
            self.stdout.write(said)
        if wrong := examine(folder=Path(settings.DATA_DIR)):
            self.stderr.write(describe(wrong))
        self.stdout.write("Now run manage.py load_content, and start the site.")

    def _ready(self) -> None:
        """Bring what the connection points at to this version, and clear it of who was erased."""
        call_command("migrate", verbosity=0, interactive=False)
        self.done = ready_a_restored_copy()

    def _restore_file(self, file: Path, *, forced: bool) -> Path | None:
        database = Path(str(connection.settings_dict["NAME"]))

        def prepare(coming: Path) -> None:
            connection.settings_dict["NAME"] = str(coming)
            try:
                self._ready()
            finally:
                connection.close()
                connection.settings_dict["NAME"] = str(database)

        return backups.put_back(file, database, prepare=prepare, forced=forced).aside
