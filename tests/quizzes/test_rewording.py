"""Other words for the same question, or another question: its editor says, and reports follow."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from lessons.accounts.models import User
from lessons.classrooms.reports import facts
from lessons.core.models import ContentVersion
from lessons.quizzes.models import Question
from lessons.quizzes.rewording import settle
from tests.core.editing import save, typed
from tests.core.test_admin import root, superuser

from . import working

__all__ = ["root", "superuser"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(student: User) -> Question:
    """A shipped single-choice question that a student has answered."""
    attempt = working.start(student, working.PRACTICE)
    item = working.item(attempt)
    working.check(item, working.wrong(item))
    return item.revision.question


def told(answer: Any) -> list[str]:
    return list(answer.context["adminform"].form.non_field_errors())


def roots(question: Question) -> list[int]:
    """The question of each revision, as reports count them."""
    return [one.same_as_id or one.pk for one in question.revisions.order_by("pk")]


def test_it_is_asked_once_somebody_has_answered(asked: Question, root: Client) -> None:
    answer = save(root, asked, prompt="In other words?")
    assert answer.status_code == 422
    assert told(answer) == ["Say whether you changed the wording only, or ask something else."]
    asked.refresh_from_db()
    assert asked.prompt != "In other words?"
    assert asked.revisions.count() == 1
    assert 'name="rewording"' in answer.content.decode()
    assert typed(answer)["prompt"] == "In other words?"


def test_wording_only_is_counted_together(asked: Question, root: Client) -> None:
    first = asked.revisions.get()
    for prompt in ("In other words?", "In yet other words?"):
        assert save(root, asked, prompt=prompt, rewording="wording").status_code == 302
    assert roots(asked) == [first.pk] * 3
    newest = asked.revisions.order_by("-pk")[0]
    assert newest.content["prompt"] == "In yet other words?"
    # The words that were asked stay as they were.
    first.refresh_from_db()
    assert first.content["prompt"] != newest.content["prompt"]


def test_different_question_is_counted_anew(asked: Question, root: Client) -> None:
    first = asked.revisions.get()
    assert save(root, asked, prompt="And why?", rewording="different").status_code == 302
    second = asked.revisions.exclude(pk=first.pk).get()
    assert roots(asked) == [first.pk, second.pk]
    # Other words for the second are no words for the first.
    assert save(root, asked, prompt="And for what reason?", rewording="wording").status_code == 302
    assert roots(asked) == [first.pk, second.pk, second.pk]


def test_going_back_to_the_first_words_joins_what_is_the_same(
    asked: Question, root: Client
) -> None:
    prompt = asked.prompt
    save(root, asked, prompt="And why?", rewording="different")
    save(root, asked, prompt="For what reason?", rewording="wording")
    save(root, asked, prompt=prompt, rewording="wording")
    assert len(set(roots(asked))) == 1
    assert asked.revisions.count() == 3


def test_it_is_not_asked_where_what_is_asked_stays(asked: Question, root: Client) -> None:
    assert save(root, asked, explanation="Explained better.").status_code == 302
    assert asked.revisions.count() == 1


def test_it_is_not_asked_while_nobody_has_answered(root: Client) -> None:
    question = Question.objects.filter(kind="single", revisions__isnull=True)[0]
    answer = save(root, question, prompt="In other words?")
    assert answer.status_code == 302
    assert question.revisions.count() == 0


def test_nonsense_is_no_answer(asked: Question, root: Client) -> None:
    assert save(root, asked, prompt="Other?", rewording="both").status_code == 422
    asked.refresh_from_db()
    assert asked.prompt != "Other?"


def test_command_says_it_of_what_was_loaded(asked: Question, capsys: Any) -> None:
    first = asked.revisions.get()
    Question.objects.filter(pk=asked.pk).update(prompt="From a file?")
    call_command("same_question", asked.key)
    assert roots(asked) == [first.pk, first.pk]
    assert capsys.readouterr().out == f"{asked.key}: counted together.\n"
    with pytest.raises(CommandError, match="There is no question \\[nothing\\]"):
        call_command("same_question", asked.key, "nothing")


def test_reports_join_them(asked: Question, root: Client) -> None:
    save(root, asked, prompt="In other words?", rewording="wording")
    pks = list(asked.revisions.values_list("pk", flat=True))
    told = facts.asked(pks, ContentVersion.current())
    assert {one.root for one in told.values()} == {pks[0]}


def test_settling_twice_changes_nothing(asked: Question) -> None:
    Question.objects.filter(pk=asked.pk).update(prompt="Other words?")
    one = settle(question_id=asked.pk, same=True)
    assert settle(question_id=asked.pk, same=True) == one
    assert len(set(roots(asked))) == 1
