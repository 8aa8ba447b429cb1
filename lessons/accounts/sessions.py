"""Sessions that know whose they are: one person's are ended without reading everybody's."""

from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

if TYPE_CHECKING:
    from .models import Session


class Owned(db.SessionStore):
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
