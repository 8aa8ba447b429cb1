"""A plan as rows: to look at without the database, or to save.

The rows of a plan that is only looked at carry made-up ids, so that a kind shows and judges them
as it does saved ones; they are never written.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.base import Face, Presentation
from lessons.quizzes.models import AcceptedAnswer, Criterion, Level, Option, Question
from lessons.quizzes.revisions import face_of, problems_of

from .plans import Plan


@dataclass
class Rows:
    question: Question
    options: list[Option] = field(default_factory=list)
    accepted: list[AcceptedAnswer] = field(default_factory=list)
    criteria: list[Criterion] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)


def rows_of(plan: Plan, *, key: str, skill: str) -> Rows:
    """New rows, none of them saved; `skill` holds where the bank names none."""
    question = Question(
        key=key,
        kind=plan.kind,
        prompt=plan.prompt,
        skill=plan.skill or skill,
        explanation=plan.explanation,
    )
    rows = Rows(question)
    names = _option_keys(plan)
    for n, option in enumerate(plan.options, start=1):
        rows.options.append(
            Option(
                question=question,
                key=next(names),
                order=n,
                role=option.role,
                label=option.label,
                is_key=option.is_key,
                feedback=option.feedback,
            )
        )
    for row, option in zip(rows.options, plan.options, strict=True):
        if option.target is not None:
            row.answer = rows.options[option.target]
    rows.accepted = [
        AcceptedAnswer(
            question=question,
            key=f"a{n}",
            order=n,
            answer=row.answer,
            match=row.match,
            score=row.score,
            feedback=row.feedback,
        )
        for n, row in enumerate(plan.accepted, start=1)
    ]
    if plan.kind == Question.Kind.OPEN:
        _add_rubric(rows)
    return rows


def _option_keys(plan: Plan) -> Iterator[str]:
    letters = {Option.Role.CHOICE.value: "o", Option.Role.ITEM.value: "i"}
    counts: dict[str, int] = {}
    for option in plan.options:
        letter = letters.get(option.role, "t")
        counts[letter] = counts.get(letter, 0) + 1
        yield f"{letter}{counts[letter]}"


def _add_rubric(rows: Rows) -> None:
    """A rubric to begin with; its sample answers are the editor's to write."""
    criterion = Criterion(question=rows.question, key="answer", order=1, title=_("The answer"))
    rows.criteria.append(criterion)
    for n, (title, score, description) in enumerate(
        (
            (_("not yet"), "0", _("Does not answer the question.")),
            (_("in part"), "0.5", _("Answers part of the question, or gives no reason.")),
            (_("fully"), "1", _("Answers the question and gives reasons from the text.")),
        ),
        start=1,
    ):
        rows.levels.append(
            Level(
                criterion=criterion,
                key=f"level-{n}",
                order=n,
                title=title,
                description=description,
                score=Decimal(score),
            )
        )


# --- To look at -------------------------------------------------------------------------------


def unsaved(plan: Plan, *, skill: str = Question.Skill.CLOSE_READING) -> Question:
    """The plan as a question that can be drawn and judged, and must not be saved."""
    rows = rows_of(plan, key=plan.key, skill=skill)
    question: Any = rows.question
    question.pk = 0
    for n, option in enumerate(rows.options, start=1):
        option.pk = n
    for option in rows.options:
        option.answer_id = option.answer.pk if option.answer else None
    for criterion in rows.criteria:
        criterion.pk = 0
        criterion._prefetched_objects_cache = {"levels": rows.levels}  # type: ignore[attr-defined]
    question._prefetched_objects_cache = {
        "options": rows.options,
        "evidence": [],
        "accepted_answers": rows.accepted,
        "criteria": rows.criteria,
    }
    return rows.question


def to_do(question: Question) -> list[str]:
    """What an editor has to write before the question can be published."""
    missing = []
    if not question.prompt.strip():
        missing.append(_("Write the question."))
    missing += problems_of(question)
    if not question.hint.strip():
        missing.append(_("Write a hint."))
    if not question.explanation.strip():
        missing.append(_("Write the explanation."))
    if question.text_id is None:
        missing.append(_("Choose the sentence of a document that it is about."))
    return missing


def shown(question: Question, prefix: str) -> tuple[Face, Presentation]:
    """What a student would see of it before answering."""
    face = face_of(question)
    return face, kind_of(question.kind).present(face, seed=1, prefix=prefix)
