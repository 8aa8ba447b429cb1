"""The files of content: which there are, whether they are new, and what they hold."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext as _

from lessons.core.models import ContentModel, LoadedContent


class Mistake(Exception):
    """The files cannot be loaded as they are; each line names file, object and reason."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = list(lines)
        super().__init__("\n".join(self.lines))


def fixtures_root() -> Path:
    return Path(settings.FIXTURE_DIRS[0])


def fixture_files() -> list[Path]:
    """The files of content: of each app in import order, by name."""
    root = fixtures_root()
    return [
        path for app in apps.get_app_configs() for path in sorted((root / app.label).glob("*.yaml"))
    ]


def files_digest() -> str:
    """SHA-256 over the names and bytes of all files of content."""
    total = hashlib.sha256()
    for path in fixture_files():
        data = path.read_bytes()
        total.update(f"{path.relative_to(fixtures_root())}\0{len(data)}\0".encode())
        total.update(data)
    return total.hexdigest()


def content_is_current() -> bool:
    """True where the last load read exactly the files that lie there now."""
    return LoadedContent.objects.filter(digest=files_digest()).exists()


@dataclass(frozen=True)
class Entry:
    """One object of a file."""

    file: str
    number: int
    model: type[ContentModel]
    values: dict[str, Any]

    def __str__(self) -> str:
        parent: list[Any] = []
        if self.model.parent_field:
            given = self.values.get(self.model.parent_field.split("__")[0])
            parent = given if isinstance(given, list) else []
        key = " / ".join(str(part) for part in [*parent, self.values.get("key", "?")])
        return f"{self.file}: {self.model._meta.label_lower} [{key}]"


def read_files() -> list[Entry]:
    """Every object of every file, in the order of the files; raises Mistake."""
    files = fixture_files()
    if not files:
        raise Mistake([_("No files of content in %(folder)s.") % {"folder": fixtures_root()}])
    entries: list[Entry] = []
    mistakes: list[str] = []
    for path in files:
        name = path.relative_to(fixtures_root()).as_posix()
        try:
            loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mistakes.append(f"{name}: {error}")
            continue
        if not isinstance(loaded or [], list):
            mistakes.append(f"{name}: " + _("the file is not a list of objects"))
            continue
        for number, item in enumerate(loaded or [], start=1):
            try:
                entries.append(_entry(name, number, item))
            except ValueError as error:
                mistakes.append(f"{name}: " + _("object %(n)s: ") % {"n": number} + str(error))
    if mistakes:
        raise Mistake(mistakes)
    return entries


def _entry(file: str, number: int, item: object) -> Entry:
    if not isinstance(item, dict) or not isinstance(item.get("fields"), dict):
        raise ValueError(_("it needs `model` and `fields`"))
    if item.get("pk") is not None:
        raise ValueError(_("content is known by its key, never by a `pk`"))
    try:
        model = apps.get_model(str(item.get("model")))
    except (LookupError, ValueError):
        raise ValueError(_("there is no model “%(m)s”") % {"m": item.get("model")}) from None
    if not issubclass(model, ContentModel):
        raise ValueError(_("%(m)s is not content") % {"m": model._meta.label_lower})
    return Entry(file, number, model, item["fields"])
