"""Reading in steps. A view fetches with access, asks the domain, and answers page or fragment."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.crypto import get_random_string
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lessons.accounts.learners import (
    ensure_learner,
    reader_mark,
    same_reader,
    silent_for_nobody,
)
from lessons.core.htmx import wants_fragment
from lessons.core.rendered import rendered
from lessons.core.sheets import Place, Sheet, draw_sheet, own_values, reader_kind
from lessons.documents.voices import voice_in
from lessons.guided import domain
from lessons.guided.access import get_step_page, get_study, may_teach
from lessons.guided.earlier import earlier_answer
from lessons.guided.study import StepPage
from lessons.quizzes import domain as quizzes
from lessons.quizzes.answering import (
    OTHER_READER,
    Refusal,
    draft_refusal,
    require_same_reader,
    sent_levels,
    show_refusal,
    status_of,
)
from lessons.quizzes.drawing import draw_practice, draw_question
from lessons.quizzes.kinds.base import InvalidAnswer
from lessons.quizzes.sittings import ItemView, Sitting


@login_not_required
@require_safe
def lesson_detail(request: HttpRequest, lesson: str, delivery: str = "") -> HttpResponse:
    study = get_study(request, lesson=lesson, delivery=delivery)
    resume = study.resume()
    context = {
        "study": study,
        "lesson": study.lesson,
        "resume": resume,
        "resume_address": study.address(resume) if resume else "",
        "first_address": study.address(study.lesson.steps[0]) if study.lesson.steps else "",
        "handout_address": study.page_address("handout"),
        "findings_address": study.page_address("findings") if study.has_answers else "",
        "may_teach": may_teach(request),
    }
    return render(request, "guided/lesson.html", context)


@login_not_required
@require_safe
def step_detail(request: HttpRequest, lesson: str, step: str, delivery: str = "") -> HttpResponse:
    page = get_step_page(
        request, lesson=lesson, step=step, delivery=delivery, number=_attempt_number(request)
    )
    page.voice = voice_in(request)
    return _draw(request, page, reviewing="review" in request.GET)


@login_not_required
@require_POST
def question_check(
    request: HttpRequest, lesson: str, step: str, position: int, delivery: str = ""
) -> HttpResponseBase:
    """Check one practice answer."""
    page = get_step_page(request, lesson=lesson, step=step, delivery=delivery)
    sitting, view = _item(page, position, practice=True)
    try:
        require_same_reader(request)
        submission, tries = view.read(request.POST), view.tries
        learner = _begin_learning(request, page)
        page.progress = domain.answer_question(
            sitting=sitting,
            view=view,
            submission=submission,
            step_id=page.step.pk,
            progress=page.progress,
            version=page.study.version,
            by=learner,
        )
    except (InvalidAnswer, quizzes.WorkRefused) as refusal:
        return _refused(request, page, position, refusal)
    if not wants_fragment(request):
        return redirect(f"{page.address}#{view.prefix}")
    if view.tries > tries and view.item is not None and view.item.mark is not None:
        page.refresh()
    else:  # sent before, so that what it made is not read yet; or written, and its rubric is not
        page.reload()
    return _draw(request, page, position=position)


@login_not_required
@require_POST
def question_draft(
    request: HttpRequest, lesson: str, step: str, position: int, delivery: str = ""
) -> JsonResponse:
    """Autosave of one answer, asked for by drafts.js; answers how often it was saved, and when.

    Of a quiz that ends, the seconds left too.
    """
    page = get_step_page(request, lesson=lesson, step=step, delivery=delivery)
    sitting, view = _item(page, position)
    try:
        require_same_reader(request)
        submission = view.read(request.POST, partial=True)
        if not sitting.is_practice and not sitting.in_progress:
            raise quizzes.Closed(_("This was handed in already; what is stored is not changed."))
        draft = domain.save_answer_draft(
            sitting=sitting,
            view=view,
            submission=submission,
            step_id=page.step.pk,
            progress=page.progress,
            version=page.study.version,
            by=_begin_learning(request, page),
        )
    except (InvalidAnswer, quizzes.WorkRefused) as refusal:
        page.reload()
        stored = page.sitting.at(position) if page.sitting else None
        return JsonResponse(draft_refusal(refusal, stored), status=status_of(refusal))
    told: dict[str, Any] = {
        "saves": draft.version,
        "saved_at": f"{localtime(draft.saved_at):%H:%M}",
    }
    if sitting.seconds_left is not None:
        told["left"] = sitting.seconds_left
    return JsonResponse(told)


@login_not_required
@require_POST
def question_assess(
    request: HttpRequest, lesson: str, step: str, position: int, delivery: str = ""
) -> HttpResponseBase:
    """The learner's own judgement of a written answer by its rubric."""
    number = _attempt_number(request)
    page = get_step_page(request, lesson=lesson, step=step, delivery=delivery, number=number)
    _sitting, view = _item(page, position)
    try:
        require_same_reader(request)
        answered = view.answered and view.released
        if view.item is None or not answered or page.study.learner is None:
            raise quizzes.Closed(_("Hand in your answer first."))
        quizzes.assess_own_response(
            item=view.item, levels=sent_levels(view, request.POST), by=page.study.learner
        )
    except (InvalidAnswer, quizzes.WorkRefused) as refusal:
        return _refused(request, page, position, refusal)
    if not wants_fragment(request):
        attempt = "" if number is None else f"?attempt={number}"
        return redirect(f"{page.address}{attempt}#{view.prefix}")
    page.reload()
    return _draw(request, page, position=position)


