from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.core.models import ContentVersion
from lessons.documents.horizons import (
    Fact,
    Reader,
    Record,
    could_know,
    facts,
    period_end,
    sift,
    themes_of,
)
from lessons.documents.models import Document, Event
from lessons.documents.rendering import RenderedReference
from lessons.documents.timelines import (
    Timeline,
    choose,
    span_text,
    timeline,
    timeline_for,
    who_could_know,
)

from .making import make_document

DAY = date(1958, 4, 19)
SOURCE = RenderedReference("r", "Short", "Long", "https://example.org/record")
RECORD = Record("A talk", DAY, "day", "/documents/talk/", SOURCE.address, False)


def fact(key: str = "e", day: date = date(1957, 1, 2), **fields: object) -> Fact:
    plain = Fact(
        key=key,
        title=f"Event {key}",
        date=day,
        date_end=None,
        precision="day",
        theme="Kashmir",
        description="",
        known_from=None,
        known_to=("public",),
        certainty="accepted",
        references=(),
        is_draft=False,
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


def keys(drawing: Timeline) -> list[str]:
    return [entry.key for year in drawing.years for entry in year.entries]


# --- Dates ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "precision", "text"),
    [
        (date(1958, 4, 19), None, "day", "19 April 1958"),
        (date(1958, 4, 19), date(1958, 4, 19), "day", "19 April 1958"),
        (date(1947, 8, 14), date(1947, 8, 15), "day", "14–15 August 1947"),
        (date(1962, 10, 20), date(1962, 11, 21), "day", "20 October – 21 November 1962"),
        (date(1957, 12, 30), date(1958, 1, 2), "day", "30 December 1957 – 2 January 1958"),
        (date(1956, 10, 1), date(1956, 11, 30), "month", "October – November 1956"),
        (date(1956, 10, 1), date(1956, 10, 31), "month", "October 1956"),
        (date(1956, 12, 1), date(1957, 1, 31), "month", "December 1956 – January 1957"),
        (date(1956, 1, 1), date(1957, 1, 1), "year", "1956 – 1957"),
        (date(1956, 1, 1), date(1956, 12, 31), "year", "1956"),
    ],
)
def test_span_is_given_as_far_as_it_is_known(
    first: date, last: date | None, precision: str, text: str
) -> None:
    assert span_text(first, last, precision) == text


@pytest.mark.parametrize(
    ("precision", "end"),
    [("day", date(1956, 2, 3)), ("month", date(1956, 2, 29)), ("year", date(1956, 12, 31))],
)
def test_period_ends_on_its_last_day(precision: str, end: date) -> None:
    assert period_end(date(1956, 2, 3), precision) == end


@pytest.mark.parametrize(
    ("fields", "last"),
    [
        ({}, date(1958, 4, 1)),
        ({"date_end": date(1958, 4, 20)}, date(1958, 4, 20)),
        ({"date_end": date(1958, 4, 20), "known_from": date(1958, 4, 2)}, date(1958, 4, 20)),
        ({"precision": "month"}, date(1958, 4, 30)),
        ({"precision": "month", "known_from": date(1958, 4, 5)}, date(1958, 4, 5)),
        ({"precision": "month", "known_from": date(1975, 1, 1)}, date(1958, 4, 30)),
        ({"precision": "year", "known_from": date(1950, 1, 1)}, date(1958, 4, 1)),
    ],
)
def test_event_is_over_when_it_surely_was(fields: dict[str, object], last: date) -> None:
    assert fact(day=date(1958, 4, 1), **fields).last == last


# --- The horizon ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"day": DAY}, True),
        ({"day": DAY + timedelta(1)}, False),
        ({"day": DAY - timedelta(2), "date_end": DAY}, True),
        ({"day": DAY - timedelta(2), "date_end": DAY + timedelta(1)}, False),
        ({"day": date(1958, 4, 1), "precision": "month"}, False),
        ({"day": date(1958, 4, 1), "precision": "month", "known_from": DAY}, True),
        ({"day": date(1958, 1, 1), "precision": "year"}, False),
    ],
)
def test_horizon_hides_what_was_not_over_by_its_day(fields: dict[str, object], shown: bool) -> None:
    event = fact(**fields)  # type: ignore[arg-type]
    sifted = sift([event], horizon=DAY, reader=Reader.US)
    assert (sifted.shown, sifted.later) == (((event,), ()) if shown else ((), (event,)))
    assert sift([event], horizon=None, reader=Reader.US).shown == (event,)


