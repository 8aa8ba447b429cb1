"""Content from the database back to its files: what did not change stays letter by letter.

Each file is compared with the rows as a load would. Only fields that differ are written anew;
the result is then read as a load would read it, so that what is written is what was meant.
"""

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from lessons.core.models import ContentModel, LoadedContent, Status

from .comparing import Comparison, NaturalKey, name_of, reasons_of
from .files import (
    Entry,
    Mistake,
    content_is_current,
    fixtures_root,
    parse,
    read_texts,
)
from .layout import Block, Layout
from .loading import load
from .outcome import Prefer
from .relations import many_references, parent_of, references

Known = tuple[type[models.Model], NaturalKey]


@dataclass(frozen=True)
class Change:
    """What differs from the files, for one row."""

    file: str
    row: str
    """Its model and natural key."""
    fields: tuple[str, ...] = ()
    """Names of fields that changed; none for a row that is new or gone."""
    is_new: bool = False

    def __str__(self) -> str:
        if self.fields:
            words = _("%(fields)s changed") % {"fields": ", ".join(self.fields)}
        else:
            words = _("new") if self.is_new else _("deleted")
        return f"{self.file}: {self.row}: {words}"


@dataclass(frozen=True)
class Export:
    """The files as they are, and as they have to be."""

    before: dict[str, str]
    after: dict[str, str]
    """A file that holds no object any more is not in it."""
    changes: list[Change]

    @property
    def changed_files(self) -> list[str]:
        names = dict.fromkeys([*self.before, *self.after])
        return [name for name in names if self.before.get(name) != self.after.get(name)]

    def diff(self) -> str:
        """What changes, as `diff -u` writes it."""
        return "".join(
            line
            for name in self.changed_files
            for line in _diff(name, self.before.get(name, ""), self.after.get(name, ""))
        )

    def write(self) -> None:
        """Bring the files in their folder to this; the database then counts as loaded from them.

        So the file and the row say the same, and a later change of the file is no conflict.
        """
        for name in self.changed_files:
            if name in self.after:
                _replace(fixtures_root() / name, self.after[name])
            else:
                (fixtures_root() / name).unlink()
        load(prefer=Prefer.THEIRS)

    def write_to(self, folder: Path) -> None:
        """Write every file into another folder, as a whole."""
        for name, text in self.after.items():
            _replace(folder / name, text)


def files_are_newer() -> bool:
    """True where files lie there that were not loaded: to export would undo them."""
    return LoadedContent.objects.exists() and not content_is_current()


def export() -> Export:
    """Compare the content with the files and write it into their text; changes nothing.

    Raises Mistake where a file cannot be read, or a row cannot be loaded again.
    """
    with transaction.atomic():
        before = read_texts()
        compared = _Compared(parse(before))
        compared.compare()
        if compared.mistakes:
            raise Mistake(compared.mistakes)
        writing = _Writing(before, compared)
        after = writing.run()
        for name in _misread(after, writing):
            writing.write_anew(name)
        after = writing.texts()
        if wrong := _misread(after, writing):
            raise Mistake([_("%(file)s could not be written.") % {"file": name} for name in wrong])
    return Export(before, after, writing.changes)


@dataclass
class _Differing:
    entry: Entry
    row: ContentModel
    fields: list["models.Field[Any, Any]"]
    many: dict[str, list[ContentModel]]


class _Compared(Comparison):
    """The comparison of a load that only takes notes."""

    def __init__(self, entries: list[Entry]) -> None:
        super().__init__(entries, Prefer.OURS)
        self.all_entries = entries
        self.differing: list[_Differing] = []

    def compare_row(
        self,
        row: ContentModel,
        candidate: ContentModel,
        many: dict[str, list[ContentModel]],
        key: NaturalKey,
        entry: Entry,
    ) -> None:
        fields, differing_many = self.differences(row, candidate, many)
        if fields or differing_many:
            self.differing.append(_Differing(entry, row, fields, differing_many))

    def targets_of(self, row: ContentModel, name: str) -> list[ContentModel]:
        """The rows of a many-to-many field, by natural key."""
        many = cast("type[models.Model]", type(row)._meta.get_field(name).related_model)
        pks = self.many[type(row)][name].get(row.pk, ())
        return sorted((self.by_pk[many][pk] for pk in pks), key=lambda one: one.natural_key())


