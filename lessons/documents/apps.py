from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "lessons.documents"
    label = "documents"
    verbose_name = _("Documents")

    def ready(self) -> None:
        # Importing registers: where links in Markdown lead, and how earlier words come back.
        from . import links, restoring  # noqa: F401
