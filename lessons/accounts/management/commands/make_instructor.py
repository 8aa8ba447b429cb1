"""Grant or withdraw the right to create classes."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from lessons.accounts import domain
from lessons.accounts.models import User


class Command(BaseCommand):
    help = "Let a person create classes and read teachers' guides (or, with --undo, no longer)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--undo", action="store_true", help="withdraw it")

    def handle(self, *, username: str, undo: bool, **options: object) -> None:
        try:
            user = User.objects.get_by_natural_key(username)
            domain.make_instructor(user=user, granted=not undo)
        except User.DoesNotExist:
            raise CommandError(f"There is nobody called {username}.") from None
        except domain.Refused as refusal:
            raise CommandError(str(refusal)) from None
        state = "no longer an instructor" if undo else "an instructor now"
        self.stdout.write(self.style.SUCCESS(f"{user.username} is {state}."))
