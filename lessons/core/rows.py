"""Writing single rows fast: what stands inside a transaction holds SQLite's one write lock.

Django builds the SQL of every insert and update anew, which costs several times its running.
Here it is built once a model and kept. Only for models without signals or multi-table parents.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection, models

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
