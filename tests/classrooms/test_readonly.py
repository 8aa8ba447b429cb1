import pytest

from lessons.classrooms.readonly import without_forms


@pytest.mark.parametrize(
    ("html", "left"),
    [
        (
            '<form method="post" action="/x" class="graded"><p>a</p></form>',
            '<div class="graded"><p>a</p></div>',
        ),
        ('<input type="hidden" name="csrfmiddlewaretoken" value="t">', ""),
        (
            '<input type="radio" name="q1-choice" value="0" id="a" checked>',
            '<input type="radio" value="0" id="a" checked disabled>',
        ),
        (
            '<button type="submit" formaction="/x" data-next>Next</button>',
            '<button type="submit" disabled>Next</button>',
        ),
        (
            '<textarea name="t" id="t">a &lt;form&gt; &amp; b</textarea>',
            '<textarea id="t" disabled>a &lt;form&gt; &amp; b</textarea>',
        ),
        (
            '<header data-presence="/x" data-reader="m" class="h">a</header>',
            '<header class="h">a</header>',
        ),
        ('<a href="/x" hx-get="/y" hx-trigger="load">b</a>', '<a href="/x">b</a>'),
        (
            '<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>',
            '<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>',
        ),
        ('<b data-note="a">¶3 &middot; &#8212;</b>', '<b data-note="a">¶3 &middot; &#8212;</b>'),
        ('<input value="&quot;&gt;<x>" name=n>', '<input value="&quot;&gt;&lt;x&gt;" disabled>'),
    ],
)
def test_what_could_be_sent_goes_and_the_rest_stays(html: str, left: str) -> None:
    assert without_forms(html) == left
