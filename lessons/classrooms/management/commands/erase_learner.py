"""`manage.py erase_learner USERNAME`: erase somebody who cannot, or may not, do it themselves.

Here, since the highest app knows every rule and every table that a person's work stands in.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lessons.accounts.domain import Refused
from lessons.accounts.models import User
from lessons.core.domain import empty_our_log
from lessons.guided.domain import erase_learner
from lessons.guided.erasing import what_would_go


class Command(BaseCommand):
    help = (
        "Erase a person: account, answers, drafts, marks, sessions, reports and every class's "
        "record of them. Counts without a name stay. It cannot be brought back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, username: str, yes: bool, **options: Any) -> None:
        try:
            person = User.objects.get_by_natural_key(username)
        except User.DoesNotExist:
            raise CommandError("There is nobody of this name. Nothing was erased.") from None
        if person.is_staff:
            raise CommandError(
                "This is an editor's account, which the history of the content names. Take the "
                "rights away in admin first, or close it there (active). Nothing was erased."
            )
        for what, count in what_would_go(person):
            self.stdout.write(f"{count:>6}  {what}")
        if not yes and input("Type the user name to erase all this: ").strip() != person.username:
            raise CommandError("Nothing was erased.")
        try:
            erase_learner(learner=person)
        except Refused as refusal:
            raise CommandError(f"{refusal} Nothing was erased.") from None
        self.stdout.write(self.style.SUCCESS("Erased."))
        if not empty_our_log(patience=10):
            self.stdout.write(
                "A reader holds SQLite's log; the next manage.py tick empties it of this person."
            )
        self.stdout.write("Backups made before hold a copy until they are overwritten.")
