"""`manage.py export_gift`: questions as a bank in GIFT."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from lessons.core.models import Status
from lessons.quizzes.gift.exporting import export
from lessons.quizzes.models import Question, Quiz
from lessons.quizzes.revisions import questions_with_parts


class Command(BaseCommand):
    help = "Write questions as GIFT: those named by key, those of a quiz, or all not retired."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("keys", nargs="*", help="keys of questions")
        parser.add_argument(
            "--quiz", metavar="KEY", help="the questions of this quiz, in its order"
        )
        parser.add_argument(
            "--output", type=Path, help="a file; otherwise what is printed is the bank"
        )

    def handle(self, *args: Any, keys: list[str], **options: Any) -> None:
        questions = Question.objects.exclude(status=Status.RETIRED).order_by("key")
        if options["quiz"]:
            if not Quiz.objects.filter(key=options["quiz"]).exists():
                raise CommandError(_("There is no quiz “%(key)s”.") % {"key": options["quiz"]})
            questions = Question.objects.filter(quiz_items__quiz__key=options["quiz"])
            questions = questions.order_by("quiz_items__position", "quiz_items__pk")
        if keys:
            missing = set(keys) - set(Question.objects.values_list("key", flat=True))
            if missing:
                raise CommandError(
                    _("There is no question “%(key)s”.") % {"key": "”, “".join(sorted(missing))}
                )
            questions = Question.objects.filter(key__in=keys).order_by("key")
        done = export(questions_with_parts(questions))
        if options["output"]:
            try:
                options["output"].write_text(done.text, encoding="utf-8", newline="\n")
            except OSError as error:
                raise CommandError(f"{options['output']}: {error.strerror}") from None
        else:
            self.stdout.write(done.text, ending="")
        for question, reason in done.left_out:
            self.stderr.write(
                _("Not written: %(key)s: %(reason)s") % {"key": question.key, "reason": reason}
            )
        self.stderr.write(_("%(n)s questions written.") % {"n": len(done.written)})
