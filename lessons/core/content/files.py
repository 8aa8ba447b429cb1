"""The files of content: which there are, whether they are new, and what they hold."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext as _
from yaml.constructor import ConstructorError, SafeConstructor

from lessons.core.models import ContentModel, LoadedContent

MOST_BYTES = 5 * 1024**2
"""Of one file; the largest of ours has a tenth of it."""
MOST_MISTAKES = 50
"""That are told of one file."""


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
        data = _bytes_of(path)
        total.update(f"{path.relative_to(fixtures_root())}\0{len(data)}\0".encode())
        total.update(data)
    return total.hexdigest()


def content_is_current() -> bool:
    """True where the last load read exactly the files that lie there now."""
    return LoadedContent.objects.filter(digest=files_digest()).exists()


def _bytes_of(path: Path) -> bytes:
    """What the file holds; raises Mistake where it cannot be read or is too large."""
    try:
        with path.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise Mistake([f"{_name(path)}: {error.strerror}"]) from None
    if len(data) > MOST_BYTES:
        raise Mistake(
            [f"{_name(path)}: " + _("larger than %(n)s MB") % {"n": MOST_BYTES // 1024**2}]
        )
    return data


def _name(path: Path) -> str:
    return path.relative_to(fixtures_root()).as_posix()


@dataclass(frozen=True)
class Entry:
    """One object of a file."""

    file: str
    number: int
    """1 for the first object of its file."""
    model: type[ContentModel]
    values: dict[str, Any]
    line: int = 0

    def __str__(self) -> str:
        parent: list[Any] = []
        if self.model.parent_field:
            given = self.values.get(self.model.parent_field.split("__")[0])
            parent = given if isinstance(given, list) else []
        key = " / ".join(str(part) for part in [*parent, self.values.get("key", "?")])
        return f"{place(self.file, self.line)}: {self.model._meta.label_lower} [{key}]"


def place(file: str, line: int) -> str:
    """Where something stands, as it is told to whoever mends it."""
    return _("%(file)s, line %(line)s") % {"file": file, "line": line} if line else file


def read_texts() -> dict[str, str]:
    """The text of every file by its name under the root, newlines as they are; raises Mistake."""
    texts: dict[str, str] = {}
    mistakes: list[str] = []
    for path in fixture_files():
        name = _name(path)
        try:
            data = _bytes_of(path)
            texts[name] = data.decode("utf-8")
        except Mistake as mistake:
            mistakes += mistake.lines
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            mistakes.append(f"{place(name, line)}: " + _("this is not UTF-8"))
    if mistakes:
        raise Mistake(mistakes)
    if not texts:
        raise Mistake([_("No files of content in %(folder)s.") % {"folder": fixtures_root()}])
    return texts


def read_files() -> list[Entry]:
    """Every object of every file, in the order of the files; raises Mistake."""
    return parse(read_texts())


def parse(texts: Mapping[str, str]) -> list[Entry]:
    """The objects of these texts by name of file; raises Mistake."""
    entries: list[Entry] = []
    mistakes: list[str] = []
    for name, text in texts.items():
        loader = Loader(text)
        try:
            wrong = len(mistakes) + MOST_MISTAKES
            for number, node in enumerate(_items(loader.get_single_node()), start=1):
                if len(mistakes) == wrong:
                    break
                try:
                    entries.append(_entry(name, number, node, loader))
                except ValueError as error:
                    where = place(name, node.start_mark.line + 1)
                    mistakes.append(f"{where}: " + _("object %(n)s: ") % {"n": number} + str(error))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            reason = " ".join(filter(None, (error.context, error.problem)))
            mistakes.append(f"{place(name, mark.line + 1 if mark else 0)}: {reason}")
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            mistakes.append(f"{place(name, line)}: " + _("a character that no text may hold"))
        except RecursionError:
            mistakes.append(f"{name}: " + _("too many lists in lists"))
        except ValueError as error:
            mistakes.append(f"{name}: {error}")
        finally:
            loader.dispose()
    if mistakes:
        raise Mistake(mistakes)
    return entries


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """What PyYAML holds to be safe, with every refusal told as a mistake at its line."""


_MISREAD = re.compile(r"[-+]?0[0-9_xbo]|[^.eE]*[_:]")
"""What YAML takes for a number in another base than ten, or with signs left out."""


def _told(construct: Any) -> Any:
    def construct_or_tell(loader: Any, node: Any) -> object:
        if node.tag.endswith((":int", ":float")) and _MISREAD.match(node.value):
            reason = _("“%(value)s” would be another number: write it in quotes")
            raise ConstructorError(None, None, reason % {"value": node.value}, node.start_mark)
        try:
            return construct(loader, node)
        except (ValueError, ArithmeticError) as error:  # 2020-13-45, an int of 5,000 digits
            raise ConstructorError(None, None, str(error), node.start_mark) from None

    return construct_or_tell


for _tag in ("timestamp", "int", "float", "binary", "bool"):
    Loader.add_constructor(
        f"tag:yaml.org,2002:{_tag}", _told(getattr(SafeConstructor, f"construct_yaml_{_tag}"))
    )


def _items(node: "yaml.Node | None") -> list[yaml.Node]:
    """The nodes of the objects of a file."""
    if node is None or (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")):
        # All of its rows would be retired.
        raise ValueError(_("there is no object in it; delete the file if that is meant"))
    if not isinstance(node, yaml.SequenceNode):
        raise ConstructorError(None, None, _("the file is not a list of objects"), node.start_mark)
    seen: set[int] = set()
    waiting: list[yaml.Node] = [node]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            # A few of them, each of ten others, are gigabytes once they are written out.
            raise ConstructorError(
                None, None, _("no anchors and aliases: write it out"), one.start_mark
            )
        seen.add(id(one))
        if isinstance(one, yaml.SequenceNode):
            waiting.extend(one.value)
        elif isinstance(one, yaml.MappingNode):
            _refuse_twice(one)
            waiting.extend(part for pair in one.value for part in pair)
    return list(node.value)


def _refuse_twice(mapping: yaml.MappingNode) -> None:
    names: set[tuple[str, str]] = set()
    for key, _value in mapping.value:
        if isinstance(key, yaml.ScalarNode):
            if (key.tag, key.value) in names:
                raise ConstructorError(
                    None, None, _("“%(key)s” stands twice") % {"key": key.value}, key.start_mark
                )
            names.add((key.tag, key.value))


def _entry(file: str, number: int, node: yaml.Node, loader: Any) -> Entry:
    item = loader.construct_document(node)
    if not isinstance(item, dict) or not isinstance(item.get("fields"), dict):
        raise ValueError(_("it needs `model` and `fields`"))
    if item.get("pk") is not None:
        raise ValueError(_("content is known by its key, never by a `pk`"))
    for name in item:
        if name not in ("model", "fields", "pk"):
            raise ValueError(_("“%(name)s” belongs under `fields`") % {"name": name})
    try:
        model = apps.get_model(str(item.get("model")))
    except (LookupError, ValueError):
        raise ValueError(_("there is no model “%(m)s”") % {"m": item.get("model")}) from None
    if not issubclass(model, ContentModel):
        raise ValueError(_("%(m)s is not content") % {"m": model._meta.label_lower})
    for text in _strings(item["fields"]):
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise ValueError(_("it holds a character that no text may hold"))
    if not all(isinstance(name, str) for name in item["fields"]):
        raise ValueError(_("names of fields are words"))
    return Entry(file, number, model, item["fields"], node.start_mark.line + 1)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for pair in value.items():
            yield from _strings(list(pair))
    elif isinstance(value, list | tuple | set):
        for part in value:
            yield from _strings(part)
