from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GuidedConfig(AppConfig):
    name = "lessons.guided"
    label = "guided"
    verbose_name = _("Lessons")

    def ready(self) -> None:
        from . import using  # noqa: F401  # importing registers where content is used
