"""Loading of content, on a small world of its own in a folder of the test's."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from lessons.accounts.models import User
from lessons.core import content
from lessons.core.models import ContentVersion, LoadedContent, Status
from lessons.documents.domain import correct_text
from lessons.documents.models import Annotation, Document, Passage, PassageText, Person, Reference
from lessons.quizzes.models import Option, Question, Quiz, QuizItem

pytestmark = pytest.mark.django_db

PEOPLE = """
- model: documents.reference
  fields: {key: frus, short: FRUS XV, citation: Foreign Relations}
- model: documents.reference
  fields: {key: letter, short: A letter, citation: A letter of 1958}
- model: documents.person
  fields:
    key: noon
    status: published
    slug: noon
    name: Feroz Khan Noon
    role: Prime Minister
    certainty: accepted
    references: [[frus], [letter]]
"""
RECORD = """
- model: documents.document
  fields:
    {key: talk, status: published, slug: talk, title: A talk, short_title: Talk, genre: record,
     date: 1958-04-19, headnote: Two men talk., repository: RGANI}
- model: documents.passage
  fields: {document: [talk], key: p1, kind: body, order: 1, number: 1, speaker: [noon]}
- model: documents.passage
  fields: {document: [talk], key: p2, kind: body, order: 2, number: 2}
- model: documents.passagetext
  fields: {passage: [talk, p1], key: '1', text: He said that he was glad. He was glad.}
- model: documents.passagetext
  fields: {passage: [talk, p2], key: '1', text: The second paragraph ends here.}
- model: documents.pageturn
  fields: {text: [talk, p2, '1'], key: turn, offset: 11}
- model: documents.voicespan
  fields: {text: [talk, p1, '1'], key: v1, quote: 'He said that ', start: 0, end: 13, voice: frame}
- model: documents.annotation
  fields:
    text: [talk, p2, '1']
    key: second
    status: published
    quote: second paragraph
    start: 4
    end: 20
    kind: context
    heading: The second
    body: A note on the second paragraph.
    certainty: documented
    references: [[frus]]
    reveal: with-text
"""
QUIZ = """
- model: quizzes.question
  fields:
    key: who
    status: published
    kind: matching
    prompt: Who says it?
    skill: sourcing
    hint: Look again.
    explanation: The recorder wrote both.
    text: [talk, p1, '1']
    quote: He said that he was glad.
    start: 0
    end: 25
# An item stands before the target it belongs to.
- model: quizzes.option
  fields:
    {question: [who], key: i1, order: 1, role: item, label: first,
     answer: [who, t1], feedback: Yes.}
- model: quizzes.option
  fields:
    {question: [who], key: i2, order: 2, role: item, label: second,
     answer: [who, t2], feedback: Yes.}
- model: quizzes.option
  fields: {question: [who], key: t1, order: 3, role: target, label: the recorder}
- model: quizzes.option
  fields: {question: [who], key: t2, order: 4, role: target, label: the ambassador}
- model: quizzes.quiz
  fields: {key: letter, status: published, title: The letter, purpose: practice}
- model: quizzes.quizitem
  fields: {quiz: [letter], key: a, question: [who], position: 1}
