"""Measures of a text: words, sentences, grade, days, spelling. Pure: text in, facts out."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from lessons.documents.sentences import sentences as cut

# --- What is read ------------------------------------------------------------------------------

_LINK = re.compile(r"\[([^\[\]]*)\]\([^)\[]*\)")
_MARKUP = re.compile(r"^\s{0,3}(?:#{1,6}\s+|[-+*]\s+|>\s?)|\*\*|__|\*|`", re.MULTILINE)
_QUOTED = re.compile(r"“[^“”]*”|\"[^\"]*\"|‘[^‘’]*’")
_SIGN = re.compile(r"[^\W_]")
_LETTERS = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def plain(markdown: str) -> str:
    """The text as it is read: without emphasis, marks of lists and headings, and addresses."""
    return _MARKUP.sub("", _LINK.sub(r"\1", markdown))


def unquoted(text: str) -> str:
    """The text with an ellipsis in place of each quotation: what the writer says himself."""
    return _QUOTED.sub("…", text)


def words(text: str) -> list[str]:
    """Runs between spaces that hold a letter or a figure; Markdown's own marks are none."""
    return [word for word in plain(text).split() if _SIGN.search(word)]


@lru_cache(maxsize=4096)
def sentences(text: str) -> tuple[str, ...]:
    """The sentences of all paragraphs and lines, without the spaces around them."""
    lines = (line for line in plain(text).splitlines() if words(line))
    found = (line[start:end].strip() for line in lines for start, end in cut(line))
    return tuple(sentence for sentence in found if sentence)


# --- Reading grade -----------------------------------------------------------------------------

_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?<![aeiouylr])(?:e|es)$|(?<=[aeiouy][lr])es?$|(?<![aeioudty])ed$")
_TWO = re.compile(r"i(?:a|o(?!u|n))|[^q]ua|(?<!p)eo(?!u)|[^aeiou]ying|ism$")


def syllables(word: str) -> int:
    """About how many syllables an English word has, at least 1.

    Groups of vowels, less a silent ending, more where two vowels are usually spoken apart.
    """
    total = 0
    for part in re.split(r"[^a-z]+", word.casefold().replace("’s", "").replace("'s", "")):
        if part:
            groups = len(_VOWELS.findall(part))
            groups += len(_TWO.findall(part)) - len(_SILENT.findall(part))
            total += max(1, groups)
    return max(1, total)


@lru_cache(maxsize=4096)
def reading_grade(text: str) -> float:
    """The Flesch–Kincaid grade: school years that reading the text asks for; 0 for no words.

    0.39 · words / sentences + 11.8 · syllables / words − 15.59 (J. P. Kincaid, R. P. Fishburne,
    R. L. Rogers, B. S. Chissom, "Derivation of new readability formulas … for Navy enlisted
    personnel", Research Branch Report 8-75, 1975). Grade 8 is read at about age 14. It knows
    nothing of meaning, and names drive it up: a hint where to look, not a verdict. A number
    written in figures counts as one word of one syllable.
    """
    found = words(text)
    if not found:
        return 0.0
    spoken = [_LETTERS.findall(word) for word in found]
    beats = sum(max(1, sum(map(syllables, parts))) for parts in spoken)
    return 0.39 * len(found) / len(sentences(text)) + 11.8 * beats / len(found) - 15.59


# --- Days --------------------------------------------------------------------------------------

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAY = re.compile(
    rf"(?:\b(?P<day>\d{{1,2}})(?:\s?[–-]\s?\d{{1,2}}| (?:and|or|to) \d{{1,2}})?\s+)?"
    rf"\b(?P<month>{'|'.join(MONTHS)})\s+(?P<year>1[89]\d\d|20\d\d)\b"
)
_YEAR = re.compile(r"(?<![\d.,/–-])\b(1[89]\d\d|20\d\d)s?\b(?![\d/–-]|\.\d)")


class Dated(NamedTuple):
    words: str
    first: date
    """The earliest day that the words can mean."""


@lru_cache(maxsize=4096)
def dates(text: str) -> tuple[Dated, ...]:
    """Days, months and years in figures, in the order of the text; a year as its first day.

    Years inside ranges (1958–60) and numbers (10/1958) are left out: mostly titles of volumes.
    """
    found = {}
    for match in _DAY.finditer(text):
        month = MONTHS.index(match["month"]) + 1
        try:
            first = date(int(match["year"]), month, int(match["day"] or 1))
        except ValueError:  # 31 June
            first = date(int(match["year"]), month, 1)
        found[match.start()] = (match.end(), Dated(" ".join(match[0].split()), first))
    covered = [(start, end) for start, (end, _dated) in found.items()]
    for match in _YEAR.finditer(text):
        if not any(start <= match.start() < end for start, end in covered):
            found[match.start()] = (match.end(), Dated(match[0], date(int(match[1]), 1, 1)))
    return tuple(found[start][1] for start in sorted(found))


# --- Spelling ----------------------------------------------------------------------------------

