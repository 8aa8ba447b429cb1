"""Another key for a question that was keyed wrong, and what that would change.

The right answer is given as the kind's own answer (`NewKey.answer`), for a short answer as rows.
Only how it is marked changes: the question's words, and what learners answered, stay.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from lessons.core.edits import edit
from lessons.core.models import ContentModel, ContentVersion

from .domain import WorkRefused, regraded, would_change
from .kinds.base import Answer, Key
from .models import AcceptedAnswer, Option, Question, QuestionRevision, Response
from .revisions import key_of, problems_of, questions_with_parts

if TYPE_CHECKING:
    from lessons.accounts.models import User

BY_ANSWER = (
    Question.Kind.SINGLE,
    Question.Kind.MULTIPLE,
    Question.Kind.MATCHING,
    Question.Kind.ORDERING,
)
KINDS = (*BY_ANSWER, Question.Kind.SHORT)
"""Kinds that are re-keyed here; the evidence and rubric of the others are edited in admin."""


@dataclass(frozen=True)
class NewKey:
    answer: Answer = field(default_factory=dict)
    """What is right, as a learner would answer it (kinds of BY_ANSWER)."""
    scores: dict[str, Decimal] = field(default_factory=dict)
    """Short answers: what accepted answers are worth, by key; the others stay."""
    accepted: str = ""
    """Short answers: one more accepted answer, worth 1."""
    feedback: str = ""
    """What is said of it."""


class KeyRefused(WorkRefused):
    """The question could not be asked with this key; `problems` say why."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = list(problems)


def right_now(question: Question) -> Answer:
    """What is right as the question stands, as a learner would answer it."""
    key = key_of(question)
    match question.kind:
        case Question.Kind.SINGLE:
            return {"choice": next(iter(key["right"]), "")}
        case Question.Kind.MULTIPLE:
            return {"choices": sorted(key["right"])}
        case Question.Kind.MATCHING:
            return {"pairs": key["pairs"]}
        case Question.Kind.ORDERING:
            return {"places": key["places"]}
    return {}


def with_parts(question_id: int) -> Question:
    return questions_with_parts(Question.objects.filter(pk=question_id)).get()


def apply(question: Question, change: NewKey) -> list[ContentModel]:
    """Bring the question's parts, in memory, to the new key; the rows that differ, unsaved.

    `question` has its parts prefetched. Raises KeyRefused where it could not be asked so.
    """
    rows: list[ContentModel] = (
        _accept(question, change)
        if question.kind == Question.Kind.SHORT
        else [row for row in question.options.all() if _turn(row, question, change.answer)]
    )
    problems = problems_of(question)
    if problems:
        raise KeyRefused(problems)
    if not rows:
        raise KeyRefused([_("That is the key it has already.")])
    return rows


def _turn(option: Option, question: Question, answer: Answer) -> bool:
    """Set what is right on one option; whether that changed it."""
    before = (option.is_key, option.answer_id, option.rank)
    match question.kind:
        case Question.Kind.SINGLE:
            option.is_key = option.key == answer["choice"]
        case Question.Kind.MULTIPLE:
            option.is_key = option.key in answer["choices"]
        case Question.Kind.MATCHING:
            if option.role == Option.Role.ITEM:
                targets = {row.key: row for row in question.options.all()}
                option.answer = targets[answer["pairs"][option.key]]
        case Question.Kind.ORDERING:
            option.rank = answer["places"][option.key]
    return before != (option.is_key, option.answer_id, option.rank)


def _accept(question: Question, change: NewKey) -> list[ContentModel]:
    rows: list[ContentModel] = []
    accepted = list(question.accepted_answers.all())
    for row in accepted:
        score = change.scores.get(row.key, row.score)
        if score != row.score:
            row.score = score
            rows.append(row)
    if change.accepted:
        taken = {row.key for row in accepted}
        stem = slugify(change.accepted)[:60] or "answer"
        keys = [stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))]
        rows.append(
            AcceptedAnswer(
                question=question,
                key=next(key for key in keys if key not in taken),
                order=max((row.order for row in accepted), default=0) + 1,
                answer=change.accepted,
                match=AcceptedAnswer.Match.WHOLE,
                score=Decimal(1),
                feedback=change.feedback,
            )
        )
        cache: dict[str, Any] = question._prefetched_objects_cache  # type: ignore[attr-defined]
        cache["accepted_answers"] = [*accepted, rows[-1]]
    return rows


def comparable(question: Question, revisions: Sequence[QuestionRevision]) -> list[QuestionRevision]:
    """The revisions that ask for the same parts, so that the key fits their answers."""
    kinds = ("options", "items", "targets")

    def parts(face: dict[str, Any]) -> Any:
        named = {name: sorted(row["key"] for row in face[name]) for name in kinds if name in face}
        return face["kind"], named

    from .revisions import face_of

    now = parts(face_of(question))
    return [revision for revision in revisions if parts(revision.content) == now]


def revisions_of(question: Question) -> list[QuestionRevision]:
    return list(question.revisions.order_by("pk"))


@dataclass(frozen=True)
class ChangedScore:
    response: Response
    old: Decimal
    new: Decimal

    @property
    def is_current(self) -> bool:
        """Whether it is the answer that counts in its attempt, not an earlier one."""
        return self.response.item.response_id == self.response.pk


def preview(question: Question, change: NewKey) -> Iterator[ChangedScore]:
    """What `rekey` would change; nothing is written. Raises KeyRefused as `apply` does."""
    question = with_parts(question.pk)
    apply(question, change)
    key: Key = key_of(question)
    for revision in comparable(question, revisions_of(question)):
        for response, old, new in would_change(revision, key):
            yield ChangedScore(response, old, new)


def rekey(*, question: Question, change: NewKey, reason: str, by: "User") -> list[Response]:
    """Change the key of a question, and mark every answer to it anew by it.

    Content is saved with its history; marks are added, none is changed, and what a person has
    marked stays. Returns the answers whose score changed. Raises KeyRefused, and then nothing is
    changed; WorkRefused without a reason.
    """
    if not reason.strip():
        raise WorkRefused(_("Say why the key is changed."))
    with edit(by=by, why=reason):
        Question.objects.select_for_update().get(pk=question.pk)
        question = with_parts(question.pk)
        for row in apply(question, change):
            row.save()
        ContentVersion.bump()
        changed: list[Response] = []
        for revision in comparable(question, revisions_of(question)):
            changed += regraded(revision=revision, reason=reason, by=by)
        return changed
