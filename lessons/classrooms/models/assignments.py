"""Work given out to a class, and what an instructor decides about single grades."""

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lessons.guided.models import Lesson, Module
from lessons.quizzes.models import Delivery, Quiz

from .classes import Classroom, Group, Membership


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def given(self) -> Self:
        """Not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)


class Assignment(models.Model):
    """A module, a lesson or a quiz, given to a class, to groups or to single students.

    Its delivery holds the dates, attempts, late policy, release and gating, and everything that
    learners do in it.
    """

    classroom = models.ForeignKey(Classroom, models.CASCADE, related_name="assignments")
    delivery = models.OneToOneField(Delivery, models.PROTECT, related_name="assignment")
    title = models.CharField(_("title"), max_length=200)
    instructions = models.TextField(_("instructions"), blank=True)
    module = models.ForeignKey(Module, models.PROTECT, null=True, blank=True, related_name="+")
    lesson = models.ForeignKey(Lesson, models.PROTECT, null=True, blank=True, related_name="+")
    quiz = models.ForeignKey(Quiz, models.PROTECT, null=True, blank=True, related_name="+")
    """A quiz alone is read at the step that asks it; the other steps of its lesson are left out."""
    is_for_everyone = models.BooleanField(_("for the whole class"), default=True)
    groups = models.ManyToManyField(Group, blank=True, related_name="assignments")
    members = models.ManyToManyField(Membership, blank=True, related_name="assignments")
    weight = models.DecimalField(
        _("weight"),
        max_digits=6,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal(0))],
    )
    """0: it is seen in the gradebook and counts nothing."""
    position = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["classroom", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(module__isnull=False, lesson__isnull=True, quiz__isnull=True)
                | Q(module__isnull=True, lesson__isnull=False, quiz__isnull=True)
                | Q(module__isnull=True, lesson__isnull=True, quiz__isnull=False),
                name="assignment_gives_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(weight__gte=0), name="assignment_weight_is_not_less"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class GradeOverride(models.Model):
    """A grade an instructor set over the computed one. The latest counts; none is changed."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="overrides")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="overrides")
    score = models.DecimalField(max_digits=7, decimal_places=6, null=True, blank=True)
    """A fraction from 0 to 1; null takes the override back."""
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__range=(0, 1)),
                name="grade_override_is_a_fraction",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="grade_override_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id}/{self.membership_id}: {self.score}"


class Excuse(models.Model):
    """One student need not do one assignment: it counts neither for nor against them."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="excuses")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="excuses")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "membership"], name="excuse_one_an_assignment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id}/{self.membership_id}"


class CalendarFeed(models.Model):
    """That a person reads their due dates in a calendar of their own.

    The address carries `nonce` and a signature of it, so that neither the table nor a guess
    gives one; a new nonce makes the old address worth nothing.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feed"
    )
    nonce = models.CharField(max_length=40, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.user_id}"


class Notice(models.Model):
    """What a learner is told in the app: marked, released, changed."""

    class Kind(models.TextChoices):
        GIVEN = "given", _("new work")
        CHANGED = "changed", _("changed")
        MARKED = "marked", _("marked")
        RELEASED = "released", _("released")
        REGRADED = "regraded", _("marked anew")
        ANSWERED = "answered", _("your request was answered")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    detail = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["user", "read_at"], name="notice_of_a_user")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind}"

    @property
    def is_about_marks(self) -> bool:
        return self.kind not in (self.Kind.GIVEN, self.Kind.CHANGED)
