"""People: who they were in the document's days, and where they stand in it."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lessons.core.models import ContentVersion
from lessons.documents.directory import PersonEntry, people_of
from lessons.documents.queries import may_preview

from .previews import preview_or_page


@login_not_required
@require_safe
def person_list(request: HttpRequest) -> HttpResponse:
    people = people_of(version=ContentVersion.current(), preview=may_preview(request.user))
    return render(request, "documents/person_list.html", {"people": people})


@login_not_required
@require_safe
def person_detail(request: HttpRequest, slug: str) -> HttpResponse:
    context = {"person": _person_or_404(request, slug)}
    return render(request, "documents/person_detail.html", context)


@login_not_required
@require_safe
def person_preview(request: HttpRequest, slug: str) -> HttpResponse:
    """A name, a role and a sentence for the small window at a link; the page without a script."""
    person = _person_or_404(request, slug)
    context = {"title": person.name, "aside": person.role, "sentence": person.first_sentence}
    return preview_or_page(request, context, page=person.address)


def _person_or_404(request: HttpRequest, slug: str) -> PersonEntry:
    people = people_of(version=ContentVersion.current(), preview=may_preview(request.user))
    person = people.find(slug)
    if person is None:
        raise Http404
    return person
