"""No page reads a whole table of what learners do: the plan of every query, on both databases.

A page may show many rows; it must not have to read those of other classes to find them.
"""

from typing import Any

import pytest
from django.apps import apps

pytestmark = pytest.mark.django_db

GROWS = {
    "accounts.user",
    "accounts.session",
    "guided.progress",
    *(f"quizzes.{name}" for name in ("delivery", "deliveryexception", "attempt", "attemptitem")),
    *(f"quizzes.{name}" for name in ("draft", "response", "mark", "deliverystep", "deliveryitem")),
    *(model._meta.label_lower for model in apps.get_app_config("classrooms").get_models()),
}
"""Models with more rows the more learners there are."""

TABLES = {m._meta.db_table for m in apps.get_models() if m._meta.label_lower in GROWS}

Query = tuple[str, Any]
