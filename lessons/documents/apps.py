from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "lessons.documents"
    label = "documents"
    verbose_name = _("Documents")

    def ready(self) -> None:
        from . import links, using  # noqa: F401  # importing registers where links lead, and uses