@pytest.mark.parametrize(
    ("known_to", "readers"),
    [
        (("public",), {"us", "khrushchev", "hussein", "noon"}),
        (("ussr",), {"us", "khrushchev"}),
        (("pakistan", "us-uk"), {"us", "hussein", "noon"}),
        (("ussr", "pakistan"), {"us", "khrushchev", "hussein", "noon"}),
        (("us-uk", "india"), {"us"}),
    ],
)
def test_reader_sees_what_his_circles_knew(known_to: tuple[str, ...], readers: set[str]) -> None:
    event = fact(known_to=known_to)
    for horizon in (DAY, None):
        found = {
            reader.value for reader in Reader if could_know(event, horizon=horizon, reader=reader)
        }
        assert found == readers


def test_what_was_secret_beyond_the_horizon_is_open_to_us_alone() -> None:
    event = fact(known_from=DAY + timedelta(1))
    for reader in Reader:
        sifted = sift([event], horizon=DAY, reader=reader)
        expected = ((event,), ()) if reader == Reader.US else ((), (event,))
        assert (sifted.shown, sifted.unknown) == expected
        assert sifted.later == ()
    assert who_could_know(event, horizon=DAY) == "Secret then, and still on 19 April 1958."


@pytest.mark.parametrize(
    ("known_to", "known_from", "words"),
    [
        (("public",), date(1957, 1, 2), "Public."),
        (("public", "ussr"), None, "Public."),
        (("public",), date(1957, 3, 1), "Secret at first. Public from 1 March 1957."),
        (("us-uk",), None, "Not public. Could know: governments of the US and UK."),
        (
            ("pakistan", "ussr"),
            None,
            "Not public. Could know: Soviet government, government of Pakistan.",
        ),
        (
            ("ussr",),
            date(1957, 3, 1),
            "Secret at first. From 1 March 1957 could know: Soviet government.",
        ),
    ],
)
def test_who_could_know_is_said_in_words(
    known_to: tuple[str, ...], known_from: date | None, words: str
) -> None:
    event = fact(known_to=known_to, known_from=known_from)
    assert who_could_know(event, horizon=DAY) == words


def test_delay_within_a_month_without_a_day_is_no_secret() -> None:
    event = fact(day=date(1957, 1, 1), precision="month", known_from=date(1957, 1, 31))
    assert who_could_know(event, horizon=DAY) == "Public."


circles = st.lists(
    st.sampled_from(["public", "ussr", "pakistan", "india", "us-uk"]), min_size=1, unique=True
).map(tuple)
days = st.dates(date(1945, 1, 1), date(1968, 12, 31))


@st.composite
def events(draw: st.DrawFn) -> Fact:
    day = draw(days)
    longer = st.integers(0, 900).map(lambda more: day + timedelta(more))
    return fact(
        day=day,
        date_end=draw(st.none() | longer),
        precision=draw(st.sampled_from(["day", "month", "year"])),
        known_from=draw(st.none() | longer),
        known_to=draw(circles),
        theme=draw(st.sampled_from(["", "Kashmir", "Cold War"])),
    )


many = st.lists(events(), max_size=12).map(
    lambda found: [replace(event, key=f"k{n}") for n, event in enumerate(found)]
)


@given(many, st.none() | days, st.sampled_from(list(Reader)))
def test_sifting_loses_nothing_and_no_reader_sees_more_than_we(
    found: list[Fact], horizon: date | None, reader: Reader
) -> None:
    sifted = sift(found, horizon=horizon, reader=reader)
    parts = [*sifted.shown, *sifted.later, *sifted.unknown]
    assert sorted(event.key for event in parts) == sorted(event.key for event in found)
    ours = sift(found, horizon=horizon, reader=Reader.US)
    assert ours.unknown == ()
    assert sifted.later == ours.later
    assert set(sifted.shown) <= set(ours.shown)
    if horizon is None:
        assert sifted.later == ()
    else:
        assert all(event.date <= horizon for event in sifted.shown)
        assert all((event.date_end or event.date) <= horizon for event in sifted.shown)


