"""Rows that wait to be stored together, with the chance that decides what is in them."""

import uuid
from datetime import datetime
from random import Random
from typing import Any, TypeVar

from django.db import connection, models, transaction
from django.db.models import Max

from lessons.core import rows

ENOUGH = 40_000
"""Rows that wait in memory before they are stored: about 60 MB."""

M = TypeVar("M", bound=models.Model)


class Rows:
    def __init__(self, chance: Random, moment: datetime) -> None:
        self.chance = chance
        self.moment = moment
        self._keys: dict[type[models.Model], int] = {}
        self._waiting: dict[type[models.Model], list[Any]] = {}

    def add(self, row: M) -> M:
        """Let a row wait to be stored, and give it its key at once, for others to point at."""
        model = type(row)
        if row.pk is None:
            if model not in self._keys:
                last = model._base_manager.aggregate(last=Max("pk"))["last"]
                self._keys[model] = last or 0
            row.pk = self._keys[model] = self._keys[model] + 1
        self._waiting.setdefault(model, []).append(row)
        return row

    @transaction.atomic
    def store(self) -> None:
        for waiting in self._waiting.values():
            rows.store(waiting)
        self._waiting = {}

    def uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self.chance.getrandbits(128), version=4)

    def happens(self, share: float) -> bool:
        return self.chance.random() < share

    @property
    def are_enough(self) -> bool:
        return sum(map(len, self._waiting.values())) > ENOUGH

    def finish(self) -> None:
        """Store what still waits, and tell PostgreSQL how much there is: it would in minutes."""
        self.store()
        rows.count_on(list(self._keys))
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
