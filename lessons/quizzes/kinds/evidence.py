"""Select the evidence: the learner ticks sentences of the text the question is about.

Face: `segments` (start, end, text), which join to exactly the text, and `all`, whether all the
evidence is asked for. Answer: `{"spans": [[start, end], …]}`, whole sentences in the order of
the text. Key: `spans`, each with its `quote`, `start` and `end` as authored, its `sentences`
([start, end] of each it touches) and `feedback`; and `all` again. Offsets count code points.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _

from lessons.documents.sentences import sentences
from lessons.quizzes.models import EvidenceSpan, Question

from .base import (
    ONE,
    ZERO,
    Answer,
    Choice,
    Face,
    InvalidAnswer,
    Key,
    Presentation,
    Reveal,
    Verdict,
    fraction,
    many_positions,
    no_answer,
    readable,
    shortened,
)

Span = tuple[int, int]


class Evidence:
    name: ClassVar[str] = Question.Kind.EVIDENCE.value
    marked_by_machine: ClassVar[bool] = True
    shuffles: ClassVar[bool] = False
    has_fixed_choices: ClassVar[bool] = True

    def face(self, question: Question) -> Face:
        text = _text(question)
        return {
            "segments": [
                {"start": start, "end": end, "text": text[start:end]}
                for start, end in sentences(text)
            ],
            "all": question.needs_all_evidence,
        }

    def key(self, question: Question) -> Key:
        cut = sentences(_text(question))
        spans = sorted(question.evidence.all(), key=lambda span: (span.start, span.end, span.key))
        return {
            "spans": [
                {
                    "quote": span.quote,
                    "start": span.start,
                    "end": span.end,
                    "sentences": [list(sentence) for sentence in _touched(span, cut)],
                    "feedback": span.feedback,
                }
                for span in spans
            ],
            "all": question.needs_all_evidence,
        }

    def problems(self, face: Face, key: Key) -> list[str]:
        text = "".join(segment["text"] for segment in face["segments"])
        if not text.strip():
            return [_("Choose the text that the evidence is in.")]
        problems = []
        if len(face["segments"]) < 2:
            problems.append(_("Choose a text of more than one sentence."))
        if not key["spans"]:
            problems.append(_("Mark the words of the text that count as evidence."))
        elif len(_union(key["spans"])) >= len(face["segments"]):
            problems.append(_("Mark fewer words: every sentence of the text counts as evidence."))
        for span in key["spans"]:
            quote = {"quote": shortened(span["quote"], 60)}
            if text[span["start"] : span["end"]] != span["quote"] or not span["sentences"]:
                problems.append(
                    _("Mark “%(quote)s” anew: it is not in the text at that place.") % quote
                )
            if not span["feedback"].strip():
                problems.append(_("Write feedback for “%(quote)s”.") % quote)
        return problems

    def parse(
        self, face: Face, data: QueryDict, *, seed: int, prefix: str, partial: bool = False
    ) -> Answer:
        segments = face["segments"]
        positions = many_positions(data, f"{prefix}-choice", len(segments))
        if not positions and not partial:
            raise InvalidAnswer(_("Tick a sentence first."))
        return {"spans": [[segments[at]["start"], segments[at]["end"]] for at in positions]}

    def is_blank(self, answer: Answer) -> bool:
        return not answer.get("spans")

    def mark(self, key: Key, answer: Answer) -> Decimal:
        """The Dice coefficient of the characters ticked and those of the evidence.

        2|A∩B| / (|A|+|B|) (L. R. Dice, "Measures of the amount of ecologic association between
        species", Ecology 26, 1945, 297–302; the F1 that Rajpurkar et al. 2016 take over words).
        B is all the evidence where all is needed. Otherwise any one span will do, and the best
        counts; whoever ticked several spans whole is compared with these together, since more
        good evidence is no fault.
        """
        given = _given(answer)
        if not key["spans"] or not given:
            return ZERO
        if key["all"]:
            return _dice(given, _union(key["spans"]))
        references = [_union([span]) for span in key["spans"]]
        whole = [span for span in key["spans"] if _union([span]) <= given]
        if whole:
            references.append(_union(whole))
        return max(_dice(given, reference) for reference in references)

    def present(
        self,
        face: Face,
        *,
        seed: int,
        prefix: str,
        answer: Answer | None = None,
        judged: Answer | None = None,
        key: Key | None = None,
        reveal: str = Reveal.NOTHING,
    ) -> Presentation:
        """After a first wrong answer the ticked sentences are judged, and no other is named.

        The feedback of a span is shown when all its sentences are ticked, for it may speak of
        any of them.
        """
        key = readable(key, reveal)
        judged = answer if judged is None else judged
        given, marked = _given(answer or {}), _given(judged or {})
        evidence = _union(key["spans"]) if key else set()
        enough = key is not None and judged is not None and self.mark(key, judged) == ONE
        unticked = Verdict.ALSO if enough or judged is None or not face["all"] else Verdict.MISSED
        lines = []
        for position, segment in enumerate(face["segments"]):
            span = (segment["start"], segment["end"])
            verdict = feedback = ""
            if key is not None:
                if span in marked:
                    verdict = Verdict.RIGHT if span in evidence else Verdict.WRONG
                elif reveal == Reveal.ALL and span in evidence:
                    verdict = unticked
                feedback = _feedback(key, span, marked, reveal)
            lines.append(
                Choice(
                    position=position,
                    label=segment["text"],
                    chosen=span in given,
                    verdict=verdict,
                    feedback=feedback,
                )
            )
        remarks = []
        if reveal == Reveal.CHOSEN and marked and marked <= evidence and not enough:
            remarks.append(_("What you ticked belongs, but something is still missing."))
        how = (
            _("Tick every sentence that is evidence.")
            if face["all"]
            else _("Tick the sentence that is evidence. If there are several, one will do.")
        )
        return Presentation(prefix=prefix, choices=lines, remarks=remarks, help=how)

    def perfect_answers(self, key: Key) -> list[Answer]:
        groups = [key["spans"]] if key["all"] else [[span] for span in key["spans"]]
        return [{"spans": [list(span) for span in sorted(_union(group))]} for group in groups]

    def controls(self, face: Face, answer: Answer, *, seed: int) -> list[tuple[str, str]]:
        shown = [[part["start"], part["end"]] for part in face["segments"]]
        return [("choice", str(shown.index(span))) for span in answer["spans"]]

    def right_in_words(self, face: Face, key: Key) -> list[str]:
        evidence = _union(key["spans"])
        return [
            part["text"] for part in face["segments"] if (part["start"], part["end"]) in evidence
        ]

    def describe(self, face: Face, answer: Answer) -> str:
        given = _given(answer)
        quotes = [
            f"“{shortened(segment['text'], 80)}”"
            for segment in face["segments"]
            if (segment["start"], segment["end"]) in given
        ]
        return " ".join(quotes) or no_answer()

    def tally(self, face: Face, answer: Answer) -> list[str]:
        """`start-end` of each ticked sentence."""
        return [f"{start}-{end}" for start, end in sorted(_given(answer))]


def _text(question: Question) -> str:
    return question.text.text if question.text else ""


def _touched(span: EvidenceSpan, cut: Iterable[Span]) -> list[Span]:
    """The sentences that hold a letter of the span; spaces at its ends touch nothing."""
    start = span.start + len(span.quote) - len(span.quote.lstrip())
    end = span.end - len(span.quote) + len(span.quote.rstrip())
    return [sentence for sentence in cut if sentence[0] < end and start < sentence[1]]


def _given(answer: Answer) -> set[Span]:
    return {(start, end) for start, end in answer.get("spans", [])}


def _union(spans: Iterable[dict[str, Any]]) -> set[Span]:
    return {(start, end) for span in spans for start, end in span["sentences"]}


def _dice(one: set[Span], other: set[Span]) -> Decimal:
    """Of two sets of sentences, each of which overlaps no other of its set."""
    return fraction(2 * _length(one & other), _length(one) + _length(other))


def _length(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)


def _feedback(key: Key, sentence: Span, given: set[Span], reveal: str) -> str:
    """Feedback of the spans that begin with the sentence and may be explained."""
    return " ".join(
        span["feedback"]
        for span in key["spans"]
        if span["sentences"]
        and tuple(span["sentences"][0]) == sentence
        and (reveal == Reveal.ALL or _union([span]) <= given)
    )
