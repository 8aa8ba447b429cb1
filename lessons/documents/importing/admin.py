"""The pages of an import in admin: bring a source, choose a document, look it over, save."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from lessons.accounts.models import User
from lessons.core.admin import UNPROCESSABLE, VerbatimField
from lessons.core.forms import StorableTextMixin
from lessons.documents.models import (
    Annotation,
    Document,
    Participation,
    Passage,
    PendingImport,
    VoiceSpan,
)

from . import decoding, matching, reading, rereading, reviewing, saving, tei
from .draft import Draft, ImportRefused

KEPT = 5
"""Imports under way that are kept for an editor; the oldest gives way."""

LISTED_FOR = 60 * 60
"""Seconds a volume's list of documents is remembered: to read it anew takes a second or two."""


class SourceForm(StorableTextMixin, forms.Form):
    """A file or pasted words, and what only the editor can know of them."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        allow_empty_file=True,
        help_text=gettext_lazy("Text, Markdown or TEI XML; up to 2 MB, TEI up to 16 MB."),
    )
    text = VerbatimField(
        label=gettext_lazy("or its words, pasted"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "cols": 80}),
    )
    format = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        required=False,
        choices=[
            ("", gettext_lazy("find out")),
            ("archive", gettext_lazy("an archive's text export")),
            ("tei", gettext_lazy("TEI XML (Foreign Relations of the United States)")),
            ("plain", gettext_lazy("plain text or Markdown")),
        ],
    )
    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding"),
        required=False,
        choices=[
            ("", gettext_lazy("UTF-8, or as the file says")),
            ("windows-1251", "Windows-1251"),
            ("windows-1252", "Windows-1252"),
            ("koi8-r", "KOI8-R"),
            ("iso-8859-1", "ISO 8859-1 (Latin-1)"),
        ],
    )
    again = forms.ModelChoiceField(
        label=gettext_lazy("Correct the text of"),
        queryset=Document.objects.all(),
        required=False,
        empty_label=gettext_lazy("none: it is a new document"),
        help_text=gettext_lazy("Notes and questions move along where their words are found again."),
    )

    def decoded(self) -> str:
        """The source's text. Raises ImportRefused."""
        upload = self.cleaned_data.get("file")
        if upload is None:
            text = str(self.cleaned_data["text"])
            decoding.refuse_size(text.encode())
            decoding.check(text)
            return text
        data = upload.read(decoding.XML_LIMIT + 1)
        return decoding.decode(data, encoding=self.cleaned_data["encoding"])


View = Callable[..., HttpResponse]


def import_urls(admin: Any) -> list[URLPattern]:
    """The addresses below a DocumentAdmin's own, named admin:documents_document_import…"""

    def mine(view: Callable[..., HttpResponse]) -> View:
        @wraps(view)
        def allowed(request: HttpRequest, **parts: Any) -> HttpResponse:
            if not admin.has_add_permission(request):
                raise PermissionDenied
            return view(admin, request, **parts)

        return admin.admin_site.admin_view(allowed)  # type: ignore[no-any-return]

    name = "documents_document_import"
    return [
        path("import/", mine(import_start), name=name),
        path("import/<uuid:id>/choose/", mine(import_choose), name=f"{name}_choose"),
        path("import/<uuid:id>/", mine(import_review), name=f"{name}_review"),
        path("import/<uuid:id>/drop/", mine(import_drop), name=f"{name}_drop"),
    ]


