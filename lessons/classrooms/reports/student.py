"""Everything of one student in a class, and nothing of anybody else: for a parents' evening."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils.translation import gettext as _

from lessons.accounts.models import User
from lessons.classrooms.access import given_in_classes_of
from lessons.classrooms.gradebook import Column, read_row
from lessons.classrooms.grading import Cell, State, Total
from lessons.classrooms.models import Assignment, Membership, MembershipEvent, VoidedQuestion
from lessons.core.models import Status
from lessons.guided.models import DeliveryStep, Progress, Step
from lessons.quizzes.models import (
    Confidence,
    Delivery,
    DeliveryException,
    Mark,
    Question,
    Response,
)
from lessons.quizzes.sittings import words_of

FEW = 5
"""Under this many answers with a confidence nothing is concluded from them."""

THINKING = (Question.Skill.SOURCING, Question.Skill.CORROBORATION, Question.Skill.CLAIM)
"""Reported from written answers and evidence choices only: a single choice shows reading
(Smith, Breakstone & Wineburg 2019)."""


# --- What a report is made of -------------------------------------------------------------------


@dataclass(frozen=True)
class StepWork:
    title: str
    lesson: str
    state: str
    """"done", "skipped", "begun" or "new"."""
    seconds: int


@dataclass
class AssignmentWork:
    column: Column
    cell: Cell
    steps: list[StepWork]
    due_at: datetime | None
    last: datetime | None

    @property
    def assignment(self) -> Assignment:
        return self.column.assignment

    @property
    def done(self) -> int:
        return sum(step.state == "done" for step in self.steps)

    @property
    def skipped(self) -> int:
        return sum(step.state == "skipped" for step in self.steps)

    @property
    def seconds(self) -> int:
        return sum(step.seconds for step in self.steps)


@dataclass(frozen=True)
class FirstAnswer:
    """The first answer to a machine-marked question."""

    assignment: str
    quiz: str
    prompt: str
    skill: str
    kind: str
    answer: str
    score: Decimal | None
    confidence: str

    @property
    def verdict(self) -> str:
        if self.score is None:
            return ""
        return "right" if self.score == 1 else "partly" if self.score > 0 else "wrong"

    @property
    def sure(self) -> str:
        return str(Confidence(self.confidence).label) if self.confidence else ""


@dataclass(frozen=True)
class WrittenAnswer:
    assignment: str
    prompt: str
    skill: str
    text: str
    at: datetime
    number: int
    """Of the attempt."""
    score: Decimal | None
    marker: User | None
    comment: str
    levels: Sequence[tuple[str, str]]
    """Criterion and level, in words."""


@dataclass(frozen=True)
class SkillLine:
    label: str
    share: Decimal | None
    """The mean score; None where nothing is marked."""
    count: int
    basis: str


@dataclass(frozen=True)
class Calibration:
    """How often the first answers were right, by how sure their writer was."""

    right: Mapping[str, int]
    count: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.count.values())

    def sentences(self) -> list[str]:
        """In plain words, the surest first; then what it comes to."""
        found = [
            _("%(sure)s: right %(right)s of %(n)s times.")
            % {"sure": str(label).capitalize(), "right": self.right[value], "n": self.count[value]}
            for value, label in reversed(Confidence.choices)
            if self.count.get(value)
        ]
        return [*found, self.verdict()] if found else []

    def verdict(self) -> str:
        if self.total < FEW:
            return _("Too few answers to say more.")
        sure, guess = Confidence.SURE, Confidence.GUESS
        if self._share(sure) is not None and self.count[sure] >= FEW:
            if self.count[sure] > 2 * self.right[sure]:
                return _("Sure and wrong more often than not: these are the answers to talk about.")
            if 5 * self.right[sure] >= 4 * self.count[sure]:
                return _("When sure, nearly always right: being sure can be trusted.")
            return _("Sure somewhat too often.")
        if self.count.get(guess, 0) >= FEW and 5 * self.right[guess] >= 3 * self.count[guess]:
            return _("What is called a guess is often right: there is more knowledge than trust.")
        return _("Nothing stands out.")

    def _share(self, value: str) -> float | None:
        count = self.count.get(value, 0)
        return self.right[value] / count if count else None


@dataclass
class StudentReport:
    membership: Membership
    total: Total
    work: list[AssignmentWork]
    first: list[FirstAnswer]
    written: list[WrittenAnswer]
    skills: list[SkillLine]
    calibration: Calibration
    extensions: list[tuple[str, DeliveryException]]
    events: list[MembershipEvent]
    groups: list[str] = field(default_factory=list)

    @property
    def late(self) -> list[AssignmentWork]:
        return [work for work in self.work if work.cell.days]

    @property
    def seconds(self) -> int:
        return sum(work.seconds for work in self.work)


# --- Reading it ---------------------------------------------------------------------------------


def read_student(membership: Membership, moment: datetime) -> StudentReport:
    """The report of one student, in a constant number of queries."""
    columns, row = read_row(membership, moment=moment)
    own = given_in_classes_of(Membership.objects.filter(pk=membership.pk))
    given = set(own.values_list("pk", flat=True))
    kept = [
        (column, cell)
        for column, cell in zip(columns, row.cells, strict=True)
        if column.assignment.pk in given or cell.state is not State.NOT_GIVEN
    ]
    assignments = [column.assignment for column, _cell in kept]
    titles = {one.delivery_id: one.title for one in assignments}
    responses = _responses_of(membership, list(titles))
    first = [_first_answer(r, titles) for r in _firsts(responses) if _is_by_machine(r)]
    written = [_written_answer(r, titles) for r in responses if not _is_by_machine(r)]
    extensions = DeliveryException.objects.filter(
        delivery__in=list(titles), learner=membership.user_id
    ).select_related("granted_by")
    return StudentReport(
        membership=membership,
        total=row.total,
        work=_work_of(membership, kept),
        first=first,
        written=[answer for answer in written if answer.text],
        skills=skills_of(_skill_scores(_firsts(responses))),
        calibration=calibration_of((answer.confidence, answer.score) for answer in first),
        extensions=[(titles[row.delivery_id], row) for row in extensions],
        events=list(membership.events.select_related("by")),
        groups=list(membership.groups.values_list("name", flat=True)),
    )


def _work_of(membership: Membership, kept: Sequence[tuple[Column, Cell]]) -> list[AssignmentWork]:
    """The assignments with the student's own progress and time (three queries)."""
    assignments = [column.assignment for column, _cell in kept]
    deliveries = [one.delivery_id for one in assignments]
    steps = steps_of(assignments)
    progress = {
        (row.delivery_id, row.step_id): row
        for row in Progress.objects.filter(delivery__in=deliveries, learner=membership.user_id)
    }
    works = []
    for column, cell in kept:
        own = steps[column.assignment.pk]
        rows = [progress.get((column.assignment.delivery_id, step.pk)) for step in own]
        works.append(
            AssignmentWork(
                column=column,
                cell=cell,
                steps=[_step_work(step, row) for step, row in zip(own, rows, strict=True)],
                due_at=column.rules_for(membership.user_id).terms.due_at,
                last=max((row.touched_at for row in rows if row), default=None),
            )
        )
    return works


