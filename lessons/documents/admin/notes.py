"""Notes and voices on the words of a document."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from lessons.core.admin import OrphanFilter
from lessons.documents.models import Annotation, VoiceSpan

from .anchored import AnchoredAdmin


@admin.register(Annotation)
class AnnotationAdmin(AnchoredAdmin):
    list_display = ["heading", "passage", "key", "kind", "core", "certainty", "fits", "status"]
    list_filter = [
        "status",
        OrphanFilter,
        "kind",
        "core",
        "reveal",
        "certainty",
        "text__passage__document",
    ]
    search_fields = ["heading", "body", "quote", "key"]
    autocomplete_fields = ["text", "references", "term", "person"]
    fieldsets = [
        (_("Words"), {"fields": ["text", "quote", "occurrence"]}),
        (
            _("Note"),
            {
                "fields": [
                    "kind",
                    "heading",
                    "body",
                    ("term", "person"),
                    "reveal",
                    "core",
                    "known_from",
                    "author",
                ]
            },
        ),
        (_("How we know"), {"fields": ["certainty", "certainty_note", "references"]}),
        (None, {"fields": ["status", "key"]}),
    ]


@admin.register(VoiceSpan)
class VoiceSpanAdmin(AnchoredAdmin):
    list_display = ["__str__", "passage", "key", "voice", "speaker", "fits"]
    list_filter = [OrphanFilter, "voice", "speaker", "text__passage__document"]
    list_select_related = ["text__passage__document", "speaker"]
    search_fields = ["quote", "key"]
    autocomplete_fields = ["text", "speaker"]
    fields = ["text", "quote", "occurrence", "voice", "or_voice", "speaker", "key"]
