"""Quizzes for editors."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lessons.core.admin import ContentAdmin, ContentTabularInline
from lessons.quizzes.gift.admin import ExportsGift
from lessons.quizzes.models import Quiz, QuizItem


class QuizItemInline(ContentTabularInline):
    model = QuizItem
    fields = ["question", "position", "key"]
    autocomplete_fields = ["question"]
    extra = 1
    verbose_name = _("question of this quiz")
    verbose_name_plural = _("its questions, in order")


@admin.register(Quiz)
class QuizAdmin(ExportsGift, ContentAdmin):
    list_display = ["title", "purpose", "question_count", "key", "status"]
    list_filter = ["status", "purpose"]
    ordering = ["-pk"]
    search_fields = ["title", "key", "questions__prompt"]
    inlines = [QuizItemInline]
    fieldsets = [
        (None, {"fields": ["title", "purpose", "introduction", "status"]}),
        (
            _("Limits of a graded quiz"),
            {"classes": ["collapse"], "fields": ["attempts_allowed", "time_limit_seconds"]},
        ),
        (None, {"fields": ["key"]}),
    ]

    def problems(self, obj: Quiz) -> list[str]:
        return [] if obj.items.exists() else [gettext("Put at least one question into it.")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = (
            super().get_queryset(request).annotate(questions_here=Count("items", distinct=True))
        )
        return rows

    @admin.display(description=_("questions"), ordering="questions_here")
    def question_count(self, obj: Any) -> int:
        return int(obj.questions_here)
