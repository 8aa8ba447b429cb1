"""The content of the files beside that of the database, compared in memory."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, cast

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.translation import gettext as _

from lessons.core.models import ContentModel

from .files import Entry
from .outcome import Conflict, Prefer, Report
from .relations import content_models, many_references, references
from .rules import REASON, frozen, preparers

NaturalKey = tuple[str, ...]


class LeftOut(Exception):
    """The row named was deleted by an editor, whose word stands."""


@dataclass
class _Past:
    """What the history of one model tells."""

    from_files: set[int] = field(default_factory=set)
    """Rows that the loader wrote at least once."""
    edited: set[int] = field(default_factory=set)
    """Rows whose latest change is not the loader's."""
    deleted_by_hand: set[int] = field(default_factory=set)


class Comparison:
    """The rows of the files beside those of the database; `compare` writes nothing."""

    def __init__(self, entries: list[Entry], prefer: Prefer) -> None:
        self.prefer = prefer
        self.models = content_models()
        self.entries: dict[type[ContentModel], list[Entry]] = defaultdict(list)
        for entry in entries:
            self.entries[entry.model].append(entry)
        self.rows: dict[type[models.Model], dict[NaturalKey, ContentModel]] = {}
        self.by_pk: dict[type[models.Model], dict[int, ContentModel]] = {}
        self.many: dict[type[models.Model], dict[str, dict[int, set[int]]]] = {}
        self.past: dict[type[models.Model], _Past] = {}
        self.left_out: dict[type[models.Model], set[NaturalKey]] = defaultdict(set)
        self.to_save: dict[type[ContentModel], list[tuple[ContentModel, Entry]]] = defaultdict(list)
        self.to_fill: dict[int, dict[str, list[ContentModel]]] = {}
        """Many-to-many values to write, by id() of the row."""
        self.agreed: list[tuple[ContentModel, Entry]] = []
        """Rows whose latest change is an editor's, and that say what their file says."""
        self.gone: dict[type[ContentModel], list[ContentModel]] = {}
        self.mistakes: list[str] = []
        self.conflicts: list[Conflict] = []
        self.sources: dict[tuple[type[models.Model], NaturalKey], Entry] = {}
        self.report = Report()

    def compare(self) -> None:
        """Fill `to_save`, `agreed`, `gone`, `mistakes` and `conflicts`."""
        for model in self.models:
            self._read_rows(model)
            self._compare(model)

    # Reading

    def _read_rows(self, model: type[ContentModel]) -> None:
        """All rows of the model, their parents attached so that natural keys cost no query."""
        rows = list(model._base_manager.all())
        self.by_pk[model] = {row.pk: row for row in rows}
        for reference in references(model):
            targets = self.by_pk.get(reference.related_model, {})
            for row in rows:
                target = targets.get(getattr(row, reference.attname))
                if target is not None:
                    reference.set_cached_value(row, target)
        self.rows[model] = {row.natural_key(): row for row in rows}
        self.many[model] = {}
        for many in many_references(model):
            through = cast("Any", many.remote_field).through
            pairs: dict[int, set[int]] = defaultdict(set)
            for source, target_id in through._base_manager.values_list(
                many.m2m_column_name(), many.m2m_reverse_name()
            ):
                pairs[source].add(target_id)
            self.many[model][many.name] = pairs
        past = self.past[model] = _Past()
        latest: dict[int, tuple[str, bool]] = {}
        for pk, kind, reason in (
            cast("Any", model)
            .history.order_by("history_id")
            .values_list("id", "history_type", "history_change_reason")
        ):
            ours = (reason or "").startswith(REASON)
            latest[pk] = (kind, ours)
            if ours:
                past.from_files.add(pk)
        past.edited = {pk for pk, (_kind, ours) in latest.items() if not ours}
        past.deleted_by_hand = {
            pk
            for pk, (kind, ours) in latest.items()
            if kind == "-" and not ours and pk in past.from_files
        }

    # Comparing

    def _compare(self, model: type[ContentModel]) -> None:
        existing = self.rows[model]
        entries = self._keyed(model)
        self._leave_out_deleted(model, entries)
        for key in self.left_out[model]:
            entries.pop(key, None)
        # Targets first: a row may refer to another row of its own model, before or after it.
        candidates = {key: model() for key in entries}
        self.rows[model] = candidates | existing
        for key, entry in entries.items():
            candidate = candidates[key]
            try:
                many = self.fill(candidate, entry)
            except LeftOut:
                self.left_out[model].add(key)
                self.report.counts[model]["kept"] += 1
                continue
            except ValidationError as error:
                self.mistakes.extend(f"{entry}: {reason}" for reason in reasons_of(error))
                continue
            if key in existing:
                self.compare_row(existing[key], candidate, many, key, entry)
            else:
                self.report.counts[model]["added"] += 1
                self.to_save[model].append((candidate, entry))
                self.to_fill[id(candidate)] = many
        self.gone[model] = [
            row
            for key, row in existing.items()
            if key not in entries
            and key not in self.left_out[model]
            and row.pk in self.past[model].from_files
        ]

    def _keyed(self, model: type[ContentModel]) -> dict[NaturalKey, Entry]:
        """The model's entries by natural key."""
        entries: dict[NaturalKey, Entry] = {}
        for entry in self.entries[model]:
            try:
                key = self._natural_key(entry)
            except LeftOut:
                self.report.counts[model]["kept"] += 1
                continue
            except ValueError as error:
                self.mistakes.append(f"{entry}: {error}")
                continue
            if key in entries:
                twice = _("stands twice, also in %(file)s") % {"file": entries[key].file}
                self.mistakes.append(f"{entry}: {twice}")
                continue
            entries[key] = self.sources[model, key] = entry
        self._refuse_near_keys(model, entries)
        return entries

    def _refuse_near_keys(
        self, model: type[ContentModel], entries: dict[NaturalKey, Entry]
    ) -> None:
        """A key that differs from another in its capitals only is one of them, mistyped."""
        known = {_folded(key): key for key in self.rows[model]}
        for key, entry in entries.items():
            other = known.setdefault(_folded(key), key)
            if other != key and key not in self.rows[model]:
                self.mistakes.append(
                    f"{entry}: "
                    + _("there is “%(key)s”, which differs in capitals or spaces only")
                    % {"key": other[-1]}
                )

    def _leave_out_deleted(
        self, model: type[ContentModel], entries: dict[NaturalKey, Entry]
    ) -> None:
        """What an editor deleted is a conflict, or stays deleted, or comes back."""
        for key in self._deleted_by_hand(model):
            if key in self.rows[model] or key not in entries:
                continue
            if self.prefer == Prefer.THEIRS:
                self.left_out[model].add(key)
                self.report.counts[model]["kept"] += 1
            elif self.prefer == Prefer.NEITHER:
                self._conflict(model, key, "–", _("present"), _("deleted"))

    def differences(
        self, row: ContentModel, candidate: ContentModel, many: dict[str, list[ContentModel]]
    ) -> tuple[list["models.Field[Any, Any]"], dict[str, list[ContentModel]]]:
        """Fields in which the row is not as the candidate, and its other many-to-many values."""
        model = type(row)
        differing = [
            f
            for f in model._meta.concrete_fields
            if not f.primary_key
            and (
                _differ(f, getattr(row, f.attname), getattr(candidate, f.attname))
                or (isinstance(f, models.ForeignKey) and is_new(getattr(candidate, f.name)))
            )
        ]
        differing_many = {
            name: wanted
            for name, wanted in many.items()
            if self.many[model][name].get(row.pk, set()) != {target.pk for target in wanted}
        }
        return differing, differing_many

    def compare_row(
        self,
        row: ContentModel,
        candidate: ContentModel,
        many: dict[str, list[ContentModel]],
        key: NaturalKey,
        entry: Entry,
    ) -> None:
        model = entry.model
        differing, differing_many = self.differences(row, candidate, many)
        if not differing and not differing_many:
            self.report.counts[model]["unchanged"] += 1
            if row.pk in self.past[model].edited:
                self.agreed.append((row, entry))
            return
        kept = [f.name for f in differing if f.name in frozen.get(model, ())]
        if kept:
            self.mistakes.append(
                f"{entry}: "
                + _("%(fields)s is never changed: write a new object with a new key")
                % {"fields": ", ".join(kept)}
            )
            return
        if row.pk in self.past[model].edited:
            if self.prefer == Prefer.THEIRS:
                self.report.counts[model]["kept"] += 1
                return
            if self.prefer == Prefer.NEITHER:
                for f in differing:
                    self._conflict(
                        model, key, f.name, getattr(candidate, f.name), getattr(row, f.name)
                    )
                for name, wanted in differing_many.items():
                    target = cast("type[models.Model]", model._meta.get_field(name).related_model)
                    present = [
                        self.by_pk[target][pk] for pk in self.many[model][name].get(row.pk, ())
                    ]
                    self._conflict(model, key, name, names_of(wanted), names_of(present))
                return
        for f in differing:
            setattr(row, f.name, getattr(candidate, f.name))
        self.report.counts[model]["changed"] += 1
        self.to_save[model].append((row, entry))
        self.to_fill[id(row)] = differing_many

    def _natural_key(self, entry: Entry) -> NaturalKey:
        model = entry.model
        own = str(entry.values.get("key") or "")
        if not own:
            raise ValueError(_("it has no key"))
        if model.parent_field is None:
            return (own,)
        first, *rest = model.parent_field.split("__")
        try:
            parent: Any = self._target(
                cast("models.ForeignKey[Any, Any]", model._meta.get_field(first)),
                entry.values.get(first),
            )
        except ValidationError as error:
            raise ValueError("; ".join(reasons_of(error))) from None
        if parent is None:
            raise ValueError(_("it has no %(parent)s") % {"parent": first})
        return (*reduce(getattr, rest, parent).natural_key(), own)

    def fill(self, row: ContentModel, entry: Entry) -> dict[str, list[ContentModel]]:
        """Put the entry's values into a new row; returns its many-to-many values."""
        errors: dict[str, list[str]] = {}
        many: dict[str, list[ContentModel]] = {f.name: [] for f in many_references(entry.model)}
        for name, value in entry.values.items():
            try:
                found = entry.model._meta.get_field(name)
            except FieldDoesNotExist:
                errors[name] = [_("there is no such field")]
                continue
            try:
                if name in many:
                    many[name] = self._targets(found, value)
                elif not isinstance(found, models.Field) or found.primary_key or found.many_to_many:
                    errors[name] = [_("this field cannot be given in a file")]
                elif isinstance(found, models.ForeignKey):
                    setattr(row, name, self._target(found, value))
                else:
                    setattr(row, name, _python_value(found, value))
            except ValidationError as error:
                errors[name] = list(reasons_of(error))
            except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
                errors[name] = [f"{short(value)}: {error}"]
        if errors:
            raise ValidationError(errors)
        for prepare in preparers:
            prepare(row)
        # Uniqueness and check constraints are the database's, when the row is written.
        foreign = {f.name for f in references(entry.model)}
        missing = [f.name for f in references(entry.model) if not f.null and not f.is_cached(row)]
        if missing:
            raise ValidationError({name: _("This field is required.") for name in missing})
        row.clean_fields(exclude=foreign)
        row.clean()
        return many

    def _target(self, reference: Any, value: object) -> ContentModel | None:
        """The row that a natural key names.

        Raises ValidationError, or LeftOut where an editor deleted the row.
        """
        if value is None:
            if not reference.null:
                raise ValidationError(_("This field is required."))
            return None
        if not isinstance(value, list):
            raise ValidationError(
                _("write the natural key as a list, not %(value)s") % {"value": short(value)}
            )
        target = reference.related_model
        key = tuple(str(part) for part in value)
        if key in self.left_out[target]:
            raise LeftOut
        found = self.rows.get(target, {}).get(key)
        if found is None:
            raise ValidationError(
                _("there is no %(model)s [%(key)s]")
                % {"model": target._meta.verbose_name, "key": " / ".join(key)}
            )
        return found

    def _targets(self, many: Any, value: object) -> list[ContentModel]:
        if not isinstance(value, list):
            raise ValidationError(_("write a list of natural keys"))
        targets = []
        for item in value:
            try:
                target = self._target(many, item)
            except LeftOut:
                continue
            if target is not None:
                targets.append(target)
        return targets

    def _deleted_by_hand(self, model: type[ContentModel]) -> set[NaturalKey]:
        """Natural keys of rows that came from files and that an editor deleted."""
        gone = self.past[model].deleted_by_hand
        if not gone:
            return set()
        keys: set[NaturalKey] = set()
        path = model.parent_field.split("__") if model.parent_field else []
        names = ["key"]
        if path:
            names.append(cast("Any", model._meta.get_field(path[0])).attname)
        history = cast("Any", model).history.filter(id__in=gone, history_type="-")
        for key, *parent_pk in history.values_list(*names):
            if not path:
                keys.add((key,))
                continue
            first = cast("type[models.Model]", model._meta.get_field(path[0]).related_model)
            parent: Any = self.by_pk[first].get(parent_pk[0])
            if parent is not None:
                keys.add((*reduce(getattr, path[1:], parent).natural_key(), key))
        return keys

    def _conflict(
        self, model: type[ContentModel], key: NaturalKey, name: str, file: object, admin: object
    ) -> None:
        self.conflicts.append(
            Conflict(model._meta.label_lower, " / ".join(key), name, short(file), short(admin))
        )


