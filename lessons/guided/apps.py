from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GuidedConfig(AppConfig):
    name = "lessons.guided"
    label = "guided"
    verbose_name = _("Guided")

    def ready(self) -> None:
        from . import voices  # noqa: F401  # its rule is registered by importing it
