"""Matching: each item belongs to one target; a target may have several items, or none.

Answer: `{"pairs": {item key: target key}}`. Key: `pairs` likewise, `feedback` by item.
"""

from decimal import Decimal
from typing import ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lessons.quizzes.models import Option, Question

from .base import (
    Answer,
    Choice,
    Face,
    InvalidAnswer,
    Key,
    Presentation,
    Reveal,
    face_options,
    feedback_by_key,
    feedback_problems,
    fraction,
    judged_lines,
    keys_of,
    label_problems,
    labels_by_key,
    no_answer,
    one_of_each,
    options_of,
    shuffled,
    tally_code,
)

FEWEST = 2


class Matching:
    name: ClassVar[str] = Question.Kind.MATCHING.value
    marked_by_machine: ClassVar[bool] = True
    shuffles: ClassVar[bool] = True
    has_fixed_choices: ClassVar[bool] = True

    def face(self, question: Question) -> Face:
        return {
            "items": face_options(options_of(question, Option.Role.ITEM)),
            "targets": face_options(options_of(question, Option.Role.TARGET)),
        }

    def key(self, question: Question) -> Key:
        items = options_of(question, Option.Role.ITEM)
        targets = {target.pk: target.key for target in options_of(question, Option.Role.TARGET)}
        return {
            "pairs": {
                item.key: targets[item.answer_id] for item in items if item.answer_id in targets
            },
            "feedback": feedback_by_key(items),
        }

    def problems(self, face: Face, key: Key) -> list[str]:
        items, targets = face["items"], face["targets"]
        problems = []
        if len(items) < FEWEST:
            problems.append(_("Add items to match: there should be two or more."))
        if len(targets) < FEWEST:
            problems.append(_("Add targets to match with: there should be two or more."))
        problems += [
            _("Say which target of this question “%(label)s” belongs to.")
            % {"label": item["label"]}
            for item in items
            if item["key"] not in key["pairs"]
        ]
        if len(items) >= FEWEST and len(set(key["pairs"].values())) == 1:
            problems.append(_("Let the items belong to more than one target."))
        problems += label_problems(items) + label_problems(targets)
        return problems + feedback_problems(items, key["feedback"])

    def parse(
        self, face: Face, data: QueryDict, *, seed: int, prefix: str, partial: bool = False
    ) -> Answer:
        targets = shuffled(keys_of(face["targets"]), seed)
        items = shuffled(keys_of(face["items"]), seed)
        pairs, missing = one_of_each(data, f"{prefix}-match", enumerate(items), targets)
        if missing and not partial:
            raise InvalidAnswer(
                ngettext(
                    "%(n)s item is still without a match.",
                    "%(n)s items are still without a match.",
                    missing,
                )
                % {"n": missing}
            )
        return {"pairs": pairs}

    def is_blank(self, answer: Answer) -> bool:
        return not answer.get("pairs")

    def mark(self, key: Key, answer: Answer) -> Decimal:
        """The share of items matched with their target."""
        given = answer.get("pairs", {})
        hits = sum(given.get(item) == target for item, target in key["pairs"].items())
        return fraction(hits, len(key["pairs"]))

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
        """After a first wrong answer each pair is judged; a wrong item's target is not named."""
        items, targets = labels_by_key(face["items"]), labels_by_key(face["targets"])
        order = shuffled(targets, seed)
        lines = judged_lines(
            [(item, Choice(n, items[item])) for n, item in enumerate(shuffled(items, seed))],
            "pairs",
            order,
            answer=answer,
            judged=judged,
            key=key,
            reveal=reveal,
            either=lambda right: "".join(targets.get(target, "") for target in right),
        )
        return Presentation(
            prefix=prefix,
            choices=lines,
            targets=[targets[target] for target in order],
            help=_("An answer may be used more than once, or not at all."),
        )

    def perfect_answers(self, key: Key) -> list[Answer]:
        return [{"pairs": dict(key["pairs"])}]

    def controls(self, face: Face, answer: Answer, *, seed: int) -> list[tuple[str, str]]:
        items = shuffled(keys_of(face["items"]), seed)
        targets = shuffled(keys_of(face["targets"]), seed)
        return [
            (f"match-{items.index(item)}", str(targets.index(target)))
            for item, target in answer["pairs"].items()
        ]

    def right_in_words(self, face: Face, key: Key) -> list[str]:
        items, targets = labels_by_key(face["items"]), labels_by_key(face["targets"])
        pairs = key["pairs"].items()
        return [f"{items[item]} → {targets[target]}" for item, target in pairs]

    def describe(self, face: Face, answer: Answer) -> str:
        targets, given = labels_by_key(face["targets"]), answer.get("pairs", {})
        pairs = [
            f"{item['label']} → {targets[given[item['key']]]}"
            for item in face["items"]
            if given.get(item["key"]) in targets
        ]
        return "; ".join(pairs) or no_answer()

    def tally(self, face: Face, answer: Answer) -> list[str]:
        """`item>target` for each pair, by keys."""
        return [
            tally_code(f"{item}>{target}")
            for item, target in sorted(answer.get("pairs", {}).items())
        ]
