"""How figures are said: rounded once, with a warning where few answers stand behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

WRONG = Decimal("0.5")
"""An answer that earned less than this share of its points is counted as wrong."""
HIGH = Decimal("0.8")
FEW = 10
"""With fewer answers than this a figure says little, and the page says so."""
ENOUGH = 30
"""From here on figures about a question itself, not only about this class, are worth reading."""


@dataclass(frozen=True)
class Clock:
    """Says instants in one zone: the time alone for today, else with its day."""

    do_not_call_in_templates: ClassVar[bool] = True
    zone: ZoneInfo
    today: date

    def __call__(self, moment: datetime) -> str:
        local = timezone.localtime(moment, self.zone)
        return date_format(local, "H:i" if local.date() == self.today else "j M, H:i")


def percent(share: Decimal | float) -> str:
    """A fraction as whole per cents: "67%"."""
    whole = (Decimal(str(share)) * 100).quantize(Decimal(1), ROUND_HALF_UP)
    return _("%(n)s%%") % {"n": whole}


def two_places(value: float | None) -> str:
    """A coefficient as "0.42" or "-0.10"; a dash where it is not defined."""
    if value is None:
        return "–"
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text


def minutes(seconds: float | None) -> str:
    """ "4 min 30 s", "45 s"; a dash for None."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    if whole < 60:
        return _("%(s)s s") % {"s": whole}
    if whole % 60 == 0 or whole >= 3600:
        return _("%(m)s min") % {"m": round(whole / 60)}
    return _("%(m)s min %(s)s s") % {"m": whole // 60, "s": whole % 60}


def clock_of(zone: ZoneInfo, moment: datetime) -> Clock:
    """The clock of a class at this moment."""
    return Clock(zone, timezone.localtime(moment, zone).date())


def few(count: int) -> str:
    """A warning where so few answers say little; empty where there are enough."""
    if count >= FEW:
        return ""
    return ngettext("%(n)s answer says little.", "%(n)s answers say little.", count) % {"n": count}


def listed(names: Sequence[str], *, most: int = 8) -> str:
    """ "Amara, Ben and 3 more"."""
    if not names:
        return ""
    shown = ", ".join(names[:most])
    more = len(names) - most
    if more > 0:
        return ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", more) % {
            "names": shown,
            "n": more,
        }
    return shown


def facility_reading(share: float | None, count: int) -> str:
    """What a facility means, in a teacher's words."""
    if share is None:
        return _("Nobody has answered it yet.")
    if share >= 0.9:
        text = _("Nearly everyone had it right: it checks reading, and cannot tell learners apart.")
    elif share >= 0.6:
        text = _("Most had it right.")
    elif share >= 0.4:
        text = _("About half had it right: worth a discussion.")
    elif share >= 0.2:
        text = _("Most missed it: go back to the sentence together.")
    else:
        text = _("Nearly everyone missed it: teach it again, or look at how it is asked.")
    return _with_warning(text, count)


def discrimination_reading(value: float | None, count: int) -> str:
    """What a corrected item–total correlation means; bounds after Ebel & Frisbie,
    *Essentials of Educational Measurement* (5th ed. 1991), as rules of thumb."""
    if value is None:
        return _(
            "Cannot be said: everyone scored alike here, or too few have answered every question."
        )
    if value < 0:
        text = _(
            "Those who did well elsewhere got this one wrong more often: check the key and the "
            "wording."
        )
    elif value < 0.2:
        text = _("Hardly tells apart who read well elsewhere and who did not.")
    elif value < 0.4:
        text = _("Those who did well elsewhere tend to have it right.")
    else:
        text = _("Goes firmly together with the rest: a good question for this class.")
    return _with_warning(text, count, enough=ENOUGH)


def alpha_reading(value: float | None, learners: int, questions: int) -> str:
    """What KR-20 or alpha means for a class."""
    if questions < 2:
        return _("Needs two questions or more that the same learners answered.")
    if value is None:
        return _("Cannot be said: it needs two learners or more whose totals differ.")
    if value >= 0.8:
        text = _("The questions hang together well: single totals can be compared.")
    elif value >= 0.6:
        text = _("The questions hang together fairly: compare groups rather than single totals.")
    elif value >= 0:
        text = _("The questions ask for different things: read them one by one, not as a total.")
    else:
        text = _("The questions pull against each other: look at those that discriminate least.")
    return _with_warning(text, learners, enough=ENOUGH)


def _with_warning(text: str, count: int, *, enough: int = FEW) -> str:
    if count >= enough:
        return text
    if count < FEW:
        return f"{text} {few(count)}"
    hint = ngettext(
        "With %(n)s learner it is a hint, no more.",
        "With %(n)s learners it is a hint, no more.",
        count,
    ) % {"n": count}
    return f"{text} {hint}"
