"""Slots: one a week in every zone, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercore.notifications.timetable import Weekly, next_slot, quiet_until, slot_in_week_of

ZONES = sorted(
    zone for zone in available_timezones() if not zone.startswith(("posix/", "right/", "Factory", "localtime"))
)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_monday_at_nine_is_nine_local_time_in_summer_and_winter():
    berlin = Weekly(0, 9 * 60, "Europe/Berlin")
    assert slot_in_week_of(berlin, date(2022, 9, 7)) == ("2022-W36", utc(2022, 9, 5, 7))
    assert slot_in_week_of(berlin, date(2022, 12, 7)).at == utc(2022, 12, 5, 8)


def test_a_skipped_local_time_moves_forward_and_a_repeated_one_is_the_first():
    sunday = Weekly(6, 2 * 60 + 30, "Europe/Berlin")
    assert slot_in_week_of(sunday, date(2022, 3, 27)).at == utc(2022, 3, 27, 1, 30)
    assert slot_in_week_of(sunday, date(2022, 10, 30)).at == utc(2022, 10, 30, 0, 30)


def test_monday_midnight_works_in_zones_that_skip_it():
    """A cron trigger skips this one."""
    slot = slot_in_week_of(Weekly(6, 0, "America/Asuncion"), date(2022, 10, 2))
    assert slot.at.astimezone(ZoneInfo("America/Asuncion")).date() == date(2022, 10, 2)


def test_the_next_slot_is_later_than_now():
    weekly = Weekly(0, 9 * 60, "UTC")
    assert next_slot(weekly, utc(2022, 9, 5, 8, 59)).at == utc(2022, 9, 5, 9)
    assert next_slot(weekly, utc(2022, 9, 5, 9)).at == utc(2022, 9, 12, 9)


@pytest.mark.slow
@pytest.mark.parametrize(("weekday", "minute"), [(0, 0), (6, 150), (6, 30), (4, 23 * 60 + 59)])
def test_every_zone_has_one_slot_a_week_for_six_years(weekday: int, minute: int):
    for zone in ZONES:
        weekly, slot, weeks = Weekly(weekday, minute, zone), None, set()
        moment = utc(2021, 1, 6)
        while moment < utc(2027, 1, 6):
            slot = next_slot(weekly, moment)
            assert timedelta(0) < slot.at - moment <= timedelta(days=7, hours=4), zone
            assert slot.week not in weeks, zone
            weeks.add(slot.week)
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
    weekly = Weekly(weekday, minute, zone)
    first = next_slot(weekly, now)
    second = next_slot(weekly, first.at)
    assert now < first.at < second.at
    assert first.week != second.week
    assert next_slot(weekly, first.at - timedelta(seconds=1)) == first


def test_quiet_hours_end_in_the_morning():
    night = (22 * 60, 7 * 60, "Europe/Berlin")
    assert quiet_until(utc(2022, 9, 5, 12), *night) == utc(2022, 9, 5, 12)
    assert quiet_until(utc(2022, 9, 5, 21), *night) == utc(2022, 9, 6, 5)
    assert quiet_until(utc(2022, 9, 6, 3), *night) == utc(2022, 9, 6, 5)
    assert quiet_until(utc(2022, 9, 6, 10), 12 * 60, 13 * 60, "Europe/Berlin") == utc(2022, 9, 6, 11)
    assert quiet_until(utc(2022, 9, 6, 10), None, None, "UTC") == utc(2022, 9, 6, 10)
