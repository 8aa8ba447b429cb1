"""A lesson on paper: its text in numbered lines, its questions with room to write, and its key.

The sheet and the key are two drawings. The sheet is built from faces and from notes that stand
with the text; it never reads what is right, so it has nothing to leak. Lines are cut by counting
characters (documents/lines.py) and numbered through the whole record, so that line 41 is the same
words on A4, on Letter, on a screen, and in the handout of every lesson.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from lessons.core.rendered import rendered
from lessons.documents.atlas import lines_to_draw, routes_to_draw
from lessons.documents.citations import Style, cite
from lessons.documents.horizons import Reader, facts, sift
from lessons.documents.lines import Line, lines, lines_touched
from lessons.documents.models import Document, Passage, PassageText, SourceCard
from lessons.documents.queries import passages_for_reading
from lessons.documents.rendering import (
    Layer,
    RenderedNote,
    RenderedPassage,
    find,
    render_passages,
)
from lessons.documents.routes import Meeting, Way, dash, measure
from lessons.documents.timelines import span_text, who_could_know
from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.base import Face, Presentation
from lessons.quizzes.models import Delivery
from lessons.quizzes.models.questions import Question
from lessons.quizzes.revisions import key_of, questions_of, selection
from lessons.quizzes.sittings import asked_questions
from lessons.quizzes.solutions import any_one_will_do, paper_seed, right_in_words, solved

from .models import Step
from .outlines import LessonOutline, StepOutline
from .study import Study

EVERY = 5
"""Every fifth line shows its number, as editions of verse and of speeches have it."""

WORDS_A_LINE = 9
"""Handwritten words on a ruled line; a third more lines are ruled than that makes."""

FEWEST_LINES, MOST_LINES = 4, 16
SHORT_LINES = 1
REASON_LINES = 2
LONG_QUOTE = 240
"""Characters from which words that stand on the sheet are named by their lines alone."""


@dataclass(frozen=True)
class PrintedLine:
    number: int
    html: SafeString

    @property
    def shown(self) -> bool:
        return self.number % EVERY == 0


@dataclass(frozen=True)
class Footnote:
    """A note under its chunk; `label` is "3a", or "a" where the passage has no number."""

    label: str
    name: str
    """What its ids end with."""
    note: RenderedNote


@dataclass(frozen=True)
class PrintedPassage:
    passage: RenderedPassage
    lines: tuple[PrintedLine, ...]
    footnotes: tuple[Footnote, ...]
    is_first: bool
    """Whether it stands on the sheet for the first time."""


@dataclass(frozen=True)
class Reprinted:
    """A passage that stands further up on the sheet: its lines from `first` to `last`."""

    label: str
    first: int
    last: int


@dataclass(frozen=True)
class PaperQuestion:
    number: int
    face: Face
    shown: Presentation
    first: int = 0
    """Lines of the sentence it is about, or of the text to underline; 0 where it is none."""
    last: int = 0
    lines: tuple[PrintedLine, ...] = ()
    """The text to underline, where it is not printed as a passage of the lesson."""
    is_printed: bool = False
    """Whether what it is about stands on the sheet."""

    @property
    def kind(self) -> str:
        return str(self.face["kind"])

    @property
    def is_exercise(self) -> bool:
        """Whether it is one on a reported talk, which has a layout of its own."""
        return self.kind in Question.EXERCISES

    @property
    def about(self) -> dict[str, str] | None:
        about: dict[str, str] | None = self.face["about"]
        return about

    @property
    def quote(self) -> str:
        """The words it is about, where they have to be printed (again)."""
        words = self.about["quote"] if self.about else ""
        return "" if self.is_printed and self.first and len(words) >= LONG_QUOTE else words

    @property
    def ruled(self) -> range:
        """Lines to write on."""
        if self.kind == Question.Kind.SHORT:
            return range(SHORT_LINES)
        if self.kind == Question.Kind.STANCE:
            return range(REASON_LINES)
        words = self.face.get("most") or self.face.get("expected_words")
        wanted = ceil((words or 0) / WORDS_A_LINE * 4 / 3)
        return range(min(max(wanted, FEWEST_LINES), MOST_LINES))


@dataclass(frozen=True)
class ListRow:
    """A line of a short list: when or what, and the rest."""

    term: str
    words: str


@dataclass
class PaperStep:
    outline: StepOutline
    body: str
    passages: list[PrintedPassage] = field(default_factory=list)
    again: list[Reprinted] = field(default_factory=list)
    more_notes: list[Footnote] = field(default_factory=list)
    """Notes on passages further up that only this step shows."""
    cards: list[SourceCard] = field(default_factory=list)
    cards_again: list[SourceCard] = field(default_factory=list)
    document: Document | None = None
    """The module's own document, to be described as a source card."""
    rows: list[ListRow] = field(default_factory=list)
    questions: list[PaperQuestion] = field(default_factory=list)
    on_screen: bool = False
    """Whether its questions are given out on a screen only."""

    @property
    def footnotes(self) -> list[Footnote]:
        own = [note for passage in self.passages for note in passage.footnotes]
        return own + self.more_notes


