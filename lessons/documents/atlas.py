"""What the map of routes is drawn from, and the page that is the same for everyone."""

from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from lessons.core.models import Status
from lessons.core.rendered import rendered

from .models import Document, MapLine, Place, Reference, Route, RouteStop
from .oneday import FAST, RANGE_KILOMETRES, SLOW, days_of
from .routemaps import route_map
from .routes import Dashed, Way, at, coordinates, dash, kilometres, measure, name_of

KEPT_ROUTES = 6
"""Up to so many routes every choice among them is kept (64); of more, only the whole map is."""

SPEED_REFERENCES = ("tu-104-speed", "tu-104-range")


def routes_to_draw(routes: QuerySet[Route], *, preview: bool = False) -> QuerySet[Route]:
    """Those of `routes` that may be shown, ready for `draw_route_map` (3 queries).

    A route is left out while one of its places is not for its reader, or its legs would lie.
    """
    stops = RouteStop.objects.select_related("place").order_by("order")
    hidden = Place.objects.filter(status=Status.RETIRED)
    if preview:
        routes = routes.exclude(status=Status.RETIRED)
    else:
        routes = routes.filter(status=Status.PUBLISHED)
        hidden = Place.objects.exclude(status=Status.PUBLISHED)
    return routes.exclude(stops__place__in=hidden).prefetch_related(
        Prefetch("stops", queryset=stops), "references"
    )


def lines_to_draw(*, preview: bool = False) -> QuerySet[MapLine]:
    """The dashed lines that may be shown (2 queries)."""
    lines = MapLine.objects.exclude(status=Status.RETIRED)
    return (lines if preview else lines.published()).prefetch_related("references")


@dataclass(frozen=True)
class Atlas:
    """Rows of the map, measured. Nobody may change them: all readers share them."""

    ways: tuple[Way, ...]
    lines: tuple[Dashed, ...]
    places: tuple[Place, ...]
    speed_references: tuple[Reference, ...]
    year: int | None

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(way.key for way in self.ways)


def atlas_of(version: int, *, preview: bool) -> Atlas:
    """All routes, lines and places for this reader, kept under the content version."""

    def build() -> Atlas:
        places = Place.objects.exclude(status=Status.RETIRED)
        lines = dash(lines_to_draw(preview=preview))
        speeds = {row.key: row for row in Reference.objects.filter(key__in=SPEED_REFERENCES)}
        return Atlas(
            ways=measure(routes_to_draw(Route.objects.all(), preview=preview), lines),
            lines=lines,
            places=tuple(places if preview else places.published()),
            speed_references=tuple(speeds[key] for key in SPEED_REFERENCES if key in speeds),
            year=_year(),
        )

    return rendered(("atlas", preview), version, build)


def map_page(atlas: Atlas, chosen: tuple[str, ...], *, version: int, preview: bool) -> SafeString:
    """Drawings and tables of the chosen routes. `chosen` are keys of the atlas in its order."""

    def build() -> SafeString:
        drawn = route_map(
            atlas.ways, atlas.lines, atlas.places, year=atlas.year, name="map", chosen=chosen
        )
        context = {
            "map": drawn,
            "places": [
                (name_of(place), coordinates(at(place), decimals=2), place)
                for place in drawn.places
            ],
            "days": days_of(drawn.ways),
            "slow": SLOW,
            "fast": FAST,
            "range": kilometres(RANGE_KILOMETRES),
            "speed_references": atlas.speed_references,
        }
        return SafeString(render_to_string("documents/_route_map_page.html", context))

    if len(atlas.ways) > KEPT_ROUTES and chosen != atlas.keys:
        return build()
    return rendered(("route-map", chosen, preview), version, build)


def _year() -> int | None:
    """The year that names are of: that of the published documents, if they have one in common."""
    years = Document.objects.published().values_list("date__year", flat=True).distinct()
    found = set(years.order_by())
    return found.pop() if len(found) == 1 else None
