"""Whatever a browser or a proxy writes into its headers: no server's error, nothing sent back."""

import re
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from hypothesis import given, note
from hypothesis import strategies as st

from lessons.accounts.models import Session, User
from tests.classrooms.making import Cast, make_cast
from tests.conftest import PASSWORD
from tests.guided.reading import CLOSING, LESSON, PREVIEW, question_address

from .addresses import client_of, undone
from .hostile import EXAMPLES, NUMBERS, WORDS
from .test_fuzz import SHAPES, quietly

pytestmark = pytest.mark.django_db

ELSEWHERE = "elsewhere.example"
MARKED = "<zq-marker>\"'"
"""Stands in many values; unescaped it must be on no page."""
SENT = "".join(map(chr, [9, *range(32, 127), *range(128, 256)]))
"""What a server lets through in a header: no NUL, no line break. Python has it as Latin-1."""
URLS = [
    f"https://{ELSEWHERE}/lessons/",
    f"//{ELSEWHERE}",
    f"http://testserver//{ELSEWHERE}",
    f"http://testserver/\\{ELSEWHERE}",
    f"javascript:alert('{ELSEWHERE}')",
    f"data:text/html,{MARKED}",
    f"http://testserver/{MARKED}",
    "http://[",
    "http://[::1",
    "http://testserver:99999999/",
    "http://xn--a.example/",
    "%",
    "/" * 4000,
]
MOMENTS = [
    "Wed, 01 Jan 0000 00:00:00 GMT",
    "Wed, 01 Jan 99999 00:00:00 GMT",
    "Wed, 32 Foo 2026 25:61:61 GMT",
    "Thursday, 01-Jan-70 00:00:00 GMT",
    "0",
]
HOSTS = [ELSEWHERE, f"testserver, {ELSEWHERE}", f"{ELSEWHERE}:443", "[::1]", "bücher.example", ""]
ODD: dict[str, list[str]] = {
    "HTTP_X_FORWARDED_HOST": HOSTS,
    "HTTP_X_FORWARDED_PORT": [*NUMBERS, ELSEWHERE],
    "HTTP_X_FORWARDED_PROTO": ["https", "http", "https,http", "javascript", MARKED, ""],
    "HTTP_X_FORWARDED_FOR": [
        "1.2.3.4, 5.6.7.8",
        "fe80::1%eth0",
        "::ffff:1.2.3.4",
        "1.2.3.4:80",
        "[::1]:80",
        ",,,",
        "unknown",
        "9" * 5000,
        MARKED,
    ],
    "HTTP_FORWARDED": [f"host={ELSEWHERE};proto=https;for=_", '="'],
    "HTTP_X_REAL_IP": ["1.2.3.4", MARKED],
    "HTTP_X_ORIGINAL_URL": ["/admin/", f"//{ELSEWHERE}"],
    "HTTP_X_REWRITE_URL": ["/admin/"],
    "HTTP_X_HTTP_METHOD_OVERRIDE": ["DELETE", MARKED],
    "HTTP_X_REQUEST_ID": ["a" * 5000, MARKED, "aaaaaaaa-aaaa"],
    "HTTP_IF_NONE_MATCH": ["*", '"', 'W/"a", "b', '"' + "a" * 5000 + '"', "é", MARKED],
    "HTTP_IF_MATCH": ["*", '"a"', MARKED],
    "HTTP_IF_MODIFIED_SINCE": MOMENTS,
    "HTTP_IF_UNMODIFIED_SINCE": MOMENTS,
    "HTTP_RANGE": ["bytes=0-", "bytes=-1", "bytes=9-1", "bytes=" + "0-1," * 900, "bytes=x", "=-"],
    "HTTP_ACCEPT": ["*/*;q=x", "text/html;q=" + "9" * 400, ";", "," * 900, MARKED],
    "HTTP_ACCEPT_ENCODING": ["gzip;q=-1", "br, gzip, identity;q=0", "*;q=0", "gzip" * 900],
    "HTTP_ACCEPT_LANGUAGE": ["x" * 5000, "en;q=", "ur,ru;q=1e400", "../../etc", MARKED],
    "HTTP_ORIGIN": [*URLS, "null"],
    "HTTP_REFERER": URLS,
    "HTTP_USER_AGENT": ["", "a" * 5000, MARKED, "=1+1"],
    "HTTP_AUTHORIZATION": ["Basic !", "Basic " + "A" * 900, "Bearer é", MARKED],
    "HTTP_HX_REQUEST": ["true", "false", "True", "1", MARKED],
    "HTTP_HX_BOOSTED": ["true", MARKED],
    "HTTP_HX_HISTORY_RESTORE_REQUEST": ["true", MARKED],
    "HTTP_HX_CURRENT_URL": URLS,
    "HTTP_HX_CURRENT_URL_URI_AUTOENCODED": ["true"],
    "HTTP_HX_TARGET": ["body", "#", MARKED, "é"],
    "HTTP_HX_TRIGGER": [MARKED],
    "HTTP_HX_TRIGGER_NAME": [MARKED],
    "HTTP_HX_TRIGGERING_EVENT": ["{", "[" * 9000, '{"a":' * 900, MARKED],
    "HTTP_HX_PROMPT": [MARKED, "yes", "%00"],
    "HTTP_X_CSRFTOKEN": ["a" * 64, "a" * 32, "é" * 32, MARKED],
    "CONTENT_LENGTH": ["", "-1", "abc", "0", "²"],
    "REMOTE_ADDR": ["", "unix:", "::1%lo"],
}
texts = st.one_of(
    st.text(SENT, max_size=40),
    st.sampled_from(WORDS).map(lambda word: "".join(sign for sign in word if sign in SENT)[:4000]),
    st.just(MARKED),
)
KEY = st.text(VALID_KEY_CHARS, min_size=32, max_size=32)
COOKIES = ["sessionid", "csrftoken", "messages", "django_language", "__Host-sessionid", "", "a"]
VALUES = st.one_of(
    texts,
    KEY,
    st.sampled_from(
        [
            r'"\000' + "a" * 31 + '"',  # a quoted octal sign, which Python's own cookies undo
            r'"\012\015Set-Cookie: a=b' + "a" * 9 + '"',
            r'"\377\376' + "a" * 30 + '"',
            "a" * 8000,
            "é" * 32,
            "A" * 32,
            "a" * 31 + "%00",
            "..%2f" * 8,
            "W10:" + "a" * 40,  # as messages are signed
            '"[[\\"__json_message\\",0,25,\\"x\\"]]:a:b"',
        ]
    ),
)
TYPES = st.one_of(
    st.sampled_from([kind for kind, _body in SHAPES]),
    st.builds(
        lambda kind, name, value: f"{kind}; {name}={value}",
        st.sampled_from(["multipart/form-data", "application/x-www-form-urlencoded", "text/html"]),
        st.sampled_from(["charset", "boundary", "charset*", "boundary*", '"']),
        st.one_of(
            texts,
            st.sampled_from(
                ["utf-16", "idna", "punycode", "rot13", "base64", "zlib", "unicode_escape", "mbcs"]
            ),
            st.sampled_from(["utf-8''%ff", "a" * 300, '"', "x\t", "UTF8'", "utf_8_sig"]),
        ),
    ),
    texts,
)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast("here")


