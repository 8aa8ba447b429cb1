"""`manage.py import_document`: a document from a file, with the review that admin shows as text."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from lessons.documents.importing import matching, reading, reporting, rereading, saving, tei
from lessons.documents.importing.dates import find_date
from lessons.documents.importing.decoding import XML_LIMIT, decode
from lessons.documents.importing.draft import Draft, Guess, ImportRefused, Sure
from lessons.documents.models import Document


class Command(BaseCommand):
    help = (
        "Import a document from a file (- for standard input) as a draft: an archive's text "
        "export, TEI XML, or plain text. Prints what was made of it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--format", choices=reading.FORMATS, help="what it is; else looked at")
        parser.add_argument("--encoding", default="", help="of a text that is not UTF-8")
        parser.add_argument(
            "--id", default="", help="of a document in a TEI file, d303 for example"
        )
        parser.add_argument("--list", action="store_true", help="only list the documents in it")
        parser.add_argument("--slug", default="", help="the document's address and key")
        parser.add_argument("--date", default="", help="its date where the source has none")
        parser.add_argument("--dry-run", action="store_true", help="print the review, save nothing")
        parser.add_argument(
            "--again", default="", metavar="SLUG", help="correct the text of this document"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._import(options)
        except ImportRefused as refused:
            raise CommandError(_("Nothing was imported.") + f"\n{refused}") from None

    def _import(self, options: dict[str, Any]) -> None:
        text = decode(_bytes(options["file"]), encoding=options["encoding"])
        if options["list"]:
            if (options["format"] or reading.detect(text)) != "tei":
                raise ImportRefused(_("Only a TEI file holds several documents."))
            for listed in tei.documents(tei.parse(text)):
                self.stdout.write(f"{listed.id}\t{listed.date}\t{listed.title}")
            return
        draft = reading.read(text, form=options["format"] or "", chosen=options["id"])
        _choose(draft, options)
        matching.match(draft)
        quiet = not options["verbosity"]
        if not quiet:
            for line in reporting.lines(draft):
                self.stdout.write(line)
        if options["again"]:
            self._correct(draft, options)
            return
        if options["dry_run"]:
            self.stdout.write(_("Nothing was saved: this was a rehearsal."))
            return
        document = saving.save_document(draft, by=None)
        self.stdout.write(_("Saved as a draft: %s") % document.slug)

    def _correct(self, draft: Draft, options: dict[str, Any]) -> None:
        document = Document.objects.filter(slug=options["again"]).first()
        if document is None:
            raise ImportRefused(_("There is no document “%s”.") % options["again"])
        plan = rereading.make_plan(document, draft)
        if options["verbosity"]:
            for line in reporting.plan_lines(plan):
                self.stdout.write(line)
        if options["dry_run"]:
            self.stdout.write(_("Nothing was saved: this was a rehearsal."))
            return
        if plan.changes_anything:
            rereading.apply(plan, draft, by=None)
            self.stdout.write(_("Corrected: %s") % document.slug)


def _bytes(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(XML_LIMIT + 1)
    try:
        with Path(name).open("rb") as file:
            return file.read(XML_LIMIT + 1)
    except OSError as mistake:
        raise ImportRefused(f"{name}: {mistake.strerror}") from None


def _choose(draft: Draft, options: dict[str, Any]) -> None:
    if options["slug"]:
        draft.fields["slug"] = Guess(options["slug"], Sure.CHOSEN)
    if options["date"]:
        found = find_date(options["date"])
        if found is None:
            raise ImportRefused(_("“%s” is no date; write 1958-04-19.") % options["date"])
        draft.fields["date"] = Guess(found.date.isoformat(), Sure.CHOSEN)
        draft.fields["date_precision"] = Guess(found.precision, Sure.CHOSEN)
