"""A passage as HTML: its words verbatim, and what an edition shows around them.

Notes are links on the words they are about. Links cannot nest, so where notes overlap every word
belongs to the innermost one; the outer note's link goes on around it. A note left without a word of
its own shares the link of the note that took its words, and both are listed beside the passage.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from lessons.core.markdown import to_html
from lessons.core.models import PublishedModel, Status

from . import links
from .anchors import Segment, Selector, Span, resolve, segments
from .models import Annotation, Participation, Passage, PassageText, Reference, VoiceSpan
from .models.records import Anchored

SHOWN_VOICES = {VoiceSpan.Voice.EDITOR: "editor", VoiceSpan.Voice.QUOTED: "quoted"}
"""The voices drawn in the text, with their classes. The others are what the reader is to find."""

SIDES = ("first", "second")


@dataclass(frozen=True, slots=True)
class RenderedReference:
    key: str
    short: str
    citation: str
    address: str


@dataclass(frozen=True, slots=True)
class RenderedNote:
    """A note beside its passage. `mark_id`, `note_id` and `key_id` are ids on the page.

    `more_address` leads to the term or the person the note is about, `more_words` says so; both
    are empty where there is none that this reader may see.
    """

    key: str
    letter: str
    heading: str
    kind: str
    kind_label: str
    body_html: SafeString
    certainty: str
    certainty_label: str
    certainty_note: str
    references: tuple[RenderedReference, ...]
    quote: str
    mark_id: str
    note_id: str
    key_id: str
    report_key: str
    more_address: str
    more_words: str
    interprets: bool
    core: bool
    draft: bool


@dataclass(frozen=True, slots=True)
class RenderedPassage:
    """`speaker_side` is "first", "second" or "" (no speaker, or one of more than two).

    `later_count` notes wait for the chunk's questions; `further_count` notes were left out because
    only core ones were asked for.
    """

    pk: int
    key: str
    anchor: str
    number: int | None
    kind: str
    label: str
    speaker_name: str
    speaker_side: str
    voice_phrase: str
    text: str
    html: SafeString
    notes: tuple[RenderedNote, ...]
    later_count: int
    further_count: int


@dataclass(frozen=True, slots=True)
class _Placed:
    """A note with the words it was found at and the letter it always has."""

    note: Annotation
    start: int
    end: int
    letter: str


class Layer(StrEnum):
    """Which of a text's notes a page shows. Word notes are in every layer."""

    WORDS = "words"
    """For an uninterrupted reading, as if there were no others."""
    CORE = "core"
    """For lessons."""
    ALL = "all"
    """For the document page."""


def render_passages(
    passages: Iterable[Passage],
    *,
    reveal: bool,
    layer: Layer,
    horizon: date | None,
    preview: bool = False,
    voice: str = "",
) -> list[RenderedPassage]:
    """Passages (from `passages_for_reading`) with the notes that their reader may see now.

    Without `reveal`, no character of a note that waits for the questions is in the result, only
    how many there are. What is not of the `layer`, or was known only after the `horizon`, is left
    out; of the further notes it is said how many there are. Drafts are left out unless
    `preview`. The words of one `voice` are marked where it is given: only for who may know them.
    A note whose words are not found (an orphan) is left out: editors see it in admin.
    """
    sides: dict[int, dict[int, tuple[str, str]]] = {}
    result = []
    for passage in passages:
        if passage.document_id not in sides:
            sides[passage.document_id] = _speakers(passage)
        text = next((text for text in passage.texts.all() if text.is_current), None)
        if text is None:
            continue
        result.append(
            _render_passage(
                passage,
                text,
                sides[passage.document_id],
                reveal=reveal,
                layer=layer,
                horizon=horizon,
                preview=preview,
                voice=voice,
            )
        )
    return result


def references_of(passages: Iterable[RenderedPassage]) -> list[RenderedReference]:
    """Every reference of these passages' notes, once, by its short form."""
    found = {
        reference.key: reference
        for passage in passages
        for note in passage.notes
        for reference in note.references
    }
    return sorted(found.values(), key=lambda reference: reference.short.casefold())


