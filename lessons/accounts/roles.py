"""What each group of people may do in admin: said here, and nowhere by hand.

The groups are made, and their permissions set to exactly this, whenever the database is migrated.
A model without a rule is open to superusers alone, and a test asks for its rule.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group
from django.db import models

from lessons.core.models import ContentModel

from .models import User

EDITORS = "Content editors"
TEACHERS = "Teachers"
ADMINISTRATORS = "Site administrators"
GROUPS = (EDITORS, TEACHERS, ADMINISTRATORS)
STAFF = frozenset({EDITORS, ADMINISTRATORS})
"""Groups whose members enter admin. Teachers need none of it."""

LOOK = ("view",)
EDIT = ("view", "add", "change", "delete")
Rule = dict[str, tuple[str, ...]]
"""Name of group → what its members may do."""

CONTENT: Rule = {EDITORS: EDIT, ADMINISTRATORS: EDIT, TEACHERS: LOOK}
WORK: Rule = {ADMINISTRATORS: LOOK}
"""What learners wrote, and what is known of them."""
KEPT: Rule = {EDITORS: LOOK, ADMINISTRATORS: LOOK}
"""What the site keeps about content itself."""
RULES: dict[str, Rule] = {
    "core.mistakereport": {
        EDITORS: ("view", "change"),
        ADMINISTRATORS: ("view", "change"),
    },
    "accounts.user": {ADMINISTRATORS: ("view", "add", "change")},
    "axes.accessattempt": WORK,
    "quizzes.delivery": KEPT,
    "quizzes.questionrevision": KEPT,
    "quizzes.markingkey": KEPT,
    "quizzes.deliveryexception": WORK,
    "quizzes.attempt": WORK,
    "quizzes.attemptitem": WORK,
    "quizzes.draft": WORK,
    "quizzes.response": WORK,
    "quizzes.mark": WORK,
    "quizzes.itemtally": WORK,
    "guided.progress": WORK,
}


def rule_of(model: type[models.Model]) -> Rule | None:
    """Who may do what with the rows of a model; None where nothing is said."""
    if issubclass(model, ContentModel):
        return CONTENT
    return RULES.get(model._meta.label_lower)


def sync_groups(sender: AppConfig, **migrated: Any) -> None:
    """After an app was migrated: its permissions in each group, no more and no fewer."""
    apps, using = migrated.get("apps", installed_apps), migrated["using"]  # a flush names none
    try:
        group_model = apps.get_model("auth", "Group")
        permission_model = apps.get_model("auth", "Permission")
    except LookupError:  # migrated in part
        return
    create_permissions(sender, verbosity=0, using=using, apps=apps)
    here = permission_model.objects.using(using).filter(content_type__app_label=sender.label)
    for name in GROUPS:
        group, _is_new = group_model.objects.using(using).get_or_create(name=name)
        wanted = set(here.filter(codename__in=list(_codenames(sender, name))))
        group.permissions.remove(*(set(group.permissions.filter(pk__in=here)) - wanted))
        group.permissions.add(*wanted)


def _codenames(app: AppConfig, group: str) -> Iterator[str]:
    for model in app.get_models():
        for action in (rule_of(model) or {}).get(group, ()):
            yield f"{action}_{model._meta.model_name}"


def set_group(user: User, name: str, *, member: bool) -> None:
    """Put a person into one of the groups, or take them out; `is_staff` follows the groups."""
    group, _is_new = Group.objects.get_or_create(name=name)
    if member:
        user.groups.add(group)
    else:
        user.groups.remove(group)
    follow_groups(user)


def follow_groups(user: User) -> None:
    """Members of `STAFF` groups enter admin, and so does a superuser; nobody else."""
    is_staff = user.is_superuser or user.groups.filter(name__in=STAFF).exists()
    if user.is_staff != is_staff:
        user.is_staff = is_staff
        user.save(update_fields=["is_staff"])
