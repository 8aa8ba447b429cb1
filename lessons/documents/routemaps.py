"""The map of routes: lines, numbers and names, in one drawing for phones, one for wide screens, and
one from closer by; the template is documents/_route_map.html.

Pure: rows in (their stops and references fetched before), strings and numbers out. Every figure in
a drawing is a whole number or part of a path written here, so that none can meet a decimal comma on
its way into SVG. No borders are drawn.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, hypot

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from .conic import Conic, Spot
from .greatcircles import Point, distance, points_between
from .maps import (
    DOT,
    MARGIN,
    TEXT,
    WIDTH,
    Box,
    Label,
    Line,
    inside,
    label_box,
    round_scale,
    sides,
)
from .models import MapLine, Place, Route
from .routes import Dashed, Leg, Way, at, dash, kilometres, measure

WIDE = 720
"""Units of the drawing for wide screens and paper; the one for phones is maps.WIDTH wide."""

STEP_KILOMETRES = 150
"""Between two points of a drawn line: too short for its corners to be seen."""

LEAST_PARTS = 4
"""Of a drawn leg, so that lines side by side have room to part and to meet."""

NEAR_KILOMETRES = 200
CLOSER_KILOMETRES = 1500
"""A way that comes so near a dashed line is drawn again from closer by, with the stops and the
places as far round the line as this."""

SIDE_BY_SIDE = 4.0
"""Units between the lines of ways that share a leg."""

STRIP = TEXT + MARGIN
"""Under the drawing, for its scale."""

EAST_DEGREES = 4
"""Room for names east of the dashed line, where no way comes in."""

SIGN_HEIGHT = 16
DIGIT = 8
SPACE = "\u2002"
"""An en space, half an em wide: 1 5 6 is not 156."""

THINK_AGAIN = 4
SIGN_TRIES = 24


@dataclass(frozen=True, slots=True)
class Stroke:
    """A drawn line; `d` is SVG's path data."""

    pattern: int
    d: str


@dataclass(frozen=True, slots=True)
class Dot:
    x: int
    y: int
    radius: int
    stop: bool


@dataclass(frozen=True, slots=True)
class Sign:
    """The numbers of the ways that use a leg, in a box round (x, y), at its middle."""

    x: int
    y: int
    left: int
    top: int
    width: int
    height: int
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    id: str
    kind: str
    title: str
    description: str
    width: int
    height: int
    text_size: int
    grid: str
    strokes: tuple[Stroke, ...]
    lines: tuple[str, ...]
    crossings: tuple[tuple[int, int], ...]
    dots: tuple[Dot, ...]
    signs: tuple[Sign, ...]
    labels: tuple[Label, ...]
    areas: tuple[Label, ...]
    lengths: tuple[Label, ...]
    scale: Line
    scale_text: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class RouteMap:
    """All that the template draws. `drawings` is empty where no way is chosen."""

    id: str
    ways: tuple[Way, ...]
    drawings: tuple[Drawing, ...]
    closer: Drawing | None
    lines: tuple[Dashed, ...]
    caption: str

    @property
    def places(self) -> tuple[Place, ...]:
        """Every place on a drawing once, in the order of its name."""
        found = {
            place.key: place
            for drawing in (*self.drawings, *filter(None, [self.closer]))
            for place in drawing.places
        }
        return tuple(sorted(found.values(), key=lambda place: (place.name, place.key)))


def draw_route_map(
    routes: Iterable[Route],
    lines: Iterable[MapLine],
    places: Iterable[Place],
    *,
    year: int | None,
    name: str,
    chosen: Collection[str] | None = None,
) -> SafeString:
    """The drawing, its legend and the table of ways, for a page or a step.

    Asks for nothing more where `routes` come from `atlas.routes_to_draw` and `lines` from
    `atlas.lines_to_draw`. The other arguments are those of `route_map`.
    """
    dashed = dash(lines)
    ways = measure(routes, dashed)
    drawn = route_map(ways, dashed, places, year=year, name=name, chosen=chosen)
    return SafeString(render_to_string("documents/_route_map.html", {"map": drawn}))