def render_references(references: Iterable[Reference]) -> tuple[RenderedReference, ...]:
    return tuple(
        RenderedReference(
            key=reference.key,
            short=reference.short,
            citation=reference.citation,
            address=reference.address,
        )
        for reference in references
    )


def letter(index: int) -> str:
    """0 → a, 25 → z, 26 → aa."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def _speakers(passage: Passage) -> dict[int, tuple[str, str]]:
    """Of the passage's document: person id → (name as the document gives it, side)."""
    speakers = sorted(
        (
            participation
            for participation in passage.document.participations.all()
            if participation.role == Participation.Role.SPEAKER
        ),
        key=lambda participation: participation.order,
    )
    return {
        speaker.person_id: (speaker.named_as, SIDES[index] if index < len(SIDES) else "")
        for index, speaker in enumerate(speakers)
    }


def _has_recorder(passage: Passage) -> bool:
    return any(
        participation.role == Participation.Role.RECORDER
        for participation in passage.document.participations.all()
    )


def _render_passage(
    passage: Passage,
    text: PassageText,
    speakers: dict[int, tuple[str, str]],
    *,
    reveal: bool,
    layer: Layer,
    horizon: date | None,
    preview: bool,
    voice: str,
) -> RenderedPassage:
    known = [
        placed
        for placed in _place(text, preview=preview)
        if (horizon is None or placed.note.known_from is None or placed.note.known_from <= horizon)
        and (layer != Layer.WORDS or placed.note.kind == Annotation.Kind.LANGUAGE)
    ]
    wanted = [placed for placed in known if layer == Layer.ALL or _is_core(placed.note)]
    shown = [placed for placed in wanted if reveal or not _waits(placed.note)]
    name, side = "", ""
    if passage.speaker is not None:
        name, side = speakers.get(passage.speaker.pk, (passage.speaker.name, ""))
    runs = _link_runs(text.text, shown)
    mark_ids = _mark_ids(passage.anchor, shown, runs)
    return RenderedPassage(
        pk=passage.pk,
        key=passage.key,
        anchor=passage.anchor,
        number=passage.number,
        kind=passage.kind,
        label=passage.label,
        speaker_name=name,
        speaker_side=side,
        voice_phrase=_("as the recorder reports it") if name and _has_recorder(passage) else "",
        text=text.text,
        html=_html(passage, text, shown, runs, voice),
        notes=tuple(
            _render_note(
                passage, placed, mark_ids[placed.note.key], horizon=horizon, preview=preview
            )
            for placed in shown
        ),
        later_count=len(wanted) - len(shown),
        further_count=sum(reveal or not _waits(placed.note) for placed in known) - len(shown),
    )


def _waits(note: Annotation) -> bool:
    return note.reveal == Annotation.Reveal.AFTER_QUESTIONS


def _is_core(note: Annotation) -> bool:
    """Word notes always show (docs: content rules); they are not counted among the core."""
    return note.core or note.kind == Annotation.Kind.LANGUAGE


def find(text: str, anchored: Anchored) -> tuple[int, int] | None:
    """Where an annotation or a voice span stands in `text`; None for an orphan."""
    return resolve(
        text,
        Selector(
            quote=anchored.quote,
            prefix=anchored.prefix,
            suffix=anchored.suffix,
            start=anchored.start,
            end=anchored.end,
        ),
    )


def _place(text: PassageText, *, preview: bool) -> list[_Placed]:
    """The text's notes in the order of their letters.

    A note has one letter everywhere ("¶3, note c" means the same in class and in the edition), so
    letters are given before anything is left out: notes that stand with the text first, in text
    order, then those that wait, then drafts.
    """
    found = []
    for note in text.annotations.all():
        if not note.is_published and not preview:
            continue
        place = find(text.text, note)
        if place is not None:
            found.append((not note.is_published, _waits(note), *place, note.key, note))
    found.sort(key=lambda item: item[:5])
    return [
        _Placed(note=item[5], start=item[2], end=item[3], letter=letter(index))
        for index, item in enumerate(found)
    ]


