"""A bank on its way in: what of it is here already, and how the rest is saved."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.utils.translation import gettext as _

from lessons.core.edits import create_many, edit
from lessons.core.models import ContentVersion
from lessons.quizzes.models import AcceptedAnswer, Option, Question, Quiz, QuizItem

from .parser import TooLong, parse
from .plans import FreeKeys, Plan, Refused, plans_of
from .rows import Rows, rows_of
from .syntax import Bank

MOST_BYTES = 2 * 1024 * 1024
MOST_QUESTIONS = 10_000
_BINARY = re.compile(b"\0|^(?:%PDF|PK\x03\x04|\x89PNG|GIF8|\xff\xd8\xff|\xd0\xcf\x11\xe0|\x1f\x8b)")


class BankRefused(Exception):
    """The bank cannot be read at all; `message` is one sentence for the editor."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Entry:
    """One part of the bank, as the review shows it."""

    number: int
    """From 1, in the bank's order."""
    plan: Plan | None
    refused: Refused | None
    here: str = ""
    """The key of the question that is here already."""
    twin: int = 0
    """The line of an earlier question of the bank that is the same."""

    @property
    def can_be_taken(self) -> bool:
        return self.plan is not None and not self.here and not self.twin


def decoded(data: bytes) -> str:
    """The text of a file; raises BankRefused for one that is too large or is no text."""
    if len(data) > MOST_BYTES:
        raise BankRefused(_("The file is too large: a bank may have 2 MB. Cut it into several."))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif _BINARY.search(data):
        raise BankRefused(
            _("This is not a file of text. Export the questions as GIFT, a file that ends in .txt.")
        )
    else:
        encoding = "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise BankRefused(
            _("The file is not in UTF-8. Save it with this encoding, then try again.")
        ) from None
    return checked(text)


