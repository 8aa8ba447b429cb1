"""Marking by people, requests to look again, questions that do not count, and re-keying."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from lessons.accounts.models import User
from lessons.classrooms.counting import WAITING, counted_items, counted_score, counting_attempts
from lessons.classrooms.marking import is_told
from lessons.classrooms.models import (
    Assignment,
    GradeEvent,
    Membership,
    Notice,
    RegradeRequest,
    ReusableComment,
    VoidedQuestion,
)
from lessons.classrooms.rekeying import chunks
from lessons.core.models import ContentVersion
from lessons.quizzes import domain as quizzes
from lessons.quizzes import rekeying
from lessons.quizzes.kinds.base import clean_text
from lessons.quizzes.models import (
    Attempt,
    AttemptItem,
    Delivery,
    DeliveryItem,
    Mark,
    Question,
    QuizItem,
    Response,
)

from .refusals import ClassRefused

State = RegradeRequest.State


@transaction.atomic
def mark_answer(
    *,
    assignment: Assignment,
    response: Response,
    levels: Mapping[str, str],
    by: User,
    base_mark: int,
    comment: str = "",
    reason: str = "",
    score: Decimal | None = None,
) -> Mark:
    """A marker's judgement of one answer; see quizzes.domain.mark_response for its refusals.

    The student is told once the last of their answers in the assignment that waited is marked,
    and where a mark they had seen became another.
    """
    before = AttemptItem.objects.select_related("mark", "attempt__learner").get(response=response)
    old = counted_score(before)
    was_waiting = old is None
    mark = quizzes.mark_response(
        response=response,
        levels=levels,
        by=by,
        base_mark=base_mark,
        comment=comment,
        reason=reason,
        score=score,
    )
    learner = before.attempt.learner
    if was_waiting:
        if not _waits(assignment, learner):
            _tell_once(assignment, learner, Notice.Kind.MARKED)
    elif old != mark.score and is_told(_with_quiz(before)):
        _tell_once(assignment, learner, Notice.Kind.REGRADED)
    return mark


def _waits(assignment: Assignment, learner: User) -> bool:
    attempts = counting_attempts(
        Attempt.objects.filter(delivery=assignment.delivery_id, learner=learner)
    )
    written = counted_items(attempts).filter(
        WAITING, question__kind__in=Question.WRITTEN, closed_at__isnull=False
    )
    return written.exists()


def _with_quiz(item: AttemptItem) -> Attempt:
    return Attempt.objects.select_related("delivery", "quiz", "learner").get(pk=item.attempt_id)


def _tell_once(assignment: Assignment, learner: User, kind: Notice.Kind, detail: str = "") -> None:
    """Tell a learner, unless the same is waiting to be read already."""
    same = Notice.objects.filter(
        user=learner, assignment=assignment, kind=kind, detail=detail, read_at__isnull=True
    )
    if not same.exists():
        Notice.objects.create(user=learner, assignment=assignment, kind=kind, detail=detail)


# --- Comments used again ----------------------------------------------------------------------


@transaction.atomic
def keep_comment(*, text: str, question: Question, by: User) -> ReusableComment:
    """Keep a comment for this question. Raises ClassRefused for one that is empty or too long."""
    longest: int = ReusableComment._meta.get_field("text").max_length or 0
    text = text.strip()
    if not text:
        raise ClassRefused(_("Write the comment first."), field="comment")
    if len(text) > longest:
        raise ClassRefused(
            _("A comment to use again has at most %(n)s characters.") % {"n": longest},
            field="comment",
        )
    kept = ReusableComment.objects.filter(owner=by, question=question, text=text).first()
    return kept or ReusableComment.objects.create(owner=by, question=question, text=text)


def use_comment(*, comment: int, by: User) -> str | None:
    """The text of one of the marker's own comments, noted as used now; None where there is none."""
    own = ReusableComment.objects.filter(pk=comment, owner=by)
    if not own.update(used_at=timezone.now()):
        return None
    return own.values_list("text", flat=True).first()


def drop_comment(*, comment: int, by: User) -> None:
    ReusableComment.objects.filter(pk=comment, owner=by).delete()


# --- Another look -----------------------------------------------------------------------------


