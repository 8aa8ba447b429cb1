"""Looking things up: text, notes, terms, people, events and places; and the way to every room."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lessons.core.models import ContentVersion
from lessons.documents.lookup import KINDS, groups_of, index_of
from lessons.documents.queries import documents_for, may_preview
from lessons.documents.search import parse


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """`q`: what is looked for; `in`: one kind, complete; `notes=all`: those that interpret, too."""
    version, preview = ContentVersion.current(), may_preview(request.user)
    query = parse(request.GET.get("q", ""))
    kind = request.GET.get("in", "")
    reveal = request.GET.get("notes") == "all"
    index = index_of(version=version, reveal=reveal, preview=preview)
    results = index.search(query)
    groups = groups_of(results, kind=kind if kind in KINDS else "")
    context = {
        "query": query,
        "asked": "q" in request.GET,
        "reveal": reveal,
        "count": len(results),
        "shown": sum(group.count for group in groups),
        "groups": groups,
        "kind": KINDS.get(kind, ""),
        "unknown_kind": bool(kind) and kind not in KINDS,
        "other_spellings": index.other_spellings(query),
        "suggestions": [] if results else index.suggest(query),
        "documents": () if results else documents_for(request.user),
    }
    return render(request, "documents/search.html", context)
