"""Multiple choice: one option or more is right, at least one is wrong.

Answer: `{"choices": [keys, sorted]}`. Key: `right` (keys), `feedback` by option.
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
    fraction,
    keys_of,
    label_problems,
    many_positions,
    no_answer,
    options_of,
    shuffled,
)

FEWEST, MOST = 3, 8


class Multiple:
    name: ClassVar[str] = Question.Kind.MULTIPLE.value
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
            problems.append(_("Tick the right options."))
        elif len(key["right"]) >= len(options):
            problems.append(_("Add an option that is wrong: every option is ticked as right."))
        return problems + label_problems(options) + feedback_problems(options, key["feedback"])

    def parse(
        self, face: Face, data: QueryDict, *, seed: int, prefix: str, partial: bool = False
    ) -> Answer:
        order = shuffled(keys_of(face["options"]), seed)
        positions = many_positions(data, f"{prefix}-choice", len(order))
        if not positions and not partial:
            raise InvalidAnswer(_("Choose at least one answer first."))
        return {"choices": sorted(order[position] for position in positions)}

    def is_blank(self, answer: Answer) -> bool:
        return not answer.get("choices")

    def mark(self, key: Key, answer: Answer) -> Decimal:
        """hits / right options − false alarms / wrong options, at least 0.

        This is Youden's J (W. J. Youden, "Index for rating diagnostic tests", Cancer 3, 1950,
        32–35): the share of right options chosen less the share of wrong ones chosen. Choosing
        all, choosing none, and choosing by a coin's fall (on average, before the floor) earn
        nothing; the right set earns 1, and no other does.
        """
        right, chosen = set(key["right"]), set(answer.get("choices", []))
        wrong = key["feedback"].keys() - right
        hits, false_alarms = len(chosen & right), len(chosen - right)
        if not wrong:
            return fraction(hits, len(right))
        gained = hits * len(wrong) - false_alarms * len(right)
        return min(ONE, max(ZERO, fraction(gained, len(right) * len(wrong))))

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
        """After a first wrong answer the chosen lines are judged; what was missed is not named."""
        judged = answer if judged is None else judged
        lines = choice_lines(
            face["options"],
            seed=seed,
            chosen=answer.get("choices", []) if answer else [],
            judged=None if judged is None else judged.get("choices", []),
            key=key,
            reveal=reveal,
            unchosen=Verdict.MISSED,
        )
        remarks = []
        if key is not None and judged is not None and reveal == Reveal.CHOSEN:
            verdicts = {line.verdict for line in lines if line.verdict}
            if verdicts == {Verdict.RIGHT} and self.mark(key, judged) < ONE:
                remarks.append(_("What you chose is right, but something is still missing."))
        return Presentation(
            prefix=prefix,
            choices=lines,
            remarks=remarks,
            help=_("Choose every answer that is right."),
        )

    def perfect_answers(self, key: Key) -> list[Answer]:
        return [{"choices": sorted(key["right"])}]

    def controls(self, face: Face, answer: Answer, *, seed: int) -> list[tuple[str, str]]:
        order = shuffled(keys_of(face["options"]), seed)
        return [("choice", str(order.index(choice))) for choice in answer["choices"]]

    def right_in_words(self, face: Face, key: Key) -> list[str]:
        return [option["label"] for option in face["options"] if option["key"] in key["right"]]

    def describe(self, face: Face, answer: Answer) -> str:
        chosen = answer.get("choices", [])
        labels = [option["label"] for option in face["options"] if option["key"] in chosen]
        return "; ".join(labels) or no_answer()

    def tally(self, face: Face, answer: Answer) -> list[str]:
        """The chosen options' keys."""
        return list(answer.get("choices", []))
