"""`manage.py backup`: a checked copy of the database, made while the site runs."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from lessons.core import backups, dumps

KEPT = 14


class Command(BaseCommand):
    help = (
        "Copy the database into a folder, check the copy, and drop all but the newest. Runs "
        "while the site runs. With PostgreSQL it calls pg_dump, or says how."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to", type=Path, default=settings.BACKUP_DIR, help="the folder (BACKUP_DIR)"
        )
        parser.add_argument(
            "--keep",
            type=int,
            default=KEPT,
            help=f"how many of the newest copies stay ({KEPT}); 0 keeps all",
        )

    def handle(self, *args: Any, to: Path, keep: int, **options: Any) -> None:
        if keep < 0:
            raise CommandError("--keep must be 0 or more.")
        try:
            if connection.vendor == "sqlite":
                source = Path(str(connection.settings_dict["NAME"]))
                made = backups.back_up(source, to, keep=keep)
            else:
                made = dumps.dump(to, keep=keep)
            # The copy is to be cleared of them when it is put back.
            backups.gather_erased(to / "erased.txt", Path(settings.ERASED_FILE))
        except (backups.BackupRefused, OSError) as refusal:
            raise CommandError(f"No backup was made in {to}. {refusal}") from None
        if not options["verbosity"]:
            return
        size = made.size / 1024 / 1024
        self.stdout.write(
            self.style.SUCCESS(f"{made.path}: {size:,.1f} MB in {made.seconds:.1f} s, checked.")
        )
        if made.dropped:
            self.stdout.write(f"{len(made.dropped)} older copies dropped.")
