"""Giving out work: choose, say for whom and when, plan, extend, release."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lessons.classrooms import plans
from lessons.classrooms.access import InClass, May, assignment_or_404, in_class
from lessons.classrooms.assignment_forms import (
    AssignmentForm,
    ExtensionForm,
    initial_of_terms,
    number_in_full,
)
from lessons.classrooms.catalogue import (
    LONGEST_SEARCH,
    Choice,
    catalogue,
    find,
    search,
    thing_of,
)
from lessons.classrooms.counting import WAITING
from lessons.classrooms.domain import assignments as domain
from lessons.classrooms.domain.refusals import ClassRefused
from lessons.classrooms.marking import written_items
from lessons.classrooms.models import Assignment, Classroom, Membership
from lessons.classrooms.saying import attempts_words, everyones_words, limit_words, release_words
from lessons.classrooms.work import given_work, last_extension_of
from lessons.core.forms import refuse_lone_surrogates
from lessons.core.models import ContentVersion
from lessons.core.moments import next_time
from lessons.quizzes.models import Attempt, DeliveryException
from lessons.quizzes.models.deliveries import Gating, LatePolicy, Release
from lessons.quizzes.terms import resolve_terms

LEARNERS_A_PAGE = 50


# --- The list -------------------------------------------------------------------------------


@in_class(May.TEACH)
@require_safe
def assignment_list(request: HttpRequest, here: InClass) -> HttpResponse:
    """What is given out in this class, in its own order, with who is done."""
    rows = given_work(here.classroom)
    waiting = {row.last_extension.learner_id for row in rows if row.last_extension}
    names = _names(here.classroom, waiting)
    listed = [
        {
            "row": row,
            "release": release_words(
                row.assignment.delivery,
                here.classroom,
                extension=row.last_extension,
                name=names.get(row.last_extension.learner_id, "") if row.last_extension else "",
            ),
        }
        for row in rows
    ]
    context = {
        "here": here,
        "given": [one for one in listed if one["row"].assignment.withdrawn_at is None],  # type: ignore[attr-defined]
        "withdrawn": [one for one in listed if one["row"].assignment.withdrawn_at is not None],  # type: ignore[attr-defined]
        "zone": here.classroom.tz,
    }
    return render(request, "classrooms/assignment_list.html", context)


@in_class(May.MANAGE)
@require_POST
def assignment_move(request: HttpRequest, here: InClass, assignment: int) -> HttpResponseBase:
    row = assignment_or_404(here.classroom, assignment)
    domain.move(assignment=row, by=here.user, up=request.POST.get("direction") == "up")
    return redirect(f"{_list_address(here)}#assignment-{row.pk}")


@in_class(May.MANAGE)
@require_POST
def assignment_withdraw(request: HttpRequest, here: InClass, assignment: int) -> HttpResponseBase:
    """Take an assignment back, or (restore=1) give it again as it was."""
    row = assignment_or_404(here.classroom, assignment)
    restored = request.POST.get("restore") == "1"
    domain.withdraw(assignment=row, by=here.user, withdrawn=not restored)
    words = {"title": row.title}
    if restored:
        messages.success(request, _("“%(title)s” is given out again.") % words)
    else:
        messages.success(
            request,
            _("“%(title)s” is withdrawn; students do not see it. You can give it back below.")
            % words,
        )
    return redirect(f"{_list_address(here)}#assignment-{row.pk}")


# --- Giving out -----------------------------------------------------------------------------


@in_class(May.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def assignment_new(request: HttpRequest, here: InClass) -> HttpResponseBase:
    """First what, then for whom and when. `what` names a choice, `from` an assignment to repeat."""
    choices = catalogue(ContentVersion.current())
    source = _source(here, request.GET.get("from", ""))
    code = request.GET.get("what", "") if source is None else _code_of(source)
    choice = find(choices, code)
    if choice is None:
        return _choose(request, here, choices)
    initial = _defaults(here.classroom, choice)
    if source is not None:
        initial |= _repeated(source, here.classroom)
    if request.method != "POST":
        form = AssignmentForm(classroom=here.classroom, initial=initial)
        return _new_page(request, here, form, choice, source)
    form = AssignmentForm(request.POST, classroom=here.classroom, initial=initial)
    if not form.is_valid():
        return _new_page(request, here, form, choice, source, status=422)
    try:
        row = domain.give_out(
            classroom=here.classroom,
            by=here.user,
            what=thing_of(choice),
            terms=form.terms,
            plan=domain.plan_of(source) if source else None,
            **form.words,
            **form.chosen,
        )
    except ClassRefused as refusal:
        form.refuse(refusal)
        return _new_page(request, here, form, choice, source, status=422)
    _say(request, form, _("“%(title)s” is given out.") % {"title": row.title})
    return redirect(f"{_list_address(here)}#assignment-{row.pk}")


def _choose(request: HttpRequest, here: InClass, choices: tuple[Choice, ...]) -> HttpResponse:
    refuse_lone_surrogates(request.GET)
    words = request.GET.get("q", "").replace("\0", "")[:LONGEST_SEARCH].strip()
    context = {
        "here": here,
        "q": words,
        "choices": search(choices, words),
        "may_preview": here.user.is_instructor or here.user.is_staff,
        "unknown": bool(request.GET.get("what") or request.GET.get("from")),
    }
    return render(request, "classrooms/assignment_choose.html", context)


def _new_page(
    request: HttpRequest,
    here: InClass,
    form: AssignmentForm,
    choice: Choice,
    source: Assignment | None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "here": here,
        "form": form,
        "choice": choice,
        "source": source,
        "may_preview": here.user.is_instructor or here.user.is_staff,
    }
    return render(request, "classrooms/assignment_new.html", context, status=status)


def _defaults(classroom: Classroom, choice: Choice) -> dict[str, Any]:
    """What most would choose: the whole class, a week, and answers at once for practice.

    A graded quiz alone shows its answers when the last student's due date has passed, since
    answers wander.
    """
    alone = choice.code.startswith("quiz-") and choice.is_graded
    return {
        "title": choice.title,
        "audience": AssignmentForm.EVERYONE,
        "due_at": next_time(timezone.now(), classroom.tz, days=7, hour=17),
        "late_policy": LatePolicy.NONE,
        "release": Release.AFTER_DUE if alone else Release.AT_ONCE,
        "gating": Gating.SOFT,
        "weight": "1",
    }


def _repeated(source: Assignment, classroom: Classroom) -> dict[str, Any]:
    """Everything of an assignment that is given again but its dates; whom, in the same class."""
    initial = initial_of_terms(source.delivery)
    dated = ("opens_at", "due_at", "closes_at")
    initial = {name: value for name, value in initial.items() if name not in dated}
    initial |= {
        "title": source.title,
        "instructions": source.instructions,
        "weight": number_in_full(source.weight),
    }
    if source.classroom_id == classroom.pk:
        initial |= _audience(source)
    return initial


def _audience(row: Assignment) -> dict[str, Any]:
    everyone = row.is_for_everyone
    return {
        "audience": AssignmentForm.EVERYONE if everyone else AssignmentForm.SOME,
        "groups": list(row.groups.values_list("pk", flat=True)),
        "members": list(row.members.values_list("pk", flat=True)),
    }


def _source(here: InClass, key: str) -> Assignment | None:
    """An assignment of this class, or of another where the person is an instructor too."""
    if not (key.isascii() and key.isdigit() and len(key) < 18):
        return None
    theirs = Membership.objects.active().filter(user=here.user, role=Membership.Role.INSTRUCTOR)
    rows = Assignment.objects.select_related("delivery", "module", "lesson", "quiz", "classroom")
    return rows.filter(pk=int(key), classroom__in=theirs.values("classroom")).first()


def _code_of(row: Assignment) -> str:
    if row.module_id:
        return f"module-{row.module_id}"
    return f"lesson-{row.lesson_id}" if row.lesson_id else f"quiz-{row.quiz_id}"


# --- Changing -------------------------------------------------------------------------------


@in_class(May.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def assignment_edit(request: HttpRequest, here: InClass, assignment: int) -> HttpResponseBase:
    """Terms, words and for whom; says what changes for those who have begun."""
    row = assignment_or_404(here.classroom, assignment)
    initial = {
        **initial_of_terms(row.delivery),
        **_audience(row),
        "title": row.title,
        "instructions": row.instructions,
        "weight": number_in_full(row.weight),
    }
    if request.method != "POST":
        form = AssignmentForm(classroom=here.classroom, initial=initial)
        return _edit_page(request, here, row, form)
    form = AssignmentForm(request.POST, classroom=here.classroom, initial=initial)
    if not form.is_valid():
        return _edit_page(request, here, row, form, status=422)
    everyone = form.cleaned_data["audience"] == AssignmentForm.EVERYONE
    try:
        domain.change_assignment(
            assignment=row,
            by=here.user,
            terms=form.terms,
            for_everyone=everyone,
            **form.words,
            **({} if everyone else form.chosen),
        )
    except ClassRefused as refusal:
        form.refuse(refusal)
        row.refresh_from_db()
        return _edit_page(request, here, row, form, status=422)
    _say(request, form, _("“%(title)s” is changed.") % {"title": row.title})
    return redirect(f"{_list_address(here)}#assignment-{row.pk}")


def _edit_page(
    request: HttpRequest,
    here: InClass,
    row: Assignment,
    form: AssignmentForm,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {"here": here, "assignment": row, "form": form, **_underway(row)}
    return render(request, "classrooms/assignment_edit.html", context, status=status)


def _underway(row: Assignment) -> dict[str, int]:
    """How many students have begun, and how many attempts of theirs are open."""
    learners = domain.learners_of(row).values("user")
    attempts = Attempt.objects.filter(delivery=row.delivery_id, learner__in=learners)
    return {
        "open_count": attempts.filter(submitted_at__isnull=True).count(),
        "begun_count": attempts.values("learner").distinct().count(),
    }


@in_class(May.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def assignment_plan(request: HttpRequest, here: InClass, assignment: int) -> HttpResponseBase:
    """Leave out or reorder steps and questions. Up and down redraw the form; Save stores it."""
    row = assignment_or_404(here.classroom, assignment)
    form = plans.plan_form(row)
    if request.method != "POST":
        return _plan_page(request, here, row, form)
    refuse_lone_surrogates(request.POST)
    if "restore" in request.POST:
        domain.change_assignment(assignment=row, by=here.user, plan=domain.Plan())
        messages.success(request, _("Everything is asked as it stands in the lessons."))
        return redirect(request.path)
    form.read(request.POST)
    name, _colon, direction = request.POST.get("move", "").partition(":")
    if name:
        form.move(name, up=direction == "up")
        return _plan_page(request, here, row, form, moved=name)
    if not form.check():
        return _plan_page(request, here, row, form, status=422)
    domain.change_assignment(assignment=row, by=here.user, plan=form.plan())
    messages.success(request, _("The plan is saved."))
    return redirect(request.path)


def _plan_page(
    request: HttpRequest,
    here: InClass,
    row: Assignment,
    form: plans.PlanForm,
    *,
    moved: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "here": here,
        "assignment": row,
        "form": form,
        "moved": moved,
        "preview": reverse("classrooms:work", args=[row.delivery.key]),
        **_underway(row),
    }
    return render(request, "classrooms/assignment_plan.html", context, status=status)


@in_class(May.MANAGE)
@require_safe
def assignment_copy(request: HttpRequest, here: InClass, assignment: int) -> HttpResponse:
    """Into which class the same work is given: this one again, or another of the person's own."""
    row = assignment_or_404(here.classroom, assignment)
    own = Membership.objects.active().filter(user=here.user, role=Membership.Role.INSTRUCTOR)
    classes = Classroom.objects.current().filter(pk__in=own.values("classroom"))
    context = {"here": here, "assignment": row, "classes": classes}
    return render(request, "classrooms/assignment_copy.html", context)


