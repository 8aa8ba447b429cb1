"""Rows of one parent, saved together: their keys are proposed and their places may be swapped."""

from typing import Any, cast

from django.db.models import F
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext_lazy as _

from .choosing import read_together
from .keys import unique_places

ASIDE = 10_000
"""Rows that change places stand this much further while the others are saved."""


NEW_ROWS = 100
"""So many can be added in one save: drawing a row's form costs some 25 ms, and Django alone would
draw 2,000 for whoever says that so many were sent."""


class ContentFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """Its forms know one another (`Proposes.siblings`)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most = len(self.get_queryset()) + NEW_ROWS
        self.max_num, self.absolute_max = min(self.max_num, most), most

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]  # stubs leave it out
        made: list[Any] = self.__dict__.setdefault("_made", [])
        made.append(form)
        form.siblings = made
        read_together(form, made, self.__dict__.setdefault("_chosen", {}))
        return form

    def clean(self) -> None:
        super().clean()
        for name in self._unique_places():
            seen: set[Any] = set()
            for form in self.forms:
                if form in self.deleted_forms or not hasattr(form, "cleaned_data"):
                    continue
                place = form.cleaned_data.get(name)
                if place is not None and place in seen:
                    form.add_error(name, _("Another row has this number."))
                seen.add(place)

    def save_existing_objects(self, commit: bool = True) -> list[Any]:
        """Whoever changes its place, or goes, makes way first: the database allows no two there."""
        for name in self._unique_places() if commit else ():
            moving = [
                form.instance.pk
                for form in self.initial_forms
                if form.instance.pk and (name in form.changed_data or form in self.deleted_forms)
            ]
            rows = cast("Any", self.model)._base_manager.filter(pk__in=moving)
            rows.filter(**{f"{name}__isnull": False}).update(**{name: F(name) + ASIDE})
        return super().save_existing_objects(commit)

    def _unique_places(self) -> list[str]:
        return unique_places(cast("Any", self.model))