@dataclass(frozen=True)
class KeyAnswer:
    """What is right in one question."""

    number: int
    face: Face
    kind: str
    right: tuple[str, ...]
    any_one: bool
    explanation: str
    strong: str
    rubric: tuple[dict[str, Any], ...]
    is_plain: bool
    """Whether `right` is words of the record or of an answer rather than Markdown."""


# --- Drawing ----------------------------------------------------------------------------------


def handout_html(study: Study) -> SafeString:
    """The sheet for students: the same for all who may open the same steps; kept a version."""
    parts = ("handout", *_parts(study))
    return rendered(parts, study.version, lambda: _Sheet(study).draw("guided/_handout.html"))


def handout_key_html(study: Study) -> SafeString:
    """The answer key, for instructors and editors only; kept a version."""
    parts = ("handout key", *_parts(study))
    return rendered(parts, study.version, lambda: _Sheet(study).draw_key())


def _parts(study: Study) -> tuple[Any, ...]:
    steps = tuple(step.pk for step in _open_steps(study))
    return (
        *(study.lesson.pk, steps, study.drafts, selection(study.delivery)),
        _keeps_graded_off_paper(study),
    )


def _open_steps(study: Study) -> list[StepOutline]:
    return [step for step in study.lesson.steps if study.is_open(step)]


def _keeps_graded_off_paper(study: Study) -> bool:
    """Whether a graded quiz, given out with a start and an end, must not be read before it."""
    return study.delivery.kind == Delivery.Kind.ASSIGNED and not study.everything_is_open


