"""Whatever a bank says is kept with its words, keys, weights and feedback, or is said."""

import html
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lessons.core.markdown import to_words
from lessons.core.models import ContentVersion
from lessons.quizzes.gift.markup import escaped
from lessons.quizzes.gift.parser import parse
from lessons.quizzes.gift.plans import Plan, Refused, plans_of
from lessons.quizzes.gift.saving import BankRefused, decoded, entries_of, read, save_plans
from lessons.quizzes.gift.syntax import (
    Answer,
    Choices,
    Description,
    Essay,
    GiftQuestion,
    Matching,
    Numerical,
    Pair,
    Short,
    TrueFalse,
    Words,
)
from lessons.quizzes.gift.writer import write
from lessons.quizzes.models import AcceptedAnswer, Level, Option, Question

FORMATS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "html": html.escape,
    "moodle": html.escape,
    "markdown": escaped,
}
"""How words are written in each format."""

said = st.text(alphabet="aB2é Я~=#{}:\\%[]_*<>&-/$.'\"", min_size=1, max_size=12).map(
    lambda text: " ".join(f"x{text}x".split())
)
words = st.builds(
    lambda text, name: Words(FORMATS[name](text), name), said, st.sampled_from([*FORMATS])
)
weights = st.sampled_from([Decimal(n) for n in ("100", "50", "33.33333", "0", "-25")])
answer = st.builds(Answer, words, weights, st.none() | words, st.booleans())
choices = st.lists(answer, min_size=2, max_size=4).filter(
    lambda answers: any(not one.right for one in answers)
)
short = st.builds(
    Answer,
    said.filter(lambda text: "->" not in text and "*" not in text).map(
        lambda text: Words(text, "plain")
    ),
    weights,
    st.none() | words,
)
bodies = st.one_of(
    st.builds(Choices, choices.map(tuple)),
    st.builds(Short, st.lists(short, min_size=1, max_size=3).map(tuple)),
    st.builds(
        Matching,
        st.lists(
            st.builds(Pair, words.filter(lambda one: "->" not in one.text), said),
            min_size=2,
            max_size=3,
        ).map(tuple),
    ),
    st.builds(TrueFalse, st.booleans(), st.none() | words, st.none() | words),
    st.builds(
        Numerical,
        st.sampled_from(["3", "1958:1", "1..3", "2.5:0.1"]).map(lambda n: (Answer(Words(n)),)),
        st.none() | words,
    ),
    st.just(Essay()),
    st.just(Description()),
)
questions = st.builds(
    GiftQuestion,
    stem=words,
    body=bodies,
    title=st.just("") | said,
    tags=st.lists(st.sampled_from(["sourcing", "year 9"]), max_size=2, unique=True).map(tuple),
    feedback=st.none() | words,
)


def shown(text: str | None) -> str:
    return to_words(text or "")


def meant(one: Words | None) -> str:
    """The words that were written, whatever the format."""
    if one is None:
        return ""
    if one.format in ("html", "moodle"):
        return html.unescape(one.text)
    return to_words(one.text) if one.format == "markdown" else one.text


