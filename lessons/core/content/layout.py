"""One file of content as text that can be changed in places and is otherwise left as it is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from .files import Loader
from .notation import field


@dataclass(eq=False)
class Block:
    """One object: the lines of its own, and what stands between it and the one before."""

    lead: str
    body: str


class Layout:
    """The blocks of a file, in the order of its objects."""

    def __init__(self, text: str) -> None:
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.blocks: list[Block] = []
        self.tail = text
        at = 0
        for item, end in _spans(text):
            start = text.rfind("\n", 0, item) + 1
            self.blocks.append(Block(text[at:start], text[start:end]))
            at = end
        self.tail = text[at:]

    def text(self) -> str:
        """The file as it is now."""
        return "".join(block.lead + block.body for block in self.blocks) + self.tail

    def write_fields(
        self, block: Block, values: Mapping[str, Any], after: Callable[[str], Iterable[str]]
    ) -> None:
        """Write these fields into a block; `after` names what a new field had best stand behind,
        the best first.
        """
        for name, value in values.items():
            block.body = self._written(block.body, name, value, after)

    def _written(
        self, body: str, name: str, value: Any, after: Callable[[str], Iterable[str]]
    ) -> str:
        spans = _fields(body)
        if spans is None:
            return self._anew(body, name, value)
        if found := spans.get(name):
            old = body[found.start : found.end]
            lines = [line.strip() for line in old.splitlines()[1:]]
            new = field(name, value, indent=found.indent, old=(found.style, lines))
            if found.remark and new.count("\n") == 1:
                new = new.removesuffix("\n") + found.remark + "\n"
            return body[: found.start] + self._lines(new) + body[found.end :]
        behind = next((spans[other] for other in after(name) if other in spans), None)
        place = behind or max(spans.values(), key=lambda span: span.end)
        new = self._lines(field(name, value, indent=place.indent))
        return body[: place.end] + new + body[place.end :]

    def _anew(self, body: str, name: str, value: Any) -> str:
        """An object written in braces is written in lines once it changes."""
        (item,) = yaml.load(body, Loader)  # noqa: S506
        return self._lines(entry(item["model"], item["fields"] | {name: value}))

    def insert(self, after: Block | None, model: str, values: Mapping[str, Any]) -> Block:
        """A new block behind `after`, or the first of an empty file."""
        if after is None:
            block = Block("", self._lines(entry(model, values)))
            self.blocks.append(block)
            return block
        if not after.body.endswith("\n"):
            after.body += self.newline
        block = Block(self.newline, self._lines(entry(model, values)))
        self.blocks.insert(self.blocks.index(after) + 1, block)
        return block

    def remove(self, block: Block) -> None:
        """Take a block out, with the remark right above it."""
        lines = block.lead.splitlines(keepends=True)
        while lines and lines[-1].lstrip().startswith("#") and len(self.blocks) > 1:
            lines.pop()
        if lines and not lines[-1].strip():
            lines.pop()
        kept = "".join(lines)
        at = self.blocks.index(block)
        if at + 1 < len(self.blocks):
            self.blocks[at + 1].lead = kept + self.blocks[at + 1].lead
        else:
            self.tail = kept + self.tail
        del self.blocks[at]

    def write_anew(self, block: Block, model: str, values: Mapping[str, Any]) -> None:
        """Write the whole block in our own style."""
        block.body = self._lines(entry(model, values))
        if block.lead and not block.lead.endswith(("\n", "\r")):
            block.lead += self.newline

    def _lines(self, text: str) -> str:
        return text if self.newline == "\n" else text.replace("\n", self.newline)


def entry(model: str, values: Mapping[str, Any]) -> str:
    """One object in our own style."""
    fields = "".join(field(name, value, indent=4) for name, value in values.items())
    return f"- model: {model}\n  fields:\n{fields}"


@dataclass(frozen=True)
class _Span:
    start: int
    end: int
    indent: int
    style: str
    remark: str


def _composed(text: str) -> "yaml.Node | None":
    loader = Loader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


def _spans(text: str) -> list[tuple[int, int]]:
    """(where an object begins, where the last of its lines ends) for each object."""
    root = _composed(text)
    if not isinstance(root, yaml.SequenceNode) or not root.value:
        return []
    starts = [node.start_mark.index for node in root.value]
    if text.count("\n", starts[0]) < len(starts) - 1 or root.flow_style:
        return []
    spans = []
    for node, start in zip(root.value, starts, strict=True):
        later = [other for other in starts if other > start][:1]
        end = text.rfind("\n", 0, later[0]) + 1 if later else len(text)
        spans.append((start, _content_end(text, start, end, node.start_mark.column)))
    return spans


def _content_end(text: str, start: int, end: int, column: int) -> int:
    """Where the last line ends that is neither empty nor a remark as far out as `column`."""
    while end > start:
        begin = text.rfind("\n", 0, end - 1) + 1
        line = text[begin:end]
        words = line.strip()
        is_remark = words.startswith("#") and len(line) - len(line.lstrip()) <= column
        if words and not is_remark:
            return end
        end = begin
    return end


def _fields(body: str) -> dict[str, _Span] | None:
    """Where each field of a block stands in it; None for a block in braces."""
    root = _composed(body)
    if not isinstance(root, yaml.SequenceNode) or root.flow_style:
        return None
    item = root.value[0]
    if not isinstance(item, yaml.MappingNode) or item.flow_style:
        return None
    fields = next((value for key, value in item.value if key.value == "fields"), None)
    if not isinstance(fields, yaml.MappingNode) or fields.flow_style or not fields.value:
        return None
    # Fields end where `model` begins, should that stand below them.
    limits = [key.start_mark.index for key, _value in [*fields.value, *item.value]]
    spans = {}
    for key, value in fields.value:
        start = body.rfind("\n", 0, key.start_mark.index) + 1
        if body[start : key.start_mark.index].strip():
            return None
        later = [body.rfind("\n", 0, other) + 1 for other in sorted(limits)]
        limit = next((other for other in later if other > start), len(body))
        end = _content_end(body, start, limit, key.start_mark.column)
        style = value.style or "" if isinstance(value, yaml.ScalarNode) else ""
        remark = ""
        if value.start_mark.line == value.end_mark.line and style not in ("|", ">"):
            rest = body[value.end_mark.index : body.find("\n", value.end_mark.index)]
            remark = rest.rstrip() if rest.strip().startswith("#") else ""
        spans[str(key.value)] = _Span(start, end, key.start_mark.column, style, remark)
    return spans
