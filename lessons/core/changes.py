"""The history of a family in words: what was changed, by whom, when and why."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import OuterRef, Subquery
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .content.relations import many_references
from .versions import Model, Values, columns, ever, family, history_of, live, values_of
from .worddiff import Kind, Piece, diff, shortened

PER_PAGE = 50
ROWS_SHOWN = 30
"""Rows of one change that are shown one by one."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COMPUTED = {"start", "end", "prefix", "suffix", "sha256", "is_current"}
"""Columns that follow from others: a change of nothing else is told as a move."""
REASONS = {"correct_text": gettext_lazy("The text was corrected.")}
"""Reasons that the site gives by itself; an editor's own word stands before them."""


class Did(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True)
class FieldChange:
    label: str
    pieces: Sequence[Piece]


@dataclass(frozen=True)
class RowChange:
    did: Did
    kind: str
    """What kind of row it is, in words."""
    name: str
    fields: Sequence[FieldChange] = ()

    @property
    def is_folded(self) -> bool:
        """True where its words are shown on demand: all of a new row, or many."""
        return self.did == Did.ADDED or len(self.fields) > 6

    @property
    def did_label(self) -> str:
        words = {Did.ADDED: _("added"), Did.CHANGED: _("changed"), Did.REMOVED: _("deleted")}
        return words[self.did]


@dataclass
class Change:
    """All that was written at one moment."""

    moment: datetime
    by: str = ""
    why: str = ""
    rows: list[RowChange] = field(default_factory=list)
    more: int = 0
    """Rows changed beyond those shown."""

    @property
    def address(self) -> int:
        return to_number(self.moment)

    @property
    def reason(self) -> str:
        return str(REASONS.get(self.why, self.why))


def to_number(moment: datetime) -> int:
    """Microseconds since 1970: a moment as a page's address has it."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def from_number(number: int) -> datetime:
    """Raises OverflowError for what is no moment."""
    return EPOCH + timedelta(microseconds=number)


# --- Values in words ----------------------------------------------------------------------------


class Words:
    """Values as an editor reads them. Rows referred to are read together, one query a model."""

    def __init__(self) -> None:
        self._wanted: dict[type[models.Model], set[int]] = defaultdict(set)
        self._names: dict[type[models.Model], dict[int, str]] = {}

    def will_need(self, model: Model, many: Iterable[Values]) -> None:
        """Say beforehand which rows' values will be asked for."""
        for values in many:
            for f in _fields(model):
                if isinstance(f, models.ManyToManyField):
                    self._wanted[cast("Any", f.related_model)].update(values.get(f.name, ()))
                elif isinstance(f, models.ForeignKey) and values.get(f.attname) is not None:
                    self._wanted[cast("Any", f.related_model)].add(values[f.attname])

    def will_name(self, model: Model, pks: Iterable[int]) -> None:
        self._wanted[model].update(pks)

    def name(self, model: type[models.Model], pk: int) -> str | None:
        """What the row is called; None where it is there no longer."""
        if model not in self._names:
            rows = model._base_manager.select_related().filter(pk__in=self._wanted[model])
            self._names[model] = {row.pk: str(row) for row in rows}
        return self._names[model].get(pk)

    def of(self, f: Any, values: Values) -> str:
        if isinstance(f, models.ManyToManyField):
            target = cast("Any", f.related_model)
            return "; ".join(self._name(target, pk) for pk in values.get(f.name, ()))
        value = values.get(f.attname)
        if value is None or value == "":
            return ""
        if isinstance(f, models.ForeignKey):
            return self._name(cast("Any", f.related_model), value)
        if f.choices:
            return str(dict(f.flatchoices).get(value, value))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, date):
            return date_format(value, "j F Y")
        if isinstance(f, models.JSONField):
            return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
        return str(value)

    def _name(self, model: type[models.Model], pk: int) -> str:
        return self.name(model, pk) or _("[no longer there]")


def _fields(model: Model) -> list[Any]:
    own = [f for f in model._meta.concrete_fields if not f.primary_key]
    return [*own, *many_references(model)]


def differences(
    model: Model, old: Values, new: Values, words: Words, *, skip: Collection[str] = ()
) -> list[FieldChange]:
    """What differs between two states of a row, field by field, without what is computed."""
    found = []
    for f in _fields(model):
        name = getattr(f, "attname", f.name)
        if f.name in COMPUTED or f.name in skip or old.get(name) == new.get(name):
            continue
        pieces = diff(words.of(f, old), words.of(f, new))
        if any(piece.kind != Kind.SAME for piece in pieces):
            found.append(FieldChange(capfirst(str(f.verbose_name)), shortened(pieces)))
    return found


