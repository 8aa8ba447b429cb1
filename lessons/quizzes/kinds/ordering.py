"""Ordering: lines that belong in one order, each given a place from 1.

Answer: `{"places": {key: place}}`; a draft may leave lines out or give a place twice. Key:
`places` likewise, `feedback` by line.
"""

from collections import Counter
from decimal import Decimal
from itertools import combinations
from typing import ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lessons.quizzes.models import Question

from .base import (
    Answer,
    Choice,
    Face,
    InvalidAnswer,
    Key,
    Presentation,
    Reveal,
    Verdict,
    face_options,
    feedback_by_key,
    feedback_problems,
    fraction,
    keys_of,
    label_problems,
    labels_by_key,
    no_answer,
    one_position,
    options_of,
    readable,
    shuffled,
    tally_code,
    verdict_of,
)

FEWEST, MOST = 3, 10


class Ordering:
    name: ClassVar[str] = Question.Kind.ORDERING.value
    marked_by_machine: ClassVar[bool] = True
    shuffles: ClassVar[bool] = True
    has_fixed_choices: ClassVar[bool] = True

    def face(self, question: Question) -> Face:
        return {"options": face_options(options_of(question))}

    def key(self, question: Question) -> Key:
        options = options_of(question)
        return {
            "places": {option.key: option.rank for option in options if option.rank is not None},
            "feedback": feedback_by_key(options),
        }

    def problems(self, face: Face, key: Key) -> list[str]:
        options = face["options"]
        problems = []
        if not FEWEST <= len(options) <= MOST:
            problems.append(
                _("Give it from %(fewest)s to %(most)s lines; it has %(n)s.")
                % {"fewest": FEWEST, "most": MOST, "n": len(options)}
            )
        if sorted(key["places"].values()) != list(range(1, len(options) + 1)):
            problems.append(
                _("Number the right places from 1 to %(n)s, each once.") % {"n": len(options)}
            )
        return problems + label_problems(options) + feedback_problems(options, key["feedback"])

    def parse(
        self, face: Face, data: QueryDict, *, seed: int, prefix: str, partial: bool = False
    ) -> Answer:
        lines = shuffled(keys_of(face["options"]), seed)
        places = {}
        for position, line in enumerate(lines):
            place = one_position(data, f"{prefix}-place-{position}", len(lines) + 1)
            if place == 0:
                raise InvalidAnswer(_("Places are counted from 1."))
            if place is not None:
                places[line] = place
        if not partial:
            _require_every_place(places, len(lines))
        return {"places": places}

    def is_blank(self, answer: Answer) -> bool:
        return not answer.get("places")

    def mark(self, key: Key, answer: Answer) -> Decimal:
        """The share of pairs of lines that stand in their right order.

        For a whole order of n lines this is 1 − d / (n(n−1)/2), where d is the number of
        discordant pairs: Kendall's tau distance, scaled (M. G. Kendall, "A new measure of rank
        correlation", Biometrika 30, 1938, 81–93). The reversed order scores 0, and an order drawn
        by lot 0.5 on average: half is what guessing earns. A pair with a line that has no place,
        or two lines at one place (an unfinished draft), counts as discordant.
        """
        right, given = key["places"], answer.get("places", {})
        pairs = list(combinations(sorted(right, key=right.__getitem__), 2))
        kept = sum(
            earlier in given and later in given and given[earlier] < given[later]
            for earlier, later in pairs
        )
        return fraction(kept, len(pairs))

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
        """After a first wrong answer it is said how many lines are in place, never which."""
        key = readable(key, reveal)
        judged = answer if judged is None else judged
        labels = labels_by_key(face["options"])
        given = answer.get("places", {}) if answer else {}
        marked = judged.get("places", {}) if judged else {}
        lines = []
        for position, line in enumerate(shuffled(labels, seed)):
            verdict = feedback = right = ""
            if key is not None and reveal == Reveal.ALL:
                feedback = key["feedback"].get(line, "")
                place = key["places"].get(line)
                if line in marked:
                    verdict = Verdict.RIGHT if marked[line] == place else Verdict.WRONG
                elif judged is not None:
                    verdict = Verdict.MISSED
                right = str(place) if place and verdict != Verdict.RIGHT else ""
            lines.append(
                Choice(
                    position=position,
                    label=labels[line],
                    chosen=line in given,
                    selected=given.get(line),
                    verdict=verdict,
                    feedback=feedback,
                    answer=right,
                )
            )
        verdict, remarks = Verdict.UNSAID, []
        if key is not None and judged is not None:
            kept = sum(marked.get(line) == place for line, place in key["places"].items())
            verdict = verdict_of(self.mark(key, judged))
            remarks.append(
                ngettext(
                    "%(kept)s line of %(n)s is in its right place.",
                    "%(kept)s lines of %(n)s are in their right place.",
                    kept,
                )
                % {"kept": kept, "n": len(labels)}
            )
        return Presentation(
            prefix=prefix,
            choices=lines,
            targets=_place_names(len(labels)),
            remarks=remarks,
            verdict=verdict,
            help=_("Give each line its place, from 1 for the first."),
        )

    def perfect_answers(self, key: Key) -> list[Answer]:
        return [{"places": dict(key["places"])}]

    def controls(self, face: Face, answer: Answer, *, seed: int) -> list[tuple[str, str]]:
        lines = shuffled(keys_of(face["options"]), seed)
        places = answer["places"].items()
        return [(f"place-{lines.index(line)}", str(place)) for line, place in places]

    def right_in_words(self, face: Face, key: Key) -> list[str]:
        labels = labels_by_key(face["options"])
        places = sorted(key["places"].items(), key=lambda item: int(item[1]))
        return [f"{place}. {labels[line]}" for line, place in places]

    def describe(self, face: Face, answer: Answer) -> str:
        labels, given = labels_by_key(face["options"]), answer.get("places", {})
        placed = sorted((place, labels[line]) for line, place in given.items() if line in labels)
        return "; ".join(f"{place}. {label}" for place, label in placed) or no_answer()

    def tally(self, face: Face, answer: Answer) -> list[str]:
        """`line@place` for each line, by keys."""
        return [
            tally_code(f"{line}@{place}")
            for line, place in sorted(answer.get("places", {}).items())
        ]


def _require_every_place(places: dict[str, int], size: int) -> None:
    missing = size - len(places)
    if missing:
        raise InvalidAnswer(
            ngettext("%(n)s line has no place yet.", "%(n)s lines have no place yet.", missing)
            % {"n": missing}
        )
    repeated = sorted(place for place, count in Counter(places.values()).items() if count > 1)
    if repeated:
        raise InvalidAnswer(
            _("More than one line has place %(places)s.")
            % {"places": ", ".join(str(place) for place in repeated)}
        )


def _place_names(size: int) -> list[str]:
    names = [str(place) for place in range(1, size + 1)]
    if size > 1:
        names[0] = _("%(n)s (first)") % {"n": 1}
        names[-1] = _("%(n)s (last)") % {"n": size}
    return names
