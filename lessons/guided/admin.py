"""Modules, lessons and steps for editors; learners' progress for staff to look at."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lessons.core.admin import (
    ContentAdmin,
    ContentForm,
    ContentRefused,
    ContentTabularInline,
    LearnersAdmin,
)
from lessons.core.editors import in_group
from lessons.core.edits import edit
from lessons.core.models import Status
from lessons.documents.models import Annotation, Document, SourceCard
from lessons.quizzes.models import Delivery, Question, Quiz

from .models import Lesson, Module, Progress, Step, TeacherPage


class LessonInline(ContentTabularInline):
    model = Lesson
    fields = ["title", "focus", "aims", "minutes", "order", "status", "slug", "key"]
    show_change_link = True


@admin.register(Module)
class ModuleAdmin(ContentAdmin):
    list_display = ["title", "document", "lesson_count", "order", "status"]
    list_filter = ["status", "document"]
    ordering = ["order", "key"]
    list_select_related = ["document"]
    search_fields = ["title", "question", "key"]
    autocomplete_fields = ["document"]
    inlines = [LessonInline]
    fieldsets = [
        (None, {"fields": ["title", "question", "introduction", "document", "status"]}),
        (None, {"fields": [("order", "slug", "key")]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = (
            super().get_queryset(request).annotate(lessons_here=Count("lessons", distinct=True))
        )
        return rows

    @admin.display(description=_("lessons"), ordering="lessons_here")
    def lesson_count(self, obj: Any) -> int:
        return int(obj.lessons_here)

    def view_on_site(self, obj: Module) -> str | None:
        """A module has no preview; its lessons have."""
        return reverse("guided:module", args=[obj.slug]) if obj.is_published else None


def drafts_of(lessons: QuerySet[Lesson]) -> list[QuerySet[Any]]:
    """The drafts among what these lessons show and ask, and they themselves, in order of need."""
    ours = list(lessons.values_list("pk", flat=True))
    steps = Step.objects.filter(lesson__in=ours)
    wanted: list[QuerySet[Any]] = [
        Document.objects.filter(modules__lessons__in=ours),
        Annotation.objects.filter(text__passage__steps__in=steps, text__is_current=True),
        Question.objects.filter(quizzes__steps__in=steps),
        Quiz.objects.filter(steps__in=steps),
        SourceCard.objects.filter(steps__in=steps),
        Module.objects.filter(lessons__in=ours),
        Lesson.objects.filter(pk__in=ours),
    ]
    # By id: a join would give a row as often as it is used.
    return [
        rows.model._base_manager.filter(pk__in=rows.values("pk"), status=Status.DRAFT)
        for rows in wanted
    ]


class StepForm(ContentForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        asks = cleaned.get("kind") in (Step.Kind.QUIZ, Step.Kind.QUESTION)
        if asks and cleaned.get("quiz") is None and "quiz" not in self.errors:
            self.add_error("quiz", _("Choose the quiz that this step asks."))
        return cleaned


class StepInline(ContentTabularInline):
    """The order of the steps; a step's page holds the rest of it."""

    model = Step
    form = StepForm
    fields = ["title", "kind", "passages", "quiz", "minutes", "order", "slug", "key"]
    autocomplete_fields = ["passages", "quiz"]
    show_change_link = True
    verbose_name_plural = _("its steps, in order")


