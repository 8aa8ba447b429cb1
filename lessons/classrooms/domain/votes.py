"""Writing down a second vote."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lessons.accounts.models import User
from lessons.classrooms.models import Assignment, SecondVote

from .refusals import ClassRefused

MOST_HANDS = 999


@transaction.atomic
def count_hands(
    *,
    assignment: Assignment,
    question: int,
    part: str,
    hands: Mapping[str, int],
    by: User,
    moment: datetime | None = None,
) -> None:
    """Keep the second vote on one part of an exercise in place of what was kept before.

    `hands` has a number for each answer, by its code; all 0 takes the vote back. Raises
    ClassRefused for a number no class has.
    """
    if any(not 0 <= n <= MOST_HANDS for n in hands.values()):
        raise ClassRefused(_("Give the hands as whole numbers from 0 to 999."))
    # One at a time: two teachers at two screens would else write the same row twice.
    Assignment.objects.select_for_update().get(pk=assignment.pk)
    own = SecondVote.objects.filter(assignment=assignment, question=question, part=part)
    own.delete()
    if not any(hands.values()):
        return
    SecondVote.objects.bulk_create(
        SecondVote(
            assignment=assignment,
            question_id=question,
            part=part,
            reading=reading,
            hands=n,
            by=by,
            at=moment or timezone.now(),
        )
        for reading, n in hands.items()
    )
