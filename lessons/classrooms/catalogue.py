"""What can be given out: published modules, their lessons, and the quizzes in those."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import Prefetch
from django.urls import reverse

from lessons.core.models import Status
from lessons.core.rendered import rendered
from lessons.guided.models import Lesson, Module, Step
from lessons.quizzes.models import Delivery, Quiz, QuizItem

LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Choice:
    """A module, a lesson or a quiz to choose."""

    code: str
    """`module-1`, `lesson-3` or `quiz-7`, as the address of the next page has it."""
    title: str
    focus: str
    minutes: int
    question_count: int
    is_graded: bool
    preview: str
    """Where it is walked through as a student would."""
    words: str
    """What a search looks in."""
    parts: Sequence["Choice"] = field(default_factory=tuple)


def catalogue(version: int) -> tuple[Choice, ...]:
    """Every choice, modules first, with what lies in it; built once a content version."""

    def build() -> tuple[Choice, ...]:
        asked = QuizItem.objects.select_related("question").order_by("position")
        published = asked.filter(question__status=Status.PUBLISHED)
        steps = Step.objects.select_related("quiz").prefetch_related(
            Prefetch("quiz__items", published, to_attr="asked")
        )
        lessons = Lesson.objects.filter(status=Status.PUBLISHED).order_by("order")
        modules = Module.objects.filter(status=Status.PUBLISHED).prefetch_related(
            Prefetch(
                "lessons", lessons.prefetch_related(Prefetch("steps", steps.order_by("order")))
            )
        )
        return tuple(_module(module) for module in modules)

    return rendered(("what can be given out",), version, build)


def _module(module: Module) -> Choice:
    parts = tuple(_lesson(lesson) for lesson in module.lessons.all())
    return Choice(
        code=f"module-{module.pk}",
        title=module.title,
        focus=module.question,
        minutes=sum(part.minutes for part in parts),
        question_count=sum(part.question_count for part in parts),
        is_graded=any(part.is_graded for part in parts),
        preview=parts[0].preview if parts else "",
        words=f"{module.title} {module.question}".casefold(),
        parts=parts,
    )


def _lesson(lesson: Lesson) -> Choice:
    steps = [s for s in lesson.steps.all() if s.quiz is not None and s.quiz.is_published]
    parts = tuple(_quiz(lesson, step, step.quiz) for step in steps if step.quiz is not None)
    address = reverse("guided:lesson", kwargs={"delivery": Delivery.PREVIEW, "lesson": lesson.slug})
    return Choice(
        code=f"lesson-{lesson.pk}",
        title=lesson.title,
        focus=lesson.focus,
        minutes=lesson.minutes,
        question_count=sum(part.question_count for part in parts),
        is_graded=any(part.is_graded for part in parts),
        preview=address,
        words=f"{lesson.title} {lesson.focus} {lesson.aims}".casefold(),
        parts=parts,
    )


def _quiz(lesson: Lesson, step: Step, quiz: Quiz) -> Choice:
    asked = [item.question for item in getattr(quiz, "asked", [])]
    place = {"delivery": Delivery.PREVIEW, "lesson": lesson.slug, "step": step.slug}
    return Choice(
        code=f"quiz-{quiz.pk}",
        title=quiz.title,
        focus=step.focus,
        minutes=step.minutes,
        question_count=len(asked),
        is_graded=quiz.purpose == Quiz.Purpose.GRADED,
        preview=reverse("guided:step", kwargs=place),
        words=" ".join([quiz.title, step.title, *(q.prompt for q in asked)]).casefold(),
    )


def search(choices: Iterable[Choice], words: str) -> list[Choice]:
    """The choices that hold all the words, and those above them; everything for no words."""
    wanted = words.casefold().split()
    if not wanted:
        return list(choices)
    found = []
    for choice in choices:
        parts = search(choice.parts, words)
        if all(word in choice.words for word in wanted):
            found.append(choice)
        elif parts:
            found.append(replace(choice, parts=tuple(parts)))
    return found


def find(choices: Iterable[Choice], code: str) -> Choice | None:
    """The choice with this code."""
    for choice in choices:
        if choice.code == code:
            return choice
        below = find(choice.parts, code)
        if below is not None:
            return below
    return None


def thing_of(choice: Choice) -> Module | Lesson | Quiz:
    """The row that a choice stands for."""
    kind, _dash, key = choice.code.partition("-")
    if kind == "module":
        return Module.objects.get(pk=key)
    if kind == "lesson":
        return Lesson.objects.get(pk=key)
    return Quiz.objects.get(pk=key)
