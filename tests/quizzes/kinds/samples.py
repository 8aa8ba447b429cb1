"""One askable question of each kind, built in memory, and forms as a browser would send them."""

import random
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from hypothesis import strategies as st

from lessons.documents.models import (
    Document,
    Participation,
    Passage,
    PassageText,
    Person,
    VoiceSpan,
)
from lessons.quizzes.kinds import KINDS
from lessons.quizzes.kinds.base import Answer, Face, Key, Kind, Presentation
from lessons.quizzes.kinds.replies import NONE
from lessons.quizzes.models import (
    AcceptedAnswer,
    Card,
    Criterion,
    EvidenceSpan,
    Level,
    Option,
    Question,
    Segment,
)

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
    names = ("options", "evidence", "accepted_answers", "criteria", "cards", "segments")
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


def talk() -> dict[str, PassageText]:
    """An invented record of three paragraphs, between A. Ann and B. Bo; its texts by passage."""
    document = Document(pk=1, key="talk", slug="talk", short_title="A talk")
    people = [Person(pk=1, key="ann", name="Ann"), Person(pk=2, key="bo", name="Bo")]
    speakers = [
        Participation(
            person=person, document=document, role="speaker", named_as=f"The {person.name}", order=n
        )
        for n, person in enumerate(people)
    ]
    words = [
        "Ann asked for two boats. She offered salt.",
        "Bo said that boats were dear, and warned of the ice.",
        "Ann thanked him for the salt.",
    ]
    passages = [
        Passage(pk=n, key=f"p{n}", kind="body", order=n, number=n, document=document)
        for n in (1, 2, 3)
    ]
    passages.append(Passage(pk=4, key="end", kind="signature", order=4, document=document))
    document._prefetched_objects_cache = {"passages": passages, "participations": speakers}
    return {
        passage.key: PassageText(pk=passage.pk, key="1", text=text, passage=passage)
        for passage, text in zip(passages, words, strict=False)
    }


def card(
    key: str, text: PassageText, quote: str, replies: list[str] | None = None, **fields: Any
) -> Card:
    """A card of the `talk`; with `replies` (passages' keys, or NONE) it awaits one."""
    start = text.text.index(quote)
    made = Card(
        **{
            "pk": start + 100 * text.pk,
            "key": key,
            "order": start + 100 * text.pk,
            "label": f"The line of {key}",
            "text": text,
            "quote": quote,
            "start": start,
            "end": start + len(quote),
            "feedback": f"Why {key}",
            "awaits_reply": replies is not None,
            "none_recorded": NONE in (replies or []),
            **fields,
        }
    )
    known = {p.key: p for p in text.passage.document.passages.all()}
    made._prefetched_objects_cache = {"replies": [known[r] for r in replies or [] if r != NONE]}
    return made


def lanes() -> list[Card]:
    texts = talk()
    return [
        card("boats", texts["p1"], "asked for two boats", ["p2"], speaker_id=1, act="asks"),
        card("salt", texts["p1"], "offered salt", [NONE, "p3"], speaker_id=1, act="offers"),
        card("ice", texts["p2"], "warned of the ice", [NONE], speaker_id=2, act="warns"),
        card("thanks", texts["p3"], "thanked him", speaker_id=1, act="praises"),
    ]


def segment(text: PassageText, quote: str, voice: str, or_voice: str = "") -> Segment:
    start = text.text.index(quote)
    span = VoiceSpan(
        pk=start + 1,
        key=f"v{start}",
        text=text,
        quote=quote,
        prefix=text.text[max(0, start - 32) : start],
        suffix=text.text[start + len(quote) : start + len(quote) + 32],
        start=start,
        end=start + len(quote),
        voice=voice,
        or_voice=or_voice,
    )
    return Segment(pk=start + 1, key=f"s{start}", span=span, feedback=f"Why s{start}")


def voiced(text: str = PARAGRAPH) -> Question:
    made = question("voices", text=text)
    assert made.text is not None
    made._prefetched_objects_cache["segments"] = [
        segment(made.text, "Hussein replied that ", "frame"),
        segment(made.text, "direct air service is a wonderful idea.", "reported"),
        segment(made.text, "to forget", "quoted"),
        segment(made.text, "He hopes it is accomplished.", "reported", "first-person"),
    ]
    return made


