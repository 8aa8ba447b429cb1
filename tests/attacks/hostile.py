"""What no form of ours expects."""

import os
from urllib.parse import quote_plus

from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("FUZZ", "80"))
"""Requests of each fuzzed kind: FUZZ=20000 for an evening's run."""
WHOLE = "FUZZ" in os.environ
"""Whether each matrix is gone through whole (`make faults`). Else persons and methods that the same
line of code answers, whoever and whichever it is, take turns over the addresses."""

NUMBERS = [
    "-1",
    "0",
    "1",
    "007",
    "+1",
    " 1",
    "1_0",
    "1e9",
    "1e-999",
    "1E+400",
    "NaN",
    "sNaN",
    "-Infinity",
    "0x10",
    "²",
    "٣",
    "१०",
    "1,5",
    "0." + "1" * 300,
    "9" * 400,
    "9" * 5000,  # Python reads no more than 4,300 digits
    *(str(2**bits + more) for bits in (15, 31, 32, 63, 64) for more in (-1, 0)),
    *(str(-(2**bits) - 1) for bits in (31, 63)),
]
MOMENTS = [
    "0001-01-01T00:00",
    "9999-12-31T23:59",
    "9999-12-31T23:59:59.999999",
    "10000-01-01T00:00",
    "2026-02-30T10:00",
    "2026-03-29T02:30",
    "2026-10-25T02:30",
    "2026-01-01T24:00",
    "2026-01-01",
    "1961-08-13",
    "0000-00-00",
    "0001-01-01",
    "9999-12-31",
]
WORDS = [
    "",
    " ",
    "\0",
    "before\0after",
    "\ud800",
    "\udfff\ud800",
    "\u202eright to left",
    "\u2067\u2066\u2069",
    "\u200b\u200f",
    "\ufeff",
    "\uffff",
    "\U0010ffff",
    "\ue000csrf\ue001",
    "e\u0301" * 500,
    "ﷺ" * 300,
    "İ" * 300,  # longer in lower case
    "😀" * 300,
    "\r\n\r\nSet-Cookie: a=b",
    "\x1b[2J",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% debug %}",
    "%s%n%(x)s",
    "%00",
    "%",
    "'; DROP TABLE accounts_user; --",
    "=HYPERLINK(1)",
    "javascript:alert(1)",
    "//elsewhere.example/",
    "\\\\elsewhere.example",
    "http://127.0.0.1:1/",
    "http://[",
    "/\\elsewhere.example",
    "../../../../etc/passwd",
    "{" * 4000,
    "[" * 9000,
    '{"a":' * 900,
    "<a>" * 3000,
    "> " * 3000,
    "*" * 5000,
    "[a](" * 2000,
    "a" * 20_001,
    "a, b\n" * 9000,
    "on",
    "true",
    "null",
    "__all__",
    "None",
    "Europe/Berlin",
    "../Europe/Berlin",
    "A" * 60_000,
]
LARGE = ["a" * 400_000, "ж" * 80_000, "\n" * 100_000]
"""Below what a body may hold. One of a megabyte is tried everywhere by itself."""

values = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(MOMENTS),
    st.sampled_from(WORDS),
    st.text(max_size=40),
    st.integers().map(str),
    st.characters().map(str),
)
rarely_large = st.one_of(*[values] * 30, st.sampled_from(LARGE))


def encoded(pairs: list[tuple[str, str]]) -> bytes:
    """A form's body or a query, in which lone surrogates are sent as the bytes they are."""
    return "&".join(f"{escaped(name)}={escaped(value)}" for name, value in pairs).encode()


def escaped(text: str) -> str:
    return quote_plus(text.encode("utf-8", "surrogatepass"))