"""
FILES = {
    "documents/people.yaml": PEOPLE,
    "documents/record.yaml": RECORD,
    "quizzes/letter.yaml": QUIZ,
}
ROWS = 17

Write = Callable[..., None]


def empty_content() -> None:
    """Take the shipped content out of the database, as if it had never been loaded."""
    for model in reversed(content.content_models()):
        for many in content.many_references(model):
            many.remote_field.through._base_manager.all()._raw_delete(connection.alias)
        model._base_manager.all()._raw_delete(connection.alias)
        model.history.all()._raw_delete(connection.alias)  # type: ignore[attr-defined]
    LoadedContent.objects.all().delete()


@pytest.fixture
def write(tmp_path: Path, settings: Any) -> Write:
    """Writes files of content; `replace` is (old, new) in the file before it is written."""
    settings.FIXTURE_DIRS = [tmp_path]
    empty_content()

    def write_file(name: str, *replace: tuple[str, str], text: str | None = None) -> None:
        body = FILES[name] if text is None else text
        for old, new in replace:
            assert old in body
            body = body.replace(old, new)
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(body, encoding="utf-8")

    for name in FILES:
        write_file(name)
    return write_file


@pytest.fixture
def loaded(write: Write) -> Write:
    content.load()
    return write


def histories() -> int:
    return sum(model.history.count() for model in content.content_models())  # type: ignore[attr-defined]


def counts(report: content.Report) -> dict[str, dict[str, int]]:
    """What was done, by model, without what was left unchanged."""
    found = {
        model._meta.model_name or "": {k: n for k, n in done.items() if n and k != "unchanged"}
        for model, done in report.counts.items()
    }
    return {model: done for model, done in found.items() if done}


def test_load_into_an_empty_database(write: Write) -> None:
    version = ContentVersion.current()
    report = content.load()
    assert counts(report) == {
        "reference": {"added": 2},
        "person": {"added": 1},
        "document": {"added": 1},
        "passage": {"added": 2},
        "passagetext": {"added": 2},
        "pageturn": {"added": 1},
        "voicespan": {"added": 1},
        "annotation": {"added": 1},
        "question": {"added": 1},
        "option": {"added": 4},
        "quiz": {"added": 1},
        "quizitem": {"added": 1},
    }
    assert histories() == ROWS + 1  # and no row was written twice
    assert ContentVersion.current() == version + 1
    text = PassageText.objects.get(passage__key="p2")
    assert len(text.sha256) == 64
    note = Annotation.objects.get()
    assert (note.prefix, note.suffix) == ("The ", " ends here.")
    assert Option.objects.get(key="i1").answer == Option.objects.get(key="t1")
    assert set(Person.objects.get().references.values_list("key", flat=True)) == {"frus", "letter"}
    assert note.history.get().history_change_reason == "load_content: documents/record.yaml"


def test_load_twice_changes_nothing(loaded: Write) -> None:
    version, rows = ContentVersion.current(), histories()
    report = content.load()
    assert counts(report) == {}
    assert not report.changed_anything
    assert (ContentVersion.current(), histories()) == (version, rows)


def test_load_changes_only_what_differs(loaded: Write) -> None:
    version, rows = ContentVersion.current(), histories()
    loaded("documents/people.yaml", ("[[frus], [letter]]", "[[letter]]"), ("A letter of", "One of"))
    assert counts(content.load()) == {"reference": {"changed": 1}, "person": {"changed": 1}}
    assert Reference.objects.get(key="letter").citation == "One of 1958"
    assert list(Person.objects.get().references.values_list("key", flat=True)) == ["letter"]
    assert (ContentVersion.current(), histories()) == (version + 1, rows + 2)


def test_content_is_current_until_a_file_changes(write: Write) -> None:
    assert not content.content_is_current()
    content.load()
    assert content.content_is_current()
    write("documents/people.yaml", ("A letter of", "One of"))
    assert not content.content_is_current()


def test_loaddata_gives_what_load_content_gives(write: Write, tmp_path: Path) -> None:
    call_command("loaddata", *(str(tmp_path / name) for name in FILES), verbosity=0)
    assert Quiz.objects.get().questions.get().options.count() == 4
    # loaddata computes nothing: digests and contexts are what is left to do.
    assert counts(content.load()) == {
        "passagetext": {"changed": 2},
        "voicespan": {"changed": 1},
        "annotation": {"changed": 1},
    }


# --- Editors and files -------------------------------------------------------------------------


@pytest.fixture
def edited(loaded: Write) -> Write:
    """An editor's word in a row, and another one in the file."""
    person = Person.objects.get()
    person.role = "Head of government"
    person.save()
    loaded("documents/people.yaml", ("role: Prime Minister", "role: Premier"))
    return loaded


def test_load_stops_at_rows_edited_in_admin(edited: Write) -> None:
    edited("documents/record.yaml", ("Two men talk.", "Two men talked."))
    with pytest.raises(content.EditedInAdmin) as stopped:
        content.load()
    assert stopped.value.conflicts == [
        content.Conflict("documents.person", "noon", "role", "Premier", "Head of government")
    ]
    assert Document.objects.get().headnote == "Two men talk."


def test_load_theirs_keeps_the_editors_words(edited: Write) -> None:
    edited("documents/record.yaml", ("Two men talk.", "Two men talked."))
    report = content.load(prefer=content.Prefer.THEIRS)
    assert counts(report) == {"person": {"kept": 1}, "document": {"changed": 1}}
    assert Person.objects.get().role == "Head of government"


