"""What goes with marking by people: comments used again, and requests to look once more."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lessons.quizzes.models import Question, Response

from .assignments import Assignment


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
