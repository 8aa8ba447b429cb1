"""A document with its passages, for editors; what stands on them is listed beneath each."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from lessons.core.admin import (
    ContentAdmin,
    ContentForm,
    ContentStackedInline,
    ContentTabularInline,
    VerbatimField,
)
from lessons.core.models import Status
from lessons.documents.domain import TextCorrection, correct_text
from lessons.documents.importing.admin import import_urls
from lessons.documents.models import (
    Annotation,
    Document,
    PageTurn,
    Participation,
    Passage,
    PassageText,
    ProvenanceLink,
)
from lessons.documents.sentences import sentences

from .anchored import current_text, words_area


class PassageForm(ContentForm):
    words = VerbatimField(
        label=_("text"),
        widget=words_area(6),
        help_text=_("A correction keeps the old text, and moves what stands on it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "words" in self.fields:
            current = next((t for t in self.instance.texts.all() if t.is_current), None)
            self.initial["words"] = current.text if current else ""
        if self.instance.pk is None and "kind" in self.fields:
            self.initial.setdefault("kind", Passage.Kind.BODY)
            if "number" in self.fields:
                self.fields["number"].help_text = _("Empty: the next paragraph.")

    def key_words(self) -> str:
        number, kind = self.cleaned_data.get("number"), self.cleaned_data.get("kind")
        return f"p{number}" if number else str(self.cleaned_data.get("label") or kind or "")

    def clean(self) -> dict[str, Any]:
        self._number_a_new_paragraph()
        cleaned = super().clean()
        kind, number = cleaned.get("kind"), cleaned.get("number")
        if kind == Passage.Kind.BODY and number is None:
            self.add_error("number", _("Number the paragraph."))
        elif kind and kind != Passage.Kind.BODY and number is not None:
            self.add_error("number", _("Only paragraphs of the body are numbered."))
        return cleaned

    def _number_a_new_paragraph(self) -> None:
        said = self.cleaned_data
        new = self.instance.pk is None and "number" in self.fields and "number" not in self.errors
        if new and said.get("kind") == Passage.Kind.BODY and said.get("number") is None:
            said["number"] = self._last("number") + 1


class CorrectsTexts:
    """For an admin whose forms hold the words of passages."""

    def correct(self, request: HttpRequest, form: Any) -> None:
        if "words" not in form.changed_data:
            return
        correction = correct_text(
            passage=form.instance, text=form.cleaned_data["words"], by=cast("Any", request.user)
        )
        self._tell(request, form.instance, correction)

    def _tell(self, request: HttpRequest, passage: Passage, correction: TextCorrection) -> None:
        if correction.moved:
            messages.info(
                request,
                ngettext(
                    "%(passage)s: %(n)s row was moved to the new text.",
                    "%(passage)s: %(n)s rows were moved to the new text.",
                    len(correction.moved),
                )
                % {"passage": passage, "n": len(correction.moved)},
            )
        for row in correction.orphans:
            messages.warning(
                request,
                gettext(
                    "%(passage)s: %(kind)s “%(row)s” [%(key)s] no longer fits "
                    "and stays on the old text."
                )
                % {
                    "passage": passage,
                    "kind": row._meta.verbose_name,
                    "row": row,
                    "key": row.key,
                },
            )


class ParticipationInline(ContentTabularInline):
    model = Participation
    autocomplete_fields = ["person"]
    fields = ["person", "role", "named_as", "words_path", "order", "key"]


class ProvenanceInline(ContentStackedInline):
    model = ProvenanceLink
    autocomplete_fields = ["references"]
    classes = ["collapse"]
    fields = [
        ("stage", "order"),
        ("who", "when"),
        "known",
        "unknown",
        "could_change",
        ("certainty", "references"),
        "key",
    ]


class PassageInline(ContentStackedInline):
    model = Passage
    form = PassageForm
    autocomplete_fields = ["speaker"]
    show_change_link = True
    readonly_fields = ["standing"]
    fields = (("kind", "number", "order"), "speaker", "words", "standing", ("label", "key"))

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 1 if obj is None else 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        notes = Annotation.objects.exclude(status=Status.RETIRED)
        texts = PassageText.objects.prefetch_related(Prefetch("annotations", notes), "voicespans")
        return super().get_queryset(request).prefetch_related(Prefetch("texts", texts))

    @admin.display(description=_("notes and voices"))
    def standing(self, obj: Passage) -> str:
        """What stands on the passage, orphans too, with the way to add to it."""
        if obj.pk is None:
            return gettext("They are put on the words once the document is saved.")
        texts = list(obj.texts.all())
        current = next((text for text in texts if text.is_current), None)
        context = {
            "passage": obj,
            "current": current,
            "notes": [(row, text.is_current) for text in texts for row in text.annotations.all()],
            "voices": [(row, text.is_current) for text in texts for row in text.voicespans.all()],
        }
        return render_to_string("documents/admin/standing.html", context)


@admin.register(Document)
class DocumentAdmin(CorrectsTexts, ContentAdmin):
    list_display = ["short_title", "date", "genre", "passage_count", "note_count", "status"]
    list_filter = ["status", "genre"]
    search_fields = ["title", "short_title", "key", "slug", "archival_reference"]
    date_hierarchy = "date"
    ordering = ["date", "key"]
    inlines = [PassageInline, ParticipationInline, ProvenanceInline]
    fieldsets = [
        (
            _("What it is"),
            {
                "fields": [
                    "short_title",
                    "title",
                    "genre",
                    ("date", "date_precision"),
                    "place",
                    ("language", "original_language"),
                    "status",
                ]
            },
        ),
        (_("What a reader is told first"), {"fields": ["headnote", "summary", "summary_by"]}),
        (
            _("Where it is kept"),
            {
                "fields": [
                    "repository",
                    ("fond", "opis", "delo", "leaves"),
                    "archival_reference",
                ]
            },
        ),
        (
            _("Who published it, and under what terms"),
            {
                "classes": ["collapse"],
                "fields": [
                    "published_by",
                    ("contributor", "translator"),
                    "rights",
                    "credit_line",
                    "citation",
                    "source_address",
                ],
            },
        ),
        (_("Address"), {"classes": ["collapse"], "fields": ["slug", "key"]}),
    ]

    def get_urls(self) -> list[Any]:
        return [*import_urls(self), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(
                passages_here=Count("passages", distinct=True),
                notes_here=Count("passages__texts__annotations", distinct=True),
            )
        )
        return rows

    @admin.display(description=_("passages"), ordering="passages_here")
    def passage_count(self, obj: Any) -> int:
        return int(obj.passages_here)

    @admin.display(description=_("notes"), ordering="notes_here")
    def note_count(self, obj: Any) -> int:
        return int(obj.notes_here)

    def view_on_site(self, obj: Document) -> str:
        return reverse("documents:document", args=[obj.slug])

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if formset.model is Passage:
            for row in formset.forms:
                if row.instance.pk and row not in formset.deleted_forms:
                    self.correct(request, row)


class OldTextInline(ContentTabularInline):
    model = PassageText
    readonly_fields = ["key", "text", "is_current"]
    fields = (*readonly_fields,)
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Passage)
class PassageAdmin(CorrectsTexts, ContentAdmin):
    form = PassageForm
    list_display = ["__str__", "document", "kind", "order", "speaker", "beginning"]
    list_filter = ["document", "kind"]
    list_select_related = ["document", "speaker"]
    search_fields = ["key", "label", "number", "texts__text", "document__short_title"]
    autocomplete_fields = ["document", "speaker"]
    fields = ("document", ("kind", "number", "order"), "speaker", "words", ("label", "key"))
    inlines = [OldTextInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        current = Prefetch("texts", PassageText.objects.filter(is_current=True))
        rows: QuerySet[Any] = super().get_queryset(request).prefetch_related(current)
        return rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, search_term.replace("¶", " "))

    def named(self, obj: Passage) -> str:
        return f"{obj} – {self.beginning(obj)} ({obj.document})"

    @admin.display(description=_("beginning"))
    def beginning(self, obj: Passage) -> str:
        return next((Truncator(text.text).words(10) for text in obj.texts.all()), "–")

    def view_on_site(self, obj: Passage) -> str:
        return f"{reverse('documents:document', args=[obj.document.slug])}#{obj.anchor}"

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        self.correct(request, form)
        super().save_related(request, form, formsets, change)


class PageTurnForm(ContentForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        offset = cleaned.get("offset")
        if offset is not None and offset > len(self.instance.text.text):
            self.add_error("offset", _("This is behind the end of the text."))
        return cleaned


class PageTurnInline(ContentTabularInline):
    model = PageTurn
    form = PageTurnForm
    fields = ["key", "offset", "stands"]
    readonly_fields = ["stands"]

    @admin.display(description=_("where it stands"))
    def stands(self, obj: PageTurn) -> str:
        if obj.pk is None:
            return "–"
        words, at = obj.text.text, obj.offset
        return f"…{words[max(0, at - 30) : at]} ‖ {words[at : at + 30]}…"


@admin.register(PassageText)
class PassageTextAdmin(ContentAdmin):
    """Texts are looked at here; they are corrected in their passage, which makes new ones."""

    list_display = ["__str__", "document", "key", "is_current"]
    list_filter = ["is_current", "passage__document"]
    list_select_related = ["passage__document"]
    search_fields = ["text", "passage__key", "passage__document__short_title"]
    readonly_fields = ["passage", "key", "text", "is_current", "sha256"]
    fields = (*readonly_fields,)
    inlines = [PageTurnInline]
    deleted_here = False
    restorable = False  # an old text comes back only by a correction of its passage

    @admin.display(description=_("document"), ordering="passage__document")
    def document(self, obj: PassageText) -> Document:
        return obj.passage.document

    def offered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """An old text is not offered to put something on."""
        return rows.filter(is_current=True)

    def get_urls(self) -> list[Any]:
        words = self.admin_site.admin_view(self.words)
        return [
            path("<int:pk>/words/", words, name="documents_passagetext_words"),
            *super().get_urls(),
        ]

    def words(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The current text, its sentences apart, for choosing words in it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        text = current_text(get_object_or_404(PassageText.objects.select_related("passage"), pk=pk))
        cut = [text.text[start:end] for start, end in sentences(text.text)]
        return render(request, "documents/admin/sentences.html", {"sentences": cut})

    def named(self, obj: PassageText) -> str:
        return f"{obj} ({obj.passage.document})"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
