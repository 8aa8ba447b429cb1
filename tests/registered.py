"""A row of every model that is registered in admin, and every address that admin answers."""

from collections.abc import Iterator
from typing import Any

from axes.models import AccessAttempt
from django.contrib import admin
from django.db import models
from django.urls import URLPattern, URLResolver
from django.utils import timezone

from lessons.accounts.models import User
from lessons.core.models import MistakeReport, Status
from lessons.documents.models import Document
from lessons.guided.models import Lesson, Module, Progress, Step
from lessons.quizzes.models import Delivery, DeliveryException, ItemTally, Question
from tests.quizzes import working

Model = type[models.Model]
MODELS: list[Model] = list(admin.site._registry)


def label(model: Model) -> str:
    return model._meta.label_lower


def place(model: Model, page: str) -> str:
    """The name under which a page of a model is found."""
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"


def patterns(parts: Any = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of admin, each with all of its route."""
    for part in admin.site.get_urls() if parts is None else parts:
        route = before + str(part.pattern)
        if isinstance(part, URLResolver):
            yield from patterns(part.url_patterns, route)
        else:
            yield route, part


def make_work(learner: User) -> None:
    """Answers of this learner in every state, so that no list of work is empty."""
    attempt = working.start(learner)
    working.save(working.item(attempt, 1), working.right(working.item(attempt, 1)))
    practice = working.item(working.start(learner, working.PRACTICE))
    working.check(practice, working.right(practice))
    delivery = Delivery.objects.self_study()
    DeliveryException.objects.create(delivery=delivery, learner=learner, reason="Was ill.")
    ItemTally.objects.create(revision=practice.revision, choice="none", count=1)
    step = Step.objects.select_related("lesson").first()
    now = timezone.now()
    Progress.objects.create(
        delivery=delivery, learner=learner, step=step, opened_at=now, touched_at=now
    )
    MistakeReport.objects.create(
        subject="page", address="/", body="A comma is missing.", reporter=learner
    )
    AccessAttempt.objects.create(
        username="amara",
        ip_address="10.0.0.1",
        user_agent="A browser",
        get_data="",
        post_data="",
        failures_since_start=1,
        attempt_time=now,
    )


def make_drafts() -> dict[str, int]:
    """An unfinished document, question and lesson; label of the model → id."""
    document = Document.objects.create(
        key="unfinished",
        slug="unfinished",
        title="An unfinished record",
        short_title="Unfinished",
        genre="letter",
        date="1958-05-02",
        headnote="Not yet.",
        repository="An archive",
        status=Status.DRAFT,
    )
    question = Question.objects.create(
        key="unfinished",
        kind="single",
        prompt="Not finished yet?",
        skill="sourcing",
        hint="Look.",
        explanation="Not yet.",
        status=Status.DRAFT,
    )
    lesson = Lesson.objects.create(
        key="unfinished",
        slug="unfinished",
        title="An unfinished lesson",
        module=Module.objects.first(),
        order=99,
        focus="When?",
        aims="Wait",
        minutes=5,
        status=Status.DRAFT,
    )
    return {label(type(row)): row.pk for row in (document, question, lesson)}
