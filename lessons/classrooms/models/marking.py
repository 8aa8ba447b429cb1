"""What goes with marking by people: comments used again, requests to look once more, questions
that do not count, and changes of grades that leave no row of their own."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lessons.quizzes.models import Question, Response

from .assignments import Assignment
from .classes import Membership


class ReusableComment(models.Model):
    """A comment that a marker keeps for a question (or for any, where it is empty)."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="reusable_comments"
    )
    question = models.ForeignKey(Question, models.CASCADE, null=True, blank=True, related_name="+")
    text = models.CharField(_("comment"), max_length=300)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-used_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="reusable_comment_says_something")
        ]

    def __str__(self) -> str:
        return self.text


class RegradeRequest(models.Model):
    """A student asks to have an answer looked at again; answered once."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CHANGED = "changed", _("the mark was changed")
        KEPT = "kept", _("the mark was kept")

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="regrade_requests")
    response = models.OneToOneField(Response, models.CASCADE, related_name="regrade_request")
    reason = models.CharField(_("why"), max_length=500)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    reply = models.CharField(_("reply"), max_length=500, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", answered_at__isnull=True)
                | (~Q(state="open") & Q(answered_at__isnull=False)),
                name="regrade_request_answered_says_when",
            )
        ]

    def __str__(self) -> str:
        return f"{self.response_id}: {self.state}"


class VoidedQuestion(models.Model):
    """A question that does not count in one assignment: as if it had not been asked.

    Later attempts do not ask it; in those handed in it is left out of the score. Lifted, it
    counts again; the row stays for the log.
    """

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="voided_questions")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    places = models.JSONField(default=dict, blank=True)
    """Where it stood in the delivery's own choice: position by quiz id, to be put back."""
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "question"],
                condition=Q(lifted_at__isnull=True),
                name="voided_question_once_at_a_time",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="voided_question_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id}: {self.question_id}"


class GradeEvent(models.Model):
    """A change of a grade that leaves no row elsewhere, for the log; never changed."""

    class What(models.TextChoices):
        EXCUSED = "excused", _("excused")
        UNEXCUSED = "unexcused", _("no longer excused")
        ATTEMPT_VOID = "attempt-void", _("attempt declared void")
        ATTEMPT_BACK = "attempt-back", _("attempt counts again")

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="grade_events")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="grade_events")
    what = models.CharField(max_length=12, choices=What.choices)
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.membership_id}: {self.what}"