@given(many, days, days, st.sampled_from(list(Reader)))
def test_later_horizon_shows_no_less(
    found: list[Fact], one: date, other: date, reader: Reader
) -> None:
    near, far = sorted([one, other])
    shown = set(sift(found, horizon=near, reader=reader).shown)
    assert shown <= set(sift(found, horizon=far, reader=reader).shown)
    assert shown <= set(sift(found, horizon=None, reader=reader).shown)


@given(many, st.none() | days, st.sampled_from(list(Reader)), st.sampled_from(["", "kashmir"]))
def test_line_holds_all_that_is_shown_once_and_every_year_between(
    found: list[Fact], horizon: date | None, reader: Reader, theme: str
) -> None:
    drawing = timeline(found, record=RECORD, horizon=horizon, reader=reader, theme=theme)
    wanted = [event for event in found if not theme or event.theme == "Kashmir"]
    shown = {event.key for event in sift(wanted, horizon=horizon, reader=reader).shown}
    has_record = horizon is None or horizon >= DAY
    assert sorted(keys(drawing)) == sorted([*shown, *([""] if has_record else [])])
    assert drawing.shown == len(keys(drawing))
    assert drawing.shown + drawing.later + drawing.unknown == len(wanted) + 1
    told: list[int] = []
    for year in drawing.years:
        if year.gap:
            first, _dash, last = year.gap.partition("–")
            told += range(int(first), int(last or first) + 1)
        told.append(year.number)
        assert 1 <= year.ruler.until <= year.ruler.days
        for tick in year.ruler.ticks:
            assert 1 <= tick.x <= tick.end <= year.ruler.days
    assert told == list(range(told[0], told[-1] + 1) if told else [])


# --- The line ---------------------------------------------------------------------------------


def test_events_are_grouped_by_year_and_empty_years_are_told() -> None:
    found = [
        fact("a", date(1947, 3, 1)),
        fact("b", date(1947, 2, 1)),
        fact("c", date(1951, 1, 1)),
        fact("d", date(1953, 1, 1)),
    ]
    drawing = timeline(found, record=RECORD, horizon=DAY)
    assert keys(drawing) == ["b", "a", "c", "d", ""]
    assert [(year.label, year.gap, year.gap_text) for year in drawing.years] == [
        ("1947", "", ""),
        ("1951", "1948–1950", "three years without an event here"),
        ("1953", "1952", "one year without an event here"),
        ("1958", "1954–1957", "four years without an event here"),
    ]


def test_long_gap_is_told_in_figures() -> None:
    drawing = timeline([fact("a", date(1947, 1, 1))], record=RECORD, horizon=DAY)
    assert drawing.years[1].gap_text == "10 years without an event here"


def test_entry_says_where_it_stands_from_the_record() -> None:
    found = [
        fact("far", DAY - timedelta(101)),
        fact("speech", date(1958, 3, 8)),
        fact("span", DAY - timedelta(3), date_end=DAY - timedelta(1)),
        fact("month", date(1958, 4, 1), precision="month"),
        fact("next", DAY + timedelta(1)),
        fact("pact", DAY + timedelta(101)),
    ]
    drawing = timeline(found, record=RECORD, horizon=None)
    told = {e.key: (e.side, e.distance) for year in drawing.years for e in year.entries}
    assert told == {
        "far": ("before", ""),
        "speech": ("before", "42 days before"),
        "span": ("before", "1 day before"),
        "month": ("same", ""),
        "": ("same", ""),
        "next": ("after", "1 day after"),
        "pact": ("after", ""),
    }


