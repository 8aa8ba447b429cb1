"""What time brings: hand in what is overdue, forget sessions that ended. Safe to run at any time."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from lessons.quizzes.domain import close_overdue


class Command(BaseCommand):
    help = "Hand in attempts past their deadline and clear ended sessions (run it by a timer)."

    def handle(self, *args: Any, **options: Any) -> None:
        count = close_overdue()
        call_command("clearsessions")
        self.stdout.write(f"{count} overdue attempt(s) handed in; ended sessions cleared.")
