"""*Content as files* in admin: what differs from the files on disk, and all of them to keep.

Files are not taken in here: what they say comes in by `manage.py load_content`, which whoever
looks after the server runs once the difference was read by somebody.
"""

import io
import zipfile
from datetime import UTC, datetime

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from . import content

UNCHANGING = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive: the same content is the same archive."""


def may_see(request: HttpRequest) -> bool:
    """Whoever may look at all of the content may have it as files."""
    user = request.user
    return bool(user.is_active and user.is_staff) and user.has_perms(
        [f"{m._meta.app_label}.view_{m._meta.model_name}" for m in content.content_models()]
    )


@require_safe
def differences(request: HttpRequest) -> HttpResponse:
    if not may_see(request):
        raise PermissionDenied
    export, mistakes = _export()
    return TemplateResponse(
        request,
        "admin/content_files.html",
        {
            **admin.site.each_context(request),
            "title": _("Content as files"),
            "export": export,
            "mistakes": mistakes,
            "are_newer": content.files_are_newer(),
        },
    )


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    if not may_see(request):
        raise PermissionDenied
    export, mistakes = _export()
    if export is None:
        return HttpResponse("\n".join(mistakes), status=409, content_type="text/plain")
    if request.GET.get("as") == "diff":
        answer = HttpResponse(export.diff(), content_type="text/x-diff; charset=utf-8")
        return _named(answer, "diff")
    return _named(HttpResponse(_archive(export), content_type="application/zip"), "zip")


def _export() -> tuple[content.Export | None, list[str]]:
    try:
        return content.export(), []
    except content.Mistake as mistake:
        return None, mistake.lines


def _archive(export: content.Export) -> bytes:
    """Every file as a load would read it, and what differs from those on disk."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in export.after.items():
            archive.writestr(zipfile.ZipInfo(f"fixtures/{name}", UNCHANGING), text.encode())
        archive.writestr(zipfile.ZipInfo("changes.diff", UNCHANGING), export.diff().encode())
    return packed.getvalue()


def _named(answer: HttpResponse, kind: str) -> HttpResponse:
    day = datetime.now(UTC).date().isoformat()
    answer["Content-Disposition"] = f'attachment; filename="content-{day}.{kind}"'
    return answer
