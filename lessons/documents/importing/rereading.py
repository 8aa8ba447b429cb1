"""A corrected source read again: what changed is corrected, what stands on it moves or is named.

Nothing that answers rest on is deleted: a passage that is gone from the source goes from the
document only where nothing but its own texts hangs on it.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import F

from lessons.core.edits import edit
from lessons.core.models import ContentModel, ContentVersion
from lessons.core.usage import Resting, resting_on
from lessons.documents.anchors import Selector, describe
from lessons.documents.domain import anchored_models, correct_text, place_in, selector_of
from lessons.documents.models import Annotation, Document, Passage, PassageText, VoiceSpan

from .draft import Draft, NoteDraft, PassageDraft
from .saving import REASON, keys_for, resolve_people, save_row, write_notes, write_passage

ALIKE = 0.5
"""Two texts with this share of words in common are one passage, corrected."""


@dataclass
class Pair:
    """One line of the plan.

    `state` is same, moved (the same elsewhere), changed, new, gone (goes) or kept (gone, but used).
    """

    state: str
    old: Passage | None = None
    old_text: str = ""
    new: PassageDraft | None = None
    moving: int = 0
    orphans: list[Any] = field(default_factory=list)
    used_by: list[Any] = field(default_factory=list)
    resting: Resting | None = None
    """Answers of learners on questions about it, where it does not stay as it is."""


@dataclass
class Plan:
    """`notes_left` are the source's notes on passages that are here, which are not taken over."""

    document: Document
    pairs: list[Pair]
    notes_left: list[NoteDraft] = field(default_factory=list)

    def of(self, state: str) -> list[Pair]:
        return [pair for pair in self.pairs if pair.state == state]

    @property
    def orphans(self) -> list[Any]:
        return [row for pair in self.pairs for row in pair.orphans]

    @property
    def changes_anything(self) -> bool:
        return any(pair.state in ("moved", "changed", "new", "gone") for pair in self.pairs)


def make_plan(document: Document, draft: Draft) -> Plan:
    """What saving the draft over the document would do; reads only."""
    texts = list(
        PassageText.objects.filter(passage__document=document, is_current=True)
        .select_related("passage")
        .order_by("passage__order")
    )
    pairs: list[Pair] = []
    for old, new in _join_moved(_align(texts, draft.passages)):
        if old is None:
            pairs.append(Pair("new", new=new))
            continue
        pair = Pair("same", old.passage, old.text, new)
        pairs.append(pair)
        if new is None:
            pair.used_by = _used_by(old.passage)
            pair.state = "kept" if pair.used_by else "gone"
        elif old.text != new.text:
            pair.state = "changed"
            for row in _standing_on(old):
                if _place(row, old.text, new.text) is None:
                    pair.orphans.append(row)
                else:
                    pair.moving += 1
        if pair.state != "same":
            pair.resting = resting_on(old.passage)
    _mark_moved(pairs)
    return Plan(document, pairs, _notes_left(document, draft, pairs))


Aligned = list[tuple[PassageText | None, PassageDraft | None]]


def _join_moved(aligned: Aligned) -> Aligned:
    """A passage that is gone here and new there, word for word, is one that moved."""
    gone: dict[tuple[str, str], list[PassageText]] = {}
    for old, new in aligned:
        if old is not None and new is None and old.text:
            gone.setdefault((old.passage.kind, old.text), []).append(old)
    moved: set[int] = set()
    joined: Aligned = []
    for old, new in aligned:
        found = gone.get((new.kind, new.text)) if old is None and new is not None else None
        came = found.pop(0) if found else old
        if came is not old and came is not None:
            moved.add(came.pk)
        joined.append((came, new))
    return [(o, n) for o, n in joined if o is None or n is not None or o.pk not in moved]


def _mark_moved(pairs: list[Pair]) -> None:
    """Of those that are the same, the ones that do not stand in their old order."""
    stay = [pair for pair in pairs if pair.old is not None]
    orders = [cast("Passage", pair.old).order for pair in stay]
    kept = set(_longest_rising(orders))
    for pair, order in zip(stay, orders, strict=True):
        if pair.state == "same" and order not in kept:
            pair.state = "moved"


def _longest_rising(numbers: list[int]) -> list[int]:
    """A longest rising subsequence (patience sorting)."""
    tops: list[int] = []
    below: dict[int, int | None] = {}
    for number in numbers:
        at = bisect_left(tops, number)
        below[number] = tops[at - 1] if at else None
        tops[at : at + 1] = [number]
    found: list[int] = []
    last = tops[-1] if tops else None
    while last is not None:
        found.append(last)
        last = below[last]
    return found


def _notes_left(document: Document, draft: Draft, pairs: list[Pair]) -> list[NoteDraft]:
    """Notes that the document does not have, on passages it has: an editor writes them there."""
    new = {pair.new.id for pair in pairs if pair.old is None and pair.new is not None}
    known = set(
        Annotation.objects.filter(text__passage__document=document).values_list("body", flat=True)
    )
    return [n for n in draft.notes if n.keep and n.passage not in new and n.body not in known]


