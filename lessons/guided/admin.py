"""Modules, lessons and steps for editors; learners' progress for staff to look at."""

from django.contrib import admin

from lessons.core.admin import ContentAdmin, ContentTabularInline, ReadOnlyAdmin

from .models import Lesson, Module, Progress, Step, TeacherPage


class LessonInline(ContentTabularInline):
    model = Lesson
    fields = ["key", "order", "slug", "title", "focus", "aims", "minutes", "status"]
    show_change_link = True


@admin.register(Module)
class ModuleAdmin(ContentAdmin):
    list_display = ["title", "key", "document", "order", "status"]
    list_filter = ["status", "document"]
    list_select_related = ["document"]
    search_fields = ["title", "question", "key"]
    autocomplete_fields = ["document"]
    inlines = [LessonInline]


class StepInline(ContentTabularInline):
    """The order of the steps; a step's page holds the rest of it."""

    model = Step
    fields = ["key", "order", "slug", "kind", "title", "minutes", "quiz"]
    autocomplete_fields = ["quiz"]
    show_change_link = True


@admin.register(Lesson)
class LessonAdmin(ContentAdmin):
    list_display = ["title", "module", "key", "order", "minutes", "status"]
    list_filter = ["status", "module"]
    list_select_related = ["module"]
    search_fields = ["title", "focus", "key"]
    autocomplete_fields = ["module"]
    inlines = [StepInline]


@admin.register(Step)
class StepAdmin(ContentAdmin):
    list_display = ["title", "lesson", "key", "kind", "order", "minutes"]
    list_filter = ["kind", "lesson"]
    list_select_related = ["lesson"]
    search_fields = ["title", "focus", "body", "key"]
    autocomplete_fields = [
        "lesson",
        "passages",
        "source_cards",
        "places",
        "routes",
        "quiz",
        "earlier",
    ]


@admin.register(TeacherPage)
class TeacherPageAdmin(ContentAdmin):
    list_display = ["title", "module", "lesson", "key", "order", "status"]
    list_filter = ["status", "module"]
    list_select_related = ["module", "lesson"]
    search_fields = ["title", "body", "key"]
    autocomplete_fields = ["module", "lesson"]


@admin.register(Progress)
class ProgressAdmin(ReadOnlyAdmin):
    list_display = ["learner", "step", "delivery", "touched_at", "completed_at", "active_seconds"]
    list_filter = ["delivery__kind", "step__lesson", "skipped"]
    list_select_related = ["learner", "step", "delivery"]
    search_fields = ["learner__username", "learner__display_name"]
