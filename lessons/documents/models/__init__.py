from .annotations import Annotation, SourceCard
from .people import Event, Person, Place, Reference, Term
from .records import (
    Document,
    PageTurn,
    Participation,
    Passage,
    PassageText,
    ProvenanceLink,
    VoiceSpan,
)

__all__ = [
    "Annotation",
    "Document",
    "Event",
    "PageTurn",
    "Participation",
    "Passage",
    "PassageText",
    "Person",
    "Place",
    "ProvenanceLink",
    "Reference",
    "SourceCard",
    "Term",
    "VoiceSpan",
]
