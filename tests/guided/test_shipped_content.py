"""What the shipped content promises beyond what `check_content` can tell of any content."""

import pytest

from lessons.guided.checking import check, read_content
from lessons.guided.models import Step
from lessons.quizzes.models import Option

pytestmark = pytest.mark.django_db


def test_the_shipped_content_has_no_error() -> None:
    found = check(read_content())
    errors = [one for _rule, findings in found for one in findings if one.level == "error"]
    assert errors == []


def test_feedback_on_a_line_does_not_name_its_target() -> None:
    items = list(Option.objects.filter(role="item").select_related("answer"))
    assert items
    for item in items:
        assert item.answer is not None
        name = item.answer.label.split(",")[0].lower()
        assert name not in item.feedback.lower(), item.key


def test_cards_of_a_lesson_are_older_than_its_horizon() -> None:
    steps = Step.objects.filter(lesson__horizon__isnull=False)
    cards = [
        (step, card)
        for step in steps.select_related("lesson").prefetch_related("source_cards")
        for card in step.source_cards.all()
    ]
    assert cards
    late = [
        (step.key, card.key)
        for step, card in cards
        if step.lesson.horizon is not None and card.date > step.lesson.horizon
    ]
    assert late == []
