"""Where content is used in lessons, and how many answers rest on lessons and their steps."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.admin.utils import model_ngettext
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from lessons.core.editors import FirstStep, first_steps
from lessons.core.models import Status
from lessons.core.usage import Resting, Use, counts_answers, listed, tells_use
from lessons.documents.models import Document, Passage, Place, Route, SourceCard
from lessons.quizzes.models import Question, Quiz
from lessons.quizzes.using import resting

from .models import Lesson, Module, Step


@counts_answers(Step)
def on_a_step(step: Step) -> Resting:
    return resting(item__attempt__quiz=step.quiz_id)


@counts_answers(Lesson)
def on_a_lesson(lesson: Lesson) -> Resting:
    return resting(item__attempt__quiz__in=Quiz.objects.filter(steps__lesson=lesson))


@counts_answers(Module)
def on_a_module(module: Module) -> Resting:
    return resting(item__attempt__quiz__in=Quiz.objects.filter(steps__lesson__module=module))


@tells_use(Document)
def of_a_document(document: Document) -> Iterator[Use]:
    yield listed(_("Modules about it"), Module.objects.filter(document=document))


@tells_use(Quiz)
def of_a_quiz(quiz: Quiz) -> Iterator[Use]:
    yield listed(_("Steps that ask it"), Step.objects.filter(quiz=quiz))
    lessons = Lesson.objects.filter(steps__quiz=quiz).distinct()
    yield listed(_("Lessons with these steps"), lessons)


@tells_use(Question)
def of_a_question(question: Question) -> Iterator[Use]:
    asked = Q(quiz__items__question=question)
    yield listed(_("Steps that ask it"), Step.objects.filter(asked).distinct())
    lessons = Lesson.objects.filter(steps__quiz__items__question=question).distinct()
    yield listed(_("Lessons with these steps"), lessons)


@tells_use(Passage)
def of_a_passage(passage: Passage) -> Iterator[Use]:
    yield listed(_("Steps that show it"), Step.objects.filter(passages=passage))


@tells_use(Place)
def of_a_place(place: Place) -> Iterator[Use]:
    yield listed(_("Steps with it on the map"), Step.objects.filter(places=place))


@tells_use(Route)
def of_a_route(route: Route) -> Iterator[Use]:
    yield listed(_("Steps with it on the map"), Step.objects.filter(routes=route))


@tells_use(SourceCard)
def of_a_card(card: SourceCard) -> Iterator[Use]:
    yield listed(_("Steps that show it"), Step.objects.filter(source_cards=card))


@tells_use(Step)
def of_a_step(step: Step) -> Iterator[Use]:
    yield listed(_("Its lesson"), Lesson.objects.filter(pk=step.lesson_id))
    yield listed(_("Later steps that show what was written here"), step.later.all())


@tells_use(Lesson)
def of_a_lesson(lesson: Lesson) -> Iterator[Use]:
    yield listed(_("Its module"), Module.objects.filter(pk=lesson.module_id))


@first_steps
def from_a_document_to_a_lesson(request: HttpRequest) -> Sequence[FirstStep]:
    """The way to a lesson; nothing for those who may not make one."""
    if not request.user.has_perm("guided.add_lesson"):
        return []
    return [
        _step(
            _("Bring in a document"),
            _("pasted or from a file; then put notes on its words."),
            "documents_document_import",
            Document.objects.all(),
        ),
        _step(
            _("Write questions"),
            _("each about a sentence, with feedback for every answer."),
            "quizzes_question_add",
            Question.objects.all(),
        ),
        _step(
            _("Put them into a quiz"),
            _("in the order in which they are asked."),
            "quizzes_quiz_add",
            Quiz.objects.all(),
        ),
        _step(
            _("Make a module and its lessons"),
            _("with steps that show passages and ask quizzes."),
            "guided_module_add",
            Module.objects.filter(lessons__isnull=False).distinct(),
        ),
        _step(
            _("Publish"),
            _(
                "Tick your lesson in the list and choose “Publish with all that it shows and asks”:"
                " document, notes, questions and quizzes go out with it."
            ),
            "guided_lesson_changelist",
            Lesson.objects.filter(status=Status.PUBLISHED),
        ),
    ]


def _step(name: str, about: str, page: str, made: QuerySet[Any]) -> FirstStep:
    """A step that is done in admin's `page`, and how many of its rows are `made`."""
    n = made.count()
    done = _("%(n)s %(rows)s so far") % {"n": n, "rows": model_ngettext(made, n)} if n else ""
    return FirstStep(name, about, reverse(f"admin:{page}"), done)
