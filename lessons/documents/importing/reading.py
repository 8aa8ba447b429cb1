"""Which importer reads a source, and the draft that comes of it."""

import re

from django.utils.translation import gettext as _

from . import archive, plain, tei
from .draft import Draft, ImportRefused, Remark

FORMATS = ("archive", "tei", "plain")


def detect(text: str) -> str:
    """tei, archive or plain."""
    start = text.lstrip()[:4000]
    if re.match(r"<(?!https?:)[?!A-Za-z]", start):
        return "tei"
    return "archive" if archive.looks_like(text) else "plain"


def read(text: str, *, form: str = "", chosen: str = "") -> Draft:
    """The draft of a text in the format `form`, or the one it looks like.

    Raises ImportRefused.
    """
    form = form or detect(text)
    text, unseen = tidied(text)
    if form == "tei":
        draft = tei.read(text, chosen)
    elif chosen:
        raise ImportRefused(_("Only a TEI file holds documents that are chosen by an id."))
    else:
        draft = archive.read(text) if form == "archive" else plain.read(text)
    if unseen:
        why = _("Soft hyphens and other signs without a width were taken out: %s.") % unseen
        draft.remarks.append(Remark(draft.source_start, "", why))
    if not any(passage.kind == "body" for passage in draft.passages):
        _make_body(draft)
    if not draft.passages:
        raise ImportRefused(_("No text was found in it."))
    if len(draft.passages) > 3000:
        raise ImportRefused(_("It has more than 3,000 paragraphs: cut it into several documents."))
    return draft


def tidied(text: str) -> tuple[str, int]:
    """The text with common blanks and without signs nobody sees, and how many of these it had.

    With them in it no search finds a word, and no note its place.
    """
    text = re.sub("[\u00a0\u2007\u202f]", " ", text)
    return re.subn("[\u00ad\u200b\u2060\ufeff]", "", text)


def _make_body(draft: Draft) -> None:
    """A text without any running words is one paragraph each of what was found."""
    for passage in draft.passages:
        if passage.kind in ("heading", "signature"):
            passage.kind = "body"
            return