class _Sheet:
    """One building of a handout, once a content version. How many queries it takes depends on the
    number of quizzes in the lesson, and on nothing else in it."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.lesson: LessonOutline = study.lesson
        self.number = 0
        """Questions numbered so far, through the whole lesson."""
        self.printed: dict[str, Reprinted] = {}
        self.noted: set[str] = set()
        """Names of the footnotes so far: each stands on the sheet once."""
        self.cards: set[int] = set()
        rows = (
            Step.objects.filter(pk__in=[step.pk for step in _open_steps(study)])
            .select_related("lesson__module__document")
            .prefetch_related("passages", "source_cards__reference", "places")
        )
        self.rows = {row.pk: row for row in rows}
        self.document = next(iter(self.rows.values())).lesson.module.document if rows else None
        self.texts = _texts(self.document) if self.document else {}
        self.cuts = {anchor: lines(text.text) for anchor, text in self.texts.items()}
        self.starts = _starts(self.cuts)
        self.rendered = self._render(reveal=False)

    def _render(self, *, reveal: bool) -> dict[int, tuple[Passage, RenderedPassage]]:
        """The passages of all steps by id, with the notes that may stand there."""
        wanted = {p.pk for row in self.rows.values() for p in row.passages.all()}
        passages = passages_for_reading(passages=wanted, preview=self.study.drafts)
        shown = render_passages(
            passages,
            reveal=reveal,
            layer=Layer.CORE,
            horizon=self.lesson.horizon,
            preview=self.study.drafts,
        )
        by_pk = {passage.pk: passage for passage in passages}
        return {passage.pk: (by_pk[passage.pk], passage) for passage in shown}

    def draw(self, template: str) -> SafeString:
        return render_to_string(
            template,
            {
                "lesson": self.lesson,
                "document": self.document,
                "citation": self._citation(),
                "steps": self.steps(),
                "has_lines": bool(self.printed),
            },
        )

    def _citation(self) -> str:
        if self.document is None:
            return ""
        people = self.document.participations.select_related("person")
        return self.document.citation or cite(Style.CHICAGO, self.document, people)

    def steps(self) -> list[PaperStep]:
        return [self._step(step) for step in _open_steps(self.study)]

    def _step(self, step: StepOutline) -> PaperStep:
        row = self.rows[step.pk]
        paper = PaperStep(step, row.body)
        whole = step.kind == Step.Kind.WHOLE_READING
        for passage in sorted(row.passages.all(), key=lambda passage: passage.order):
            if passage.pk not in self.rendered:
                continue
            if passage.anchor in self.printed and not whole:
                paper.again.append(self.printed[passage.anchor])
                paper.more_notes += self._footnotes(passage.pk, words_only=False)
            else:
                paper.passages.append(self._passage(passage.pk, words_only=whole))
        for card in row.source_cards.all():
            if card.is_published or self.study.drafts:
                (paper.cards_again if card.pk in self.cards else paper.cards).append(card)
                self.cards.add(card.pk)
        if step.kind == Step.Kind.SOURCE_CARD:
            paper.document = self.document
        paper.rows = self._list(row)
        self._ask(paper)
        return paper

    def _passage(self, pk: int, *, words_only: bool) -> PrintedPassage:
        source, shown = self.rendered[pk]
        text = next(text for text in source.texts.all() if text.is_current)
        rows = {row.key: row for row in text.annotations.all()}
        footnotes = self._footnotes(pk, words_only=words_only)
        marks: dict[int, list[Footnote]] = {}
        for footnote in footnotes:
            place = find(text.text, rows[footnote.note.key])
            if place is not None:
                marks.setdefault(place[1], []).append(footnote)
        printed = self._lines(shown.anchor, {at: _marks(notes) for at, notes in marks.items()})
        is_first = shown.anchor not in self.printed
        self.printed[shown.anchor] = Reprinted(
            str(source), first=printed[0].number, last=printed[-1].number
        )
        return PrintedPassage(shown, printed, tuple(footnotes), is_first)

    def _footnotes(self, pk: int, *, words_only: bool) -> list[Footnote]:
        """The passage's notes that stand with the text and are not on the sheet yet."""
        _source, shown = self.rendered[pk]
        found = [
            Footnote(_label(shown, note), f"{shown.anchor}-{note.key}", note)
            for note in shown.notes
            if not note.interprets and (note.kind == "language" or not words_only)
        ]
        new = [footnote for footnote in found if footnote.name not in self.noted]
        self.noted |= {footnote.name for footnote in new}
        return new

    def _lines(
        self, anchor: str, marks: dict[int, SafeString] | None = None
    ) -> tuple[PrintedLine, ...]:
        """A text's lines with footnote marks after the characters they end at."""
        text, start = self.texts[anchor].text, self.starts[anchor]
        return tuple(
            PrintedLine(start + index, _line(text, line, marks or {}))
            for index, line in enumerate(self.cuts[anchor])
        )

    def _list(self, row: Step) -> list[ListRow]:
        """What a step shows in a drawing, in words."""
        if row.kind == Step.Kind.PROVENANCE and self.document is not None:
            return [
                ListRow(link.get_stage_display().capitalize(), _who_and_when(link.who, link.when))
                for link in self.document.provenance.all()
            ]
        drafts = self.study.drafts
        if row.kind == Step.Kind.TIMELINE:
            horizon = self.lesson.horizon
            found = facts(preview=drafts, version=self.study.version)
            return [
                ListRow(
                    span_text(fact.date, fact.date_end, fact.precision),
                    f"{fact.title}. {who_could_know(fact, horizon=horizon)}".strip(),
                )
                for fact in sift(found, horizon=horizon, reader=Reader.US).shown
            ]
        if row.kind == Step.Kind.MAP:
            routes = routes_to_draw(row.routes.all(), preview=drafts)
            return [_way(way) for way in measure(routes, dash(lines_to_draw(preview=drafts)))]
        if row.kind == Step.Kind.HEADNOTE:
            places = [p for p in row.places.all() if drafts or p.is_published]
            return [ListRow(place.name, place.note) for place in places if place.note]
        return []

    def _ask(self, paper: PaperStep) -> None:
        quiz = paper.outline.quiz
        if quiz is None:
            return
        if paper.outline.is_graded and _keeps_graded_off_paper(self.study):
            paper.on_screen = True
            return
        for asked in asked_questions(quiz, self.study.version, delivery=self.study.delivery):
            self.number += 1
            paper.questions.append(self._question(asked.face))

    def _question(self, face: Face) -> PaperQuestion:
        seed = paper_seed(str(face["question"]))
        shown = kind_of(str(face["kind"])).present(face, seed=seed, prefix="")
        about = face["about"]
        anchor = about["anchor"] if about else ""
        if anchor not in self.cuts:
            return PaperQuestion(self.number, face, shown)
        start, cut = self.starts[anchor], self.cuts[anchor]
        if face["kind"] == Question.Kind.EVIDENCE:
            own = () if anchor in self.printed else self._lines(anchor)
            last = start + len(cut) - 1
            return PaperQuestion(self.number, face, shown, start, last, own)
        at = self.texts[anchor].text.find(about["quote"]) if about["quote"] else -1
        held = lines_touched(cut, at, at + len(about["quote"])) if at >= 0 else range(0)
        if not held:
            return PaperQuestion(self.number, face, shown)
        return PaperQuestion(
            *(self.number, face, shown, start + held[0], start + held[-1]),
            is_printed=anchor in self.printed,
        )

    # --- The key ---

    def draw_key(self) -> SafeString:
        answers = []
        for step in self.steps():
            found = self._answers(step)
            if found:
                answers.append((step.outline, found))
        context = {"lesson": self.lesson, "steps": answers, "notes": self._waiting_notes()}
        return render_to_string("guided/_handout_key.html", context)

    def _answers(self, step: PaperStep) -> list[KeyAnswer]:
        quiz, delivery = step.outline.quiz, self.study.delivery
        if quiz is None:
            return []
        rows = questions_of(quiz, drafts=delivery.is_preview, delivery=delivery)
        keys = {row.key: key_of(row) for row in rows}
        return [
            _answer(question, keys[str(question.face["question"])])
            for question in step.questions
            if question.face["question"] in keys
        ]

    def _waiting_notes(self) -> list[Footnote]:
        shown = [passage for _row, passage in self._render(reveal=True).values()]
        return [
            Footnote(_label(passage, note), f"{passage.anchor}-{note.key}", note)
            for passage in shown
            for note in passage.notes
            if note.interprets
        ]


