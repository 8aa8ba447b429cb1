"""One giving-out of work, and the terms on which it is given."""

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Gating(models.TextChoices):
    OPEN = "open", _("every step is open")
    SOFT = "soft", _("the next step opens after a first answer; skipping is possible and seen")
    STRICT = "strict", _("the next step opens after a first answer")


class Release(models.TextChoices):
    AT_ONCE = "at-once", _("at once")
    AFTER_SUBMIT = "after-submit", _("after handing in")
    AFTER_DUE = "after-due", _("after the last due date of anybody")
    BY_HAND = "by-hand", _("when the instructor says so")


class LatePolicy(models.TextChoices):
    NONE = "none", _("nothing is taken off until it closes")
    PER_DAY = "per-day", _("a share is taken off for each day begun")
    REFUSED = "refused", _("nothing is accepted after the due date")


class Terms(models.Model):
    """What may be overridden for one learner; in an exception, empty means "as for everyone"."""

    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    attempts_allowed = models.PositiveSmallIntegerField(
        _("attempts allowed"), null=True, blank=True
    )
    time_limit_seconds = models.PositiveIntegerField(
        _("time limit in seconds"), null=True, blank=True
    )

    class Meta:
        abstract = True


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def self_study(self) -> "Delivery":
        return self.get(key=Delivery.SELF_STUDY)

    def preview(self) -> "Delivery":
        return self.get(key=Delivery.PREVIEW)

    def reported(self) -> Self:
        """Deliveries that reports may read; a preview never is one."""
        return self.exclude(kind=Delivery.Kind.PREVIEW)


class Delivery(Terms):
    """The self-study delivery and the preview delivery always exist (made after migrations)."""

    class Kind(models.TextChoices):
        SELF_STUDY = "self-study", _("self-study")
        PREVIEW = "preview", _("preview")
        ASSIGNED = "assigned", _("assigned")

    SELF_STUDY = "self-study"
    PREVIEW = "preview"
    GRACE_SECONDS = 30
    """How long after a deadline an answer on its way is still taken."""

    key = models.SlugField(_("key"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    gating = models.CharField(
        _("gating"), max_length=6, choices=Gating.choices, default=Gating.SOFT
    )
    release = models.CharField(
        _("release of answers"), max_length=12, choices=Release.choices, default=Release.AT_ONCE
    )
    released_at = models.DateTimeField(_("released by hand"), null=True, blank=True)
    late_policy = models.CharField(
        _("late work"), max_length=8, choices=LatePolicy.choices, default=LatePolicy.NONE
    )
    late_per_day = models.DecimalField(
        _("share taken off a day"),
        max_digits=4,
        decimal_places=3,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(1))],
    )
    plan = models.PositiveIntegerField(
        _("plan"),
        default=0,
        editable=False,
        help_text=_("0: steps and questions as they stand; otherwise counts its changes."),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=~models.Q(kind="assigned"),
                name="delivery_self_study_and_preview_are_one_each",
            ),
            models.CheckConstraint(
                condition=models.Q(late_per_day__range=(0, 1)),
                name="delivery_late_share_is_a_fraction",
            ),
            models.CheckConstraint(
                condition=models.Q(opens_at__isnull=True)
                | models.Q(closes_at__isnull=True)
                | models.Q(closes_at__gt=models.F("opens_at")),
                name="delivery_closes_after_it_opens",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_preview(self) -> bool:
        return self.kind == self.Kind.PREVIEW


class DeliveryException(Terms):
    """One learner's own terms in a delivery, merged field by field over everyone's."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="exceptions")
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    time_multiplier = models.DecimalField(
        _("time multiplier"),
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(1)), MaxValueValidator(Decimal(10))],
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "learner"], name="delivery_exception_one_a_learner"
            ),
            models.CheckConstraint(
                condition=models.Q(time_multiplier__isnull=True)
                | models.Q(time_multiplier__range=(1, 10)),
                name="delivery_exception_gives_more_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery}: {self.learner}"
