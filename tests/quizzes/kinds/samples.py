"""One askable question of each kind, built in memory, and forms as a browser would send them."""

import random
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from hypothesis import strategies as st

from lessons.documents.models import PassageText
from lessons.quizzes.kinds import KINDS
from lessons.quizzes.kinds.base import Answer, Face, Key, Kind, Presentation
from lessons.quizzes.models import AcceptedAnswer, Criterion, EvidenceSpan, Level, Option, Question

PREFIX = "q1"
PARAGRAPH = (
    "Hussein replied that direct air service is a wonderful idea. However, possibly some time "
    "will be needed for this. Hussein said that he was trying to convince his government "
    '"to forget" about these concerns. He hopes it is accomplished.'
)
"""Four sentences after ¶8."""

seeds = st.integers(min_value=0, max_value=2**40)


def question(kind: str, *, text: str | None = None, **parts: Any) -> Question:
    """A Question that reads its related rows from `parts` and needs no database."""
    fields = {name: value for name, value in parts.items() if not isinstance(value, list)}
    rows = {name: value for name, value in parts.items() if isinstance(value, list)}
    made = Question(pk=1, key="q", kind=kind, prompt="?", **fields)
    if text is not None:
        made.text = PassageText(pk=1, key="t", text=text)
    names = ("options", "evidence", "accepted_answers", "criteria")
    made._prefetched_objects_cache = {name: rows.get(name, []) for name in names}
    return made


def options(*fields: dict[str, Any]) -> list[Option]:
    """Rows in authored order, with feedback that names each key."""
    return [
        Option(
            **{
                "pk": number,
                "order": number,
                "label": f"The label of {row['key']}",
                "feedback": f"Why {row['key']}",
                **row,
            }
        )
        for number, row in enumerate(fields, start=1)
    ]


def choices(right: set[str], keys: str = "abcd") -> list[Option]:
    return options(*({"key": key, "is_key": key in right} for key in keys))


def pairs(targets: dict[str, str], names: str = "xyz") -> list[Option]:
    """Items by key with the key of their target, and the targets `names`."""
    made = options(*({"key": name, "role": "target"} for name in names))
    pks = {target.key: target.pk for target in made}
    items = options(*({"key": key, "role": "item"} for key in targets))
    for number, item in enumerate(items, start=100):
        item.pk, item.answer_id = number, pks.get(targets[item.key])
    return made + items


def ranked(order: list[str]) -> list[Option]:
    return options(*({"key": key, "rank": rank} for rank, key in enumerate(order, start=1)))


def span(quote: str, text: str = PARAGRAPH, **fields: Any) -> EvidenceSpan:
    start = text.index(quote)
    row = {"quote": quote, "start": start, "end": start + len(quote), "feedback": f"Why {quote}"}
    return EvidenceSpan(**{"key": f"e{start}", **row, **fields})


def accepted(answer: str, score: str = "1", match: str = "whole", **fields: Any) -> AcceptedAnswer:
    row = {"key": "k", "answer": answer, "feedback": f"Why {answer}", **fields}
    return AcceptedAnswer(score=Decimal(score), match=match, **row)


def criterion(
    key: str, weight: str = "1", levels: tuple[str, ...] = ("0", "0.5", "1")
) -> Criterion:
    made = Criterion(pk=1, key=key, title=f"Title of {key}", weight=Decimal(weight))
    rows = [
        Level(
            key=f"l{number}",
            order=number,
            title=f"Level {number}",
            description=f"What level {number} is",
            score=Decimal(score),
            sample=f"Sample of {key} {number}",
        )
        for number, score in enumerate(levels)
    ]
    made._prefetched_objects_cache = {"levels": rows}
    return made


@dataclass(frozen=True)
class Sample:
    question: Question
    right: Answer
    wrong: Answer

    @property
    def kind(self) -> Kind:
        return KINDS[self.question.kind]

    @property
    def face(self) -> Face:
        return self.kind.face(self.question)

    @property
    def key(self) -> Key:
        return self.kind.key(self.question)


