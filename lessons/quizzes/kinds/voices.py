"""Whose words: for each of some segments of a text, the voice in which it is put.

Face: `segments` in the order of the text (`key`, `label`: its words, `before` and `after`: the
words around it). Answer: `{"voices": {segment key: voice}}`. Key: `voices`, the accepted ones of
each segment (two where both hold), and `feedback`.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lessons.documents.anchors import CONTEXT
from lessons.documents.models import VoiceSpan
from lessons.quizzes.models import Question, Segment

from .base import (
    Answer,
    Choice,
    Face,
    InvalidAnswer,
    Key,
    Presentation,
    Reveal,
    feedback_problems,
    fraction,
    judged_lines,
    no_answer,
    one_of_each,
    shortened,
    tally_code,
)

VOICES: dict[str, Any] = dict(VoiceSpan.Voice.choices)
ORDER = list(VOICES)
FEWEST = 3


@dataclass(frozen=True)
class Voice:
    """One radio button of a segment."""

    position: int
    label: str
    chosen: bool


@dataclass(frozen=True)
class SegmentLine(Choice):
    before: str = ""
    after: str = ""
    voices: list[Voice] = field(default_factory=list)


class Voices:
    name: ClassVar[str] = Question.Kind.VOICES.value
    marked_by_machine: ClassVar[bool] = True
    shuffles: ClassVar[bool] = False
    has_fixed_choices: ClassVar[bool] = True

    def face(self, question: Question) -> Face:
        return {
            "segments": [
                {
                    "key": segment.key,
                    "label": _bare(segment.span.quote),
                    "before": _tail(segment.span.prefix),
                    "after": _head(segment.span.suffix),
                    "stands": segment.span.text_id == question.text_id,
                }
                for segment in _ordered(question)
            ]
        }

    def key(self, question: Question) -> Key:
        segments = _ordered(question)
        return {
            "voices": {
                segment.key: [v for v in (segment.span.voice, segment.span.or_voice) if v]
                for segment in segments
            },
            "feedback": {segment.key: segment.feedback for segment in segments},
        }

    def problems(self, face: Face, key: Key) -> list[str]:
        segments = face["segments"]
        problems = []
        if len(segments) < FEWEST:
            problems.append(_("Add segments: there should be three or more."))
        if len({voices[0] for voices in key["voices"].values()}) < 2:
            problems.append(_("Choose segments of more than one voice."))
        problems += [
            _("“%(label)s” is not in the text that the question is about.")
            % {"label": shortened(segment["label"], 60)}
            for segment in segments
            if not segment["stands"]
        ]
        return problems + feedback_problems(segments, key["feedback"])

    def parse(
        self, face: Face, data: QueryDict, *, seed: int, prefix: str, partial: bool = False
    ) -> Answer:
        parts = enumerate(segment["key"] for segment in face["segments"])
        voices, missing = one_of_each(data, f"{prefix}-voice", parts, ORDER)
        if missing and not partial:
            raise InvalidAnswer(
                ngettext(
                    "%(n)s segment is still without a voice.",
                    "%(n)s segments are still without a voice.",
                    missing,
                )
                % {"n": missing}
            )
        return {"voices": voices}

    def is_blank(self, answer: Answer) -> bool:
        return not answer.get("voices")

    def mark(self, key: Key, answer: Answer) -> Decimal:
        """The share of segments given an accepted voice."""
        given = answer.get("voices", {})
        hits = sum(given.get(segment) in voices for segment, voices in key["voices"].items())
        return fraction(hits, len(key["voices"]))

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
        """After a first wrong answer each segment is judged; its voice is not named."""
        given = answer.get("voices", {}) if answer else {}
        lines = [
            SegmentLine(
                position,
                segment["label"],
                before=segment["before"],
                after=segment["after"],
                voices=[
                    Voice(place, str(VOICES[voice]), given.get(segment["key"]) == voice)
                    for place, voice in enumerate(ORDER)
                ],
            )
            for position, segment in enumerate(face["segments"])
        ]
        lines = judged_lines(
            zip([segment["key"] for segment in face["segments"]], lines, strict=True),
            "voices",
            ORDER,
            answer=answer,
            judged=judged,
            key=key,
            reveal=reveal,
            either=_either,
        )
        return Presentation(
            prefix=prefix,
            choices=lines,
            targets=[str(VOICES[voice]) for voice in ORDER],
            help=_("Ask of each: in whose words is it put, and who stands between them and you?"),
        )

    def perfect_answers(self, key: Key) -> list[Answer]:
        return [{"voices": {segment: voices[0] for segment, voices in key["voices"].items()}}]

    def controls(self, face: Face, answer: Answer, *, seed: int) -> list[tuple[str, str]]:
        places = [segment["key"] for segment in face["segments"]]
        return [
            (f"voice-{places.index(segment)}", str(ORDER.index(voice)))
            for segment, voice in answer["voices"].items()
        ]

    def right_in_words(self, face: Face, key: Key) -> list[str]:
        return [
            f"“{segment['label']}” → {_either(key['voices'].get(segment['key'], []))}"
            for segment in face["segments"]
        ]

    def describe(self, face: Face, answer: Answer) -> str:
        given = answer.get("voices", {})
        pairs = [
            f"“{shortened(segment['label'], 60)}” → {VOICES.get(given[segment['key']], '')}"
            for segment in face["segments"]
            if segment["key"] in given
        ]
        return "; ".join(pairs) or no_answer()

    def tally(self, face: Face, answer: Answer) -> list[str]:
        """`segment>voice` for each."""
        return [tally_code(f"{s}>{v}") for s, v in sorted(answer.get("voices", {}).items())]


def _ordered(question: Question) -> list[Segment]:
    return sorted(question.segments.all(), key=lambda row: (row.span.start, row.key))


def _either(accepted: list[str]) -> str:
    return _(" or ").join(str(VOICES[voice]) for voice in accepted)


def _bare(quote: str) -> str:
    """The words without the spaces around them, and without a quotation mark of their neighbour."""
    words = quote.strip()
    return words.strip('"“”').strip() if words.count('"') == 1 else words


def _tail(prefix: str) -> str:
    """The whole words at the end of what stands before; behind an ellipsis where it was cut."""
    if len(prefix) < CONTEXT:
        return prefix.strip()
    return f"… {' '.join(prefix.split()[1:])}"


def _head(suffix: str) -> str:
    if len(suffix) < CONTEXT:
        return suffix.strip()
    return f"{' '.join(suffix.split()[:-1])} …"
