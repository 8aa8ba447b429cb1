"""Open response: some sentences, read by a person against a rubric.

Answer: `{"text": …}`. Key: `criteria`, each with `key`, `title`, `weight` and `levels` (`key`,
`title`, `description`, `score`, `sample`, worst first); and `strong_answer`.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lessons.quizzes.models import Criterion, Question

from .base import (
    MAX_TEXT,
    ONE,
    SIX_PLACES,
    ZERO,
    Answer,
    Face,
    InvalidAnswer,
    Key,
    Presentation,
    Reveal,
    decimal_text,
    no_answer,
    one_text,
    shortened,
)

FEWEST_LEVELS = 3


class Open:
    name: ClassVar[str] = Question.Kind.OPEN.value
    marked_by_machine: ClassVar[bool] = False
    shuffles: ClassVar[bool] = False
    has_fixed_choices: ClassVar[bool] = False

    def face(self, question: Question) -> Face:
        """Nothing of its own: the expected words are in every face."""
        return {}

    def key(self, question: Question) -> Key:
        criteria = sorted(question.criteria.all(), key=lambda row: (row.order, row.key))
        return {
            "criteria": [
                {
                    "key": criterion.key,
                    "title": criterion.title,
                    "weight": decimal_text(criterion.weight),
                    "levels": _levels(criterion),
                }
                for criterion in criteria
            ],
            "strong_answer": question.strong_answer,
        }

    def problems(self, face: Face, key: Key) -> list[str]:
        problems = []
        if not key["criteria"]:
            problems.append(_("Add a rubric: one criterion or more, each with three levels."))
        if not key["strong_answer"].strip():
            problems.append(_("Write what a strong answer might mention."))
        for criterion in key["criteria"]:
            title = {"title": criterion["title"]}
            levels = criterion["levels"]
            scores = {Decimal(level["score"]) for level in levels}
            if len(levels) < FEWEST_LEVELS:
                problems.append(_("Give “%(title)s” three levels.") % title)
            if len(scores) < len(levels):
                problems.append(_("Let each level of “%(title)s” be worth something else.") % title)
            if levels and ONE not in scores:
                problems.append(_("Let the best level of “%(title)s” be worth 1.") % title)
            problems += [
                _("Write a sample answer for “%(level)s” of “%(title)s”.")
                % {**title, "level": level["title"]}
                for level in levels
                if not level["sample"].strip()
            ]
        return problems

    def parse(
        self, face: Face, data: QueryDict, *, seed: int, prefix: str, partial: bool = False
    ) -> Answer:
        text = one_text(data, f"{prefix}-text", limit=MAX_TEXT)
        if not text and not partial:
            raise InvalidAnswer(_("Write an answer first."))
        return {"text": text}

    def is_blank(self, answer: Answer) -> bool:
        return not answer.get("text")

    def mark(self, key: Key, answer: Answer) -> None:
        """A person marks it, with `rubric_score`."""

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
        """The rubric and its samples wait until everything may be shown: they show the answer."""
        shown = key if reveal == Reveal.ALL else None
        words = face.get("expected_words")
        how = _("A few sentences.")
        if words:
            how = ngettext("About %(n)s word.", "About %(n)s words.", words) % {"n": words}
        return Presentation(
            prefix=prefix,
            text=answer.get("text", "") if answer else "",
            solution=[shown["strong_answer"]] if shown and shown["strong_answer"] else [],
            rubric=shown["criteria"] if shown else [],
            help=how,
        )

    def perfect_answers(self, key: Key) -> list[Answer]:
        return []

    def controls(self, face: Face, answer: Answer, *, seed: int) -> list[tuple[str, str]]:
        return [("text", answer["text"])]

    def right_in_words(self, face: Face, key: Key) -> list[str]:
        return []

    def describe(self, face: Face, answer: Answer) -> str:
        return shortened(answer.get("text", "")) or no_answer()

    def tally(self, face: Face, answer: Answer) -> list[str]:
        """Nothing: written answers are not counted, and outlive no erasure."""
        return []


def rubric_score(key: Key, levels: Mapping[str, str]) -> Decimal:
    """The mean of the chosen levels' scores, weighted by their criteria: from 0 to 1, six places.

    `levels` maps each criterion's key to a level's key. Raises InvalidAnswer when a criterion is
    without a level, or a criterion or level is not of this rubric.
    """
    criteria = key["criteria"]
    if not criteria or set(levels) - {criterion["key"] for criterion in criteria}:
        raise InvalidAnswer(_("That is not a criterion of this rubric."))
    total = weights = ZERO
    for criterion in criteria:
        title = {"title": criterion["title"]}
        chosen = levels.get(criterion["key"])
        if not chosen:
            raise InvalidAnswer(_("Choose a level for “%(title)s”.") % title)
        scores = {level["key"]: Decimal(level["score"]) for level in criterion["levels"]}
        if chosen not in scores:
            raise InvalidAnswer(_("That is not a level of “%(title)s”.") % title)
        weight = Decimal(criterion["weight"])
        total += weight * scores[chosen]
        weights += weight
    return (total / weights).quantize(SIX_PLACES)


def _levels(criterion: Criterion) -> list[dict[str, str]]:
    rows = sorted(criterion.levels.all(), key=lambda row: (row.score, row.order, row.key))
    return [
        {
            "key": row.key,
            "title": row.title,
            "description": row.description,
            "score": decimal_text(row.score),
            "sample": row.sample,
        }
        for row in rows
    ]
