"""What a class's answers say of a question and of a set of them. Pure: numbers in, numbers out.

Scores are fractions from 0 to 1 and come as floats; None stands for "not known" (not presented,
or not marked yet), never for a wrong answer. A figure that is not defined for what was given
(nobody answered, everyone scored alike, one question only) is None, never 0 and never an error.

Formulas as in L. Crocker & J. Algina, *Introduction to Classical and Modern Test Theory* (1986),
chapters 7 (reliability) and 14 (item analysis), and M. J. Allen & W. M. Yen, *Introduction to
Measurement Theory* (1979), chapters 4 and 6; first sources stand at each function.
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Sequence[float]
Score = float | None


def mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def variance(values: Sequence[float]) -> float | None:
    """Σ(x − x̄)² / n, the variance of these values themselves; None of none.

    Divided by n, since KR-20's p·q is that variance; in alpha and in correlations the divisor
    cancels out.
    """
    if not values:
        return None
    middle = math.fsum(values) / len(values)
    return math.fsum((value - middle) ** 2 for value in values) / len(values)


def median(values: Iterable[float]) -> float | None:
    """The middle value, or the mean of the two middle ones."""
    ordered = sorted(values)
    if not ordered:
        return None
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2


def facility(scores: Iterable[Score]) -> float | None:
    """The mean score of those whose score is known: from 0 (nobody) to 1 (everyone had it right).

    For a question scored 0 or 1 it is the p of the textbooks, the share who had it right
    (Crocker & Algina 1986, ch. 14; Allen & Yen 1979, ch. 6).
    """
    return mean([score for score in scores if score is not None])


def correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Pearson's r = Σ(x − x̄)(y − ȳ) / √(Σ(x − x̄)² Σ(y − ȳ)²); None where either does not vary.

    K. Pearson, "Notes on regression and inheritance in the case of two parents", Proceedings of
    the Royal Society of London 58 (1895), 240–242. With one side scored 0 or 1 this is the
    point-biserial coefficient. Raises ValueError for lists of different lengths.
    """
    if len(one) != len(other):
        raise ValueError("as many values on either side")
    if len(one) < 2:
        return None
    x, y = _deviations(one), _deviations(other)
    if x is None or y is None:
        return None
    product = math.fsum(a * b for a, b in zip(x, y, strict=True))
    size = math.sqrt(math.fsum(a * a for a in x)) * math.sqrt(math.fsum(b * b for b in y))
    return max(-1.0, min(1.0, product / size))


def discrimination(item: Sequence[float], total: Sequence[float]) -> float | None:
    """The corrected item–total correlation: the item's scores with the *rest* of each total.

    Each total is the sum over all questions, this one included; the item is taken out again,
    or it would be correlated with itself. Equal to (r·s_T − s_i) / √(s_i² + s_T² − 2·r·s_i·s_T)
    for the uncorrected r (S. Henrysson, "Correction of item-total correlations in item
    analysis", Psychometrika 28, 1963, 211–218; Crocker & Algina 1986, ch. 14). For a question
    scored 0 or 1 it is the corrected point-biserial. From −1 to 1; None with fewer than two
    learners, or where item or rest do not vary.
    """
    if len(item) != len(total):
        raise ValueError("as many totals as scores")
    return correlation(item, [whole - part for part, whole in zip(item, total, strict=True)])


def cronbach_alpha(rows: Sequence[Row]) -> float | None:
    """k / (k − 1) · (1 − Σ s_i² / s_T²) over one set of k questions; one row for each learner.

    L. J. Cronbach, "Coefficient alpha and the internal structure of tests", Psychometrika 16
    (1951), 297–334. It may be negative. None with fewer than two learners or questions, or where
    all totals are alike. Raises ValueError where rows differ in length: alpha is of one common set.
    """
    width = _width(rows)
    if width < 2 or len(rows) < 2:
        return None
    totals = [math.fsum(row) for row in rows]
    whole = variance(totals)
    if whole is None or not _varies(totals):
        return None
    parts = math.fsum(variance(column) or 0.0 for column in zip(*rows, strict=True))
    return width / (width - 1) * (1 - parts / whole)