def sent_to(cast: Cast) -> list[tuple[str, str, str, dict[str, str]]]:
    """Who, how, where, with what: pages that read a header or build an address among them."""
    code = reverse("classrooms:join-code", args=[cast.classroom.code])
    practice = question_address("a-letter-arrives")
    wrong = {"username": cast.student.username, "password": "wrong", "next": f"//{ELSEWHERE}"}
    return [
        ("visitor", "get", "/", {}),
        ("visitor", "get", f"{LESSON}a-letter-arrives/", {}),
        ("visitor", "get", "/search/", {"q": "letter"}),
        ("visitor", "get", reverse("accounts:sign-in"), {"next": f"//{ELSEWHERE}"}),
        ("visitor", "get", "/nowhere/", {}),
        ("visitor", "get", "/healthz", {}),
        ("visitor", "get", code, {}),
        ("visitor", "get", PREVIEW, {}),
        ("visitor", "post", reverse("accounts:sign-in"), wrong),
        ("visitor", "post", practice, {"reader": "0" * 16, "text": MARKED}),
        ("visitor", "post", f"{CLOSING}start/", {"reader": ""}),
        ("visitor", "post", reverse("core:report"), {"address": "/", "body": MARKED}),
        ("student", "get", "/me/", {}),
        ("student", "get", CLOSING, {}),
        ("student", "post", f"{CLOSING}start/", {"reader": "0" * 16}),
        ("student", "post", code, {"roster_name": "Amara"}),
        ("student", "post", reverse("accounts:sign-out"), {}),
        ("instructor", "get", reverse("classrooms:code", args=[cast.classroom.pk]), {}),
        ("instructor", "get", reverse("classrooms:member-list", args=[cast.classroom.pk]), {}),
    ]


