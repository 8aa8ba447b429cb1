"""All content in memory, each row with its parents and parts: what every check reads."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, TypeVar, cast

from django.db import models
from django.db.models import Prefetch, QuerySet

from lessons.core.models import ContentModel, PublishedModel, Status
from lessons.documents.models import (
    Annotation,
    Document,
    Event,
    MapLine,
    Passage,
    PassageText,
    Person,
    Place,
    Reference,
    Route,
    SourceCard,
    Term,
)
from lessons.guided.models import Lesson, Module, Step, TeacherPage
from lessons.quizzes.kinds.base import Face, Key
from lessons.quizzes.models import Question, Quiz
from lessons.quizzes.revisions import face_of, key_of, questions_with_parts

NOT_PROSE = {"key", "slug", "sha256", "quote", "prefix", "suffix", "history_change_reason"}
M = TypeVar("M", bound=models.Model)


@dataclass
class Content:
    """Rows of one reading. Reached from these, every relation a check follows is fetched."""

    documents: list[Document]
    people: list[Person]
    places: list[Place]
    routes: list[Route]
    map_lines: list[MapLine]
    terms: list[Term]
    events: list[Event]
    references: list[Reference]
    source_cards: list[SourceCard]
    questions: list[Question]
    quizzes: list[Quiz]
    modules: list[Module]
    quiz_by_id: dict[int, Quiz] = field(init=False)
    question_by_id: dict[int, Question] = field(init=False)
    passage_by_id: dict[int, Passage] = field(init=False)
    _faces: dict[int, tuple[Face, Key]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.quiz_by_id = {quiz.pk: quiz for quiz in self.quizzes}
        self.question_by_id = {question.pk: question for question in self.questions}
        self.passage_by_id = {passage.pk: passage for passage in self.passages}

    # --- Documents ----------------------------------------------------------------------------

    @cached_property
    def passages(self) -> list[Passage]:
        return [passage for document in self.documents for passage in document.passages.all()]

    @cached_property
    def texts(self) -> list[PassageText]:
        """Of all passages, replaced texts included: orphans stand on those."""
        return [text for passage in self.passages for text in passage.texts.all()]

    @cached_property
    def notes(self) -> list[Annotation]:
        return [note for text in self.texts for note in text.annotations.all()]

    @cached_property
    def numbers(self) -> frozenset[int]:
        """The numbers of all paragraphs."""
        return frozenset(passage.number for passage in self.passages if passage.number)

    # --- Lessons ------------------------------------------------------------------------------

    @cached_property
    def lessons(self) -> list[Lesson]:
        """In the order of a module."""
        return [lesson for module in self.modules for lesson in module.lessons.all()]

    @cached_property
    def teacher_pages(self) -> list[TeacherPage]:
        return [page for module in self.modules for page in module.teacher_pages.all()]

    def quiz_of(self, step: Step) -> Quiz | None:
        return self.quiz_by_id.get(step.quiz_id) if step.quiz_id else None

    def questions_in(self, quiz: Quiz | None) -> list[Question]:
        """In order; those that readers do not see are left out."""
        items = quiz.items.all() if quiz else ()
        return [
            self.question_by_id[item.question_id]
            for item in items
            if item.question_id in self.question_by_id
        ]

    def questions_of(self, lesson: Lesson, *kinds: str) -> list[Question]:
        """The questions of the lesson's steps (of these kinds, when some are named)."""
        return [
            question
            for step in lesson.steps.all()
            if not kinds or step.kind in kinds
            for question in self.questions_in(self.quiz_of(step))
        ]

    def passages_in(self, step: Step) -> list[Passage]:
        """In the order of the document."""
        rows = step.passages.all()
        found = [self.passage_by_id[row.pk] for row in rows if row.pk in self.passage_by_id]
        return sorted(found, key=lambda passage: (passage.document_id, passage.order))

    def rows_of(self, lesson: Lesson) -> Iterator[ContentModel]:
        """All that a lesson adds to its document: itself, steps, quizzes and whole questions."""
        yield lesson
        for step in lesson.steps.all():
            yield step
            if quiz := self.quiz_of(step):
                yield quiz
                for question in self.questions_in(quiz):
                    yield from parts_of(question)

    def rows(self) -> Iterator[ContentModel]:
        """Every row that holds words of ours."""
        for document in self.documents:
            yield document
            yield from document.participations.all()
            yield from document.provenance.all()
        yield from self.passages
        yield from self.notes
        for route in self.routes:
            yield route
            yield from route.stops.all()
        for rows in (self.people, self.places, self.map_lines, self.terms, self.events):
            yield from cast("Iterable[ContentModel]", rows)
        yield from self.references
        yield from self.source_cards
        for question in self.questions:
            yield from parts_of(question)
        yield from self.quizzes
        for module in self.modules:
            yield module
            yield from module.teacher_pages.all()
        for lesson in self.lessons:
            yield lesson
            yield from lesson.steps.all()

    # --- Questions ----------------------------------------------------------------------------

    def face_and_key(self, question: Question) -> tuple[Face, Key]:
        """What is asked and how it is marked; KeyError where there is no such kind."""
        if question.pk not in self._faces:
            self._faces[question.pk] = face_of(question), key_of(question)
        return self._faces[question.pk]


