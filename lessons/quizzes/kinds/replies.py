"""Two lanes: cards of what each side says, and for those that await one, where the reply stands.

Face: `cards` in the order of the text (`key`, `label`, `quote`, `place` and `anchor` of its
passage, `side` "first", "second" or "", `speaker`, `act`, `asks`), and `passages` (`key`,
`label`) that may be named as replies. Answer: `{"replies": {card key: passage key or NONE}}`.
Key: `replies`, the accepted ones of each card that asks, and `feedback` by card.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lessons.documents.models import Document, Participation, Passage
from lessons.quizzes.models import Card, Question

from .base import (
    Answer,
    Choice,
    Face,
    InvalidAnswer,
    Key,
    Presentation,
    Reveal,
    fraction,
    judged_lines,
    label_problems,
    labels_by_key,
    no_answer,
    one_of_each,
    tally_code,
)

NONE = "~none"
"""For “no reply recorded”; no key of a passage begins so."""

FEWEST = 2
SIDES = ("first", "second")
ACTS: dict[str, Any] = dict(Card.Act.choices)


@dataclass(frozen=True)
class CardLine(Choice):
    """A card in its lane; one that asks has a select."""

    quote: str = ""
    place: str = ""
    anchor: str = ""
    side: str = ""
    speaker: str = ""
    act: str = ""
    """In words."""
    asks: bool = False


class Replies:
    name: ClassVar[str] = Question.Kind.REPLIES.value
    marked_by_machine: ClassVar[bool] = True
    shuffles: ClassVar[bool] = False
    has_fixed_choices: ClassVar[bool] = True

    def face(self, question: Question) -> Face:
        cards = ordered_cards(question)
        documents = {card.text.passage.document_id: card.text.passage.document for card in cards}
        sides: dict[tuple[int, int | None], tuple[str, str]] = {
            (document.pk, person): told
            for document in documents.values()
            for person, told in _speakers(document).items()
        }
        return {
            "cards": [
                {
                    **card_face(card),
                    "act": card.act,
                    "asks": card.awaits_reply,
                    **_lane(sides.get((card.text.passage.document_id, card.speaker_id))),
                }
                for card in cards
            ],
            "passages": [
                {"key": passage.key, "label": str(passage)}
                for document in documents.values()
                for passage in sorted(document.passages.all(), key=lambda row: row.order)
                if passage.kind == Passage.Kind.BODY
            ],
        }

    def key(self, question: Question) -> Key:
        cards = [card for card in ordered_cards(question) if card.awaits_reply]
        return {
            "replies": {card.key: _accepted(card) for card in cards},
            "feedback": {card.key: card.feedback for card in cards},
        }

    def problems(self, face: Face, key: Key) -> list[str]:
        asking = [card for card in face["cards"] if card["asks"]]
        problems = []
        if len(asking) < FEWEST:
            problems.append(_("Add cards that await a reply: there should be two or more."))
        if not {*SIDES} <= {card["side"] for card in face["cards"]}:
            problems.append(_("Give each of the document's two speakers a card in their lane."))
        known = {passage["key"] for passage in face["passages"]}
        for card in asking:
            label = {"label": card["label"]}
            accepted = key["replies"].get(card["key"], [])
            if not accepted:
                problems.append(
                    _("Say where “%(label)s” is answered, or that no reply is recorded.") % label
                )
            if not set(accepted) - {NONE} <= known:
                problems.append(
                    _("Name paragraphs of the same document as replies to “%(label)s”.") % label
                )
            if not key["feedback"].get(card["key"], "").strip():
                problems.append(_("Write feedback for “%(label)s”.") % label)
        problems += [
            _("Give “%(label)s” a lane: a speaker of its document.") % {"label": card["label"]}
            for card in face["cards"]
            if not card["side"]
        ]
        return problems + label_problems(face["cards"]) + quote_problems(face["cards"])

    def parse(
        self, face: Face, data: QueryDict, *, seed: int, prefix: str, partial: bool = False
    ) -> Answer:
        targets = _targets(face)
        asking = [(n, card["key"]) for n, card in enumerate(face["cards"]) if card["asks"]]
        replies, missing = one_of_each(data, f"{prefix}-reply", asking, targets)
        if missing and not partial:
            raise InvalidAnswer(
                ngettext(
                    "%(n)s card is still without an answer.",
                    "%(n)s cards are still without an answer.",
                    missing,
                )
                % {"n": missing}
            )
        return {"replies": replies}

    def is_blank(self, answer: Answer) -> bool:
        return not answer.get("replies")

    def mark(self, key: Key, answer: Answer) -> Decimal:
        """The share of asking cards for which an accepted reply was named."""
        given = answer.get("replies", {})
        hits = sum(given.get(card) in accepted for card, accepted in key["replies"].items())
        return fraction(hits, len(key["replies"]))

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
        """After a first wrong answer each card is judged; what is accepted is not named."""
        targets = _targets(face)
        lines = [
            CardLine(
                position,
                card["label"],
                quote=card["quote"],
                place=card["place"],
                anchor=card["anchor"],
                side=card["side"],
                speaker=card["speaker"],
                act=str(ACTS[card["act"]]) if card["act"] else "",
                asks=card["asks"],
            )
            for position, card in enumerate(face["cards"])
        ]
        asked = [card["key"] if card["asks"] else None for card in face["cards"]]
        lines = judged_lines(
            zip(asked, lines, strict=True),
            "replies",
            targets,
            answer=answer,
            judged=judged,
            key=key,
            reveal=reveal,
            either=lambda right: _either(face, right),
        )
        return Presentation(
            prefix=prefix,
            choices=lines,
            targets=[target_label(face, target) for target in targets],
            help=_("A reply is what answers this card, not what merely stands next to it."),
        )

    def perfect_answers(self, key: Key) -> list[Answer]:
        return [{"replies": {card: accepted[0] for card, accepted in key["replies"].items()}}]

    def controls(self, face: Face, answer: Answer, *, seed: int) -> list[tuple[str, str]]:
        targets = _targets(face)
        places = {card["key"]: place for place, card in enumerate(face["cards"]) if card["asks"]}
        if not set(answer["replies"]) <= set(places):
            raise ValueError("a card that is not asked about")
        return [
            (f"reply-{places[card]}", str(targets.index(target)))
            for card, target in answer["replies"].items()
        ]

    def right_in_words(self, face: Face, key: Key) -> list[str]:
        labels = labels_by_key(face["cards"])
        return [
            f"{labels[card]} → {_either(face, accepted)}"
            for card, accepted in key["replies"].items()
        ]

    def describe(self, face: Face, answer: Answer) -> str:
        given = answer.get("replies", {})
        pairs = [
            f"{card['label']} → {target_label(face, given[card['key']])}"
            for card in face["cards"]
            if card["key"] in given
        ]
        return "; ".join(pairs) or no_answer()

    def tally(self, face: Face, answer: Answer) -> list[str]:
        """`card>passage` for each, by keys."""
        return [tally_code(f"{c}>{t}") for c, t in sorted(answer.get("replies", {}).items())]


def ordered_cards(question: Question) -> list[Card]:
    return sorted(question.cards.all(), key=lambda card: (card.order, card.key))


def card_face(card: Card) -> dict[str, Any]:
    passage = card.text.passage
    return {
        "key": card.key,
        "label": card.label,
        "quote": card.quote,
        "place": str(passage),
        "anchor": passage.anchor,
        "stands": card.text.text[card.start : card.end] == card.quote,
    }


def quote_problems(cards: Iterable[dict[str, Any]]) -> list[str]:
    """Cards whose words are not in the text at their place."""
    return [
        _("Mark “%(label)s” anew: its words are not in the text at that place.")
        % {"label": card["label"]}
        for card in cards
        if not card["stands"]
    ]


def _speakers(document: Document) -> dict[int, tuple[str, str]]:
    """Person id → (side, name as the document gives it) of its first two speakers."""
    speakers = sorted(
        (row for row in document.participations.all() if row.role == Participation.Role.SPEAKER),
        key=lambda row: row.order,
    )
    return {row.person_id: (side, row.named_as) for side, row in zip(SIDES, speakers, strict=False)}


def _lane(told: tuple[str, str] | None) -> dict[str, str]:
    side, speaker = told or ("", "")
    return {"side": side, "speaker": speaker}


def _accepted(card: Card) -> list[str]:
    passages = sorted(card.replies.all(), key=lambda passage: passage.order)
    return [*(passage.key for passage in passages), *([NONE] if card.none_recorded else [])]


def _targets(face: Face) -> list[str]:
    return [NONE, *(passage["key"] for passage in face["passages"])]


def target_label(face: Face, target: str) -> str:
    """A named reply in words: “answered in ¶5”, or “no reply recorded”."""
    if target == NONE:
        return _("no reply recorded")
    labels = labels_by_key(face["passages"])
    return _("answered in %(place)s") % {"place": labels.get(target, target)}


def _either(face: Face, accepted: Iterable[str]) -> str:
    return _(" or ").join(target_label(face, target) for target in accepted)