_BRITISH = {
    r"((?:dis|mis|un)?(?:col|fav|hon|lab|hum|harb|rum|vap|arm|endeav|behavi|neighb|sav|flav))or"
    r"(?=s?\b|ed\b|ing\b|able\b|ably\b|ful\b|less\b|hood\b|ite\b|y\b)": r"\1our",
    r"(cent|theat|met|lit|fib|meag|somb|spect|lust)er(?=s?\b)": r"\1re",
    r"(def|off|pret)ense(?=s?\b)": r"\1ence",
    r"(trave|cance|labe|mode|signa|counse|quarre|chann|fue|leve|riva|marve|dia)l"
    r"(?=ed\b|ing\b|ers?\b|ors?\b)": r"\1ll",
    r"(anal|paral|catal)yz(?=e|ing)": r"\1ys",
    r"(catal|dial|anal|monol|epil)og(?=s?\b)": r"\1ogue",
    r"((?:dis|un|re|de)?(?:organ|real|recogn|critic|emphas|apolog|modern|special|general|summar"
    r"|author|civil|symbol|familiar|contextual|national|central|normal|util|minim|maxim|character|memor"
    r"|neutral|jeopard|final|colon|stabil|mobil|penal|scrutin))iz(?=e|ing|ation)": r"\1is",
    r"(enrol|fulfil|instil|distil)l(?=s?\b)": r"\1",
    r"(enrol|fulfil|instal)l(?=ments?\b)": r"\1",
    r"(sk|w)illful": r"\1ilful",
    r"gray(?=s?\b|er\b)": "grey",
    r"skeptic": "sceptic",
    r"maneuver": "manoeuvre",
    r"plow(?=s?\b|ed\b|ing\b)": "plough",
    r"aging(?=\b)": "ageing",
    r"aluminum": "aluminium",
    r"program(?=s?\b)": "programme",
    r"saber(?=s?\b)": "sabre",
    r"judgment": "judgement",
    r"acknowledgment": "acknowledgement",
}
_ONE_WAY = {
    r"cease-fire|cease fire": "ceasefire",
    r"peace-loving|peace loving": "peaceloving",
    r"over-flight|over flight": "overflight",
    r"air space|air-space": "airspace",
    r"air-route": "air route",
    r"co-operat(?=e|ion|ive|ing)": "cooperat",
    r"head note|head-note": "headnote",
    r"time-line|time line": "timeline",
    r"time-table|time table": "timetable",
    r"type-script|type script": "typescript",
    r"alright": "all right",
}
_NAMES = {
    r"Kh?rush?ch?[eo]v|Chruschtschow|Khruschev|Krushchev|Kruschev|Khruschchev": "Khrushchev",
    r"Hussain|Husain|Husein|Hussien": "Hussein",
    r"Firoz|Feroze|Firuz": "Feroz",
    r"Abdulla|Abdallah": "Abdullah",
    r"Chetverikoff|Chetverekov|Chetverykov": "Chetverikov",
    r"Bulganine": "Bulganin",
    r"Kashmere|Cashmere|Cashmir": "Kashmir",
    r"Karatchi|Karachee": "Karachi",
    r"Bagdad": "Baghdad",
    r"Srinager": "Srinagar",
    r"Ghandi": "Gandhi",
    r"Nheru|Neru": "Nehru",
}
_PROPER = re.compile(
    r"(?:Department|Secretary|Ministry|Minister) of Defense|Mutual Defense[ A-Z\w]*"
    r"|(?:[A-Z][\w-]+ )+(?:Organization|Center|Program)\b"
    r"|(?:Organization|Center) (?:of|for) [A-Z]\w+|(?:Arshad|Mian Arshad) Hussain|Akhter Husain"
)
"""Names of their own, which keep the spelling they have."""


class Spelling(NamedTuple):
    found: str
    instead: str


def _table(pairs: dict[str, str], flags: re.RegexFlag) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(rf"\b(?:{left})", flags), right) for left, right in pairs.items()]


_COMMON = _table({**_BRITISH, **_ONE_WAY}, re.IGNORECASE)
_OWN = [
    (
        re.compile(
            rf"(?<!also )(?<!also written )(?<!also spelt )(?<!also spelled )\b(?:{left})\b"
        ),
        right,
    )
    for left, right in _NAMES.items()
]


@lru_cache(maxsize=4096)
def spellings(text: str) -> tuple[Spelling, ...]:
    """Words of ours that this edition spells another way: British, and each name in one form.

    Quotations keep their spelling, and so do names of their own (Wilson Center) and names that
    are given as another form ("also Firoz").
    """
    return tuple(_spellings(_PROPER.sub("…", unquoted(text))))


def _spellings(ours: str) -> Iterator[Spelling]:
    for pattern, right in _COMMON:
        for match in pattern.finditer(ours):
            rest = re.match(r"[\w’'-]*", ours[match.end() :])
            word = match[0] + (rest[0] if rest else "")
            yield Spelling(word, pattern.sub(right, word, count=1))
    for pattern, right in _OWN:
        for match in pattern.finditer(ours):
            if match[0] != right:
                yield Spelling(match[0], right)
