"""A bank's HTML becomes Markdown: nothing runs, and what Markdown cannot say is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.core.markdown import to_html, to_inline_html, to_words
from lessons.quizzes.gift.markup import Loss, escaped, to_markdown
from lessons.quizzes.gift.syntax import Words


@pytest.mark.parametrize(
    ("html", "markdown", "losses"),
    [
        ("a <b>bold </b>word", "a **bold** word", ()),
        ("<p>One</p><p>Two</p>", "One\n\nTwo", (Loss.LINES,)),
        ("H<sub>2</sub>O, 10<sup>-3</sup>", "H₂O, 10⁻³", ()),
        ("the 1<sup>st</sup>", "the 1st", (Loss.SCRIPTS_OF_LINE,)),
        ("<img src='@@PLUGINFILE@@/a.png' alt='a map'>", "(a map)", (Loss.PICTURE,)),
        ("<img src='@@PLUGINFILE@@/x/a%20b.png?t=1' alt=''>", "(a b.png)", (Loss.PICTURE,)),
        ("a<img src='data:image/png;base64,iVBO/w0='>", "a", (Loss.PICTURE,)),
        ("<a href=' https://x.org/a_(b)'>here</a>", "[here](https://x.org/a_%28b%29)", ()),
        ("#include <stdio.h>, List<T>", "#include \\<stdio.h>, List\\<T>", ()),
        ("<o:p>so</o:p>", "so", (Loss.LOOK,)),
        ("<a href='https://example.org/'>here</a>", "[here](https://example.org/)", ()),
        ("<a href='javascript:x()'>here</a>", "here", (Loss.LINK,)),
        ("<script>alert(1)</script>x", "x", (Loss.SCRIPT,)),
        ("2 < 3 &amp; 4 > 1", "2 < 3 & 4 > 1", ()),
        ("&lt;script&gt;", "\\<script>", ()),
        ("<code>a*b</code>", "`a*b`", ()),
        ("a <!-- why --> b", "a  b", (Loss.COMMENT,)),
        ("x <u>y</u>", "x y", (Loss.LOOK,)),
        ("$$x^2$$", "$$x^2$$", (Loss.FORMULA,)),
        ("1. *first*", "1. \\*first\\*", ()),
    ],
)
def test_html_becomes_markdown(html: str, markdown: str, losses: tuple[Loss, ...]) -> None:
    converted = to_markdown(Words(html, "html"), one_line=True)
    assert (converted.markdown, converted.losses) == (markdown, losses)


signs = st.text(alphabet="ab1 *_`[]()<>&;#!\\-+=.~|\"'\n:x/é{}$@", max_size=30)


@given(signs)
def test_plain_words_are_shown_as_they_are(text: str) -> None:
    lines = "\n".join(line.strip() for line in text.split("\n"))
    assert to_words(escaped(lines)) == " ".join(text.split())


tags = st.sampled_from(
    ["<b>", "</b>", "<i>", "</i>", "<p>", "<ul><li>", "</ul>", "<a href='http://x.y/'>", "</a>",
     "<code>", "</code>", "<pre>", "<script>", "</script>", "<img onerror=alert(1) src=x>",
     "<svg/onload=x>", "<a href=javascript:x>", "<!--", "-->", "<", "**", "`", "[x](javascript:y)",
     "<td>", "<iframe src=x>", "&lt;img&gt;", "\n", "word "]
)  # fmt: skip


@given(st.lists(tags, max_size=12).map("".join), st.sampled_from(["html", "moodle", "markdown"]))
def test_nothing_of_a_banks_html_runs(text: str, name: str) -> None:
    markdown = to_markdown(Words(text, name)).markdown
    for html in (to_html(markdown), to_inline_html(markdown)):
        assert not any(f"<{tag}" in html for tag in ("script", "img", "svg", "iframe"))
        assert 'href="javascript' not in html


@given(st.text(alphabet="ab<>/p&;!-= \"'", max_size=200))
def test_words_outside_tags_are_kept(text: str) -> None:
    """Letters that no tag or comment holds are in the Markdown."""
    import re

    bare = re.sub(r"<!--.*?-->|</?[A-Za-z][^<>]*>", "", text, flags=re.DOTALL)
    kept = to_markdown(Words(text, "html")).markdown
    for letter in "ab":
        assert kept.count(letter) >= bare.count(letter) - bare.count("&")
