"""A choice with one sentence of reason, never scored: for what the record cannot decide.

Answer: `{"choice": key, "reason": text}`, both. Key: `feedback` by option; nothing is right.
"""

from decimal import Decimal
from typing import ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _

from lessons.quizzes.models import Question

from .base import (
    ONE,
    ZERO,
    Answer,
    Face,
    InvalidAnswer,
    Key,
    Presentation,
    Reveal,
    choice_lines,
    face_options,
    feedback_by_key,
    feedback_problems,
    keys_of,
    label_problems,
    labels_by_key,
    no_answer,
    one_position,
    one_text,
    options_of,
    shortened,
    shuffled,
    tally_code,
)

FEWEST = 2
LONGEST_REASON = 500
"""Characters; a sentence, or a long one."""


class Stance:
    name: ClassVar[str] = Question.Kind.STANCE.value
    marked_by_machine: ClassVar[bool] = True
    shuffles: ClassVar[bool] = True
    has_fixed_choices: ClassVar[bool] = False

    def face(self, question: Question) -> Face:
        return {"options": face_options(options_of(question))}

    def key(self, question: Question) -> Key:
        options = options_of(question)
        keyed = [option.key for option in options if option.is_key]
        return {"right": [], "keyed": keyed, "feedback": feedback_by_key(options)}

    def problems(self, face: Face, key: Key) -> list[str]:
        problems = []
        if len(face["options"]) < FEWEST:
            problems.append(_("Add answers to choose from: there should be two or more."))
        if key["keyed"]:
            problems.append(_("Tick no answer as right: this kind is never scored."))
        problems += label_problems(face["options"])
        return problems + feedback_problems(face["options"], key["feedback"])

    def parse(
        self, face: Face, data: QueryDict, *, seed: int, prefix: str, partial: bool = False
    ) -> Answer:
        order = shuffled(keys_of(face["options"]), seed)
        position = one_position(data, f"{prefix}-choice", len(order))
        reason = one_text(data, f"{prefix}-text", limit=LONGEST_REASON)
        if position is None and not partial:
            raise InvalidAnswer(_("Choose an answer first."))
        if not reason and not partial:
            raise InvalidAnswer(_("Give your reason, in one sentence."))
        return {"choice": "" if position is None else order[position], "reason": reason}

    def is_blank(self, answer: Answer) -> bool:
        return not (answer.get("choice") or answer.get("reason"))

    def mark(self, key: Key, answer: Answer) -> Decimal:
        """1 for any answer, which closes the question; it has no points and counts nowhere."""
        return ZERO if self.is_blank(answer) else ONE

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
        """Once answered, what speaks for and against each choice; none is called right or wrong."""
        chosen = answer.get("choice") if answer else ""
        lines = choice_lines(
            face["options"],
            seed=seed,
            chosen=[chosen] if chosen else [],
            judged=None,
            key=key if reveal == Reveal.ALL else None,
            reveal=reveal,
            unchosen="",
        )
        return Presentation(
            prefix=prefix,
            choices=lines,
            text=answer.get("reason", "") if answer else "",
            help=_("Never scored. What counts is whether your reason stands on the record."),
        )

    def perfect_answers(self, key: Key) -> list[Answer]:
        return []

    def controls(self, face: Face, answer: Answer, *, seed: int) -> list[tuple[str, str]]:
        order = shuffled(keys_of(face["options"]), seed)
        return [("choice", str(order.index(answer["choice"]))), ("text", answer["reason"])]

    def right_in_words(self, face: Face, key: Key) -> list[str]:
        return []

    def describe(self, face: Face, answer: Answer) -> str:
        label = labels_by_key(face["options"]).get(answer.get("choice", ""), "")
        reason = shortened(answer.get("reason", ""), LONGEST_REASON)
        return ": ".join(part for part in (label, reason) if part) or no_answer()

    def tally(self, face: Face, answer: Answer) -> list[str]:
        """The key of the choice; the reason is the learner's own."""
        return [tally_code(answer["choice"])] if answer.get("choice") else []
