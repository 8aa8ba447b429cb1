"""Fields and forms of content in admin."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import models

from lessons.core.keys import Proposes
from lessons.core.ordering import ContentFormSet


class VerbatimField(forms.CharField):
    """Words kept as they are, spaces at their ends too; newlines as files have them.

    Browsers send CR LF: kept so, a text that was only looked at would differ from its file.
    """

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"strip": False, **kwargs})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.replace("\r\n", "\n").replace("\r", "\n") if isinstance(text, str) else text


FORM_FIELDS: dict[type[models.Field[Any, Any]], dict[str, Any]] = {
    models.TextField: {"form_class": VerbatimField},
    models.URLField: {"assume_scheme": "https"},
}


class ContentForm(Proposes):
    """A row's key is given once: in a form of an existing row it is shown and not taken."""

    refusals: ClassVar[Sequence[str]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "key" in self.fields and self.instance.pk is not None:
            self.fields["key"].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for problem in self.refusals:
            self.add_error(None, problem)
        return cleaned


class ContentTabularInline(admin.TabularInline):  # type: ignore[type-arg]
    form = ContentForm
    formset = ContentFormSet
    formfield_overrides = FORM_FIELDS
    extra = 0


class ContentStackedInline(admin.StackedInline):  # type: ignore[type-arg]
    form = ContentForm
    formset = ContentFormSet
    formfield_overrides = FORM_FIELDS
    extra = 0
