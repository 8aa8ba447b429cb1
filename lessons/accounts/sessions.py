"""Sessions that know whose they are: one person's are ended without reading everybody's."""

import re
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

if TYPE_CHECKING:
    from .models import Session

_KEY = re.compile(r"[a-z0-9]{32}")


class Owned(db.SessionStore):
    def _validate_session_key(self, key: str | None) -> bool:
        """Only what Django makes itself. Any eight signs would do for it, and a quoted cookie can
        hold a NUL, which PostgreSQL does not look for: it raises."""
        return bool(key and _KEY.fullmatch(key))

    @classmethod
    def get_model_class(cls) -> type["Session"]:
        from .models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> "Session":
        row: Any = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        return cast("Session", row)


class SessionStore(Owned):
    """Named by SESSION_ENGINE where one server keeps its sessions as rows alone."""
