"""The glossary: every term on one page, and the way to each."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lessons.core.models import ContentVersion
from lessons.documents.directory import TermEntry, glossary_of
from lessons.documents.queries import may_preview

from .previews import preview_or_page


@login_not_required
@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    terms = glossary_of(version=ContentVersion.current(), preview=may_preview(request.user))
    return render(request, "documents/glossary.html", {"letters": terms.letters})


@login_not_required
@require_safe
def term(request: HttpRequest, slug: str) -> HttpResponse:
    return redirect(_term_or_404(request, slug).address)


@login_not_required
@require_safe
def term_preview(request: HttpRequest, slug: str) -> HttpResponse:
    """A term and a sentence for the small window at a link; its place without a script."""
    found = _term_or_404(request, slug)
    later = _("a later word: from %(year)s") % {"year": found.later} if found.later else ""
    context = {"title": found.term, "aside": later, "sentence": found.first_sentence}
    return preview_or_page(request, context, page=found.address)


def _term_or_404(request: HttpRequest, slug: str) -> TermEntry:
    terms = glossary_of(version=ContentVersion.current(), preview=may_preview(request.user))
    found = terms.find(slug)
    if found is None:
        raise Http404
    return found
