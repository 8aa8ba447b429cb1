"""Which document a lesson or a module is about, by the slug in its address."""

from collections.abc import Mapping
from typing import Any

from lessons.documents.links import finds_document

from .models import Lesson, Module


@finds_document
def of_lesson_or_module(kwargs: Mapping[str, Any]) -> str | None:
    """The slug of the document; None for an address that names neither."""
    lessons = Lesson.objects.filter(slug=kwargs.get("lesson", ""))
    modules = Module.objects.filter(slug=kwargs.get("module", ""))
    if "lesson" in kwargs:
        return lessons.values_list("module__document__slug", flat=True).first()
    if "module" in kwargs:
        return modules.values_list("document__slug", flat=True).first()
    return None
