"""The text itself, each sentence shaded by how the questions about it went."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy

from lessons.core.rendered import rendered
from lessons.documents.models import PassageText
from lessons.documents.sentences import sentences
from lessons.quizzes.models import Question

from .facts import Board
from .questions import QuestionReport, question_reports
from .wording import HIGH, WRONG, few, percent

Span = tuple[int, int]


class Shade:
    """How a sentence went. The values are class names as well."""

    UNASKED = "unasked"
    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"


SHADES = {
    Shade.HIGH: gettext_lazy("read well"),
    Shade.MIDDLE: gettext_lazy("read in part"),
    Shade.LOW: gettext_lazy("missed by most"),
    Shade.UNASKED: gettext_lazy("not asked about"),
}


@dataclass(frozen=True)
class SentenceReport:
    text: str
    questions: tuple[QuestionReport, ...]
    """Those about this sentence."""
    facility: Decimal | None
    """The mean over all answers to them; None where nobody was asked, or nothing is marked."""
    counted: int

    @property
    def words(self) -> str:
        return self.text.strip()

    @property
    def shade(self) -> str:
        if self.facility is None:
            return Shade.UNASKED
        if self.facility < WRONG:
            return Shade.LOW
        return Shade.MIDDLE if self.facility < HIGH else Shade.HIGH

    @property
    def shade_label(self) -> str:
        return str(SHADES[self.shade])

    @property
    def percent(self) -> str:
        return "–" if self.facility is None else percent(self.facility)

    @property
    def warning(self) -> str:
        return few(self.counted) if self.counted else ""


@dataclass(frozen=True)
class PassageReport:
    anchor: str
    label: str
    """ "¶3", or the passage's own name."""
    sentences: tuple[SentenceReport, ...]

    @property
    def is_asked_about(self) -> bool:
        return any(sentence.questions for sentence in self.sentences)


def passage_reports(board: Board) -> list[PassageReport]:
    """The passages of the assignment with every sentence's questions (one query more)."""
    reports = question_reports(board)
    about: dict[int, list[QuestionReport]] = {}
    for report in reports:
        if report.asked.text is not None:
            about.setdefault(report.asked.text, []).append(report)
    return [
        _passage(row, about.get(row["pk"], []))
        for row in _texts(board, frozenset(about))
        # What stands around the record is shown where something was asked about it.
        if row["passage__number"] or row["pk"] in about
    ]


def _texts(board: Board, asked: frozenset[int]) -> list[Any]:
    """The current text of each passage of the steps, and any older one that was asked about."""

    def build() -> list[Any]:
        current = Q(is_current=True, passage__steps__in=board.outline.ids)
        return list(
            PassageText.objects.filter(current | Q(pk__in=asked))
            .order_by("passage__document", "passage__order", "pk")
            .distinct()
            .values("pk", "text", "passage__key", "passage__number")
        )

    parts = ("report texts", board.assignment.pk, board.delivery.plan, asked)
    return rendered(parts, board.version, build)


def _passage(row: dict[str, Any], reports: Iterable[QuestionReport]) -> PassageReport:
    text, number = row["text"], row["passage__number"]
    reports = list(reports)
    name = row["passage__key"].replace("-", " ")
    return PassageReport(
        anchor=f"text-{row['pk']}",
        label=f"¶{number}" if number else name.capitalize(),
        sentences=tuple(
            sentence_report(text[start:end], [r for r in reports if _is_about(r, (start, end))])
            for start, end in sentences(text)
        ),
    )


def sentence_report(text: str, questions: Iterable[QuestionReport]) -> SentenceReport:
    """A sentence with the mean over every answer that counts to a question about it."""
    own = tuple(questions)
    counted = sum(report.counted for report in own)
    earned = sum((r.facility * r.counted for r in own if r.facility is not None), Decimal(0))
    return SentenceReport(text, own, earned / counted if counted else None, counted)


def _is_about(report: QuestionReport, sentence: Span) -> bool:
    """A question is about the sentences it quotes; an evidence question, about the evidence."""
    asked = report.asked
    if asked.kind == Question.Kind.EVIDENCE:
        spans = [tuple(s) for span in asked.key["spans"] for s in span["sentences"]]
        return any(start < sentence[1] and sentence[0] < end for start, end in spans)
    if asked.start is None or asked.end is None:
        return False
    return asked.start < sentence[1] and sentence[0] < asked.end
