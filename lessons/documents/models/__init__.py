from .annotations import Annotation, SourceCard
from .imports import PendingImport
from .people import Event, MapLine, Person, Place, Reference, Route, RouteStop, Term
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
    "MapLine",
    "PageTurn",
    "Participation",
    "Passage",
    "PassageText",
    "PendingImport",
    "Person",
    "Place",
    "ProvenanceLink",
    "Reference",
    "Route",
    "RouteStop",
    "SourceCard",
    "Term",
    "VoiceSpan",
]
