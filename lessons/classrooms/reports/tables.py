"""Every table of the reports as text: the page draws it and the export sends it, cell by cell."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from lessons.classrooms.exports import Value

from .exercises import Split
from .facts import Board
from .passages import PassageReport
from .progress import (
    PAGE,
    AssignmentLine,
    ClassProgress,
    Standing,
    State,
    matrix_header,
    matrix_rows,
)
from .questions import QuestionReport, SetReport, Share, SkillReport
from .times import StepTime
from .wording import Clock, percent

Row = Sequence[str]
BATCH = 10 * PAGE
"""Learners read at once for an export."""


@dataclass(frozen=True)
class Table:
    """A heading for each column, and the rows; the first column names the row."""

    key: str
    """What the export is called."""
    header: list[str]
    rows: Iterable[Row]
    numbers: frozenset[int] = frozenset()
    """Columns that hold figures."""

    @property
    def columns(self) -> list[tuple[str, bool]]:
        return [(title, at in self.numbers) for at, title in enumerate(self.header)]

    @property
    def cells(self) -> Iterator[list[tuple[str, bool]]]:
        for row in self.rows:
            yield [(text, at in self.numbers) for at, text in enumerate(row)]

    def lines(self) -> Iterator[Sequence[Value]]:
        """Header and rows, as an export sends them: figures go as numbers."""
        yield self.header
        for row in self.rows:
            yield [_number(text) if at in self.numbers else text for at, text in enumerate(row)]


def _number(text: str) -> Value:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def overview_table(lines: Iterable[AssignmentLine], *, clock: Clock) -> Table:
    header = [
        _("Assignment"),
        _("Due"),
        _("Students"),
        _("Not started"),
        _("Stuck"),
        _("Under way"),
        _("Done"),
        _("Answers to mark"),
    ]
    rows = []
    for line in lines:
        due, counts = line.assignment.delivery.due_at, line.progress.counts
        states = (State.NOT_STARTED, State.STUCK, State.UNDER_WAY, State.DONE)
        rows.append(
            [
                line.assignment.title,
                clock(due) if due else "–",
                str(line.progress.counted),
                *(str(counts[state]) for state in states),
                str(line.waiting),
            ]
        )
    return Table("overview", header, rows, frozenset(range(2, 8)))


def progress_table(progress: ClassProgress, *, clock: Clock) -> Table:
    """The matrix of everybody, read and sent in batches."""
    board = progress.board

    def rows() -> Iterator[Row]:
        for start in range(0, len(progress.standings), BATCH):
            some: Sequence[Standing] = progress.standings[start : start + BATCH]
            for row in matrix_rows(board, some, clock=clock):
                yield row.values

    return Table("progress", matrix_header(board.outline), rows())


def questions_table(ranked: Iterable[QuestionReport]) -> Table:
    header = [
        _("Question"),
        _("Step"),
        _("Reported as"),
        _("Answers"),
        _("Right"),
        _("Sure and wrong"),
        _("Commonest wrong answer"),
        _("Talk about it"),
    ]
    rows = [
        [
            question_title(report),
            report.step.title if report.step else "–",
            report.skill_label,
            str(report.counted),
            report.percent_right,
            report.sure_percent,
            percent(report.split) if report.top_wrong else "–",
            f"{report.talk:.2f}",
        ]
        for report in ranked
    ]
    return Table("questions", header, rows, frozenset({3, 4, 5, 6, 7}))


def question_title(report: QuestionReport) -> str:
    return f"{report.number}. {report.prompt}"


ANSWERS = 6
"""Columns of one question's answers."""


def answers_header() -> list[str]:
    return [
        _("Answer"),
        _("Right or wrong"),
        _("Given by"),
        _("Share"),
        _("Sure of it"),
        _("What misreading it catches"),
    ]


def answer_row(share: Share) -> list[str]:
    return [
        share.label,
        _("right") if share.is_right else _("wrong"),
        str(share.count),
        share.percent,
        str(share.sure),
        share.misreading or "–",
    ]