def checked(text: str) -> str:
    """The text with plain newlines; raises BankRefused where it is too large, empty or binary."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text.encode(errors="replace")) > MOST_BYTES:
        raise BankRefused(_("The text is too large: a bank may have 2 MB. Cut it into several."))
    if "\0" in text:
        raise BankRefused(
            _("This is not a file of text. Export the questions as GIFT, a file that ends in .txt.")
        )
    if not text.strip("\ufeff \t\n"):
        raise BankRefused(_("There is nothing in it. Paste questions in GIFT, or choose a file."))
    return text


def read(text: str) -> tuple[Bank, list[Plan | Refused]]:
    """The bank and what we would make of it; raises BankRefused where it holds no question."""
    try:
        bank = parse(text)
    except TooLong:
        raise BankRefused(too_many()) from None
    plans = plans_of(bank)
    if len(plans) > MOST_QUESTIONS:
        raise BankRefused(too_many())
    if not plans:
        raise BankRefused(_("There is no question in it, only comments or categories."))
    return bank, plans


def too_many() -> str:
    return _("The bank has more than %(n)s questions. Cut it into several.") % {"n": MOST_QUESTIONS}


def entries_of(plans: Sequence[Plan | Refused]) -> list[Entry]:
    """The parts with word of those that are here already (four queries, whatever the size)."""
    made = [plan for plan in plans if isinstance(plan, Plan)]
    known = _Known(made)
    seen: dict[Any, int] = {}
    entries = []
    for number, plan in enumerate(plans, start=1):
        if isinstance(plan, Refused):
            entries.append(Entry(number, None, plan))
            continue
        twin = seen.setdefault(plan.whole, plan.place.line)
        entries.append(
            Entry(
                number,
                plan,
                None,
                here=known.key_of(plan),
                twin=0 if twin == plan.place.line else twin,
            )
        )
    return entries


class _Known:
    """The questions of the site that ask in the same words as one of these plans."""

    def __init__(self, plans: Iterable[Plan]) -> None:
        prompts = {plan.sameness[1] for plan in plans}
        rows = [
            (pk, key, kind, " ".join(prompt.casefold().split()))
            for pk, key, kind, prompt in Question.objects.values_list("pk", "key", "kind", "prompt")
        ]
        rows = [row for row in rows if row[3] in prompts]
        ids = [row[0] for row in rows]
        answers: dict[int, list[str]] = defaultdict(list)
        for at in range(0, len(ids), 10_000):
            part = ids[at : at + 10_000]
            for pk, role, label in Option.objects.filter(question__in=part).values_list(
                "question_id", "role", "label"
            ):
                answers[pk].append(f"{role} {' '.join(label.casefold().split())}")
            for pk, answer in AcceptedAnswer.objects.filter(question__in=part).values_list(
                "question_id", "answer"
            ):
                answers[pk].append(" ".join(answer.casefold().split()))
        self.same = {
            (kind, prompt, tuple(sorted(answers[pk]))): key for pk, key, kind, prompt in rows
        }
        self.keyed = {
            (prompt, base): key for _pk, key, _kind, prompt in rows for base in _bases(key)
        }

    def key_of(self, plan: Plan) -> str:
        by_name = self.keyed.get((plan.sameness[1], plan.key), "") if plan.is_named else ""
        return self.same.get(plan.sameness) or by_name


def _bases(key: str) -> set[str]:
    return {key, re.sub(r"-[0-9]+$", "", key)}


@dataclass
class _Ready:
    """Rows that are built and not yet saved, and the content version they were built for."""

    version: int
    rows: list[Rows]

    @classmethod
    def made_of(cls, plans: Sequence[Plan], skill: str) -> "_Ready":
        version = ContentVersion.current()
        fresh = [e.plan for e in entries_of(plans) if e.plan is not None and e.can_be_taken]
        keys = FreeKeys(Question.objects.values_list("key", flat=True))
        return cls(version, [rows_of(plan, key=keys.take(plan.key), skill=skill) for plan in fresh])


def save_plans(
    plans: Sequence[Plan],
    *,
    by: AbstractBaseUser | None,
    skill: str,
    quiz: Quiz | None = None,
    reason: str = "",
) -> list[Question]:
    """Save the plans as drafts, in the quiz at its end if one is given, each with its history.

    All or none. What is here by now is left out: two who save the same bank at once save it once.
    The rows are built before the edit begins, since learners' answers wait for it on SQLite.
    """
    ready = _Ready.made_of(plans, skill)
    if not ready.rows:
        return []
    with edit(by=by, why=reason):
        if ContentVersion.current() != ready.version:  # somebody saved content meanwhile
            ready = _Ready.made_of(plans, skill)
        questions = [rows.question for rows in ready.rows]
        options = [option for rows in ready.rows for option in rows.options]
        for made in (
            questions,
            [option for option in options if option.role != Option.Role.ITEM],
            [option for option in options if option.role == Option.Role.ITEM],
            [row for rows in ready.rows for row in rows.accepted],
            [row for rows in ready.rows for row in rows.criteria],
            [row for rows in ready.rows for row in rows.levels],
        ):
            _create(made)
        if quiz is not None:
            _put_into(quiz, questions)
        if questions:
            ContentVersion.bump()
    return questions


def _put_into(quiz: Quiz, questions: Collection[Question]) -> None:
    items = QuizItem.objects.filter(quiz=quiz)
    last = items.aggregate(last=models.Max("position"))["last"] or 0
    keys = FreeKeys(items.values_list("key", flat=True))
    create_many(
        [
            QuizItem(quiz=quiz, question=question, key=keys.take(question.key), position=last + n)
            for n, question in enumerate(questions, start=1)
        ]
    )


def _create(rows: Sequence[Any]) -> None:
    for row in rows:
        for name in ("question", "answer", "criterion"):
            if name in row._state.fields_cache:  # their ids are known only now
                setattr(row, name, row._state.fields_cache[name])
    create_many(rows)