@dataclass
class _Placed:
    """One row in its file."""

    known: Known
    file: str
    block: Block
    values: dict[str, Any] = field(default_factory=dict)


class _Writing:
    """The files' text on its way from what it is to what it has to be."""

    def __init__(self, texts: Mapping[str, str], compared: _Compared) -> None:
        self.compared = compared
        self.layouts = {name: Layout(text) for name, text in texts.items()}
        self.changes: list[Change] = []
        self.placed: dict[Known, _Placed] = {}
        self.emptied: set[str] = set()
        """Files that an object was taken out of."""
        self.known: dict[int, Known] = {}
        """By id() of the entry."""
        for known, entry in compared.sources.items():
            self.known[id(entry)] = known
        numbers: Counter[str] = Counter()
        for entry in compared.all_entries:
            layout = self.layouts[entry.file]
            if not layout.blocks:  # a list in brackets: in lines from now on
                self._spread(entry.file)
            block = layout.blocks[numbers[entry.file]]
            numbers[entry.file] += 1
            known = self.known[id(entry)]
            self.placed[known] = _Placed(known, entry.file, block, dict(entry.values))
        self.orders = self._orders()

    def _spread(self, file: str) -> None:
        layout = self.layouts[file]
        layout.tail = ""
        last: Block | None = None
        for entry in self.compared.all_entries:
            if entry.file == file:
                last = layout.insert(last, entry.model._meta.label_lower, entry.values)

    def _orders(self) -> dict[type[models.Model], list[str]]:
        """The order in which the files write the fields of a model: that of its fullest object."""
        orders: dict[type[models.Model], list[str]] = {}
        for (model, _key), placed in self.placed.items():
            if len(placed.values) >= len(orders.get(model, [])):
                orders[model] = list(placed.values)
        return orders

    def run(self) -> dict[str, str]:
        for differing in self.compared.differing:
            self._change(differing)
        for row in self._unwritten():
            self._add(row)
        rows = self.compared.rows
        for known, placed in list(self.placed.items()):
            if rows[known[0]][known[1]].pk is None:
                self._remove(placed)
        return self.texts()

    def texts(self) -> dict[str, str]:
        texts = {name: layout.text() for name, layout in self.layouts.items()}
        used = {placed.file for placed in self.placed.values()}
        return {name: text for name, text in texts.items() if name not in self.emptied - used}

    # What changed

    def _change(self, differing: _Differing) -> None:
        row, entry = differing.row, differing.entry
        placed = self.placed[self.known[id(entry)]]
        names = [f.name for f in differing.fields] + list(differing.many)
        written = {n: self._plain(row, n, entry.values) for n in names if n in entry.values}
        # What is computed from other fields follows them, and is not written where it was not.
        left = self._left(row, entry.values | written) if written else names
        written |= {name: self._plain(row, name, {}) for name in left}
        placed.values |= written
        self.layouts[entry.file].write_fields(placed.block, written, self._before(type(row)))
        self.changes.append(Change(entry.file, name_of(row), tuple(written)))

    def _left(self, row: ContentModel, values: dict[str, Any]) -> list[str]:
        """In what a row that these values make differs from the row; raises Mistake."""
        model = type(row)
        candidate = model()
        try:
            many = self.compared.fill(candidate, Entry("", 0, model, values))
        except ValidationError as error:
            raise Mistake(f"{name_of(row)}: {why}" for why in reasons_of(error)) from None
        fields, differing_many = self.compared.differences(row, candidate, many)
        return [f.name for f in fields] + list(differing_many)

    def _before(self, model: type[ContentModel]) -> Any:
        order = self.orders.get(model) or [f.name for f in model._meta.get_fields()]

        def before(name: str) -> Iterable[str]:
            return reversed(order[: order.index(name)]) if name in order else ()

        return before

    def _plain(self, row: ContentModel, name: str, old: Mapping[str, Any]) -> Any:
        """The value of a field as a file holds it."""
        found = row._meta.get_field(name)
        if isinstance(found, models.ManyToManyField):
            keys = [list(one.natural_key()) for one in self.compared.targets_of(row, name)]
            given = [one for one in old.get(name) or [] if isinstance(one, list)]
            before = [[str(part) for part in one] for one in given]
            return [key for key in before if key in keys] + [k for k in keys if k not in before]
        if isinstance(found, models.ForeignKey):
            target = getattr(row, name)
            return None if target is None else list(target.natural_key())
        value = getattr(row, cast("Any", found).attname)
        plain = (models.IntegerField, models.BooleanField, models.FloatField, models.JSONField)
        if value is None or isinstance(found, plain):
            return value
        if isinstance(found, models.DateField) and not isinstance(found, models.DateTimeField):
            return value
        return str(value) if isinstance(value, str) else cast("Any", found).value_to_string(row)

    # What is new

    def _unwritten(self) -> list[ContentModel]:
        """Rows that belong in the files and are not in them, parents before children.

        Not those that a load retired or left since they had gone from the files, unless another
        row of the files refers to them.
        """
        compared = self.compared
        missing: dict[Known, ContentModel] = {}
        optional: dict[Known, ContentModel] = {}
        for model in compared.models:
            for key, row in compared.rows[model].items():
                if (model, key) in self.placed or row.pk is None:
                    continue
                parent = parent_of(row)
                up = (type(parent), parent.natural_key()) if parent else None
                away = getattr(row, "status", "") == Status.RETIRED or (
                    row.pk in compared.past[model].from_files
                    and row.pk not in compared.past[model].edited
                )
                (optional if away or up in optional else missing)[model, key] = row
        waiting = [*missing.values(), *(d.row for d in compared.differing)]
        while waiting:
            for known in self._references(waiting.pop()):
                if known in optional:
                    missing[known] = optional.pop(known)
                    waiting.append(missing[known])
        order = {model: n for n, model in enumerate(compared.models)}
        return sorted(missing.values(), key=lambda row: (order[type(row)], *_sorting(row), row.pk))

    def _references(self, row: ContentModel) -> Iterator[Known]:
        for reference in references(type(row)):
            target = getattr(row, reference.name)
            if isinstance(target, ContentModel):
                yield type(target), target.natural_key()
        for many in many_references(type(row)):
            for target in self.compared.targets_of(row, many.name):
                yield type(target), target.natural_key()

    def _add(self, row: ContentModel) -> None:
        model = type(row)
        known = (model, row.natural_key())
        values = self._values(row)
        file, after = self._place(row)
        if file not in self.layouts:
            self.layouts[file] = Layout("")
        block = self.layouts[file].insert(after, model._meta.label_lower, values)
        self.placed[known] = _Placed(known, file, block, values)
        self.changes.append(Change(file, name_of(row), is_new=True))

    def _values(self, row: ContentModel) -> dict[str, Any]:
        """What a file has to say of a new row: what such rows say there, and what it needs."""
        model = type(row)
        fields = [f for f in model._meta.concrete_fields if not f.primary_key]
        parent = (model.parent_field or "").split("__")[0]
        every = [n for n in (parent, "key", "status") if n and n in {f.name for f in fields}]
        every += [f.name for f in fields if f.name not in every]
        every += [many.name for many in many_references(model)]
        names = self.orders.get(model, every)
        values = {name: self._plain(row, name, {}) for name in names}
        try:
            left = self._left(row, values)
        except Mistake:
            left = every
        for name in every:
            if name in left and name not in values:
                values[name] = self._plain(row, name, {})
        self._left(row, values)
        return values

    def _place(self, row: ContentModel) -> tuple[str, Block | None]:
        """The file of a new row, and the block it stands behind."""
        model = type(row)
        parent = parent_of(row)
        same = [placed for (other, _key), placed in self.placed.items() if other is model]
        if parent is not None:
            up = self.placed[type(parent), parent.natural_key()]
            beside = [p for p in same if p.known[1][:-1] == row.natural_key()[:-1]]
            if _one_a_file(same) and len(same) > 1:
                return self._new_file(row), None
            anchor = beside[-1] if beside else up
        elif same and not _one_a_file(same):
            anchor = max(same, key=lambda p: (_shared(p.known[1][-1], row.key), same.index(p)))
        elif same or model not in self.orders:
            name = self._new_file(row)
            there = [p for p in self.placed.values() if p.file == name]
            return name, there[-1].block if there else None
        else:
            return self._new_file(row), None
        return anchor.file, self._last_of(anchor)

    def _new_file(self, row: ContentModel) -> str:
        """Named after the row where each of its kind has a file; else after the kind."""
        has_many = any(
            m.parent_field and m is not type(row) and _is_under(m, type(row))
            for m in self.compared.models
        )
        name = slugify(row.key) if has_many else row._meta.model_name
        file = f"{row._meta.app_label}/{name or row._meta.model_name}.yaml"
        taken = {p.file for p in self.placed.values() if p.known[0] is not type(row)}
        if has_many and file in self.layouts and file in taken:
            file = file.removesuffix(".yaml") + f"-{row._meta.model_name}.yaml"
        return file

    def _last_of(self, anchor: _Placed) -> Block:
        """The last block of its file that belongs to the anchor's row, or is it."""
        layout = self.layouts[anchor.file]
        under = {anchor.known}
        last, best = anchor.block, layout.blocks.index(anchor.block)
        for model in self.compared.models:
            if model.parent_field is None:
                continue
            for (other, key), placed in self.placed.items():
                if other is not model:
                    continue
                parent = parent_of(self.compared.rows[model][key])
                if parent is not None and (type(parent), parent.natural_key()) in under:
                    under.add((other, key))
                    if placed.file == anchor.file:
                        at = layout.blocks.index(placed.block)
                        if at > best:
                            last, best = placed.block, at
        return last

    # What is gone

    def _remove(self, placed: _Placed) -> None:
        self.layouts[placed.file].remove(placed.block)
        del self.placed[placed.known]
        self.emptied.add(placed.file)
        label, key = placed.known[0]._meta.label_lower, " / ".join(placed.known[1])
        self.changes.append(Change(placed.file, f"{label} [{key}]"))

    def write_anew(self, file: str) -> None:
        """Write every object of a file in our own style."""
        for placed in self.placed.values():
            if placed.file == file:
                label = placed.known[0]._meta.label_lower
                self.layouts[file].write_anew(placed.block, label, placed.values)