def _step_work(step: Step, row: Progress | None) -> StepWork:
    state = "new"
    if row is not None:
        state = "done" if row.completed_at else "skipped" if row.skipped else "begun"
    return StepWork(step.title, step.lesson.title, state, row.active_seconds if row else 0)


def steps_of(assignments: Sequence[Assignment]) -> dict[int, list[Step]]:
    """The steps of each assignment in order, its plan's where it has one, by assignment."""
    found = list(
        Step.objects.filter(
            Q(lesson__module__in={a.module_id for a in assignments if a.module_id})
            | Q(lesson__in={a.lesson_id for a in assignments if a.lesson_id})
            | Q(quiz__in={a.quiz_id for a in assignments if a.quiz_id}),
            lesson__status=Status.PUBLISHED,
        )
        .select_related("lesson")
        .order_by("lesson__order", "order")
    )
    plans: dict[int, dict[int, int]] = defaultdict(dict)
    for row in DeliveryStep.objects.filter(
        delivery__in=[a.delivery_id for a in assignments if a.delivery.plan]
    ):
        plans[row.delivery_id][row.step_id] = row.position
    by_assignment = {}
    for one in assignments:
        plan = plans[one.delivery_id]
        own = [
            step
            for step in found
            if (
                step.lesson.module_id == one.module_id
                or step.lesson_id == one.lesson_id
                or (one.quiz_id is not None and step.quiz_id == one.quiz_id)
            )
            and (not plan or step.pk in plan)
        ]
        own.sort(key=lambda step: (step.lesson.order, plan.get(step.pk, step.order)))
        by_assignment[one.pk] = own
    return by_assignment


def _responses_of(membership: Membership, deliveries: Sequence[int]) -> list[Response]:
    """First responses to every question that counts, in the order of work (two queries)."""
    marks = Mark.objects.exclude(by=Mark.By.SELF).select_related("marker", "marking_key")
    voided = VoidedQuestion.objects.filter(
        assignment__delivery=OuterRef("item__attempt__delivery"),
        question=OuterRef("item__question"),
        lifted_at__isnull=True,
    )
    return list(
        Response.objects.filter(
            version=1,
            item__attempt__delivery__in=deliveries,
            item__attempt__learner=membership.user_id,
            item__attempt__voided_at__isnull=True,
        )
        .exclude(item__attempt__delivery__kind=Delivery.Kind.PREVIEW)
        .exclude(Exists(voided))
        .select_related("item__attempt__quiz", "item__revision")
        .prefetch_related(Prefetch("marks", marks.order_by("pk"), to_attr="judged"))
        .order_by("item__attempt__started_at", "item__attempt", "item__position")
    )


