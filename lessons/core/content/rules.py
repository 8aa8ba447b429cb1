"""What apps tell the loader about their own rows.

They register it in modules that their `admin.py` imports: Django imports those at start.
"""

from collections.abc import Callable, Iterable, Iterator

from lessons.core.models import ContentModel

REASON = "load_content: "
"""Begins the history reason of every row the loader writes."""

Preparer = Callable[[ContentModel], None]
Checker = Callable[[Iterable[ContentModel]], Iterator[tuple[ContentModel, str]]]

preparers: list[Preparer] = []
savers: list[Preparer] = []
checkers: list[Checker] = []
frozen: dict[type[ContentModel], tuple[str, ...]] = {}


def prepares(function: Preparer) -> Preparer:
    """Register what completes a row from a file before it is compared.

    It raises ValidationError for a mistake in the file.
    """
    if function not in preparers:
        preparers.append(function)
    return function


def before_saving(function: Preparer) -> Preparer:
    """Register what has to be written before a row is."""
    if function not in savers:
        savers.append(function)
    return function


def checks(function: Checker) -> Checker:
    """Register a check of the rows that were written, together; it yields (row, what is wrong)."""
    if function not in checkers:
        checkers.append(function)
    return function


def freeze(model: type[ContentModel], *names: str) -> None:
    """Fields that a later file may not change: a new row has to be written instead."""
    frozen[model] = names
