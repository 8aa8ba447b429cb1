"""How a write to a class is refused."""

from django.utils.functional import Promise


class ClassRefused(Exception):
    """The write was not made. `message` says why in the reader's words."""

    def __init__(self, message: str | Promise, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = str(message)
        self.field = field
