"""Dates as documents write them, with how precisely they are known."""

import datetime as dt
import re
from dataclasses import dataclass

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january января январь januar janvier enero stycznia",
            "feb february февраля февраль februar février febrero lutego",
            "mar march марта март märz mars marzo marca",
            "apr april апреля апрель avril abril kwietnia",
            "may мая май mai mayo maja",
            "jun june июня июнь juni juin junio czerwca",
            "jul july июля июль juli juillet julio lipca",
            "aug august августа август août agosto sierpnia",
            "sep sept september сентября сентябрь septembre septiembre września",
            "oct october октября октябрь oktober octobre octubre października",
            "nov november ноября ноябрь novembre noviembre listopada",
            "dec december декабря декабрь dezember décembre diciembre grudnia",
        ),
        start=1,
    )
    for name in names.split()
}
"""In English, Russian, German, French, Spanish and Polish."""
ROMAN = {
    roman: number
    for number, roman in enumerate(
        ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"), start=1
    )
}
_NAME = "(" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
_DAY = r"([0-9]{1,2})(?:st|nd|rd|th|er)?"
_YEAR = r"((?:1[5-9]|20)[0-9]{2})"
_PATTERNS = (
    (re.compile(rf"\b{_YEAR}-([0-9]{{1,2}})-([0-9]{{1,2}})(?![0-9])"), "ymd"),
    (re.compile(rf"(?i)\b{_DAY}(?:\s+of|\s+de)?[\s.-]+{_NAME},?(?:\s+de)?[\s-]+{_YEAR}\b"), "dmy"),
    (re.compile(rf"(?i)\b{_NAME}\s+{_DAY}\s*,?\s+{_YEAR}\b"), "mdy"),
    (re.compile(rf"\b([0-9]{{1,2}})[./]\s?([0-9]{{1,2}})[./]\s?{_YEAR}\b"), "dmy"),
    (re.compile(rf"\b([0-9]{{1,2}})[./ ]\s?([IVX]{{1,4}})[./ ]\s?{_YEAR}\b"), "dry"),
    (re.compile(rf"(?i)\b{_NAME},?\s+{_YEAR}\b"), "my"),
    (re.compile(rf"(?<![0-9]){_YEAR}(?![0-9])"), "y"),
)


@dataclass(frozen=True)
class Found:
    """A date, its precision (day, month, year), where it stood, and what is doubtful about it."""

    date: dt.date
    precision: str
    start: int
    end: int
    doubtful: bool = False


def find_date(text: str) -> Found | None:
    """The first date of the most exact kind in the text, or None."""
    for pattern, order in _PATTERNS:
        for match in pattern.finditer(text):
            found = _read(match, order)
            if found:
                return found
    return None


def _read(match: re.Match[str], order: str) -> Found | None:
    parts = dict(zip(order, match.groups(), strict=True))
    month = parts.get("m", "1").lower()
    number = ROMAN.get(parts["r"].lower(), 0) if "r" in parts else MONTHS.get(month, 0)
    number = number or (int(month) if month.isdecimal() else 0)
    day = int(parts.get("d", "1"))
    doubtful = order == "y"
    if order == "dmy" and month.isdecimal():
        doubtful = day <= 12 and number <= 12 and day != number
        if number > 12 and day <= 12:
            day, number = number, day
    try:
        date = dt.date(int(parts["y"]), number, day)
    except ValueError:
        return None
    precision = "day" if "d" in parts else "month" if "m" in parts else "year"
    return Found(date, precision, match.start(), match.end(), doubtful)
