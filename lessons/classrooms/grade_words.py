"""Grades in words and rounded numbers: the one place where a grade is rounded."""

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .exports import Value
from .gradebook import Gradebook, Row
from .grading import Cell, State, Total

TENTH = Decimal("0.1")
HUNDREDTH = Decimal("0.01")


def percent(score: Decimal | None) -> Decimal | None:
    """The fraction in per cent to one place, without an idle zero: 83.3, 100; None for None."""
    return None if score is None else _plain((score * 100).quantize(TENTH, ROUND_HALF_UP))


def rounded_points(points: Decimal) -> Decimal:
    """To two places at most, without idle zeros: 4, 3.5, 2.67."""
    return _plain(points.quantize(HUNDREDTH, ROUND_HALF_UP))


def _plain(number: Decimal) -> Decimal:
    whole = number.to_integral_value()
    return whole if number == whole else number.normalize()


def say_percent(score: Decimal | None) -> str:
    """83.3%, in the reader's language; empty for None."""
    shown = percent(score)
    if shown is None:
        return ""
    return _("%(number)s%%") % {"number": number_format(shown, use_l10n=True)}


def say_points(points: Decimal) -> str:
    return number_format(rounded_points(points), use_l10n=True)


def note_of(cell: Cell) -> str:
    """What is to be said of a grade beside the number."""
    return "; ".join(_notes(cell))


_PLAIN = {
    State.NOT_GIVEN: gettext_lazy("not given"),
    State.UNGRADED: gettext_lazy("nothing graded in it"),
    State.EXCUSED: gettext_lazy("excused"),
    State.BY_HAND: gettext_lazy("set by hand"),
    State.NOT_BEGUN: gettext_lazy("nothing handed in yet"),
    State.NOTHING: gettext_lazy("nothing handed in"),
    State.BEGUN: gettext_lazy("begun, not handed in"),
    State.MISSING: gettext_lazy("missing"),
}


def _notes(cell: Cell) -> Iterator[str]:
    so_far = {"earned": say_points(cell.earned), "points": say_points(cell.points)}
    if cell.state is State.MARKED:
        yield _("%(earned)s of %(points)s points") % so_far
    elif cell.state is State.WAITING:
        yield ngettext("%(n)s answer to mark", "%(n)s answers to mark", cell.waiting) % {
            "n": cell.waiting
        }
    else:
        yield str(_PLAIN[cell.state])
    if cell.state in (State.WAITING, State.BEGUN, State.MISSING) and cell.points:
        yield _("%(earned)s of %(points)s points so far") % so_far
    if cell.days and cell.state not in (State.EXCUSED, State.BY_HAND):
        yield say_late(cell)


def say_late(cell: Cell) -> str:
    """2 days late, −1.2 points."""
    days = ngettext("%(n)s day late", "%(n)s days late", cell.days) % {"n": cell.days}
    if not cell.taken:
        return days
    return _("%(days)s, −%(points)s points") % {"days": days, "points": say_points(cell.taken)}


def say_counted(total: Total) -> str:
    return _("%(counted)s of %(of)s counted") % {"counted": total.counted, "of": total.of}


# --- The gradebook as a table -------------------------------------------------------------------


HEADS = 2
"""Rows above the learners: titles and weights."""


def table_of(book: Gradebook) -> Iterator[list[Value]]:
    """What the screen shows, all pages of it: two heads, the learners, the class."""
    columns = book.columns
    titles = [column.assignment.title for column in columns]
    heads = _pairs([(title, _("%(title)s: note") % {"title": title}) for title in titles])
    yield [_("Name"), _("Student number"), *heads, _("Total"), _("Counted")]
    yield [
        _("Weight"),
        None,
        *_pairs([(rounded_points(column.weight), None) for column in columns]),
        None,
        None,
    ]
    for row in book.rows:
        yield _line(row)
    figures = [(percent(figure.score), say_count(figure.count)) for figure in book.figures]
    whole = (percent(book.total.score), say_count(book.total.count))
    yield [_("Class mean"), None, *_pairs([*figures, whole])]


def _line(row: Row) -> list[Value]:
    cells = [(percent(cell.score), note_of(cell)) for cell in row.cells]
    whole = (percent(row.total.score), say_counted(row.total))
    return [row.learner.name, row.learner.number, *_pairs([*cells, whole])]


def _pairs(pairs: Iterable[tuple[Value, Value]]) -> list[Value]:
    return [value for pair in pairs for value in pair]


def say_count(count: int) -> str:
    return ngettext("%(n)s grade", "%(n)s grades", count) % {"n": count}
