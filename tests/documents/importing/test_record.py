"""The shipped record, imported again: exactly the document that is shipped."""

from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from lessons.documents.importing import matching, reading, rereading, saving
from lessons.documents.importing.draft import Draft, letters
from lessons.documents.models import Document, PageTurn, PassageText

pytestmark = pytest.mark.django_db
RECORD = settings.BASE_DIR / "fixtures" / "source" / "record-1958-04-19.md"
SAME = [
    "title", "date", "date_precision", "place", "genre", "language", "original_language", "summary",
    "repository", "published_by", "fond", "opis", "delo", "leaves", "archival_reference",
    "contributor", "translator", "credit_line", "citation", "source_address",
]  # fmt: skip


def shape(document: Document) -> list[tuple[Any, ...]]:
    return list(
        PassageText.objects.filter(passage__document=document, is_current=True)
        .order_by("passage__order")
        .values_list(
            "passage__key", "passage__kind", "passage__order", "passage__number",
            "passage__label", "text",
        )
    )  # fmt: skip


def turns(document: Document) -> list[tuple[str, str, int]]:
    found = PageTurn.objects.filter(text__passage__document=document, text__is_current=True)
    return [(t.text.passage.key, t.key, t.offset) for t in found]


def draft_of(text: str) -> Draft:
    draft = reading.read(text)
    matching.match(draft)
    return draft


def test_record_again_is_the_shipped_document() -> None:
    text = RECORD.read_text(encoding="utf-8")
    draft = draft_of(text)
    assert draft.remarks == []
    assert letters(text) == letters("".join(came.text for came in draft.account))
    made = saving.save_document(draft, by=None)
    shipped = Document.objects.get(key="record-1958-04-19")
    assert shape(made) == shape(shipped)
    assert turns(made) == turns(shipped) == [("p6", "page-turn", 252)]
    assert {n: getattr(made, n) or "" for n in SAME if n != "date"} == {
        n: getattr(shipped, n) for n in SAME if n != "date"
    }
    made.refresh_from_db()
    assert made.date == shipped.date


def test_record_s_speakers_are_proposed_as_the_editors_gave_them() -> None:
    draft = draft_of(RECORD.read_text(encoding="utf-8"))
    made = saving.save_document(draft, by=None)
    shipped = Document.objects.get(key="record-1958-04-19")

    def of(document: Document) -> list[tuple[str, str]]:
        return list(document.passages.filter(kind="body").values_list("key", "speaker__key"))

    assert of(made) == of(shipped)
    bodies = [p for p in draft.passages if p.kind == "body"]
    assert {p.speaker.sure for p in bodies} == {"likely"}
    assert all(p.speaker.why and p.voice.why for p in bodies)
    assert sorted(made.participations.values_list("person__key", "role")) == sorted(
        shipped.participations.values_list("person__key", "role")
    )


def test_record_again_over_itself_changes_nothing() -> None:
    shipped = Document.objects.get(key="record-1958-04-19")
    draft = draft_of(RECORD.read_text(encoding="utf-8"))
    assert not rereading.make_plan(shipped, draft).changes_anything


def test_command_prints_and_saves_nothing_on_a_dry_run(capsys: pytest.CaptureFixture[str]) -> None:
    before = Document.objects.count()
    call_command("import_document", str(RECORD), dry_run=True)
    said = capsys.readouterr().out
    assert "Everything in the source came through." in said
    assert said.endswith("Nothing was saved: this was a rehearsal.\n")
    assert Document.objects.count() == before
    call_command("import_document", str(RECORD), again="khrushchev-hussein-1958-04-19", verbosity=1)
    assert capsys.readouterr().out.endswith("Nothing changed.\n")
    call_command("import_document", str(RECORD), slug="once-more", verbosity=0)
    assert capsys.readouterr().out == "Saved as a draft: once-more\n"
    assert Document.objects.get(slug="once-more").status == "draft"
