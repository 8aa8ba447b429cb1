"""One edit of content: who makes it, why, and the moment that all its rows share.

Rows written inside `edit` are one line of the history, and a state to go back to.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone
from simple_history.models import HistoricalRecords

from .rows import insert

WHY_LENGTH = 200


@dataclass(frozen=True)
class Edit:
    by: Any
    """A user, or None for a command."""
    why: str
    moment: datetime


current: ContextVar[Edit | None] = ContextVar("edit of content", default=None)


@contextmanager
def edit(*, by: Any, why: str = "") -> Iterator[Edit]:
    """One transaction of content, alone: all it writes bears `by`, `why` and one moment.

    Inside another edit it is part of that one.
    """
    from .models import ContentVersion  # which stands on this module

    outer = current.get()
    if outer is not None:
        yield outer
        return
    with transaction.atomic():
        ContentVersion.lock()
        one = Edit(by, why.strip()[:WHY_LENGTH], timezone.now())
        token = current.set(one)
        try:
            yield one
        finally:
            current.reset(token)


def create_many(rows: Sequence[models.Model], *, batch: int = 500) -> None:
    """INSERT new rows of one model in the edit that is open, with their first history records.

    A record is what saving its row would write, but the database copies it from the row, so
    that thousands of rows hold the lock for a second. Rows have no many-to-many values yet.
    Raises IntegrityError where a row is there already.
    """
    one = current.get()
    if one is None:
        raise RuntimeError("no edit is open")
    for at in range(0, len(rows), batch):
        part = rows[at : at + batch]
        if not insert(part):
            raise IntegrityError(f"{part[0]._meta.label}: a row is there already")
        _record(part, one)


def _record(rows: Sequence[models.Model], one: Edit) -> None:
    model: Any = type(rows[0])
    record, quote = model.history.model._meta, connection.ops.quote_name
    said = {
        "history_date": one.moment,
        "history_type": "+",
        "history_change_reason": one.why or None,
        "history_user": one.by and one.by.pk,
    }
    fields = [record.get_field(name) for name in said]
    values = [
        field.get_db_prep_save(value, connection)
        for field, value in zip(fields, said.values(), strict=True)
    ]
    own = ", ".join(quote(field.column) for field in model._meta.concrete_fields)
    added = ", ".join(quote(field.column) for field in fields)
    key = quote(model._meta.pk.column)
    with connection.cursor() as cursor:
        cursor.execute(  # names of our own models' tables and columns
            f"INSERT INTO {quote(record.db_table)} ({own}, {added}) "  # noqa: S608
            f"SELECT {own}, %s, %s, %s, %s FROM {quote(model._meta.db_table)} "
            f"WHERE {key} IN ({', '.join(['%s'] * len(rows))}) ORDER BY {key}",
            [*values, *(row.pk for row in rows)],
        )


class ContentHistory(HistoricalRecords):  # type: ignore[misc]  # it carries no types
    """The history of a model of content, its many-to-many values included."""

    def __init__(self, **options: Any) -> None:
        options.setdefault(
            "history_change_reason_field",
            models.CharField(max_length=WHY_LENGTH, null=True, blank=True),
        )
        super().__init__(**options)

    def get_m2m_fields_from_model(self, model: Any) -> list[Any]:
        return [
            field
            for field in model._meta.local_many_to_many
            if getattr(getattr(field.remote_field.through, "_meta", None), "auto_created", False)
        ]

    def get_change_reason_for_object(self, instance: Any, history_type: str, using: Any) -> Any:
        edit = current.get()
        said = super().get_change_reason_for_object(instance, history_type, using)
        return (edit.why if edit else "") or said

    def get_history_user(self, instance: Any) -> Any:
        edit = current.get()
        return edit.by if edit and edit.by else super().get_history_user(instance)

    def create_historical_record(self, instance: Any, history_type: str, using: Any = None) -> None:
        edit = current.get()
        if edit is None:
            super().create_historical_record(instance, history_type, using)
            return
        instance._history_date = edit.moment
        try:
            super().create_historical_record(instance, history_type, using)
        finally:
            # The same instance may be saved again, later.
            del instance._history_date

    def m2m_changed(
        self, instance: Any, action: str, attr: str, pk_set: Any, reverse: bool, **rest: Any
    ) -> None:
        """A row's values of this kind are written after the row: one record holds both.

        `loaddata` writes none, and a row without a history gets none by it.
        """
        if reverse or action not in ("post_add", "post_remove", "post_clear"):
            return
        records = getattr(instance, self.manager_name).model._base_manager.filter(id=instance.pk)
        last = records.order_by("-history_date", "-history_id").first()
        edit = current.get()
        if last is None:
            return
        if edit is None or last.history_date != edit.moment:
            super().m2m_changed(instance, action, attr, pk_set, reverse, **rest)
            return
        for field in last._history_m2m_fields:
            self.m2m_models[field]._base_manager.filter(history=last).delete()
        self.create_historical_record_m2ms(last, instance)
