"""Grades in templates, and pages of others without their forms."""

from datetime import timedelta
from decimal import Decimal

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lessons.classrooms import grade_words
from lessons.classrooms.grading import Cell, Total
from lessons.classrooms.readonly import without_forms

register = template.Library()


@register.filter
def percent(score: Decimal | None) -> str:
    return grade_words.say_percent(score)


@register.filter
def points_of(points: Decimal) -> str:
    return grade_words.say_points(points)


@register.filter
def note(cell: Cell) -> str:
    return grade_words.note_of(cell)


@register.filter
def late(cell: Cell) -> str:
    return grade_words.say_late(cell)


@register.filter
def counted(total: Total) -> str:
    return grade_words.say_counted(total)


@register.filter
def grades(count: int) -> str:
    return grade_words.say_count(count)


@register.filter
def spent(seconds: int) -> str:
    """Time in whole minutes: under a minute, 12 min, 1 h 5 min; empty for none."""
    if not seconds:
        return ""
    minutes = timedelta(seconds=seconds) // timedelta(minutes=1)
    if not minutes:
        return _("under a minute")
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    return _("%(hours)s h %(minutes)s min") % {"hours": minutes // 60, "minutes": minutes % 60}


@register.filter
def readonly(html: SafeString) -> SafeString:
    """Drawn HTML without a form in it that could be sent."""
    return without_forms(html)
