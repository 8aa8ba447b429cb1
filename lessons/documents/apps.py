from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "lessons.documents"
    label = "documents"
    verbose_name = _("Documents")

    def ready(self) -> None:
        # Importing registers: where links in Markdown lead, how earlier words come back, and uses.
        from . import links, restoring, using  # noqa: F401
