"""Saving a form of content: with who and why, on the version it opened, and knowingly.

A save is one edit. What refuses it undoes all of it, and the form is drawn again with what was
typed: 422 for what is to be mended or said, 409 where the row was changed meanwhile.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lessons.core.content.rules import REASON
from lessons.core.edits import WHY_LENGTH, edit
from lessons.core.models import ContentModel, Status
from lessons.core.versions import is_live, version_of
from lessons.core.worddiff import Piece, diff

UNPROCESSABLE = 422
CONFLICT = 409


class ContentRefused(Exception):
    """What was to be saved must not stand as it is; `problems` are for the editor."""

    status = UNPROCESSABLE

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


class Stale(ContentRefused):
    """The row, or what belongs to it, is not what the form was opened on."""

    status = CONFLICT

    def __init__(self) -> None:
        super().__init__(
            [gettext("This was changed while your page was open. Nothing of yours is saved yet.")]
        )


class ThisChange(forms.Form):
    """What a form of content asks beside the content itself."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    why = forms.CharField(
        label=_("Why you change it"),
        required=False,
        max_length=WHY_LENGTH,
        help_text=_("A few words for the history. Needed where readers see the change."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    sure = forms.BooleanField(label=_("Yes, change what readers see"), required=False)

    def __init__(self, *args: Any, live: bool, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "this_%s", **kwargs})
        self.live = live
        if not live:
            del self.fields["sure"]

    def clean_why(self) -> str:
        why: str = self.cleaned_data["why"]
        if why.startswith(REASON.strip()):
            raise forms.ValidationError(gettext("These words are kept for files that are loaded."))
        return why

    def told(self) -> list[str]:
        """What is wrong with it, line by line."""
        return [str(line) for lines in self.errors.values() for line in lines]

    def ask(self) -> list[str]:
        """What is still to be said before the change goes to readers."""
        wanted = []
        if self.live and not self.cleaned_data.get("why"):
            wanted.append(gettext("Say in a few words why you change it."))
            self.add_error("why", wanted[-1])
        if self.live and not self.cleaned_data.get("sure"):
            wanted.append(gettext("This is live for readers: tick that you mean to change it."))
            self.add_error("sure", wanted[-1])
        return wanted


@dataclass(frozen=True)
class Conflict:
    """One field where what is stored now and what was typed differ."""

    where: str
    label: str
    theirs: str
    yours: str
    pieces: Sequence[Piece]


class SavingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    this_change_form: ClassVar[type[ThisChange]] = ThisChange

    def problems(self, obj: Any) -> list[str]:
        """Why the saved row, with its inlines, must not stand; empty where it may.

        A draft may be unfinished: it is told them and saved.
        """
        return []

    def asks(self, request: HttpRequest, obj: Any, change: ThisChange) -> list[str]:
        """What else is to be said of the row as saved; it marks the fields of `change`."""
        return []

    def shape_change(self, change: ThisChange, obj: Any) -> None:
        """Take out of the form what is not asked of this row."""

    def version(self, obj: ContentModel) -> str:
        return version_of(type(obj), [obj.pk])

    # The page

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        answer: HttpResponse
        if request.method != "POST":
            self._open(request, object_id)
            answer = super().changeform_view(request, object_id, form_url, extra_context)
            return answer
        try:
            with edit(by=request.user, why=request.POST.get("why", "")):
                self._open(request, object_id)
                return super().changeform_view(request, object_id, form_url, extra_context)
        except ContentRefused as refused:
            # What an undone save said is not so.
            getattr(messages.get_messages(request), "_queued_messages", []).clear()
            request.refused = refused  # type: ignore[attr-defined]
            answer = super().changeform_view(request, object_id, form_url, extra_context)
            return answer

    def _open(self, request: HttpRequest, object_id: str | None) -> None:
        """Put the form of this change on the request; raises Stale."""
        obj = self.get_object(request, unquote(object_id)) if object_id else None
        allowed = obj is None or self.has_change_permission(request, obj)
        if not allowed:
            return
        # Read before the form is: what is changed in between makes the form stale, not wrong.
        now = self.version(obj) if obj else ""
        live = obj is not None and is_live(obj)
        if request.method != "POST":
            opened = self.this_change_form(initial={"version": now}, live=live)
            self.shape_change(opened, obj)
            request.this_change = opened  # type: ignore[attr-defined]
            return
        stale = obj is not None and request.POST.get("version") != now
        sent = request.POST.copy()
        if stale:  # the form that comes back is of the rows of now, and one has to be sure anew
            sent["version"] = now
            sent.pop("sure", None)
        change = self.this_change_form(sent, live=live)
        self.shape_change(change, obj)
        change.is_valid()
        request.this_change = change  # type: ignore[attr-defined]
        if stale:
            self._keep_rows_that_are_gone(request, obj)
            raise Stale

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:  # type: ignore[type-arg]
        form = super().get_form(request, obj, change=change, **kwargs)
        refused = getattr(request, "refused", None)
        if refused is None:
            return form
        return type(form.__name__, (form,), {"refusals": refused.problems})

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        this: ThisChange = request.this_change  # type: ignore[attr-defined]
        if this.errors:
            raise ContentRefused(this.told())
        touched = form.has_changed() or any(formset.has_changed() for formset in formsets)
        wanted = this.ask() if change and touched else []
        super().save_related(request, form, formsets, change)
        self.refuse_problems(form.instance)
        # Read anew: the instance in the form may hold what was prefetched before its inlines.
        if touched:
            wanted += self.asks(request, self.model._base_manager.get(pk=form.instance.pk), this)
        if wanted:
            raise ContentRefused(wanted)

    def refuse_problems(self, obj: Any) -> None:
        if getattr(obj, "status", None) == Status.DRAFT:
            return
        problems = self.problems(self.model._base_manager.get(pk=obj.pk))
        if problems:
            raise ContentRefused(problems)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        refused = getattr(request, "refused", None)
        context["this_change"] = getattr(request, "this_change", None)
        if isinstance(refused, Stale):
            context["conflicts"] = list(conflicts(context))
            context["their_rows"] = list(_their_rows(request, context))
        context["is_stale"] = isinstance(refused, Stale)
        context["is_typed"] = request.method == "POST"
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        if request.method == "POST":
            response.status_code = refused.status if refused else UNPROCESSABLE
        return response

    def _keep_rows_that_are_gone(self, request: HttpRequest, obj: Any) -> None:
        """What was typed into rows that were deleted meanwhile becomes new rows of the form."""
        sent = request.POST.copy()
        for formset, _inline in self.get_formsets_with_inlines(request, obj):
            model = formset.model
            prefix = formset.get_default_prefix()
            sent_ids = [
                int(pk)
                for name, pk in cast("Any", sent).items()
                if name.startswith(f"{prefix}-") and name.endswith("-id") and str(pk).isdigit()
            ]
            rows = model._base_manager.filter(pk__in=sent_ids)
            living = set(rows.values_list("pk", flat=True))
            revive(sent, prefix, living, lambda pk, model=model: _last_key(model, pk))
        request.POST = sent  # type: ignore[assignment]