def _answer(question: PaperQuestion, key: dict[str, Any]) -> KeyAnswer:
    face = question.face
    shown = solved(face, key, seed=paper_seed(str(face["question"])))
    is_plain = question.kind in Question.PLAIN
    right = right_in_words(face, key)
    if question.kind in {Question.Kind.SINGLE, Question.Kind.MULTIPLE, Question.Kind.WARRANT}:
        right = [f"{_letter(c.position)}. {c.label}" for c in shown.choices if c.verdict == "also"]
    elif question.kind == Question.Kind.MATCHING:
        right = [
            f"{c.label} → {_letter(shown.targets.index(c.answer))}. {c.answer}"
            for c in shown.choices
            if c.answer in shown.targets
        ]
    written = question.kind in Question.WRITTEN
    return KeyAnswer(
        number=question.number,
        face=face,
        kind=question.kind,
        right=tuple(right),
        any_one=any_one_will_do(face, key),
        explanation=str(key["explanation"]),
        strong=shown.solution[0] if written and shown.solution else "",
        rubric=tuple(shown.rubric),
        is_plain=is_plain,
    )


# --- Text -------------------------------------------------------------------------------------


def _texts(document: Document) -> dict[str, PassageText]:
    """Anchor → current text, the record first and what archives added after it (one query)."""
    found = PassageText.objects.filter(passage__document=document, is_current=True)
    texts = sorted(
        found.select_related("passage"),
        key=lambda text: (text.passage.kind == Passage.Kind.METADATA, text.passage.order),
    )
    return {text.passage.anchor: text for text in texts}


def _starts(cuts: dict[str, list[Line]]) -> dict[str, int]:
    """Anchor → the number of its first line, from 1, running through the whole record."""
    starts, number = {}, 1
    for anchor, cut in cuts.items():
        starts[anchor] = number
        number += len(cut)
    return starts


def _label(passage: RenderedPassage, note: RenderedNote) -> str:
    return f"{passage.number or ''}{note.letter}"


def _marks(footnotes: Iterable[Footnote]) -> SafeString:
    """What stands in the text where notes are: their letters, linked to the footnotes."""
    marks = format_html_join(
        " ",
        '<a id="fm-{0}" href="#fn-{0}">{1}</a>',
        ((footnote.name, footnote.note.letter) for footnote in footnotes),
    )
    return format_html("<sup>{}</sup>", marks)


def _line(text: str, line: Line, marks: dict[int, SafeString]) -> SafeString:
    """One line's words, escaped, with the marks that stand in it."""
    start, end = line
    pieces: list[str] = []
    for at in sorted(at for at in marks if start < at <= end):
        pieces += (escape(text[start:at]), marks[at])
        start = at
    pieces.append(escape(text[start:end].replace("\n", " ")))
    return mark_safe("".join(pieces))  # noqa: S308  # every piece was escaped


def _way(way: Way) -> ListRow:
    """A route in words: its length, its legs, where they meet a dashed line, and what it shows."""
    km = _("%(kilometres)s km")
    legs = [
        f"{leg.start.name}–{leg.end.name} {km % {'kilometres': leg.shown}}"
        + "".join(f" ({_met(meeting)})" for meeting in leg.meetings)
        for leg in way.legs
    ]
    total = km % {"kilometres": way.total}
    return ListRow(way.title, f"{total}: {'; '.join(legs)}. {way.note}" if legs else way.note)


def _met(meeting: Meeting) -> str:
    words = {"line": meeting.line, "where": meeting.where}
    return _("meets, roughly, near %(where)s: %(line)s") % words


def _letter(position: int) -> str:
    return chr(ord("A") + position)


def _who_and_when(who: str, when: str) -> str:
    return who if who == when else f"{who} · {when}"
