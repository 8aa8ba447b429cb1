"""The other side's cable: lines of the record kept, softened or left out, then a text of one's own.

Face: `cards` (as `replies`, each a topic of the record), `fewest` and `most` words or None, and
`notice`, which stands with the answer wherever it is shown. Answer: `{"lines": {card key: {"does":
"keep", "soften" or "leave", "motive": text}}, "added": text, "cable": text}`. Key: as an open
response's, and `feedback` by card.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lessons.quizzes.models import Question

from .base import (
    MAX_TEXT,
    Answer,
    Choice,
    Face,
    InvalidAnswer,
    Key,
    Presentation,
    Reveal,
    label_problems,
    no_answer,
    one_position,
    one_text,
)
from .open import Open
from .replies import card_face, ordered_cards, quote_problems

FEWEST = 2
LONGEST_MOTIVE = 300
"""Characters; a sentence."""
DOES: dict[str, Any] = {
    "keep": gettext_lazy("keep"),
    "soften": gettext_lazy("soften"),
    "leave": gettext_lazy("leave out"),
}
ORDER = list(DOES)


def count_words(text: str) -> int:
    """Words as a telegraph clerk counts them: what stands between spaces and has a letter or digit.

    drafts.js counts alike.
    """
    return sum(any(map(str.isalnum, word)) for word in text.split())


@dataclass(frozen=True)
class TopicLine(Choice):
    """A line of the record, what the learner does with it, and why."""

    quote: str = ""
    place: str = ""
    motive: str = ""
    does: str = ""
    """In words; empty where nothing is decided."""
    only_theirs: bool = False
    """Whether the learner left it out."""


@dataclass(frozen=True)
class CablePresentation(Presentation):
    does: list[str] = field(default_factory=list)
    """What can be done with a line, in the order of the form's values."""
    added: str = ""
    notice: str = ""
    count: str = ""
    """How many words the text has."""
    limits: str = ""
    fewest: int = 0
    most: int = 0


class Cable(Open):
    name: ClassVar[str] = Question.Kind.CABLE.value

    def face(self, question: Question) -> Face:
        return {
            "cards": [card_face(card) for card in ordered_cards(question)],
            "fewest": question.fewest_words,
            "most": question.most_words,
            "notice": question.notice,
        }

    def key(self, question: Question) -> Key:
        feedback = {card.key: card.feedback for card in ordered_cards(question)}
        return {**super().key(question), "feedback": feedback}

    def problems(self, face: Face, key: Key) -> list[str]:
        problems = super().problems(face, key)
        if len(face["cards"]) < FEWEST:
            problems.append(_("Add lines of the record to decide on: there should be two or more."))
        if not face["notice"].strip():
            problems.append(_("Write the notice that tells the answer from a paper of the time."))
        if not face["most"]:
            problems.append(_("Say how many words the cable has at least and at most."))
        return problems + label_problems(face["cards"]) + quote_problems(face["cards"])

    def parse(
        self, face: Face, data: QueryDict, *, seed: int, prefix: str, partial: bool = False
    ) -> Answer:
        lines = {}
        undecided = unexplained = 0
        for place, card in enumerate(face["cards"]):
            position = one_position(data, f"{prefix}-does-{place}", len(ORDER))
            motive = one_text(data, f"{prefix}-motive-{place}", limit=LONGEST_MOTIVE)
            undecided += position is None
            unexplained += position is not None and not motive
            if position is not None or motive:
                does = "" if position is None else ORDER[position]
                lines[card["key"]] = {"does": does, "motive": motive}
        added = one_text(data, f"{prefix}-added", limit=LONGEST_MOTIVE)
        cable = one_text(data, f"{prefix}-text", limit=MAX_TEXT)
        if not partial:
            _require(face, undecided, unexplained, cable)
        return {"lines": lines, "added": added, "cable": cable}

    def is_blank(self, answer: Answer) -> bool:
        return not (answer.get("lines") or answer.get("added") or answer.get("cable"))

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
    ) -> CablePresentation:
        shown = key if reveal == Reveal.ALL else None
        given = answer or {}
        cable = given.get("cable", "")
        return CablePresentation(
            prefix=prefix,
            choices=[
                _line(position, card, given.get("lines", {}).get(card["key"], {}), shown)
                for position, card in enumerate(face["cards"])
            ],
            text=cable,
            solution=[shown["strong_answer"]] if shown and shown["strong_answer"] else [],
            rubric=shown["criteria"] if shown else [],
            help=_("First decide line by line; then write. Another answer is as good, if argued."),
            does=[str(words) for words in DOES.values()],
            added=given.get("added", ""),
            notice=face["notice"],
            count=_counted(cable),
            limits=_("From %(fewest)s to %(most)s words.")
            % {"fewest": face["fewest"], "most": face["most"]},
            fewest=face["fewest"] or 0,
            most=face["most"] or 0,
        )

    def controls(self, face: Face, answer: Answer, *, seed: int) -> list[tuple[str, str]]:
        places = [card["key"] for card in face["cards"]]
        sent = []
        for card, line in answer["lines"].items():
            place = places.index(card)
            if line["does"]:
                sent.append((f"does-{place}", str(ORDER.index(line["does"]))))
            sent.append((f"motive-{place}", line["motive"]))
        return [*sent, ("added", answer["added"]), ("text", answer["cable"])]

    def describe(self, face: Face, answer: Answer) -> str:
        """All of it, uncut and under its notice: whoever reads the words reads that as well."""
        if self.is_blank(answer):
            return no_answer()
        lines = [
            f"{card['label']} ({card['place']}): {DOES.get(line['does'], '—')}. {line['motive']}"
            for card in face["cards"]
            if (line := answer.get("lines", {}).get(card["key"]))
        ]
        added = answer.get("added", "")
        cable = answer.get("cable", "")
        parts = [
            face["notice"],
            cable and f"{cable}\n({_counted(cable)})",
            "\n".join(lines),
            added and _("Added: %(words)s") % {"words": added},
        ]
        return "\n\n".join(part for part in parts if part)


def _require(face: Face, undecided: int, unexplained: int, cable: str) -> None:
    if undecided:
        raise InvalidAnswer(
            ngettext(
                "Decide on %(n)s line more: keep, soften or leave out.",
                "Decide on %(n)s lines more: keep, soften or leave out.",
                undecided,
            )
            % {"n": undecided}
        )
    if unexplained:
        raise InvalidAnswer(
            ngettext(
                "Give the motive for %(n)s line more.",
                "Give the motive for %(n)s lines more.",
                unexplained,
            )
            % {"n": unexplained}
        )
    count, fewest, most = count_words(cable), face["fewest"] or 0, face["most"] or MAX_TEXT
    if not fewest <= count <= most:
        raise InvalidAnswer(
            _("Your cable has %(count)s. Write from %(fewest)s to %(most)s words.")
            % {"count": _counted(cable), "fewest": fewest, "most": most}
        )


def _counted(text: str) -> str:
    count = count_words(text)
    return ngettext("%(n)s word", "%(n)s words", count) % {"n": count}


def _line(position: int, card: dict[str, Any], given: dict[str, str], key: Key | None) -> TopicLine:
    does = given.get("does", "")
    return TopicLine(
        position=position,
        label=card["label"],
        chosen=bool(does),
        selected=ORDER.index(does) if does in ORDER else None,
        feedback=key["feedback"].get(card["key"], "") if key else "",
        quote=card["quote"],
        place=card["place"],
        motive=given.get("motive", ""),
        does=str(DOES[does]) if does in DOES else "",
        only_theirs=does == "leave",
    )
