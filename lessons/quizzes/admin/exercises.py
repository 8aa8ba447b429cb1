"""Cards and segments on the page of their question."""

from lessons.core.admin import ContentStackedInline, ContentTabularInline
from lessons.documents.admin import AnchoredForm
from lessons.quizzes.models import Card, Segment


class TopicInline(ContentStackedInline):
    """Lines of the record to keep, soften or leave out."""

    model = Card
    form = AnchoredForm
    autocomplete_fields = ["text", "speaker", "replies"]
    extra = 1
    fields = ["label", "text", "quote", "occurrence", "feedback", ("order", "key")]


class CardInline(TopicInline):
    """Lines of the record in two lanes, and where each may be answered."""

    fields = [
        "label",
        *("text", "quote", "occurrence"),
        ("speaker", "act"),
        ("awaits_reply", "none_recorded"),
        "replies",
        "feedback",
        ("order", "key"),
    ]


class SegmentInline(ContentTabularInline):
    """Spans whose voice is asked for; a span says itself which voice it is."""

    model = Segment
    extra = 1
    autocomplete_fields = ["span"]
    fields = ["span", "feedback", "key"]
