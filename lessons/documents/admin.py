"""The sources, for editors. Offsets are never typed: a note is put on words, and they are found."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from lessons.core.admin import (
    ContentAdmin,
    ContentForm,
    ContentStackedInline,
    ContentTabularInline,
    OrphanFilter,
    VerbatimField,
)

from .domain import TextCorrection, anchor, correct_text
from .importing.admin import import_urls
from .models import (
    Annotation,
    Document,
    Event,
    MapLine,
    PageTurn,
    Participation,
    Passage,
    PassageText,
    Person,
    Place,
    ProvenanceLink,
    Reference,
    Route,
    RouteStop,
    SourceCard,
    Term,
    VoiceSpan,
)


def _words_area(rows: int = 2) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "cols": 80})


class AnchoredForm(ContentForm):
    """A form of words on a text: the words are typed, and their place is found.

    A chosen text that is no longer current gives way to the one that is: so an orphan is put
    right by correcting its words.
    """

    quote = VerbatimField(
        label=_("words"),
        widget=_words_area(),
        help_text=_("Copied from the text, letter by letter."),
    )
    occurrence = forms.IntegerField(
        label=_("which of them"),
        min_value=1,
        required=False,
        help_text=_("Only where the words stand in the text more than once: 1 is the first."),
    )
    anchor_is_optional = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.anchor_is_optional and "quote" in self.fields:
            self.fields["quote"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        text: PassageText | None = cleaned.get("text")
        quote: str = cleaned.get("quote") or ""
        if text is None or not quote:
            if self.anchor_is_optional and text is None and not quote:
                self.instance.start = self.instance.end = None
            elif text is not None and "quote" not in self.errors:
                self.add_error("quote", _("Copy the words from the text."))
            elif quote and "text" not in self.errors:
                self.add_error("text", _("Choose the text that holds these words."))
            return cleaned
        current = text.passage.texts.filter(is_current=True).first() or text
        cleaned["text"] = current
        self._refuse_a_key_twice(current, cleaned)
        row, which = self.instance, cleaned.get("occurrence")
        if row.pk and not which and row.text_id == current.pk and row.quote == quote:
            return cleaned
        places = [
            at
            for at in range(len(current.text) - len(quote) + 1)
            if current.text.startswith(quote, at)
        ]
        if not places:
            self.add_error(
                "quote", _("These words do not stand in the text of %s.") % current.passage
            )
        elif which is None and len(places) > 1:
            self.add_error(
                "occurrence",
                ngettext(
                    "These words stand there %(n)s time: say which.",
                    "These words stand there %(n)s times: say which.",
                    len(places),
                )
                % {"n": len(places)},
            )
        elif which is not None and which > len(places):
            self.add_error(
                "occurrence",
                ngettext(
                    "These words stand there %(n)s time only.",
                    "These words stand there %(n)s times only.",
                    len(places),
                )
                % {"n": len(places)},
            )
        else:
            start = places[(which or 1) - 1]
            anchor(row, current.text, start, start + len(quote))
        return cleaned

    def _refuse_a_key_twice(self, text: PassageText, cleaned: dict[str, Any]) -> None:
        """Keys of notes and voices are unique in the passage, whatever its current text."""
        model = cast("type[models.Model]", self._meta.model)
        if getattr(model, "parent_field", None) != "text__passage":
            return
        others = model._base_manager.filter(text__passage=text.passage_id, key=cleaned.get("key"))
        if others.exclude(pk=self.instance.pk).exists():
            self.add_error("key", _("This key is taken in %s. Choose another.") % text.passage)


class PassageForm(ContentForm):
    words = VerbatimField(
        label=_("text"),
        widget=_words_area(6),
        help_text=_("A correction keeps the old text, and moves what stands on it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "words" in self.fields:
            current = next((t for t in self.instance.texts.all() if t.is_current), None)
            self.initial["words"] = current.text if current else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        kind, number = cleaned.get("kind"), cleaned.get("number")
        if kind == Passage.Kind.BODY and number is None:
            self.add_error("number", _("Number the paragraph."))
        elif kind and kind != Passage.Kind.BODY and number is not None:
            self.add_error("number", _("Only paragraphs of the body are numbered."))
        return cleaned


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


class ProvenanceInline(ContentStackedInline):
    model = ProvenanceLink
    autocomplete_fields = ["references"]
    classes = ["collapse"]


class PassageInline(ContentStackedInline):
    model = Passage
    form = PassageForm
    autocomplete_fields = ["speaker"]
    show_change_link = True
    fields = ("key", ("kind", "order", "number"), "label", "speaker", "words")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        current = Prefetch("texts", PassageText.objects.filter(is_current=True))
        return super().get_queryset(request).prefetch_related(current)


@admin.register(Document)
class DocumentAdmin(CorrectsTexts, ContentAdmin):
    list_display = ["short_title", "key", "date", "genre", "status"]
    list_filter = ["status", "genre", "original_language"]
    search_fields = ["title", "short_title", "key", "slug"]
    inlines = [ParticipationInline, ProvenanceInline, PassageInline]

    def get_urls(self) -> list[Any]:
        return [*import_urls(self), *super().get_urls()]

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
    list_display = ["__str__", "document", "key", "kind", "order", "speaker"]
    list_filter = ["document", "kind"]
    list_select_related = ["document", "speaker"]
    search_fields = ["key", "label", "texts__text", "document__short_title"]
    autocomplete_fields = ["document", "speaker"]
    fields = ("document", "key", ("kind", "order", "number"), "label", "speaker", "words")
    inlines = [OldTextInline]

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
    fields = ["passage", "key", "text", "is_current", "sha256"]
    readonly_fields = fields
    inlines = [PageTurnInline]
    deleted_here = False

    @admin.display(description=_("document"), ordering="passage__document")
    def document(self, obj: PassageText) -> Document:
        return obj.passage.document

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """In an autocomplete field only current texts are offered."""
        texts: QuerySet[Any] = super().get_queryset(request).select_related("passage__document")
        match = request.resolver_match
        if match and match.url_name == "autocomplete":
            return texts.filter(is_current=True)
        return texts

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "POST":  # an old text comes back only by a correction
            raise PermissionDenied
        return super().history_form_view(request, object_id, version_id, extra_context)


class AnchoredAdmin(ContentAdmin):
    form = AnchoredForm
    autocomplete_fields = ["text"]
    list_select_related = ["text__passage__document"]

    @admin.display(description=_("passage"), ordering="text__passage__order")
    def passage(self, obj: Any) -> str:
        return f"{obj.text.passage} ({obj.text.passage.document})"

    @admin.display(description=_("fits its text"), boolean=True, ordering="text__is_current")
    def fits(self, obj: Any) -> bool:
        return bool(obj.text.is_current)


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
        (None, {"fields": ["text", "key", "status"]}),
        (_("Words"), {"fields": ["quote", "occurrence"]}),
        (
            _("Note"),
            {
                "fields": [
                    "kind",
                    ("term", "person"),
                    "heading",
                    "body",
                    "reveal",
                    "core",
                    "known_from",
                    "author",
                ]
            },
        ),
        (_("How we know"), {"fields": ["certainty", "certainty_note", "references"]}),
    ]


@admin.register(VoiceSpan)
class VoiceSpanAdmin(AnchoredAdmin):
    list_display = ["__str__", "passage", "key", "voice", "speaker", "fits"]
    list_filter = [OrphanFilter, "voice", "speaker", "text__passage__document"]
    list_select_related = ["text__passage__document", "speaker"]
    search_fields = ["quote", "key"]
    autocomplete_fields = ["text", "speaker"]
    fields = ["text", "key", "quote", "occurrence", "voice", "or_voice", "speaker"]


@admin.register(Reference)
class ReferenceAdmin(ContentAdmin):
    list_display = ["short", "key", "address", "seen"]
    list_filter = [("address", admin.EmptyFieldListFilter)]
    search_fields = ["short", "citation", "key"]


@admin.register(Person)
class PersonAdmin(ContentAdmin):
    list_display = ["name", "key", "role", "certainty", "status"]
    list_filter = ["status", "certainty"]
    search_fields = ["name", "other_names", "key"]
    autocomplete_fields = ["references"]


@admin.register(Place)
class PlaceAdmin(ContentAdmin):
    list_display = ["name", "key", "today", "certainty", "status"]
    list_filter = ["status", "certainty"]
    search_fields = ["name", "today", "key"]
    autocomplete_fields = ["references"]


class RouteStopInline(ContentTabularInline):
    model = RouteStop
    autocomplete_fields = ["place"]


@admin.register(Route)
class RouteAdmin(ContentAdmin):
    list_display = ["title", "key", "order", "certainty", "status"]
    list_filter = ["status", "certainty"]
    search_fields = ["title", "note", "key"]
    autocomplete_fields = ["references"]
    inlines = [RouteStopInline]


@admin.register(MapLine)
class MapLineAdmin(ContentAdmin):
    list_display = ["title", "key", "certainty", "status"]
    list_filter = ["status", "certainty"]
    search_fields = ["title", "note", "key"]
    autocomplete_fields = ["references"]


@admin.register(Term)
class TermAdmin(ContentAdmin):
    list_display = ["term", "key", "known_from", "certainty", "status"]
    list_filter = ["status", "certainty"]
    search_fields = ["term", "definition", "key"]
    autocomplete_fields = ["references"]


@admin.register(Event)
class EventAdmin(ContentAdmin):
    list_display = ["title", "key", "date", "theme", "certainty", "status"]
    list_filter = ["status", "theme", "certainty"]
    search_fields = ["title", "description", "key"]
    autocomplete_fields = ["references"]


@admin.register(SourceCard)
class SourceCardAdmin(ContentAdmin):
    list_display = ["title", "key", "date", "certainty", "status"]
    list_filter = ["status", "certainty"]
    search_fields = ["title", "who_to_whom", "says", "key"]
    autocomplete_fields = ["reference"]
