"""Reading for markers: what waits, one answer with all that belongs to it, and what students see.

Names of students are not read here unless asked for: a marker judges the answer, not its writer.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.formats import number_format

from lessons.accounts.models import User
from lessons.core.models import Status
from lessons.documents.models import PassageText
from lessons.guided.models import DeliveryStep, Step
from lessons.quizzes.kinds.base import shuffled
from lessons.quizzes.models import (
    Attempt,
    AttemptItem,
    Mark,
    MarkingKey,
    Question,
    Quiz,
    QuizItem,
    Response,
)
from lessons.quizzes.models.deliveries import Release
from lessons.quizzes.sittings import ItemView, words_of
from lessons.quizzes.terms import (
    answers_released,
    days_late,
    is_withheld,
    last_due_of,
    late_share,
    resolve_terms,
)

from .access import assignment_or_404, lessons_in
from .counting import (
    MARKED_BY_PERSON,
    WAITING,
    counted_items,
    counted_score,
    counting_attempts,
    of_students,
    voided_in,
)
from .models import (
    Assignment,
    Classroom,
    Membership,
    RegradeRequest,
    ReusableComment,
    VoidedQuestion,
)

COMMENTS_SHOWN = 30
"""Reusable comments offered beside an answer, those used last."""


# --- What waits -------------------------------------------------------------------------------


def counting_items(classroom_id: int, assignment_id: int | None = None) -> QuerySet[AttemptItem]:
    """The items of students' counting attempts in a class, or in one assignment of it."""
    assignments = Assignment.objects.filter(classroom=classroom_id)
    if assignment_id is None:
        assignments = assignments.given()
    else:
        assignments = assignments.filter(pk=assignment_id)
    # Named one by one, since PostgreSQL would else begin at the attempts of all classes.
    deliveries = list(assignments.order_by().values_list("delivery", flat=True))
    attempts = of_students(Attempt.objects.filter(delivery__in=deliveries), classroom_id)
    return counted_items(counting_attempts(attempts)).filter(attempt__delivery__in=deliveries)


def written_items(classroom_id: int, assignment_id: int | None = None) -> QuerySet[AttemptItem]:
    """Those of them that a person marks: something is written and handed in."""
    return counting_items(classroom_id, assignment_id).filter(
        WAITING | MARKED_BY_PERSON,
        question__kind__in=Question.WRITTEN,
        closed_at__isnull=False,
    )


@dataclass(frozen=True)
class QueuedQuestion:
    question: Question
    waiting: int
    marked: int
    oldest: datetime | None
    """When the answer that has waited longest was handed in."""

    @property
    def total(self) -> int:
        return self.waiting + self.marked


@dataclass(frozen=True)
class QueuedAssignment:
    assignment: Assignment
    questions: list[QueuedQuestion]


@dataclass(frozen=True)
class Queue:
    """What there is to mark in a class, in the order of its assignments (five queries)."""

    assignments: list[QueuedAssignment]
    requests: list[RegradeRequest]

    @property
    def waiting(self) -> int:
        return sum(q.waiting for given in self.assignments for q in given.questions)


def queue_of(classroom: Classroom) -> Queue:
    counts = (
        written_items(classroom.pk)
        .values("attempt__delivery__assignment", "question")
        .annotate(
            waiting=Count("pk", filter=WAITING),
            marked=Count("pk", filter=MARKED_BY_PERSON),
            oldest=Min("response__created_at", filter=WAITING),
        )
        .order_by()
    )
    rows = list(counts)
    questions = Question.objects.in_bulk({row["question"] for row in rows})
    found: dict[int, list[QueuedQuestion]] = {}
    for row in rows:
        found.setdefault(row["attempt__delivery__assignment"], []).append(
            QueuedQuestion(questions[row["question"]], row["waiting"], row["marked"], row["oldest"])
        )
    assignments = Assignment.objects.filter(classroom=classroom).order_by("position", "pk")
    return Queue(
        assignments=[
            QueuedAssignment(assignment, sorted(found[assignment.pk], key=_most_urgent))
            for assignment in assignments
            if assignment.pk in found
        ],
        requests=list(open_requests(classroom)),
    )


