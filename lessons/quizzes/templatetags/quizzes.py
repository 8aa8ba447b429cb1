"""Drawing questions, with the addresses their forms post to."""

from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.http import urlencode

from lessons.quizzes.models import Question
from lessons.quizzes.sittings import ItemView, Sitting

register = template.Library()

SKILLS: dict[str, Any] = dict(Question.Skill.choices)


@register.filter
def get(mapping: dict[str, str], key: str) -> str:
    """The value under `key`, or nothing."""
    return mapping.get(key, "")


@register.filter
def skill_label(skill: str) -> Any:
    """A skill's name for people."""
    return SKILLS[skill]


@register.filter
def kind_label(kind: str) -> str:
    """A kind's name for people."""
    return str(Question.Kind(kind).label)


@register.filter
def points(value: Decimal) -> str:
    """Points rounded once, to two places at most and without idle zeros: 4, 3.5, 2.67."""
    return number_format(value.quantize(Decimal("0.01")).normalize(), use_l10n=True)


class QuizPage(Protocol):
    """What a page that holds a quiz tells its questions."""

    reader: str

    @property
    def sitting(self) -> Sitting | None: ...

    @property
    def address(self) -> str: ...

    @property
    def anchors(self) -> frozenset[str]:
        """The ids of the passages on the page, which a question may link to."""

    def action(self, name: str, **kwargs: object) -> str: ...


@lru_cache(maxsize=2048)
def _report_address(question: str, address: str) -> str:
    query = {"subject": "question", "key": question, "address": address}
    return f"{reverse('core:report')}?{urlencode(query)}"


def _shared(context: Context, item: ItemView, page: QuizPage) -> dict[str, Any]:
    return {
        "item": item,
        "total": len(page.sitting.items) if page.sitting else 1,
        "skill": skill_label(item.face["skill"]),
        "action": page.action("question", position=item.position),
        "draft_action": page.action("draft", position=item.position),
        "assess_action": page.action("assess", position=item.position),
        "report": _report_address(item.face["question"], page.address),
        "csrf_token": context["csrf_token"],
        "reader": page.reader,
        "anchors": page.anchors,
    }


@register.inclusion_tag("quizzes/_item.html", takes_context=True)
def practice_question(context: Context, item: ItemView) -> dict[str, Any]:
    """A practice question with a form of its own."""
    return _shared(context, item, context["page"])


@register.inclusion_tag("quizzes/_graded.html", takes_context=True)
def graded_quiz(context: Context) -> dict[str, Any]:
    """All questions of a graded quiz in progress, in one form."""
    page: QuizPage = context["page"]
    items = page.sitting.items if page.sitting else []
    return {
        "sitting": page.sitting,
        "questions": [_shared(context, item, page) for item in items],
        "action": page.action("review"),
        "csrf_token": context["csrf_token"],
        "reader": page.reader,
    }


@register.inclusion_tag("quizzes/_rubric.html", takes_context=True)
def own_assessment(context: Context, item: ItemView) -> dict[str, Any]:
    """The rubric of a written answer, for the learner to compare with."""
    return _shared(context, item, context["page"])