def kr20(rows: Sequence[Row]) -> float | None:
    """k / (k − 1) · (1 − Σ p·q / s_T²) for questions scored 0 or 1 only.

    Formula 20 of G. F. Kuder & M. W. Richardson, "The theory of the estimation of test
    reliability", Psychometrika 2 (1937), 151–160, with s_T² divided by n. Equals alpha. None as
    for alpha; ValueError where a score is neither 0 nor 1, or rows differ in length.
    """
    width = _width(rows)
    if not is_dichotomous(rows):
        raise ValueError("scores are 0 or 1")
    if width < 2 or len(rows) < 2:
        return None
    totals = [math.fsum(row) for row in rows]
    whole = variance(totals)
    if whole is None or not _varies(totals):
        return None
    shares = [math.fsum(column) / len(rows) for column in zip(*rows, strict=True)]
    return width / (width - 1) * (1 - math.fsum(p * (1 - p) for p in shares) / whole)


def is_dichotomous(rows: Sequence[Row]) -> bool:
    return all(score in (0, 1) for row in rows for score in row)


@dataclass(frozen=True)
class CommonSet:
    """Learners who have a score in every question of one set: what alpha may be taken over."""

    items: tuple[Hashable, ...]
    rows: tuple[tuple[float, ...], ...]
    left_out: int
    """Learners with some of these questions and not all of them."""

    @property
    def totals(self) -> list[float]:
        return [math.fsum(row) for row in self.rows]

    def column(self, item: Hashable) -> list[float]:
        at = self.items.index(item)
        return [row[at] for row in self.rows]


def common_set(
    scores: Iterable[Mapping[Any, Score]], items: Sequence[Hashable] | None = None
) -> CommonSet:
    """The learners who have a known score in every one of the `items`.

    `scores` holds one mapping from item to score for each learner. Where `items` is not given
    they are all that any learner has a score in, in the order in which they are met. Listwise:
    a learner with a gap is left out whole, since totals over different questions are different
    quantities.
    """
    known = [{i: s for i, s in own.items() if s is not None} for own in scores]
    if items is None:
        items = list(dict.fromkeys(item for own in known for item in own))
    wanted = set(items)
    begun = [own for own in known if wanted & own.keys()]
    rows = tuple(tuple(float(own[item]) for item in items) for own in begun if wanted <= own.keys())
    if not items:
        rows = ()
    return CommonSet(tuple(items), rows, len(begun) - len(rows))


@dataclass(frozen=True)
class Distractor:
    """One line of a question's distractor table."""

    choice: str
    count: int
    share: float
    """Of all who answered; with several choices allowed, shares add up to more than 1."""
    rest: float | None
    """The mean of what those who chose it scored on the other questions; None where unknown."""


def distractor_table(
    chosen: Iterable[tuple[Sequence[str], float | None]], choices: Sequence[str]
) -> list[Distractor]:
    """How many chose what, and how well they did elsewhere (Allen & Yen 1979, ch. 6).

    `chosen` holds, for each learner who answered, the choices made and the score on the rest of
    the questions (None where unknown). One line for each of `choices`, in their order; what is
    none of them is not counted.
    """
    counts: dict[str, int] = dict.fromkeys(choices, 0)
    rests: dict[str, list[float]] = {choice: [] for choice in choices}
    answered = 0
    for own, rest in chosen:
        answered += 1
        for choice in set(own) & counts.keys():
            counts[choice] += 1
            if rest is not None:
                rests[choice].append(rest)
    return [
        Distractor(c, counts[c], counts[c] / answered if answered else 0.0, mean(rests[c]))
        for c in choices
    ]


def _width(rows: Sequence[Row]) -> int:
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        raise ValueError("every learner has a score in every question")
    return widths.pop() if widths else 0


def _varies(values: Sequence[float]) -> bool:
    """Whether they differ by more than sums of floats do by themselves."""
    low, high = min(values), max(values)
    return high - low > 1e-12 * max(1.0, abs(low), abs(high))


def _deviations(values: Sequence[float]) -> list[float] | None:
    """Each value less their mean; None where they do not vary."""
    if not _varies(values):
        return None
    middle = math.fsum(values) / len(values)
    return [value - middle for value in values]
