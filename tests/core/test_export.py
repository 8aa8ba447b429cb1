"""Content back to its files: only what changed is written, and it is read as it was meant."""

import difflib
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lessons.accounts.models import User
from lessons.core import content
from lessons.core.models import ContentVersion, Status
from lessons.documents.domain import correct_text, digest
from lessons.documents.models import (
    Annotation,
    Document,
    Event,
    Passage,
    PassageText,
    Person,
    Reference,
    Term,
)
from lessons.quizzes.models import Option, Question, Quiz
from tests.core.test_content import Write, counts, histories, loaded, write

__all__ = ["loaded", "write"]
pytestmark = pytest.mark.django_db


def changed_lines() -> list[str]:
    """The lines that an export takes out and puts in, without the names of files."""
    lines = content.export().diff().split("\n")
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---") and line]


def written() -> content.Export:
    """Export over the files, and see that a load then finds nothing to do."""
    export = content.export()
    export.write()
    version, rows = ContentVersion.current(), histories()
    assert content.content_is_current()
    assert not content.export().changed_files
    assert counts(content.load()) == {}
    assert (ContentVersion.current(), histories()) == (version, rows)
    return export


# --- Nothing changed ---------------------------------------------------------------------------


def test_shipped_files_come_back_letter_by_letter(tmp_path: Path) -> None:
    call_command("export_content", to=tmp_path, verbosity=0)
    files = content.fixture_files()
    assert len(files) >= 20
    for path in files:
        there = tmp_path / path.parent.name / path.name
        assert there.read_bytes() == path.read_bytes(), path
    assert sum(1 for _ in tmp_path.rglob("*.*")) == len(files)
    call_command("export_content", "--check", verbosity=0)


def test_unchanged_files_are_left_as_they_are(loaded: Write) -> None:
    assert not content.export().changed_files
    assert content.export().diff() == ""


@pytest.mark.parametrize(
    "odd",
    [
        "\ufeff# with a mark of order\n",
        "# a remark\n\n\n#another\n",
        "---\n",
    ],
)
def test_odd_beginnings_stay(loaded: Write, odd: str, tmp_path: Path) -> None:
    path = tmp_path / "documents/people.yaml"
    path.write_bytes((odd + path.read_text().lstrip("\n")).replace("\n", "\r\n").encode())
    content.load()
    assert not content.export().changed_files
    Person.objects.update(role="Premier")
    before = path.read_bytes()
    written()
    assert path.read_bytes() == before.replace(b"Prime Minister", b"Premier")


# --- What changed ------------------------------------------------------------------------------


def test_a_changed_field_changes_its_own_lines() -> None:
    """On the shipped files: a folded text, a date, a reference, a list."""
    event = Event.objects.get(key="accession-signed")
    event.description = "The ruler joins his state to India. Whether that was final was disputed."
    event.date = date(1947, 10, 27)
    event.save()
    Reference.objects.get(key="background").event_set.add(event)
    assert changed_lines() == [
        "-    date: 1947-10-26",
        "+    date: 1947-10-27",
        "-      The ruler joins his state to India. Whether that was final is disputed.",
        "+      The ruler joins his state to India. Whether that was final was disputed.",
        "-    references: [[jk-constitution]]",
        "+    references: [[jk-constitution], [background]]",
    ]
    (change,) = content.export().changes
    assert str(change) == (
        "documents/events.yaml: documents.event [accession-signed]: "
        "date, description, references changed"
    )


def test_one_word_in_a_long_text_changes_few_lines() -> None:
    document = Document.objects.get()
    document.headnote = document.headnote.replace("wrote it up in Russian", "wrote it in Russian")
    document.save()
    taken, put = changed_lines()
    assert taken.startswith("-      Minister, and a talk followed. S. Chetverikov wrote it up in")
    assert put == taken.replace("-", "+", 1).replace("it up in", "it in")


def test_a_field_that_was_not_written_is_added(loaded: Write, tmp_path: Path) -> None:
    Person.objects.update(lived="1893–1970")
    assert changed_lines() == ["+    lived: 1893–1970"]
    written()


def test_an_object_in_braces_is_spread_when_it_changes(loaded: Write) -> None:
    Reference.objects.filter(key="frus").update(short="FRUS: XV # two")
    assert changed_lines() == [
        "-  fields: {key: frus, short: FRUS XV, citation: Foreign Relations}",
        "+  fields:",
        "+    key: frus",
        "+    short: 'FRUS: XV # two'",
        "+    citation: Foreign Relations",
    ]
    written()


