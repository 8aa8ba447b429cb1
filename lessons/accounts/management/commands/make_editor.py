"""Grant or withdraw the right to edit content in admin."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from lessons.accounts import domain
from lessons.accounts.models import User


class Command(BaseCommand):
    help = (
        "Let a person edit content in admin, or with --admin look after the whole site: content, "
        "people, and what learners did (with --undo, no longer)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--admin", action="store_true", help="make a site administrator")
        parser.add_argument("--undo", action="store_true", help="withdraw it")

    def handle(self, *, username: str, admin: bool, undo: bool, **options: object) -> None:
        try:
            user = User.objects.get_by_natural_key(username)
            domain.make_editor(user=user, administrator=admin, granted=not undo)
        except User.DoesNotExist:
            raise CommandError(f"There is nobody called {username}.") from None
        except domain.Refused as refusal:
            raise CommandError(str(refusal)) from None
        role = "a site administrator" if admin else "a content editor"
        state = f"no longer {role}" if undo else f"{role} now"
        self.stdout.write(self.style.SUCCESS(f"{user.username} is {state}."))
