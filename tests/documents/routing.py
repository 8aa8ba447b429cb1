"""Places, routes and lines made for a test, after those of ¶7 but apart from what ships."""

from typing import Any

from lessons.documents.models import MapLine, Place, Route, RouteStop
from lessons.documents.routes import Dashed, Way, legs_between

from .making import make_reference

POSITIONS = {
    "london": ("London", 51.507, -0.128),
    "moscow": ("Moscow", 55.756, 37.617),
    "tashkent": ("Tashkent", 41.300, 69.240),
    "karachi": ("Karachi", 24.861, 67.001),
    "new-delhi": ("New Delhi", 28.614, 77.209),
    "rome": ("Rome", 41.890, 12.490),
    "cairo": ("Cairo", 30.044, 31.236),
    "tehran": ("Tehran", 35.689, 51.389),
    "srinagar": ("Srinagar", 34.084, 74.797),
    "rawalpindi": ("Rawalpindi", 33.565, 73.017),
    "lahore": ("Lahore", 31.520, 74.359),
    "kabul": ("Kabul", 34.555, 69.208),
}
WAYS = [
    "london moscow tashkent karachi",
    "london rome cairo karachi",
    "london karachi",
    "moscow new-delhi",
    "moscow tashkent new-delhi",
    "moscow tashkent karachi new-delhi",
]
# fmt: off
CEASEFIRE = [
    [32.8, 74.42], [33.2, 74.1], [33.77, 74.05], [34.0, 74.2], [34.4, 73.8],
    [34.66, 74.0], [34.75, 75.0], [34.55, 76.0], [35.0, 77.0],
]
# fmt: on


def a_place(key: str) -> Place:
    """Not saved."""
    name, latitude, longitude = POSITIONS[key]
    return Place(key=key, name=name, latitude=latitude, longitude=longitude, status="published")


def a_way(number: int, stops: str, lines: tuple[Dashed, ...] = ()) -> Way:
    places = [a_place(key) for key in stops.split()]
    return Way(
        number=number,
        key=stops.replace(" ", "-"),
        title="–".join(place.name for place in places),
        note="",
        legs=legs_between(places, lines),
        certainty_label="",
        references=(),
        draft=False,
    )


def a_line(points: list[list[float]] = CEASEFIRE) -> Dashed:
    return Dashed("Ceasefire line", "Rough.", tuple((a, b) for a, b in points), "", (), False)


def only_these() -> None:
    """Nothing of what ships is on the map."""
    for model in (Route, MapLine, Place):
        model.objects.update(status="retired")


def make_place(key: str, **fields: Any) -> Place:
    name, latitude, longitude = POSITIONS[key]
    values = {
        "name": name,
        "latitude": latitude,
        "longitude": longitude,
        "note": f"What {name} was.",
        "certainty": "accepted",
        "status": "published",
        **fields,
    }
    return Place.objects.get_or_create(key=f"test-{key}", defaults=values)[0]


def make_route(key: str, stops: str, **fields: Any) -> Route:
    values = {
        "title": key.capitalize(),
        "note": f"Note on {key}.",
        "certainty": "inferred",
        "status": "published",
        **fields,
    }
    route = Route.objects.create(key=key, **values)
    route.references.add(make_reference())
    for order, stop in enumerate(stops.split(), start=1):
        RouteStop.objects.create(route=route, key=f"s{order}", place=make_place(stop), order=order)
    return route


def make_line(key: str = "test-line", **fields: Any) -> MapLine:
    values = {
        "title": "Test line",
        "note": "Roughly here.",
        "points": CEASEFIRE,
        "certainty": "inferred",
        "status": "published",
        **fields,
    }
    line = MapLine.objects.create(key=key, **values)
    line.references.add(make_reference())
    return line