def warrants() -> list[Option]:
    said = {
        "a": ("Pakistan held that the idea is wonderful", "held"),
        "b": ("Hussein held that the idea is wonderful", "held"),
        "c": ("Hussein said, word for word, that it is wonderful", "word for word"),
        "d": ("The record reports Hussein calling the idea wonderful", ""),
    }
    return options(
        *(
            {"key": key, "label": label, "excess": excess, "is_key": not excess}
            for key, (label, excess) in said.items()
        )
    )


CABLE = {
    "lines": {
        "boats": {"does": "keep", "motive": "We need them."},
        "salt": {"does": "soften", "motive": "It was little."},
    },
    "added": "The cold of the hall.",
    "cable": "Bo gave no boats; of our salt I say little.",
}


def cabled() -> Question:
    texts = talk()
    cards = [
        card("boats", texts["p1"], "asked for two boats"),
        card("salt", texts["p1"], "offered salt"),
    ]
    return question(
        "cable",
        cards=cards,
        criteria=[criterion("motive")],
        strong_answer="The recorder's hand.",
        fewest_words=5,
        most_words=12,
        notice="Invented for a test.",
    )


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
    "replies": Sample(
        question("replies", cards=lanes()),
        {"replies": {"boats": "p2", "salt": NONE, "ice": NONE}},
        {"replies": {"boats": "p3", "salt": "p3", "ice": "p1"}},
    ),
    "stance": Sample(
        question("stance", points=Decimal(0), options=choices(set(), "abc")),
        {"choice": "b", "reason": "The record breaks off."},
        {"choice": "c", "reason": ""},
    ),
    "voices": Sample(
        voiced(),
        {"voices": {"s0": "frame", "s21": "reported", "s174": "quoted", "s207": "first-person"}},
        {"voices": {"s0": "reported", "s21": "reported", "s174": "frame", "s207": "quoted"}},
    ),
    "warrant": Sample(
        question("warrant", text=PARAGRAPH, options=warrants()), {"choice": "d"}, {"choice": "b"}
    ),
    "cable": Sample(cabled(), CABLE, {**CABLE, "cable": "Bo gave us nothing at all today."}),
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
        for name in ("reply", "voice", "does"):
            data[f"{drawn.prefix}-{name}-{line.position}"] = selected
        data[f"{drawn.prefix}-motive-{line.position}"] = getattr(line, "motive", "")
    data[f"{drawn.prefix}-added"] = getattr(drawn, "added", "")
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
        case "warrant":
            return st.sampled_from(["", *keys]).map(lambda key: {"choice": key})
        case "replies":
            cards = st.sampled_from([card["key"] for card in face["cards"] if card["asks"]])
            targets = st.sampled_from([NONE, *(one["key"] for one in face["passages"])])
            return st.dictionaries(cards, targets).map(lambda given: {"replies": given})
        case "voices":
            segments = st.sampled_from([one["key"] for one in face["segments"]])
            voices = st.sampled_from(VoiceSpan.Voice.values)
            return st.dictionaries(segments, voices).map(lambda given: {"voices": given})
        case "stance":
            return st.builds(
                lambda key, text: {"choice": key, "reason": text},
                st.sampled_from(["", *keys]),
                typed,
            )
        case "cable":
            decided = st.builds(
                lambda does, motive: {"does": does, "motive": motive},
                st.sampled_from(["keep", "soften", "leave"]),
                typed,
            )
            return st.builds(
                lambda lines, added, cable: {"lines": lines, "added": added, "cable": cable},
                st.dictionaries(st.sampled_from(["boats", "salt"]), decided),
                typed,
                typed,
            )
        case _:
            return st.text(max_size=60).map(lambda text: {"text": _kept(text).strip()})


def _kept(text: str) -> str:
    kept = "".join(c for c in text if c >= " " and unicodedata.category(c) != "Cs")
    return unicodedata.normalize("NFC", kept)


typed = st.text(max_size=60).map(lambda text: _kept(text).strip())


def reordered(rows: list[Any], seed: int) -> list[Any]:
    """The rows as another author would have ordered them."""
    rows = random.Random(seed).sample(rows, len(rows))
    for number, row in enumerate(rows):
        row.order = number
    return rows
