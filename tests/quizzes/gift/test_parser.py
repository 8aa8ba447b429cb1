"""GIFT is read as its author meant it; what is broken is named and costs nothing but itself."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.quizzes.gift.parser import MOST_PARTS, TooLong, parse
from lessons.quizzes.gift.syntax import (
    Answer,
    Bank,
    Broken,
    Category,
    Choices,
    Comment,
    Description,
    Essay,
    GiftQuestion,
    Matching,
    Numerical,
    Pair,
    Short,
    Trouble,
    TrueFalse,
    Words,
)
from lessons.quizzes.gift.writer import write

from .trees import descriptions, questions


def one(text: str) -> GiftQuestion:
    (part,) = parse(text).parts
    assert isinstance(part, GiftQuestion)
    return part


def right(text: str, feedback: str = "") -> Answer:
    return Answer(Words(text), Decimal(100), Words(feedback) if feedback else None)


def wrong(text: str, weight: str = "0") -> Answer:
    return Answer(Words(text), Decimal(weight), None, right=False)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("Who spoke?{=Khrushchev ~Hussein}", Choices((right("Khrushchev"), wrong("Hussein")))),
        ("Who?{~%50%A ~%50%B ~%-9%C}", Choices(
            (wrong("A", "50"), wrong("B", "50"), wrong("C", "-9"))
        )),
        ("Who?{~A ~=B}", Choices((wrong("A"), right("B")))),
        ("Moscow is a city.{T}", TrueFalse(True)),
        ("It rained.{FALSE#No.#Yes.}", TrueFalse(False, Words("No."), Words("Yes."))),
        ("Who?{=Hussein#Yes. =%50%H}", Short(
            (right("Hussein", "Yes."), Answer(Words("H"), Decimal(50)))
        )),
        ("Where?{Moscow}", Short((right("Moscow"),))),
        ("Year?{#1958:2}", Numerical((right("1958:2"),))),
        ("Year?{#1955..1958}", Numerical((right("1955..1958"),))),
        ("Year?{#=1958:0#Yes. =%50%1958:2 ~#No.}", Numerical(
            (right("1958:0", "Yes."), Answer(Words("1958:2"), Decimal(50))), Words("No.")
        )),
        ("Match.{=a -> b =c->d = -> e}", Matching(
            (Pair(Words("a"), "b"), Pair(Words("c"), "d"), Pair(None, "e"))
        )),
        ("Why?{}", Essay()),
        ("Why?{####Because.}", Essay()),
        ("Now read the letter.", Description()),
        ("Make tea.{=boil#a -> b =pour}", Short((right("boil", "a -> b"), right("pour")))),
    ],
)  # fmt: skip
def test_kind_is_read(text: str, body: object) -> None:
    assert one(text).body == body


def test_missing_word_keeps_what_is_around_it() -> None:
    question = one("Pakistan joined {=SEATO =CENTO} in 1954.")
    assert (question.stem, question.after) == (Words("Pakistan joined "), " in 1954.")


def test_title_formats_marks_and_feedback_are_read() -> None:
    question = one(
        "// [id:air-1] [tag:sourcing] [tag:year 9]\n"
        "::The air\\: route::[html]<b>Why</b>?{\n=[plain]so#[markdown]*good*\n~not\n####Read on.\n}"
    )
    assert (question.title, question.id, question.tags) == (
        "The air: route",
        "air-1",
        ("sourcing", "year 9"),
    )
    assert question.stem == Words("<b>Why</b>?", "html")
    assert question.feedback == Words("Read on.", "html")
    assert question.body == Choices(
        (
            Answer(Words("so", "plain"), Decimal(100), Words("*good*", "markdown")),
            Answer(Words("not", "html"), Decimal(0), None, right=False),
        )
    )


def test_escapes_are_undone_and_other_backslashes_stay() -> None:
    assert one(r"\~ \= \# \{ \} \: \\ a\nb C:\temp \frac{}").stem.text == (
        "~ = # { } : \\ a\nb C:\\temp \\frac"
    )


def test_windows_lines_and_a_byte_order_mark_change_nothing() -> None:
    text = "::A::One?{=a ~b}\n\n// note\n\nTwo?{T}\n"
    assert parse("\ufeff" + text.replace("\n", "\r\n")) == parse(text)


def test_categories_and_comments_are_named_with_their_lines() -> None:
    bank = parse("// by hand\n\n$CATEGORY: a/b\nOne?{T}\n// in between\n\n\nTwo?{F}\n")
    assert list(bank.categories) == [Category(3, "a/b")]
    assert list(bank.comments) == [Comment(1, "// by hand"), Comment(5, "// in between")]
    assert [(q.place.line, q.category) for q in bank.questions] == [(4, "a/b"), (8, "a/b")]


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("Bad?{=a ~b", Trouble.UNCLOSED),
        ("Bad } brace", Trouble.STRAY_BRACE),
        ("Bad?{=a {x} ~b}", Trouble.NESTED_BRACE),
        ("{=1} atom and {=2} atoms", Trouble.TWO_SECTIONS),
        ("Year?{#about 1958}", Trouble.NO_NUMBER),
        ("Year?{#}", Trouble.NO_NUMBER),
        ("Match.{=a -> b =c}", Trouble.NO_PAIR),
        ("Match.{=a -> }", Trouble.NO_PAIR),
        ("Who?{=a ~}", Trouble.NO_ANSWER),
        ("Who?{" + "~x" * 101 + "}", Trouble.TOO_MANY_ANSWERS),
        ("::Only a title::", Trouble.EMPTY),
    ],
)
def test_broken_question_between_good_ones_costs_only_itself(text: str, trouble: Trouble) -> None:
    bank = parse(f"One?{{T}}\n\n{text}\n\nThree?{{F}}\n")
    assert [type(part) for part in bank.parts] == [GiftQuestion, Broken, GiftQuestion]
    (broken,) = bank.broken
    assert (broken.trouble, broken.place.line, broken.place.source) == (trouble, 3, text)


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("One?{\n=a\n\n~b\n\n~c\n}\n\nTwo?{T}", Trouble.BLANK_LINE_INSIDE),
        ("One?{=a ~b}\nTwo\nis?{T}", Trouble.NO_BLANK_LINE),
        ("One?{=a ~b}\n::2::Two?{T}", Trouble.NO_BLANK_LINE),
    ],
)
def test_what_has_one_meaning_only_is_understood_and_said(text: str, trouble: Trouble) -> None:
    first, second = parse(text).questions
    assert trouble in first.oddities + second.oddities
    assert second.body == TrueFalse(True)


@pytest.mark.parametrize(
    "text",
    [
        "::The air route\n::[html]Why?{=a ~b}",
        "::The air route\n// by hand\n::Why?{=a ~b}",
        "::The\nair route::Why?{=a ~b}",
    ],
)
def test_title_may_go_over_lines(text: str) -> None:
    (question,) = parse(text).questions
    assert (question.title, question.stem.text) == ("The air route", "Why?")
    assert question.oddities == ()


def test_title_left_open_does_not_swallow_the_next_question() -> None:
    first, second = parse("::One: who?\n::Two::Which?{=a ~b}").questions
    assert (first.stem.text, second.title) == ("One: who?", "Two")


@pytest.mark.parametrize(
    ("before", "after"),
    [("```c", "```"), ("[html]<pre>", "</pre>"), ("<PRE >", "x</PRE>")],
)
def test_code_of_a_question_keeps_its_blank_lines_comments_and_indents(
    before: str, after: str
) -> None:
    code = "if a \\{\n\n    // said\n    b()\n\\}"
    (question, other) = parse(f"Run?\n{before}\n{code}\n{after}\n{{=a ~b}}\n\nB?{{T}}").questions
    assert "if a {\n\n    // said\n    b()\n}" in question.stem.text
    assert question.oddities == (Trouble.CODE,)
    assert other.oddities == ()


def test_code_that_never_ends_ends_with_its_question() -> None:
    bank = parse("See <pre>\n// a comment\nA?{=a ~b}\n\n```\n\n::B::B?{T}")
    assert [question.stem.text for question in bank.questions] == ["See <pre>\nA?", "```", "B?"]
    assert [comment.text for comment in bank.comments] == ["// a comment"]


@pytest.mark.parametrize(
    ("answers", "odd"),
    [
        ("=header=True\n~b", True),
        ("=a\n~y = 2x", True),
        ("=a\n~x >= 5", True),
        ("=a\n~b#since x=5", True),
        ("= a\n~ b", False),
        ("=2 =Q2 =two\n", False),
        ("=a\n~=b\n~c", False),
        ("=%50%a\n=\\=b\n", False),
        ("=a~b=c", False),
    ],
)
def test_sign_within_words_is_said(answers: str, odd: bool) -> None:
    (question,) = parse(f"Who?{{\n{answers}\n}}").questions
    assert (Trouble.SIGN_INSIDE in question.oddities) is odd


@given(questions)
def test_what_is_written_is_read_back(question: GiftQuestion) -> None:
    assert parse(write([question])) == Bank((question,))


@given(st.lists(questions | descriptions, max_size=4))
def test_a_whole_bank_is_read_back(bank: list[GiftQuestion]) -> None:
    text = write(bank, header=["By us"])
    read = parse(text)
    assert list(read.questions) == bank
    assert write(read.questions, header=["By us"]) == text


@given(st.text(alphabet="ab{}=~#:\\%/-> \n$[]T") | st.text())
def test_no_line_of_any_text_is_lost(text: str) -> None:
    """Every word of the text stands in the source of a part, in a comment or in a category."""
    bank = parse(text)
    kept: list[str] = []
    for part in bank.parts:
        if isinstance(part, Comment):
            kept.append(part.text)
        elif isinstance(part, Category):
            kept.append(f"$CATEGORY:{part.path}")
        else:
            kept.append(part.place.source)
    whole = parse.__globals__["UNPRINTABLE"].sub(" ", text.removeprefix("\ufeff"))
    wanted = {
        line for raw in whole.replace("\r", "\n").split("\n") if (line := "".join(raw.split()))
    }
    lines = {"".join(line.split()) for source in kept for line in source.split("\n")}
    assert wanted <= lines


@pytest.mark.parametrize(
    "unit",
    [
        *["{", "\\", "{}", "~", "::", "{a\n\nb\n\n", "x\n\n{", "<!--", "\r"],
        *["<pre>\n\n", "```\n\n", "<pre>\n//\n"],
    ],
)
def test_hostile_text_is_read_to_its_end(unit: str) -> None:
    try:
        assert len(parse(unit * 20_000).parts) <= MOST_PARTS
    except TooLong:
        assert "\n\n" in unit or "//" in unit


def test_bank_of_too_many_parts_is_refused() -> None:
    with pytest.raises(TooLong):
        parse("a{T}\n\n" * (MOST_PARTS + 1))