def _most_urgent(queued: QueuedQuestion) -> tuple[bool, float, str]:
    oldest = queued.oldest.timestamp() if queued.oldest else 0.0
    return (queued.oldest is None, oldest, queued.question.key)


def open_requests(classroom: Classroom) -> QuerySet[RegradeRequest]:
    """Students' requests that wait for an answer, the oldest first."""
    return (
        RegradeRequest.objects.filter(
            assignment__classroom=classroom, state=RegradeRequest.State.OPEN
        )
        .select_related("assignment", "response__item__revision")
        .order_by("asked_at", "pk")
    )


# --- One answer ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where an answer stands among all answers to its question, in an order that tells nothing."""

    order: list[int]
    """Responses by the keyed hash of question and response: the same for every marker."""
    waiting: frozenset[int]
    here: int

    @property
    def number(self) -> int:
        return self.order.index(self.here) + 1

    @property
    def total(self) -> int:
        return len(self.order)

    @property
    def before(self) -> int | None:
        at = self.order.index(self.here)
        return self.order[at - 1] if at else None

    @property
    def after(self) -> int | None:
        at = self.order.index(self.here) + 1
        return self.order[at] if at < len(self.order) else None

    @property
    def next_waiting(self) -> int | None:
        """The next answer that waits, from here on and around; None where no other does."""
        at = self.order.index(self.here)
        around = self.order[at + 1 :] + self.order[:at]
        return next((response for response in around if response in self.waiting), None)

    @property
    def others_waiting(self) -> int:
        return len(self.waiting - {self.here})


def places(
    classroom_id: int, assignment: Assignment, question_id: int
) -> tuple[list[int], set[int]]:
    """The responses to a question in marking order, and those of them that wait (one query)."""
    # "+ 0": an index over all classes' answers to the question is not the way to these few.
    rows = (
        written_items(classroom_id, assignment.pk)
        .alias(asked=F("question") + 0)
        .filter(asked=question_id)
        .values_list("response", "mark__by")
    )
    by = {str(response): mark for response, mark in rows}
    order = [int(pk) for pk in shuffled(by, seed=question_id)]
    return order, {int(pk) for pk, mark in by.items() if mark != Mark.By.PERSON}


