"""What maps to our kinds maps exactly; what does not is said in words."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.quizzes.gift.parser import parse
from lessons.quizzes.gift.plans import (
    AcceptedPlan,
    FreeKeys,
    OptionPlan,
    Plan,
    Refused,
    counted,
    plans_of,
    proposed_key,
)
from lessons.quizzes.gift.rows import to_do, unsaved
from lessons.quizzes.gift.writer import write

from .trees import questions


def plan_of(text: str) -> Plan:
    (plan,) = plans_of(parse(text))
    assert isinstance(plan, Plan), plan
    return plan


def test_single_choice_keeps_right_wrong_and_feedback() -> None:
    plan = plan_of("::Who::Who spoke?{=Khrushchev#Yes. ~Hussein#He wrote. ~Nehru####He did.}")
    assert (plan.kind, plan.prompt, plan.key, plan.explanation) == (
        "single",
        "Who spoke?",
        "who",
        "He did.",
    )
    assert plan.options == (
        OptionPlan("Khrushchev", is_key=True, feedback="Yes."),
        OptionPlan("Hussein", feedback="He wrote."),
        OptionPlan("Nehru"),
    )
    assert plan.is_understood


def test_weights_like_ours_are_understood() -> None:
    plan = plan_of("Which?{~%50%a ~%50%b ~%-50%c ~%-50%d}")
    assert (plan.kind, [o.is_key for o in plan.options]) == ("multiple", [True, True, False, False])
    assert plan.is_understood


def test_thirds_are_understood_however_written() -> None:
    plan = plan_of("Which?{~%33.3%a ~%33%b ~%33.33333%c ~%-100%d}")
    assert plan.is_understood


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("Which?{~%50%a ~%50%b ~c}", "“c” counts 0 % in the bank and -100 % here."),
        (
            "Which?{~%50%a ~%50%b ~c ~d}",
            "“c”, “d” count 0 % each in the bank and -50 % here.",
        ),
        ("::Вопрос 1::Who?{=a ~b}", "Its title “Вопрос 1” is not kept; its key is “1”."),
        ("::One::{=a ~b}", "It has no words but its title, which is the question here."),
        ("Year?{#1958:2}", "Of the range 1958:2 the whole numbers are right: 1956 to 1960."),
        ("Which?{~%75%a ~%25%b ~%-100%c}", "“a” counts 75 % in the bank and 50 % here."),
        (
            "Which?{=a ~%50%b ~c}",
            "“b” is worth 50 % in the bank; here a choice is right or wrong.",
        ),
        ("Who?{=*a* b}", "“*a* b”: a * for any words is known here only around the whole answer."),
        ("Which?{=a =%0%*#No!}", "What is said to any other answer is not kept: “No!”."),
        ("Year?{#1958}", "A number is compared here as it is written: 3 and 3.0 are two answers."),
        (
            "[html]<img src\\=x>Which?{=a ~b}",
            "A picture is not kept; its words or its file's name stand in its place.",
        ),
        ("// [tag:year 9]\nWhich?{=a ~b}", "These tags are not kept: year 9."),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_said(text: str, remark: str) -> None:
    assert remark in plan_of(text).remarks


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Pi?{#3:0.1}", "Numbers within a range (3:0.1) are asked by no kind of question here."),
        ("Read this.", "This is a text without a question; a lesson's step would hold it."),
        ("Which?{=%120%a}", "“a” is worth 120 %; here it can be from 0 to 100."),
        (
            "Which?{=" + "a" * 201 + "}",
            f"An accepted answer is longer than 200 characters: “{'a' * 40}…”.",
        ),
        ("Who?{~[html]<img> =b}", "An answer holds nothing that can be kept: a picture, perhaps."),
        ("Which?{=a", "The brace { is never closed before the next blank line."),
    ],
)  # fmt: skip
def test_what_cannot_be_a_question_is_named_with_its_line(text: str, reason: str) -> None:
    (refused,) = plans_of(parse("\n\n" + text))
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.place.line) == (reason, 3)


def test_true_or_false_gives_each_answer_its_feedback() -> None:
    plan = plan_of("It rained.{F#It did not.#Rightly seen.}")
    assert plan.options == (
        OptionPlan("True", feedback="It did not."),
        OptionPlan("False", is_key=True, feedback="Rightly seen."),
    )


def test_short_answers_keep_what_they_are_worth() -> None:
    plan = plan_of("Where?{=Moscow =%33.3%Russia#Nearer. =*the Kremlin* =a\\\\*b}")
    assert plan.accepted == (
        AcceptedPlan("Moscow", "whole", Decimal(1), ""),
        AcceptedPlan("Russia", "whole", Decimal("0.333"), "Nearer."),
        AcceptedPlan("the Kremlin", "contains", Decimal(1), ""),
        AcceptedPlan("a*b", "whole", Decimal(1), ""),
    )
    assert plan.is_understood


def test_year_within_some_years_is_a_list_of_years() -> None:
    plan = plan_of("Year?{#\n=1958:0#Yes.\n=%50%1957..1959#Nearly.\n}")
    assert (plan.kind, plan.accepted) == (
        "short",
        (
            AcceptedPlan("1958", "whole", Decimal(1), "Yes."),
            AcceptedPlan("1957", "whole", Decimal("0.5"), "Nearly."),
            AcceptedPlan("1959", "whole", Decimal("0.5"), "Nearly."),
        ),
    )


@pytest.mark.parametrize("spec", ["1..9e999", "5..1", "1:-1", "0:60", "1.5..2.5", "-9e99:9e99"])
def test_range_that_is_no_list_of_numbers_is_refused(spec: str) -> None:
    (refused,) = plans_of(parse(f"How many?{{#{spec}}}"))
    assert isinstance(refused, Refused)
    assert refused.reason.startswith(f"Numbers within a range ({spec}) are asked by no kind")


def test_matching_keeps_pairs_shared_targets_and_targets_of_nothing() -> None:
    plan = plan_of("Who?{=a -> X =b -> Y =c -> X = -> Z}")
    assert [(o.label, o.role, o.target) for o in plan.options] == [
        ("a", "item", 3),
        ("b", "item", 4),
        ("c", "item", 3),
        ("X", "target", None),
        ("Y", "target", None),
        ("Z", "target", None),
    ]


def test_missing_word_leaves_a_gap() -> None:
    assert plan_of("Pakistan joined {=SEATO} in 1954.").prompt == "Pakistan joined _____ in 1954."
    assert plan_of("un{=known}s").prompt == r"un\_\_\_\_\_s"


def test_essay_comes_with_a_rubric_to_fill() -> None:
    question = unsaved(plan_of("Why?{}"))
    assert question.kind == "open"
    assert to_do(question) == [
        "Write what a strong answer might mention.",
        "Write a sample answer for “not yet” of “The answer”.",
        "Write a sample answer for “in part” of “The answer”.",
        "Write a sample answer for “fully” of “The answer”.",
        "Write a hint.",
        "Write the explanation.",
        "Choose the sentence of a document that it is about.",
    ]


def test_what_is_missing_is_a_list_of_things_to_do() -> None:
    assert sorted(to_do(unsaved(plan_of("Rain?{T####So it was.}")))) == [
        "Choose the sentence of a document that it is about.",
        "Give it from 3 to 6 options; it has 2.",
        "Write a hint.",
        "Write feedback for “False”.",
        "Write feedback for “True”.",
    ]


def test_key_comes_from_the_id_else_the_title_else_the_words() -> None:
    assert proposed_key("air-1", "Air", "Why?") == "air-1"
    assert proposed_key("", "Élan vital!", "Why?") == "elan-vital"
    assert proposed_key("", "Вопрос", "Why did **they**?") == "why-did-they"
    assert proposed_key("", "", "Почему?") == "question"


def test_keys_are_free() -> None:
    keys = FreeKeys(["air", "air-2"])
    assert [keys.take("air"), keys.take("air"), keys.take("sea")] == ["air-3", "air-4", "sea"]


@settings(max_examples=60)
@given(st.lists(questions, max_size=3))
def test_every_part_is_a_plan_or_is_named(bank: list[object]) -> None:
    parsed = parse(write(bank))  # type: ignore[arg-type]
    plans = plans_of(parsed)
    assert sum(counted(plans).values()) == len(bank)
    for plan in plans:
        if isinstance(plan, Plan):
            assert to_do(unsaved(plan))
        else:
            assert plan.reason
