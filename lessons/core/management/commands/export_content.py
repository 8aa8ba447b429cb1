"""`manage.py export_content`: write the content of the database back into its files."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lessons.core import content


class Command(BaseCommand):
    help = (
        "Write what was edited in admin back into the files of content, for a diff to be read. "
        "Only what changed is written; all else stays letter by letter."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to", metavar="DIR", type=Path, help="write all files there, not over their own"
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="write nothing; say what differs, and fail where anything does",
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="write even over files that were changed and not loaded",
        )

    def handle(
        self,
        *args: Any,
        to: Path | None = None,
        check: bool = False,
        force: bool = False,
        **options: Any,
    ) -> None:
        if content.files_are_newer() and not (force or check or to):
            raise CommandError(
                _(
                    "Nothing was written: the files were changed since they were loaded, and "
                    "that would be undone. Run load_content first, or say --force."
                )
            )
        try:
            export = content.export()
            if not check:
                export.write() if to is None else export.write_to(to)
        except content.Mistake as mistake:
            raise CommandError(_("Nothing was written.") + f"\n{mistake}") from None
        except OSError as error:
            raise CommandError(str(error)) from None
        lines = [str(change) for change in export.changes]
        if check and export.changed_files:
            raise CommandError(_("The files differ from the database.") + "\n" + "\n".join(lines))
        if not options["verbosity"]:
            return
        for line in lines:
            self.stdout.write(line)
        n = len(export.after if to else export.changed_files)
        if not export.changes:
            self.stdout.write(_("Nothing changed."))
        if n and not check:
            self.stdout.write(ngettext("%(n)s file written.", "%(n)s files written.", n) % {"n": n})
