"""How often lessons and quizzes were given out; which class it was is not an editor's business."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from lessons.core.usage import Use, tells_use
from lessons.guided.models import Lesson, Module
from lessons.quizzes.models import Quiz

from .models import Assignment


@tells_use(Module)
def of_a_module(module: Module) -> Iterator[Use]:
    given = Assignment.objects.given().filter(module=module)
    yield Use(_("Given to classes as a whole"), count=given.count())


@tells_use(Lesson)
def of_a_lesson(lesson: Lesson) -> Iterator[Use]:
    given = Assignment.objects.given().filter(lesson=lesson)
    yield Use(_("Given to classes"), count=given.count())


@tells_use(Quiz)
def of_a_quiz(quiz: Quiz) -> Iterator[Use]:
    given = Assignment.objects.given().filter(quiz=quiz)
    yield Use(_("Given to classes by itself"), count=given.count())
