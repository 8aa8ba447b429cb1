"""A list, a search for an autocomplete field and a form ask the database as much for few as for
many rows.
"""

import itertools
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.db import connection, models
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lessons.accounts.models import User
from lessons.core.editors import NamedAutocomplete
from lessons.quizzes.models import Question
from tests.conftest import ClientOf, make_user
from tests.registered import MODELS, Model, label, make_work, place

pytestmark = pytest.mark.django_db
FEW, MANY = 3, 30
numbers = itertools.count(1000)


@pytest.fixture
def root(client_of: ClientOf) -> Client:
    return client_of(User.objects.create_superuser("root", password="a long enough pass phrase"))


@pytest.fixture
def many() -> None:
    """At least `MANY` rows of every registered model."""
    make_work(make_user("amara"))
    for model in MODELS:
        if (wanted := MANY - model._base_manager.count()) > 0:
            copies(model._base_manager.order_by("pk")[0], wanted)


def copies(row: models.Model, count: int) -> list[Any]:
    """New rows like this one, other only where they must be."""
    model = type(row)
    made = [model._base_manager.get(pk=row.pk) for _n in range(count)]
    for name in _apart(row):
        field = model._meta.get_field(name)
        targets = copies(getattr(row, name), count) if field.is_relation else None
        for n, copy in enumerate(made):
            setattr(copy, name, targets[n] if targets else _another(field, getattr(copy, name)))
    for copy in made:
        copy.pk = None
        copy._state.adding = True
    return model._base_manager.bulk_create(made)


def _apart(row: models.Model) -> set[str]:
    """Names of fields of which one must differ in each unique constraint that the row meets."""
    model = type(row)
    unique = [(field.name,) for field in model._meta.fields if field.unique]
    unique += map(tuple, model._meta.unique_together)
    unique += [
        tuple(constraint.fields) or ("username",)  # else an expression
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint)
    ]
    unique.remove((model._meta.pk.name,))  # type: ignore[union-attr]
    chosen: set[str] = set()
    for names in sorted(unique, key=len):
        is_met = all(getattr(row, name) is not None for name in names)
        if is_met and not chosen.intersection(names):
            chosen.add(max(names, key=lambda name: _ease(model._meta.get_field(name))))
    return chosen


def _ease(field: Any) -> int:
    """How easily another value is made: a word, a number, a row; the parent stays if it can."""
    if field.is_relation:
        return 0 if field.name == getattr(field.model, "parent_field", None) else 1
    return 3 if isinstance(field, models.CharField | models.UUIDField) else 2


def _another(field: Any, value: Any) -> Any:
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, models.CharField):
        return f"{str(value)[: (field.max_length or 200) - 8]}-{next(numbers)}"
    return next(numbers)


def asked(client: Client, address: str, **data: Any) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address, data).status_code == 200, address
    return [query["sql"] for query in queries.captured_queries]


def test_lists_ask_as_much_for_many_rows(
    root: Client, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {}
    for model in MODELS:
        counts = []
        for size in (FEW, FEW, MANY):
            monkeypatch.setattr(admin.site._registry[model], "list_per_page", size)
            counts.append(len(asked(root, reverse(place(model, "changelist")))))
        found[label(model)] = counts[1:]
    assert {name: counts for name, counts in found.items() if counts[0] != counts[1]} == {}


def autocompletes() -> Iterator[tuple[Model, str]]:
    """Every field that an autocomplete of a form or of its inlines fills."""
    for of in admin.site._registry.values():
        parts: list[BaseModelAdmin[Any]] = [of, *(i(of.model, admin.site) for i in of.inlines)]
        for part in parts:
            for name in part.autocomplete_fields:
                yield part.model, name


def test_autocompletes_ask_as_much_for_many_rows(
    root: Client, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {}
    for model, name in set(autocompletes()):
        data = {
            "app_label": model._meta.app_label,
            "model_name": model._meta.model_name,
            "field_name": name,
        }
        counts = []
        for size in (FEW, FEW, MANY):
            monkeypatch.setattr(NamedAutocomplete, "paginate_by", size)
            counts.append(len(asked(root, reverse("admin:autocomplete"), **data)))
        found[f"{label(model)}.{name}"] = counts[1:]
    assert len(found) > 10
    assert {name: counts for name, counts in found.items() if counts[0] != counts[1]} == {}


def with_parts() -> Iterator[tuple[models.Model, list[models.Model]]]:
    """Rows whose forms hold rows of others, with one such row of each kind that has any."""
    for model in MODELS:
        rows = model._base_manager.order_by("pk")
        chosen = rows[:1]
        if model is Question:
            chosen = [rows.filter(kind=kind)[0] for kind in Question.Kind.values]
        for row in chosen:
            of = admin.site._registry[model]
            held = [inline.model for inline in of.get_inlines(HttpRequest(), row)]
            found = [one._base_manager.filter(**{one.parent_field: row}).first() for one in held]
            parts = [part for part in found if part is not None]
            if parts:
                yield row, parts


def test_forms_ask_as_much_for_many_parts(root: Client, many: None) -> None:
    found = {}
    for row, parts in with_parts():
        address = reverse(place(type(row), "change"), args=[row.pk])
        counts = []
        for size in (FEW, 0, MANY):  # the first fills what is kept beyond a request
            for part in parts:
                copies(part, size)
            counts.append(len(asked(root, address)))
        found[f"{label(type(row))} {getattr(row, 'kind', '')}"] = counts[1:]
    assert len(found) >= len(Question.Kind.values) + 6
    assert {name: counts for name, counts in found.items() if counts[0] != counts[1]} == {}