def test_event_that_is_the_record_is_marked_and_not_doubled() -> None:
    talk = fact("talk", DAY, references=(SOURCE,), known_to=("ussr",), theme="Moscow")
    same_day = fact("other", DAY)
    drawing = timeline([talk, same_day], record=RECORD, horizon=DAY, theme="kashmir")
    assert keys(drawing) == ["other", "talk"]
    marked = drawing.years[0].entries[1]
    assert (marked.is_record, marked.address) == (True, "/documents/talk/")
    # Nobody who reads the record needs to be hidden that it exists.
    drawing = timeline([talk], record=RECORD, horizon=DAY, reader=Reader.NOON)
    assert (keys(drawing), drawing.unknown) == (["talk"], 0)


def test_record_without_an_event_stands_for_itself() -> None:
    entry = timeline([], record=RECORD, horizon=DAY).years[0].entries[0]
    assert (entry.title, entry.date_text, entry.is_record) == ("A talk", "19 April 1958", True)


def test_record_later_than_the_horizon_is_counted_only() -> None:
    talk = fact("talk", DAY, references=(SOURCE,))
    drawing = timeline([talk], record=RECORD, horizon=date(1958, 1, 1))
    assert (drawing.years, drawing.later) == ((), 1)
    assert drawing.hidden == "1 event is hidden: it is later than 1 January 1958."


@pytest.mark.parametrize(
    ("later", "unknown", "words"),
    [
        (0, 0, ""),
        (2, 0, "2 events are hidden: they are later than 19 April 1958."),
        (0, 1, "1 event is hidden: Khrushchev could not have known of it."),
        (
            1,
            2,
            "1 event is hidden: it is later than 19 April 1958. "
            "2 more are hidden: Khrushchev could not have known of them.",
        ),
    ],
)
def test_hidden_events_are_counted(later: int, unknown: int, words: str) -> None:
    found = [fact(f"l{n}", DAY + timedelta(1)) for n in range(later)]
    found += [fact(f"u{n}", known_to=("pakistan",)) for n in range(unknown)]
    drawing = timeline(found, record=RECORD, horizon=DAY, reader=Reader.KHRUSHCHEV)
    assert (drawing.hidden, drawing.later, drawing.unknown) == (words, later, unknown)


def test_ruler_has_the_days_of_its_year_and_stops_at_the_horizon() -> None:
    found = [
        fact("leap", date(1956, 12, 31)),
        fact("month", date(1958, 2, 1), precision="month", known_to=("us-uk",)),
    ]
    leap, year = (year.ruler for year in timeline(found, record=RECORD, horizon=DAY).years)
    assert (leap.days, leap.until, leap.ticks[0].x) == (366, 366, 366)
    assert (year.days, year.until) == (365, 109)
    assert [(tick.x, tick.end, tick.kind, tick.is_dated) for tick in year.ticks] == [
        (32, 59, "closed", False),
        (109, 109, "record", True),
    ]


# --- What is asked for ------------------------------------------------------------------------


def test_themes_are_those_of_events_that_are_shown() -> None:
    found = [
        fact("a", theme="Kashmir"),
        fact("b", DAY + timedelta(1), theme="Space"),
        fact("c", theme="Bases", known_to=("us-uk",)),
    ]
    assert choose({}, found, RECORD).themes == {"bases": "Bases", "kashmir": "Kashmir"}
    assert choose({"reader": "noon"}, found, RECORD).themes == {"kashmir": "Kashmir"}
    assert "space" in choose({"horizon": "lifted"}, found, RECORD).themes


def test_theme_that_is_hidden_is_answered_like_one_that_is_not_there() -> None:
    found = [fact("a"), fact("b", DAY + timedelta(1), theme="Space")]
    hidden, absent = (choose({"theme": theme}, found, RECORD) for theme in ("space", "nonsense"))
    assert hidden == absent
    assert (hidden.theme, len(hidden.ignored)) == ("", 1)


def test_themes_in_any_script_have_an_address() -> None:
    assert themes_of([fact(theme="…"), fact(theme="Кашмир"), fact(theme="")]) == {
        "-": "…",
        "кашмир": "Кашмир",
    }