def answers_table(reports: Iterable[QuestionReport]) -> Table:
    """Every answer to every question; on the page, a table for each question."""
    rows = [
        [question_title(report), *answer_row(share)]
        for report in reports
        for share in report.shares
    ]
    return Table("answers", [_("Question"), *answers_header()], rows)


def skills_table(skills: Iterable[SkillReport]) -> Table:
    header = [_("Skill"), _("Seen in"), _("Questions"), _("Answers"), _("Earned"), _("Unmarked")]
    rows = [
        [s.label, s.source, str(s.questions), str(s.counted), s.percent, str(s.waiting)]
        for s in skills
    ]
    return Table("skills", header, rows, frozenset({2, 3, 4, 5}))


def items_table(sets: Iterable[SetReport]) -> Table:
    header = [
        _("Question"),
        _("Answers"),
        _("Facility"),
        _("What it says"),
        _("Discrimination"),
        _("What it says"),
    ]
    rows = [
        [
            question_title(item.question),
            str(item.question.counted),
            item.facility_text,
            item.facility_reading,
            item.discrimination_text,
            item.discrimination_reading,
        ]
        for found in sets
        for item in found.items
    ]
    return Table("items", header, rows, frozenset({1, 2, 4}))


def sets_table(sets: Iterable[SetReport]) -> Table:
    header = [
        _("Lesson"),
        _("Figure"),
        _("Value"),
        _("Questions"),
        _("Learners with all of them"),
        _("Left out"),
        _("What it says"),
    ]
    rows = [
        [
            found.title,
            found.name,
            found.alpha_text,
            str(found.questions),
            str(found.learners),
            str(found.left_out),
            found.reading,
        ]
        for found in sets
    ]
    return Table("sets", header, rows, frozenset({2, 3, 4, 5}))


def distractors_header() -> list[str]:
    return [_("Answer"), _("Right or wrong"), _("Given by"), _("Share"), _("Earned elsewhere")]


def distractors_table(sets: Iterable[SetReport]) -> Table:
    rows = [
        [question_title(item.question), *answer_row(line.share)[:4], line.rest_text]
        for found in sets
        for item in found.items
        for line in item.lines
    ]
    return Table("distractors", [_("Question"), *distractors_header()], rows)


def text_table(passages: Iterable[PassageReport]) -> Table:
    """Every sentence that was asked about."""
    header = [_("Sentence"), _("Where"), _("How it went"), _("Right"), _("Answers"), _("Questions")]
    rows = [
        [
            sentence.words,
            passage.label,
            sentence.shade_label,
            sentence.percent,
            str(sentence.counted),
            ", ".join(str(report.number) for report in sentence.questions),
        ]
        for passage in passages
        for sentence in passage.sentences
        if sentence.questions
    ]
    return Table("text", header, rows, frozenset({3, 4}))


def splits_table(splits: Iterable[Split]) -> Table:
    """A row for each answer to each card, the most divided card first."""
    header = [
        _("Card"),
        _("Where"),
        _("Exercise"),
        _("Answer"),
        _("Given by"),
        _("Share"),
        _("Second vote"),
        _("Editor"),
        _("Not the commonest"),
    ]
    rows = [
        [
            split.label,
            split.place or "–",
            split.step.title if split.step else "–",
            reading.label,
            str(reading.count),
            reading.percent,
            "–" if reading.hands is None else str(reading.hands),
            "–" if not reading.accepted else _("accepted"),
            split.division_text,
        ]
        for split in splits
        for reading in split.readings
    ]
    return Table("exercises", header, rows, frozenset({4, 5, 6, 8}))


def times_table(times: Iterable[StepTime], board: Board) -> Table:
    header = [
        _("Step"),
        _("Begun"),
        _("Finished"),
        _("Skipped"),
        _("Median time"),
        _("Planned"),
        _("Remark"),
    ]
    many = len(board.outline.lessons) > 1
    rows = [
        [
            f"{time.step.lesson_title}: {time.step.title}" if many else time.step.title,
            str(time.begun),
            str(time.finished),
            str(time.skipped),
            time.median_text,
            time.planned_text,
            time.warning or "–",
        ]
        for time in times
    ]
    return Table("times", header, rows, frozenset({1, 2, 3, 4, 5}))
