"""Classes and who is in them. Access to a class comes from an active Membership, nothing else."""

import secrets
from decimal import Decimal
from typing import Self
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without I, L, O, 0 and 1, which look alike on a wall."""
CODE_LENGTH = 8


def new_code() -> str:
    """A join code: eight signs of thirty-one, some 40 bits."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def new_token() -> str:
    return secrets.token_urlsafe(24)


def validate_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(_("There is no time zone of this name."))


class ClassroomQuerySet(models.QuerySet["Classroom"]):
    def current(self) -> Self:
        """Not archived."""
        return self.filter(archived_at__isnull=True)


class Classroom(models.Model):
    name = models.CharField(_("name"), max_length=120)
    term = models.CharField(_("term"), max_length=60, blank=True)
    zone = models.CharField(
        _("time zone"), max_length=64, default="Europe/London", validators=[validate_zone]
    )
    code = models.CharField(_("join code"), max_length=12, unique=True, default=new_code)
    code_is_open = models.BooleanField(_("can be joined"), default=True)
    code_expires_at = models.DateTimeField(_("code expires"), null=True, blank=True)
    places = models.PositiveSmallIntegerField(_("places"), null=True, blank=True)
    copied_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="copies"
    )
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    objects = ClassroomQuerySet.as_manager()

    class Meta:
        verbose_name = _("class")
        verbose_name_plural = _("classes")
        ordering = ["-created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="classroom_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.term})" if self.term else self.name

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> Self:
        return self.filter(status=Membership.Status.ACTIVE)

    def students(self) -> Self:
        return self.filter(role=Membership.Role.STUDENT)

    def staff(self) -> Self:
        return self.filter(role__in=Membership.STAFF)


class Membership(models.Model):
    """One person's place in one class, kept after they leave: the class keeps its record."""

    class Role(models.TextChoices):
        INSTRUCTOR = "instructor", _("instructor")
        ASSISTANT = "assistant", _("assistant")
        STUDENT = "student", _("student")

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        LEFT = "left", _("left")
        REMOVED = "removed", _("removed")

    STAFF = (Role.INSTRUCTOR, Role.ASSISTANT)

    classroom = models.ForeignKey(Classroom, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.ACTIVE
    )
    roster_name = models.CharField(_("name on the roster"), max_length=120, blank=True)
    student_number = models.CharField(_("student number"), max_length=40, blank=True)
    time_multiplier = models.DecimalField(
        _("time multiplier"),
        max_digits=4,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal(1)), MaxValueValidator(Decimal(10))],
    )
    from_roster = models.BooleanField(
        _("account made by this class's roster"), default=False, editable=False
    )
    joined_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    erasure_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When a student who left asked that the class's record of them be erased."""

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["classroom", "roster_name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["classroom", "user"], name="membership_one_a_class"),
            models.CheckConstraint(
                condition=Q(status="active", ended_at__isnull=True)
                | (~Q(status="active") & Q(ended_at__isnull=False)),
                name="membership_that_ended_says_when",
            ),
            models.CheckConstraint(
                condition=Q(time_multiplier__range=(1, 10)), name="membership_gives_more_time"
            ),
            models.CheckConstraint(
                condition=Q(erasure_asked_at__isnull=True) | ~Q(status="active"),
                name="membership_erased_only_after_leaving",
            ),
        ]
        indexes = [models.Index(fields=["user", "status"], name="membership_of_a_user")]

    def __str__(self) -> str:
        return f"{self.shown_as} ({self.get_role_display()})"

    @property
    def shown_as(self) -> str:
        """The name on the roster, or what the person calls themselves."""
        return self.roster_name or self.user.shown_as

    @property
    def is_staff(self) -> bool:
        return self.role in self.STAFF


class MembershipEvent(models.Model):
    """What happened to a membership, by whom and when; never changed."""

    class What(models.TextChoices):
        JOINED = "joined", _("joined")
        LEFT = "left", _("left")
        REMOVED = "removed", _("was removed")
        RETURNED = "returned", _("came back")
        ROLE = "role", _("role changed")
        TIME = "time", _("time multiplier changed")
        PASSWORD = "password", _("password was set anew")
        NAME = "name", _("roster entry changed")
        UNLOCKED = "unlocked", _("sign-in was opened")
        ERASURE = "erasure", _("erasure")

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="events")
    what = models.CharField(max_length=10, choices=What.choices)
    detail = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.membership_id}: {self.what}"


class Invitation(models.Model):
    """A place kept for somebody who has an account or may make one; only its owner accepts it."""

    classroom = models.ForeignKey(Classroom, models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=10, choices=Membership.Role.choices)
    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    student_number = models.CharField(_("student number"), max_length=40, blank=True)
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["classroom", "name", "pk"]

    def __str__(self) -> str:
        return f"{self.classroom}: {self.name or self.email}"

    @property
    def is_open(self) -> bool:
        over = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.accepted_at is None and self.withdrawn_at is None and not over


class Group(models.Model):
    classroom = models.ForeignKey(Classroom, models.CASCADE, related_name="groups")
    name = models.CharField(_("name"), max_length=80)
    members = models.ManyToManyField(Membership, blank=True, related_name="groups")

    class Meta:
        ordering = ["classroom", "name"]
        constraints = [
            models.UniqueConstraint(fields=["classroom", "name"], name="group_name_unique")
        ]

    def __str__(self) -> str:
        return self.name
