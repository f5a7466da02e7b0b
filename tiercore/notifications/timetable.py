"""When weekly digests are due: a weekday and a local time, as moments in UTC (digests-and-alerts#scheduling).

A slot belongs to the ISO week of its local day, so there is exactly one a week in every time zone and year. A local
time that is skipped when the clocks go forward moves forward with them; of one that occurs twice, the first counts.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Weekly:
    """Every week on a weekday (Monday is 0), at a minute of the day (9:30 is 570), in an IANA time zone."""

    weekday: int
    minute: int
    timezone: str


class Slot(NamedTuple):
    """A time at which a digest is due: its ISO week ("2022-W36") and the moment, in UTC."""

    week: str
    at: datetime


def slot_in_week_of(weekly: Weekly, day: date) -> Slot:
    """The slot in the ISO week of the day."""
    year, week, _ = day.isocalendar()
    local_day = date.fromisocalendar(year, week, weekly.weekday + 1)
    local = datetime.combine(local_day, time(*divmod(weekly.minute, 60)), tzinfo=ZoneInfo(weekly.timezone))
    return Slot(f"{year}-W{week:02d}", local.astimezone(UTC))


def next_slot(weekly: Weekly, after: datetime) -> Slot:
    """The first slot later than the moment."""
    day = after.astimezone(ZoneInfo(weekly.timezone)).date() - _WEEK
    slot = slot_in_week_of(weekly, day)
    while slot.at <= after:
        day += _WEEK
        slot = slot_in_week_of(weekly, day)
    return slot


def quiet_until(now: datetime, start: int | None, end: int | None, timezone: str) -> datetime:
    """The first moment from `now` on outside quiet hours; `start` and `end` are minutes of the day, None for none.

    Quiet hours that end before they start span midnight.
    """
    local = now.astimezone(ZoneInfo(timezone))
    minute = local.hour * 60 + local.minute
    if start is None or end is None or start == end:
        return now
    within = start <= minute < end if start < end else minute >= start or minute < end
    if not within:
        return now
    day = local.date() if minute < end else local.date() + timedelta(1)
    ends = datetime.combine(day, time(*divmod(end, 60)), tzinfo=ZoneInfo(timezone))
    return max(now, ends.astimezone(UTC))


def days_moved(today: date, now: datetime) -> timedelta:
    """How far TIERBOT_TODAY has moved the bot's day from the real one; nothing where only their time zones differ."""
    moved = today - now.date()
    return moved if abs(moved) > timedelta(days=1) else timedelta()
