"""The kinds of question, by name. A new kind is a module here, a template, and one line below."""

from .base import Kind
from .evidence import Evidence
from .matching import Matching
from .multiple import Multiple
from .open import Open
from .ordering import Ordering
from .short import Short
from .single import Single

_KINDS: tuple[Kind, ...] = (
    Single(),
    Multiple(),
    Matching(),
    Ordering(),
    Evidence(),
    Short(),
    Open(),
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _KINDS}
"""By the value of Question.kind."""


def kind_of(name: str) -> Kind:
    """The kind called `name`; KeyError where there is none."""
    return KINDS[name]
