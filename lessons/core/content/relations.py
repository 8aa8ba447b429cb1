"""Models of content in the order of what they refer to, and rows that are referred to."""

from functools import reduce
from typing import Any, cast

from django.apps import apps
from django.db import models
from simple_history.models import HistoricalChanges

from lessons.core.models import ContentModel


def content_models() -> list[type[ContentModel]]:
    """Every model of content, each after the models it refers to."""
    found = [model for model in apps.get_models() if issubclass(model, ContentModel)]
    ordered: list[type[ContentModel]] = []

    def visit(model: type[ContentModel]) -> None:
        if model in ordered:
            return
        for other in (*references(model), *many_references(model)):
            if other.related_model is not model and other.related_model in found:
                visit(other.related_model)
        ordered.append(model)

    for model in found:
        visit(model)
    return ordered


def references(model: type[models.Model]) -> list["models.ForeignKey[Any, Any]"]:
    return [f for f in model._meta.concrete_fields if isinstance(f, models.ForeignKey)]


def many_references(model: type[models.Model]) -> list["models.ManyToManyField[Any, Any]"]:
    """Many-to-many fields that a file may fill: those without a through model of their own."""
    return [
        f
        for f in model._meta.many_to_many
        if cast("Any", f.remote_field).through._meta.auto_created
    ]


def is_referred_to(row: models.Model) -> bool:
    """True where a row of any table points at this one, histories aside."""
    for relation in row._meta.get_fields(include_hidden=True):
        if relation.concrete or not relation.auto_created or not relation.is_relation:
            continue
        other = cast("type[models.Model]", relation.related_model)
        if issubclass(other, HistoricalChanges) or other._meta.auto_created:
            continue
        name = cast("Any", relation).field.name
        if other._base_manager.filter(**{name: row}).exists():
            return True
    return False


def parent_of(row: ContentModel) -> ContentModel | None:
    if row.parent_field is None:
        return None
    return reduce(getattr, row.parent_field.split("__"), row)
