"""Footnotes, paragraphs of the record, and what no mark-up of an editor's may bring to a page."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.core.markdown import to_html, to_inline_html, to_words
from lessons.documents.links import document_at_hand, found_by_address
from lessons.documents.models import Document, Passage
from lessons.guided.models import Lesson

ADDRESS = "/documents/khrushchev-hussein-1958-04-19/"

# --- Nothing that acts -------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT/SRC=//x.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<form action=/x><button name=a>b</button></form>",
    "<meta http-equiv=refresh content='0;url=//x.example'>",
    "<base href=//x.example/>",
    "<style>*{display:none}</style>",
    "<p style='position:fixed'>x</p>",
    "<a id=main name=main href=x>x</a>",
    "<div hx-get=/x hx-trigger=load data-hx-post=/y hx-on:click=z>x</div>",
    "<a href='/x' hx-delete='/y' data-hx-vals='{}'>x</a>",
    "<object data=x></object><embed src=x><link rel=stylesheet href=x>",
    "<template><script>x</script></template><noscript><p title='</noscript><img onerror=x>'>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "![x](https://x.example/pixel.png)",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](/a "onmouseover=alert(1)")',
    '[x](/a"onmouseover="alert(1))',
    "[x](/a 'title\" onclick=\"y')",
    "`<script>`",
    "[^a]\n\n[^a]: <script>alert(1)</script> [x](javascript:y)",
    '[^"onclick=x]\n\n[^"onclick=x]: words',
    "[^<b>]\n\n[^<b>]: words",
    "<![CDATA[<script>]]><!--<script>--><?php x ?>",
    "<li id=main>x</li><sup id=main>y</sup><sup id=fn-0123456789-1>z</sup>",
]
TAGS = frozenset(
    {"p", "em", "strong", "a", "ul", "ol", "li", "blockquote", "br", "code", "pre", "h2", "h3"}
    | {"h4", "hr", "sup"}
)
ATTRIBUTES = {
    "a": {"href", "title", "class", "rel", "aria-label"},
    "li": {"id"},
    "sup": {"id"},
    "ol": {"class"},
}


class Judge(HTMLParser):
    """Fails at any tag, attribute, address or id beyond the few that are meant."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES.get(tag, ()), (tag, name)
            if name == "href":
                scheme = re.match(r"\s*([a-zA-Z][a-zA-Z0-9+.-]*):", value or "")
                assert not scheme or scheme[1].lower() in ("http", "https", "mailto"), value
            elif name == "id":
                assert re.fullmatch(r"fn-[0-9a-f]{10}-\d+(-\d+)?", value or "")


def judge(html: str) -> None:
    judge = Judge()
    judge.feed(html)
    judge.close()
    assert "<script" not in html.lower()


@pytest.mark.django_db
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_acts_survives(text: str) -> None:
    for around in ("{}", "- {}", "> *{}*", "# {}", "[y]({})", "[^1]\n\n[^1]: {}"):
        judge(to_html(around.format(text)))
        judge(to_inline_html(around.format(text)))


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x>",
        "<p onclick=x>y</p>",
        "<li id=main>x</li>",
        "<a href='javascript:x'>y</a>",
    ],
)
def test_the_judge_fails_what_acts(html: str) -> None:
    with pytest.raises(AssertionError):
        judge(html)


PIECES = st.sampled_from(
    [*HOSTILE, "[^1]", "\n\n[^1]: ", "[¶4]", "](", "<a ", "hx-get=", '="', "javascript:", "\n", "*"]
)


@pytest.mark.django_db
@given(st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=10).map("".join))
def test_no_mixture_of_them_does(text: str) -> None:
    judge(to_html(text))
    judge(to_inline_html(text))


# --- Footnotes ---------------------------------------------------------------------------------


def shape(html: str) -> str:
    return re.sub(r"fn-[0-9a-f]{10}", "fn", html)


def test_a_footnote_is_led_to_and_back() -> None:
    html = to_html(
        "He *said* so.[^a] And so.[^b] Twice.[^a]\n\n[^b]: The other.\n[^a]: One *word*."
    )
    assert shape(html) == (
        '<p>He <em>said</em> so.<sup id="fn-1-1">'
        '<a class="footnote-mark" href="#fn-1" aria-label="Footnote 1" rel="noopener">1</a></sup>'
        ' And so.<sup id="fn-2-1">'
        '<a class="footnote-mark" href="#fn-2" aria-label="Footnote 2" rel="noopener">2</a></sup>'
        ' Twice.<sup id="fn-1-2">'
        '<a class="footnote-mark" href="#fn-1" aria-label="Footnote 1" rel="noopener">1</a></sup>'
        "</p>\n"
        '<ol class="footnotes"><li id="fn-1">One <em>word</em>. '
        '<a class="footnote-back" href="#fn-1-1" aria-label="Back to the text" rel="noopener">↩</a>'
        '</li><li id="fn-2">The other. '
        '<a class="footnote-back" href="#fn-2-1" aria-label="Back to the text" rel="noopener">↩</a>'
        "</li></ol>\n"
    )


