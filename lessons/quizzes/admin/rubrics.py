"""A criterion of a rubric on a page of its own, for more levels than a question's page holds."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from lessons.core.admin import ContentAdmin, ContentStackedInline
from lessons.core.models import Status
from lessons.quizzes.models import Criterion, Level, Question

from .questions import problems_with


class LevelInline(ContentStackedInline):
    model = Level
    fields = [("title", "score"), "description", "sample", ("order", "key")]


@admin.register(Criterion)
class CriterionAdmin(ContentAdmin):
    """For rubrics with more levels; criteria are added and deleted with their question."""

    list_display = ["title", "question", "weight"]
    list_filter = ["question__status", "question__skill"]
    list_select_related = ["question"]
    search_fields = ["title", "key", "question__key"]
    autocomplete_fields = ["question"]
    inlines = [LevelInline]
    deleted_here = False

    def problems(self, obj: Any) -> list[str]:
        questions = Question.objects.filter(pk=obj.question_id).exclude(status=Status.DRAFT)
        return [text for _q, text in problems_with(questions)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["question"] if obj else []
