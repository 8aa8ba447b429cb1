"""The one road from an editor's Markdown to HTML.

A link `[words](scheme:key)` of a scheme that an app registered becomes a link to where that app
says; what it does not know becomes plain words. `[¶4]` is such a link, and `[^1]` a footnote.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from html import escape, unescape
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markdown_it.token import Token

from .footnotes import NUMBER, PASSAGE, definitions, make_parser, order

Resolver = Callable[[str], str | None]
"""A key → a path on this site, or None for what readers may not see or nobody knows."""

Targets = tuple[tuple[str, str | None], ...]
"""(address as written, where it leads now), for every link of a registered scheme in a text."""

_resolvers: dict[str, Resolver] = {}
_WRITTEN = re.compile(r"\]\(\s*<?(([a-z]+):([-\w/]+))")
_BLOCK_ENDS = re.compile(r"</(?:p|li|h[2-4]|blockquote)>|<(?:br|hr)>")
_TAG = re.compile(r"<[^<>]*>")
_MARKS = re.compile(r'<sup id="fn-.*?</sup>| <a [^>]*class="footnote-back".*?</a>')
_FOOTNOTE_ID = re.compile(r"fn-[0-9a-f]{10}-[0-9]+(-[0-9]+)?")
_parser = make_parser()
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
    "sup",
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
    return _blocks(text, _targets(text), _language(text))


def to_inline_html(text: str) -> SafeString:
    """One line of Markdown as safe HTML without a paragraph around it."""
    return _line(text, _targets(text))


def to_words(text: str) -> str:
    """The words of a text in Markdown, on one line, without any mark-up."""
    return words_of(_blocks(text, (), ""))


def words_of(html: SafeString) -> str:
    """The same of what `to_html` made."""
    html_of_words = _BLOCK_ENDS.sub(" ", _MARKS.sub("", html))
    return " ".join(unescape(_TAG.sub("", html_of_words)).split())


def _targets(text: str) -> Targets:
    """Asked anew each time, so that what is kept below depends on nothing but its arguments."""
    written = [found.groups() for found in _WRITTEN.finditer(text)]
    written += [(f"{PASSAGE}:{n}", PASSAGE, n) for n in NUMBER.findall(text)]
    return tuple(
        (address, _resolvers[scheme](key))
        for address, scheme, key in dict.fromkeys(written)
        if scheme in _resolvers
    )


def _language(text: str) -> str:
    """Only a text with footnotes has words of ours in it."""
    return (get_language() or "") if "[^" in text else ""


@lru_cache(maxsize=2048)
def _blocks(text: str, targets: Targets, _language: str) -> SafeString:
    env: dict[str, Any] = {}
    html = _render(_parser.parse(text, env), targets, env, text)
    return _clean(html + _footnotes(targets, env, text), _TAGS)


@lru_cache(maxsize=4096)
def _line(text: str, targets: Targets) -> SafeString:
    return _clean(_render(_parser.parseInline(text), targets, {}, text), _INLINE_TAGS)


def _render(tokens: list[Token], targets: Targets, env: dict[str, Any], text: str) -> str:
    led = dict(targets)
    for token in tokens:
        if token.children:
            token.children = _led(token.children, led)
            for child in token.children:
                if child.type == "footnote_mark":
                    child.type, child.content = "html_inline", _mark(child.meta, text)
    return str(_parser.renderer.render(tokens, _parser.options, env))


def _id(text: str, *numbers: int) -> str:
    """Of a footnote: the same whenever the text is, and no other text's on the same page."""
    digest = sha256(text.encode("utf-8", "replace")).hexdigest()[:10]
    return "-".join(["fn", digest, *map(str, numbers)])


def _mark(meta: dict[str, Any], text: str) -> str:
    number, time = meta["number"], meta["time"]
    label = escape(_("Footnote %(n)s") % {"n": number})
    return (
        f'<sup id="{_id(text, number, time)}"><a class="footnote-mark" '
        f'href="#{_id(text, number)}" aria-label="{label}">{number}</a></sup>'
    )


def _footnotes(targets: Targets, env: dict[str, Any], text: str) -> str:
    """The list of the footnotes that the text names, below it; those they name come after."""
    items: list[str] = []
    marks = order(env)
    while len(items) < len(marks):
        words = definitions(env)[list(marks)[len(items)]]
        line = _render(_parser.parseInline(words, env), targets, env, text)
        n = len(items) + 1
        back = escape(_("Back to the text"))
        items.append(
            f'<li id="{_id(text, n)}">{line} <a class="footnote-back" '
            f'href="#{_id(text, n, 1)}" aria-label="{back}">↩</a></li>'
        )
    return f'<ol class="footnotes">{"".join(items)}</ol>\n' if items else ""


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
        attributes={"a": {"href", "title", "aria-label"}, "sup": {"id"}, "li": {"id"}},
        attribute_filter=_kept,
        allowed_classes={"a": {"ref", "footnote-mark", "footnote-back"}, "ol": {"footnotes"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener",
    )
    return mark_safe(cleaned)  # noqa: S308  # nh3 has just cleaned it


def _kept(_tag: str, name: str, value: str) -> str | None:
    """No id but a footnote's own: others would take the place of the page's."""
    return None if name == "id" and not _FOOTNOTE_ID.fullmatch(value) else value
