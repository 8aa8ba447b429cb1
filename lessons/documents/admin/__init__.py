"""The sources, for editors: records, notes on their words, and the rooms around them."""

from . import notes, records, rooms
from .anchored import AnchoredAdmin, AnchoredForm, WordsArea

__all__ = ["AnchoredAdmin", "AnchoredForm", "WordsArea", "notes", "records", "rooms"]
