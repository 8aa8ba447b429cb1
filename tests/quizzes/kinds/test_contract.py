"""What holds for every kind: registry, round trips, hostile input, leaks, templates."""

import json
import re
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from lessons.quizzes.drawing import ENVIRONMENT
from lessons.quizzes.kinds import KINDS, kind_of
from lessons.quizzes.kinds.base import InvalidAnswer, Reveal, tally_code
from lessons.quizzes.models import Question

from .samples import PREFIX, SAMPLES, Sample, answers, form, seeds

REVEALS = (Reveal.NOTHING, Reveal.CHOSEN, Reveal.ALL)

every_kind = pytest.mark.parametrize("name", sorted(SAMPLES))
any_answer = st.sampled_from(sorted(SAMPLES)).flatmap(
    lambda name: st.tuples(st.just(SAMPLES[name]), answers(SAMPLES[name]))
)


def parse(sample: Sample, data: QueryDict, **options: Any) -> dict[str, Any]:
    return sample.kind.parse(sample.face, data, seed=7, prefix=PREFIX, **options)


def render(sample: Sample, *, context: dict[str, Any] | None = None, **drawn: Any) -> str:
    shown = sample.kind.present(sample.face, seed=7, prefix=PREFIX, **drawn)
    template = ENVIRONMENT.get_template(f"quizzes/kinds/{sample.question.kind}.jinja")
    return template.render(shown=shown, **{"closed": False} | (context or {}))


def test_every_kind_of_the_model_is_registered() -> None:
    assert list(KINDS) == Question.Kind.values
    assert sorted(SAMPLES) == sorted(KINDS)
    by_person = [name for name in KINDS if not kind_of(name).marked_by_machine]
    assert by_person == ["open", "cable"] == list(Question.WRITTEN)


def test_an_unknown_kind_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        kind_of("essay")


@every_kind
def test_the_sample_has_no_problems(name: str) -> None:
    sample = SAMPLES[name]
    assert sample.kind.problems(sample.face, sample.key) == []


@every_kind
def test_face_and_key_survive_json(name: str) -> None:
    sample = SAMPLES[name]
    assert json.loads(json.dumps(sample.face)) == sample.face
    assert json.loads(json.dumps(sample.key)) == sample.key


@every_kind
def test_a_right_answer_scores_one_and_a_wrong_one_less(name: str) -> None:
    sample = SAMPLES[name]
    right, wrong = (sample.kind.mark(sample.key, a) for a in (sample.right, sample.wrong))
    if name in Question.UNSCORED:
        assert (right, wrong) == (1, 1)
    elif sample.kind.marked_by_machine:
        assert right == 1
        assert wrong is not None
        assert wrong < 1
    else:
        assert (right, wrong) == (None, None)


@every_kind
def test_an_empty_form_is_no_answer_but_may_be_a_draft(name: str) -> None:
    sample = SAMPLES[name]
    with pytest.raises(InvalidAnswer) as raised:
        parse(sample, QueryDict())
    assert raised.value.message
    blank = parse(sample, QueryDict(), partial=True)
    assert sample.kind.is_blank(blank)
    assert sample.kind.describe(sample.face, blank) == "No answer."
    assert sample.kind.tally(sample.face, blank) == []
    assert sample.kind.mark(sample.key, blank) in (0, None)
    assert sample.kind.is_blank({})
    assert sample.kind.mark(sample.key, {}) in (0, None)
    assert sample.kind.describe(sample.face, {}) == "No answer."


@given(any_answer, seeds)
def test_what_is_drawn_is_read_back_the_same(
    given_answer: tuple[Sample, dict[str, Any]], seed: int
) -> None:
    sample, answer = given_answer
    drawn = sample.kind.present(sample.face, seed=seed, prefix=PREFIX, answer=answer)
    read = sample.kind.parse(sample.face, form(drawn), seed=seed, prefix=PREFIX, partial=True)
    assert read == answer
    assert json.loads(json.dumps(read)) == read


@given(any_answer)
def test_any_answer_has_a_score_words_and_short_codes(
    given_answer: tuple[Sample, dict[str, Any]],
) -> None:
    sample, answer = given_answer
    score = sample.kind.mark(sample.key, answer)
    if sample.kind.marked_by_machine:
        assert isinstance(score, Decimal)
        assert 0 <= score <= 1
        assert score == round(score, 6)
    assert sample.kind.describe(sample.face, answer)
    assert all(0 < len(code) <= 80 for code in sample.kind.tally(sample.face, answer))


