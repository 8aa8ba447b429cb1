"""What counts: the one place that says which attempt, which question and which mark a grade is of.

- **Which attempt**: the latest one handed in that was not declared void, for each delivery, quiz
  and learner. Practice is handed in question by question: where no practice attempt is finished,
  the answers checked in the open one count. (Statistics are another thing: they use first
  answers, see `reports`.)
- **Which questions**: all that the attempt asked but those voided in the assignment.
- **Which mark**: the latest by machine or by a person. What learners think of their own written
  answers is theirs: until a person has marked such an answer it waits, and has no score.
- **Whose**: students of the class, and students who left it: the class keeps its record. Never
  staff trying the work out, nor a preview.
"""

from collections.abc import Collection
from decimal import Decimal

from django.db.models import Case, DecimalField, Exists, F, OuterRef, Q, QuerySet, When
from django.utils.translation import gettext_lazy as _

from lessons.quizzes.kinds import kind_of
from lessons.quizzes.models import Attempt, AttemptItem, Delivery, Mark, Question, Quiz

from .models import Membership, VoidedQuestion

KEPT = (Membership.Status.ACTIVE, Membership.Status.LEFT)
"""Memberships whose work a class keeps in its record."""

WAITING = Q(response__isnull=False) & (Q(mark__isnull=True) | Q(mark__by=Mark.By.SELF))
"""Of attempt items: a written answer that no person has marked. (A blank one earns nothing at
once, by machine.)"""

MARKED_BY_PERSON = Q(mark__by=Mark.By.PERSON)


def counting_attempts(attempts: QuerySet[Attempt] | None = None) -> QuerySet[Attempt]:
    """Those of `attempts` (all, where not given) that count, at most one a delivery, quiz and
    learner. Narrow them to a delivery first: the cost is that of the rows given.
    """
    given: QuerySet[Attempt] = Attempt.objects.reported()
    if attempts is not None:
        given = attempts.exclude(delivery__kind=Delivery.Kind.PREVIEW).filter(voided_at=None)
    valid = Attempt.objects.filter(
        delivery=OuterRef("delivery"),
        quiz=OuterRef("quiz"),
        learner=OuterRef("learner"),
        voided_at__isnull=True,
        submitted_at__isnull=False,
    )
    return given.filter(
        Q(submitted_at__isnull=False) & ~Exists(valid.filter(number__gt=OuterRef("number")))
        | Q(submitted_at__isnull=True, quiz__purpose=Quiz.Purpose.PRACTICE) & ~Exists(valid)
    )


def of_students(attempts: QuerySet[Attempt], classroom_id: int) -> QuerySet[Attempt]:
    """Attempts by students of the class, those who left it too."""
    theirs = Membership.objects.students().filter(
        classroom=classroom_id, user=OuterRef("learner"), status__in=KEPT
    )
    return attempts.filter(Exists(theirs))


def counted_items(attempts: QuerySet[Attempt]) -> QuerySet[AttemptItem]:
    """The questions of these attempts that count, each with `counted`: its score, null while it
    waits for a person or nothing is answered yet.
    """
    return without_voided(AttemptItem.objects.filter(attempt__in=attempts)).annotate(
        counted=Case(
            When(mark__by=Mark.By.SELF, then=None),
            default=F("score"),
            output_field=DecimalField(max_digits=7, decimal_places=6),
        )
    )


def without_voided(items: QuerySet[AttemptItem]) -> QuerySet[AttemptItem]:
    """Those of them whose question counts in their assignment."""
    voided = VoidedQuestion.objects.filter(
        assignment__delivery=OuterRef("attempt__delivery"),
        question=OuterRef("question"),
        lifted_at__isnull=True,
    )
    return items.exclude(Exists(voided))


def counted_score(item: AttemptItem) -> Decimal | None:
    """The same for one item with its mark at hand."""
    if item.mark is None or item.mark.by == Mark.By.SELF:
        return None
    score: Decimal | None = item.score
    return score


def voided_in(assignment_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """The questions that do not count, by assignment (one query)."""
    found: dict[int, set[int]] = {pk: set() for pk in assignment_ids}
    rows = VoidedQuestion.objects.filter(assignment__in=list(found), lifted_at__isnull=True)
    for assignment, question in rows.values_list("assignment", "question"):
        found[assignment].add(question)
    return {pk: frozenset(questions) for pk, questions in found.items()}


# --- Which skill a result may be said to show ---------------------------------------------------

READING = "reading"

REPORTED_SKILLS = {
    READING: _("reading"),
    Question.Skill.CONTEXT.value: Question.Skill.CONTEXT.label,
    Question.Skill.SOURCING.value: Question.Skill.SOURCING.label,
    Question.Skill.CORROBORATION.value: Question.Skill.CORROBORATION.label,
    Question.Skill.CLAIM.value: Question.Skill.CLAIM.label,
}
"""What `reported_skill` may answer, in the order of reports, with names for people."""


def reported_skill(kind: str, skill: str) -> str:
    """The skill that an answer to a question of this kind and skill is reported under.

    What a machine marks shows reading, whatever the question is about: choosing among given
    lines is no proof of historical thinking (M. Smith, J. Breakstone and S. Wineburg, "History
    assessments of thinking: a validity study", Cognition and Instruction 37, 2019, 118–144).
    Written answers, and evidence chosen in the text itself, show the skill they ask for; close
    reading is reading.
    """
    shows_thinking = kind == Question.Kind.EVIDENCE or not kind_of(kind).marked_by_machine
    return skill if shows_thinking and skill in REPORTED_SKILLS else READING
