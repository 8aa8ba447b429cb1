"""`manage.py import_gift FILE`: questions of a bank in GIFT, as drafts."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from lessons.quizzes.gift.plans import counts_in_words
from lessons.quizzes.gift.saving import (
    MOST_BYTES,
    BankRefused,
    Entry,
    decoded,
    entries_of,
    read,
    save_plans,
)
from lessons.quizzes.gift.syntax import Bank
from lessons.quizzes.models import Question, Quiz


class Command(BaseCommand):
    help = "Import the questions of a bank in GIFT as drafts, and say what was not understood."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would come, save nothing"
        )
        parser.add_argument("--quiz", metavar="KEY", help="put them in this quiz, at its end")
        parser.add_argument(
            "--skill",
            choices=Question.Skill.values,
            default=Question.Skill.CLOSE_READING.value,
            help="for questions whose bank names none",
        )

    def handle(self, *args: Any, file: Path, dry_run: bool, skill: str, **options: Any) -> None:
        quiz = None
        if options["quiz"]:
            quiz = Quiz.objects.filter(key=options["quiz"]).first()
            if quiz is None:
                raise CommandError(_("There is no quiz “%(key)s”.") % {"key": options["quiz"]})
        try:
            with file.open("rb") as opened:
                bank, plans = read(decoded(opened.read(MOST_BYTES + 1)))
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None
        except BankRefused as refused:
            raise CommandError(f"{file}: {refused.message}") from None
        entries = entries_of(plans)
        for line, words in sorted(_said_of(bank, entries)):
            self.stdout.write(_("line %(n)s: %(words)s") % {"n": line, "words": words})
        self.stdout.write(counts_in_words(plans))
        taken = [entry.plan for entry in entries if entry.plan and entry.can_be_taken]
        if dry_run:
            self.stdout.write(_("%(n)s would be saved as drafts.") % {"n": len(taken)})
            return
        made = save_plans(taken, by=None, skill=skill, quiz=quiz, reason=f"GIFT: {file.name}")
        self.stdout.write(_("%(n)s saved as drafts.") % {"n": len(made)})


def _said_of(bank: Bank, entries: Sequence[Entry]) -> Iterator[tuple[int, str]]:
    """(line, what an editor should know of it)."""
    for category in bank.categories:
        yield category.line, _("The category “%s” is not kept.") % category.path
    for comment in bank.comments:
        yield comment.line, _("A comment, not kept: %s") % comment.text
    for entry in entries:
        if entry.refused:
            yield entry.refused.place.line, _("Not understood: %s") % entry.refused.reason
        if entry.plan is None:
            continue
        line, key = entry.plan.place.line, entry.plan.key
        yield from ((line, f"{key}: {remark}") for remark in entry.plan.remarks)
        if entry.here:
            yield line, _("Already here: %s") % entry.here
        elif entry.twin:
            yield line, _("The same as in line %s.") % entry.twin
