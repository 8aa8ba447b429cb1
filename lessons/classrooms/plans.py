"""An assignment's own choice and order of steps and questions, as a form that needs no script.

Each line has a tick and a place (a number); lines are sorted by their places. Buttons move a line
up or down among those around it. What equals the lesson as it stands is stored as no plan, so that
it follows what editors change later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from lessons.core.models import Status
from lessons.guided.models import DeliveryStep, Step
from lessons.quizzes.models import DeliveryItem, Question, Quiz, QuizItem

from .domain.assignments import Plan
from .models import Assignment

LARGEST_PLACE = 9999


@dataclass
class Line:
    """A step, or a question of it."""

    name: str
    label: str
    detail: str
    natural: int
    """Its place as the lesson stands, from 1."""
    thing: Step | Question
    is_chosen: bool = True
    place: int = 0
    lines: list["Line"] = field(default_factory=list)
    error: str = ""

    @property
    def position_field(self) -> str:
        return f"{self.name}-place"


@dataclass
class PlanSheet:
    """The steps of one lesson."""

    title: str
    lines: list[Line]


@dataclass
class PlanForm:
    sheets: list[PlanSheet]
    steps_are_fixed: bool
    """A quiz alone keeps its one step; only its questions are chosen."""

    @property
    def all_lines(self) -> list[Line]:
        steps = [line for sheet in self.sheets for line in sheet.lines]
        return steps + [line for step in steps for line in step.lines]

    @property
    def errors(self) -> list[Line]:
        return [line for line in self.all_lines if line.error]

    def read(self, data: Mapping[str, str]) -> None:
        """Take ticks and places from a posted form; what is no number keeps its place."""
        for line in self.all_lines:
            line.is_chosen = line.name in data
            typed = str(data.get(line.position_field, ""))
            if typed.isascii() and typed.isdigit() and len(typed) < 6:
                line.place = min(int(typed), LARGEST_PLACE)
        if self.steps_are_fixed:
            for sheet in self.sheets:
                for line in sheet.lines:
                    line.is_chosen = True
        self._sort()

    def move(self, name: str, *, up: bool) -> bool:
        """Move a line one place; False where there is none of this name, or no place."""
        for lines in self._lists():
            names = [line.name for line in lines]
            if name not in names:
                continue
            here = names.index(name)
            there = here - 1 if up else here + 1
            if not 0 <= there < len(lines):
                return False
            lines[here], lines[there] = lines[there], lines[here]
            self._number(lines)
            return True
        return False

    def check(self) -> bool:
        """Whether it can be stored; else lines carry why not."""
        steps = [line for sheet in self.sheets for line in sheet.lines]
        if steps and not any(line.is_chosen for line in steps):
            steps[0].error = _("Keep at least one step.")
        for step in steps:
            if step.is_chosen and step.lines and not any(q.is_chosen for q in step.lines):
                step.error = _("Keep at least one question, or leave the whole step out.")
        return not self.errors

    def plan(self) -> Plan:
        """What is to be stored; an empty plan where everything is as it stands."""
        steps = [line for sheet in self.sheets for line in sheet.lines]
        questions: dict[Quiz, list[Question]] = {}
        for step in steps:
            if step.is_chosen and not _is_natural(step.lines) and isinstance(step.thing, Step):
                quiz = step.thing.quiz
                if quiz is not None:
                    questions[quiz] = [
                        line.thing
                        for line in step.lines
                        if line.is_chosen and isinstance(line.thing, Question)
                    ]
        chosen: list[Step] = []
        if self.steps_are_fixed or not all(_is_natural(sheet.lines) for sheet in self.sheets):
            chosen = [
                line.thing for line in steps if line.is_chosen and isinstance(line.thing, Step)
            ]
        return Plan(steps=chosen, questions=questions)

    def _lists(self) -> list[list[Line]]:
        sheets = [sheet.lines for sheet in self.sheets]
        return sheets + [line.lines for lines in sheets for line in lines]

    def _sort(self) -> None:
        for lines in self._lists():
            lines.sort(key=lambda line: line.place)
            self._number(lines)

    @staticmethod
    def _number(lines: list[Line]) -> None:
        for place, line in enumerate(lines, start=1):
            line.place = place


def _is_natural(lines: list[Line]) -> bool:
    """Whether nothing is left out and the order is the lesson's own."""
    order = [line.natural for line in lines]
    return all(line.is_chosen for line in lines) and order == sorted(order)


def plan_form(assignment: Assignment) -> PlanForm:
    """Steps and questions as the assignment has them now, those left out after the others."""
    delivery = assignment.delivery
    asked = QuizItem.objects.select_related("question").order_by("position")
    steps = _all_steps(assignment).select_related("lesson", "quiz")
    steps = steps.prefetch_related(
        Prefetch("quiz__items", asked.filter(question__status=Status.PUBLISHED), to_attr="asked")
    )
    places = dict(DeliveryStep.objects.filter(delivery=delivery).values_list("step_id", "position"))
    own: dict[int, dict[int, int]] = {}
    for row in DeliveryItem.objects.filter(delivery=delivery):
        own.setdefault(row.quiz_id, {})[row.question_id] = row.position
    if not delivery.plan:
        places, own = {}, {}
    sheets: dict[int, PlanSheet] = {}
    for step in steps:
        sheet = sheets.setdefault(step.lesson_id, PlanSheet(step.lesson.title, []))
        line = Line(
            f"step-{step.pk}", step.title, step.get_kind_display(), len(sheet.lines) + 1, step
        )
        _place(line, places, step.pk)
        items = getattr(step.quiz, "asked", []) if step.quiz and step.quiz.is_published else []
        for number, item in enumerate(items, start=1):
            question = Line(
                f"question-{step.pk}-{item.question_id}",
                item.question.prompt,
                item.question.get_kind_display(),
                number,
                item.question,
            )
            _place(question, own.get(item.quiz_id, {}), item.question_id)
            line.lines.append(question)
        sheet.lines.append(line)
    form = PlanForm(list(sheets.values()), steps_are_fixed=assignment.quiz_id is not None)
    form._sort()
    return form


def _place(line: Line, places: Mapping[int, int], pk: int) -> None:
    line.is_chosen = not places or pk in places
    line.place = places.get(pk, LARGEST_PLACE) if places else line.natural


def _all_steps(assignment: Assignment) -> QuerySet[Step]:
    """Every step it could hold, whatever its plan leaves out."""
    steps = Step.objects.filter(lesson__status=Status.PUBLISHED).order_by("lesson__order", "order")
    if assignment.module_id:
        return steps.filter(lesson__module=assignment.module_id)
    if assignment.lesson_id:
        return steps.filter(lesson=assignment.lesson_id)
    return steps.filter(quiz=assignment.quiz_id)