def answered(response: HttpResponseBase) -> None:
    """No error; no page, header or redirect that carries what was sent somewhere else."""
    assert response.status_code < 500
    content = getattr(response, "content", b"")
    assert b"Traceback" not in content
    assert b"<zq-marker>" not in content
    assert not re.search(rb'(href|action|src|content)="[^"]*' + ELSEWHERE.encode(), content)
    for name, value in response.items():
        assert ELSEWHERE not in value or name == "Location", (name, value)
        assert "zq-marker" not in value or name == "Location", (name, value)
    if goes_to := response.get("Location", ""):
        assert re.match(r"/(?![/\\])|https://testserver/", goes_to), goes_to


PEOPLE = ["visitor", "student", "instructor"]
BEHIND_PROXY = {
    "TRUSTED_PROXIES": 1,
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    "SECURE_SSL_REDIRECT": True,
}


@pytest.fixture
def people(cast: Cast) -> dict[str, Client]:
    who: dict[str, User | None] = {"student": cast.student, "instructor": cast.instructor}
    clients = {name: client_of(user) for name, user in {"visitor": None, **who}.items()}
    for client in clients.values():
        client.get("/")
    return clients


@pytest.mark.parametrize("proxied", [False, True], ids=["alone", "behind-a-proxy"])
def test_no_page_breaks_on_its_headers(
    proxied: bool, cast: Cast, people: dict[str, Client], settings: Any
) -> None:
    for name, value in BEHIND_PROXY.items() if proxied else ():
        setattr(settings, name, value)
    pages = sent_to(cast)

    @quietly(max_examples=EXAMPLES)
    @given(st.data())
    def fuzz(data: st.DataObject) -> None:
        who, method, path, fields = data.draw(st.sampled_from(pages))
        names = data.draw(st.sets(st.sampled_from(sorted(ODD)), min_size=1, max_size=4))
        odd = {one: data.draw(st.one_of(st.sampled_from(ODD[one]), texts)) for one in sorted(names)}
        secure = data.draw(st.booleans())
        note(f"{who} {method} {path}")
        answered(undone(people[who], method, path, fields, secure=secure, **odd))

    fuzz()


def test_no_page_breaks_on_its_cookies(cast: Cast, people: dict[str, Client]) -> None:
    pages = sent_to(cast)

    @quietly(max_examples=EXAMPLES)
    @given(st.data())
    def fuzz(data: st.DataObject) -> None:
        who, method, path, fields = data.draw(st.sampled_from(pages))
        own = [f"{name}={one.value}" for name, one in people[who].cookies.items()]
        names = st.one_of(st.sampled_from(COOKIES), texts)
        others = data.draw(st.lists(st.tuples(names, VALUES), min_size=1, max_size=4))
        many = data.draw(st.sampled_from([1, 1, 1, 500]))
        odd = [f"{name}={value}" for name, value in others] * many
        pairs = data.draw(st.sampled_from([own + odd, odd + own, odd]))
        note(f"{who} {method} {path}")
        between = data.draw(st.sampled_from(["; ", ";", ",", ";;"]))
        answered(undone(people[who], method, path, fields, HTTP_COOKIE=between.join(pairs)))

    fuzz()


