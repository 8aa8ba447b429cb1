"""The one road from an editor's Markdown to HTML."""

from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

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


@lru_cache(maxsize=2048)
def to_html(text: str) -> SafeString:
    """Paragraphs of Markdown as safe HTML: no raw HTML, script, style, event or hx- attribute."""
    return _clean(_parser.render(text), _TAGS)


@lru_cache(maxsize=4096)
def to_inline_html(text: str) -> SafeString:
    """One line of Markdown as safe HTML without a paragraph around it."""
    return _clean(_parser.renderInline(text), _INLINE_TAGS)


def _clean(html: str, tags: set[str]) -> SafeString:
    cleaned = nh3.clean(
        html,
        tags=tags,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener",
    )
    return mark_safe(cleaned)  # noqa: S308  # nh3 has just cleaned it
