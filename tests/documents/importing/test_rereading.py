"""A source read again: what is the same stays, what moved moves, and what is lost is named."""

import random

import pytest

from lessons.documents.domain import anchor
from lessons.documents.importing import matching, reading, reporting, rereading, saving
from lessons.documents.importing.draft import Draft
from lessons.documents.models import Annotation, Document, PassageText

from .samples import LETTER, VOLUME

pytestmark = pytest.mark.django_db

WORDS = [
    "ship",
    "pilot",
    "harbour",
    "rain",
    "Monday",
    "channel",
    "shallow",
    "vessel",
    "captain",
    "grain",
    "winter",
    "letter",
]


def paragraph(chance: random.Random) -> str:
    return "They wrote that " + " ".join(chance.choices(WORDS, k=chance.randint(8, 20))) + "."


def written(paragraphs: list[str]) -> str:
    return "# Letter from the harbour\n\nPort Invented, 3 June 1957\n\n" + "\n\n".join(paragraphs)


def draft_of(text: str, chosen: str = "") -> Draft:
    draft = reading.read(text, chosen=chosen)
    matching.match(draft)
    return draft


def saved(draft: Draft) -> Document:
    return saving.save_document(draft, by=None)


def current(document: Document) -> list[tuple[str, int | None, str]]:
    found = PassageText.objects.filter(passage__document=document, is_current=True)
    return list(
        found.order_by("passage__order").values_list("passage__key", "passage__number", "text")
    )


def noted(document: Document, key: str, quote: str) -> Annotation:
    text = PassageText.objects.get(passage__document=document, passage__key=key, is_current=True)
    note = Annotation(
        text=text, key=f"on-{key}", kind="context", heading="On it", body="Words.",
        certainty="documented", reveal="with-text",
    )  # fmt: skip
    at = text.text.index(quote)
    anchor(note, text.text, at, at + len(quote))
    note.save()
    return note


@pytest.mark.parametrize(("text", "chosen"), [(LETTER, ""), (VOLUME, "d1"), (VOLUME, "d2")])
def test_same_text_again_changes_nothing(text: str, chosen: str) -> None:
    document = saved(draft_of(text, chosen))
    before, notes = current(document), list(Annotation.objects.values_list("pk", "start"))
    draft = draft_of(text, chosen)
    plan = rereading.make_plan(document, draft)
    assert {pair.state for pair in plan.pairs} == {"same"}
    assert (plan.changes_anything, plan.notes_left) == (False, [])
    assert list(reporting.plan_lines(plan)) == ["Nothing changed."]
    rereading.apply(plan, draft, by=None)
    assert current(document) == before
    assert list(Annotation.objects.values_list("pk", "start")) == notes


@pytest.mark.parametrize("seed", range(12))
def test_any_edits_make_the_document_the_source(seed: int) -> None:
    chance = random.Random(seed)
    old = [paragraph(chance) for _n in range(7)]
    document = saved(draft_of(written(old)))
    keys = {text: key for key, _number, text in current(document)}
    new = list(old)
    for _edit in range(chance.randint(1, 4)):
        at = chance.randrange(len(new))
        match chance.choice(["change", "insert", "delete", "move"]):
            case "change":
                new[at] = new[at].replace("wrote", "have written", 1)
            case "insert":
                new.insert(at, paragraph(chance))
            case "delete" if len(new) > 2:
                del new[at]
            case _:
                new.insert(chance.randrange(len(new)), new.pop(at))
    draft = draft_of(written(new))
    plan = rereading.make_plan(document, draft)
    assert plan.changes_anything == (new != old)
    rereading.apply(plan, draft, by=None)
    assert [text for _key, _number, text in current(document)] == [p.text for p in draft.passages]
    assert [number for _key, number, _text in current(document)][1:] == list(range(1, len(new) + 1))
    for key, _number, text in current(document):
        assert keys.get(text, key) == key  # words that stayed kept their passage
    assert not rereading.make_plan(document, draft_of(written(new))).changes_anything


def test_passage_that_moves_takes_its_note_along() -> None:
    chance = random.Random(99)
    old = [paragraph(chance) for _n in range(5)]
    document = saved(draft_of(written(old)))
    note = noted(document, "p1", "They wrote")
    draft = draft_of(written([*old[1:], old[0]]))
    plan = rereading.make_plan(document, draft)
    assert [(pair.state, str(pair.old)) for pair in plan.of("moved")] == [("moved", "¶1")]
    assert plan.of("gone") + plan.of("kept") + plan.of("new") == []
    rereading.apply(plan, draft, by=None)
    assert [key for key, _number, _text in current(document)] == [
        "heading",
        "p2",
        "p3",
        "p4",
        "p5",
        "p1",
    ]
    note.refresh_from_db()
    assert (note.text.is_current, note.text.passage.number) == (True, 5)


def test_passage_that_is_gone_stays_where_a_note_rests_on_it() -> None:
    chance = random.Random(98)
    old = [paragraph(chance) for _n in range(4)]
    document = saved(draft_of(written(old)))
    noted(document, "p2", "They wrote")
    draft = draft_of(written([old[0], old[3]]))
    plan = rereading.make_plan(document, draft)
    assert [(pair.state, str(pair.old)) for pair in plan.pairs if pair.state != "same"] == [
        ("kept", "¶2"),
        ("gone", "¶3"),
    ]
    assert [str(row) for row in plan.of("kept")[0].used_by] == ["On it"]
    rereading.apply(plan, draft, by=None)
    assert [key for key, _number, _text in current(document)] == ["heading", "p1", "p2", "p4"]


def test_note_whose_words_are_gone_is_named_and_stays_on_the_old_text() -> None:
    chance = random.Random(97)
    old = [paragraph(chance) + " The pilot was drunk." for _n in range(2)]
    document = saved(draft_of(written(old)))
    note = noted(document, "p1", "drunk")
    draft = draft_of(written([old[0].replace(" The pilot was drunk.", ""), old[1]]))
    plan = rereading.make_plan(document, draft)
    assert plan.orphans == [note]
    assert f"    no longer fits: annotation On it [{note.key}]" in list(reporting.plan_lines(plan))
    assert rereading.apply(plan, draft, by=None) == [note]
    note.refresh_from_db()
    assert not note.text.is_current


def test_new_notes_on_old_passages_are_listed() -> None:
    text = written(["They wrote that the ship was late again.[1]", "[1] By two days."])
    document = saved(draft_of(text.replace("[1]", "", 1).replace("\n\n[1] By two days.", "")))
    plan = rereading.make_plan(document, draft_of(text))
    assert not plan.changes_anything
    assert [note.body for note in plan.notes_left] == ["By two days."]
    assert list(reporting.plan_lines(plan)) == [
        "a note of the source that is not taken over: By two days.",
        "Nothing changed.",
    ]


def test_answers_that_rest_on_a_passage_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from lessons.core.usage import Resting

    monkeypatch.setattr(rereading, "resting_on", lambda _passage: Resting(7, 3))
    document = saved(draft_of(LETTER))
    plan = rereading.make_plan(document, draft_of(LETTER.replace("too shallow", "far too shallow")))
    assert "    7 answers of 3 learners rest on it" in list(reporting.plan_lines(plan))
    assert [pair.resting for pair in plan.of("same")] == [None] * len(plan.of("same"))