def test_load_ours_takes_the_files_words(edited: Write) -> None:
    assert counts(content.load(prefer=content.Prefer.OURS)) == {"person": {"changed": 1}}
    assert Person.objects.get().role == "Premier"


def test_load_stops_at_references_edited_in_admin(loaded: Write) -> None:
    person = Person.objects.get()
    person.save()
    person.references.set([Reference.objects.get(key="frus")])
    with pytest.raises(content.EditedInAdmin) as stopped:
        content.load()
    assert stopped.value.conflicts == [
        content.Conflict("documents.person", "noon", "references", "frus, letter", "frus")
    ]


def test_load_takes_an_editors_row_that_says_the_same(loaded: Write) -> None:
    person = Person.objects.get()
    person.role = "Premier"
    person.save()
    loaded("documents/people.yaml", ("role: Prime Minister", "role: Premier"))
    version = ContentVersion.current()
    report = content.load()
    assert (counts(report), ContentVersion.current()) == ({}, version)
    rows = histories()
    assert counts(content.load()) == {}
    assert histories() == rows
    assert list(person.references.order_by("key").values_list("key", flat=True)) == [
        "frus",
        "letter",
    ]
    # File and editor agreed, so that what the file says next is no conflict.
    loaded("documents/people.yaml", ("role: Prime Minister", "role: Head of government"))
    assert counts(content.load()) == {"person": {"changed": 1}}


def test_load_stops_at_rows_deleted_in_admin(loaded: Write) -> None:
    Annotation.objects.get().delete()
    with pytest.raises(content.EditedInAdmin) as stopped:
        content.load()
    assert stopped.value.conflicts == [
        content.Conflict("documents.annotation", "talk / p2 / second", "–", "present", "deleted")
    ]
    assert counts(content.load(prefer=content.Prefer.THEIRS)) == {"annotation": {"kept": 1}}
    assert counts(content.load(prefer=content.Prefer.OURS)) == {"annotation": {"added": 1}}


def test_load_theirs_leaves_out_what_belongs_to_a_deleted_row(loaded: Write) -> None:
    QuizItem.objects.get().delete()
    Quiz.objects.get().delete()
    report = content.load(prefer=content.Prefer.THEIRS)
    assert counts(report) == {"quiz": {"kept": 1}, "quizitem": {"kept": 1}}
    assert Quiz.objects.count() == 0


def test_load_after_a_correction_in_admin(loaded: Write, editor: User) -> None:
    """The file's text and note differ from the editor's: he is asked, and both ways hold."""
    passage = Passage.objects.get(key="p2")
    new = correct_text(passage=passage, text="The second paragraph ends there.", by=editor).text
    with pytest.raises(content.EditedInAdmin) as stopped:
        content.load()
    assert {(c.model, c.field) for c in stopped.value.conflicts} == {
        ("documents.passagetext", "is_current"),
        ("documents.annotation", "text"),
        ("documents.annotation", "suffix"),
    }
    content.load(prefer=content.Prefer.THEIRS)
    assert Annotation.objects.get().text == new
    content.load(prefer=content.Prefer.OURS)
    assert passage.texts.get(is_current=True).key == "1"
    assert Annotation.objects.get().text.key == "1"


# --- What leaves the files ---------------------------------------------------------------------


def test_row_that_left_the_files_is_retired(loaded: Write) -> None:
    loaded("quizzes/letter.yaml", text="[]")
    report = content.load()
    assert counts(report) == {"question": {"retired": 1}, "quiz": {"retired": 1}}
    assert Question.objects.get().status == Status.RETIRED
    # What belongs to a retired row stays with it.
    assert (Option.objects.count(), QuizItem.objects.count()) == (4, 1)
    assert counts(content.load()) == {}


def test_row_without_status_that_left_the_files_is_deleted(loaded: Write) -> None:
    before = "- model: quizzes.quizitem"
    loaded("quizzes/letter.yaml", text=QUIZ[: QUIZ.index(before)])
    assert counts(content.load()) == {"quizitem": {"removed": 1}}
    assert QuizItem.objects.count() == 0


