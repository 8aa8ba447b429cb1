from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GuidedConfig(AppConfig):
    name = "lessons.guided"
    label = "guided"
    verbose_name = _("Guided")
