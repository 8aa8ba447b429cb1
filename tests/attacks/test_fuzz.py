"""Whatever is sent to whichever address is answered, and never with a server's error.

A test's browser raises what a view raises, so that any exception fails here with its own traceback.
"""

import itertools
import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from lessons.accounts.backends import BACKEND
from lessons.accounts.models import User
from tests.classrooms.making import Cast, make_cast
from tests.guided.reading import HTMX

from .addresses import ROUTES, address, asked_for, client_of, forms_of, undone
from .hostile import EXAMPLES, MOMENTS, NUMBERS, WHOLE, WORDS, encoded, rarely_large, values

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
NAMES = asked_for()
MEGABYTE = "a" * 1_000_000
PARTS = {
    "int": ["0", "9" * 5000, str(2**63 - 1), str(2**63), str(2**31), "007"],
    "slug": ["nosuch", "a" * 3000, "-", "0", "9" * 30],
    "str": ["\0", "\ud800", "a" * 3000, "%00", "\u202e", "..", "=1", "\n"],
}
"""What to write into the parts of an address, by their converter."""
SHAPES = [
    ("application/json", b'{"a": ' + b"[" * 9000),
    ("application/json", json.dumps({"text": "x", "reader": ["y"]}).encode()),
    ("text/plain", b"\xff\xfe\x00"),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=", b"--\r\n"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n'),
    ("multipart/form-data; boundary=" + "x" * 300, b"--x--"),
    (f"{FORM}; charset=utf-16", "q=1".encode("utf-16")),
    (f"{FORM}; charset=nosuch", b"q=1"),
    (FORM, b"%ff%fe=%80&&&==&;=%"),
    (FORM, b"&".join(b"a=1" for _ in range(2500))),
    ("", b"q=1"),
    ("application/xml", b'<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'),
]


def quietly(**more: Any) -> Any:
    """Settings of a test whose database every example gives back as it was."""
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    phases = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
    return settings(suppress_health_check=checks, phases=phases, database=None, **more)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast("here")


@pytest.fixture
def clients(cast: Cast, editor: User, guest: User) -> dict[str, Client]:
    people = {"instructor": cast.instructor, "student": cast.student, "editor": editor}
    more = {"guest": guest, "visitor": None}
    return {name: client_of(user) for name, user in {**people, **more}.items()}


def answered(response: HttpResponseBase) -> None:
    assert response.status_code < 500
    assert b"Traceback" not in getattr(response, "content", b"")


def forms(cast: Cast, clients: dict[str, Client]) -> dict[str, dict[str, list[Any]]]:
    """By address, then person: the fields of every form that stands on some page of theirs."""
    found: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for name in ("instructor", "student", "editor"):
        for route in ROUTES:
            path = address(cast, route)
            page = undone(clients[name], "get", path)
            if page.status_code != 200 or "html" not in page.headers.get("Content-Type", ""):
                continue
            for action, fields in forms_of(page.content.decode()):  # type: ignore[attr-defined]
                found[action or path][name].append(fields)
    assert len(found) > 60
    return found


# --- Every form -----------------------------------------------------------------------------------


@st.composite
def bodies(draw: st.DrawFn, fields: dict[str, list[str]]) -> list[tuple[str, str]]:
    """The fields of a form: some as they were, some hostile, missing, doubled, or not its own."""
    pairs: list[tuple[str, str]] = []
    changed = draw(st.sets(st.sampled_from(sorted(fields)), max_size=3)) if fields else set()
    for name, own in fields.items():
        if name not in changed:
            pairs += [(name, value) for value in own]
            continue
        sent = draw(st.lists(rarely_large, max_size=3))
        pairs += [(name, value) for value in sent]
    others = st.one_of(st.sampled_from(NAMES["POST"]), values)
    pairs += draw(st.lists(st.tuples(others, rarely_large), max_size=2))
    return pairs


def test_no_form_of_the_site_breaks_on_what_is_put_into_it(
    cast: Cast, clients: dict[str, Client]
) -> None:
    known = forms(cast, clients)
    sent_by = [
        (name, path, fields)
        for path, people in sorted(known.items())
        for name, found in people.items()
        for fields in found
    ]

    @quietly(max_examples=EXAMPLES)
    @given(st.data())
    def fuzz(data: st.DataObject) -> None:
        name, path, fields = data.draw(st.sampled_from(sent_by))
        pairs = data.draw(bodies(fields))
        headers = data.draw(st.sampled_from([{}, HTMX]))
        note(f"{name} posts to {path}")
        body = encoded(pairs)
        answered(undone(clients[name], "post", path, body, content_type=FORM, headers=headers))

    fuzz()


