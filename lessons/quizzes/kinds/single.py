"""Single choice: one option is right.

Answer: `{"choice": key}`, "" in a blank draft. Key: `right` (a list of one), `feedback` by option.
"""

from decimal import Decimal
from typing import ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _

from lessons.quizzes.models import Option, Question

from .base import (
    ONE,
    ZERO,
    Answer,
    Face,
    InvalidAnswer,
    Key,
    Presentation,
    Reveal,
    Verdict,
    choice_lines,
    face_options,
    feedback_by_key,
    feedback_problems,
    keys_of,
    label_problems,
    labels_by_key,
    no_answer,
    one_position,
    options_of,
    shuffled,
)

FEWEST, MOST = 3, 6


class Single:
    name: ClassVar[str] = Question.Kind.SINGLE.value
    marked_by_machine: ClassVar[bool] = True
    shuffles: ClassVar[bool] = True
    has_fixed_choices: ClassVar[bool] = True

    def face(self, question: Question) -> Face:
        return {"options": face_options(options_of(question, Option.Role.CHOICE))}

    def key(self, question: Question) -> Key:
        options = options_of(question, Option.Role.CHOICE)
        return {
            "right": [option.key for option in options if option.is_key],
            "feedback": feedback_by_key(options),
        }

    def problems(self, face: Face, key: Key) -> list[str]:
        options = face["options"]
        problems = []
        if not FEWEST <= len(options) <= MOST:
            problems.append(
                _("Give it from %(fewest)s to %(most)s options; it has %(n)s.")
                % {"fewest": FEWEST, "most": MOST, "n": len(options)}
            )
        if not key["right"]:
            problems.append(_("Tick the right option."))
        elif len(key["right"]) > 1:
            problems.append(
                _("Tick one right option only, or make it a multiple choice; %(n)s are ticked.")
                % {"n": len(key["right"])}
            )
        return problems + label_problems(options) + feedback_problems(options, key["feedback"])

    def parse(
        self, face: Face, data: QueryDict, *, seed: int, prefix: str, partial: bool = False
    ) -> Answer:
        order = shuffled(keys_of(face["options"]), seed)
        position = one_position(data, f"{prefix}-choice", len(order))
        if position is None:
            if not partial:
                raise InvalidAnswer(_("Choose an answer first."))
            return {"choice": ""}
        return {"choice": order[position]}

    def is_blank(self, answer: Answer) -> bool:
        return not answer.get("choice")

    def mark(self, key: Key, answer: Answer) -> Decimal:
        """1 for the right option, else 0."""
        return ONE if answer.get("choice") in key["right"] else ZERO

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
        judged = answer if judged is None else judged
        return Presentation(
            prefix=prefix,
            choices=choice_lines(
                face["options"],
                seed=seed,
                chosen=[answer["choice"]] if answer and answer.get("choice") else [],
                judged=[judged["choice"]] if judged and judged.get("choice") else None,
                key=key,
                reveal=reveal,
                unchosen=Verdict.ALSO,
            ),
        )

    def perfect_answers(self, key: Key) -> list[Answer]:
        return [{"choice": right} for right in key["right"]]

    def controls(self, face: Face, answer: Answer, *, seed: int) -> list[tuple[str, str]]:
        order = shuffled(keys_of(face["options"]), seed)
        return [("choice", str(order.index(answer["choice"])))]

    def right_in_words(self, face: Face, key: Key) -> list[str]:
        return [option["label"] for option in face["options"] if option["key"] in key["right"]]

    def describe(self, face: Face, answer: Answer) -> str:
        return labels_by_key(face["options"]).get(answer.get("choice", ""), no_answer())

    def tally(self, face: Face, answer: Answer) -> list[str]:
        """The chosen option's key."""
        return [] if self.is_blank(answer) else [answer["choice"]]
