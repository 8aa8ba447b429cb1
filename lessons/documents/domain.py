"""What may be done to a document's words: they are corrected, and what stood on them moves."""

from dataclasses import dataclass, replace
from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from lessons.core import content
from lessons.core.edits import edit
from lessons.core.models import ContentModel, ContentVersion

from .anchors import Selector, describe, resolve
from .models import PageTurn, Passage, PassageText, VoiceSpan
from .models.records import digest

CORRECTED = "correct_text"
"""The history reason of what a correction writes."""

ANCHOR_FIELDS = {"text", "quote", "start", "end"}
TURN_CONTEXT = 16
"""Code points on each side by which a page turn is found again."""


@dataclass(frozen=True)
class TextCorrection:
    """The passage's new text, what was moved to it, and what stays on the old one as an orphan."""

    text: PassageText
    moved: list[ContentModel]
    orphans: list[ContentModel]


def is_anchored(model: Any) -> bool:
    """True for content that quotes words of a PassageText: notes, voices, questions, evidence."""
    return issubclass(model, ContentModel) and {f.name for f in model._meta.fields} >= ANCHOR_FIELDS


def anchored_models() -> list[type[ContentModel]]:
    """Every model of content, of this app or a higher one, that quotes words of a PassageText."""
    related = [relation.related_model for relation in PassageText._meta.related_objects]
    return [cast("type[ContentModel]", model) for model in related if is_anchored(model)]


def plain_newlines(text: str) -> str:
    """The text with the newlines that texts are stored with; forms send others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def correct_text(*, passage: Passage, text: str, by: AbstractBaseUser | None) -> TextCorrection:
    """Give the passage a new current text; the old one stays, as what was read at its time.

    Notes, voices, page turns, questions and evidence on the old text move where their words are
    found again; the others stay on the old text, which makes them orphans. `by` is who corrects,
    for the history. A text that is already the current one changes nothing.
    """
    with edit(by=by, why=CORRECTED):
        return _correct(passage, plain_newlines(text), by)


def _correct(passage: Passage, text: str, by: AbstractBaseUser | None) -> TextCorrection:
    old = PassageText.objects.filter(passage=passage, is_current=True).first()
    if old is not None and old.text == text:
        return TextCorrection(old, [], [])
    if old is not None:
        old.is_current = False
        _save(old, by)
    new = PassageText(passage=passage, key=_next_key(passage), text=text, sha256=digest(text))
    new.full_clean()
    _save(new, by)
    moved: list[ContentModel] = []
    orphans: list[ContentModel] = []
    if old is not None:
        for model in anchored_models():
            for row in cast("Any", model)._base_manager.filter(text=old).order_by("pk"):
                found = _move(row, old.text, new)
                (moved if found else orphans).append(row)
        for turn in old.page_turns.all():
            copy = _turn_on(new, turn, old.text)
            (orphans if copy is None else moved).append(copy or turn)
        for row in moved:
            _save(row, by)
    ContentVersion.bump()
    return TextCorrection(new, moved, orphans)


def anchor(row: Any, text: str, start: int, end: int) -> None:
    """Put an anchored row, not saved here, on `text[start:end]`."""
    selector = describe(text, start, end)
    row.start, row.end, row.quote = start, end, selector.quote
    if hasattr(row, "prefix"):
        row.prefix, row.suffix = selector.prefix, selector.suffix


def selector_of(row: Any) -> Selector:
    return Selector(
        quote=row.quote,
        prefix=getattr(row, "prefix", ""),
        suffix=getattr(row, "suffix", ""),
        start=-1 if row.start is None else row.start,
        end=-1 if row.end is None else row.end,
    )


def place_in(row: Any, selector: Selector, old: str, new: str) -> tuple[int, int] | None:
    """Where a row's words stand in a corrected text; a voice of the whole text is the new one's.

    Looking for so many words by approximation would take seconds.
    """
    if isinstance(row, VoiceSpan) and (selector.start, selector.end) == (0, len(old)) and new:
        return 0, len(new)
    return resolve(new, selector)


def _move(row: Any, old: str, new: PassageText) -> bool:
    selector = selector_of(row)
    if old[selector.start : selector.end] == selector.quote:
        selector = describe(old, selector.start, selector.end)
    found = place_in(row, selector, old, new.text)
    if found is None:
        return False
    row.text = new
    anchor(row, new.text, *found)
    return True


def _turn_on(new: PassageText, turn: PageTurn, old: str) -> PageTurn | None:
    """The same turn, unsaved, in the new text; the old text keeps its own, which is part of it.

    A turn has no words: it is found by those around it, or by those on one side of it.
    """
    at = turn.offset
    low, high = max(0, at - TURN_CONTEXT), min(len(old), at + TURN_CONTEXT)
    for start, end in ((low, high), (low, at), (at, high)):
        if start == end:
            continue
        selector = describe(old, start, end)
        found = resolve(new.text, selector)
        # Only exact words tell the place inside them.
        if found is not None and new.text[slice(*found)] == selector.quote:
            return PageTurn(text=new, key=turn.key, offset=found[0] + at - start)
    return None


def _next_key(passage: Passage) -> str:
    taken = set(PassageText.objects.filter(passage=passage).values_list("key", flat=True))
    return next(str(n) for n in range(1, len(taken) + 2) if str(n) not in taken)


def _save(row: ContentModel, by: AbstractBaseUser | None) -> None:
    row._change_reason = CORRECTED  # type: ignore[attr-defined]
    row._history_user = by  # type: ignore[attr-defined]
    row.save()


# --- What the loader has to know ---------------------------------------------------------------

content.freeze(PassageText, "text")


@content.prepares
def prepare(row: ContentModel) -> None:
    """Digest of a text, and the place of a quote: both are computed, whatever a file says."""
    if isinstance(row, PassageText):
        computed = digest(row.text)
        if row.sha256 and row.sha256 != computed:
            raise ValidationError(
                {"sha256": _("this is not the digest of the text: %s") % computed}
            )
        row.sha256 = computed
    elif is_anchored(type(row)):
        _anchor_from_file(row)
    elif isinstance(row, PageTurn) and row.offset > len(row.text.text):
        raise ValidationError({"offset": _("this is behind the end of the text")})


def _anchor_from_file(row: Any) -> None:
    # A required text that is missing is reported by the loader; a question may have none.
    text: PassageText | None = (
        row.text if row.text_id or "text" in row._state.fields_cache else None
    )
    if text is None:
        return
    selector = selector_of(row)
    if selector.start >= 0 and text.text[selector.start : selector.end] == selector.quote != "":
        anchor(row, text.text, selector.start, selector.end)
        return
    found = resolve(text.text, replace(selector, start=-1, end=-1))
    if found is None:
        raise ValidationError(
            {
                "quote": _(
                    "these words do not stand at %(start)s–%(end)s of [%(text)s], "
                    "nor alone elsewhere: %(quote)s"
                )
                % {
                    "start": row.start,
                    "end": row.end,
                    "text": " / ".join(text.natural_key()),
                    "quote": row.quote,
                }
            }
        )
    anchor(row, text.text, *found)


@content.before_saving
def step_back(row: ContentModel) -> None:
    """A passage has one current text: the one before steps back first."""
    if not (isinstance(row, PassageText) and row.is_current):
        return
    for other in PassageText.objects.filter(passage=row.passage, is_current=True).exclude(
        pk=row.pk
    ):
        other.is_current = False
        other._change_reason = content.REASON + _("another text is current")  # type: ignore[attr-defined]
        other.save()