@login_not_required
@require_POST
def quiz_start(
    request: HttpRequest, lesson: str, step: str, delivery: str = ""
) -> HttpResponseBase:
    """Begin an attempt, or another one after the last was handed in."""
    page = get_step_page(request, lesson=lesson, step=step, delivery=delivery)
    if page.sitting is None:
        raise Http404
    learner = _begin_learning(request, page)
    try:
        domain.start_quiz(
            sitting=page.sitting,
            step_id=page.step.pk,
            progress=page.progress,
            seed=int(get_random_string(9, "123456789")),
            version=page.study.version,
            by=learner,
        )
    except quizzes.WorkRefused as refusal:
        messages.error(request, refusal.message)
    return redirect(f"{page.address}#questions")


@login_not_required
@require_POST
def quiz_review(
    request: HttpRequest, lesson: str, step: str, delivery: str = ""
) -> HttpResponseBase:
    """Save all answers of a graded quiz as drafts, then show them before they are handed in."""
    page = get_step_page(request, lesson=lesson, step=step, delivery=delivery)
    sitting = _graded(page)
    refusals: list[tuple[int, Refusal]] = []
    if sitting.attempt is None and same_reader(request):
        return redirect(page.address)
    for view in sitting.items:
        try:
            require_same_reader(request)
            submission = view.read(request.POST, partial=True)
            unchanged = submission.answer == (view.answer or {})
            if unchanged and submission.confidence == view.confidence:
                continue
            if view.item is not None:
                quizzes.save_draft(item=view.item, submission=submission)
        except (InvalidAnswer, quizzes.WorkRefused) as refusal:
            refusals.append((view.position, refusal))
    if refusals:
        return _review_refused(request, page, refusals)
    return redirect(f"{page.address}?review=1")


@login_not_required
@require_POST
def quiz_submit(
    request: HttpRequest, lesson: str, step: str, delivery: str = ""
) -> HttpResponseBase:
    """Hand in a graded quiz. Sent twice, it is handed in once."""
    page = get_step_page(request, lesson=lesson, step=step, delivery=delivery)
    sitting = _graded(page)
    own = str(sitting.attempt.number) if sitting.attempt else ""
    if not same_reader(request):
        messages.error(request, str(OTHER_READER))
    elif request.POST.get("attempt", own) != own:
        messages.error(request, _("That attempt was handed in already. This is a later one."))
    elif sitting.attempt is not None and page.study.learner is not None:
        domain.hand_in(
            attempt=sitting.attempt,
            step_id=page.step.pk,
            progress=page.progress,
            by=page.study.learner,
        )
    return redirect(f"{page.address}#result")


@login_not_required
@require_POST
def step_finish(
    request: HttpRequest, lesson: str, step: str, delivery: str = ""
) -> HttpResponseBase:
    """Go on to the next step, leaving this one completed or skipped."""
    page = get_step_page(request, lesson=lesson, step=step, delivery=delivery)
    answered = page.answered
    if page.must_answer:
        messages.error(request, _("Answer the questions here first; then the next step opens."))
        return redirect(f"{page.address}#questions")
    learner = _begin_learning(request, page)
    domain.finish_step(
        delivery=page.study.delivery,
        step_id=page.step.pk,
        progress=page.progress,
        by=learner,
        answered=answered,
    )
    return redirect(page.after_address)


@silent_for_nobody
@login_not_required
@require_POST
def step_presence(request: HttpRequest, lesson: str, step: str, delivery: str = "") -> HttpResponse:
    """Count visible time at a step; from readers who have saved something already."""
    page = get_step_page(request, lesson=lesson, step=step, delivery=delivery)
    seconds = request.POST.get("seconds", "")
    if page.study.learner is None or not same_reader(request):
        return HttpResponse(status=204)
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 6):
        return HttpResponse(_("Seconds must be a whole number."), status=422)
    domain.touch_step(
        delivery=page.study.delivery,
        step_id=page.step.pk,
        by=page.study.learner,
        row=page.progress,
        seconds=int(seconds),
    )
    return HttpResponse(status=204)