@dataclass
class AnswerPage:
    """One answer before its marker."""

    classroom: Classroom
    assignment: Assignment
    item: AttemptItem
    place: Place | None
    """None where it is looked at for another reason than its turn: a request."""
    names_shown: bool = False
    typed_levels: dict[str, str] | None = None
    typed_comment: str | None = None
    typed_points: str | None = None
    error: str = ""
    theirs: Mark | None = None
    """Another marker's mark, stored since this page was drawn."""

    @property
    def response(self) -> Response:
        response = self.item.response
        if response is None:
            raise Http404
        return response

    @property
    def face(self) -> dict[str, Any]:
        face: dict[str, Any] = self.item.revision.content
        return face

    @property
    def is_written(self) -> bool:
        return bool(self.face["kind"] in Question.WRITTEN)

    @property
    def points(self) -> Decimal:
        return Decimal(self.face["points"])

    @cached_property
    def words(self) -> str:
        return words_of(self.face, self.response.answer)

    @cached_property
    def passages(self) -> list[PassageText]:
        """Where a question repeats no sentence: the text of the step that asks it."""
        if self.face["about"]:
            return []
        return passages_of([self.item.attempt.quiz_id]).get(self.item.attempt.quiz_id, [])

    @cached_property
    def key(self) -> dict[str, Any]:
        content: dict[str, Any] = (
            MarkingKey.objects.filter(revision=self.item.revision_id).latest("version").content
        )
        return content

    @property
    def criteria(self) -> list[dict[str, Any]]:
        criteria: list[dict[str, Any]] = self.key.get("criteria", [])
        return criteria

    @cached_property
    def marks(self) -> list[Mark]:
        """Marks that people and the machine gave this answer, the latest first."""
        given = self.response.marks.exclude(by=Mark.By.SELF).select_related("marker")
        return list(given.order_by("-pk"))

    @property
    def mark(self) -> Mark | None:
        """The mark that counts now."""
        return self.marks[0] if self.marks else None

    @property
    def earned(self) -> Decimal:
        """Points that the mark which counts now is worth."""
        return self.points * (self.mark.score if self.mark else 0)

    @property
    def base(self) -> int:
        """The latest person's mark that this page knows; 0 for none."""
        known = self.theirs or next((m for m in self.marks if m.by == Mark.By.PERSON), None)
        return known.pk if known else 0

    @property
    def levels(self) -> dict[str, str]:
        if self.typed_levels is not None:
            return self.typed_levels
        return self.mark.levels if self.mark else {}

    @property
    def comment(self) -> str:
        if self.typed_comment is not None:
            return self.typed_comment
        return self.mark.comment if self.mark else ""

    def level_words(self, levels: dict[str, str]) -> list[tuple[str, str]]:
        """Criterion and level titles of what was chosen."""
        return [
            (criterion["title"], level["title"])
            for criterion in self.criteria
            for level in criterion["levels"]
            if levels.get(criterion["key"]) == level["key"]
        ]

    @property
    def mine_in_words(self) -> list[tuple[str, str]]:
        return self.level_words(self.levels)

    @property
    def theirs_in_words(self) -> list[tuple[str, str]]:
        return self.level_words(self.theirs.levels) if self.theirs else []

    @cached_property
    def writer(self) -> Membership | None:
        """Whose answer it is; read only where names are shown."""
        if not self.names_shown:
            return None
        learner = self.item.attempt.learner_id
        own = Membership.objects.select_related("user").filter(classroom=self.classroom)
        return own.filter(user=learner).first()

    def comments_of(self, marker: User) -> list[ReusableComment]:
        """What this marker keeps for this question and for any."""
        kept = ReusableComment.objects.filter(owner=marker)
        fits = Q(question=self.item.question_id) | Q(question__isnull=True)
        return list(kept.filter(fits)[:COMMENTS_SHOWN])

    @cached_property
    def request(self) -> RegradeRequest | None:
        return RegradeRequest.objects.filter(response=self.response).first()


def answer_or_404(
    classroom: Classroom, assignment_id: int, question_id: int, response_id: int
) -> AnswerPage:
    """One answer in its place; 404 for what is not a written answer of this very question."""
    assignment = assignment_or_404(classroom, assignment_id)
    order, waiting = places(classroom.pk, assignment, question_id)
    if response_id not in order:
        raise Http404
    item = _items_with_all().get(response=response_id)
    return AnswerPage(classroom, assignment, item, Place(order, frozenset(waiting), response_id))


def request_or_404(classroom: Classroom, request_id: int) -> tuple[RegradeRequest, AnswerPage]:
    found = (
        RegradeRequest.objects.select_related("assignment__delivery", "response")
        .filter(pk=request_id, assignment__classroom=classroom)
        .first()
    )
    if found is None:
        raise Http404
    item = _items_with_all().filter(response=found.response_id).first()
    if item is None:
        raise Http404
    return found, AnswerPage(classroom, found.assignment, item, None)


def _items_with_all() -> QuerySet[AttemptItem]:
    return AttemptItem.objects.select_related("attempt", "revision", "response", "question")


def passages_of(quizzes: Collection[int]) -> dict[int, list[PassageText]]:
    """The texts of the steps that ask these quizzes, in reading order, by quiz (one query)."""
    texts = (
        PassageText.objects.filter(is_current=True, passage__steps__quiz__in=quizzes)
        .annotate(quiz=F("passage__steps__quiz"))
        .select_related("passage__document")
        .order_by("passage__document", "passage__order")
        .distinct()
    )
    found: dict[int, list[PassageText]] = {}
    for text in texts:
        found.setdefault(text.quiz, []).append(text)
    return found


