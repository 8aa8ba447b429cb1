"""Public pages of the documents: whoever has the address may read, and nobody sees a draft."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from lessons.core.models import ContentVersion
from lessons.documents.citations import DOWNLOADS, LABELS, Style, cite
from lessons.documents.editions import date_text, edition_of
from lessons.documents.models import Document
from lessons.documents.queries import documents_for, may_preview
from lessons.documents.voices import voice_in, waits_for


@login_not_required
@require_safe
def document_list(request: HttpRequest) -> HttpResponse:
    documents = [(document, date_text(document)) for document in documents_for(request.user)]
    return render(request, "documents/document_list.html", {"documents": documents})


@login_not_required
@require_safe
def document_detail(request: HttpRequest, slug: str) -> HttpResponse:
    version = ContentVersion.current()
    document = get_object_or_404(documents_for(request.user), slug=slug)
    style = request.GET.get("cite", "")
    if style and style not in set(Style):
        context = {"document": document, "styles": LABELS.items()}
        return render(request, "documents/cite_unknown.html", context, status=404)
    if style in DOWNLOADS:
        return _download(document, Style(style))
    address = reverse("documents:document", args=[slug])
    voice = voice_in(request)
    waiting = waits_for(request, document) if voice else None
    edition = edition_of(
        document,
        address=address,
        version=version,
        reveal=request.GET.get("notes") == "all",
        preview=may_preview(request.user),
        voice="" if waiting else voice,
    )
    context = {
        "voices_wait": waiting,
        "document": document,
        "date_text": date_text(document),
        "edition": edition,
        "style": style,
        "canonical": request.build_absolute_uri(address),
    }
    return render(request, "documents/document_detail.html", context)


def _download(document: Document, style: Style) -> HttpResponse:
    kind = DOWNLOADS[style]
    text = cite(style, document, document.participations.all())
    return HttpResponse(
        text,
        content_type=kind.content_type,
        headers={"Content-Disposition": f'attachment; filename="{document.slug}.{kind.extension}"'},
    )