@pytest.mark.parametrize(
    ("query", "reader", "lifted", "ignored"),
    [
        ({}, "us", False, 0),
        ({"reader": "", "theme": "", "horizon": ""}, "us", False, 0),
        ({"reader": "noon", "horizon": "lifted"}, "noon", True, 0),
        ({"horizon": "on"}, "us", False, 0),
        ({"reader": "Noon\x00", "horizon": "1958" * 9000, "theme": "\udcff"}, "us", False, 3),
    ],
)
def test_address_is_read_and_what_makes_no_sense_is_told(
    query: dict[str, str], reader: str, lifted: bool, ignored: int
) -> None:
    choice = choose(query, [fact()], RECORD)
    assert (choice.reader.value, choice.is_lifted) == (reader, lifted)
    assert (choice.theme, len(choice.ignored)) == ("", ignored)


# --- The shipped events, and steps of lessons -------------------------------------------------


@pytest.fixture
def shipped(db: None) -> Document:
    return Document.objects.get(key="record-1958-04-19")


def test_shipped_secrets_are_hidden_from_moscow(shipped: Document) -> None:
    found = facts(preview=False, version=0)
    record = Record.of(shipped)
    told = {
        reader: set(keys(timeline(found, record=record, horizon=DAY, reader=reader)))
        for reader in Reader
    }
    assert told[Reader.US] - told[Reader.KHRUSHCHEV] == {
        "peshawar-talks",
        "noon-dulles",
        "package-drafts",
        "mirza-langley",
        "us-uk-talks",
    }
    assert told[Reader.US] - told[Reader.HUSSEIN] == {"package-drafts", "us-uk-talks"}
    assert told[Reader.NOON] == told[Reader.HUSSEIN]
    assert all("conversation" in keys for keys in told.values())


def test_shipped_record_is_one_event(shipped: Document) -> None:
    drawing = timeline(facts(preview=False, version=0), record=Record.of(shipped), horizon=None)
    marked = [entry for year in drawing.years for entry in year.entries if entry.is_record]
    assert [entry.key for entry in marked] == ["conversation"]


def test_step_within_the_horizon_holds_nothing_later(shipped: Document) -> None:
    html = timeline_for(document=shipped, horizon=DAY, preview=False, version=0)
    assert 'id="e-conversation"' in html
    assert 'id="e-noon-dulles"' in html
    assert "<details" not in html
    assert 'href="/timeline/?document=khrushchev-hussein-1958-04-19"' in html
    later = Event.objects.filter(date__gt=DAY)
    assert later.count() == 25
    for event in later:
        assert f"e-{event.key}" not in html
        assert event.title not in html
    assert "25 events are hidden: they are later than 19 April 1958." in html


def test_step_beyond_the_horizon_opens_at_the_year_of_the_record(shipped: Document) -> None:
    html = timeline_for(document=shipped, horizon=None, preview=False, version=0)
    folded, _end, rest = html.partition("</details>")
    assert "Before 1958: 29 events, 1947 to 1957" in folded
    assert 'id="e-noon-prime-minister"' in folded
    assert 'id="e-peshawar-talks"' in rest
    assert rest.index('id="e-conversation"') < rest.index('id="e-noon-asks-guarantee"')
    assert 'id="e-tashkent-declaration"' in rest
    assert "hidden-count" not in html
    assert html.count(' id="e-') == Event.objects.published().count()


def test_step_of_a_document_with_no_events_says_its_day(db: None) -> None:
    Event.objects.all().delete()
    html = timeline_for(document=make_document(), horizon=None, preview=False, version=0)
    assert "A talk (letter)" in html
    assert "<details" not in html


def test_drafts_are_for_editors_only(shipped: Document) -> None:
    Event.objects.filter(key="sputnik").update(status="draft", title="Zebra flies")
    Event.objects.filter(key="bandung").update(status="retired", title="Yak meets")
    readers = timeline_for(document=shipped, horizon=DAY, preview=False, version=0)
    editors = timeline_for(document=shipped, horizon=DAY, preview=True, version=0)
    assert "Zebra" not in readers
    assert "Zebra flies <small>draft</small>" in editors
    assert "Yak" not in readers + editors


def test_step_is_drawn_once_a_version(shipped: Document, django_assert_num_queries: object) -> None:
    version = ContentVersion.current()
    for queries in (2, 0):
        with django_assert_num_queries(queries):  # type: ignore[operator]
            timeline_for(document=shipped, horizon=DAY, preview=False, version=version)
