from lessons.documents.oneday import days_of

from .routing import WAYS, a_way

ALL = [a_way(number, stops) for number, stops in enumerate(WAYS, start=1)]


def test_only_the_ways_of_the_claim_are_reckoned() -> None:
    assert [day.way.number for day in days_of(ALL)] == [1, 2, 3]
    assert days_of([a_way(1, "karachi london"), a_way(2, "london")]) == ()


def test_hours_are_those_of_the_fact_sheet() -> None:
    """History, section 6: 8.4–9.5 h flying, about 13–14 h with two stops and the climbs."""
    (day,) = days_of(ALL[:1])
    assert (day.flying, day.elapsed) == ("8.4–9.5", "13–14")


def test_leg_beyond_the_quoted_range_is_said() -> None:
    assert [(day.longest, day.beyond_range) for day in days_of(ALL)] == [
        ("2,791", True),
        ("3,561", True),
        ("6,308", True),
    ]
    (hops,) = days_of([a_way(1, "london rome cairo tehran karachi")])
    assert (hops.longest, hops.beyond_range) == ("2,132", False)
