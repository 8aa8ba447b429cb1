"""Rows read and written fast, where every page or answer does so (docs/decisions/0010).

Django builds the SQL of every statement anew, which costs several times its running; and what
stands inside a transaction holds SQLite's one write lock. Here SQL is built once a model and
kept. Only for models without signals or multi-table parents.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from django.core.management.color import no_style
from django.db import connection, connections, models

R = TypeVar("R", bound=models.Model)


def insert(rows: Sequence[R]) -> bool:
    """INSERT new rows of one model in one statement and give them their primary keys.

    False, and nothing usable in `rows`, where a unique constraint already holds one of them;
    unlike an IntegrityError that leaves the transaction as it was. Other constraints raise.
    Field defaults and `auto_now_add` hold.
    """
    model = type(rows[0])
    fields = _fields(model)
    values = [
        field.get_db_prep_save(field.pre_save(row, True), connection)
        for row in rows
        for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(_insert_sql(model, len(rows), connection.vendor), values)
        keys = [key for (key,) in cursor.fetchall()]
    if len(keys) < len(rows):
        return False
    for row, key in zip(rows, sorted(keys), strict=True):
        row.pk = key
        row._state.adding = False
        row._state.db = connection.alias
    return True


PLAIN = (
    models.AutoField,
    models.BooleanField,
    models.CharField,
    models.ForeignKey,
    models.IntegerField,
    models.TextField,
)
"""Fields whose values every database takes as Python has them."""


def store(rows: Sequence[R]) -> None:
    """Write many new rows of one model whose primary keys their maker has given them.

    Several times quicker than bulk_create: COPY on PostgreSQL, one prepared statement on SQLite.
    Every field must have its value; nothing is filled in. Once all is written, `count_on`.
    """
    model, database = type(rows[0]), connections[connection.alias]
    fields = model._meta.concrete_fields
    columns = [_column_of(rows, field, database) for field in fields]
    values = list(zip(*columns, strict=True))
    quote = database.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in fields)
    into = f"{quote(model._meta.db_table)} ({names})"
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            with cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(fields))
            sql = f"INSERT INTO {into} VALUES ({places})"  # noqa: S608  # our own models' names
            cursor.executemany(sql, values)


def _column_of(rows: Sequence[R], field: Any, database: Any) -> list[Any]:
    values = [getattr(row, field.attname) for row in rows]
    if isinstance(field, PLAIN):
        return values
    return [field.get_db_prep_save(value, database) for value in values]


def count_on(of: Sequence[type[models.Model]]) -> None:
    """Let PostgreSQL number new rows after those that `store` has written (SQLite does)."""
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), list(of)):
            cursor.execute(sql)


def change(row: models.Model, *, only_while: str = "", **values: Any) -> bool:
    """UPDATE fields of a row, in the table and then in `row`; False where nothing was changed.

    Keys are attribute names of columns (`response_id`). `only_while` is a condition in SQL, a
    constant of the caller's.
    """
    model = type(row)
    prepared = [
        model._meta.get_field(name.removesuffix("_id")).get_db_prep_save(value, connection)  # type: ignore[union-attr]
        for name, value in values.items()
    ]
    sql = _update_sql(model, tuple(values), only_while)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*prepared, row.pk])
        changed: bool = cursor.rowcount == 1
    if changed:
        for name, value in values.items():
            setattr(row, name, value)
    return changed


def read(
    model: type[R], condition: str, values: Sequence[Any], *, joined: tuple[str, ...] = ()
) -> list[R]:
    """Rows of `model` where `condition` holds, in no order, each with its `joined` rows.

    `condition` is SQL, a constant of the caller's, in which columns of `model` carry the name of
    its table. `joined` names foreign keys and reverse one-to-one relations; where a row has
    none, that is remembered too.
    """
    sql, parts = _selection(model, joined, condition, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchall()
    rows = []
    for record in found:
        row = parts[0].row(record)
        for part in parts[1:]:
            other = part.row(record)
            part.relation.set_cached_value(row, other)
            if other is not None and part.relation.auto_created:
                part.relation.remote_field.set_cached_value(other, row)
        rows.append(row)
    return rows


@dataclass(frozen=True)
class _Part:
    """The columns of one model in a selection: `relation` leads to it (None: the first model)."""

    model: type[models.Model]
    relation: Any
    names: tuple[str, ...]
    start: int
    key_at: int
    converters: tuple[tuple[int, Any, tuple[Callable[..., Any], ...]], ...]

    def row(self, record: Sequence[Any]) -> Any:
        if record[self.key_at] is None:
            return None
        values = list(record[self.start : self.start + len(self.names)])
        for at, column, functions in self.converters:
            for function in functions:
                values[at] = function(values[at], column, connection)
        return self.model.from_db(connection.alias, self.names, values)


@lru_cache(maxsize=64)
def _selection(
    model: type[models.Model], joined: tuple[str, ...], condition: str, vendor: str
) -> tuple[str, tuple[_Part, ...]]:
    quote = connection.ops.quote_name
    columns: list[str] = []
    parts: list[_Part] = []

    def add(of: type[models.Model], relation: Any, alias: str) -> None:
        start, fields = len(columns), of._meta.concrete_fields
        converters = []
        for at, field in enumerate(fields):
            column = field.get_col(alias)
            functions = (
                *connection.ops.get_db_converters(column),
                *column.get_db_converters(connection),
            )
            if functions:
                converters.append((at, column, functions))
            columns.append(f"{quote(alias)}.{quote(str(field.column))}")
        key_at = start + [field.primary_key for field in fields].index(True)
        names = tuple(field.attname for field in fields)
        parts.append(_Part(of, relation, names, start, key_at, tuple(converters)))

    table = model._meta.db_table
    add(model, None, table)
    joins = ""
    for name in joined:
        relation: Any = model._meta.get_field(name)
        other = relation.related_model
        add(other, relation, name)
        own, theirs = (
            (_key_column(model), relation.remote_field.column)
            if relation.auto_created
            else (relation.column, _key_column(other))
        )
        joins += (
            f" LEFT JOIN {quote(other._meta.db_table)} {quote(name)}"
            f" ON {quote(name)}.{quote(theirs)} = {quote(table)}.{quote(own)}"
        )
    return (  # names of our own models' tables and columns
        f"SELECT {', '.join(columns)} FROM {quote(table)}{joins} WHERE {condition}",  # noqa: S608
        tuple(parts),
    )


@lru_cache(maxsize=64)
def _fields(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.primary_key]


def _key_column(model: type[models.Model]) -> str:
    return str(model._meta.pk.column)


@lru_cache(maxsize=256)
def _insert_sql(model: type[models.Model], count: int, vendor: str) -> str:
    quote = connection.ops.quote_name
    fields = _fields(model)
    columns = ", ".join(quote(str(field.column)) for field in fields)
    row = "(" + ", ".join(["%s"] * len(fields)) + ")"
    return (  # names of our own models' tables and columns
        f"INSERT INTO {quote(model._meta.db_table)} ({columns}) "  # noqa: S608
        f"VALUES {', '.join([row] * count)} "
        f"ON CONFLICT DO NOTHING RETURNING {quote(_key_column(model))}"
    )


@lru_cache(maxsize=256)
def _update_sql(model: type[models.Model], names: tuple[str, ...], only_while: str) -> str:
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(name)} = %s" for name in names)
    condition = f" AND {only_while}" if only_while else ""
    table, pk = quote(model._meta.db_table), quote(_key_column(model))
    return f"UPDATE {table} SET {sets} WHERE {pk} = %s{condition}"  # noqa: S608
