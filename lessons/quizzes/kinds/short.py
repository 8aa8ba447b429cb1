"""Short answer: a word or a phrase, compared with accepted answers after normalising.

Answer: `{"text": …}`, one line. Key: `accepted`, each with `answer`, `match`, `score`, `feedback`.
"""

import unicodedata
from decimal import Decimal
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _

from lessons.quizzes.models import AcceptedAnswer, Question

from .base import (
    MAX_TALLY,
    ONE,
    SIX_PLACES,
    ZERO,
    Answer,
    Face,
    InvalidAnswer,
    Key,
    Presentation,
    Reveal,
    Verdict,
    decimal_text,
    no_answer,
    one_text,
    readable,
    verdict_of,
)

LIMIT = 200
ARTICLES = frozenset(["a", "an", "the"])


class Short:
    name: ClassVar[str] = Question.Kind.SHORT.value
    marked_by_machine: ClassVar[bool] = True
    shuffles: ClassVar[bool] = False
    has_fixed_choices: ClassVar[bool] = False

    def face(self, question: Question) -> Face:
        return {}

    def key(self, question: Question) -> Key:
        accepted = sorted(question.accepted_answers.all(), key=lambda row: (row.order, row.key))
        return {
            "accepted": [
                {
                    "answer": row.answer,
                    "match": row.match,
                    "score": decimal_text(row.score),
                    "feedback": row.feedback,
                }
                for row in accepted
            ]
        }

    def problems(self, face: Face, key: Key) -> list[str]:
        problems = []
        if not any(Decimal(row["score"]) == ONE for row in key["accepted"]):
            problems.append(_("Add an accepted answer that is worth 1."))
        seen = set()
        for row in key["accepted"]:
            answer = {"answer": row["answer"]}
            folded = normalised(row["answer"])
            if not folded:
                problems.append(
                    _("Write “%(answer)s” with letters or figures: nothing of it is compared.")
                    % answer
                )
            elif (folded, row["match"]) in seen:
                problems.append(
                    _("Take out “%(answer)s”: it compares the same as another.") % answer
                )
            seen.add((folded, row["match"]))
            if not row["feedback"].strip():
                problems.append(_("Write feedback for “%(answer)s”.") % answer)
        return problems

    def parse(
        self, face: Face, data: QueryDict, *, seed: int, prefix: str, partial: bool = False
    ) -> Answer:
        text = " ".join(one_text(data, f"{prefix}-text", limit=LIMIT).split())
        if not text and not partial:
            raise InvalidAnswer(_("Write an answer first."))
        return {"text": text}

    def is_blank(self, answer: Answer) -> bool:
        return not answer.get("text")

    def mark(self, key: Key, answer: Answer) -> Decimal:
        """What the best accepted answer that matches is worth; 0 where none does."""
        row = _best(key, answer)
        return Decimal(row["score"]).quantize(SIX_PLACES) if row else ZERO

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
        """The feedback shown is that of the accepted answer that matched, if one did."""
        key = readable(key, reveal)
        judged = answer if judged is None else judged
        verdict, remarks, solution = Verdict.UNSAID, [], []
        if key is not None and judged is not None:
            row = _best(key, judged)
            verdict = verdict_of(self.mark(key, judged))
            if row and row["feedback"]:
                remarks.append(row["feedback"])
        if key is not None and reveal == Reveal.ALL:
            solution = _worth_everything(key)
        return Presentation(
            prefix=prefix,
            text=answer.get("text", "") if answer else "",
            verdict=verdict,
            remarks=remarks,
            solution=solution,
            help=_("A word or a few; at most %(n)s characters.") % {"n": LIMIT},
        )

    def perfect_answers(self, key: Key) -> list[Answer]:
        return [{"text": " ".join(answer.split())} for answer in _worth_everything(key)]

    def controls(self, face: Face, answer: Answer, *, seed: int) -> list[tuple[str, str]]:
        return [("text", answer["text"])]

    def right_in_words(self, face: Face, key: Key) -> list[str]:
        return _worth_everything(key)

    def describe(self, face: Face, answer: Answer) -> str:
        return answer.get("text") or no_answer()

    def tally(self, face: Face, answer: Answer) -> list[str]:
        """The first characters of the normalised text."""
        text = normalised(answer.get("text", ""))[:MAX_TALLY].rstrip()
        return [text] if text else []


def normalised(text: str) -> str:
    """The text as it is compared: compatible forms, case, punctuation, articles, spaces folded.

    Dashes and slashes part words; other punctuation and invisible signs vanish ("U.S." is "us").
    As in Rajpurkar et al. 2016, with Unicode's NFKC and casefold in place of lower case.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(_folded(character) for character in folded)
    words = unicodedata.normalize("NFKC", kept).split()
    return " ".join(word for word in words if word not in ARTICLES)


def _folded(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Pd" or character in "/\\":
        return " "
    return "" if category.startswith("P") or category == "Cf" else character


def _best(key: Key, answer: Answer) -> dict[str, Any] | None:
    """The accepted answer that matches and is worth most; a whole match before a partial one."""
    given = normalised(answer.get("text", ""))
    matching = [row for row in key["accepted"] if _matches(row, given)]
    return max(
        matching,
        key=lambda row: (Decimal(row["score"]), row["match"] == AcceptedAnswer.Match.WHOLE),
        default=None,
    )


def _matches(row: dict[str, Any], given: str) -> bool:
    wanted = normalised(row["answer"])
    if not wanted:
        return False
    if row["match"] == AcceptedAnswer.Match.CONTAINS:
        return f" {wanted} " in f" {given} "
    return wanted == given


def _worth_everything(key: Key) -> list[str]:
    return [row["answer"] for row in key["accepted"] if Decimal(row["score"]) == ONE]
