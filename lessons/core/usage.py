"""Where a row of content is used, and how many answers of learners rest on it.

Apps register what they know of their own models and of those below; nothing is imported upwards.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse

LISTED = 12
"""Rows that are named; the others are counted."""


@dataclass(frozen=True)
class Use:
    """Rows of one sort that use a row of content: (words, address of their page or "")."""

    title: str
    rows: Sequence[tuple[str, str]] = ()
    count: int = 0

    @property
    def more(self) -> int:
        return max(0, self.count - len(self.rows))


@dataclass(frozen=True)
class Resting:
    """Answers of learners that rest on a row; previews do not count."""

    answers: int
    learners: int
    is_more: bool = False
    """There are more of both: counting a million answers took two seconds a page."""


Finder = Callable[[Any], Iterable[Use]]
Counter = Callable[[Any], Resting]
_finders: dict[type[models.Model], list[Finder]] = {}
_counters: dict[type[models.Model], Counter] = {}


def tells_use(*of: type[models.Model]) -> Callable[[Finder], Finder]:
    """Register a function that tells where rows of these models are used."""

    def register(finder: Finder) -> Finder:
        for model in of:
            finders = _finders.setdefault(model, [])
            if finder not in finders:
                finders.append(finder)
        return finder

    return register


def counts_answers(*of: type[models.Model]) -> Callable[[Counter], Counter]:
    """Register the function that counts what rests on rows of these models (one query), as far as
    a person wants to know.
    """

    def register(counter: Counter) -> Counter:
        for model in of:
            _counters[model] = counter
        return counter

    return register


def listed(title: Any, rows: QuerySet[Any]) -> Use:
    """The first rows with links to their admin pages, and how many there are (two queries)."""
    found = list(rows[: LISTED + 1])
    count = len(found) if len(found) <= LISTED else rows.count()
    return Use(str(title), [(str(row), _address(row)) for row in found[:LISTED]], count)


def uses_of(row: models.Model) -> list[Use]:
    """What uses the row, in the order in which apps were loaded; nothing that is not used."""
    return [use for find in _finders.get(type(row), []) for use in find(row) if use.count]


def resting_on(row: models.Model) -> Resting | None:
    """What rests on the row, or None where nothing does."""
    count = _counters.get(type(row))
    found = count(row) if count else None
    return found if found and found.answers else None


def _address(row: models.Model) -> str:
    opts = row._meta
    try:
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return ""
