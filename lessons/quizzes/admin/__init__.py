"""Questions, rubrics and quizzes for editors; learners' work for staff to look at."""

from django.utils.translation import gettext_lazy as _

from lessons.core.editors import in_group
from lessons.quizzes import models

from . import questions, quizzes, rubrics, work
from .questions import check_questions, problems_with

__all__ = ["check_questions", "problems_with", "questions", "quizzes", "rubrics", "work"]

in_group(
    "questions",
    (models.Question, _("Asked about a sentence, with feedback for every answer.")),
    (models.Quiz, _("Questions that are answered together.")),
    (models.Criterion, _("Rubrics with more levels than a question’s page holds.")),
)
in_group(
    "work",
    *(
        (model, "")
        for model in (
            models.Attempt,
            models.AttemptItem,
            models.Response,
            models.Mark,
            models.Draft,
            models.Delivery,
            models.DeliveryException,
            models.QuestionRevision,
            models.MarkingKey,
            models.ItemTally,
        )
    ),
)
