from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.utils import translation

from lessons.core import rendered as module
from lessons.core.rendered import CAPACITY, clear, rendered


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    clear()
    yield
    clear()


def counter() -> tuple[list[int], object]:
    calls: list[int] = []

    def build() -> int:
        calls.append(1)
        return len(calls)

    return calls, build


def test_rendered_builds_once_per_version_and_parts() -> None:
    _, build = counter()
    assert [rendered(("page", 1), 7, build) for _ in range(3)] == [1, 1, 1]
    assert rendered(("page", 2), 7, build) == 2
    assert rendered(("page", 1), 8, build) == 3
    assert rendered(("page", 1), 7, build) == 1


def test_rendered_keeps_languages_apart() -> None:
    _, build = counter()
    assert rendered(("page",), 1, build) == 1
    with translation.override("ru"):
        assert rendered(("page",), 1, build) == 2


def test_rendered_keeps_nothing_at_version_zero() -> None:
    _, build = counter()
    assert [rendered(("page",), 0, build) for _ in range(2)] == [1, 2]


def test_rendered_forgets_what_was_not_used_longest() -> None:
    for number in range(CAPACITY):
        rendered((number,), 1, lambda number=number: number)
    rendered((0,), 1, lambda: -1)  # used again, so it stays
    rendered((CAPACITY,), 1, lambda: CAPACITY)
    assert len(module._kept) == CAPACITY
    assert rendered((0,), 1, lambda: -1) == 0
    assert rendered((1,), 1, lambda: -1) == -1


def test_rendered_keeps_nothing_where_building_fails() -> None:
    def fail() -> int:
        raise LookupError

    with pytest.raises(LookupError):
        rendered(("page",), 1, fail)
    assert rendered(("page",), 1, lambda: 5) == 5


def test_rendered_gives_every_thread_a_whole_result() -> None:
    def read(number: int) -> tuple[int, str]:
        part = number % (CAPACITY + 100)
        return part, rendered((part,), 1, lambda: f"page {part}" * 50)

    with ThreadPoolExecutor(8) as pool:
        for part, text in pool.map(read, range(2 * CAPACITY)):
            assert text == f"page {part}" * 50
    assert len(module._kept) == CAPACITY
