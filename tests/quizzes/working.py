"""Learners' work for tests: right and wrong answers, attempts, and filled-in forms."""

import uuid
from datetime import datetime
from typing import Any

from django.utils import timezone

from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.quizzes import domain
from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.base import Answer, Face, Key, shuffled
from lessons.quizzes.models import Attempt, AttemptItem, Delivery, MarkingKey, Quiz, Response

NOW = timezone.now().replace(microsecond=0)
GRADED, PRACTICE, PAIR, WRITTEN = (
    "letter-closing-quiz",
    "letter-a-letter-arrives",
    "letter-a-middle-position",
    "letter-in-your-own-words",
)
"""Quizzes of the shipped lesson: five questions to hand in; one; two; one written answer."""


def start(
    by: User,
    quiz: str = GRADED,
    *,
    delivery: Delivery | None = None,
    moment: datetime | None = None,
    seed: int = 7,
) -> Attempt:
    return domain.start_attempt(
        delivery=delivery or Delivery.objects.self_study(),
        quiz=Quiz.objects.get(key=quiz),
        by=by,
        seed=seed,
        version=ContentVersion.current(),
        moment=moment or NOW,
    )


def item(attempt: Attempt, position: int = 1) -> AttemptItem:
    """As it stands in the database now."""
    found = AttemptItem.objects.select_related("attempt", "revision", "response", "mark")
    return found.get(attempt=attempt, position=position)


def submission(
    answer: Answer, *, base: int = 0, sent: uuid.UUID | None = None, confidence: str = ""
) -> domain.Submission:
    return domain.Submission(answer, sent or uuid.uuid4(), base, confidence)


def check(of: AttemptItem, answer: Answer, **fields: Any) -> Response:
    moment = fields.pop("moment", NOW)
    return domain.check_answer(item=of, submission=submission(answer, **fields), moment=moment)


def save(of: AttemptItem, answer: Answer, **fields: Any) -> Any:
    moment = fields.pop("moment", NOW)
    return domain.save_draft(item=of, submission=submission(answer, **fields), moment=moment)


def key_of_item(of: AttemptItem) -> Key:
    content: Key = MarkingKey.objects.filter(revision=of.revision_id).latest("version").content
    return content


def right(of: AttemptItem) -> Answer:
    return right_answer(of.revision.content, key_of_item(of))


def wrong(of: AttemptItem, which: int = 0) -> Answer:
    return wrong_answers(of.revision.content, key_of_item(of))[which]


VOICES = ("frame", "quoted", "editor")


def cable(face: Face, word: str = "Reported ") -> Answer:
    """A cable of as many words as it has at least, every line of the record kept."""
    kept = {"does": "keep", "motive": "Karachi asked for it."}
    return {
        "lines": {card["key"]: dict(kept) for card in face["cards"]},
        "added": "",
        "cable": (word * face["fewest"]).strip(),
    }


def right_answer(face: Face, key: Key) -> Answer:
    match face["kind"]:
        case "single" | "warrant":
            return {"choice": key["right"][0]}
        case "multiple":
            return {"choices": sorted(key["right"])}
        case "matching":
            return {"pairs": dict(key["pairs"])}
        case "ordering":
            return {"places": dict(key["places"])}
        case "evidence":
            spans = {tuple(sentence) for span in key["spans"] for sentence in span["sentences"]}
            return {"spans": [list(span) for span in sorted(spans)]}
        case "replies":
            return {"replies": {card: accepted[0] for card, accepted in key["replies"].items()}}
        case "voices":
            return {"voices": {part: voices[0] for part, voices in key["voices"].items()}}
        case "stance":
            return {"choice": face["options"][0]["key"], "reason": "The record breaks off here."}
        case "cable":
            return cable(face)
        case "short":
            return {"text": next(row["answer"] for row in key["accepted"] if row["score"] == "1")}
    return {"text": "He spoke for himself, says ¶3, and not for Noon."}


def wrong_answers(face: Face, key: Key) -> list[Answer]:
    """Answers that earn less than 1; two or more for choices."""
    match face["kind"]:
        case "single" | "warrant":
            keys = [option["key"] for option in face["options"]]
            return [{"choice": option} for option in keys if option not in key["right"]]
        case "multiple":
            keys = [option["key"] for option in face["options"]]
            return [{"choices": [option]} for option in keys if option not in key["right"]]
        case "matching":
            targets = [target["key"] for target in face["targets"]]
            return [{"pairs": dict.fromkeys(key["pairs"], target)} for target in targets]
        case "ordering":
            last = len(key["places"]) + 1
            return [{"places": {line: last - place for line, place in key["places"].items()}}]
        case "evidence":
            right = {tuple(s) for span in key["spans"] for s in span["sentences"]}
            spans = [(part["start"], part["end"]) for part in face["segments"]]
            return [{"spans": [list(span)]} for span in spans if span not in right]
        case "replies":
            first = face["passages"][0]["key"]
            return [{"replies": dict.fromkeys(key["replies"], first)}]
        case "voices":
            return [{"voices": dict.fromkeys(key["voices"], voice)} for voice in VOICES]
        case "stance":
            return [{"choice": option["key"], "reason": "No."} for option in face["options"]]
        case "cable":
            return [cable(face, "Nothing "), cable(face, "Little ")]
    return [{"text": "Something else altogether"}, {"text": "Nothing of the kind"}]


def fields_of(face: Face, answer: Answer, *, seed: int, prefix: str) -> dict[str, Any]:
    """The controls a browser sends when a reader has put this answer down."""
    match face["kind"]:
        case "single" | "warrant":
            order = shuffled([option["key"] for option in face["options"]], seed)
            return {f"{prefix}-choice": str(order.index(answer["choice"]))}
        case "multiple":
            order = shuffled([option["key"] for option in face["options"]], seed)
            return {f"{prefix}-choice": [str(order.index(key)) for key in answer["choices"]]}
        case "matching":
            items = shuffled([row["key"] for row in face["items"]], seed)
            targets = shuffled([row["key"] for row in face["targets"]], seed)
            return {
                f"{prefix}-match-{items.index(key)}": str(targets.index(target))
                for key, target in answer["pairs"].items()
            }
        case "ordering":
            order = shuffled([option["key"] for option in face["options"]], seed)
            return {
                f"{prefix}-place-{order.index(key)}": str(place)
                for key, place in answer["places"].items()
            }
        case "evidence":
            spans = [[part["start"], part["end"]] for part in face["segments"]]
            return {f"{prefix}-choice": [str(spans.index(span)) for span in answer["spans"]]}
        case "replies" | "voices" | "stance" | "cable" as kind:
            sent = kind_of(kind).controls(face, answer, seed=seed)
            return {f"{prefix}-{name}": value for name, value in sent}
    return {f"{prefix}-text": answer["text"]}
