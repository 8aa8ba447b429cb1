"""Banks of any words, for hypothesis."""

from decimal import Decimal

from hypothesis import strategies as st

from lessons.quizzes.gift.syntax import (
    BLANKS,
    FORMATS,
    Answer,
    Choices,
    Description,
    Essay,
    GiftQuestion,
    Matching,
    Numerical,
    Pair,
    Short,
    TrueFalse,
    Words,
)

SIGNS = "ab \\~=#{}:%[]->/*\n\té$Я1.\u00a0\u2028😀"
texts = st.one_of(
    st.text(alphabet=SIGNS, min_size=1, max_size=20),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12),
    st.sampled_from(
        ["[html]x", "%50%of all", "//not a comment", "$CATEGORY: x", "::", "####", "T"]
    ),
).map(lambda text: text.strip(BLANKS))
some = texts.filter(bool)
formats = st.sampled_from(FORMATS)
words = st.builds(Words, some, formats)
maybe = st.none() | words
weights = st.sampled_from([Decimal(n) for n in ("100", "50", "33.33333", "0", "-25", "12.5")])
choice = st.builds(Answer, words, weights, maybe, st.booleans())
short = st.builds(
    Answer,
    st.builds(Words, some.filter(lambda text: "->" not in text), formats),
    weights,
    maybe,
    st.just(True),
)
numbers = st.builds(
    Answer, st.sampled_from(["3", "-2.5:0.1", "1..5", "1e3"]).map(Words), weights, maybe
)
pairs = st.builds(
    Pair,
    st.none() | st.builds(Words, some.filter(lambda text: "->" not in text + "-"), formats),
    some,
)


def _has_both(answers: list[Answer]) -> bool:
    """A choice without a `~` is a short answer."""
    return any(not answer.right for answer in answers)


bodies = st.one_of(
    st.builds(Choices, st.lists(choice, min_size=1, max_size=5).filter(_has_both).map(tuple)),
    st.builds(Short, st.lists(short, min_size=1, max_size=4).map(tuple)),
    st.builds(Numerical, st.lists(numbers, min_size=1, max_size=3).map(tuple), maybe),
    st.builds(Matching, st.lists(pairs, min_size=1, max_size=4).map(tuple)),
    st.builds(TrueFalse, st.booleans(), maybe, maybe),
    st.just(Essay()),
)
marks = st.text(alphabet="abc-19 é", max_size=8).map(lambda text: " ".join(text.split()))
questions = st.builds(
    GiftQuestion,
    stem=words,
    body=bodies,
    after=st.just("") | some,
    title=texts.map(lambda text: " ".join(text.split())),
    id=marks,
    tags=st.lists(marks.filter(bool), max_size=2).map(tuple),
    feedback=maybe,
)
descriptions = st.builds(
    GiftQuestion, stem=words, body=st.just(Description()), title=st.just("Read this")
)
