"""`manage.py restore FILE`: put a backup in the place of the database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from lessons.core import backups, dumps
from lessons.core.soundness import examine


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
        try:
            if connection.vendor == "sqlite":
                aside = self._restore_file(file, forced=even_while_running)
            else:
                aside = dumps.load(file, folder=settings.BACKUP_DIR, forced=even_while_running)
                call_command("migrate", verbosity=0, interactive=False)
        except (backups.BackupRefused, OSError) as refusal:
            raise CommandError(f"Nothing was restored. {refusal}") from None
        wrong = [one for one in examine(folder=Path(settings.DATA_DIR)) if one.fatal]
        if wrong:
            raise CommandError("\n".join(map(str, wrong)))
        self.stdout.write(self.style.SUCCESS(f"{file} is the database now."))
        if aside is not None:
            self.stdout.write(f"What was there before is kept as {aside}.")
        self.stdout.write(
            "Who was erased after this copy was made is in it again: erase them again "
            "(manage.py erase_learner). Then: manage.py load_content, and start the site."
        )

    def _restore_file(self, file: Path, *, forced: bool) -> Path | None:
        database = Path(str(connection.settings_dict["NAME"]))

        def migrate(coming: Path) -> None:
            connection.settings_dict["NAME"] = str(coming)
            try:
                call_command("migrate", verbosity=0, interactive=False)
            finally:
                connection.close()
                connection.settings_dict["NAME"] = str(database)

        return backups.put_back(file, database, prepare=migrate, forced=forced).aside