def apply(plan: Plan, draft: Draft, *, by: AbstractBaseUser | None) -> list[ContentModel]:
    """Carry the plan out; returns the orphans. Passages keep their keys and what hangs on them."""
    with edit(by=by, why=REASON):
        document = plan.document
        orphans: list[ContentModel] = []
        people = resolve_people(_only_speakers(draft, plan), by)
        # Numbers are unique: all step aside before each takes its place.
        Passage.objects.filter(document=document, number__isnull=False).update(
            number=F("number") + 15000
        )
        for pair in plan.of("gone"):
            if pair.old is not None:
                pair.old.delete()
        left = {
            pair.old.key for pair in plan.pairs if pair.old is not None and pair.state != "gone"
        }
        keys = keys_for([pair.new for pair in plan.of("new") if pair.new is not None], left)
        number, written = 0, {}
        for order, pair in enumerate([p for p in plan.pairs if p.state != "gone"], start=1):
            kind = pair.old.kind if pair.old is not None else cast("PassageDraft", pair.new).kind
            number += kind == "body"
            mine = number if kind == "body" else None
            if pair.old is None:
                if pair.new is None:
                    continue
                written[pair.new.id] = write_passage(
                    pair.new, document, key=keys[pair.new.id][0], number=mine, order=order,
                    people=people, by=by,
                )  # fmt: skip
                continue
            passage = Passage.objects.get(pk=pair.old.pk)
            moved = (passage.order, pair.old.number) != (order, mine)
            passage.order, passage.number = order, mine
            if moved:
                save_row(passage, by)
            else:
                Passage.objects.filter(pk=passage.pk).update(number=mine)
            if pair.state == "changed" and pair.new is not None:
                orphans += correct_text(passage=passage, text=pair.new.text, by=by).orphans
        write_notes(draft, written, people, {}, by)
        ContentVersion.bump()
        return orphans


def _only_speakers(draft: Draft, plan: Plan) -> Draft:
    """The draft's people, but of new ones only those who speak in a passage that is new."""
    speaking = {pair.new.speaker.value for pair in plan.of("new") if pair.new is not None}
    for person in draft.people:
        person.keep = person.keep and person.id in speaking
    return draft


def _align(texts: list[PassageText], drafts: list[PassageDraft]) -> Aligned:
    """Old and new in order, paired where they are equal or alike; metadata by its label."""
    old, new = [t.text for t in texts], [p.text for p in drafts]
    found: Aligned = []
    for op, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            found += list(zip(texts[a:b], drafts[c:d], strict=True))
        else:
            found += _align_changed(texts[a:b], drafts[c:d])
    return found


def _align_changed(texts: list[PassageText], drafts: list[PassageDraft]) -> Aligned:
    """The pairing with the most words in common, in order (as for a longest common subsequence)."""
    if len(texts) * len(drafts) > 4000:
        return [(t, None) for t in texts] + [(None, p) for p in drafts]
    likeness = [[_alike(t, p) for p in drafts] for t in texts]
    best = [[0.0] * (len(drafts) + 1) for _row in range(len(texts) + 1)]
    for i in range(len(texts) - 1, -1, -1):
        for j in range(len(drafts) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + likeness[i][j])
    found: Aligned = []
    i = j = 0
    while i < len(texts) and j < len(drafts):
        if likeness[i][j] and best[i][j] == best[i + 1][j + 1] + likeness[i][j]:
            found.append((texts[i], drafts[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            found.append((texts[i], None))
            i += 1
        else:
            found.append((None, drafts[j]))
            j += 1
    return found + [(t, None) for t in texts[i:]] + [(None, p) for p in drafts[j:]]


def _alike(text: PassageText, draft: PassageDraft) -> float:
    if text.passage.kind != draft.kind:
        return 0.0
    if draft.kind == "metadata" and text.passage.label and text.passage.label == draft.label:
        return 1.0
    if draft.kind in ("heading", "signature") and not text.text:
        return 0.0
    ratio = SequenceMatcher(None, text.text.split(), draft.text.split(), autojunk=False).ratio()
    return ratio if ratio >= ALIKE else 0.0


def _place(row: Any, old: str, new: str) -> tuple[int, int] | None:
    """As `correct_text` will find it."""
    selector: Selector = selector_of(row)
    if old[selector.start : selector.end] == selector.quote:
        selector = describe(old, selector.start, selector.end)
    return place_in(row, selector, old, new)


def _standing_on(text: PassageText) -> list[Any]:
    return [
        row
        for model in anchored_models()
        for row in cast("Any", model)._base_manager.filter(text=text).order_by("pk")
    ]


def _used_by(passage: Passage) -> list[Any]:
    """Rows of other tables that would lose something if the passage went; voices go with it."""
    own = (PassageText, VoiceSpan)
    found: list[Any] = []
    for relation in passage._meta.related_objects:
        if relation.related_model in own or "Historical" in str(relation.related_model):
            continue
        manager = cast("Any", relation.related_model)._base_manager
        found += list(manager.filter(**{relation.field.name: passage})[:20])
    for text in passage.texts.all():
        for relation in text._meta.related_objects:
            model = cast("Any", relation.related_model)
            if (
                model in own
                or model._meta.model_name == "pageturn"
                or "Historical" in model.__name__
            ):
                continue
            found += list(model._base_manager.filter(**{relation.field.name: text})[:20])
    return found
