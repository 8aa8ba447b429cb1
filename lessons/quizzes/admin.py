"""Questions for editors, and learners' work for staff to look at.

A question is saved whole or not at all: what its kind finds wrong with the saved rows undoes the
save (`ContentAdmin.changeform_view`). So everything a kind may need is on the one page.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from lessons.core import content
from lessons.core.admin import (
    ContentAdmin,
    ContentForm,
    ContentStackedInline,
    ContentTabularInline,
    OrphanFilter,
    ReadOnlyAdmin,
)
from lessons.core.models import ContentModel
from lessons.documents.admin import AnchoredForm

from . import exercises_admin as exercises
from .models import (
    AcceptedAnswer,
    Attempt,
    AttemptItem,
    Criterion,
    Delivery,
    DeliveryException,
    Draft,
    EvidenceSpan,
    ItemTally,
    Level,
    Mark,
    MarkingKey,
    Option,
    Question,
    QuestionRevision,
    Quiz,
    QuizItem,
    Response,
)
from .models.questions import FRACTION
from .revisions import problems_of, questions_with_parts

LEVELS_ON_PAGE = 3
"""Levels of a criterion on the question's page; a criterion's own page takes any number."""


class QuestionForm(AnchoredForm):
    anchor_is_optional = True


class OptionForm(ContentForm):
    """An item names its target by key, since both may be new."""

    belongs_to = forms.SlugField(
        label=_("belongs to"),
        required=False,
        help_text=_("Of an item: the key of its target."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.answer_id:
            self.initial["belongs_to"] = self.instance.answer.key

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("role") != Option.Role.ITEM:
            if cleaned.get("belongs_to"):
                self.add_error("belongs_to", _("Only an item belongs to a target."))
            self.instance.answer = None
        return cleaned


class OptionFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        super().clean()
        living = [
            f for f in self.forms if hasattr(f, "cleaned_data") and f not in self.deleted_forms
        ]
        targets = {
            f.cleaned_data.get("key")
            for f in living
            if f.cleaned_data.get("role") == Option.Role.TARGET
        }
        for form in living:
            wanted = form.cleaned_data.get("belongs_to")
            if wanted and wanted not in targets:
                form.add_error("belongs_to", _("This question has no target with this key."))

    def save_answers(self, question: Question) -> None:
        """Tie items to targets, once all of them have their rows."""
        rows = {row.key: row for row in question.options.all()}
        for form in self.forms:
            if form in self.deleted_forms or "belongs_to" not in form.changed_data:
                continue
            row = rows.get(form.instance.key)
            if row is not None:
                row.answer = rows.get(form.cleaned_data["belongs_to"])
                row.save()


class OptionInline(ContentStackedInline):
    model = Option
    form = OptionForm
    formset = OptionFormSet
    fields = [
        ("key", "role", "order"),
        "label",
        ("is_key", "rank", "belongs_to", "excess"),
        "feedback",
        "misreading",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("answer")


class EvidenceInline(ContentStackedInline):
    model = EvidenceSpan
    form = AnchoredForm
    autocomplete_fields = ["text"]
    fields = ["key", "text", "quote", "occurrence", "feedback"]


class AcceptedAnswerInline(ContentTabularInline):
    model = AcceptedAnswer
    fields = ["key", "order", "answer", "match", "score", "feedback"]


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
    fields = [
        "key",
        ("order", "title", "weight"),
        *(
            row
            for n in range(1, LEVELS_ON_PAGE + 1)
            for row in (
                (f"level_{n}_title", f"level_{n}_score"),
                f"level_{n}_description",
                f"level_{n}_sample",
            )
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("levels")


def problems_with(questions: QuerySet[Question]) -> Iterator[tuple[Question, str]]:
    """(question, what is wrong with it) for those that cannot be asked as they are."""
    for question in questions_with_parts(questions):
        for problem in problems_of(question):
            yield question, problem


@content.checks
def check_questions(rows: Iterable[ContentModel]) -> Iterator[tuple[ContentModel, str]]:
    """Files are held to what admin is held to: no question without a key."""
    touched: set[int] = set()
    for row in rows:
        if isinstance(row, Question):
            touched.add(row.pk)
        elif isinstance(row, (Option, EvidenceSpan, AcceptedAnswer, Criterion, *exercises.PARTS)):
            touched.add(row.question_id)
        elif isinstance(row, Level):
            touched.add(row.criterion.question_id)
    yield from problems_with(Question.objects.filter(pk__in=touched))


@admin.register(Question)
class QuestionAdmin(ContentAdmin):
    form = QuestionForm
    list_display = ["__str__", "key", "kind", "skill", "points", "fits", "status"]
    list_filter = [
        "status",
        OrphanFilter,
        "kind",
        "skill",
        "is_check",
        "asks_confidence",
        "quizzes",
    ]
    list_select_related = ["text"]
    search_fields = ["prompt", "key", "explanation", "quote"]
    autocomplete_fields = ["text"]
    inlines = [
        *(OptionInline, EvidenceInline, AcceptedAnswerInline, CriterionInline),
        *exercises.INLINES,
    ]
    fieldsets = [
        (None, {"fields": ["key", "status", "kind", "skill", "points"]}),
        (_("The sentence it is about"), {"fields": ["text", "quote", "occurrence"]}),
        (
            _("Words"),
            {"fields": ["prompt", "hint", "explanation", "asks_confidence", "is_check"]},
        ),
        (_("Select the evidence"), {"fields": ["needs_all_evidence"]}),
        (_("Open response"), {"fields": ["expected_words", "strong_answer"]}),
        (_("The other side's cable"), {"fields": exercises.FIELDS}),
    ]

    @admin.display(description=_("fits its text"), boolean=True)
    def fits(self, obj: Question) -> bool | None:
        return obj.text.is_current if obj.text else None

    def problems(self, obj: Any) -> list[str]:
        return [text for _q, text in problems_with(Question.objects.filter(pk=obj.pk))]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if isinstance(formset, OptionFormSet):
            formset.save_answers(form.instance)
        elif formset.model is Criterion:
            for row in formset.forms:
                if row.instance.pk and row not in formset.deleted_forms:
                    row.save_levels()


class LevelInline(ContentStackedInline):
    model = Level
    fields = [("key", "order"), ("title", "score"), "description", "sample"]


@admin.register(Criterion)
class CriterionAdmin(ContentAdmin):
    """For rubrics with more levels; criteria are added and deleted with their question."""

    list_display = ["title", "question", "key", "weight"]
    list_filter = ["question__status", "question__skill"]
    list_select_related = ["question"]
    search_fields = ["title", "key", "question__key"]
    autocomplete_fields = ["question"]
    inlines = [LevelInline]
    deleted_here = False

    def problems(self, obj: Any) -> list[str]:
        questions = Question.objects.filter(pk=obj.question_id)
        return [text for _q, text in problems_with(questions)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["question"] if obj else []


class QuizItemInline(ContentTabularInline):
    model = QuizItem
    fields = ["key", "position", "question"]
    autocomplete_fields = ["question"]


@admin.register(Quiz)
class QuizAdmin(ContentAdmin):
    list_display = ["title", "key", "purpose", "status"]
    list_filter = ["status", "purpose"]
    search_fields = ["title", "key"]
    inlines = [QuizItemInline]


# --- Learners' work: looked at, never written here ----------------------------------------------


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["key", "kind", "gating", "release", "opens_at", "due_at", "closes_at"]
    list_filter = ["kind", "gating", "release"]
    search_fields = ["key"]


@admin.register(DeliveryException)
class DeliveryExceptionAdmin(ReadOnlyAdmin):
    list_display = ["delivery", "learner", "due_at", "closes_at", "reason"]
    list_filter = ["delivery__kind"]
    list_select_related = ["delivery", "learner"]
    search_fields = ["learner__username", "delivery__key", "reason"]


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ["learner", "quiz", "delivery", "number", "started_at", "submitted_at"]
    list_filter = ["delivery__kind", "quiz", ("submitted_at", admin.EmptyFieldListFilter)]
    list_select_related = ["learner", "quiz", "delivery"]
    search_fields = ["learner__username", "learner__display_name", "receipt"]


@admin.register(AttemptItem)
class AttemptItemAdmin(ReadOnlyAdmin):
    list_display = ["attempt", "position", "question", "score", "closed_at"]
    list_filter = ["question__kind", "question__skill"]
    list_select_related = ["attempt", "question"]
    search_fields = ["question__key", "attempt__learner__username"]


@admin.register(Draft)
class DraftAdmin(ReadOnlyAdmin):
    list_display = ["item", "version", "saved_at"]
    list_filter = ["saved_at"]
    list_select_related = ["item"]
    search_fields = ["item__attempt__learner__username", "item__question__key"]


@admin.register(Response)
class ResponseAdmin(ReadOnlyAdmin):
    list_display = ["item", "version", "confidence", "created_at"]
    list_filter = ["confidence", "created_at"]
    list_select_related = ["item"]
    search_fields = ["item__attempt__learner__username", "item__question__key"]


@admin.register(Mark)
class MarkAdmin(ReadOnlyAdmin):
    list_display = ["response", "score", "by", "marker", "created_at"]
    list_filter = ["by", "created_at"]
    list_select_related = ["response", "marker"]
    search_fields = ["response__item__attempt__learner__username", "reason"]


@admin.register(QuestionRevision)
class QuestionRevisionAdmin(ReadOnlyAdmin):
    list_display = ["question", "digest", "same_as", "created_at"]
    list_filter = ["question__kind", "created_at"]
    list_select_related = ["question", "same_as"]
    search_fields = ["question__key", "digest"]


@admin.register(MarkingKey)
class MarkingKeyAdmin(ReadOnlyAdmin):
    list_display = ["revision", "version", "digest", "created_at"]
    list_filter = ["created_at"]
    list_select_related = ["revision"]
    search_fields = ["revision__question__key", "digest"]


@admin.register(ItemTally)
class ItemTallyAdmin(ReadOnlyAdmin):
    list_display = ["revision", "choice", "count"]
    list_filter = ["revision__question__kind"]
    list_select_related = ["revision"]
    search_fields = ["revision__question__key", "choice"]