SAMPLES: dict[str, Sample] = {
    "single": Sample(question("single", options=choices({"b"})), {"choice": "b"}, {"choice": "c"}),
    "multiple": Sample(
        question("multiple", options=choices({"b", "d"})),
        {"choices": ["b", "d"]},
        {"choices": ["a", "b"]},
    ),
    "matching": Sample(
        question("matching", options=pairs({"i": "x", "j": "y", "k": "x"})),
        {"pairs": {"i": "x", "j": "y", "k": "x"}},
        {"pairs": {"i": "x", "j": "z", "k": "y"}},
    ),
    "ordering": Sample(
        question("ordering", options=ranked(["veto", "noon", "chairman", "talk"])),
        {"places": {"veto": 1, "noon": 2, "chairman": 3, "talk": 4}},
        {"places": {"veto": 2, "noon": 1, "chairman": 3, "talk": 4}},
    ),
    "evidence": Sample(
        question("evidence", text=PARAGRAPH, evidence=[span("trying to convince")]),
        {"spans": [[114, 207]]},
        {"spans": [[0, 61]]},
    ),
    "short": Sample(
        question("short", accepted_answers=[accepted("the Baghdad Pact")]),
        {"text": "Baghdad pact"},
        {"text": "SEATO"},
    ),
    "open": Sample(
        question("open", criteria=[criterion("claim")], strong_answer="The recorder's hand."),
        {"text": "He spoke for himself."},
        {"text": "Yes."},
    ),
}


def form(drawn: Presentation) -> QueryDict:
    """What a browser sends when it submits what is drawn."""
    data = QueryDict(mutable=True)
    data[f"{drawn.prefix}-text"] = drawn.text
    chosen = [str(line.position) for line in drawn.choices if line.chosen]
    data.setlist(f"{drawn.prefix}-choice", chosen)
    for line in drawn.choices:
        selected = "" if line.selected is None else str(line.selected)
        data[f"{drawn.prefix}-match-{line.position}"] = selected
        data[f"{drawn.prefix}-place-{line.position}"] = selected
    return data


def answers(sample: Sample) -> st.SearchStrategy[Answer]:
    """Any answer a draft may hold, blank ones included."""
    face = sample.face
    keys = [option["key"] for option in face.get("options", [])]
    match sample.question.kind:
        case "single":
            return st.sampled_from(["", *keys]).map(lambda key: {"choice": key})
        case "multiple":
            return st.sets(st.sampled_from(keys)).map(lambda chosen: {"choices": sorted(chosen)})
        case "matching":
            items = st.sampled_from([item["key"] for item in face["items"]])
            targets = st.sampled_from([target["key"] for target in face["targets"]])
            return st.dictionaries(items, targets).map(lambda given: {"pairs": given})
        case "ordering":
            places = st.integers(min_value=1, max_value=len(keys))
            return st.dictionaries(st.sampled_from(keys), places).map(lambda by: {"places": by})
        case "evidence":
            spans = st.sampled_from([(part["start"], part["end"]) for part in face["segments"]])
            return st.sets(spans).map(lambda given: {"spans": [list(s) for s in sorted(given)]})
        case "short":
            return st.text(max_size=60).map(lambda text: {"text": " ".join(_kept(text).split())})
        case _:
            return st.text(max_size=60).map(lambda text: {"text": _kept(text).strip()})


def _kept(text: str) -> str:
    kept = "".join(c for c in text if c >= " " and unicodedata.category(c) != "Cs")
    return unicodedata.normalize("NFC", kept)


def reordered(rows: list[Any], seed: int) -> list[Any]:
    """The rows as another author would have ordered them."""
    rows = random.Random(seed).sample(rows, len(rows))
    for number, row in enumerate(rows):
        row.order = number
    return rows
