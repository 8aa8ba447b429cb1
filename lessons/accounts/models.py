"""People. Students need no e-mail address; a guest is a User that the session alone holds."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .sessions import SessionStore


class UserManager(DjangoUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        """Names are told apart without case: "Amara" signs in as "amara" too."""
        return self.get(username__iexact=self.model.normalize_username(username or ""))


class User(AbstractUser):
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField(_("name shown"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    is_instructor = models.BooleanField(
        _("instructor"), default=False, help_text=_("May create classes and read teachers' guides.")
    )
    is_guest = models.BooleanField(_("guest"), default=False, editable=False)
    password_set_by = models.CharField(
        _("password set by"), max_length=200, blank=True, editable=False
    )
    """Who chose this password for the person, and for which class: they choose their own first."""
    last_seen_at = models.DateTimeField(_("last saved"), default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="user_name_unique_without_case",
                violation_error_message=_("This name is taken. Choose another."),
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~models.Q(email=""),
                name="user_email_unique_without_case",
                violation_error_message=_("This e-mail address is in use."),
            ),
            models.CheckConstraint(
                condition=models.Q(is_guest=False)
                | models.Q(is_staff=False, is_superuser=False, is_instructor=False),
                name="user_guest_has_no_role",
            ),
        ]

    @classmethod
    def normalize_username(cls, username: str) -> str:
        """Names are stored folded: SQLite itself folds only ASCII, and "Ирина" is "ирина"."""
        return super().normalize_username(username).casefold()

    def __str__(self) -> str:
        return self.shown_as

    @property
    def shown_as(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return self.shown_as

    def get_short_name(self) -> str:
        return self.shown_as


class Session(AbstractBaseSession):
    """The session of a browser. `user` is who signed in there, or the guest it holds."""

    # Without a constraint: Django tries another key for ever where a new row is refused.
    user = models.ForeignKey(
        User, models.CASCADE, null=True, related_name="sessions", db_constraint=False
    )

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        return SessionStore
