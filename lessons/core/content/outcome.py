"""What a load did, or why it stopped."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext as _

from lessons.core.models import ContentModel


class EditedInAdmin(Exception):
    """Rows that an editor changed since the last load differ from the files."""

    def __init__(self, conflicts: "list[Conflict]") -> None:
        self.conflicts = conflicts
        super().__init__("\n".join(str(conflict) for conflict in conflicts))


@dataclass(frozen=True)
class Conflict:
    model: str
    key: str
    field: str
    in_files: str
    in_admin: str

    def __str__(self) -> str:
        return _("%(model)s [%(key)s] %(field)s: in the files %(file)s, in admin %(admin)s") % {
            "model": self.model,
            "key": self.key,
            "field": self.field,
            "file": self.in_files,
            "admin": self.in_admin,
        }


class Prefer(StrEnum):
    """What wins where an editor and a file differ."""

    NEITHER = "neither"
    OURS = "ours"
    THEIRS = "theirs"


@dataclass
class Report:
    """How many rows of each model were added, changed and so on."""

    counts: dict[type[ContentModel], Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    still_used: list[str] = field(default_factory=list)
    """Rows that left the files but cannot go, since others refer to them."""

    @property
    def changed_anything(self) -> bool:
        return any(
            counts[word]
            for counts in self.counts.values()
            for word in ("added", "changed", "retired", "removed")
        )

    def lines(self) -> list[str]:
        """The report in plain words, a line for each model."""
        words = {
            "added": _("added"),
            "changed": _("changed"),
            "unchanged": _("unchanged"),
            "retired": _("retired"),
            "removed": _("removed"),
            "kept": _("kept as in admin"),
        }
        lines = []
        for model, counts in self.counts.items():
            parts = [f"{counts[word]} {name}" for word, name in words.items() if counts[word]]
            if parts:
                plural = str(model._meta.verbose_name_plural)
                lines.append(f"{plural}: {', '.join(parts)}")
        return lines + [
            _("%(row)s is no longer in the files but is still used: left as it is") % {"row": row}
            for row in self.still_used
        ]
