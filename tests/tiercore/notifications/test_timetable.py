"""Slots: one a week, weekday or month in every zone, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercore.notifications.timetable import Rhythm, Schedule, next_slot, quiet_until, slots_in_week_of

ZONES = sorted(
    zone for zone in available_timezones() if not zone.startswith(("posix/", "right/", "Factory", "localtime"))
)


def _rule(zone: str) -> bytes:
    """The file that says what the zone's clocks do."""
    for folder in map(Path, TZPATH):
        if (folder / zone).is_file():
            return (folder / zone).read_bytes()
    return (files("tzdata") / "zoneinfo" / zone).read_bytes()


# One zone of those that are the same by another name.
RULES = sorted({_rule(zone): zone for zone in reversed(ZONES)}.values())


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_monday_at_nine_is_nine_local_time_in_summer_and_winter():
    berlin = Schedule(0, 9 * 60, "Europe/Berlin")
    assert slots_in_week_of(berlin, date(2022, 9, 7)) == [("2022-W36", utc(2022, 9, 5, 7))]
    assert slots_in_week_of(berlin, date(2022, 12, 7))[0].at == utc(2022, 12, 5, 8)


def test_a_skipped_local_time_moves_forward_and_a_repeated_one_is_the_first():
    sunday = Schedule(6, 2 * 60 + 30, "Europe/Berlin")
    assert slots_in_week_of(sunday, date(2022, 3, 27))[0].at == utc(2022, 3, 27, 1, 30)
    assert slots_in_week_of(sunday, date(2022, 10, 30))[0].at == utc(2022, 10, 30, 0, 30)


def test_monday_midnight_works_in_zones_that_skip_it():
    """A cron trigger skips this one."""
    [slot] = slots_in_week_of(Schedule(6, 0, "America/Asuncion"), date(2022, 10, 2))
    assert slot.at.astimezone(ZoneInfo("America/Asuncion")).date() == date(2022, 10, 2)


def test_the_next_slot_is_later_than_now():
    schedule = Schedule(0, 9 * 60, "UTC")
    assert next_slot(schedule, utc(2022, 9, 5, 8, 59)).at == utc(2022, 9, 5, 9)
    assert next_slot(schedule, utc(2022, 9, 5, 9)).at == utc(2022, 9, 12, 9)


@pytest.mark.slow
@pytest.mark.parametrize(("weekday", "minute"), [(0, 0), (6, 150), (6, 30), (4, 23 * 60 + 59)])
def test_every_zone_has_one_slot_a_week_for_six_years(weekday: int, minute: int):
    for zone in RULES:
        schedule, slot, weeks = Schedule(weekday, minute, zone), None, set()
        moment = utc(2021, 1, 6)
        while moment < utc(2027, 1, 6):
            slot = next_slot(schedule, moment)
            assert timedelta(0) < slot.at - moment <= timedelta(days=7, hours=4), zone
            assert slot.period not in weeks, zone
            weeks.add(slot.period)
            local = slot.at.astimezone(ZoneInfo(zone))
            late = (local.hour * 60 + local.minute - minute) % 1440
            assert late in (0, 30, 60, 120, 180), zone  # the range that some zone's clocks skip in one step
            moment = slot.at
        assert 312 <= len(weeks) <= 314, zone


@given(
    st.integers(0, 6 * 365 * 24 * 60).map(lambda minutes: utc(2021, 1, 1) + timedelta(minutes=minutes)),
    st.sampled_from(ZONES),
    st.integers(0, 6),
    st.integers(0, 1439),
)
def test_slots_follow_each_other_weekly(now: datetime, zone: str, weekday: int, minute: int):
    schedule = Schedule(weekday, minute, zone)
    first = next_slot(schedule, now)
    second = next_slot(schedule, first.at)
    assert now < first.at < second.at
    assert first.period != second.period
    assert next_slot(schedule, first.at - timedelta(seconds=1)) == first


SCHEDULES = st.builds(
    Schedule,
    st.integers(0, 6),
    st.integers(0, 1439),
    st.sampled_from(ZONES),
    st.sampled_from(list(Rhythm)),
    st.none() | st.integers(1, 31),
)


