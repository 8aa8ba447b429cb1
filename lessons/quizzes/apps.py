from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def make_standing_deliveries(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """The self-study and the preview delivery exist as soon as the tables do."""
    from .models import Delivery

    for key in (Delivery.SELF_STUDY, Delivery.PREVIEW):
        Delivery.objects.using(using).get_or_create(key=key, defaults={"kind": key})


class QuizzesConfig(AppConfig):
    name = "lessons.quizzes"
    label = "quizzes"
    verbose_name = _("Questions and quizzes")

    def ready(self) -> None:
        from . import using  # noqa: F401  # importing registers where questions are used

        post_migrate.connect(make_standing_deliveries, sender=self)
