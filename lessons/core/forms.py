"""How every form of ours is drawn, and what no text field of ours takes in."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.forms.renderers import TemplatesSetting
from django.http import QueryDict
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from .models import MistakeReport

BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the text around them; an Urdu or Hindi name needs none of them."""
UNPRINTABLE = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


class Renderer(TemplatesSetting):
    """Labels above fields, help and errors tied to them, an error summary on top."""

    form_template_name = "core/forms/form.html"
    field_template_name = "core/forms/field.html"


def refuse_lone_surrogates(data: Mapping[str, Any]) -> None:
    """Raise BadRequest (400) where a posted text could be neither stored nor shown again.

    UTF-8 bodies never decode to lone surrogates, but a multipart body may name its own charset.
    """
    for name in data:
        values = data.getlist(name) if isinstance(data, QueryDict) else [data[name]]
        for text in (name, *(str(value) for value in values)):
            try:
                text.encode()
            except UnicodeEncodeError:
                raise BadRequest("The text sent is not valid Unicode.") from None


def typed_texts(data: QueryDict) -> list[str]:
    """What somebody wrote in a posted form of any kind, to be shown where it was not stored.

    An answer of any length, and elsewhere what is longer than a token; never a password.
    """
    return [
        str(value)
        for name, values in data.lists()
        if name != "csrfmiddlewaretoken" and "password" not in name
        for value in values
        if value and (name.endswith("-text") or len(str(value)) > 40)
    ]


class StorableTextMixin(forms.BaseForm):
    """For a form whose text is stored or shown again: refuses lone surrogates with 400."""

    def full_clean(self) -> None:
        if self.is_bound:
            refuse_lone_surrogates(self.data)
        super().full_clean()


def validate_one_line(text: str) -> None:
    """Refuse control characters, line breaks and turners of text in a name or a key."""
    if any(char in BIDI_CONTROLS or unicodedata.category(char) in UNPRINTABLE for char in text):
        raise ValidationError(
            _("Leave out characters that cannot be seen, and line breaks."), code="unprintable"
        )


def is_local_path(address: str) -> bool:
    """True for a path on this site, such as /documents/hussein/?cite=3#p4."""
    return address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)


class MistakeReportForm(StorableTextMixin, forms.ModelForm[MistakeReport]):
    """What a reader says is wrong, and where; the place comes from the link that led here."""

    class Meta:
        model = MistakeReport
        fields = ["subject", "subject_key", "address", "body"]
        widgets = {
            "subject": forms.HiddenInput,
            "subject_key": forms.HiddenInput,
            "address": forms.HiddenInput,
            "body": forms.Textarea(attrs={"rows": 6}),
        }
        labels = {"body": _("What is wrong?")}
        help_texts = {
            "body": _(
                "Name a source that shows it, if you know one, but please no names of pupils."
            )
        }
        error_messages = {"body": {"required": _("Write what is wrong.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "report_%s")  # it may stand on a page with other forms
        super().__init__(*args, **kwargs)

    @staticmethod
    def place_from(query: QueryDict) -> dict[str, str]:
        """Initial values from an address's query; what is not well-formed becomes "a page"."""
        subject, key = query.get("subject", ""), query.get("key", "")
        address = query.get("address") or query.get("page") or ""
        return {
            "subject": subject if subject in MistakeReport.Subject.values else "page",
            "subject_key": key if len(key) <= 300 else "",
            "address": address if is_local_path(address) and len(address) <= 300 else "/",
        }

    def clean_subject_key(self) -> str:
        key: str = self.cleaned_data["subject_key"]
        validate_one_line(key)
        return key

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        validate_one_line(address)
        if not is_local_path(address):
            raise ValidationError(_("The page must be one of this site."), code="address")
        return address
