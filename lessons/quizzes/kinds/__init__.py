"""The kinds of question, by name. A new kind is a module here, a template, and one line below."""

from .base import Kind
from .cable import Cable
from .evidence import Evidence
from .matching import Matching
from .multiple import Multiple
from .open import Open
from .ordering import Ordering
from .replies import Replies
from .short import Short
from .single import Single
from .stance import Stance
from .voices import Voices
from .warrant import Warrant

_KINDS: tuple[Kind, ...] = (
    Single(),
    Multiple(),
    Matching(),
    Ordering(),
    Evidence(),
    Short(),
    Open(),
    Replies(),
    Stance(),
    Voices(),
    Warrant(),
    Cable(),
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _KINDS}
"""By the value of Question.kind."""


def kind_of(name: str) -> Kind:
    """The kind called `name`; KeyError where there is none."""
    return KINDS[name]