def _misread(texts: Mapping[str, str], writing: _Writing) -> list[str]:
    """The files of these in which a load would find something else than the rows."""
    wrong: list[str] = []
    entries: list[Entry] = []
    for name, text in texts.items():
        try:
            entries += parse({name: text})
        except Mistake:
            wrong.append(name)
    if wrong:
        return wrong
    again = _Compared(entries)
    again.compare()
    if again.mistakes:
        raise Mistake(again.mistakes)
    read = {known: entry.file for known, entry in again.sources.items()}
    meant = {placed.known: placed.file for placed in writing.placed.values()}
    odd = [differing.entry.file for differing in again.differing]
    odd += [file for known, file in (read.items() ^ meant.items())]
    return sorted(set(odd))


def _sorting(row: ContentModel) -> tuple[Any, ...]:
    return tuple(getattr(row, name, 0) or 0 for name in ("order", "position"))


def _one_a_file(placed: list[_Placed]) -> bool:
    counts: dict[str, int] = defaultdict(int)
    for one in placed:
        counts[one.file] += 1
    return all(n == 1 for n in counts.values())


def _is_under(model: type[ContentModel], parent: type[models.Model]) -> bool:
    first = cast("str", model.parent_field).split("__")[0]
    return model._meta.get_field(first).related_model is parent


def _shared(one: str, other: str) -> int:
    """How many words two keys begin with alike."""
    pairs = zip(one.split("-"), other.split("-"), strict=False)
    return next(
        (n for n, (a, b) in enumerate(pairs) if a != b),
        min(len(one.split("-")), len(other.split("-"))),
    )


def _diff(name: str, before: str, after: str) -> Iterator[str]:
    """As `difflib.unified_diff`, which takes lines that stand in a file often for noise."""
    old, new = before.split("\n"), after.split("\n")
    yield f"--- a/{name}\n+++ b/{name}\n"
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for group in matcher.get_grouped_opcodes(3):
        (_op, old_from, _o, new_from, _n), (_op, _o, old_to, _n, new_to) = group[0], group[-1]
        yield f"@@ -{old_from + 1},{old_to - old_from} +{new_from + 1},{new_to - new_from} @@\n"
        for op, i, j, k, m in group:
            yield from (f" {line}\n" for line in old[i:j] if op == "equal")
            yield from (f"-{line}\n" for line in old[i:j] if op != "equal")
            yield from (f"+{line}\n" for line in new[k:m] if op != "equal")


def _replace(path: Path, text: str) -> None:
    """Write a file as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(text.encode("utf-8"))
    new.replace(path)
