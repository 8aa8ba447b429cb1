"""The forms by which work is given out. Times are typed in the class's own zone."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lessons.core.forms import StorableTextMixin, validate_one_line
from lessons.core.moments import read_local, to_local, zone_name
from lessons.quizzes.models import Delivery
from lessons.quizzes.models.deliveries import Gating, LatePolicy, Release

from .domain.refusals import ClassRefused
from .models import Classroom, Group, Membership

FIRST_YEAR, LAST_YEAR = 2000, 2100
FORMATS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")
ONE_LINE = [validate_one_line]

# Fields of the database's own words become the form's: what is refused is shown beside its field.
FIELD_OF_TERM = {"time_limit_seconds": "time_limit", "late_per_day": "late_percent"}


class MomentField(forms.Field):
    """A date and time in a class's zone; cleaned, the instant in UTC.

    A time that the clocks skip is taken as long after the change as it is written after its
    start; one that they show twice is taken the second time for an end (`is_end`), the first time
    for a beginning, which is in the student's favour both times. `note` then says what was taken.
    A value that was not touched keeps the instant it stood for.
    """

    widget = forms.DateTimeInput

    def __init__(self, *, zone: ZoneInfo, is_end: bool = True, **options: Any) -> None:
        options.setdefault("required", False)
        super().__init__(**options)
        self.zone, self.is_end = zone, is_end
        self.note = ""
        self.before: datetime | None = None
        self.widget.attrs |= {
            "min": f"{FIRST_YEAR}-01-01T00:00",
            "max": f"{LAST_YEAR}-12-31T23:59",
        }
        self.widget.input_type = "datetime-local"
        self.widget.format = FORMATS[0]

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return to_local(value, self.zone)
        return value[:40] if isinstance(value, str) else value

    def to_python(self, value: Any) -> datetime | None:
        text = str(value or "").strip()
        if not text:
            return None
        if self.before is not None and text == to_local(self.before, self.zone):
            return self.before
        local = _parsed(text)
        read = read_local(local, self.zone, later=self.is_end)
        if read.skipped or read.repeated:
            self.note = self._said(local, read.moment.astimezone(self.zone), skipped=read.skipped)
        return read.moment

    def _said(self, typed: datetime, taken: datetime, *, skipped: bool) -> str:
        words = {
            "field": self.label,
            "typed": date_format(typed, "j F Y, H:i"),
            "taken": date_format(taken, "H:i"),
            "zone": zone_name(self.zone),
        }
        if skipped:
            return (
                _(
                    "%(field)s: the clocks in %(zone)s go forward over %(typed)s, so %(taken)s was"
                    " taken."
                )
                % words
            )
        if self.is_end:
            return (
                _(
                    "%(field)s: the clocks in %(zone)s show %(typed)s twice; the second time was"
                    " taken."
                )
                % words
            )
        return (
            _("%(field)s: the clocks in %(zone)s show %(typed)s twice; the first time was taken.")
            % words
        )


def _parsed(text: str) -> datetime:
    for pattern in FORMATS:
        try:
            local = datetime.strptime(text, pattern)  # noqa: DTZ007  # its zone is the class's
        except ValueError:
            continue
        if FIRST_YEAR <= local.year <= LAST_YEAR:
            return local
        raise ValidationError(_("Give a year between 2000 and 2100."), code="year")
    raise ValidationError(
        _("Give a day and a time, such as 2026-05-04 17:00."), code="invalid_moment"
    )


class TermsMixin(forms.BaseForm):
    """What the two forms below share: dates of a class, and refusals tied to fields."""

    dates = ("opens_at", "due_at", "closes_at")

    def know_dates(self, before: Mapping[str, datetime | None]) -> None:
        for name in self.dates:
            field = self.fields[name]
            if isinstance(field, MomentField):
                field.before = before.get(name)

    @property
    def notes(self) -> list[str]:
        """What was made of times that do not exist or come twice."""
        fields = (self.fields[name] for name in self.dates)
        return [field.note for field in fields if isinstance(field, MomentField) and field.note]

    def refuse(self, refusal: ClassRefused) -> None:
        """Show why the domain would not do it, beside the field it is about."""
        name = FIELD_OF_TERM.get(refusal.field or "", refusal.field)
        self.add_error(name if name in self.fields else None, refusal.message)


def _moment_fields(classroom: Classroom) -> dict[str, MomentField]:
    zone = classroom.tz
    words = {"zone": zone_name(zone)}
    return {
        "opens_at": MomentField(
            zone=zone,
            is_end=False,
            label=gettext_lazy("Opens"),
            help_text=_("In %(zone)s time. Empty: at once.") % words,
        ),
        "due_at": MomentField(
            zone=zone,
            label=gettext_lazy("Due"),
            help_text=_("In %(zone)s time. Empty: no due date.") % words,
        ),
        "closes_at": MomentField(
            zone=zone,
            label=gettext_lazy("Closes"),
            help_text=_("In %(zone)s time. From then on no answer is taken. Empty: it stays open.")
            % words,
        ),
    }


class StudentsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # at run time too
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.shown_as)


class AssignmentForm(StorableTextMixin, TermsMixin, forms.Form):
    """For whom, when, and how."""

    EVERYONE, SOME = "everyone", "some"

    title = forms.CharField(
        label=gettext_lazy("Title"), max_length=200, validators=ONE_LINE, strip=True
    )
    instructions = forms.CharField(
        label=gettext_lazy("Instructions"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What students read before they begin. Markdown works."),
    )
    audience = forms.ChoiceField(
        label=gettext_lazy("For whom"),
        choices=[
            (EVERYONE, gettext_lazy("the whole class, and who joins later")),
            (SOME, gettext_lazy("only some groups or students")),
        ],
        widget=forms.RadioSelect,
    )
    groups = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Groups"),
        queryset=Group.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    members = StudentsField(
        label=gettext_lazy("Students"),
        queryset=Membership.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    late_policy = forms.ChoiceField(
        label=gettext_lazy("After the due date"),
        choices=[
            (LatePolicy.NONE, gettext_lazy("it is taken until it closes; nothing is taken off")),
            (LatePolicy.PER_DAY, gettext_lazy("a share is taken off for each day begun")),
            (LatePolicy.REFUSED, gettext_lazy("nothing is taken any more")),
        ],
        widget=forms.RadioSelect,
    )
    late_percent = forms.DecimalField(
        label=gettext_lazy("Per cent taken off for each day begun"),
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(100),
        max_digits=4,
        decimal_places=1,
        help_text=gettext_lazy(
            "A day is 24 hours from the student's own due date. Never more than all of it."
        ),
    )
    release = forms.ChoiceField(
        label=gettext_lazy("Answers and marks are shown"),
        choices=[
            (Release.AT_ONCE, gettext_lazy("at once (a graded quiz: after handing in)")),
            (Release.AFTER_SUBMIT, gettext_lazy("after handing in")),
            (Release.AFTER_DUE, gettext_lazy("after the due date of the last student")),
            (Release.BY_HAND, gettext_lazy("when you release them")),
        ],
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Until then your students are not shown them elsewhere on this site either, "
            "and a practice question is answered once."
        ),
    )
    attempts_allowed = forms.IntegerField(
        label=gettext_lazy("Attempts at each graded quiz"),
        required=False,
        min_value=1,
        max_value=100,
        help_text=gettext_lazy("Empty: as the quiz says; most may be taken again."),
    )
    time_limit = forms.IntegerField(
        label=gettext_lazy("Time limit for each graded quiz, in minutes"),
        required=False,
        min_value=1,
        max_value=1440,
        help_text=gettext_lazy("Empty: as the quiz says; most have none."),
    )
    gating = forms.ChoiceField(
        label=gettext_lazy("The way through the steps"),
        choices=[
            (Gating.OPEN, gettext_lazy("every step is open")),
            (
                Gating.SOFT,
                gettext_lazy("questions come first; skipping is possible and you see it"),
            ),
            (Gating.STRICT, gettext_lazy("the next step opens when the questions are answered")),
        ],
        widget=forms.RadioSelect,
    )
    weight = forms.DecimalField(
        label=gettext_lazy("Weight in the gradebook"),
        min_value=Decimal(0),
        max_value=Decimal(1000),
        max_digits=6,
        decimal_places=2,
        help_text=gettext_lazy("1 is ordinary, 2 counts twice, 0 is shown and does not count."),
    )

    FIRST_PART = ("title", "instructions")
    WHOM_PART = ("audience", "groups", "members")
    WHEN_PART = ("opens_at", "due_at", "closes_at", "late_policy", "late_percent")
    HOW_PART = ("release", "attempts_allowed", "time_limit", "gating", "weight")

    def __init__(self, *args: Any, classroom: Classroom, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields |= _moment_fields(classroom)
        self.know_dates(self.initial)
        groups, members = self.fields["groups"], self.fields["members"]
        assert isinstance(groups, forms.ModelMultipleChoiceField)  # noqa: S101  # for the types
        assert isinstance(members, forms.ModelMultipleChoiceField)  # noqa: S101
        groups.queryset = classroom.groups.order_by("name")
        students = Membership.objects.active().students().filter(classroom=classroom)
        members.queryset = students.select_related("user").order_by("roster_name", "pk")

    def part(self, names: tuple[str, ...]) -> list[forms.BoundField]:
        return [self[name] for name in names]

    @property
    def first_part(self) -> list[forms.BoundField]:
        return self.part(self.FIRST_PART)

    @property
    def when_part(self) -> list[forms.BoundField]:
        return self.part(self.WHEN_PART)

    @property
    def how_part(self) -> list[forms.BoundField]:
        return self.part(self.HOW_PART)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = any(data.get(name) or name in self.errors for name in ("groups", "members"))
        if data.get("audience") == self.SOME and not chosen:
            self.add_error("audience", _("Tick at least one group or student, or choose all."))
        needs_due = data.get("due_at") is None and "due_at" not in self.errors
        if needs_due and data.get("release") == Release.AFTER_DUE:
            self.add_error("due_at", _("Answers shall be shown after it, so give a due date."))
        elif needs_due and data.get("late_policy") in (LatePolicy.PER_DAY, LatePolicy.REFUSED):
            self.add_error("due_at", _("What happens after the due date needs one."))
        says_how_much = data.get("late_percent") or "late_percent" in self.errors
        if data.get("late_policy") == LatePolicy.PER_DAY and not says_how_much:
            self.add_error("late_percent", _("Say how much is taken off for each day."))
        return data

    @property
    def terms(self) -> dict[str, Any]:
        """The delivery's terms, of a valid form."""
        data = self.cleaned_data
        minutes = data["time_limit"]
        per_day = data["late_policy"] == LatePolicy.PER_DAY
        return {
            "opens_at": data["opens_at"],
            "due_at": data["due_at"],
            "closes_at": data["closes_at"],
            "attempts_allowed": data["attempts_allowed"],
            "time_limit_seconds": minutes * 60 if minutes else None,
            "gating": data["gating"],
            "release": data["release"],
            "late_policy": data["late_policy"],
            "late_per_day": data["late_percent"] / 100 if per_day else Decimal(0),
        }

    @property
    def chosen(self) -> dict[str, Any]:
        """Groups and members, both empty for the whole class."""
        if self.cleaned_data["audience"] == self.EVERYONE:
            return {"groups": [], "members": []}
        return {name: list(self.cleaned_data[name]) for name in ("groups", "members")}

    @property
    def words(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("title", "instructions", "weight")}


