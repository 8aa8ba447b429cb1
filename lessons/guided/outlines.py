"""Lessons and steps as all readers get them: built once a content version, nobody's own."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from lessons.core.models import Status
from lessons.core.rendered import rendered
from lessons.documents.atlas import lines_to_draw, routes_to_draw
from lessons.documents.ladders import provenance_html
from lessons.documents.maps import small_map
from lessons.documents.models import Document, Passage
from lessons.documents.queries import passages_for_reading
from lessons.documents.rendering import Layer, RenderedPassage, render_passages
from lessons.documents.routemaps import draw_route_map
from lessons.documents.timelines import timeline_for
from lessons.documents.voices import VOICES
from lessons.quizzes.models import Delivery, Question, Quiz, QuizItem

from .models import DeliveryStep, Lesson, Module, Step, TeacherPage

EXERCISES = (*Question.EXERCISES, Question.Kind.WARRANT)


@dataclass(frozen=True)
class EarlierStep:
    """A step whose written answer a later one shows again."""

    quiz_pk: int
    slug: str
    title: str
    lesson_slug: str
    lesson_title: str


@dataclass(frozen=True)
class StepOutline:
    pk: int
    slug: str
    kind: str
    kind_label: str
    title: str
    focus: str
    minutes: int
    number: int
    """Its place in the lesson, from 1."""
    quiz: Quiz | None
    question_count: int
    earlier: EarlierStep | None = None
    """What its learner wrote there is shown above its question."""
    is_exercise: bool = False
    """Whether something of it is asked in the manner of the exercises on a reported talk."""

    @property
    def asks(self) -> bool:
        return self.quiz is not None

    @property
    def is_graded(self) -> bool:
        return self.quiz is not None and self.quiz.purpose == Quiz.Purpose.GRADED


@dataclass(frozen=True)
class LessonOutline:
    pk: int
    slug: str
    title: str
    focus: str
    aims: list[str]
    minutes: int
    order: int
    horizon: date | None
    module_title: str
    module_slug: str
    lesson_count: int
    is_public: bool
    guide_slug: str = ""
    """The address of its page for teachers; empty where none may be shown."""
    steps: list[StepOutline] = field(default_factory=list)

    def step(self, slug: str) -> StepOutline | None:
        return next((step for step in self.steps if step.slug == slug), None)

    def neighbours(self, step: StepOutline) -> tuple[StepOutline | None, StepOutline | None]:
        """The steps before and after, None at the ends."""
        index = step.number - 1
        before = self.steps[index - 1] if index else None
        after = self.steps[index + 1] if step.number < len(self.steps) else None
        return before, after


def lesson_outline(
    slug: str, version: int, *, drafts: bool = False, delivery: Delivery | None = None
) -> LessonOutline | None:
    """The lesson at this address in any status, or None; cached with its steps.

    A quiz that is not published is left out of its step, but for an editor (`drafts`). A
    `delivery` with a plan of its own may leave steps out and give them another order.
    """
    plan = (delivery.pk, delivery.plan) if delivery is not None and delivery.plan else None

    def build() -> LessonOutline | None:
        asked = QuizItem.objects.filter(quiz=OuterRef("quiz"))
        steps = Step.objects.select_related("quiz", "earlier__lesson__module").annotate(
            question_count=Count(
                "quiz__items", filter=Q(quiz__items__question__status=Status.PUBLISHED)
            ),
            is_exercise=Exists(asked.filter(question__kind__in=EXERCISES)),
        )
        lesson = (
            Lesson.objects.select_related("module", "teacher_page")
            .prefetch_related(Prefetch("steps", steps.order_by("order")))
            .filter(slug=slug)
            .first()
        )
        if lesson is None:
            return None
        rows = list(lesson.steps.all())
        if plan is not None:
            chosen = DeliveryStep.objects.filter(delivery=plan[0], step__lesson=lesson)
            order = dict(chosen.values_list("step_id", "position"))
            if order:
                rows = sorted((r for r in rows if r.pk in order), key=lambda r: order[r.pk])
        return _outline(lesson, rows, drafts=drafts)

    return rendered(("lesson", slug, drafts, plan), version, build)


def _outline(lesson: Lesson, rows: list[Step], *, drafts: bool) -> LessonOutline:
    module = lesson.module
    guide: TeacherPage | None = getattr(lesson, "teacher_page", None)
    steps = [
        StepOutline(
            pk=step.pk,
            slug=step.slug,
            kind=step.kind,
            kind_label=step.get_kind_display(),
            title=step.title,
            focus=step.focus,
            minutes=step.minutes,
            number=number,
            quiz=step.quiz if step.quiz and (drafts or step.quiz.is_published) else None,
            question_count=getattr(step, "question_count", 0),
            is_exercise=getattr(step, "is_exercise", False),
            earlier=_earlier(step, drafts=drafts),
        )
        for number, step in enumerate(rows, start=1)
    ]
    return LessonOutline(
        pk=lesson.pk,
        slug=lesson.slug,
        title=lesson.title,
        focus=lesson.focus,
        aims=[line.strip() for line in lesson.aims.splitlines() if line.strip()],
        minutes=lesson.minutes,
        order=lesson.order,
        horizon=lesson.horizon,
        module_title=module.title,
        module_slug=module.slug,
        lesson_count=module.lessons.filter(status=Status.PUBLISHED).count(),
        is_public=lesson.is_published and module.is_published,
        guide_slug=guide.slug if guide and (drafts or guide.is_published) else "",
        steps=steps,
    )


def _earlier(step: Step, *, drafts: bool) -> EarlierStep | None:
    """None also where the earlier lesson is not there for readers."""
    earlier = step.earlier
    if earlier is None or earlier.quiz_id is None:
        return None
    lesson = earlier.lesson
    if not drafts and not (lesson.is_published and lesson.module.is_published):
        return None
    return EarlierStep(
        quiz_pk=earlier.quiz_id,
        slug=earlier.slug,
        title=earlier.title,
        lesson_slug=lesson.slug,
        lesson_title=lesson.title,
    )


@dataclass(frozen=True)
class StepContent:
    """The part of a step that is the same for every reader, already drawn."""

    html: SafeString
    after_html: SafeString
    """Notes that interpret; empty until they may be shown."""
    anchors: frozenset[str]
    """The ids of its passages on the page."""


def step_content(
    lesson: LessonOutline,
    step: StepOutline,
    version: int,
    *,
    revealed: bool,
    drafts: bool,
    voice: str | None = None,
) -> StepContent:
    """Text, notes, cards and map of a step, drawn once a content version.

    With `revealed` False not a word of a note that interprets is in it. A `voice` (empty: all of
    them) comes with the switch from one to another; None where the reader may not have it yet.
    """

    def build() -> StepContent:
        row = (
            Step.objects.select_related("lesson__module__document")
            .prefetch_related("source_cards__reference", "places")
            .get(pk=step.pk)
        )
        passages = render_passages(
            passages_for_reading(
                passages=row.passages.values_list("pk", flat=True), preview=drafts
            ),
            reveal=revealed and step.kind != Step.Kind.WHOLE_READING,
            layer=Layer.WORDS if step.kind == Step.Kind.WHOLE_READING else Layer.CORE,
            horizon=lesson.horizon,
            preview=drafts,
            voice=voice or "",
        )
        document = row.lesson.module.document
        cards = row.source_cards.all()
        places = [place for place in row.places.all() if drafts or place.is_published]
        context: dict[str, Any] = {
            "step": row,
            "document": document,
            "page_address": reverse("guided:step", args=[lesson.slug, step.slug]),
            # Notes that interpret have a place of their own, after the questions.
            "passages": [
                replace(passage, notes=tuple(n for n in passage.notes if not n.interprets))
                for passage in passages
            ],
            "after_notes": [
                (passage, waited)
                for passage in passages
                if (waited := [note for note in passage.notes if note.interprets])
            ],
            "source_cards": [card for card in cards if drafts or card.is_published],
            "small_map": small_map(places, year=document.date.year) if places else None,
            "voice": voice,
            "voices": [] if voice is None else VOICES,
            "room": _room(row, document, lesson, version, drafts=drafts),
        }
        return StepContent(
            html=mark_safe(render_to_string("guided/_step_content.html", context)),  # noqa: S308
            after_html=mark_safe(render_to_string("guided/_after_notes.html", context)),  # noqa: S308
            anchors=frozenset(passage.anchor for passage in passages),
        )

    return rendered(("step", step.pk, revealed, drafts, voice), version, build)


def _room(
    step: Step, document: Document, lesson: LessonOutline, version: int, *, drafts: bool
) -> SafeString:
    """What a step shows of the rooms around the text; empty for most kinds."""
    if step.kind == Step.Kind.PROVENANCE:
        return provenance_html(document.pk, version)
    if step.kind == Step.Kind.TIMELINE:
        return timeline_for(
            document=document, horizon=lesson.horizon, preview=drafts, version=version
        )
    if step.kind == Step.Kind.MAP:
        return draw_route_map(
            routes_to_draw(step.routes.all(), preview=drafts),
            lines_to_draw(preview=drafts),
            [],
            year=document.date.year,
            name="routes",
        )
    return SafeString()


def published_modules(version: int) -> list[Module]:
    """Modules for readers, with their published lessons."""

    def build() -> list[Module]:
        lessons = Lesson.objects.published().order_by("order")
        return list(
            Module.objects.published()
            .select_related("document")
            .prefetch_related(Prefetch("lessons", lessons))
        )

    return rendered(("modules",), version, build)


def opening_of(document: Document, version: int) -> list[RenderedPassage]:
    """The first lines of a document for the landing page: heading and first paragraph."""

    def build() -> list[RenderedPassage]:
        first = document.passages.filter(Q(number=1) | Q(kind=Passage.Kind.HEADING))
        return render_passages(
            passages_for_reading(passages=first.values_list("pk", flat=True)),
            reveal=False,
            layer=Layer.CORE,
            horizon=document.date,
        )

    return rendered(("opening", document.pk), version, build)
