"""Learners' work, for staff to look at: never written here."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from lessons.core.admin import LearnersAdmin, ReadOnlyAdmin
from lessons.quizzes.models import (
    Attempt,
    AttemptItem,
    Delivery,
    DeliveryException,
    Draft,
    ItemTally,
    Mark,
    MarkingKey,
    QuestionRevision,
    Response,
)


@admin.register(Delivery)
class DeliveryAdmin(LearnersAdmin):
    list_display = ["key", "kind", "gating", "release", "opens_at", "due_at", "closes_at"]
    list_filter = ["kind", "gating", "release"]
    search_fields = ["key__exact"]
    search_help_text = _("The newest thousand are listed. Write a key whole to find others.")


@admin.register(DeliveryException)
class DeliveryExceptionAdmin(LearnersAdmin):
    list_display = ["delivery", "learner", "due_at", "closes_at", "reason"]
    list_filter = ["delivery__kind"]
    list_select_related = ["delivery", "learner"]
    search_fields = ["learner__username__exact"]


@admin.register(Attempt)
class AttemptAdmin(LearnersAdmin):
    list_display = ["learner", "quiz", "delivery", "number", "started_at", "submitted_at"]
    list_filter = ["delivery__kind", "quiz", ("submitted_at", admin.EmptyFieldListFilter)]
    list_select_related = ["learner", "quiz", "delivery"]
    search_fields = ["learner__username__exact"]


@admin.register(AttemptItem)
class AttemptItemAdmin(LearnersAdmin):
    list_display = ["attempt", "position", "question", "score", "closed_at"]
    list_filter = ["question__kind", "question__skill"]
    list_select_related = ["attempt", "question"]
    search_fields = ["attempt__learner__username__exact"]


@admin.register(Draft)
class DraftAdmin(LearnersAdmin):
    list_display = ["item", "version", "saved_at"]
    list_select_related = ["item"]
    search_fields = ["item__attempt__learner__username__exact"]


@admin.register(Response)
class ResponseAdmin(LearnersAdmin):
    list_display = ["item", "version", "confidence", "created_at"]
    list_filter = ["confidence"]
    list_select_related = ["item"]
    search_fields = ["item__attempt__learner__username__exact"]


@admin.register(Mark)
class MarkAdmin(LearnersAdmin):
    list_display = ["response", "score", "by", "marker", "created_at"]
    list_filter = ["by"]
    list_select_related = ["response", "marker"]
    search_fields = ["response__item__attempt__learner__username__exact"]


@admin.register(QuestionRevision)
class QuestionRevisionAdmin(ReadOnlyAdmin):
    list_display = ["question", "digest", "same_as", "created_at"]
    list_filter = ["question__kind", "created_at"]
    list_select_related = ["question", "same_as"]
    search_fields = ["question__key", "digest"]


@admin.register(MarkingKey)
class MarkingKeyAdmin(ReadOnlyAdmin):
    list_display = ["revision", "version", "digest", "created_at"]
    list_filter = ["created_at"]
    list_select_related = ["revision"]
    search_fields = ["revision__question__key", "digest"]


@admin.register(ItemTally)
class ItemTallyAdmin(ReadOnlyAdmin):
    list_display = ["revision", "choice", "count"]
    list_filter = ["revision__question__kind"]
    list_select_related = ["revision"]
    search_fields = ["revision__question__key", "choice"]