def _page(
    admin: Any, request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    whole = {**admin.admin_site.each_context(request), "opts": Document._meta, **context}
    return render(request, f"admin/documents/document/{template}", whole, status=status)


def _own(request: HttpRequest, id: UUID) -> PendingImport:  # noqa: A002
    return get_object_or_404(PendingImport, pk=id, owner=request.user)


def import_start(admin: Any, request: HttpRequest) -> HttpResponse:
    form = SourceForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            again = form.cleaned_data["again"]
            if again is not None and not admin.has_change_permission(request, again):
                raise PermissionDenied
            try:
                pending = _take(request, form)
            except ImportRefused as refused:
                form.add_error(None, str(refused))
            else:
                step = "review" if pending.draft else "choose"
                return redirect(f"admin:documents_document_import_{step}", id=pending.pk)
    context = {"title": _("Import a document"), "form": form}
    return _page(admin, request, "import_start.html", context, status)


def _take(request: HttpRequest, form: SourceForm) -> PendingImport:
    """Read the source; only one that can be read is kept."""
    if not form.cleaned_data.get("file") and not form.cleaned_data["text"].strip():
        raise ImportRefused(_("Choose a file, or paste the words."))
    text = form.decoded()
    upload = form.cleaned_data.get("file")
    pending = PendingImport(
        owner=cast("User", request.user),
        name=(upload.name if upload else "")[:200],
        format=form.cleaned_data["format"] or reading.detect(text),
        again=form.cleaned_data["again"],
    )
    pending.text = text
    if pending.format != "tei" or len(_documents(pending)) < 2:
        _read(pending, text, "")
    with transaction.atomic():
        mine = PendingImport.objects.filter(owner=cast("User", request.user))
        old = list(mine.values_list("pk", flat=True)[KEPT - 1 :])
        mine.filter(pk__in=old).delete()
        pending.save(force_insert=True)
    return pending


def _documents(pending: PendingImport) -> list[tei.Listed]:
    def read() -> list[tei.Listed]:
        return tei.documents(tei.parse(pending.text))

    return cast("list[tei.Listed]", cache.get_or_set(f"import-{pending.pk}", read, LISTED_FOR))


def _read(pending: PendingImport, text: str, chosen: str) -> None:
    draft = reading.read(text, form=pending.format, chosen=chosen)
    matching.match(draft)
    pending.chosen, pending.draft = chosen, draft.as_json()


def import_choose(admin: Any, request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The documents of a volume, to choose one of; `q` narrows the list."""
    pending = _own(request, id)
    if pending.format != "tei":
        return redirect("admin:documents_document_import_review", id=pending.pk)
    problem = ""
    if request.method == "POST":
        try:
            _read(pending, pending.text, request.POST.get("id", ""))
        except ImportRefused as refused:
            problem = str(refused)
        else:
            pending.save(update_fields=["chosen", "draft"])
            return redirect("admin:documents_document_import_review", id=pending.pk)
    listed = _documents(pending)
    wanted = request.GET.get("q", "")
    context = {
        "title": _("Choose a document"), "pending": pending, "count": len(listed),
        "found": tei.find(listed, wanted), "q": wanted, "problem": problem,
    }  # fmt: skip
    return _page(admin, request, "import_choose.html", context, UNPROCESSABLE if problem else 200)


def import_review(admin: Any, request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Source and result side by side; every guess can be changed before anything is saved."""
    pending = _own(request, id)
    if not pending.draft:
        return redirect("admin:documents_document_import_choose", id=pending.pk)
    draft = Draft.from_json(pending.draft)
    wanted = request.POST.get("page") if request.method == "POST" else request.GET.get("page")
    page = _page_number(wanted, draft)
    problems: list[str] = []
    if request.method != "POST":
        form = reviewing.FieldsForm(draft)
        return _review(admin, request, pending, draft, form, page, problems)
    form = reviewing.FieldsForm(draft, request.POST)
    reviewing.take_fields(draft, form)
    problems = reviewing.take_changes(draft, request.POST)
    pending.draft = draft.as_json()
    pending.save(update_fields=["draft"])
    action = request.POST.get("do", "")
    if action == "save" and not problems and (pending.again or form.is_valid()):
        try:
            return _save(admin, request, pending, draft)
        except ImportRefused as refused:
            problems = [str(refused)]
    elif not problems and action != "save":
        to = reverse("admin:documents_document_import_review", kwargs={"id": pending.pk})
        moved = _page_number(action.removeprefix("page-"), draft) if "page-" in action else page
        return redirect(f"{to}?page={moved}" + ("#passages" if moved != page else ""))
    if action != "save":
        form = reviewing.FieldsForm(draft)
    return _review(admin, request, pending, draft, form, page, problems, UNPROCESSABLE)


def _page_number(wanted: str | None, draft: Draft) -> int:
    number = int(wanted) if wanted and wanted.isdecimal() and len(wanted) < 5 else 1
    return min(max(1, number), reviewing.pages(draft))


def _review(
    admin: Any,
    request: HttpRequest,
    pending: PendingImport,
    draft: Draft,
    form: reviewing.FieldsForm,
    page: int,
    problems: list[str],
    status: int = 200,
) -> HttpResponse:
    plan = rereading.make_plan(pending.again, draft) if pending.again else None
    last = reviewing.pages(draft)
    context = {
        "title": _("Look the import over"),
        "pending": pending,
        "draft": draft,
        "form": form,
        "plan": plan,
        "problems": problems,
        "rows": reviewing.rows(draft, page),
        "page": page,
        "pages": range(1, last + 1) if last > 1 else None,
        "kinds": Passage.Kind.choices,
        "voices": VoiceSpan.Voice.choices,
        "note_kinds": Annotation.Kind.choices,
        "hands": Participation.Role.choices,
        "speakers": [person for person in draft.people if person.keep],
        "guesses": sum(guess.is_guess for guess in draft.fields.values())
        + sum(p.speaker.is_guess for p in draft.passages if p.kind == "body")
        + sum(p.voice.is_guess for p in draft.passages if p.kind == "body"),
    }
    return _page(admin, request, "import_review.html", context, status)


def _save(admin: Any, request: HttpRequest, pending: PendingImport, draft: Draft) -> HttpResponse:
    with transaction.atomic():
        if pending.again is not None:
            document = pending.again
            if not admin.has_change_permission(request, document):
                raise PermissionDenied
            plan = rereading.make_plan(document, draft)
            orphans = rereading.apply(plan, draft, by=request.user)  # type: ignore[arg-type]
            admin.log_change(request, document, [{"changed": {"name": "import", "object": ""}}])
        else:
            document = saving.save_document(draft, by=request.user)  # type: ignore[arg-type]
            orphans = []
            admin.log_addition(request, document, [{"added": {}}])
        pending.delete()
    change = reverse("admin:documents_document_change", args=[document.pk])
    messages.success(
        request,
        format_html(
            _("“{}” is saved. <a href='{}'>Edit it</a>, or <a href='{}'>look at it as readers will</a>."),  # noqa: E501
            document, change, reverse("documents:document", args=[document.slug]),
        ),
    )  # fmt: skip
    for row in orphans:
        messages.warning(
            request,
            _("%(kind)s “%(row)s” [%(key)s] no longer fits and stays on the old text.")
            % {"kind": row._meta.verbose_name, "row": row, "key": row.key},
        )
    return redirect(change)


@require_POST
def _drop(request: HttpRequest, pending: PendingImport) -> HttpResponse:
    pending.delete()
    messages.info(request, _("The import was given up; nothing was saved."))
    return redirect("admin:documents_document_changelist")


def import_drop(admin: Any, request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    return _drop(request, pending=_own(request, id))