@given(any_answer)
def test_nothing_of_the_key_shows_before_it_may(
    given_answer: tuple[Sample, dict[str, Any]],
) -> None:
    sample, answer = given_answer
    shown = sample.kind.present(
        sample.face, seed=7, prefix=PREFIX, answer=answer, key=sample.key, reveal=Reveal.NOTHING
    )
    assert shown == sample.kind.present(sample.face, seed=7, prefix=PREFIX, answer=answer)
    for reveal in REVEALS:
        without = sample.kind.present(
            sample.face, seed=7, prefix=PREFIX, answer=answer, reveal=reveal
        )
        assert without == shown


@given(any_answer, st.data())
def test_a_draft_is_drawn_but_never_judged(
    given_answer: tuple[Sample, dict[str, Any]], data: st.DataObject
) -> None:
    """A draft put down after a wrong answer shows no verdict of its own."""
    sample, draft = given_answer
    judged = data.draw(answers(sample))
    shown = sample.kind.present(
        sample.face,
        seed=7,
        prefix=PREFIX,
        answer=draft,
        judged=judged,
        key=sample.key,
        reveal=Reveal.CHOSEN,
    )
    alone = sample.kind.present(
        sample.face, seed=7, prefix=PREFIX, answer=judged, key=sample.key, reveal=Reveal.CHOSEN
    )
    plain = sample.kind.present(sample.face, seed=7, prefix=PREFIX, answer=draft)
    said = [(line.verdict, line.feedback, line.answer) for line in shown.choices]
    assert said == [(line.verdict, line.feedback, line.answer) for line in alone.choices]
    assert (shown.verdict, shown.remarks) == (alone.verdict, alone.remarks)
    assert form(shown) == form(plain)


def test_a_long_code_is_cut_and_stays_apart() -> None:
    first, second = tally_code("i" * 80 + ">x"), tally_code("i" * 80 + ">y")
    assert (len(first), len(second)) == (80, 80)
    assert first != second
    assert tally_code("i" * 80) == "i" * 80


# --- Hostile input ----------------------------------------------------------------------------

POSITIONS = {
    "foreign": ["99"],
    "one too many": ["10"],
    "negative": ["-1"],
    "huge": ["9" * 5000],
    "Arabic digit": ["٠"],
    "superscript": ["²"],
    "fraction": ["1.0"],
    "spaced": [" 1"],
    "plus": ["+1"],
    "hexadecimal": ["0x1"],
    "a key": ["b"],
    "NUL": ["1\x00"],
    "lone surrogate": ["\ud800"],
    "a megabyte": ["1" * 1_000_000],
    "repeated": ["1", "1"],
    "many": ["1"] * 20_000,
}
TEXTS = {
    "too long": ["x" * 5001],
    "a megabyte": ["x" * 1_000_000],
    "NUL": ["Pact\x00"],
    "control": ["Pact\x1b"],
    "lone surrogate": ["Pact\udc80"],
    "repeated": ["Pact", "Pact"],
    "spaces only": [" \n\t\u3000"],
}
FIELDS = {
    "single": ["choice"],
    "multiple": ["choice"],
    "evidence": ["choice"],
    "matching": ["match-0", "match-2"],
    "ordering": ["place-0", "place-3"],
    "short": ["text"],
    "open": ["text"],
    "replies": ["reply-0", "reply-2"],
    "stance": ["choice", "text"],
    "voices": ["voice-0", "voice-3"],
    "warrant": ["choice"],
    "cable": ["does-0", "does-1", "motive-0", "added", "text"],
}
WRITTEN_IN = {"text", "motive-0", "added"}
HOSTILE = [
    pytest.param(name, field, values, id=f"{name}-{field}-{attack}")
    for name, fields in FIELDS.items()
    for field in fields
    for attack, values in (TEXTS if field in WRITTEN_IN else POSITIONS).items()
]


@pytest.mark.parametrize(("name", "field", "values"), HOSTILE)
def test_hostile_values_are_refused_in_words(name: str, field: str, values: list[str]) -> None:
    """The rest of the form is a right answer; one field is not."""
    sample = SAMPLES[name]
    drawn = sample.kind.present(sample.face, seed=7, prefix=PREFIX, answer=sample.right)
    for partial in (False, True):
        data = form(drawn)
        data.setlist(f"{PREFIX}-{field}", values)
        if partial and "".join(values).isspace():
            assert "".join(values) not in str(parse(sample, data, partial=True))
            continue
        if field == "added" and "".join(values).isspace():
            assert parse(sample, data)["added"] == ""  # nobody has to add anything
            continue
        with pytest.raises(InvalidAnswer) as raised:
            parse(sample, data, partial=partial)
        assert raised.value.message


