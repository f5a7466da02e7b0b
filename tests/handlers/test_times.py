"""The time of a weekly digest, as people type it."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.parsing.times import as_schedule, as_timezone
from handlers.question import InvalidInput
from tiercore.notifications.timetable import Rhythm, Schedule

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


MONTHLY = Schedule(2, 17 * 60, "Europe/Paris", Rhythm.MONTHLY, 15)


@pytest.mark.parametrize(
    ("typed", "usual", "rhythm", "weekday", "day_of_month"),
    [
        ("monthly 9:00", WEDNESDAY, Rhythm.MONTHLY, 2, None),
        ("monthly friday 9:00", WEDNESDAY, Rhythm.MONTHLY, 4, None),
        ("monthly first friday 9:00", WEDNESDAY, Rhythm.MONTHLY, 4, None),
        ("every month on the 15th at 9:00", WEDNESDAY, Rhythm.MONTHLY, 2, 15),
        ("monthly 15 9:00", WEDNESDAY, Rhythm.MONTHLY, 2, 15),
        ("15th 9:00", WEDNESDAY, Rhythm.MONTHLY, 2, 15),
        ("monthly last day 9:00", WEDNESDAY, Rhythm.MONTHLY, 2, 31),
        ("monthly 9", WEDNESDAY, Rhythm.MONTHLY, 2, None),
        ("weekdays 9:00", WEDNESDAY, Rhythm.WEEKDAYS, 2, None),
        ("daily at 9:00", WEDNESDAY, Rhythm.WEEKDAYS, 2, None),
        ("every week 9:00", MONTHLY, Rhythm.WEEKLY, 2, None),
        ("monday 9:00", MONTHLY, Rhythm.WEEKLY, 0, None),
        ("9:00", MONTHLY, Rhythm.MONTHLY, 2, 15),
        ("9:00 Tokyo", WEDNESDAY, Rhythm.WEEKLY, 2, None),
    ],
)
def test_a_rhythm_can_be_typed_and_stays_where_none_is(
    typed: str, usual: Schedule, rhythm: Rhythm, weekday: int, day_of_month: int | None
):
    found = as_schedule(typed.split(), usual)
    assert (found.rhythm, found.weekday, found.day_of_month, found.minute) == (rhythm, weekday, day_of_month, 9 * 60)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("weekdays monday 9:00", "not both"),
        ("monthly weekly 9:00", "Choose one: weekly, monthly"),
        ("monthly 2nd friday 9:00", "not both"),
        ("monthly 32nd 9:00", "No month has a day 32"),
    ],
)
def test_words_that_contradict_each_other_are_said(typed: str, said: str):
    with pytest.raises(InvalidInput, match=said):
        as_schedule(typed.split(), WEDNESDAY)


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