def test_a_remark_behind_a_value_stays(loaded: Write) -> None:
    loaded("documents/people.yaml", ("Prime Minister", "Prime Minister  # since 1957"))
    Person.objects.update(role="Premier")
    assert changed_lines() == [
        "-    role: Prime Minister  # since 1957",
        "+    role: Premier  # since 1957",
    ]


def test_correcting_a_text_writes_a_new_one_and_moves_the_notes(
    loaded: Write, editor: User
) -> None:
    passage = Passage.objects.get(key="p2")
    correct_text(passage=passage, text="A second paragraph ends here.", by=editor)
    written()
    text = PassageText.objects.get(passage=passage, is_current=True)
    assert text.text == "A second paragraph ends here."
    export = content.export()
    assert "text: A second paragraph ends here." in export.after["documents/record.yaml"]
    assert "sha256" not in export.after["documents/record.yaml"]


HOSTILE = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60),
    st.lists(
        st.sampled_from(
            [
                "no",
                "null",
                "1e3",
                "2020-01-01",
                " x",
                "x ",
                "\t",
                ": ",
                " #",
                "\u2028",
                "\x85",
                "\n",
                "\r\n",
                "'",
                '"',
                "- ",
                "words",
                "a" * 120,
                "é",
                "{",
                "[",
                "&a",
                "*a",
                "|",
                ">",
            ]
        ),
        min_size=1,
        max_size=12,
    ).map("".join),
)


