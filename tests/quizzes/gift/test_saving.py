"""A bank is saved whole or not at all, as drafts, once, with its history; and goes out again."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lessons.accounts.models import User
from lessons.core.models import ContentVersion
from lessons.quizzes.gift import saving
from lessons.quizzes.gift.exporting import Export, export
from lessons.quizzes.gift.parser import parse
from lessons.quizzes.gift.plans import Plan, plans_of
from lessons.quizzes.gift.saving import BankRefused, decoded, entries_of, read, save_plans
from lessons.quizzes.gift.writer import write
from lessons.quizzes.models import AcceptedAnswer, Level, Option, Question, Quiz, QuizItem
from lessons.quizzes.revisions import questions_with_parts

from .trees import questions as trees

pytestmark = pytest.mark.django_db

BANK = """
::One::Who spoke?{=Khrushchev#Yes. ~Hussein#He wrote. ~Nehru#Not there.####He did.}

::Two::Which?{~%50%a ~%50%b ~%-50%c ~%-50%d}

::Three::Who said it?{=“Come” -> Khrushchev =“Go” -> Hussein = -> Nehru}

::Four::Where?{=Moscow#Yes. =%50%Russia#Nearer. =*the Kremlin*#Yes.}

::Five::Why?{}

::Six::How much?{#3.1:0.1}
"""


def save(text: str, **more: Any) -> list[Question]:
    plans = [plan for plan in plans_of(parse(text)) if isinstance(plan, Plan)]
    return save_plans(plans, by=None, skill="sourcing", **more)


def out(questions: list[Question]) -> Export:
    kept = {q.pk: q for q in questions_with_parts(Question.objects.all())}
    return export([kept[q.pk] for q in questions])


def test_bank_becomes_drafts_with_all_their_parts(editor: User) -> None:
    version = ContentVersion.current()
    plans = [plan for plan in plans_of(parse(BANK)) if isinstance(plan, Plan)]
    made = save_plans(plans, by=editor, skill="sourcing", reason="GIFT: bank.txt")
    assert [(q.key, q.kind, q.status, q.skill) for q in made] == [
        ("one", "single", "draft", "sourcing"),
        ("two", "multiple", "draft", "sourcing"),
        ("three", "matching", "draft", "sourcing"),
        ("four", "short", "draft", "sourcing"),
        ("five", "open", "draft", "sourcing"),
    ]
    one, _two, three, four, five = made
    assert list(one.options.values_list("label", "is_key", "feedback")) == [
        ("Khrushchev", True, "Yes."),
        ("Hussein", False, "He wrote."),
        ("Nehru", False, "Not there."),
    ]
    assert list(three.options.filter(role="item").values_list("label", "answer__label")) == [
        ("“Come”", "Khrushchev"),
        ("“Go”", "Hussein"),
    ]
    assert list(four.accepted_answers.values_list("answer", "match", "score")) == [
        ("Moscow", "whole", Decimal(1)),
        ("Russia", "whole", Decimal("0.5")),
        ("the Kremlin", "contains", Decimal(1)),
    ]
    assert Level.objects.filter(criterion__question=five).count() == 3
    assert ContentVersion.current() == version + 1


def test_every_row_has_its_history(editor: User) -> None:
    plans = [plan for plan in plans_of(parse(BANK)) if isinstance(plan, Plan)]
    made = save_plans(plans, by=editor, skill="sourcing", reason="GIFT: bank.txt")
    for rows in (
        Question.history.filter(id__in=[q.pk for q in made]),
        Option.history.filter(question__in=made),
        AcceptedAnswer.history.filter(question__in=made),
    ):
        told = set(rows.values_list("history_user", "history_type", "history_change_reason"))
        assert told == {(editor.pk, "+", "GIFT: bank.txt")}
    assert Option.history.filter(question__in=made).count() == 3 + 4 + 5


def test_history_of_a_bank_is_one_edit_of_one_moment(editor: User) -> None:
    plans = [plan for plan in plans_of(parse(BANK)) if isinstance(plan, Plan)]
    quiz = Quiz.objects.first()
    made = save_plans(plans, by=editor, skill="sourcing", quiz=quiz, reason="GIFT: bank.txt")
    ids = [question.pk for question in made]
    records = [
        *Question.history.filter(id__in=ids),
        *Option.history.filter(question__in=ids),
        *AcceptedAnswer.history.filter(question__in=ids),
        *Level.history.filter(criterion__question__in=ids),
        *QuizItem.history.filter(question__in=ids),
    ]
    assert len(records) == 5 + 12 + 3 + 3 + 5
    assert len({record.history_date for record in records}) == 1
    for record in records:
        row = type(record.instance).objects.get(pk=record.id)
        assert [
            (field.name, getattr(record, field.attname) == getattr(row, field.attname))
            for field in row._meta.concrete_fields
        ] == [(field.name, True) for field in row._meta.concrete_fields]


def test_lock_is_taken_once_the_rows_are_built(
    monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    events = []
    real = saving.rows_of

    def build(*args: Any, **kwargs: Any) -> Any:
        events.append("row")
        return real(*args, **kwargs)

    def lock() -> None:
        events.append("lock")

    monkeypatch.setattr(saving, "rows_of", build)
    monkeypatch.setattr(ContentVersion, "lock", lock)
    text = "\n\n".join(f"::N{n}::Number {n}?{{=a ~b ~c}}" for n in range(300))
    with django_assert_max_num_queries(20):
        assert len(save(text)) == 300
    assert events == ["row"] * 300 + ["lock"]


def test_bank_saved_by_somebody_else_meanwhile_is_saved_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = saving.edit

    def late(**who: Any) -> Any:
        monkeypatch.setattr(saving, "edit", real)
        assert len(save(BANK)) == 5
        return real(**who)

    monkeypatch.setattr(saving, "edit", late)
    assert save(BANK) == []


def test_untitled_question_with_other_answers_is_another_one() -> None:
    save("Which is true?{=a ~b ~c}\n\n::Titled::Which?{=a ~b ~c}")
    entries = entries_of(plans_of(parse("Which is true?{=d ~e}\n\n::Titled::Which?{=d ~e}")))
    assert [entry.here for entry in entries] == ["", "titled"]


def test_same_bank_again_adds_nothing() -> None:
    save(BANK)
    version, count = ContentVersion.current(), Question.objects.count()
    assert save(BANK) == []
    assert (ContentVersion.current(), Question.objects.count()) == (version, count)
    entries = entries_of(plans_of(parse(BANK)))
    assert [entry.here for entry in entries] == ["one", "two", "three", "four", "five", ""]


def test_question_whose_answers_were_edited_is_still_known() -> None:
    (one, *_rest) = save(BANK)
    option = one.options.get(label="Nehru")
    option.label = "Jawaharlal Nehru"
    option.save()
    assert entries_of(plans_of(parse(BANK)))[0].here == "one"


def test_twins_in_a_bank_are_saved_once_and_near_twins_twice() -> None:
    text = "A?{=a ~b ~c}\n\nA?{=a ~b ~c}\n\nA?{=a#so ~b ~c}"
    entries = entries_of(plans_of(parse(text)))
    assert [(entry.twin, entry.can_be_taken) for entry in entries] == [
        (0, True),
        (1, False),
        (0, True),
    ]
    assert [q.key for q in save(text)] == ["a", "a-2"]
    assert save(text) == []


def test_questions_go_to_the_end_of_a_quiz() -> None:
    quiz = Quiz.objects.filter(items__isnull=False).first()
    assert quiz is not None
    before = list(quiz.items.order_by("position").values_list("question_id", flat=True))
    made = save(BANK, quiz=quiz)
    after = quiz.items.order_by("position").values_list("question_id", flat=True)
    assert list(after) == before + [q.pk for q in made]
    assert QuizItem.history.filter(quiz=quiz, question__in=made).count() == 5


def test_fault_midway_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the disk is full")

    before = (Question.objects.count(), Option.objects.count(), Question.history.count())
    monkeypatch.setattr(saving, "_put_into", fail)
    with pytest.raises(RuntimeError):
        save(BANK, quiz=Quiz.objects.first())
    after = (Question.objects.count(), Option.objects.count(), Question.history.count())
    assert after == before


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a\0b", "This is not a file of text."),
        (b"PK\x03\x04rest", "This is not a file of text."),
        (b"%PDF-1.7 rest", "This is not a file of text."),
        (b"Caf\xe9?{T}", "The file is not in UTF-8."),
        (b"x" * (2 * 1024 * 1024 + 1), "The file is too large: a bank may have 2 MB."),
        (b" \n\n", "There is nothing in it."),
        (b"\xff\xfea", "The file is not in UTF-8."),
    ],
)
def test_what_is_no_bank_gets_one_sentence(data: bytes, words: str) -> None:
    with pytest.raises(BankRefused) as refused:
        decoded(data)
    assert refused.value.message.startswith(words)


def test_text_without_questions_is_refused() -> None:
    with pytest.raises(BankRefused, match="no question in it"):
        read("// nothing\n\n$CATEGORY: a\n")


def test_utf16_with_its_mark_is_read() -> None:
    assert decoded("Кто?{=я ~ты}".encode("utf-16")) == "Кто?{=я ~ты}"


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(BankRefused):
        bank, plans = read(decoded(data))
        assert len(plans) == len([*bank.questions, *bank.broken])


# --- Out and in again -------------------------------------------------------------------------


def again(text: str) -> str:
    """Export of what an import of this export makes, where none of it was before."""
    keys = [question.id for question in parse(text).questions]
    QuizItem.objects.filter(question__key__in=keys).delete()
    Question.objects.filter(key__in=keys).delete()
    return out(save(text)).text


def test_export_of_an_import_is_the_same_to_the_byte() -> None:
    first = out(save(BANK)).text
    assert again(first) == first


def test_shipped_questions_come_back_as_they_went() -> None:
    went = export(questions_with_parts(Question.objects.order_by("key")))
    assert {str(reason) for _q, reason in went.left_out} == {
        "GIFT has no questions of the kind “chronological ordering”",
        "GIFT has no questions of the kind “select the evidence”",
        "GIFT has no questions of the kind “two lanes: where it is answered”",
        "GIFT has no questions of the kind “a choice with a reason, never scored”",
        "GIFT has no questions of the kind “whose words”",
        "GIFT has no questions of the kind “warrant: how far the words go”",
        "GIFT has no questions of the kind “the other side's cable”",
    }
    plans = plans_of(parse(went.text))
    assert [plan.remarks for plan in plans if isinstance(plan, Plan)] == [()] * len(went.written)
    header = "\n\n".join(went.text.split("\n\n")[1:])
    came = again(went.text)
    assert "\n\n".join(came.split("\n\n")[1:]) == header


def test_what_gift_cannot_carry_is_named() -> None:
    question = questions_with_parts(Question.objects.filter(key="air-route-so-that")).get()
    done = export([question])
    ((_question, lost),) = done.lessened
    assert lost == ("the sentence it is about", "its hint", "the misreadings")
    assert done.text.startswith("// Questions in GIFT, Moodle's text format.\n")
    assert (
        "// [id:air-route-so-that] [tag:close-reading]\n::air-route-so-that::[markdown]"
        in done.text
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(trees, min_size=1, max_size=2))
def test_export_import_export_is_stable_for_any_words(db: None, bank: list[Any]) -> None:
    made = save(write(bank))
    first = out(made)
    second = again(first.text)
    assert "\n\n".join(second.split("\n\n")[1:]) == "\n\n".join(first.text.split("\n\n")[1:])
    Question.objects.filter(key__in=[q.key for q in made]).delete()
