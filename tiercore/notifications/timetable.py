"""When digests are due, as moments in UTC: weekly, from Monday to Friday, or monthly (digests-and-alerts#scheduling).

A slot belongs to a period by its local day: the ISO week, the day, or the month. So there is exactly one slot a period,
in every time zone and year. A local time that is skipped when the clocks go forward moves forward with them; of one
that occurs twice, the first counts.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SATURDAY = 5
_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)


class Rhythm(StrEnum):
    """How often a digest comes."""

    WEEKLY = "weekly"
    WEEKDAYS = "weekdays"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Schedule:
    """At a minute of the day (9:30 is 570) in an IANA time zone: every week on a `weekday` (Monday is 0), from Monday
    to Friday, or every month on its first such weekday.

    With a `day_of_month` it is that day of every month instead, and the last one of a month that is shorter.
    """

    weekday: int
    minute: int
    timezone: str
    rhythm: Rhythm = Rhythm.WEEKLY
    day_of_month: int | None = None


class Slot(NamedTuple):
    """A time at which a digest is due, in UTC, and the period that it belongs to: an ISO week ("2022-W36"), a day
    ("2022-09-05") or a month ("2022-09").
    """

    period: str
    at: datetime


def next_slot(schedule: Schedule, after: datetime) -> Slot:
    """The first slot later than the moment."""
    day = after.astimezone(ZoneInfo(schedule.timezone)).date()
    return next(slot for slot in _slots_from(schedule, day - _DAY) if slot.at > after)


def slots_in_week_of(schedule: Schedule, day: date) -> list[Slot]:
    """The slots whose local day is in the ISO week of the day, in order."""
    monday = day - timedelta(day.weekday())
    week = [monday + timedelta(each) for each in range(7)]
    return [_slot(schedule, each) for each in week if each in _days_of_period(schedule, each)]


def _slots_from(schedule: Schedule, day: date) -> Iterator[Slot]:
    """The slots from the period of the day on."""
    while True:
        days = _days_of_period(schedule, day)
        yield from (_slot(schedule, each) for each in days)
        day = _next_period(schedule, day)


def _days_of_period(schedule: Schedule, day: date) -> list[date]:
    """The local days of the slots in the period of the day: one, and none at a weekend of a schedule for weekdays."""
    match schedule.rhythm:
        case Rhythm.WEEKDAYS:
            return [day] if day.weekday() < _SATURDAY else []
        case Rhythm.MONTHLY:
            return [_day_in_month(schedule, day)]
        case _:
            return [day + timedelta(schedule.weekday - day.weekday())]


def _day_in_month(schedule: Schedule, day: date) -> date:
    first = day.replace(day=1)
    if schedule.day_of_month is not None:
        return first.replace(day=min(schedule.day_of_month, monthrange(day.year, day.month)[1]))
    return first + timedelta((schedule.weekday - first.weekday()) % 7)


def _next_period(schedule: Schedule, day: date) -> date:
    match schedule.rhythm:
        case Rhythm.WEEKDAYS:
            return day + _DAY
        case Rhythm.MONTHLY:
            return day.replace(day=monthrange(day.year, day.month)[1]) + _DAY
        case _:
            return day + _WEEK


def _slot(schedule: Schedule, day: date) -> Slot:
    local = datetime.combine(day, time(*divmod(schedule.minute, 60)), tzinfo=ZoneInfo(schedule.timezone))
    return Slot(_period(schedule.rhythm, day), local.astimezone(UTC))


def _period(rhythm: Rhythm, day: date) -> str:
    match rhythm:
        case Rhythm.WEEKDAYS:
            return day.isoformat()
        case Rhythm.MONTHLY:
            return f"{day:%Y-%m}"
        case _:
            return week_of(day)


def week_of(day: date) -> str:
    """The ISO week of the day: "2022-W36"."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


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
