"""`manage.py write_teacher_docs`: the pages for teachers as files in docs/teachers/."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lessons.guided.guides import SlugTaken, files_of, is_written_here


class Command(BaseCommand):
    help = (
        "Write every published page for teachers to docs/teachers/<address>.md, so that it can be "
        "read without the site. Files it wrote before for pages that are gone are removed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--folder",
            type=Path,
            default=settings.BASE_DIR / "docs" / "teachers",
            help="where to write (default: docs/teachers)",
        )

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            files = files_of()
        except SlugTaken as taken:
            raise CommandError(f"Two pages for teachers have the address {taken}.") from None
        if files:
            folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        for path in folder.glob("*.md"):
            if path.name not in files and is_written_here(path.read_text(encoding="utf-8")):
                path.unlink()
        self.stdout.write(self.style.SUCCESS(f"{len(files)} pages are in {folder}."))
