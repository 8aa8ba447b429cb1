from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "lessons.core"
    label = "core"
    verbose_name = _("From readers")

    def ready(self) -> None:
        from . import checks  # noqa: F401  # importing registers them
        from .storage import keep_to_ourselves

        connection_created.connect(keep_to_ourselves, dispatch_uid="keep_to_ourselves")