def test_row_that_left_the_files_and_is_used_is_reported(loaded: Write, editor: User) -> None:
    """An editor's note refers to the reference that the files no longer hold."""
    person = Person(
        key="ours", slug="ours", name="Ours", role="–", certainty="accepted", status="draft"
    )
    person.save()
    person.references.add(Reference.objects.get(key="letter"))
    begin, end = (
        PEOPLE.index("- model: documents.reference", 5),
        PEOPLE.index("- model: documents.p"),
    )
    text = (PEOPLE[:begin] + PEOPLE[end:]).replace("[[frus], [letter]]", "[[frus]]")
    loaded("documents/people.yaml", text=text)
    report = content.load()
    assert counts(report) == {"person": {"changed": 1}}
    assert report.still_used == ["documents.reference [letter]"]
    assert Reference.objects.filter(key="letter").exists()


def test_rows_made_in_admin_are_never_touched(loaded: Write) -> None:
    Reference(key="mine", short="Mine", citation="Mine").save()
    assert counts(content.load()) == {}
    assert Reference.objects.filter(key="mine").exists()


def test_unique_values_may_move_along(loaded: Write) -> None:
    """A new first paragraph: the numbers after it move up, one after another."""
    text = RECORD.replace("order: 2, number: 2", "order: 3, number: 3").replace(
        "order: 1, number: 1", "order: 2, number: 2"
    )
    text += (
        "- model: documents.passage\n"
        "  fields: {document: [talk], key: p0, kind: body, order: 1, number: 1}\n"
        "- model: documents.passagetext\n"
        "  fields: {passage: [talk, p0], key: '1', text: A new beginning.}\n"
    )
    loaded("documents/record.yaml", text=text)
    assert counts(content.load()) == {
        "passage": {"added": 1, "changed": 2},
        "passagetext": {"added": 1},
    }
    assert list(Passage.objects.values_list("key", "number")) == [("p0", 1), ("p1", 2), ("p2", 3)]


def test_new_text_takes_over_and_the_old_one_stays(loaded: Write) -> None:
    text = RECORD.replace("key: '1', text: The second", "key: '2', text: The  second").replace(
        "[talk, p2, '1']", "[talk, p2, '2']"
    )
    text = text.replace("start: 4\n    end: 20", "start: 5\n    end: 21")
    loaded("documents/record.yaml", text=text)
    report = content.load()
    assert counts(report) == {
        "passagetext": {"added": 1, "removed": 1},
        "pageturn": {"added": 1, "removed": 1},
        "annotation": {"changed": 1},
    }
    note = Annotation.objects.get()
    assert (note.text.key, note.start, note.end) == ("2", 5, 21)


# --- Mistakes ----------------------------------------------------------------------------------

ITEM = "quizzes/letter.yaml: quizzes.option [who / i1]: "
NOTE = "documents/record.yaml: documents.annotation [talk / p2 / 1 / second]: "


@pytest.mark.parametrize(
    ("file", "replace", "message"),
    [
        (
            "documents/people.yaml",
            ("role:", "rôle:"),
            "documents/people.yaml: documents.person [noon]: rôle: there is no such field",
        ),
        (
            "documents/people.yaml",
            ("certainty: accepted", "certainty: sure"),
            "documents/people.yaml: documents.person [noon]: certainty: "
            "Value 'sure' is not a valid choice.",
        ),
        (
            "documents/people.yaml",
            ("[[frus], [letter]]", "[[frus], [lettre]]"),
            "documents/people.yaml: documents.person [noon]: references: "
            "there is no reference [lettre]",
        ),
        (
            "documents/record.yaml",
            ("quote: second paragraph", "quote: third paragraph"),
            NOTE + "quote: these words do not stand at 4–20 of [talk / p2 / 1], "
            "nor alone elsewhere: third paragraph",
        ),
        (
            "documents/record.yaml",
            ("certainty: documented", "certainty: ''"),
            NOTE + "certainty: Say how certain this is.",
        ),
        (
            "documents/record.yaml",
            ("text: The second", "text: Their second"),
            "documents/record.yaml: documents.passagetext [talk / p2 / 1]: "
            "text is never changed: write a new object with a new key",
        ),
        (
            "documents/record.yaml",
            ("key: p2,", "key: p1,"),
            "documents/record.yaml: documents.passage [talk / p1]: "
            "stands twice, also in documents/record.yaml",
        ),
        (
            "quizzes/letter.yaml",
            ("answer: [who, t1]", "answer: [who, t9]"),
            ITEM + "answer: there is no option [who / t9]",
        ),
        (
            "quizzes/letter.yaml",
            ("answer: [who, t1], ", ""),
            "quizzes/letter.yaml: quizzes.question [who]: "
            "Say which target of this question “first” belongs to.",
        ),
        (
            "quizzes/letter.yaml",
            ("answer: [who, t1]", "answer: 1"),
            ITEM + "answer: write the natural key as a list, not 1",
        ),
        (
            "quizzes/letter.yaml",
            ("quizzes.quizitem", "quizzes.attempt"),
            "quizzes/letter.yaml: object 7: quizzes.attempt is not content",
        ),
        (
            "quizzes/letter.yaml",
            ("quizzes.quizitem", "quizzes.quizzitem"),
            "quizzes/letter.yaml: object 7: there is no model “quizzes.quizzitem”",
        ),
    ],
)
def test_mistake_in_a_file_changes_nothing(
    loaded: Write, file: str, replace: tuple[str, str], message: str
) -> None:
    version, rows = ContentVersion.current(), histories()
    loaded(file, replace)
    if file != "documents/people.yaml":
        loaded("documents/people.yaml", ("A letter of", "One of"))
    with pytest.raises(CommandError) as refused:
        call_command("load_content")
    assert message in re.sub(r", line \d+", "", str(refused.value)).splitlines()
    assert (ContentVersion.current(), histories()) == (version, rows)
    assert Reference.objects.get(key="letter").citation == "A letter of 1958"