def revive(sent: Any, prefix: str, living: set[int], key_of: Any) -> None:
    """In posted data, move a formset's rows whose id is not among `living` behind those that are
    there, as new rows.
    """
    try:
        total = min(int(sent.get(f"{prefix}-TOTAL_FORMS", 0)), 1000)
        initial = int(sent.get(f"{prefix}-INITIAL_FORMS", 0))
    except ValueError:
        return
    gone = [
        n
        for n in range(min(initial, total))
        if (pk := str(sent.get(f"{prefix}-{n}-id", ""))).isdigit() and int(pk) not in living
    ]
    if not gone:
        return
    rows: dict[int, dict[str, list[str]]] = {n: {} for n in range(total)}
    for name in [name for name in sent if name.startswith(f"{prefix}-")]:
        number, _dash, rest = name.removeprefix(f"{prefix}-").partition("-")
        if number.isdigit() and int(number) in rows:
            rows[int(number)][rest] = sent.pop(name)
    for n in gone:
        key = key_of(int(rows[n].pop("id")[0]))
        rows[n].setdefault("key", [key])
    order = [n for n in rows if n not in gone]
    order[initial - len(gone) : initial - len(gone)] = gone
    for at, n in enumerate(order):
        for rest, values in rows[n].items():
            sent.setlist(f"{prefix}-{at}-{rest}", values)
    sent[f"{prefix}-INITIAL_FORMS"] = str(initial - len(gone))


def _last_key(model: Any, pk: int) -> str:
    last = model.history.filter(id=pk).first() if hasattr(model, "history") else None
    return last.key if last else ""


# --- Theirs and yours ---------------------------------------------------------------------------


def conflicts(context: dict[str, Any]) -> Iterator[Conflict]:
    """Where the posted forms differ from the rows as they are stored now."""
    yield from _of_form(context["adminform"].form, "")
    for inline in context["inline_admin_formsets"]:
        kind = str(capfirst(inline.opts.verbose_name))
        for form in inline.formset.initial_forms:
            if form.instance.pk is not None:
                yield from _of_form(form, f"{kind} [{form.instance.key}]")


def _of_form(form: Any, where: str) -> Iterator[Conflict]:
    for name in form.changed_data:
        field = form.fields[name]
        theirs = in_words(field, form.get_initial_for_field(field, name))
        yours = in_words(field, form[name].data)
        if theirs != yours:
            label = str(capfirst(form[name].label))
            yield Conflict(where, label, theirs, yours, diff(theirs, yours))


def in_words(field: forms.Field, value: Any) -> str:
    """A field's value, stored or as typed, as an editor reads it."""
    if isinstance(field, forms.ModelMultipleChoiceField):
        pks = [str(getattr(one, "pk", one)) for one in value or ()]
        rows = cast("Any", field).queryset.filter(pk__in=[pk for pk in pks if pk.isdigit()])
        return "; ".join(sorted(map(str, rows)))
    if isinstance(field, forms.ModelChoiceField):
        pk = str(getattr(value, "pk", value) or "")
        row = cast("Any", field).queryset.filter(pk=pk).first() if pk.isdigit() else None
        return str(row) if row else ""
    if isinstance(field, forms.BooleanField):
        return gettext("yes") if field.to_python(value) else gettext("no")
    if value in (None, ""):
        return ""
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    return str(field.prepare_value(value)).replace("\r\n", "\n").replace("\r", "\n")


def _their_rows(request: HttpRequest, context: dict[str, Any]) -> Iterator[str]:
    """Rows that are there now and are not on the page that was sent."""
    for inline in context["inline_admin_formsets"]:
        formset = inline.formset
        count = formset.initial_form_count()
        sent = {request.POST.get(f"{formset.prefix}-{n}-id") for n in range(count)}
        for row in formset.get_queryset():
            if str(row.pk) not in sent:
                yield f"{capfirst(inline.opts.verbose_name)} “{row}”"
