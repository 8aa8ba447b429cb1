"""What was asked, what was answered, and how it was marked. Responses and marks only ever grow."""

import uuid
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lessons.core import rows

from .deliveries import Delivery
from .questions import Question, Quiz


def score_field(**options: Any) -> models.DecimalField[Any, Any]:
    """A score is a fraction from 0 to 1, kept to six places and rounded once, when shown."""
    return models.DecimalField(max_digits=7, decimal_places=6, **options)


class QuestionRevision(models.Model):
    """What was asked, addressed by the hash of its content; holds nothing that tells the answer.

    `content` is what the kind's `face` returns: prompt, the sentence, options by key, texts.
    """

    question = models.ForeignKey(Question, models.PROTECT, related_name="revisions")
    digest = models.CharField(max_length=64)
    content = models.JSONField()
    same_as = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="variants"
    )
    """The first revision of the same question, where an editor changed the wording only."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["question", "digest"], name="revision_addressed_by_content"
            )
        ]

    def __str__(self) -> str:
        return f"{self.question_id}:{self.digest[:8]}"


class MarkingKey(models.Model):
    """How a revision is marked and explained. A new key is a new version, never an edit.

    `content` is what the kind's `key` returns: right options, accepted answers and spans,
    rubric, points, and the feedback that may be shown with them.
    """

    revision = models.ForeignKey(QuestionRevision, models.PROTECT, related_name="marking_keys")
    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    content = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "version"], name="marking_key_version_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.revision} v{self.version}"


class DeliveryItem(models.Model):
    """A delivery's own choice and order of a quiz's questions (`Delivery.plan` is not 0).

    A quiz without rows is asked as it stands.
    """

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="chosen_items")
    quiz = models.ForeignKey(Quiz, models.CASCADE, related_name="+")
    question = models.ForeignKey(Question, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["delivery", "quiz", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "quiz", "question"], name="delivery_asks_a_question_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.delivery}/{self.quiz_id}: {self.position}. {self.question_id}"


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def unsubmitted(self) -> Self:
        return self.filter(submitted_at__isnull=True)

    def reported(self) -> Self:
        """Attempts that reports may read: no preview and none that was declared void."""
        return self.exclude(delivery__kind=Delivery.Kind.PREVIEW).filter(voided_at__isnull=True)

    def at_quiz(self, *, delivery_id: int, quiz_id: int, learner_id: int) -> list["Attempt"]:
        """One learner's attempts of a quiz in a delivery, in no order."""
        return rows.read(
            Attempt,
            "delivery_id = %s AND quiz_id = %s AND learner_id = %s",
            [delivery_id, quiz_id, learner_id],
        )


class Attempt(models.Model):
    # No index of its own where a unique constraint begins with the column: answers pay for it.
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="attempts", db_index=False)
    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="attempts")
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField(default=timezone.now)
    deadline = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    receipt = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    voided_at = models.DateTimeField(null=True, blank=True)
    """Declared void by an instructor: kept, shown to its learner, and counted nowhere."""
    void_reason = models.CharField(max_length=200, blank=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "quiz", "learner", "number"], name="attempt_number_unique"
            ),
            models.UniqueConstraint(
                fields=["delivery", "quiz", "learner"],
                condition=models.Q(submitted_at__isnull=True),
                name="attempt_one_open_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id}/{self.learner_id}/{self.number}"


class AttemptItemQuerySet(models.QuerySet["AttemptItem"]):
    def of_attempt(self, attempt_id: int) -> list["AttemptItem"]:
        """The items of an attempt by position, each with its response, mark and draft."""
        items = rows.read(
            AttemptItem,
            "quizzes_attemptitem.attempt_id = %s",
            [attempt_id],
            joined=("response", "mark", "draft"),
        )
        return sorted(items, key=lambda item: item.position)


class AttemptItem(models.Model):
    """One question in an attempt: which revision, in which order its options were shown."""

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="items", db_index=False)
    position = models.PositiveSmallIntegerField()
    question = models.ForeignKey(Question, models.PROTECT, related_name="attempt_items")
    revision = models.ForeignKey(QuestionRevision, models.PROTECT, related_name="attempt_items")
    seed = models.BigIntegerField()
    response = models.ForeignKey(
        "Response", models.PROTECT, null=True, blank=True, related_name="current_in"
    )
    """The latest response."""
    mark = models.ForeignKey("Mark", models.PROTECT, null=True, blank=True, related_name="+")
    score = score_field(null=True, blank=True)
    """Copied from `mark`, the latest mark of the latest response; null while unmarked."""
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = AttemptItemQuerySet.as_manager()

    class Meta:
        ordering = ["attempt", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "position"], name="attempt_item_position_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(score__isnull=True) | models.Q(mark__isnull=False),
                name="attempt_item_score_comes_from_a_mark",
            ),
            models.CheckConstraint(
                condition=models.Q(score__isnull=True) | models.Q(score__range=(0, 1)),
                name="attempt_item_score_is_a_fraction",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id}#{self.position}"


class Draft(models.Model):
    """What a learner has put down but not handed in. `version` counts the saves, from 1."""

    item = models.OneToOneField(AttemptItem, models.CASCADE, related_name="draft")
    answer = models.JSONField()
    confidence = models.CharField(max_length=8, blank=True)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.item_id} v{self.version}"


class Confidence(models.TextChoices):
    GUESS = "guess", _("a guess")
    THINK = "think", _("I think so")
    SURE = "sure", _("sure")


class Response(models.Model):
    """An answer that was checked or handed in; never changed. `version` counts from 1."""

    item = models.ForeignKey(AttemptItem, models.CASCADE, related_name="responses", db_index=False)
    version = models.PositiveSmallIntegerField()
    client_uuid = models.UUIDField()
    answer = models.JSONField()
    confidence = models.CharField(max_length=8, choices=Confidence.choices, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["item", "version"]
        constraints = [
            models.UniqueConstraint(fields=["item", "version"], name="response_version_unique"),
            models.UniqueConstraint(fields=["item", "client_uuid"], name="response_sent_once"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} v{self.version}"


class Mark(models.Model):
    """A judgement of a response; never changed. The latest one counts."""

    class By(models.TextChoices):
        MACHINE = "machine", _("machine")
        PERSON = "person", _("person")
        SELF = "self", _("the learner")

    response = models.ForeignKey(Response, models.CASCADE, related_name="marks")
    marking_key = models.ForeignKey(MarkingKey, models.PROTECT, related_name="marks")
    score = score_field()
    by = models.CharField(max_length=8, choices=By.choices)
    marker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    levels = models.JSONField(default=dict, blank=True)
    """The level chosen for each criterion, by key; empty for machine marks."""
    reason = models.CharField(max_length=300, blank=True)
    """Why it was marked anew; for the log."""
    comment = models.TextField(blank=True)
    """A marker's words for the learner, shown with the mark."""
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["response", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(score__range=(0, 1)), name="mark_score_is_a_fraction"
            )
        ]

    def __str__(self) -> str:
        return f"{self.response_id}: {self.score}"


class ItemTally(models.Model):
    """What is kept of erased learners' answers: anonymous counts of first answers."""

    revision = models.ForeignKey(QuestionRevision, models.CASCADE, related_name="tallies")
    choice = models.CharField(max_length=80)
    count = models.PositiveIntegerField(default=0)
    score_sum = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal(0))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["revision", "choice"], name="item_tally_once_a_choice")
        ]

    def __str__(self) -> str:
        return f"{self.revision}: {self.choice} × {self.count}"