@every_kind
def test_fields_of_other_questions_and_extra_fields_change_nothing(name: str) -> None:
    sample = SAMPLES[name]
    data = form(sample.kind.present(sample.face, seed=7, prefix=PREFIX, answer=sample.right))
    extra = {"score": "1", "q1-score": "1", "q2-choice": "99", "q1-match-99": "0"}
    for field, value in {**extra, "q1-place--1": "x", "q1-": "\x00"}.items():
        data[field] = value
    assert parse(sample, data) == sample.right


@given(
    st.sampled_from(sorted(SAMPLES)),
    st.dictionaries(
        st.sampled_from(
            [
                *("choice", "match-0", "match-1", "place-0", "place-2", "text", "reply-0"),
                *("reply-1", "reply-2", "voice-0", "does-0", "motive-0", "added"),
            ]
        ),
        st.lists(st.one_of(st.text(), st.integers().map(str)), max_size=4),
    ),
    st.booleans(),
)
def test_any_form_is_an_answer_or_refused(
    name: str, fields: dict[str, list[str]], partial: bool
) -> None:
    sample = SAMPLES[name]
    data = QueryDict(mutable=True)
    for field, values in fields.items():
        data.setlist(f"{PREFIX}-{field}", values)
    try:
        answer = parse(sample, data, partial=partial)
    except InvalidAnswer:
        return
    sample.kind.mark(sample.key, answer)
    if not partial:
        assert not sample.kind.is_blank(answer)


# --- Templates --------------------------------------------------------------------------------


