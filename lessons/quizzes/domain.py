"""Every write to learners' work. Nothing here takes a request; refusals are WorkRefused."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import F, Max, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lessons.core import rows
from lessons.core.models import ContentVersion

from .kinds import kind_of
from .kinds.base import SIX_PLACES, ZERO, Answer, InvalidAnswer, Key, clean_text
from .kinds.open import rubric_score
from .models import (
    Attempt,
    AttemptItem,
    Delivery,
    DeliveryException,
    Draft,
    ItemTally,
    Mark,
    MarkingKey,
    QuestionRevision,
    Quiz,
    Response,
)
from .revisions import (
    content_digest,
    kept_revisions,
    key_of,
    latest_marking_key,
    latest_marking_keys,
    questions_with_parts,
)
from .terms import resolve_terms

if TYPE_CHECKING:
    from lessons.accounts.models import User

TRIES = 2
"""A practice item closes after this many checked answers, or with a right one."""

MAX_COMMENT = 2_000
"""Characters of a marker's comment."""


class WorkRefused(Exception):
    """The write was not made. `message` says why in the learner's words."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(message)
        self.message = str(message)


ELSEWHERE = gettext_lazy("Another answer to this question was checked in another window.")


STORED_BEFORE = gettext_lazy(
    "Another answer of yours was stored before this one; its reply may not have reached you."
)


class Stale(WorkRefused):
    """The page was older than what is stored; both are kept for the learner to see."""


class StaleMark(Stale):
    """Somebody else has marked this answer since the form was drawn."""

    def __init__(self, message: str | Promise, theirs: Mark) -> None:
        super().__init__(message)
        self.theirs = theirs


class Closed(WorkRefused):
    """It was handed in, closed or not open yet."""


@dataclass(frozen=True)
class Submission:
    """One answer as a form sent it."""

    answer: Answer
    client_uuid: uuid.UUID
    base: int
    """How many responses (or, for a draft, saves) the sender had seen."""
    confidence: str = ""


def start_attempt(
    *,
    delivery: Delivery,
    quiz: Quiz,
    by: "User",
    seed: int,
    version: int,
    moment: datetime | None = None,
) -> Attempt:
    """The learner's open attempt, made with its items where there is none.

    `version` is the content version the page was drawn with. Raises Closed when the delivery
    is not open or no attempt is left.
    """
    items = open_items(
        delivery=delivery, quiz=quiz, by=by, seed=seed, version=version, moment=moment
    )
    return items[0].attempt


def open_items(
    *,
    delivery: Delivery,
    quiz: Quiz,
    by: "User",
    seed: int,
    version: int,
    is_first: bool = False,
    moment: datetime | None = None,
) -> list[AttemptItem]:
    """The items of the learner's open attempt in order; made with it where there is none.

    `is_first` says that the page has just seen no attempt of theirs; if one was begun since, it
    is found. Raises Closed when the delivery is not open or no attempt is left.
    """
    moment = moment or timezone.now()
    asked = kept_revisions(quiz, version, delivery=delivery)
    if not asked:
        raise Closed(_("This quiz has no questions yet."))
    with transaction.atomic():
        own = Attempt.objects.filter(delivery=delivery, quiz=quiz, learner=by)
        latest = None if is_first else own.order_by("-number").first()
        if latest is not None and latest.submitted_at is None:
            return _items_of(latest)
        exception = None
        if delivery.kind == Delivery.Kind.ASSIGNED:
            exception = DeliveryException.objects.filter(delivery=delivery, learner=by).first()
        terms = resolve_terms(delivery, quiz, exception)
        if not terms.is_open(moment):
            if terms.closes_at is not None and moment >= terms.closes_at:
                raise Closed(_("This is closed: answers are not taken any more."))
            raise Closed(_("This is not open yet."))
        last = latest.number if latest else 0
        if terms.attempts_allowed is not None and last >= terms.attempts_allowed:
            raise Closed(_("No attempt is left."))
        attempt = Attempt(
            delivery=delivery,
            quiz=quiz,
            learner=by,
            number=last + 1,
            started_at=moment,
            deadline=terms.deadline(moment),
        )
        if not rows.insert([attempt]):  # another tab was first
            return _items_of(own.order_by("-number")[0])
        items = [
            AttemptItem(
                attempt=attempt,
                position=position,
                question_id=revision.question_id,
                revision=revision,
                seed=seed,
            )
            for position, revision in enumerate(asked, start=1)
        ]
        rows.insert(items)
        for item in items:
            _know_no_draft(item)
        return items


def _items_of(attempt: Attempt) -> list[AttemptItem]:
    items = attempt.items.select_related("attempt", "revision", "response", "mark__marking_key")
    return list(items.order_by("position"))


def save_draft(
    *, item: AttemptItem, submission: Submission, moment: datetime | None = None
) -> Draft:
    """Keep what is put down so far; sent twice, it is saved once.

    Raises Stale where another page saved something else since, Closed if late.
    """
    moment = moment or timezone.now()
    with transaction.atomic():
        _refuse_when_over(item, moment)
        values = {
            "answer": submission.answer,
            "confidence": submission.confidence,
            "saved_at": moment,
        }
        if submission.base:
            saved = Draft.objects.filter(item=item, version=submission.base).update(
                version=F("version") + 1, **values
            )
            if not saved:
                return _saved_before(item, submission)
            return Draft.objects.get(item=item)
        try:
            with transaction.atomic():
                return Draft.objects.create(item=item, version=1, **values)
        except IntegrityError:
            return _saved_before(item, submission)


def _saved_before(item: AttemptItem, submission: Submission) -> Draft:
    """The draft that holds this already: a save whose answer was lost on the way comes again."""
    stored = Draft.objects.filter(
        item=item, answer=submission.answer, confidence=submission.confidence
    ).first()
    if stored is None:
        raise Stale(_("This answer was changed in another window."))
    return stored


def _refuse_when_over(item: AttemptItem, moment: datetime) -> AttemptItem:
    """Locks the item and its attempt, so that nothing is saved beside a handing-in.

    Checking, saving and handing in all take the item first and then its attempt: in different
    orders two of them could wait for each other.
    """
    now = (
        AttemptItem.objects.select_related("attempt")
        .select_for_update(of=("self", "attempt"))
        .get(pk=item.pk)
    )
    if now.attempt.submitted_at is not None or is_overdue(now.attempt, moment):
        raise Closed(_("This was handed in already; what is stored is not changed."))
    if now.closed_at is not None:
        raise Closed(_("This question is closed."))
    return now


def is_overdue(attempt: Attempt, moment: datetime) -> bool:
    """Past its deadline and grace: then it is submitted, whether or not that was written yet."""
    grace = timedelta(seconds=Delivery.GRACE_SECONDS)
    return attempt.deadline is not None and moment > attempt.deadline + grace


def check_answer(
    *,
    item: AttemptItem,
    submission: Submission,
    version: int = 0,
    tries: int = TRIES,
    moment: datetime | None = None,
) -> Response:
    """Check one practice answer: store it, mark it, and close the item when it is done.

    `item` is brought up to date. A replay (same client uuid and answer) returns the response it
    made the first time and leaves `item` as it was read. `version` is the content version,
    under which the marking key may be remembered. The item closes after `tries` answers: give 1
    where what is right may not be told yet, since to close early would tell it.
    Raises Closed for an item that is done, Stale where another answer was checked since the page
    was drawn.

    Nothing is locked: the version of a response is unique in its item, and the item is changed
    only while it is open, so of two checks at once one is stored.
    """
    moment = moment or timezone.now()
    current = item.response
    if current is not None and current.client_uuid == submission.client_uuid:
        return _same(current, submission)
    if item.attempt.submitted_at is None and is_overdue(item.attempt, moment):
        raise Closed(_("Time is up; what is stored is not changed."))
    number = current.version if current else 0
    if item.closed_at is not None or submission.base != number:
        refusal = Closed(_("This question is closed.")) if item.closed_at else Stale(ELSEWHERE)
        return _replayed(item, submission, or_raise=refusal)
    with transaction.atomic(savepoint=False):
        return _check(item, submission, number + 1, tries, moment, version)


def _replayed(item: AttemptItem, submission: Submission, *, or_raise: WorkRefused) -> Response:
    """The response that this submission made when it came before."""
    sent = Response.objects.filter(item=item, client_uuid=submission.client_uuid).first()
    if sent is None:
        raise or_raise
    return _same(sent, submission)


def _same(sent: Response, submission: Submission) -> Response:
    """Raises Stale where the form came again with another answer: that one is not stored."""
    if sent.answer != submission.answer:
        raise Stale(STORED_BEFORE)
    return sent


def _check(
    item: AttemptItem,
    submission: Submission,
    number: int,
    tries: int,
    moment: datetime,
    version: int,
) -> Response:
    response = Response(
        item=item,
        version=number,
        client_uuid=submission.client_uuid,
        answer=submission.answer,
        confidence=submission.confidence,
        created_at=moment,
    )
    if not rows.insert([response]):  # another tab was first, or this very form
        return _replayed(item, submission, or_raise=Stale(ELSEWHERE))
    key = latest_marking_key(item.revision_id, version)
    mark = _machine_mark(response, key, item.revision)
    done = mark is None or mark.score == 1 or number >= tries
    if not _set_current(item, response, mark, closed_at=moment if done else None):
        raise Closed(_("This question is closed."))
    # A draft that another tab saves just now stays, and is shown while the item is open.
    if _draft_of(item) is not None:
        Draft.objects.filter(item=item).delete()
        _know_no_draft(item)
    if done:
        _close_when_all_done(item.attempt, moment)
    return response


def _know_no_draft(item: AttemptItem) -> None:
    """Spare the query that would find none."""
    AttemptItem._meta.get_field("draft").set_cached_value(item, None)


def _draft_of(item: AttemptItem) -> Draft | None:
    draft: Draft | None = getattr(item, "draft", None)
    return draft


def _machine_mark(
    response: Response,
    key: MarkingKey,
    revision: QuestionRevision,
    *,
    reason: str = "",
    by: "User | None" = None,
) -> Mark | None:
    kind = kind_of(revision.content["kind"])
    if not response.answer or kind.is_blank(response.answer):
        score: Decimal | None = ZERO
    else:
        score = kind.mark(key.content, response.answer)
    if score is None:
        return None
    mark = Mark(
        response=response,
        marking_key=key,
        score=score,
        by=Mark.By.MACHINE,
        marker=by,
        reason=reason[:300],
    )
    rows.insert([mark])
    return mark


def _set_current(
    item: AttemptItem, response: Response, mark: Mark | None, *, closed_at: datetime | None
) -> bool:
    """Make this response current, in the table and in `item`; False where the item is closed."""
    changed = rows.change(
        item,
        only_while="closed_at IS NULL",
        response_id=response.pk,
        mark_id=mark.pk if mark else None,
        score=mark.score if mark else None,
        closed_at=closed_at,
    )
    if changed:
        item.response, item.mark = response, mark
    return changed


def _close_when_all_done(attempt: Attempt, moment: datetime) -> None:
    """Hand in a practice attempt once all its items are closed."""
    rows.change(
        attempt,
        only_while="submitted_at IS NULL AND NOT EXISTS (SELECT 1 FROM quizzes_attemptitem"
        " WHERE attempt_id = quizzes_attempt.id AND closed_at IS NULL)",
        submitted_at=moment,
    )


@transaction.atomic
def submit_attempt(*, attempt: Attempt, moment: datetime | None = None) -> Attempt:
    """Hand in: every draft becomes a response and is marked. A replay changes nothing.

    One conditional UPDATE decides which of several callers hands in; all get the same receipt.
    """
    moment = moment or timezone.now()
    grace = timedelta(seconds=Delivery.GRACE_SECONDS)
    if attempt.deadline is not None:
        moment = min(moment, attempt.deadline + grace)
    list(attempt.items.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    won = Attempt.objects.filter(pk=attempt.pk, submitted_at__isnull=True).update(
        submitted_at=moment
    )
    if won:
        items = list(attempt.items.select_related("revision", "draft"))
        keys = latest_marking_keys(item.revision for item in items)
        for item in items:
            if item.closed_at is None:
                _hand_in_item(item, keys[item.revision_id], moment)
        Draft.objects.filter(item__attempt=attempt).delete()
    attempt.refresh_from_db()
    return attempt


def _hand_in_item(item: AttemptItem, key: MarkingKey, moment: datetime) -> None:
    draft = _draft_of(item)
    response = Response.objects.create(
        item=item,
        version=(item.response.version if item.response else 0) + 1,
        client_uuid=uuid.uuid4(),
        answer=draft.answer if draft else {},
        confidence=draft.confidence if draft else "",
        created_at=moment,
    )
    mark = _machine_mark(response, key, item.revision)
    _set_current(item, response, mark, closed_at=moment)


@transaction.atomic
def renew_deadlines(*, delivery: Delivery, learner: "User | None" = None) -> int:
    """Give open attempts the deadline that the delivery's terms set now; how many changed.

    After a change of the terms, for everyone or for one `learner`.
    """
    exceptions = {row.learner_id: row for row in delivery.exceptions.all()}
    attempts = Attempt.objects.unsubmitted().filter(delivery=delivery).select_related("quiz")
    if learner is not None:
        attempts = attempts.filter(learner=learner)
    changed = 0
    for attempt in attempts:
        terms = resolve_terms(delivery, attempt.quiz, exceptions.get(attempt.learner_id))
        deadline = terms.deadline(attempt.started_at)
        if deadline != attempt.deadline:
            open_now = Attempt.objects.unsubmitted().filter(pk=attempt.pk)
            changed += open_now.update(deadline=deadline)
    return changed


def close_overdue(*, moment: datetime | None = None) -> int:
    """Hand in every attempt past its deadline and grace, as its readers see it; how many."""
    moment = moment or timezone.now()
    grace = timedelta(seconds=Delivery.GRACE_SECONDS)
    overdue = Attempt.objects.unsubmitted().filter(deadline__lt=moment - grace)
    count = 0
    for attempt in overdue.iterator():
        submit_attempt(attempt=attempt, moment=moment)
        count += 1
    return count


@transaction.atomic
def assess_own_response(
    *, item: AttemptItem, levels: dict[str, str], by: "User", moment: datetime | None = None
) -> Mark:
    """The learner's own judgement of a written answer by its rubric, after it was handed in.

    Raises WorkRefused where the rubric is not complete or there is nothing to judge by one,
    Closed before handing in.
    """
    if item.response is None or item.closed_at is None:
        raise Closed(_("Hand in your answer first."))
    kind = kind_of(item.revision.content["kind"])
    if kind.marked_by_machine or kind.is_blank(item.response.answer):
        raise WorkRefused(_("There is no written answer to compare."))
    key = MarkingKey.objects.filter(revision=item.revision_id).latest("version")
    try:
        score = rubric_score(key.content, levels)
    except InvalidAnswer as error:
        raise WorkRefused(error.message) from None
    # A person may be marking it just now, and theirs shall count.
    AttemptItem.objects.select_for_update().get(pk=item.pk)
    mark = Mark.objects.create(
        response=item.response,
        marking_key=key,
        score=score,
        by=Mark.By.SELF,
        marker=by,
        levels=levels,
        created_at=moment or timezone.now(),
    )
    AttemptItem.objects.filter(pk=item.pk).exclude(mark__by=Mark.By.PERSON).update(
        mark=mark, score=score
    )
    return mark


@transaction.atomic
def mark_response(
    *,
    response: Response,
    levels: Mapping[str, str],
    by: "User",
    base_mark: int,
    comment: str = "",
    reason: str = "",
    score: Decimal | None = None,
    moment: datetime | None = None,
) -> Mark:
    """A person's mark of an answer, after all earlier ones; it counts from now on.

    By the `levels` of the rubric (`rubric_score`), or, for a kind without one, the `score` given
    (0 to 1). `base_mark` is the id of the latest mark by a person that the marker had seen, 0 for
    none. Raises StaleMark where there is a newer one, and nothing is stored; InvalidAnswer for
    levels that are not this rubric's or a comment that is none; Stale where the learner has
    answered again since; Closed before the answer is handed in.
    """
    item = (
        AttemptItem.objects.select_for_update(of=("self",))
        .select_related("revision")
        .get(pk=response.item_id)
    )
    if item.closed_at is None:
        raise Closed(_("This answer is not handed in yet."))
    if item.response_id != response.pk:
        raise Stale(_("There is a newer answer to this question."))
    latest = response.marks.filter(by=Mark.By.PERSON).order_by("-pk").first()
    if latest is not None and latest.pk != base_mark:
        raise StaleMark(_("This answer was marked in the meantime."), latest)
    key = MarkingKey.objects.filter(revision=item.revision_id).latest("version")
    mark = Mark.objects.create(
        response=response,
        marking_key=key,
        score=_score_by_person(item.revision, key, levels, score),
        by=Mark.By.PERSON,
        marker=by,
        levels=dict(levels),
        comment=clean_text(comment, limit=MAX_COMMENT),
        reason=reason[:300],
        created_at=moment or timezone.now(),
    )
    AttemptItem.objects.filter(pk=item.pk, response=response).update(mark=mark, score=mark.score)
    return mark


def _score_by_person(
    revision: QuestionRevision, key: MarkingKey, levels: Mapping[str, str], score: Decimal | None
) -> Decimal:
    if not kind_of(revision.content["kind"]).marked_by_machine:
        return rubric_score(key.content, levels)
    if levels or score is None or not ZERO <= score <= 1:
        raise InvalidAnswer(_("Give points from nothing up to all the question has."))
    return score.quantize(SIX_PLACES)


def regrade(*, revision: QuestionRevision, reason: str) -> int:
    """Mark every response to `revision` by the question as it now stands: reports use the first.

    Adds a marking key where the key changed, and a mark where the score changes; rewrites
    nothing. Returns how many scores changed.
    """
    return len(regraded(revision=revision, reason=reason))


@transaction.atomic
def regraded(
    *, revision: QuestionRevision, reason: str, by: "User | None" = None
) -> list[Response]:
    """As `regrade`; returns the responses whose scores changed. `by` is who asked for it."""
    question = questions_with_parts(
        type(revision.question).objects.filter(pk=revision.question_id)
    ).get()
    content = key_of(question)
    latest = revision.marking_keys.select_for_update().latest("version")
    if latest.digest != content_digest(content):
        latest = MarkingKey.objects.create(
            revision=revision,
            version=latest.version + 1,
            digest=content_digest(content),
            content=content,
        )
        ContentVersion.bump()
    changed = []
    for response, _old, _new in would_change(revision, latest.content):
        mark = _machine_mark(response, latest, revision, reason=reason, by=by)
        changed.append(response)
        if mark is not None and response.item.response_id == response.pk:
            rows.change(response.item, mark_id=mark.pk, score=mark.score)
    return changed


def would_change(
    revision: QuestionRevision, key: Key
) -> Iterator[tuple[Response, Decimal, Decimal]]:
    """Responses to `revision` that the machine would mark otherwise by `key`: old and new score.

    What a person has marked stays as it is.
    """
    kind = kind_of(revision.content["kind"])
    marked = (
        Response.objects.filter(item__revision=revision, marks__by=Mark.By.MACHINE)
        .exclude(answer={})
        .select_related("item")
        .prefetch_related("marks")
        .distinct()
    )
    for response in marked.iterator(chunk_size=500):
        last = max(response.marks.all(), key=lambda mark: mark.pk)
        if last.by != Mark.By.MACHINE:
            continue
        blank = kind.is_blank(response.answer)
        score = ZERO if blank else kind.mark(key, response.answer)
        if score is not None and score != last.score:
            yield response, last.score, score


@transaction.atomic
def adopt_attempts(*, guest: "User", by: "User") -> int:
    """Give a guest's attempts to the learner who claims them, numbered after what they handed in.

    Their own open attempt stays the latest; where both have one, the guest's is handed in first.
    Returns how many attempts changed hands.
    """
    adopted = 0
    for attempt in Attempt.objects.filter(learner=guest).order_by("started_at"):
        own = Attempt.objects.filter(delivery=attempt.delivery_id, quiz=attempt.quiz_id, learner=by)
        in_hand = own.unsubmitted().first()
        if attempt.submitted_at is None and in_hand is not None:
            submit_attempt(attempt=attempt)
        number = (own.aggregate(last=Max("number"))["last"] or 0) + 1
        if in_hand is not None:
            Attempt.objects.filter(pk=in_hand.pk).update(number=number)
            number = in_hand.number
        Attempt.objects.filter(pk=attempt.pk).update(learner=by, number=number)
        adopted += 1
    return adopted


@transaction.atomic
def erase_work(*, learner: "User", deliveries: QuerySet[Delivery] | None = None) -> None:
    """Delete every attempt of a learner, or those in some deliveries.

    Their first answers stay as counts without a name.
    """
    attempts = Attempt.objects.filter(learner=learner)
    exceptions = DeliveryException.objects.filter(learner=learner)
    if deliveries is not None:
        attempts = attempts.filter(delivery__in=deliveries)
        exceptions = exceptions.filter(delivery__in=deliveries)
    first = Response.objects.filter(
        version=1, item__attempt__in=attempts, item__attempt__number=1
    ).exclude(item__attempt__delivery__kind=Delivery.Kind.PREVIEW)
    for response in first.select_related("item__revision").prefetch_related("marks"):
        _tally(response)
    AttemptItem.objects.filter(attempt__in=attempts).update(response=None, mark=None, score=None)
    Mark.objects.filter(response__item__attempt__in=attempts).delete()
    Response.objects.filter(item__attempt__in=attempts).delete()
    exceptions.delete()
    attempts.delete()


def _tally(response: Response) -> None:
    revision = response.item.revision
    kind = kind_of(revision.content["kind"])
    marks = sorted(response.marks.all(), key=lambda mark: mark.pk)
    score = marks[0].score if marks else ZERO
    choices = kind.tally(revision.content, response.answer) if response.answer else []
    if not kind.has_fixed_choices:
        choices = []  # what was typed is the person's own
    for choice in choices or [""]:
        row, _made = ItemTally.objects.get_or_create(revision=revision, choice=choice)
        ItemTally.objects.filter(pk=row.pk).update(
            count=F("count") + 1, score_sum=F("score_sum") + score
        )
