"""The one road from an editor's Markdown to HTML.

A link `[words](scheme:key)` of a scheme that an app registered becomes a link to where that app
says; what it does not know becomes plain words.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from html import unescape

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

Resolver = Callable[[str], str | None]
"""A key → a path on this site, or None for what readers may not see or nobody knows."""

Targets = tuple[tuple[str, str | None], ...]
"""(address as written, where it leads now), for every link of a registered scheme in a text."""

_resolvers: dict[str, Resolver] = {}
_WRITTEN = re.compile(r"\]\(\s*<?(([a-z]+):([-\w]+))")
_BLOCK_ENDS = re.compile(r"</(?:p|li|h[2-4]|blockquote)>|<(?:br|hr)>")
_TAG = re.compile(r"<[^>]*>")
_parser = MarkdownIt("commonmark", {"html": False, "typographer": False})
_TAGS = {
    "p",
    "em",
    "strong",
    "a",
    "ul",
    "ol",
    "li",
    "blockquote",
    "br",
    "code",
    "h2",
    "h3",
    "h4",
    "hr",
}
_INLINE_TAGS = {"em", "strong", "a", "code"}


def resolves(scheme: str) -> Callable[[Resolver], Resolver]:
    """Register the resolver of links `[words](scheme:key)`; an app does so in `ready()`."""

    def register(resolver: Resolver) -> Resolver:
        _resolvers[scheme] = resolver
        return resolver

    return register


def to_html(text: str) -> SafeString:
    """Paragraphs of Markdown as safe HTML: no raw HTML, script, style, event or hx- attribute."""
    return _blocks(text, _targets(text))


def to_inline_html(text: str) -> SafeString:
    """One line of Markdown as safe HTML without a paragraph around it."""
    return _line(text, _targets(text))


def to_words(text: str) -> str:
    """The words of a text in Markdown, on one line, without any mark-up."""
    return words_of(_blocks(text, ()))


def words_of(html: SafeString) -> str:
    """The same of what `to_html` made."""
    return " ".join(unescape(_TAG.sub("", _BLOCK_ENDS.sub(" ", html))).split())


def _targets(text: str) -> Targets:
    """Asked anew each time, so that what is kept below depends on nothing but its arguments."""
    return tuple(
        (written, _resolvers[scheme](key))
        for written, scheme, key in dict.fromkeys(_WRITTEN.findall(text))
        if scheme in _resolvers
    )


@lru_cache(maxsize=2048)
def _blocks(text: str, targets: Targets) -> SafeString:
    return _clean(_render(_parser.parse(text), targets), _TAGS)


@lru_cache(maxsize=4096)
def _line(text: str, targets: Targets) -> SafeString:
    return _clean(_render(_parser.parseInline(text), targets), _INLINE_TAGS)


def _render(tokens: list[Token], targets: Targets) -> str:
    led = dict(targets)
    for token in tokens:
        if token.children:
            token.children = _led(token.children, led)
    return str(_parser.renderer.render(tokens, _parser.options, {}))


def _led(tokens: list[Token], led: dict[str, str | None]) -> list[Token]:
    """The tokens of a line with its links of registered schemes led to their places, or gone.

    A link of such a scheme that `_targets` did not see (an odd spelling of one) is gone, too.
    """
    result: list[Token] = []
    opened: list[bool] = []
    for token in tokens:
        keep = True
        if token.type == "link_open":
            written = str(token.attrGet("href"))
            address = led.get(written)
            keep = bool(address) or written.partition(":")[0] not in _resolvers
            if address:
                token.attrSet("href", address)
                token.attrSet("class", "ref")
            opened.append(keep)
        elif token.type == "link_close":
            keep = opened.pop()
        if keep:
            result.append(token)
    return result


def _clean(html: str, tags: set[str]) -> SafeString:
    cleaned = nh3.clean(
        html,
        tags=tags,
        attributes={"a": {"href", "title"}},
        allowed_classes={"a": {"ref"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener",
    )
    return mark_safe(cleaned)  # noqa: S308  # nh3 has just cleaned it
