"""Invented learners at work: what one of them does in a delivery, and what becomes of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from lessons.classrooms.demo import favourite
from lessons.classrooms.models import GradeEvent, Notice, RegradeRequest
from lessons.guided.models import Progress
from lessons.quizzes.domain import TRIES
from lessons.quizzes.models import (
    Attempt,
    AttemptItem,
    Confidence,
    Delivery,
    Draft,
    Mark,
    Response,
)
from lessons.quizzes.models.deliveries import Release

from .asked import Asked, LessonWork, Said, StepWork
from .writing import Rows

COMMENTS = (
    "",
    "You keep two voices apart. Good.",
    "Which word in the text tells you that?",
    "Who says so? Look at the sentence again.",
)


@dataclass(frozen=True)
class Learner:
    pk: int
    membership_id: int
    ability: float
    """The chance of a right first answer to a middling question."""


@dataclass(frozen=True)
class Given:
    """A delivery in which somebody works; without an assignment (0) it is self-study."""

    delivery: Delivery
    work: LessonWork
    opens: datetime
    due: datetime
    assignment_id: int = 0
    marker_id: int = 0
    is_over: bool = False
    shares: tuple[float, float, float] = (1, 0, 0)
    """Of its learners: who go to the end, who stop on the way, who do not begin."""

    @property
    def tries(self) -> int:
        return TRIES if self.delivery.release == Release.AT_ONCE else 1


class Work:
    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.responses = 0
        """How many were made."""

    def go_through(self, given: Given, learner: Learner) -> None:
        """One student and one assignment: most go to the end, some stop, some never begin."""
        chance, steps = self.rows.chance, len(given.work.steps)
        until = chance.choices((steps, chance.randint(1, steps - 1), 0), given.shares)[0]
        days = 7 if given.is_over else 2.9  # a day late, where it is over
        if until:
            self.walk(given, learner, until, given.opens + timedelta(days=chance.uniform(0, days)))

    def walk(self, given: Given, learner: Learner, until: int, at: datetime) -> None:
        """Through the steps of a lesson; at the last one reached they may stop half-way."""
        steps = given.work.steps
        for number, step in enumerate(steps[:until], start=1):
            left = at + timedelta(seconds=self.rows.chance.randint(40, 420))
            stops = number == until < len(steps)
            if step.quiz_id:
                answered = self.rows.chance.randrange(len(step.asked)) if stops else len(step.asked)
                work = self._sit if step.is_graded else self._practise
                if answered or not stops:
                    work(given, learner, step, answered, left)
            self.rows.add(
                Progress(
                    delivery_id=given.delivery.pk,
                    learner_id=learner.pk,
                    step_id=step.pk,
                    opened_at=at,
                    touched_at=left,
                    completed_at=None if stops else left,
                    active_seconds=max(
                        5, int((left - at).total_seconds()) - self.rows.chance.randint(0, 30)
                    ),
                )
            )
            at = left + timedelta(seconds=5)

    def _attempt(
        self, given: Given, learner: Learner, step: StepWork, at: datetime, number: int = 1
    ) -> tuple[Attempt, list[AttemptItem]]:
        attempt = Attempt(
            delivery_id=given.delivery.pk,
            quiz_id=step.quiz_id,
            learner_id=learner.pk,
            number=number,
            started_at=at - timedelta(seconds=30),
            receipt=self.rows.uuid(),
        )
        self.rows.add(attempt)
        items = [
            self.rows.add(
                AttemptItem(
                    attempt_id=attempt.pk,
                    position=position,
                    question_id=asked.revision.question_id,
                    revision_id=asked.revision.pk,
                    seed=learner.pk,
                )
            )
            for position, asked in enumerate(step.asked, start=1)
        ]
        return attempt, items

    def _practise(
        self, given: Given, learner: Learner, step: StepWork, answered: int, at: datetime
    ) -> None:
        """Question by question: a wrong answer may be followed by another."""
        attempt, items = self._attempt(given, learner, step, at)
        for item, asked in zip(items[:answered], step.asked, strict=False):
            for version in range(1, given.tries + 1):
                score = self._respond(item, asked, self._say(asked, learner), version, at)
                is_done = score is None or score == 1 or version == given.tries
                if is_done:
                    item.closed_at = at
                if is_done or self.rows.happens(0.25):
                    break
            if asked.judged:
                self._judge(given, learner, item, asked, at)
        if all(item.closed_at for item in items):
            attempt.submitted_at = at

    def _sit(
        self, given: Given, learner: Learner, step: StepWork, answered: int, at: datetime
    ) -> None:
        """All put down, then handed in at once; perhaps again. Half-way there are drafts alone."""
        attempts = 1
        if given.delivery.attempts_allowed == 2 and self.rows.happens(0.2):
            attempts = 2
        for number in range(1, attempts + 1):
            attempt, items = self._attempt(given, learner, step, at, number)
            if answered < len(items):
                for item, asked in zip(items[:answered], step.asked, strict=False):
                    answer, _score = self._say(asked, learner)
                    self.rows.add(Draft(item_id=item.pk, answer=answer, saved_at=at))
                return
            attempt.submitted_at = at
            for item, asked in zip(items, step.asked, strict=True):
                blank: Said = ({}, Decimal(0))
                said = blank if self.rows.happens(0.03) else self._say(asked, learner)
                self._respond(item, asked, said, 1, at)
                item.closed_at = at
                if asked.judged and said is not blank:
                    self._judge(given, learner, item, asked, at)
        if given.is_over and self.rows.happens(0.002):
            self._void(given, learner, attempt, at)

    def _say(self, asked: Asked, learner: Learner) -> Said:
        if not asked.wrong or self.rows.happens(learner.ability + asked.ease):
            return self.rows.chance.choice(asked.right)
        return favourite(asked.wrong, self.rows.chance)

    def _respond(
        self, item: AttemptItem, asked: Asked, said: Said, version: int, at: datetime
    ) -> Decimal | None:
        answer, score = said
        confidence = ""
        if asked.asks_confidence and answer:
            confidence = self.rows.chance.choices(
                Confidence.values, (1, 3, 4) if score == 1 else (2, 4, 3)
            )[0]
        response = Response(
            item_id=item.pk,
            version=version,
            client_uuid=self.rows.uuid(),
            answer=answer,
            confidence=confidence,
            created_at=at,
        )
        item.response_id = self.rows.add(response).pk
        self.responses += 1
        if score is not None:
            self._mark(item, asked, score, Mark.By.MACHINE, at)
        return score

    def _mark(
        self,
        item: AttemptItem,
        asked: Asked,
        score: Decimal,
        by: Mark.By,
        at: datetime,
        **more: Any,
    ) -> None:
        mark = Mark(
            response_id=item.response_id or 0,
            marking_key_id=asked.key_id,
            score=score,
            by=by,
            created_at=at,
            **more,
        )
        item.mark_id, item.score = self.rows.add(mark).pk, score

    def _judge(
        self, given: Given, learner: Learner, item: AttemptItem, asked: Asked, at: datetime
    ) -> None:
        """A written answer: the learner may compare it with the rubric, and then it is marked.

        Of work that is over most are marked, of other work a few; now and then a student asks to
        have it looked at again.
        """
        if self.rows.happens(0.2):
            levels, score = self.rows.chance.choice(asked.judged)
            self._mark(item, asked, score, Mark.By.SELF, at, marker_id=learner.pk, levels=levels)
        if not given.marker_id or not self.rows.happens(0.85 if given.is_over else 0.2):
            return
        levels, score = self.rows.chance.choice(asked.judged)
        later = min(at + timedelta(days=2), self.rows.moment)
        comment = self.rows.chance.choice(COMMENTS)
        who = given.marker_id
        self._mark(
            item, asked, score, Mark.By.PERSON, later, marker_id=who, levels=levels, comment=comment
        )
        self.tell(given, learner, Notice.Kind.MARKED, later)
        if self.rows.happens(0.01):
            self._ask_again(given, item, later)

    def _ask_again(self, given: Given, item: AttemptItem, at: datetime) -> None:
        is_answered = self.rows.happens(0.7)
        self.rows.add(
            RegradeRequest(
                assignment_id=given.assignment_id,
                response_id=item.response_id or 0,
                reason="I think I named the sentence.",
                state=RegradeRequest.State.KEPT if is_answered else RegradeRequest.State.OPEN,
                reply="Read the rubric once more." if is_answered else "",
                asked_at=at,
                answered_at=at if is_answered else None,
                answered_by_id=given.marker_id if is_answered else None,
            )
        )

    def _void(self, given: Given, learner: Learner, attempt: Attempt, at: datetime) -> None:
        attempt.voided_at, attempt.void_reason = at, "Done on another's account."
        self.rows.add(
            GradeEvent(
                assignment_id=given.assignment_id,
                membership_id=learner.membership_id,
                what=GradeEvent.What.ATTEMPT_VOID,
                reason=attempt.void_reason,
                by_id=given.marker_id,
                at=at,
            )
        )

    def tell(self, given: Given, learner: Learner, kind: Notice.Kind, at: datetime) -> None:
        is_read = self.rows.happens(0.9 if given.is_over else 0.5)
        self.rows.add(
            Notice(
                user_id=learner.pk,
                assignment_id=given.assignment_id,
                kind=kind,
                at=at,
                read_at=at + timedelta(hours=5) if is_read else None,
            )
        )