BOMB = "- &a [x, x]\n- &b [*a, *a]\n- [*b, *b]\n"


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"", ": there is no object in it; delete the file if that is meant"),
        (b"# nothing yet\n", ": there is no object in it; delete the file if that is meant"),
        (BOMB.encode(), ", line 1: no anchors and aliases: write it out"),
        (b"\x89PNG\r\n\x1a\n", ", line 1: this is not UTF-8"),
        (b"- model: a\n  name: caf\xe9\n", ", line 2: this is not UTF-8"),
        ("- a".encode("utf-16"), ", line 1: this is not UTF-8"),
        (b"- a\n- b\0\n", ", line 2: a character that no text may hold"),
        (b"model: a\n", ", line 1: the file is not a list of objects"),
        (b"- only words\n", ", line 1: object 1: it needs `model` and `fields`"),
        (b"[" * 50_000, ", line 1: while increasing flow level exceeded maximum nesting depth"),
        (b"- a: 1\n  a: 2\n", ", line 2: “a” stands twice"),
        (
            b"- a\n---\n- b\n",
            ", line 2: expected a single document in the stream but found another document",
        ),
        (
            b"- !!python/object/apply:os.system [ls]\n",
            ", line 1: could not determine a constructor for the tag "
            "'tag:yaml.org,2002:python/object/apply:os.system'",
        ),
        (
            b"- model: core.reference\n  fields: {key: 0123}\n",
            ", line 2: “0123” would be another number: write it in quotes",
        ),
        (b"#" * (5 * 1024**2 + 1), ": larger than 5 MB"),
    ],
)
def test_file_that_is_no_content_is_told_in_one_line(
    loaded: Write, tmp_path: Path, body: bytes, line: str
) -> None:
    version, rows = ContentVersion.current(), histories()
    (tmp_path / "documents/more.yaml").write_bytes(body)
    with pytest.raises(content.Mistake) as refused:
        content.load()
    assert refused.value.lines == [f"documents/more.yaml{line}"]
    assert (ContentVersion.current(), histories()) == (version, rows)


