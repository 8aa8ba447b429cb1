"""A row with what belongs to it (its family): as it stands, and as it stood at a moment.

Children are known by `parent_field`. Notes and voices, which stand on a text, are children of its
passage, but have pages and versions of their own.
"""

import json
from collections.abc import Collection, Iterator
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any, cast

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from .content.relations import content_models, many_references
from .edits import ContentHistory
from .models import ContentModel, Status

Model = type[ContentModel]
Values = dict[str, Any]
"""A row's columns by attname (without `id`), and the sorted ids of each many-to-many field."""
Snapshot = dict[Model, dict[int, Values]]
"""The rows of a family by model and id, parents before children."""

live: dict[Model, dict[str, Any]] = {}
"""Of models whose old rows are kept for ever: what tells the row that counts (`restoring.kept`)."""


# --- Families -----------------------------------------------------------------------------------


def parent_model(model: Model) -> Model | None:
    parent: Any = model
    for name in model.parent_field.split("__") if model.parent_field else ():
        parent = parent._meta.get_field(name).related_model
    return None if parent is model else cast("Model", parent)


@cache
def family(model: Model, *, notes: bool = True) -> tuple[Model, ...]:
    """The model and the models of what belongs to it, parents first."""
    found = [model]
    for one in found:
        found += [
            child
            for child in content_models()
            if parent_model(child) is one
            and child not in found
            and (notes or "__" not in cast("str", child.parent_field))
        ]
    return tuple(found)


def is_live(row: ContentModel) -> bool:
    """True where readers see the row: it is published, or what it belongs to is."""
    at: Any = row
    while at is not None:
        if hasattr(at, "status"):
            return bool(at.status == Status.PUBLISHED)
        parent = at
        for name in (at.parent_field or "").split("__"):
            parent = getattr(parent, name) if name else None
        at = parent
    return False


def history_of(model: Model) -> Any:
    """The model that holds the history of another."""
    return cast("Any", model).history.model


# --- As it stands -------------------------------------------------------------------------------


def columns(model: Model) -> list[str]:
    return [f.attname for f in model._meta.concrete_fields if not f.primary_key]


def read(model: Model, rows: models.QuerySet[Any]) -> dict[int, Values]:
    """The rows by id, many-to-many values included."""
    found: dict[int, Values] = {
        values.pop("id"): values for values in rows.order_by().values("id", *columns(model))
    }
    for field in many_references(model):
        through = cast("Any", field.remote_field).through
        source, target = field.m2m_column_name(), field.m2m_reverse_name()
        pairs = through._base_manager.filter(**{f"{source}__in": list(found)})
        _add_many(found, field.name, pairs.values_list(source, target))
    return found


def _add_many(rows: dict[int, Values], name: str, pairs: Any) -> None:
    targets: dict[int, list[int]] = {pk: [] for pk in rows}
    for source, target in pairs:
        targets[source].append(target)
    for pk, values in rows.items():
        values[name] = sorted(targets[pk])


def snapshot(model: Model, pks: Collection[int], *, notes: bool = True) -> Snapshot:
    """The rows with their families as they stand; as many queries as there are tables."""
    found: Snapshot = {}
    for one in family(model, notes=notes):
        if one is model:
            rows = one._base_manager.filter(pk__in=list(pks))
        else:
            parents = list(found[cast("Model", parent_model(one))])
            rows = one._base_manager.filter(**{f"{one.parent_field}__in": parents})
        found[one] = read(one, rows.filter(**live.get(one, {})))
    return found


def version_of(model: Model, pks: Collection[int], *, notes: bool = False) -> str:
    """What these rows and their families hold, as 32 hexadecimal digits; equal only if nothing
    was changed between two calls, by whatever road.
    """
    held = [
        [one._meta.label, sorted(rows.items())]
        for one, rows in snapshot(model, pks, notes=notes).items()
    ]
    return sha256(json.dumps(held, cls=DjangoJSONEncoder).encode()).hexdigest()[:32]


# --- As it stood --------------------------------------------------------------------------------


def ever(model: Model, pk: int) -> dict[Model, set[int]]:
    """The ids of all that belongs to the row, or once did."""
    found: dict[Model, set[int]] = {model: {pk}}
    for one in family(model)[1:]:
        ids = found[cast("Model", parent_model(one))]
        for name, holder in reversed(list(_path(one))):
            ids = _ids(holder, f"{name}_id", ids)
        found[one] = ids
    return found


def _path(model: Model) -> Iterator[tuple[str, Model]]:
    """The steps of `parent_field`: each foreign key's name with the model that has it."""
    holder: Any = model
    for name in (model.parent_field or "").split("__"):
        yield name, holder
        holder = holder._meta.get_field(name).related_model


def _ids(model: Model, column: str, parents: set[int]) -> set[int]:
    past = history_of(model)._base_manager.filter(**{f"{column}__in": parents})
    now = model._base_manager.filter(**{f"{column}__in": parents})
    return {*past.values_list("id", flat=True), *now.values_list("pk", flat=True)}


def records_at(model: Model, ids: Collection[int], moment: datetime) -> dict[int, Any]:
    """The latest record of each row up to a moment, by the row's id."""
    records = history_of(model)._base_manager.filter(id__in=ids, history_date__lte=moment)
    return {record.id: record for record in records.order_by("history_date", "history_id")}


def values_of(model: Model, records: Collection[Any]) -> dict[int, Values]:
    """What records hold, by the record's own id."""
    found = {
        record.history_id: {name: getattr(record, name) for name in columns(model)}
        for record in records
    }
    for field in many_references(model):
        through = ContentHistory.m2m_models[field]
        pairs = through._base_manager.filter(history_id__in=list(found))
        target = f"{field.m2m_reverse_field_name()}_id"
        _add_many(found, field.name, pairs.values_list("history_id", target))
    return found


def snapshot_at(model: Model, pk: int, moment: datetime) -> Snapshot:
    """The family as it stood at a moment, as far as the history tells."""
    found: Snapshot = {}
    members = ever(model, pk)
    for one in family(model):
        records = [
            record
            for record in records_at(one, members[one], moment).values()
            if record.history_type != "-"
            and all(getattr(record, name) == value for name, value in live.get(one, {}).items())
        ]
        if one is not model:
            allowed = set(found[cast("Model", parent_model(one))])
            (first, _holder), *further = _path(one)
            for name, holder in reversed(further):  # what stands on any text of these passages
                allowed = _ids(holder, f"{name}_id", allowed)
            records = [record for record in records if getattr(record, f"{first}_id") in allowed]
        values = values_of(one, records)
        found[one] = {record.id: values[record.history_id] for record in records}
    return found
