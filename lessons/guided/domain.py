"""Writes to a learner's progress, alone or together with an answer."""

from datetime import datetime, timedelta
from typing import Any, cast

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from lessons.accounts.domain import Refused, erase_account, why_not_erase
from lessons.accounts.models import User
from lessons.core import rows
from lessons.core.domain import GUEST_DAYS_KEPT, leave_no_trace
from lessons.quizzes import domain as quizzes
from lessons.quizzes.models import Attempt, AttemptItem, Delivery, Draft
from lessons.quizzes.revisions import kept_revisions
from lessons.quizzes.sittings import ItemView, Sitting

from .erased import note_erased
from .models import Progress

PRESENCE_CAP = 60
"""Seconds that one report of presence may add at the most."""


def answer_question(
    *,
    sitting: Sitting,
    view: ItemView,
    submission: quizzes.Submission,
    step_id: int,
    progress: Progress | None,
    version: int,
    by: User,
) -> Progress:
    """Check one practice answer of a step, in one transaction with the learner's progress.

    `sitting` and its views are brought up to date; `progress` is the learner's row of the step
    as the page has just read it, and its new state is returned. Raises the refusals of
    quizzes.domain.
    """
    others = [other for other in sitting.items if other is not view]
    sitting.learner = by
    tries = quizzes.TRIES if sitting.tells_at_once else 1
    kept_revisions(sitting.quiz, version, delivery=sitting.delivery)
    with transaction.atomic():
        item = _begun(sitting, view, by=by, version=version)
        quizzes.check_answer(item=item, submission=submission, version=version, tries=tries)
        return touch_step(
            delivery=sitting.delivery,
            step_id=step_id,
            by=by,
            row=progress,
            completed=all(other.answered for other in others),
        )


def save_answer_draft(
    *,
    sitting: Sitting,
    view: ItemView,
    submission: quizzes.Submission,
    step_id: int,
    progress: Progress | None,
    version: int,
    by: User,
) -> Draft:
    """Keep a draft of one answer; a practice attempt is begun where there is none."""
    kept_revisions(sitting.quiz, version, delivery=sitting.delivery)
    with transaction.atomic():
        item = _begun(sitting, view, by=by, version=version)
        draft = quizzes.save_draft(item=item, submission=submission)
        touch_step(delivery=sitting.delivery, step_id=step_id, by=by, row=progress)
        return draft


def _begun(sitting: Sitting, view: ItemView, *, by: User, version: int) -> AttemptItem:
    if view.item is None:
        sitting.begin(
            quizzes.open_items(
                delivery=sitting.delivery,
                quiz=sitting.quiz,
                by=by,
                seed=view.seed,
                version=version,
                is_first=True,
            )
        )
    return cast("AttemptItem", view.item)  # begin() gave every view its own


def start_quiz(
    *,
    sitting: Sitting,
    step_id: int,
    progress: Progress | None,
    seed: int,
    version: int,
    by: User,
) -> Attempt:
    """Begin an attempt of a step's quiz, or another one after the last was handed in."""
    # Before the transaction: what is remembered of it must not be rolled back by a refusal.
    kept_revisions(sitting.quiz, version, delivery=sitting.delivery)
    with transaction.atomic():
        attempt = quizzes.start_attempt(
            delivery=sitting.delivery, quiz=sitting.quiz, by=by, seed=seed, version=version
        )
        touch_step(delivery=sitting.delivery, step_id=step_id, by=by, row=progress)
        return attempt


@transaction.atomic
def hand_in(*, attempt: Attempt, step_id: int, progress: Progress | None, by: User) -> Attempt:
    """Hand in the attempt of a step's quiz; the step is completed with it."""
    attempt = quizzes.submit_attempt(attempt=attempt)
    touch_step(delivery=attempt.delivery, step_id=step_id, by=by, row=progress, completed=True)
    return attempt


def finish_step(
    *, delivery: Delivery, step_id: int, progress: Progress | None, by: User, answered: bool
) -> None:
    """Leave a step for the next one: completed, or seen to be skipped where it asked something."""
    touch_step(
        delivery=delivery,
        step_id=step_id,
        by=by,
        row=progress,
        completed=answered,
        skipped=not answered,
    )


