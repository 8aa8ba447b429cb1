"""Second votes: shows of hands that a teacher counts after the class has talked."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lessons.quizzes.models import Question

from .assignments import Assignment


class SecondVote(models.Model):
    """How many hands there were for one answer to one part of an exercise. Nobody's in particular.

    `part` is the key of the card, segment or line that was voted on, `reading` the code of the
    answer, as `reports.exercises` names them.
    """

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="second_votes")
    question = models.ForeignKey(Question, models.CASCADE, related_name="+")
    part = models.CharField(max_length=80)
    reading = models.CharField(max_length=80)
    hands = models.PositiveSmallIntegerField(_("hands"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["assignment", "question", "part", "reading"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "question", "part", "reading"],
                name="second_vote_counted_once",
            ),
            models.CheckConstraint(condition=Q(hands__lte=999), name="second_vote_of_a_class"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id}/{self.question_id}/{self.part}: {self.reading} {self.hands}"