def test_ids_of_two_texts_on_a_page_differ() -> None:
    page = to_html("One.[^1]\n\n[^1]: A") + to_html("Two.[^1]\n\n[^1]: A")
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) == 4
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


@pytest.mark.parametrize("text", ["A mark[^1] alone.", "An odd [^a b] mark.", "[^] and [^^]."])
def test_a_mark_without_a_footnote_stays_as_typed(text: str) -> None:
    assert to_html(text) == f"<p>{text}</p>\n"


def test_a_footnote_that_nothing_names_is_not_shown() -> None:
    assert to_html("Words.\n\n[^1]: Hidden.") == "<p>Words.</p>\n"


def test_a_footnote_may_name_another_and_itself() -> None:
    html = to_html("A.[^1]\n\n[^1]: See [^2].\n[^2]: And [^1], [^2].")
    assert html.count("<li id=") == 2
    judge(html)


def test_a_footnote_runs_on_until_an_empty_line() -> None:
    html = to_html("A.[^1]\n[^1]: first\nsecond\n\nB.")
    assert "<p>B.</p>" in html
    assert ">first\nsecond <a" in html


def test_one_line_has_no_footnotes() -> None:
    assert to_inline_html("A.[^1]") == "A.[^1]"


def test_words_are_without_the_marks() -> None:
    assert to_words("He said so.[^1] Yes.\n\n[^1]: A note.") == "He said so. Yes. A note."


# --- Paragraphs --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_number_leads_to_its_paragraph() -> None:
    link = f'<a href="{ADDRESS}#p4" class="ref" rel="noopener">¶4</a>'
    assert to_inline_html("See [¶4] and [¶ 99].") == f"See {link} and ¶99."
    assert to_html("See [¶4].") == f"<p>See {link}.</p>\n"


@pytest.mark.django_db
def test_words_lead_to_a_paragraph_of_a_document() -> None:
    there = to_inline_html("[its last words](passage:record-1958-04-19/14)")
    assert there == f'<a href="{ADDRESS}#p14" class="ref" rel="noopener">its last words</a>'
    for key in ("record-1958-04-19/99", "no-such/1", "/", "1/2/3"):
        assert to_inline_html(f"[words](passage:{key})") == "words"


@pytest.fixture
def two_documents(db: None) -> None:
    other = Document.objects.create(
        key="other",
        slug="other",
        title="Other",
        short_title="Other",
        status="published",
        date="1958-05-01",
        genre="telegram",
        headnote="x",
        repository="x",
    )
    Passage.objects.create(document=other, key="p4", kind="body", order=1, number=4)


def test_a_number_is_of_the_document_at_hand(two_documents: None) -> None:
    assert to_inline_html("[¶4]") == "¶4"  # whose, nobody says
    for slug, address in (("other", "/documents/other/"), (ADDRESS.split("/")[2], ADDRESS)):
        with document_at_hand(lambda slug=slug: slug):  # type: ignore[misc]
            assert f'href="{address}#p4"' in to_inline_html("[¶4]")
    with document_at_hand(lambda: "no-such"):
        assert to_inline_html("[¶4]") == "¶4"


def test_pages_know_their_document(two_documents: None) -> None:
    lesson = Lesson.objects.select_related("module__document").order_by("pk")[0]
    slug = lesson.module.document.slug
    assert found_by_address({"slug": "other"}) == "other"
    assert found_by_address({"lesson": lesson.slug, "step": "x"}) == slug
    assert found_by_address({"module": lesson.module.slug}) == slug
    assert found_by_address({"slug": "noon"}) is None
    assert found_by_address({}) is None


def test_a_step_links_to_the_document_of_its_lesson(two_documents: None) -> None:
    from django.test import Client

    step = Lesson.objects.order_by("order")[0].steps.order_by("order")[0]
    step.body = "See [¶4].[^1]\n\n[^1]: And [the bloc](term:no-such-term)."
    step.save()
    page = Client().get(f"/lessons/{step.lesson.slug}/{step.slug}/").content.decode()
    assert f'<a href="{ADDRESS}#p4" class="ref" rel="noopener">¶4</a>' in page
    assert ">And the bloc. <a" in page
