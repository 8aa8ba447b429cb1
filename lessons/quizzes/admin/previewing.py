"""A question as a student will see it, from what stands in its form. Nothing is written."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.urls import path, reverse
from django.utils.translation import gettext as _

from lessons.core.htmx import render_page
from lessons.quizzes.drawing import draw_question, draw_solution
from lessons.quizzes.kinds import kind_of
from lessons.quizzes.models import Card, Criterion, Level, Question
from lessons.quizzes.revisions import content_digest, face_of, key_of, problems_of
from lessons.quizzes.sittings import ItemView, Sitting

from .parts import OptionFormSet

SEED = 1
"""Of the order of options in a preview: always the same, so that typing does not shuffle them."""


@dataclass
class PreviewPage:
    """A page on which nothing can be handed in."""

    reader: str = ""
    sitting: Sitting | None = None
    total: int = 1
    address: str = ""
    anchors: frozenset[str] = frozenset()

    def action(self, name: str, **kwargs: object) -> str:
        return ""


class PreviewsQuestions(admin.ModelAdmin):  # type: ignore[type-arg]
    """Adds `preview/` to new questions and to each that exists, for what stands in their forms."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.preview)
        return [
            path("preview/", view, name="quizzes_question_preview_new"),
            path("<int:pk>/preview/", view, name="quizzes_question_preview"),
            *super().get_urls(),
        ]

    def view_on_site(self, obj: Question) -> str:
        return reverse("admin:quizzes_question_preview", args=[obj.pk])

    def preview(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        stored = self.get_object(request, str(pk)) if pk is not None else None
        allowed = (
            self.has_add_permission(request)
            if pk is None
            else self.has_view_permission(request, stored)
        )
        if not allowed or (pk is not None and stored is None):
            raise PermissionDenied
        question = self._as_typed(request, stored) if request.method == "POST" else stored
        if question is None or question.kind not in Question.Kind.values:
            context = {"problems": [_("Choose the kind of question first.")], "kind": ""}
            return render_page(
                request, "quizzes/admin/preview.html", context, partial="preview", status=422
            )
        return render_page(
            request,
            "quizzes/admin/preview.html",
            self._drawn(question, get_token(request)),
            partial="preview",
        )

    def _drawn(self, question: Question, token: str) -> dict[str, Any]:
        face, key, kind = face_of(question), key_of(question), kind_of(question.kind)
        problems = problems_of(question)
        item = ItemView(position=1, face=face, digest=content_digest(face), seed=SEED)
        feedback = key.get("feedback", {})
        lines = [*face.get("options", ()), *face.get("items", ())]
        return {
            "question": question,
            "kind": question.get_kind_display(),
            "drawn": draw_question(item, PreviewPage(), token),
            "problems": problems,
            "explanation": question.explanation,
            "solution": ""
            if problems or not kind.marked_by_machine
            else draw_solution(face, key, seed=SEED),
            "feedback": [
                (line["label"], line["key"] in key.get("right", ()), feedback.get(line["key"], ""))
                for line in lines
            ],
            "levels": [
                (criterion["title"], criterion["levels"]) for criterion in key.get("criteria", ())
            ],
        }

    def _as_typed(self, request: HttpRequest, stored: Question | None) -> Question:
        """The question with the parts that its form holds: rows in memory, never saved.

        What a field refuses is left as it was; the form itself says why when it is saved.
        """
        change = stored is not None
        form = self.get_form(request, stored, change=change)(
            request.POST, request.FILES, instance=stored or Question()
        )
        form.is_valid()
        question: Question = form.instance
        if question.pk is None:
            question.pk = -1  # relations of a row without a key cannot be read
        parts: dict[str, list[Any]] = {
            name: []
            for name in (
                *("options", "evidence", "accepted_answers", "criteria"),
                *("cards", "segments"),
            )
        }
        formsets, _inlines = self._create_formsets(  # type: ignore[attr-defined]
            request, question, change=change
        )
        for formset in formsets:
            formset.is_valid()
            rows = parts[str(formset.prefix)] = _rows_of(formset)
            if isinstance(formset, OptionFormSet):
                _tie(rows, formset.ties())
        question._prefetched_objects_cache = parts  # type: ignore[attr-defined]
        return question


def _rows_of(formset: Any) -> list[Any]:
    rows = []
    deleted = set(map(id, formset.deleted_forms))
    for n, form in enumerate(formset.forms, start=1):
        row = form.instance
        if id(form) in deleted or (row.pk is None and not form.has_changed()):
            continue
        if row.pk is None:
            row.pk = -n
        row.key = row.key or f"row-{n}"
        if isinstance(row, Criterion):
            row._prefetched_objects_cache = {"levels": _levels_of(form)}  # type: ignore[attr-defined]
        if isinstance(row, Card):
            replies = list(getattr(form, "cleaned_data", {}).get("replies") or ())
            row._prefetched_objects_cache = {"replies": replies}  # type: ignore[attr-defined]
        rows.append(row)
    return rows


def _levels_of(form: Any) -> list[Level]:
    return [
        Level(key=f"level-{n}", order=n, **values)
        for n, values in enumerate(form.levels_as_typed(), start=1)
    ]


def _tie(options: list[Any], ties: dict[str, str]) -> None:
    by_key = {row.key: row for row in options}
    for item, target in ties.items():
        if item in by_key:
            row = by_key.get(target)
            by_key[item].answer_id = row.pk if row else None