def route_map(
    ways: Sequence[Way],
    lines: Sequence[Dashed],
    places: Iterable[Place],
    *,
    year: int | None,
    name: str,
    chosen: Collection[str] | None = None,
) -> RouteMap:
    """The map of the ways whose keys are `chosen` (None: of all), which keep their numbers.

    `places` are drawn where a way is drawn from closer by; stops need not be among them. `year` is
    that of the names on the map; `name` begins the drawings' ids on the page.
    """
    shown = tuple(way for way in ways if chosen is None or way.key in chosen)
    dashed: list[Dashed] = []
    drawings: tuple[Drawing, ...] = ()
    closer = None
    outline = _outline(shown)
    if outline:
        whole = {
            kind: Conic(outline, width=width, below=STRIP)
            for kind, width in (("narrow", WIDTH), ("wide", WIDE))
        }
        near = [line for line in lines if _comes_near(outline, line)]
        dashed = [line for line in lines if line in near or _is_on(whole.values(), line)]
        words = _words(shown, dashed)
        drawings = tuple(
            _draw(shown, dashed, (), conic=conic, id=f"{name}-{kind}", kind=kind, words=words)
            for kind, conic in whole.items()
        )
        closer = _closer(shown, near, list(places), name=name) if near else None
    return RouteMap(
        id=name,
        ways=shown,
        drawings=drawings,
        closer=closer,
        lines=tuple(dashed),
        caption=_caption(year, closer=closer is not None, dashed=bool(dashed)),
    )


def _outline(ways: Iterable[Way]) -> list[Point]:
    return [point for way in ways for leg in way.legs for point in _curve(leg)]


def _curve(leg: Leg) -> list[Point]:
    """From the end whose key comes first, so that shared legs are one line."""
    start, end = sorted((leg.start, leg.end), key=lambda place: place.key)
    parts = max(LEAST_PARTS, ceil(leg.kilometres / STEP_KILOMETRES))
    return points_between(at(start), at(end), parts)


def _comes_near(outline: Sequence[Point], line: Dashed) -> bool:
    return any(
        distance(point, corner) < NEAR_KILOMETRES for corner in line.points for point in outline
    )


def _is_on(drawings: Iterable[Conic], line: Dashed) -> bool:
    """Whether all of it is well inside: a stump at the edge would only puzzle."""
    return all(conic.shows(corner, within=MARGIN) for conic in drawings for corner in line.points)


# --- Drawing ----------------------------------------------------------------------------------


def _closer(
    ways: Sequence[Way], near: Sequence[Dashed], places: Sequence[Place], *, name: str
) -> Drawing:
    """The country round the dashed lines that a way comes near."""
    corners = [point for line in near for point in line.points]
    stops = {stop.key: stop for way in ways for stop in way.stops}
    around = [
        at(stop)
        for stop in stops.values()
        if any(distance(at(stop), corner) < CLOSER_KILOMETRES for corner in corners)
    ]
    edge = max(corners, key=lambda corner: corner[1])
    around.append((edge[0], edge[1] + EAST_DEGREES))
    conic = Conic([*corners, *around], width=WIDTH, tallest=1.7, below=STRIP)
    minor = [
        place for place in places if place.key not in stops and conic.shows(at(place), within=DOT)
    ]
    titles = ", ".join(line.title for line in near)
    meetings = [
        _("Route %(number)s meets it near %(where)s: %(line)s.")
        % {"number": way.number, "where": meeting.where, "line": meeting.line}
        for way in ways
        for leg in way.legs
        for meeting in leg.meetings
        if meeting.line in {line.title for line in near}
    ]
    return _draw(
        ways,
        near,
        minor,
        conic=conic,
        id=f"{name}-closer",
        kind="closer",
        words=(
            _("Closer: %(line)s") % {"line": titles},
            " ".join([_("The dashed line is drawn roughly."), *meetings]),
        ),
    )