@dataclass(frozen=True, slots=True)
class _Run:
    """Words under one link. `owners` are the notes it stands for; the first is its target."""

    start: int
    end: int
    owners: tuple[_Placed, ...]
    is_first: bool
    is_last: bool


def _link_runs(text: str, shown: Sequence[_Placed]) -> list[_Run]:
    """The links of a passage in text order, apart from one another.

    A stretch without a letter or digit (the space between two inner notes) is no link: it would
    have no name.
    """
    by_key = {placed.note.key: placed for placed in shown}
    parts = segments(text, [Span(key, item.start, item.end) for key, item in by_key.items()])

    def innermost(segment: Segment) -> str:
        return min(
            segment.covering,
            key=lambda key: (by_key[key].end - by_key[key].start, key),
            default="",
        )

    stretches: list[tuple[str, int, int]] = []
    for key, group in groupby(parts, key=innermost):
        members = list(group)
        start, end = members[0].start, members[-1].end
        if key and any(character.isalnum() for character in text[start:end]):
            stretches.append((key, start, end))
    # A note that has no stretch shares one on its place. Where there is none (its words are
    # nothing but punctuation, and no other note's) it has a link all the same.
    guests: dict[int, list[_Placed]] = {}
    for key in sorted(by_key.keys() - {key for key, _start, _end in stretches}):
        item = by_key[key]
        hosts = [start for _key, start, end in stretches if start < item.end and end > item.start]
        if hosts:
            guests.setdefault(max(hosts), []).append(item)
        else:
            stretches.append((key, item.start, item.end))
    stretches.sort(key=lambda stretch: stretch[1])
    keys = [key for key, _start, _end in stretches]
    return [
        _Run(
            start=start,
            end=end,
            owners=(
                by_key[key],
                *sorted(guests.get(start, []), key=lambda item: (len(item.letter), item.letter)),
            ),
            is_first=key not in keys[:index],
            is_last=key not in keys[index + 1 :],
        )
        for index, (key, start, end) in enumerate(stretches)
    ]


def _mark_ids(anchor: str, shown: Sequence[_Placed], runs: Sequence[_Run]) -> dict[str, str]:
    """Note key → id of the link that leads to it, for the way back."""
    return {
        placed.note.key: next(
            f"m-{anchor}-{run.owners[0].note.key}" for run in runs if placed in run.owners
        )
        for placed in shown
    }


def _html(
    passage: Passage,
    text: PassageText,
    shown: Sequence[_Placed],
    runs: Sequence[_Run],
    voice: str = "",
) -> SafeString:
    """The text with links, insertions, quoted phrases and page turns; nothing else is text.

    What is of the `voice` is marked as well.
    """
    wrappers: dict[str, tuple[int, int, str]] = {}
    for span in text.voicespans.all():
        css = SHOWN_VOICES.get(VoiceSpan.Voice(span.voice), "")
        if voice and voice in (span.voice, span.or_voice):
            css = f"{css} kept".strip()
        place = find(text.text, span) if css else None
        if css and place:
            wrappers[f"voice {span.key}"] = (*place, css)
    links = {f"link {run.start}": run for run in runs}
    turns = [turn.offset for turn in text.page_turns.all()]
    spans = [Span(key, start, end) for key, (start, end, _css) in wrappers.items()]
    spans += [Span(key, run.start, run.end) for key, run in links.items()]
    breaks = passage.kind != Passage.Kind.BODY

    def opening(key: str) -> SafeString:
        if key in links:
            return _open_link(passage.anchor, links[key])
        return format_html('<span class="{}">', wrappers[key][2])

    def closing(key: str) -> SafeString:
        return SafeString("</a>" if key in links else "</span>")

    pieces: list[str] = []
    opened: list[str] = []
    for segment in segments(text.text, spans, turns):
        wanted = _nesting(segment.covering, links, wrappers)
        kept = 0
        while kept < min(len(opened), len(wanted)) and opened[kept] == wanted[kept]:
            kept += 1
        pieces += [closing(key) for key in reversed(opened[kept:])]
        pieces += [_page_turn() for offset in turns if offset == segment.start]
        pieces += [opening(key) for key in wanted[kept:]]
        words = escape(segment.text)
        pieces.append(words.replace("\n", "<br>") if breaks else words)
        opened = wanted
    pieces += [closing(key) for key in reversed(opened)]
    pieces += [_page_turn() for offset in turns if offset >= len(text.text)]
    return mark_safe("".join(pieces))  # noqa: S308  # every piece was escaped above