def contents(model: Model, values: Values, words: Words, *, gone: bool) -> list[FieldChange]:
    """The words of a row that came or went."""
    parent = (model.parent_field or "").split("__")[0]
    skip = {"key", "status", parent}
    old, new = (values, {}) if gone else ({}, values)
    return differences(model, old, new, words, skip=skip)


def kind_of(model: Model) -> str:
    return str(model._meta.verbose_name)


# --- The time line ------------------------------------------------------------------------------


class TimeLine:
    """The moments at which a family was changed, newest first; sliceable, for a Paginator."""

    def __init__(self, model: Model, pk: int, *, models_shown: Collection[Model]) -> None:
        members = ever(model, pk)
        self.members = {one: members[one] for one in family(model) if one in models_shown}

    def _moments(self) -> Any:
        one, *others = (
            history_of(model)
            ._base_manager.filter(id__in=ids)
            .order_by()
            .values_list("history_date")
            for model, ids in self.members.items()
        )
        return one.union(*others)

    def __len__(self) -> int:
        return int(self._moments().count())

    def count(self) -> int:
        return len(self)

    def __getitem__(self, part: slice) -> list[Change]:
        moments = [m for (m,) in self._moments().order_by("-history_date")[part]]
        return self._changes(moments)

    def _changes(self, moments: list[datetime]) -> list[Change]:
        changes = {moment: Change(moment) for moment in moments}
        words = Words()
        told: list[tuple[Model, Any, Any]] = []
        held: dict[Model, dict[int, Values]] = {}
        for model, ids in self.members.items():
            records = self._records(model, ids, moments)
            before = self._before(model, records)
            held[model] = values_of(model, [*records, *before.values()])
            words.will_need(model, held[model].values())
            words.will_name(model, [record.id for record in records])
            told += [(model, record, before.get(record.before)) for record in records]
        for model, record, old in told:
            change = changes[record.history_date]
            self._tell_who(change, record)
            if len(change.rows) >= ROWS_SHOWN:
                change.more += 1
                continue
            change.rows += _row_changes(model, record, old, held[model], words)
        return [changes[moment] for moment in moments]

    def _records(self, model: Model, ids: set[int], moments: list[datetime]) -> list[Any]:
        """The last record of each row at each moment, with the id of the one before it."""
        history = history_of(model)
        earlier = history._base_manager.filter(
            id=OuterRef("id"), history_date__lt=OuterRef("history_date")
        ).order_by("-history_date", "-history_id")
        records = (
            history._base_manager.filter(id__in=ids, history_date__in=moments)
            .select_related("history_user")
            .annotate(before=Subquery(earlier.values("history_id")[:1]))
            .order_by("history_id")
        )
        last: dict[tuple[int, datetime], Any] = {}
        for record in records:
            place = (record.id, record.history_date)
            record.first_type = last[place].first_type if place in last else record.history_type
            last[place] = record
        return list(last.values())

    def _before(self, model: Model, records: list[Any]) -> dict[int, Any]:
        ids = [record.before for record in records if record.before]
        found: dict[int, Any] = history_of(model)._base_manager.in_bulk(ids)
        return found

    @staticmethod
    def _tell_who(change: Change, record: Any) -> None:
        if record.history_user and not change.by:
            change.by = record.history_user.get_full_name() or record.history_user.get_username()
        why = record.history_change_reason or ""
        if why and (not change.why or change.why in REASONS):
            change.why = why


def _row_changes(
    model: Model, record: Any, old: Any, held: dict[int, Values], words: Words
) -> list[RowChange]:
    """One line for a row, or none where nothing was changed that can be seen."""
    kind = capfirst(kind_of(model))
    name = words.name(model, record.id) or _called(model, record)
    now = held[record.history_id]
    was = held[old.history_id] if old and old.history_type != "-" else None
    if record.history_type == "-" and record.first_type == "+":
        return []
    if record.history_type == "-":
        return [RowChange(Did.REMOVED, kind, name, contents(model, now, words, gone=True))]
    if was is None and (record.first_type == "+" or old):
        return [RowChange(Did.ADDED, kind, name, contents(model, now, words, gone=False))]
    if was is None:  # the first that is known of a row that was loaded without a history
        return [RowChange(Did.CHANGED, kind, name)]
    fields = differences(model, was, now, words)
    moved = any(was[name] != now[name] for name in columns(model))
    if not fields and (not moved or model in live):
        return []
    return [RowChange(Did.CHANGED, kind, name, fields)]


def _called(model: Model, record: Any) -> str:
    """A row that is gone, by the words it had."""
    for name in ("title", "short_title", "name", "heading", "term", "prompt", "label", "text"):
        words = getattr(record, name, None) if hasattr(record, name) else None
        if isinstance(words, str) and words:
            return words[:80]
    return str(record.key)