def number_in_full(value: Decimal) -> str:
    """10 for 10.000, 12.5 for 12.500: as one types it."""
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"


def initial_of_terms(delivery: Delivery) -> dict[str, Any]:
    """A delivery's terms as the form shows them."""
    seconds, share = delivery.time_limit_seconds, delivery.late_per_day
    return {
        "opens_at": delivery.opens_at,
        "due_at": delivery.due_at,
        "closes_at": delivery.closes_at,
        "attempts_allowed": delivery.attempts_allowed,
        "time_limit": -(-seconds // 60) if seconds else None,
        "gating": delivery.gating,
        "release": delivery.release,
        "late_policy": delivery.late_policy,
        "late_percent": number_in_full(share * 100) if share else None,
    }


class ExtensionForm(StorableTextMixin, TermsMixin, forms.Form):
    """One student's own terms; what is left empty is as for everyone."""

    attempts_allowed = forms.IntegerField(
        label=gettext_lazy("Attempts at each graded quiz"),
        required=False,
        min_value=1,
        max_value=100,
    )
    time_limit = forms.IntegerField(
        label=gettext_lazy("Time limit for each graded quiz, in minutes"),
        required=False,
        min_value=1,
        max_value=1440,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=200,
        validators=ONE_LINE,
        help_text=gettext_lazy("The student sees it too."),
    )

    def __init__(
        self,
        *args: Any,
        classroom: Classroom,
        everyones: Mapping[str, str],
        **options: Any,
    ) -> None:
        """`everyones` says by field, in words, what holds for all."""
        super().__init__(*args, **options)
        self.fields |= _moment_fields(classroom)
        self.order_fields([*self.dates, "attempts_allowed", "time_limit", "reason"])
        self.know_dates(self.initial)
        for name, words in everyones.items():
            self.fields[name].help_text = words

    @property
    def terms(self) -> dict[str, Any]:
        data = self.cleaned_data
        minutes = data["time_limit"]
        return {
            **{name: data[name] for name in (*self.dates, "attempts_allowed")},
            "time_limit_seconds": minutes * 60 if minutes else None,
        }
