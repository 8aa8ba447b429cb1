"""Perfect answers, as a browser would send them: can a reader give the right answer at all?"""

from collections.abc import Iterator
from typing import Any

from django.http import QueryDict

from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.base import ONE, Answer, Face, InvalidAnswer, Key, keys_of, shuffled
from lessons.quizzes.models import Question

SEED, PREFIX = 7, "check"


def perfect_answers(face: Face, key: Key) -> Iterator[Answer]:
    """Each answer that ought to earn everything: one, or one for each that is accepted.

    None for an open question, which a person reads. `face` and `key` are as in kinds/base.py.
    """
    match face["kind"]:
        case Question.Kind.SINGLE:
            yield from ({"choice": right} for right in key["right"])
        case Question.Kind.MULTIPLE:
            yield {"choices": sorted(key["right"])}
        case Question.Kind.MATCHING:
            yield {"pairs": dict(key["pairs"])}
        case Question.Kind.ORDERING:
            yield {"places": dict(key["places"])}
        case Question.Kind.EVIDENCE:
            groups = [key["spans"]] if key["all"] else [[span] for span in key["spans"]]
            for group in groups:
                spans = {tuple(sentence) for span in group for sentence in span["sentences"]}
                yield {"spans": [list(span) for span in sorted(spans)]}
        case Question.Kind.SHORT:
            yield from (
                {"text": " ".join(row["answer"].split())}
                for row in key["accepted"]
                if row["score"] == "1"
            )


def earns_everything(face: Face, key: Key, answer: Answer) -> bool:
    """True where the form that carries the answer is read as that answer and scores 1."""
    kind = kind_of(face["kind"])
    try:
        form = _form(face, answer)
        given = kind.parse(face, form, seed=SEED, prefix=PREFIX)
    except (InvalidAnswer, ValueError):
        return False
    return given == answer and kind.mark(key, given) == ONE


def _form(face: Face, answer: Answer) -> QueryDict:
    """What a browser sends for the answer; ValueError for what it shows no control for."""
    form = QueryDict(mutable=True)
    for name, value in _controls(face, answer):
        form.appendlist(f"{PREFIX}-{name}", str(value))
    return form


def _controls(face: Face, answer: Answer) -> Iterator[tuple[str, Any]]:
    match face["kind"]:
        case Question.Kind.SINGLE:
            yield "choice", _order(face["options"]).index(answer["choice"])
        case Question.Kind.MULTIPLE:
            order = _order(face["options"])
            yield from (("choice", order.index(key)) for key in answer["choices"])
        case Question.Kind.MATCHING:
            items, targets = _order(face["items"]), _order(face["targets"])
            for item, target in answer["pairs"].items():
                yield f"match-{items.index(item)}", targets.index(target)
        case Question.Kind.ORDERING:
            lines = _order(face["options"])
            for line, place in answer["places"].items():
                yield f"place-{lines.index(line)}", place
        case Question.Kind.EVIDENCE:
            sentences = [[part["start"], part["end"]] for part in face["segments"]]
            yield from (("choice", sentences.index(span)) for span in answer["spans"])
        case _:
            yield "text", answer["text"]


def _order(options: list[dict[str, Any]]) -> list[str]:
    return shuffled(keys_of(options), SEED)
