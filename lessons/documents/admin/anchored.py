"""Words of a text, chosen in the text itself or copied from it. Offsets are never typed."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from lessons.core.admin import ContentAdmin, ContentForm, VerbatimField
from lessons.core.choosing import chosen_row
from lessons.documents.domain import anchor
from lessons.documents.models import PassageText
from lessons.documents.sentences import sentences

BACK = "back"
"""In the address of a note's form: whoever saves it returns to the page of the document."""


def words_area(rows: int = 2) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "cols": 80})


def current_text(text: PassageText) -> PassageText:
    """The text that now stands where this one stood."""
    if text.is_current:
        return text
    return text.passage.texts.filter(is_current=True).first() or text


class WordsArea(forms.Textarea):
    """The quoted words, and beside them the text to choose them in (static/js/words.js).

    Without JavaScript the text is there to be copied from.
    """

    template_name = "documents/admin/words.html"
    passage_text: Callable[[], PassageText | None]
    text_field = "text"
    """The field of the same form that says which text it is; its choice is followed."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        shown = self.passage_text()
        text = shown.text if shown else ""
        before, _hyphen, _own = name.rpartition("-")
        context |= {
            "sentences": [text[start:end] for start, end in sentences(text)],
            "words_address": reverse("admin:documents_passagetext_words", args=[0]),
            "text_field": "id_" + (f"{before}-" if before else "") + self.text_field,
            "follows": self.text_field,
        }
        return context


class AnchoredForm(ContentForm):
    """A form of words on a text: the words are typed, and their place is found.

    Where words stand more than once, the form asks which; choosing them in the text answers it.
    A chosen text that is no longer current gives way to the one that is: so an orphan is put
    right by correcting its words.
    """

    quote = VerbatimField(
        label=_("words"),
        widget=WordsArea(attrs={"rows": 2, "cols": 80}),
        help_text=_("Choose them in the text, or copy them from it letter by letter."),
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
        self._text_before = getattr(self.instance, "text_id", None)
        if "quote" not in self.fields:
            return
        if self.anchor_is_optional:
            self.fields["quote"].required = False
        widget = self.fields["quote"].widget
        if isinstance(widget, WordsArea):
            widget.passage_text = self.text_to_choose_in

    def text_to_choose_in(self) -> PassageText | None:
        """The text that the form shows; where its choice is no text, none."""
        text = chosen_row(self, "text") if "text" in self.fields else None
        return current_text(text) if text else None

    def text_of(self, cleaned: dict[str, Any]) -> PassageText | None:
        """The text that was said to hold the words."""
        return cleaned.get("text")

    def _stood_on(self, text: PassageText, quote: str) -> bool:
        """Whether the row stands on these very words already: then it stays where it is."""
        row = self.instance
        return bool(row.pk) and self._text_before == text.pk and row.quote == quote

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        text = self.text_of(cleaned)
        quote: str = cleaned.get("quote") or ""
        if text is None or not quote:
            if self.anchor_is_optional and text is None and not quote:
                self.instance.start = self.instance.end = None
            elif text is not None and "quote" not in self.errors:
                self.add_error("quote", _("Copy the words from the text."))
            elif quote and "text" not in self.errors:
                self.add_error("text", _("Choose the text that holds these words."))
            return cleaned
        current = current_text(text)
        cleaned["text"] = self.instance.text = current
        self._refuse_a_key_twice(current, cleaned)
        row, which = self.instance, cleaned.get("occurrence")
        if not which and self._stood_on(current, quote):
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

    def view_on_site(self, obj: Any) -> str:
        passage = obj.text.passage
        slug = passage.document.slug
        return f"{reverse('documents:document', args=[slug])}?notes=all#{passage.anchor}"

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return self._back(request, obj) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return self._back(request, obj) or super().response_post_save_change(request, obj)

    def _back(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect | None:
        if BACK not in request.GET:
            return None
        passage = obj.text.passage
        page = reverse("admin:documents_document_change", args=[passage.document_id])
        return HttpResponseRedirect(f"{page}#notes-{passage.pk}")