def _python_value(field: "models.Field[Any, Any]", value: object) -> Any:
    """The value as the field holds it; raises what `to_python` raises."""
    is_text = isinstance(field, models.CharField | models.TextField)
    if is_text and (isinstance(value, bool) or not isinstance(value, str | int | None)):
        raise ValidationError(
            _("%(value)s is no text: write it in quotes"), params={"value": short(value)}
        )
    # 33.3 as it is written, not 33.299999999999997
    return field.to_python(repr(value) if isinstance(value, float) else value)


def _differ(field: "models.Field[Any, Any]", row: object, candidate: object) -> bool:
    if isinstance(field, models.JSONField) and row is not None and candidate is not None:
        # To Python true, 1 and 1.0 are the same.
        return json.dumps(row, sort_keys=True) != json.dumps(candidate, sort_keys=True)
    return row != candidate


def _folded(key: NaturalKey) -> NaturalKey:
    return tuple(part.strip().casefold() for part in key)


def is_new(related: models.Model | None) -> bool:
    return related is not None and related.pk is None


def name_of(row: ContentModel) -> str:
    return f"{row._meta.label_lower} [{' / '.join(row.natural_key())}]"


def names_of(rows: Iterable[ContentModel]) -> str:
    return ", ".join(sorted(" / ".join(row.natural_key()) for row in rows)) or "–"


def short(value: object) -> str:
    if isinstance(value, ContentModel):
        value = " / ".join(value.natural_key())
    text = " ".join(str(value).split()) if value not in (None, "") else "–"
    return text if len(text) <= 60 else f"{text[:59]}…"


def reasons_of(error: ValidationError) -> Iterator[str]:
    if hasattr(error, "error_dict"):
        for name, messages in error.message_dict.items():
            for message in messages:
                yield message if name == "__all__" else f"{name}: {message}"
    else:
        yield from error.messages