def touch_step(
    *,
    delivery: Delivery,
    step_id: int,
    by: User,
    row: Progress | None,
    completed: bool = False,
    skipped: bool = False,
    seconds: int = 0,
    moment: datetime | None = None,
) -> Progress:
    """Note that the learner is at a step. A completed step stays so; skipping never undoes it.

    `row` is the learner's row as the page has just read it; it is brought up to date and
    returned, or a new one is. `seconds` of visible time count up to PRESENCE_CAP and never more
    than has passed.
    """
    moment = moment or timezone.now()
    if row is None:
        row = Progress(
            delivery=delivery,
            step_id=step_id,
            learner=by,
            opened_at=moment,
            touched_at=moment,
            completed_at=moment if completed else None,
            skipped=skipped and not completed,
            active_seconds=min(max(seconds, 0), PRESENCE_CAP),
        )
        if rows.insert([row]):
            return row
        # Another tab has made it since.
        row = Progress.objects.get(delivery=delivery, step=step_id, learner=by)
    passed = int((moment - row.touched_at).total_seconds()) + 1
    changes: dict[str, Any] = {"touched_at": moment}
    if completed and row.completed_at is None:
        changes |= {"completed_at": moment, "skipped": False}
    elif skipped and row.completed_at is None:
        changes["skipped"] = True
    rows.change(row, **changes)
    if seconds > 0:
        more = min(seconds, PRESENCE_CAP, max(passed, 0))
        Progress.objects.filter(pk=row.pk).update(active_seconds=F("active_seconds") + more)
    return row


@transaction.atomic
def claim_guest_work(*, guest: User, by: User) -> int:
    """Give a guest's attempts and progress to `by` and end the guest; how many attempts moved.

    0 where another tab has claimed them meanwhile.
    """
    if not guest.is_guest or guest.pk == by.pk:
        raise quizzes.WorkRefused("Only a guest's work can be claimed.")
    if not _lock(guest):
        return 0
    adopted = quizzes.adopt_attempts(guest=guest, by=by)
    own = {(row.delivery_id, row.step_id): row for row in Progress.objects.filter(learner=by)}
    for row in Progress.objects.filter(learner=guest):
        mine = own.get((row.delivery_id, row.step_id))
        if mine is None:
            Progress.objects.filter(pk=row.pk).update(learner=by)
            continue
        done = [moment for moment in (mine.completed_at, row.completed_at) if moment]
        Progress.objects.filter(pk=mine.pk).update(
            opened_at=min(mine.opened_at, row.opened_at),
            touched_at=max(mine.touched_at, row.touched_at),
            completed_at=min(done) if done else None,
            skipped=(mine.skipped or row.skipped) and not done,
            active_seconds=mine.active_seconds + row.active_seconds,
        )
    guest.delete()
    return adopted


@transaction.atomic
def erase_learner(*, learner: User, asked: bool = True) -> None:
    """The one road by which a learner's work goes: answers, progress, sessions, account.

    First answers stay as counts without a name. Backups made before keep a copy; put back, one is
    cleared of the person again (`erased`). Raises accounts.domain.Refused where a rule of a higher
    app keeps the account (`may_erase`); without `asked` no rule is, since it was before.
    """
    if asked and (why := why_not_erase(learner)):
        raise Refused(why)
    number = learner.pk
    if not _lock(learner):  # erased in another tab
        return
    quizzes.erase_work(learner=learner)
    Progress.objects.filter(learner=learner).delete()
    erase_account(user=learner)
    transaction.on_commit(lambda: note_erased(number))
    leave_no_trace()


def _lock(user: User) -> bool:
    """Whether the account is still there; what is being stored for it waits until it is gone."""
    return bool(User.objects.select_for_update().filter(pk=user.pk))


@transaction.atomic
def erase_work_in(*, learner: User, deliveries: QuerySet[Delivery]) -> None:
    """Erase what a learner did in these deliveries alone; first answers stay as counts."""
    quizzes.erase_work(learner=learner, deliveries=deliveries)
    Progress.objects.filter(learner=learner, delivery__in=deliveries).delete()


def erase_idle_guests(*, moment: datetime | None = None) -> int:
    """Erase guests whose last save is longer ago than the privacy page promises; how many."""
    moment = moment or timezone.now()
    idle = User.objects.filter(
        is_guest=True, last_seen_at__lt=moment - timedelta(days=GUEST_DAYS_KEPT)
    )
    guests = list(idle)
    for guest in guests:
        erase_learner(learner=guest)
    return len(guests)