def test_file_that_cannot_be_opened_is_told(loaded: Write, tmp_path: Path) -> None:
    (tmp_path / "documents/folder.yaml").mkdir()
    (tmp_path / "documents/lost.yaml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(content.Mistake) as refused:
        content.read_files()
    assert refused.value.lines == [
        "documents/folder.yaml: Is a directory",
        "documents/lost.yaml: No such file or directory",
    ]
    with pytest.raises(content.Mistake):
        content.load()


def test_file_of_many_mistakes_tells_the_first_of_them(loaded: Write, tmp_path: Path) -> None:
    (tmp_path / "documents/more.yaml").write_text("- wrong\n" * 1_000)
    with pytest.raises(content.Mistake) as refused:
        content.load()
    assert len(refused.value.lines) == 50


@pytest.mark.parametrize(
    ("file", "replace", "line"),
    [
        (
            "documents/people.yaml",
            ("key: noon", "key: Noon"),
            "documents.person [Noon]: there is “noon”, which differs in capitals or spaces only",
        ),
        (
            "documents/people.yaml",
            ("key: noon", "key: 'noon '"),
            "documents.person [noon ]: there is “noon”, which differs in capitals or spaces only",
        ),
        (
            "documents/people.yaml",
            ("[[frus], [letter]]", "[[Frus], [letter]]"),
            "documents.person [noon]: references: there is no reference [Frus]",
        ),
        (
            "documents/people.yaml",
            ("role: Prime Minister", "role: No"),
            "documents.person [noon]: role: False is no text: write it in quotes",
        ),
        (
            "documents/people.yaml",
            ("role: Prime Minister", "role: [a, b]"),
            "documents.person [noon]: role: ['a', 'b'] is no text: write it in quotes",
        ),
        (
            "documents/record.yaml",
            ("order: 2, number: 2", "order: soon, number: 2"),
            "documents.passage [talk / p2]: order: “soon” value must be an integer.",
        ),
    ],
)
def test_value_that_is_not_meant_is_told(
    loaded: Write, file: str, replace: tuple[str, str], line: str
) -> None:
    rows = histories()
    loaded(file, replace)
    with pytest.raises(content.Mistake) as refused:
        content.load()
    assert f"{file}: {line}" in [re.sub(r", line \d+", "", said) for said in refused.value.lines]
    assert histories() == rows


def test_options_that_answer_each_other_are_a_mistake(loaded: Write) -> None:
    rows = histories()
    loaded(
        "quizzes/letter.yaml",
        text=FILES["quizzes/letter.yaml"]
        + """
- model: quizzes.option
  fields: {question: [who], key: i8, role: item, label: egg, answer: [who, i9]}
- model: quizzes.option
  fields: {question: [who], key: i9, role: item, label: hen, answer: [who, i8]}
""",
    )
    with pytest.raises(content.Mistake) as refused:
        content.load()
    told = [re.sub(r", line \d+", "", line) for line in refused.value.lines]
    assert told == [
        "quizzes/letter.yaml: quizzes.option [who / i8]: refers to itself",
        "quizzes/letter.yaml: quizzes.option [who / i9]: refers to itself",
    ]
    assert histories() == rows


def test_constraint_of_the_database_names_the_object(loaded: Write) -> None:
    loaded("documents/record.yaml", ("order: 2, number: 2", "order: 2, number: 1"))
    rows = histories()
    with pytest.raises(content.Mistake) as refused:
        content.load()
    (line,) = refused.value.lines
    assert line.startswith("documents/record.yaml, line 8: documents.passage [talk / p2]: ")
    assert histories() == rows


def test_words_that_stand_elsewhere_are_found(loaded: Write) -> None:
    loaded(
        "documents/record.yaml",
        (
            "quote: second paragraph\n    start: 4\n    end: 20",
            "quote: The second paragraph ends\n    start: 4\n    end: 36",
        ),
    )
    content.load()
    note = Annotation.objects.get()
    assert (note.start, note.end, note.quote) == (0, 25, "The second paragraph ends")


def test_no_files_is_a_mistake(tmp_path: Path, settings: Any) -> None:
    settings.FIXTURE_DIRS = [tmp_path]
    with pytest.raises(content.Mistake) as refused:
        content.load()
    assert refused.value.lines == [f"No files of content in {tmp_path}."]


def test_command_reports_in_plain_words(loaded: Write, capsys: pytest.CaptureFixture[str]) -> None:
    loaded("documents/people.yaml", ("A letter of", "One of"))
    call_command("load_content")
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["references: 1 changed, 1 unchanged", "people: 1 unchanged"]
    call_command("load_content")
    assert capsys.readouterr().out.splitlines()[-1] == "Nothing changed."


def test_command_lists_what_editors_changed(edited: Write) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("load_content")
    assert str(refused.value).splitlines()[-1] == (
        "documents.person [noon] role: in the files Premier, in admin Head of government"
    )
    call_command("load_content", "--theirs", verbosity=0)
    assert Person.objects.get().role == "Head of government"


def test_shipped_content_is_loaded() -> None:
    """What the test database was filled with is what the files say."""
    assert content.content_is_current()
    assert counts(content.load()) == {}
