"""What is the same for every reader is made once per content version and kept in this process.

Nothing that is one reader's own (tokens, names, drafts, words written) may be kept here.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from threading import Lock
from typing import Any, TypeVar, cast

from django.utils.translation import get_language

T = TypeVar("T")

CAPACITY = 4096
"""Things kept, of about four thousand characters each; what was asked for longest ago goes."""

_kept: OrderedDict[tuple[Hashable, ...], Any] = OrderedDict()
_lock = Lock()
_building: ContextVar[int | None] = ContextVar("building", default=None)


def version_being_built() -> int | None:
    """Inside a `build` of `rendered`: its content version. None outside of any."""
    return _building.get()


def rendered(parts: tuple[Hashable, ...], version: int, build: Callable[[], T]) -> T:
    """What `build()` returned for these `parts` under this content version and language.

    `parts` names the thing and all it depends on (its rows' ids, horizon, reveal, preview); the
    active language is added here. Read `version` (`ContentVersion.current()`) before the rows
    themselves: read after them, it could give old rows the new number. Version 0 (no content was
    loaded by either road) is never kept. Threads that miss at once may each build; all of them
    get a whole result. Keep immutable values only: every reader shares them.
    """
    if version == 0:
        return _build(version, build)
    key = (version, get_language(), *parts)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return cast("T", _kept[key])
    value = _build(version, build)
    with _lock:
        _kept[key] = value
        _kept.move_to_end(key)
        while len(_kept) > CAPACITY:
            _kept.popitem(last=False)
    return value


def _build(version: int, build: Callable[[], T]) -> T:
    token = _building.set(version)
    try:
        return build()
    finally:
        _building.reset(token)


def is_kept(parts: tuple[Hashable, ...], version: int) -> bool:
    """Whether `rendered` would return at once."""
    with _lock:
        return (version, get_language(), *parts) in _kept


def clear() -> None:
    """Forget everything: between tests, whose rolled-back versions come again."""
    with _lock:
        _kept.clear()
