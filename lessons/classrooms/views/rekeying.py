"""Another key for a question, for editors: choose, see whose grade changes, confirm."""

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from lessons.classrooms.domain.marking import rekey_question
from lessons.classrooms.rekeying import preview_of
from lessons.core.forms import refuse_lone_surrogates
from lessons.quizzes import rekeying
from lessons.quizzes.domain import WorkRefused
from lessons.quizzes.drawing import draw_choices
from lessons.quizzes.kinds import kind_of
from lessons.quizzes.kinds.base import InvalidAnswer, clean_text
from lessons.quizzes.models import Question
from lessons.quizzes.revisions import content_digest, face_of, key_of
from lessons.quizzes.views import editors_only

PREFIX = "key"


@editors_only
@require_http_methods(["GET", "HEAD", "POST"])
def question_rekey(request: HttpRequest, key: str) -> HttpResponseBase:
    found = _editable_or_404(request, key)
    page: dict[str, Any] = {"question": found, "can": found.kind in rekeying.KINDS, "status": 200}
    if request.method != "POST" or not page["can"]:
        return _draw(request, page, None)
    refuse_lone_surrogates(request.POST)
    change = None
    try:
        change = read_change(found, request.POST)
        page["preview"] = preview_of(found, change, by=request.user)  # type: ignore[arg-type]
        page["digest"] = _digest(found, change)
        if request.POST.get("do") == "confirm":
            page["reason"] = clean_text(request.POST.get("reason", ""), limit=300)
            return _confirmed(request, page, change)
    except rekeying.KeyRefused as refusal:
        page |= {"errors": refusal.problems, "status": 422}
    except (InvalidAnswer, WorkRefused) as refusal:
        page |= {"errors": [refusal.message], "status": 422}
    return _draw(request, page, change)


def read_change(question: Question, data: QueryDict) -> rekeying.NewKey:
    """The key in a posted form. Raises InvalidAnswer for what is none."""
    if question.kind in rekeying.BY_ANSWER:
        kind = kind_of(question.kind)
        return rekeying.NewKey(
            answer=kind.parse(face_of(question), data, seed=question.pk, prefix=PREFIX),
            excess=_excess(question, data),
        )
    if question.kind in rekeying.BY_PARTS:
        parts = rekeying.parts_of(face_of(question), key_of(question))
        return rekeying.NewKey(parts={part.key: _accepted(part, data) for part in parts})
    scores = {}
    for row in question.accepted_answers.all():
        typed = data.get(f"score-{row.key}", "")
        try:
            scores[row.key] = Decimal(typed.strip().replace(",", ".")[:8])
        except InvalidOperation:
            raise InvalidAnswer(_("Give a number from 0 to 1.")) from None
        if not (scores[row.key].is_finite() and 0 <= scores[row.key] <= 1):
            raise InvalidAnswer(_("Give a number from 0 to 1."))
    return rekeying.NewKey(
        scores=scores,
        accepted=clean_text(data.get("accepted", ""), limit=200),
        feedback=clean_text(data.get("feedback", ""), limit=1000),
    )


def _excess(question: Question, data: QueryDict) -> dict[str, str]:
    """The words that go too far, of a warrant's statements; nothing for other kinds."""
    if question.kind != Question.Kind.WARRANT:
        return {}
    return {
        row.key: clean_text(data.get(f"excess-{row.key}", ""), limit=120)
        for row in question.options.all()
    }


def _accepted(part: rekeying.Part, data: QueryDict) -> list[str]:
    codes = data.getlist(f"accepted-{part.key}")
    if not set(codes) <= set(part.readings) or len(set(codes)) != len(codes):
        raise InvalidAnswer(_("That is not one of the choices of this question."))
    return [code for code in part.readings if code in codes]


def _confirmed(
    request: HttpRequest, page: dict[str, Any], change: rekeying.NewKey
) -> HttpResponseBase:
    """Do it, where it is what was previewed; else the preview is shown again."""
    if request.POST.get("previewed") != page["digest"]:
        page |= {"errors": [_("This is another key than the one you looked at.")], "status": 409}
        return _draw(request, page, change)
    changed = rekey_question(
        question=page["question"],
        change=change,
        reason=page["reason"],
        by=request.user,  # type: ignore[arg-type]
    )
    messages.success(
        request,
        ngettext(
            "The key is changed, and %(n)s answer was marked anew.",
            "The key is changed, and %(n)s answers were marked anew.",
            len(changed),
        )
        % {"n": len(changed)},
    )
    return redirect("classrooms:question-rekey", page["question"].key)


def _editable_or_404(request: HttpRequest, key: str) -> Question:
    if not request.user.has_perm("quizzes.change_question"):
        raise PermissionDenied
    found = Question.objects.filter(key=key).first()
    if found is None:
        raise Http404
    return rekeying.with_parts(found.pk)


def _digest(question: Question, change: rekeying.NewKey) -> str:
    """What the key would be, so that what is confirmed is what was looked at."""
    changed = rekeying.with_parts(question.pk)
    rekeying.apply(changed, change)
    return content_digest(key_of(changed))[:16]


def _draw(
    request: HttpRequest, page: dict[str, Any], change: rekeying.NewKey | None
) -> HttpResponse:
    question: Question = page["question"]
    if question.kind in rekeying.BY_ANSWER:
        answer = change.answer if change else rekeying.right_now(question)
        page["choices"] = draw_choices(face_of(question), answer, seed=question.pk, prefix=PREFIX)
    if question.kind == Question.Kind.WARRANT:
        page["statements"] = [
            (row, change.excess.get(row.key, "") if change else row.excess)
            for row in question.options.all()
        ]
    elif question.kind in rekeying.BY_PARTS:
        parts = rekeying.parts_of(face_of(question), key_of(question))
        given = change.parts if change else {}
        page["parts"] = [
            replace(part, accepted=given.get(part.key, part.accepted)) for part in parts
        ]
    elif question.kind == Question.Kind.SHORT:
        page["accepted"] = [
            (row, request.POST.get(f"score-{row.key}", format(row.score.normalize(), "f")))
            for row in question.accepted_answers.all()
        ]
    page |= {"typed": request.POST}
    return render(request, "classrooms/question_rekey.html", page, status=page["status"])
