"""Links of registered schemes, and what is kept of a rendering."""

from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lessons.core import markdown
from lessons.core.markdown import resolves, to_html, to_inline_html, to_words, words_of

PLACES: dict[str, str] = {}


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(markdown, "_resolvers", {})
    PLACES.clear()
    PLACES["here"] = "/room/#here"
    resolves("room")(PLACES.get)
    yield
    PLACES.clear()


def test_link_of_a_registered_scheme_leads_to_its_place() -> None:
    link = '<a href="/room/#here" class="ref" rel="noopener">the <em>room</em></a>'
    assert to_html("In [the *room*](room:here).") == f"<p>In {link}.</p>\n"
    assert to_inline_html("In [the *room*](room:here).") == f"In {link}."


@pytest.mark.parametrize(
    "written",
    [
        "[the *room*](room:gone)",
        "[the *room*](room:)",
        "[the *room*](room:no/such?thing)",
        "[the *room*][1]\n\n[1]: room:here",  # a spelling that is not looked up
    ],
)
def test_link_that_leads_nowhere_is_plain_words(written: str) -> None:
    assert to_html(written) == "<p>the <em>room</em></p>\n"


def test_link_follows_what_the_resolver_says_now() -> None:
    text = "[words](room:new)"
    assert to_html(text) == "<p>words</p>\n"
    PLACES["new"] = "/room/#new"
    assert 'href="/room/#new"' in to_html(text)
    PLACES["new"] = "/elsewhere/"
    assert 'href="/elsewhere/"' in to_html(text)
    del PLACES["new"]
    assert to_html(text) == "<p>words</p>\n"


def test_links_of_one_line_are_told_apart() -> None:
    html = to_inline_html("[a](room:gone) [b](room:here) [c](https://example.org/)")
    assert html == (
        'a <a href="/room/#here" class="ref" rel="noopener">b</a> '
        '<a href="https://example.org/" rel="noopener">c</a>'
    )


def test_resolver_cannot_smuggle_a_script() -> None:
    PLACES["bad"] = "javascript:alert(1)"
    assert "javascript" not in to_html("[x](room:bad)")


def test_other_schemes_are_refused_as_ever() -> None:
    assert "href" not in to_html("[x](other:here)")
    assert "<a" not in to_html('<a class="ref" href="/x/">x</a>')


def test_words_are_those_of_the_blocks_on_one_line() -> None:
    assert to_words("One *two*.\n\n- three & four\n- [five](room:here)") == (
        "One two. three & four five"
    )
    assert words_of(to_html("a\n\nb < c")) == "a b < c"


@given(st.text())
@example("<script>alert(1)</script>")
def test_any_text_is_rendered(text: str) -> None:
    assert "<script" not in to_html(text)
    to_inline_html(f"[{text}](room:{text})")
