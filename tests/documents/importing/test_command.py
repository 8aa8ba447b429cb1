"""`manage.py import_document`: what it lists, and one sentence for what it refuses."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from lessons.documents.models import Document

from .samples import LETTER, VOLUME

pytestmark = pytest.mark.django_db


@pytest.fixture
def volume(tmp_path: Path) -> str:
    path = tmp_path / "volume.xml"
    path.write_text(VOLUME, encoding="utf-8")
    return str(path)


def test_list_names_the_documents(volume: str, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_document", volume, list=True)
    assert capsys.readouterr().out == (
        "d1\t1959-03-02\t1. Memorandum of Conversation\nd2\t\t2. Editorial Note\n"
    )


def test_id_chooses(volume: str) -> None:
    call_command("import_document", volume, id="d2", slug="a-note", verbosity=0)
    document = Document.objects.get(slug="a-note")
    assert (document.genre, str(document.date)) == ("editorial note", "1959-03-03")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "It holds 2 documents: say which by its id, d1 for example."),
        ({"id": "d7"}, "It holds no document with the id “d7”."),
        ({"id": "d1", "slug": "two words"}, "address: Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."),
        ({"id": "d1", "date": "soon"}, "“soon” is no date; write 1958-04-19."),
        ({"id": "d1", "again": "nothing"}, "There is no document “nothing”."),
    ],
)  # fmt: skip
def test_refusals_save_nothing(volume: str, options: dict[str, str], sentence: str) -> None:
    before = Document.objects.count()
    with pytest.raises(CommandError) as refused:
        call_command("import_document", volume, verbosity=0, **options)
    assert str(refused.value) == f"Nothing was imported.\n{sentence}"
    assert Document.objects.count() == before


def test_missing_file_and_missing_date_are_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file or directory"):
        call_command("import_document", str(tmp_path / "none.txt"))
    path = tmp_path / "undated.txt"
    path.write_text(LETTER.replace(", 3 June 1957", ""), encoding="utf-8")
    with pytest.raises(CommandError, match=r"date: This field cannot be null\."):
        call_command("import_document", str(path), verbosity=0)
    call_command("import_document", str(path), date="June 1957", slug="undated", verbosity=0)
    assert Document.objects.get(slug="undated").date_precision == "month"
