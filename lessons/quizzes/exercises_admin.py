"""Cards and segments on the page of their question."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from lessons.core.admin import ContentStackedInline, ContentTabularInline
from lessons.documents.admin import AnchoredForm

from .models import Card, Segment


class CardInline(ContentStackedInline):
    """For two lanes and for a cable; the words are copied from the record, letter by letter."""

    model = Card
    form = AnchoredForm
    autocomplete_fields = ["text", "speaker", "replies"]
    fields = [
        ("key", "order"),
        "label",
        ("text", "occurrence"),
        "quote",
        ("speaker", "act"),
        ("awaits_reply", "none_recorded"),
        "replies",
        "feedback",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("replies")


class SegmentInline(ContentTabularInline):
    """Spans whose voice is asked for; a span says itself which voice it is."""

    model = Segment
    autocomplete_fields = ["span"]
    fields = ["key", "span", "feedback"]


INLINES = [CardInline, SegmentInline]
PARTS = (Card, Segment)
FIELDS = ["fewest_words", "most_words", "notice"]
