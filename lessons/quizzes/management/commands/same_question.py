"""`manage.py same_question KEY…`: the words of these questions are new, what they ask is not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from lessons.quizzes.models import Question
from lessons.quizzes.rewording import settle, was_asked


class Command(BaseCommand):
    help = (
        "After load_content: count each of these questions together with what was asked before. "
        "Without it, a question that was loaded in other words is counted as a different one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("keys", nargs="+", metavar="KEY")

    def handle(self, *args: Any, keys: list[str], **options: Any) -> None:
        questions = {question.key: question for question in Question.objects.filter(key__in=keys)}
        unknown = [key for key in keys if key not in questions]
        if unknown:
            raise CommandError(
                _("There is no question [%s]. Nothing was changed.") % ", ".join(unknown)
            )
        with transaction.atomic():
            for question in questions.values():
                if was_asked(question.pk):
                    settle(question_id=question.pk, same=True)
                    self.stdout.write(_("%s: counted together.") % question.key)
                else:
                    self.stdout.write(_("%s: nobody was asked it before.") % question.key)
