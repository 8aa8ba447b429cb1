"""Our questions as GIFT. What GIFT has no place for is named, in the file and on the page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from lessons.quizzes.models import AcceptedAnswer, Option, Question

from .syntax import (
    RIGHT,
    WRONG,
    Answer,
    Body,
    Choices,
    Essay,
    GiftQuestion,
    Matching,
    Pair,
    Short,
    Words,
)
from .writer import write

ARROW = "->"
FIVE_PLACES = Decimal("0.00001")


@dataclass(frozen=True)
class Export:
    text: str
    written: tuple[Question, ...]
    left_out: tuple[tuple[Question, str], ...]
    """Questions that are not in the file, and why."""
    lessened: tuple[tuple[Question, tuple[str, ...]], ...]
    """Questions in the file, and what of them is not."""


class _CannotBeWritten(Exception):
    pass


def export(questions: Iterable[Question]) -> Export:
    """The questions (`revisions.questions_with_parts`) as a bank in GIFT, in their order."""
    written: list[tuple[Question, GiftQuestion]] = []
    left_out = []
    for question in questions:
        try:
            written.append((question, as_gift(question)))
        except _CannotBeWritten as reason:
            left_out.append((question, str(reason)))
    header = [*preface(), *(f"{question.key}: {reason}" for question, reason in left_out)]
    return Export(
        text=write((gift for _q, gift in written), header=header),
        written=tuple(question for question, _gift in written),
        left_out=tuple(left_out),
        lessened=tuple(
            (question, tuple(lost)) for question, _gift in written if (lost := losses(question))
        ),
    )


def preface() -> list[str]:
    return [
        _("Questions in GIFT, Moodle's text format."),
        _("GIFT has no place for these, so they are in no question of this file: the sentence"),
        _("a question is about, hint, points, confidence, the misreading an answer catches,"),
        _("expected words, what a strong answer might mention, the rubric, draft or published."),
    ]


def losses(question: Question) -> list[str]:
    """What of the question GIFT cannot carry, where it has it."""
    had = [
        (question.text_id is not None, _("the sentence it is about")),
        (bool(question.hint.strip()), _("its hint")),
        (question.points != 1, _("its points")),
        (any(option.misreading for option in question.options.all()), _("the misreadings")),
        (question.expected_words is not None, _("the expected words")),
        (bool(question.strong_answer.strip()), _("what a strong answer might mention")),
        (bool(question.criteria.all()), _("its rubric")),
        (
            any(option.feedback and option.role != "choice" for option in question.options.all()),
            _("the feedback of its items"),
        ),
    ]
    return [words for has, words in had if has]


def as_gift(question: Question) -> GiftQuestion:
    """The question as GIFT has it; raises _CannotBeWritten with the reason."""
    return GiftQuestion(
        stem=_markdown(question.prompt),
        body=_body(question),
        title=question.key,
        id=question.key,
        tags=(question.skill,) if question.skill else (),
        feedback=_optional(question.explanation),
    )


def _markdown(text: str) -> Words:
    return Words(text.replace("\r\n", "\n").replace("\r", "\n").strip(), "markdown")


def _optional(text: str) -> Words | None:
    words = _markdown(text)
    return words if words.text else None


def _body(question: Question) -> Body:
    options = sorted(question.options.all(), key=lambda option: (option.order, option.key))
    if any(not option.label.strip() for option in options):
        raise _CannotBeWritten(_("one of its options has no words"))
    match question.kind:
        case Question.Kind.SINGLE:
            return _single(options)
        case Question.Kind.MULTIPLE:
            return _multiple(options)
        case Question.Kind.MATCHING:
            return _matching(options)
        case Question.Kind.SHORT:
            return _short(question)
        case Question.Kind.OPEN:
            return Essay()
        case _:
            raise _CannotBeWritten(
                _("GIFT has no questions of the kind “%(kind)s”")
                % {"kind": question.get_kind_display()}
            )


def _single(options: Sequence[Option]) -> Choices:
    if not options or all(option.is_key for option in options):
        raise _CannotBeWritten(_("it has no wrong option, so GIFT would make it another kind"))
    return Choices(
        tuple(
            Answer(
                _markdown(option.label),
                RIGHT if option.is_key else WRONG,
                _optional(option.feedback),
                right=option.is_key,
            )
            for option in options
        )
    )


def _multiple(options: Sequence[Option]) -> Choices:
    """Each right choice counts its share; each wrong one is taken off likewise."""
    right = sum(option.is_key for option in options)
    wrong = len(options) - right
    if not options:
        raise _CannotBeWritten(_("it has no options"))
    return Choices(
        tuple(
            Answer(
                _markdown(option.label),
                (RIGHT / right if option.is_key else -RIGHT / wrong).quantize(FIVE_PLACES),
                _optional(option.feedback),
                right=False,
            )
            for option in options
        )
    )


def _matching(options: Sequence[Option]) -> Matching:
    items = [option for option in options if option.role == Option.Role.ITEM]
    targets = {o.pk: o for o in options if o.role == Option.Role.TARGET}
    if not items:
        raise _CannotBeWritten(_("it has no items to match"))
    if any(item.answer_id not in targets for item in items):
        raise _CannotBeWritten(_("one of its items belongs to no target"))
    if any(ARROW in item.label for item in items):
        raise _CannotBeWritten(_("an item holds -> , which GIFT reads as its end"))
    used = {item.answer_id for item in items}
    pairs = [
        Pair(_markdown(item.label), _markdown(targets[item.answer_id or 0].label).text)
        for item in items
    ]
    return Matching(
        (
            *pairs,
            *(
                Pair(None, _markdown(target.label).text)
                for pk, target in targets.items()
                if pk not in used
            ),
        )
    )


def _short(question: Question) -> Short:
    rows = sorted(question.accepted_answers.all(), key=lambda row: (row.order, row.key))
    if not rows:
        raise _CannotBeWritten(_("it has no accepted answer"))
    if any(ARROW in row.answer or ARROW in row.feedback for row in rows):
        raise _CannotBeWritten(_("an accepted answer holds -> , which GIFT reads as a pair"))
    return Short(
        tuple(
            Answer(
                Words(_as_pattern(row), "markdown"),
                row.score * RIGHT,
                _optional(row.feedback),
            )
            for row in rows
        )
    )


def _as_pattern(row: AcceptedAnswer) -> str:
    """In Moodle `*` stands for any words, and `\\*` for itself."""
    text = " ".join(row.answer.split())
    if not text or (row.match == AcceptedAnswer.Match.CONTAINS and text.endswith("\\")):
        raise _CannotBeWritten(_("an accepted answer cannot be written in GIFT"))
    text = text.replace("*", "\\*")
    return f"*{text}*" if row.match == AcceptedAnswer.Match.CONTAINS else text