def is_its_day(schedule: Schedule, day: date) -> bool:
    """Whether a digest is due on the local day, written down a second time from the rule."""
    if schedule.rhythm is Rhythm.WEEKLY:
        return day.weekday() == schedule.weekday
    if schedule.rhythm is Rhythm.WEEKDAYS:
        return day.weekday() < 5
    if schedule.day_of_month is None:
        return day.day <= 7 and day.weekday() == schedule.weekday
    is_last = (day + timedelta(1)).day == 1
    return day.day == schedule.day_of_month or (is_last and day.day < schedule.day_of_month)


def period_of(schedule: Schedule, day: date) -> str:
    return day.strftime(
        {Rhythm.WEEKLY: "%G-W%V", Rhythm.WEEKDAYS: "%Y-%m-%d", Rhythm.MONTHLY: "%Y-%m"}[schedule.rhythm]
    )


@given(SCHEDULES, st.integers(0, 6 * 365 * 24 * 60).map(lambda minutes: utc(2021, 1, 1) + timedelta(minutes=minutes)))
def test_each_day_that_a_rhythm_names_has_one_slot_and_no_other_day_has_any(schedule: Schedule, now: datetime):
    """Over 70 days, in any zone, with any change of the clocks and months of any length."""
    zone, slots = ZoneInfo(schedule.timezone), [next_slot(schedule, now)]
    while slots[-1].at < now + timedelta(days=70):
        slots.append(next_slot(schedule, slots[-1].at))
        assert slots[-1].at > slots[-2].at
    first, last = now.astimezone(zone).date(), slots[-1].at.astimezone(zone).date()
    days = [first + timedelta(each) for each in range(-1, (last - first).days + 2)]
    named = [day for day in days if is_its_day(schedule, day)]
    sure = [day for day in named if first < day < last]
    periods = [slot.period for slot in slots]
    assert len({*periods}) == len(periods)
    assert {period_of(schedule, day) for day in sure} <= {*periods} <= {period_of(schedule, day) for day in named}
    for slot in slots:
        local = slot.at.astimezone(zone)
        late = (local.hour * 60 + local.minute - schedule.minute) % 1440
        assert late in (0, 30, 60, 120, 180), "the range that some zone's clocks skip in one step"


@given(SCHEDULES, st.dates(date(2021, 1, 4), date(2026, 12, 31)))
def test_the_slots_of_a_week_are_those_that_follow_each_other(schedule: Schedule, day: date):
    slots = slots_in_week_of(schedule, day)
    assert len(slots) <= (5 if schedule.rhythm is Rhythm.WEEKDAYS else 1)
    for slot in slots:
        assert next_slot(schedule, slot.at - timedelta(microseconds=1)) == slot


@pytest.mark.parametrize(
    ("day_of_month", "month", "expected"),
    [(31, 2, 28), (31, 4, 30), (30, 2, 28), (28, 2, 28), (15, 2, 15), (None, 2, 7), (None, 8, 1)],
)
def test_a_month_without_the_day_has_its_digest_on_its_last(day_of_month: int | None, month: int, expected: int):
    monday = Schedule(0, 9 * 60, "UTC", Rhythm.MONTHLY, day_of_month)
    slot = next_slot(monday, utc(2022, month, 1) - timedelta(hours=1))
    assert slot == (f"2022-{month:02}", utc(2022, month, expected, 9))


def test_weekdays_are_monday_to_friday():
    daily = Schedule(0, 9 * 60, "Europe/Berlin", Rhythm.WEEKDAYS)
    week = slots_in_week_of(daily, date(2022, 9, 7))
    assert [slot.period for slot in week] == [f"2022-09-{day:02}" for day in (5, 6, 7, 8, 9)]
    assert next_slot(daily, week[-1].at).period == "2022-09-12"


def test_quiet_hours_end_in_the_morning():
    night = (22 * 60, 7 * 60, "Europe/Berlin")
    assert quiet_until(utc(2022, 9, 5, 12), *night) == utc(2022, 9, 5, 12)
    assert quiet_until(utc(2022, 9, 5, 21), *night) == utc(2022, 9, 6, 5)
    assert quiet_until(utc(2022, 9, 6, 3), *night) == utc(2022, 9, 6, 5)
    assert quiet_until(utc(2022, 9, 6, 10), 12 * 60, 13 * 60, "Europe/Berlin") == utc(2022, 9, 6, 11)
    assert quiet_until(utc(2022, 9, 6, 10), None, None, "UTC") == utc(2022, 9, 6, 10)
