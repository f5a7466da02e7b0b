"""When a weekly digest is due: a weekday and a time in someone's own zone, as moments (digests-and-alerts#scheduling).

A slot belongs to an ISO week by its local day, so there is one a week in every zone and year. A local time that the
clocks skip is moved on by what they skip; one that comes twice is the first of the two.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Weekly:
    """Every week on a weekday (Monday is 0), at a minute of the day (9:30 is 570), by the clocks of an IANA zone."""

    weekday: int
    minute: int
    timezone: str


class Slot(NamedTuple):
    """One turn: the ISO week that it is for ("2022-W36"), and the moment, in UTC."""

    week: str
    at: datetime


def slot_in_week_of(weekly: Weekly, day: date) -> Slot:
    """The slot of the ISO week that holds the day."""
    year, week, _ = day.isocalendar()
    local = date.fromisocalendar(year, week, weekly.weekday + 1)
    clock = datetime.combine(local, time(*divmod(weekly.minute, 60)), tzinfo=ZoneInfo(weekly.timezone))
    return Slot(f"{year}-W{week:02d}", clock.astimezone(UTC))


def next_slot(weekly: Weekly, after: datetime) -> Slot:
    """The first slot later than the moment."""
    day = after.astimezone(ZoneInfo(weekly.timezone)).date() - _WEEK
    slot = slot_in_week_of(weekly, day)
    while slot.at <= after:
        day += _WEEK
        slot = slot_in_week_of(weekly, day)
    return slot


def quiet_until(now: datetime, start: int | None, end: int | None, timezone: str) -> datetime:
    """The first moment, from `now` on, outside the quiet hours: two minutes of the day, None for no quiet hours.

    Hours that end before they start go over midnight.
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
