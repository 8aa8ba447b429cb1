"""Keys, addresses and places that an editor need not think up: they are proposed, and unique."""

import unicodedata
from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from django import forms
from django.db import models
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from .models import ContentModel

LONGEST = 48
"""Characters of a proposed key, before a number that tells it apart."""
PLACES = ("order", "position")
"""Fields that say where a row stands among its siblings; empty means last."""
WORDS = (
    *("heading", "short_title", "title", "name", "term", "short", "label", "prompt", "answer"),
    *("named_as", "quote", "stage", "question", "place"),
)
"""Fields of content whose words a key is made of, the first that is filled in."""


def propose_key(words: str, taken: Collection[str], *, fallback: str) -> str:
    """A slug made of the words, none of `taken`; of `fallback` where the words give no letter.

    At most LONGEST characters, cut between words, and a number where it was taken already.
    """
    plain = unicodedata.normalize("NFKD", words).replace("’", "").replace("'", "")
    slug = slugify(plain) or slugify(fallback) or "row"
    if len(slug) > LONGEST:
        whole = slug[: LONGEST + 1].rpartition("-")[0]
        slug = (whole or slug[:LONGEST]).strip("-")
    if slug not in taken:
        return slug
    return next(key for n in range(2, len(taken) + 3) if (key := f"{slug}-{n}") not in taken)


def unique_places(model: type[models.Model]) -> list[str]:
    """Fields that number a row and are unique among its siblings in the database."""
    return [
        name
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint) and len(constraint.fields) > 1
        for name in constraint.fields
        if name in (*PLACES, "number")
    ]


class Proposes(forms.ModelForm):  # type: ignore[type-arg]
    """A form of content in which key, address and place of a new row may be left empty."""

    words_from: ClassVar[Sequence[str]] = WORDS
    siblings: Sequence[Any] = ()
    """The forms of the same formset, itself among them (ContentFormSet)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            return
        for name in ("key", "slug"):
            if name in self.fields:
                self.fields[name].required = False
                self.fields[name].help_text = _("Leave it empty: one is made from the words.")
        for name in PLACES:
            if name in self.fields:
                self.fields[name].required = False
                self.initial[name] = None
                if not self.fields[name].help_text:
                    self.fields[name].help_text = _("Empty: last.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk is None:
            for name in ("key", "slug"):
                if self._is_open(name):
                    taken = self._taken(name)
                    fallback = str(self._meta.model._meta.verbose_name)
                    cleaned[name] = propose_key(self.key_words(), taken, fallback=fallback)
            for name in PLACES:
                if self._is_open(name):
                    cleaned[name] = self._last(name) + 1
        return cleaned

    def key_words(self) -> str:
        """The words that this row's key is made of."""
        for name in self.words_from:
            value = self.cleaned_data.get(name)
            if value:
                return value.key if isinstance(value, ContentModel) else str(value)
        return ""

    def _is_open(self, name: str) -> bool:
        empty = self.cleaned_data.get(name) in (None, "")
        return name in self.fields and empty and name not in self.errors

    def _rows(self, name: str) -> Any:
        """The rows among which `name` has to be unique."""
        model: Any = self._meta.model
        path: str | None = getattr(model, "parent_field", None)
        rows = model._base_manager.all()
        if path is None or model._meta.get_field(name).unique:
            return rows
        first, _dot, rest = path.partition("__")
        owner = self.cleaned_data.get(first)
        if owner is None:
            owner = getattr(self.instance, f"{first}_id")
            if owner is None:
                return rows.none()
        elif owner.pk is None:
            return rows.none()
        if rest:
            return rows.filter(**{path: getattr(owner, rest)}) if hasattr(owner, rest) else rows
        return rows.filter(**{path: owner})

    def _beside(self, name: str) -> list[Any]:
        """What the other forms of the formset say under `name`."""
        values = []
        for form in self.siblings:
            if form is not self:
                said = getattr(form, "cleaned_data", {}).get(name)
                values.append(said if said is not None else getattr(form.instance, name, None))
        return values

    def _taken(self, name: str) -> set[str]:
        beside = {value for value in self._beside(name) if value}
        return beside | set(self._rows(name).values_list(name, flat=True))

    def _last(self, name: str) -> int:
        if self.siblings:
            # A sibling that is not saved yet and says nothing stands nowhere yet.
            said = [
                getattr(form, "cleaned_data", {}).get(name, form.initial.get(name))
                for form in self.siblings
                if form is not self
            ]
            return max((value for value in said if isinstance(value, int)), default=0)
        found: int | None = self._rows(name).aggregate(last=Max(name))["last"]
        return found or 0

    def _get_validation_exclusions(self) -> set[str]:
        """Places are judged by the whole formset: two rows may change them with one another."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | set(unique_places(self._meta.model)) if self.siblings else excluded
