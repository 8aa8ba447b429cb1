"""`manage.py check_content`: is the content as our rules for writing it want it?"""

from itertools import groupby
from operator import itemgetter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lessons.guided.checking import Content, Finding, Level, Rule, check, read_content
from lessons.guided.checking.measures import measures


class Command(BaseCommand):
    help = (
        "Check all content against the rules for writing it. Errors have to be mended (exit "
        "status 1); advice may be weighed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--strict", action="store_true", help="advice counts as an error")
        parser.add_argument("--drafts", action="store_true", help="check drafts as well")
        parser.add_argument(
            "--measures", action="store_true", help="print length and reading grade of each chunk"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        content = read_content(drafts=options["drafts"])
        found = check(content)
        if options["verbosity"]:
            self._print(found)
        if options["measures"]:
            self._print_measures(content)
        findings = [finding for _rule, group in found for finding in group]
        errors = sum(finding.level == Level.ERROR for finding in findings)
        summary = _summary(errors, len(findings) - errors, sum(1 for _row in content.rows()))
        if errors or (options["strict"] and findings):
            raise CommandError(summary)
        self.stdout.write(summary)

    def _print(self, found: list[tuple[Rule, list[Finding]]]) -> None:
        marks = {Level.ERROR: _("error"), Level.ADVICE: _("advice")}
        for rule, findings in found:
            self.stdout.write(f"\n{rule.title}")
            for finding in findings:
                self.stdout.write(f"  {marks[finding.level]}: {finding.where}")
                self.stdout.write(f"    {finding.what}")
                self.stdout.write(f"    → {finding.mend}")
        self.stdout.write("")

    def _print_measures(self, content: Content) -> None:
        rows = list(measures(content))
        self.stdout.write(_("Reading grade: Flesch–Kincaid. Notes: core notes, without glosses."))
        for title, group in groupby(rows, key=itemgetter(0)):
            self.stdout.write(f"\n{title}")
            heads = (_("words"), _("grade"), _("notes"))
            self.stdout.write(f"  {'':<52}{heads[0]:>7}{heads[1]:>7}{heads[2]:>7}")
            for _title, chunk in group:
                notes = str(chunk.note_words) if chunk.note_words else "–"
                self.stdout.write(
                    f"  {chunk.name[:51]:<52}{chunk.words:>7}{chunk.grade:>7.1f}{notes:>7}"
                )
        self.stdout.write("")


def _summary(errors: int, advice: int, rows: int) -> str:
    return _("%(rows)s rows checked: %(errors)s, %(advice)s.") % {
        "rows": rows,
        "errors": ngettext("%(n)s error", "%(n)s errors", errors) % {"n": errors},
        "advice": ngettext("%(n)s piece of advice", "%(n)s pieces of advice", advice)
        % {"n": advice},
    }
