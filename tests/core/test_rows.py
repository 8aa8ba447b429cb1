"""Rows read with SQL built once are what Django's querysets give."""

import pytest

from lessons.accounts.models import User
from lessons.core import rows
from lessons.quizzes.models import AttemptItem
from tests.quizzes.working import check, item, right, save, start, wrong

pytestmark = pytest.mark.django_db
PARTS = ("response", "mark", "draft")


def fields(row: object) -> dict[str, object]:
    names = [field.attname for field in row._meta.concrete_fields]  # type: ignore[attr-defined]
    return {name: getattr(row, name) for name in names}


def test_joined_rows_are_what_a_queryset_gives(
    student: User, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    attempt = start(student, "samples")
    check(item(attempt, 1), right(item(attempt, 1)))
    check(item(attempt, 2), wrong(item(attempt, 2)))
    save(item(attempt, 3), right(item(attempt, 3)))
    found = rows.read(AttemptItem, "attempt_id = %s", [attempt.pk], joined=PARTS)
    expected = AttemptItem.objects.filter(attempt=attempt).select_related(*PARTS)
    assert len(found) == 12
    by_pk = {one.pk: one for one in found}
    with django_assert_num_queries(0):  # type: ignore[operator]
        joined = {one.pk: [getattr(one, name, None) for name in PARTS] for one in found}
    for one in expected:
        mine = by_pk[one.pk]
        assert fields(mine) == fields(one)
        for own, name in zip(joined[one.pk], PARTS, strict=True):
            other = getattr(one, name, None)
            assert own == other
            assert own is None or fields(own) == fields(other)
    assert [bool(part) for part in joined[item(attempt, 3).pk]] == [False, False, True]


def test_condition_that_nothing_meets_gives_nothing(student: User) -> None:
    assert rows.read(AttemptItem, "attempt_id = %s", [0], joined=PARTS) == []
