"""Sessions for several servers: rows in the database, with a copy in the shared cache.

The row is the truth. The copy lives for a few minutes only, so that a session which was ended
while the cache was away does not come back with it, and an answer never fails for the cache.
"""

import logging
from typing import Any

from django.contrib.sessions.backends import cached_db

from .sessions import Owned

COPY_SECONDS = 300
logger = logging.getLogger(__name__)


class SessionStore(Owned, cached_db.SessionStore):
    """Named by SESSION_ENGINE where CACHE_URL is set."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._cache: Any = ShortLived(self._cache)


class ShortLived:
    """The cache as a session store uses it: short times, and no failure of its own."""

    def __init__(self, cache: Any) -> None:
        self.cache = cache

    def get(self, key: str) -> Any:
        try:
            return self.cache.get(key)
        except Exception as error:  # noqa: BLE001  # whatever the client of the cache raises
            return _away(error)

    def set(self, key: str, value: Any, seconds: int) -> None:
        try:
            self.cache.set(key, value, min(seconds, COPY_SECONDS))
        except Exception as error:  # noqa: BLE001
            _away(error)

    def delete(self, key: str) -> None:
        try:
            self.cache.delete(key)
        except Exception as error:  # noqa: BLE001
            _away(error)

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not None


def _away(error: Exception) -> None:
    logger.warning(
        "The cache does not answer (%s); sessions are read from the database.", type(error).__name__
    )
