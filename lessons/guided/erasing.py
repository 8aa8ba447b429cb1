"""What goes when a person is erased, in numbers, for whoever is about to do it."""

from django.utils.translation import gettext as _

from lessons.accounts.models import User
from lessons.core.models import MistakeReport
from lessons.quizzes.models import Attempt, Draft, Response

from .models import Progress


def what_would_go(person: User) -> list[tuple[str, int]]:
    """Pairs of words and count; nothing of what was written is quoted."""
    return [
        (_("quizzes begun"), Attempt.objects.filter(learner=person).count()),
        (_("answers"), Response.objects.filter(item__attempt__learner=person).count()),
        (_("drafts"), Draft.objects.filter(item__attempt__learner=person).count()),
        (_("steps read"), Progress.objects.filter(learner=person).count()),
        (_("reports of mistakes"), MistakeReport.objects.filter(reporter=person).count()),
        (
            _("places in classes"),
            person.memberships.count() if hasattr(person, "memberships") else 0,
        ),
    ]