# --- Extensions -------------------------------------------------------------------------------


@in_class(May.MANAGE)
@require_safe
def assignment_extensions(request: HttpRequest, here: InClass, assignment: int) -> HttpResponse:
    """The terms that hold for each student, with their own marked."""
    row = assignment_or_404(here.classroom, assignment)
    learners = _learners(row)
    page = Paginator(learners, LEARNERS_A_PAGE).get_page(request.GET.get("page"))
    own = {
        exception.learner_id: exception
        for exception in DeliveryException.objects.filter(
            delivery=row.delivery_id, learner__in=[member.user_id for member in page]
        )
    }
    extension = last_extension_of(row.delivery)
    names = _names(here.classroom, {extension.learner_id} if extension else set())
    context = {
        "here": here,
        "assignment": row,
        "page": page,
        "rows": [_effective(row, member, own.get(member.user_id)) for member in page],
        "zone": here.classroom.tz,
        "release": release_words(
            row.delivery,
            here.classroom,
            extension=extension,
            name=names.get(extension.learner_id, "") if extension else "",
        ),
    }
    return render(request, "classrooms/assignment_extensions.html", context)


def _effective(
    row: Assignment, member: Membership, exception: DeliveryException | None
) -> dict[str, Any]:
    """What holds for one student; `own` names the fields that are theirs alone."""
    terms = resolve_terms(row.delivery, row.quiz, exception)
    own = {name for name in domain.EXTENDABLE if getattr(exception, name, None) is not None}
    return {
        "member": member,
        "terms": terms,
        "attempts": attempts_words(terms.attempts_allowed),
        "limit": limit_words(terms),
        "multiplier": exception.time_multiplier if exception else None,
        "reason": exception.reason if exception else "",
        "own": own,
    }


