"""Questions in pages, and small words for them."""

from decimal import Decimal

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString

from lessons.quizzes import drawing
from lessons.quizzes.models import Question
from lessons.quizzes.sittings import ItemView

register = template.Library()


@register.filter
def skill_label(skill: str) -> str:
    """A skill's name for people."""
    return str(drawing.SKILLS[skill])


@register.filter
def kind_label(kind: str) -> str:
    """A kind's name for people."""
    return str(Question.Kind(kind).label)


@register.filter
def points(value: Decimal) -> str:
    """Points rounded once, to two places at most and without idle zeros: 4, 3.5, 2.67."""
    return drawing.points_text(value)


@register.simple_tag(takes_context=True)
def practice_question(context: Context, item: ItemView) -> SafeString:
    return drawing.draw_question(item, context["page"], str(context["csrf_token"]))


@register.simple_tag(takes_context=True)
def question_body(context: Context, item: ItemView) -> SafeString:
    return drawing.draw_body(item, context["page"])


@register.simple_tag
def closed_answers(item: ItemView) -> SafeString:
    return drawing.draw_answers(item)


@register.simple_tag(takes_context=True)
def own_assessment(context: Context, item: ItemView) -> SafeString:
    return drawing.draw_rubric(item, context["page"], str(context["csrf_token"]))


@register.simple_tag(takes_context=True)
def quiz_action(context: Context, name: str, position: int) -> str:
    """The address of an action on the question at `position`."""
    address: str = context["page"].action(name, position=position)
    return address
