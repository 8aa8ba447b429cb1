"""Looking words up in a few hundred short texts. Pure: entries and a query in, results out.

Case, marks on letters, kinds of quotation marks and kinds of hyphens make no difference. Every word
of a query must be in a result, in any of its fields; a word also finds what begins with it. Words
in double quotation marks are looked for side by side. Names are found under their other spellings.
Ranked by field (a title counts most), by whole words, and by how near the words stand together.

There is no search engine behind this, so that SQLite and PostgreSQL give the same results.
"""

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

LONGEST_QUERY = 200
"""Characters; what is longer is cut, and `Query.was_cut` says so."""

MOST_WORDS = 12
SNIPPET = 190
"""Characters of a snippet, about."""

SHORTEST_VARIANT = 4
VARIANT_LIKENESS = 0.72
"""Ratcliff and Obershelp's ratio from which two spellings of a name are taken for one another.

Feroz and Firoz have 0.8, Hussein and Husain 0.77; Khan and Noon 0.5.
"""

SUGGESTION_LIKENESS = 0.7
SLOWEST_WORD = 40
"""Longer words than this are not compared: nobody mistyped them."""

_QUOTES = dict.fromkeys("“”„‟«»＂", '"')
_APOSTROPHES = dict.fromkeys("’‘‛ʼ＇", "'")
_HYPHENS = dict.fromkeys("‐‑‒–−﹣－", "-")
_ALIKE = {**_QUOTES, **_APOSTROPHES, **_HYPHENS}


@dataclass(frozen=True, slots=True)
class Token:
    """A folded word and where it stands in the text: code points `start` to `end`.

    `glued`: only a hyphen stands between it and the word before it.
    """

    word: str
    start: int
    end: int
    glued: bool


@dataclass(frozen=True, slots=True)
class Field:
    text: str
    weight: int


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to be found. `title` is looked in where `title_weight` is not 0."""

    kind: str
    title: str
    title_weight: int
    fields: tuple[Field, ...]
    address: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that must be found: any of `choices`, each a run of words side by side.

    `open_ended`: the last word of a run may be the beginning of one. `start` and `end` are its
    place in the query.
    """

    choices: tuple[tuple[str, ...], ...]
    open_ended: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Query:
    """`text` is what is looked for, fit to be shown again in the form."""

    text: str
    parts: tuple[Part, ...]
    was_cut: bool


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Result:
    entry: Entry
    title: tuple[Piece, ...]
    snippet: tuple[Piece, ...]
    score: float


@dataclass(frozen=True, slots=True)
class _Hit:
    """Tokens `first` to `last` of a field (0: the title), found as whole words or not."""

    field: int
    first: int
    last: int
    whole: bool


@dataclass(frozen=True, slots=True)
class _Posting:
    entry: int
    field: int
    first: int
    last: int


_Hits = dict[int, list[_Hit]]
"""Entry → where a part of the query was found in it."""