# --- Questions that do not count ------------------------------------------------------------------


@dataclass(frozen=True)
class AskedQuestion:
    question: Question
    answered: int
    voided: VoidedQuestion | None


def asked_in(assignment: Assignment) -> list[AskedQuestion]:
    """Every question that an assignment asks or has asked, by its steps (seven queries)."""
    delivery = assignment.delivery_id
    steps = Step.objects.filter(lesson__in=lessons_in(assignment), quiz__isnull=False)
    chosen = DeliveryStep.objects.filter(delivery=delivery)
    steps = steps.filter(
        Q(pk__in=chosen.values("step")) | ~Q(lesson__in=chosen.values("step__lesson"))
    )
    quizzes = (
        [assignment.quiz_id]
        if assignment.quiz_id
        else list(steps.order_by("lesson__order", "order").values_list("quiz", flat=True))
    )
    presented = AttemptItem.objects.filter(attempt__delivery=delivery).values("question")
    rows = QuizItem.objects.filter(quiz__in=quizzes).values_list("question", "quiz", "position")
    place = {question: (quizzes.index(quiz), position) for question, quiz, position in rows}
    questions = Question.objects.filter(
        Q(pk__in=presented) | Q(pk__in=list(place), status=Status.PUBLISHED)
    )
    answered = dict(
        AttemptItem.objects.filter(attempt__delivery=delivery, response__isnull=False)
        .order_by()
        .values_list("question")
        .annotate(n=Count("pk"))
    )
    voided = {
        row.question_id: row
        for row in VoidedQuestion.objects.filter(
            assignment=assignment, lifted_at__isnull=True
        ).select_related("by")
    }
    return [
        AskedQuestion(question, answered.get(question.pk, 0), voided.get(question.pk))
        for question in sorted(questions, key=lambda q: place.get(q.pk, (len(quizzes), q.pk)))
    ]


# --- What a student sees --------------------------------------------------------------------------


@dataclass(frozen=True)
class ItemResult:
    """One answer of a student's, as far as it may be told."""

    view: ItemView
    voided: bool
    request: RegradeRequest | None

    @property
    def words(self) -> str:
        item = self.view.item
        return words_of(self.view.face, item.response.answer) if item and item.response else ""

    @property
    def score(self) -> Decimal | None:
        """Of what counts; None while it waits, and until it is released."""
        if self.view.item is None or not self.view.released or not self.view.closed:
            return None
        return counted_score(self.view.item)

    @property
    def earned(self) -> Decimal:
        return self.view.points * (self.score or 0)

    @property
    def rubric(self) -> list[dict[str, Any]]:
        key = self.view.key if self.view.teachers_mark else None
        return key.get("criteria", []) if key else []

    @property
    def given(self) -> list[tuple[str, str, str]]:
        """Criterion, level and its description, as a teacher chose them."""
        mark = self.view.teachers_mark
        return [
            (criterion["title"], level["title"], level["description"])
            for criterion in self.rubric
            for level in criterion["levels"]
            if mark and mark.levels.get(criterion["key"]) == level["key"]
        ]

    @property
    def may_ask(self) -> bool:
        """Whether another look may be asked for: it is marked, seen, and was not asked before."""
        return self.score is not None and bool(self.words) and self.request is None


@dataclass(frozen=True)
class QuizResult:
    attempt: Attempt
    released: bool
    items: list[ItemResult]
    passages: list[PassageText]
    """The texts of its step, for questions that repeat no sentence."""
    days_late: int = 0
    late_share: Decimal = Decimal(0)

    @property
    def counted(self) -> list[ItemResult]:
        return [item for item in self.items if not item.voided]

    @property
    def points(self) -> Decimal:
        return sum((item.view.points for item in self.counted), Decimal(0))

    @property
    def earned(self) -> Decimal:
        return sum((item.earned for item in self.counted), Decimal(0))

    @property
    def taken_off(self) -> Decimal:
        """Points that the late policy takes off."""
        return self.earned * self.late_share

    @property
    def late_percent(self) -> str:
        share = (self.late_share * 100).quantize(Decimal("0.1")).normalize()
        return number_format(format(share, "f"), use_l10n=True)

    @property
    def waiting(self) -> int:
        return sum(item.score is None and bool(item.words) for item in self.counted)


