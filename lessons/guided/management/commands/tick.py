"""What time brings: overdue work, idle guests, ended sessions. Safe to run at any time."""

from typing import Any

from django.core.management.base import BaseCommand

from lessons.accounts.domain import forget_ended_sessions, forget_failures
from lessons.core.domain import do_chores, empty_our_log
from lessons.guided.domain import erase_idle_guests
from lessons.quizzes.domain import close_overdue


class Command(BaseCommand):
    help = "Hand in overdue attempts, erase idle guests, clear ended sessions; for an hourly timer."

    def handle(self, *args: Any, **options: Any) -> None:
        overdue = close_overdue()
        guests = erase_idle_guests()
        chores = do_chores()
        forget_failures()
        forget_ended_sessions()
        empty_our_log(patience=5)
        if not options["verbosity"]:
            return
        self.stdout.write(
            f"{overdue} overdue attempts handed in, {guests} idle guests erased; ended sessions "
            "and old failed sign-ins cleared."
        )
        for said in chores:
            self.stdout.write(said)
