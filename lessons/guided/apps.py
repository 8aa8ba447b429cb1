from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GuidedConfig(AppConfig):
    name = "lessons.guided"
    label = "guided"
    verbose_name = _("Lessons")

    def ready(self) -> None:
        # Importing registers what each of them says.
        from . import at_hand, erased, using, voices  # noqa: F401
