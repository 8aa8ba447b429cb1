"""Going back: a row with what belongs to it, as it stood at one moment.

`plan` says in words what would change and writes nothing; `restore` does that, in one edit, which
stands in the history and can be gone back on like any other. What others point at is never
deleted: it is retired where it has a status, and left where not.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from django.db import IntegrityError, models, transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from simple_history.models import HistoricalChanges

from .changes import FieldChange, Words, contents, differences, kind_of
from .content.relations import many_references, references
from .edits import edit
from .models import ContentModel, ContentVersion, Status
from .versions import (
    Model,
    Snapshot,
    Values,
    columns,
    ever,
    history_of,
    live,
    parent_model,
    read,
    snapshot,
    snapshot_at,
)
from .worddiff import diff, shortened

HIGHEST = 32_767
"""Of a small integer on PostgreSQL: rows that change places wait near it."""


class CannotRestore(Exception):
    """The rows as they stood have no room beside those of now; nothing was changed."""


Rewrite = Callable[[int, int, Any], None]
_rewrites: dict[Model, tuple[str, Rewrite]] = {}
_fits: list[Callable[[ContentModel], None]] = []


def kept(model: Model, *, words: str, current: str, rewrite: Rewrite) -> None:
    """Register a model whose rows are never changed: each parent has one that counts.

    `words` names its text, `current` the flag of the row that counts. `rewrite(parent_id, row_id,
    by)` makes a new row with the words of an old one.
    """
    live[model] = {current: True}
    _rewrites[model] = (words, rewrite)


def before_restoring(function: Callable[[ContentModel], None]) -> Callable[[ContentModel], None]:
    """Register what makes an older state of a row fit the rows of now, before it is saved."""
    if function not in _fits:
        _fits.append(function)
    return function


@dataclass
class Restored:
    """What becomes of one row; `word` says it to an editor."""

    model: Model
    pk: int
    word: str
    name: str
    fields: list[FieldChange] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return str(capfirst(kind_of(self.model)))


@dataclass
class Plan:
    model: Model
    pk: int
    then: Snapshot
    told: list[Restored] = field(default_factory=list)
    rewritten: list[tuple[Model, int, int]] = field(default_factory=list)
    """(model, parent's id, id of the row whose words come back)"""
    written: list[tuple[Model, int, Values]] = field(default_factory=list)
    """Rows to bring to these values, or to bring back."""
    deleted: list[tuple[Model, int]] = field(default_factory=list)
    """Children before parents."""
    retired: list[tuple[Model, int]] = field(default_factory=list)

    @property
    def changes_anything(self) -> bool:
        return bool(self.rewritten or self.written or self.deleted or self.retired)


def plan(model: Model, pk: int, moment: datetime) -> Plan:
    """What `restore` would do now."""
    return _Planner(model, pk, moment).plan


class _Planner:
    def __init__(self, model: Model, pk: int, moment: datetime) -> None:
        self.moment = moment
        self.then = snapshot_at(model, pk, moment)
        self.now = snapshot(model, [pk])
        self.words = Words()
        self.plan = Plan(model, pk, self.then)
        for one in self.then:
            for rows in (self.then[one], self.now[one]):
                self.words.will_need(one, rows.values())
            self.words.will_name(one, [*self.then[one], *self.now[one]])
        for one in self.then:
            if one in _rewrites:
                self._words(one)
            else:
                self._rows(one)
        self._added_since(ever(model, pk))

    def _tell(
        self, model: Model, pk: int, word: str, fields: list[FieldChange] | None = None
    ) -> None:
        held = self.then[model].get(pk) or self.now[model].get(pk) or {}
        name = self.words.name(model, pk) or str(held.get("key", pk))
        self.plan.told.append(Restored(model, pk, word, name, fields or []))

    def _words(self, model: Model) -> None:
        """Rows that are never changed: where the words differ, the old ones are written anew."""
        name = _rewrites[model][0]
        parent = f"{model.parent_field}_id"
        now = {values[parent]: (pk, values) for pk, values in self.now[model].items()}
        for pk, values in self.then[model].items():
            if values[parent] not in now:
                self._bring_back(model, pk, values)
                continue
            _pk, current = now[values[parent]]
            if current[name] != values[name]:
                self.plan.rewritten.append((model, values[parent], pk))
                label = str(capfirst(model._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
                pieces = shortened(diff(current[name], values[name]))
                upper = cast("Model", parent_model(model))
                self._tell(
                    upper, values[parent], _("gets its earlier text"), [FieldChange(label, pieces)]
                )

    def _rows(self, model: Model) -> None:
        then, now = self.then[model], self.now[model]
        upper = parent_model(model)
        if upper in _rewrites:
            # What belongs to a text that is not the one of now goes its own way (`rewrite`).
            column = f"{model.parent_field}_id"
            same = set(self.now[upper]) | {pk for m, pk, _v in self.plan.written if m is upper}
            then = {pk: values for pk, values in then.items() if values[column] in same}
        elsewhere = read(model, model._base_manager.filter(pk__in=set(then) - set(now)))
        for pk, values in then.items():
            current = now.get(pk) or elsewhere.get(pk)
            if current is None:
                self._bring_back(model, pk, values)
            elif current != values:
                possible = self._possible(model, pk, values)
                if possible is None:
                    continue
                skip = {"text"} if "quote" in columns(model) else ()
                fields = differences(model, current, possible, self.words, skip=skip)
                if fields or "quote" not in columns(model):
                    self._tell(model, pk, _("is changed"), fields)
                self.plan.written.append((model, pk, possible))

    def _bring_back(self, model: Model, pk: int, values: Values) -> None:
        if model._base_manager.filter(pk=pk).exists():  # an old text that is still kept
            return
        possible = self._possible(model, pk, values)
        if possible is not None:
            fields = contents(model, possible, self.words, gone=False)
            self._tell(model, pk, _("comes back"), fields)
            self.plan.written.append((model, pk, possible))

    def _possible(self, model: Model, pk: int, values: Values) -> Values | None:
        """The values without what they name that is there no longer; None where that is needed."""
        found = dict(values)
        for f in references(model):
            target = cast("Any", f.related_model)
            wanted = found[f.attname]
            if wanted is None or wanted in self.then.get(target, {}):
                continue
            if self.words.name(target, wanted) is not None:
                continue
            if not f.null:
                self._tell(model, pk, _("cannot come back: %s is there no longer") % f.verbose_name)
                return None
            found[f.attname] = None
        for many in many_references(model):
            target = cast("Any", many.related_model)
            found[many.name] = [
                one for one in found[many.name] if self.words.name(target, one) is not None
            ]
        return found

    def _added_since(self, members: dict[Model, set[int]]) -> None:
        """Rows that were not there then go, unless something points at them."""
        going: dict[Model, set[int]] = {}
        for model, rows in self.now.items():
            if model is self.plan.model:
                continue
            extra = set(rows) - set(self.then[model])
            if model in _rewrites:
                parents = going.get(cast("Model", parent_model(model)), set())
                extra = {pk for pk in extra if rows[pk][f"{model.parent_field}_id"] in parents}
            elif parent_model(model) in _rewrites:
                upper = going.get(cast("Model", parent_model(model)), set())
                kept_texts = set(self.then[cast("Model", parent_model(model))])
                column = f"{model.parent_field}_id"
                extra = {pk for pk in extra if rows[pk][column] in upper | kept_texts}
            going[model] = {pk for pk in extra if self._came_after(model, pk)}
        used = _used(going)
        staying = self._with_their_parents(going, set(used))
        for model in reversed(list(going)):
            for pk in sorted(going[model] - staying[model]):
                if (model, pk) not in used:
                    fields = contents(model, self.now[model][pk], self.words, gone=True)
                    self._tell(model, pk, _("is deleted: it was added since"), fields)
                    self.plan.deleted.append((model, pk))
                elif "status" in columns(model):
                    if self.now[model][pk]["status"] != Status.RETIRED:
                        self._tell(model, pk, _("is retired: %s points at it") % used[model, pk])
                        self.plan.retired.append((model, pk))
                else:
                    self._tell(model, pk, _("stays as it is: %s points at it") % used[model, pk])

    @staticmethod
    def _with_their_parents(
        going: dict[Model, set[int]], used: set[tuple[Model, int]]
    ) -> dict[Model, set[int]]:
        """Rows that stay since what they belong to stays: a retired question keeps its options."""
        staying: dict[Model, set[int]] = {}
        for model, pks in going.items():
            upper = cast("Model", parent_model(model))
            parents = model._base_manager.filter(pk__in=pks).order_by()
            staying[model] = {
                pk
                for pk, parent in parents.values_list("pk", cast("str", model.parent_field))
                if parent in staying.get(upper, ())
                or (parent in going.get(upper, ()) and (upper, parent) in used)
            }
        return staying

    def _came_after(self, model: Model, pk: int) -> bool:
        """False where the history does not tell when the row came, or it came from elsewhere."""
        records = history_of(model)._base_manager.filter(id=pk)
        before = (
            records.filter(history_date__lte=self.moment)
            .order_by("-history_date", "-history_id")
            .first()
        )
        if before is not None:
            return bool(before.history_type == "-")
        return bool(records.filter(history_type="+").exists())


def _used(going: dict[Model, set[int]]) -> dict[tuple[Model, int], str]:
    """Which of these rows are pointed at by rows that stay, with the kind of the first such row."""
    pointing = [
        (model, pk, other, source)
        for model, pks in going.items()
        for other, source, pk in _pointers(model, pks)
    ]
    used: dict[tuple[Model, int], str] = {}
    while True:
        found = {
            (model, pk): used.get(
                (cast("Any", other), source), str(capfirst(other._meta.verbose_name))
            )
            for model, pk, other, source in pointing
            if (model, pk) not in used
            and (source not in going.get(cast("Any", other), ()) or (other, source) in used)
        }
        if not found:
            return used
        used |= found


def _kind(model: type[models.Model]) -> str:
    return str(capfirst(model._meta.verbose_name))


def _pointers(model: Model, pks: set[int]) -> Iterator[tuple[type[models.Model], int, int]]:
    """(model of the row that points, its id, the id it points at), histories aside."""
    if not pks:
        return
    for relation in model._meta.get_fields(include_hidden=True):
        if relation.concrete or not relation.auto_created or not relation.is_relation:
            continue
        other = cast("type[models.Model]", relation.related_model)
        if issubclass(other, HistoricalChanges) or other._meta.auto_created:
            continue
        name = cast("Any", relation).field.name
        rows = other._base_manager.filter(**{f"{name}__in": pks}).order_by()
        for source, pk in rows.values_list("pk", name):
            yield other, source, pk


# --- Doing it -----------------------------------------------------------------------------------


def restore(*, model: Model, pk: int, moment: datetime, by: Any, why: str = "") -> Plan:
    """Bring the row and what belongs to it to what they were at `moment`; what was done.

    Raises CannotRestore, and then nothing is changed.
    """
    with edit(by=by, why=why):
        doing = plan(model, pk, moment)
        if not doing.changes_anything:
            return doing
        try:
            _do(doing, by)
        except IntegrityError as error:
            raise CannotRestore(_no_room(str(error))) from error
        ContentVersion.bump()
    return doing


def _do(doing: Plan, by: Any) -> None:
    for model, parent, row in doing.rewritten:
        _rewrites[model][1](parent, row, by)
    for model, pk in doing.deleted:
        for gone in model._base_manager.filter(pk=pk):
            gone.delete()
    for model, pk in doing.retired:
        retired: Any = model._base_manager.get(pk=pk)
        retired.status = Status.RETIRED
        retired.save()
    _write(doing.written)


def _write(rows: list[tuple[Model, int, Values]]) -> None:
    """Save rows; one that meets a unique value which another is about to give up waits for it."""
    queue = rows
    while queue:
        waiting: list[tuple[Model, int, Values]] = []
        for model, pk, values in queue:
            try:
                with transaction.atomic():
                    _save(model, pk, values)
            except IntegrityError:
                waiting.append((model, pk, values))
        if len(waiting) == len(queue) and not _park(waiting):
            _save(*waiting[0])  # raises what is in the way
        queue = waiting


def _save(model: Model, pk: int, values: Values) -> None:
    many = {f.name: values[f.name] for f in many_references(model)}
    row = cast("Any", model)(pk=pk, **{name: values[name] for name in columns(model)})
    current = read(model, model._base_manager.filter(pk=pk)).get(pk)
    row._state.adding = current is None
    for fit in _fits:
        fit(row)
    wanted = {name: getattr(row, name) for name in columns(model)}
    if current is None or any(current[name] != wanted[name] for name in wanted):
        row.save(force_insert=current is None)
    for name, targets in many.items():
        if current is None or current[name] != targets:
            getattr(row, name).set(targets)


def _park(waiting: list[tuple[Model, int, Values]]) -> bool:
    """Put the number of one row that changes places with another out of the way.

    It gets its own number, and its line in the history, when it is saved.
    """
    for n, (model, pk, values) in enumerate(waiting):
        current = read(model, model._base_manager.filter(pk=pk)).get(pk)
        for name in _unique_numbers(model):
            if current and current[name] != values[name] and current[name] < HIGHEST - 1000:
                model._base_manager.filter(pk=pk).update(**{name: HIGHEST - n})
                return True
    return False


def _unique_numbers(model: Model) -> set[str]:
    unique = {
        name
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint)
        for name in constraint.fields
    }
    return {name for name in unique if isinstance(model._meta.get_field(name), models.IntegerField)}


def _no_room(error: str) -> str:
    return (
        _("A row of now has a value that must be unique and was another's then (%s).")
        % (error.splitlines()[0])
    )
