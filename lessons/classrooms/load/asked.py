"""What invented learners are asked, and what they may answer to it."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from random import Random

from lessons.classrooms.demo import wrong_answers
from lessons.classrooms.invented import good_answers
from lessons.core.models import ContentVersion
from lessons.guided.models import Lesson, Step
from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.base import Answer
from lessons.quizzes.kinds.open import rubric_score
from lessons.quizzes.models import Question, QuestionRevision, Quiz
from lessons.quizzes.revisions import kept_revisions, latest_marking_keys

Said = tuple[Answer, Decimal | None]
"""An answer and what the machine gives for it; None where a person has to read it."""


@dataclass(frozen=True)
class Asked:
    """A question, and what is answered to it."""

    revision: QuestionRevision
    key_id: int
    right: list[Said]
    wrong: list[Said]
    judged: list[tuple[dict[str, str], Decimal]]
    """Levels of the rubric and what they come to; empty where a machine marks."""
    ease: float
    """Added to a learner's chance: some questions are harder than others, for everybody."""

    @property
    def asks_confidence(self) -> bool:
        return bool(self.revision.content["asks_confidence"])


@dataclass(frozen=True)
class StepWork:
    pk: int
    quiz_id: int
    """0 where nothing is asked."""
    is_graded: bool
    asked: list[Asked]


@dataclass(frozen=True)
class LessonWork:
    lesson: Lesson
    steps: list[StepWork]

    @cached_property
    def answers(self) -> float:
        """About how many one learner stores who goes to the end."""
        return sum(len(step.asked) * (1 if step.is_graded else 1.3) for step in self.steps)


def published_lessons() -> list[LessonWork]:
    """In the order of their modules."""
    version = ContentVersion.current()
    found = Lesson.objects.published().order_by("module__order", "order")
    return [
        LessonWork(lesson, [_step(step, version) for step in lesson.steps.select_related("quiz")])
        for lesson in found
    ]


def _step(step: Step, version: int) -> StepWork:
    quiz = step.quiz
    if quiz is None:
        return StepWork(step.pk, 0, False, [])
    is_graded = quiz.purpose == Quiz.Purpose.GRADED
    return StepWork(step.pk, quiz.pk, is_graded, _asked(quiz, version))


def _asked(quiz: Quiz, version: int) -> list[Asked]:
    revisions = kept_revisions(quiz, version)
    keys = latest_marking_keys(revisions)
    asked = []
    for revision in revisions:
        face, key = revision.content, keys[revision.pk]
        kind = kind_of(face["kind"])
        is_judged = face["kind"] in (*Question.WRITTEN, *Question.UNSCORED)
        tempting = [] if is_judged else list(wrong_answers(face, key.content))
        right, wrong = (
            [(answer, kind.mark(key.content, answer)) for answer in answers]
            for answers in (good_answers(face, key.content), tempting[:8])
        )
        judged = []
        for place in range(3) if not kind.marked_by_machine else ():
            levels = {one["key"]: one["levels"][place]["key"] for one in key.content["criteria"]}
            judged.append((levels, rubric_score(key.content, levels)))
        ease = Random(revision.digest).uniform(-0.3, 0.25)  # noqa: S311
        asked.append(Asked(revision, key.pk, right, wrong, judged, ease))
    return asked
