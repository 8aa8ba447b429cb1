"""`manage.py restore FILE`: put a backup in the place of the database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from lessons.core import backups, dumps
from lessons.core.domain import ready_a_restored_copy
from lessons.core.soundness import describe, examine
from lessons.core.startup import stamp_schema


class Command(BaseCommand):
    help = (
        "Put a backup in the place of the database: it is checked, brought to this version "
        "(migrate) and cleared of whom was erased since, also by the erased.txt beside it. Refuses "
        "where there are accounts already, unless told --replace. Stop the site first."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--replace",
            action="store_true",
            help="though there are accounts in the database: it is kept aside",
        )
        parser.add_argument(
            "--even-while-running",
            action="store_true",
            help="though a server uses the database: what it saves meanwhile is lost",
        )

    def handle(
        self, *args: Any, file: Path, replace: bool, even_while_running: bool, **options: Any
    ) -> None:
        self.done: list[str] = []
        self.file = file
        # One connection of our own: whatever else is connected is somebody else.
        connection.settings_dict["OPTIONS"].pop("pool", None)
        try:
            if connection.vendor == "sqlite":
                with backups.nobody_else(_database(), forced=even_while_running):
                    pass  # a site that runs is said before what its database holds
            if not replace and (why := _in_the_way()):
                raise backups.BackupRefused(
                    f"{why} To put the copy in its place, add --replace: what is there now is kept"
                    " aside."
                )
            connection.close()
            if connection.vendor == "sqlite":
                aside = self._restore_file(forced=even_while_running)
            else:
                aside = dumps.load(
                    file,
                    folder=Path(settings.BACKUP_DIR),
                    prepare=self._ready,
                    forced=even_while_running,
                )
        except (backups.BackupRefused, OSError, DatabaseError) as refusal:
            raise CommandError(f"Nothing was restored. {refusal}") from None
        if not settings.PRODUCTION:
            stamp_schema()
        self.stdout.write(self.style.SUCCESS(f"{file} is the database now."))
        self.stdout.write(f"It was put in the place of {connection.settings_dict['NAME']}.")
        if aside is not None:
            self.stdout.write(f"What was there before is kept as {aside}.")
        for said in self.done:
            self.stdout.write(said)
        if wrong := examine(folder=Path(settings.DATA_DIR)):
            self.stderr.write(describe(wrong))
        self.stdout.write("Now run manage.py load_content, and start the site.")

    def _ready(self) -> None:
        """Bring what the connection points at to this version, and clear it of who was erased."""
        backups.gather_erased(Path(settings.ERASED_FILE), self.file.with_name("erased.txt"))
        call_command("migrate", verbosity=0, interactive=False)
        self.done = ready_a_restored_copy()

    def _restore_file(self, *, forced: bool) -> Path | None:
        database = _database()

        def prepare(coming: Path) -> None:
            connection.settings_dict["NAME"] = str(coming)
            try:
                self._ready()
            finally:
                connection.close()
                connection.settings_dict["NAME"] = str(database)

        return backups.put_back(self.file, database, prepare=prepare, forced=forced).aside


def _database() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _in_the_way() -> str:
    """What stands in the database that nobody wants to lose by a slip; "" where nothing does."""
    if connection.vendor == "sqlite" and not _database().exists():
        return ""
    people = get_user_model()
    try:
        with connection.cursor() as cursor:
            tables = connection.introspection.table_names(cursor)
        count = people.objects.count() if people._meta.db_table in tables else 0
    except DatabaseError as error:
        if connection.vendor != "sqlite":
            raise  # away: there is nothing to be replaced
        return f"There is a database already, and it cannot be read ({error})."
    return f"The database holds {count} accounts." if count else ""