@admin.register(Lesson)
class LessonAdmin(ContentAdmin):
    ordering = ["module", "order"]
    list_display = ["title", "module", "step_count", "order", "minutes", "status"]
    list_filter = ["status", "module"]
    list_select_related = ["module"]
    search_fields = ["title", "focus", "key", "module__title"]
    autocomplete_fields = ["module"]
    inlines = [StepInline]
    fieldsets = [
        (None, {"fields": ["module", "title", "focus", "aims", "minutes", "status"]}),
        (None, {"fields": ["horizon", ("order", "slug", "key")]}),
    ]

    def problems(self, obj: Lesson) -> list[str]:
        return [] if obj.steps.exists() else [gettext("Give it at least one step.")]

    def todo(self, obj: Lesson) -> list[str]:
        """Of a published lesson, too: what readers miss while it is a draft."""
        drafts = drafts_of(Lesson.objects.filter(pk=obj.pk)) if obj.is_published else []
        missed = [
            gettext("%(kind)s “%(row)s” is still a draft.")
            % {"kind": capfirst(rows.model._meta.verbose_name), "row": row}
            for rows in drafts
            for row in rows
        ]
        return [*super().todo(obj), *missed]

    def _change_status(self, request: HttpRequest, rows: list[Any], status: Status) -> None:
        super()._change_status(request, rows, status)
        if status != Status.PUBLISHED:
            return
        for row in rows:
            for line in self.todo(row):
                self.message_user(request, f"{row}: {line}", messages.WARNING)

    actions = (*ContentAdmin.actions, "publish_with_all")  # type: ignore[assignment]

    @admin.action(description=_("Publish with all that it shows and asks"), permissions=["change"])
    def publish_with_all(
        self, request: HttpRequest, queryset: QuerySet[Lesson]
    ) -> HttpResponse | None:
        """All of it or nothing: what cannot be published yet is named."""
        parts = [(self.admin_site._registry[rows.model], rows) for rows in drafts_of(queryset)]
        refused = False
        for of, rows in parts:
            if not of.has_change_permission(request):
                raise PermissionDenied
            for row in rows:
                for problem in cast("ContentAdmin", of).problems(row):
                    refused = True
                    self.message_user(request, f"{row}: {problem}", messages.ERROR)
        if refused:
            return None
        drafts = [row for _of, found in parts for row in found]
        if not drafts:
            self._tell_changed(request, 0, Status.PUBLISHED)
            return None
        lessons = list(queryset)
        problems = None
        if request.POST.get("post"):
            try:
                with edit(by=request.user, why=request.POST.get("why", "")):
                    self._checked(request, lessons)
                    for of, found in parts:
                        if ready := list(found):
                            cast("ContentAdmin", of)._change_status(
                                request, ready, Status.PUBLISHED
                            )
                return None
            except ContentRefused as error:
                problems = error
        return self._ask_about(
            request, drafts, Status.PUBLISHED, "publish_with_all", problems, among=lessons
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = (
            super().get_queryset(request).annotate(steps_here=Count("steps", distinct=True))
        )
        return rows

    @admin.display(description=_("steps"), ordering="steps_here")
    def step_count(self, obj: Any) -> int:
        return int(obj.steps_here)

    def view_on_site(self, obj: Lesson) -> str:
        return reverse("guided:lesson", kwargs={"delivery": Delivery.PREVIEW, "lesson": obj.slug})


@admin.register(Step)
class StepAdmin(ContentAdmin):
    form = StepForm
    list_display = ["title", "lesson", "kind", "quiz", "order", "minutes"]
    list_filter = ["kind", "lesson__module", "lesson"]
    list_select_related = ["lesson", "quiz"]
    search_fields = ["title", "focus", "body", "key", "lesson__title"]
    autocomplete_fields = [
        "lesson",
        "passages",
        "source_cards",
        "places",
        "routes",
        "quiz",
        "earlier",
    ]
    fieldsets = [
        (None, {"fields": ["lesson", "kind", "title", "focus", "minutes"]}),
        (
            _("What it shows and asks"),
            {
                "description": _(
                    "Of these a step uses what its kind needs: a reading its passages, a step"
                    " that asks its quiz, a map its places and routes."
                ),
                "fields": ["body", "passages", "quiz", "source_cards", "places", "routes"],
            },
        ),
        (None, {"fields": ["earlier", ("order", "slug", "key")]}),
    ]

    def view_on_site(self, obj: Step) -> str:
        names = {"delivery": Delivery.PREVIEW, "lesson": obj.lesson.slug, "step": obj.slug}
        return reverse("guided:step", kwargs=names)


@admin.register(TeacherPage)
class TeacherPageAdmin(ContentAdmin):
    list_display = ["title", "module", "lesson", "order", "status"]
    list_filter = ["status", "module"]
    list_select_related = ["module", "lesson"]
    search_fields = ["title", "body", "key"]
    autocomplete_fields = ["module", "lesson"]
    fields = ["module", "lesson", "title", "body", "status", ("order", "slug", "key")]


@admin.register(Progress)
class ProgressAdmin(LearnersAdmin):
    list_display = ["learner", "step", "delivery", "touched_at", "completed_at", "active_seconds"]
    list_filter = ["delivery__kind", "step__lesson"]
    list_select_related = ["learner", "step", "delivery"]
    search_fields = ["learner__username__exact"]


in_group(
    "lessons",
    (Module, _("A document’s lessons, under one question.")),
    (Lesson, _("Fifteen to twenty-five minutes of steps.")),
    (Step, _("One page of a lesson: a reading, a quiz, a map.")),
    (TeacherPage, _("What instructors read beside it.")),
)
in_group("work", (Progress, ""))
