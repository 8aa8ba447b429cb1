"""The forms of classes, members, groups, codes and rosters."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from lessons.core.forms import StorableTextMixin, validate_one_line

from .domain.classes import tidy_code
from .models import Classroom, Group, Invitation, Membership

YEARS = range(2000, 2200)
LEFT_OUT = ("Etc", "SystemV", "US", "Canada", "posix", "right")


def line_field(label: Any, length: int, **kwargs: Any) -> forms.CharField:
    """A text of one line without characters that cannot be seen."""
    kwargs.setdefault("required", False)
    return forms.CharField(label=label, max_length=length, validators=[validate_one_line], **kwargs)


@lru_cache(maxsize=1)
def zone_choices() -> list[Any]:
    """IANA zones by region, without old aliases; for a select."""
    names = sorted(
        name for name in available_timezones() if "/" in name and name.split("/")[0] not in LEFT_OUT
    )
    regions = groupby(names, key=lambda name: name.split("/")[0])
    return [
        ("UTC", "UTC"),
        *((region, [(n, _place(n)) for n in group]) for region, group in regions),
    ]


def _place(zone: str) -> str:
    return zone.split("/", 1)[1].replace("_", " ").replace("/", ", ")


class ClassForm(StorableTextMixin, forms.Form):
    """A class as it is made and changed."""

    name = line_field(_("Name"), 120, required=True, help_text=_("For example: History 10b"))
    term = line_field(_("Term"), 60, help_text=_("For example: Autumn 2026"))
    zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("Dates of this class are typed and shown in it."),
    )
    places = forms.IntegerField(
        label=_("Places"),
        required=False,
        min_value=1,
        max_value=32_000,
        help_text=_("How many students the join code lets in. Empty: as many as come."),
    )

    def __init__(self, *args: Any, zone: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["zone"]
        field.choices = zone_choices()  # type: ignore[attr-defined]
        if zone and not field.valid_value(zone):  # type: ignore[attr-defined]
            field.choices = [(zone, zone), *zone_choices()]  # type: ignore[attr-defined]


class CopyForm(StorableTextMixin, forms.Form):
    name = line_field(_("Name"), 120, required=True)
    term = line_field(_("Term"), 60)


class ExpiryForm(forms.Form):
    """When a code stops to open the class, in the class's zone (which the view activates)."""

    expires_at = forms.DateTimeField(
        label=_("The code stops working"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean_expires_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["expires_at"]
        if moment is not None and moment.year not in YEARS:
            raise ValidationError(_("Choose a year between 2000 and 2199."), code="year")
        return moment


class RosterEntryForm(StorableTextMixin, forms.Form):
    roster_name = line_field(_("Name on the roster"), 120)
    student_number = line_field(_("Student number"), 40)


class RoleForm(forms.Form):
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Membership.Role.choices,
        help_text=_(
            "Assistants see everything and mark; they change no roster, dates, release or grades."
        ),
    )


class TimeForm(forms.Form):
    time_multiplier = forms.DecimalField(
        label=_("Share of time"),
        min_value=Decimal(1),
        max_value=Decimal(10),
        max_digits=4,
        decimal_places=2,
        help_text=_(
            "In all timed work of this class: 1 is the time everybody has, 1.25 a quarter more."
        ),
        widget=forms.NumberInput(attrs={"step": "0.05", "min": "1", "max": "10"}),
    )


class InvitationForm(StorableTextMixin, forms.ModelForm[Invitation]):
    """For one person: a colleague, or a student who shall not use the code."""

    class Meta:
        model = Invitation
        fields = ["name", "email", "role"]
        labels = {"name": _("For whom"), "email": _("E-mail"), "role": _("As")}
        help_texts = {
            "name": _("So that you know whose link it is."),
            "email": _("Nothing is sent from here: you hand the link on yourself."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["name"].validators.append(validate_one_line)
        self.fields["role"].initial = Membership.Role.INSTRUCTOR


class GroupForm(StorableTextMixin, forms.Form):
    name = line_field(_("Name"), 80, required=True)
    members = forms.ModelMultipleChoiceField(
        label=_("Members"),
        queryset=Membership.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, *args: Any, classroom: Classroom, group: Group | None, **kwargs: Any
    ) -> None:
        if group is not None:
            kwargs["initial"] = {"name": group.name, "members": list(group.members.all())}
        super().__init__(*args, **kwargs)
        students = Membership.objects.active().students().filter(classroom=classroom)
        field = self.fields["members"]
        field.queryset = students.select_related("user")  # type: ignore[attr-defined]
        field.label_from_instance = lambda member: member.shown_as  # type: ignore[attr-defined]


class CodeForm(StorableTextMixin, forms.Form):
    code = forms.CharField(
        label=_("Join code"),
        max_length=40,
        help_text=_(
            "Eight letters and digits from your teacher. Spaces and capitals do not matter."
        ),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_code(self) -> str:
        code = tidy_code(self.cleaned_data["code"])
        if not code:
            raise ValidationError(_("Type the letters and digits of the code."), code="required")
        return code


class JoinForm(StorableTextMixin, forms.Form):
    roster_name = line_field(
        _("Your name on the class list"),
        120,
        help_text=_("As your teacher knows you. Only the teachers of this class see it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class RosterForm(StorableTextMixin, forms.Form):
    """A file or pasted text; the view reads either."""

    text = forms.CharField(
        label=_("Paste the list"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_(
            "One learner a line: name, and if you like e-mail and student number, in any order. "
            "From a spreadsheet, copy the columns and paste them here."
        ),
    )
    file = forms.FileField(
        label=_("Or choose a file"),
        required=False,
        allow_empty_file=True,
        help_text=_("CSV, at most 2,000 rows; commas, semicolons or tabs."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv,text/plain"}),
    )


def first_errors(form: forms.BaseForm) -> Iterable[str]:
    """All that is wrong with a form, as plain words for a message."""
    return [str(error) for errors in form.errors.values() for error in errors]
