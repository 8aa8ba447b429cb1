"""A question is saved whole, with a key, or not at all."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lessons.core.models import ContentVersion
from lessons.quizzes.models import Criterion, Level, Option, Question
from tests.core.editing import act, address, save_as_it_stands, typed
from tests.core.test_admin import root, superuser
from tests.core.test_content import Write, loaded, write

__all__ = ["loaded", "root", "superuser", "write"]
pytestmark = pytest.mark.django_db

ADD = "/admin/quizzes/question/add/"
PARTS = ("options", "evidence", "accepted_answers", "criteria")


def management(**totals: int) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for prefix in (*PARTS, "cards", "segments"):
        data |= {f"{prefix}-TOTAL_FORMS": totals.get(prefix, 0), f"{prefix}-INITIAL_FORMS": 0}
    return data


def question(kind: str, **fields: Any) -> dict[str, Any]:
    return {
        "key": "new",
        "status": "published",
        "kind": kind,
        "prompt": "What does he ask for?",
        "skill": "close-reading",
        "points": "1",
        "hint": "Read the last sentence.",
        "explanation": "He asks for flights.",
        **fields,
    }


def option(n: int, **fields: Any) -> dict[str, Any]:
    row = {
        "key": f"o{n}",
        "role": "choice",
        "order": n,
        "label": f"Option {n}",
        "feedback": f"Because of {n}.",
        **fields,
    }
    return {f"options-{n}-{name}": value for name, value in row.items()}


def three_options(**right: str) -> dict[str, Any]:
    return option(0) | option(1, **right) | option(2)


def problems(answer: Any) -> list[str]:
    return list(answer.context["adminform"].form.non_field_errors())


def test_question_without_a_key_is_refused_and_nothing_is_stored(
    loaded: Write, root: Client
) -> None:
    version = ContentVersion.current()
    before = (Question.objects.count(), Option.objects.count(), Question.history.count())
    data = question("single") | management(options=3) | three_options()
    answer = root.post(ADD, data)
    assert answer.status_code == 422
    assert problems(answer) == ["Tick the right option."]
    # What was typed is still there.
    assert typed(answer)["options-2-label"] == "Option 2"
    after = (Question.objects.count(), Option.objects.count(), Question.history.count())
    assert after == before
    assert ContentVersion.current() == version


def test_draft_without_a_key_is_saved_and_its_page_says_what_it_lacks(
    loaded: Write, root: Client
) -> None:
    data = question("single", status="draft") | management(options=3) | three_options()
    assert root.post(ADD, data).status_code == 302
    saved = Question.objects.get(key="new")
    page = root.get(address(saved))
    assert page.context["todo"] == ["Tick the right option."]
    assert "Tick the right option." in page.content.decode()
    # It cannot be published so, by its page or in bulk.
    assert save_as_it_stands(root, saved, status="published").status_code == 422
    changelist = reverse("admin:quizzes_question_changelist")
    root.post(changelist, {"action": "publish", "_selected_action": [saved.pk]})
    saved.refresh_from_db()
    assert saved.status == "draft"
    # Once it is whole, nothing is left to do.
    assert save_as_it_stands(root, saved, **{"options-0-is_key": "on"}).status_code == 302
    assert root.get(address(saved)).context["todo"] == []


def test_question_with_a_key_is_saved(loaded: Write, root: Client) -> None:
    version = ContentVersion.current()
    data = question("single") | management(options=3) | three_options(is_key="on")
    assert root.post(ADD, data).status_code == 302
    saved = Question.objects.get(key="new")
    assert list(saved.options.values_list("key", "is_key")) == [
        ("o0", False),
        ("o1", True),
        ("o2", False),
    ]
    assert ContentVersion.current() > version


def test_matching_question_is_made_on_one_page(loaded: Write, root: Client) -> None:
    data = question("matching") | management(options=4)
    data |= option(0, role="item", belongs_to="o2") | option(1, role="item", belongs_to="o3")
    data |= option(2, role="target") | option(3, role="target")
    assert root.post(ADD, data).status_code == 302
    items = Option.objects.filter(question__key="new", role="item")
    assert list(items.values_list("key", "answer__key")) == [("o0", "o2"), ("o1", "o3")]


def test_item_of_a_target_that_is_not_there_is_refused(loaded: Write, root: Client) -> None:
    data = question("matching") | management(options=2)
    data |= option(0, role="item", belongs_to="o9") | option(1, role="target")
    answer = root.post(ADD, data)
    assert answer.status_code == 422
    (options, *_rest) = answer.context["inline_admin_formsets"]
    assert options.formset.forms[0].errors == {
        "belongs_to": ["This question has no target with these words or this key."]
    }


def test_item_can_change_its_target(loaded: Write, root: Client) -> None:
    saved = Question.objects.get(key="who")
    changes = {"options-0-belongs_to": "t2", "options-1-belongs_to": "t1"}
    assert save_as_it_stands(root, saved, **changes).status_code == 302
    items = saved.options.filter(role="item")
    assert list(items.values_list("key", "answer__key")) == [("i1", "t2"), ("i2", "t1")]


def test_taking_the_key_away_is_refused(loaded: Write, root: Client) -> None:
    root.post(ADD, question("single") | management(options=3) | three_options(is_key="on"))
    saved = Question.objects.get(key="new")
    version, lines = ContentVersion.current(), saved.history.count()
    answer = save_as_it_stands(root, saved, **{"options-1-DELETE": "on", "prompt": "Changed?"})
    assert answer.status_code == 422
    assert problems(answer) == [
        "Give it from 3 to 6 options; it has 2.",
        "Tick the right option.",
    ]
    saved.refresh_from_db()
    assert (saved.prompt, saved.options.count()) == ("What does he ask for?", 3)
    assert (ContentVersion.current(), saved.history.count()) == (version, lines)


def test_kind_of_a_question_is_chosen_once(loaded: Write, root: Client) -> None:
    """Its options would be those of another kind."""
    saved = Question.objects.get(key="who")
    assert save_as_it_stands(root, saved, kind="short").status_code == 302
    saved.refresh_from_db()
    assert saved.kind == "matching"


def test_published_question_goes_live_at_once(loaded: Write, root: Client) -> None:
    saved, version = Question.objects.get(key="who"), ContentVersion.current()
    assert save_as_it_stands(root, saved, prompt="Who is it?").status_code == 302
    assert Question.objects.published().get(key="who").prompt == "Who is it?"
    assert ContentVersion.current() > version


def test_sentence_is_found_or_absent(loaded: Write, root: Client) -> None:
    saved = Question.objects.get(key="who")
    assert save_as_it_stands(root, saved, quote="He was glad.").status_code == 302
    saved.refresh_from_db()
    assert (saved.start, saved.end) == (26, 38)
    assert save_as_it_stands(root, saved, quote="").status_code == 422
    assert save_as_it_stands(root, saved, text="").status_code == 422
    assert save_as_it_stands(root, saved, quote="", text="").status_code == 302
    saved.refresh_from_db()
    assert (saved.text, saved.quote, saved.start, saved.end) == (None, "", None, None)


def rubric(*scores: str) -> dict[str, Any]:
    data: dict[str, Any] = {"criteria-0-key": "reasons", "criteria-0-title": "Reasons"}
    data |= {"criteria-0-order": 0, "criteria-0-weight": "1"}
    for n, score in enumerate(scores, start=1):
        data |= {
            f"criteria-0-level_{n}_title": f"Level {n}",
            f"criteria-0-level_{n}_score": score,
            f"criteria-0-level_{n}_description": "Words.",
            f"criteria-0-level_{n}_sample": "A sample.",
        }
    return data


def test_open_question_is_made_with_its_rubric(loaded: Write, root: Client) -> None:
    data = question("open", strong_answer="Flights.") | management(criteria=1)
    answer = root.post(ADD, data | rubric("0", "0.5"))
    assert answer.status_code == 422
    assert problems(answer) == [
        "Give “Reasons” three levels.",
        "Let the best level of “Reasons” be worth 1.",
    ]
    assert Criterion.objects.count() == 0
    assert root.post(ADD, data | rubric("0", "0.5", "1")).status_code == 302
    assert list(Level.objects.values_list("criterion__key", "key", "title")) == [
        ("reasons", "level-1", "Level 1"),
        ("reasons", "level-2", "Level 2"),
        ("reasons", "level-3", "Level 3"),
    ]
    saved = Question.objects.get(key="new")
    changes = {"criteria-0-level_2_title": "Fair"}
    assert save_as_it_stands(root, saved, **changes).status_code == 302
    assert Level.objects.get(key="level-2").title == "Fair"
    assert Level.history.filter(key="level-1").count() == 1


def test_level_with_a_gap_is_refused(loaded: Write, root: Client) -> None:
    data = question("open", strong_answer="Flights.") | management(criteria=1)
    data |= rubric("0", "0.5", "1") | {"criteria-0-level_2_description": ""}
    answer = root.post(ADD, data)
    assert answer.status_code == 422
    criteria = answer.context["inline_admin_formsets"][0]
    assert criteria.formset.forms[0].errors == {
        "level_2_description": ["This field cannot be blank."]
    }


def test_rubric_is_held_to_the_same_on_its_own_page(loaded: Write, root: Client) -> None:
    data = question("open", strong_answer="Flights.") | management(criteria=1)
    root.post(ADD, data | rubric("0", "0.5", "1"))
    criterion = Criterion.objects.get()
    answer = save_as_it_stands(root, criterion, **{"levels-2-DELETE": "on"})
    assert answer.status_code == 422
    assert criterion.levels.count() == 3
    assert root.post(address(criterion, "delete"), {"post": "yes"}).status_code == 403


def test_question_without_a_key_is_not_published_in_bulk(loaded: Write, root: Client) -> None:
    """Such a row can only come from outside admin and the loader; it still is not published."""
    bare = Question(key="bare", **{k: v for k, v in question("single").items() if k != "key"})
    bare.status = "draft"
    bare.save()
    version = ContentVersion.current()
    act(root, [bare], "publish")
    bare.refresh_from_db()
    assert bare.status == "draft"
    assert ContentVersion.current() == version