@transaction.atomic
def ask_again(
    *, assignment: Assignment, response: Response, reason: str, by: User
) -> RegradeRequest:
    """A student asks for another look at a mark they have seen: once for each answer.

    Raises ClassRefused where the answer is not theirs and counting here, is not marked or not
    released yet, or was asked about before.
    """
    reason = clean_text(reason, limit=500)
    if not reason:
        raise ClassRefused(_("Say why it should be looked at again."), field="reason")
    attempts = counting_attempts(
        Attempt.objects.filter(delivery=assignment.delivery_id, learner=by)
    )
    item = (
        AttemptItem.objects.filter(response=response, attempt__in=attempts, closed_at__isnull=False)
        .select_related("mark", "attempt__delivery", "attempt__quiz", "attempt__learner")
        .first()
    )
    if item is None or counted_score(item) is None or not is_told(item.attempt):
        raise ClassRefused(_("There is no mark to look at again."))
    try:
        with transaction.atomic():
            return RegradeRequest.objects.create(
                assignment=assignment, response=response, reason=reason
            )
    except IntegrityError:
        raise ClassRefused(_("You have asked for another look at this answer before.")) from None


@transaction.atomic
def answer_request(
    *,
    request: RegradeRequest,
    reply: str,
    by: User,
    keep: bool,
    levels: Mapping[str, str] | None = None,
    score: Decimal | None = None,
    comment: str = "",
    base_mark: int = 0,
) -> RegradeRequest:
    """Keep the mark or give another, with a reply; a request is answered once.

    Raises ClassRefused without a reply or where somebody answered it already, and the refusals
    of mark_response.
    """
    reply = clean_text(reply, limit=500)
    if not reply:
        raise ClassRefused(_("Write a reply to the student."), field="reply")
    answered = RegradeRequest.objects.filter(pk=request.pk, state=State.OPEN).update(
        state=State.KEPT if keep else State.CHANGED,
        reply=reply,
        answered_at=timezone.now(),
        answered_by=by,
    )
    if not answered:
        raise ClassRefused(_("This request was answered already."))
    if not keep:
        mark_answer(
            assignment=request.assignment,
            response=request.response,
            levels=levels or {},
            by=by,
            base_mark=base_mark,
            comment=comment,
            reason=_("Asked for another look: %(reply)s") % {"reply": reply},
            score=score,
        )
    learner = User.objects.get(attempts__items__responses=request.response_id)
    _tell_once(request.assignment, learner, Notice.Kind.ANSWERED)
    request.refresh_from_db()
    return request


# --- Questions and attempts that do not count -----------------------------------------------------


@transaction.atomic
def void_question(
    *, assignment: Assignment, question: Question, reason: str, by: User
) -> VoidedQuestion:
    """A question counts no more in an assignment, and later attempts do not ask it.

    It is left out of the score of everybody, whether they had it right or wrong: what remains is
    all there is to earn. A quiz that asks nothing else goes on asking it. Raises ClassRefused
    without a reason, and where it does not count already.
    """
    reason = clean_text(reason, limit=300)
    if not reason:
        raise ClassRefused(_("Say why it should not count."), field="reason")
    try:
        with transaction.atomic():
            voided = VoidedQuestion.objects.create(
                assignment=assignment, question=question, reason=reason, by=by
            )
    except IntegrityError:
        raise ClassRefused(_("This question does not count already.")) from None
    voided.places = _leave_out(assignment.delivery, question)
    voided.save(update_fields=["places"])
    _tell_those_who_did(assignment, question, _("One question does not count any more."))
    return voided


def _leave_out(delivery: Delivery, question: Question) -> dict[str, int]:
    """Take the question out of the delivery's choice; where it stood, by quiz id."""
    places: dict[str, int] = {}
    for item in QuizItem.objects.filter(question=question).select_related("quiz"):
        chosen = DeliveryItem.objects.filter(delivery=delivery, quiz=item.quiz)
        if not chosen.exists():
            DeliveryItem.objects.bulk_create(
                DeliveryItem(
                    delivery=delivery,
                    quiz=item.quiz,
                    question_id=other.question_id,
                    position=other.position,
                )
                for other in QuizItem.objects.filter(quiz=item.quiz)
            )
        here = chosen.filter(question=question).first()
        if here is None or not chosen.exclude(pk=here.pk).exists():
            continue
        places[str(item.quiz_id)] = here.position
        here.delete()
    if places:
        _plan_anew(delivery)
    return places


