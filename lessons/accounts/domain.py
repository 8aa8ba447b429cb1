"""What happens to accounts. Requests and sessions live in `learners.py` and the views."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from string import ascii_lowercase, digits

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lessons.core.models import MistakeReport

from . import roles
from .models import Session, User

SEEN_EVERY = timedelta(minutes=1)
NAME_TAKEN = _("This name is taken. Choose another.")
EMAIL_TAKEN = _("This e-mail address is in use.")


class Refused(Exception):
    """Something that may not happen to this account; `str()` is for the reader."""

    def __init__(self, message: str | Promise, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


def register(*, username: str, password: str, display_name: str = "", email: str = "") -> User:
    """A new account without any role. Raises Refused, naming the field, where it is taken.

    The unique constraints decide, so that of two people who choose a name at once one has it.
    """
    user = User(username=User.normalize_username(username), display_name=display_name, email=email)
    user.set_password(password)
    _save_new(user)
    return user


def make_guest() -> User:
    """A learner that only the session holds: no password opens it."""
    user = User(username=f"guest-{get_random_string(16, ascii_lowercase + digits)}", is_guest=True)
    user.set_unusable_password()
    user.save(force_insert=True)
    return user


def update_profile(*, user: User, display_name: str, email: str) -> None:
    """Change what a person may change of themselves; Refused where the e-mail is another's."""
    user.display_name, user.email = display_name, email
    try:
        with transaction.atomic():
            user.save(update_fields=["display_name", "email"])
    except IntegrityError:
        raise Refused(EMAIL_TAKEN, field="email") from None


def change_password(*, user: User, password: str) -> None:
    """Every session that knows the old password ends; the view keeps its own."""
    user.set_password(password)
    user.password_set_by = ""
    user.save(update_fields=["password", "password_set_by"])


def set_password_for(*, user: User, password: str, set_by: str) -> None:
    """Set somebody's password; until they choose their own, they reach no other page.

    `set_by` is shown to them. Their sessions end. Whether the person asking may is the caller's
    to know.
    """
    user.set_password(password)
    user.password_set_by = set_by[:200]
    user.save(update_fields=["password", "password_set_by"])


@transaction.atomic
def make_instructor(*, user: User, granted: bool = True) -> None:
    """Grant or withdraw `is_instructor`. Never called by a form of the person's own."""
    if user.is_guest:
        raise Refused(_("A guest cannot be an instructor."))
    user.is_instructor = granted
    user.save(update_fields=["is_instructor"])
    roles.set_group(user, roles.TEACHERS, member=granted)


@transaction.atomic
def make_editor(*, user: User, administrator: bool = False, granted: bool = True) -> None:
    """Grant or withdraw the right to edit content in admin (and, for an administrator, people).

    Never called by a form of the person's own.
    """
    if user.is_guest:
        raise Refused(_("A guest cannot be an editor."))
    name = roles.ADMINISTRATORS if administrator else roles.EDITORS
    roles.set_group(user, name, member=granted)


def touch(*, user: User) -> None:
    """Note that the learner saved something now; written at most once a minute."""
    now = timezone.now()
    if user.last_seen_at < now - SEEN_EVERY:
        User.objects.filter(pk=user.pk).update(last_seen_at=now)
        user.last_seen_at = now


def unlock(*, user: User) -> int:
    """Forget the wrong passwords typed for this name, at every address; returns how many rows.

    Whether the person asking may (an instructor of the learner's class) is the caller's to know.
    """
    deleted: int = AccessAttempt.objects.filter(username=user.username).delete()[0]
    return deleted


def end_sessions(*, user: User) -> int:
    """Sign the person out everywhere; returns how many sessions ended, those that ran out too."""
    keys = list(user.sessions.values_list("session_key", flat=True))
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for key in keys:
        store().delete(key)  # a copy in a shared cache goes with the row
    return len(keys)


def forget_ended_sessions() -> int:
    """Delete sessions that ran out; returns how many."""
    deleted: int = Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]
    return deleted


def forget_failures() -> int:
    """Delete failed sign-ins whose lock is over; returns how many lines."""
    cool_off = timedelta(hours=settings.AXES_COOLOFF_TIME)
    old = AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - cool_off)
    deleted: int = old.delete()[0]
    return deleted


ErasingRule = Callable[[User], str]
_erasing_rules: list[ErasingRule] = []
_forgetters: list[Callable[[User], None]] = []


def may_erase(rule: ErasingRule) -> ErasingRule:
    """Register a rule of a higher app: why this account may not be erased now, or ""."""
    if rule not in _erasing_rules:
        _erasing_rules.append(rule)
    return rule


def forgets(function: Callable[[User], None]) -> Callable[[User], None]:
    """Register what a higher app deletes of a person that does not go with the account's row."""
    if function not in _forgetters:
        _forgetters.append(function)
    return function


def why_not_erase(user: User) -> str:
    """The first reason in words for the reader; "" where the account may be erased."""
    return next((why for rule in _erasing_rules if (why := rule(user))), "")


@transaction.atomic
def erase_account(*, user: User) -> None:
    """The last step of `erase_learner`: the person's sessions, reports, failures and row.

    Lines in admin's log about the account go too: they hold its name. Raises ProtectedError while
    work still points at the person: erase that first.
    """
    end_sessions(user=user)
    unlock(user=user)
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk)
    ).delete()
    for forget in _forgetters:
        forget(user)
    MistakeReport.objects.filter(reporter=user).delete()
    user.delete()


def lock_ends_in(*, username: str, address: str | None) -> timedelta:
    """How long until a locked name at this address may be tried again (at least a second)."""
    cool_off = timedelta(hours=settings.AXES_COOLOFF_TIME)
    last = (
        AccessAttempt.objects.filter(username=username, ip_address=address)
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    )
    wait = (last + cool_off - timezone.now()) if last else cool_off
    return max(wait, timedelta(seconds=1))


def _save_new(user: User) -> None:
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        if User.objects.filter(username__iexact=user.username).exists():
            raise Refused(NAME_TAKEN, field="username") from None
        raise Refused(EMAIL_TAKEN, field="email") from None