@dataclass
class AssignmentResult:
    assignment: Assignment
    quizzes: list[QuizResult] = field(default_factory=list)

    @property
    def is_told(self) -> bool:
        """Whether everything in it is released, so that its grade tells no more than they do."""
        return bool(self.quizzes) and all(quiz.released for quiz in self.quizzes)


def result_of(assignment: Assignment, learner: User, *, moment: datetime) -> AssignmentResult:
    """What one student did in an assignment, quiz by quiz; scores only of what is released.

    Eight queries, and one a quiz that asks whether other work keeps it back.
    """
    delivery = assignment.delivery
    attempts = counting_attempts(Attempt.objects.filter(delivery=delivery, learner=learner))
    items = (
        AttemptItem.objects.filter(attempt__in=attempts)
        .select_related("attempt__quiz", "revision", "response", "mark__marking_key")
        .order_by("attempt__started_at", "attempt", "position")
    )
    asked = {
        row.response_id: row
        for row in RegradeRequest.objects.filter(
            assignment=assignment, response__item__attempt__learner=learner
        )
    }
    voided = voided_in([assignment.pk])[assignment.pk]
    exception = delivery.exceptions.filter(learner=learner).first()
    due = last_due_of(delivery) if delivery.release == Release.AFTER_DUE else None
    result = AssignmentResult(assignment)
    done = _by_attempt(items)
    passages = passages_of([attempt.quiz_id for attempt, _own in done])
    for attempt, own in done:
        attempt.delivery, attempt.learner = delivery, learner
        released = is_told(attempt, last_due=due, moment=moment)
        late = 0
        share = Decimal(0)
        if attempt.submitted_at is not None:
            own_due = resolve_terms(delivery, attempt.quiz, exception).due_at
            late = days_late(attempt.submitted_at, own_due)
            share = late_share(delivery, submitted_at=attempt.submitted_at, due_at=own_due)
        rows = [
            ItemResult(
                view=ItemView(
                    position=item.position,
                    face=item.revision.content,
                    digest=item.revision.digest,
                    seed=item.seed,
                    item=item,
                    released=released,
                ),
                voided=item.question_id in voided,
                request=asked.get(item.response_id or 0),
            )
            for item in own
        ]
        texts = passages.get(attempt.quiz_id, [])
        result.quizzes.append(QuizResult(attempt, released, rows, texts, late, share))
    return result


def is_told(
    attempt: Attempt, *, last_due: datetime | None = None, moment: datetime | None = None
) -> bool:
    """Whether the learner of an attempt may be told its marks now: its delivery has released
    them, and no other one keeps the quiz's answers back. `last_due` as `last_due_of` has it,
    where the delivery releases by it.
    """
    delivery, quiz = attempt.delivery, attempt.quiz
    if last_due is None and delivery.release == Release.AFTER_DUE:
        last_due = last_due_of(delivery)
    submitted = attempt.submitted_at is not None or quiz.purpose == Quiz.Purpose.PRACTICE
    return answers_released(
        delivery, submitted=submitted, last_due=last_due, moment=moment or timezone.now()
    ) and not is_withheld(attempt.learner, quiz, delivery)


def _by_attempt(items: Iterable[AttemptItem]) -> list[tuple[Attempt, list[AttemptItem]]]:
    found: dict[int, tuple[Attempt, list[AttemptItem]]] = {}
    for item in items:
        _attempt, own = found.setdefault(item.attempt_id, (item.attempt, []))
        own.append(item)
    return list(found.values())