def letters(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def account(question: GiftQuestion, plan: Plan) -> None:
    """Every part of the question is in the plan, or in what is said of it."""
    remarks = " ".join(plan.remarks)
    assert shown(plan.prompt) == meant(question.stem)
    assert shown(plan.explanation) == meant(question.feedback)
    if "Я" in question.title and letters(question.title) not in letters(shown(plan.prompt)):
        assert f"“{question.title}”" in remarks
    assert plan.skill == ("sourcing" if "sourcing" in question.tags else "")
    assert ("year 9" in remarks) == ("year 9" in question.tags)
    match question.body:
        case Choices(answers):
            assert [(shown(o.label), shown(o.feedback)) for o in plan.options] == [
                (meant(one.text), meant(one.feedback)) for one in answers
            ]
            right = [one.right for one in answers]
            if plan.kind == "single":
                assert [option.is_key for option in plan.options] == right
                odd = [one.weight != (100 if one.right else 0) for one in answers]
            else:
                assert not any(right)
                assert [option.is_key for option in plan.options] == [
                    one.weight > 0 for one in answers
                ]
                n, m = (sum(o.is_key is key for o in plan.options) for key in (True, False))
                odd = [
                    abs(one.weight - (Decimal(100) / n if o.is_key else -Decimal(100) / m)) > 1
                    for one, o in zip(answers, plan.options, strict=True)
                ]
            for option, is_odd in zip(plan.options, odd, strict=True):
                assert not is_odd or f"“{option.label}”" in remarks
        case Short(answers):
            assert [(row.answer, row.score, shown(row.feedback)) for row in plan.accepted] == [
                (one.text.text, (one.weight / 100).quantize(Decimal("0.001")), meant(one.feedback))
                for one in answers
            ]
        case Matching(pairs):
            assert [
                (shown(o.label), shown(plan.options[o.target].label))
                for o in plan.options
                if o.target is not None
            ] == [
                # Targets have no format of their own: in our export they are Markdown.
                (
                    meant(p.item),
                    to_words(p.target) if question.stem.format == "markdown" else p.target,
                )
                for p in pairs
            ]
        case TrueFalse(value, if_wrong, if_right):
            for option, is_true in zip(plan.options, (True, False), strict=True):
                assert option.is_key is (is_true is value)
                assert shown(option.feedback) == meant(if_right if option.is_key else if_wrong)
        case Numerical(answers, otherwise):
            assert [row.answer for row in plan.accepted] == {
                "3": ["3"],
                "1958:1": ["1957", "1958", "1959"],
                "1..3": ["1", "2", "3"],
            }[answers[0].text.text]
            assert not otherwise or "wrong number" in remarks
        case Essay():
            assert plan.kind == "open"


@given(questions)
def test_every_part_of_a_question_is_kept_or_said(question: GiftQuestion) -> None:
    (plan,) = plans_of(parse(write([question])))
    if isinstance(plan, Refused):
        negative = isinstance(question.body, Short) and any(
            a.weight < 0 for a in question.body.answers
        )
        ranged = isinstance(question.body, Numerical)
        assert negative or ranged or isinstance(question.body, Description)
        assert plan.reason
    else:
        account(question, plan)


@given(st.text(alphabet="ab{}=~#:\\%/-> \n$[]T1.", max_size=60))
def test_what_is_read_and_written_is_read_alike(text: str) -> None:
    once = write(parse(text).questions)
    assert write(parse(once).questions) == once


# --- Saved whole or not at all ----------------------------------------------------------------

BANK = """$CATEGORY: $course$/top

// question: 1  name: one
// [id:one] [tag:sourcing]
::One::[html]<p>Who <b>spoke</b>?</p>{
\t=<p>Khrushchev</p>#Yes.
\t~%-50%Hussein
\t####General \\: words
}

::Two::Which?{~%50%a ~%50%b ~%-100%c}

::Three::Who?{=a -> X =b -> Y}

::Four::Year?{#=1958:1#Yes. ~#No.}

::Five::[markdown]```\nx \\= \\{\\}\n\n// y\n```{}

Six {=SEATO =%50%CENTO} seven
"""

pieces = st.sampled_from(
    [*"{}=~#:\\%/->\n", "::", "####", "\n\n", "//", "%50%", "[html]", "<pre>", "\ufeff"]
)


@st.composite
def mutated(draw: Any) -> str:
    """The bank with some of it cut out, doubled, or put in."""
    text = BANK
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(text)))
        to = min(len(text), at + draw(st.integers(0, 20)))
        text = text[:at] + draw(st.sampled_from(["", text[at:to] * 2]) | pieces) + text[to:]
    return text


def rows() -> tuple[int, ...]:
    models: list[Any] = [Question, Option, AcceptedAnswer, Level]
    return tuple(n for model in models for n in (model.objects.count(), model.history.count()))


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(mutated() | st.text(max_size=80))
def test_any_bank_is_saved_whole_or_not_at_all(text: str) -> None:
    before, version = rows(), ContentVersion.current()
    try:
        _bank, plans = read(decoded(text.encode()))
    except BankRefused:
        return
    entries = entries_of(plans)
    taken = [entry.plan for entry in entries if entry.plan and entry.can_be_taken]
    made = save_plans(taken, by=None, skill="claim-and-evidence", reason="GIFT: x")
    assert len(made) == len(taken)
    kept = [len(taken), sum(len(p.options) for p in taken), sum(len(p.accepted) for p in taken)]
    kept.append(3 * sum(plan.kind == "open" for plan in taken))
    after = [old + n for old, n in zip(before, [n for n in kept for _ in "rh"], strict=True)]
    assert (list(rows()), ContentVersion.current()) == (after, version + bool(made))
    assert save_plans(taken, by=None, skill="sourcing") == []
    Question.objects.filter(pk__in=[question.pk for question in made]).delete()
