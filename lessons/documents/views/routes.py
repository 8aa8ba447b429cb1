"""The map of routes."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from lessons.core.models import ContentVersion
from lessons.documents.atlas import atlas_of, map_page
from lessons.documents.queries import may_preview


@login_not_required
@require_safe
def route_map(request: HttpRequest) -> HttpResponse:
    """Every route, or those named by `?route=`; `?chosen=` says that naming none was meant."""
    version = ContentVersion.current()
    preview = may_preview(request.user)
    atlas = atlas_of(version, preview=preview)
    asked = set(request.GET.getlist("route"))
    choosing = bool(asked) or "chosen" in request.GET
    chosen = tuple(key for key in atlas.keys if key in asked) if choosing else atlas.keys
    context = {
        "ways": atlas.ways,
        "chosen": chosen,
        "is_whole": chosen == atlas.keys,
        "unknown": not asked <= set(atlas.keys),
        "year": atlas.year,
        "html": map_page(atlas, chosen, version=version, preview=preview) if chosen else "",
        "canonical": request.build_absolute_uri(reverse("documents:map")),
    }
    return render(request, "documents/route_map.html", context)