# --- What the views above share -----------------------------------------------------------


def _begin_learning(request: HttpRequest, page: StepPage) -> Any:
    """The learner who saves something: a visitor becomes a guest now."""
    learner = ensure_learner(request)
    if page.study.learner is None:
        page.study.learner = learner
        page.reader = reader_mark(request)
    return learner


def _item(page: StepPage, position: int, *, practice: bool = False) -> tuple[Sitting, ItemView]:
    sitting = page.sitting
    view = sitting.at(position) if sitting else None
    if sitting is None or view is None or (practice and not sitting.is_practice):
        raise Http404
    return sitting, view


def _graded(page: StepPage) -> Sitting:
    if page.sitting is None or page.sitting.is_practice:
        raise Http404
    return page.sitting


def _attempt_number(request: HttpRequest) -> int | None:
    number = request.GET.get("attempt", "")
    return int(number) if number.isascii() and number.isdigit() and len(number) <= 4 else None


def _draw(
    request: HttpRequest,
    page: StepPage,
    *,
    position: int | None = None,
    reviewing: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The step's page; for htmx the question at `position` with what changed around it."""
    is_fragment = position is not None and wants_fragment(request)
    sheet = _sheet(request, page, "guided/step.html#around" if is_fragment else "guided/step.html")
    values = own_values(request, messages=not is_fragment)
    values |= {"rail": page.rail_html, "reader": page.reader, "banner": page.study.banner}
    item = page.sitting.at(position) if page.sitting and position else None
    if is_fragment and item is not None:
        html = draw_question(item, page, values["csrf"], page.study.version) + sheet.fill(values)
    else:
        values["questions"] = _questions(request, page, values["csrf"], reviewing=reviewing)
        html = sheet.fill(values)
    response = HttpResponse(html, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _context(page: StepPage) -> dict[str, Any]:
    return {
        "page": page,
        "step": page.step,
        "lesson": page.study.lesson,
        "sitting": page.sitting,
        "content": page.content,
    }


def _questions(request: HttpRequest, page: StepPage, token: str, *, reviewing: bool) -> str:
    """The reader's own: what they wrote at an earlier step, where that is shown, and questions."""
    if page.sitting is None:
        return ""
    before = _earlier(page)
    if page.sitting.is_practice:
        drawn = draw_practice(page, token, page.study.version)
        return f'{before}<div id="questions" tabindex="-1">{drawn}</div>'
    context = _context(page) | {"reviewing": reviewing and page.sitting.in_progress}
    return before + render_to_string("guided/step.html#questions", context, request)


def _earlier(page: StepPage) -> str:
    earlier = page.step.earlier
    if earlier is None:
        return ""
    found = earlier_answer(earlier, page.study.delivery, page.study.learner)
    return render_to_string("guided/_earlier.html", {"earlier": found})


def _sheet(request: HttpRequest, page: StepPage, template: str) -> Sheet:
    """What stands around the reader's own work, kept for all who are as far."""
    kind, study = reader_kind(request), page.study
    state = (page.answered, page.is_done, page.has_errors, page.is_private, page.must_answer)
    parts = (
        *(template, page.step.pk, study.delivery.pk, study.drafts, page.revealed, page.open_voice),
        *(state, kind, study.given.answers_address),
    )

    def build() -> Sheet:
        context = {
            "page": page.shared,
            "step": page.step,
            "lesson": study.lesson,
            "content": page.content,
        }
        place = Place(page.address, request.resolver_match)
        return draw_sheet(template, context, kind=kind, place=place)

    return rendered(parts, study.version, build)


def _refused(request: HttpRequest, page: StepPage, position: int, refusal: Refusal) -> HttpResponse:
    """Draw the question again with why nothing was stored, and what was sent."""
    page.reload()
    view = page.sitting.at(position) if page.sitting else None
    if view is not None:
        show_refusal(view, request.POST, refusal)
    return _draw(request, page, position=position, status=status_of(refusal))


def _review_refused(
    request: HttpRequest, page: StepPage, refusals: list[tuple[int, Refusal]]
) -> HttpResponse:
    page.reload()
    for position, refusal in refusals:
        view = page.sitting.at(position) if page.sitting else None
        if view is not None:
            show_refusal(view, request.POST, refusal)
    stale = any(not isinstance(refusal, InvalidAnswer) for _position, refusal in refusals)
    return _draw(request, page, status=409 if stale else 422)