def test_no_page_breaks_on_how_its_body_is_called(cast: Cast, people: dict[str, Client]) -> None:
    pages = [page for page in sent_to(cast) if page[1] == "post"]
    bodies = [body for _kind, body in SHAPES]

    @quietly(max_examples=EXAMPLES)
    @given(st.sampled_from(pages), TYPES, st.sampled_from(bodies))
    def fuzz(page: tuple[str, str, str, dict[str, str]], kind: str, body: bytes) -> None:
        who, _method, path, _fields = page
        answered(undone(people[who], "generic", "POST", path, body, content_type=kind))

    fuzz()


@pytest.mark.parametrize(
    "host",
    [
        *HOSTS,
        "testserver:abc",
        "testserver/",
        f"testserver@{ELSEWHERE}",
        f"testserver.{ELSEWHERE}",
        "a" * 5000,
    ],
)
@pytest.mark.parametrize("path", ["/", "/nowhere/", "/me/"])
def test_host_that_is_not_this_sites_is_refused_and_not_repeated(
    host: str, path: str, instructor_client: Client, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    response = instructor_client.get(path, HTTP_HOST=host)
    assert response.status_code == 400
    assert ELSEWHERE not in response.content.decode()


def test_address_to_hand_on_is_this_sites_whatever_a_proxy_says(
    cast: Cast, people: dict[str, Client]
) -> None:
    address = reverse("classrooms:code", args=[cast.classroom.pk])
    said = {f"HTTP_X_FORWARDED_{part}": ELSEWHERE for part in ("HOST", "SERVER", "PORT", "PREFIX")}
    page = people["instructor"].get(address, HTTP_FORWARDED=f"host={ELSEWHERE}", **said)
    assert f"http://testserver/join/{cast.classroom.code}/" in page.content.decode()
    assert ELSEWHERE not in page.content.decode()


@pytest.mark.parametrize("referer", URLS)
def test_page_of_a_session_that_ended_leads_nowhere_else(
    referer: str, visitor_client: Client
) -> None:
    address = question_address("a-letter-arrives")
    sent = {"reader": "0" * 16, "q1-text": "typed"}
    response = visitor_client.post(address, sent, HTTP_REFERER=referer)
    assert response.status_code == 401
    onward = re.findall(r'name="next" value="([^"]*)"', response.content.decode())
    assert onward in ([], [""]) or re.match(r"/(?![/\\])", onward[0])


def test_page_of_a_session_that_ended_leads_back_to_its_own(visitor_client: Client) -> None:
    sent = {"reader": "0" * 16, "q1-text": "typed"}
    page = f"{LESSON}a-letter-arrives/"
    response = visitor_client.post(
        question_address("a-letter-arrives"), sent, HTTP_REFERER=f"http://testserver{page}"
    )
    assert re.findall(r'name="next" value="([^"]*)"', response.content.decode()) == [page]


@pytest.mark.parametrize("key", ["", "\0" + "a" * 31, "a" * 8000, "é" * 32, "A" * 32, "a" * 31])
def test_key_that_no_session_can_have_is_never_looked_up(
    key: str, django_assert_num_queries: Any
) -> None:
    from importlib import import_module

    store = import_module(django_settings.SESSION_ENGINE).SessionStore
    with django_assert_num_queries(0):
        assert store(key).get("anything") is None
    assert store(key).session_key is None


def test_key_that_a_visitor_chose_is_not_made_theirs(student: User) -> None:
    client, chosen = Client(), "a" * 32
    client.cookies["sessionid"] = chosen
    sent = {"username": student.username, "password": PASSWORD}
    client.post(reverse("accounts:sign-in"), sent)
    assert client.cookies["sessionid"].value != chosen
    assert not Session.objects.filter(session_key=chosen).exists()
