"""The forms of the gradebook."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lessons.core.forms import StorableTextMixin, validate_one_line

from .grade_words import rounded_points
from .gradebook import Column

MOST_WEIGHT = Decimal("9999.99")


def reason_field(*, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=required,
        validators=[validate_one_line],
        help_text=_("It stands in the log with your name and the time."),
        error_messages={"required": _("Say why.")},
    )


class WeightBefore(forms.HiddenInput):
    """What a weight was when the page was drawn. Like the weight it stands outside of its form."""

    def __init__(self) -> None:
        super().__init__(attrs={"form": "weights"})


class WeightField(forms.DecimalField):
    hidden_widget = WeightBefore


class WeightsForm(StorableTextMixin, forms.Form):
    """One number for each assignment, drawn in the head of its column.

    Only what was changed on the page is a change: somebody else may have weighed the others anew.
    """

    def __init__(self, columns: Sequence[Column], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for column in columns:
            title = column.assignment.title
            self.fields[f"weight-{column.assignment.pk}"] = WeightField(
                label=_("Weight of %(title)s") % {"title": title},
                initial=rounded_points(column.weight),
                show_hidden_initial=True,
                min_value=Decimal(0),
                max_value=MOST_WEIGHT,
                decimal_places=2,
                widget=forms.TextInput(
                    attrs={
                        "form": "weights",
                        "inputmode": "decimal",
                        "autocomplete": "off",
                        "aria-label": _("Weight of %(title)s") % {"title": title},
                    }
                ),
            )

    @property
    def weights(self) -> dict[int, Decimal]:
        return {
            int(name.removeprefix("weight-")): self.cleaned_data[name] for name in self.changed_data
        }


class OverrideForm(StorableTextMixin, forms.Form):
    """A grade set by hand, in per cent or in points."""

    value = forms.DecimalField(
        label=_("Grade"),
        min_value=Decimal(0),
        max_digits=9,
        decimal_places=4,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    unit = forms.ChoiceField(
        label=_("Given in"),
        choices=[("percent", _("per cent")), ("points", _("points"))],
        initial="percent",
        widget=forms.RadioSelect,
    )
    reason = reason_field()

    def __init__(self, *args: Any, points: Decimal, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "override_%s")
        super().__init__(*args, **kwargs)
        self.points = points
        if not points:
            del self.fields["unit"]

    @property
    def score(self) -> Decimal:
        """The fraction."""
        whole = self.points if self.cleaned_data.get("unit") == "points" else Decimal(100)
        return Decimal(self.cleaned_data["value"]) / whole

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "value" in values and self.score > 1:
            self.add_error("value", _("That is more than there is to get."))
        return values


class TakeBackForm(StorableTextMixin, forms.Form):
    reason = reason_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "back_%s", **kwargs})


class ExcuseForm(StorableTextMixin, forms.Form):
    reason = reason_field(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "excuse_%s", **kwargs})