def _plan_anew(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(plan=F("plan") + 1)
    delivery.refresh_from_db(fields=["plan"])
    ContentVersion.bump()  # what was drawn of the quiz under this delivery is drawn anew


@transaction.atomic
def lift_void(*, voided: VoidedQuestion, by: User) -> None:
    """The question counts again, for everybody, and is asked again where it stood."""
    lifted = VoidedQuestion.objects.filter(pk=voided.pk, lifted_at__isnull=True).update(
        lifted_at=timezone.now(), lifted_by=by
    )
    if not lifted:
        raise ClassRefused(_("This question counts already."))
    delivery = voided.assignment.delivery
    for quiz, position in voided.places.items():
        DeliveryItem.objects.get_or_create(
            delivery=delivery,
            quiz_id=int(quiz),
            question=voided.question,
            defaults={"position": position},
        )
    if voided.places:
        _plan_anew(delivery)
    _tell_those_who_did(voided.assignment, voided.question, _("A question counts again."))


def _tell_those_who_did(assignment: Assignment, question: Question, detail: str) -> None:
    """Active students whose counting attempt asks the question."""
    attempts = counting_attempts(
        Attempt.objects.filter(delivery=assignment.delivery_id, items__question=question)
    )
    learners = (
        Membership.objects.active()
        .students()
        .filter(classroom=assignment.classroom_id, user__in=attempts.values("learner"))
    )
    Notice.objects.bulk_create(
        Notice(user_id=user, assignment=assignment, kind=Notice.Kind.CHANGED, detail=detail)
        for user in learners.values_list("user", flat=True)
    )


@transaction.atomic
def void_attempt(*, assignment: Assignment, attempt: Attempt, reason: str, by: User) -> None:
    """An attempt counts no more: the one before it does, if any. It is kept and can be seen."""
    reason = clean_text(reason, limit=200)
    if not reason:
        raise ClassRefused(_("Say why the attempt should not count."), field="reason")
    done = Attempt.objects.filter(
        pk=attempt.pk, delivery=assignment.delivery_id, voided_at__isnull=True
    ).update(voided_at=timezone.now(), void_reason=reason)
    if done:
        _note(assignment, attempt, GradeEvent.What.ATTEMPT_VOID, reason, by)


@transaction.atomic
def restore_attempt(*, assignment: Assignment, attempt: Attempt, by: User) -> None:
    """A void attempt counts again."""
    done = Attempt.objects.filter(
        pk=attempt.pk, delivery=assignment.delivery_id, voided_at__isnull=False
    ).update(voided_at=None, void_reason="")
    if done:
        _note(assignment, attempt, GradeEvent.What.ATTEMPT_BACK, "", by)


def _note(
    assignment: Assignment, attempt: Attempt, what: GradeEvent.What, reason: str, by: User
) -> None:
    membership = Membership.objects.get(classroom=assignment.classroom_id, user=attempt.learner_id)
    note_grade_event(assignment=assignment, membership=membership, what=what, reason=reason, by=by)


def note_grade_event(
    *,
    assignment: Assignment,
    membership: Membership,
    what: GradeEvent.What,
    by: User,
    reason: str = "",
) -> None:
    """Write into the log of grades what leaves no row elsewhere, such as an excuse taken back."""
    GradeEvent.objects.create(
        assignment=assignment, membership=membership, what=what, reason=reason[:300], by=by
    )


# --- A wrong key ------------------------------------------------------------------------------


@transaction.atomic
def rekey_question(
    *, question: Question, change: rekeying.NewKey, reason: str, by: User
) -> list[Response]:
    """Give a question another key and mark every answer anew (quizzes.rekeying.rekey).

    Students of current assignments whose score changed are told, where they may see their marks;
    others see the new mark when it is released. Returns the answers whose score changed.
    """
    changed = rekeying.rekey(question=question, change=change, reason=reason, by=by)
    _tell_regraded(changed)
    return changed


def _tell_regraded(responses: Iterable[Response]) -> None:
    counting = counting_attempts(Attempt.objects.filter(delivery__kind=Delivery.Kind.ASSIGNED))
    for chunk in chunks(responses):
        items = (
            counted_items(counting)
            .filter(response__in=[response.pk for response in chunk])
            .select_related("attempt__delivery__assignment", "attempt__quiz", "attempt__learner")
        )
        for item in items:
            if is_told(item.attempt):
                assignment = item.attempt.delivery.assignment
                _tell_once(assignment, item.attempt.learner, Notice.Kind.REGRADED)