def read_content(*, drafts: bool = False) -> Content:
    """What readers see, or with `drafts` all but what is retired.

    The number of queries does not grow with the content.
    """

    def seen(queryset: QuerySet[M]) -> QuerySet[M]:
        if not issubclass(queryset.model, PublishedModel):
            return queryset
        statuses = [Status.PUBLISHED, Status.DRAFT] if drafts else [Status.PUBLISHED]
        return queryset.filter(status__in=statuses)

    def rows(model: type[M], *prefetched: Any) -> list[M]:
        return list(seen(model._default_manager.all()).prefetch_related(*prefetched))

    notes = seen(Annotation.objects.order_by("start", "end", "key"))
    texts = PassageText.objects.order_by("pk").prefetch_related(
        Prefetch("annotations", notes.prefetch_related("references")), "voicespans"
    )
    steps = (
        Step.objects.order_by("order", "key")
        .select_related("quiz", "earlier__lesson", "earlier__quiz")
        .prefetch_related("passages", "source_cards", "places", "routes")
    )
    lessons = seen(Lesson.objects.order_by("order", "key"))
    pages = seen(TeacherPage.objects.select_related("lesson").order_by("order", "key"))
    return Content(
        documents=rows(
            Document,
            "participations__person",
            "provenance__references",
            Prefetch("passages", Passage.objects.order_by("order")),
            Prefetch("passages__texts", texts),
        ),
        people=rows(Person, "references"),
        places=rows(Place, "references"),
        routes=rows(Route, "references", "stops__place"),
        map_lines=rows(MapLine, "references"),
        terms=rows(Term, "references"),
        events=rows(Event, "references"),
        references=rows(Reference),
        source_cards=list(seen(SourceCard.objects.select_related("reference"))),
        questions=list(questions_with_parts(seen(Question.objects.order_by("key")))),
        quizzes=rows(Quiz, "items__question"),
        modules=list(
            seen(Module.objects.select_related("document")).prefetch_related(
                Prefetch("lessons", lessons.prefetch_related(Prefetch("steps", steps))),
                Prefetch("teacher_pages", pages),
            )
        ),
    )


def current_text(passage: Passage) -> PassageText | None:
    return next((text for text in passage.texts.all() if text.is_current), None)


def parts_of(question: Question) -> Iterator[ContentModel]:
    """The question itself and all that hangs on it."""
    yield question
    yield from question.options.all()
    yield from question.evidence.all()
    yield from question.accepted_answers.all()
    yield from question.cards.all()
    yield from question.segments.all()
    for criterion in question.criteria.all():
        yield criterion
        yield from criterion.levels.all()


@cache
def prose_fields(model: type[models.Model]) -> tuple[str, ...]:
    """The fields of a model that hold words of an editor's: no keys, choices or addresses."""
    return tuple(
        f.name
        for f in model._meta.concrete_fields
        if isinstance(f, models.CharField | models.TextField)
        and not isinstance(f, models.URLField | models.SlugField)
        and not f.choices
        and f.name not in NOT_PROSE
    )


def texts_of(row: ContentModel) -> Iterator[tuple[str, str]]:
    """(name of the field, its text) for each field of the row with words of an editor's."""
    for name in prose_fields(type(row)):
        if text := getattr(row, name):
            yield name, text
