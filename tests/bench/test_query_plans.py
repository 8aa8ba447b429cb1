"""No page reads a whole table of what learners do: the plan of every query, on both databases.

A page may show many rows; it must not read those of other classes to find them.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponseBase

from lessons.accounts.models import User
from lessons.classrooms.load.maker import Maker
from lessons.quizzes.models import Response
from tests.attacks.addresses import client_of, undone

from .pages import cast_of_a_class, pages_of, people_of
from .writes import WRITES

pytestmark = pytest.mark.django_db

OF_LEARNERS = {
    "accounts.user",
    "accounts.session",
    "guided.progress",
    *(f"quizzes.{name}" for name in ("delivery", "deliveryexception", "attempt", "attemptitem")),
    *(f"quizzes.{name}" for name in ("response", "mark", "draft", "deliverystep", "deliveryitem")),
    *(model._meta.label_lower for model in apps.get_app_config("classrooms").get_models()),
}
"""Models that have the more rows the more learners there are."""

TABLES = {
    model._meta.db_table
    for model in apps.get_models(include_auto_created=True)
    if model._meta.label_lower in OF_LEARNERS
}

A_LIST = 20
"""Rows: who asks for so many lists the newest, and who asks for one is looking for it."""

ALLOWED: dict[tuple[str, str], str] = {
    ("manage.py tick", "accounts_user"): "once a day, by a timer; nobody waits for it",
    ("manage.py tick", "classrooms_membership"): "once a day, by a timer; nobody waits for it",
    ("manage.py tick", "classrooms_classroom"): "once a day, by a timer; nobody waits for it",
    ("manage.py tick", "quizzes_attempt"): "an index of the open attempts alone, once a day",
    ("administrator: admin/accounts/user/ searched", "accounts_user"): (
        "administrators find people by parts of their names; accounts are few beside answers"
    ),
    **{
        (f"administrator: admin/{app}/{name}/", f"{app}_{name}"): (
            "as many rows as fit a page; a longer list is cut into pages"
        )
        for app, names in (
            ("accounts", ("user",)),
            ("quizzes", ("delivery", "deliveryexception", "draft")),
        )
        for name in names
    },
}
"""(page, table) → why it may read that table whole. Printed with each run."""

Query = tuple[str, Any]


@contextmanager
def kept(queries: dict[Query, None]) -> Iterator[None]:
    """Note every statement once, with what it was given."""

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not many and re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)\b", sql):
            queries.setdefault((sql, tuple(params or ())))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield


def scanned(query: Query) -> dict[str, str]:
    """Tables of learners that the statement reads from end to end → its plan."""
    sql, params = query
    if not any(table in sql for table in TABLES):
        return {}
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            lines = [str(row[3]) for row in cursor.fetchall()]
            return {table: "\n".join(lines) for table in _scans_of_sqlite(sql, lines)}
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
        cursor.execute("SET LOCAL enable_seqscan = on")
        plan = json.loads(plan) if isinstance(plan, str) else plan
        whole = _scans_of_postgres(plan[0]["Plan"], is_list=_is_list(sql))
        return {table: json.dumps(plan, indent=1) for table in whole}


def _is_list(sql: str) -> bool:
    return max(map(int, re.findall(r" LIMIT (\d+)", sql)), default=0) >= A_LIST


def _scans_of_sqlite(sql: str, lines: list[str]) -> set[str]:
    """A walk along an index is one too, unless it is a list that stops after so many rows."""
    named = re.findall(r'"?(\w+)"?\s+(?:AS\s+)?"?(\w+)"?', sql)
    tables = {alias: table for table, alias in named if table in TABLES} | {t: t for t in TABLES}
    is_sorted = any("TEMP B-TREE" in line for line in lines)
    if _is_list(sql) and not is_sorted:
        return set()
    scans = (re.match(r"SCAN (\w+)", line) for line in lines)
    return {tables[scan[1]] for scan in scans if scan and scan[1] in tables}


def _scans_of_postgres(node: dict[str, Any], *, is_list: bool) -> set[str]:
    found = set()
    if is_list and node["Node Type"] == "Limit" and node["Plans"][0]["Node Type"] == "Seq Scan":
        return found
    if node["Node Type"] == "Seq Scan" and node["Relation Name"] in TABLES:
        found.add(node["Relation Name"])
    for child in node.get("Plans", ()):
        found |= _scans_of_postgres(child, is_list=is_list)
    return found


def complaints(queries: dict[str, dict[Query, None]]) -> list[str]:
    """Page, statement and plan of each whole table read; the same statement once."""
    said: dict[str, str] = {}
    for page, asked in queries.items():
        for query in asked:
            for table, plan in scanned(query).items():
                if (page, table) not in ALLOWED:
                    said.setdefault(query[0], f"{page} reads all of {table}:\n{query[0]}\n{plan}\n")
    return list(said.values())


def everything_asked() -> dict[str, dict[Query, None]]:
    """What each page and each write asks of the database."""
    asked: dict[str, dict[Query, None]] = {}
    cast = cast_of_a_class()
    people = people_of(cast)
    clients = {who: client_of(user) for who, user in people.items()}
    queries: dict[Query, None] = {}

    def ask(*request: Any) -> HttpResponseBase:
        queries.clear()
        with kept(queries):
            return undone(*request)

    for page in pages_of(cast, people, ask):
        asked[f"{page.who}: {page.name}"] = noted = queries.copy()
        if not page.name.startswith("admin/"):  # of which nothing is kept from one time to the next
            with kept(noted):
                undone(clients[page.who], "get", page.path)
    for number, (name, prepare) in enumerate(WRITES.items()):
        learner = User.objects.create(username=f"load-writer-{number}")
        send = prepare(client_of(learner), learner)
        with kept(asked.setdefault(name, {})):
            assert send().status_code in (200, 204, 302)
    with kept(asked.setdefault("manage.py tick", {})):
        call_command("tick", verbosity=0)
    return asked


def test_no_page_reads_a_whole_table() -> None:
    Maker(seed=5).make(learners=60, responses=2_000)
    queries = everything_asked()
    assert len(queries) > 150
    for (page, table), why in ALLOWED.items():
        print(f"{page} may read all of {table}: {why}")
    found = complaints(queries)
    assert not found, f"{len(found)} statements\n\n" + "\n".join(found)


def test_the_check_sees_a_whole_table_read() -> None:
    by_item = Response.objects.filter(item=1).order_by()
    by_word = Response.objects.filter(confidence="sure").order_by()
    newest = Response.objects.order_by("-pk")[:50]
    found = [{*scanned(rows.query.sql_with_params())} for rows in (by_item, by_word, newest)]
    assert found == [set(), {"quizzes_response"}, set()]
