"""Files that cannot be right: one sentence with file, line and reason, and nothing changes."""

# ruff: noqa: E501  # each case on its line

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from lessons.core.models import ContentVersion
from tests.core.test_content import Write, histories, loaded, write

__all__ = ["loaded", "write"]
pytestmark = pytest.mark.django_db

TERM = """- model: documents.term
  fields:
    key: pact
    slug: pact
    term: Pact
    definition: A treaty.
    certainty: accepted
"""
NEST = "[" * 5000
BOMB = "a: &a [x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)
)


def term(**changed: str) -> str:
    text = TERM
    for name, value in changed.items():
        lines = [line for line in text.split("\n") if not line.startswith(f"    {name}:")]
        text = "\n".join([*lines[:-1], f"    {name}: {value}", ""])
    return text


MISTAKES: list[tuple[str, bytes | str, str]] = [
    ("a bracket left open", "- model: [documents.term\n", "line 2: "),
    ("a tab for spaces", "- model: documents.term\n\tfields: {}\n", "line 2: "),
    (
        "a mapping",
        "model: documents.term\nfields: {}\n",
        "line 1: the file is not a list of objects",
    ),
    ("words", "just words\n", "line 1: the file is not a list of objects"),
    ("a name twice", TERM + "    term: Again\n", "line 8: “term” stands twice"),
    ("a bomb", BOMB, "line 1: the file is not a list of objects"),
    (
        "a bomb in a list",
        "- model: documents.term\n  fields:\n" + "".join(f"    {x}\n" for x in BOMB.split("\n")),
        "no anchors and aliases: write it out",
    ),
    ("an alias of itself", "- &a [*a]\n", "line 1: no anchors and aliases: write it out"),
    ("a nest", f"- {NEST}\n", "exceeded maximum nesting depth"),
    ("another language's object", "- !!python/object:os.system {}\n", "line 1: "),
    ("a date that is none", term(known_from="1958-13-45"), "line 8: month must be in 1..12"),
    ("a number of many digits", term(known_from="9" * 5000), "line 8: Exceeds the limit"),
    ("a huge number", term(known_from="9" * 30), "documents.term [pact]: known_from: "),
    ("a NUL", (TERM + "# \0\n").encode(), "line 8: a character that no text may hold"),
    (
        "an escaped NUL",
        term(term='"a\\0b"'),
        "object 1: it holds a character that no text may hold",
    ),
    (
        "half a character",
        term(term='"\\ud800"'),
        "line 7: while parsing a quoted scalar found invalid",
    ),
    (
        "another encoding",
        TERM.replace("Pact", "Päct").encode("latin-1"),
        "line 5: this is not UTF-8",
    ),
    ("UTF-16", TERM.encode("utf-16"), "line 1: this is not UTF-8"),
    ("an unknown model", TERM.replace(".term", ".tern"), "object 1: there is no model"),
    ("no model", TERM.replace("documents.term", "'5'"), "object 1: there is no model “5”"),
    (
        "another's model",
        TERM.replace("documents.term", "accounts.user"),
        "accounts.user is not content",
    ),
    (
        "an unknown field",
        term(colour="red"),
        "line 1: documents.term [pact]: colour: there is no such",
    ),
    (
        "a field of the database's",
        term(id="7"),
        "documents.term [pact]: id: this field cannot be given",
    ),
    ("a name that is a number", TERM + "    7: x\n", "object 1: names of fields are words"),
    ("a word beside fields", TERM + "  colour: red\n", "“colour” belongs under `fields`"),
    ("a pk", TERM + "  pk: 7\n", "content is known by its key, never by a `pk`"),
    (
        "fields that are a list",
        "- model: documents.term\n  fields: [a]\n",
        "it needs `model` and `fields`",
    ),
    ("an object that is a word", "- documents.term\n", "object 1: it needs `model` and `fields`"),
    ("no key", TERM.replace("    key: pact\n", ""), "documents.term [?]: it has no key"),
    ("a key of two words", term(key="two words"), "documents.term [two words]: key: "),
    (
        "a list where a word belongs",
        term(certainty="[accepted]"),
        "documents.term [pact]: certainty: ",
    ),
    (
        "a mapping where a date belongs",
        term(known_from="{a: b}"),
        "documents.term [pact]: known_from: ",
    ),
    (
        "a word where a list belongs",
        term(references="frus"),
        "references: write a list of natural keys",
    ),
    (
        "a key of too few parts",
        term(references="[frus]"),
        "write the natural key as a list, not frus",
    ),
    (
        "a key that is not there",
        term(references="[[gone]]"),
        "references: there is no reference [gone]",
    ),
    ("one key twice", TERM + TERM, "line 8: documents.term [pact]: stands twice"),
    ("no words", term(term="''"), "documents.term [pact]: term: This field cannot be blank."),
    (
        "a parent that is not there",
        "- model: documents.passage\n  fields: {document: [gone], key: p1, kind: body, order: 1, number: 1}\n",
        "documents.passage [gone / p1]: there is no document [gone]",
    ),
    (
        "no parent",
        "- model: documents.passage\n  fields: {key: p1, kind: body, order: 1, number: 1}\n",
        "documents.passage [p1]: This field is required.",
    ),
    (
        "a question without a key",
        "- model: quizzes.question\n  fields: {key: q, status: published, kind: single, prompt: Why?, "
        "skill: sourcing, hint: h, explanation: e}\n",
        "line 1: quizzes.question [q]: ",
    ),
]


@pytest.mark.parametrize(
    ("text", "message"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES]
)
def test_a_mistake_is_told_and_changes_nothing(
    loaded: Write, tmp_path: Path, text: bytes | str, message: str
) -> None:
    version, rows = ContentVersion.current(), histories()
    loaded("documents/people.yaml", ("A letter of", "One of"))  # right, and not taken either
    (tmp_path / "documents/odd.yaml").write_bytes(
        text if isinstance(text, bytes) else text.encode()
    )
    with pytest.raises(CommandError) as refused:
        call_command("load_content")
    first, *lines = str(refused.value).splitlines()
    assert first == "Nothing was loaded."
    assert all(line.startswith("documents/odd.yaml") for line in lines), lines
    assert any(message in line for line in lines), lines
    assert (ContentVersion.current(), histories()) == (version, rows)


def test_a_file_may_hold_an_empty_list(loaded: Write, tmp_path: Path) -> None:
    (tmp_path / "documents/odd.yaml").write_text("[]\n")
    rows = histories()
    call_command("load_content", verbosity=0)
    assert histories() == rows


@pytest.mark.parametrize("text", ["", "# only a remark\n", "null\n", "---\n"])
def test_an_empty_file_is_a_slip(loaded: Write, tmp_path: Path, text: str) -> None:
    (tmp_path / "documents/odd.yaml").write_text(text)
    rows = histories()
    with pytest.raises(CommandError, match=r"odd.yaml: there is no object in it"):
        call_command("load_content", verbosity=0)
    assert histories() == rows


def test_shipped_files_are_loaded_twice_without_a_trace() -> None:
    version, rows = ContentVersion.current(), histories()
    call_command("load_content", verbosity=0)
    call_command("load_content", verbosity=0)
    assert (ContentVersion.current(), histories()) == (version, rows)
