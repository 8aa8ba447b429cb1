"""The parts of a question, as its form shows them: options, evidence, answers, rubric."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from lessons.core.admin import ContentForm, ContentStackedInline, ContentTabularInline
from lessons.core.ordering import ContentFormSet
from lessons.documents.admin.anchored import AnchoredForm, current_text
from lessons.documents.models import PassageText
from lessons.quizzes.models import (
    AcceptedAnswer,
    Criterion,
    EvidenceSpan,
    Level,
    Option,
    Question,
)
from lessons.quizzes.models.questions import FRACTION

LEVELS_ON_PAGE = 3
"""Levels of a criterion on the question's page; a criterion's own page takes any number."""


class QuestionForm(AnchoredForm):
    anchor_is_optional = True


class OptionForm(ContentForm):
    """An item names its target by key, since both may be new."""

    belongs_to = forms.CharField(
        label=_("belongs to"),
        required=False,
        max_length=400,
        help_text=_("Of an item: the words of its target, or its key."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.answer_id:
            self.initial["belongs_to"] = self.instance.answer.label
        if self.instance.pk is None and "role" in self.fields:
            self.initial["role"] = Option.Role.ITEM

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("role") != Option.Role.ITEM:
            if cleaned.get("belongs_to"):
                self.add_error("belongs_to", _("Only an item belongs to a target."))
            self.instance.answer = None
        return cleaned


class OptionFormSet(ContentFormSet):
    def clean(self) -> None:
        super().clean()
        targets = self._targets()
        for form in self._living():
            wanted = form.cleaned_data.get("belongs_to")
            if wanted and _folded(wanted) not in targets:
                form.add_error(
                    "belongs_to", _("This question has no target with these words or this key.")
                )

    def save_answers(self, question: Question) -> None:
        """Tie items to targets, once all of them have their rows."""
        rows = {row.key: row for row in question.options.all()}
        for item, target in self.ties().items():
            row = rows.get(item)
            if row is not None:
                row.answer = rows.get(target)
                row.save()

    def ties(self) -> dict[str, str]:
        """Key of an item → key of its target ("" for none), of the forms that say it anew."""
        targets = self._targets()
        return {
            form.instance.key: targets.get(_folded(form.cleaned_data.get("belongs_to") or ""), "")
            for form in self._living()
            if "belongs_to" in form.changed_data
        }

    def _living(self) -> list[Any]:
        return [f for f in self.forms if hasattr(f, "cleaned_data") and f not in self.deleted_forms]

    def _targets(self) -> dict[str, str]:
        """Key of a target by its words and by its key; keys win."""
        found = [
            (form.cleaned_data.get("key") or form.instance.key, form.cleaned_data.get("label"))
            for form in self._living()
            if form.cleaned_data.get("role") == Option.Role.TARGET
        ]
        by_words = {_folded(label or ""): key for key, label in found}
        return by_words | {_folded(key): key for key, _label in found if key}


def _folded(words: str) -> str:
    return " ".join(words.split()).casefold()


class OptionInline(ContentStackedInline):
    model = Option
    form = OptionForm
    formset = OptionFormSet
    extra = 1


class ChoiceInline(OptionInline):
    """What there is to choose from."""

    fields = ["label", "is_key", "feedback", "misreading", ("order", "key")]

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 3 if obj is None else 1


class WarrantInline(ChoiceInline):
    """Statements, and in each wrong one the words that go further than the record."""

    fields = ["label", "is_key", "excess", "feedback", "misreading", ("order", "key")]


class OpinionInline(ChoiceInline):
    """Answers of which none is right."""

    fields = ["label", "feedback", ("order", "key")]


class MatchInline(OptionInline):
    """Items, and the targets they belong to."""

    verbose_name = _("item or target")
    verbose_name_plural = _("items and targets")
    fields = [("role", "label"), "belongs_to", "feedback", "misreading", ("order", "key")]

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role":
            wanted = (Option.Role.ITEM, Option.Role.TARGET)
            kwargs["choices"] = [(role.value, role.label) for role in wanted]
        return super().formfield_for_choice_field(db_field, request, **kwargs)


class LineInline(OptionInline):
    """Lines to be put in order; their right place is a number."""

    verbose_name = _("line")
    verbose_name_plural = _("lines to put in order")
    fields = [("rank", "label"), "feedback", "misreading", "key"]


class EvidenceForm(AnchoredForm):
    """Evidence stands in the text that the question is about; it is not asked for twice."""

    @property
    def about(self) -> PassageText | None:
        """The text of its question; the blank row that a page copies belongs to none."""
        question: Question | None = self.instance._state.fields_cache.get("question")
        return question.text if question else None

    def text_to_choose_in(self) -> PassageText | None:
        return current_text(self.about) if self.about else None

    def text_of(self, cleaned: dict[str, Any]) -> PassageText | None:
        return self.about

    def clean(self) -> dict[str, Any]:
        if self.about is None:
            raise ValidationError(_("First choose the text that the question is about."))
        return super().clean()


class EvidenceFormSet(ContentFormSet):
    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        """Each form knows its question, a new one too, and so the text to choose words in."""
        form = super()._construct_form(i, **kwargs)
        form.instance.question = self.instance
        return form


class EvidenceInline(ContentStackedInline):
    model = EvidenceSpan
    form = EvidenceForm
    formset = EvidenceFormSet
    verbose_name = _("piece of evidence")
    verbose_name_plural = _("words that count as evidence")
    fields = ["quote", "occurrence", "feedback", "key"]
    extra = 1


class AcceptedAnswerInline(ContentTabularInline):
    model = AcceptedAnswer
    fields = ["answer", "match", "score", "feedback", "order", "key"]
    extra = 1


class LevelsForm(ContentForm):
    """A criterion with its levels beside it, so that a rubric is saved whole."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.levels = list(self.instance.levels.all()) if self.instance.pk else []
        for n, level in enumerate(self.levels[:LEVELS_ON_PAGE], start=1):
            for name in LEVEL_FIELDS:
                self.initial[f"level_{n}_{name}"] = getattr(level, name)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for n in range(1, LEVELS_ON_PAGE + 1):
            values = self._values(n, cleaned)
            if not values or any(f"level_{n}_{name}" in self.errors for name in LEVEL_FIELDS):
                continue
            level = Level(key=f"level-{n}", order=n, **values)
            try:
                level.full_clean(exclude=["criterion"], validate_unique=False)
            except ValidationError as error:
                for name, reasons in error.error_dict.items():
                    self.add_error(f"level_{n}_{name}" if name in LEVEL_FIELDS else None, reasons)
        return cleaned

    def save_levels(self) -> None:
        """Write the levels of the saved criterion: a level that was emptied goes."""
        taken = {level.key for level in self.levels}
        for n in range(1, LEVELS_ON_PAGE + 1):
            if not any(f"level_{n}_{name}" in self.changed_data for name in LEVEL_FIELDS):
                continue
            values = self._values(n, self.cleaned_data)
            level = self.levels[n - 1] if n <= len(self.levels) else None
            if not values:
                if level is not None:
                    level.delete()
                continue
            if level is None:
                key = next(k for i in range(n, 99) if (k := f"level-{i}") not in taken)
                taken.add(key)
                level = Level(criterion=self.instance, key=key, order=n)
            for name, value in values.items():
                setattr(level, name, value)
            level.save()

    def levels_as_typed(self) -> list[dict[str, Any]]:
        """The levels that stand in the form, whole ones only; those past its lines as stored."""
        cleaned = getattr(self, "cleaned_data", {})
        typed = [self._values(n, cleaned) for n in range(1, LEVELS_ON_PAGE + 1)]
        stored = [
            {name: getattr(level, name) for name in LEVEL_FIELDS}
            for level in self.levels[LEVELS_ON_PAGE:]
        ]
        return [
            values
            for values in (*typed, *stored)
            if values.get("score") is not None and values.get("title")
        ]

    def _values(self, n: int, cleaned: dict[str, Any]) -> dict[str, Any]:
        values = {name: cleaned.get(f"level_{n}_{name}") for name in LEVEL_FIELDS}
        return values if any(value not in (None, "") for value in values.values()) else {}


