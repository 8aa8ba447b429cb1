"""Questions for editors.

A question that readers may meet is saved whole or not at all: what its kind finds wrong with the
saved rows undoes the save (`ContentAdmin.changeform_view`). A draft may be unfinished; its page
lists what it lacks.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from lessons.core import content
from lessons.core.admin import (
    ContentStackedInline,
    ContentTabularInline,
    OrphanFilter,
)
from lessons.core.models import ContentModel, Status
from lessons.documents.admin import AnchoredForm
from lessons.quizzes.gift.admin import GiftPages
from lessons.quizzes.models import (
    AcceptedAnswer,
    Card,
    Criterion,
    EvidenceSpan,
    Level,
    Option,
    Question,
    Segment,
)
from lessons.quizzes.revisions import problems_of, questions_with_parts
from lessons.quizzes.rewording import AsksRewording

from .exercises import CardInline, SegmentInline, TopicInline
from .parts import (
    AcceptedAnswerInline,
    ChoiceInline,
    CriterionInline,
    EvidenceInline,
    LineInline,
    MatchInline,
    OpinionInline,
    OptionFormSet,
    WarrantInline,
)
from .previewing import PreviewsQuestions


def problems_with(questions: QuerySet[Question]) -> Iterator[tuple[Question, str]]:
    """(question, what is wrong with it) for those that cannot be asked as they are."""
    for question in questions_with_parts(questions):
        for problem in problems_of(question):
            yield question, problem


@content.checks
def check_questions(rows: Iterable[ContentModel]) -> Iterator[tuple[ContentModel, str]]:
    """Files are held to what admin is held to: no question without a key, unless a draft."""
    touched: set[int] = set()
    for row in rows:
        if isinstance(row, Question):
            touched.add(row.pk)
        elif isinstance(row, Option | EvidenceSpan | AcceptedAnswer | Criterion | Card | Segment):
            touched.add(row.question_id)
        elif isinstance(row, Level):
            touched.add(row.criterion.question_id)
    yield from problems_with(Question.objects.filter(pk__in=touched).exclude(status=Status.DRAFT))


Kind = Question.Kind
PARTS: dict[str, list[type[ContentStackedInline] | type[ContentTabularInline]]] = {
    Kind.SINGLE: [ChoiceInline],
    Kind.MULTIPLE: [ChoiceInline],
    Kind.MATCHING: [MatchInline],
    Kind.ORDERING: [LineInline],
    Kind.EVIDENCE: [EvidenceInline],
    Kind.SHORT: [AcceptedAnswerInline],
    Kind.OPEN: [CriterionInline],
    Kind.REPLIES: [CardInline],
    Kind.STANCE: [OpinionInline],
    Kind.VOICES: [SegmentInline],
    Kind.WARRANT: [WarrantInline],
    Kind.CABLE: [TopicInline, CriterionInline],
}
KINDS = [
    (Kind.SINGLE, _("Three to six answers, one of them right.")),
    (Kind.MULTIPLE, _("Several answers, more than one of them right.")),
    (Kind.MATCHING, _("Items are matched with targets: who said it, who wrote it down.")),
    (Kind.ORDERING, _("Lines are put into their right order, as events in time.")),
    (Kind.EVIDENCE, _("Sentences of the passage are ticked that support a claim.")),
    (Kind.SHORT, _("A word or a few, compared with the answers you accept.")),
    (Kind.OPEN, _("Some sentences of the student's own, marked by a rubric.")),
    (Kind.REPLIES, _("Lines of a talk in two lanes: where is each answered, if it is?")),
    (Kind.STANCE, _("A choice with a reason, of which none is right; never scored.")),
    (Kind.VOICES, _("Whose words are these: the recorder's, a report, or a speaker's own?")),
    (Kind.WARRANT, _("How far may one go on these words? Wrong statements go too far.")),
    (Kind.CABLE, _("The talk again, as the other side might have reported it.")),
]


class QuestionForm(AnchoredForm):
    anchor_is_optional = True


@admin.register(Question)
class QuestionAdmin(GiftPages, PreviewsQuestions, AsksRewording):
    form = QuestionForm
    change_form_template = "quizzes/admin/question_form.html"
    list_display = ["__str__", "kind", "skill", "points", "quiz_count", "fits", "status"]
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
    ordering = ["-pk"]  # what was written last is what one is looking for
    search_fields = ["prompt", "key", "explanation", "quote"]
    autocomplete_fields = ["text"]
    inlines = [
        *(ChoiceInline, EvidenceInline, AcceptedAnswerInline, CriterionInline),
        *(CardInline, SegmentInline),
    ]

    # The kind is chosen first; the form then shows what that kind needs

    def kind_of_form(self, request: HttpRequest, obj: Any = None) -> str:
        """The kind the form is for; empty where it is still to be chosen."""
        if obj is not None and obj.kind:
            return str(obj.kind)
        said = request.POST.get("kind") or request.GET.get("kind") or ""
        return said if said in Kind.values else ""

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "GET" and not self.kind_of_form(request):
            return self._choose_kind(request)
        answer: HttpResponse = super().add_view(request, form_url, extra_context)
        return answer

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        unscored = {"points": 0} if self.kind_of_form(request) in Question.UNSCORED else {}
        return unscored | initial

    def _choose_kind(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        kinds = []
        for kind, about in KINDS:
            query = request.GET.copy()
            query["kind"] = kind.value
            kinds.append((kind.label, about, query.urlencode()))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Which kind of question?"),
            "opts": self.opts,
            "kinds": kinds,
            "is_popup": "_popup" in request.GET,
        }
        return render(request, "quizzes/admin/choose_kind.html", context)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return PARTS.get(self.kind_of_form(request, obj), self.inlines)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["kind"] if obj is not None and obj.pk else []

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        kind = self.kind_of_form(request, obj)
        about: list[Any] = ["text", "quote", "occurrence"]
        rest: list[Any] = ["hint", "explanation", ("skill", "points"), "asks_confidence"]
        if kind == Kind.EVIDENCE:
            rest.insert(0, "needs_all_evidence")
        if kind == Kind.OPEN:
            rest = ["expected_words", "strong_answer", *rest]
        if kind == Kind.CABLE:
            rest = [("fewest_words", "most_words"), "notice", "strong_answer", *rest]
        return [
            (None, {"fields": ["kind", "status"]}),
            (_("The sentence it is about"), {"fields": about}),
            (_("The question"), {"fields": ["prompt", *rest]}),
            (None, {"classes": ["collapse"], "fields": ["is_check", "key"]}),
        ]

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "kind" and self.kind_of_form(request):
            kwargs["widget"] = forms.HiddenInput
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    # Lists

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = (
            super().get_queryset(request).annotate(quizzes_here=Count("quiz_items", distinct=True))
        )
        return rows

    @admin.display(description=_("quizzes"), ordering="quizzes_here")
    def quiz_count(self, obj: Any) -> int:
        return int(obj.quizzes_here)

    @admin.display(description=_("fits its text"), boolean=True)
    def fits(self, obj: Question) -> bool | None:
        return obj.text.is_current if obj.text else None

    # Saving: a draft may lack something and is told what; whatever readers meet is whole

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
