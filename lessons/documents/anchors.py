"""Where words stand in a text. Pure: no models, no Django; every offset counts code points.

A `Selector` is the W3C's TextQuoteSelector with a TextPositionSelector beside it. It finds its
words again after the text was corrected elsewhere, or says that it cannot: it never guesses.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

CONTEXT = 32
"""Code points of prefix and of suffix that a selector keeps."""

ENOUGH_CONTEXT = 8
"""Code points of kept context that must still touch the words where their position is lost."""

OWN_CONTEXT = 24
"""A quote of so many code points needs no context to be recognised."""

TOLERANCE = 0.15
"""The share of a quote's code points that an approximate match may change."""


@dataclass(frozen=True, slots=True)
class Selector:
    quote: str
    prefix: str
    suffix: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Span:
    """The half-open range `start` to `end` of a text, under a name of the caller's."""

    id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text inside which no span begins or ends.

    `covering`, `begins` and `ends` hold ids of spans, the outermost first: by start, then the
    longer first, then by id.
    """

    start: int
    end: int
    text: str
    covering: tuple[str, ...]
    begins: tuple[str, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Match:
    start: int
    end: int
    edits: int
    context: int


def describe(text: str, start: int, end: int) -> Selector:
    """The selector of `text[start:end]`. Raises ValueError where that is empty or outside."""
    if not 0 <= start < end <= len(text):
        raise ValueError(f"{start}:{end} is no range of a text of {len(text)} code points")
    return Selector(
        quote=text[start:end],
        prefix=text[max(0, start - CONTEXT) : start],
        suffix=text[end : end + CONTEXT],
        start=start,
        end=end,
    )


def resolve(text: str, selector: Selector) -> tuple[int, int] | None:
    """The range of the selector's words in `text`, or None where they are gone or ambiguous.

    First the kept position, if the quote stands there and its context fits no other place better;
    then the one exact occurrence whose context fits best; then the one stretch that differs in at
    most `TOLERANCE` of the quote's code points. Without its position a short quote must also have
    kept `ENOUGH_CONTEXT` code points of what stood beside it.
    """
    if not selector.quote:
        return None
    exact = [_match(text, selector, start, 0) for start in _occurrences(text, selector.quote)]
    if exact:
        return _pick_exact(exact, selector)
    return _pick_approximate(_approximate(text, selector), selector)


def segments(text: str, spans: Iterable[Span], cuts: Iterable[int] = ()) -> list[Segment]:
    """`text` cut at every boundary of `spans` and at every offset of `cuts`.

    The segments' texts join to `text`, and those that a span covers join to the span's words. An
    empty text has no segments. Raises ValueError for a span that is empty or outside the text.
    """
    ordered = sorted(spans, key=lambda span: (span.start, -span.end, span.id))
    bounds = {0, len(text)}
    for span in ordered:
        if not 0 <= span.start < span.end <= len(text):
            raise ValueError(f"{span} is no range of a text of {len(text)} code points")
        bounds |= {span.start, span.end}
    bounds |= {cut for cut in cuts if 0 < cut < len(text)}
    edges = sorted(bounds)

    covering: list[list[str]] = [[] for _ in edges]
    begins: list[list[str]] = [[] for _ in edges]
    ends: list[list[str]] = [[] for _ in edges]
    for span in ordered:
        first, last = bisect_left(edges, span.start), bisect_left(edges, span.end) - 1
        begins[first].append(span.id)
        ends[last].append(span.id)
        for index in range(first, last + 1):
            covering[index].append(span.id)
    return [
        Segment(
            start=start,
            end=end,
            text=text[start:end],
            covering=tuple(covering[index]),
            begins=tuple(begins[index]),
            ends=tuple(ends[index]),
        )
        for index, (start, end) in enumerate(pairwise(edges))
    ]


def edit_distance(one: str, other: str) -> int:
    """Levenshtein's distance in code points (Wagner & Fischer 1974)."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        above, row[0] = row[0], i
        for j, right in enumerate(other, start=1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (left != right))
    return row[-1]


def allowed_edits(quote: str) -> int:
    """How many code points an approximate match of `quote` may change; 0 for six and fewer."""
    return int(len(quote) * TOLERANCE)


def _occurrences(text: str, quote: str) -> Iterator[int]:
    start = text.find(quote)
    while start != -1:
        yield start
        start = text.find(quote, start + 1)


def _match(text: str, selector: Selector, start: int, edits: int, end: int = -1) -> _Match:
    end = start + len(selector.quote) if end == -1 else end
    before = _common_start(selector.prefix[::-1], text[max(0, start - CONTEXT) : start][::-1])
    after = _common_start(selector.suffix, text[end : end + CONTEXT])
    return _Match(start=start, end=end, edits=edits, context=before + after)


def _common_start(one: str, other: str) -> int:
    shared = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        shared += 1
    return shared


def _is_recognised(match: _Match, selector: Selector) -> bool:
    kept = len(selector.prefix) + len(selector.suffix)
    return len(selector.quote) >= OWN_CONTEXT or (
        kept > 0 and match.context >= min(ENOUGH_CONTEXT, kept)
    )


def _pick_exact(matches: list[_Match], selector: Selector) -> tuple[int, int] | None:
    best = max(match.context for match in matches)
    fitting = [match for match in matches if match.context == best]
    for match in fitting:
        if match.start == selector.start:
            return match.start, match.end
    if len(fitting) == 1 and _is_recognised(fitting[0], selector):
        return fitting[0].start, fitting[0].end
    return None


def _pick_approximate(matches: list[_Match], selector: Selector) -> tuple[int, int] | None:
    """The best stretch, unless a stretch apart from it could as well be meant."""
    if not matches:
        return None
    best = min(matches, key=lambda match: (match.edits, -match.context, match.start))
    for other in matches:
        apart = other.end <= best.start or other.start >= best.end
        if apart and other.context >= best.context:
            return None
    return (best.start, best.end) if _is_recognised(best, selector) else None


def _approximate(text: str, selector: Selector) -> list[_Match]:
    """Every stretch within the allowed edits: Sellers' algorithm (1980), starts carried along."""
    quote, limit = selector.quote, allowed_edits(selector.quote)
    if limit == 0:
        return []
    costs = list(range(len(quote) + 1))
    starts = [0] * (len(quote) + 1)
    found = []
    for position, letter in enumerate(text, start=1):
        next_costs, next_starts = [0], [position]
        for index, wanted in enumerate(quote, start=1):
            cost, start = min(
                (costs[index - 1] + (letter != wanted), starts[index - 1]),
                (costs[index] + 1, starts[index]),
                (next_costs[index - 1] + 1, next_starts[index - 1]),
            )
            next_costs.append(cost)
            next_starts.append(start)
        costs, starts = next_costs, next_starts
        if costs[-1] <= limit and starts[-1] < position:
            found.append(_match(text, selector, starts[-1], costs[-1], end=position))
    return found
