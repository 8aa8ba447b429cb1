"""Fields that name other rows and are filled by typing; without JavaScript, from a list.

What the forms of one form set chose is read together, and so is what they may choose: a query for
each field, however many forms there are.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import mark_safe

OFFERED = 300
"""Rows that a list names; more are found by typing alone."""


class Chosen:
    """The rows that one field chose in these forms, by their id as a browser sends it."""

    def __init__(self, made: Sequence[Any], name: str) -> None:
        self.forms, self.name = made, name

    @cached_property
    def rows(self) -> Mapping[str, models.Model]:
        chosen = {pk for form in self.forms for pk in _listed(form[self.name].value())}
        pks = [pk for pk in chosen if pk.isdecimal() and len(pk) <= 18]
        queryset = self.forms[0].fields[self.name].queryset
        return {str(row.pk): row for row in queryset.filter(pk__in=pks)} if pks else {}

    @cached_property
    def offered(self) -> Mapping[str, str]:
        """The options of a list, each as HTML: those chosen, and those that may be."""
        field = self.forms[0].fields[self.name]
        widget = getattr(field.widget, "widget", field.widget)
        may_be = {str(row.pk): row for row in widget.offers(field.queryset)[:OFFERED]}
        return {
            pk: format_html('<option value="{}">{}</option>', pk, widget.named(row))
            for pk, row in (may_be | dict(self.rows)).items()
        }


def _listed(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list | tuple) else [value])]


class ByName:
    """An autocomplete that says what is chosen as its search does."""

    template_name = "core/forms/by_name.html"
    named: Callable[[Any], str]
    offers: Callable[[models.QuerySet[Any]], models.QuerySet[Any]]
    chosen: Chosen

    def get_context(self: Any, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)  # type: ignore[misc]
        chosen = set(context["widget"]["value"])
        options = (
            html.replace(">", " selected>", 1) if pk in chosen else html
            for pk, html in self.chosen.offered.items()
        )
        return {
            **context,
            "offered": mark_safe("".join(options)),  # noqa: S308  # each is escaped
            "field_name": self.field.verbose_name,
            "multiple": self.allow_multiple_selected,
        }

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """From the list where it was shown: the field it stands in for still holds what was."""
        sent = f"{name}-list" if f"{name}-listed" in data else name
        return super().value_from_datadict(data, files, sent)  # type: ignore[misc]

    def optgroups(self: Any, name: str, value: list[str], attr: Any = None) -> list[Any]:
        nothing = [] if self.is_required or self.allow_multiple_selected else [("", "", False)]
        rows = self.chosen.rows.items()
        options = nothing + [(pk, self.named(row), True) for pk, row in rows if pk in value]
        return [(None, [self.create_option(name, *one, n) for n, one in enumerate(options)], 0)]


class OneByName(ByName, AutocompleteSelect):  # type: ignore[misc]
    pass


class ManyByName(ByName, AutocompleteSelectMultiple):  # type: ignore[misc]
    pass


def read_together(form: Any, siblings: Sequence[Any], shared: dict[str, Chosen]) -> None:
    """Let the autocompletes of a form look up what it and its siblings chose in one place."""
    for name, field in form.fields.items():
        widget = getattr(field.widget, "widget", field.widget)
        if isinstance(widget, ByName):
            widget.chosen = shared.setdefault(name, Chosen(siblings, name))


def chosen_row(form: Any, name: str) -> Any:
    """The row that a form's autocomplete names; None where it names none."""
    widget = form.fields[name].widget
    rows = getattr(widget, "widget", widget).chosen.rows
    return rows.get(str(form[name].value()))


class ChoosesByName(BaseModelAdmin[Any]):
    """An admin or an inline whose autocompletes read rows as the admin of their model does."""

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        given = self._by_name(db_field, request, OneByName) | kwargs
        return super().formfield_for_foreignkey(db_field, request, **given)

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        given = self._by_name(db_field, request, ManyByName) | kwargs
        return super().formfield_for_manytomany(db_field, request, **given)

    def _by_name(self, field: Any, request: HttpRequest, make: Any) -> dict[str, Any]:
        if field.name not in self.get_autocomplete_fields(request):
            return {}
        of = self.admin_site._registry[field.remote_field.model]
        widget: forms.Widget = make(field, self.admin_site)
        widget.named = getattr(of, "named", str)  # type: ignore[attr-defined]
        widget.offers = getattr(of, "offered", lambda rows: rows)  # type: ignore[attr-defined]
        return {"widget": widget, "queryset": of.get_queryset(request)}
