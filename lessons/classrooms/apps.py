from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClassroomsConfig(AppConfig):
    name = "lessons.classrooms"
    label = "classrooms"
    verbose_name = _("Classes")

    def ready(self) -> None:
        from . import access, using, work  # noqa: F401  # importing registers their rules with lower apps
        from .domain import erasing  # noqa: F401  # so does this
