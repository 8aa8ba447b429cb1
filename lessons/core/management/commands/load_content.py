"""`manage.py load_content`: bring the database to what the files of content say."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from lessons.core import content


class Command(BaseCommand):
    help = (
        "Load the content of the fixtures in one transaction: what is new is added, what differs "
        "is changed, what is gone is retired. Stops at rows that were edited in admin."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        either = parser.add_mutually_exclusive_group()
        either.add_argument(
            "--theirs",
            action="store_true",
            help="where a row was edited in admin, keep the editor's",
        )
        either.add_argument(
            "--ours", action="store_true", help="where a row was edited in admin, the files win"
        )

    def handle(self, *args: Any, theirs: bool = False, ours: bool = False, **options: Any) -> None:
        prefer = content.Prefer.NEITHER
        if theirs or ours:
            prefer = content.Prefer.THEIRS if theirs else content.Prefer.OURS
        try:
            report = content.load(prefer=prefer)
        except content.Mistake as mistake:
            raise CommandError(_("Nothing was loaded.") + f"\n{mistake}") from None
        except content.EditedInAdmin as edited:
            raise CommandError(
                _(
                    "Nothing was loaded. These rows were edited in admin since the last load; "
                    "--theirs keeps the editors' words, --ours takes the files'."
                )
                + f"\n{edited}"
            ) from None
        if not options["verbosity"]:
            return
        for line in report.lines():
            self.stdout.write(line)
        if not report.changed_anything:
            self.stdout.write(_("Nothing changed."))
