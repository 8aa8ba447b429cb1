"""The sources, for editors: records, notes on their words, and the rooms around them."""

from django.utils.translation import gettext_lazy as _

from lessons.core.editors import in_group
from lessons.documents.models import (
    Annotation,
    Document,
    Event,
    MapLine,
    Passage,
    PassageText,
    Person,
    Place,
    Reference,
    Route,
    SourceCard,
    Term,
    VoiceSpan,
)

from . import notes, records, rooms
from .anchored import AnchoredAdmin, AnchoredForm, WordsArea

__all__ = ["AnchoredAdmin", "AnchoredForm", "WordsArea", "notes", "records", "rooms"]

in_group(
    "document",
    (Document, _("What it is, where it is kept, and its words, passage by passage.")),
    (Annotation, _("Notes on words of a passage.")),
    (Passage, _("One passage by itself, with its older texts.")),
    (VoiceSpan, _("Whose words these are: the recorder’s, the speaker’s, the editor’s.")),
    (PassageText, _("Every text a passage ever had.")),
)
in_group(
    "rooms",
    (Person, _("Who they were in the document’s days.")),
    (Term, _("The glossary.")),
    (Reference, _("What notes rest on: a source a reader can follow.")),
    (SourceCard, _("Another document, in your own words, to compare with.")),
    (Event, _("The timeline.")),
    (Place, _("The map.")),
    (Route, _("Ways through the air on it.")),
    (MapLine, _("Lines of their time on it.")),
)
