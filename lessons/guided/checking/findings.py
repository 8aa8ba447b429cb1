"""What a check says: of which object, what is wrong, and how to mend it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from lessons.core.models import ContentModel

from .content import Content

TITLE = 60
"""Characters of an object's title in a finding."""


class Level(StrEnum):
    ERROR = "error"
    """Readers would meet a fault: it must be mended."""
    ADVICE = "advice"
    """A rule of thumb that an editor may have reason to break."""


@dataclass(frozen=True, order=True)
class Where:
    """An object, named as a fixture names it."""

    model: str
    """Label in small letters: `documents.annotation`."""
    key: tuple[str, ...]
    """Its natural key, the outermost parent first."""
    title: str

    def __str__(self) -> str:
        return f"{self.model} [{', '.join(self.key)}] “{self.title}”"


@dataclass(frozen=True)
class Finding:
    level: Level
    where: Where
    what: str
    """What is wrong, in a sentence."""
    mend: str
    """What an editor does about it, in the imperative."""


Check = Callable[[Content], Iterator[Finding]]
"""Reads rows that are there already: a check asks the database nothing."""


def where(row: ContentModel) -> Where:
    """The object's name. Its parents must have been fetched with it."""
    title = " ".join(str(row).split())
    return Where(
        model=row._meta.label_lower,
        key=row.natural_key(),
        title=title if len(title) <= TITLE else f"{title[: TITLE - 1].rstrip()}…",
    )


def error(row: ContentModel, what: str, mend: str) -> Finding:
    return Finding(Level.ERROR, where(row), what, mend)


def advice(row: ContentModel, what: str, mend: str) -> Finding:
    return Finding(Level.ADVICE, where(row), what, mend)
