"""The same by the command line."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from lessons.quizzes.models import Question, Quiz

pytestmark = pytest.mark.django_db

BANK = (
    "// by hand\n\n::One::Who?{=a ~b ~c}\n\n::Two::Pi?{#3.1:0.1}\n\n::Three::Which?{=a ~%50%b ~c}\n"
)


def run(name: str, *arguments: object) -> list[str]:
    out = StringIO()
    call_command(name, *map(str, arguments), stdout=out, stderr=StringIO())
    return out.getvalue().splitlines()


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    path = tmp_path / "bank.txt"
    path.write_text(BANK)
    return path


SAID = [
    "line 1: A comment, not kept: // by hand",
    "line 5: Not understood: Numbers within a range (3.1:0.1) are asked by no kind of "
    "question here.",
    "line 7: three: “b” is worth 50 % in the bank; here a choice is right or wrong.",
    "3 parts: 1 understood, 1 in need of attention, 1 not understood.",
]


def test_dry_run_says_all_and_saves_nothing(bank: Path) -> None:
    count = Question.objects.count()
    assert run("import_gift", bank, "--dry-run") == [*SAID, "2 would be saved as drafts."]
    assert Question.objects.count() == count


def test_bank_is_imported_into_a_quiz(bank: Path) -> None:
    assert run("import_gift", bank, "--quiz", "air-route-an-example") == [
        *SAID,
        "2 saved as drafts.",
    ]
    items = Quiz.objects.get(key="air-route-an-example").items.order_by("position")
    assert list(items.values_list("question__key", flat=True)) == [
        "air-route-so-that",
        "one",
        "three",
    ]
    assert run("import_gift", bank)[-1] == "0 saved as drafts."


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        run("import_gift", tmp_path / "none.txt")
    (tmp_path / "bank.txt").write_bytes(b"a\0b")
    with pytest.raises(CommandError, match=r"bank\.txt: This is not a file of text"):
        run("import_gift", tmp_path / "bank.txt")


def test_unknown_quiz_and_question_are_named(bank: Path) -> None:
    with pytest.raises(CommandError, match="There is no quiz “none”"):
        run("import_gift", bank, "--quiz", "none")
    with pytest.raises(CommandError, match="There is no question “none”"):
        run("export_gift", "none")


def test_export_to_a_file_is_what_is_printed(bank: Path, tmp_path: Path) -> None:
    run("import_gift", bank)
    printed = run("export_gift", "one", "three")
    run("export_gift", "one", "three", "--output", tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text(encoding="utf-8").splitlines() == printed
    assert printed[-6:] == [
        "// [id:three] [tag:close-reading]",
        "::three::[markdown]Which?{",
        "\t=a",
        "\t~b",
        "\t~c",
        "}",
    ]
