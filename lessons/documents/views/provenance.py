"""The way from the talk to the reader, link by link."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from lessons.core.models import ContentVersion
from lessons.documents.ladders import provenance_html
from lessons.documents.queries import documents_for


@login_not_required
@require_safe
def provenance(request: HttpRequest, slug: str) -> HttpResponse:
    version = ContentVersion.current()
    document = get_object_or_404(documents_for(request.user), slug=slug)
    context = {"document": document, "ladder": provenance_html(document.pk, version)}
    return render(request, "documents/provenance.html", context)