class Index:
    """All that can be looked up; never changed once it is made."""

    def __init__(self, entries: Iterable[Entry], *, spellings: Iterable[str] = ()) -> None:
        """`spellings` are groups of names of one person, as "Feroz Khan Noon; Firoz Khan Noon"."""
        self.entries = tuple(entries)
        self.tokens = [
            tuple(tuple(tokens(text)) for text, _weight in _fields(entry)) for entry in self.entries
        ]
        self.postings: dict[str, list[_Posting]] = {}
        self.spelled: dict[str, str] = {}
        for number, fields in enumerate(self.tokens):
            for field, (text, weight) in enumerate(_fields(self.entries[number])):
                if weight:
                    self._post(number, field, text, fields[field])
        self.words = sorted(self.postings)
        self.variants = _variants(spellings)

    def _post(self, entry: int, field: int, text: str, found: Sequence[Token]) -> None:
        for position, token in enumerate(found):
            self.postings.setdefault(token.word, []).append(
                _Posting(entry, field, position, position)
            )
            spelled = text[token.start : token.end]
            if self.spelled.get(token.word, "A").isupper():
                self.spelled[token.word] = spelled
        for first, last in _compounds(found):
            word = "".join(token.word for token in found[first : last + 1])
            self.postings.setdefault(word, []).append(_Posting(entry, field, first, last))

    def search(self, query: Query) -> list[Result]:
        """What has every part of the query, best first; the order of the entries decides ties."""
        if not query.parts:
            return []
        found = [self._find(part) for part in query.parts]
        common = set(found[0]).intersection(*found[1:])
        scored = [
            (self._score(entry, [hits[entry] for hits in found]), entry) for entry in sorted(common)
        ]
        scored.sort(key=lambda pair: -pair[0])
        return [
            self._result(entry, [hits[entry] for hits in found], score) for score, entry in scored
        ]

    def suggest(self, query: Query) -> list[str]:
        """Other queries that find something, for one that finds nothing: three at most.

        First the query with its unknown words put right; failing that, each of its parts alone.
        """
        missing = [part for part in query.parts if not self._find(part)]
        text = query.text
        for part in reversed(missing):
            near = self._nearest("".join(part.choices[0]))
            text = text[: part.start] + near + text[part.end :]
        if missing:
            repaired = " ".join(text.split())
            if self.search(parse(repaired)):
                return [repaired]
        alone = [query.text[part.start : part.end] for part in query.parts if part not in missing]
        return list(dict.fromkeys(alone))[:3] if len(query.parts) > 1 else []

    def other_spellings(self, query: Query) -> list[str]:
        """The spellings that were looked for beside those of the query."""
        asked = {part.choices[0][0] for part in query.parts if len(part.choices[0]) == 1}
        other = {
            variant
            for word in asked
            for variant in self.variants.get(word, ())
            if variant in self.postings
        }
        return sorted(self.spelled.get(word, word) for word in other - asked)

    def _nearest(self, word: str) -> str:
        """The known word that is most like `word`, as it is spelled in the texts; or nothing."""
        if len(word) > SLOWEST_WORD:
            return ""
        near = get_close_matches(word, self.words, n=1, cutoff=SUGGESTION_LIKENESS)
        return self.spelled.get(near[0], near[0]) if near else ""

    def _find(self, part: Part) -> _Hits:
        found: _Hits = {}
        for choice in part.choices:
            if len(choice) == 1:
                self._find_word(choice[0], part.open_ended, found)
            else:
                self._find_run(choice, part.open_ended, found)
        return found

    def _find_word(self, word: str, open_ended: bool, found: _Hits) -> None:
        wanted = {word} if word in self.postings else set()
        if open_ended:
            wanted.update(self._beginning_with(word))
            wanted.update(self.variants.get(word, ()))
        whole = {word, *self.variants.get(word, ())}
        for one in wanted:
            for posting in self.postings.get(one, ()):
                found.setdefault(posting.entry, []).append(
                    _Hit(posting.field, posting.first, posting.last, one in whole)
                )

    def _beginning_with(self, start: str) -> Iterator[str]:
        for word in self.words[bisect_left(self.words, start) :]:
            if not word.startswith(start):
                return
            yield word

    def _find_run(self, run: tuple[str, ...], open_ended: bool, found: _Hits) -> None:
        for posting in self.postings.get(run[0], ()):
            if posting.first != posting.last:
                continue
            field = self.tokens[posting.entry][posting.field]
            last = posting.first + len(run) - 1
            words = tuple(token.word for token in field[posting.first : last + 1])
            if len(words) < len(run) or words[:-1] != run[:-1]:
                continue
            if words[-1] == run[-1] or (open_ended and words[-1].startswith(run[-1])):
                found.setdefault(posting.entry, []).append(
                    _Hit(posting.field, posting.first, last, words[-1] == run[-1])
                )

    def _score(self, entry: int, parts: Sequence[Sequence[_Hit]]) -> float:
        weights = [weight for _text, weight in _fields(self.entries[entry])]
        best = sum(
            max(weights[hit.field] * (1.0 if hit.whole else 0.6) for hit in hits) for hits in parts
        )
        near = max(
            (
                weights[field] * len(parts) / (_spread(cluster) + 1)
                for field in range(len(weights))
                if len(cluster := _cluster(parts, field)) == len(parts)
            ),
            default=0.0,
        )
        return best + (near if len(parts) > 1 else 0.0)

    def _result(self, number: int, parts: Sequence[Sequence[_Hit]], score: float) -> Result:
        entry, found = self.entries[number], self.tokens[number]
        hits = [hit for part in parts for hit in part]

        def spans(field: int) -> list[tuple[int, int]]:
            return [
                (found[field][hit.first].start, found[field][hit.last].end)
                for hit in hits
                if hit.field == field
            ]

        clusters = {field: _cluster(parts, field) for field in range(1, len(found))}
        field = max(
            clusters,
            key=lambda one: (len(clusters[one]), -_spread(clusters[one]), -one),
            default=0,
        )
        snippet: tuple[Piece, ...] = ()
        if field:
            text, around = entry.fields[field - 1].text, clusters[field]
            start = found[field][min(hit.first for hit in around)].start if around else 0
            end = found[field][max(hit.last for hit in around)].end if around else 0
            snippet = tuple(excerpt(text, spans(field), around=(start, end)))
        return Result(entry, tuple(pieces(entry.title, spans(0))), snippet, score)


