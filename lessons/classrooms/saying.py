"""Terms of work in words."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lessons.core.moments import say, say_day, say_shortly
from lessons.quizzes.models import Delivery, DeliveryException
from lessons.quizzes.models.deliveries import LatePolicy, Release
from lessons.quizzes.terms import latest_due, resolve_terms

from .models import Assignment, Classroom


def release_words(
    delivery: Delivery,
    classroom: Classroom,
    *,
    extension: DeliveryException | None,
    name: str = "",
    moment: datetime | None = None,
) -> str:
    """When answers and marks are shown, and what that still waits for.

    `extension` is the one with the latest due date, where it is later than everybody's; `name`
    its student's.
    """
    moment = moment or timezone.now()
    zone = classroom.tz
    if delivery.release == Release.AT_ONCE:
        return _("Answers are shown at once, a graded quiz's after handing in.")
    if delivery.release == Release.AFTER_SUBMIT:
        return _("Answers are shown after handing in.")
    if delivery.release == Release.BY_HAND:
        if delivery.released_at is None:
            return _("Answers are not released yet; you release them.")
        return _("Released %(when)s.") % {"when": say_shortly(delivery.released_at, zone)}
    last = latest_due(delivery.due_at, extension.due_at if extension else None)
    if last is None:
        return _("Answers wait for a due date for everybody; there is none yet.")
    if moment >= last:
        return _("Answers are shown since %(when)s.") % {"when": say_shortly(last, zone)}
    if extension is not None:
        return _("After due waits for the last extension (%(name)s, %(day)s).") % {
            "name": name,
            "day": say_day(last, zone),
        }
    return _("Answers are shown after %(when)s.") % {"when": say_shortly(last, zone)}


def everyones_words(assignment: Assignment) -> dict[str, str]:
    """By field of an extension, what holds where it is left empty."""
    delivery, zone = assignment.delivery, assignment.classroom.tz
    terms = resolve_terms(delivery, assignment.quiz)

    def moment(value: datetime | None, none: str) -> str:
        words = say(value, zone) if value else none
        return _("Empty: as for everyone (%(words)s).") % {"words": words}

    def plain(words: str) -> str:
        return _("Empty: as for everyone (%(words)s).") % {"words": words}

    return {
        "opens_at": moment(delivery.opens_at, _("open")),
        "due_at": moment(delivery.due_at, _("no due date")),
        "closes_at": moment(terms.closes_at, _("stays open")),
        "attempts_allowed": plain(attempts_words(terms.attempts_allowed)),
        "time_limit": plain(limit_words(terms)),
    }


def attempts_words(allowed: int | None) -> str:
    if allowed is None:
        return _("as many as one likes")
    return ngettext("one attempt", "%(n)s attempts", allowed) % {"n": allowed}


def limit_words(terms: Any) -> str:
    """Of ResolvedTerms."""
    if terms.time_limit is None:
        return _("no time limit")
    minutes = -(-int(terms.time_limit.total_seconds()) // 60)
    return ngettext("one minute", "%(n)s minutes", minutes) % {"n": minutes}


def late_words(delivery: Delivery) -> str:
    """What happens after the due date, to a student."""
    if delivery.late_policy == LatePolicy.REFUSED:
        return _("Nothing is taken after the due date.")
    if delivery.late_policy == LatePolicy.PER_DAY:
        percent = f"{delivery.late_per_day * 100:f}".rstrip("0").rstrip(".")
        return _("Late work is taken; %(percent)s%% is taken off for each day begun.") % {
            "percent": percent
        }
    return _("Late work is taken; nothing is taken off.")
