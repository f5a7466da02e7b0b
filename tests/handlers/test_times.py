"""The time of a weekly digest, as people type it."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.parsing.times import as_schedule, as_timezone
from handlers.question import InvalidInput
from tiercore.notifications.timetable import Schedule

WEDNESDAY = Schedule(2, 17 * 60, "Europe/Paris")


@pytest.mark.parametrize(
    ("typed", "weekday", "hour", "zone"),
    [
        ("monday 9:00", 0, 9, "Europe/Paris"),
        ("monday 9:00 AM", 0, 9, "Europe/Paris"),
        ("Mondays at 9 a.m.", 0, 9, "Europe/Paris"),
        ("every monday 9 PM please", 0, 21, "Europe/Paris"),
        ("fri 8am Europe/Berlin", 4, 8, "Europe/Berlin"),
        ("friday, 8:00, New York time", 4, 8, "America/New_York"),
        ("tuesday noon", 1, 12, "Europe/Paris"),
        ("monday 9h00", 0, 9, "Europe/Paris"),
        ("monday 9.00", 0, 9, "Europe/Paris"),
        ("12 AM", 2, 0, "Europe/Paris"),
    ],
)
def test_a_time_of_the_week_can_be_written_in_many_ways(typed: str, weekday: int, hour: int, zone: str):
    assert as_schedule(typed.split(), WEDNESDAY) == Schedule(weekday, hour * 60, zone)


@pytest.mark.parametrize(
    ("abbreviation", "zone"),
    [
        *(("EST", "America/New_York"), ("EDT", "America/New_York"), ("MST", "America/Denver")),
        *(("PST", "America/Los_Angeles"), ("CET", "Europe/Berlin"), ("MESZ", "Europe/Berlin")),
        *(("BST", "Europe/London"), ("AEST", "Australia/Sydney"), ("GMT", "UTC"), ("JST", "Asia/Tokyo")),
    ],
)
def test_an_abbreviation_is_a_places_time_in_summer_and_in_winter(abbreviation: str, zone: str):
    assert as_schedule(["monday", "9:00", abbreviation], WEDNESDAY) == Schedule(0, 9 * 60, zone)


@pytest.mark.parametrize(
    ("abbreviation", "place"), [("IST", "Asia/Kolkata"), ("CST", "Asia/Shanghai"), ("ast", "Riyadh")]
)
def test_an_abbreviation_of_several_places_is_asked_back_with_zones_that_can_be_typed(abbreviation: str, place: str):
    with pytest.raises(InvalidInput, match=place) as asked:
        as_schedule(["monday", "9:00", abbreviation], WEDNESDAY)
    zones = re.findall(r"\w+/\w+", str(asked.value))
    assert len(zones) > 1
    assert [as_timezone(each) for each in zones] == zones


def test_a_mistyped_weekday_is_named():
    with pytest.raises(InvalidInput, match="Did you mean Monday"):
        as_schedule(["mondya", "9:00"], WEDNESDAY)


@given(st.text(max_size=500))
def test_no_text_crashes_the_parser(text: str):
    with suppress(InvalidInput):
        as_schedule(text.split(), WEDNESDAY)