def parse(asked: str) -> Query:
    """A query as typed, made fit for looking up: cut, and without what no text can hold."""
    clean = "".join(
        " " if _unfit(character) else character for character in asked[: LONGEST_QUERY * 4]
    )
    clean = " ".join(clean.split())
    was_cut = len(clean) > LONGEST_QUERY or len(asked) > LONGEST_QUERY * 4
    text = clean[:LONGEST_QUERY].rstrip()
    parts: list[Part] = []
    for start, end, quoted in _stretches(text):
        found = list(tokens(text[start:end]))
        parts += _phrase(found, start, end) if quoted else _words(found, start)
    return Query(text, tuple(parts[:MOST_WORDS]), was_cut or len(parts) > MOST_WORDS)


def tokens(text: str) -> Iterator[Token]:
    """The words of a text, folded, in order.

    A word is letters, digits, the marks on them, and apostrophes inside; "Noon's" is "noon".
    """
    characters = list(_folded(text))
    at = 0
    glued = False
    while at < len(characters):
        if not _in_word(characters[at][0]):
            glued = glued and characters[at][0] == ""
            at += 1
            continue
        begin = at
        while at < len(characters) and _goes_on(characters, at):
            at += 1
        word = "".join(character for character, _place in characters[begin:at])
        word = word.removesuffix("'s").replace("'", "") or word.replace("'", "")
        yield Token(word, characters[begin][1], characters[at - 1][1] + 1, glued)
        glued = at < len(characters) and characters[at][0] == "-"
        at += glued