@in_class(May.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def assignment_extension(
    request: HttpRequest, here: InClass, assignment: int, membership: int
) -> HttpResponseBase:
    """One student's own terms, field by field over the class's."""
    row = assignment_or_404(here.classroom, assignment)
    member = _learners(row).filter(pk=membership).first()
    if member is None:
        raise Http404
    exception = row.delivery.exceptions.filter(learner=member.user_id).first()
    initial = _initial_of(exception)
    words = everyones_words(row)
    if request.method != "POST":
        form = ExtensionForm(classroom=here.classroom, everyones=words, initial=initial)
        return _extension_page(request, here, row, member, exception, form)
    form = ExtensionForm(request.POST, classroom=here.classroom, everyones=words, initial=initial)
    if not form.is_valid():
        return _extension_page(request, here, row, member, exception, form, status=422)
    try:
        domain.extend(
            assignment=row,
            membership=member,
            by=here.user,
            reason=form.cleaned_data["reason"],
            **form.terms,
        )
    except ClassRefused as refusal:
        form.refuse(refusal)
        return _extension_page(request, here, row, member, exception, form, status=422)
    _say(request, form, _("Terms of %(name)s are saved.") % {"name": member.shown_as})
    return redirect(f"{_extensions_address(here, row)}#member-{member.pk}")


def _initial_of(exception: DeliveryException | None) -> dict[str, Any]:
    if exception is None:
        return {}
    seconds = exception.time_limit_seconds
    return {
        "opens_at": exception.opens_at,
        "due_at": exception.due_at,
        "closes_at": exception.closes_at,
        "attempts_allowed": exception.attempts_allowed,
        "time_limit": -(-seconds // 60) if seconds else None,
        "reason": exception.reason,
    }


def _extension_page(
    request: HttpRequest,
    here: InClass,
    row: Assignment,
    member: Membership,
    exception: DeliveryException | None,
    form: ExtensionForm,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "here": here,
        "assignment": row,
        "member": member,
        "form": form,
        "effective": _effective(row, member, exception),
        "zone": here.classroom.tz,
    }
    return render(request, "classrooms/assignment_extension.html", context, status=status)


@in_class(May.MANAGE)
@require_POST
def assignment_extension_remove(
    request: HttpRequest, here: InClass, assignment: int, membership: int
) -> HttpResponseBase:
    row = assignment_or_404(here.classroom, assignment)
    member = _learners(row).filter(pk=membership).first()
    if member is None:
        raise Http404
    try:
        domain.take_extension_back(assignment=row, membership=member, by=here.user)
    except ClassRefused as refusal:
        messages.error(request, refusal.message)
    else:
        words = {"name": member.shown_as}
        messages.success(request, _("For %(name)s the class's terms hold again.") % words)
    return redirect(f"{_extensions_address(here, row)}#member-{member.pk}")


# --- Release --------------------------------------------------------------------------------


@in_class(May.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def assignment_release(request: HttpRequest, here: InClass, assignment: int) -> HttpResponseBase:
    """Release answers and marks by hand; asked once more, since it cannot be taken back."""
    row = assignment_or_404(here.classroom, assignment)
    error = ""
    if request.method == "POST":
        if row.delivery.release != Release.BY_HAND:
            error = _("This assignment is not released by hand. Change that first.")
        elif request.POST.get("sure") != "yes":
            error = _("Tick the box first. Nothing was released.")
        else:
            domain.release_answers(assignment=row, by=here.user)
            messages.success(request, _("Answers and marks are released; students are told."))
            return redirect(f"{_list_address(here)}#assignment-{row.pk}")
    extension = last_extension_of(row.delivery)
    names = _names(here.classroom, {extension.learner_id} if extension else set())
    context = {
        "here": here,
        "assignment": row,
        "error": error,
        "by_hand": row.delivery.release == Release.BY_HAND and row.delivery.released_at is None,
        "release": release_words(
            row.delivery,
            here.classroom,
            extension=extension,
            name=names.get(extension.learner_id, "") if extension else "",
        ),
        **_unmarked(row),
    }
    template = "classrooms/assignment_release.html"
    return render(request, template, context, status=422 if error else 200)


def _unmarked(row: Assignment) -> dict[str, int]:
    learners = domain.learners_of(row)
    handed_in = Attempt.objects.filter(
        delivery=row.delivery_id,
        submitted_at__isnull=False,
        voided_at__isnull=True,
        learner__in=learners.values("user"),
    )
    return {
        "learner_count": learners.count(),
        "handed_in_count": handed_in.values("learner").distinct().count(),
        "unmarked_count": written_items(row.classroom_id, row.pk).filter(WAITING).count(),
    }


# --- What the views above share -----------------------------------------------------------------


def _learners(row: Assignment) -> QuerySet[Membership]:
    learners: QuerySet[Membership] = domain.learners_of(row)
    return learners.select_related("user").order_by("roster_name", "pk")


def _names(classroom: Classroom, user_ids: set[int]) -> dict[int, str]:
    """What these people are called in the class; none asked, no query."""
    if not user_ids:
        return {}
    members = Membership.objects.filter(classroom=classroom, user__in=user_ids)
    return {member.user_id: member.shown_as for member in members.select_related("user")}


def _list_address(here: InClass) -> str:
    return reverse("classrooms:assignment-list", args=[here.classroom.pk])


def _extensions_address(here: InClass, row: Assignment) -> str:
    return reverse("classrooms:assignment-extensions", args=[here.classroom.pk, row.pk])


def _say(request: HttpRequest, form: AssignmentForm | ExtensionForm, words: str) -> None:
    """Say what was done, and what was made of times that the clocks skip or repeat."""
    messages.success(request, words)
    for note in form.notes:
        messages.warning(request, note)