def _nesting(
    covering: Sequence[str], links: dict[str, _Run], wrappers: dict[str, tuple[int, int, str]]
) -> list[str]:
    """The open elements of a segment, outermost first: a link is never cut by a wrapper."""
    link = next((key for key in covering if key in links), None)
    voices = [key for key in covering if key in wrappers]
    if link is None:
        return voices
    run = links[link]
    around = [
        key for key in voices if wrappers[key][0] <= run.start and wrappers[key][1] >= run.end
    ]
    return [*around, link, *(key for key in voices if key not in around)]


def _open_link(anchor: str, run: _Run) -> SafeString:
    """`id` on a note's first link only, its letter (drawn by the style sheet) on its last only."""
    first = run.owners[0].note.key
    guests = run.owners[1:]
    lettered = [run.owners[0], *guests] if run.is_last else list(guests)
    attributes = [("class", "mark")]
    if lettered:
        attributes.append(("data-note", " ".join(item.letter for item in lettered)))
    attributes.append(("href", f"#n-{anchor}-{first}"))
    if run.is_first:
        attributes.append(("id", f"m-{anchor}-{first}"))
    described = " ".join(f"k-{anchor}-{item.note.key}" for item in run.owners)
    attributes.append(("aria-describedby", described))
    return format_html("<a {}>", format_html_join(" ", '{}="{}"', attributes))


def _page_turn() -> SafeString:
    """An empty element: the sign is the style sheet's, the words are for screen readers only."""
    return format_html(
        '<span class="page-turn" role="img" aria-label="{}"></span>',
        _("a page of the original ends here"),
    )


def _more(note: Annotation, *, horizon: date | None, preview: bool) -> tuple[str, str]:
    """(address, words) of the link to what the note is about.

    Nothing leads to a draft, for readers, nor to a word that is later than the horizon.
    """
    term, person = note.term, note.person
    if term is not None and _is_shown(term, preview=preview):
        known = horizon is None or term.known_from is None or term.known_from <= horizon
        return (links.term_address(term.slug), _("More in the glossary")) if known else ("", "")
    if person is not None and _is_shown(person, preview=preview):
        words = _("More about %(name)s") % {"name": person.name}
        return links.person_address(person.slug), words
    return "", ""


def _is_shown(row: PublishedModel, *, preview: bool) -> bool:
    return row.is_published or (preview and row.status == Status.DRAFT)


def _render_note(
    passage: Passage, placed: _Placed, mark_id: str, *, horizon: date | None, preview: bool
) -> RenderedNote:
    note = placed.note
    more_address, more_words = _more(note, horizon=horizon, preview=preview)
    name = f"{passage.anchor}-{note.key}"
    return RenderedNote(
        key=note.key,
        letter=placed.letter,
        heading=note.heading,
        kind=note.kind,
        kind_label=note.get_kind_display(),
        body_html=to_html(note.body),
        certainty=note.certainty,
        certainty_label=str(note.get_certainty_display()) if note.certainty else "",
        certainty_note=note.certainty_note,
        references=render_references(note.references.all()),
        quote=note.quote,
        mark_id=mark_id,
        note_id=f"n-{name}",
        key_id=f"k-{name}",
        report_key=f"{passage.document.key}/{passage.key}/{note.key}",
        more_address=more_address,
        more_words=more_words,
        interprets=_waits(note),
        core=note.core,
        draft=not note.is_published,
    )