def _firsts(responses: Iterable[Response]) -> list[Response]:
    """Those of the first attempt that answered the question, in each delivery."""
    seen: dict[tuple[int, int], Response] = {}
    for response in responses:
        item = response.item
        seen.setdefault((item.attempt.delivery_id, item.question_id), response)
    return list(seen.values())


def _face(response: Response) -> dict[str, Any]:
    return dict(response.item.revision.content)


def _is_by_machine(response: Response) -> bool:
    return bool(_face(response)["kind"] not in Question.WRITTEN)


def _mark(response: Response) -> Mark | None:
    judged: list[Mark] = response.judged  # type: ignore[attr-defined]  # prefetched
    return judged[-1] if judged else None


def _skill(face: Mapping[str, Any]) -> str:
    return str(Question.Skill(face["skill"]).label)


def _first_answer(response: Response, titles: Mapping[int, str]) -> FirstAnswer:
    face, mark = _face(response), _mark(response)
    return FirstAnswer(
        assignment=titles[response.item.attempt.delivery_id],
        quiz=response.item.attempt.quiz.title,
        prompt=face["prompt"],
        skill=_skill(face),
        kind=face["kind"],
        answer=words_of(face, response.answer),
        score=mark.score if mark else None,
        confidence=response.confidence,
    )


def _written_answer(response: Response, titles: Mapping[int, str]) -> WrittenAnswer:
    face, mark = _face(response), _mark(response)
    by_person = mark if mark is not None and mark.by == Mark.By.PERSON else None
    return WrittenAnswer(
        assignment=titles[response.item.attempt.delivery_id],
        prompt=face["prompt"],
        skill=_skill(face),
        text=words_of(face, response.answer),
        at=response.created_at,
        number=response.item.attempt.number,
        score=by_person.score if by_person else None,
        marker=by_person.marker if by_person else None,
        comment=by_person.comment if by_person else "",
        levels=_levels(by_person) if by_person else (),
    )


def _levels(mark: Mark) -> list[tuple[str, str]]:
    """The levels that a marker chose, in words."""
    return [
        (criterion["title"], level["title"])
        for criterion in mark.marking_key.content.get("criteria", [])
        for level in criterion["levels"]
        if mark.levels.get(criterion["key"]) == level["key"]
    ]


# --- Figures ------------------------------------------------------------------------------------


def _skill_scores(responses: Iterable[Response]) -> list[tuple[str, str, Decimal | None]]:
    return [
        (face["kind"], face["skill"], mark.score if (mark := _mark(response)) else None)
        for response in responses
        for face in [_face(response)]
    ]


def skills_of(scores: Iterable[tuple[str, str, Decimal | None]]) -> list[SkillLine]:
    """Means of first answers by skill, from (kind, skill, score or None while unmarked).

    Reading is what a machine marked, whatever skill its question is filed under; but for evidence
    choices, which count for the skill they ask for, as written answers do.
    """
    found: dict[str, list[Decimal | None]] = defaultdict(list)
    for kind, skill, score in scores:
        shows_thinking = kind in (*Question.WRITTEN, Question.Kind.EVIDENCE)
        if shows_thinking and skill in THINKING:
            found[skill].append(score)
        elif kind not in (*Question.WRITTEN, *Question.UNSCORED):
            found["reading"].append(score)
    lines = [_skill_line(_("Reading"), found["reading"], _("questions a machine marks"))]
    basis = _("written answers and evidence chosen")
    lines += [_skill_line(str(skill.label).capitalize(), found[skill], basis) for skill in THINKING]
    return lines


def _skill_line(label: str, scores: Sequence[Decimal | None], basis: str) -> SkillLine:
    known = [score for score in scores if score is not None]
    share = sum(known, Decimal(0)) / len(known) if known else None
    return SkillLine(label, share, len(known), basis)


def calibration_of(answers: Iterable[tuple[str, Decimal | None]]) -> Calibration:
    """From (confidence or "", score or None); an answer right in part was not right."""
    right: dict[str, int] = defaultdict(int)
    count: dict[str, int] = defaultdict(int)
    for confidence, score in answers:
        if confidence and score is not None:
            count[confidence] += 1
            right[confidence] += score == 1
    return Calibration(right, count)