@given(text=HOSTILE, other=HOSTILE, which=st.integers(0, 3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_whatever_is_typed_comes_back(loaded: Write, text: str, other: str, which: int) -> None:
    """Changed and new rows, in files of several styles."""
    if not text.strip() or not other.strip():
        return
    Annotation.objects.update(body=text)
    Question.objects.update(prompt=other, hint=text)
    Term.objects.all().delete()
    Term.objects.create(
        key="a-term", slug="a-term", term=text[:50].strip(), definition=other, certainty="accepted"
    )
    export = content.export()
    (term,) = [entry for entry in content.files.parse(export.after) if entry.model is Term]
    assert term.values["definition"] == other
    values = {str(e.model._meta.model_name): e.values for e in content.files.parse(export.after)}
    assert values["annotation"]["body"] == text
    assert (values["question"]["prompt"], values["question"]["hint"]) == (other, text)


# --- New and gone ------------------------------------------------------------------------------


def test_new_rows_stand_beside_their_like() -> None:
    question = Question.objects.get(key="letter-soviet-signs")
    new = Option.objects.create(
        question=question,
        key="zz",
        order=99,
        role="choice",
        label="A new line",
        feedback="No: think again.",
        is_key=False,
    )
    event = Event.objects.get(key="independence")
    event.pk, event.key, event.title = None, "independence-again", "Again: independent"
    event.save()
    export = content.export()
    assert export.changed_files == ["documents/events.yaml", "quizzes/letter.yaml"]
    lines = export.after["quizzes/letter.yaml"].split("\n")
    at = lines.index("    key: zz")
    assert lines[at - 4 : at + 9] == [
        "",
        "- model: quizzes.option",
        "  fields:",
        "    question: [letter-soviet-signs]",
        "    key: zz",
        "    order: 99",
        "    role: choice",
        "    label: A new line",
        "    is_key: false",
        "    excess: ''",
        "    feedback: 'No: think again.'",
        "    misreading: ''",
        "",
    ]
    assert lines[at + 9] == "- model: quizzes.quizitem"
    old = "".join(export.before["quizzes/letter.yaml"])
    added = [
        line
        for line in difflib.ndiff(old.split("\n"), lines)
        if line.startswith(("- ", "+ ")) and line[2:]
    ]
    assert all(line.startswith("+ ") for line in added)
    assert new.natural_key() in {
        (entry.values["question"][0], entry.values["key"])
        for entry in content.files.parse(export.after)
        if entry.model is Option
    }


def test_a_new_document_has_a_file_of_its_own() -> None:
    document = Document.objects.create(
        key="telegram-1958",
        slug="telegram-1958",
        title="A telegram",
        short_title="A telegram",
        date=date(1958, 5, 1),
        genre="telegram",
        headnote="One.",
        repository="PAAA",
    )
    passage = Passage.objects.create(document=document, key="p1", kind="body", order=1, number=1)
    PassageText.objects.create(
        passage=passage,
        key="1",
        text="Two words.\n",
        sha256=digest("Two words.\n"),
        is_current=True,
    )
    export = content.export()
    assert export.changed_files == ["documents/telegram-1958.yaml"]
    entries = content.files.parse({"x": export.after["documents/telegram-1958.yaml"]})
    assert [entry.model for entry in entries] == [Document, Passage, PassageText]
    assert entries[2].values["text"] == "Two words.\n"


def test_the_first_of_a_kind_has_a_file(loaded: Write, tmp_path: Path) -> None:
    Term.objects.create(
        key="pact", slug="pact", term="Pact", definition="A treaty.", certainty="accepted"
    )
    written()
    assert (tmp_path / "documents/term.yaml").read_text().startswith("- model: documents.term\n")


def test_deleted_rows_go_with_the_remark_above_them(loaded: Write, tmp_path: Path) -> None:
    path = tmp_path / "documents/people.yaml"
    text = path.read_text().replace("\n- model", "\n\n- model")
    text = text.replace("- model: documents.person", "# Who he was\n- model: documents.person")
    path.write_text(f"# People\n{text}")
    content.load()
    Passage.objects.update(speaker=None)
    Person.objects.get().delete()
    export = content.export()
    assert [str(change) for change in export.changes] == [
        "documents/record.yaml: documents.passage [talk / p1]: speaker changed",
        "documents/people.yaml: documents.person [noon]: deleted",
    ]
    assert "Who he was" not in export.after["documents/people.yaml"]
    assert export.after["documents/people.yaml"].startswith("# People\n")
    written()


def test_a_file_without_objects_goes(loaded: Write, tmp_path: Path) -> None:
    Quiz.objects.all().delete()
    Question.objects.all().delete()
    written()
    assert not (tmp_path / "quizzes/letter.yaml").exists()


def test_what_a_load_retired_stays_out_and_what_an_editor_retired_stays_in(
    loaded: Write,
) -> None:
    loaded("quizzes/letter.yaml", text="[]\n")
    content.load()
    assert Question.objects.get().status == Status.RETIRED
    assert not content.export().changed_files
    person = Person.objects.get()
    person.status = Status.RETIRED
    person.save()
    assert changed_lines() == ["-    status: published", "+    status: retired"]


def test_a_file_may_change_after_an_export(loaded: Write, tmp_path: Path) -> None:
    person = Person.objects.get()
    person.role = "Premier"
    person.save()
    Reference.objects.create(key="note", short="Note", citation="A note")
    written()
    path = tmp_path / "documents/people.yaml"
    path.write_text(path.read_text().replace("Premier", "Chairman").replace("A note", "Notes"))
    assert counts(content.load()) == {"reference": {"changed": 1}, "person": {"changed": 1}}


# --- The command -------------------------------------------------------------------------------


def test_check_says_what_differs_and_writes_nothing(loaded: Write, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.yaml")}
    Person.objects.update(role="Premier")
    with pytest.raises(CommandError) as refused:
        call_command("export_content", "--check")
    assert str(refused.value).splitlines() == [
        "The files differ from the database.",
        "documents/people.yaml: documents.person [noon]: role changed",
    ]
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.yaml")} == before


def test_files_that_were_not_loaded_are_not_undone(
    loaded: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded("documents/people.yaml", ("A letter of", "One of"))
    with pytest.raises(CommandError, match="Run load_content first"):
        call_command("export_content")
    assert "One of" in (tmp_path / "documents/people.yaml").read_text()
    call_command("export_content", "--force")
    assert "A letter of" in (tmp_path / "documents/people.yaml").read_text()
    assert capsys.readouterr().out.splitlines() == [
        "documents/people.yaml: documents.reference [letter]: citation changed",
        "1 file written.",
    ]
    call_command("export_content")
    assert capsys.readouterr().out.splitlines() == ["Nothing changed."]


def test_a_row_that_could_not_be_loaded_again_is_named(loaded: Write) -> None:
    Annotation.objects.update(certainty="sure")
    with pytest.raises(CommandError) as refused:
        call_command("export_content")
    assert str(refused.value).splitlines() == [
        "Nothing was written.",
        "documents.annotation [talk / p2 / second]: certainty: Value 'sure' is not a valid choice.",
    ]
