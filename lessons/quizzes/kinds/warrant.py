"""Warrant: which of some statements goes no further than the words it rests on.

As a single choice, but each wrong statement has words that go too far, and once it is chosen
the page says which. Key: as a single choice's, and `excess` by option.
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from lessons.quizzes.models import Question

from .base import Answer, Choice, Face, Key, Presentation, Reveal, options_of, readable
from .single import Single


@dataclass(frozen=True)
class Statement(Choice):
    excess: str = ""
    """The words of the label that go too far, once that may be told."""

    @property
    def parts(self) -> tuple[str, str, str]:
        """The label: before the words that go too far, they themselves, and after."""
        return self.label.partition(self.excess) if self.excess else (self.label, "", "")


class Warrant(Single):
    name: ClassVar[str] = Question.Kind.WARRANT.value

    def key(self, question: Question) -> Key:
        excess = {row.key: row.excess for row in options_of(question) if row.excess}
        return {**super().key(question), "excess": excess}

    def problems(self, face: Face, key: Key) -> list[str]:
        problems = super().problems(face, key)
        for option in face["options"]:
            words, label = key["excess"].get(option["key"], ""), {"label": option["label"]}
            if option["key"] in key["right"]:
                if words:
                    problems.append(_("“%(label)s” is right: nothing in it goes too far.") % label)
            elif not words or words not in option["label"]:
                problems.append(_("Copy from “%(label)s” the words in it that go too far.") % label)
            if set("*_`[<") & set(option["label"]):
                problems.append(_("Write “%(label)s” without Markdown.") % label)
        if not face.get("span"):
            problems.append(_("Choose the sentence that the statements rest on."))
        return problems

    def face(self, question: Question) -> Face:
        return {**super().face(question), "span": question.text_id is not None}

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
        """The words that go too far are marked in a statement that was chosen; at last in all."""
        shown = super().present(
            face,
            seed=seed,
            prefix=prefix,
            answer=answer,
            judged=judged,
            key=key,
            reveal=reveal,
        )
        told = readable(key, reveal)
        excess = told["excess"] if told else {}
        names = {option["label"]: option["key"] for option in face["options"]}
        lines: list[Choice] = [
            Statement(
                **_values(line), excess=excess.get(names[line.label], "") if line.verdict else ""
            )
            for line in shown.choices
        ]
        return Presentation(**{**_values(shown), "choices": lines})


def _values(row: Choice | Presentation) -> dict[str, Any]:
    return {one.name: getattr(row, one.name) for one in fields(row)}
