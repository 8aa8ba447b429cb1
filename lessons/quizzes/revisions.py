"""From a question as an editor wrote it to what is asked (face) and how it is marked (key).

The two never mix: a face is all that rendering an unanswered question reads, and it is built
without looking at what is right. Both are addressed by the SHA-256 of their canonical JSON.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from lessons.core.models import Status
from lessons.core.rendered import is_kept, rendered

from .kinds import kind_of
from .kinds.base import Face, Key
from .models import (
    Criterion,
    Delivery,
    DeliveryItem,
    MarkingKey,
    Question,
    QuestionRevision,
    Quiz,
)


def content_digest(content: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON of a face or key, as 64 hexadecimal digits."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def questions_with_parts(questions: QuerySet[Question]) -> QuerySet[Question]:
    """The queryset with everything `face_of` and `key_of` read, in a constant number of queries."""
    return questions.select_related("text__passage__document").prefetch_related(
        "options__answer",
        "evidence__text",
        "accepted_answers",
        Prefetch("criteria", Criterion.objects.prefetch_related("levels")),
        # Without cards or segments each of these costs one query and leads no further.
        "cards__replies",
        "cards__text__passage__document__passages",
        "cards__text__passage__document__participations",
        "segments__span",
    )


def face_of(question: Question) -> Face:
    """What may be shown before answering."""
    about = None
    if question.text is not None:
        passage = question.text.passage
        about = {
            "document": passage.document.slug,
            "anchor": passage.anchor,
            "passage": str(passage),
            "quote": question.quote,
        }
    return {
        "kind": question.kind,
        "question": question.key,
        "prompt": question.prompt,
        "skill": question.skill,
        "points": str(question.points),
        "hint": question.hint,
        "asks_confidence": question.asks_confidence,
        "about": about,
        "expected_words": question.expected_words,
        **kind_of(question.kind).face(question),
    }


def key_of(question: Question) -> Key:
    """How it is marked, and what may be said afterwards."""
    return {
        "explanation": question.explanation,
        "points": str(question.points),
        **kind_of(question.kind).key(question),
    }


def problems_of(question: Question) -> list[str]:
    """Why this question cannot be asked, in an editor's words; empty when it can."""
    return kind_of(question.kind).problems(face_of(question), key_of(question))


def questions_of(
    quiz: Quiz, *, drafts: bool = False, delivery: Delivery | None = None
) -> QuerySet[Question]:
    """The quiz's published questions in order, with all their parts; in a preview drafts too.

    A delivery with a plan of its own may leave some out and ask the others in another order.
    """
    statuses = [Status.PUBLISHED, Status.DRAFT] if drafts else [Status.PUBLISHED]
    asked = Question.objects.filter(quiz_items__quiz=quiz, status__in=statuses)
    if delivery is not None and delivery.plan:
        chosen = DeliveryItem.objects.filter(delivery=delivery, quiz=quiz)
        if chosen.exists():
            place = chosen.filter(question=OuterRef("pk")).values("position")[:1]
            asked = asked.filter(pk__in=chosen.values("question"))
            return questions_with_parts(asked.order_by(Subquery(place)))
    return questions_with_parts(asked.order_by("quiz_items__position"))


def selection(delivery: Delivery | None) -> tuple[bool, int, int]:
    """What decides which of a quiz's questions a delivery asks; part of what they are kept by."""
    if delivery is None:
        return (False, 0, 0)
    return (delivery.is_preview, delivery.pk if delivery.plan else 0, delivery.plan)


def kept_revisions(
    quiz: Quiz, version: int, *, delivery: Delivery | None = None
) -> list[QuestionRevision]:
    """What the quiz asks in a delivery now, in order: stored before the first attempt.

    Call it outside a transaction that might be rolled back: the rows are remembered for a
    content version.
    """
    drafts = delivery is not None and delivery.is_preview

    def build() -> list[QuestionRevision]:
        questions = list(questions_of(quiz, drafts=drafts, delivery=delivery))
        with transaction.atomic():
            kept = keep_revisions(questions)
        return [kept[question.pk] for question in questions]

    return rendered(("revisions", quiz.pk, selection(delivery)), version, build)


def keep_revisions(questions: Sequence[Question]) -> dict[int, QuestionRevision]:
    """The revision of each question as it stands, by question id; made where new, keys too.

    Call it inside a transaction. Two callers at once end with the same rows, since both
    tables are addressed by content.
    """
    faces = {question.pk: face_of(question) for question in questions}
    digests = {pk: content_digest(face) for pk, face in faces.items()}
    wanted = QuestionRevision.objects.filter(
        question__in=list(digests), digest__in=list(digests.values())
    )
    kept = {revision.question_id: revision for revision in wanted}
    missing = [pk for pk in digests if pk not in kept]
    if missing:
        QuestionRevision.objects.bulk_create(
            [
                QuestionRevision(question_id=pk, digest=digests[pk], content=faces[pk])
                for pk in missing
            ],
            ignore_conflicts=True,
        )
        kept = {revision.question_id: revision for revision in wanted.all()}
    _keep_marking_keys(questions, kept)
    return kept


def _keep_marking_keys(
    questions: Iterable[Question], revisions: dict[int, QuestionRevision]
) -> None:
    latest = latest_marking_keys(revisions.values())
    new = []
    for question in questions:
        revision = revisions[question.pk]
        content = key_of(question)
        digest = content_digest(content)
        current = latest.get(revision.pk)
        if current is None or current.digest != digest:
            version = current.version + 1 if current else 1
            new.append(
                MarkingKey(revision=revision, version=version, digest=digest, content=content)
            )
    MarkingKey.objects.bulk_create(new, ignore_conflicts=True)


def latest_marking_keys(revisions: Iterable[QuestionRevision]) -> dict[int, MarkingKey]:
    """The newest marking key of each revision, by revision id (one query)."""
    keys = MarkingKey.objects.filter(revision__in=[r.pk for r in revisions]).order_by("version")
    return {key.revision_id: key for key in keys}


R = TypeVar("R", QuestionRevision, MarkingKey)


def remembered(model: type[R], ids: Iterable[int], version: int) -> dict[int, R]:
    """Rows of a table that never changes, by id: one query for those not read before."""
    wanted = set(ids)
    missing = [pk for pk in wanted if not is_kept((model.__name__, pk), version)]
    rows = model.objects.in_bulk(missing) if missing else {}

    def read(pk: int) -> R:
        return rows.get(pk) or model.objects.get(pk=pk)

    return {pk: rendered((model.__name__, pk), version, partial(read, pk)) for pk in wanted}


def latest_marking_key(revision_id: int, version: int) -> MarkingKey:
    """The newest marking key of a revision, remembered for a content version (0: never).

    Whoever adds a marking key bumps the content version.
    """

    def read() -> MarkingKey:
        return MarkingKey.objects.filter(revision=revision_id).order_by("-version")[0]

    return rendered(("marking key", revision_id), version, read)