class Markup(HTMLParser):
    """Ids, what refers to them, and what stands inside labels."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.described: list[str] = []
        self.labelled: list[str] = []
        self.inputs: list[dict[str, str | None]] = []
        self.in_labels: set[str] = set()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self._label = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.add(tag)
        self.attributes |= values.keys()
        self.ids += [values["id"]] if values.get("id") else []
        self.described += (values.get("aria-describedby") or "").split()
        if tag == "label":
            self._label = True
            self.labelled.append(values.get("for") or "")
        elif self._label:
            self.in_labels.add(tag)
        if tag in ("input", "select", "textarea"):
            self.inputs.append(values)

    def handle_endtag(self, tag: str) -> None:
        self._label = self._label and tag != "label"


@every_kind
@pytest.mark.parametrize("reveal", REVEALS)
@pytest.mark.parametrize("which", ["none", "right", "wrong"])
def test_the_markup_is_sound(name: str, reveal: str, which: str) -> None:
    sample = SAMPLES[name]
    answer = None if which == "none" else getattr(sample, which)
    html = render(sample, answer=answer, key=sample.key, reveal=reveal)
    markup = Markup(html)
    assert len(markup.ids) == len(set(markup.ids))
    assert set(markup.described) <= set(markup.ids)
    assert markup.labelled == [field["id"] for field in markup.inputs]
    assert all(str(field["name"]).startswith(f"{PREFIX}-") for field in markup.inputs)
    assert all(str(identifier).startswith(f"{PREFIX}-") for identifier in markup.ids)
    assert markup.in_labels <= {"em", "strong", "code", "mark", "small", "span", "bdi"}
    assert not markup.tags & {"script", "style", "form", "fieldset", "legend"}
    assert not {a for a in markup.attributes if a.startswith(("on", "hx-", "data-", "style"))}
    assert "disabled" not in markup.attributes


@every_kind
@pytest.mark.parametrize("flag", ["closed"])
def test_a_read_only_question_disables_every_input(name: str, flag: str) -> None:
    sample = SAMPLES[name]
    html = render(sample, answer=sample.right, context={flag: True})
    assert all("disabled" in field for field in Markup(html).inputs)


@every_kind
def test_an_unanswered_page_holds_nothing_of_the_key(name: str) -> None:
    sample = SAMPLES[name]
    html = render(sample, answer=sample.wrong, key=sample.key)
    assert not re.search(
        r"Why |Sample of|feedback|\bRight|Not this|option (right|wrong|missed|also|out)|Baghdad",
        html,
    )
    if "options" in sample.face:
        for key in (option["key"] for option in sample.face["options"]):
            assert f'"{key}"' not in html


@pytest.mark.parametrize(
    ("name", "reveal", "which", "words"),
    [
        ("single", Reveal.CHOSEN, "wrong", ["Not this one."]),
        ("single", Reveal.ALL, "wrong", ["Not this one.", "This one is right."]),
        ("single", Reveal.ALL, "right", ["Right.", "Rightly not chosen."]),
        ("multiple", Reveal.CHOSEN, "wrong", ["Not this one.", "Right."]),
        ("multiple", Reveal.ALL, "wrong", ["You left this out; it belongs."]),
        ("matching", Reveal.ALL, "wrong", ["Not this one.", "It belongs to", "The label of y"]),
        ("ordering", Reveal.CHOSEN, "wrong", ["Partly right.", "2 lines of 4 are in their right"]),
        ("ordering", Reveal.ALL, "wrong", ["Not this one.", "Its place is"]),
        ("evidence", Reveal.CHOSEN, "wrong", ["Not this one.", "Hussein replied that direct"]),
        ("evidence", Reveal.ALL, "wrong", ["This one is right.", "Why trying to convince"]),
        ("short", Reveal.CHOSEN, "wrong", ["Not this one."]),
        ("short", Reveal.ALL, "wrong", ["Accepted:", "the Baghdad Pact"]),
        ("open", Reveal.ALL, "right", ["What a strong answer might mention", "The recorder"]),
        ("replies", Reveal.CHOSEN, "wrong", ["Not this one.", "Right.", "Why boats"]),
        ("replies", Reveal.ALL, "wrong", ["Accepted:", "answered in ¶2", "no reply recorded"]),
        ("replies", Reveal.ALL, "right", ["answered in ¶3 or no reply recorded"]),
        ("stance", Reveal.ALL, "right", ["Why a", "Why b", "Why c"]),
        ("voices", Reveal.CHOSEN, "wrong", ["Not this one.", "Right.", "Why s0"]),
        ("voices", Reveal.ALL, "wrong", ["It is put as", "recorder&#39;s frame"]),
        ("voices", Reveal.ALL, "right", ["third-person report or first person left standing"]),
        ("warrant", Reveal.CHOSEN, "wrong", ["Hussein <mark>held</mark> that", "Goes further"]),
        ("warrant", Reveal.ALL, "right", ["Rightly not chosen.", "<mark>word for word</mark>"]),
        ("cable", Reveal.ALL, "right", ["What a strong answer might mention", "Invented for a"]),
    ],
)
def test_verdicts_are_said_in_words(name: str, reveal: str, which: str, words: list[str]) -> None:
    sample = SAMPLES[name]
    html = render(sample, answer=getattr(sample, which), key=sample.key, reveal=reveal)
    text = html.replace("\n", " ")
    assert [word for word in words if word not in text] == []


@every_kind
def test_what_a_learner_typed_is_text(name: str) -> None:
    sample = SAMPLES[name]
    typed = "</textarea><script>alert(1)</script>\" onfocus='x"
    own = {"stance": {"reason": typed}, "cable": {"cable": typed, "added": typed}}
    html = render(sample, answer={**sample.right, **own.get(name, {"text": typed})})
    markup = Markup(html)
    assert "script" not in markup.tags
    assert "onfocus" not in markup.attributes


# --- With a database --------------------------------------------------------------------------


ABOUT_A_TEXT = ("evidence", "replies", "voices", "warrant", "cable")


@pytest.mark.django_db
def test_faces_and_keys_of_stored_questions_take_no_query_of_their_own(
    django_assert_num_queries: Any,
) -> None:
    """None at all, once the parts are prefetched."""
    from lessons.quizzes.revisions import questions_with_parts

    for name, sample in SAMPLES.items():
        if name in ABOUT_A_TEXT:
            continue
        points = sample.question.points
        asked = Question.objects.create(key=f"stored-{name}", kind=name, prompt="?", points=points)
        rows = sample.question._prefetched_objects_cache
        renumbered = {}
        for row in rows["options"]:
            copy = type(row)(**_fields(row))
            copy.question, copy.answer_id = asked, renumbered.get(row.answer_id)
            copy.save()
            renumbered[row.pk] = copy.pk
        for row in rows["accepted_answers"]:
            copy = type(row)(**_fields(row))
            copy.question = asked
            copy.save()
        for row in rows["criteria"]:
            copy = type(row)(**_fields(row))
            copy.question = asked
            copy.save()
            for level in row._prefetched_objects_cache["levels"]:
                below = type(level)(**_fields(level))
                below.criterion = copy
                below.save()
    fetched = list(questions_with_parts(Question.objects.filter(key__startswith="stored-")))
    with django_assert_num_queries(0):
        made = {q.kind: (kind_of(q.kind).face(q), kind_of(q.kind).key(q)) for q in fetched}
    for name, sample in SAMPLES.items():
        if name not in (*ABOUT_A_TEXT, "open"):
            assert made[name] == (sample.face, sample.key)
    assert made["open"][1]["criteria"] == SAMPLES["open"].key["criteria"]


def _fields(row: Any) -> dict[str, Any]:
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key
    }
