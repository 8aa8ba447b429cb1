"""What an instructor decides about grades: weights, grades set by hand, excuses.

Nothing computed is changed: a grade set by hand is a row over it, and taking it back is another.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lessons.accounts.models import User
from lessons.classrooms.models import (
    Assignment,
    Classroom,
    Excuse,
    GradeEvent,
    GradeOverride,
    Membership,
    Notice,
)
from lessons.quizzes.terms import answers_released, last_due_of

from .assignments import learners_of
from .marking import note_grade_event
from .refusals import ClassRefused

SIX_PLACES = Decimal("0.000001")


@transaction.atomic
def set_weights(*, classroom: Classroom, weights: Mapping[int, Decimal], by: User) -> int:
    """Weigh assignments of the class, by primary key; returns how many changed.

    Raises ClassRefused for an assignment of another class or a weight below 0 or too large.
    """
    rows = Assignment.objects.given().filter(classroom=classroom).in_bulk(list(weights))
    if set(weights) - set(rows):
        raise ClassRefused(_("That is not an assignment of this class."))
    changed = 0
    for pk, weight in weights.items():
        row = rows[pk]
        if row.weight == weight:
            continue
        row.weight = weight
        try:
            row.clean_fields(exclude=["delivery", "classroom", "module", "lesson", "quiz"])
        except ValidationError as error:
            raise ClassRefused("; ".join(error.messages), field=f"weight-{pk}") from None
        row.save(update_fields=["weight"])
        changed += 1
    return changed


@transaction.atomic
def set_grade(
    *, assignment: Assignment, membership: Membership, score: Decimal, reason: str, by: User
) -> GradeOverride:
    """Set a grade, a fraction from 0 to 1 (kept to six places), over the computed one.

    Raises ClassRefused for another fraction, without a reason, or for work not given to them.
    """
    if not 0 <= score <= 1:
        raise ClassRefused(_("A grade is between nothing and everything."), field="value")
    _require_given(assignment, membership)
    row = _override(
        assignment, membership, score.quantize(SIX_PLACES, rounding=ROUND_HALF_EVEN), reason, by
    )
    _tell(assignment, membership)
    return row


@transaction.atomic
def take_grade_back(
    *, assignment: Assignment, membership: Membership, reason: str, by: User
) -> GradeOverride:
    """Let the computed grade stand again. Raises ClassRefused where none is set by hand."""
    latest = GradeOverride.objects.filter(assignment=assignment, membership=membership).first()
    if latest is None or latest.score is None:
        raise ClassRefused(_("No grade is set by hand here."))
    row = _override(assignment, membership, None, reason, by)
    _tell(assignment, membership)
    return row


@transaction.atomic
def excuse(*, assignment: Assignment, membership: Membership, reason: str, by: User) -> bool:
    """It counts neither for nor against them. False where they were excused already."""
    _require_given(assignment, membership)
    _row, is_new = Excuse.objects.get_or_create(
        assignment=assignment,
        membership=membership,
        defaults={"reason": reason[:300], "by": by},
    )
    if is_new:
        _note_excuse(assignment, membership, by, reason, is_excused=True)
    return is_new


@transaction.atomic
def end_excuse(*, assignment: Assignment, membership: Membership, reason: str, by: User) -> bool:
    """It counts for them again. False where they were not excused."""
    gone, _of = Excuse.objects.filter(assignment=assignment, membership=membership).delete()
    if gone:
        _note_excuse(assignment, membership, by, reason, is_excused=False)
    return bool(gone)


# --- What the functions above share --------------------------------------------------------


def _require_given(assignment: Assignment, membership: Membership) -> None:
    if not learners_of(assignment).filter(pk=membership.pk).exists():
        raise ClassRefused(_("This was not given to this student."))


def _override(
    assignment: Assignment,
    membership: Membership,
    score: Decimal | None,
    reason: str,
    by: User,
) -> GradeOverride:
    if not reason.strip():
        raise ClassRefused(_("Say why: it stands in the log."), field="reason")
    return GradeOverride.objects.create(
        assignment=assignment, membership=membership, score=score, reason=reason.strip(), by=by
    )


def _note_excuse(
    assignment: Assignment, membership: Membership, by: User, reason: str, *, is_excused: bool
) -> None:
    note_grade_event(
        assignment=assignment,
        membership=membership,
        what=GradeEvent.What.EXCUSED if is_excused else GradeEvent.What.UNEXCUSED,
        reason=reason,
        by=by,
    )
    Notice.objects.create(
        user_id=membership.user_id,
        assignment=assignment,
        kind=Notice.Kind.CHANGED,
        detail=_("you are excused") if is_excused else _("it counts for you again"),
    )


def _tell(assignment: Assignment, membership: Membership) -> None:
    """Their grade changed: told only where grades may be seen by now."""
    delivery, now = assignment.delivery, timezone.now()
    if answers_released(delivery, submitted=True, last_due=last_due_of(delivery), moment=now):
        Notice.objects.create(
            user_id=membership.user_id, assignment=assignment, kind=Notice.Kind.REGRADED
        )