def _draw(
    ways: Sequence[Way],
    lines: Sequence[Dashed],
    minor: Sequence[Place],
    *,
    conic: Conic,
    id: str,  # noqa: A002  # it is the id of an element
    kind: str,
    words: tuple[str, str],
) -> Drawing:
    """One drawing. Names lie beside dots and off signs, and off lines where there is room."""
    height = conic.height
    legs = _by_ends(ways)
    strokes: list[tuple[int, list[Spot]]] = []
    middles: dict[frozenset[str], list[Spot]] = {}
    for ends, (leg, users) in legs.items():
        curve = _curve(leg)
        tips = {conic.place(curve[0]), conic.place(curve[-1])}
        for run in conic.runs(curve):
            middles[ends] = max(middles.get(ends, []), run, key=_length)
            for index, way in enumerate(users):
                aside = (index - (len(users) - 1) / 2) * SIDE_BY_SIDE
                strokes.append((way.pattern, _beside(run, aside, tips)))
    dashed = [run for line in lines for run in conic.runs(line.points)]
    stops = {stop.key: stop for way in ways for stop in way.stops if conic.shows(at(stop))}
    shown = [*stops.values(), *minor]
    spots = [_whole(conic.place(at(place))) for place in shown]
    dots = [
        Dot(x, y, DOT if index < len(stops) else DOT - 1, index < len(stops))
        for index, (x, y) in enumerate(spots)
    ]
    meetings = {
        _whole(conic.place(meeting.point))
        for way in ways
        for leg in way.legs
        for meeting in leg.meetings
        if kind == "closer" and conic.shows(meeting.point)
    }
    scale_kilometres = round_scale(conic, conic.width)
    scale = Line(MARGIN, height - 8, MARGIN + conic.length(scale_kilometres), height - 8)
    firm = [_round(x, y, DOT + 1) for x, y in [*spots, *meetings]]
    firm.append(Box(0, height - 8 - TEXT - 5, max(scale.x2, MARGIN + 5 * TEXT), height))
    ink = _Ink([*(run for _pattern, run in strokes), *dashed])
    size = (conic.width, height)
    # Names first: a number can stand anywhere on its leg, a name only beside its dot.
    names = [(place.name, spot, (DOT,)) for place, spot in zip(shown, spots, strict=True)]
    labels = _labels(names, firm, ink, size)
    firm += map(_box, labels)
    signs = _signs(legs, middles, firm, ink, size, least=8 if kind == "closer" else 1)
    firm += map(_box_of, signs.values())
    areas = [
        (_("%(area)s, disputed") % {"area": place.disputed}, spot, (24, 40, 56, 72))
        for place, spot in zip(shown, spots, strict=True)
        if place.disputed and kind == "closer"
    ]
    lengths = [
        (
            _("%(kilometres)s km") % {"kilometres": legs[ends][0].shown},
            (sign.x, sign.y),
            (sign.height // 2 - 2, sign.width // 2 + 2),
        )
        for ends, sign in signs.items()
        if kind == "wide"
    ]
    more = _labels([*areas, *lengths], firm, ink, size)
    return Drawing(
        id=id,
        kind=kind,
        title=words[0],
        description=words[1],
        width=conic.width,
        height=height,
        text_size=TEXT,
        grid="".join(map(_path, conic.grid())),
        strokes=tuple(Stroke(pattern, _path(run)) for pattern, run in strokes),
        lines=tuple(map(_path, dashed)),
        crossings=tuple(sorted(meetings)),
        dots=tuple(dots),
        signs=tuple(signs.values()),
        labels=tuple(labels),
        areas=tuple(more[: len(areas)]),
        lengths=tuple(more[len(areas) :]),
        scale=scale,
        scale_text=_("%(kilometres)s km") % {"kilometres": kilometres(scale_kilometres)},
        places=tuple(shown),
    )


def _by_ends(ways: Iterable[Way]) -> dict[frozenset[str], tuple[Leg, list[Way]]]:
    """Each leg once, with the ways that use it, in either direction."""
    found: dict[frozenset[str], tuple[Leg, list[Way]]] = {}
    for way in ways:
        for leg in way.legs:
            users = found.setdefault(leg.ends, (leg, []))[1]
            if way not in users:
                users.append(way)
    return found


def _signs(
    legs: dict[frozenset[str], tuple[Leg, list[Way]]],
    middles: dict[frozenset[str], list[Spot]],
    firm: Sequence[Box],
    ink: "_Ink",
    size: tuple[int, int],
    *,
    least: int,
) -> dict[frozenset[str], Sign]:
    """The numbers on each leg, as near its middle as they lie on nothing else; short legs first.

    A leg with fewer than `least` points (of `_filled`) on the drawing goes without.
    """
    placed: dict[frozenset[str], Sign] = {}
    for ends in sorted(middles, key=lambda ends: (_length(middles[ends]), sorted(ends))):
        text = SPACE.join(str(way.number) for way in legs[ends][1])
        taken = [*firm, *(_box_of(sign) for sign in placed.values())]
        seen = [
            (x, y)
            for x, y in _filled(middles[ends])
            if SIGN_HEIGHT < x < size[0] - SIGN_HEIGHT and SIGN_HEIGHT < y < size[1] - SIGN_HEIGHT
        ]
        if len(seen) < least:
            continue
        choices = []
        for index in range(0, len(seen), max(1, len(seen) // SIGN_TRIES)):
            box = _box_of(_sign(text, seen[index]))
            cost = 10 * sum(box.overlap(other) for other in taken) + ink.under(box)
            choices.append((cost + 60 * abs(index / len(seen) - 0.5), index))
        placed[ends] = _sign(text, seen[min(choices)[1]])
    return placed


def _sign(text: str, spot: Spot) -> Sign:
    x, y = _whole(spot)
    width = max(SIGN_HEIGHT, DIGIT * len(text.replace(SPACE, "")) + 7 * text.count(SPACE) + 8)
    return Sign(x, y, x - width // 2, y - SIGN_HEIGHT // 2, width, SIGN_HEIGHT, text)


def _labels(
    wanted: Sequence[tuple[str, tuple[int, int], tuple[int, ...]]],
    firm: Sequence[Box],
    ink: "_Ink",
    size: tuple[int, int],
) -> list[Label]:
    """For each (text, centre, distances from it) the place where it covers least.

    maps.place_labels keeps names off everything or gives up; among lines something must give way,
    and it is lines first. So each name in turn takes the cheapest place, and may think again once
    the others have theirs.
    """
    choices: list[list[tuple[float, Label, Box]]] = []
    for text, spot, reaches in wanted:
        options = []
        for order, label in enumerate(
            label for reach in reaches for label in sides(text, spot, reach)
        ):
            box = _box(label)
            cost = float(order + ink.under(box))
            cost += 20 * sum(box.overlap(other) for other in firm)
            cost += 0 if inside(box, *size) else 10_000
            options.append((cost, label, box))
        choices.append(options)
    chosen = [min(options, key=lambda option: option[0]) for options in choices]
    for _round_again in range(THINK_AGAIN):
        for index, options in enumerate(choices):
            others = [box for place, (_c, _l, box) in enumerate(chosen) if place != index]
            chosen[index] = min(
                options,
                key=lambda option: option[0] + 20 * sum(option[2].overlap(o) for o in others),
            )
    return [label for _cost, label, _box in chosen]


def _box(label: Label) -> Box:
    """A little wider than letters are on average: short names may have wide ones."""
    left, top, right, bottom = label_box(label)
    return Box(left - 3, top, right + 3, bottom)


def _words(ways: Sequence[Way], lines: Sequence[Dashed]) -> tuple[str, str]:
    """Title and description of the whole map."""
    said = [
        _("%(number)s: %(title)s, %(total)s km.")
        % {"number": way.number, "title": way.title, "total": way.total}
        for way in ways
        if way.legs
    ]
    if lines:
        said.append(_("Dashed: %(lines)s.") % {"lines": ", ".join(line.title for line in lines)})
    said.append(_("No borders are drawn. The table says the same."))
    return _("Map of the routes"), " ".join(said)


def _caption(year: int | None, *, closer: bool, dashed: bool) -> str:
    said = [_("Names as of %(year)s.") % {"year": year} if year else _("Names of the time.")]
    if closer:
        said.append(_("The second drawing shows the country round the dashed line from closer by."))
    said.append(_("What this map does not decide: whose territory is whose. It draws no borders."))
    if dashed:
        said.append(_("A dashed line is drawn roughly and says only that it ran about there."))
    said.append(
        _(
            "Nor does the map show where anybody flew: each leg is a great circle, the shortest "
            "line on the globe, to measure by."
        )
    )
    return " ".join(said)


# --- Small geometry ---------------------------------------------------------------------------


def _path(run: Sequence[Spot]) -> str:
    """SVG path data in tenths of a unit."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in run)


def _beside(run: Sequence[Spot], aside: float, tips: Collection[Spot]) -> list[Spot]:
    """The line moved sideways by so many units, but for its `tips`, where all lines meet."""
    moved = []
    for index, (x, y) in enumerate(run):
        (x1, y1), (x2, y2) = run[max(0, index - 1)], run[min(len(run) - 1, index + 1)]
        far = aside / (hypot(x2 - x1, y2 - y1) or 1.0) if (x, y) not in tips else 0.0
        moved.append((x - (y2 - y1) * far, y + (x2 - x1) * far))
    return moved


def _filled(run: Sequence[Spot]) -> list[Spot]:
    """Points along the line, four units apart at most."""
    found = list(run[:1])
    for (x1, y1), (x2, y2) in pairwise(run):
        parts = int(hypot(x2 - x1, y2 - y1) // 4) + 1
        found += [
            (x1 + (x2 - x1) * part / parts, y1 + (y2 - y1) * part / parts)
            for part in range(1, parts + 1)
        ]
    return found


def _length(run: Sequence[Spot]) -> float:
    return sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(run))


class _Ink:
    """Where lines are, for names and numbers to keep off them; quick to ask."""

    CELL = 16
    WEIGHT = 16
    """Square units that one point of a line (see `_filled`) stands for."""

    def __init__(self, runs: Iterable[Sequence[Spot]]) -> None:
        self._cells: dict[tuple[int, int], list[Spot]] = {}
        for run in runs:
            for x, y in _filled(run):
                cell = (int(x // self.CELL), int(y // self.CELL))
                self._cells.setdefault(cell, []).append((x, y))

    def under(self, box: Box) -> int:
        """The share of a box that lines take, in square units."""
        columns = range(int(box.left // self.CELL), int(box.right // self.CELL) + 1)
        rows = range(int(box.top // self.CELL), int(box.bottom // self.CELL) + 1)
        return self.WEIGHT * sum(
            box.left <= x <= box.right and box.top <= y <= box.bottom
            for column in columns
            for row in rows
            for x, y in self._cells.get((column, row), ())
        )


def _whole(spot: Spot) -> tuple[int, int]:
    return round(spot[0]), round(spot[1])


def _round(x: float, y: float, reach: float) -> Box:
    return Box(x - reach, y - reach, x + reach, y + reach)


def _box_of(sign: Sign) -> Box:
    return Box(sign.left, sign.top, sign.left + sign.width, sign.top + sign.height)