def excerpt(
    text: str, spans: Iterable[tuple[int, int]], *, around: tuple[int, int]
) -> Iterator[Piece]:
    """About SNIPPET characters of a text with the spans in it marked; whole words, "…" for cuts."""
    if len(text) <= SNIPPET:
        start, end = 0, len(text)
    else:
        room = max(0, SNIPPET - (around[1] - around[0]))
        start = max(0, min(around[0] - room // 2, len(text) - SNIPPET))
        end = min(len(text), max(start + SNIPPET, around[1]))
        end = min(end, start + 2 * SNIPPET)
        while 0 < start < around[0] and not text[start - 1].isspace():
            start += 1
        while end < len(text) and end > around[1] and not text[end].isspace():
            end -= 1
    if start > 0:
        yield Piece("…", False)
    yield from pieces(
        text[start:end],
        [
            (max(first, start) - start, min(last, end) - start)
            for first, last in spans
            if first < end and last > start
        ],
    )
    if end < len(text):
        yield Piece("…", False)


def pieces(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[Piece]:
    """The text cut into marked and unmarked pieces; they join to exactly the text."""
    at = 0
    merged: list[list[int]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    for first, last in merged:
        if first > at:
            yield Piece(text[at:first], False)
        yield Piece(text[first:last], True)
        at = last
    if at < len(text):
        yield Piece(text[at:], False)


def _fields(entry: Entry) -> Iterator[tuple[str, int]]:
    yield entry.title, entry.title_weight
    for field in entry.fields:
        yield field.text, field.weight


def _folded(text: str) -> Iterator[tuple[str, int]]:
    """Every character as it is compared, with its place; what does not count is ""."""
    for place, character in enumerate(text):
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
        kept = [
            _ALIKE.get(one, one)
            for one in plain
            if not unicodedata.combining(one) and unicodedata.category(one) != "Cf"
        ]
        for one in kept or [""]:
            yield one, place


def _goes_on(characters: Sequence[tuple[str, int]], at: int) -> bool:
    """Whether a word that has begun goes on: with a letter, an apostrophe inside, or nothing."""
    character = characters[at][0]
    if character == "'":
        return at + 1 < len(characters) and _in_word(characters[at + 1][0])
    return character == "" or _in_word(character)


def _in_word(character: str) -> bool:
    return character.isalnum() or (
        character != "" and unicodedata.category(character).startswith("M")
    )


def _unfit(character: str) -> bool:
    """Control characters (NUL) and halves of surrogate pairs."""
    return unicodedata.category(character) in ("Cc", "Cs")


def _stretches(text: str) -> Iterator[tuple[int, int, bool]]:
    """(start, end, quoted?) of what is between closed double quotation marks and of the rest."""
    marks = [at for at, character in enumerate(text) if _ALIKE.get(character, character) == '"']
    at = 0
    for opening, closing in zip(marks[::2], marks[1::2], strict=False):
        yield at, opening, False
        yield opening + 1, closing, True
        at = closing + 1
    yield at, len(text), False


def _phrase(found: Sequence[Token], start: int, end: int) -> list[Part]:
    """The place includes the quotation marks."""
    run = tuple(token.word for token in found)
    return [Part((run,), False, start - 1, end + 1)] if run else []


def _words(found: Sequence[Token], offset: int) -> list[Part]:
    """A part for every word; words with hyphens between are side by side, or written as one."""
    parts = []
    at = 0
    compounds = dict(_compounds(found))
    while at < len(found):
        last = compounds.get(at, at)
        run = tuple(token.word for token in found[at : last + 1])
        choices = (run,) if last == at else (run, ("".join(run),))
        parts.append(Part(choices, True, offset + found[at].start, offset + found[last].end))
        at = last + 1
    return parts


def _compounds(found: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """(first, last) of every run of tokens with only hyphens between them."""
    at = 0
    while at < len(found):
        last = at
        while last + 1 < len(found) and found[last + 1].glued:
            last += 1
        if last > at:
            yield at, last
        at = last + 1


def _cluster(parts: Sequence[Sequence[_Hit]], field: int) -> list[_Hit]:
    """One hit in this field for every part that has any there, near to one another.

    Around each hit of the rarest part, the nearest of the others; the tightest of these.
    """
    here = [mine for hits in parts if (mine := [hit for hit in hits if hit.field == field])]
    if not here:
        return []
    rarest = min(here, key=len)
    candidates = (
        [min(mine, key=lambda hit: (abs(hit.first - seed.first), hit.first)) for mine in here]
        for seed in rarest
    )
    return min(candidates, key=_spread)


def _spread(cluster: Sequence[_Hit]) -> int:
    """Tokens from the first to the last."""
    if not cluster:
        return 0
    return max(hit.last for hit in cluster) - min(hit.first for hit in cluster)


def _variants(spellings: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Word → the other spellings of it among the names of one person."""
    found: dict[str, set[str]] = {}
    for names in spellings:
        words = sorted({token.word for token in tokens(names)})
        words = [word for word in words if len(word) >= SHORTEST_VARIANT]
        for one in words:
            for other in words:
                if one != other and one[0] == other[0] and _alike(one, other):
                    found.setdefault(one, set()).add(other)
    return {word: frozenset(others) for word, others in found.items()}


def _alike(one: str, other: str) -> bool:
    # In one order: the ratio is not symmetric.
    first, second = sorted((one, other))
    return SequenceMatcher(None, first, second).ratio() >= VARIANT_LIKENESS
