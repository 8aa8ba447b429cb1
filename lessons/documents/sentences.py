"""Where the sentences of a text begin and end. Pure: text in, offsets out."""

import re

_ENDS = frozenset(".!?…۔؟।")
_CLOSING = frozenset("\"”’'»)]")
_PAIRS = {'"': '"', "“": "”", "«": "»", "(": ")", "[": "]"}
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_TITLES = re.compile(
    r"adm|amb|brig|capt|cdes?|cf|cols?|drs?|gens?|gov|hon|lt|maj|messrs|mr|mrs|ms|profs?|rev|sen"
    r"|sgt|st|viz|vs"
)
_BEFORE_A_NUMBER = re.compile(
    r"apr|art|aug|ch|dec|docs?|feb|fig|jan|jul|jun|ll|mar|nos?|nov|oct|op|para|pp|pt|sec|sept?"
    r"|vols?"
)


def sentences(text: str) -> list[tuple[int, int]]:
    """The text cut into sentences: (start, end) in code points, in order.

    They join to exactly the text: a sentence keeps the spaces after it, and the first one those
    before it as well. No cut is made after initials (N. S. Khrushchev, U.S.), abbreviations
    (Cde., e.g., No. 5), a number that opens a sentence (1. …) or before a small letter, nor
    inside quotation marks or brackets that are closed again. In doubt it does not cut, so that
    a sentence may be too long but is never half a one.
    """
    spans = []
    start = 0
    closers = {closer: text.rfind(closer) for closer in _PAIRS.values()}
    awaited = ""
    """What closes the quotation or bracket we are in; those inside it do not count."""
    at = 0
    while at < len(text):
        character = text[at]
        if character == awaited:
            awaited = ""
        elif not awaited and character in _PAIRS and closers[_PAIRS[character]] > at:
            awaited = _PAIRS[character]
        elif character in _ENDS:
            after = at + 1
            while after < len(text) and (text[after] in _ENDS or text[after] in _CLOSING):
                if text[after] == awaited:
                    awaited = ""
                after += 1
            following = after
            while following < len(text) and text[following].isspace():
                following += 1
            if (
                not awaited
                and after < following < len(text)
                and _opens_a_sentence(text[following])
                and not (text[at] == "." and _is_abbreviation(text, start, at, following))
            ):
                spans.append((start, following))
                start = following
            at = following
            continue
        at += 1
    if start < len(text):
        spans.append((start, len(text)))
    return spans


def _opens_a_sentence(character: str) -> bool:
    return character in _PAIRS or (character.isalnum() and not character.islower())


def _is_abbreviation(text: str, start: int, stop: int, following: int) -> bool:
    """Whether the full stop at `stop` belongs to a word: an initial, a title, a list's number."""
    begin = stop
    while begin > start and (text[begin - 1].isalnum() or text[begin - 1] == "."):
        begin -= 1
    word = text[begin:stop].casefold()
    if word.isdigit():
        return not text[start:begin].strip()
    if text[following].isdigit() and _BEFORE_A_NUMBER.fullmatch(word):
        return True
    return any(known.fullmatch(word) for known in (_INITIALS, _TITLES))
