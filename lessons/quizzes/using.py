"""Where questions and quizzes are used, and how many answers rest on them and on what they ask."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from lessons.core.usage import Resting, Use, counts_answers, listed, tells_use
from lessons.documents.models import Document, Passage

from .models import Delivery, Question, Quiz, Response

COUNTED = 1000
"""Answers: whoever is told of so many need not know how many more there are."""


def resting(**on: Any) -> Resting:
    """Answers, previews aside, whose lookups of Response are these (one query).

    The lookups must not find an answer twice.
    """
    answers = Response.objects.filter(**on).exclude(
        item__attempt__delivery__kind=Delivery.Kind.PREVIEW
    )
    learners = answers.order_by().values_list("item__attempt__learner", flat=True)[: COUNTED + 1]
    found = list(learners)
    return Resting(min(len(found), COUNTED), len(set(found[:COUNTED])), len(found) > COUNTED)


@counts_answers(Question)
def on_a_question(question: Question) -> Resting:
    return resting(item__question=question)


@counts_answers(Quiz)
def on_a_quiz(quiz: Quiz) -> Resting:
    return resting(item__attempt__quiz=quiz)


@counts_answers(Passage)
def on_a_passage(passage: Passage) -> Resting:
    return resting(item__question__in=Question.objects.filter(text__passage=passage))


@counts_answers(Document)
def on_a_document(document: Document) -> Resting:
    return resting(item__question__in=Question.objects.filter(text__passage__document=document))


@tells_use(Question)
def of_a_question(question: Question) -> Iterator[Use]:
    quizzes = Quiz.objects.filter(items__question=question)
    yield listed(_("Quizzes that ask it"), quizzes)


@tells_use(Passage)
def of_a_passage(passage: Passage) -> Iterator[Use]:
    questions = Question.objects.filter(text__passage=passage)
    yield listed(_("Questions about it"), questions)


@tells_use(Document)
def of_a_document(document: Document) -> Iterator[Use]:
    questions = Question.objects.filter(text__passage__document=document)
    yield listed(_("Questions about it"), questions)