def posts(cast: Cast) -> Iterator[str]:
    yield from dict.fromkeys(address(cast, route) for route in ROUTES)


def test_no_address_breaks_on_a_body_of_any_shape(cast: Cast, clients: dict[str, Client]) -> None:
    people = itertools.cycle(["instructor", "student", "editor", "visitor"])
    shapes = itertools.cycle(SHAPES)
    for path in posts(cast):
        for content_type, body in itertools.islice(shapes, 3):
            client = clients[next(people)]
            answered(undone(client, "generic", "POST", path, body, content_type=content_type))


def test_body_of_a_megabyte_is_refused_everywhere(cast: Cast) -> None:
    """As a browser sends it: the form's token is looked for in the body, before any view is."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.instructor, backend=BACKEND)
    for path in posts(cast):
        response = undone(client, "post", path, {"text": MEGABYTE})
        assert (path, response.status_code) == (path, 413)


def test_no_address_breaks_on_files_in_place_of_text(
    cast: Cast, clients: dict[str, Client]
) -> None:
    known = forms(cast, clients)
    for path, people in known.items():
        for name, found in people.items():
            fields = dict(found[-1])
            for changed in list(fields):
                file = SimpleUploadedFile("\u202egnp.exe", b"\0\xff" * 50, "image/svg+xml")
                answered(undone(clients[name], "post", path, {**fields, changed: file}))


# --- Every query ----------------------------------------------------------------------------------


QUERIES = [
    *NAMES["GET"],
    "page",
    "o",
    "order_by",
    "sort",
    "format",
    "lang",
    "_",
    "password__startswith",
]


def test_no_address_breaks_on_what_stands_in_its_query(
    cast: Cast, clients: dict[str, Client]
) -> None:
    paths = sorted(posts(cast))
    names = sorted(clients)

    @quietly(max_examples=EXAMPLES)
    @given(st.data())
    def fuzz(data: st.DataObject) -> None:
        name, path = data.draw(st.sampled_from(names)), data.draw(st.sampled_from(paths))
        pair = st.tuples(st.one_of(st.sampled_from(QUERIES), values), values)
        pairs = data.draw(st.lists(pair, min_size=1, max_size=4))
        headers = data.draw(st.sampled_from([{}, HTMX]))
        note(f"{name} asks for {path}")
        answered(
            undone(
                clients[name],
                "get",
                path,
                query_params=None,
                headers=headers,
                QUERY_STRING=encoded(pairs).decode(),
            )
        )

    fuzz()


@pytest.mark.parametrize("who", ["instructor", "student"])
def test_no_query_that_is_asked_for_breaks_its_page(
    who: str, cast: Cast, clients: dict[str, Client]
) -> None:
    """Each name that the code reads, at each address: numbers, words and moments in turn.

    Who is turned away is so before the query is read, and asks once.
    """
    turn = itertools.cycle([*NUMBERS, *MOMENTS, *WORDS])
    for path in posts(cast):
        turned_away = undone(clients[who], "get", path).status_code in (403, 404, 405)
        for at in range(0, 12 if turned_away and not WHOLE else len(QUERIES), 12):
            pairs = [(name, next(turn)) for name in QUERIES[at : at + 12]]
            query = encoded([(name, value[:2000]) for name, value in pairs]).decode()
            answered(undone(clients[who], "get", path, QUERY_STRING=query))


def test_no_address_breaks_on_what_stands_in_its_path(
    cast: Cast, clients: dict[str, Client]
) -> None:
    turns = {kind: itertools.cycle(values) for kind, values in PARTS.items()}
    requests = itertools.cycle(itertools.product(["instructor", "student"], ["get", "post"]))
    for route in ROUTES:
        for part, kind in route.parts.items():
            for value in itertools.islice(turns[kind], 3):
                shown = quote(value.encode("utf-8", "surrogatepass"), safe="")
                person, method = next(requests)
                path = address(cast, route, **{part: shown})
                answered(undone(clients[person], method, path))
