"""Fields and forms of content in admin."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.db import models
from django.http import HttpRequest

from lessons.core.choosing import ChoosesByName, read_together
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
        read_together(self, [self], {})
        if "key" in self.fields and self.instance.pk is not None:
            self.fields["key"].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for problem in self.refusals:
            self.add_error(None, problem)
        return cleaned


class ContentInline(ChoosesByName, InlineModelAdmin[Any, Any]):
    form = ContentForm
    formset = ContentFormSet
    formfield_overrides = FORM_FIELDS
    extra = 0

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """With the rows that each names, which its form and its heading ask for."""
        rows: models.QuerySet[Any] = super().get_queryset(request)
        fields, parent = self.opts.get_fields(), self.model.parent_field
        named = [f.name for f in fields if f.many_to_one and f.concrete and f.name != parent]
        many = [f.name for f in self.opts.many_to_many]
        if named:  # without names it would follow all of them
            rows = rows.select_related(*named)
        return rows.prefetch_related(*many)


class ContentTabularInline(ContentInline, admin.TabularInline):  # type: ignore[type-arg]
    pass


class ContentStackedInline(ContentInline, admin.StackedInline):  # type: ignore[type-arg]
    pass
