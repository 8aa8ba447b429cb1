"""The timeline and its knowledge horizon."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from lessons.core.htmx import render_page, wants_fragment
from lessons.core.models import ContentVersion
from lessons.documents.horizons import Reader, Record, facts
from lessons.documents.models import Document
from lessons.documents.queries import documents_for, may_preview
from lessons.documents.timelines import LIFTED, choose, timeline_page


@login_not_required
@require_safe
def timeline(request: HttpRequest) -> HttpResponse:
    version = ContentVersion.current()
    preview = may_preview(request.user)
    document = _document(request)
    context: dict[str, Any] = {"document": document, "is_fragment": wants_fragment(request)}
    if document is not None:
        found = facts(preview=preview, version=version)
        record = Record.of(document)
        choice = choose(request.GET.dict(), found, record)
        context |= {
            "choice": choice,
            "horizon": record.last,
            "readers": Reader.choices,
            "lifted": LIFTED,
            "named": request.GET.get("document"),
            "drawn": timeline_page(document, choice, version=version, preview=preview),
        }
    return render_page(request, "documents/timeline.html", context, partial="timeline")


def _document(request: HttpRequest) -> Document | None:
    """The one the address names, or else the earliest for everyone; None before there is one."""
    slug = request.GET.get("document", "")
    if not slug:
        return Document.objects.published().first()
    try:
        validate_slug(slug)
    except ValidationError:
        raise Http404 from None
    return get_object_or_404(documents_for(request.user), slug=slug)
