from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "lessons.accounts"
    label = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from .roles import sync_groups

        post_migrate.connect(sync_groups, dispatch_uid="lessons.accounts.roles")
