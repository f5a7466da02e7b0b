"""When to be told, as people write it: "monday 9:00 Europe/Berlin", "fri 8am", "22:00-7:00"."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from zoneinfo import available_timezones

from handlers.question import InvalidInput
from tiercore.notifications.timetable import WEEKDAYS, Weekly

_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_SPAN = re.compile(r"(.+?)\s*[-–]\s*(.+)")
_HOURS = 24
_MOST_WORDS = 8
HOW = "Type it like /digest monday 9:00, or /digest fri 8am Europe/Berlin."


def as_weekday(text: str) -> int | None:
    """The weekday that a word names, by its first three letters at least; Monday is 0."""
    wanted = text.casefold().rstrip("s.") if len(text) > 3 else text.casefold()
    found = [at for at, each in enumerate(WEEKDAYS) if len(wanted) >= 3 and each.startswith(wanted)]
    return found[0] if found else None


def as_minute(text: str) -> int | None:
    """The minute of the day that a time names: "9", "9:30", "8am", "17:05"."""
    found = _TIME.fullmatch(text.strip())
    if not found:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return hour * 60 + minute if hour < _HOURS and minute < 60 else None


@cache
def _zones() -> dict[str, str]:
    """Every zone by its name without case, and by its city where there is only one of that name."""
    odd = ("Etc/", "GMT", "localtime", "Factory")  # Etc/GMT+2 is two hours *behind*: nobody who types GMT+2 means that
    zones = [zone for zone in available_timezones() if zone == "Etc/UTC" or not zone.startswith(odd)]
    cities = Counter(zone.casefold().rpartition("/")[2] for zone in zones)
    named = {zone.casefold().rpartition("/")[2]: zone for zone in zones}
    return {city: named[city] for city, number in cities.items() if number == 1} | {
        zone.casefold(): zone for zone in zones
    }


def as_timezone(text: str) -> str | None:
    """The IANA zone that a word names, however it is capitalised; by its city alone where there is only one."""
    return _zones().get(text.strip().casefold().replace(" ", "_"))


def as_quiet(text: str) -> tuple[int, int] | None:
    """Two times of the day: "22:00-7:00"."""
    found = _SPAN.fullmatch(text.strip())
    ends = (as_minute(found[1]), as_minute(found[2])) if found else (None, None)
    return (ends[0], ends[1]) if ends[0] is not None and ends[1] is not None and ends[0] != ends[1] else None


def as_weekly(words: Sequence[str], otherwise: Weekly) -> Weekly:
    """When, by the words; what they leave open is as in `otherwise`. Raises InvalidInput for one that says nothing."""
    weekday, minute, zone = otherwise.weekday, otherwise.minute, otherwise.timezone
    if len(words) > _MOST_WORDS:
        raise InvalidInput(f"That's too many words. {HOW}")
    for word in words:
        day, time, place = as_weekday(word), as_minute(word), as_timezone(word)
        if day is not None:
            weekday = day
        elif time is not None:
            minute = time
        elif place is not None:
            zone = place
        elif word.casefold() not in ("at", "every", "weekly", "on"):
            raise InvalidInput(f"“{word[:60]}” isn't a weekday, time or time zone. {HOW}")
    return Weekly(weekday, minute, zone)


def in_words(weekly: Weekly) -> str:
    """When, as it is told: "Mondays at 9:00, Europe/Berlin"."""
    return f"{WEEKDAYS[weekly.weekday].capitalize()}s at {clock(weekly.minute)}, {weekly.timezone}"


def clock(minute: int) -> str:
    """A time of the day: "9:00"."""
    return f"{minute // 60}:{minute % 60:02d}"
