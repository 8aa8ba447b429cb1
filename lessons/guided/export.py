"""Everything kept about one learner, as plain data they can take with them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from lessons.accounts.models import User
from lessons.core.models import MistakeReport
from lessons.core.moments import say
from lessons.quizzes.models import Attempt, AttemptItem, Response
from lessons.quizzes.models.deliveries import Release
from lessons.quizzes.sittings import words_of
from lessons.quizzes.terms import answers_released, is_withheld, last_due_of

from .models import Progress

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+\d\d:\d\d|Z)")
_sections: dict[str, Callable[[User], Any]] = {}


def exports(name: str) -> Callable[[Callable[[User], Any]], Callable[[User], Any]]:
    """Register what a higher app keeps about a learner, under `name` in their copy."""

    def register(section: Callable[[User], Any]) -> Callable[[User], Any]:
        _sections[name] = section
        return section

    return register


def everything_about(learner: User) -> dict[str, Any]:
    """The learner's account, progress, answers, drafts, marks and reports, in JSON's types."""
    return {
        "account": {
            "user_name": learner.username,
            "name_shown": learner.display_name,
            "e_mail": learner.email,
            "is_instructor": learner.is_instructor,
            "is_guest": learner.is_guest,
            "joined": learner.date_joined.isoformat(),
            "last_saved": learner.last_seen_at.isoformat(),
        },
        "progress": [_progress(row) for row in _progress_of(learner)],
        "attempts": [_attempt(attempt) for attempt in _attempts_of(learner)],
        "mistake_reports": [
            {"about": str(report), "said": report.body, "when": report.created_at.isoformat()}
            for report in MistakeReport.objects.filter(reporter=learner)
        ],
        **{name: section(learner) for name, section in _sections.items()},
    }


@dataclass(frozen=True)
class Part:
    """One line of a copy as people read it: a name with a value, or with parts below it."""

    name: str
    value: str = ""
    parts: list["Part"] = field(default_factory=list)


def readable(value: Any) -> list[Part]:
    """What `everything_about` gives, for a page: no braces, moments as dates, nothing left out."""
    if isinstance(value, dict):
        return [_part(_title(key), one) for key, one in value.items()]
    if isinstance(value, list):
        return [_part(f"{at}.", one) for at, one in enumerate(value, start=1)]
    return [Part("", value=_say(value))]


def _part(name: str, value: Any) -> Part:
    if isinstance(value, dict | list) and value:
        return Part(name, parts=readable(value))
    return Part(name, value=_say(value))


def _title(key: str) -> str:
    return gettext(key.replace("_", " ").capitalize())


def _say(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return say(datetime.fromisoformat(value), UTC)
    return str(value)


def _progress_of(learner: User) -> Any:
    return (
        Progress.objects.filter(learner=learner)
        .select_related("step__lesson", "delivery")
        .order_by("opened_at")
    )


def _attempts_of(learner: User) -> Any:
    return (
        Attempt.objects.filter(learner=learner)
        .select_related("quiz", "delivery")
        .prefetch_related("items__revision", "items__draft", "items__responses__marks")
        .order_by("started_at")
    )


def _progress(row: Progress) -> dict[str, Any]:
    return {
        "lesson": row.step.lesson.title,
        "step": row.step.title,
        "given_out_as": row.delivery.key,
        "opened": row.opened_at.isoformat(),
        "completed": row.completed_at.isoformat() if row.completed_at else None,
        "skipped": row.skipped,
        "visible_seconds": row.active_seconds,
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "quiz": attempt.quiz.title,
        "given_out_as": attempt.delivery.key,
        "number": attempt.number,
        "started": attempt.started_at.isoformat(),
        "handed_in": attempt.submitted_at.isoformat() if attempt.submitted_at else None,
        "receipt": str(attempt.receipt),
        "questions": [_item(item, _may_tell(attempt)) for item in attempt.items.all()],
    }


def _may_tell(attempt: Attempt) -> bool:
    """Whether marks are released; before that a copy of one's data tells no more than a page."""
    delivery = attempt.delivery
    told = answers_released(
        delivery,
        submitted=attempt.submitted_at is not None,
        last_due=last_due_of(delivery) if delivery.release == Release.AFTER_DUE else None,
        moment=timezone.now(),
    )
    return told and not is_withheld(attempt.learner, attempt.quiz, delivery)


def _item(item: AttemptItem, may_tell: bool) -> dict[str, Any]:
    draft = getattr(item, "draft", None)
    return {
        "question": item.revision.content["prompt"],
        "draft": _words(item, draft.answer) if draft else None,
        "answers": [_response(item, response, may_tell) for response in item.responses.all()],
    }


def _response(item: AttemptItem, response: Response, may_tell: bool) -> dict[str, Any]:
    return {
        "answer": _words(item, response.answer),
        "how_sure": response.confidence,
        "when": response.created_at.isoformat(),
        "marks": [
            {
                "score": str(mark.score),
                "by": mark.by,
                "levels": mark.levels,
                "comment": mark.comment,
                "when": mark.created_at.isoformat(),
            }
            for mark in response.marks.all()
        ]
        if may_tell
        else [],
    }


def _words(item: AttemptItem, answer: dict[str, Any]) -> str:
    return words_of(item.revision.content, answer)
