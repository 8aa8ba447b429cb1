"""Small words of dashboards."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lessons.classrooms.reports.progress import ClassProgress, State
from lessons.classrooms.reports.wording import Clock, listed

register = template.Library()


@register.filter
def said(moment: datetime, clock: Clock) -> str:
    """An instant in the class's zone."""
    return clock(moment)


@register.filter
def at(mapping: Mapping[str, Any], key: str) -> Any:
    return mapping.get(key, "")


@register.filter
def named(progress: ClassProgress, state: str) -> str:
    """The names of those in a state, with the step where they are stuck."""
    names = []
    for standing in progress.of(state):
        name = standing.learner.name
        if state == State.STUCK and standing.step is not None:
            name = _("%(name)s (%(step)s)") % {"name": name, "step": standing.step.title}
        names.append(name)
    return listed(names)


@register.filter
def headline(progress: ClassProgress) -> str:
    """The state of things in one or two sentences: "8 of 12 are done. 1 has not started."."""
    counts, everyone = progress.counts, progress.counted
    if not everyone:
        return _("No student is given this.")
    text = [
        ngettext("%(n)s of %(all)s is done.", "%(n)s of %(all)s are done.", counts[State.DONE])
        % {"n": counts[State.DONE], "all": everyone}
    ]
    if counts[State.STUCK]:
        text.append(
            ngettext("%(n)s is stuck.", "%(n)s are stuck.", counts[State.STUCK])
            % {"n": counts[State.STUCK]}
        )
    if counts[State.NOT_STARTED]:
        text.append(
            ngettext("%(n)s has not started.", "%(n)s have not started.", counts[State.NOT_STARTED])
            % {"n": counts[State.NOT_STARTED]}
        )
    return " ".join(text)


@register.filter
def parts(progress: ClassProgress) -> list[tuple[str, float, float]]:
    """The bar of a class: (state, start, width) in hundredths of everybody counted."""
    found, start = [], 0.0
    for state in (State.DONE, State.UNDER_WAY, State.STUCK, State.NOT_STARTED):
        width = 100 * progress.counts[state] / progress.counted if progress.counted else 0
        if width:
            found.append((state, round(start, 2), round(width, 2)))
        start += width
    return found