LEVEL_FIELDS = ("title", "score", "description", "sample")


def _level_fields() -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {}
    area = {"rows": 2, "cols": 80}
    for n in range(1, LEVELS_ON_PAGE + 1):
        fields |= {
            f"level_{n}_title": forms.CharField(
                label=format_lazy(_("level {n}"), n=n), max_length=80, required=False
            ),
            f"level_{n}_score": forms.DecimalField(
                label=_("worth"),
                max_digits=4,
                decimal_places=3,
                validators=FRACTION,
                required=False,
            ),
            f"level_{n}_description": forms.CharField(
                label=_("in words a student understands"),
                widget=forms.Textarea(attrs=area),
                required=False,
            ),
            f"level_{n}_sample": forms.CharField(
                label=_("sample answer"), widget=forms.Textarea(attrs=area), required=False
            ),
        }
    return fields


CriterionForm: Any = type("CriterionForm", (LevelsForm,), _level_fields())


class CriterionInline(ContentStackedInline):
    model = Criterion
    form = CriterionForm
    show_change_link = True
    verbose_name_plural = _("rubric")
    extra = 1
    fields = [
        ("title", "weight"),
        *(
            row
            for n in range(1, LEVELS_ON_PAGE + 1)
            for row in (
                (f"level_{n}_title", f"level_{n}_score"),
                f"level_{n}_description",
                f"level_{n}_sample",
            )
        ),
        ("order", "key"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("levels")
