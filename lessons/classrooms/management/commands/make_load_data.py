"""`manage.py make_load_data`: a database as large as a site may get, to measure with."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from lessons.accounts.models import User
from lessons.classrooms.load.maker import PREFIX, Maker
from lessons.guided.models import Lesson

EVERY = 5
"""Seconds between two lines that tell how far it is."""


class Command(BaseCommand):
    help = (
        "Fill a database with invented classes at work, to measure with. Makes learners, classes, "
        "assignments and answers beside what an earlier call made; 30,000 learners and a million "
        "answers take some minutes. Refused where real people have accounts."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--learners", type=int, default=300, help="how many more (300)")
        parser.add_argument(
            "--responses", type=int, default=10_000, help="about how many answers more (10000)"
        )
        parser.add_argument(
            "--seed", type=int, default=1958, help="the same seed, the same people and answers"
        )
        parser.add_argument(
            "--sure", action="store_true", help="do it where ENVIRONMENT=production too"
        )

    def handle(
        self, *args: Any, learners: int, responses: int, seed: int, sure: bool, **options: Any
    ) -> None:
        if settings.PRODUCTION and not sure:
            raise CommandError(
                "ENVIRONMENT=production: this database may be a real site's. Give --sure if it is "
                "one to measure with. Nothing was made."
            )
        if real := real_people():
            raise CommandError(
                f"{real} accounts here are neither the demo's nor invented: this is somebody's "
                "database. Set DATA_DIR or DATABASE_URL to another. Nothing was made."
            )
        if learners < 1 or responses < 0:
            raise CommandError("Give one learner or more. Nothing was made.")
        if not Lesson.objects.published().exists():
            raise CommandError("There are no lessons: run manage.py load_content first.")
        began = told = time.monotonic()

        def tell(words: str) -> None:
            nonlocal told
            if options["verbosity"] and time.monotonic() - told > EVERY:
                told = time.monotonic()
                self.stdout.write(f"{words} …")

        maker = Maker(seed=seed, tell=tell)
        maker.make(learners=learners, responses=responses)
        if options["verbosity"]:
            took = time.monotonic() - began
            self.stdout.write(
                f"Made {maker.learners:,} learners and {maker.responses:,} answers in {took:.0f} s."
            )


def real_people() -> int:
    """Accounts of whoever was not invented, staff aside."""
    invented = Q(username__startswith=PREFIX) | Q(username__startswith="demo-")
    return User.objects.filter(is_staff=False, is_superuser=False).exclude(invented).count()
