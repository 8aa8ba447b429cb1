"""`manage.py check_storage`: is the database sound, and is there room?"""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from lessons.core.soundness import describe, examine


class Command(BaseCommand):
    help = (
        "Name what is wrong with the database and its disk, and what to do. Reads every page of "
        "the file unless told --quick. Ends with 1 where work cannot be kept."
    )
    requires_system_checks: list[str] = []  # they open the database, and would end in a traceback

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--quick", action="store_true", help="what a start can afford: not every page"
        )

    def handle(self, *args: Any, quick: bool, **options: Any) -> None:
        found = examine(
            folder=Path(settings.DATA_DIR), backups=settings.BACKUP_DIR, whole=not quick
        )
        if found:
            self.stderr.write(describe(found))
        elif options["verbosity"]:
            self.stdout.write(self.style.SUCCESS("The database is sound, and there is room."))
        if any(finding.fatal for finding in found):
            sys.exit(1)
